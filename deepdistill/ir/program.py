"""Programs: statements over expressions, with named ports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from .expr import Expr
from .types import Port, Scalar


@dataclass(frozen=True, slots=True)
class Let:
    """Bind a name to the value of an expression; an optional comment says what it means."""

    name: str
    value: Expr


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


@dataclass(frozen=True, slots=True)
class Scan:
    """A loop over the elements of ``over`` that carries ``state`` from step to step.

    ``state`` gives the carried variables and what they are before the first step. At each step
    ``element`` names the element's channels (one name where the input has one axis), ``body`` runs
    in order, assigning carried variables and others, and ``values`` is appended to the array: one
    expression, or one for each channel of the output.
    """

    name: str
    over: str
    element: tuple[str, ...]
    state: tuple[Let, ...]
    body: tuple[Let, ...]
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Table:
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


@dataclass(frozen=True, slots=True)
class Program:
    """A function from input ports to an output port; its value is what ``body`` binds to it."""

    name: str
    inputs: tuple[Port, ...]
    output: Port
    body: tuple[Statement, ...]
    tables: tuple[Table, ...] = ()

    def port(self, name: str) -> Port:
        """The input port of that name; ``KeyError`` where there is none."""
        for port in self.inputs:
            if port.name == name:
                return port
        raise KeyError(name)

    def __str__(self) -> str:
        from .text import program_text  # it prints programs, so it imports this file

        return program_text(self)


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
