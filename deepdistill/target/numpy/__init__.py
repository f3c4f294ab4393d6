"""Program → a module of NumPy, arrays in and out: ``solver_np.py`` beside the readable solver."""

from __future__ import annotations

from typing import assert_never

from ...ir.names import fresh
from ...ir.program import Fill, Formula, Let, Map, Program, Scan
from ..registry import Exported, NotWritten, SolverTarget
from ..source import docstring, render
from ..used_names import names_used
from .arrays import ArrayWriter
from .formulas import formula_module
from .kinds import integer_kind
from .loops import AxisLoop
from .spelling import ArrayText, plain

_EXACT = 2**53  # larger integers are no floats


class NumpyTarget(SolverTarget):
    """Whole arrays at once: slices of grids, reductions, sorting, columns of tables."""

    name, file = "numpy", "solver_np.py"

    def write(self, subject: Exported) -> str:
        match subject.program:
            case Program():
                return _module(subject.program, subject)
            case Formula():
                return formula_module(subject.program, subject)
            case _:
                assert_never(subject.program)


TARGET = NumpyTarget()


def _module(program: Program, subject: Exported) -> str:
    for port in (*program.inputs, program.output):
        if port.symbols:
            raise NotWritten(f"NumPy has no words for the symbols of {port.name}")
        if max(abs(port.domain.low), abs(port.domain.high)) > _EXACT:
            raise NotWritten(f"{port.name} holds numbers beyond 2**53, which arrays may round")
    kind = integer_kind(program)
    writer = ArrayWriter(program, kind, names_used(program))
    same = _like_input(program)
    for statement in program.body:
        match statement:
            case Let(name, value):
                writer.bind(name, writer.value(value))
            case Map(name, like, index, body, value):
                loops = {n: AxisLoop(like, axis) for axis, n in enumerate(index)}
                with writer.looping(loops):
                    for let in body:
                        writer.bind(let.name, writer.value(let.value))
                    answer = _spread(writer, writer.value(value), like, index)
                writer.bind(name, answer)
            case Fill() | Scan():
                raise NotWritten("NumPy has no words for this program yet")
            case _:
                assert_never(statement)
    answer = writer.number(writer.names[program.output.name])
    last = writer.lines.pop() if writer.lines else ""
    target, _, text = last.partition(" = ")
    if target != program.output.name:
        writer.lines.append(last)
        text = answer.text
    elif writer.names[program.output.name].truth:
        text = f"({text})"
    returned = f"({text}).astype({'kind' if same else 'np.int64'})"
    names = [port.name for port in program.inputs]
    checks = [
        f"{port.name} = _integers({port.name!r}, {port.name}, "
        f"{tuple(axis.size for axis in port.axes)}, {port.domain.low}, {port.domain.high})"
        for port in program.inputs
    ]
    if same:
        checks.append(f"kind = {same}.dtype")
    checks += [f"{name} = {name}.astype(np.{kind}, copy=False)" for name in names]
    return render(
        "solver_np.py.j2",
        {
            "summary": docstring(subject.summary or f"The program {program.name}."),
            "about": [docstring("The same as solver.py beside it, for NumPy.")],
            "name": program.name,
            "arguments": ", ".join(names),
            "purpose": "Return the answer.",
            "constants": list(writer.constants.items()),
            "checks": checks,
            "body": [*writer.size_lines(), *writer.lines, f"return {plain(returned)}"],
            "helpers": list(writer.helpers),
            "may_be_empty": False,
            "any_fixed": any(axis.size for port in program.inputs for axis in port.axes),
        },
    )


def _spread(writer: ArrayWriter, value: ArrayText, like: str, index: tuple[str, ...]) -> ArrayText:
    """An answer for each position, where it may be the same along some axes."""
    if value.axes == index:
        return value
    sizes = ", ".join(writer.size(like, axis) for axis in range(len(index)))
    return ArrayText(f"np.broadcast_to({value.along(index)}, ({sizes},))", index, value.truth)


def _like_input(program: Program) -> str:
    """The first input, where every answer is a value that it could hold."""
    first, out = program.inputs[0].domain, program.output.domain
    return program.inputs[0].name if first.low <= out.low and out.high <= first.high else ""


__all__ = ["TARGET", "fresh"]
