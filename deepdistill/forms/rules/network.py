"""The network of a table of labels: units and trees over its columns, with what judges them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.types import PLAIN_LAYOUT, Scalar, TableLayout
from ...units.rules import RuleModel, leaf_places, leaves
from ...units.teachers import Teacher

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]
Scale: TypeAlias = Literal["even", "geometric", "whole"]

BANDS = (0.5, 0.7, 0.9)
"""Chances of the label that part the rows of sums of classes into ends."""


def band_of(end: int) -> tuple[int, float, float]:
    """The place of the label of an end of sums of classes, and between which chances it lies."""
    label, band = divmod(end, len(BANDS) + 1)
    return label, (0.0, *BANDS)[band], (*BANDS, 1.0)[band]


class RulesOfColumns(Protocol):
    """What rules are whose ends are labels or numbers: the output's levels, by place."""

    @property
    def inputs(self) -> tuple[Scalar, ...]: ...
    @property
    def output(self) -> Scalar: ...
    @property
    def model(self) -> RuleModel: ...
    @property
    def strict(self) -> bool: ...
    @property
    def layout(self) -> TableLayout: ...
    @property
    def teacher(self) -> Teacher | None: ...
    def run(self, x: Floats) -> Places: ...
    def cases(self, x: Floats) -> Places: ...


@dataclass(frozen=True, slots=True)
class Support:
    """Of one leaf, or one sum of points: how many rows of each class reach it.

    ``learned`` are those that the rules were learned from, ``untouched`` the others; both have one
    entry a class.
    """

    learned: tuple[int, ...]
    untouched: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ColumnCounts:
    """How many rows of each class have which values of a column.

    ``bins`` (bins, classes) are of one width between the least and the greatest number (``even``),
    of one ratio (``geometric``), or hold as many ``whole`` numbers each; of a column of levels
    there is one for each. ``missing`` are the rows without a value.
    """

    bins: tuple[tuple[int, ...], ...]
    missing: tuple[int, ...]
    scale: Scale = "even"


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """What is known of the rows, without the rows themselves.

    ``missed`` of ``count`` rows that were learned from have another label than the rules give;
    ``labels`` counts the classes among all rows. ``loss`` is the log loss (nats a row) of the
    probabilities on the untouched rows, ``plain`` that of the classes' shares alone and ``saved``
    a lower bound at 97.5 % on the difference. ``nats`` is what all labels cost when written with
    the probabilities. Where they are ``balanced`` all classes count alike in these four.
    ``columns`` has what all rows have in each input; files of old have nothing there.
    """

    count: int
    missed: int
    untouched: int
    wrong: int
    labels: tuple[int, ...]
    loss: float
    plain: float
    saved: float
    nats: float
    balanced: bool = False
    columns: tuple[ColumnCounts, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class RuleNetwork:
    """Rules of a table: its ``model`` reads ``inputs`` and gives places of the output's levels.

    ``probabilities`` has a row of classes for each leaf of the one tree, or for each of the
    ``sums`` of points, which grow; where each class has a sum of its own, what their rows have on
    average for each label and band of its chance. ``supports`` goes with them. ``strict`` rules are
    told for the ranges of their inputs alone; ``layout`` is of the table that they came from,
    ``teacher`` the model that they were read from, where there is one.
    """

    inputs: tuple[Scalar, ...]
    output: Scalar
    model: RuleModel
    probabilities: tuple[tuple[float, ...], ...]
    sums: tuple[int, ...]
    supports: tuple[Support, ...]
    rows: LabelledRows
    strict: bool = False
    layout: TableLayout = PLAIN_LAYOUT
    teacher: Teacher | None = None

    @property
    def answers(self) -> tuple[int, ...]:
        """The place of the label for each row of ``probabilities``."""
        if self.model.scores is not None:
            return tuple(k for k in range(len(self.output.levels)) for _ in range(len(BANDS) + 1))
        if not self.sums:
            return tuple(leaf.value for leaf in leaves(self.model.trees[0]))
        return tuple(bisect_right(self.model.limits, total) for total in self.sums)

    @property
    def likeliest(self) -> bool:
        """Whether each label is the likeliest one: of ordered classes it is the middle one."""
        pairs = zip(self.answers, self.probabilities, strict=True)
        return all(shares[answer] > max(shares) - 1e-3 for answer, shares in pairs)

    def run(self, x: Floats) -> Places:
        """The place of the label for each row (rows, inputs); NaN where a value is missing."""
        return self.model.run(x)

    def chances(self, x: Floats) -> Floats:
        """The probabilities of each row (rows, inputs), (rows, classes)."""
        if self.model.scores is not None:
            return self.model.scores.chances(self.model.class_sums(x))
        return np.array(self.probabilities)[self.cases(x)]

    def cases(self, x: Floats) -> Places:
        """Which row of ``probabilities`` belongs to each row (rows, inputs)."""
        if self.model.scores is not None:
            labels = self.run(x)
            bands = np.searchsorted(BANDS, self.chances(x)[np.arange(len(x)), labels], "right")
            return labels * (len(BANDS) + 1) + bands
        if not self.sums:
            return leaf_places(self.model.trees, self.model.fired(x))[:, 0]
        places = np.searchsorted(self.sums, self.model.sums(x), side="right") - 1
        return np.clip(places, 0, len(self.sums) - 1)
