"""Targets that are one piece of arithmetic: affine, modulo m, bounded, divided, by rank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ...ir.expr import Const, Expr, call
from .literals import Evaluated, View
from .lookup import affine, solve_affine
from .table import Ints, decides

_LARGEST_MODULUS = 64
_LARGEST_DIVISOR = 16
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
        shifted = Evaluated(affine([column], [1], shift), column.values + shift)
        yield from _bounded(shifted, view.target)
        for divisor in range(2, _LARGEST_DIVISOR + 1):
            for more in range(-divisor, divisor):
                values = (column.values + more) // divisor
                if (np.clip(values, low, high) == view.target).all():
                    quotient = call("floordiv", affine([column], [1], more), Const(divisor))
                    yield from _bounded(Evaluated(quotient, values), view.target)
    if len(view.columns) > 1:
        matrix = np.stack([c.values for c in view.columns])
        for op, values in (("max", matrix.max(axis=0)), ("min", matrix.min(axis=0))):
            picked = Evaluated(call(op, *(c.expr for c in view.columns)), values)
            yield from _bounded(picked, view.target)
        if len(matrix) == 3:
            picked = Evaluated(_middle(*(c.expr for c in view.columns)), np.sort(matrix, axis=0)[1])
            yield from _bounded(picked, view.target)


def _bounded(column: Evaluated, target: Ints) -> Iterator[Expr]:
    """The column where it is the target but for bounds."""
    low, high = int(target.min()), int(target.max())
    if (np.clip(column.values, low, high) == target).all():
        expr = column.expr
        if column.values.max() > high:
            expr = call("min", expr, Const(high))
        if column.values.min() < low:
            expr = call("max", expr, Const(low))
        yield expr


def _middle(a: Expr, b: Expr, c: Expr) -> Expr:
    """The one in the middle of three: the largest of two, but no more than the third or both."""
    return call("max", call("min", a, b), call("min", call("max", a, b), c))


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
