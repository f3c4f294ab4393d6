"""What forms of problems have in common: recalled by name or network, judged on drawn inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..data.problem import Problem
from .protocol import Form, Lifted, Trained
from .recall import known_problem, resized_problem

if TYPE_CHECKING:
    from ..verify.certificate import Certificate
    from ..verify.inputs import InputSpace
    from ..verify.proof import Proofs
    from ..verify.proof.session import Proof


class ProblemForm(Form):
    """A form whose tasks are problems, and whose networks have their ports."""

    def space(self) -> tuple[Callable[..., InputSpace], int, int]:
        """The class of its inputs, and how many of them are drawn: of usual size, and large."""
        raise NotImplementedError

    def space_options(
        self, task: Problem, network: Any, lifted: Lifted | None, before: Certificate | None
    ) -> Mapping[str, Any]:
        """What the inputs want to know besides."""
        return {}

    def argument(self) -> Callable[[Any, Any, int], Proof] | None:
        """The proof that a program computes what a network computes, within a budget of work."""
        return None

    def inputs(
        self,
        task: Problem,
        trained: Trained,
        lifted: Lifted | None,
        seed: int,
        examples: int | None = None,
        before: Certificate | None = None,
    ) -> InputSpace:
        space, few, large = self.space()
        program = None if lifted is None else lifted.program
        options = self.space_options(task, trained.network, lifted, before)
        counts = (examples or few, examples or large)
        return space(task, trained.network, program, seed, *counts, **options)

    def prove(self, task: Problem, network: Any, program: Any, budget: int | None = None) -> Proofs:
        from ..verify.proof import BUDGET, Proofs, attempted

        argument = self.argument()
        if argument is None:
            return Proofs()
        budget = BUDGET if budget is None else budget
        return Proofs(attempted(lambda: argument(self.printed(program), network, budget)))

    def task_of(self, certificate: Certificate, network: Any) -> Problem:
        return known_problem(certificate, network)

    def resized(self, task: Problem, network: Any, size: int) -> Problem:
        return resized_problem(task, size)
