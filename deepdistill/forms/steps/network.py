"""The network of a table of numbers: units and a tree over its columns, whose leaves are numbers.

The output's levels are these numbers, which grow; a leaf of the tree is the place of one.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...ir.types import PLAIN_LAYOUT, Scalar, TableLayout
from ...units.rules import Floats, Places, RuleModel, leaf_places


@dataclass(frozen=True, slots=True)
class StepSupport:
    """The rows behind one leaf: how many were ``learned`` from, and what most of them have.

    Of these nine in ten lie from ``low`` to ``high``; ``within`` of the ``untouched`` rows do, too.
    """

    learned: int
    low: float
    high: float
    untouched: int
    within: int


@dataclass(frozen=True, slots=True)
class MeasuredRows:
    """What is known of the rows, without the rows themselves.

    A number further than ``tolerance`` from the step is wrong: three standard errors of the rows
    that were learned from, of which ``missed`` of ``count`` are; so are ``wrong`` of the
    ``untouched`` ones. ``skill`` is the share of the mean's squared error that is saved on these,
    ``bound`` a lower bound on it at 97.5 %, -1e9 where too few are untouched; ``order`` and
    ``hits`` are the probabilities that chance orders them, or hits them, as well. ``interval`` is
    the half width of a prediction interval at 95 %, -1 where too few are untouched. ``told``: they
    tell more than the mean. ``error`` and ``plain`` are the mean absolute errors of the steps and
    of the mean on the untouched rows.
    """

    count: int
    missed: int
    untouched: int
    wrong: int
    tolerance: float
    skill: float
    bound: float
    order: float
    hits: float
    interval: float
    stated: bool
    error: float
    plain: float


@dataclass(frozen=True, slots=True, eq=False)
class StepNetwork:
    """Steps of a table: the ``model`` reads ``inputs`` and gives places of the output's levels.

    ``supports`` has an entry for each leaf of its one tree. ``strict`` steps are told for the
    ranges of their inputs alone; ``layout`` is of the table that they came from.
    """

    inputs: tuple[Scalar, ...]
    output: Scalar
    model: RuleModel
    supports: tuple[StepSupport, ...]
    rows: MeasuredRows
    strict: bool = False
    layout: TableLayout = PLAIN_LAYOUT

    @property
    def teacher(self) -> None:
        """Steps follow no other model."""

    def run(self, x: Floats) -> Places:
        """The place of the number for each row (rows, inputs); NaN where a value is missing."""
        return self.model.run(x)

    def cases(self, x: Floats) -> Places:
        """Which leaf each row (rows, inputs) reaches."""
        return leaf_places(self.model.trees, self.model.fired(x))[:, 0]
