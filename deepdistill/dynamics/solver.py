"""The solver of equations of motion: a module of the standard library that runs them."""

from __future__ import annotations

from ..target.formula_source import expression_text
from ..target.source import Provenance, docstring, origin, render
from .equations import Equations

RESERVED = frozenset(["field", "json", "math", "sys", "solve", "LATENTS", "STEP"])
"""What the module has by these names: its function is called otherwise."""


def solver_text(
    name: str, equations: Equations, dt: float | None, substeps: int, provenance: Provenance
) -> str:
    """The text of the module; a step of the integrator is a part of the series' step ``dt``."""
    flow = dt is not None
    times = "times" if flow else "whole numbers of steps"
    if flow:
        promise = "Return the latents at the times t, of which the first is that of z0."
    else:
        promise = "Return the latents after t steps each, of which the first is that of z0."
    return render(
        "dynamics.py.j2",
        {
            "summary": docstring(
                f"{'Differential equations' if flow else 'A map'} of "
                f"{len(equations.names)} latent{'s' if len(equations.names) > 1 else ''}."
            ),
            "equations": [docstring(line) for line in equations.lines],
            "origin": origin(provenance),
            "usage": [
                docstring(
                    f"From Python: `{name}(z0, t)` with a list of latents and one of {times}."
                ),
                "From a shell: `python solver.py < input.json`.",
            ],
            "names": equations.names,
            "flow": flow,
            "step": None if dt is None else dt / substeps,
            "arguments": ", ".join(equations.names),
            "sides": [expression_text(side) for side in equations.sides],
            "name": name,
            "promise": promise,
        },
    )
