"""The form of tables with a column of labels: threshold units that become if and else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...data.problem import InputError
from ...data.running import Run
from ..protocol import Arrays, Form, Lifted, Solve, Trained, place_of_size

if TYPE_CHECKING:
    from ...explain.trace import At, Explanation
    from ...target.source import Provenance
    from ...verify.certificate import Certificate
    from ...verify.inputs import InputSpace
    from ...verify.proof import Proofs


class RuleForm(Form):
    """Rules of a table."""

    name, title, kinds = "rules", "Rules of tables", ("rules",)
    quality_title = "How good it is"
    place = 6

    @property
    def style(self) -> str:  # type: ignore[override]
        from ...drawing.bars import STYLE

        return STYLE

    def networks(self) -> tuple[type, ...]:
        from .network import RuleNetwork

        return (RuleNetwork,)

    def accepts(self, task: Any) -> bool:
        from .table import LabelledTask
        from .teachers.task import TaughtTask

        return isinstance(task, LabelledTask | TaughtTask)

    def knows_answers(self, task: Any) -> bool:
        return False

    def train(self, task: Any, run: Run) -> Trained:
        from .table import LabelledTask, learned
        from .teachers.task import taught

        return learned(task, run) if isinstance(task, LabelledTask) else taught(task, run)

    def chosen(self, task: Any, trained: Trained, run: Run, complexity: int) -> Trained:
        sizes = [fit.size for fit in trained.details.front]
        return self.taken(task, trained, run, place_of_size(sizes, complexity, "rules"))

    def taken(self, task: Any, trained: Trained, run: Run, place: int) -> Trained:
        """The same search with the rules at another place of its front."""
        from .table import taken
        from .teachers.task import TaughtTask, taught

        if isinstance(task, TaughtTask):  # what it was asked is not kept
            return taught(replace(task, complexity=trained.details.front[place].size), run)
        return taken(task, trained, run, place)

    def front_rows(self, trained: Trained) -> list[dict[str, Any]]:
        return [
            {"complexity": one.size, "loss": one.loss, "error": one.error, "source": one.source}
            for one in (() if trained.details is None else trained.details.front)
        ]

    def learned_from(self, task: Any, trained: Trained, seed: int) -> str:
        text: str = trained.details.learned_from
        return text

    def lifts(self, trained: Trained, task: Any) -> Sequence[Callable[[str], Lifted]]:
        from .lift import lift_rules

        network = trained.network
        return (lambda why: Lifted(lift_rules(network, network.output.name), trained.details),)

    def shorten(self, lifted: Lifted) -> Lifted:
        return lifted

    def training_shape(self, task: Any, seed: int) -> tuple[int, ...]:
        return ()

    def record(
        self, task: Any, network: Any, lifted: Lifted, solve: Solve, seed: int
    ) -> tuple[tuple[tuple[Any, ...], Any], ...]:
        from .rows import recorded_labels

        return recorded_labels(solve, network.inputs, lifted.details.recorded)

    def render(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.label_source import label_solver
        from .probability import probability

        shares = probability(network, lifted.program)
        return label_solver(lifted.program, shares, provenance, network.strict, network.layout)

    def render_test(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.label_source import label_test

        return label_test(lifted.program, provenance, network.layout, network.likeliest)

    def incomplete(self, task: Any) -> str:
        columns = task.columns if hasattr(task, "columns") else task.table.columns
        return next((column.title for column in columns if column.missing), "")

    def inputs(
        self,
        task: Any,
        trained: Trained,
        lifted: Lifted | None,
        seed: int,
        examples: int | None = None,
        before: Certificate | None = None,
    ) -> InputSpace:
        from .inputs import EXAMPLES, RuleInputs

        program = None if lifted is None else lifted.program
        return RuleInputs(task.name, trained.network, program, seed, examples or EXAMPLES)

    def judge(
        self,
        task: Any,
        trained: Trained,
        lifted: Lifted | None,
        solve: Solve,
        seed: int,
        *,
        examples: int | None = None,
        before: Certificate | None = None,
    ) -> Certificate:
        from .inputs import following

        judged = super().judge(task, trained, lifted, solve, seed, examples=examples, before=before)
        return following(judged, trained.network.teacher)

    def prove(self, task: Any, network: Any, program: Any, budget: int | None = None) -> Proofs:
        from ...verify.proof import Proofs, attempted
        from .argument import same_rules
        from .lift import lift_cases
        from .network import RuleNetwork

        ends = None
        if isinstance(network, RuleNetwork):  # other rules end without probabilities
            ends = lift_cases(network, network.output.name)
        return Proofs(network=attempted(lambda: same_rules(network, program, ends)))

    def encode(self, network: Any) -> dict[str, bytes]:
        from .file import rules_bytes

        return {"network.npz": rules_bytes(network)}

    def decode(self, spec: Any, arrays: Arrays) -> Any:
        from .file import rules_network

        return rules_network(spec, arrays)

    def task_of(self, certificate: Certificate, network: Any) -> Any:
        from .table import RecalledLabels

        return RecalledLabels(certificate.problem)

    def resized(self, task: Any, network: Any, size: int) -> Any:
        raise InputError("the rules of a table have one size: leave out --size")

    def text(self, program: Any) -> str:
        from ...target.label_source import label_text

        return label_text(program)

    def excerpt(self, program: Any, code: str, name: str) -> str:
        return self.text(program)

    def function_name(self, network: Any, name: str) -> str:
        output_name: str = network.output.name
        return output_name

    def at_work(self, name: str) -> tuple[str, ...]:
        return (name, "probability")

    def lines(self, program: Any, trained: Trained) -> list[str]:
        return [*trained.notes]

    def facts(self, network: Any) -> list[tuple[str, str]]:
        from .support import compared

        return [("compared", compared(network))]

    def explain(
        self, network: Any, program: Any, solve: Solve, given: Sequence[Any], at: At
    ) -> Explanation:
        from ...explain.arguments import place_of
        from .explain import explain_label

        if place_of(at) is not None:
            raise InputError("rules have one answer: leave out --at")
        return explain_label(network, program, solve, given)

    def drawings(self) -> Any:
        from . import scenes

        return scenes


FORM = RuleForm()
