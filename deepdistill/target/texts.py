"""Whether a solver may leave a text as it is: where all that is done to it means the same.

A list of characters may be added to another list, which a text may not; else both are gone through,
cut, counted and looked into alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from ..ir.expr import Call, Expr, If, Listed, Read, Var, children
from ..ir.program import Let, Program, Scan, expressions
from .letters import is_text

Held: TypeAlias = Literal["text", "list", ""]

_KEEPS = frozenset(["reversed", "prefix", "suffix", "stride"])
_LISTS = frozenset(["sorted", "unique", "single", "list", "arranged"])
_ALIKE = frozenset(["same", "differ", "joined"])
_LOOKS = frozenset(
    ["length", "distinct", "count", "position", "item", "maximum", "minimum", "zip", "enumerate",
     "contains", "in", "notin", "runs"]
)  # fmt: skip
"""What is asked of a text, or made of it, as of a list."""


def texts_stay(program: Program) -> bool:
    """Whether the inputs that are texts may stay such, in a program with its symbols."""
    return _answer(program) is not None


def answers_text(program: Program) -> bool:
    """Whether the answer of a program whose texts stay is a text already."""
    return _answer(program) == "text"


def _answer(program: Program) -> Held | None:
    held: dict[str, Held] = {
        port.name: "text" if port.is_text else "" for port in program.inputs if port.axes
    }
    found: Held = ""
    for statement in program.body:
        if not isinstance(statement, Let | Scan):
            return None
        kinds = [_kind(value, held) for value in expressions(statement)]
        if None in kinds or (isinstance(statement, Scan) and "text" in kinds):
            return None
        if isinstance(statement, Let):
            found = held[statement.name] = kinds[0] or ""
    return found


def _kind(expr: Expr, held: Mapping[str, Held]) -> Held | None:
    """What an expression gives; None where a text does not do in it."""
    parts = [_kind(part, held) for part in children(expr)]
    if None in parts:
        return None
    match expr:
        case Var(name):
            return held.get(name, "text" if is_text(name) else "")
        case Listed():
            return "list"
        case Call(op) if "text" in parts:
            if (op in _ALIKE and set(parts) != {"text"}) or (
                op == "contains" and parts[0] != "text"
            ):
                return None
            if op in _KEEPS or op == "joined":
                return "text"
            return "list" if op in _LISTS else "" if op in _LOOKS | _ALIKE else None
        case Call(op):
            return "list" if op in _LISTS | _KEEPS or op == "joined" else ""
        case If():
            return parts[1] if parts[1] == parts[2] else None
        case Read():
            return ""
        case _:
            return None if "text" in parts else ""
