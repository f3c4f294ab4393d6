"""Sparsify a trained network and snap it to small integers without changing one answer.

Each unit in turn: with all others fixed, the rows split into those where it must fire, those where
it must not, and don't-cares. A unit that need not distinguish any rows is removed. Otherwise the
integer weights of least total size that still separate the two sets come from a mixed-integer
program (HiGHS, through SciPy), its constraints generated lazily.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from ..units.groups import FloatArray, IntArray, UnitGroup
from .train import GRID

_LARGEST = 63  # larger weights are not looked for; the exact grid weights remain the fallback
_NODES = 2_000  # branch-and-bound nodes; a bound on work, not on time, keeps runs repeatable
_BATCH = 40


def snap(
    groups: tuple[UnitGroup, ...], x: FloatArray, label: IntArray, seats: FloatArray
) -> tuple[UnitGroup, ...]:
    """The same answers on all rows from fewer units with small integer weights and thresholds.

    ``x`` (rows × taps) and ``label`` (class indices) are rows on which ``groups`` is exact;
    ``seats`` says how many positions each tap stands for: a weight costs as much as it is used.
    """
    if len(groups) == 2:
        hidden, last = groups
        keep = np.ones(len(hidden.bias), dtype=bool)
        weights, bias = hidden.weights * GRID, hidden.bias * GRID
        fired = hidden.fire(x)
        for k in _least_needed_first(fired, last, label):
            must, must_not = _needs(fired, k, last, label)
            if not must.any() or not must_not.any():
                keep[k] = False
                value = float(must.any())
                last = _absorb(last, k, value)
                fired[:, k] = 0.0
                continue
            plane = _separate(x, must, must_not, seats)
            if plane is not None:
                weights[k], bias[k] = plane
                fired[:, k] = x @ weights[k] + bias[k] >= 0
        hidden = UnitGroup(weights[keep], bias[keep], "step")
        last = UnitGroup(last.weights[:, keep], last.bias, last.activation)
        hidden, last = _in_order(hidden, last)
        if len(hidden.bias) == 0:
            constant = UnitGroup(np.zeros((len(last.bias), x.shape[1])), last.bias, last.activation)
            return (_snap_last(constant, x, label, seats),)
        last = _snap_last(last, hidden.fire(x), label, np.ones(len(hidden.bias)))
        used = np.any(last.weights != 0, axis=0)
        if used.any():
            hidden = UnitGroup(hidden.weights[used], hidden.bias[used], "step")
            last = UnitGroup(last.weights[:, used], last.bias, last.activation)
        return (hidden, last)
    return (_snap_last(groups[0], x, label, seats),)


def _answers(fired: FloatArray, last: UnitGroup) -> IntArray:
    return last.fire(fired)[:, 0].astype(np.int64)


def _with(fired: FloatArray, k: int, value: float) -> FloatArray:
    changed = fired.copy()
    changed[:, k] = value
    return changed


def _needs(
    fired: FloatArray, k: int, last: UnitGroup, label: IntArray
) -> tuple[np.ndarray, np.ndarray]:
    must = _answers(_with(fired, k, 0.0), last) != label
    must_not = _answers(_with(fired, k, 1.0), last) != label
    return must, must_not


def _least_needed_first(fired: FloatArray, last: UnitGroup, label: IntArray) -> list[int]:
    needed = [int(np.sum(_needs(fired, k, last, label))) for k in range(fired.shape[1])]
    return sorted(range(len(needed)), key=lambda k: (needed[k], k))


def _absorb(last: UnitGroup, k: int, value: float) -> UnitGroup:
    """Replace unit ``k`` of the layer before by a constant."""
    weights = last.weights.copy()
    bias = last.bias + weights[:, k] * value
    weights[:, k] = 0.0
    return UnitGroup(weights, bias, last.activation)


def _in_order(hidden: UnitGroup, last: UnitGroup) -> tuple[UnitGroup, UnitGroup]:
    """Units sorted by their weights, equal ones merged: the order of training means nothing."""
    table = np.column_stack([hidden.weights, hidden.bias])
    if not len(table):
        return hidden, last
    distinct, member = np.unique(table, axis=0, return_inverse=True)
    distinct, member = distinct[::-1], len(distinct) - 1 - member.ravel()
    merged = np.zeros((len(last.bias), len(distinct)))
    np.add.at(merged.T, member, last.weights.T)
    return (
        UnitGroup(distinct[:, :-1], distinct[:, -1], "step"),
        UnitGroup(merged, last.bias, last.activation),
    )


def _separate(
    x: FloatArray, must: np.ndarray, must_not: np.ndarray, seats: FloatArray
) -> tuple[FloatArray, float] | None:
    """Least integer weights and bias: ``x @ w + b`` >= 0 on ``must``, < 0 on ``must_not``."""
    rows = np.concatenate([x[must], -x[must_not]])
    ones = np.concatenate([np.ones(must.sum()), -np.ones(must_not.sum())])
    needed = np.concatenate([np.zeros(must.sum()), np.ones(must_not.sum())])
    table = np.column_stack([rows, ones])
    solved = _least_integers(table, needed, np.append(seats, 0.0))
    return None if solved is None else (solved[:-1], float(solved[-1]))


def _least_integers(table: FloatArray, needed: FloatArray, cost: FloatArray) -> FloatArray | None:
    """Integers v with ``table @ v >= needed`` of least ``cost @ |v|``; None where none is found.

    Variables without a cost get a tiny one, so that the answer is unique more often. Only violated
    constraints enter the program, some at a time.
    """
    table, first = np.unique(np.column_stack([table, needed]), axis=0, return_index=True)
    del first
    needed, table = table[:, -1], table[:, :-1]
    n = table.shape[1]
    weight = np.concatenate([np.maximum(cost, 1e-3)] * 2)
    active = np.zeros(len(table), dtype=bool)
    active[np.linspace(0, len(table) - 1, min(_BATCH, len(table))).astype(int)] = True
    for _ in range(len(table)):
        split = np.column_stack([table[active], -table[active]])
        result = milp(
            weight,
            constraints=LinearConstraint(split, lb=needed[active], ub=np.inf),
            integrality=np.ones(2 * n),
            bounds=Bounds(0, _LARGEST),
            options={"node_limit": _NODES},
        )
        if result.x is None:
            return None
        whole = np.round(result.x)
        v: FloatArray = whole[:n] - whole[n:]
        violation = needed - table @ v
        if violation.max() <= 0:
            return v
        worst = np.argsort(-violation, kind="stable")[:_BATCH]
        fresh = worst[(violation[worst] > 0) & ~active[worst]]
        if not len(fresh):
            return None  # rounding broke a constraint that the program already has
        active[fresh] = True
    return None


def _snap_last(last: UnitGroup, inputs: FloatArray, label: IntArray, cost: FloatArray) -> UnitGroup:
    if last.activation == "step":
        plane = _separate(inputs, label == 1, label == 0, cost)
        if plane is None:
            return UnitGroup(last.weights * GRID, last.bias * GRID, "step")
        return UnitGroup(plane[0][None], np.array([plane[1]]), "step")
    classes, taps = last.weights.shape
    distinct = np.unique(np.column_stack([inputs, label]), axis=0)
    block = taps + 1
    table = []
    for row in distinct:
        features = np.append(row[:-1], 1.0)
        own = int(row[-1])
        for other in range(classes):
            if other != own:
                line = np.zeros(classes * block)
                line[own * block : (own + 1) * block] = features
                line[other * block : (other + 1) * block] = -features
                table.append(line)
    if not table:
        return UnitGroup(np.zeros_like(last.weights), np.zeros(classes), "argmax")
    solved = _least_integers(
        np.array(table), np.ones(len(table)), np.tile(np.append(cost, 0.0), classes)
    )
    if solved is None:
        return UnitGroup(last.weights * GRID, last.bias * GRID, "argmax")
    shaped = solved.reshape(classes, block)
    return UnitGroup(shaped[:, :-1], shaped[:, -1], "argmax")
