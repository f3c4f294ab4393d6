"""Rules as data: for each of their ends the conditions on the way, the answer, the rows behind."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ...ir.expr import Const, Expr, If
from ...ir.types import Level
from ...target.formula_source import lowering_of
from ...target.label_source import name_of_scores
from ...target.lower import Lowering
from ...units.row_readings import opposite
from ...units.rule_lift import lift_ends
from ...units.rules import leaves
from ...verify.evidence import in_digits
from ..steps.network import StepNetwork
from .lift import lift_rules
from .network import RuleNetwork


@dataclass(frozen=True, slots=True)
class ReadRule:
    """One end of the rules: the conditions on the way, what it gives, and the rows behind it.

    ``conditions`` are texts of Python, in the names that the function has; all of them hold.
    ``probability`` is that of the answer, None of a number or where rows have their own. Of the
    rows ``learned`` were learned from, ``held_out`` judge.
    """

    conditions: tuple[str, ...]
    answer: Level
    probability: float | None
    learned: int
    held_out: int

    def __str__(self) -> str:
        where = " and ".join(self.conditions) or "always"
        share = f" ({self.share})" if self.share else ""
        return f"{where}: {self.answer!r}{share}, {self.learned} rows"

    @property
    def share(self) -> str:
        """The probability in digits; empty where there is none."""
        return "" if self.probability is None else in_digits(self.probability)


def read_rules(network: RuleNetwork | StepNetwork) -> tuple[ReadRule, ...]:
    """The ends of the rules, in the order of the function."""
    if isinstance(network, RuleNetwork) and network.model.scores is not None:
        scores = name_of_scores(lift_rules(network, network.output.name))
        return tuple(_of_largest(network, k, scores) for k in range(len(network.output.levels)))
    sums = network.sums if isinstance(network, RuleNetwork) else ()
    name = network.output.name
    ends = lift_ends(network.model, sums, network.inputs, network.output, name)
    lowering = lowering_of(ends, Lowering)
    return tuple(
        _end(network, case, tuple(lowering.test(one) for one in path))
        for path, case in _paths(ends.value, ())
    )


def _of_largest(network: RuleNetwork, label: int, scores: str) -> ReadRule:
    """That the sum of a label is the largest one."""
    answer = network.output.levels[label]
    own = [k for k, place in enumerate(network.answers) if place == label]
    learned = sum(sum(network.supports[k].learned) for k in own)
    held = sum(sum(network.supports[k].untouched) for k in own)
    condition = f"max({scores}, key={scores}.get) == {answer!r}"
    return ReadRule((condition,), answer, None, learned, held)


def _paths(value: Expr, before: tuple[Expr, ...]) -> Iterator[tuple[tuple[Expr, ...], int]]:
    match value:
        case If(condition, then, otherwise):
            yield from _paths(then, (*before, condition))
            yield from _paths(otherwise, (*before, opposite(condition)))
        case Const(int() as case):
            yield before, case
        case _:
            raise TypeError(f"{value} is no end of rules")


def _end(network: RuleNetwork | StepNetwork, case: int, conditions: tuple[str, ...]) -> ReadRule:
    if isinstance(network, RuleNetwork) and network.sums:
        place = bisect_right(network.model.limits, network.sums[case])
    else:
        place = [leaf.value for leaf in leaves(network.model.trees[0])][case]
    answer = network.output.levels[place]
    if isinstance(network, StepNetwork):
        rows = network.supports[case]
        return ReadRule(conditions, answer, None, rows.learned, rows.untouched)
    known = network.supports[case]
    share = network.probabilities[case][place]
    return ReadRule(conditions, answer, share, sum(known.learned), sum(known.untouched))
