"""Program → Source: the property test that lands beside a solver, one template a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ir.alphabet import written
from ..ir.program import Fill, Program
from ..ir.types import Axis
from .source import Provenance, render


def solver_test(program: Program, provenance: Provenance, radius: int) -> str:
    """Of a rule at every cell of a grid."""
    first = program.inputs[0]
    grids = [port for port in program.inputs if not port.is_fixed]
    shifts = tuple(
        k
        for k in range(len(first.axes))
        if grids and all(k < len(port.axes) and port.axes[k].wrap for port in grids)
    )
    factor = 10 if len(first.axes) < 3 else 3
    return render(
        "test_solver.py.j2",
        {
            "ports": tuple(
                (
                    port.name,
                    tuple(axis.size for axis in port.axes),
                    port.domain.low,
                    port.domain.high,
                )
                for port in program.inputs
            ),
            "axes": tuple(map(_kind, first.axes)),
            "trained": tuple(map(int, provenance.training_shape)),
            "largest": tuple(factor * int(size) for size in provenance.training_shape),
            "radius": int(radius),
            "low": program.output.domain.low,
            "high": program.output.domain.high,
            "examples": tuple(
                (
                    tuple(
                        written(port, integers(array))
                        for port, array in zip(program.inputs, inputs, strict=True)
                    ),
                    written(program.output, integers(output)),
                )
                for inputs, output in provenance.examples
            ),
            "shifts": shifts,
            "local": not first.is_fixed,
            "spelt": any(port.symbols for port in (*program.inputs, program.output)),
            "symbols": {
                port.name: tuple(port.written) for port in (*program.inputs, program.output)
            },
            "answer": program.output.name,
            "shaped": tuple(
                k
                for k, port in enumerate(program.inputs)
                if len(port.axes) > 1 or port.is_fixed or len(grids) > 1
            ),
        },
    )


def _kind(axis: Axis) -> str:
    return "fixed" if axis.kind == "fixed" else "wrap" if axis.wrap else "bounded"


def integers(nested: Any) -> Any:
    """Nested lists of plain integers, whatever the sequences and numbers were."""
    if hasattr(nested, "__len__"):
        return [integers(part) for part in nested]
    return int(nested)


def item_solver_test(program: Program, provenance: Provenance) -> str:
    """Of a program over items."""
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
            "trained": tuple(map(int, provenance.training_shape)),
            "depth": len(last.sizes) if isinstance(last, Fill) else len(program.output.axes),
            "examples": tuple(
                (written(port, integers(inputs[0])), integers(output))
                for inputs, output in provenance.examples
            ),
        },
    )


def scan_solver_test(program: Program, provenance: Provenance) -> str:
    """Of a loop over steps."""
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
