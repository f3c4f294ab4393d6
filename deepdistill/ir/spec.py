"""What a program may contain after each stage. One that breaks it is a bug of ours, told at once.

A *lifted* program says in few operations what a network computes; the operations of whole lists
come with the passes, so that a *shortened* one may have them all but those of real numbers. A
*composed* one was found as it is, made of them. A
*printed* one has searches only where a loop can stand. A *formula* computes with real numbers.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, assert_never

from .expr import Call, Const, Expr, First, If, Inside, Listed, Read, Size, Sum, Total, Var, walk
from .ops import OPERATIONS
from .program import Fill, Formula, Let, Map, Program, Scan, Statement, expressions
from .types import Port

Stage: TypeAlias = Literal["lifted", "composed", "shortened", "printed", "formula"]

FORMULAS = frozenset([
    "add", "sub", "mul", "div", "pow", "power", "exp", "log", "sqrt", "sin", "cos", "tan", "tanh",
    "abs", "max", "min", "pi", "e", "lt", "le", "gt", "ge", "eq", "ne", "and", "or",
    "missing", "present",
])  # fmt: skip
"""The operations of a formula."""

REALS = frozenset(["pow", "exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "pi", "e"])
OPTIONAL = frozenset(["missing", "present"])
"""Operations of the columns of a table that may hold nothing."""

WHOLES = frozenset([
    "sorted", "reversed", "prefix", "maximum", "minimum", "count", "position", "distinct",
    "same", "differ",
])  # fmt: skip
"""Operations of a whole list, which only passes write."""

LISTS = frozenset([
    "length", "total", "suffix", "stride", "unique", "joined", "zip", "enumerate", "range",
    "contains", "single", "product", "divisor", "flat", "columns", "runs",
    "repeated", "stripped", "regions", "flooded", "flooded_in", "carried", "arranged",
    "digits",
])  # fmt: skip
"""Operations of lists of their own lengths, of which programs are composed."""

QUICK = frozenset([
    "ranks", "tally", "earlier", "below", "up_to", "running_sum", "running_maximum",
    "running_minimum", "running_distinct", "palindromes",
])  # fmt: skip
"""What stands for loops where a program is printed."""


class BrokenProgram(RuntimeError):
    """A program that no stage may give: an error of deepdistill, not of its user."""


def check(program: Program | Formula, stage: Stage) -> None:
    """Raise :class:`BrokenProgram` where a program is not what this stage promises.

    A formula is the same at every stage.
    """
    allowed = _allowed(stage)
    match program:
        case Formula(_, inputs, _, body, value):
            scope = _Bound(_allowed("formula"), frozenset(scalar.name for scalar in inputs))
            scope.lets(body).value(value)
        case Program():
            _check_program(program, allowed)
            if stage == "printed":
                _check_searches(program)
        case _:
            assert_never(program)


def _allowed(stage: Stage) -> Set[str]:
    match stage:
        case "lifted":
            return OPERATIONS.keys() - REALS - WHOLES - LISTS - QUICK - OPTIONAL
        case "composed":
            return OPERATIONS.keys() - REALS - OPTIONAL
        case "shortened":
            return OPERATIONS.keys() - REALS - LISTS - QUICK - OPTIONAL
        case "printed":
            return OPERATIONS.keys() - REALS - OPTIONAL
        case "formula":
            return FORMULAS
        case _:
            assert_never(stage)


def _need(holds: object, described: str) -> None:
    if not holds:
        raise BrokenProgram(f"{described}; this is a bug of deepdistill")


def _check_program(program: Program, allowed: Set[str]) -> None:
    ports = {port.name: port for port in program.inputs}
    _need(len(ports) == len(program.inputs), "two inputs have one name")
    names = [program.name, program.output.name, *ports, *(table.name for table in program.tables)]
    _check_names(names)
    depths = {name: len(port.axes) for name, port in ports.items()}
    depths |= {table.name: len(table.sizes) for table in program.tables}
    scope = _Bound(allowed, frozenset(ports), ports, depths, frozenset(ports))
    for statement in program.body:
        scope = _after(statement, scope)
    bound = {one.name for one in program.body if not isinstance(one, Scan) or one.values}
    _need(program.output.name in bound, f"nothing is bound to {program.output.name}")


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        plain = name.isidentifier() and not keyword.iskeyword(name)
        _need(plain, f"the name {name!r} is no identifier")


def _after(statement: Statement, scope: _Bound) -> _Bound:
    """Check a statement; what is known after it."""
    match statement:
        case Let():
            return scope.lets((statement,))
        case Map(name, like, index, body, value):
            _need(like in scope.ports, f"a map like {like}, which is no input")
            axes = len(scope.ports[like].axes)
            _need(len(index) == axes, f"{len(index)} coordinates for {axes} axes of {like}")
            scope.bound(index).lets(body).value(value)
            return scope.bound((name,), whole=True)
        case Fill(name, index, sizes, value, points):
            for size in sizes:
                if isinstance(size, int):
                    _need(size >= 0, f"a negative size of {name}")
                else:
                    scope.value(size)
            if points is None:
                _need(len(index) == len(sizes), f"{len(index)} coordinates of {name}")
            else:
                _need(all(len(p) == len(index) for p in points), f"other points of {name}")
            scope.bound(index).value(value)
            depth = len(sizes) if points is None else 1
            return scope.bound((name,), whole=True).readable(name, depth)
        case Scan(name, over, element, state, body, values):
            if over in scope.ports:
                axes = len(scope.ports[over].axes)
                _need(axes == 2 or len(element) == 1, f"{len(element)} channels of {over}")
            else:
                _need(over in scope.names, f"a scan over {over}, which is no input")
            inner = scope.lets(state).bound(element).lets(body)
            for value in values:
                inner.value(value)
            if not values:
                return scope.lets(state)
            return scope.bound((name,), whole=True)
        case _:
            assert_never(statement)


@dataclass(frozen=True, slots=True)
class _Bound:
    """What an expression may name: scalars and whole arrays, inputs, arrays with their depths."""

    allowed: Set[str]
    names: frozenset[str] = frozenset()
    ports: Mapping[str, Port] = field(default_factory=dict)
    depths: Mapping[str, int] = field(default_factory=dict)
    wholes: frozenset[str] = frozenset()

    def bound(self, names: Iterable[str], whole: bool = False) -> _Bound:
        new = frozenset(names)
        _check_names(new)
        wholes = self.wholes | new if whole else self.wholes - new
        return replace(self, names=self.names | new, wholes=wholes)

    def readable(self, name: str, depth: int) -> _Bound:
        return replace(self, depths={**self.depths, name: depth})

    def lets(self, lets: Iterable[Let]) -> _Bound:
        scope = self
        for let in lets:
            scope.value(let.value, whole=True)
            scope = scope.bound((let.name,))
        return scope

    def value(self, expr: Expr, whole: bool = False) -> None:
        """Check an expression; with ``whole`` its value may be a whole array."""
        match expr:
            case Const(tuple() as values):
                _need(whole and all(isinstance(v, int) for v in values), f"the constant {values}")
            case Const(number):
                fine = isinstance(number, int) or (
                    isinstance(number, float) and math.isfinite(number)
                )
                fine = fine and not isinstance(number, bool)
                _need(fine, f"the constant {number!r}")
            case Var(name):
                _need(name in self.names, f"the name {name} before it is bound")
                is_array = name in self.wholes and self.depths.get(name, 1) > 0
                _need(whole or not is_array, f"the array {name} where a number stands")
            case Read(array, index):
                _need(array in self.depths, f"a read of {array}, which is no array")
                _need(len(index) == self.depths[array], f"{len(index)} places in {array}")
                self.values(index)
            case Inside(port, index):
                self.axis(port, len(index) - 1, last=True)
                self.values(index)
            case Size(port, axis):
                self.axis(port, axis)
            case Call(op, args):
                _need(op in self.allowed, f"the operation {op}")
                row = OPERATIONS[op]
                _need(row.takes(len(args)), f"{op} of {len(args)} arguments")
                for k, arg in enumerate(args):
                    self.value(arg, whole=k in row.arrays)
            case If(condition, then, otherwise):
                self.value(condition)
                self.value(then, whole)
                self.value(otherwise, whole)
            case Sum(names, points, body):
                _need(all(len(p) == len(names) for p in points), f"points of other than {names}")
                self.bound(names).value(body)
            case Total(name, start, stop, body):
                self.values((start, stop))
                self.bound((name,)).value(body)
            case First(name, start, stop, condition, value):
                self.values((start, stop))
                self.bound((name,)).values((condition, value))
            case Listed(names, over, value, condition):
                _need(whole, "a list where a number stands")
                _need(names, "a list of elements without a name")
                self.value(over, whole=True)
                inner = self.bound(names)
                inner.value(condition)
                inner.value(value, whole=True)
            case _:
                assert_never(expr)

    def values(self, exprs: Iterable[Expr]) -> None:
        for expr in exprs:
            self.value(expr)

    def axis(self, port: str, axis: int, last: bool = False) -> None:
        _need(port in self.ports, f"an axis of {port}, which is no input")
        count = len(self.ports[port].axes)
        _need(axis == count - 1 if last else 0 <= axis < count, f"axis {axis} of {port}")


def _check_searches(program: Program) -> None:
    """A search is a loop of its own: it stands as the whole value of a statement."""
    for statement in program.body:
        whole = statement.value if isinstance(statement, Let | Fill) else None
        for expr in expressions(statement):
            inner = (node for node in walk(expr) if isinstance(node, First) and node != whole)
            _need(next(inner, None) is None, f"a search inside an expression of {statement.name}")
