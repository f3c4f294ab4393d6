"""Hidden registers to try: updates of one register, enumerated from short to long.

A register is not shown in the data, so that its update is guessed: sums, counters, remainders and
carries, extremes, latches, runs, clipped and sticky sums. What a guess is worth the data decide:
whether the output is a short cell of the register and what else is seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from ....data.running import Check, endless
from ....units.gates import AffineUnit, Cell, Gate
from ....units.readings import Lag
from .cells import mixed
from .pieces import list_of
from .update import History, IntArray, Reading, Update, Variable, cell_measure, only

NAME = "register"
_FEW = 6  # an alphabet up to this size is looked at value by value
_MODULI = range(2, 17)
_BATCH = 400
_FAMILIAR = 3.0  # by how much extremes go before other updates of their length
_LARGEST_BASE = 16  # of the digits of a number


class Forms:
    """The parts that updates are made of, for sequences with these channels and values."""

    def __init__(self, history: History) -> None:
        self.channels = history.x.shape[2]
        lags = [Lag(s, c) for s in (0, 1) for c in range(self.channels)]
        self.readings: tuple[Reading, ...] = (*lags, Variable(NAME))
        self.own = len(self.readings) - 1
        self.alphabets = [np.unique(history.x[:, :, c]) for c in range(self.channels)]

    def sum(
        self, own: int, bias: int = 0, modulus: int = 0, divisor: int = 1, **at: int
    ) -> AffineUnit:
        """``own`` times the register plus weights at channels (``x0=1``) and their last values."""
        weights = [0] * len(self.readings)
        weights[self.own] = own
        for key, weight in at.items():
            kind, channel = key[0], int(key[1:])
            weights[channel + (self.channels if kind == "p" else 0)] += weight
        return AffineUnit(tuple(weights), bias, divisor, modulus)

    def input_gates(self) -> list[Gate]:
        """Conditions on what is read: a value, a sign, odd, equal to or larger than another."""
        gates: list[Gate] = []
        for c, alphabet in enumerate(self.alphabets):
            here = self.sum(0, **{f"x{c}": 1})
            if len(alphabet) == 2:
                gates.append(Gate(here, low=int(alphabet[1])))
            elif len(alphabet) <= _FEW:
                gates += [Gate(here, int(v), int(v)) for v in alphabet]
            else:
                gates.append(Gate(here, 0, 0))
                gates.append(Gate(here, low=1))
                gates.append(Gate(here, high=-1))
            if len(alphabet) > 2:
                gates += [Gate(self.sum(0, 0, m, 1, **{f"x{c}": 1}), 0, 0) for m in range(2, 4)]
            step = self.sum(0, **{f"x{c}": 1, f"p{c}": -1})
            gates += [Gate(step, 0, 0), Gate(step, low=1), Gate(step, high=-1)]
        for c, d in zip(range(self.channels), range(1, self.channels), strict=False):
            apart = self.sum(0, **{f"x{c}": 1, f"x{d}": -1})
            gates += [Gate(apart, 0, 0), Gate(apart, low=1), Gate(apart, high=-1)]
        return gates

    def steps(self) -> list[AffineUnit]:
        """What a register may become: itself, one more, a constant, a sum."""
        sums = [self.sum(1), self.sum(1, 1), self.sum(1, -1), self.sum(0, 0), self.sum(0, 1)]
        sums.append(self.sum(-1, 1))
        for c in range(self.channels):
            sums += [self.sum(own, **{f"x{c}": sign}) for own, sign in ((0, 1), (1, 1), (1, -1))]
        if self.channels == 2:
            sums += [self.sum(1, x0=1, x1=sign) for sign in (1, -1)]
        return sums

    def remainders(self) -> Iterator[AffineUnit]:
        """Affine sums of the register and the channels, modulo m or divided by m."""
        few = (0, 1, -1, 2) if self.channels > 1 else (1, 2, -1, 3)
        many = max(map(len, self.alphabets)) > _LARGEST_BASE
        for modulus in _MODULI:
            biases = (0, 1) if modulus <= 8 else (0,)
            for weights in product(few, repeat=self.channels):
                if any(weights):
                    at = {f"x{c}": w for c, w in enumerate(weights) if w}
                    own_weights = [1, 2, modulus - 1] if self.channels > 1 else [*range(1, modulus)]
                    own_weights = [1] if many else own_weights
                    base = max(map(len, self.alphabets))
                    if modulus < base <= _LARGEST_BASE:
                        own_weights.append(base)
                    for own, bias in product(own_weights, biases):
                        if own == 1 or bias == 0:
                            yield self.sum(own, bias, modulus, 1, **at)
                    yield self.sum(1, 0, 0, modulus, **at)
            yield self.sum(1, 1, modulus)
            if self.channels == 1:
                for weight in range(4, 13):
                    yield self.sum(1, 0, 0, modulus, x0=weight)
        for modulus in range(17, 33):
            for c in range(self.channels):
                yield self.sum(1, 0, modulus, 1, **{f"x{c}": 1})

    def cells(self) -> Iterator[tuple[Cell, int]]:
        """All updates with the register's initial value."""
        steps, gates = self.steps(), self.input_gates()
        keep, nothing = steps[0], steps[3]
        for step in steps:
            if step.weights[self.own] and step != keep:
                yield only(step), 0
        for linear in self.remainders():
            yield only(linear), 0
            if linear.divisor > 1:
                yield only(linear), 1
        for gate in gates:
            for one, other in product(steps, steps):
                if one != other and (one.weights[self.own] or other.weights[self.own]):
                    latch = list_of([([(gate, True)], one), ((), other)])
                    yield latch, 0
                    if keep in (one, other) and nothing in (one, other):
                        yield latch, 1
            for modulus in range(2, 9):
                cell = [([(gate, True)], self.sum(1, 1, modulus)), ((), keep)]
                yield list_of(cell), 0
            for one, other in product(steps[1:3], steps[1:3]):
                if one != other:
                    bounded = [([(Gate(self.sum(1), high=-1), True)], keep)]
                    yield list_of([*bounded, ([(gate, True)], one), ((), other)]), 0
                    empty = Gate(self.sum(1), high=0)
                    down = one == steps[2]  # where the gate fires; not below 0
                    stop = [(gate, down), (empty, True)]
                    floor = [(stop, nothing), ([(gate, True)], one), ((), other)]
                    yield list_of(floor), 0
            for cap in range(1, 5):
                full = Gate(self.sum(1), low=cap)
                for other in (keep, nothing):
                    yield (
                        list_of(
                            [
                                ([(gate, True), (full, False)], steps[1]),
                                ([(gate, True)], keep),
                                ((), other),
                            ]
                        ),
                        0,
                    )

    def extremes(self, c: int) -> Iterator[tuple[Cell, int]]:
        """Largest and smallest so far, and sums that stop at 0."""
        keep = self.sum(1)
        here = self.sum(0, **{f"x{c}": 1})
        more = self.sum(-1, **{f"x{c}": 1})
        grown = self.sum(1, **{f"x{c}": 1})
        yield list_of([([(Gate(more, low=1), True)], here), ((), keep)]), 0
        yield list_of([([(Gate(more, high=-1), True)], here), ((), keep)]), 0
        if self.alphabets[c].min() >= 0:
            large = int(self.alphabets[c].max())
            yield list_of([([(Gate(more, high=-1), True)], here), ((), keep)]), large
        yield list_of([([(Gate(grown, high=-1), True)], self.sum(0)), ((), grown)]), 0
        yield list_of([([(Gate(grown, low=1), True)], self.sum(0)), ((), grown)]), 0
        negative = Gate(self.sum(1), high=-1)
        yield list_of([([(negative, True)], keep), ((), grown)]), 0


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """An update, the values it gives on a small sample (samples, length), and its cost."""

    update: Update
    at: IntArray
    cost: float


def pool(history: History, check: Check = endless) -> list[Guess]:
    """Updates, shortest first; none of them gives on the sample what an earlier one gives."""
    forms = Forms(history)
    listed = [
        (*pair, _cost(*pair) - (_FAMILIAR if len(forms.alphabets[c]) > 2 else 0))
        for c in range(forms.channels)
        for pair in forms.extremes(c)
    ]
    listed += [(*pair, _cost(*pair)) for pair in forms.cells()]
    listed.sort(key=lambda entry: entry[2])
    cells = [entry[:2] for entry in listed]
    groups: dict[tuple[int, int], list[int]] = {}
    for k, (cell, _) in enumerate(cells):
        groups.setdefault((len(cell.pieces), len(cell.gates)), []).append(k)
    table = np.stack([history.read(r, {}) for r in forms.readings[:-1]], axis=2)
    values: dict[int, IntArray] = {}
    for members in groups.values():
        for begin in range(0, len(members), _BATCH):
            check()
            part = members[begin : begin + _BATCH]
            together = _together([cells[k][0] for k in part], [cells[k][1] for k in part], table)
            values.update(zip(part, together, strict=True))
    keys = mixed(np.stack([values[k].reshape(-1) for k in range(len(cells))]))
    _, first = np.unique(keys, return_index=True)
    return [
        Guess(Update(NAME, forms.readings, *cells[k]), values[k], listed[k][2])
        for k in np.sort(first)
        if (values[k] != values[k][0, 0]).any()
    ]


def _together(cells: Sequence[Cell], initial: Sequence[int], table: IntArray) -> IntArray:
    """The values of many registers with equally many pieces and gates: (cells, samples, steps).

    ``table`` holds the readings without the register itself, (samples, steps, readings).
    """
    sums = [[*(r.value for r in c.pieces), *(g.sum for g in c.gates)] for c in cells]
    pieces, gates = len(cells[0].pieces), len(cells[0].gates)
    weights = np.array([[s.weights for s in line] for line in sums])
    bias = np.array([[s.bias for s in line] for line in sums])[:, :, None]
    divisor = np.array([[s.divisor for s in line] for line in sums])[:, :, None]
    modulus = np.array([[s.modulus for s in line] for line in sums])[:, :, None]
    divides, wraps = (divisor != 1).any(), (modulus != 0).any()
    bounds = np.array([[(_bound(g.low, -1), _bound(g.high, 1)) for g in c.gates] for c in cells])
    wanted = np.zeros((len(cells), pieces, max(gates, 1)), dtype=np.int64)
    for k, cell in enumerate(cells):
        for j, piece in enumerate(cell.pieces):
            for index, sign in piece.wanted:
                wanted[k, j, index] = 1 if sign else -1
    value = np.repeat(np.array(initial)[:, None], table.shape[0], axis=1)
    result = np.empty((len(cells), *table.shape[:2]), dtype=np.int64)
    for t in range(table.shape[1]):
        total = weights[:, :, :-1] @ table[:, t].T + bias
        total = total + weights[:, :, -1:] * value[:, None]
        if divides:
            total //= divisor
        if wraps:
            total = np.where(modulus > 0, total % np.maximum(modulus, 1), total)
        value = total[:, pieces - 1]
        if gates:
            seen = total[:, pieces:]
            fired = (seen >= bounds[:, :, :1]) & (seen <= bounds[:, :, 1:])
            for j in range(pieces - 2, -1, -1):
                want = wanted[:, j, :, None]
                chosen = ((want == 0) | ((want > 0) == fired)).all(axis=1)
                value = np.where(chosen, total[:, j], value)
        result[:, :, t] = value
    return result


def _bound(bound: int | None, side: int) -> int:
    return side * (1 << 60) if bound is None else bound


def _cost(cell: Cell, initial: int) -> float:
    return cell_measure(cell) + (0.5 if initial else 0)


def derived(channels: int) -> list[Update]:
    """Stateless intermediate values: magnitudes, larger and smaller ones, halves, remainders."""
    readings: tuple[Reading, ...] = tuple(Lag(s, c) for s in (0, 1) for c in range(channels))
    singles = [_unit(len(readings), k) for k in range(len(readings))]
    cells: list[Cell] = []
    for k, a in enumerate(singles):
        cells.append(_magnitude(a))
        cells += [only(AffineUnit(a, 0, 1, m)) for m in (2, 3)]
        cells.append(only(AffineUnit(a, 0, 2)))
        for b in singles[k + 1 :]:
            apart = tuple(p - q for p, q in zip(a, b, strict=True))
            cells.append(_magnitude(apart))
            cells.append(
                list_of(
                    [([(Gate(AffineUnit(apart), low=0), True)], AffineUnit(a)), ((), AffineUnit(b))]
                )
            )
            cells.append(
                list_of(
                    [
                        ([(Gate(AffineUnit(apart), high=0), True)], AffineUnit(a)),
                        ((), AffineUnit(b)),
                    ]
                )
            )
    return [Update(f"part{k}", readings, cell) for k, cell in enumerate(cells)]


def _unit(width: int, k: int) -> tuple[int, ...]:
    return tuple(int(j == k) for j in range(width))


def _magnitude(weights: Sequence[int]) -> Cell:
    plus, minus = AffineUnit(tuple(weights)), AffineUnit(tuple(-w for w in weights))
    return list_of([([(Gate(plus, low=0), True)], plus), ((), minus)])
