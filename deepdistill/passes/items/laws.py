"""Laws about searches and counts in an array, one a function: ``pattern -> replacement``.

``x`` is an array of ``n`` places (at least one), ``v`` a value that does not depend on the place,
``some(...)`` a count of truths that is at least 1 and ``none(...)`` one that is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ...ir.expr import (
    Call,
    Const,
    Expr,
    First,
    Read,
    Size,
    Total,
    Var,
    call,
    uses,
)
from ...ir.linear import Form, expr_of, form_of, weighted
from ...ir.rewrite import replace
from .context import Context, mirrored, replaced
from .forms import Pair, Test, pair_of
from .lines import all_mirrored, all_ones, same_line

Law: TypeAlias = Callable[[Expr, Context], Expr | None]


def none_larger(expr: Expr, context: Context) -> Expr | None:
    # sum(x[j] > x[i] for j in range(n)) == 0 -> x[i] == max(x)
    # sum(x[j] < x[i] for j in range(n)) == 0 -> x[i] == min(x)
    match expr:
        case Call("eq" | "ge" as op, (Total() as count, Const(bound))):
            pair = pair_of(count, context)
            if pair is None or pair.part != "all" or (op, bound) not in (("eq", 0), ("ge", 1)):
                return None
            if pair.op == "eq":
                return None
            extreme = Call("maximum" if pair.op == "gt" else "minimum", (Var(pair.array),))
            own = Read(pair.array, (Var(pair.own),))
            return Call("eq" if op == "eq" else "ne", (own, extreme))
        case _:
            return None


def both_none(expr: Expr, context: Context) -> Expr | None:
    # a + b == 0 -> a == 0 and b == 0, where a and b are counts
    match expr:
        case Call("eq", (Call("add", args), Const(0))) if all(pair_of(a, context) for a in args):
            return Call("and", tuple(Call("eq", (arg, Const(0))) for arg in args))
        case _:
            return None


def first_has_none_before(expr: Expr, context: Context) -> Expr | None:
    # first(i if p(x[i]) and sum(x[j] == x[i] for j in range(i)) == 0) -> first(i if p(x[i]))
    if not isinstance(expr, First) or not isinstance(expr.condition, Call):
        return None
    if expr.condition.op != "and" or expr.start != Const(0):
        return None
    for k, test in enumerate(expr.condition.args):
        match test:
            case Call("eq", (Total() as count, Const(0))):
                pair = pair_of(count, context)
            case _:
                continue
        rest = expr.condition.args[:k] + expr.condition.args[k + 1 :]
        if pair is None or (pair.op, pair.part, pair.own) != ("eq", "before", expr.name):
            continue
        if all(_only_value(part, pair, expr.name) for part in rest):
            condition = rest[0] if len(rest) == 1 else Call("and", rest)
            return First(expr.name, expr.start, expr.stop, condition, expr.value)
    return None


def _only_value(expr: Expr, pair: Pair, name: str) -> bool:
    """Whether an expression depends on the place through the number there alone."""
    return not uses(replace(expr, Read(pair.array, (Var(name),)), Const(0)), name)


def last_of_equals(expr: Expr, context: Context) -> Expr | None:
    # first(v(i) if x[i] == m and sum(x[j] == x[i] for j in range(i + 1, n)) == 0)
    #   -> first(v(n - 1 - k) if x[n - 1 - k] == m)
    match expr:
        case First(
            name,
            Const(0),
            stop,
            Call(
                "and",
                (
                    Call("eq", (Read(array, (Var(own),)), extreme)) as test,
                    Call("eq", (Total() as count, Const(0))),
                )
                | (
                    Call("eq", (Total() as count, Const(0))),
                    Call("eq", (Read(array, (Var(own),)), extreme)) as test,
                ),
            ),
            value,
        ) if own == name and not uses(extreme, name):
            pair = pair_of(count, context)
            if pair is None or (pair.op, pair.part, pair.array) != ("eq", "after", array):
                return None
            if pair.own != name or context.length(array) != stop:
                return None
            end = mirrored(name, stop)
            return First(
                name, Const(0), stop, replaced(test, name, end), replaced(value, name, end)
            )
        case _:
            return None


def first_extreme(expr: Expr, context: Context) -> Expr | None:
    # first(i if x[i] == max(x)) -> x.index(max(x)); first(x[i] if x[i] == max(x)) -> max(x)
    # first(x[n - 1 - i] if x[n - 1 - i] == max(x)) -> max(x)
    match expr:
        case First(
            name,
            Const(0),
            stop,
            Call("eq", (Read(array, (place,)), Call("maximum" | "minimum", (Var(of),)) as extreme)),
            value,
        ) if of == array and context.length(array) == stop:
            if place not in (Var(name), mirrored(name, stop)):
                return None
            if value == Read(array, (place,)):
                return extreme
            if place == Var(name) == value:
                return Call("position", (Var(array), extreme))
            backwards = Call("reversed", (Var(array),))
            if place == value:
                found = Call("position", (backwards, extreme))
                return Call("sub", (stop, Call("add", (found, Const(1)))))
            return None
        case _:
            return None


def nth_smallest(expr: Expr, context: Context) -> Expr | None:
    # first(x[i] if sum(x[j] < x[i]) + sum(x[j] == x[i] for j in range(i)) == t) -> sorted(x)[t]
    # first(x[i] if sum(x[j] > x[i]) + sum(x[j] == x[i] for j in range(i)) == t)
    #   -> sorted(x)[n - 1 - t]; the same with the equal ones behind i; where 0 <= t < n
    match expr:
        case First(name, Const(0), stop, Call("eq", (count, place)), value):
            found = ranked(form_of(count), name, context)
        case _:
            return None
    if found is None or found[1] != 1 or found[2].terms or found[2].constant:
        return None
    pair = found[0]
    if (
        value != Read(pair.array, (Var(name),))
        or uses(place, name)
        or context.length(pair.array) != stop
    ):
        return None
    index = (
        place
        if pair.op == "lt"
        else expr_of(form_of(call("sub", stop, place)).plus(weighted({}, -1)))
    )
    number = Call("item", (Call("sorted", (Var(pair.array),)), index))
    if is_place(index, stop, context):
        return _at_end(number, pair.array, index, stop)
    # outside the array nothing is found: one step of a search that may find nothing
    bound = Call("lt", (place, stop))
    if not is_place(place, None, context):
        bound = Call("and", (Call("ge", (place, Const(0))), bound))
    return First(name, Const(0), Const(1), bound, number)


def _at_end(number: Expr, array: str, index: Expr, stop: Expr) -> Expr:
    # sorted(x)[0] -> min(x); sorted(x)[n - 1] -> max(x)
    if index == Const(0):
        return Call("minimum", (Var(array),))
    if form_of(index) == form_of(stop).plus(weighted({}, -1)):
        return Call("maximum", (Var(array),))
    return number


def ranked(form: Form, name: str, context: Context) -> tuple[Pair, int, Form] | None:
    """``c * (number of smaller ones + number of equal ones on one side) + rest``: pair, c, rest."""
    pairs = {t: p for t in form.terms if (p := pair_of(t, context)) and p.own == name}
    if len(pairs) != 2:
        return None
    all_of = [(t, p) for t, p in pairs.items() if p.part == "all" and p.op != "eq"]
    equal = [(t, p) for t, p in pairs.items() if p.part != "all" and p.op == "eq"]
    if len(all_of) != 1 or len(equal) != 1 or all_of[0][1].array != equal[0][1].array:
        return None
    (one, pair), (two, _) = all_of[0], equal[0]
    weight = form.terms[one]
    if form.terms[two] != weight:
        return None
    rest = weighted({t: w for t, w in form.terms.items() if t not in pairs}, form.constant)
    return (pair, weight, rest)


def rank_test(test: Test, name: str, context: Context) -> Expr | None:
    # low <= c * rank - t <= low + c - 1 -> rank == (t + low + c - 1) // c
    # (a test sum has no minus sign in front, so c is positive)
    if len(test.spans) != 1:
        return None
    low, high = test.spans[0]
    found = ranked(test.form, name, context)
    if found is None or found[1] <= 0 or high - low != found[1] - 1:
        return None
    _, weight, rest = found
    counts = {t: 1 for t in test.form.terms if t not in rest.terms}
    target = weighted({}, int(high)).plus(rest, -1)
    place = expr_of(target)
    if weight > 1:
        place = Call("floordiv", (place, Const(weight)))
    return Call("eq", (expr_of(weighted(counts)), place))


def is_place(index: Expr, length: Expr | None, context: Context) -> bool:
    """Whether ``0 <= index``, and ``index < length`` for every length of at least 1."""
    divisor = 1
    match index:
        case Call("floordiv", (inner, Const(int() as divisor))) if divisor > 0:
            index = inner
    form = form_of(index)
    sizes = {t: w for t, w in form.terms.items() if isinstance(t, Size)}
    turns = {t: w for t, w in form.terms.items() if t not in sizes}
    if not turns:
        low = sum(sizes.values()) + form.constant
        if min(sizes.values(), default=0) < 0 or low < 0:
            return False
        if length is None:
            return True
        if not isinstance(length, Size) or set(sizes) - {length}:
            return False
        # (p n + q) // c < n for all n >= 1 where (c - p) n >= q + 1
        step = divisor - sizes.get(length, 0)
        return step >= 0 and step >= form.constant + 1
    if divisor > 1 or len(turns) > 1:
        return False
    (turn, weight), own = next(iter(turns.items())), {length: 1}
    if not isinstance(turn, Var) or turn.name not in context.ranges:
        return False
    if length is None:
        return weight == 1 and not sizes and form.constant >= 0
    # 0 <= turn < n, and so is n - 1 - turn
    return (weight, sizes, form.constant) in ((1, {}, 0), (-1, own, -1))


def some_repeated(expr: Expr, context: Context) -> Expr | None:
    # some(x.count(x[i]) >= 2) -> len(set(x)) < n; some(x[i] in x[:i]) -> len(set(x)) < n
    # none(x.count(x[i]) >= 2) -> len(set(x)) == n; the same of x[i + 1 :]
    match expr:
        case Call("ge" | "eq" as op, (Total(name, Const(0), stop, body), Const(bound))):
            test = body.args[0] if isinstance(body, Call) and body.op == "int" else body
        case _:
            return None
    match test:
        case Call("ge", (Total() as count, Const(least))):
            pair = pair_of(count, context)
        case _:
            return None
    if pair is None or pair.op != "eq" or pair.own != name or context.length(pair.array) != stop:
        return None
    if least != (2 if pair.part == "all" else 1) or (op, bound) not in (("ge", 1), ("eq", 0)):
        return None
    kinds = Call("distinct", (Var(pair.array),))
    return Call("lt" if op == "ge" else "eq", (kinds, stop))


def kinds(expr: Expr, context: Context) -> Expr | None:
    # sum(x[i] not in x[:i] for i in range(n)) -> len(set(x)); the same of x[i + 1 :]
    match expr:
        case Total(name, Const(0), stop, Call("int", (Call("eq", (Total() as count, Const(0))),))):
            pair = pair_of(count, context)
            if pair is None or (pair.op, pair.own) != ("eq", name) or pair.part == "all":
                return None
            return (
                Call("distinct", (Var(pair.array),)) if context.length(pair.array) == stop else None
            )
        case _:
            return None


def whole_list(expr: Expr, size: Expr, turn: str, context: Context) -> Expr | None:
    # [sorted(x)[t] for t in range(n)] -> sorted(x)
    # [sorted(x)[n - 1 - t] for t in range(n)] -> sorted(x)[::-1]
    match expr:
        case Call("item", (Call("sorted", (Var(array),)) as ordered, index)):
            if context.length(array) != size:
                return None
            if index == Var(turn):
                return ordered
            if form_of(index) == form_of(mirrored(turn, size)):
                return Call("reversed", (ordered,))
    return None


LAWS: tuple[Law, ...] = (
    none_larger,
    both_none,
    first_has_none_before,
    last_of_equals,
    first_extreme,
    nth_smallest,
    some_repeated,
    kinds,
    all_ones,
    all_mirrored,
    same_line,
)
