"""The form of sequences that become sequences, step after step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...data.problem import Examples, Problem
from ...data.running import Run
from ..of_problems import ProblemForm
from ..protocol import Arrays, Lifted, Trained

if TYPE_CHECKING:
    from ...target.source import Provenance
    from ...verify.inputs import InputSpace
    from ...verify.proof.session import Proof


class SequenceForm(ProblemForm):
    """A loop with registers, or a question about each prefix."""

    name, title, kinds = "sequence", "Sequences", ("recurrent", "prefixes")
    place = 3

    def networks(self) -> tuple[type, ...]:
        from .network import PrefixNetwork, RecurrentNetwork

        return (RecurrentNetwork, PrefixNetwork)

    def accepts(self, task: Any) -> bool:
        if not isinstance(task, Problem):
            return False
        return task.inputs[0].axes[0].kind == "sequence" and bool(task.output.axes)

    def describe(self, task: Problem, group: Examples) -> str:
        return f"{len(group)} sequences of {group.shape[0]} steps"

    def train(self, task: Problem, run: Run) -> Trained:
        from .train import fit_sequences

        fitted = run.or_best(lambda: fit_sequences(task, run))
        return Trained(fitted.network, fitted.exact, fitted.attempts, excepted=fitted.excepted)

    def lifts(self, trained: Trained, task: Problem) -> Sequence[Callable[[str], Lifted]]:
        return (lambda why: Lifted(_lifted(trained.network, task.name), trained.network),)

    def shorten(self, lifted: Lifted) -> Lifted:
        from ...passes.items.shorten import shorten_items
        from .network import PrefixNetwork
        from .prefix_lift import over_prefixes
        from .shorten.passes import shorten_scan

        network, program = lifted.details, lifted.program
        if isinstance(network, PrefixNetwork):
            whole = shorten_items(program)
            return Lifted(over_prefixes(whole, network.inputs, network.output, whole.name))
        return Lifted(shorten_scan(program))

    def printed(self, program: Any) -> Any:
        from ...passes.growth import quicker

        return quicker(program)

    def render(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.scan_source import scan_solver

        return scan_solver(lifted.program, provenance, self.printed(lifted.program))

    def render_test(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.scan_source import scan_solver_test

        return scan_solver_test(lifted.program, provenance)

    def space(self) -> tuple[Callable[..., InputSpace], int, int]:
        from .inputs import EXAMPLES, LARGE_EXAMPLES, SequenceInputs

        return SequenceInputs, EXAMPLES, LARGE_EXAMPLES

    def argument(self) -> Callable[[Any, Any, int], Proof]:
        from .argument.scan import prove_scan

        return prove_scan

    def encode(self, network: Any) -> dict[str, bytes]:
        from .file import prefix_bytes, recurrent_bytes
        from .network import PrefixNetwork

        whole = isinstance(network, PrefixNetwork)
        return {"network.npz": prefix_bytes(network) if whole else recurrent_bytes(network)}

    def decode(self, spec: Any, arrays: Arrays) -> Any:
        from .file import prefix_network, recurrent_network

        read = prefix_network if spec["kind"] == "prefixes" else recurrent_network
        return read(spec, arrays)

    def drawings(self) -> Any:
        from . import scenes

        return scenes


def _lifted(network: Any, name: str) -> Any:
    """The loop of a recurrent network; of one over prefixes the program for a whole sequence."""
    from ...units.lift import lift
    from .network import PrefixNetwork

    return lift(network.items if isinstance(network, PrefixNetwork) else network, name)


FORM = SequenceForm()
