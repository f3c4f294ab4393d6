"""The judge of answers about a whole input: one number, or a list as long as the input.

Nothing here is a local rule, so that no list of patterns settles anything: small inputs are
compared with Hypothesis, in all orders and with ties on purpose, and large ones are drawn. The
network is anything that runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..data.problem import Examples, Problem
from ..ir.expr import NoAnswer
from ..ir.program import Program
from ..ir.types import Port
from .certificate import Certificate, Claim, Status, versions_now
from .equivalence import (
    NO_ANSWER,
    Difference,
    Function,
    Inputs,
    Solve,
    answer,
    compare_all,
    difference,
    of_oracle,
    of_program,
    of_solver,
    search,
)
from .families import judge_families
from .minimal import minimal
from .tally import Evidence, Tally
from .whole_inputs import (
    every_order,
    every_small,
    extreme_inputs,
    shifted,
    small_inputs,
    tied_inputs,
)
from .whole_reduce import reduce_whole
from .windows import all_inputs, input_count

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]

EXAMPLES = 100
"""How many inputs of small sizes Hypothesis draws."""

LARGE_EXAMPLES = 10
"""How many inputs are drawn at each check size."""

_TRAINED_EXAMPLES = 100
_SMALLEST_EXAMPLES = 10  # at each of the smallest sizes
_EXHAUSTIVE = 2**12
_INTERPRETED = 100_000  # pairs of cells that the slow reference interpreter may look at in a round


class Runs(Protocol):
    """A network that answers at any size, or at some."""

    @property
    def inputs(self) -> tuple[Port, ...]: ...

    def run(self, inputs: Any) -> Any: ...


class _Judge(Evidence):
    """One solver before one problem and network."""

    def __init__(
        self, problem: Problem, network: Runs, program: Program | None, solve: Solve, seed: int
    ) -> None:
        self.problem, self.seed, self.ports = problem, seed, problem.inputs
        self.solver = _partial(of_solver(solve, self.ports))
        super().__init__(
            lambda inputs: np.asarray(network.run(inputs)),
            None if program is None else _partial(of_program(program)),
            None if problem.oracle is None else of_oracle(problem.oracle, self.ports),
        )

    def promised(self, case: Inputs) -> bool:
        """Whether the problem promises an answer for this input."""
        promise = self.problem.promise
        return promise is None or bool(promise(*(case[port.name] for port in self.ports)))

    def round(
        self, cases: Iterable[Inputs], trained: bool = False, only: str | None = None
    ) -> None:
        """Compare the solver with all that have not differed yet; of the interpreter only few."""
        cases = list(cases)
        interpreted = _INTERPRETED
        few = []
        for case in cases:
            interpreted -= sum(array.size**2 for array in case.values())
            if interpreted < 0:
                break
            few.append(case)
        solver = _once(self.solver)
        for name, reference, tally in self.judges(trained):
            if tally.wrong is not None or (only is not None and name != only):
                continue
            own = few if name == "program" else cases
            if name == "oracle":
                own = [case for case in own if self.promised(case)]
            found, count, sizes = compare_all(solver, {name: reference}, own)
            if name != "program":
                tally.add(count, sizes)
            for wrong in found.values():
                self.record(tally, name, reference, wrong)

    def record(self, tally: Tally, name: str, reference: Function, wrong: Difference) -> None:
        allowed = self.promised if name == "oracle" else lambda case: True
        smaller = reduce_whole(self.solver, reference, wrong, self.ports, allowed)
        tally.wrong = minimal(self.solver, reference, smaller, self.ports, allowed)

    def small(self, examples: int) -> None:
        """Hypothesis at the smallest sizes."""
        strategy = small_inputs(self.ports, 8 if len(self.ports[0].axes) == 1 else 5)
        for name, reference, tally in self.judges(trained=False):
            if tally.wrong is not None:
                continue
            drawn = strategy.filter(self.promised) if name == "oracle" else strategy
            found = search(
                self.solver, {name: reference}, self.ports, examples, self.seed, strategy=drawn
            )
            tally.examples += examples
            for wrong in found.values():
                self.record(tally, name, reference, wrong)

    def draws(self, shape: Shape, count: int, stream: int) -> Iterator[Inputs]:
        """Inputs of one size: as the problem draws them, shifted, with ties, and extreme."""
        rng = np.random.default_rng([self.seed, stream, *shape])
        names = [port.name for port in self.ports]
        for k in range(count - count // 2):
            case = dict(zip(names, self.problem.draw(rng, shape), strict=True))
            yield shifted(rng, self.ports, case) if k % 2 else case
        yield from tied_inputs(rng, self.ports, shape, count // 2)
        yield from extreme_inputs(self.ports, shape)


def _once(function: Function) -> Function:
    """A function that answers each case once, however often it is compared."""
    answers: dict[int, IntArray | Exception] = {}  # by the identity of the case

    def run(inputs: Inputs) -> IntArray:
        if id(inputs) not in answers:
            try:
                answers[id(inputs)] = function(inputs)
            except Exception as error:
                answers[id(inputs)] = error
        answer = answers[id(inputs)]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return run


def _partial(function: Function) -> Function:
    """A function that says by ``ValueError`` that it has no answer."""

    def run(inputs: Inputs) -> IntArray:
        try:
            return function(inputs)
        except ValueError as error:
            raise NoAnswer(str(error)) from None

    return run


def certify_whole(
    problem: Problem,
    network: Runs,
    program: Program | None,
    solve: Solve,
    seed: int = 0,
    *,
    network_exact: bool = True,
    network_sizes: Sequence[Shape] | None = None,
    examples: int = EXAMPLES,
    large_examples: int = LARGE_EXAMPLES,
    versions: Mapping[str, str | int] | None = None,
) -> Certificate:
    """Judge a solver.

    ``network_exact`` says whether the trainer got every training and held-out example right; if
    not, ``correct`` is failed whatever else is found. ``network_sizes`` are the only sizes at which
    the network runs, where it does not run at all; the trained ones are among them.
    """
    judge = _Judge(problem, network, program, solve, seed)
    trained = problem.training_shapes
    checks = problem.check_shapes or trained
    exhaustive = all(input_count(judge.ports, shape) <= _EXHAUSTIVE for shape in trained)
    for shape in trained:
        if exhaustive:
            judge.round(all_inputs(judge.ports, shape), trained=True)
        else:
            judge.round(judge.draws(shape, _TRAINED_EXAMPLES, 3), trained=True)
    if network_sizes is None:
        judge.small(examples)
        judge.round(every_small(judge.ports))
        orders = list(every_order(judge.ports))
        judge.round(orders)
        if orders:
            longest = max(len(array) for case in orders for array in case.values())
            judge.scalable.notes.append(f"among them every order of up to {longest} numbers")
        for shape in (*_smallest(judge), *checks):
            judge.round(judge.draws(shape, _count(shape, checks, large_examples), 4))
    else:
        for shape in network_sizes:
            if shape not in trained:
                judge.round(judge.draws(shape, _TRAINED_EXAMPLES, 4))
        for shape in _smallest(judge):
            judge.round(judge.draws(shape, _SMALLEST_EXAMPLES, 4), only="program")
            judge.round(judge.draws(shape, _SMALLEST_EXAMPLES, 4), only="oracle")
        for shape in checks:
            judge.round(judge.draws(shape, large_examples, 4), only="oracle")
    correct = _correct(judge, network_exact)
    if versions is None:
        versions = versions_now()
    return Certificate(
        problem=problem.name,
        seed=seed,
        faithful=judge.faithful.claim("exhaustive" if exhaustive else "sampled"),
        scalable=judge.scalable.claim("sampled") if judge.scalable.examples else _one_size(),
        correct=correct,
        versions=versions,
    )


def _one_size() -> Claim:
    return Claim("not applicable", note="the network has one size")


def _smallest(judge: _Judge) -> list[Shape]:
    """The sizes from 1 up to a little more than the trained ones."""
    trained = judge.problem.training_shapes
    axes = len(trained[0])
    longest = max(map(max, trained)) + 1
    return [(n,) * axes for n in range(1, longest + 1)]


def _count(shape: Shape, checks: Sequence[Shape], large_examples: int) -> int:
    return large_examples if shape in checks else _SMALLEST_EXAMPLES


def _correct(judge: _Judge, network_exact: bool) -> Claim:
    """The claim about answers: the oracle's, or those that are known by construction."""
    tally, problem = judge.correct, judge.problem
    status: Status = "sampled"
    if judge.oracle is None:
        if problem.families:
            judge_families(problem, judge.solver, judge.seed, tally)
        elif problem.given:
            status = "no oracle"
            _, held_out = problem.examples(judge.seed)
            tally.wrong, count = _first_wrong(judge, held_out)
            tally.add(count, {group.shape for group in held_out})
            tally.notes.append(f"all {count:,} pairs that were held out agree")
            sizes = {group.shape for group in problem.given}
            if len(sizes) == 1:
                (shape,) = sizes
                tally.notes.append(
                    f"pairs of size {' x '.join(map(str, shape))} alone were shown, so that what "
                    "depends on the size is not known"
                )
        else:
            return Claim("no oracle")
    elif problem.promise is not None:
        tally.notes.append("on inputs that have an answer")
    if network_exact:
        return tally.claim(status)
    if tally.wrong is None:
        training, held_out = problem.examples(judge.seed)
        tally.wrong, _ = _first_wrong(judge, (*training, *held_out))
    note = "the trained network is not exact on its examples"
    return replace(tally.claim(status), status="failed", note=note)


def _first_wrong(judge: _Judge, groups: Sequence[Examples]) -> tuple[Difference | None, int]:
    """The first labelled example that the solver gets wrong, and how many there are."""
    found: Difference | None = None
    for examples in groups:
        for k in range(len(examples)):
            case = {
                port.name: column[k]
                for port, column in zip(judge.ports, examples.inputs, strict=True)
            }
            some = examples.answered is None or examples.answered[k]
            label = np.asarray(examples.output[k]) if some else NO_ANSWER
            found = found or difference(case, label, answer(judge.solver, case))
    return found, sum(map(len, groups))
