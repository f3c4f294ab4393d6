"""Small networks of rectified linear units → rules, region by region, in the box of the columns.

In a region where every unit is either on or off the scores are sums of the columns, and so is the
border between two classes. Which units can be both ways is asked of z3, in exact arithmetic; a
region whose inputs all have one label is not divided further. The sums are told with whole numbers
as small as the precision of the network allows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, isfinite, log10
from typing import Any, TypeAlias

import numpy as np
import z3
from numpy.typing import NDArray

from ....ir.errors import InputError
from ....units.rules import Below, Leaf, RuleModel, SumBelow, Tree
from ....units.teachers import ReluLayer, ReluLayers
from ..argument_model import nearly_largest
from ..column_terms import ColumnTerm
from .conditions import ConditionUnits, ModelColumn
from .reading import NotExact

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]
Box: TypeAlias = Sequence[tuple[float, float]]

MOST_REGIONS = 64
_MOST_UNITS = 24
_MOST_COLUMNS = 20
_DRAWN = 2000
_EFFORT, _MOST_ASKED = 1_000_000, 800
_MOST_DIGITS = 15
_FLOAT64 = 2.0**-53  # of a number one rounding
_SHARES = (4, 256, 16384)  # of what precision loses, for what whole numbers round
_ENOUGH = 1.01  # for what the bound itself rounds


def is_module(model: Any) -> bool:
    """Whether it is a module of torch, which need not be installed."""
    return any(
        kind.__name__ == "Module" and kind.__module__.startswith("torch.nn")
        for kind in type(model).__mro__
    )


def module_answers(model: Any, classes: Sequence[Any] | None) -> Callable[[Any], Any]:
    """A function from rows to a module's classes: the largest score, or one that is positive."""
    from ....modules.rectified import rectified, scores_of

    run = scores_of(model)

    def ask(rows: Any) -> Any:
        scores = run(rows)
        if scores.shape[1] > 1:
            places = np.argmax(scores, axis=1)
        else:
            try:
                end = rectified(model).end
            except InputError:
                raise InputError(
                    "the module gives one score, and how it is meant cannot be read: give a "
                    "function of rows"
                ) from None
            places = (scores[:, 0] > (0.5 if end == "sigmoid" else 0.0)).astype(np.int64)
        count = max(2, scores.shape[1])
        if classes is None:
            return places
        if len(classes) != count:
            raise InputError(f"give {count} classes, one a score, not {len(classes)}")
        return np.array(classes, dtype=object)[places]  # of one kind they might be others

    return ask


def read_layers(model: Any, columns: Sequence[ModelColumn], box: Box) -> ReluLayers:
    """A module's layers over columns of numbers in a box; labels are places of its scores.

    Raises :class:`NotExact`.
    """
    from ....modules.rectified import rectified

    if any(column.levels or column.optional for column in columns):
        raise NotExact("a column holds text or missing values")
    try:
        network = rectified(model)
    except InputError as reason:
        raise NotExact(f"as a network {reason}") from None
    if network.layers[0][0].shape[1] != len(columns):
        raise NotExact(f"it reads {network.layers[0][0].shape[1]} columns, not {len(columns)}")
    units = sum(len(biases) for _, biases in network.layers[:-1])
    if units > _MOST_UNITS or len(columns) > _MOST_COLUMNS:
        raise NotExact(f"it has {units} units over {len(columns)} columns, too many to be divided")
    layers = tuple(
        ReluLayer(tuple(tuple(row) for row in weights.tolist()), tuple(biases.tolist()))
        for weights, biases in network.layers
    )
    slack = _slack(network.maps, np.array(box), network.unit, bool(network.end))
    if not isfinite(slack):
        raise NotExact("its numbers are not finite")
    labels = tuple(range(max(2, len(layers[-1].biases))))
    return ReluLayers(layers, tuple(range(len(columns))), labels, slack)


def _slack(
    layers: Sequence[Sequence[tuple[Floats, Floats]]], box: Floats, unit: float, end: bool
) -> float:
    """What the module's precision may lose of the difference of two scores (Higham 2002, 3.1).

    That of float64 too, in which the maps of a layer are put together.
    """
    unit = unit + _FLOAT64
    low, high = box[:, 0], box[:, 1]
    error = unit * np.maximum(abs(low), abs(high))
    for k, maps in enumerate(layers):
        for weights, biases in maps:
            size = np.abs(weights) @ (np.maximum(abs(low), abs(high)) + error) + np.abs(biases)
            steps = (weights.shape[1] + 2) * unit
            error = np.abs(weights) @ error + steps / (1 - steps) * size
            up, down = np.maximum(weights, 0), np.minimum(weights, 0)
            low, high = up @ low + down @ high + biases, up @ high + down @ low + biases
        if k < len(layers) - 1:
            low, high = np.maximum(low, 0), np.maximum(high, 0)
    lost = 2 * float(error.max()) * _ENOUGH
    return lost + 8 * unit * (1 + float(np.maximum(abs(low), abs(high)).max())) * end


@dataclass(frozen=True, slots=True)
class ColumnSum:
    """A weighted sum of the columns, exact."""

    weights: tuple[Fraction, ...]
    constant: Fraction

    def plus(self, other: ColumnSum, factor: Fraction) -> ColumnSum:
        pairs = zip(self.weights, other.weights, strict=True)
        return ColumnSum(
            tuple(a + factor * b for a, b in pairs), self.constant + factor * other.constant
        )

    def term(self, columns: Sequence[Any]) -> Any:
        parts = [_real(w) * x for w, x in zip(self.weights, columns, strict=True) if w]
        return z3.Sum([_real(self.constant), *parts])

    def values(self, x: Floats) -> Floats:
        return np.asarray(x @ np.array([float(w) for w in self.weights]) + float(self.constant))


def _real(number: Fraction) -> Any:
    return z3.RealVal(f"{number.numerator}/{number.denominator}")


def condensed_layers(
    model: ReluLayers, columns: Sequence[ModelColumn], box: Box, ask: Callable[[Floats], Places]
) -> RuleModel:
    """Rules that give a network's label in a box, but for what its precision loses.

    Raises :class:`NotExact`.
    """
    rng = np.random.default_rng(0)
    low, high = np.array(box).T
    drawn = low + rng.random((_DRAWN, len(box))) * (high - low)
    scores = np.sort(model.scores(drawn), axis=1)
    clear = scores[:, -1] - scores[:, -2] > 2 * model.slack
    if not np.array_equal(model.run(drawn)[clear], ask(drawn)[clear]):
        raise NotExact("its answers are not those of its layers")
    if _borders(model, drawn) > MOST_REGIONS:
        raise NotExact(f"its classes border on one another in more than {MOST_REGIONS} regions")
    for share in _SHARES:
        rules = _Regions(model, columns, box, drawn, share).rules()
        if _holds(model, rules, box):
            return rules
    raise NotExact("its sums cannot be told with whole numbers")


def _borders(model: ReluLayers, drawn: Floats) -> int:
    """In how many regions at least a border between two classes lies: found between drawn rows."""
    half = len(drawn) // 2
    low, high = drawn[:half], drawn[half : 2 * half]
    labels = model.run(low)
    apart = labels != model.run(high)
    low, high, labels = low[apart], high[apart], labels[apart]
    for _ in range(40):
        middle = (low + high) / 2
        same = (model.run(middle) == labels)[:, None]
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    values, signs = low[:, list(model.columns)], [np.zeros((len(low), 0), dtype=bool)]
    for layer in model.layers[:-1]:
        sums = values @ np.array(layer.weights).T + np.array(layer.biases)
        signs.append(sums > 0)
        values = np.maximum(sums, 0)
    return len(np.unique(np.concatenate(signs, axis=1), axis=0)) if len(low) else 0


def _holds(model: ReluLayers, rules: RuleModel, box: Box) -> bool:
    """Whether rules give a nearly largest score everywhere in the box."""
    from ..argument import rules_label

    columns = [ColumnTerm(z3.Real(f"x_{k}"), z3.BoolVal(False)) for k in range(len(box))]
    solver = _boxed([one.value for one in columns], box)
    solver.set("rlimit", 20 * _EFFORT)
    solver.add(z3.Not(nearly_largest(model, columns, rules_label(rules, columns))))
    return bool(solver.check() == z3.unsat)


def _boxed(columns: Sequence[Any], box: Box) -> z3.Solver:
    solver = z3.SolverFor("QF_LRA")
    solver.set("rlimit", _EFFORT)
    for column, (low, high) in zip(columns, box, strict=True):
        solver.add(column >= _real(Fraction(low)), column <= _real(Fraction(high)))
    return solver


class _Regions:
    """The regions of a network in a box, as a tree of conditions on sums of the columns."""

    def __init__(
        self,
        model: ReluLayers,
        columns: Sequence[ModelColumn],
        box: Box,
        drawn: Floats,
        share: int,
    ) -> None:
        self.model, self.box, self.drawn = model, box, drawn
        self.size = [max(abs(low), abs(high)) for low, high in box]
        self.layers = [
            (
                [tuple(map(Fraction, row)) for row in one.weights],
                list(map(Fraction, one.biases)),
            )
            for one in model.layers
        ]
        self.x = [z3.Real(f"x_{k}") for k in range(len(box))]
        self.terms = [ColumnTerm(x, z3.BoolVal(False)) for x in self.x]
        self.solver = _boxed(self.x, box)
        self.units, self.regions = ConditionUnits(columns), 0
        self.asked = 0
        self.labels = model.run(drawn)
        self.room = model.slack / share
        self.gains = _gains(model)
        self.inner = max(1, sum(len(layer.biases) for layer in model.layers[:-1]))

    def rules(self) -> RuleModel:
        count = len(self.box)
        inputs = [
            ColumnSum(tuple(Fraction(int(j == k)) for j in range(count)), Fraction(0))
            for k in range(count)
        ]
        every = np.ones(len(self.drawn), dtype=bool)
        return self.units.model([self._layer(0, inputs, every)])

    def _possible(self, condition: Any) -> bool:
        """Whether something in the region is so; where z3 gives up, it may be."""
        self.asked += 1
        if self.asked > _MOST_ASKED:
            raise NotExact("its regions are too many to be looked at")
        return bool(self.solver.check(condition) != z3.unsat)

    def _one_label(self, here: NDArray[np.bool_]) -> int | None:
        """The label of the whole region, where there is but one."""
        labels = np.unique(self.labels[here])
        if len(labels) != 1:
            return None
        label = int(labels[0])
        sure = nearly_largest(self.model, self.terms, z3.IntVal(label))
        return None if self._possible(z3.Not(sure)) else label

    def _layer(self, k: int, inputs: list[ColumnSum], here: NDArray[np.bool_]) -> Tree:
        weights, biases = self.layers[k]
        nothing = ColumnSum((Fraction(0),) * len(self.box), Fraction(0))
        sums = []
        for row, bias in zip(weights, biases, strict=True):
            total = ColumnSum(nothing.weights, bias)
            for weight, one in zip(row, inputs, strict=True):
                total = total.plus(one, weight)
            sums.append(total)
        if k == len(self.layers) - 1:
            scores = [nothing, *sums] if len(sums) == 1 else sums
            return self._largest(scores, list(range(len(scores))), here)
        return self._unit(k, sums, [], here)

    def _unit(
        self, k: int, sums: list[ColumnSum], outputs: list[ColumnSum], here: NDArray[np.bool_]
    ) -> Tree:
        if len(outputs) == len(sums):
            return self._layer(k + 1, outputs, here)
        if (label := self._one_label(here)) is not None:
            return Leaf(label)
        total = sums[len(outputs)]
        term = total.term(self.x)
        off = ColumnSum((Fraction(0),) * len(self.box), Fraction(0))
        if not self._possible(term > 0):
            return self._unit(k, sums, [*outputs, off], here)
        if not self._possible(term < 0):
            return self._unit(k, sums, [*outputs, total], here)
        room = self.room / max(1e-9, self.inner * self.gains[k][len(outputs)])
        return self._split(
            total,
            room,
            here,
            lambda below: self._unit(k, sums, [*outputs, off], below),
            lambda above: self._unit(k, sums, [*outputs, total], above),
        )

    def _largest(self, scores: list[ColumnSum], left: list[int], here: NDArray[np.bool_]) -> Tree:
        if len(left) == 1:
            self.regions += 1
            if self.regions > MOST_REGIONS:
                raise NotExact(f"it has more than {MOST_REGIONS} regions in the box")
            return Leaf(self.model.labels[left[0]])
        one, other = left[:2]
        gap = scores[one].plus(scores[other], Fraction(-1))
        term = gap.term(self.x)
        rest = left[2:]
        if not self._possible(term < 0):
            return self._largest(scores, [one, *rest], here)
        if not self._possible(term > 0):
            return self._largest(scores, [other, *rest], here)
        return self._split(
            gap,
            self.room,
            here,
            lambda below: self._largest(scores, [other, *rest], below),
            lambda above: self._largest(scores, [one, *rest], above),
        )

    def _split(
        self,
        total: ColumnSum,
        room: float,
        here: NDArray[np.bool_],
        below: Callable[[NDArray[np.bool_]], Tree],
        above: Callable[[NDArray[np.bool_]], Tree],
    ) -> Tree:
        """The choice by the sign of a sum."""
        term, negative = total.term(self.x), total.values(self.drawn) < 0
        sides = []
        for side, condition, part in (
            (below, term <= 0, here & negative),
            (above, term >= 0, here & ~negative),
        ):
            self.solver.push()
            self.solver.add(condition)
            sides.append(side(part))
            self.solver.pop()
        fires, rests = sides
        unit, turned = self._unit_below(total, room)
        if turned:
            fires, rests = rests, fires
        return self.units.chosen(unit, fires, rests)

    def _unit_below(self, total: ColumnSum, room: float) -> tuple[Below | SumBelow, bool]:
        """The unit that fires where a sum is negative; or, turned, where it is not."""
        there = [(k, w) for k, w in enumerate(total.weights) if w]
        if len(there) == 1:
            column, weight = there[0]
            return Below(column, _short(-total.constant / weight, room / abs(weight))), weight < 0
        largest = max(abs(w) for _, w in there)
        for digits in range(1, _MOST_DIGITS + 1):
            scale = 10**digits / largest
            whole = [(k, round(w * scale)) for k, w in there]
            limit = round(-total.constant * scale)
            lost = sum(
                abs(w - n / scale) * Fraction(self.size[k])
                for (k, w), (_, n) in zip(there, whole, strict=True)
            )
            if lost + abs(total.constant + limit / scale) <= room:
                common = gcd(limit, *(n for _, n in whole))
                weights = tuple((k, n // common) for k, n in whole if n)
                if len(weights) == 1:
                    column, n = weights[0]
                    return Below(column, float(Fraction(limit // common, n))), n < 0
                return SumBelow(weights, float(limit // common)), False
        raise NotExact("its sums cannot be told with whole numbers")


def _gains(model: ReluLayers) -> list[list[float]]:
    """How much a change of each inner unit may change the difference of two scores."""
    gains: list[list[float]] = []
    after = 2 * np.abs(np.array(model.layers[-1].weights)).max(axis=0)
    for layer in reversed(model.layers[:-1]):
        gains.insert(0, after.tolist())
        after = after @ np.abs(np.array(layer.weights))
    return gains


def _short(number: Fraction, room: Fraction | float) -> float:
    """A number with few digits that is no further away than there is room."""
    start = 0 if not number else int(log10(abs(number))) + 1
    for digits in range(-start, 18):
        decimal = round(float(number), digits)
        if abs(Fraction(decimal) - number) <= room:
            return decimal
    return float(number)
