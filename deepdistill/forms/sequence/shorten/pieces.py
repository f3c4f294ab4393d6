"""A choice between affine pieces, told again in the fewest words.

The conditions of a nest of conditionals are seen through small features: variables of few values,
and between which thresholds a weighted sum lies. A table over these features says which piece
stands where, and the search for the shortest expression writes it down. Exact: a row is left out
only where no input can reach it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from ....ir.expr import Call, Const, Expr, If, Var, call, is_truth, size
from ....ir.interval import Interval
from ....passes.decide.boolean import rank
from ....passes.decide.literals import Evaluated
from ....passes.decide.table import Ints, Mask
from ....passes.simplify import simplify
from .affine import Affine, affine
from .decode import decode
from .formula import Searches, formula
from .ranges import interval
from .zones import Zone, comparisons, cuts_of, holds, reached, stretch

_SMALL = 32  # values of an atom that is told apart value by value
_SMALL_FORM = 64  # values of the atoms of a sum that needs no thresholds
_MOST_ROWS = 2000
_MOST_PIECES = 12

Ranges = Mapping[str, Interval]


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The features, and for each reachable row which piece stands there."""

    columns: tuple[Evaluated, ...]
    meaning: Mapping[str, Expr | Zone]
    pieces: tuple[Affine, ...]


def pieces(expr: Expr, ranges: Ranges, searches: Searches) -> Expr:
    """An expression of the same value wherever every name lies in its range, and no longer."""
    options = [expr, simplify(expr, ranges)]
    if not isinstance(expr, If) and not is_truth(expr) and not _is_int(expr):
        options.append(affine(expr).expr())
        return min(options, key=size)
    for whole in (False, True):
        rows = _tabulated(expr, ranges, whole)
        if rows is not None:
            candidate = _described(rows, ranges, searches)
            if candidate is not None:
                options.append(candidate)
    return min(options, key=rank)


def _is_int(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.op == "int"


def _branches(expr: Expr) -> Iterator[Expr]:
    """The conditions of a nest of conditionals."""
    if isinstance(expr, If):
        yield expr.condition
        yield from _branches(expr.then)
        yield from _branches(expr.otherwise)
    elif is_truth(expr) or _is_int(expr):
        yield expr


def _leaves(expr: Expr) -> Iterator[Affine]:
    if isinstance(expr, If):
        yield from _leaves(expr.then)
        yield from _leaves(expr.otherwise)
    elif not is_truth(expr) and not _is_int(expr):
        yield affine(expr)


def _tabulated(expr: Expr, ranges: Ranges, whole: bool) -> _Rows | None:
    """The rows of a nest of conditionals; with ``whole`` the pieces are not taken apart."""
    small: dict[str, tuple[Expr, range]] = {}
    cuts: dict[Affine, set[int]] = {}
    for condition in _branches(expr):
        for sum_, bounds_ in comparisons(condition):
            form = affine(sum_)
            spans = {str(a): (a, span) for a, _ in form.terms if (span := _span(a, ranges))}
            fits = prod(len(span) for _, span in spans.values()) <= _SMALL_FORM
            if len(spans) == len(form.terms) and fits:
                small |= spans
                continue
            for bound in bounds_:
                primitive, cut = cuts_of(form, bound)
                cuts.setdefault(primitive, set()).add(cut)
    if not whole:
        for leaf in _leaves(expr):
            small |= {str(a): (a, span) for a, _ in leaf.terms if (span := _span(a, ranges))}
    zones = [
        Zone(f"z{k}", form, tuple(sorted(cut)))
        for k, (form, cut) in enumerate(sorted(cuts.items(), key=str))
    ]
    choices = [span for _, span in small.values()]
    if prod(map(len, choices)) * prod(len(z.cuts) + 1 for z in zones) > 50 * _MOST_ROWS:
        return None
    rows, parts = [], []
    for values in product(*choices):
        known = dict(zip(small, values, strict=True))
        here = dict(ranges)
        for (atom, _), value in zip(small.values(), values, strict=True):
            if isinstance(atom, Var):
                here[atom.name] = Interval(value, value)
        possible = [reached(z.cuts, interval(z.form.expr(), here)) for z in zones]
        for places in product(*possible):
            where = {z.form: stretch(z.cuts, k) for z, k in zip(zones, places, strict=True)}
            codes = (z.codes[k] for z, k in zip(zones, places, strict=True))
            rows.append((*values, *codes))
            parts.append(_piece(expr, where, known, whole))
            if len(rows) > _MOST_ROWS:
                return None
    if not small and not zones:
        return None
    table = np.array(rows, dtype=np.int64)
    names = [f"q{k}" for k in range(len(small))] + [z.name for z in zones]
    meaning: dict[str, Expr | Zone] = dict(
        zip(names, [*(a for a, _ in small.values()), *zones], strict=True)
    )
    columns = tuple(Evaluated(Var(name), table[:, k]) for k, name in enumerate(names))
    return _Rows(columns, meaning, tuple(parts))


def _span(atom: Expr, ranges: Ranges) -> range | None:
    """The values of an atom that takes few."""
    if isinstance(atom, Var) or (isinstance(atom, Call) and atom.op in ("mod", "floordiv")):
        span = interval(atom, ranges)
        if span.high - span.low < _SMALL:
            return range(int(span.low), int(span.high) + 1)
    return None


def _piece(
    expr: Expr, where: Mapping[Affine, range], known: Mapping[str, int], whole: bool
) -> Affine:
    """The piece that stands on a row."""
    while isinstance(expr, If):
        expr = expr.then if holds(expr.condition, where, known) else expr.otherwise
    if is_truth(expr) or _is_int(expr):
        return Affine((), int(holds(expr, where, known)))
    form = affine(expr)
    if whole:
        return form
    constant = form.constant + sum(w * known[str(a)] for a, w in form.terms if str(a) in known)
    return Affine(tuple((a, w) for a, w in form.terms if str(a) not in known), constant)


def _described(rows: _Rows, ranges: Ranges, searches: Searches) -> Expr | None:
    """Common terms once, then a choice between the rest."""
    shared = dict(rows.pieces[0].terms)
    for piece in rows.pieces:
        terms = dict(piece.terms)
        shared = {a: w for a, w in shared.items() if terms.get(a) == w}
    common = Affine.of(shared, 0)
    rest = [piece.plus(common, -1) for piece in rows.pieces]
    value = _chosen(rows, rest, np.ones(len(rest), dtype=bool), ranges, searches)
    if value is None:
        return None
    return _added(common, value, ranges)


def _added(common: Affine, value: Expr, ranges: Ranges) -> Expr:
    if not common.terms:
        return value
    match value:
        case Call("int", (truth,)):  # x + int(p) -> x + p
            value = truth
        case Call("mul", (Const(-1), Call("int", (truth,)))):  # x + -int(p) -> x - p
            return call("sub", common.expr(), truth)
        case If() | Call("max" | "min" | "abs"):
            pass
        case Call("sub", (Const(0), Call("int", (truth,)))):
            return call("sub", common.expr(), truth)
        case _:
            return common.plus(affine(value)).expr()
    return call("add", common.expr(), value)


def _chosen(
    rows: _Rows, rest: Sequence[Affine], on: Mask, ranges: Ranges, searches: Searches
) -> Expr | None:
    """A choice between pieces on some of the rows; the others are free."""
    ids = np.flatnonzero(on).tolist()
    kinds = list(dict.fromkeys(rest[k].terms for k in ids))
    if len(kinds) > _MOST_PIECES:
        return None
    if len(kinds) == 1:
        constants = np.array([rest[k].constant if on[k] else 0 for k in range(len(rest))])
        table = _formula(rows, constants, on, ranges, searches)
        return None if table is None else _added(Affine(kinds[0]), table, ranges)
    options = []
    for kind in kinds:
        mine = np.array([on[k] and rest[k].terms == kind for k in range(len(rest))])
        test = _formula(rows, mine.astype(np.int64), on, ranges, searches)
        if test is None:
            return None
        options.append((size(test), test, mine))
    _, test, mine = min(options, key=lambda option: option[0])
    then = _chosen(rows, rest, mine, ranges, searches)
    otherwise = _chosen(rows, rest, on & ~mine, ranges, searches)
    if then is None or otherwise is None:
        return None
    if isinstance(test, Call) and test.op == "int":
        (test,) = test.args
    return bounded(simplify(If(test, then, otherwise), ranges), ranges)


def _formula(
    rows: _Rows, target: Ints, on: Mask, ranges: Ranges, searches: Searches
) -> Expr | None:
    columns = [Evaluated(c.expr, c.values[on]) for c in rows.columns]
    varied = [c for c in columns if (c.values != c.values[0]).any()]
    if not varied:
        return Const(int(target[on][0]))
    expr = formula(varied, target[on], searches)
    if expr is None:
        return None
    try:
        return simplify(decode(expr, rows.meaning), ranges)
    except ValueError:  # it computes with a zone
        return None


def bounded(choice: Expr, ranges: Ranges) -> Expr:
    """A choice between two numbers by which is larger, as a maximum or minimum.

    x if x - y >= 0 else y -> max(x, y), and likewise where the bound is off by the one value at
    which both are equal.
    """
    if not isinstance(choice, If) or isinstance(choice.then, If):
        return choice
    match choice:
        # x if (0 if p else 1) else y -> y if p else x
        case If(If(condition, Const(0), Const(1)), then, otherwise):
            return bounded(If(condition, otherwise, then), ranges)
        # x if x > y and x > z else max(y, z) -> max(x, y, z)
        case If(Call("and", tests), x, Call("max" | "min" as op, others)):
            if _is_first(
                op, x, others, [[If(test, x, y) for y in others] for test in tests], ranges
            ):
                return Call(op, (x, *others))
        # max(y, z) if x < y or x < z else x -> max(x, y, z)
        case If(Call("or", tests), Call("max" | "min" as op, others), x):
            if _is_first(
                op, x, others, [[If(test, y, x) for y in others] for test in tests], ranges
            ):
                return Call(op, (x, *others))
    sums = list(comparisons(choice.condition))
    if len(sums) != 1 or len(sums[0][1]) != 1 or isinstance(choice.otherwise, If):
        return choice
    sum_, (cut,) = sums[0]
    primitive, cut = cuts_of(affine(sum_), cut)
    where = {primitive: stretch((cut,), 1)}
    one, two = choice.then, choice.otherwise
    if not holds(choice.condition, where, {}):
        one, two = two, one  # one stands where the form is at least the cut
    apart = affine(one).plus(affine(two), -1)
    along, factor = apart.primitive() if apart.terms else (apart, 0)
    if along != primitive:
        return choice
    at, below = factor * cut + apart.constant, factor * (cut - 1) + apart.constant
    if factor > 0 and at >= 0 >= below:
        return _extreme("max", one, two)
    if factor < 0 and at <= 0 <= below:
        return _extreme("min", one, two)
    return choice


def _is_first(
    op: str, x: Expr, others: Sequence[Expr], pairs: Sequence[Sequence[Expr]], ranges: Ranges
) -> bool:
    """Whether each test, a row of choices, is one of ``x`` against an other, and all are tested."""
    hits = [
        [
            bounded(choice, ranges) in (Call(op, (x, y)), Call(op, (y, x)))
            for choice, y in zip(row, others, strict=True)
        ]
        for row in pairs
    ]
    return all(map(any, hits)) and all(map(any, zip(*hits, strict=True)))


def _extreme(op: str, one: Expr, two: Expr) -> Expr:
    first, second = affine(one), affine(two)
    if first.plus(second) == Affine(()):
        # max(x, -x) -> abs(x)
        positive = first if size(first.expr()) <= size(second.expr()) else second
        value = call("abs", positive.expr())
        return value if op == "max" else call("mul", Const(-1), value)
    shared = dict(first.terms)
    shared = {a: w for a, w in second.terms if shared.get(a) == w}
    if shared:
        # max(x + y, x + z) -> x + max(y, z)
        common = Affine.of(shared, 0)
        inner = call(op, first.plus(common, -1).expr(), second.plus(common, -1).expr())
        return call("add", common.expr(), inner)
    return call(op, one, two)
