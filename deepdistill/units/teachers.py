"""Trained classifiers that rules were read from: their own numbers, and what they make of a row.

What a model has in its arrays is kept as it stands, so that a proof speaks of the model and not of
a reading of it. Sums are added in the order and the precision of the model's own arithmetic.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]
StepName: TypeAlias = Literal["add", "subtract", "multiply", "divide"]


@dataclass(frozen=True, slots=True)
class FeatureStep:
    """One operation in float64 with a number; none turns the order round."""

    name: StepName
    number: float

    def values(self, values: Floats) -> Floats:
        match self.name:
            case "add":
                return values + self.number
            case "subtract":
                return values - self.number
            case "multiply":
                return values * self.number
            case "divide":
                return values / self.number
            case _:
                assert_never(self.name)


@dataclass(frozen=True, slots=True)
class ModelFeature:
    """A number that a model makes of one column of a row.

    Of a column of levels it is the entry of ``levels`` at the level's place. A missing value
    becomes ``fill`` where that is a number. After the ``steps`` it is rounded to float32 where it
    is ``single``; what float32 cannot hold, and models refuse, counts as its largest number. It
    never falls where the column grows.
    """

    column: int
    levels: tuple[float, ...] = ()
    fill: float | None = None
    steps: tuple[FeatureStep, ...] = ()
    single: bool = True

    def values(self, column: Floats) -> Floats:
        """The numbers (rows,) of a column's values (rows,); NaN is what is missing."""
        if self.levels:
            gone = np.isnan(column)
            numbers = np.array(self.levels)[np.where(gone, 0, column).astype(np.int64)]
            values = np.where(gone, np.nan, numbers)
        else:
            values = np.asarray(column, dtype=np.float64)
        if self.fill is not None:
            values = np.where(np.isnan(values), self.fill, values)
        with np.errstate(over="ignore"):
            for step in self.steps:
                values = step.values(values)
            if not self.single:
                return values
            return np.clip(values, -_LARGEST, _LARGEST).astype(np.float32).astype(np.float64)

    def passes(self, value: float, threshold: float) -> bool:
        """Whether the number that one value of the column becomes is at most a threshold."""
        return bool(self.values(np.array([value]))[0] <= threshold)

    def last(self, threshold: float) -> float:
        """The last float64 that passes a threshold: infinite where none, or all of them, do."""
        first, end = -_ENDS, _ENDS
        if not self.passes(_float(first), threshold):
            return -np.inf
        if self.passes(_float(end), threshold):
            return np.inf
        while end - first > 1:
            middle = (first + end) // 2
            if self.passes(_float(middle), threshold):
                first = middle
            else:
                end = middle
        return _float(first)


@dataclass(frozen=True, slots=True)
class OtherColumn:
    """A column that the model reads and its rules do not: how many levels, or its range."""

    levels: int
    optional: bool
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class NodeArrays:
    """One tree as its model has it, an entry a node, the root first.

    A row goes left where the feature is at most the threshold; where it is missing as
    ``missing_left`` says. At a leaf ``left`` is negative and ``values`` are what it adds.
    """

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    missing_left: tuple[bool, ...]
    values: tuple[tuple[float, ...], ...]

    def fits(self, features: int, sums: int) -> bool:
        """Whether it is a tree over so many features whose leaves add to so many sums."""
        count = len(self.left)
        lists = (self.feature, self.threshold, self.right, self.missing_left, self.values)
        if not count or any(len(one) != count for one in lists):
            return False
        for node, (left, right) in enumerate(zip(self.left, self.right, strict=True)):
            if left < 0:
                if len(self.values[node]) != sums:
                    return False
            elif (
                not (node < left < count and node < right < count)
                or not 0 <= self.feature[node] < features
            ):  # so no row goes in circles
                return False
        return True

    def ends(self, features: Floats) -> Places:
        """The leaf that each row (rows, features) comes to, (rows,)."""
        left, right = np.array(self.left), np.array(self.right)
        feature, threshold = np.array(self.feature), np.array(self.threshold)
        gone_left = np.array(self.missing_left)
        node = np.zeros(len(features), dtype=np.int64)
        while (inside := left[node] >= 0).any():
            here = node[inside]
            value = features[inside, feature[here]]
            goes = np.where(np.isnan(value), gone_left[here], value <= threshold[here])
            node[inside] = np.where(goes, left[here], right[here])
        return node


@dataclass(frozen=True, slots=True)
class VotingTrees:
    """Trees whose leaves are added up, in order, in float64; one tree is the shortest of such sums.

    The sums begin with ``start`` and are divided by ``divisor`` in the end. The class is that of
    the largest sum, the first of equal ones; or the second of two where the only sum is at least
    0 (``sign``), or above it (``above``). ``labels`` has the place of each class among the labels
    of the rules, -1 for one that no row is given. Columns are those that the rules read, then the
    ``others``.
    """

    features: tuple[ModelFeature, ...]
    trees: tuple[NodeArrays, ...]
    start: tuple[float, ...]
    divisor: float
    decision: Literal["largest", "sign", "above"]
    labels: tuple[int, ...]
    others: tuple[OtherColumn, ...] = ()

    def fits(self, levels: Sequence[int]) -> bool:
        """Whether its parts fit each other and columns of so many levels (0: numbers)."""
        sums = len(self.start)
        wanted = (sums, sums) if self.decision == "largest" else (1, 2)
        if (sums, len(self.labels)) != wanted or not self.divisor > 0:
            return False
        for one in self.features:
            if not 0 <= one.column < len(levels) or len(one.levels) != levels[one.column]:
                return False
            if any(s.number <= 0 for s in one.steps if s.name in ("multiply", "divide")):
                return False
        return bool(self.trees) and all(one.fits(len(self.features), sums) for one in self.trees)

    def seen(self, x: Floats) -> Floats:
        """What the model sees of rows (rows, columns): its features (rows, features)."""
        if not self.features:
            return np.empty((len(x), 0))
        return np.stack([one.values(x[:, one.column]) for one in self.features], axis=1)

    def decided(self, sums: Floats) -> Places:
        """The label of each row of sums (rows, sums)."""
        match self.decision:
            case "largest":
                places = np.argmax(sums / self.divisor, axis=1)
            case "sign":
                places = (sums[:, 0] >= 0).astype(np.int64)
            case "above":
                places = (sums[:, 0] > 0).astype(np.int64)
            case _:
                assert_never(self.decision)
        return _at(self.labels, places)

    def run(self, x: Floats) -> Places:
        """The place of the label for each row (rows, columns)."""
        features = self.seen(padded(x, self.others))
        total = np.tile(np.array(self.start), (len(x), 1))
        for tree in self.trees:
            total += np.array([tree.values[end] for end in tree.ends(features).tolist()])
        return self.decided(total)


@dataclass(frozen=True, slots=True)
class ReluLayer:
    """One affine layer of float32 numbers: a row of ``weights`` and a bias for each unit."""

    weights: tuple[tuple[float, ...], ...]
    biases: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ReluLayers:
    """A network of rectified linear units over columns of numbers, in the box of their ranges.

    All layers but the last are rectified. The class is that of the largest score, or, of one score,
    the second of two where it is positive. ``slack`` bounds how far the difference of two scores
    in the model's own precision may lie from the exact one, anywhere in the box.
    """

    layers: tuple[ReluLayer, ...]
    columns: tuple[int, ...]
    labels: tuple[int, ...]
    slack: float
    others: tuple[OtherColumn, ...] = ()

    def fits(self, levels: Sequence[int]) -> bool:
        """Whether its layers fit each other and columns of so many levels (0: numbers)."""
        width = len(self.columns)
        if not all(0 <= k < len(levels) and not levels[k] for k in self.columns):
            return False
        for layer in self.layers:
            if any(len(row) != width for row in layer.weights):
                return False
            if len(layer.weights) != len(layer.biases):
                return False
            width = len(layer.weights)
        return bool(self.layers) and max(2, width) == len(self.labels) and self.slack >= 0

    def scores(self, x: Floats) -> Floats:
        """The scores of all classes (rows, classes), in float64."""
        values = padded(x, self.others)[:, list(self.columns)]
        for k, layer in enumerate(self.layers):
            values = values @ np.array(layer.weights).T + np.array(layer.biases)
            if k < len(self.layers) - 1:
                values = np.maximum(values, 0.0)
        return np.stack([0 * values[:, 0], values[:, 0]], 1) if values.shape[1] == 1 else values

    def run(self, x: Floats) -> Places:
        """The place of the label for each row (rows, columns)."""
        return _at(self.labels, np.argmax(self.scores(x), axis=1))


ExactModel: TypeAlias = VotingTrees | ReluLayers


@dataclass(frozen=True, slots=True)
class Teacher:
    """The model that rules were read from: its ``title``, and how far they follow it.

    ``model`` are its own numbers where the rules are exact. Of ``queried`` rows that were kept
    aside it answers ``differ`` otherwise than the rules, and of ``around`` near these ``strays``;
    ``common`` of those kept aside do not have its most common answer. ``labelled`` says whether the
    labels of the rows were given; else they are the model's.
    """

    title: str
    labelled: bool
    queried: int = 0
    differ: int = 0
    around: int = 0
    strays: int = 0
    common: int = 0
    why: str = ""
    """Why it was not read exactly."""
    model: VotingTrees | ReluLayers | None = None


def renumbered_model(
    model: ExactModel, places: Mapping[int, int], others: tuple[OtherColumn, ...]
) -> ExactModel:
    """The same model over columns at other places, the ``others`` last."""
    match model:
        case VotingTrees():
            moved = [replace(one, column=places[one.column]) for one in model.features]
            return replace(model, features=tuple(moved), others=others)
        case ReluLayers():
            columns = tuple(places[column] for column in model.columns)
            return replace(model, columns=columns, others=others)
        case _:
            assert_never(model)


def _at(labels: tuple[int, ...], places: Places) -> Places:
    return np.asarray(np.array(labels, dtype=np.int64)[places])


def padded(x: Floats, others: tuple[OtherColumn, ...]) -> Floats:
    """The rows with some value of the other columns, on which no label depends."""
    rest = [np.full(len(x), 0.0 if one.levels else one.low) for one in others]
    return np.column_stack([x, *rest]) if rest else x


def fits(teacher: Teacher, levels: Sequence[int], classes: int) -> bool:
    """Whether a model can read columns of so many ``levels`` (0: numbers) and give such labels."""
    counts = [teacher.queried, teacher.around]
    missed = [teacher.differ, teacher.strays]
    if not all(0 <= some <= count for some, count in zip(missed, counts, strict=True)):
        return False
    if not 0 <= teacher.common <= teacher.queried:
        return False
    model = teacher.model
    if model is None:
        return True
    levels = [*levels, *(one.levels for one in model.others)]
    if not all(-1 <= place < classes for place in model.labels):
        return False
    if any(one.levels < 0 or not one.low <= one.high for one in model.others):
        return False
    return model.fits(levels)


_LARGEST = float(np.finfo(np.float32).max)
_ENDS = int(struct.unpack("<q", struct.pack("<d", np.finfo(np.float64).max))[0])


def _float(place: int) -> float:
    """The float64 at a place in their order: 0 at 0, negative ones below."""
    magnitude: float = struct.unpack("<d", struct.pack("<q", abs(place)))[0]
    return -magnitude if place < 0 else magnitude
