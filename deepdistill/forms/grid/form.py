"""The form of grids that become grids of the same size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...data.problem import Examples, Problem
from ...data.running import Run
from ..protocol import Arrays, Lifted, Trained
from ..recall import known_problem, resized_problem
from ..spelling import SpeltForm

if TYPE_CHECKING:
    from ...drawing.parts import Figure, Part
    from ...target.source import Provenance
    from ...verify.certificate import Certificate
    from ...verify.inputs import InputSpace
    from ...verify.proof import Proofs
    from ..subject import Subject


class GridForm(SpeltForm):
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

    def inputs(
        self,
        task: Problem,
        trained: Trained,
        lifted: Lifted | None,
        seed: int,
        examples: int | None = None,
        before: Certificate | None = None,
    ) -> InputSpace:
        from .inputs import EXAMPLES, LARGE_EXAMPLES, GridInputs

        program = None if lifted is None else lifted.program
        few, large = examples or EXAMPLES, examples or LARGE_EXAMPLES
        local = None
        if before is not None and lifted is None:  # what the certificate says is not believed
            local = before.faithful.status == "exhaustive" and _is_local(trained.network, task)
        return GridInputs(task, trained.network, program, seed, few, large, local)

    def prove(self, task: Problem, network: Any, program: Any, budget: int | None = None) -> Proofs:
        from ...verify.proof import BUDGET, Proofs, attempted
        from .argument import prove_grid
        from .local_oracle import prove_oracle

        budget = BUDGET if budget is None else budget
        found = attempted(lambda: prove_grid(program, network, budget))
        known = task is not None and found.status == "proved"
        return Proofs(found, prove_oracle(task, network) if known else None)

    def encode(self, network: Any) -> dict[str, bytes]:
        from .file import grid_bytes

        return {"network.npz": grid_bytes(network)}

    def decode(self, spec: Any, arrays: Arrays) -> Any:
        from .file import grid_network

        return grid_network(spec, arrays)

    def task_of(self, certificate: Certificate, network: Any) -> Problem:
        return known_problem(certificate, network)

    def resized(self, task: Problem, network: Any, size: int) -> Problem:
        return resized_problem(task, size)

    def picture(self, network: Any) -> Figure:
        from .scenes import picture

        return picture(network)

    def scenes(self, subject: Subject) -> list[Part]:
        from .scenes import scenes

        return scenes(subject)

    def quality(self, subject: Subject) -> list[Part]:
        from .scenes import quality

        return quality(subject)


def _is_local(network: Any, task: Problem) -> bool:
    """Whether the program of a network is seen to be a local rule."""
    from ..relift import shortened
    from .patterns import program_field

    return program_field(shortened(FORM, task, network).program) is not None


FORM = GridForm()
