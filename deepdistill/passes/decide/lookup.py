"""Tables as expressions: a constant tuple indexed by the features, or a port read at an index."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...ir.expr import Const, Expr, Read, call
from .literals import Evaluated, view_of
from .table import Ints, TruthTable

LARGEST_TABLE = 4096


def affine(columns: Sequence[Evaluated], weights: list[int], offset: int) -> Expr:
    """The sum of weighted columns and a constant, as one would write it."""
    parts: list[Expr] = []
    taken: list[Expr] = []
    for column, weight in zip(columns, weights, strict=True):
        if weight:
            factor = column.expr
            if abs(weight) != 1:
                factor = call("mul", Const(abs(weight)), factor)
            (parts if weight > 0 else taken).append(factor)
    if offset > 0:
        parts.append(Const(offset))
    if offset < 0:
        taken.append(Const(-offset))
    if not parts:
        parts.append(Const(0))
    result = parts[0] if len(parts) == 1 else call("add", *parts)
    for part in taken:
        result = call("sub", result, part)
    return result


def item(columns: Sequence[Evaluated], target: Ints) -> Expr | None:
    """A constant tuple at a mixed-radix index; entries no row reaches copy their neighbour.

    None where the tuple would be too long.
    """
    lows = [int(c.values.min()) for c in columns]
    spans = [int(c.values.max()) - low + 1 for c, low in zip(columns, lows, strict=True)]
    length = 1
    for span in spans:
        length *= span
        if length > LARGEST_TABLE:
            return None
    weights = [int(np.prod(spans[k + 1 :], dtype=np.int64)) for k in range(len(spans))]
    offset = -sum(weight * low for weight, low in zip(weights, lows, strict=True))
    index = np.full(len(target), offset, dtype=np.int64)
    for weight, column in zip(weights, columns, strict=True):
        index += weight * column.values
    entries: list[int | None] = [None] * length
    for k, value in zip(index.tolist(), target.tolist(), strict=True):
        if entries[k] not in (None, value):
            return None
        entries[k] = value
    last = next(e for e in entries if e is not None)
    filled = [last := last if e is None else e for e in entries]
    return call("item", Const(tuple(filled)), affine(columns, weights, offset))


def solve_affine(columns: Sequence[Evaluated], target: Ints) -> tuple[list[int], int] | None:
    """Integer weights and an offset that give the target exactly on every row, or None."""
    if not columns:
        return ([], int(target[0])) if (target == target[0]).all() else None
    matrix = np.stack([*(c.values for c in columns), np.ones(len(target), dtype=np.int64)], axis=1)
    solution = np.linalg.lstsq(matrix.astype(float), target.astype(float), rcond=None)[0]
    rounded = np.rint(solution).astype(np.int64)
    if not (matrix @ rounded == target).all():
        return None
    return rounded[:-1].tolist(), int(rounded[-1])


def read_port(table: TruthTable) -> Expr | None:
    """One position of a fixed port, where the other features say which; else None."""
    for port, places in table.ports().items():
        columns = view_of(table).columns
        names = [f.place is not None and f.place[0] == port for f in table.features]
        others = [c for c, mine in zip(columns, names, strict=True) if not mine]
        if not others or len(places) < 2:
            continue
        keys = np.unique(np.stack([c.values for c in others], axis=1), axis=0, return_inverse=True)
        group = keys[1].reshape(-1)
        fits = np.ones((len(keys[0]), len(places)), dtype=bool)
        for k in range(len(places)):
            fits[group[places[k] != table.target], k] = False
        if not fits.any(axis=1).all():
            continue
        representatives = [Evaluated(c.expr, keys[0][:, j]) for j, c in enumerate(others)]
        index = _index(representatives, fits)
        if index is not None:
            return Read(port, (index,))
    return None


def _index(columns: Sequence[Evaluated], fits: np.ndarray) -> Expr | None:
    """An index that is one of the fitting positions for every assignment of the columns."""
    sure = fits.sum(axis=1) == 1
    position = fits.argmax(axis=1).astype(np.int64)
    if sure.any():
        some = [Evaluated(c.expr, c.values[sure]) for c in columns]
        solved = solve_affine(some, position[sure])
        if solved is not None:
            weights, offset = solved
            value = offset + sum(w * c.values for w, c in zip(weights, columns, strict=True))
            inside = (value >= 0) & (value < fits.shape[1])
            if inside.all() and fits[np.arange(len(fits)), value].all():
                return affine(columns, weights, offset)
    return item(columns, position)
