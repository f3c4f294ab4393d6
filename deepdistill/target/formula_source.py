"""Formula → Source: the solver module and the test beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ir.domain import formula_gaps, ranges_in_words
from ..ir.expr import Call, Const, Expr, If
from ..ir.program import Formula, Program
from ..ir.types import Integers, Port
from .lower import Lowering
from .source import Provenance, docstring, render

_MOST_GAPS = 6


def formula_lines(formula: Formula) -> tuple[list[tuple[str, str]], str]:
    """Names with the Python text of their values, and the text of the result."""
    lowering = _lowering(formula)
    return [(let.name, lowering.source(let.value)) for let in formula.body], lowering.source(
        formula.value
    )


def _lowering(formula: Formula) -> Lowering:
    # the lowering needs to know of arrays only, and there are none here
    lowering = Lowering(Program(formula.name, (), Port("result", (), Integers(0, 1)), formula.body))
    lowering.exact = False
    return lowering


def regime_lines(formula: Formula) -> list[tuple[str, str]]:
    """The regimes in order: the texts of a condition and of a value; the last condition is empty.

    A formula without regimes has none.
    """
    lowering, result = _lowering(formula), []
    expr: Expr = formula.value
    while isinstance(expr, If):
        result.append((lowering.test(expr.condition), lowering.source(expr.then)))
        expr = expr.otherwise
    return [*result, ("", lowering.source(expr))] if result else []


def formula_solver(formula: Formula, origin: Provenance, strict: bool = False) -> str:
    """The source of the solver module: standard library only.

    A ``strict`` one refuses numbers outside the sampled ranges.
    """
    lets, value = formula_lines(formula)
    regimes = regime_lines(formula)
    arguments = ", ".join(scalar.name for scalar in formula.inputs)
    learned = f"Learned by deepdistill {origin.version} from {origin.learned_from}."
    here = ranges_in_words(formula)  # they are listed once, with the columns' own names
    ranges = [
        docstring(
            f"- {_described(s.name, s.title)}from {s.domain.low:g} to {s.domain.high:g}", "  "
        )
        for s in formula.inputs
    ]
    return render(
        "formula.py.j2",
        {
            "name": formula.name,
            "arguments": arguments,
            "summary": docstring(_first_line(formula, lets, value, len(regimes))),
            "ranges": ranges,
            "gaps": docstring(gaps_in_words(formula)),
            "origin": [
                docstring(learned + (" Checked:" if origin.checked else "")),
                *(
                    docstring("- " + sentence.replace(here, "in the ranges below"), hanging="  ")
                    for sentence in origin.checked
                ),
            ],
            "target": docstring(formula.output.title or formula.output.name),
            "lets": lets,
            "value": value,
            "regimes": regimes,
            "result": formula.output.name,
            "names": tuple(scalar.name for scalar in formula.inputs),
            "uses_variables": bool(formula.inputs),
            "limits": tuple((s.domain.low, s.domain.high) for s in formula.inputs)
            if strict
            else None,
        },
    )


def gaps_in_words(formula: Formula) -> str:
    """Where the formula may have no value within its sampled ranges; empty where it has one."""
    lowering = _lowering(formula)
    gaps = [lowering.test(_moved(gap)).replace("==", "=") for gap in formula_gaps(formula)]
    if not gaps:
        return ""
    more = len(gaps) - _MOST_GAPS
    if more > 0:
        gaps[_MOST_GAPS:] = [f"in {more} more cases"]
    return f"It has no value where {' or where '.join(gaps)}."


def _moved(condition: Expr) -> Expr:
    """``y = 1`` for ``y - 1 = 0``."""
    match condition:
        case Call("and", (case, gap)):
            return Call("and", (case, _moved(gap)))
        case Call(op, (Call("sub", (a, b)), Const(0))):
            return Call(op, (a, b))
        case Call(op, (Call("add", (a, Const(int() | float() as value))), Const(0))):
            return Call(op, (a, Const(-value)))
        case _:
            return condition


def _described(name: str, title: str) -> str:
    return f"{name} " if title in ("", name) else f"{name} (the column {title!r}) "


def _first_line(formula: Formula, lets: Sequence[tuple[str, str]], value: str, regimes: int) -> str:
    target = formula.output.title or formula.output.name
    text = f"{target} = {value.replace('math.', '')}"
    if regimes:
        return f"A formula for {target} in {regimes} regimes."
    if lets or len(text) > 78:
        return f"A formula for {target}."
    return f"{text}."


def formula_test(formula: Formula, origin: Provenance) -> str:
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
