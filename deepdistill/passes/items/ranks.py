"""Places in order: how many numbers are smaller, and equal ones on one side."""

from __future__ import annotations

from ...ir.expr import Call, Const, Expr
from ...ir.linear import Form, expr_of, weighted
from .context import Context
from .forms import Pair, Test, pair_of


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
    ranking = ranked(test.form, name, context)
    if ranking is None or ranking[1] <= 0 or high - low != ranking[1] - 1:
        return None
    _, weight, rest = ranking
    counts = {t: 1 for t in test.form.terms if t not in rest.terms}
    target = weighted({}, int(high)).plus(rest, -1)
    place = expr_of(target)
    if weight > 1:
        place = Call("floordiv", (place, Const(weight)))
    return Call("eq", (expr_of(weighted(counts)), place))
