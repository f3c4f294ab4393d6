"""The reference interpreter: slow, plain, and the definition of what a program means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import fsum
from typing import Any, assert_never

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
from .program import Fill, Formula, Let, Map, Program, Scan
from .types import Port

Array = Any  # nested lists of integers, as deep as the port has axes
Value = Any  # an integer, or a tuple where a constant table stands


def shape(array: Array, depth: int) -> tuple[int, ...]:
    """The lengths of nested lists, outermost first."""
    sizes = []
    for _ in range(depth):
        sizes.append(len(array))
        array = array[0] if array else []
    return tuple(sizes)


def _locate(port: Port, sizes: tuple[int, ...], index: tuple[int, ...]) -> tuple[int, ...] | None:
    """The position an index stands for, or None outside a bounded axis."""
    position = []
    for axis, length, k in zip(port.axes, sizes, index, strict=True):
        if axis.wrap:
            k %= length
        elif not 0 <= k < length:
            return None
        position.append(k)
    return tuple(position)


class Scope:
    """The input arrays and the names bound so far."""

    def __init__(self, ports: Iterable[Port], arrays: Mapping[str, Array]) -> None:
        self.ports = {port.name: port for port in ports}
        self.arrays = dict(arrays)
        self.sizes = {name: shape(arrays[name], len(p.axes)) for name, p in self.ports.items()}
        self.names: dict[str, Value] = dict(arrays)

    def locate(self, port: str, index: tuple[int, ...]) -> tuple[int, ...] | None:
        return _locate(self.ports[port], self.sizes[port], index)

    def element(self, name: str, index: tuple[int, ...]) -> Value:
        """An element of an array; 0 beyond the border of a port that has one."""
        place: tuple[int, ...] | None = index
        if name in self.ports:
            place = self.locate(name, index)
        elif any(k < 0 for k in index):
            raise IndexError(f"{name} has no element {index}")
        if place is None:
            return 0
        value = self.arrays[name]
        for k in place:
            value = value[k]
        return value


def evaluate_expr(expr: Expr, scope: Scope) -> Value:
    """The value of an expression."""
    match expr:
        case Const(value):
            return value
        case Var(name):
            return scope.names[name]
        case Read(port, index):
            return scope.element(port, tuple(evaluate_expr(k, scope) for k in index))
        case Inside(port, index):
            place = scope.locate(port, tuple(evaluate_expr(k, scope) for k in index))
            return int(place is not None)
        case Call(op, args):
            return OPERATIONS[op].function(*(evaluate_expr(arg, scope) for arg in args))
        case If(condition, then, otherwise):
            return evaluate_expr(then if evaluate_expr(condition, scope) else otherwise, scope)
        case Sum(names, points, body):
            total = 0
            for point in points:
                scope.names.update(zip(names, point, strict=True))
                total += evaluate_expr(body, scope)
            return total
        case Total(name, start, stop, body):
            terms = []
            for k in range(evaluate_expr(start, scope), evaluate_expr(stop, scope)):
                scope.names[name] = k
                terms.append(evaluate_expr(body, scope))
            return fsum(terms) if any(isinstance(term, float) for term in terms) else sum(terms)
        case Size(port, axis):
            return scope.sizes[port][axis]
        case First(name, start, stop, condition, value):
            for k in range(evaluate_expr(start, scope), evaluate_expr(stop, scope)):
                scope.names[name] = k
                if evaluate_expr(condition, scope):
                    return evaluate_expr(value, scope)
            raise NoAnswer("no place fits")
        case Listed(names, over, value, condition):
            values = []
            for item in evaluate_expr(over, scope):
                scope.names.update(zip(names, item if len(names) > 1 else (item,), strict=True))
                if evaluate_expr(condition, scope):
                    values.append(evaluate_expr(value, scope))
            return values
        case _:
            assert_never(expr)


def _map_value(statement: Map, index: tuple[int, ...], scope: Scope) -> Value:
    scope.names.update(zip(statement.index, index, strict=True))
    for let in statement.body:
        scope.names[let.name] = evaluate_expr(let.value, scope)
    return evaluate_expr(statement.value, scope)


def _map_array(statement: Map, scope: Scope, prefix: tuple[int, ...] = ()) -> Array:
    sizes = scope.sizes[statement.like]
    if len(prefix) == len(sizes):
        return _map_value(statement, prefix, scope)
    return [_map_array(statement, scope, (*prefix, k)) for k in range(sizes[len(prefix)])]


def _fill_array(statement: Fill, scope: Scope) -> Array:
    sizes = [
        size if isinstance(size, int) else evaluate_expr(size, scope) for size in statement.sizes
    ]

    def at(index: tuple[int, ...]) -> Array:
        if len(index) < len(sizes):
            return [at((*index, k)) for k in range(sizes[len(index)])]
        scope.names.update(zip(statement.index, index, strict=True))
        return evaluate_expr(statement.value, scope)

    def point(index: tuple[int, ...]) -> Value:
        scope.names.update(zip(statement.index, index, strict=True))
        return evaluate_expr(statement.value, scope)

    return at(()) if statement.points is None else list(map(point, statement.points))


def _scan_array(statement: Scan, scope: Scope) -> Array:
    for let in statement.state:
        scope.names[let.name] = evaluate_expr(let.value, scope)
    result: list[Any] = []
    port = scope.ports.get(statement.over)
    for item in scope.names[statement.over]:
        channels = item if len(statement.element) > 1 or (port and len(port.axes) > 1) else (item,)
        scope.names.update(zip(statement.element, channels, strict=True))
        for let in statement.body:
            scope.names[let.name] = evaluate_expr(let.value, scope)
        values = [evaluate_expr(value, scope) for value in statement.values]
        result += [values] if len(values) > 1 else values
    return result


def evaluate_fill(statement: Let | Fill, scope: Scope) -> None:
    """Bind what a statement that is no ``Map`` computes."""
    match statement:
        case Let(name, value):
            scope.names[name] = evaluate_expr(value, scope)
        case Fill(name):
            scope.names[name] = scope.arrays[name] = _fill_array(statement, scope)
        case _:
            assert_never(statement)


def evaluate(program: Program, arrays: Mapping[str, Array]) -> Array:
    """Run a program on nested lists of integers, one for each input port."""
    scope = Scope(program.inputs, arrays)
    scope.arrays.update((table.name, table.values) for table in program.tables)
    for statement in program.body:
        match statement:
            case Let() | Fill():
                evaluate_fill(statement, scope)
            case Map(name):
                scope.names[name] = _map_array(statement, scope)
            case Scan(name):
                scope.names[name] = _scan_array(statement, scope)
            case _:
                assert_never(statement)
    return scope.names[program.output.name]


def evaluate_formula(formula: Formula, numbers: Mapping[str, float]) -> float:
    """The value of a formula; ``ValueError`` or ``ArithmeticError`` where it has none."""
    scope = Scope((), {})
    scope.names.update(numbers)
    for let in formula.body:
        scope.names[let.name] = evaluate_expr(let.value, scope)
    return float(evaluate_expr(formula.value, scope))
