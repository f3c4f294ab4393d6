"""The form of clauses: a learned rule that a driver applies, decision after decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...data import catalogue
from ...data.problem import Examples, InputError, Problem
from ...data.running import Run
from ..of_problems import ProblemForm
from ..protocol import Arrays, Lifted, Solve, Trained
from ..recall import LARGEST_INPUT

if TYPE_CHECKING:
    from ...explain.trace import At, Explanation
    from ...target.source import Provenance
    from ...verify.certificate import Certificate
    from ...verify.inputs import InputSpace

_CLAUSES_PER_VARIABLE = 10


class ClausesForm(ProblemForm):
    """A score for each literal of a formula in conjunctive normal form."""

    name, title, kinds = "clauses", "Formulas with clauses", ("clauses",)
    place = 4
    has_driver, learned = True, ("weight", "hope", "scores")

    def networks(self) -> tuple[type, ...]:
        from .network import ClauseNetwork

        return (ClauseNetwork,)

    def accepts(self, task: Any) -> bool:
        return isinstance(task, Problem) and bool(task.driver)

    def describe(self, task: Problem, group: Examples) -> str:
        limits = "{} variables and {} clauses".format(*group.shape)
        return f"the exact optima of {len(group)} formulas of at most {limits}"

    def train(self, task: Problem, run: Run) -> Trained:
        from .train import fit_clauses

        fitted = run.or_best(lambda: fit_clauses(task, run))
        return Trained(fitted.network, True, fitted.attempts)

    def lifts(self, trained: Trained, task: Problem) -> Sequence[Callable[[str], Lifted]]:
        from .lift import lift_clauses

        return (lambda why: Lifted(lift_clauses(trained.network, task.name), task.driver),)

    def shorten(self, lifted: Lifted) -> Lifted:
        from .shorten import shorten_curves

        return Lifted(shorten_curves(lifted.program), lifted.details)

    def render(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.rule_source import rule_solver

        return rule_solver(lifted.program, provenance, lifted.details)

    def render_test(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        from ...target.rule_source import rule_solver_test

        return rule_solver_test(lifted.program, lifted.details)

    def space(self) -> tuple[Callable[..., InputSpace], int, int]:
        from .inputs import EXAMPLES, LARGE_EXAMPLES, ClauseInputs

        return ClauseInputs, EXAMPLES, LARGE_EXAMPLES

    def compare(self, certificate: Certificate, solve: Solve, twin: Solve) -> Certificate:
        from .driver import keeping_driver

        return keeping_driver(certificate, solve, twin)

    def encode(self, network: Any) -> dict[str, bytes]:
        from .file import clauses_bytes

        return {"network.npz": clauses_bytes(network)}

    def decode(self, spec: Any, arrays: Arrays) -> Any:
        from .file import clauses_network

        return clauses_network(spec, arrays)

    def task_of(self, certificate: Certificate, network: Any) -> Problem:
        problem = catalogue.find(certificate.problem)
        if problem.inputs != network.inputs:
            raise InputError(
                "the network has other inputs than the problem that its certificate names"
            )
        return problem

    def resized(self, task: Problem, network: Any, size: int) -> Problem:
        if size < 1 or _CLAUSES_PER_VARIABLE * size**2 > LARGEST_INPUT:
            raise InputError(f"the size {size} is not usable: give a number of variables")
        return replace(task, check_shapes=((size, _CLAUSES_PER_VARIABLE * size),))

    def explain(
        self, network: Any, program: Any, solve: Solve, given: Sequence[Any], at: At
    ) -> Explanation:
        from ...explain.arguments import place_of
        from .explain import explain_decisions

        place = place_of(at)
        if len(given) == 1 and isinstance(given[0], Mapping):
            if not {"clauses"} <= set(given[0]) <= {"clauses", "weights"}:
                raise InputError("give the clauses, or an object with clauses and weights")
            given = [given[0]["clauses"], given[0].get("weights")]
        if not 1 <= len(given) <= 2 or (place is not None and len(place) != 1):
            raise InputError("give clauses, weights if they have some, and one variable")
        clauses, weights = (*given, None)[:2]
        variable = None if place is None else place[0]
        return explain_decisions(program.name, solve, clauses, weights, variable)

    def drawings(self) -> Any:
        from . import scenes

        return scenes


FORM = ClausesForm()
