"""Characters and names of classes where a program is written: what stands for their places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ..ir.expr import Call, Const, Expr, Listed, Var
from ..ir.levels import quoted
from ..ir.types import Port


@dataclass(frozen=True, slots=True)
class Letters:
    """What a name holds: one of these symbols, or with ``depth`` lists of them."""

    symbols: tuple[int | str, ...]
    depth: int = 0

    @property
    def in_order(self) -> bool:
        """Whether Python orders them as their places."""
        return all(map(_before, self.symbols, self.symbols[1:]))

    @property
    def are_characters(self) -> bool:
        return all(isinstance(one, str) and len(one) == 1 for one in self.symbols)

    @property
    def are_digits(self) -> bool:
        return self.symbols == tuple("0123456789"[: len(self.symbols)])


Kind: TypeAlias = Letters | None
"""None: numbers, or lists of them."""


class NotSpelt(Exception):
    """A program that cannot be written with characters."""


def of_port(port: Port) -> Kind:
    return Letters(port.symbols, len(port.axes)) if port.symbols else None


def literal(value: Any) -> Var:
    """What stands for a symbol, or a tuple of them, where Python is written."""
    if isinstance(value, tuple):
        text = f"({', '.join(map(quoted_symbol, value))}{',' * (len(value) == 1)})"
    else:
        text = quoted_symbol(value)
    return Var(text.replace("{", "{{").replace("}", "}}"))


def is_literal(name: str) -> bool:
    """Whether a name stands for a symbol, or a tuple of them."""
    return not name.isidentifier() or name in ("True", "False")


def is_text(name: str) -> bool:
    """Whether a name stands for a text."""
    return name[:1] in ("'", '"')


def quoted_symbol(value: int | str) -> str:
    return quoted(value) if isinstance(value, str) else repr(value)


def _before(one: int | str, other: int | str) -> bool:
    return type(one) is type(other) and one < other  # type: ignore[operator]


def is_one(expr: Expr) -> Expr:
    """Whether a number that is 0 or 1 is 1: ``n % 2 == 0`` for ``(1 - n) % 2``."""
    match expr:
        case Call("mod", (Call("sub", (Const(1), number)), Const(2))):
            return Call("eq", (Call("mod", (number, Const(2))), Const(0)))
        case Call("mod", (Call("add", (number, Const(1))), Const(2))):
            return Call("eq", (Call("mod", (number, Const(2))), Const(0)))
        case _:
            return Call("eq", (expr, Const(1)))


def symbol_table(values: tuple[int, ...], kind: Kind) -> Expr:
    """``{"a": 1, "b": 0}``: a number for each symbol."""
    assert kind is not None
    pairs = zip(kind.symbols, values, strict=True)
    text = ", ".join(f"{quoted_symbol(symbol)}: {value}" for symbol, value in pairs)
    return Var("{{" + text.replace("{", "{{").replace("}", "}}") + "}}")


def is_constant(expr: Expr) -> bool:
    """Whether it is a number, or a list of such."""
    match expr:
        case Call("list" | "single", args):
            return all(isinstance(arg, Const) for arg in args)
        case _:
            return isinstance(expr, Const)


def element_of(kind: Kind, levels: int = 1) -> Kind:
    return None if kind is None else replace(kind, depth=max(0, kind.depth - levels))


def list_of(kind: Kind, levels: int = 1) -> Kind:
    return None if kind is None else replace(kind, depth=kind.depth + levels)


def symbol_literal(value: Any, want: Letters) -> Expr:
    if want.depth or isinstance(value, tuple):
        raise NotSpelt
    return literal(known_symbol(value, want))


def known_symbol(value: Any, kind: Letters) -> int | str:
    if not isinstance(value, int) or not 0 <= value < len(kind.symbols):
        raise NotSpelt
    return kind.symbols[value]


def places_of(expr: Expr, kind: Letters) -> Expr:
    """The places of symbols in their alphabet: the digits that they are, where they are some."""
    if kind.depth:
        return Listed(("letter",), expr, places_of(Var("letter"), element_of(kind)))  # type: ignore[arg-type]
    if kind.are_digits:
        return Call("int", (expr,))
    return Call("position", (literal(alphabet_literal(kind)), expr))


def alphabet_literal(kind: Letters) -> str | tuple[int | str, ...]:
    """The symbols as one text, where they are characters."""
    texts = [one for one in kind.symbols if isinstance(one, str) and len(one) == 1]
    return "".join(texts) if len(texts) == len(kind.symbols) else kind.symbols


def symbols_at(expr: Expr, want: Letters) -> Expr:
    """The symbols at these places."""
    if want.depth:
        return Listed(("place",), expr, symbols_at(Var("place"), element_of(want)))  # type: ignore[arg-type]
    return Call("item", (literal(alphabet_literal(want)), expr))
