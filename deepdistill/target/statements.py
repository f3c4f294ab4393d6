"""Program → the body of the public Python function: sizes, loops, intermediate variables."""

from __future__ import annotations

import re
from collections import Counter
from typing import assert_never

from ..ir.expr import Expr, If, Read, Sum, Var, walk
from ..ir.program import Fill, Let, Map, Program, Scan
from .arrays import fill_lines
from .printer import Printer
from .scan import scan_lines
from .summation import put

INDENT = "    "
LONGEST_COMPREHENSION = 72


def function_body(program: Program, printer: Printer) -> list[str]:
    """The lines of the function after its arguments are checked, the ``return`` included."""
    lines: list[str] = []
    result = None
    for statement in program.body:
        if result is not None:
            lines.append(f"{result[0]} = {result[1]}")
            result = None
        match statement:
            case Let():
                lines += _let(statement, printer)
            case Map():
                with printer.scope():
                    comprehension = _comprehension(statement, printer)
                if comprehension is not None:
                    result = (printer.bind(statement.name), comprehension)
                else:
                    lines += _loops(statement, printer)
            case Fill():
                lines += fill_lines(statement, printer)
            case Scan():
                lines += scan_lines(statement, printer)
            case _:
                assert_never(statement)
    last = program.body[-1]
    if result is not None and last.name == program.output.name:
        lines.append(f"return {result[1]}")
    elif lines[-1].startswith(f"{program.output.name} = ") and last.name == program.output.name:
        lines[-1] = "return " + lines[-1].removeprefix(f"{program.output.name} = ")
    else:
        lines.append(f"return {printer.names[program.output.name]}")
    return sizes_used(printer, lines) + lines


def sizes_used(printer: Printer, lines: list[str]) -> list[str]:
    """The sizes that the lines use, those of one port in one assignment."""
    text = "\n".join(lines)
    by_port: dict[str, list[str]] = {}
    for name, value in printer.size_values.items():
        if re.search(rf"\b{name}\b", text):
            port = re.split(r"[(\[)]", value)[1]
            by_port.setdefault(port, []).append(name)
    return [
        f"{', '.join(names)} = {', '.join(printer.size_values[name] for name in names)}"
        for names in by_port.values()
    ]


def _let(let: Let, printer: Printer) -> list[str]:
    """The text of the value is made before the name is bound: it may mean an older value."""
    chosen = _choice_lines(let.value, printer)
    if chosen is None:
        source = printer.source(let.value)
        return [f"{printer.bind(let.name, let.value)} = {source}"]
    name = printer.bind(let.name, let.value)
    return [line.replace(_TARGET, name) for line in chosen]


_TARGET = "*target*"  # no identifier, so no part of an expression


def _choice_lines(expr: Expr, printer: Printer) -> list[str] | None:
    """``if``, ``elif`` and ``else`` for a choice between more than two values, else None."""
    if not isinstance(expr, If):
        return None
    if not isinstance(expr.then, If) and not isinstance(expr.otherwise, If):
        return None
    lines, word, rest = [], "if", expr
    while isinstance(rest, If):
        lines.append(f"{word} {printer.test(rest.condition)}:")
        lines += _branch(rest.then, printer)
        word, rest = "elif", rest.otherwise  # type: ignore[assignment]
    return [*lines, "else:", *_branch(rest, printer)]


def _branch(expr: Expr, printer: Printer) -> list[str]:
    lines = _choice_lines(expr, printer) or [f"{_TARGET} = {printer.number(expr)}"]
    return [INDENT + line for line in lines]


def _bind_index(statement: Map, printer: Printer) -> list[tuple[str, str]]:
    """The loop variable and the size of each axis."""
    sizes = printer.sizes[statement.like]
    return [
        (printer.bind_index(name, statement.like, axis), sizes[axis])
        for axis, name in enumerate(statement.index)
    ]


def _comprehension(statement: Map, printer: Printer) -> str | None:
    """The array as one expression, where it is short and needs no intermediate variables."""
    loops = _bind_index(statement, printer)
    value = _inlined(statement, printer)
    if value is None or _choice_lines(value, printer) is not None:
        return None
    text = printer.number(value)
    if len(text) > LONGEST_COMPREHENSION:
        return None
    for index, size in reversed(loops):
        text = f"[{text} for {index} in range({size})]"
    return text


def _inlined(statement: Map, printer: Printer) -> Expr | None:
    """The value without intermediate variables, where those are neighbours in a row used once."""
    if not statement.body:
        return statement.value
    nodes = list(walk(statement.value))
    used = Counter(node.name for node in nodes if isinstance(node, Var))
    if len(statement.index) > 1 or any(isinstance(node, Sum) for node in nodes):
        return None
    for let in statement.body:
        if not isinstance(let.value, Read) or printer.conditions(let.value.port, let.value.index):
            return None
        if used[let.name] != 1 or any(isinstance(e, Read) for e in let.value.index):
            return None
    values = {let.name: let.value for let in statement.body}
    names_in_values = {e.name for v in values.values() for e in walk(v) if isinstance(e, Var)}
    if len(values) < len(statement.body) or values.keys() & (names_in_values | {*statement.index}):
        return None
    return put(statement.value, values)


def _loops(statement: Map, printer: Printer) -> list[str]:
    """Nested loops that append to one list for each axis."""
    arrays = [_array_name(statement, printer, k) for k in range(len(statement.index))]
    with printer.scope():
        loops = _bind_index(statement, printer)
        inner: list[str] = []
        printer.hoisted = {} if len(loops) > 1 else None
        printer.inner_loops = tuple(index for index, _ in loops[1:])
        for let in statement.body:
            inner += _let(let, printer)
        inner += _append(statement.value, arrays[-1], printer)
        hoisted, printer.hoisted = printer.hoisted or {}, None
    outermost = [f"{name} = {source}" for source, name in hoisted.items()]
    for (index, size), array, outer in reversed(
        list(zip(loops, arrays, [None, *arrays], strict=False))
    ):
        inner = inner if outer else [*outermost, *inner]
        inner = [f"{array} = []", f"for {index} in range({size}):", *(INDENT + x for x in inner)]
        inner += [f"{outer}.append({array})"] if outer else []
    printer.names[statement.name] = arrays[0]
    return inner


def _array_name(statement: Map, printer: Printer, depth: int) -> str:
    """A name for the result or for a part of it that no variable of the program has."""
    if depth == 0:
        values = [statement.value, *(let.value for let in statement.body)]
        inner = {e.name for value in values for e in walk(value) if isinstance(e, Var)}
        inner |= {let.name for let in statement.body} | {*statement.index, *printer.ports}
        return statement.name if statement.name not in inner else printer.fresh("result")
    usual = {2: ("row",), 3: ("plane", "row")}.get(len(statement.index))
    return printer.helper(usual[depth - 1] if usual else f"part_{depth}")


def _append(value: Expr, array: str, printer: Printer) -> list[str]:
    lines = _choice_lines(value, printer)
    if lines is None:
        return [f"{array}.append({printer.number(value)})"]
    state = printer.helper("state")
    return [*(line.replace(_TARGET, state) for line in lines), f"{array}.append({state})"]
