"""All outputs of a block searched for; where its error is not known, chosen from the fronts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..ir.expr import Expr
from .aims import SearchAims
from .candidates import as_right, at_the_knee, chosen_in_place
from .formulas import DistilledFormulas
from .search import OutputSearch, search_output
from .surrogate import BlockSource, ModelAtHand
from .weighing import AnswerCosts

if TYPE_CHECKING:
    from ..formula.table_search import SearchSettings


@dataclass(frozen=True, slots=True, eq=False)
class BlockSearch:
    """The search for all ``aims`` of a block, each with what its errors cost.

    ``settings`` are those of a table; loss, weights and noise are of each aim.
    """

    aims: SearchAims
    costs: Sequence[AnswerCosts]
    source: BlockSource
    here: ModelAtHand
    settings: SearchSettings

    def placed(self, searched: Sequence[OutputSearch]) -> DistilledFormulas:
        """What takes the place of the block, of what was found for the aims."""
        source, run = self.source, self.settings.run
        if run.cut_off:
            cut = f"{run.cut_off} ended the search before it was done"
            source = replace(source, notes=(*source.notes, cut))
        cost = self.costs[0].of(~source.rows.held)
        return DistilledFormulas(
            source, self.aims.searches(searched, source.rows.y, cost), self.here
        )

    def outputs(self, errors: Sequence[float] | None) -> list[OutputSearch]:
        """A formula for each aim; ``errors`` are the network's own, None where only fronts tell."""
        searches = []
        for k, (name, _) in enumerate(self.aims.outputs):
            with self.settings.run.at(f"output {name}"):
                searches.append(self._one(k, None if errors is None else errors[k]))
        return searches

    def chosen(self, floats: Sequence[float]) -> list[OutputSearch]:
        """A formula for each aim of a network of which only what its ``floats`` can tell is known.

        Labels choose in place where there are any, else the knees of the fronts.
        """
        by_knee, run = self.aims.central is None, self.settings.run
        searched = self.outputs(None if by_knee else floats)
        if self.here.labels is None:
            served = self._at_their_knees(searched, by_knee)
        else:
            served = chosen_in_place(searched, self.placed)
            if by_knee and not run.cut_off and not as_right(self.placed(served)):
                by_knee = False  # it came too early
                searched = self.outputs(floats)
                served = chosen_in_place(searched, self.placed)
        pairs = zip(searched, served, strict=True)
        return [self._once_more(k, *pair, by_knee) for k, pair in enumerate(pairs)]

    def _at_their_knees(
        self, searched: Sequence[OutputSearch], by_knee: bool
    ) -> list[OutputSearch]:
        """Chosen by the knee of the front, where no knee of the search told the error."""
        fitted = ~self.source.rows.held
        return [
            one
            if by_knee and one.teacher_error is not None
            else at_the_knee(one, cost.of(fitted).spread(y[fitted]))
            for one, cost, y in zip(searched, self.costs, self.aims.rows.y.T, strict=True)
        ]

    def _once_more(
        self, k: int, before: OutputSearch, served: OutputSearch, by_knee: bool
    ) -> OutputSearch:
        """The same aim searched again where a shorter formula serves: what it leaves is error.

        A search ``by_knee`` reckoned with that already: its own front is told anew.
        """
        if served.expr == before.expr or self.settings.run.cut_off:
            return served
        known = tuple(row.expr for row in served.front) if by_knee else ()
        with self.settings.run.at(f"output {served.name} once more"):
            return self._one(k, served.loss**0.5, known)

    def _one(self, k: int, error: float | None, known: tuple[Expr, ...] = ()) -> OutputSearch:
        """The search for one aim by a network of that standard error, and of formulas ``known``."""
        aims, cost = self.aims, self.costs[k]
        settings = replace(
            self.settings,
            regimes=cost.weights is None,
            noise=None if error is None else error**2,
            loss=cost.loss,
            weights=cost.weights,
            outliers=cost.weights is None and cost.loss == "mse",
            known=known,
            smooth=True,
        )
        search = search_output(aims.rows, aims.columns, aims.table, k, aims.outputs[k], settings)
        return search if error is None else replace(search, teacher_error=error or None)
