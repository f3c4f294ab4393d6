"""Conditions on the numbers around a place, decided by the table of all that can stand there."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from ...ir.expr import (
    Call,
    Const,
    Expr,
    If,
    Inside,
    Read,
    Size,
    Sum,
    Var,
    call,
    is_truth,
    size,
    walk,
)
from ...ir.linear import Form, expr_of, form_of, weighted
from ...ir.program import Let, Map, Program
from ...ir.rewrite import substitute
from ...ir.types import Port
from ..decide import shortest
from ..tabulate import tabulate
from .context import Context, negation
from .forms import test_of

_MOST_VALUES = 8
_MOST_PLACES = 9
_MOST_ROWS = 600
_MOST_WRITTEN_OUT = 5  # so many cells are named one by one, more of them counted
_COMPARISONS = ("between", "ge", "gt", "le", "lt", "eq", "ne")


def decided(expr: Expr, context: Context) -> Expr | None:
    """The shortest condition with the same truth at every place; None where it is not found."""
    if not isinstance(expr, Call) or expr.op not in (*_COMPARISONS, "and", "or", "not"):
        return None
    reads = [e for e in walk(expr) if isinstance(e, Read | Inside)]
    if not reads or len({read.port for read in reads}) != 1 or len(set(reads)) > 2 * _MOST_PLACES:
        return None
    port = next((p for p in context.program.inputs if p.name == reads[0].port), None)
    if port is None or len(port.domain) > _MOST_VALUES:
        return None
    index = _index(reads, port)
    if index is None:
        return None
    lets: list[Let] = []
    value = _with_units(expr, lets, port, index, context)
    if value is None or not lets:
        return None
    rule = Map("*answer*", port.name, index, tuple(lets), call("int", value))
    tabulated = tabulate(Program("*window*", (port,), port, (rule,)), rule)
    if tabulated is None or len(tabulated.table) > _MOST_ROWS:
        return None
    measures = {
        feature.name: measure
        for feature, measure in zip(tabulated.table.features, tabulated.exprs, strict=True)
    }
    answer = truth_of(shortest(tabulated.table))
    condition = _written_out(substitute(answer, measures), port, context)
    return condition if _price(condition) < _price(expr) else None


def _price(expr: Expr) -> int:
    """Sums that a loop must add up are hard to read beside plain conditions."""
    weighted = sum(isinstance(e, Call) and e.op in ("mul", "add", "sub") for e in walk(expr))
    borders = sum(isinstance(e, Inside) for e in walk(expr))
    free = sum(isinstance(e, Call) and e.op == "ne" and e.args[1] == Const(0) for e in walk(expr))
    return size(expr) + 4 * weighted + 12 * borders - 3 * free


def _index(reads: list[Read | Inside], port: Port) -> tuple[str, ...] | None:
    """The variables that the reads look around; None where a read looks elsewhere."""
    names: list[str] = []
    for axis in range(len(port.axes)):
        variables: set[str] = set()
        for read in reads:
            form = form_of(read.index[axis])
            if len(form.terms) != 1 or set(form.terms.values()) != {1}:
                return None
            (term,) = form.terms
            if not isinstance(term, Var):
                return None
            variables.add(term.name)
        if len(variables) != 1:
            return None
        names += variables
    return tuple(names) if len(set(names)) == len(names) else None


def _with_units(
    expr: Expr, lets: list[Let], port: Port, index: tuple[str, ...], context: Context
) -> Expr | None:
    """The condition over threshold units, which go to ``lets``."""
    match expr:
        case Const():
            return expr
        case Call("and" | "or" | "not" | "int" as op, args):
            parts = [_with_units(arg, lets, port, index, context) for arg in args]
            if any(part is None for part in parts):
                return None
            return Call(op, tuple(part for part in parts if part is not None))
        case Read() | Inside():
            return _with_units(Call("ne", (expr, Const(0))), lets, port, index, context)
    test = test_of(expr, context)
    if test is None:
        return None
    form = _linear(test.form, port)
    if form is None:
        return None
    spans: list[Expr] = []
    for low, high in test.spans:
        both: list[Expr] = []
        for bound, sign in ((low, 1), (high, -1)):
            if abs(bound) != inf:
                total = weighted({}).plus(form, sign).plus(weighted({}, -sign * int(bound)))
                name = f"*unit {len(lets)}*"
                lets.append(Let(name, call("int", call("ge", _reads_in(total, index), Const(0)))))
                both.append(Var(name))
        spans.append(Call("and", (*both, Const(1))))
    return Call("or", (*spans, Const(0)))


def _reads_in(form: Form, index: tuple[str, ...]) -> Expr:
    """The sum with every place as ``name + step``, the form that tables are made from."""
    return expr_of(weighted({_plain(term): w for term, w in form.terms.items()}, form.constant))


def _plain(term: Expr) -> Expr:
    match term:
        case Read(port, place):
            return Read(port, tuple(map(_step, place)))
        case Inside(port, place):
            return Inside(port, tuple(map(_step, place)))
        case Call(op, args):
            return Call(op, tuple(map(_plain, args)))
        case _:
            return term


def _step(place: Expr) -> Expr:
    form = form_of(place)
    ((term, _),) = form.terms.items()
    return Call("add", (term, Const(form.constant))) if form.constant else term


def _linear(form: Form, port: Port) -> Form | None:
    """The sum over numbers, places inside and numbers other than 0 that are a given one."""
    total = weighted({}, form.constant)
    for term, weight in form.terms.items():
        part = _linear_term(term, port)
        if part is None:
            return None
        total = total.plus(part, weight)
    return total


def _linear_term(term: Expr, port: Port) -> Form | None:
    match term:
        case Read() | Inside():
            return weighted({term: 1})
        case Call("int", (Call("not", (Read() as read,)),)):
            return _linear_term(call("int", call("eq", read, Const(0))), port)
        case Call("int", (Call("not", (inner,)),)):
            part = _linear_term(call("int", inner) if is_truth(inner) else inner, port)
            return None if part is None else weighted({}, 1).plus(part, -1)
        case Call("int", (Call("ne", (Read() as read, Const(value))),)):
            part = _linear_term(call("int", call("eq", read, Const(value))), port)
            return None if part is None else weighted({}, 1).plus(part, -1)
        case Call("int", (Call("eq", (Read() as read, Const(0))),)):
            return weighted({}, 1).plus(_others(read, port), -1)
        case Call("int", (Call("eq", (Read(), Const(int()))),)):
            return weighted({term: 1})
        case Call("int", (Call("and", (Inside() as inside, test)),)):
            if not _is_zero_test(test, inside):
                return None
            return weighted({inside: 1}).plus(_others(Read(inside.port, inside.index), port), -1)
        case _:
            return None


def _is_zero_test(test: Expr, inside: Inside) -> bool:
    read = Read(inside.port, inside.index)
    return test in (Call("eq", (read, Const(0))), Call("not", (read,)))


def _others(read: Read, port: Port) -> Form:
    """Whether the number read is one of the values other than 0; beyond the border it is 0."""
    tests = (call("int", call("eq", read, Const(v))) for v in port.domain.values if v)
    return weighted(dict.fromkeys(tests, 1))


def truth_of(expr: Expr) -> Expr:
    """A number that is a bit, as a truth."""
    match expr:
        case Call("int", (inner,)):
            return truth_of(inner)
        case Call("bitand" | "and", args):
            return Call("and", tuple(map(truth_of, args)))
        case Call("bitor" | "or", args):
            return Call("or", tuple(map(truth_of, args)))
        case Call("sub", (Const(1), inner)):
            return Call("not", (truth_of(inner),))
        case Call("not", (inner,)):
            return Call("not", (truth_of(inner),))
        case Const(value):
            return Const(int(value != 0))
        case If(condition, then, Const(0)):
            return Call("and", (truth_of(condition), truth_of(then)))
        case If(condition, Const(0), otherwise):
            return Call("and", (negation(truth_of(condition)), truth_of(otherwise)))
        case If(condition, Const(1), otherwise):
            return Call("or", (truth_of(condition), truth_of(otherwise)))
        case If(condition, then, Const(1)):
            return Call("or", (negation(truth_of(condition)), truth_of(then)))
        case If(condition, then, otherwise):
            return If(condition, truth_of(then), truth_of(otherwise))
        case _ if is_truth(expr):
            return expr
        case _:
            return Call("ne", (expr, Const(0)))


# Counts of a few cells as conditions on each of them


def _written_out(expr: Expr, port: Port, context: Context) -> Expr:
    match expr:
        case Call("and" | "or" as op, args):
            return Call(op, tuple(_written_out(arg, port, context) for arg in args))
        case Call("not", (inner,)):
            return negation(_written_out(inner, port, context))
        case Inside():
            return _inside(expr)
        case Call(op, _) if op in _COMPARISONS:
            return _extreme(expr, port, context) or expr
        case _:
            return expr


def _extreme(expr: Expr, port: Port, context: Context) -> Expr | None:
    """A sum that is as large (or as small) as it can be has each term so."""
    test = test_of(expr, context)
    if test is None or not test.form.terms:
        return None
    parts = {term: _cells(term, port) for term in test.form.terms}
    if any(cells is None or len(cells) > _MOST_WRITTEN_OUT for cells in parts.values()):
        return None
    ends = [(term, weight, parts[term] or []) for term, weight in test.form.terms.items()]
    high = sum(weight * len(cells) for _, weight, cells in ends if weight > 0)
    low = sum(weight * len(cells) for _, weight, cells in ends if weight < 0)
    for wanted, end in ((True, high), (False, low)):
        # all terms at the upper end (or at the lower end) and nothing else, or everything else
        others = [_holds(test.spans, k) for k in range(low, high + 1) if k != end]
        if _holds(test.spans, end) and not any(others):
            return _all_at(ends, wanted)
        if not _holds(test.spans, end) and all(others):
            return _negation(_all_at(ends, wanted))
    return None


def _holds(spans: tuple[tuple[float, float], ...], value: float) -> bool:
    return any(low <= value <= high for low, high in spans)


def _cells(term: Expr, port: Port) -> list[Expr] | None:
    """The single bits that a count adds up."""
    match term:
        case Sum(names, points, body):
            cells = []
            for point in points:
                here = {n: Const(k) for n, k in zip(names, point, strict=True)}
                cells.append(_plain(substitute(body, here)))
            return cells if all(_is_bit(cell, port) for cell in cells) else None
        case _ if _is_bit(term, port):
            return [term]
        case _:
            return None


def _is_bit(cell: Expr, port: Port) -> bool:
    match cell:
        case Read(name, _):
            return name == port.name and port.domain.is_bits
        case Inside():
            return True
        case Call("int", _):
            return True
        case _:
            return False


def _all_at(ends: list[tuple[Expr, int, list[Expr]]], high: bool) -> Expr:
    ones = [cell for _, weight, cells in ends if (weight > 0) == high for cell in cells]
    zeros = [cell for _, weight, cells in ends if (weight > 0) != high for cell in cells]
    parts = [_as_truth(cell) for cell in ones]
    if len(zeros) == 1:
        parts.append(_negation(_as_truth(zeros[0])))
    elif zeros:
        parts.append(Call("not", (Call("or", tuple(map(_as_truth, zeros))),)))
    return parts[0] if len(parts) == 1 else Call("and", tuple(parts))


def _as_truth(cell: Expr) -> Expr:
    match cell:
        case Inside():
            return _inside(cell)
        case Call("int", (truth,)):
            return truth
        case _:
            return Call("ne", (cell, Const(0)))


def _negation(expr: Expr) -> Expr:
    match expr:
        case Call("and", args) if all(_is_border(arg) for arg in args):
            return Call("or", tuple(dict.fromkeys(map(_negation, args))))
        case Call("ne", (Read() | Sum() as cell, Const(0))):
            return Call("not", (cell,))
        case _:
            return negation(expr)


def _is_border(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.op in _COMPARISONS and isinstance(expr.args[0], Var)


def _inside(cell: Inside) -> Expr:
    """``i >= 1``, ``i < n - 1``: where a place around the own one lies in the array."""
    tests = tuple(_inside_tests(cell))
    if not tests:
        return Const(1)
    return tests[0] if len(tests) == 1 else Call("and", tests)


def _inside_tests(cell: Inside) -> Iterator[Expr]:
    for axis, place in enumerate(cell.index):
        form = form_of(place)
        (name,) = form.terms
        step, length = form.constant, Size(cell.port, axis)
        if step < 0:
            yield Call("ne", (name, Const(0))) if step == -1 else Call("ge", (name, Const(-step)))
        elif step > 0:
            edge = Call("add", (length, Const(-step)))
            yield Call("ne" if step == 1 else "lt", (name, edge))
