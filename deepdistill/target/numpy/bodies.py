"""The statements of a program as the lines of a function of arrays."""

from __future__ import annotations

from typing import assert_never

from ...ir.expr import Const, Expr
from ...ir.program import Fill, Let, Map, Program, Scan
from ..registry import NotWritten
from .arrays import ArrayWriter
from .loops import AxisLoop, loop_of
from .scans import scan_lines
from .spelling import ArrayText, plain


def body_lines(writer: ArrayWriter, program: Program, answer: str) -> list[str]:
    """The lines, the last of which returns the answer; ``answer`` is a text around an array.

    Raises :class:`NotWritten` where there are no words for a statement.
    """
    for statement in program.body:
        match statement:
            case Let(name, value):
                writer.bind(name, writer.value(value))
            case Map(name, like, index):
                loops = {n: AxisLoop(like, axis) for axis, n in enumerate(index)}
                writer.bind(name, _looped(writer, statement, loops))
            case Fill(name, index, sizes, _, None):
                writer.bind(name, _looped(writer, statement, _ranges(writer, index, sizes)))
            case Fill(name, index, _, value, points):
                assert points is not None
                writer.bind(name, _listed(writer, index, points, value))
            case Scan():
                if len(program.body) > 1:
                    raise NotWritten("NumPy has no words for a loop beside other statements")
                return scan_lines(writer, program, statement)
            case _:
                assert_never(statement)
    result = writer.names[program.output.name]
    text = _last_value(writer, program.output.name, writer.number(result).text, result.truth)
    if not result.whole:
        answer = "int({})"
    lines = [*writer.lines, f"return {plain(answer.format(text))}"]
    return [*writer.size_lines(lines), *lines]


def _last_value(writer: ArrayWriter, name: str, text: str, truth: bool) -> str:
    """The text of the answer, without a line of its own where that names it and no more."""
    last = writer.lines[-1] if writer.lines else ""
    target, _, value = last.partition(" = ")
    if target != name:
        return text
    writer.lines.pop()
    return f"({value})"


def _looped(writer: ArrayWriter, statement: Map | Fill, loops: dict[str, AxisLoop]) -> ArrayText:
    """An array with a value for each position: at once, or place after place where need be."""
    kept = list(writer.lines), dict(writer.names), set(writer.taken)
    index = statement.index
    try:
        with writer.looping(loops):
            for let in statement.body if isinstance(statement, Map) else ():
                writer.bind(let.name, writer.value(let.value))
            array = writer.value(statement.value)
    except NotWritten:
        if len(index) != 1 or (isinstance(statement, Map) and statement.body):
            raise
        writer.lines, writer.names, writer.taken = kept
        return _place_by_place(writer, statement, loops[index[0]])
    if array.axes != index:
        sizes = ", ".join(size_text(writer, loop) for loop in loops.values())
        array = ArrayText(f"np.broadcast_to({array.along(index)}, ({sizes},))", index, array.truth)
    return ArrayText(array.text, (), array.truth, whole=True)


def _place_by_place(writer: ArrayWriter, statement: Map | Fill, loop: AxisLoop) -> ArrayText:
    """A list made by a loop: what is at one place may be a list that no axis can hold."""
    (name,) = statement.index
    with writer.looping({}):
        writer.names[name] = ArrayText(name)
        kept, writer.lines = writer.lines, []
        value = writer.value(statement.value)
        inner, writer.lines = writer.lines, kept
    made = writer.fresh("answers")
    writer.emit(f"{made} = []")
    writer.emit(f"for {name} in range({size_text(writer, loop)}):")
    for line in [*inner, f"{made}.append({plain(value.text)})"]:
        writer.emit(f"    {line}")
    return ArrayText(f"np.array({made})", (), value.truth, whole=True)


def _listed(
    writer: ArrayWriter, index: tuple[str, ...], points: tuple[tuple[int, ...], ...], value: Expr
) -> ArrayText:
    """A list with a value for each of some points."""
    texts = []
    for point in points:
        with writer.looping({}):
            for name, place in zip(index, point, strict=True):
                writer.names[name] = ArrayText(repr(place))
            texts.append(writer.number(writer.value(value)).text)
    return ArrayText(f"np.array([{', '.join(texts)}])", (), whole=True)


def _ranges(
    writer: ArrayWriter, index: tuple[str, ...], sizes: tuple[int | Expr, ...]
) -> dict[str, AxisLoop]:
    loops = {}
    for name, size in zip(index, sizes, strict=True):
        known = None if isinstance(size, int) else loop_of(Const(0), size)
        text = str(size) if isinstance(size, int) else plain(writer.value(size).text)
        loops[name] = known or AxisLoop(low="0", high=text)
    return loops


def size_text(writer: ArrayWriter, loop: AxisLoop) -> str:
    """How many places a loop has that starts at 0."""
    if not loop.port:
        return loop.high
    size = writer.size(loop.port, loop.axis)
    return f"{size} - {loop.trim}" if loop.trim else size
