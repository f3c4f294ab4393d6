"""The judge of sequences: an answer at each step, which knows only what came before.

Because answers are causal, a difference at step t is one of the first t + 1 elements, and every
counterexample is cut there before it is simplified. Numbers may grow beyond 64 bits: they are
compared as Python's integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.problem import Examples, Problem
from ...ir.evaluate import evaluate
from ...ir.program import Program, Scan
from ...ir.types import Port
from ...verify.certificate import Certificate, Claim, versions_now
from ...verify.equivalence import (
    Difference,
    Function,
    Inputs,
    Solve,
    WrongAnswer,
    answer,
    compare,
    difference,
    of_oracle,
    search,
)
from ...verify.minimal import minimal
from ...verify.tally import Evidence
from ...verify.whole_inputs import small_inputs, tied_inputs
from ...verify.whole_judge import EXAMPLES, LARGE_EXAMPLES
from ...verify.whole_reduce import reduce_whole
from ...verify.windows import all_inputs, input_count
from .network import PrefixNetwork, RecurrentNetwork

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]

_TRAINED_EXAMPLES = 100
_SMALLEST_EXAMPLES = 10  # at each length from 1 to a little more than the trained one
_SMALL = 8  # the longest sequences that Hypothesis draws
_EXHAUSTIVE = 2**12
_INTERPRETED = 50_000  # steps, or pairs of them, that the reference interpreter sees in a round
_SMALL_INTEGER = 2**62


class _Judge(Evidence):
    """One solver before one problem and network."""

    def __init__(
        self,
        problem: Problem,
        network: RecurrentNetwork | PrefixNetwork,
        program: Program | None,
        solve: Solve,
        seed: int,
    ) -> None:
        self.problem, self.seed, self.ports = problem, seed, problem.inputs
        (self.port,) = problem.inputs
        self.solver = _of_solver(solve, self.port)
        self.loops = program is not None and any(isinstance(s, Scan) for s in program.body)
        super().__init__(
            network.run,
            None if program is None else _of_program(program),
            None if problem.oracle is None else of_oracle(problem.oracle, self.ports),
        )

    def round(self, cases: Iterable[Inputs], trained: bool = False) -> None:
        """Compare the solver with all that have not differed yet; of the interpreter only few."""
        cases = list(cases)
        answers = [answer(self.solver, case) for case in cases]
        for name, reference, tally in self.judges(trained):
            if tally.wrong is not None:
                continue
            left = _INTERPRETED
            count, sizes = 0, set()
            for case, got in zip(cases, answers, strict=True):
                length = len(case[self.port.name])
                left -= length if self.loops else length**2
                if name == "program" and left < 0:
                    break
                wrong = difference(case, answer(reference, case), got)
                count += 1
                sizes.add(case[self.port.name].shape)
                if wrong is not None:
                    tally.wrong = self.reduced(reference, wrong)
                    break
            if name != "program":
                tally.add(count, sizes)

    def reduced(self, reference: Function, wrong: Difference) -> Difference:
        """The first steps up to where the answers differ, then fewer and simpler ones."""
        if wrong.cell is not None:
            start = wrong.inputs[self.port.name][: wrong.cell[0] + 1]
            wrong = compare(self.solver, reference, {self.port.name: start}) or wrong
        wrong = reduce_whole(self.solver, reference, wrong, self.ports, lambda case: True)
        return minimal(self.solver, reference, wrong, self.ports)

    def small(self, examples: int) -> None:
        """Hypothesis at the smallest lengths."""
        strategy = small_inputs(self.ports, _SMALL)
        for name, reference, tally in self.judges(trained=False):
            if tally.wrong is None:
                found = search(
                    self.solver, {name: reference}, self.ports, examples, self.seed, 1, 1, strategy
                )
                tally.examples += examples if name != "program" else 0
                for wrong in found.values():
                    tally.wrong = self.reduced(reference, wrong)

    def draws(self, shape: Shape, count: int, stream: int) -> Iterator[Inputs]:
        """Inputs of one length: as the problem draws them, from few values, and extreme ones."""
        rng = np.random.default_rng([self.seed, stream, *shape])
        fourth = count // 4
        for _ in range(count - 2 * fourth):
            yield {self.port.name: self.problem.draw(rng, shape)[0]}
        yield from tied_inputs(rng, self.ports, shape, fourth)
        low, high = self.port.domain.low, self.port.domain.high
        extremes = sorted({low, high, *(v for v in (-1, 0, 1) if low <= v <= high)})
        for k in range(fourth):
            chosen = extremes[: 1 + k % len(extremes)] if k % 2 else extremes[-1 - k :]
            yield {self.port.name: rng.choice(np.array(chosen, dtype=np.int64), size=shape)}


def certify_sequences(
    problem: Problem,
    network: RecurrentNetwork | PrefixNetwork,
    program: Program | None,
    solve: Solve,
    seed: int = 0,
    *,
    network_exact: bool = True,
    examples: int = EXAMPLES,
    large_examples: int = LARGE_EXAMPLES,
    versions: Mapping[str, str | int] | None = None,
) -> Certificate:
    """Judge a solver.

    ``network_exact`` says whether the trainer got every training and held-out step right and they
    show a rule; if not, ``correct`` is failed whatever else is found.
    """
    judge = _Judge(problem, network, program, solve, seed)
    trained = problem.training_shapes
    exhaustive = all(input_count(judge.ports, shape) <= _EXHAUSTIVE for shape in trained)
    for shape in trained:
        every = all_inputs(judge.ports, shape) if exhaustive else ()
        judge.round(every or judge.draws(shape, _TRAINED_EXAMPLES, 3), trained=True)
    judge.small(examples)
    longest = max(trained)
    for length in range(1, longest[0] + 2):
        judge.round(judge.draws((length, *longest[1:]), _SMALLEST_EXAMPLES, 4))
    for shape in problem.check_shapes or trained:
        judge.round(judge.draws(shape, large_examples, 4))
    if versions is None:
        versions = versions_now()
    return Certificate(
        problem=problem.name,
        seed=seed,
        faithful=judge.faithful.claim("exhaustive" if exhaustive else "sampled"),
        scalable=judge.scalable.claim("sampled"),
        correct=_correct(judge, network_exact),
        versions=versions,
    )


def _correct(judge: _Judge, network_exact: bool) -> Claim:
    """The claim about answers: the oracle's, or those that were held out."""
    tally, problem = judge.correct, judge.problem
    if network_exact and judge.oracle is not None:
        return tally.claim("sampled")
    if network_exact and not problem.given:
        return Claim("no oracle")
    training, held_out = problem.examples(judge.seed)
    if not network_exact:
        groups = (*training, *held_out)
        wrong, count, shortest = _wrong_steps(judge, groups)
        steps = sum(group.output.shape[0] * group.output.shape[1] for group in groups)
        tally.add(count, {group.shape for group in groups})
        tally.wrong = shortest or tally.wrong
        note = f"the answers are wrong at {wrong:,} of {steps:,} known steps ({wrong / steps:.2%})"
        if not wrong:
            note = f"the {steps:,} known steps do not show a rule"
        return replace(tally.claim("sampled"), status="failed", note=note)
    _, count, tally.wrong = _wrong_steps(judge, held_out)
    tally.add(count, {group.shape for group in held_out})
    tally.notes.append(f"all {count:,} sequences that were held out agree")
    lengths = sorted({shape[0] for shape in problem.training_shapes})
    tally.notes.append(
        f"sequences of {' and '.join(map(str, lengths))} steps alone were shown, so that what "
        "comes in only later is not known"
    )
    return tally.claim("no oracle")


def _wrong_steps(judge: _Judge, groups: Sequence[Examples]) -> tuple[int, int, Difference | None]:
    """At how many steps the solver is wrong, of how many sequences, and the shortest of them."""
    wrong, count = 0, 0
    first: tuple[int, IntArray, IntArray] | None = None
    name = judge.port.name
    for examples in groups:
        for k, labels in enumerate(examples.output):
            sequence = examples.inputs[0][k]
            got = answer(judge.solver, {name: sequence})
            count += 1
            if isinstance(got, str) or got.shape != labels.shape:
                steps = np.arange(len(labels))
            else:
                steps = np.flatnonzero((got != labels).reshape(len(labels), -1).any(axis=1))
            wrong += len(steps)
            if len(steps) and (first is None or int(steps[0]) < first[0]):
                first = (int(steps[0]), sequence, labels)
    if first is None:
        return wrong, count, None
    t, sequence, labels = first
    case = {name: sequence[: t + 1]}
    return wrong, count, difference(case, labels[: t + 1], answer(judge.solver, case))


def exact(values: Any) -> IntArray:
    """Nested lists of integers as an array, of Python's own integers where they grow large."""
    flat = [v for row in values for v in (row if isinstance(row, list | tuple) else (row,))]
    small = all(abs(v) < _SMALL_INTEGER for v in flat)
    return np.array(values, dtype=np.int64 if small else object)


def _of_solver(solve: Solve, port: Port) -> Function:
    """A generated solver: a list in, a list of plain integers, or of lists of them, out."""

    def run(inputs: Inputs) -> IntArray:
        sequence = inputs[port.name].tolist()
        found = solve(sequence)
        if not isinstance(found, list) or not all(map(_plain, found)):
            raise WrongAnswer("the answer holds values that are not plain integers in lists")
        if sequence != inputs[port.name].tolist():
            raise WrongAnswer("the solver changed its input")
        if len({len(row) if isinstance(row, list) else 0 for row in found}) > 1:
            raise WrongAnswer("the answer is ragged")
        return exact(found)

    return run


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(type(part) is int for part in value)
    return type(value) is int


def _of_program(program: Program) -> Function:
    """The program under the reference interpreter."""
    return lambda inputs: exact(
        evaluate(program, {name: array.tolist() for name, array in inputs.items()})
    )
