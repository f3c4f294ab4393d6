"""Expression → Python text, with as few parentheses as a reader needs.

The printer knows three things about its surroundings: the Python name of every variable and port,
the sizes of the arrays, and the range of every value, which tells where a modulo or a bounds check
can be left out. How a :class:`Sum` over neighbours becomes a loop is told in ``summation``.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import assert_never

from ..ir.expr import Call, Const, Expr, First, If, Inside, Read, Size, Sum, Total, Var, walk
from ..ir.interval import UNKNOWN, Interval, bounds, readings
from ..ir.names import fresh, is_plain
from ..ir.notation import Level
from ..ir.ops import OPERATIONS
from ..ir.program import Program
from .neighbourhood import offset_from
from .precedence import Text, joined
from .summation import sum_text
from .totals import is_from_end, total_text
from .used_names import names_used

LONGEST_INLINE_TUPLE = 8


def check_name(name: str) -> str:
    """The name, if it can stand in source code as it is; ``ValueError`` otherwise."""
    safe = is_plain(name) and name not in {"solve", "json", "sys"}
    if not safe or keyword.iskeyword(name) or name in dir(builtins):
        raise ValueError(f"the name {name!r} cannot stand in Python code: see names.identifier")
    return name


class Printer:
    """Prints the expressions of one program; collects the module constants they need."""

    def __init__(self, program: Program, plain: bool = False) -> None:
        """``plain`` leaves out what only Python needs, modulo and bounds checks, for prose."""
        self.program = program
        self.plain = plain
        self.ports = {port.name: port for port in program.inputs}
        self.ranges = {name: readings(port) for name, port in self.ports.items()}
        self.array_sizes: dict[str, tuple[int | Expr | None, ...]] = {}  # theirs, where known
        self.float_tables: set[str] = set()
        self.names: dict[str, str] = {}
        self.arrays: dict[str, str] = {}  # arrays that are no ports, and their Python names
        self.known: dict[Expr, str] = {}  # what the names stand for
        self.bools: set[str] = set()  # variables that may hold True or False
        self.places: dict[str, str] = {}  # index variable → the size it stays below
        self.constants: dict[str, tuple[object, ...]] = {}
        self.hoisted: dict[str, str] | None = None  # source → name, where a loop collects them
        self.inner_loops: tuple[str, ...] = ()
        self.helpers: dict[str, str] = {}
        self.used = {check_name(name) for name in names_used(program)}
        self.sizes: dict[str, tuple[str, ...]] = {}
        self.size_values: dict[str, str] = {}  # name of a size → how it is computed
        self.least: dict[str, int] = {}  # name of a size → what it is at least, 1 where unknown
        for port in program.inputs:
            self.sizes[port.name] = self._port_sizes(port.name)
        for table in program.tables:
            self.arrays[table.name] = self.constant(table.name.upper(), table.values)
            self.array_sizes[table.name] = table.sizes
            if table.has_floats:
                self.float_tables.add(table.name)

    def fresh(self, name: str) -> str:
        """That name, or a similar one if the program uses it already."""
        unused = fresh(name, self.used)
        self.used.add(unused)
        return unused

    def helper(self, name: str) -> str:
        """The name of a loop variable of the printer's own, the same one each time."""
        if name not in self.helpers:
            self.helpers[name] = self.fresh(name)
        return self.helpers[name]

    def hoist(self, source: str, depth: int) -> str:
        """The name of a value made once for each step of the outermost loop, if that can be."""
        inside = any(re.search(rf"\b{name}\b", source) for name in self.inner_loops)
        if depth or inside or self.hoisted is None:
            return source
        if source not in self.hoisted:
            self.hoisted[source] = self.fresh("nearby")
        return self.hoisted[source]

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Names bound inside are forgotten afterwards."""
        saved = (self.names, self.known, self.places, self.bools, self.ranges)
        self.names, self.known, self.places = dict(self.names), dict(self.known), dict(self.places)
        self.bools, self.ranges = set(self.bools), dict(self.ranges)
        yield
        self.names, self.known, self.places, self.bools, self.ranges = saved

    def bind(self, name: str, value: Expr | None = None, span: Interval = UNKNOWN) -> str:
        """The Python name of a variable that from here on has this value, or such a value."""
        python = name if name not in self.ports and name not in self.places else self.fresh(name)
        truth = value is not None and self.may_be_bool(value)
        (self.bools.add if truth else self.bools.discard)(name)
        span = span if value is None else bounds(value, self.ranges)
        self.known = {
            e: k for e, k in self.known.items() if k != python and Var(name) not in walk(e)
        }
        if isinstance(value, Read | Call | Sum) and Var(name) not in walk(value):
            self.known.setdefault(value, python)
        self.places.pop(name, None)
        self.ranges[name] = span
        self.names[name] = python
        return python

    def bind_index(self, name: str, like: str, axis: int) -> str:
        """The Python name of a loop variable over an axis of a port."""
        size = self.sizes[like][axis]
        python = self.bind(name, span=Interval(0, int(size) - 1 if size.isdigit() else inf))
        self.places[name] = size
        return python

    def constant(self, name: str, value: tuple[object, ...]) -> str:
        """The name of a module constant with that value."""
        for known, other in self.constants.items():
            if other == value and known.startswith(name):
                return known
        python = self.fresh(name)
        self.constants[python] = value
        return python

    def _port_sizes(self, name: str) -> tuple[str, ...]:
        """A name or a number for each axis; ports with the same axes have the same sizes."""
        axes = self.ports[name].axes
        for other, sizes in self.sizes.items():
            if self.ports[other].axes == axes:
                return sizes
        count, own = len(axes), []
        usual = {1: ("n",), 2: ("rows", "columns"), 3: ("planes", "rows", "columns")}
        for k, axis in enumerate(axes):
            if axis.kind == "fixed" and axis.size is not None:
                own.append(str(axis.size))
                continue
            size = self.fresh(usual[count][k] if count in usual else f"size_{k}")
            self.size_values[size] = f"len({name}{'[0]' * k})"
            own.append(size)
        return tuple(own)

    def source(self, expr: Expr) -> str:
        """The text of a whole expression."""
        return self.text(expr).source

    def test(self, expr: Expr) -> str:
        """The text of a condition: only whether it is 0 matters."""
        return self.text(expr, truth=True).source

    def number(self, expr: Expr) -> str:
        """The text of an expression whose value must be an int, not a bool."""
        return f"int({self.source(expr)})" if self.may_be_bool(expr) else self.source(expr)

    def may_be_bool(self, expr: Expr) -> bool:
        """Whether Python may give True or False where the meaning is 1 or 0."""
        match expr:
            case Const() | Read():
                return False
            case Var(name):
                return name in self.bools
            case Inside():
                return bool(self.conditions(expr.port, expr.index))
            case Call("max" | "min", args):
                return any(map(self.may_be_bool, args))
            case Call("bitand" | "bitor" | "bitxor", args):
                return all(map(self.may_be_bool, args))
            case Call(op):
                return OPERATIONS[op].truth
            case If(_, then, otherwise):
                return self.may_be_bool(then) or self.may_be_bool(otherwise)
            case Sum(_, points, body):
                return len(points) == 1 and self.may_be_bool(body)
            case Total() | Size():
                return False
            case First():
                return self.may_be_bool(expr.value)
            case _:
                assert_never(expr)

    def text(self, expr: Expr, truth: bool = False) -> Text:
        """The text; with ``truth`` any value may stand for 1 as long as it is not 0."""
        match expr:
            case Const(value):
                if isinstance(value, tuple):
                    return Text(_tuple(value))
                return Text(repr(value), Level.ATOM if value >= 0 else Level.UNARY)
            case Var(name):
                return Text(self.names.get(name, name))
            case Read():
                return self._read(expr, truth)
            case Inside(port, index):
                conditions = self.conditions(port, index)
                return Text("0") if conditions is None else _all_of(conditions)
            case Call("int", (arg,)) if truth:
                return self.text(arg, truth)
            case Call():
                return self._call(expr, truth)
            case If(condition, then, otherwise):
                parts = (
                    self.text(then, truth).at(Level.OR),
                    self.text(condition, truth=True).at(Level.OR),
                    self.text(otherwise, truth).at(Level.IF),
                )
                return Text("{} if {} else {}".format(*parts), Level.IF)
            case Sum():
                return sum_text(self, expr)
            case Total():
                return total_text(self, expr)
            case Size(port, axis):
                return Text(self.sizes[port][axis])
            case First():
                raise NotImplementedError
            case _:
                assert_never(expr)

    def _call(self, expr: Call, truth: bool) -> Text:
        op, args = expr.op, expr.args
        row = OPERATIONS[op]
        match op:
            case "item":
                table = self._table(args[0], f"BY_{_upper(args[1])}")
                return Text(f"{table}[{self.source(args[1])}]")
            case "in" | "notin":
                members = Text(self._table(args[1], f"{_upper(args[0])}_VALUES"))
                return joined(row.python, (self.text(args[0]), members))
            case "mul" if args[0] == Const(-1) and len(args) == 2:
                return Text(f"-{self.text(args[1]).at(Level.UNARY)}", Level.UNARY)
            case "add" | "sub":
                return self._add(op, args)
        if row.decides is not None:
            return joined(row.python, [self._truth(arg, truth) for arg in args])
        return joined(row.python, [self.text(arg, row.of_truths) for arg in args])

    def _truth(self, arg: Expr, truth: bool) -> Text:
        """An operand of ``and`` or ``or``, which hand on 2 and 3 where a truth value is meant."""
        if truth or bounds(arg, self.ranges).is_bit:
            return self.text(arg, truth)
        return self.text(Call("ne", (arg, Const(0))))

    def _add(self, op: str, args: tuple[Expr, ...]) -> Text:
        """A sum or difference; adding -1 reads as subtracting 1."""
        parts = [self.text(args[0]).at(Level.ADD)]
        for arg in args[1:]:
            minus = op == "sub"
            match arg:
                case Const(int() | float() as value) if value < 0:
                    arg, minus = Const(-value), not minus
                case Call("mul", (Const(-1), factor)):
                    arg, minus = factor, not minus
                case Call("mul", (Const(int() | float() as value), *rest)) if value < 0:
                    arg, minus = Call("mul", (Const(-value), *rest)), not minus
            text = self.text(arg).at(Level.MUL if minus else Level.ADD)
            parts.append(f"{'-' if minus else '+'} {text}")
        return Text(" ".join(parts), Level.ADD)

    def _table(self, expr: Expr, name: str) -> str:
        match expr:
            case Const(tuple() as values) if len(values) > LONGEST_INLINE_TUPLE and not self.plain:
                return self.constant(name, values)
        return self.text(expr).at(Level.ATOM)

    def _read(self, read: Read, truth: bool) -> Text:
        if read in self.known:
            return Text(self.known[read])
        if read.port not in self.ports:
            return Text(self.element(read))
        conditions = self.conditions(read.port, read.index)
        if conditions is None:
            return Text("0")
        element = self.element(read)
        if not conditions or self.plain:
            return Text(element)
        if truth:
            return Text(" and ".join([*conditions, element]), Level.AND)
        return Text(f"{element} if {' and '.join(conditions)} else 0", Level.IF)

    def element(self, access: Read | Inside) -> str:
        """Python's way to the element of a port at an index that lies inside."""
        if access.port not in self.ports:
            name = self.arrays.get(access.port, access.port)
            return name + "".join(f"[{self.source(index)}]" for index in access.index)
        port, places = self.ports[access.port], []
        for axis, size, index in zip(port.axes, self.sizes[port.name], access.index, strict=True):
            wraps = axis.wrap and not self.plain
            places.append(self.wrapped(index, size) if wraps else self.source(index))
        return port.name + "".join(f"[{place}]" for place in places)

    def conditions(self, port: str, index: tuple[Expr, ...]) -> list[str] | None:
        """What must hold for an index to lie inside the array; None if it never does."""
        conditions = []
        for axis, size, expr in zip(self.ports[port].axes, self.sizes[port], index, strict=True):
            inside = "" if axis.wrap else self.inside(expr, size)
            if inside is None:
                return None
            conditions += [inside] if inside else []
        return conditions

    def wrapped(self, expr: Expr, size: str) -> str:
        """An index on a wrapping axis; Python itself wraps -1 to the last place."""
        name, offset = offset_from(expr)
        direct = expr == Const(0) if name is None else self.places.get(name) == size
        if direct and offset in (-1, 0):
            return self.source(expr)
        if name is None and offset == -1:
            return "-1"
        return f"{self.text(expr).at(Level.MUL)} % {size}"

    def inside(self, expr: Expr, size: str) -> str | None:
        """When an index lies on a bounded axis: a condition, "" for always, None for never."""
        text = self.text(expr).at(Level.BITOR)
        name, offset = offset_from(expr)
        if name is not None and self.places.get(name) == size:
            place = self.names[name]
            if offset < 0:
                if bounds(expr, self.ranges).low >= 0:
                    return ""
                return f"{place} > 0" if offset == -1 else f"{place} >= {-offset}"
            return f"{text} < {size}" if offset else ""
        span = bounds(expr, self.ranges)
        low, high = span.low, span.high
        length = int(size) if size.isdigit() else None
        if high < 0 or (length is not None and low >= length):
            return None
        if high < (self.least.get(size, 1) if length is None else length):
            return "" if low >= 0 else f"{text} >= 0"
        if is_from_end(self, expr, size):
            return ""
        return f"{text} < {size}" if low >= 0 else f"0 <= {text} < {size}"


def _all_of(conditions: list[str]) -> Text:
    if not conditions:
        return Text("1")
    level = Level.AND if len(conditions) > 1 else Level.COMPARE
    return Text(" and ".join(conditions), level)


def _tuple(values: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, values))}{',' if len(values) == 1 else ''})"


def _upper(expr: Expr) -> str:
    return expr.name.upper() if isinstance(expr, Var) else "TABLE"
