"""Regimes of exact laws, one after the other: an exact formula on few pure rows, then extended.

A formula that leaves nothing but roundings on a handful of rows holds there for a reason, and the
rows it explains elsewhere are its regime. Windows at the ends of columns, single categories and
corners are pure as long as regimes are not too intricate. A smooth law has no such part, so it
costs a few quick looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ...data.running import Check
from ...ir.expr import Const, Expr
from ..symbolic.arrays import Floats, values
from ..symbolic.scoring import FLOOR
from .look import EFFORTS, FEW_NAMES, exact_formula, settled

_MOST = 8  # formulas
_WINDOW = 20  # rows for a look with one column; eight more for each further one
_SMALL = 8
_SAMPLE = 120  # of many rows
_CATEGORIES = 8
_CORNERS = 8
_DEAR = 2 * FEW_NAMES  # looks with the largest effort
_MOST_LEVELS = 4  # different answers
_ROWS_A_LEVEL = 10
_COVERED = 0.97  # of all rows, for the rest may lie in regimes too small to see

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Peeled:
    """Formulas with the rows that each explains (rows, formulas)."""

    formulas: tuple[Expr, ...]
    explained: NDArray[np.bool_]


def levels(y: Floats) -> Peeled | None:
    """The numbers that are the answers, where they are few: no other formula gives just these."""
    numbers = np.unique(y)
    if not 1 < len(numbers) <= _MOST_LEVELS or len(y) < _ROWS_A_LEVEL * len(numbers):
        return None
    formulas = tuple(
        Const(int(one)) if one.is_integer() and abs(one) < 10**6 else Const(one)
        for one in numbers.tolist()
    )
    return Peeled(formulas, y[:, None] == numbers)


def peeled(
    x: Floats,
    y: Floats,
    names: Sequence[str],
    operators: Sequence[str],
    seed: int,
    tolerance: float,
    long: bool,
    check: Check,
) -> Peeled | None:
    """Exact formulas that together explain nearly all rows; None where there are none.

    The first one is looked for with little effort unless ``long``, the others with more.
    """
    columns = {name: x[:, k] for k, name in enumerate(names)}
    formulas: list[Expr] = []
    explained: list[NDArray[np.bool_]] = []
    left = np.ones(len(y), dtype=bool)
    while left.any() and len(formulas) < _MOST:
        rest = np.flatnonzero(left)
        most = EFFORTS[-1] if formulas or long else EFFORTS[x.shape[1] == 1]
        expr = _first(x, y, rest, names, operators, seed, tolerance, most, bool(formulas), check)
        if expr is None:
            break
        mine = _within(expr, columns, y, tolerance)
        better = settled(expr, x[mine], y[mine], names, seed)
        if (again := _within(better, columns, y, tolerance)).sum() >= mine.sum():
            expr, mine = better, again
        formulas.append(expr)
        explained.append(mine)
        left &= ~mine
    if len(formulas) < 2 or (~left).mean() < _COVERED:
        return None
    return Peeled(tuple(formulas), np.stack(explained, axis=1))


def _first(
    x: Floats,
    y: Floats,
    rest: Places,
    names: Sequence[str],
    operators: Sequence[str],
    seed: int,
    tolerance: float,
    most: float,
    later: bool,
    check: Check,
) -> Expr | None:
    """A formula that is exact on some window of the rest, found with as little work as possible."""
    for effort in EFFORTS:
        if effort > most:
            break
        windows: Iterable[Places] = _windows(x, rest, later, effort)
        if effort == EFFORTS[-1] and x.shape[1] > FEW_NAMES:
            windows = _plainest(windows, x, y)
        for rows in windows:
            check()
            expr = exact_formula(x[rows], y[rows], names, operators, seed, tolerance, effort)
            if expr is not None:
                return expr
    return None


def _within(
    expr: Expr, columns: dict[str, Floats], y: Floats, tolerance: float
) -> NDArray[np.bool_]:
    with np.errstate(all="ignore"):
        return np.asarray(np.abs(values(expr, columns) - y) <= tolerance)


def _windows(x: Floats, rest: Places, later: bool, effort: float) -> Iterator[Places]:
    """Rows that may be pure, the likeliest first; fewer where a look is dear."""
    dear = effort == EFFORTS[-1]
    inner = x[rest]
    count = x.shape[1]
    size = _WINDOW + 8 * (count - 1)
    for k in range(count):
        yield from _categories(inner[:, k], rest)
    if later and count > 1:
        yield _few(rest)
    for k in range(count):
        order = rest[np.argsort(inner[:, k], kind="stable")]
        if len(order) <= size and count == 1:
            yield order
            continue
        yield order[:size]
        yield order[-size:]
        if not dear and len(order) > 3 * size:
            middle = len(order) // 2
            yield order[middle - size // 2 : middle + size // 2]
    if later and count == 1:
        yield _few(rest)
    if dear:
        return
    if count == 1:
        order = rest[np.argsort(inner[:, 0], kind="stable")]
        for start in range(0, min(len(order) - _SMALL + 1, 4 * _WINDOW), _SMALL // 2):
            yield order[start : start + _SMALL]
    else:
        yield from _corners(inner, rest, size)


def _plainest(windows: Iterable[Places], x: Floats, y: Floats) -> list[Places]:
    """Those of which a linear formula leaves the smallest share, the smallest first."""

    def left(rows: Places) -> float:
        terms = np.column_stack([x[rows] - x[rows].mean(axis=0), np.ones(len(rows))])
        rest = y[rows] - terms @ np.linalg.lstsq(terms, y[rows], rcond=None)[0]
        return round(float(np.var(rest)) / max(float(np.var(y[rows])), FLOOR), 6)

    return sorted(windows, key=left)[:_DEAR]


def _few(rest: Places) -> Places:
    return rest[:: -(-len(rest) // _SAMPLE)]


def _categories(column: Floats, rest: Places) -> Iterator[Places]:
    kinds = np.unique(column)
    if 1 < len(kinds) <= _CATEGORIES and np.equal(kinds, np.round(kinds)).all():
        for kind in kinds.tolist():
            yield _few(rest[column == kind])


def _corners(inner: Floats, rest: Places, size: int) -> Iterator[Places]:
    """The rows nearest to each corner of the box."""
    low, spread = inner.min(axis=0), np.ptp(inner, axis=0)
    unit = (inner - low) / np.where(spread > 0, spread, 1)
    for _, corner in zip(range(_CORNERS), product((0, 1), repeat=inner.shape[1]), strict=False):
        distance = ((unit - np.array(corner)) ** 2).sum(axis=1)
        yield rest[np.argsort(distance, kind="stable")[:size]]
