"""What an expression's surroundings say: names, sizes of arrays, ranges of values, constants."""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Iterator
from contextlib import contextmanager

from ..ir.expr import Const, Expr, Size, walk
from ..ir.interval import readings
from ..ir.levels import Levels
from ..ir.names import fresh, is_plain
from ..ir.program import Program, expressions
from ..ir.used_names import names_used
from .python import built, names_in, written

_BUILTINS = frozenset(dir(builtins))


def check_name(name: str) -> str:
    """The name, if it can stand in source code as it is; ``ValueError`` otherwise."""
    safe = is_plain(name) and name not in {"solve", "json", "sys"}
    if not safe or keyword.iskeyword(name) or name in _BUILTINS:
        raise ValueError(f"the name {name!r} cannot stand in Python code: see names.identifier")
    return name


class Surroundings:
    """What is known where an expression of a program stands; the module constants it needs.

    With ``own_sizes`` each input has its own, which may be 0.
    """

    own_sizes = False

    def __init__(self, program: Program) -> None:
        self.program = program
        self.ports = {port.name: port for port in program.inputs}
        self.ranges = {name: readings(port) for name, port in self.ports.items()}
        self.array_sizes: dict[str, tuple[int | Expr | None, ...]] = {}  # theirs, where known
        self.float_tables: set[str] = set()
        self.levels: Levels = {}  # of columns of text, which nothing but tests asks
        self.optional: set[str] = set()  # columns that may be None
        self.names: dict[str, str] = {}
        self.arrays: dict[str, str] = {}  # arrays that are no ports, and their Python names
        self.known: dict[Expr, ast.expr] = {}  # what stands for an expression
        self.columns: dict[tuple[str, Expr], str] = {}  # names of columns of an array
        self.bools: set[str] = set()  # variables that may hold True or False
        self.places: dict[str, str] = {}  # index variable → the size it stays below
        self.margins: dict[str, tuple[int, int, str]] = {}  # … and how far from either end
        self.bound: tuple[str, ...] = ()  # names of the loops around
        self.constants: dict[str, tuple[object, ...]] = {}
        self.hoisted: dict[str, tuple[str, ast.expr]] | None = None  # by text, where collected
        self.inner_loops: set[str] = set()
        self.helpers: dict[str, str] = {}
        self.used = {check_name(name) for name in names_used(program) if not self.is_literal(name)}
        self.sizes: dict[str, tuple[str, ...]] = {}
        self.size_values: dict[str, tuple[str, int]] = {}  # name of a size → port and axis
        self.least: dict[str, int] = {}  # name of a size → what it is at least, 1 where unknown
        for port in program.inputs:
            self.sizes[port.name] = self._port_sizes(port.name)
        if self.own_sizes:
            self.least = dict.fromkeys(self.size_values, 0)
        for table in program.tables:
            self.arrays[table.name] = self.constant(table.name.upper(), table.values)
            self.array_sizes[table.name] = table.sizes
            if table.has_floats:
                self.float_tables.add(table.name)
        # whether numbers are added without rounding, in any order
        self.exact = not self.float_tables and not any(
            isinstance(e, Const) and isinstance(e.value, float)
            for statement in program.body
            for expr in expressions(statement)
            for e in walk(expr)
        )

    def is_literal(self, name: str) -> bool:
        """Whether a name is Python's own text of a value."""
        return False

    def size_text(self, port: str, axis: int) -> str:
        """Python's text of a size of an input."""
        return f"len({port}{'[0]' * axis})"

    def fresh(self, name: str) -> str:
        """That name, or a similar one if the program uses it already."""
        unused = fresh(name, self.used)
        self.used.add(unused)
        return unused

    def free(self, name: str) -> str:
        """That name, or a similar one where it is taken here; it is bound from here on."""
        free_name = fresh(name, {*self.bound, *self.used})
        self.bound = (*self.bound, free_name)
        return free_name

    def helper(self, name: str) -> str:
        """The name of a loop variable of the lowering's own, the same one each time."""
        if name not in self.helpers:
            self.helpers[name] = self.fresh(name)
        return self.helpers[name]

    def hoist(self, tree: ast.expr) -> ast.expr:
        """The name of a value made once for each step of the outermost loop, if that can be."""
        if self.hoisted is None or names_in(tree) & self.inner_loops:
            return tree
        text = written(tree)
        if text not in self.hoisted:
            self.hoisted[text] = (self.fresh("nearby"), tree)
        return built(self.hoisted[text][0])

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Names bound inside are forgotten afterwards."""
        copied = ("names", "known", "columns", "bools", "places", "margins", "ranges")
        saved = {name: getattr(self, name) for name in (*copied, "bound")}
        for name in copied:
            setattr(self, name, saved[name].copy())
        yield
        for name, value in saved.items():
            setattr(self, name, value)

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
            if self.ports[other].axes == axes and not self.own_sizes:
                return sizes
        count, own = len(axes), []
        usual = {1: ("n",), 2: ("rows", "columns"), 3: ("planes", "rows", "columns")}
        for k, axis in enumerate(axes):
            if axis.kind == "fixed" and axis.size is not None:
                own.append(str(axis.size))
                continue
            size = self.fresh(usual[count][k] if count in usual else f"size_{k}")
            self.size_values[size] = (name, k)
            own.append(size)
        return tuple(own)

    def depth(self, array: str) -> int:
        """How many axes an array has."""
        if array in self.ports:
            return len(self.ports[array].axes)
        return len(self.array_sizes.get(array, (None,)))

    def length(self, array: str, axis: int) -> Expr | None:
        """How long an array is along an axis: a number or an expression of sizes."""
        length: int | Expr | None
        if axis >= self.depth(array):
            return None
        if array in self.ports:
            length = self.ports[array].axes[axis].size or Size(array, axis)
        else:
            length = self.array_sizes.get(array, (None,))[axis]
        return Const(length) if isinstance(length, int) else length

    def label(self, array: str) -> str:
        """The Python name of an array."""
        return self.arrays.get(array, array)
