"""A chosen expression as a formula: names that can stand in code, shared parts named once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..ir.expr import Call, Const, Expr, Var, children, rebuild, walk
from ..ir.program import Formula, Let
from ..ir.types import Scalar
from .arrays import operations

_SHARED = 2  # a part with so many operations gets a name where it occurs twice


def formula(name: str, expr: Expr, inputs: Sequence[Scalar], output: Scalar) -> Formula:
    """The formula; the variables of ``expr`` are the inputs' names."""
    taken = {scalar.name for scalar in (*inputs, output)} | {name, "math", "json", "sys", "solve"}
    body, value = _shared(readable(expr), taken)
    return Formula(name, tuple(inputs), replace(output), tuple(body), value)


def replaced(expr: Expr, given: Mapping[str, Expr], height: float = 1.0) -> Expr:
    """The expression with other expressions for its variables, divided by ``height``."""
    inner = _replaced(expr, given)
    return inner if height == 1 else Call("mul", (Const(1 / height), inner))


def _replaced(expr: Expr, given: Mapping[str, Expr]) -> Expr:
    match expr:
        case Var(name):
            return given[name]
        case _:
            return rebuild(expr, tuple([_replaced(child, given) for child in children(expr)]))


def readable(expr: Expr) -> Expr:
    """The same value as people write it: whole powers, signs in front, plus before minus."""
    parts = tuple([readable(child) for child in children(expr)])
    match expr:
        case Call("pow", (_, Const(int()))):
            return Call("power", parts)
        case Call("mul", (Const(-1), _, *_)) if len(parts) > 2:
            return Call("mul", (Const(-1), Call("mul", parts[1:])))
        case Call("div", _):
            match parts:
                case (Call("mul", (Const(-1), top)), bottom):
                    return Call("mul", (Const(-1), Call("div", (top, bottom))))
            return Call("div", parts)
        case Call("add"):
            plus = [part for part in parts if not _negative(part)]
            minus = [part for part in parts if _negative(part)]
            return Call("add", (*plus, *minus))
        case _:
            return rebuild(expr, parts)


def _negative(expr: Expr) -> bool:
    match expr:
        case Const(int() | float() as value):
            return value < 0
        case Call("mul" | "div", (first, *_)):
            return _negative(first)
        case _:
            return False


def _shared(expr: Expr, taken: set[str]) -> tuple[list[Let], Expr]:
    """Parts that occur more than once, the innermost first, and what is left."""
    body: list[Let] = []
    while True:
        counts = Counter(node for node in _calls(expr, body) if operations(node) >= _SHARED)
        repeated = [node for node, count in counts.items() if count > 1]
        if not repeated:
            return body, expr
        part = max(repeated, key=lambda node: (operations(node), str(node)))
        name, k = "part", 2
        while name in taken:
            name, k = f"part_{k}", k + 1
        taken.add(name)
        body = [Let(let.name, _swapped(let.value, part, Var(name))) for let in body]
        place = next((i for i, let in enumerate(body) if Var(name) in set(walk(let.value))), None)
        body.insert(len(body) if place is None else place, Let(name, part))
        expr = _swapped(expr, part, Var(name))


def _calls(expr: Expr, body: Iterable[Let]) -> list[Expr]:
    every = [expr, *(let.value for let in body)]
    return [node for whole in every for node in walk(whole) if isinstance(node, Call)]


def _swapped(expr: Expr, part: Expr, name: Expr) -> Expr:
    if expr == part:
        return name
    return rebuild(expr, tuple([_swapped(child, part, name) for child in children(expr)]))
