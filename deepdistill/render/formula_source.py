"""Formula → Source: the solver module and the test beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..ir.program import Formula, Program
from ..ir.types import Integers, Port
from .printer import Printer
from .source import docstring, render


@dataclass(frozen=True, slots=True)
class FormulaOrigin:
    """Where a formula comes from and what was checked, told in the docstring of its solver.

    ``examples`` are recorded arguments with the answer.
    """

    learned_from: str
    checked: tuple[str, ...]
    examples: tuple[tuple[tuple[float, ...], float], ...]
    version: str


def formula_lines(formula: Formula) -> tuple[list[tuple[str, str]], str]:
    """Names with the Python text of their values, and the text of the result."""
    # the printer needs to know of arrays only, and there are none here
    empty = Program(formula.name, (), Port("result", (), Integers(0, 1)), formula.body)
    printer = Printer(empty)
    return [(let.name, printer.source(let.value)) for let in formula.body], printer.source(
        formula.value
    )


def formula_solver(formula: Formula, origin: FormulaOrigin) -> str:
    """The source of the solver module: standard library only."""
    lets, value = formula_lines(formula)
    arguments = ", ".join(scalar.name for scalar in formula.inputs)
    learned = f"Learned by deepdistill {origin.version} from {origin.learned_from}."
    ranges = [
        docstring(f"- {_told(s.name, s.title)}from {s.domain.low:g} to {s.domain.high:g}", "  ")
        for s in formula.inputs
    ]
    return render(
        "formula.py.j2",
        {
            "name": formula.name,
            "arguments": arguments,
            "summary": docstring(_first_line(formula, lets, value)),
            "ranges": ranges,
            "origin": [
                docstring(learned + (" Checked:" if origin.checked else "")),
                *(docstring(f"- {sentence}", hanging="  ") for sentence in origin.checked),
            ],
            "target": docstring(formula.output.title or formula.output.name),
            "lets": lets,
            "value": value,
            "names": tuple(scalar.name for scalar in formula.inputs),
            "uses_variables": bool(formula.inputs),
        },
    )


def _told(name: str, title: str) -> str:
    return f"{name} " if title in ("", name) else f"{name} (the column {title!r}) "


def _first_line(formula: Formula, lets: Sequence[tuple[str, str]], value: str) -> str:
    target = formula.output.title or formula.output.name
    text = f"{target} = {value.replace('math.', '')}"
    if lets or len(text) > 78:
        return f"A formula for {target}."
    return f"{text}."


def formula_test(formula: Formula, origin: FormulaOrigin) -> str:
    """The source of the test that lands beside the solver."""
    return render(
        "test_formula.py.j2",
        {
            "names": tuple(scalar.name for scalar in formula.inputs),
            "ranges": tuple((s.domain.low, s.domain.high) for s in formula.inputs),
            "examples": _plain(origin.examples),
        },
    )


def _plain(examples: Sequence[tuple[tuple[float, ...], float]]) -> tuple[Any, ...]:
    return tuple((tuple(map(float, row)), float(answer)) for row, answer in examples)
