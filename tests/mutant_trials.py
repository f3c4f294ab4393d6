"""Mutants on trial: what the judges say of each, and what a stronger check says of survivors.

The judge is the project's own, told to stop at its first difference: neither is a counterexample
made smaller nor are the other claims followed up. It first sees small check sizes; whatever it lets
pass is compared with the original by :func:`differs`, and where that finds a difference the judge
is asked again at all its sizes, before anything is called a survivor.
"""

from __future__ import annotations

import ast
import math
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, Literal
from unittest.mock import patch

import numpy as np
from mutant_inputs import differs
from mutants import Mutant, built, network_mutants, program_mutants, source_mutants
from proving import prove_program

from deepdistill.data import catalogue
from deepdistill.data.problem import InputError, Problem
from deepdistill.forms import form_of_task
from deepdistill.forms.clauses.driver import broken_driver
from deepdistill.forms.clauses.inputs import ClauseInputs
from deepdistill.forms.clauses.network import ClauseNetwork
from deepdistill.forms.dense.sized import SizedNetwork
from deepdistill.forms.files import read_network
from deepdistill.forms.grid.inputs import GridInputs
from deepdistill.forms.grid.network import GridNetwork
from deepdistill.forms.relift import same_code as gives_code
from deepdistill.forms.relift import shortened, written_again
from deepdistill.forms.sequence.inputs import SequenceInputs
from deepdistill.forms.set.inputs import SetInputs
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.program import Program
from deepdistill.units.items import ItemNetwork
from deepdistill.verify.certificate import Claim
from deepdistill.verify.contract import broken_promise
from deepdistill.verify.inputs import InputSpace
from deepdistill.verify.judge import Judge, judge
from deepdistill.verify.solver import load_solver

OUTPUTS = Path(__file__).resolve().parent.parent / "outputs"
Outcome = Literal["rejected", "proved equal", "equal as far as tested", "survived"]
Kind = Literal["solver", "program", "network"]

SECONDS = 4.0  # of processor time for a mutant, beyond what the original takes thrice
_LONG = 60.0  # the judge at all its sizes
_CELLS = 600  # of the check sizes that are judged first
_EXAMPLES = 40
_PROOF = 3_000_000  # of z3's units of work


class Found(BaseException):
    """The judge met a difference; nothing that judges may catch it."""


class Endless(BaseException):
    """A mutant used up its processor time."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A distilled problem: what its judge is given."""

    problem: Problem
    network: Any
    program: Program
    source: str

    @property
    def name(self) -> str:
        return self.problem.name


@cache
def subject(name: str) -> Subject:
    """A problem of the gallery, from its folder; any other one is trained."""
    problem = catalogue.find(name)
    if (OUTPUTS / name).is_dir():
        network = read_network((OUTPUTS / name / "network.npz").read_bytes(), name)
        program = shortened(form_of_task(problem), problem, network).program
        return Subject(problem, network, program, (OUTPUTS / name / "solver.py").read_text())
    from deepdistill.run import distill

    result = distill(problem)
    return Subject(problem, result.network, result.program, result.code)


@cache
def patience(name: str) -> float:
    """Seconds of processor time after which a mutant counts as endless."""
    one = subject(name)
    solve = load_solver(one.source.encode(), "solver")
    start = time.process_time()
    assert not refused(one, solve)
    return SECONDS + 3 * (time.process_time() - start)


def mutants_of(one: Subject, kind: Kind) -> list[Mutant]:
    """All mutants of a kind."""
    match kind:
        case "solver":
            return list(source_mutants(one.source))
        case "program":
            return list(program_mutants(one.program))
        case "network":
            return list(network_mutants(one.network))


def outcome(one: Subject, kind: Kind, mutant: Mutant) -> Outcome:
    """What becomes of one mutant."""
    match kind:
        case "solver":
            return _solver_outcome(one, mutant)
        case "program":
            return _program_outcome(one, mutant)
        case "network":
            return _network_outcome(one, mutant)


def _solver_outcome(one: Subject, mutant: Mutant) -> Outcome:
    original = load_solver(one.source.encode(), "solver")
    try:
        with limited(patience(one.name)):
            solve = load_solver(mutant.value.encode(), "solver")
            if refused(one, solve):
                return "rejected"
    except (InputError, Endless):
        return "rejected"
    if same_code(one.source, mutant.value):
        return "proved equal"
    try:
        with limited(_LONG):
            if not differs(one.problem, original, solve):
                return "equal as far as tested"
            return "rejected" if refused(one, solve, quick=False) else "survived"
    except Endless:
        return "rejected"


def same_code(source: str, other: str) -> bool:
    """Whether both compile to the same instructions."""
    codes = [compile(_bare(text), "solver", "exec", optimize=2) for text in (source, other)]
    return codes[0] == codes[1]


def _bare(text: str) -> str:
    return ast.unparse(ast.parse(text))  # the same lines for the same code


def _rule_outcome(changed: Subject) -> Outcome:
    """Of a changed rule or network inside a driver: the solver is the original one."""
    solve = load_solver(changed.source.encode(), "solver")
    try:
        with limited(patience(changed.name)):
            if refused(changed, solve, keeps=False):
                return "rejected"
        with limited(_LONG):
            other = refused(changed, solve, keeps=False, seed=99, examples=10 * _EXAMPLES)
            return "survived" if other else "equal as far as tested"
    except Endless:
        return "rejected"


def _program_outcome(one: Subject, mutant: Mutant) -> Outcome:
    if one.problem.driver:
        return _rule_outcome(replace(one, program=mutant.value))

    def solve(*arrays: Any) -> Any:
        names = [port.name for port in mutant.value.inputs]
        return evaluate(mutant.value, dict(zip(names, arrays, strict=True)))

    try:
        with limited(patience(one.name)):
            if refused(replace(one, program=None), solve, keeps=False):
                return "rejected"
    except Endless:
        return "rejected"
    proof = prove_program(mutant.value, one.network, _PROOF)
    if proof is not None and proof.status == "proved":
        return "proved equal"
    original = load_solver(one.source.encode(), "solver")
    try:
        with limited(_LONG):
            if not differs(one.problem, original, solve, bad=0, large=False):
                return "equal as far as tested"
            whole = replace(one, program=None)
            return "rejected" if refused(whole, solve, quick=False, keeps=False) else "survived"
    except Endless:
        return "rejected"


def _network_outcome(one: Subject, mutant: Mutant) -> Outcome:
    network = built(mutant)
    if network is None:
        return "rejected"
    changed = replace(one, network=network)
    if one.problem.driver:
        return _rule_outcome(changed)
    solve = load_solver(one.source.encode(), "solver")
    try:
        with limited(patience(one.name)):
            if refused(changed, solve, keeps=False):
                return "rejected"
    except Endless:
        return "rejected"
    proof = prove_program(one.program, network, _PROOF)
    if proof is not None and proof.status == "proved":
        return "proved equal"
    _, draft = written_again(form_of_task(one.problem), one.problem, network)
    if not gives_code(draft, one.source.encode()):
        return "rejected"  # the proof in the certificate is not one of this network's program

    def run(*arrays: Any) -> Any:
        ports = one.problem.inputs
        found = network.run({port.name: np.array(a) for port, a in zip(ports, arrays, strict=True)})
        return np.asarray(found).tolist()

    try:
        with limited(_LONG):
            if not differs(one.problem, solve, run, bad=0, large=False):
                return "equal as far as tested"
            return "rejected" if refused(changed, solve, quick=False, keeps=False) else "survived"
    except Endless:
        return "rejected"


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise :class:`Endless` after so much processor time."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Endless

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def refused(
    one: Subject,
    solve: Any,
    quick: bool = True,
    keeps: bool = True,
    seed: int = 0,
    examples: int = _EXAMPLES,
) -> bool:
    """Whether the judge rejects a solver; ``keeps`` asks for its contract as well."""
    problem, options = one.problem, {}
    contract = space_of(problem, one.network).contract()
    if keeps and contract is not None:
        broken = broken_promise(solve, contract)
    elif keeps:
        broken = broken_driver(solve, load_solver(one.source.encode(), "twin"))
    else:
        broken = None
    if broken is not None:
        return True
    if quick:
        problem = _smaller(problem)
        options = {"examples": examples, "large_examples": 2}
    space = space_of(problem, one.network, one.program, seed, **options)
    with stopping(quick):
        try:
            claims = judge(space, solve).claims
        except Found:
            return True
    # without an oracle the shown pairs judge, and those say nothing of a mutant
    return any(
        claim.status == "failed" for name, claim in claims.items() if name != "correct" or not quick
    )


def space_of(problem: Problem, network: Any, *rest: Any, **options: Any) -> InputSpace:
    """The inputs on which solvers of a problem are compared with a network."""
    match network:
        case GridNetwork():
            return GridInputs(problem, network, *rest, **options)
        case ItemNetwork():
            return SetInputs(problem, network, *rest, **options)
        case SizedNetwork(sizes=sizes):
            return SetInputs(problem, network, *rest, **options, network_sizes=sizes)
        case ClauseNetwork():
            return ClauseInputs(problem, network, *rest, **options)
        case _:
            return SequenceInputs(problem, network, *rest, **options)


def _smaller(problem: Problem) -> Problem:
    """Check sizes of few cells, and nothing but the network to compare with."""
    shapes = []
    for shape in problem.check_shapes:
        while math.prod(shape) > _CELLS:
            shape = tuple(n if n < 4 else n // 2 for n in shape)
        shapes.append(shape)
    if problem.driver:
        return replace(problem, check_shapes=tuple(shapes[:1]))
    return replace(
        problem, check_shapes=tuple(shapes), oracle=None, promise=None, families={}, baseline=None
    )


@contextmanager
def stopping(quick: bool) -> Iterator[None]:
    """Judges that stop at their first difference instead of making it smaller."""

    def found(*args: Any, **options: Any) -> Any:
        raise Found

    def compared(self: Judge, names: Any, case: Any) -> Any:
        wrong = real(self, names, case)
        if wrong is not None:
            raise Found
        return None

    real = Judge._first_wrong
    with ExitStack() as stack:
        stack.enter_context(patch.object(Judge, "_first_wrong", compared))
        stack.enter_context(patch("deepdistill.verify.judge.reduced", found))
        if quick:
            plain = Claim("no oracle")
            stack.enter_context(patch.object(ClauseInputs, "quality", lambda *rest: plain))
        yield
