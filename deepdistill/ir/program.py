"""Programs: statements over expressions, with named ports, and their text.

The text of a program says everything: ``parse.parse_program`` reads it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

from .expr import Expr
from .text import expr_text, points_text
from .types import Level, Port, Scalar

NOTHING = "nothing"
"""What a loop that appends no values says in place of them."""


@dataclass(frozen=True, slots=True)
class Let:
    """Bind a name to the value of an expression."""

    name: str
    value: Expr

    def lines(self, short: bool = False) -> list[str]:
        return [f"{self.name} = {expr_text(self.value, short)}"]


@dataclass(frozen=True, slots=True)
class Map:
    """An array as large as the input ``like``: for each position, run ``body``, then ``value``.

    ``index`` names the position's coordinates, one for each axis of ``like``.
    """

    name: str
    like: str
    index: tuple[str, ...]
    body: tuple[Let, ...]
    value: Expr

    def lines(self, short: bool = False) -> list[str]:
        head = f"{self.name}[{', '.join(self.index)}] for each position of {self.like}:"
        return [head, *_nested(self.body, (self.value,), short)]


@dataclass(frozen=True, slots=True)
class Fill:
    """An array of its own sizes: ``value`` at each position, whose coordinates ``index`` names.

    A size is an integer or an expression of the inputs' sizes. With ``points`` it is a list
    instead: ``value`` for each point in turn.
    """

    name: str
    index: tuple[str, ...]
    sizes: tuple[int | Expr, ...]
    value: Expr
    points: tuple[tuple[int, ...], ...] | None = None

    def lines(self, short: bool = False) -> list[str]:
        sizes = " x ".join(
            str(size) if isinstance(size, int) else expr_text(size, short) for size in self.sizes
        )
        where = sizes if self.points is None else f"{sizes} at {points_text(self.points, short)}"
        return [f"{self.name}[{', '.join(self.index)}] for {where}: {expr_text(self.value, short)}"]


@dataclass(frozen=True, slots=True)
class Scan:
    """A loop over the elements of ``over`` that carries ``state`` from step to step.

    ``state`` gives the carried variables and what they are before the first step. At each step
    ``element`` names the element's channels (one name where the input has one axis), ``body`` runs
    in order, assigning carried variables and others, and ``values`` is appended to the array: one
    expression, or one for each channel of the output. Without values nothing is appended, and what
    the carried variables are after the last step is read below.
    """

    name: str
    over: str
    element: tuple[str, ...]
    state: tuple[Let, ...]
    body: tuple[Let, ...]
    values: tuple[Expr, ...]

    def lines(self, short: bool = False) -> list[str]:
        head = f"{self.name}[] for each {', '.join(self.element)} of {self.over}:"
        first = [f"  first {line}" for let in self.state for line in let.lines(short)]
        return [head, *first, *_nested(self.body, self.values, short)]


def _nested(body: tuple[Let, ...], values: tuple[Expr, ...], short: bool) -> list[str]:
    lines = [line for let in body for line in let.lines(short)]
    answer = ", ".join(expr_text(v, short) for v in values) or NOTHING
    return [f"  {line}" for line in (*lines, answer)]


@dataclass(frozen=True, slots=True)
class ConstantTable:
    """A constant array that ``Read`` finds by its name: nested tuples of numbers."""

    name: str
    values: tuple[Any, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        sizes, part = [], self.values
        while isinstance(part, tuple):
            sizes.append(len(part))
            part = part[0] if part else None  # type: ignore[assignment]
        return tuple(sizes)

    @property
    def has_floats(self) -> bool:
        return _has_floats(self.values)


def _has_floats(values: Any) -> bool:
    return any(map(_has_floats, values)) if isinstance(values, tuple) else type(values) is float


Statement: TypeAlias = Let | Map | Fill | Scan


def expressions(statement: Statement) -> tuple[Expr, ...]:
    """The expressions that stand in a statement, in the order of their evaluation."""
    match statement:
        case Let(_, value):
            return (value,)
        case Map(_, _, _, body, value):
            return (*(let.value for let in body), value)
        case Fill(_, _, sizes, value):
            return (*(size for size in sizes if not isinstance(size, int)), value)
        case Scan(_, _, _, state, body, values):
            return (*(let.value for let in (*state, *body)), *values)
        case _:
            assert_never(statement)


@dataclass(frozen=True, slots=True)
class Program:
    """A function from input ports to an output port; its value is what ``body`` binds to it."""

    name: str
    inputs: tuple[Port, ...]
    output: Port
    body: tuple[Statement, ...]
    tables: tuple[ConstantTable, ...] = ()

    def port(self, name: str) -> Port:
        """The input port of that name; ``KeyError`` where there is none."""
        for port in self.inputs:
            if port.name == name:
                return port
        raise KeyError(name)

    def __str__(self) -> str:
        return self.text()

    def text(self, short: bool = False) -> str:
        """One line a statement, nested ones indented; ``short`` cuts long lists of points."""
        inputs = ", ".join(map(str, self.inputs))
        lines = [f"table {table.name} = {table.values}" for table in self.tables]
        lines += [line for statement in self.body for line in statement.lines(short)]
        return "\n  ".join([f"{self.name}({inputs}) -> {self.output}", *lines])


@dataclass(frozen=True, slots=True)
class Formula:
    """A function of real numbers: named intermediate values, then the result.

    The variables of its expressions are the inputs' names and those bound before.
    """

    name: str
    inputs: tuple[Scalar, ...]
    output: Scalar
    body: tuple[Let, ...]
    value: Expr

    def written(self, row: Sequence[float]) -> tuple[float | Level | None, ...]:
        """One number for each input, as users write them."""
        return tuple(s.written(number) for s, number in zip(self.inputs, row, strict=True))

    def __str__(self) -> str:
        inputs = ", ".join(map(str, self.inputs))
        lines = [line for let in self.body for line in let.lines()]
        return "\n  ".join(
            [f"{self.name}({inputs}) -> {self.output}", *lines, expr_text(self.value)]
        )
