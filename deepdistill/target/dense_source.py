"""Condensed network → Source: the solver module and the test beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..ir.expr import Call, Const, Expr
from ..ir.program import Program
from ..ir.types import Port
from .body import function_body
from .lower import Lowering
from .source import Provenance, docstring, module_layout, render, solver_module

_LONGEST_FORMATTED = 1000
_LONGEST_LAWS = 700
_ANSWERS = {
    "argmax": "the class, counted from 0; the first one on a tie",
    "softmax": "the list of probabilities",
    "linear": "the number, or the list of numbers",
}


@dataclass(frozen=True, slots=True)
class Architecture:
    """The units of each layer of a dense network, and what its last layer answers.

    For a program of any size: ``shapes`` are those at which it was checked, ``least`` is the
    smallest one that it takes, and ``alike`` are pairs of axes that must have the same size.
    """

    layers: tuple[int, ...]
    head: str
    shapes: tuple[tuple[int, ...], ...] = ()
    least: tuple[int, ...] = ()
    alike: tuple[tuple[int, int], ...] = ()


def dense_solver(
    program: Program, provenance: Provenance, built: Architecture, formatted: bool = True
) -> str:
    """The source of the solver module."""
    lowering = _lowering(program, built)
    (port,) = program.inputs
    free = [k for k, axis in enumerate(port.axes) if axis.size is None]
    body = function_body(program, lowering)
    text = "\n".join(body)
    uses_math = "math." in text or "_softmax(" in text
    layers = ", ".join(f"{units:,}" for units in built.layers)
    built_of = f"a network with layers of {layers} units."
    learned = f"Condensed by deepdistill {provenance.version} from {built_of}"
    if provenance.learned_from:
        source = f"{provenance.version} from {provenance.learned_from}"
        learned = f"Learned by deepdistill {source}, as {built_of}"
    items = [docstring(f"- {sentence}", hanging="  ") for sentence in provenance.checked]
    tables = {name: value for name, value in lowering.constants.items() if _is_long(value)}
    constants = [
        (name, f"_{name}_TABLE" if name in tables else value)
        for name, value in lowering.constants.items()
    ]
    source = solver_module(
        module_layout(program, lowering, body)
        | {
            "summary": docstring(
                f"What a trained network of threshold units answers, for {_inputs(program)}."
            ),
            "origin": [docstring(learned + (" Checked:" if items else "")), *items],
            "purpose": docstring(f"Return {_ANSWERS[built.head]}."),
            "constants": constants,
            "shapes": len(port.axes) > 1 and bool(free),
            "refusals": _refusals(port, free, built),
            "imports": [
                "json",
                *(["math"] if uses_math else []),
                "sys",
            ],
            "helpers": [name for name in ("sign", "largest", "softmax") if f"_{name}(" in text],
        },
        formatted,
    )
    for name, value in tables.items():
        source = source.replace(f"{name} = _{name}_TABLE\n", f"{name} = {_table(value)}\n")
    return source


def _inputs(program: Program) -> str:
    """``28 x 28 inputs``, or inputs of any size."""
    (port,) = program.inputs
    if all(axis.size is None for axis in port.axes):
        return "inputs of any size"
    return (
        " x ".join("n" if axis.size is None else str(axis.size) for axis in port.axes) + " inputs"
    )


def _refusals(port: Port, free: list[int], built: Architecture) -> list[tuple[str, str]]:
    """Conditions under which an input is refused, and sentences about it."""
    lengths = [f"len({port.name}{'[0]' * k})" for k in range(len(port.axes))]
    result = []
    small = [f"{lengths[k]} < {built.least[k]}" for k in free if built.least[k] > 1]
    if small:
        least = " x ".join(map(str, built.least))
        result.append((" or ".join(small), f"{port.name} must be at least {least}"))
    for a, b in built.alike:
        message = f"{port.name} must be as wide as high: nothing else was checked"
        if len(port.axes) != 2:
            message = f"{port.name} must have the same size along axes {a} and {b}"
        result.append((f"{lengths[a]} != {lengths[b]}", message))
    return result


def _is_long(value: tuple[object, ...]) -> bool:
    return len(repr(value)) > _LONGEST_FORMATTED


def _table(value: tuple[object, ...]) -> str:
    """A long constant, a line for each entry: black would take one for each number."""
    lines = "".join(f"    {entry!r},\n" for entry in value)
    return f"(\n{lines})"


def dense_solver_test(program: Program, provenance: Provenance, built: Architecture) -> str:
    """The source of the property test that lands beside the solver."""
    (port,) = program.inputs
    shape = built.shapes[0] if built.shapes else tuple(axis.size or 0 for axis in port.axes)
    return render(
        "test_condensed.py.j2",
        {
            "shape": shape,
            "free": tuple(k for k, axis in enumerate(port.axes) if axis.size is None),
            "least": built.least,
            "alike": built.alike,
            "low": port.domain.low,
            "high": port.domain.high,
            "head": built.head,
            "classes": program.output.domain.high + 1,
            "examples": tuple((inputs[0], answer) for inputs, answer in provenance.examples),
        },
    )


def _lowering(program: Program, built: Architecture) -> Lowering:
    """The lowering that knows the least sizes, and one name for sizes that are the same."""
    lowering = Lowering(program)
    (port,) = program.inputs
    sizes = list(lowering.sizes[port.name])
    if built.alike and {k for pair in built.alike for k in pair} == {*range(len(sizes))}:
        lowering.size_values = {lowering.fresh("n"): (port.name, 0)}
        sizes = [*lowering.size_values] * len(sizes)
    lowering.sizes[port.name] = tuple(sizes)
    for k, axis in enumerate(port.axes):
        if axis.size is None:
            lowering.least[sizes[k]] = built.least[k]
    return lowering


def laws_in_words(
    program: Program, built: Architecture, laws: Sequence[tuple[Expr, float, float]]
) -> str:
    """``27 and 13 are rows - 1``, law after law."""
    lowering = _lowering(program, built)
    described: dict[str, None] = {}
    for law, first, second in laws:
        match law:
            case Call("mul", (Const(-1), inner)):
                law, first, second = inner, -first, -second
        described[f"{first:g} and {second:g} are {lowering.source(law)}"] = None
    if not described:
        return "no number follows the size"
    return _shortened("; ".join(described))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_LAWS else text[:_LONGEST_LAWS].rsplit(";", 1)[0] + "; ..."


def body_lines(code: str, name: str) -> int:
    """How many lines the body of the solver's function has, its docstring and check left out."""
    lines = code.splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith(f"def {name}("))
    count = 0
    for line in lines[start + 3 :]:
        if line and not line.startswith(" "):
            break
        count += bool(line.strip())
    return count
