"""The form of tables of numbers, one column of which is a formula of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...data import catalogue
from ...data.problem import InputError
from ...data.running import Run
from ..protocol import Arrays, Form, Lifted, Solve, Trained, place_of_size

if TYPE_CHECKING:
    from ...data.laws import Law
    from ...explain.trace import At, Explanation
    from ...ir.program import Formula
    from ...target.source import Provenance
    from ...verify.certificate import Certificate
    from ...verify.inputs import InputSpace


class FormulaForm(Form):
    """A formula in place of a network: it is searched, not trained."""

    name, title, kinds = "formula", "Laws of real numbers", ("formula",)
    quality_title = "How good it is"
    place = 5

    def networks(self) -> tuple[type, ...]:
        from .network import TableFormula

        return (TableFormula,)

    def accepts(self, task: Any) -> bool:
        from .table import TableTask

        return isinstance(task, TableTask)

    def knows_answers(self, task: Any) -> bool:
        from .table import RecalledLaw

        return bool(task.law if isinstance(task, RecalledLaw) else task.oracle)

    def train(self, task: Any, run: Run) -> Trained:
        from .table import searched

        return searched(task, run)

    def chosen(self, task: Any, trained: Trained, run: Run, complexity: int) -> Trained:
        from .table import taken

        sizes = [fit.complexity for fit in trained.details.front]
        return taken(task, trained, run, place_of_size(sizes, complexity, "formulas"))

    def front_rows(self, trained: Trained) -> list[dict[str, Any]]:
        from ...target.formula_source import expression_text

        return [
            {
                "complexity": fit.complexity,
                "loss": fit.loss,
                "formula": expression_text(fit.expr),
                "backend": fit.backend,
            }
            for fit in (() if trained.details is None else trained.details.front)
        ]

    def learned_from(self, task: Any, trained: Trained, seed: int) -> str:
        learned: str = trained.details.learned_from
        return learned

    def lifts(self, trained: Trained, task: Any) -> Sequence[Callable[[str], Lifted]]:
        return (lambda why: Lifted(trained.network.formula, trained.details),)

    def shorten(self, lifted: Lifted) -> Lifted:
        return lifted

    def without_examples(self, network: Any) -> Any:
        x, y = network.rows
        return replace(network, rows=(x[:0], y[:0]))

    def training_shape(self, task: Any, seed: int) -> tuple[int, ...]:
        return ()

    def record(
        self, task: Any, network: Any, lifted: Lifted, solve: Solve, seed: int
    ) -> tuple[tuple[tuple[Any, ...], Any], ...]:
        from .table import recorded_rows

        return recorded_rows(solve, lifted.program, lifted.details.recorded)

    def render(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.formula_source import formula_solver

        return formula_solver(lifted.program, provenance, network.strict, network.layout)

    def render_test(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.formula_source import formula_test

        return formula_test(lifted.program, provenance, network.layout)

    def inputs(
        self,
        task: Any,
        trained: Trained,
        lifted: Lifted | None,
        seed: int,
        examples: int | None = None,
        before: Certificate | None = None,
    ) -> InputSpace:
        from .inputs import EXAMPLES, FormulaInputs

        network = trained.network
        formula, rows = network.formula, network.rows
        known = _from_search(trained) if before is None else _from_law(task, formula, seed)
        if before is None:
            known["oracle"] = task.oracle
        known["fitted"] = network.fitted
        return FormulaInputs(task.name, formula, rows, seed, examples or EXAMPLES, **known)

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
        certificate = super().judge(
            task, trained, lifted, solve, seed, examples=examples, before=before
        )
        if before is None:
            return certificate
        if task.law is not None:
            return certificate
        correct = before.correct  # of an oracle that is not at hand, or bound to the network
        return replace(certificate, correct=correct)

    def encode(self, network: Any) -> dict[str, bytes]:
        from .file import formula_bytes

        known = (network.formula, network.rows, network.fitted, network.strict, network.layout)
        return {"network.npz": formula_bytes(*known)}

    def decode(self, spec: Any, arrays: Arrays) -> Any:
        from .file import formula_network

        return formula_network(spec, arrays)

    def task_of(self, certificate: Certificate, network: Any) -> Any:
        from .table import RecalledLaw

        return RecalledLaw(certificate.problem, law_of(certificate, network.formula))

    def resized(self, task: Any, network: Any, size: int) -> Any:
        raise InputError("a formula of numbers has one size: leave out --size")

    def text(self, program: Any) -> str:
        from .table import one_line

        return one_line(program)

    def excerpt(self, program: Any, code: str, name: str) -> str:
        return self.text(program).replace("; ", "\n")

    def lines(self, program: Any, trained: Trained) -> list[str]:
        return [f"{self.text(program)} ({trained.details.backend})", *trained.notes]

    def explain(
        self, network: Any, program: Any, solve: Solve, given: Sequence[Any], at: At
    ) -> Explanation:
        from ...explain.arguments import agree, answer_of, arguments_of, of_columns, place_of
        from .explain import explain_formula

        if place_of(at) is not None:
            raise InputError("a formula has one value: leave out --at")
        names = [scalar.name for scalar in program.inputs]
        arguments = arguments_of(
            of_columns(given, program.inputs, network.layout.dates), names, True
        )
        answer = answer_of(solve, arguments)
        explanation = explain_formula(
            program,
            {s.name: s.number(v) for s, v in zip(program.inputs, arguments, strict=True)},
        )
        if not agree(explanation.value, answer, None):
            raise InputError(
                "the program gives another answer than the solver, so it explains nothing"
            )
        return explanation

    def drawings(self) -> Any:
        from . import scenes

        return scenes


def _from_search(trained: Trained) -> dict[str, Any]:
    """What the search knows of breakpoints, of the teacher and of rows outside the ranges."""
    details = trained.details
    taught = () if details.teaching is None else (details.teaching.sentence(),)
    return {
        "notes": (*details.borders.notes, *details.singular, *taught),
        "undecided": details.borders.undecided,
        "outside": details.outside,
    }


def _from_law(task: Any, formula: Formula, seed: int) -> dict[str, Any]:
    """The same where a formula is judged again."""
    from ...ir.borders import comparisons
    from .quality import outside_ranges

    oracle = None if task.law is None else task.law.oracle
    return {
        "oracle": oracle,
        "undecided": tuple(comparisons(formula.value)),
        "outside": None if oracle is None else outside_ranges(formula, oracle, seed),
    }


def law_of(certificate: Certificate, formula: Formula) -> Law | None:
    """The built-in law that the certificate names and speaks of, if its columns are the inputs."""
    law = catalogue.find_law(certificate.problem)
    if law is None or certificate.correct.by_examples:
        return None
    named = (tuple(column.name for column in law.columns), law.target)
    titles = tuple(scalar.title or scalar.name for scalar in formula.inputs)
    return law if named == (titles, formula.output.title or formula.output.name) else None


FORM = FormulaForm()
