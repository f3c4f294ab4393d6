"""The library of the sparse engine: functions of one column, of products and of quotients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from ...ir.expr import Call, Const, Expr, Var
from .arrays import Columns, Floats, Places, complexity, values

_SHIFTS = (0.5, 1.0, 2.0, 5.0)
_FREQUENCIES = (0.5, 1.5, 2.0, 3.0, np.pi, 5.0, 2 * np.pi)
_RATES = (-2.0, -1.0, -0.5, 0.5, 1.0)
_LARGEST = 1e12
_MOST_PRODUCTS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class _ProductExprs(Sequence[Expr]):
    """Products, each of which is made where it is asked for: few of very many are."""

    first: Sequence[Expr]
    second: Sequence[Expr]
    places: Places

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, k: Any) -> Any:
        i, j = divmod(int(self.places[k]), len(self.second))
        return Call("mul", (self.first[i], self.second[j]))


@dataclass(frozen=True, eq=False)
class Features:
    """Expressions, their values (rows, features) and how large each one is."""

    exprs: Sequence[Expr]
    columns: Floats
    sizes: Floats

    @cached_property
    def unit(self) -> Floats:
        """The columns at length 1, where they do not vanish (rows, features)."""
        lengths = norms(self.columns)
        lengths[lengths == 0] = 1.0  # a product of indicators may vanish
        return self.columns / lengths

    def take(self, index: Sequence[int]) -> Features:
        places, exprs = list(index), self.exprs
        if isinstance(exprs, _ProductExprs):
            exprs = replace(exprs, places=exprs.places[places])
        else:
            exprs = tuple(exprs[k] for k in places)
        return Features(exprs, self.columns[:, places], self.sizes[places])


def norms(columns: Floats) -> Floats:
    """The Euclidean length of each column."""
    return np.asarray(np.sqrt(np.add.reduce(columns * columns, axis=0)))


def features(exprs: Sequence[Expr], columns: Columns, size: Callable[[Expr], int]) -> Features:
    """Those expressions that are finite and not constant on the data, each column once."""
    kept, arrays = [], []
    seen = set()
    for expr in exprs:
        column = values(expr, columns)
        if np.isfinite(column).all() and np.abs(column).max() < _LARGEST and np.ptp(column) > 0:
            known = column.tobytes()
            if known in seen:  # such as |x| where x is positive
                continue
            seen.add(known)
            kept.append(expr)
            arrays.append(column)
    rows = len(next(iter(columns.values())))
    matrix = np.stack(arrays, axis=1) if arrays else np.empty((rows, 0))
    return Features(tuple(kept), matrix, np.array([size(expr) for expr in kept], dtype=float))


def products(a: Features, b: Features) -> Features:
    """Every product of one of ``a`` with one of ``b``."""
    columns = (a.columns[:, :, None] * b.columns[:, None, :]).reshape(len(a.columns), -1)
    exprs = _ProductExprs(a.exprs, b.exprs, np.arange(columns.shape[1]))
    return Features(exprs, columns, np.add.outer(a.sizes, b.sizes).ravel() + 1)


def squares(a: Features) -> Features:
    """Every product of two of ``a``, each pair once."""
    first, second = np.triu_indices(len(a.exprs))
    exprs = tuple(
        Call("mul", (a.exprs[i], a.exprs[k]))
        for i, k in zip(first.tolist(), second.tolist(), strict=True)
    )
    sizes = a.sizes[first] + a.sizes[second] + 1
    return Features(exprs, a.columns[:, first] * a.columns[:, second], sizes)


def powers(var: Expr, operators: Sequence[str]) -> Iterator[Expr]:
    """Powers and the logarithm of a variable: what most laws are products of."""
    yield var
    for power in (2, 3):
        yield Call("pow", (var, Const(power)))
    if "div" in operators:
        yield Call("div", (Const(1), var))
        yield Call("div", (Const(1), Call("pow", (var, Const(2)))))
    if "log" in operators:
        yield Call("log", (var,))


def plain(var: Expr, operators: Sequence[str]) -> Iterator[Expr]:
    """Powers and plain functions of a variable: the factors of products."""
    yield from powers(var, operators)
    if "div" in operators:
        yield Call("div", (Const(1), Call("pow", (var, Const(3)))))
    if "sqrt" in operators:
        yield Call("sqrt", (var,))
        if "div" in operators:
            yield Call("div", (Const(1), Call("sqrt", (var,))))
    for op in ("sin", "cos", "abs"):
        if op in operators:
            yield Call(op, (var,))
    if "exp" in operators:
        yield Call("exp", (var,))
        yield Call("exp", (Call("mul", (Const(-1), var)),))


def curved(var: Expr, operators: Sequence[str]) -> Iterator[Expr]:
    """Functions of a variable with an inner constant, which is refitted later."""
    for power in (4, 5):
        yield Call("pow", (var, Const(power)))
    for op in ("sin", "cos"):
        if op in operators:
            for frequency in _FREQUENCIES:
                yield Call(op, (Call("mul", (Const(frequency), var)),))
    if "exp" in operators:
        for rate in _RATES:
            if rate != -1 and rate != 1:
                yield Call("exp", (Call("mul", (Const(rate), var)),))
            square = Call("pow", (var, Const(2)))
            if rate < 0:
                yield Call("exp", (Call("mul", (Const(rate), square)),))
    for shift in _SHIFTS:
        moved = Call("add", (var, Const(shift)))
        square = Call("add", (Call("pow", (var, Const(2))), Const(shift)))
        if "div" in operators:
            yield Call("div", (Const(1), moved))
            yield Call("div", (Const(1), square))
        if "log" in operators:
            yield Call("log", (moved,))
        if "sqrt" in operators:
            yield Call("sqrt", (moved,))
            yield Call("sqrt", (square,))
    for op in ("tanh", "tan"):
        if op in operators:
            yield Call(op, (var,))


def bends(var: Expr, column: Floats) -> Iterator[Expr]:
    """max(0, x - c) for some c: the pieces of a piecewise linear function."""
    for share in np.linspace(0.05, 0.95, 19):
        place = float(np.quantile(column, share))
        yield Call("max", (Const(0), Call("add", (var, Const(-place)))))


def joined(names: Sequence[str], operators: Sequence[str]) -> Iterator[Expr]:
    """Functions of products, quotients, sums and differences of two variables."""
    for i, first in enumerate(names):
        for k, second in enumerate(names):
            a, b = Var(first), Var(second)
            inner: list[Expr] = []
            if i < k:
                inner += [Call("mul", (a, b)), Call("add", (a, b)), Call("sub", (a, b))]
            if i != k and "div" in operators:
                inner.append(Call("div", (a, b)))
            for part in inner:
                yield from _functions(part, operators)


def _functions(part: Expr, operators: Sequence[str]) -> Iterator[Expr]:
    for op in ("sin", "cos", "log", "sqrt", "abs"):
        if op in operators:
            yield Call(op, (part,))
    if "exp" in operators:
        yield Call("exp", (part,))
        yield Call("exp", (Call("mul", (Const(-1), part)),))
    if "div" in operators:
        yield Call("div", (Const(1), part))
        yield Call("div", (Const(1), Call("add", (part, Const(1.0)))))


@lru_cache(maxsize=3)
def library_of(
    stage: int, data: bytes, names: tuple[str, ...], operators: tuple[str, ...]
) -> tuple[Features, Features]:
    """Factors that products grow by, and the features to begin with: ever larger libraries.

    A small library comes first, for the greedy choice is misled less in it.
    """
    x = np.frombuffer(data).reshape(-1, len(names))
    columns = {name: x[:, k] for k, name in enumerate(names)}
    variables = [Var(name) for name in names]
    if stage == 0:
        few = features([f for v in variables for f in powers(v, operators)], columns, complexity)
        return few, together([few, squares(few)])
    single = features([f for v in variables for f in plain(v, operators)], columns, complexity)
    pairs = squares(single)
    if stage == 1:
        return single, together([single, pairs])
    extra = [f for v in variables for f in curved(v, operators)]
    if "abs" in operators:
        extra += [f for v in variables for f in bends(v, columns[v.name])]
    extra += list(joined(names, operators))
    more = features(extra, columns, complexity)
    if "log" in operators:
        logs = [Call("log", (expr,)) for expr in (*single.exprs, *more.exprs) if _bent(expr)]
        more = together([more, features(logs, columns, complexity)])
    parts = [single, more, pairs]
    if len(more.exprs) * len(single.exprs) < _MOST_PRODUCTS:
        parts.append(products(more, single))
    if len(more.exprs) ** 2 < 4 * _MOST_PRODUCTS:  # such as the decay of an oscillation
        parts.append(squares(more))
    return single, together(parts)


def _bent(expr: Expr) -> bool:
    """Whether the logarithm of an expression is no sum of logarithms and powers."""
    match expr:
        case Call("sin" | "cos" | "add" | "tanh" | "abs"):
            return True
        case Call("div" | "sqrt" | "pow", args):
            return any(isinstance(arg, Call) and _bent(arg) for arg in args)
        case _:
            return False


def together(parts: Sequence[Features]) -> Features:
    if len(parts) > 1:
        exprs = [expr for part in parts for expr in part.exprs]
        sizes = np.concatenate([part.sizes for part in parts])
        whole = Features(exprs, np.concatenate([part.columns for part in parts], axis=1), sizes)
    else:
        (whole,) = parts
    largest = np.maximum(whole.columns.max(axis=0), -whole.columns.min(axis=0))
    good = largest < _LARGEST  # which what is not finite is not, either
    return whole if good.all() else whole.take(np.flatnonzero(good).tolist())
