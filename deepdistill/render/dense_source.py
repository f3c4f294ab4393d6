"""Condensed network → Source: the solver module and the test beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..ir.program import Program
from .printer import Printer
from .source import check_call, docstring, render
from .statements import function_body

_LONGEST_FORMATTED = 1000
_ANSWERS = {
    "argmax": "the class, counted from 0; the first one on a tie",
    "softmax": "the list of probabilities",
    "linear": "the number, or the list of numbers",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Which network a program comes from and what was checked, told in its docstring."""

    layers: tuple[int, ...]
    head: str
    checked: tuple[str, ...]
    examples: tuple[tuple[Any, Any], ...]
    version: str


def dense_solver(program: Program, origin: Origin, formatted: bool = True) -> str:
    """The source of the solver module."""
    printer = Printer(program)
    body = function_body(program, printer)
    (port,) = program.inputs
    shape = " x ".join(str(axis.size) for axis in port.axes)
    text = "\n".join(body)
    uses_math = "math." in text or "_softmax(" in text
    layers = ", ".join(f"{units:,}" for units in origin.layers)
    learned = (
        f"Condensed by deepdistill {origin.version} from a network with layers of {layers} units."
    )
    items = [docstring(f"- {sentence}", hanging="  ") for sentence in origin.checked]
    tables = {name: value for name, value in printer.constants.items() if _is_long(value)}
    constants = [
        (name, f"_{name}_TABLE" if name in tables else value)
        for name, value in printer.constants.items()
    ]
    source = render(
        "solver.py.j2",
        {
            "name": program.name,
            "arguments": port.name,
            "summary": docstring(
                f"What a trained network of threshold units answers, for {shape} inputs."
            ),
            "origin": [docstring(learned + (" Checked:" if items else "")), *items],
            "usage": (
                f"From Python: `{program.name}({port.name})`.",
                "From a shell: `python solver.py < input.json`.",
            ),
            "purpose": docstring(f"Return {_ANSWERS[origin.head]}."),
            "constants": constants,
            "body": body,
            "ports": [{"name": port.name, "check": check_call(port)}],
            "names": [port.name],
            "same_shape": [],
            "shapes": False,
            "any_fixed": True,
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


def _is_long(value: tuple[object, ...]) -> bool:
    return len(repr(value)) > _LONGEST_FORMATTED


def _table(value: tuple[object, ...]) -> str:
    """A long constant, a line for each entry: black would take one for each number."""
    lines = "".join(f"    {entry!r},\n" for entry in value)
    return f"(\n{lines})"


def dense_solver_test(program: Program, origin: Origin) -> str:
    """The source of the property test that lands beside the solver."""
    (port,) = program.inputs
    return render(
        "test_condensed.py.j2",
        {
            "shape": tuple(axis.size for axis in port.axes),
            "low": port.domain.low,
            "high": port.domain.high,
            "head": origin.head,
            "classes": program.output.domain.high + 1,
            "examples": origin.examples,
        },
    )


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
