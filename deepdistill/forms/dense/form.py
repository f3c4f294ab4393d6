"""The form of dense networks from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...data.problem import InputError
from ...data.running import Run
from ..protocol import Arrays, Files, Form, Lifted, NotLifted, Solve, Trained
from ..relift import sizes_taken

if TYPE_CHECKING:
    from ...target.dense_source import Architecture
    from ...target.source import Provenance
    from ...verify.certificate import Certificate
    from ...verify.inputs import InputSpace
    from ...verify.proof import Proofs

SECOND = "second.npz"
_MOST_CELLS_RECORDED = 1000


@dataclass(frozen=True, slots=True)
class _Condensed:
    """What a program of a dense network is written with; ``scaling`` tells of other sizes."""

    architecture: Architecture
    scaling: str = ""


class DenseForm(Form):
    """Layers of threshold units without declared structure, at one size or two."""

    name, title, kinds = "dense", "Networks from elsewhere", ("dense",)
    place = 6
    proves_exhausted = False

    def networks(self) -> tuple[type, ...]:
        from .network import DenseNetwork

        return (DenseNetwork,)

    def accepts(self, task: Any) -> bool:
        from .given import GivenNetwork

        return isinstance(task, GivenNetwork)

    def knows_answers(self, task: Any) -> bool:
        return True  # the network itself

    def train(self, task: Any, run: Run) -> Trained:
        from .given import without_noise

        return without_noise(task, run)

    def lifts(self, trained: Trained, task: Any) -> Sequence[Callable[[str], Lifted]]:
        one_size = _OneSize(trained, task)
        if trained.network.second is None:
            return (one_size,)
        return (_TwoSizes(trained, task), one_size)

    def shorten(self, lifted: Lifted) -> Lifted:
        return lifted

    def learned_from(self, task: Any, trained: Trained, seed: int) -> str:
        return ""

    def training_shape(self, task: Any, seed: int) -> tuple[int, ...]:
        return ()

    def record(
        self, task: Any, network: Any, lifted: Lifted, solve: Solve, seed: int
    ) -> tuple[tuple[tuple[Any, ...], Any], ...]:
        from .answers import plain_answer
        from .samples import samples

        few = samples(network, 6, seed + 2)
        fits = _MOST_CELLS_RECORDED // max(1, few[0].size)
        return tuple(
            ((case.tolist(),), plain_answer(network, network.run(case[None].astype(float))[0]))
            for case in few[2 : 2 + fits]
        )

    def render(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.dense_source import dense_solver

        return dense_solver(lifted.program, provenance, lifted.details.architecture)

    def render_test(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.dense_source import dense_solver_test

        return dense_solver_test(lifted.program, provenance, lifted.details.architecture)

    sized = sizes_taken

    def inputs(
        self,
        task: Any,
        trained: Trained,
        lifted: Lifted | None,
        seed: int,
        examples: int | None = None,
        before: Certificate | None = None,
    ) -> InputSpace:
        from .inputs import EXAMPLES, DenseInputs

        notes = trained.details
        return DenseInputs(
            task.name,
            trained.network,
            None if lifted is None else lifted.program,
            seed,
            examples or EXAMPLES,
            note=notes.first if notes else "",
            second=trained.network.second,
            scaling=lifted.details.scaling if lifted and lifted.details else "",
            beside=(notes.otherwise, notes.tried) if notes else (0, 0),
        )

    def prove(self, task: Any, network: Any, program: Any, budget: int | None = None) -> Proofs:
        from ...verify.proof import BUDGET, Proofs, attempted
        from .argument import prove_dense

        budget = BUDGET if budget is None else budget
        return Proofs(attempted(lambda: prove_dense(program, network.at_all_sizes, budget)))

    def encode(self, network: Any) -> dict[str, bytes]:
        from .file import layers_bytes

        files = {"network.npz": layers_bytes(network)}
        if network.second is not None:
            files[SECOND] = layers_bytes(network.second)
        return files

    def decode(self, spec: Any, arrays: Arrays) -> Any:
        from .file import layers_network

        return layers_network(spec, arrays)

    def restore(self, network: Any, files: Files) -> Any:
        from ..files import read_network
        from .network import DenseNetwork

        if SECOND not in files:
            return network
        second = read_network(files[SECOND], SECOND)
        if not isinstance(second, DenseNetwork):
            raise InputError(f"{SECOND} is not a dense network")
        return replace(network, second=second)

    def task_of(self, certificate: Certificate, network: Any) -> Any:
        from .given import GivenNetwork

        return GivenNetwork(certificate.problem, network)

    def resized(self, task: Any, network: Any, size: int) -> Any:
        raise InputError("a condensed network has the sizes of its files: leave out --size")

    def drawings(self) -> Any:
        from . import scenes

        return scenes


@dataclass(frozen=True, slots=True, eq=False)
class _OneSize:
    """The program for one shape; where there was a second one, the words on why it is left out."""

    trained: Trained
    task: Any

    def __call__(self, why: str) -> Lifted:
        from ...target.dense_source import Architecture
        from .lift import lift_dense
        from .reduce import plainest

        network = self.trained.network
        first = replace(network, second=None)
        scaling = ""
        if network.second is not None:
            size = " x ".join(map(str, network.second.shape))
            reason = why or "its laws of the size give other answers"
            scaling = f"no program holds for {size} inputs as well: {reason}"
        argument = self.task.argument
        program = lift_dense(plainest(first), self.task.name, first.domain, argument).program
        built = Architecture(unit_counts(self.task.network), first.layers[-1].activation)
        return Lifted(program, _Condensed(built, scaling), first)


@dataclass(frozen=True, slots=True, eq=False)
class _TwoSizes:
    """The program of any size, if one computes the network at both shapes."""

    trained: Trained
    task: Any

    def __call__(self, why: str) -> Lifted:
        from ...target.dense_source import Architecture, laws_in_words
        from .scaled_lift import NotAligned, lift_two

        network = self.trained.network
        try:
            scaled = lift_two(network, network.second, self.task.name, self.task.argument)
        except NotAligned as reason:
            raise NotLifted(str(reason)) from None
        built = Architecture(
            unit_counts(self.task.network),
            network.layers[-1].activation,
            (network.shape, network.second.shape),
            scaled.least,
            scaled.alike,
        )
        laws = laws_in_words(scaled.program, built, scaled.laws)
        notes = self.trained.details
        scaling = f"{laws}; {notes.second}" if notes is not None and notes.second else laws
        return Lifted(scaled.program, _Condensed(built, scaling))


def unit_counts(network: Any) -> tuple[int, ...]:
    """How many units each layer has."""
    return tuple(len(layer.bias) for layer in network.layers)


FORM = DenseForm()
