"""Comparisons of weighted sums in their shortest form: fewest terms, smallest weights.

Counts of pairs depend on one another: before a place i stand i others, each of them smaller, equal
or larger; behind it n - 1 - i. A sum that a network found can therefore be written in several ways,
and the one of the fewest terms is the one that a reader understands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from math import gcd, inf
from typing import TypeAlias

from ...ir.expr import Call, Const, Expr, Read, Size, Total, Var, size
from ...ir.linear import Form, compared, expr_of, form_of, term_order, weighted
from ..law import Match
from .context import Context

_OPS = ("lt", "eq", "gt")
_HALVES = tuple(product(_OPS, ("before", "after")))


# Counts of pairs


@dataclass(frozen=True, slots=True)
class Pair:
    """How many of the places in that part of an array hold less than, as much as, ... its i-th."""

    array: str
    own: str
    other: str
    op: str
    part: str  # "all", "before" or "after" the place i


def pair_of(expr: Expr, context: Context | Match) -> Pair | None:
    """The count of pairs that an expression is."""
    match expr:
        case Total(
            other,
            start,
            stop,
            Call("int", (Call(op, (Read(array, (Var(k),)), Read(again, (Var(own),)))),)),
        ) if k != own and other in (k, own) and array == again and op in _OPS:
            if own == other:
                own, op = k, {"lt": "gt", "gt": "lt"}.get(op, op)
            length, here = context.length(array), Var(own)
            if length is None:
                return None
            parts = {
                (Const(0), length): "all",
                (Const(0), here): "before",
                (Call("add", (here, Const(1))), length): "after",
            }
            part = parts.get((start, stop))
            return None if part is None else Pair(array, own, other, op, part)
        case _:
            return None


def pair_expr(pair: Pair, context: Context) -> Expr:
    length, here = context.length(pair.array), Var(pair.own)
    assert length is not None
    start: Expr = Call("add", (here, Const(1))) if pair.part == "after" else Const(0)
    stop = here if pair.part == "before" else length
    test = Call(pair.op, (Read(pair.array, (Var(pair.other),)), Read(pair.array, (here,))))
    return Total(pair.other, start, stop, Call("int", (test,)))


def fewest(form: Form, context: Context) -> Form:
    """The sum with the fewest terms that is equal for every array."""
    pairs = [(term, pair) for term in form.terms if (pair := pair_of(term, context))]
    arrays = {(pair.array, pair.own, pair.other) for _, pair in pairs}
    for array, own, other in sorted(arrays):
        form = _fewest(form, Pair(array, own, other, "lt", "all"), context)
    return form


def _fewest(form: Form, model: Pair, context: Context) -> Form:
    halves = dict.fromkeys(_HALVES, 0)
    rest = weighted({}, form.constant)
    for term, weight in form.terms.items():
        pair = pair_of(term, context)
        if pair is None or (pair.array, pair.own) != (model.array, model.own):
            rest = rest.plus(weighted({term: weight}))
        elif pair.part == "all":
            halves[pair.op, "before"] += weight
            halves[pair.op, "after"] += weight
            if pair.op == "eq":  # all of them, and the place itself
                rest = rest.plus(weighted({}, weight))
        else:
            halves[pair.op, pair.part] += weight
    length, here = context.length(model.array), Var(model.own)
    assert length is not None
    best: tuple[tuple[int, int, int, str], Form] | None = None
    before = sorted({0, *(halves[op, "before"] for op in _OPS)})
    after = sorted({0, *(halves[op, "after"] for op in _OPS)})
    for a, b in product(before, after):
        # before: less + equal + greater == i; after: less + equal + greater == n - 1 - i
        moved = {
            (op, part): weight - (a if part == "before" else b)
            for (op, part), weight in halves.items()
        }
        other = rest.plus(weighted({here: 1}), a - b).plus(weighted({length: 1}, -1), b)
        result = other.plus(_joined(moved, model, context))
        sizes = sum(size(term) for term in result.terms)
        weights = sum(map(abs, result.terms.values()))
        key = (len(result.terms), sizes, weights, str(expr_of(result)))
        if best is None or key < best[0]:
            best = (key, result)
    assert best is not None
    return best[1]


def _joined(halves: Mapping[tuple[str, str], int], model: Pair, context: Context) -> Form:
    """Counts before and after with the same weight as one count of all."""
    total = weighted({})
    for op in _OPS:
        before, after = halves[op, "before"], halves[op, "after"]
        parts = [("all", before)] if before == after else [("before", before), ("after", after)]
        for part, weight in parts:
            if weight:
                pair = Pair(model.array, model.own, model.other, op, part)
                own = -weight if op == "eq" and part == "all" else 0
                total = total.plus(weighted({pair_expr(pair, context): weight}, own))
    return total


# Comparisons

Span: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Test:
    """Whether a sum without a constant lies in one of the spans, sorted and apart."""

    form: Form
    spans: tuple[Span, ...] = field(default=())


def test_of(expr: Expr, context: Context) -> Test | None:
    """The comparison as a test of a sum, None for anything else."""
    match expr:
        case Call("between", (Const(int() as low), total, Const(int() as high))):
            return _test(total, ((low, high),), context)
        case Call("ge", (left, right)):
            return _test(Call("sub", (left, right)), ((0, inf),), context)
        case Call("gt", (left, right)):
            return _test(Call("sub", (left, right)), ((1, inf),), context)
        case Call("le", (left, right)):
            return _test(Call("sub", (left, right)), ((-inf, 0),), context)
        case Call("lt", (left, right)):
            return _test(Call("sub", (left, right)), ((-inf, -1),), context)
        case Call("eq", (left, right)):
            return _test(Call("sub", (left, right)), ((0, 0),), context)
        case Call("ne", (left, right)):
            return _test(Call("sub", (left, right)), ((-inf, -1), (1, inf)), context)
        case _:
            return None


def _test(total: Expr, spans: tuple[Span, ...], context: Context) -> Test:
    form = fewest(form_of(total), context)
    spans = tuple((low - form.constant, high - form.constant) for low, high in spans)
    form = weighted(form.terms)
    divisor = gcd(*form.terms.values()) if form.terms else 1
    first = min(form.terms, key=term_order, default=None)
    if first is not None and form.terms[first] < 0:
        form, spans = form.scaled(-1), tuple((-high, -low) for low, high in spans)
    form = form.divided(divisor)
    spans = tuple(
        (low if low == -inf else -(-low // divisor), high if high == inf else high // divisor)
        for low, high in spans
    )
    return clipped(Test(form, united(spans)), context)


def united(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The same integers, in as few spans as possible."""
    result: list[Span] = []
    for low, high in sorted(span for span in spans if span[0] <= span[1]):
        if result and low <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(result[-1][1], high))
        else:
            result.append((low, high))
    return tuple(result)


def clipped(test: Test, context: Context) -> Test:
    """Spans end where the values of the sum do; an end that says nothing is left open."""
    low = high = 0.0
    for term, weight in test.form.terms.items():
        least, most = _range(term, context)
        low += weight * (least if weight > 0 else most)
        high += weight * (most if weight > 0 else least)
    spans = []
    for start, end in test.spans:
        if end < low or start > high:
            continue
        spans.append((-inf if start <= low else start, inf if end >= high else end))
    alone, positive = len(test.form.terms) == 1, min(test.form.terms.values(), default=0) > 0
    if spans and spans[0][0] == -inf and spans[0][1] == low and (alone or positive):
        spans[0] = (low, low)
    if spans and spans[-1] == (high, inf) and alone:
        spans[-1] = (high, high)
    return Test(test.form, tuple(spans))


def _range(term: Expr, context: Context) -> Span:
    pair = pair_of(term, context)
    if pair is not None:
        return (1 if (pair.op, pair.part) == ("eq", "all") else 0, inf)
    if isinstance(term, Size):
        return (1, inf)
    if isinstance(term, Call) and term.op == "mul" and all(isinstance(e, Size) for e in term.args):
        return (1, inf)
    span = context.bounds(term)
    return (0 if isinstance(term, Var) else span.low, span.high)


def test_expr(test: Test) -> Expr:
    """The comparison, with no minus sign: what is taken away stands on the other side."""
    if not test.form.terms:
        return Const(int(any(low <= 0 <= high for low, high in test.spans)))
    if not test.spans:
        return Const(0)
    if test.spans == ((-inf, inf),):
        return Const(1)
    if len(test.spans) == 2 and test.spans[0][0] == -inf and test.spans[1][1] == inf:
        low, high = test.spans[0][1] + 1, test.spans[1][0] - 1
        if low == high:
            return compared("ne", test.form, int(low))
        return Call("not", (_between(test.form, int(low), int(high)),))
    parts = [_in_span(test.form, span) for span in test.spans]
    return parts[0] if len(parts) == 1 else Call("or", tuple(parts))


def _in_span(form: Form, span: Span) -> Expr:
    low, high = span
    if low == high:
        return compared("eq", form, int(low))
    if high == inf:
        return compared("ge", form, int(low))
    if low == -inf:
        return compared("le", form, int(high))
    return _between(form, int(low), int(high))


def _between(form: Form, low: int, high: int) -> Expr:
    return Call("between", (Const(low), expr_of(form), Const(high)))
