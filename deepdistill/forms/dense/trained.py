"""The form of few examples of one size, from which dense networks are built without a gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...data.problem import Examples, Problem
from ...data.running import Run
from ..of_problems import ProblemForm
from ..protocol import Arrays, Lifted, Trained
from ..relift import sizes_taken
from ..set.form import describe_whole
from .form import unit_counts

if TYPE_CHECKING:
    from ...target.dense_source import Architecture
    from ...target.source import Provenance
    from ...verify.certificate import Certificate
    from ...verify.inputs import InputSpace
    from ...verify.proof.session import Proof


@dataclass(frozen=True, slots=True)
class _Built:
    """What the program is written with, and whether it is one for all sizes."""

    architecture: Architecture
    any_size: bool


class SizedForm(ProblemForm):
    """Networks of the examples at their size and at smaller ones, by the essence trainer."""

    name, title, kinds = "sized", "Lists and pictures", ("sized",)
    place = 2

    def networks(self) -> tuple[type, ...]:
        from .sized import SizedNetwork

        return (SizedNetwork,)

    def accepts(self, task: Any) -> bool:
        return isinstance(task, Problem) and task.trainer == "essence"

    def describe(self, task: Problem, group: Examples) -> str:
        return describe_whole(task, group)

    def train(self, task: Problem, run: Run) -> Trained:
        from .train import fit_essence

        fitted = run.or_best(lambda: fit_essence(task, run))
        return Trained(fitted.network, True, fitted.attempts)

    def lifts(self, trained: Trained, task: Problem) -> Sequence[Callable[[str], Lifted]]:
        return (lambda why: _lifted(trained.network, task),)

    def shorten(self, lifted: Lifted) -> Lifted:
        from .tournament import shorten_tournament

        built, program = lifted.details, lifted.program
        if not built.any_size:
            return lifted
        return Lifted(shorten_tournament(program), built)

    def render(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.dense_source import dense_solver

        return dense_solver(lifted.program, provenance, lifted.details.architecture)

    def render_test(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.dense_source import dense_solver_test

        unrecorded = replace(provenance, examples=())  # the test draws its own
        return dense_solver_test(lifted.program, unrecorded, lifted.details.architecture)

    sized = sizes_taken

    def space(self) -> tuple[Callable[..., InputSpace], int, int]:
        from ..set.inputs import EXAMPLES, LARGE_EXAMPLES, SetInputs

        return SetInputs, EXAMPLES, LARGE_EXAMPLES

    def space_options(
        self, task: Problem, network: Any, lifted: Lifted | None, before: Certificate | None
    ) -> Mapping[str, Any]:
        return {"network_sizes": network.sizes}

    def argument(self) -> Callable[[Any, Any, int], Proof]:
        from .argument import prove_dense

        return prove_dense

    def encode(self, network: Any) -> dict[str, bytes]:
        from .file import sized_bytes

        return {"network.npz": sized_bytes(network)}

    def decode(self, spec: Any, arrays: Arrays) -> Any:
        from .file import sized_network

        return sized_network(spec, arrays)

    def drawings(self) -> Any:
        from . import sized_scenes

        return sized_scenes


def _lifted(network: Any, task: Problem) -> Lifted:
    """A program of any size where one holds for the first two sizes, else one for the first."""
    from ...target.dense_source import Architecture
    from .lift import lift_dense
    from .reduce import plainest
    from .scaled_lift import NotAligned, lift_two

    first, argument = network.networks[0], task.inputs[0].name
    units = unit_counts(first)
    if len(network.networks) > 1:
        try:
            scaled = lift_two(first, network.networks[1], task.name, argument, "grid")
        except NotAligned:
            pass
        else:
            built = Architecture(units, "argmax", network.sizes[:2], scaled.least, scaled.alike)
            any_size = len(scaled.alike) == len(scaled.program.inputs[0].axes) - 1
            return Lifted(scaled.program, _Built(built, any_size))
    program = lift_dense(plainest(first), task.name, first.domain, argument).program
    return Lifted(program, _Built(Architecture(units, "argmax"), False))


FORM = SizedForm()
