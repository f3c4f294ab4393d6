"""A chosen expression as a formula: as short as can be, shared parts named once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ...ir.expr import Call, Const, Expr, If, Var, children, rebuild, walk
from ...ir.names import fresh
from ...ir.program import Formula, Let
from ...ir.rewrite import replace as exchanged
from ...ir.rewrite import substitute
from ...ir.types import Scalar
from .arrays import operations
from .domain import Domain
from .shorten import shorter
from .terms import negative, opposite, product_of, total

_SHARED = 2  # a part with so many operations gets a name where it occurs twice


def formula(name: str, expr: Expr, inputs: Sequence[Scalar], output: Scalar) -> Formula:
    """The formula; the variables of ``expr`` are the inputs' names.

    It has the same values as ``expr`` within the inputs' ranges, and none at the same places.
    """
    taken = {scalar.name for scalar in (*inputs, output)} | {name, "math", "json", "sys", "solve"}
    ranges = {scalar.name: (scalar.domain.low, scalar.domain.high) for scalar in inputs}
    body, value = shared(readable(shorter(expr, Domain.of(ranges))), taken)
    return Formula(name, tuple(inputs), replace(output), tuple(body), value)


def replaced(expr: Expr, given: Mapping[str, Expr], height: float = 1.0) -> Expr:
    """The expression with other expressions for its variables, divided by ``height``."""
    return _divided(substitute(expr, given), height)


def _divided(expr: Expr, height: float) -> Expr:
    """The expression divided by a number; a chain of regimes stays one."""
    match expr:
        case _ if height == 1:
            return expr
        case If(condition, then, otherwise):
            return If(condition, _divided(then, height), _divided(otherwise, height))
        case _:
            return Call("mul", (Const(1 / height), expr))


def readable(expr: Expr) -> Expr:
    """The same value as people write it: powers, signs in front, plus before minus."""
    parts = tuple([readable(child) for child in children(expr)])
    match expr:
        case Call("pow", (_, Const(int()))):
            return Call("power", parts)
        case Call("pow", (Const(int() | float() as number), _)) if number > 0:
            return Call("power", parts)
        case Call("exp", (Call("mul", factors),)) if (power := _logarithm(factors)) is not None:
            inner, rest = power
            return Call("pow", (readable(inner), readable(product_of(rest))))
        case Call("mul", (Const(-1), _, *_)) if len(parts) > 2:
            return negative(Call("mul", parts[1:]))
        case Call("add"):
            return total(parts)
        case _:
            return rebuild(expr, parts)


def _logarithm(factors: tuple[Expr, ...]) -> tuple[Expr, tuple[Expr, ...]] | None:
    """What the first logarithm of a product is of, and the other factors."""
    for k, factor in enumerate(factors):
        match factor:
            case Call("log", (inner,)) if len(factors) > 1:
                return inner, (*factors[:k], *factors[k + 1 :])
    return None


def shared(expr: Expr, taken: set[str]) -> tuple[list[Let], Expr]:
    """Parts that occur more than once, the innermost first, and what is left.

    The parts get names of their own, which join ``taken``.
    """
    body: list[Let] = []
    # in a chain of regimes a part is computed whichever holds, so it must have a value everywhere
    chosen = any(isinstance(node, If) for node in walk(expr))
    while True:
        counts = Counter(
            node
            for node in _calls(expr, body)
            if operations(node) >= _SHARED and not (chosen and not _everywhere(node))
        )
        repeated = [node for node, count in counts.items() if count > 1]
        if not repeated:
            return body, expr
        part = max(repeated, key=lambda node: (operations(node), str(node)))
        kind = _kind(part, [expr, *(let.value for let in body)])
        name = fresh(kind, taken)
        taken.add(name)
        body = [Let(let.name, exchanged(let.value, part, Var(name))) for let in body]
        place = next((i for i, let in enumerate(body) if Var(name) in set(walk(let.value))), None)
        body.insert(len(body) if place is None else place, Let(name, part))
        expr = exchanged(expr, part, Var(name))


_KINDS = {
    "add": "total", "sub": "difference", "mul": "product", "div": "ratio", "sqrt": "root",
    "log": "logarithm", "sin": "sine", "cos": "cosine", "tan": "tangent", "tanh": "saturation",
    "abs": "magnitude", "max": "larger", "min": "smaller", "pow": "raised", "power": "raised",
}  # fmt: skip


def _kind(part: Expr, places: Iterable[Expr]) -> str:
    """A word for a part, by its shape and by what it is used for."""
    if any(node == Call("exp", (part,)) for whole in places for node in walk(whole)):
        return "exponent"
    match part:
        case Call("sqrt", (inner,)) if _are_squares(inner):
            return "distance"
        case Call("add", _) if _are_squares(part):
            return "sum_of_squares"
        case Call("power", (Call("sub", _), Const(2))):
            return "squared_difference"
        case Call("power", (_, Const(2))):
            return "square"
        case Call("exp", (inner,)):
            return "growth" if opposite(inner) is None else "decay"
        case Call(op) if op in _KINDS:
            return _KINDS[op]
        case _:
            return "part"


def _are_squares(expr: Expr) -> bool:
    match expr:
        case Call("add", args):
            return all(
                isinstance(a, Call) and a.op == "power" and a.args[1] == Const(2) for a in args
            )
        case _:
            return False


def _everywhere(expr: Expr) -> bool:
    """Whether a part is made of operations without borders or overflow in its arguments."""
    match expr:
        case Const() | Var():
            return True
        case Call("add" | "sub" | "mul" | "abs" | "max" | "min" | "sin" | "cos" | "tanh", args):
            return all(map(_everywhere, args))
        case _:
            return False


def _calls(expr: Expr, body: Iterable[Let]) -> list[Expr]:
    every = [expr, *(let.value for let in body)]
    return [node for whole in every for node in walk(whole) if isinstance(node, Call)]
