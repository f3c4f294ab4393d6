"""The formulas of rules, and how large their decision is when it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ...ir.program import Formula
from ...ir.types import Reals, Scalar
from ...target.label_source import decision_nodes
from ...units.rule_lift import lift_ends, lift_labels
from ...units.rules import RuleModel
from .network import RuleNetwork, RulesOfColumns

_LABEL = Scalar("label", Reals(0.0, 1.0))


def lift_rules(network: RulesOfColumns, name: str) -> Formula:
    """The place of the label, as a function of the columns."""
    return lift_labels(network.model, network.inputs, network.output, name)


def lift_cases(network: RuleNetwork, name: str) -> Formula:
    """The place of the row of probabilities, as a function of the columns.

    Where each class has a sum of its own there are none, and it is the place of the label.
    """
    if network.model.scores is not None:
        return lift_rules(network, name)
    return lift_ends(network.model, network.sums, network.inputs, network.output, name)


def plain_columns(levels: Sequence[int], optional: Sequence[bool]) -> list[Scalar]:
    """Columns ``c0, c1, ...`` with so many levels, 0 for numbers, to measure a program by."""
    return [
        Scalar(f"c{k}", Reals(0.0, 1.0), levels=tuple(map(str, range(count))), optional=missing)
        for k, (count, missing) in enumerate(zip(levels, optional, strict=True))
    ]


@dataclass(frozen=True, slots=True)
class DecisionSize:
    """Counts the nodes of Python's ``ast`` in a model's decision, as the solver has it.

    ``levels`` has how many levels each column has, 0 for numbers; ``optional`` columns may have no
    value.
    """

    levels: tuple[int, ...]
    optional: tuple[bool, ...]

    def __call__(self, model: RuleModel) -> int:
        return _size(self, model)


@lru_cache(maxsize=4096)
def _size(columns: DecisionSize, model: RuleModel) -> int:
    inputs = plain_columns(columns.levels, columns.optional)
    return decision_nodes(lift_labels(model, inputs, _LABEL, "label"))
