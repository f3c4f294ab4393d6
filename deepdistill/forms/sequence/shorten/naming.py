"""Names for what a loop carries, from its structure alone: ``carry``, ``previous``, ``total`` …"""

from __future__ import annotations

from collections.abc import Sequence

from ....ir.expr import Call, Const, Expr, If, Var, is_truth
from ....ir.names import fresh
from .loop import Carried, Loop, names


def role_names(
    loop: Loop, taken: Sequence[str], domains: Sequence[tuple[int, int]]
) -> dict[str, str]:
    """A distinct name for each channel, carried variable, total and answer of a loop.

    ``domains`` are the lowest and highest value of each channel.
    """
    used = set(taken)
    labels: dict[str, str] = {}

    def give(short: str, name: str) -> None:
        labels[short] = fresh(name, used)
        used.add(labels[short])

    for short, name in zip(loop.channel_names, _channels(domains), strict=True):
        give(short, name)
    earlier = lags(loop)
    deepest = max((depth for depth, _ in earlier.values()), default=0)
    for s in loop.state:
        if s.name in earlier:
            depth, channel = earlier[s.name]
            name = _lag(depth, deepest)
            give(s.name, name if len(loop.channels) == 1 else f"{name}_{labels[channel]}")
        else:
            give(s.name, _role(s, loop))
    for let in loop.totals:
        if isinstance(let.value, Var):
            give(let.name, f"old_{labels[let.value.name]}")
        else:
            give(let.name, _value_name(let.value))
    for k in range(len(loop.answers)):
        give(f"y{k}", "answer")
    return labels


def _channels(domains: Sequence[tuple[int, int]]) -> list[str]:
    if len(domains) > 1:
        letters = "abcdefgh" if len(domains) <= 8 else None
        return list(letters[: len(domains)]) if letters else [f"x{k}" for k in range(len(domains))]
    ((low, high),) = domains
    return ["bit" if (low, high) == (0, 1) else "digit" if low == 0 and high <= 9 else "number"]


def _value_name(value: Expr) -> str:
    """What a value of the step is, by its outermost operation."""
    match value:
        case Call("add", _):
            return "total"
        case Call("sub", _):
            return "difference"
        case Call("mod", _):
            return "remainder"
        case Call("floordiv", _):
            return "quotient"
        case Call("max", _):
            return "larger"
        case Call("min", _):
            return "smaller"
        case Call("abs", (Call("sub", _),)):
            return "distance"
        case Call("abs", _):
            return "magnitude"
        case _:
            return "value"


def lags(loop: Loop) -> dict[str, tuple[int, str]]:
    """The variables that hold an earlier element: how many steps earlier, and its channel."""
    origins = {name: (0, name) for name in loop.channel_names}
    growing = True
    while growing:
        growing = False
        for s in loop.state:
            if s.name not in origins and isinstance(s.update, Var) and s.update.name in origins:
                depth, channel = origins[s.update.name]
                origins[s.name] = (depth + 1, channel)
                growing = True
    return {name: lag for name, lag in origins.items() if lag[0]}


def _lag(depth: int, deepest: int) -> str:
    if depth == 1:
        return "previous"
    return "before_previous" if deepest == 2 else f"previous_{depth}"


def _role(s: Carried, loop: Loop) -> str:
    update = s.update
    for node in _values(update):
        match node:
            case Call("max", args) if Var(s.name) in args:
                return "largest"
            case Call("min", args) if Var(s.name) in args:
                return "smallest"
            case Call("mod", (_, Const(2))) if s.name in names(node):
                return "odd"
            case Call("bitxor", args) if Var(s.name) in args:
                return "odd"
            case Call("bitand", args) if Var(s.name) in args:
                return "carry" if _is_added(s.name, loop) else "all_ones"
            case Call("mod", _):
                return "remainder"
            case Call("floordiv", _):
                return "carry"
            case Call("int", (Call("ge" | "gt" | "le" | "lt", (Var(t), _)),)) if t.startswith("t"):
                return "carry"
            case _:
                pass
    match update:
        case Call("add" | "sub" as op, args) if Var(s.name) in args[: 1 if op == "sub" else None]:
            rest = [arg for arg in args if arg != Var(s.name)]
            if all(_counts(arg) for arg in rest):
                return "count"
            return "total"
        case If(_, then, otherwise) if Var(s.name) in (then, otherwise):
            return "last" if _is_channel(then) or _is_channel(otherwise) else "state"
        case Call("add" | "sub"):
            return "total"
        case _:
            return "state"


def _is_added(name: str, loop: Loop) -> bool:
    """Whether an answer is a bit plus this one."""
    return any(
        isinstance(e, Call) and e.op == "bitxor" and Var(name) in e.args for e in loop.answers
    )


def _values(expr: Expr) -> list[Expr]:
    """What a nest of conditionals may give."""
    if isinstance(expr, If):
        return [*_values(expr.then), *_values(expr.otherwise)]
    return [expr]


def _counts(expr: Expr) -> bool:
    return is_truth(expr) or isinstance(expr, Const | If)


def _is_channel(expr: Expr) -> bool:
    return isinstance(expr, Var) and expr.name.startswith("a")
