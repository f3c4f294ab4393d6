"""Loops with carried variables → Source: the solver module and the test beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ir.program import Program, Scan
from .source import Provenance, described_solver, integers, render


def scan_solver(program: Program, provenance: Provenance, quick: Program | None = None) -> str:
    """The source of the solver module; its body is ``quick``'s, the same in quicker steps."""
    return described_solver(
        program,
        provenance,
        f"Return one answer for each element of `{program.inputs[0].name}`.",
        quick,
        shapes=False,  # the channels of an element are checked by their fixed number
        may_be_empty=True,
        narrow=True,  # rows of few channels: many short ones are better put into one list
        may_be_tuples=all(isinstance(s, Scan) for s in program.body),
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
