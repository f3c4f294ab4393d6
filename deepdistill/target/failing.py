"""Where a program of whole lists has no answer: what Python raises, how long inputs must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf

from ..ir.expr import Call, Const, Expr, First, If, Listed, Sum, Total, Var, children
from ..ir.interval import UNKNOWN, Interval, Ranges, bounds, readings
from ..ir.ops import OPERATIONS
from ..ir.program import Let, Program, Scan, expressions

_RAISED = {
    "maximum": "ValueError",
    "minimum": "ValueError",
    "position": "ValueError",
    "argmax": "ValueError",
    "item": "IndexError",
    "floordiv": "ZeroDivisionError",
    "mod": "ZeroDivisionError",
    "stride": "ValueError",
    "digits": "ValueError",
}
"""What an operation raises where it has no answer."""

_AS_LONG = frozenset(["sorted", "reversed", "running_sum", "running_maximum", "running_minimum"])


def failures(program: Program) -> list[str]:
    """The errors of Python that a program may raise where it has no answer."""
    raised = (
        "ValueError" if isinstance(expr, First) else _RAISED[expr.op] for expr in _every(program)
    )
    return sorted(set(raised))


def least_lengths(program: Program) -> Mapping[str, int] | None:
    """How long each input must be for an answer; None where lengths alone do not tell."""
    least: dict[str, int] = {}
    certain = {id(expr) for expr in _certain(program)}
    names = {port.name for port in program.inputs if port.axes}
    lets = _lets(program)
    for expr in _every(program):
        if isinstance(expr, First):
            return None
        need = _needed(expr, names, lets)
        if need is None or id(expr) not in certain:
            return None
        least[need[0]] = max(need[1], least.get(need[0], 0))
    return least


@dataclass(frozen=True, slots=True)
class _Assumptions:
    """What holds where an expression stands.

    Lists of ``some`` are not empty, ``members`` stand in their lists, numbers in their ``ranges``;
    ``lets`` are the names that were given before.
    """

    some: frozenset[Expr]
    members: frozenset[tuple[str, Expr]]
    ranges: Ranges
    lets: Mapping[str, Expr]

    def inside(self, listed: Listed) -> _Assumptions:
        """What holds of each element that a list goes through."""
        match listed.over:
            case Call("enumerate" | "zip", arrays):
                lists = arrays
            case over:
                lists = (over,)
        members = zip(listed.names[::-1], lists[::-1], strict=False)
        spans = [bounds(array, self.ranges) for array in lists]
        if isinstance(listed.over, Call) and listed.over.op == "enumerate":
            spans.insert(0, Interval(0, inf))
        if len(spans) != len(listed.names):
            spans = [UNKNOWN for _ in listed.names]
        ranges = {**self.ranges, **dict(zip(listed.names, spans, strict=True))}
        some, inside = self.some | set(lists), self.members | set(members)
        return replace(self, some=some, members=inside, ranges=ranges)


def _every(program: Program) -> Iterator[Call | First]:
    """The expressions that may have no answer."""
    ranges = {port.name: readings(port) for port in program.inputs}
    known = _Assumptions(frozenset(), frozenset(), ranges, _lets(program))
    for one in program.body:
        for value in expressions(one):
            yield from _failing(value, known)


def _lets(program: Program) -> Mapping[str, Expr]:
    return {one.name: one.value for one in program.body if isinstance(one, Let)}


def _as_long_as(array: Expr, lets: Mapping[str, Expr]) -> Expr:
    """The list that gives an array its length."""
    while True:
        match array:
            case Call(op, (inner, *_)) if op in _AS_LONG:
                array = inner
            case Listed(_, Call("enumerate", (over,)) | (Var() as over), _, Const(1)):
                array = over
            case Var(name) if name in lets:
                array = lets[name]
            case _:
                return array


def _failing(expr: Expr, known: _Assumptions) -> Iterator[Call | First]:
    match expr:
        case First():
            yield expr
        case Call() if _may_fail(expr) and not _is_safe(expr, known):
            yield expr
    match expr:
        case Listed(_, over, value, condition):
            yield from _failing(over, known)
            yield from _failing(value, known.inside(expr))
            yield from _failing(condition, known.inside(expr))
        case If(Call("ge", (Call("length", (array,)), Const(1))), then, otherwise):
            yield from _failing(then, replace(known, some=known.some | {array}))
            yield from _failing(otherwise, known)
        case _:
            for part in children(expr):
                yield from _failing(part, known)


def _is_safe(call: Call, known: _Assumptions) -> bool:
    """Whether a list is gone through just now, so that it has an element, or one that is there.

    Nor can a number that is never 0 be one that nothing is divided by.
    """
    match call:
        case Call("floordiv" | "mod", (_, divisor)):
            span = bounds(divisor, known.ranges)
            return span.low > 0 or span.high < 0
        case Call("digits", (number, _)):
            return bounds(number, known.ranges).low >= 0
        case Call("item", (Const(tuple() as table), place)):
            span = bounds(place, known.ranges)
            # states of a loop have no known bounds: the table is one of all that come
            return span == UNKNOWN or (-len(table) <= span.low and span.high < len(table))
        case Call("maximum" | "minimum", (Call("joined", parts),)) | Call(
            "item", (Call("joined", parts), Const(0 | -1))
        ) if any(isinstance(part, Call) and part.op == "single" for part in parts):
            return True
        case Call("maximum" | "minimum", (array,)) | Call("item", (array, Const(0 | -1))):
            while isinstance(array, Call) and array.op in _AS_LONG:
                array = array.args[0]
            run = isinstance(array, Var) and any(
                array.name == name and isinstance(rows, Call) and rows.op == "runs"
                for name, rows in known.members
            )
            digits = isinstance(array, Call) and array.op == "digits"
            return run or digits or array in known.some
        case Call("position", (array, Var(name))):
            return (name, array) in known.members
        case Call("position", (array, Call("maximum" | "minimum", (same,)))):
            return array == same
        case Call("item", (array, Call("position", (other, _)))):
            return _as_long_as(array, known.lets) == _as_long_as(other, known.lets)
        case _:
            return False


def _may_fail(call: Call) -> bool:
    match call:
        case Call("floordiv" | "mod" | "stride", (_, Const(int() as value))):
            return value == 0
        case Call(op):
            return op in _RAISED


def _needed(call: Call, names: set[str], lets: Mapping[str, Expr]) -> tuple[str, int] | None:
    """The input that has to have a length, and which."""
    match call:
        case Call("maximum" | "minimum", (array,)):
            array, least = array, 1
        case Call("item", (array, Const(int() as place))):
            least = place + 1 if place >= 0 else -place
        case Call("floordiv" | "mod", (_, Call("length", (array,)))):
            least = 1
        case _:
            return None
    array = _as_long_as(array, lets)
    return (array.name, least) if isinstance(array, Var) and array.name in names else None


def _certain(program: Program) -> Iterator[Expr]:
    """The expressions that are evaluated whatever the input is."""
    for statement in program.body:
        if isinstance(statement, Let):
            yield from _always(statement.value)
        elif isinstance(statement, Scan):
            for let in statement.state:
                yield from _always(let.value)


def _always(expr: Expr) -> Iterator[Expr]:
    yield expr
    match expr:
        case If(condition):
            parts: tuple[Expr, ...] = (condition,)
        case Call(op, args) if OPERATIONS[op].decides is not None:
            parts = args[:1]
        case Listed(_, over):
            parts = (over,)
        case Total(_, start, stop) | First(_, start, stop):
            parts = (start, stop)
        case Sum():
            parts = ()
        case _:
            parts = children(expr)
    for part in parts:
        yield from _always(part)
