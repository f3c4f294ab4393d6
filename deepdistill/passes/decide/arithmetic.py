"""Targets that are one piece of arithmetic: affine, affine modulo m, bounded, the largest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ...ir.expr import Const, Expr, call
from .literals import Evaluated, View
from .lookup import affine, solve_affine
from .table import Ints, decides

_LARGEST_MODULUS = 64
_WORK = 2_000_000  # rows times the modulus


def arithmetic(view: View) -> Iterator[Expr]:
    """The arithmetic forms that equal the target on every row."""
    solved = solve_affine(view.columns, view.target)
    if solved is not None:
        yield affine(view.columns, *solved)
    if view.target.min() >= 0:
        top = int(view.target.max())
        for m in (top + 1, top + 2):
            if 2 <= m <= _LARGEST_MODULUS and m * len(view) <= _WORK:
                residue = solve_residue(view, m)
                if residue is not None:
                    yield call("mod", affine(view.columns, *residue), Const(m))
    low, high = int(view.target.min()), int(view.target.max())
    between = (low < view.target) & (view.target < high)
    for column in view.columns if between.any() and not view.is_boolean else ():
        shift = int((view.target - column.values)[between][0])
        if (np.clip(column.values + shift, low, high) == view.target).all():
            expr = affine([column], [1], shift)
            if (column.values + shift).max() > high:
                expr = call("min", expr, Const(high))
            if (column.values + shift).min() < low:
                expr = call("max", expr, Const(low))
            yield expr
    if len(view.columns) > 1:
        matrix = np.stack([c.values for c in view.columns])
        for op, values in (("max", matrix.max(axis=0)), ("min", matrix.min(axis=0))):
            if (values == view.target).all():
                yield call(op, *(c.expr for c in view.columns))


def solve_residue(view: View, m: int) -> tuple[list[int], int] | None:
    """Weights and an offset that give the target modulo ``m``, small in absolute value, or None."""
    left = view.target % m
    weights: list[int] = []
    for k, column in enumerate(view.columns):
        later = view.columns[k + 1 :]
        for weight in sorted(range(-(m // 2), m - m // 2), key=lambda w: (abs(w), -w)):
            rest = (left - weight * column.values) % m
            if _constant_given(later, rest):
                weights.append(weight)
                left = rest
                break
        else:
            return None
    return weights, int(left[0])


def _constant_given(columns: Sequence[Evaluated], target: Ints) -> bool:
    """Whether the columns decide the target."""
    if not columns:
        return bool((target == target[0]).all())
    return decides(np.stack([c.values for c in columns], axis=1), target)
