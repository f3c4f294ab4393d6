"""The form of tables with a column of numbers that rules tell in steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...data.problem import InputError
from ...data.running import Run
from ..protocol import Arrays, Lifted, Solve, Trained
from ..rules.form import RuleForm

if TYPE_CHECKING:
    from ...drawing.parts import Part
    from ...explain.trace import At, Explanation
    from ...target.source import Provenance
    from ...verify.certificate import Certificate
    from ...verify.inputs import InputSpace
    from ..subject import Subject


class StepForm(RuleForm):
    """Rules whose ends are numbers."""

    name, title, kinds = "steps", "Steps of tables", ("steps",)
    place = 7

    def networks(self) -> tuple[type, ...]:
        from .network import StepNetwork

        return (StepNetwork,)

    def accepts(self, task: Any) -> bool:
        from .table import StepTask

        return isinstance(task, StepTask)

    def train(self, task: Any, run: Run) -> Trained:
        from .table import learned_steps

        return learned_steps(task, run)

    def taken(self, task: Any, trained: Trained, run: Run, place: int) -> Trained:
        from .table import taken_steps

        return taken_steps(task, trained, run, place)

    def render(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.step_source import step_solver
        from .support import described_steps

        descriptions = described_steps(network)
        return step_solver(lifted.program, descriptions, provenance, network.strict, network.layout)

    def render_test(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.step_source import step_test

        return step_test(lifted.program, provenance, network.layout)

    def inputs(
        self,
        task: Any,
        trained: Trained,
        lifted: Lifted | None,
        seed: int,
        examples: int | None = None,
        before: Certificate | None = None,
    ) -> InputSpace:
        from ..rules.inputs import EXAMPLES
        from .inputs import StepInputs

        program = None if lifted is None else lifted.program
        return StepInputs(task.name, trained.network, program, seed, examples or EXAMPLES)

    def encode(self, network: Any) -> dict[str, bytes]:
        from .file import steps_bytes

        return {"network.npz": steps_bytes(network)}

    def decode(self, spec: Any, arrays: Arrays) -> Any:
        from .file import steps_network

        return steps_network(spec, arrays)

    def task_of(self, certificate: Certificate, network: Any) -> Any:
        from .table import RecalledSteps

        return RecalledSteps(certificate.problem)

    def text(self, program: Any) -> str:
        from ...target.step_source import step_text

        return step_text(program)

    def function_name(self, network: Any, name: str) -> str:
        port_name: str = network.output.name
        return port_name

    def at_work(self, name: str) -> tuple[str, ...]:
        return (name,)

    def facts(self, network: Any) -> list[tuple[str, str]]:
        rows = network.rows
        plain = f"mean absolute error {rows.error:.3g}, of the mean alone {rows.plain:.3g}"
        return [("compared", plain)]

    def explain(
        self, network: Any, program: Any, solve: Solve, given: Sequence[Any], at: At
    ) -> Explanation:
        from ...explain.arguments import place_of
        from ..rules.explain import explained_path
        from .support import described_steps

        if place_of(at) is not None:
            raise InputError("steps have one answer: leave out --at")
        return explained_path(network, program, solve, given, described_steps(network))

    def quality(self, subject: Subject) -> list[Part]:
        from .scenes import quality  # that of rules speaks of labels

        return quality(subject)

    def drawings(self) -> Any:
        from . import scenes

        return scenes


FORM = StepForm()
