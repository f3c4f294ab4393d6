"""The form itself: what the registry names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from deepdistill.data.problem import Examples, InputError, Problem
from deepdistill.data.running import Run
from deepdistill.forms.protocol import Arrays, Form, Lifted, Trained
from deepdistill.forms.recall import known_problem
from deepdistill.ir.expr import Const, If, Read, call
from deepdistill.ir.program import Let, Program
from deepdistill.target.source import Provenance, solver
from deepdistill.units.archive import FORMAT, archive, integer, one_format, port, port_json, ports
from deepdistill.verify.certificate import Certificate
from toy_form.inputs import VoteInputs
from toy_form.network import VoteNetwork


class VoteForm(Form):
    """Votes with weights."""

    name, title, kinds = "votes", "Votes", ("votes",)

    def networks(self) -> tuple[type, ...]:
        return (VoteNetwork,)

    def accepts(self, task: Any) -> bool:
        return isinstance(task, Problem) and task.inputs[0].is_fixed and not task.output.axes

    def describe(self, task: Problem, group: Examples) -> str:
        return f"{len(group)} votes of {group.size_in_words} people"

    def train(self, task: Problem, run: Run) -> Trained:
        training, held_out = task.examples(run.seed)
        x = np.concatenate([group.inputs[0] for group in (*training, *held_out)])
        y = np.concatenate([group.output for group in (*training, *held_out)])
        for weights in product(range(3), repeat=x.shape[1]):
            run.say(f"weights {weights}")
            for threshold in range(1, sum(weights) + 1):
                if ((x @ np.array(weights) >= threshold) == y).all():
                    network = VoteNetwork(task.inputs, task.output, weights, threshold)
                    return Trained(network, attempts=(f"weights up to {max(weights)}: exact",))
        raise InputError("no weights of 0, 1 and 2 explain the votes: give other ones")

    def lifts(self, trained: Trained, task: Problem) -> Sequence[Callable[[str], Lifted]]:
        return (lambda why: Lifted(lift(trained.network, task.name)),)

    def shorten(self, lifted: Lifted) -> Lifted:
        return lifted

    def render(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        return solver(lifted.program, provenance)

    def render_test(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        (known, answer), *_ = provenance.examples
        name = lifted.program.name
        return (
            f'"""A known answer of {name}."""\n\nfrom solver import solve\n\n\n'
            f"def test_known():\n    assert solve(*{known!r}) == {answer!r}\n"
        )

    def inputs(
        self,
        task: Problem,
        trained: Trained,
        lifted: Lifted | None,
        seed: int,
        examples: int | None = None,
        before: Certificate | None = None,
    ) -> VoteInputs:
        return VoteInputs(task, trained.network, lifted and lifted.program, seed)

    def encode(self, network: Any) -> dict[str, bytes]:
        spec = {
            "format": FORMAT,
            "kind": "votes",
            "inputs": [port_json(one) for one in network.inputs],
            "output": port_json(network.output),
            "weights": list(network.weights),
            "threshold": network.threshold,
        }
        return {"network.npz": archive(spec, [], np.asarray)}

    def decode(self, spec: Any, arrays: Arrays) -> VoteNetwork:
        one_format(spec, {"format", "kind", "inputs", "output", "weights", "threshold"})
        weights = tuple(integer(weight) for weight in spec["weights"])
        threshold = integer(spec["threshold"])
        return VoteNetwork(
            ports(spec["inputs"]), port(spec["output"], number=True), weights, threshold
        )

    def task_of(self, certificate: Certificate, network: Any) -> Problem:
        return known_problem(certificate, network)


def lift(network: VoteNetwork, name: str) -> Program:
    """The program that computes what a network computes."""
    (votes,) = network.inputs
    parts = [
        call("mul", Const(weight), Read(votes.name, (Const(k),)))
        for k, weight in enumerate(network.weights)
    ]
    enough = call("ge", call("add", *parts), Const(network.threshold))
    passed = Let("passed", If(enough, Const(1), Const(0)))
    return Program(name, network.inputs, network.output, (passed,))


FORM = VoteForm()
