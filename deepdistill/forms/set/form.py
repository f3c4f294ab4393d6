"""The form of sets, lists and pictures, and one question about the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...data.problem import Examples, Problem
from ...data.running import Run
from ...units.items import ItemNetwork
from ..of_problems import ProblemForm
from ..protocol import Arrays, Lifted, Trained
from ..spelling import SpeltForm

if TYPE_CHECKING:
    from ...target.source import Provenance
    from ...verify.inputs import InputSpace
    from ...verify.proof.session import Proof


_FEW_VALUES = 16  # those that span no more may be states, which stand for themselves


class SetForm(SpeltForm, ProblemForm):
    """The same units at every number, cell, row or column."""

    name, title, kinds = "set", "Lists and pictures", ("items",)
    place = 2

    def networks(self) -> tuple[type, ...]:
        return (ItemNetwork,)

    def accepts(self, task: Any) -> bool:
        return isinstance(task, Problem)

    def describe(self, task: Problem, group: Examples) -> str:
        return describe_whole(task, group)

    def train(self, task: Problem, run: Run) -> Trained:
        from ...learn.item_fit import fit_items
        from .noise import fit_noisy_items

        otherwise = (lambda: fit_noisy_items(task, run)) if task.judged_by_examples else None
        fitted = run.or_best(lambda: fit_items(task, run, otherwise))
        return Trained(fitted.network, fitted.exact, fitted.attempts, excepted=fitted.excepted)

    def widened(self, task: Problem, trained: Trained) -> tuple[Problem, Trained]:
        """Numbers of any size, where the examples show many and their order alone decides."""
        from ...data.examples import LARGEST
        from ...ir.order import by_order_alone
        from ...ir.types import Axis, Integers
        from ...units.lift import lift

        port, network = task.inputs[0], trained.network
        numbers = port.axes == (Axis("set"),) and len(port.domain) > _FEW_VALUES
        if not (numbers and task.judged_by_examples):
            return task, trained
        if not trained.exact or not by_order_alone(lift(network, task.name), port.name):
            return task, trained
        inputs = (replace(port, domain=Integers(-LARGEST, LARGEST)),)
        widened = replace(network, inputs=inputs)
        return replace(task, inputs=inputs), replace(trained, network=widened)

    def lifts(self, trained: Trained, task: Problem) -> Sequence[Callable[[str], Lifted]]:
        from ...units.lift import lift

        return (lambda why: Lifted(lift(trained.network, task.name)),)

    def shorten(self, lifted: Lifted) -> Lifted:
        from ...passes.items.shorten import shorten_items

        return Lifted(shorten_items(lifted.program))

    def printed(self, program: Any) -> Any:
        from ...passes.growth import quicker

        return quicker(program)

    def render(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.item_source import item_solver

        return item_solver(lifted.program, provenance, self.printed(lifted.program))

    def render_test(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.item_source import item_solver_test

        return item_solver_test(lifted.program, provenance)

    def space(self) -> tuple[Callable[..., InputSpace], int, int]:
        from .inputs import EXAMPLES, LARGE_EXAMPLES, SetInputs

        return SetInputs, EXAMPLES, LARGE_EXAMPLES

    def argument(self) -> Callable[[Any, Any, int], Proof]:
        from ...verify.proof.items import prove_items

        return prove_items

    def encode(self, network: Any) -> dict[str, bytes]:
        from ...units.items_file import items_bytes

        return {"network.npz": items_bytes(network)}

    def decode(self, spec: Any, arrays: Arrays) -> Any:
        from ...units.items_file import items_network

        return items_network(spec, arrays)

    def drawings(self) -> Any:
        from . import scenes

        return scenes


def describe_whole(task: Problem, group: Examples) -> str:
    """Examples of whole lists or pictures in words."""
    if any(axis.kind in ("set", "sequence") for axis in task.inputs[0].axes):
        return f"{len(group)} lists of {group.size_in_words} numbers"
    what = "pictures" if len(group.shape) > 1 else "rows"
    return f"{len(group)} {what} of {group.size_in_words} cells"


FORM = SetForm()
