"""Program → a module of NumPy, arrays in and out: ``solver_np.py`` beside the readable solver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ...ir.program import Formula, Program
from ...ir.types import Axis
from ...ir.used_names import names_used
from ..pieces import piece
from ..registry import Exported, NotWritten, SolverTarget
from ..source import docstring, render
from .arrays import ArrayWriter
from .bodies import body_lines
from .formulas import formula_module
from .kinds import LENGTHS, integer_kind

_EXACT = 2**53  # larger integers are no floats
_HELPERS = ("states", "exact", "places", "at")  # in the order in which they stand


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
        if max(abs(port.domain.low), abs(port.domain.high)) > _EXACT:
            raise NotWritten(f"{port.name} holds numbers beyond 2**53, which arrays may round")
    kind, longest = integer_kind(program)
    writer = ArrayWriter(program, kind, names_used(program))
    same = _like_input(program)
    symbols = program.output.symbols
    answer = f"({{}}).astype({'kind' if same and program.output.axes else 'np.int64'})"
    if symbols:
        answer = f"np.array({symbols})[{{}}]"
    body = body_lines(writer, program, answer)
    names = [port.name for port in program.inputs]
    keeps = any("kind" in line for line in body[-1:]) and same
    helpers = {*writer.helpers, *("places" for port in program.inputs if port.symbols)}
    return render(
        "solver_np.py.j2",
        {
            "summary": docstring(subject.summary or f"The program {program.name}."),
            "about": [docstring("The same as solver.py beside it, for NumPy: arrays in and out.")],
            "name": program.name,
            "arguments": ", ".join(names),
            "purpose": _purpose(program, bool(keeps)),
            "constants": list(writer.constants.items()),
            "checks": list(_checks(program, kind, same if keeps else "", subject, longest)),
            "body": body,
            "helpers": [name for name in _HELPERS if name in helpers],
            "vectors": piece(
                "numpy.vectors",
                known={
                    "EMPTY": len(names) == 1 and program.inputs[0].axes[0].kind == "sequence",
                    "ANY_FIXED": any(axis.size for port in program.inputs for axis in port.axes),
                },
            ),
        },
    )


def _checks(
    program: Program, kind: str, same: str, subject: Exported, longest: int
) -> Iterator[str]:
    """The lines that make arrays of the arguments, of the type that the program computes with."""
    for port in program.inputs:
        sizes = tuple(axis.size for axis in port.axes)
        low, high = min(port.written), max(port.written)
        yield f"{port.name} = _integers({port.name!r}, {port.name}, {sizes}, {low}, {high})"
        if port.symbols:
            yield f"{port.name} = _places({port.name!r}, {port.name}, {port.symbols})"
    first: dict[tuple[Axis, ...], str] = {}
    for port in program.inputs:
        leader = port.name if port.is_fixed else first.setdefault(port.axes, port.name)
        if leader != port.name:
            message = f"{port.name} and {leader} must have the same size"
            yield f"if {port.name}.shape != {leader}.shape:"
            yield f"    raise ValueError({message!r})"
    name = program.inputs[0].name
    for axis, least in enumerate(subject.least):
        if least > 1:
            message = f"{name} must be at least {' x '.join(map(str, subject.least))}"
            yield f"if {name}.shape[{axis}] < {least}:"
            yield f"    raise ValueError({message!r})"
    for a, b in subject.alike:
        message = f"{name} must have the same size along axes {a} and {b}: nothing else was checked"
        yield f"if {name}.shape[{a}] != {name}.shape[{b}]:"
        yield f"    raise ValueError({message!r})"
    if longest < LENGTHS[0]:
        message = (
            f"{name} has more than {longest} places along an axis: sums may need more than 64 bits"
        )
        yield f"if max({name}.shape) > {longest}:"
        yield f"    raise ValueError({message!r})"
    if same:
        yield f"kind = {same}.dtype"
    for port in program.inputs:
        yield f"{port.name} = {port.name}.astype(np.{kind}, copy=False)"


def _purpose(program: Program, keeps: bool) -> str:
    if not program.output.axes:
        return "Return the answer."
    if keeps:
        return f"Return an array of the type of `{program.inputs[0].name}`."
    return "Return an array of integers."


def _like_input(program: Program) -> str:
    """The first input, where every answer is a value that it could hold."""
    port, out = program.inputs[0], program.output.domain
    same = port.domain.low <= out.low and out.high <= port.domain.high and not port.symbols
    return port.name if same else ""


__all__ = ["TARGET"]
