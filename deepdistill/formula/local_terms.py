"""What the terms of a local formula may be: columns, products, ratios, steps and bends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..ir.expr import Call, Const, Expr, Var
from ..ir.rounding import simplest_number
from .symbolic.arrays import significant

Floats: TypeAlias = NDArray[np.float64]

FEW_VALUES = 12  # of a column that is not a number line
_CUTS = 19  # places of a column where a step or a bend is tried
_NEAR = 0.6  # of the way to the next one that a cut may be moved to be a simple number
_MOST_COLUMNS = 40  # whose squares, products, steps and bends are tried
_DIGITS = 9  # of what is compared: roundings must not decide


class LocalTerm(NamedTuple):
    """A term that may be chosen: an expression of a kind, of one column or two."""

    kind: str
    first: int
    second: int = 0
    limit: float = 0.0


class LocalTerms:
    """The terms of points (points, columns) around a row ``x``, with their values in ``matrix``.

    Plain columns come first, ``columns`` of them, then what is smooth, ``smooth`` with those.
    """

    def __init__(self, points: Floats, worth: Floats, x: Floats, names: Sequence[str]) -> None:
        """``worth`` (columns,) says which columns matter most, where there are many."""
        self.names = names
        spread = points.std(axis=0)
        live = [k for k in range(len(names)) if spread[k] > 0]
        terms, values = [LocalTerm("column", k) for k in live], [points[:, k] for k in live]
        self.columns = len(terms)
        if len(live) > _MOST_COLUMNS:
            order = np.argsort(-significant(worth[live], _DIGITS), kind="stable")
            live = sorted(live[k] for k in order[:_MOST_COLUMNS].tolist())
        kinds = {k: np.unique(points[:, k]) for k in live}
        self.middles = {
            k: simplest_number(float(x[k] - spread[k] / 50), float(x[k] + spread[k] / 50))
            for k in live
        }

        def add(term: LocalTerm, value: Floats) -> None:
            terms.append(term)
            values.append(value)

        centred = {k: points[:, k] - self.middles[k] for k in live}
        for k in live:
            if len(kinds[k]) > 2:
                add(LocalTerm("square", k), centred[k] ** 2)
        signed = {k for k in live if kinds[k][0] > 0 or kinds[k][-1] < 0}
        for k, j in combinations(live, 2):
            add(LocalTerm("product", k, j), centred[k] * centred[j])
            if k in signed and j in signed:  # one term that goes along with both columns
                add(LocalTerm("whole product", k, j), points[:, k] * points[:, j])
                add(LocalTerm("ratio", k, j), points[:, k] / points[:, j])
                add(LocalTerm("ratio", j, k), points[:, j] / points[:, k])
        self.smooth = len(terms)
        for k in live:
            for limit in _cuts(points[:, k], kinds[k]):
                add(LocalTerm("step", k, limit=limit), (points[:, k] < limit).astype(np.float64))
                if len(kinds[k]) > FEW_VALUES:
                    add(
                        LocalTerm("bend", k, limit=limit),
                        np.asarray(np.maximum(points[:, k] - limit, 0)),
                    )
        self.terms, self.matrix = terms, np.array(values).T

    def expr(self, place: int) -> Expr:
        """A term as an expression of the columns."""
        term = self.terms[place]
        name = Var(self.names[term.first])
        match term.kind:
            case "column":
                return name
            case "square":
                return Call("pow", (less(name, self.middles[term.first]), Const(2)))
            case "product":
                other = less(Var(self.names[term.second]), self.middles[term.second])
                return Call("mul", (less(name, self.middles[term.first]), other))
            case "whole product":
                return Call("mul", (name, Var(self.names[term.second])))
            case "ratio":
                return Call("div", (name, Var(self.names[term.second])))
            case "step":
                return Call("lt", (name, _number(term.limit)))
            case _:
                return Call("max", (less(name, term.limit), Const(0)))


def _cuts(column: Floats, kinds: Floats) -> Iterator[float]:
    """Simple numbers that cut a column: between all its values, or near quantiles of many."""
    if len(kinds) <= _CUTS + 1:
        for low, high in pairwise(kinds.tolist()):
            yield simplest_number(float(np.nextafter(low, high)), high)
        return
    ends = np.quantile(column, np.linspace(0, 1, 2 * _CUTS + 3)[1:-1]).tolist()
    for place in range(1, len(ends) - 1, 2):
        low, middle, high = ends[place - 1 : place + 2]
        low, high = middle - _NEAR * (middle - low), middle + _NEAR * (high - middle)
        if kinds[0] < low < high:
            yield simplest_number(low, high)


def _number(value: float) -> Const:
    return Const(int(value) if value.is_integer() and abs(value) < 2**53 else value)


def less(name: Var, number: float) -> Expr:
    """A column less a number."""
    if number == 0:
        return name
    op = "add" if number < 0 else "sub"
    return Call(op, (name, _number(abs(number))))
