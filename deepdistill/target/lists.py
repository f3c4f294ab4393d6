"""Lists made element by element: ``[value for name in over if condition]``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..ir.arithmetic import NATURAL
from ..ir.expr import Call, Const, Expr, Listed, Read, Var, children, rebuild, uses, walk
from ..ir.interval import UNKNOWN, bounds
from ..ir.names import fresh
from .python import built, listed

if TYPE_CHECKING:
    from .lower import Lowering


def list_tree(lowering: Lowering, expr: Listed) -> ast.expr:
    """The comprehension; what it binds is forgotten after it."""
    match expr:
        case Listed(over=Const(())):
            return built("[]")
        case Listed((name,), Call("range") as over, Var(own), Const(1)) if own == name:
            return built("list({})", lowering.tree(over))
    with lowering.scope():
        expr, loop = _each_run(lowering, expr) or (expr, bound(lowering, expr))
        value = lowering.number(expr.value)
        tested = expr.condition != Const(1)
        where = lowering.tree(expr.condition, truth=True) if tested else None
        return listed(value, [loop], where)


def _each_run(lowering: Lowering, expr: Listed) -> tuple[Listed, tuple[str, ast.expr]] | None:
    """``for x, _ in itertools.groupby(numbers)``, where what is repeated is all that is asked."""
    match expr:
        case Listed((row,), Call("runs", (array,)), value, condition):
            name = fresh("x", {e.name for e in walk(expr) if isinstance(e, Var)})
            value, condition = (_repeated(part, Var(row), Var(name)) for part in (value, condition))
            if uses(value, row) or uses(condition, row):
                return None
            runs = built("itertools.groupby({})", lowering.tree(array))
            loop = f"{lowering.bind(name)}, _", runs
            return Listed((name,), expr.over, value, condition), loop
        case _:
            return None


def _repeated(expr: Expr, run: Expr, item: Expr) -> Expr:
    """The expression with what a run repeats in place of any element of it."""
    match expr:
        case Call("maximum" | "minimum", (one,)) | Call("item", (one, Const(0 | -1))) if one == run:
            return item
        case _:
            return rebuild(expr, tuple(_repeated(part, run, item) for part in children(expr)))


def bound(lowering: Lowering, expr: Listed) -> tuple[str, ast.expr]:
    """The names that a list binds, and what they go through, which is told before."""
    over = lowering.tree(expr.over)
    element = bounds(expr.over, lowering.ranges) if len(expr.names) == 1 else UNKNOWN
    names = ", ".join(lowering.bind(name, span=element) for name in expr.names)
    _place(lowering, expr)
    return names, over


def _place(lowering: Lowering, expr: Listed) -> None:
    """Where an array is gone through with places, these lie in it, and what is there has a name."""
    match expr:
        case Listed((place, item), Call("enumerate", (Var(line),))):
            array, lead = lowering.row_of(line)
            if lowering.length(array, len(lead)) is None or array not in lowering.ports:
                return
            lowering.places[place] = lowering.sizes[array][len(lead)]
            lowering.ranges[place] = NATURAL
            lowering.known[Read(array, (*lead, Var(place)))] = built(lowering.names[item])
