"""Programs: statements over expressions, with named ports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .expr import Expr
from .types import Port


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


Statement: TypeAlias = Let | Map


@dataclass(frozen=True, slots=True)
class Program:
    """A function from input ports to an output port; its value is what ``body`` binds to it."""

    name: str
    inputs: tuple[Port, ...]
    output: Port
    body: tuple[Statement, ...]

    def port(self, name: str) -> Port:
        """The input port of that name; ``KeyError`` where there is none."""
        for port in self.inputs:
            if port.name == name:
                return port
        raise KeyError(name)
