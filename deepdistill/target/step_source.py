"""Steps of a table → Source: the function that gives the number, its rows told in its docstring."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..ir.program import Formula
from ..ir.types import PLAIN_LAYOUT, TableLayout
from .formula_source import described_inputs, formula_module, guarded, module_fields
from .label_source import decided
from .layout import formatted
from .python import built, statement_nodes
from .source import LINE_LENGTH, Provenance, docstring, render


def step_solver(
    steps: Formula,
    described: Sequence[str],
    origin: Provenance,
    strict: bool = False,
    layout: TableLayout = PLAIN_LAYOUT,
) -> str:
    """The source of the solver module: standard library only.

    ``steps`` gives the place of a number; ``described`` says what stands behind each step.
    """
    target = steps.output.title or steps.output.name
    return formula_module(
        {
            **module_fields(steps, origin, strict, layout),
            "summary": docstring(f"Steps of {target}."),
            "body": _function(steps, described),
        }
    )


def step_test(steps: Formula, origin: Provenance, layout: TableLayout = PLAIN_LAYOUT) -> str:
    """The source of the test that lands beside the solver."""
    return render(
        "test_rules.py.j2",
        {
            "names": tuple(scalar.name for scalar in steps.inputs),
            "columns": tuple(
                list(s.levels) if s.levels else (s.domain.low, s.domain.high)
                for s in described_inputs(steps)
            ),
            "labels": steps.output.levels,
            "shares": False,
            "marks": layout.marks,
            "examples": tuple(origin.examples),
        },
    )


def step_nodes(steps: Formula) -> int:
    """The size of the statements that give the number, the function around them left out."""
    return statement_nodes(_body(steps))


def step_text(steps: Formula) -> str:
    """The function that gives the number, by itself."""
    return formatted(_function(steps, ()).removeprefix("@_guarded\n"), LINE_LENGTH)


def _body(steps: Formula) -> list[ast.stmt]:
    numbers = steps.output.levels
    return decided(steps, lambda k: built(repr(numbers[k])))


def _function(steps: Formula, described: Sequence[str]) -> str:
    target = steps.output.title or steps.output.name
    if not described:
        return guarded(steps, docstring(f"Return {target}, a number."), _body(steps))
    head = docstring(f"Return {target}, learned from rows like these:")
    listed = [docstring(f"- {one}", hanging="      ").replace("\n", "\n    ") for one in described]
    text = "\n    ".join([head, "", *listed]).replace("\n    \n", "\n\n") + "\n    "
    return guarded(steps, text, _body(steps))
