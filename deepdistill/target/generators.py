"""What is asked of a list that is made element by element: a sum, the largest, any, the first.

Python goes through the elements without making the list: ``sum(x for x in numbers if x > 2)``.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ..ir.expr import Call, Const, Expr, If, Listed, negated
from .lists import bound
from .python import built, generator, listed

if TYPE_CHECKING:
    from .lower import Lowering

_REDUCED = {"total": "sum", "maximum": "max", "minimum": "min"}


def reduced_tree(lowering: Lowering, expr: Call) -> ast.expr | None:
    """The tree of such a question; None where it is none."""
    match expr:
        case Call("total" | "maximum" | "minimum" as op, (made,)) if _is_made(made):
            return built(f"{_REDUCED[op]}({{}})", _made(lowering, made, number=op != "total"))
        case Call("length", (Listed(names, over, _, condition),)) if condition != Const(1):
            return built("sum({})", _made(lowering, Listed(names, over, Const(1), condition)))
        case Call("length", (Call("flat", (Listed(value=Listed() as inner) as outer,)),)):
            each = replace(outer, value=replace(inner, value=Const(1)))
            return built("sum({})", _made(lowering, Call("flat", (each,))))
        case Call("ge", (Call("length", (Listed() as made,)), Const(1))) if _asks(made):
            return built("any({})", _truths(lowering, made, made.condition))
        case Call("eq", (Call("length", (Listed() as made,)), Const(0))) if _asks(made):
            return built("all({})", _truths(lowering, made, negated(made.condition)))
        case Call("item", (Call("joined", (made, Call("single", (last,)))), Const(0))) if _is_made(
            made
        ):
            first = _made(lowering, made, number=True)
            return built("next({}, {})", first, lowering.number(last))
        case Call("distinct", (array,)):
            return built("len({})", _different(lowering, array))
        case Call("sorted", (array,)):
            return _in_order(lowering, array)
        case Call("reversed", (Call("sorted", (array,)),)):
            return _in_order(lowering, array, ", reverse=True")
        case Call("unique", (Listed() as made,)):
            return built("list(dict.fromkeys({}))", _made(lowering, made, number=True))
        case Call("arranged", (array, Listed((_,), over, _, Const(1)) as keys)) if over == array:
            return _sorted(lowering, keys)
        case Call("flat", (Listed(value=Call("list") | If(_, Call("list" | "single"))) as made,)):
            return _parts(lowering, made)
        case Call("flat", (Listed(value=Listed()) as made,)) if made.condition == Const(1):
            tree = _made(lowering, expr, number=True)
            assert isinstance(tree, ast.GeneratorExp)
            return ast.ListComp(tree.elt, tree.generators)
        case _:
            return None


def _in_order(lowering: Lowering, array: Expr, more: str = "") -> ast.expr:
    """``sorted(x for x in numbers if x > 2)``, of different ones ``sorted(set(numbers))``."""
    match array:
        case Call("unique", (other,)):
            return built(f"sorted({{}}{more})", _different(lowering, other))
        case Listed() if not more:
            return built("sorted({})", _made(lowering, array, number=True))
        case _:
            return built(f"sorted({{}}{more})", lowering.tree(array))


def _different(lowering: Lowering, array: Expr) -> ast.expr:
    """``{x * x for x in numbers}`` or ``set(numbers)``."""
    if isinstance(array, Listed):
        each = _made(lowering, array, number=True)
        if isinstance(each, ast.GeneratorExp):
            return ast.SetComp(each.elt, each.generators)
    match lowering.tree(array):
        case ast.Call(ast.Name("list"), [inner], []):
            return built("set({})", inner)
        case tree:
            return built("set({})", tree)


def _sorted(lowering: Lowering, keys: Listed) -> ast.expr:
    """``sorted(numbers, key=lambda x: x % 10)``."""
    with lowering.scope():
        name, over = bound(lowering, keys)
        parameter = ast.arguments([], [ast.arg(name)], None, [], [], None, [])
        key = ast.Lambda(parameter, lowering.tree(keys.value))
        return built("sorted({}, key={})", over, key)


def _parts(lowering: Lowering, made: Listed) -> ast.expr:
    """``[part for x, y in pairs for part in (y, x)]``, or ``in ([x, x] if x > 3 else [x])``."""
    with lowering.scope():
        loop = bound(lowering, made)
        match made.value:
            case Call("list", parts):
                each: ast.expr = ast.Tuple([lowering.number(part) for part in parts], ast.Load())
            case either:
                each = lowering.tree(either)
        where = lowering.tree(made.condition, truth=True) if _asks(made) else None
        name = lowering.bind("part")
        return listed(built(name), [loop, (name, each)], where)


def _asks(made: Listed) -> bool:
    return made.condition != Const(1)


def _is_made(expr: Expr) -> bool:
    match expr:
        case Listed():
            return True
        case Call("flat", (Listed(_, _, Listed(), Const(1)),)):
            return True
        case _:
            return False


def _made(lowering: Lowering, made: Expr, number: bool = False) -> ast.expr:
    """The generator of a list, or of lists made in a list one after the other."""
    match made:
        case Listed():
            return _nest(lowering, [made], number)
        case Call("flat", (Listed(value=Listed() as inner) as outer,)):
            return _nest(lowering, [outer, inner], number)
        case _:
            raise AssertionError(made)


def _nest(lowering: Lowering, levels: list[Listed], number: bool) -> ast.expr:
    with lowering.scope():
        loops = [bound(lowering, level) for level in levels]
        inner = levels[-1]
        value = lowering.number(inner.value) if number else lowering.tree(inner.value)
        where = None
        if inner.condition != Const(1):
            where = lowering.tree(inner.condition, truth=True)
        return generator(value, loops, where)


def _truths(lowering: Lowering, made: Listed, condition: Expr) -> ast.expr:
    with lowering.scope():
        loop = bound(lowering, made)
        return generator(lowering.tree(condition, truth=True), [loop])
