"""Composed programs on disk: the archive of networks with the program as text."""

from __future__ import annotations

from typing import Any

from ...data.problem import InputError
from ...ir.names import identifier
from ...ir.parse import parse_program
from ...ir.program import Program
from ...ir.spec import BrokenProgram, check
from ...ir.types import Axis, Port
from ...units.archive import FORMAT, LARGEST_INTEGER, archive, integers, listed, one_format, stored
from ...units.composed import ComposedNetwork

_KEYS = {"format", "kind", "program", "found_by", "longest", "shortest", "open"}
_LONGEST_PROGRAM, _LONGEST_NAME = 200_000, 60
_AXES = ((), (Axis("sequence"),), (Axis("grid"), Axis("grid")))


def composed_bytes(network: ComposedNetwork) -> bytes:
    """The file of a program; the same bytes for the same one."""
    spec = {
        "format": FORMAT,
        "kind": "composed",
        "program": str(network.program),
        "found_by": network.found_by,
        "longest": [list(sizes) for sizes in network.longest],
        "shortest": [list(sizes) for sizes in network.shortest],
        "open": list(network.open),
    }
    return archive(spec, [], stored)


def composed_network(spec: Any, arrays: dict[str, Any]) -> ComposedNetwork:
    """The program in an archive; :class:`InputError` where it holds none."""
    one_format(spec, _KEYS)
    if arrays:
        raise InputError("it holds arrays, which programs have not")
    program = _program(spec["program"])
    found_by = spec["found_by"]
    if not isinstance(found_by, str) or not 0 < len(found_by) <= _LONGEST_NAME:
        raise InputError("it does not say by what it was found")
    if not found_by.isprintable():
        raise InputError("it does not say by what it was found")
    longest, shortest = (_sizes(spec[key], program, key) for key in ("longest", "shortest"))
    if any(
        a > b
        for low, high in zip(shortest, longest, strict=True)
        for a, b in zip(low, high, strict=True)
    ):
        raise InputError("its shortest inputs are longer than its longest ones")
    texts = [port.name for port in program.inputs if port.is_text and port.axes]
    if any(name not in texts for name in listed(spec["open"], "open inputs")):
        raise InputError("it says that an input is open which is no text")
    return ComposedNetwork(program, found_by, longest, shortest, tuple(spec["open"]))


def _sizes(value: Any, program: Program, what: str) -> tuple[tuple[int, ...], ...]:
    shapes = tuple(integers(sizes, what) for sizes in listed(value, what))
    depths = [len(port.axes) for port in program.inputs]
    if list(map(len, shapes)) != depths or any(n < 0 for sizes in shapes for n in sizes):
        raise InputError(f"its {what} sizes are not those of its inputs")
    return shapes


def _program(text: Any) -> Program:
    if not isinstance(text, str) or len(text) > _LONGEST_PROGRAM:
        raise InputError("its program is not a text of usable length")
    try:
        program = parse_program(text)
        check(program, "composed")
    except (ValueError, KeyError, TypeError, BrokenProgram) as error:
        raise InputError(f"its program cannot be read: {str(error)[:200]}") from None
    if str(program) != text or not program.inputs:
        raise InputError("its program is not written as programs are")
    for port in (*program.inputs, program.output):
        _check_port(port)
    return program


def _check_port(port: Port) -> None:
    symbols, domain = port.symbols, port.domain
    if identifier(port.name) != port.name or port.axes not in _AXES:
        raise InputError("a port of its program has an unusable name or other axes")
    if not -LARGEST_INTEGER <= domain.low <= domain.high <= LARGEST_INTEGER:
        raise InputError("the domain of a port is empty or too wide")
    if symbols and (domain.low, domain.high, len(set(symbols))) != (
        0,
        len(symbols) - 1,
        len(symbols),
    ):
        raise InputError("a port's symbols are not one for each of its values")
    kinds = {type(symbol) for symbol in symbols}
    if len(kinds) > 1 or not kinds <= {int, str, bool}:
        raise InputError("a port's symbols are neither texts nor integers")
    if port.is_text and port.axes and any(len(str(symbol)) != 1 for symbol in symbols):
        raise InputError("a text has symbols that are no characters")
