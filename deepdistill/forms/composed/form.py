"""The form of pairs of any lengths: a program that was found among many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...data.pairs import ExamplePair, PairProblem
from ...data.problem import InputError
from ...data.running import Run
from ...ir.alphabet import in_codes, written
from ...ir.program import Let
from ...ir.spec import Stage
from ...passes.simplify import with_few_choices
from ...units.composed import ComposedNetwork
from ..protocol import Arrays, Form, Lifted, Solve, Trained

if TYPE_CHECKING:
    from ...explain.trace import At, Explanation
    from ...target.source import Provenance
    from ...verify.certificate import Certificate
    from ...verify.inputs import InputSpace

_RECORDED, _LARGEST_RECORDED = 6, 60


class ComposedForm(Form):
    """Programs of lists, texts, numbers and pictures of any lengths."""

    name, title, kinds = "composed", "Programs from examples", ("composed",)
    place = 6
    stage: Stage = "composed"

    def networks(self) -> tuple[type, ...]:
        return (ComposedNetwork,)

    def accepts(self, task: Any) -> bool:
        return isinstance(task, PairProblem)

    def train(self, task: PairProblem, run: Run) -> Trained:
        from .train import composed

        return composed(task, run)

    def widened(self, task: PairProblem, trained: Trained) -> tuple[PairProblem, Trained]:
        from .domains import widened

        return widened(task, trained)

    def chosen(self, task: PairProblem, trained: Trained, run: Run, complexity: int) -> Trained:
        from .train import taken

        return taken(task, trained, complexity)

    def front_rows(self, trained: Trained) -> list[dict[str, Any]]:
        if trained.details is None:
            return []
        return [
            {
                "complexity": one.size,
                "missed": len(one.proposal.missed),
                "found_by": one.proposal.found_by,
                "program": str(one.proposal.program),
            }
            for one in trained.details.front
        ]

    def lifts(self, trained: Trained, task: PairProblem) -> Sequence[Callable[[str], Lifted]]:
        return (lambda why: Lifted(replace(trained.network.program, name=task.name)),)

    def shorten(self, lifted: Lifted) -> Lifted:
        from .cellwise import by_place

        body = [
            replace(one, value=with_few_choices(one.value)) if isinstance(one, Let) else one
            for one in lifted.program.body
        ]
        return replace(lifted, program=by_place(replace(lifted.program, body=tuple(body))))

    def learned_from(self, task: PairProblem, trained: Trained, seed: int) -> str:
        count, held = len(task.given), sum(map(len, task.reserved))
        more = f" ({held} more held out)" if held else ""
        return f"{count} pair{'' if count == 1 else 's'} of input and answer{more}"

    def training_shape(self, task: PairProblem, seed: int) -> tuple[int, ...]:
        return ()

    def record(
        self, task: PairProblem, network: Any, lifted: Lifted, solve: Solve, seed: int
    ) -> tuple[tuple[tuple[Any, ...], Any], ...]:
        pairs = [*task.reserved[1], *task.given]
        small = [pair for pair in pairs if len(repr(pair)) <= 20 * _LARGEST_RECORDED]
        kept = [pair for pair in small if pair_is_kept(network, pair)]
        return tuple(
            (
                tuple(written(p, value) for p, value in zip(task.inputs, pair.inputs, strict=True)),
                written(task.output, pair.output),
            )
            for pair in kept[:_RECORDED]
        )

    def render(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.composed_source import composed_solver

        ports = zip(network.inputs, network.shortest, strict=True)
        empty = frozenset(port.name for port, least in ports if len(least) == 2 and 0 in least)
        return composed_solver(lifted.program, provenance, empty, network.open)

    def render_test(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.composed_source import composed_test

        return composed_test(lifted.program, provenance, network.longest)

    def inputs(
        self,
        task: PairProblem,
        trained: Trained,
        lifted: Lifted | None,
        seed: int,
        examples: int | None = None,
        before: Certificate | None = None,
    ) -> InputSpace:
        from .inputs import EXAMPLES, ComposedInputs

        program = None if lifted is None else lifted.program
        return ComposedInputs(task, trained.network, program, seed, examples or EXAMPLES)

    def encode(self, network: Any) -> dict[str, bytes]:
        from .file import composed_bytes

        return {"network.npz": composed_bytes(network)}

    def decode(self, spec: Any, arrays: Arrays) -> Any:
        from .file import composed_network

        return composed_network(spec, arrays)

    def task_of(self, certificate: Certificate, network: Any) -> PairProblem:
        return PairProblem(certificate.problem, network.inputs, network.output, ())

    def resized(self, task: PairProblem, network: Any, size: int) -> PairProblem:
        raise InputError("examples of any lengths are judged at several: leave out --size")

    def in_codes(self, solve: Solve, network: Any) -> Solve:
        return in_codes(solve, network.inputs, network.output)

    def at_work(self, name: str) -> tuple[str, ...]:
        return (*super().at_work(name), "_rule")

    def explain(
        self, network: Any, program: Any, solve: Solve, given: Sequence[Any], at: At
    ) -> Explanation:
        from .explain import explained_values

        return explained_values(network, program, solve, given, at)

    def facts(self, network: Any) -> list[tuple[str, str]]:
        return [("found by", network.found_by)]

    def drawings(self) -> Any:
        from . import scenes

        return scenes


def pair_is_kept(network: ComposedNetwork, pair: ExamplePair) -> bool:
    """Whether the program gives the answer of a pair."""
    names = [port.name for port in network.inputs]
    try:
        return bool(network.run(dict(zip(names, pair.inputs, strict=True))) == pair.output)
    except ValueError:
        return False


FORM = ComposedForm()
