"""What was distilled from a block: formulas that can be read, chosen, exchanged, refined, saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.problem import InputError
from ..forms.formula.file import plain_expr
from ..ir.expr import Expr, Var
from ..ir.formulas import Formulas
from ..target.formulas_source import formulas_solver
from ..target.source import Provenance
from .certificate import SurrogateCertificate
from .distilled import DistilledModule
from .front import FrontTable, front_table, plain_text
from .judge import JudgedAnswer
from .search import OutputSearch, inlined, joined
from .surrogate import NO_MODEL, BlockSource, ModelAtHand
from .values import answers_of

if TYPE_CHECKING:
    from ..modules.formula_module import FormulaModule

Floats: TypeAlias = NDArray[np.float64]


class DistilledFormulas(DistilledModule[Formulas]):
    """Formulas in the place of a block of a network.

    ``formulas`` are their texts, ``table()`` those that could be chosen, ``certificate`` what was
    checked; ``swapped`` and ``swap`` put them in the block's place, ``module()`` is a module of
    torch by itself, ``solve`` a function of one row. Made by :func:`deepdistill.distill_module`.
    """

    def __init__(
        self,
        source: BlockSource,
        outputs: Sequence[OutputSearch],
        at_hand: ModelAtHand = NO_MODEL,
        program: Formulas | None = None,
        certificate: SurrogateCertificate | None = None,
    ) -> None:
        self.source, self.outputs, self.at_hand = source, tuple(outputs), at_hand
        self.program = program or self._joined()
        self._certificate = certificate
        self._text: str | None = None

    def _joined(self) -> Formulas:
        source = self.source
        return joined(
            source.name,
            source.columns,
            source.ends,
            self.outputs,
            source.answers,
            source.rows.y,
            source.mixing,
        )

    # What it is

    @property
    def derived(self) -> dict[str, str]:
        """The texts of the derived columns by name."""
        return dict(self.source.columns.derived)

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """The formula of each output, or mix of outputs, of inputs and derived columns."""
        values = self.program.values
        if self.source.mixing is not None:
            values = tuple(Var(one.name) for one in self.outputs)
        return tuple(inlined(self.program.body, value) for value in values)

    @property
    def formulas(self) -> tuple[str, ...]:
        """One text an output: ``y = 2.5 * sin(x1)``; of rotated outputs one a mix."""
        pairs = zip(self.outputs, self.expressions, strict=True)
        return tuple(f"{one.name} = {plain_text(expr)}" for one, expr in pairs)

    @property
    def mixes(self) -> tuple[str, ...]:
        """Of rotated outputs a text each, what they are as sums of the mixes; else none."""
        if self.source.mixing is None:
            return ()
        pairs = zip(self.program.outputs, self.program.values, strict=True)
        return tuple(f"{output.name} = {plain_text(value)}" for output, value in pairs)

    def table(self) -> FrontTable:
        """The formulas that could be chosen: a row each, smallest first, output after output."""
        return front_table(self.outputs)

    def as_json(self) -> dict[str, Any]:
        return {
            "outputs": [
                {
                    "name": one.name,
                    "place": one.place,
                    "formula": plain_expr(one.expr),
                    "complexity": one.complexity,
                    "teacher_error": one.teacher_error,
                    "front": [
                        [row.complexity, row.loss, plain_expr(row.expr)] for row in one.front
                    ],
                }
                for one in self.outputs
            ],
            "shared": [[let.name, plain_expr(let.value)] for let in self.program.body],
            "values": [plain_expr(value) for value in self.program.values],
        }

    def choose(self, complexity: int) -> DistilledFormulas:
        """Take for each output the best formula of at most so many nodes, and certify it anew.

        It is changed itself, and returned. Where no formula is so small, the smallest is taken.
        """
        if isinstance(complexity, bool) or not isinstance(complexity, int) or complexity < 1:
            raise InputError(
                f"the complexity is {complexity!r:.40}: give a number of nodes from 1 on, as in "
                "table()"
            )
        self.outputs = tuple(one.chosen(complexity) for one in self.outputs)
        self._renew(self._joined())
        return self

    def module(self) -> FormulaModule:
        """A plain module of torch that takes and gives what the block does, with its own constants.

        Constants are float64 parameters; answers have the dtype of the input. Where only some
        outputs were distilled it gives these, (..., outputs).
        """
        from ..modules.formula_module import FormulaModule

        return FormulaModule(self.program, self.source.face, self.source.places)

    def answers(self, x: Floats) -> Floats:
        """The values (rows, outputs) at rows (rows, inputs); NaN where there is none."""
        return answers_of(self.program, x)

    def judged(self) -> list[JudgedAnswer]:
        """The outputs with their formulas; as sums of mixes, where mixes were searched."""
        if self.source.mixing is None:
            return [
                JudgedAnswer(one.name, text.split(" = ", 1)[1], one.complexity, one.teacher_error)
                for one, text in zip(self.outputs, self.formulas, strict=True)
            ]
        whole = sum(one.complexity for one in self.outputs)
        parts = (text.split(" = ", 1) for text in self.mixes)
        return [JudgedAnswer(name, text, whole) for name, text in parts]

    def solver(self, origin: Provenance) -> str:
        """The source of the solver module."""
        return formulas_solver(self.program, origin)

    def __repr__(self) -> str:
        state = "" if self.certificate.ok else ", FAILED"
        return f"<deepdistill formulas of {self.path!r}: {'; '.join(self.formulas)}{state}>"
