"""Program → the body of the public Python function: sizes, loops, intermediate variables."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from typing import Any, assert_never

from ..ir.expr import Call, Const, Expr, First, If, Read, Sum, Var, uses, walk
from ..ir.interval import Interval
from ..ir.program import Fill, Let, Map, Program, Scan, Statement
from .choices import assigned, is_nested
from .item_parts import singular, turned_round
from .loops import ForLoop, loop
from .lower import Lowering
from .neighbours import put
from .python import block, built, lines, names_in, written
from .scan import scan_block

_LONGEST_COMPREHENSION = 72
_LONGEST_POINTS = 60


def function_body(program: Program, lowering: Lowering) -> list[str]:
    """The lines of the function after its arguments are checked, the ``return`` included."""
    return lines(function_block(program, lowering))


def function_block(program: Program, lowering: Lowering) -> list[ast.stmt]:
    """The statements of the function after its arguments are checked, the ``return`` included."""
    statements: list[ast.stmt] = []
    output = program.output.name
    for statement in program.body:
        last = statement is program.body[-1] and statement.name == output
        statements += _lowered(statement, lowering, last)
    match statements[-1]:
        case ast.Assign([ast.Name(name)], value) if name == lowering.names[output]:
            statements[-1:] = block("return {}", value)
        case ast.Assign() | ast.For() | ast.If():
            statements += block(f"return {lowering.names[output]}")
    return _sizes_used(lowering, statements) + statements


def _sizes_used(lowering: Lowering, statements: list[ast.stmt]) -> list[ast.stmt]:
    """The sizes that the statements use, those of one port in one assignment."""
    used = names_in(*statements)
    by_port: dict[str, dict[str, str]] = {}
    for name, (port, axis) in lowering.size_values.items():
        if name in used:
            by_port.setdefault(port, {})[name] = lowering.size_text(port, axis)
    made = [f"{', '.join(own)} = {', '.join(own.values())}" for own in by_port.values()]
    return block("\n".join(made))


def _lowered(statement: Statement, lowering: Lowering, last: bool) -> list[ast.stmt]:
    match statement:
        case Let(name, First() as search):
            return _search(name, search, lowering, last)
        case Let():
            return _let(statement, lowering)
        case Map():
            return _map(statement, lowering)
        case Fill(_, _, _, First() as search):
            return _searches(statement, search, lowering)
        case Fill():
            made = _over_points(statement, lowering)
            python = _bind_array(statement, lowering)
            return block(f"{python} = {{}}", made or _over_axes(statement, lowering))
        case Scan():
            return scan_block(statement, lowering)
        case _:
            assert_never(statement)


def _let(let: Let, lowering: Lowering, whole: bool = True) -> list[ast.stmt]:
    """The value is lowered before the name is bound: it may mean an older value.

    With ``whole`` the value itself must be an int, not a bool.
    """
    target = ast.Name(let.name)
    lowered = lowering.number if whole else lowering.tree
    statements = assigned(target, let.value, lowering, lowered)
    target.id = lowering.bind(let.name, let.value)
    return statements


def _map(statement: Map, lowering: Lowering) -> list[ast.stmt]:
    with lowering.scope():
        comprehension = _comprehension(statement, lowering)
    if comprehension is not None:
        return block(f"{lowering.bind(statement.name)} = {{}}", comprehension)
    return _loops(statement, lowering)


def _bind_index(statement: Map, lowering: Lowering) -> list[ForLoop]:
    """The loop over each axis."""
    return [
        ForLoop(
            lowering.bind_index(name, statement.like, axis),
            built("range({})", lowering.sizes[statement.like][axis]),
        )
        for axis, name in enumerate(statement.index)
    ]


def _nested(element: ast.expr, loops: Sequence[ForLoop]) -> ast.expr:
    """A comprehension for each loop, the outermost first."""
    for one in reversed(loops):
        element = built("[{} for {} in {}]", element, *one)
    return element


def _comprehension(statement: Map, lowering: Lowering) -> ast.expr | None:
    """The array as one expression, where it is short and needs no intermediate variables."""
    loops = _bind_index(statement, lowering)
    value = _inlined(statement, lowering)
    if value is None or (isinstance(value, If) and is_nested(value)):
        return None
    tree = lowering.number(value)
    return _nested(tree, loops) if len(written(tree)) <= _LONGEST_COMPREHENSION else None


def _inlined(statement: Map, lowering: Lowering) -> Expr | None:
    """The value without intermediate variables, where those are neighbours in a row used once."""
    if not statement.body:
        return statement.value
    nodes = list(walk(statement.value))
    used = Counter(node.name for node in nodes if isinstance(node, Var))
    if len(statement.index) > 1 or any(isinstance(node, Sum) for node in nodes):
        return None
    for let in statement.body:
        if not isinstance(let.value, Read) or lowering.conditions(let.value.port, let.value.index):
            return None
        if used[let.name] != 1 or any(isinstance(e, Read) for e in let.value.index):
            return None
    values = {let.name: let.value for let in statement.body}
    names_in_values = {e.name for v in values.values() for e in walk(v) if isinstance(e, Var)}
    if len(values) < len(statement.body) or values.keys() & (names_in_values | {*statement.index}):
        return None
    return put(statement.value, values)


def _loops(statement: Map, lowering: Lowering) -> list[ast.stmt]:
    """Nested loops that append to one list for each axis."""
    arrays = [_array_name(statement, lowering, k) for k in range(len(statement.index))]
    with lowering.scope():
        loops = _bind_index(statement, lowering)
        inner: list[ast.stmt] = []
        lowering.hoisted = {} if len(loops) > 1 else None
        lowering.inner_loops = {index for index, _ in loops[1:]}
        for let in statement.body:
            inner += _let(let, lowering, whole=False)
        inner += _appended(statement.value, arrays[-1], lowering)
        hoisted, lowering.hoisted = lowering.hoisted or {}, None
    for depth, one in reversed(list(enumerate(loops))):
        if depth == 0:
            made = [block(f"{name} = {{}}", tree) for name, tree in hoisted.values()]
            inner = [*(line for lines in made for line in lines), *inner]
        inner = block(f"{arrays[depth]} = []\nfor {{}} in {{}}:\n    {{}}", *one, inner)
        inner += block(f"{arrays[depth - 1]}.append({arrays[depth]})") if depth else []
    lowering.names[statement.name] = arrays[0]
    return inner


def _array_name(statement: Map, lowering: Lowering, depth: int) -> str:
    """A name for the result or for a part of it that no variable of the program has."""
    if depth == 0:
        values = [statement.value, *(let.value for let in statement.body)]
        inner = {e.name for value in values for e in walk(value) if isinstance(e, Var)}
        inner |= {let.name for let in statement.body} | {*statement.index, *lowering.ports}
        return statement.name if statement.name not in inner else lowering.fresh("result")
    usual = {2: ("row",), 3: ("plane", "row")}.get(len(statement.index))
    return lowering.helper(usual[depth - 1] if usual else f"part_{depth}")


def _appended(value: Expr, array: str, lowering: Lowering) -> list[ast.stmt]:
    if not isinstance(value, If) or not is_nested(value):
        return block(f"{array}.append({{}})", lowering.number(value))
    state = lowering.helper("state")
    chosen = assigned(built(state), value, lowering, lowering.number)
    return [*chosen, *block(f"{array}.append({state})")]


# Arrays of their own sizes


def _bind_array(statement: Fill, lowering: Lowering) -> str:
    python = lowering.bind(statement.name)
    lowering.arrays[statement.name] = python
    if statement.points is None:
        lowering.array_sizes[statement.name] = statement.sizes
    else:
        lowering.array_sizes[statement.name] = (len(statement.points),)
    return python


def _over_points(statement: Fill, lowering: Lowering) -> ast.expr | None:
    """``[value for i, j in PLACES]``."""
    if statement.points is None:
        return None
    table: tuple[Any, ...] = statement.points
    with lowering.scope():
        names = [
            lowering.bind(name, span=Interval(min(column), max(column)))
            for name, column in zip(statement.index, zip(*table, strict=True), strict=True)
        ]
        tree = lowering.number(statement.value)
    if len(names) == 1:
        table = tuple(point[0] for point in statement.points)
    where = repr(table)
    if len(where) > _LONGEST_POINTS:
        where = lowering.constant(f"{statement.name.upper()}_PLACES", table)
    return built("[{} for {} in {}]", tree, ", ".join(names), where)


def _over_axes(statement: Fill, lowering: Lowering) -> ast.expr:
    """A comprehension for each axis."""
    with lowering.scope():
        loops = [
            loop(lowering, name, Const(0), _as_expr(size), (statement.value,))
            for name, size in zip(statement.index, statement.sizes, strict=True)
        ]
        return _nested(lowering.number(statement.value), loops)


def _as_expr(size: int | Expr) -> Expr:
    return Const(size) if isinstance(size, int) else size


# Searches


def _search(name: str, search: First, lowering: Lowering, last: bool) -> list[ast.stmt]:
    """A loop that ends where something is found, and what to do where nothing is."""
    if _is_check(search):
        opposite = lowering.tree(Call("not", (search.condition,)), truth=True)
        match search.condition:
            case Call("ge", (size, Const(bound))):
                opposite = lowering.tree(Call("lt", (size, Const(bound))))
        refused = block("if {}:\n    {}", opposite, _refusal(lowering, "too few", many=True))
        return [*refused, *_let(Let(name, search.value), lowering)]
    target = ast.Name(name)
    refused = _refusal(lowering)
    with lowering.scope():
        one, test, value = _steps(search, lowering)
    ending = block("return {}" if last else "{1} = {0}\nbreak", value, target)
    target.id = name if last else lowering.bind(name)
    text = "for {} in {}:\n    if {}:\n        {}\n"
    if last:
        return block(text + "{}", *one, test, ending, refused)
    return block(text + "else:\n    {}", *one, test, ending, refused)


def _searches(statement: Fill, search: First, lowering: Lowering) -> list[ast.stmt]:
    """One search for each element of an array."""
    (turn,), (size,) = statement.index, statement.sizes
    result = _bind_array(statement, lowering)
    with lowering.scope():
        outer = loop(lowering, turn, Const(0), _as_expr(size), (search,))
        one, test, value = _steps(search, lowering)
    return block(
        f"{result} = []\nfor {{}} in {{}}:\n    for {{}} in {{}}:\n        if {{}}:\n"
        f"            {result}.append({{}})\n            break\n    else:\n        {{}}",
        *(*outer, *one, test, value, _refusal(lowering)),
    )


def _steps(search: First, lowering: Lowering) -> tuple[ForLoop, ast.expr, ast.expr]:
    """The loop, what is looked for and what is found there."""
    backwards = turned_round(search)
    own = backwards or search
    one = loop(lowering, own.name, own.start, own.stop, (own.condition, own.value))
    if backwards is not None:
        one = _reversed(one)
    value = lowering.number(own.value)
    return one, lowering.tree(own.condition, truth=True), value


def _reversed(one: ForLoop) -> ForLoop:
    """The same loop from the end."""
    match one.iterable:
        case ast.Call(ast.Name("enumerate" | "zip")):
            return ForLoop(one.target, built("reversed(list({}))", one.iterable))
        case _:
            return ForLoop(one.target, built("reversed({})", one.iterable))


def _is_check(search: First) -> bool:
    """Whether there is but one place, which nothing asks for."""
    used = any(uses(part, search.name) for part in (search.condition, search.value))
    return (search.start, search.stop) == (Const(0), Const(1)) and not used


def _refusal(lowering: Lowering, which: str = "no", many: bool = False) -> list[ast.stmt]:
    """``raise ValueError("there is no answer: no number fits")``."""
    port = lowering.program.inputs[0]
    one = "line" if len(port.axes) > 1 else singular(port.name)
    reason = f"{which} {port.name}" if many else f"{which} {one} fits"
    return block(f"raise ValueError('there is no answer: {reason}')")
