"""Loops with carried variables → Source: the solver module and the test beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ir.program import Program, Scan
from .body import function_body
from .lower import Lowering
from .source import Provenance, docstring, integers, module_layout, origin, render, solver_module
from .words import describe


def scan_solver(program: Program, provenance: Provenance, quick: Program | None = None) -> str:
    """The source of the solver module; its body is ``quick``'s, the same in quicker steps."""
    printed = quick or program
    lowering = Lowering(printed)
    body = function_body(printed, lowering)
    (port,) = program.inputs
    return solver_module(
        module_layout(printed, lowering, body)
        | {
            "summary": docstring(describe(program)),
            "origin": origin(provenance),
            "purpose": docstring(f"Return one answer for each element of `{port.name}`."),
            "shapes": False,  # the channels of an element are checked by their fixed number
            "may_be_empty": True,
            "narrow": True,  # rows of few channels: many short ones are better put into one list
            "may_be_tuples": all(isinstance(statement, Scan) for statement in program.body),
        },
    )


def scan_solver_test(program: Program, provenance: Provenance) -> str:
    """The source of the property test that lands beside the solver."""
    (port,) = program.inputs
    return render(
        "test_scan.py.j2",
        {
            "port": port.name,
            "channels": _channels(program.inputs[0].axes),
            "answers": _channels(program.output.axes),
            "low": port.domain.low,
            "high": port.domain.high,
            "trained": int(provenance.training_shape[0]),
            "examples": tuple(
                (integers(inputs[0]), integers(output)) for inputs, output in provenance.examples
            ),
        },
    )


def _channels(axes: Sequence[Any]) -> int:
    """How many channels an element has; 0 where it is a plain number."""
    return int(axes[1].size) if len(axes) > 1 else 0
