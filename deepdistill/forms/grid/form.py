"""The form of grids that become grids of the same size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...data.problem import Examples, Problem
from ...data.running import Run
from ..of_problems import ProblemForm
from ..protocol import Arrays, Lifted, Trained
from ..spelling import SpeltForm

if TYPE_CHECKING:
    from ...target.source import Provenance
    from ...verify.certificate import Certificate
    from ...verify.inputs import InputSpace
    from ...verify.proof import Proofs


class GridForm(SpeltForm, ProblemForm):
    """One local rule at every cell of a grid."""

    name, title, kinds = "grid", "Grids that change", (None,)
    place = 1

    def networks(self) -> tuple[type, ...]:
        from .network import GridNetwork

        return (GridNetwork,)

    def accepts(self, task: Any) -> bool:
        if not isinstance(task, Problem):
            return False
        first = task.inputs[0]
        return all(axis.kind == "grid" for axis in first.axes) and task.output.axes == first.axes

    def describe(self, task: Problem, group: Examples) -> str:
        what = "grids" if len(group.shape) > 1 else "rows"
        return f"{len(group)} {what} of {group.size_in_words} cells"

    def train(self, task: Problem, run: Run) -> Trained:
        from .train import fit

        fitted = run.or_best(lambda: fit(task, run))
        return Trained(fitted.network, fitted.exact, fitted.attempts, excepted=fitted.excepted)

    def lifts(self, trained: Trained, task: Problem) -> Sequence[Callable[[str], Lifted]]:
        from ...units.lift import lift

        return (lambda why: Lifted(lift(trained.network, task.name)),)

    def shorten(self, lifted: Lifted) -> Lifted:
        from .shorten import shorten

        return Lifted(shorten(lifted.program))

    def render(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.source import solver

        return solver(lifted.program, provenance)

    def render_test(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.source import solver_test

        return solver_test(lifted.program, provenance, network.radius)

    def space(self) -> tuple[Callable[..., InputSpace], int, int]:
        from .inputs import EXAMPLES, LARGE_EXAMPLES, GridInputs

        return GridInputs, EXAMPLES, LARGE_EXAMPLES

    def space_options(
        self, task: Problem, network: Any, lifted: Lifted | None, before: Certificate | None
    ) -> Mapping[str, Any]:
        if before is None or lifted is not None:
            return {}
        # what the certificate says is not believed
        return {"local": before.faithful.status == "exhaustive" and _is_local(network, task)}

    def prove(self, task: Problem, network: Any, program: Any, budget: int | None = None) -> Proofs:
        from ...verify.proof import BUDGET, Proofs, attempted
        from .argument import prove_grid
        from .local_oracle import prove_oracle

        budget = BUDGET if budget is None else budget
        proof = attempted(lambda: prove_grid(program, network, budget))
        known = task is not None and proof.status == "proved"
        return Proofs(proof, prove_oracle(task, network) if known else None)

    def encode(self, network: Any) -> dict[str, bytes]:
        from .file import grid_bytes

        return {"network.npz": grid_bytes(network)}

    def decode(self, spec: Any, arrays: Arrays) -> Any:
        from .file import grid_network

        return grid_network(spec, arrays)

    def drawings(self) -> Any:
        from . import scenes

        return scenes


def _is_local(network: Any, task: Problem) -> bool:
    """Whether the program of a network is seen to be a local rule."""
    from ..relift import shortened
    from .patterns import program_field

    return program_field(shortened(FORM, task, network).program) is not None


FORM = GridForm()
