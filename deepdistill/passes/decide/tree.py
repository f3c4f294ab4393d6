"""A decision tree on tests a person would write: one value, or a bound, of one column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...ir.expr import Const, Expr, If, call
from .literals import Evaluated, cheapest_test
from .table import Ints, Mask, decides

_DEEPEST = 60
_LEAVES = 20_000
_NODES = 40  # of a tree by needed columns, each of which looks at every test


def value_tree(columns: Sequence[Evaluated], target: Ints, bits: Sequence[bool]) -> Expr | None:
    """Nested conditionals, each test the one that leaves the least uncertainty.

    A branch ends where the target is constant or equals a column there. None where it gets too
    large. ``bits`` says which columns are bits on all rows.
    """
    leaves = 0
    codes = [np.unique(c.values, return_inverse=True) for c in columns]
    outcomes, goal = np.unique(target, return_inverse=True)

    def build(rows: npt.NDArray[np.int64], depth: int) -> Expr | None:
        nonlocal leaves
        here = goal[rows]
        if (here == here[0]).all():
            return Const(int(outcomes[here[0]]))
        for column in columns:
            if (column.values[rows] == target[rows]).all():
                return column.expr
        leaves += 1
        if depth == 0 or leaves > _LEAVES:
            return None
        k, below = _best_split(codes, here, rows, len(outcomes))
        then = build(rows[below], depth - 1)
        otherwise = None if then is None else build(rows[~below], depth - 1)
        if then is None or otherwise is None:
            return None
        column = Evaluated(columns[k].expr, columns[k].values[rows])
        return branch(column, bits[k], below, then, otherwise)

    return build(np.arange(len(target)), _DEEPEST)


def variable_tree(columns: Sequence[Evaluated], target: Ints, bits: Sequence[bool]) -> Expr | None:
    """Nested conditionals on single values, chosen so that fewest columns matter below.

    None where the table would be taken apart into too many pieces.
    """
    rows = np.stack([c.values for c in columns], axis=1)
    nodes = 0

    def needed(here: npt.NDArray[np.int64]) -> list[int]:
        every = range(len(columns))
        return [k for k in every if not _does_without(rows[here], target[here], k)]

    def build(here: npt.NDArray[np.int64]) -> Expr | None:
        nonlocal nodes
        nodes += 1
        if (target[here] == target[here[0]]).all():
            return Const(int(target[here[0]]))
        for column in columns:
            if (column.values[here] == target[here]).all():
                return column.expr
        if nodes > _NODES:
            return None
        best: tuple[int, int, int] | None = None
        for k in needed(here):
            values = np.unique(rows[here, k])
            for v in values[: 1 if len(values) == 2 else None].tolist():
                below = rows[here, k] == v
                left = len(needed(here[below])) + len(needed(here[~below]))
                if best is None or left < best[0]:
                    best = (left, k, v)
        if best is None:
            return None
        _, k, v = best
        below = rows[here, k] == v
        then, otherwise = build(here[below]), build(here[~below])
        if then is None or otherwise is None:
            return None
        return branch(Evaluated(columns[k].expr, rows[here, k]), bits[k], below, then, otherwise)

    return build(np.arange(len(target)))


def _does_without(rows: Ints, target: Ints, k: int) -> bool:
    return decides(np.delete(rows, k, axis=1), target)


def _best_split(
    codes: Sequence[tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]],
    here: npt.NDArray[np.intp],
    rows: npt.NDArray[np.int64],
    kinds: int,
) -> tuple[int, Mask]:
    """The column and the rows of the test that leaves the least uncertainty about the target."""
    best: tuple[float, int, int, bool] | None = None
    for k, (values, inverse) in enumerate(codes):
        counts = np.bincount(
            inverse.reshape(-1)[rows] * kinds + here, minlength=len(values) * kinds
        ).reshape(len(values), kinds)
        total = counts.sum(axis=0)
        for bound, sides in ((True, counts.cumsum(axis=0)), (False, counts)):
            left = _uncertainty(sides) + _uncertainty(total - sides)
            sizes = sides.sum(axis=1)
            left[(sizes == 0) | (sizes == len(rows))] = np.inf
            v = int(left.argmin())
            if best is None or left[v] < best[0] - 1e-9:
                best = (float(left[v]), k, v, bound)
    if best is None or best[0] == np.inf:
        raise AssertionError("equal rows have different targets")
    _, k, v, bound = best
    code = codes[k][1].reshape(-1)[rows]
    return k, code <= v if bound else code == v


def _uncertainty(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The entropy of each row of counts, times its sum."""
    sums = counts.sum(axis=1)
    logs: npt.NDArray[np.float64] = (counts * np.log2(np.maximum(counts, 1))).sum(axis=1)
    spread: npt.NDArray[np.float64] = sums * np.log2(np.maximum(sums, 1)) - logs
    return spread


def branch(column: Evaluated, bit: bool, mask: Mask, then: Expr, otherwise: Expr) -> Expr:
    """``then`` where the mask holds, tested in the cheaper direction."""
    if then == otherwise:
        return then
    if bit and then in (Const(0), Const(1)) and otherwise in (Const(0), Const(1)):
        if (then == Const(1)) == bool(column.values[mask][0]):
            return column.expr
        return call("sub", Const(1), column.expr)
    yes = set(np.unique(column.values[mask]).tolist())
    no = set(np.unique(column.values[~mask]).tolist())
    test = cheapest_test(column.expr, yes, no, bit)
    opposite = cheapest_test(column.expr, no, yes, bit)
    if test is None or opposite is None:
        raise AssertionError("the mask is not a test of the column")
    if len(str(test)) <= len(str(opposite)):
        return If(test, then, otherwise)
    return If(opposite, otherwise, then)
