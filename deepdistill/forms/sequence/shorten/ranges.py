"""What the carried variables of a loop can be: intervals proved by induction over the steps."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from ....ir.expr import Call, Const, Expr, If, Var
from ....ir.interval import Interval, bounds
from .affine import affine
from .loop import Loop

_ROUNDS = 16  # steps of the induction before a side that still grows counts as unbounded


def loop_ranges(loop: Loop) -> dict[str, Interval]:
    """An interval for each name of a loop that holds at every step of every run."""
    ranges = dict(zip(loop.channel_names, loop.channels, strict=True))
    ranges |= {s.name: Interval(s.initial, s.initial) for s in loop.state}
    order = loop.definitions()
    for round_ in range(2 * _ROUNDS):
        for name, value in order:
            ranges[name] = interval(value, ranges)
        stable = True
        for s in loop.state:
            old = ranges[s.name]
            new = old | ranges[s.updated]
            if new != old:
                stable = False
                if round_ >= _ROUNDS:
                    new = Interval(
                        -inf if new.low < old.low else old.low,
                        inf if new.high > old.high else old.high,
                    )
                ranges[s.name] = new
        if stable:
            return ranges
    # each round past the first ones opens at least one side for good
    raise AssertionError("the ranges of a loop do not settle")


def interval(expr: Expr, ranges: Mapping[str, Interval]) -> Interval:
    """Like ``bounds``; a branch knows that its condition holds."""
    if not isinstance(expr, If):
        form = affine(expr)
        low: float = form.constant
        high: float = form.constant
        for atom, weight in form.terms:
            span = bounds(atom, ranges)
            ends = sorted(0 if not end else end * weight for end in (span.low, span.high))
            low, high = low + ends[0], high + ends[1]
        return Interval(low, high)
    union: Interval | None = None
    for branch, holds in ((expr.then, True), (expr.otherwise, False)):
        known = narrowed(expr.condition, holds, ranges)
        if known is not None:
            here = interval(branch, known)
            union = here if union is None else union | here
    return union if union is not None else bounds(expr, ranges)


def narrowed(
    condition: Expr, holds: bool, ranges: Mapping[str, Interval]
) -> Mapping[str, Interval] | None:
    """The ranges where a condition holds (or fails); None where it cannot."""
    match condition, holds:
        case Call("not", (inner,)), _:
            return narrowed(inner, not holds, ranges)
        case (Call("and", parts), True) | (Call("or", parts), False):
            known: Mapping[str, Interval] | None = ranges
            for part in parts:
                known = None if known is None else narrowed(part, holds, known)
            return known
        case Call("between", (low, x, high)), True:
            known = narrowed(Call("ge", (x, low)), True, ranges)
            return None if known is None else narrowed(Call("le", (x, high)), True, known)
        case Call("ge" | "le" | "gt" | "lt" | "eq" as op, (x, Const(int() as bound))), _:
            return _compared(op, x, bound, holds, ranges)
        case _:
            return ranges


def _compared(
    op: str, x: Expr, bound: int, holds: bool, ranges: Mapping[str, Interval]
) -> Mapping[str, Interval] | None:
    low, high = -inf, inf
    if op == "eq":
        if not holds:
            return ranges
        low = high = bound
    elif (op in ("ge", "gt")) == holds:
        low = bound + {"ge": 0, "gt": 1, "lt": 0, "le": 1}[op]
    else:
        high = bound - {"le": 0, "lt": 1, "gt": 0, "ge": 1}[op]
    form = affine(x)
    if len(form.terms) != 1 or not isinstance(form.terms[0][0], Var):
        return ranges
    ((atom, weight),) = form.terms
    assert isinstance(atom, Var)
    low, high = low - form.constant, high - form.constant
    if weight < 0:
        low, high, weight = -high, -low, -weight
    low = low if low == -inf else -(-low // weight)
    high = high if high == inf else high // weight
    old = ranges.get(atom.name, Interval(-inf, inf))
    new = Interval(max(old.low, low), min(old.high, high))
    return None if new.low > new.high else {**ranges, atom.name: new}
