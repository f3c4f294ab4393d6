"""Programs over items → the body of the public function."""

from __future__ import annotations

from ..ir.expr import Call, Const, First, Var, walk
from ..ir.program import Fill, Let, Program, Statement
from .item_parts import ItemLoop, singular, turned_round
from .items import ItemPrinter
from .statements import sizes_used

INDENT = "    "


def item_body(program: Program, printer: ItemPrinter) -> list[str]:
    """The lines after the arguments are checked, the ``return`` included."""
    *before, last = program.body
    lines: list[str] = []
    for statement in before:
        lines += _assigned(statement, printer)
    lines += _returned(last, printer)
    return sizes_used(printer, lines) + lines


def _assigned(statement: Statement, printer: ItemPrinter) -> list[str]:
    match statement:
        case Fill(name):
            text = _filled(statement, printer)
        case Let(name, value):
            text = printer.number(value)
        case _:
            raise ValueError(f"a program over items has no {type(statement).__name__}")
    python = printer.bind(name)
    if isinstance(statement, Fill):
        printer.arrays[name] = python
        printer.array_sizes[name] = statement.sizes
    return [f"{python} = {text}"]


def _filled(statement: Fill, printer: ItemPrinter) -> str:
    """A comprehension for each axis."""
    with printer.scope():
        loops = []
        for name, size in zip(statement.index, statement.sizes, strict=True):
            stop = Const(size) if isinstance(size, int) else size
            loops.append(printer.loop(name, Const(0), stop, (statement.value,)))
        text = printer.number(statement.value)
    for loop in reversed(loops):
        text = f"[{text} {loop}]"
    return text


def _returned(statement: Statement, printer: ItemPrinter) -> list[str]:
    match statement:
        case Let(_, First() as search):
            return _search(search, printer)
        case Fill(_, (turn,), _, First() as search):
            return _searches(statement, turn, search, printer)
        case Let(_, value):
            return [f"return {printer.number(value)}"]
        case Fill():
            return [f"return {_filled(statement, printer)}"]
        case _:
            raise ValueError(f"a program over items has no {type(statement).__name__}")


def _search(search: First, printer: ItemPrinter) -> list[str]:
    """A loop that returns from within, and what to do where nothing is found."""
    if _is_check(search):
        opposite = printer.test(Call("not", (search.condition,)))
        match search.condition:
            case Call("ge", (size, Const(bound))):
                opposite = f"{printer.source(size)} < {bound}"
        return [
            f"if {opposite}:",
            f'{INDENT}raise ValueError("there is no answer: {_few(printer)}")',
            f"return {printer.number(search.value)}",
        ]
    with printer.scope():
        lines = _steps(search, printer, [f"return {_HOLE}"])
    return [*lines, f'raise ValueError("there is no answer: {_nothing(printer)}")']


def _searches(statement: Fill, turn: str, search: First, printer: ItemPrinter) -> list[str]:
    """One search for each element of the result."""
    (size,) = statement.sizes
    stop = Const(size) if isinstance(size, int) else size
    with printer.scope():
        result = printer.bind(statement.name)
        outer = printer.loop(turn, Const(0), stop, (search,))
        inner = _steps(search, printer, [f"{result}.append({_HOLE})", "break"])
    raised = f'{INDENT}raise ValueError("there is no answer: {_nothing(printer)}")'
    return [
        f"{result} = []",
        f"{outer}:",
        *(INDENT + line for line in [*inner, "else:", raised]),
        f"return {result}",
    ]


_HOLE = "*value*"  # no identifier, so no part of an expression


def _steps(search: First, printer: ItemPrinter, found: list[str]) -> list[str]:
    backwards = turned_round(search)
    own = backwards or search
    loop = printer.loop(own.name, own.start, own.stop, (own.condition, own.value))
    if backwards is not None:
        loop = _reversed(loop, own, printer)
    value = printer.number(own.value)
    lines = [line.replace(_HOLE, value) for line in found]
    return [
        f"{loop}:",
        f"{INDENT}if {printer.test(own.condition)}:",
        *(INDENT * 2 + line for line in lines),
    ]


def _reversed(loop: ItemLoop, search: First, printer: ItemPrinter) -> ItemLoop:
    """The same loop from the end."""
    if loop.over.startswith(("enumerate(", "zip(")):
        return ItemLoop(loop.target, f"reversed(list({loop.over}))")
    return ItemLoop(loop.target, f"reversed({loop.over})")


def _is_check(search: First) -> bool:
    parts = (search.condition, search.value)
    uses = any(e == Var(search.name) for part in parts for e in walk(part))
    return (search.start, search.stop) == (Const(0), Const(1)) and not uses


def things(printer: ItemPrinter) -> tuple[str, str]:
    """What the items are called, many and one."""
    port = printer.program.inputs[0]
    if len(port.axes) > 1:
        return (port.name, "line")
    return (port.name, singular(port.name))


def _nothing(printer: ItemPrinter) -> str:
    return f"no {things(printer)[1]} fits"


def _few(printer: ItemPrinter) -> str:
    return f"too few {things(printer)[0]}"
