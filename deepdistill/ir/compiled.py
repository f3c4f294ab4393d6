"""Programs as nested functions: what the interpreter gives, several times as fast.

``evaluate`` is the definition; here each node becomes a function of the names bound so far, made
once for a program that is run on many inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import fsum
from operator import itemgetter
from typing import Any, TypeAlias, assert_never

from .evaluate import Scope
from .expr import (
    Call,
    Const,
    Expr,
    First,
    If,
    Inside,
    Listed,
    NoAnswer,
    Read,
    Size,
    Sum,
    Total,
    Var,
)
from .ops import OPERATIONS
from .program import Fill, Let, Map, Program, Scan, Statement

Names: TypeAlias = dict[str, Any]
Part: TypeAlias = Callable[[Scope, Names], Any]


def compiled(program: Program) -> Callable[[Mapping[str, Any]], Any]:
    """The function of a program's arrays, by name; it answers and raises as ``evaluate`` does."""
    steps = [_statement(one, program) for one in program.body]
    tables = {table.name: table.values for table in program.tables}
    output = program.output.name

    def run(arrays: Mapping[str, Any]) -> Any:
        scope = Scope(program.inputs, arrays)
        scope.arrays.update(tables)
        for step in steps:
            step(scope, scope.names)
        return scope.names[output]

    return run


def _statement(statement: Statement, program: Program) -> Part:
    match statement:
        case Let(name, value):
            return _let(name, _expr(value))
        case Map():
            return _map(statement)
        case Fill():
            return _fill(statement)
        case Scan():
            return _scan(statement, {port.name: len(port.axes) for port in program.inputs})
        case _:
            assert_never(statement)


def _let(name: str, value: Part) -> Part:
    def run(scope: Scope, names: Names) -> None:
        names[name] = value(scope, names)

    return run


def _map(statement: Map) -> Part:
    lets = [(let.name, _expr(let.value)) for let in statement.body]
    value, index, like = _expr(statement.value), statement.index, statement.like

    def run(scope: Scope, names: Names) -> None:
        sizes = scope.sizes[like]

        def at(prefix: tuple[int, ...]) -> Any:
            if len(prefix) < len(sizes):
                return [at((*prefix, k)) for k in range(sizes[len(prefix)])]
            names.update(zip(index, prefix, strict=True))
            for name, part in lets:
                names[name] = part(scope, names)
            return value(scope, names)

        names[statement.name] = at(())

    return run


def _fill(statement: Fill) -> Part:
    value, index, points = _expr(statement.value), statement.index, statement.points
    ends = [_expr(Const(n) if isinstance(n, int) else n) for n in statement.sizes]

    def run(scope: Scope, names: Names) -> None:
        sizes = [end(scope, names) for end in ends]

        def at(prefix: tuple[int, ...]) -> Any:
            if points is None and len(prefix) < len(sizes):
                return [at((*prefix, k)) for k in range(sizes[len(prefix)])]
            names.update(zip(index, prefix, strict=True))
            return value(scope, names)

        array = at(()) if points is None else list(map(at, points))
        names[statement.name] = scope.arrays[statement.name] = array

    return run


def _scan(statement: Scan, axes: Mapping[str, int]) -> Part:
    starts = [(let.name, _expr(let.value)) for let in statement.state]
    lets = [(let.name, _expr(let.value)) for let in statement.body]
    values, element, over = list(map(_expr, statement.values)), statement.element, statement.over
    in_rows = len(element) > 1 or axes.get(over, 0) > 1

    def run(scope: Scope, names: Names) -> None:
        for name, part in starts:
            names[name] = part(scope, names)
        result: list[Any] = []
        for item in names[over]:
            if in_rows:
                names.update(zip(element, item, strict=True))
            else:
                names[element[0]] = item
            for name, part in lets:
                names[name] = part(scope, names)
            if len(values) == 1:
                result.append(values[0](scope, names))
            elif values:
                result.append([value(scope, names) for value in values])
        names[statement.name] = result

    return run


def _expr(expr: Expr) -> Part:
    match expr:
        case Const(value):
            return lambda scope, names: value
        case Var(name):
            getter = itemgetter(name)
            return lambda scope, names: getter(names)
        case Read(port, index):
            places = _all(index)
            return lambda scope, names: scope.element(port, places(scope, names))
        case Inside(port, index):
            where = _all(index)
            return lambda scope, names: int(scope.locate(port, where(scope, names)) is not None)
        case Call(op, args):
            return _call(OPERATIONS[op].function, list(map(_expr, args)))
        case If(condition, then, otherwise):
            test, yes, no = _expr(condition), _expr(then), _expr(otherwise)
            return lambda scope, names: (
                yes(scope, names) if test(scope, names) else no(scope, names)
            )
        case Size(port, axis):
            return lambda scope, names: scope.sizes[port][axis]
        case Sum():
            return _sum(expr)
        case Total():
            return _total(expr)
        case First():
            return _first(expr)
        case Listed():
            return _listed(expr)
        case _:
            assert_never(expr)


def _all(exprs: Sequence[Expr]) -> Part:
    parts = list(map(_expr, exprs))
    return lambda scope, names: tuple([part(scope, names) for part in parts])


def _call(function: Callable[..., Any], parts: list[Part]) -> Part:
    match parts:
        case [only]:
            return lambda scope, names: function(only(scope, names))
        case [one, other]:
            return lambda scope, names: function(one(scope, names), other(scope, names))
        case _:
            return lambda scope, names: function(*[part(scope, names) for part in parts])


def _sum(expr: Sum) -> Part:
    body, own, points = _expr(expr.body), expr.names, expr.points

    def run(scope: Scope, names: Names) -> Any:
        total = 0
        for point in points:
            names.update(zip(own, point, strict=True))
            total += body(scope, names)
        return total

    return run


def _total(expr: Total) -> Part:
    start, stop, body, name = _expr(expr.start), _expr(expr.stop), _expr(expr.body), expr.name

    def run(scope: Scope, names: Names) -> Any:
        terms = []
        for k in range(start(scope, names), stop(scope, names)):
            names[name] = k
            terms.append(body(scope, names))
        return fsum(terms) if any(isinstance(term, float) for term in terms) else sum(terms)

    return run


def _first(expr: First) -> Part:
    start, stop, name = _expr(expr.start), _expr(expr.stop), expr.name
    test, value = _expr(expr.condition), _expr(expr.value)

    def run(scope: Scope, names: Names) -> Any:
        for k in range(start(scope, names), stop(scope, names)):
            names[name] = k
            if test(scope, names):
                return value(scope, names)
        raise NoAnswer("no place fits")

    return run


def _listed(expr: Listed) -> Part:
    over, value, own = _expr(expr.over), _expr(expr.value), expr.names
    test = None if expr.condition == Const(1) else _expr(expr.condition)
    one = own[0] if len(own) == 1 else ""

    def run(scope: Scope, names: Names) -> Any:
        values = []
        for item in over(scope, names):
            if one:
                names[one] = item
            else:
                names.update(zip(own, item, strict=True))
            if test is None or test(scope, names):
                values.append(value(scope, names))
        return values

    return run
