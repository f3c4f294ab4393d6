"""Formulas with a singularity between the rows, made formulas without it, or left out.

Factors that are the same above and below are cancelled; a part that only happens to fit becomes a
number, a line or what stood above it, and the rest is fitted again. What has no value somewhere in
the box of the data, though the rows tell nothing of it, is believed of exact laws alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ...ir.expr import Call, Const, Expr, If, Var, walk
from ...ir.rewrite import mapped
from .algebra import NotFinite, normal
from .arrays import Floats, complexity, values
from .backend import Fit, pareto
from .data import FitRows
from .polish import finished, is_exact, refitted
from .shorten import shorter
from .singularities import Singularity, is_supported, singularities, tells_more_than_it_has
from .terms import product_of

_TRIED = 40  # formulas looked at, the shortest descriptions first
_ROUNDS = 3
_SLACK = 10.0  # nats that an exact law without a singularity may be longer

_StandIn = Callable[[Expr], Expr | None]


def believed(fits: Sequence[Fit], table: FitRows) -> Fit | None:
    """The shortest description among formulas that may be believed between the rows.

    Those that may not are repaired, and what comes out takes part; None where nothing is left. An
    exact law keeps a singularity of which the rows say nothing (sin(x)/x) where none that is about
    as short is exact without.
    """
    left = sorted(fits, key=lambda fit: _price(fit, table))
    best: Fit | None = None
    exact: Fit | None = None
    for fit in left[:_TRIED]:
        if best is not None and _price(fit, table) >= _price(best, table):
            break
        if exact is not None and _price(fit, table)[0] > _price(exact, table)[0] + _SLACK:
            break
        places = singularities_in(fit, table)
        if is_supported(places):
            best = fit
            break
        if exact is None and may_stay(fit, places, table):
            exact = fit
        for other in repaired(fit, places, table):
            if is_supported(singularities_in(other, table)) and (
                best is None or _price(other, table) < _price(best, table)
            ):
                best = other
    if exact is None:
        return best
    near = best is not None and _price(best, table)[0] <= _price(exact, table)[0] + _SLACK
    return best if near and best is not None and is_exact(best, table) else exact


def believable_front(fits: Sequence[Fit], table: FitRows) -> list[Fit]:
    """The front of those formulas that may be believed."""
    left = list(fits)
    while True:
        front = pareto(left)
        wrong = [fit for fit in front if not may_stay(fit, singularities_in(fit, table), table)]
        if not wrong:
            return front
        left = [fit for fit in left if fit not in wrong]


def _price(fit: Fit, table: FitRows) -> tuple[float, int]:
    return table.length(fit.expr, fit.loss), fit.complexity


def singularities_in(fit: Fit, table: FitRows) -> list[Singularity]:
    """Where the formula has no value in the box of the data."""
    columns, y = table.every
    return singularities(fit.expr, table.box.ranges, columns, y)


def may_stay(fit: Fit, places: Sequence[Singularity], table: FitRows) -> bool:
    """Whether the rows speak for every singularity, or the formula is an exact law."""
    if is_supported(places):
        return True
    return is_exact(fit, table) and tells_more_than_it_has(fit.expr, *table.every)


def repaired(fit: Fit, places: Sequence[Singularity], table: FitRows) -> list[Fit]:
    """Formulas without the singularities that no row speaks for, fitted again and snapped."""
    parts = frozenset(one.part for one in places if one.backing == "none")
    result: list[Fit] = []
    for expr in dict.fromkeys(_without(fit.expr, parts, table)):
        again = _refitted(expr, table, fit.backend)
        if again is None or not np.isfinite(again.loss):
            continue
        for _ in range(_ROUNDS):  # what is left may have another
            more = singularities_in(again, table)
            if may_stay(again, more, table):
                result.append(again)
                break
            rest = frozenset(one.part for one in more if one.backing == "none")
            flat = _replaced(again.expr, rest, _as_constant(table))
            if (once := _refitted(flat, table, fit.backend)) is None:
                break
            again = once
    return result


def _refitted(expr: Expr, table: FitRows, backend: str) -> Fit | None:
    if not any(isinstance(node, If) for node in walk(expr)):
        fit = refitted(expr, table, backend)
        return None if fit is None else finished(fit, table)
    expr, loss = table.refit(expr)
    return Fit(expr, loss, complexity(expr), backend) if loss < np.inf else None


def _without(expr: Expr, parts: frozenset[Expr], table: FitRows) -> Iterator[Expr]:
    """The formula with common factors cancelled; with other parts in place of singular ones."""
    generous = replace(table.domain, assumed=parts)
    if not any(isinstance(node, If) for node in walk(expr)):
        try:
            plain = normal(expr, generous)
            yield plain
            yield normal(shorter(plain, generous), generous)
        except NotFinite:
            pass
    for stand_in in (
        _as_constant(table),
        _as_line(table),
        _numerator,
        *(_numerator_without(k) for k in range(4)),
    ):
        other = _replaced(expr, parts, stand_in)
        if other != expr:
            yield other


def _replaced(expr: Expr, parts: frozenset[Expr], stand_in: _StandIn) -> Expr:
    """Every smallest node that is singular for a part, terms of one sum together, exchanged."""

    def inner(node: Expr) -> Expr:
        match node:
            case Call("add", args):
                singular = tuple([arg for arg in args if _is_singular(arg, parts)])
                if len(singular) > 1 and (other := stand_in(Call("add", singular))) is not None:
                    return Call("add", (*(arg for arg in args if arg not in singular), other))
            case Call() if _is_singular(node, parts) and not any(
                _is_singular(arg, parts) for arg in node.args
            ):
                return node if (other := stand_in(node)) is None else other
        return mapped(node, inner)

    return inner(expr)


def _is_singular(expr: Expr, parts: frozenset[Expr]) -> bool:
    """Whether an operation in the expression has no value where one of the parts is 0."""
    for node in walk(expr):
        match node:
            case Call("div", (_, below)) if _holds(below, parts):
                return True
            case Call("log" | "sqrt", (inner,)) if _holds(inner, parts):
                return True
            case Call("pow" | "power", (base, exponent)) if _holds(base, parts):
                if not (isinstance(exponent, Const) and isinstance(exponent.value, int)):
                    return True
                if exponent.value < 0:
                    return True
    return False


def _holds(expr: Expr, parts: frozenset[Expr]) -> bool:
    return any(node in parts for node in walk(expr))


# ---- what may stand in place of a singular part


def _as_constant(table: FitRows) -> _StandIn:
    def stand_in(node: Expr) -> Expr | None:
        column = values(node, table.columns)
        good = column[np.isfinite(column)]
        return Const(float(np.median(good))) if len(good) else None

    return stand_in


def _as_line(table: FitRows) -> _StandIn:
    def stand_in(node: Expr) -> Expr | None:
        names = sorted({one.name for one in walk(node) if isinstance(one, Var)})
        column = values(node, table.columns)
        good = np.isfinite(column)
        if not names or good.sum() <= len(names) + 1:
            return None
        design = np.stack([*(table.columns[name] for name in names), np.ones(len(column))], axis=1)
        slopes = _least_squares(design[good], column[good])
        terms = [
            Call("mul", (Const(slope), Var(name)))
            for name, slope in zip(names, slopes, strict=False)
        ]
        return Call("add", (*terms, Const(slopes[-1])))

    return stand_in


def _least_squares(design: Floats, y: Floats) -> list[float]:
    slopes: list[float] = np.linalg.lstsq(design, y, rcond=None)[0].tolist()
    return slopes


def _numerator(node: Expr) -> Expr | None:
    match node:
        case Call("div", (above, _)):
            return above
        case _:
            return None


def _numerator_without(k: int) -> _StandIn:
    """What stands above, without one of its factors."""

    def stand_in(node: Expr) -> Expr | None:
        match node:
            case Call("div", (Call("mul", args), _)) if k < len(args):
                rest = (*args[:k], *args[k + 1 :])
                return product_of(rest)
            case _:
                return None

    return stand_in
