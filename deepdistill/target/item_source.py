"""Program over items → Source: the solver module and the property test beside it."""

from __future__ import annotations

from ..ir.alphabet import written
from ..ir.program import Fill, Program
from .source import Provenance, described_solver, integers, render


def item_solver(program: Program, provenance: Provenance, quick: Program | None = None) -> str:
    """The source of the solver module; its body is ``quick``'s, the same in quicker steps."""
    return described_solver(program, provenance, _purpose(program), quick)


def item_solver_test(program: Program, provenance: Provenance) -> str:
    """The source of the property test that lands beside the solver."""
    (port,) = program.inputs
    last = program.body[-1]
    return render(
        "test_items.py.j2",
        {
            "sizes": tuple(axis.size for axis in port.axes),
            "low": port.domain.low,
            "high": port.domain.high,
            "port": port.name,
            "symbols": port.symbols,
            "answers": program.output.symbols,
            "truths": any(isinstance(one, bool) for one in program.output.symbols),
            "trained": tuple(map(int, provenance.training_shape)),
            "depth": len(last.sizes) if isinstance(last, Fill) else len(program.output.axes),
            "examples": tuple(
                (
                    written(port, integers(inputs[0])),
                    written(program.output, integers(output)),
                )
                for inputs, output in provenance.examples
            ),
        },
    )


def _purpose(program: Program) -> str:
    """What the function returns."""
    depth = len(program.output.axes)
    what = {0: "number", 1: "list of numbers"}.get(depth, "lists of numbers")
    return f"Return the {what} for `{program.inputs[0].name}`."
