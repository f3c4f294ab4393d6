"""The whole story on one screen: problem → network → program → source → certificate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from . import __version__
from .data import catalogue
from .data.problem import Examples, Problem
from .data.running import Progress, timed
from .finished import Finished
from .ir.program import Program

if TYPE_CHECKING:
    from .explain import Explanation
    from .explain.trace import At
    from .forms.files import AnyNetwork
    from .verify.certificate import Certificate

"""Called with the name of a stage and what it is doing."""

STAGES = ("train", "condense", "shorten", "prove", "render", "verify")


@dataclass(frozen=True, eq=False)
class Result(Finished):
    """A distilled problem: the solver, what it came from and what was checked.

    ``code`` and ``test_code`` are the sources of the solver module and of its property test,
    ``attempts`` what the trainer tried, ``seconds`` the seconds that each stage took.
    """

    problem: Problem
    network: AnyNetwork
    program: Program
    code: str
    test_code: str
    certificate: Certificate
    attempts: tuple[Any, ...]
    seconds: dict[str, float]

    @property
    def name(self) -> str:
        return self.problem.name

    @cached_property
    def report(self) -> str:
        """The report: one self-contained HTML page."""
        from .report.folder import report_page

        return report_page(
            self.certified_files(),
            problem=self.problem,
            program=self.program,
            attempts=self.attempts,
        )

    def network_files(self) -> dict[str, bytes]:
        """The network, as :func:`deepdistill.load_network` reads it."""
        from .forms.files import network_bytes

        return {"network.npz": network_bytes(self.network)}

    def explain(self, *inputs: Any, at: At = None) -> Explanation:
        """Why the solver answers as it does: named values and the rule that fired, for one output.

        ``inputs`` are the arguments of :attr:`solve`; ``at`` names an element of the answer, an
        index for each of its axes (of a clause solver: the variable). Print the result, or take it
        as data with ``as_json()``. Raises :class:`InputError` for unusable inputs.
        """
        from .explaining import explain_answer

        return explain_answer(self.network, self.program, self.solve, inputs, at)

    def __repr__(self) -> str:
        state = "certified" if self.certificate.ok else "FAILED"
        return f"<deepdistill result {self.name!r}: {state}, {len(self.code.splitlines())} lines>"


@overload
def distill(problem: Problem, seed: int = 0, progress: Progress | None = None) -> Result: ...


@overload
def distill(problem: str, seed: int = 0, progress: Progress | None = None) -> Any: ...


def distill(problem: Problem | str, seed: int = 0, progress: Progress | None = None) -> Any:
    """Learn a problem and write it as a program.

    ``problem`` is the name of a built-in problem or a :class:`Problem`; the name of a built-in law
    gives a ``formulas.Fitted``, which has the same ``code``, ``solve`` and ``certificate``. The
    same ``seed`` gives the same files; ``progress`` is told what is being done. Raises
    :class:`InputError` for unusable input. A result whose network is not exact or whose program
    is refuted is returned all the same: look at ``result.certificate.ok``.
    """
    from .forms.files import network_bytes
    from .ir.spec import check
    from .stages import FORMS, learned_from
    from .target import Provenance
    from .verify.contract import keeping_contract, network_sizes
    from .verify.proof.claims import with_proofs
    from .verify.recheck import load_solver

    if isinstance(problem, str):
        law = catalogue.find_law(problem)
        if law is not None:
            from .formulas import fit_table

            return fit_table(
                law.table(seed), name=law.name, seed=seed, oracle=law.oracle, progress=progress
            )
        problem = catalogue.find(problem)
    stages = FORMS[problem.form]
    seconds: dict[str, float] = {}
    say = progress or (lambda stage, text: None)

    with timed("train", seconds, say):
        trained = stages.train(problem, seed, lambda text: say("train", text))
    with timed("condense", seconds, say):
        lifted = stages.condense(trained.network, problem)
        check(_program_of(lifted), "lifted")
    with timed("shorten", seconds, say):
        program = stages.shorten(lifted)
        check(program, "shortened")
    with timed("prove", seconds, say):
        proofs = stages.prove(problem, trained.network, program)
    with timed("render", seconds, say):
        training, held_out = problem.examples(seed)
        provenance = Provenance(
            learned_from(problem, training, held_out),
            (),
            _recorded(held_out or training),
            training[0].shape,
            __version__,
        )
        draft = stages.render(program, provenance, trained.network, lifted)
    with timed("verify", seconds, say):
        solve = load_solver(draft.encode(), problem.name)
        certificate = stages.certify(
            problem,
            trained.network,
            program,
            solve,
            seed,
            network_exact=trained.exact,
        )
        if not problem.driver:  # a driver comes from a template, with tests of its own
            shape, sizes = training[0].shape, network_sizes(trained.network)
            certificate = keeping_contract(certificate, solve, problem.inputs, shape, sizes)
        certificate = with_proofs(certificate, proofs)
    with timed("render", seconds, say):  # once more, now that it is known what was checked
        provenance = replace(provenance, checked=tuple(certificate.sentences()))
        code = stages.render(program, provenance, trained.network, lifted)
        test_code = stages.render_test(program, provenance, trained.network, lifted)
    sealed = certificate.sealed(
        {
            "solver.py": code.encode(),
            "test_solver.py": test_code.encode(),
            "network.npz": network_bytes(trained.network),
        }
    )
    return Result(
        problem, trained.network, program, code, test_code, sealed, trained.attempts, seconds
    )


def _program_of(lifted: Any) -> Program:
    """The program in what a lift gives."""
    from .stages import Prefixes

    match lifted:
        case Program():
            return lifted
        case Prefixes(whole):
            return whole
        case _:
            program: Program = lifted.program
            return program


_MOST_CELLS_RECORDED = 400


def _recorded(held_out: tuple[Examples, ...]) -> tuple[tuple[tuple[Any, ...], Any], ...]:
    """A few held-out pairs as nested lists, for the test that lands beside the solver."""
    pairs: list[tuple[tuple[Any, ...], Any]] = []
    for group in held_out:
        cells = sum(array[0].size for array in (*group.inputs, group.output))
        if group.answered is not None:
            group = group.take(np.flatnonzero(group.answered))
        for k in range(min(2, len(group), _MOST_CELLS_RECORDED // max(1, cells))):
            pairs.append((tuple(a[k].tolist() for a in group.inputs), group.output[k].tolist()))
    return tuple(pairs)
