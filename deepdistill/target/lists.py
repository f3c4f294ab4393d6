"""Lists made element by element: ``[value for name in over if condition]``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..ir.arithmetic import NATURAL
from ..ir.expr import Call, Const, Expr, Listed, Read, Var, children, rebuild, uses, walk
from ..ir.interval import UNKNOWN, bounds
from ..ir.names import fresh
from ..ir.rewrite import substitute
from .python import built, listed, names_in

if TYPE_CHECKING:
    from .lower import Lowering

_OF_ANY = frozenset(["sorted", "total", "maximum", "minimum", "length", "distinct", "count"])
"""What is done to a tuple as it is to a list."""


def list_tree(lowering: Lowering, expr: Listed) -> ast.expr:
    """The comprehension; what it binds is forgotten after it."""
    match expr:
        case Listed(over=Const(())):
            return built("[]")
        case Listed((name,), Call("range") as over, Var(own), Const(1)) if own == name:
            return built("list({})", lowering.tree(over))
    with lowering.scope():
        expr, loop = (
            _each_run(lowering, expr)
            or _each_column(lowering, expr)
            or (expr, bound(lowering, expr))
        )
        value = lowering.number(expr.value)
        tested = expr.condition != Const(1)
        where = lowering.tree(expr.condition, truth=True) if tested else None
        return listed(value, [_without_places(lowering, expr, loop, [value, where])], where)


def _without_places(
    lowering: Lowering, expr: Listed, loop: tuple[str, ast.expr], made: list[ast.expr | None]
) -> tuple[str, ast.expr]:
    """``for row in rows`` where nothing made of ``for i, row in enumerate(rows)`` reads ``i``."""
    match expr, loop:
        case Listed((place, item), Call("enumerate")), (_, ast.Call(ast.Name("enumerate"), [over])):
            read = names_in(*(tree for tree in made if tree is not None))
            if lowering.names[place] not in read:
                return lowering.names[item], over
    return loop


def _each_column(lowering: Lowering, expr: Listed) -> tuple[Listed, tuple[str, ast.expr]] | None:
    """``for column in zip(*picture)``, where no more is done to each than to any iterable."""
    match expr:
        case Listed((row,), Call("columns", (rows,)), value, condition):
            if not (_any_iterable(value, row) and _any_iterable(condition, row)):
                return None
            name = fresh("column", {e.name for e in walk(expr) if isinstance(e, Var)})
            value, condition = (substitute(part, {row: Var(name)}) for part in (value, condition))
            loop = lowering.bind(name), built("zip(*{})", lowering.tree(rows))
            return Listed((name,), expr.over, value, condition), loop
        case _:
            return None


def _any_iterable(expr: Expr, name: str) -> bool:
    """Whether a name is only sorted, added up and the like, which a tuple does as well."""
    match expr:
        case Var(own):
            return own != name
        case Call(op, (Var(own), *rest)) if own == name and op in _OF_ANY:
            return all(_any_iterable(part, name) for part in rest)
        case _:
            return all(_any_iterable(part, name) for part in children(expr))


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
