"""The inputs of sequences: an answer at each step, which knows only what came before.

Because answers are causal, a difference at step t is one of the first t + 1 elements, and every
counterexample is cut there before it is simplified. Numbers may grow beyond 64 bits: they are
compared as Python's integers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.problem import Problem
from ...ir.evaluate import evaluate
from ...ir.program import Program, Scan
from ...ir.types import Port
from ...verify.arrays import Case, all_inputs, input_count, small_inputs, tied_inputs
from ...verify.equivalence import Difference, Inputs, Run, Solve, WrongAnswer, answer, difference
from ...verify.inputs import INEXACT, Known, Reference, Round, Verdict
from ...verify.noise import BEYOND, Context
from ...verify.problem_inputs import ProblemInputs
from ...verify.readings import Readings
from ...verify.reduce import Candidates, Reduction, fewer_places, ranks, simpler, smaller_sizes
from .network import PrefixNetwork, RecurrentNetwork
from .readings import sequence_readings, windows_left_out

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]

EXAMPLES = 100
"""How many short sequences Hypothesis draws."""

LARGE_EXAMPLES = 10
"""How many sequences are drawn at each check size."""

_TRAINED_EXAMPLES = 100
_SMALLEST_EXAMPLES = 10  # at each length from 1 to a little more than the trained one
_SEARCHED = 8  # the longest sequences that Hypothesis draws
_EXHAUSTIVE = 2**12
_INTERPRETED = 50_000  # steps, or pairs of them, that the reference interpreter sees in a round
_SMALL_INTEGER = 2**62


class SequenceInputs(ProblemInputs):
    """The inputs of a rule that answers step after step."""

    pairs, label = "sequences", "step"

    def __init__(
        self,
        problem: Problem,
        network: RecurrentNetwork | PrefixNetwork,
        program: Program | None = None,
        seed: int = 0,
        examples: int = EXAMPLES,
        large_examples: int = LARGE_EXAMPLES,
    ) -> None:
        super().__init__(problem, network, program, seed, examples, large_examples)
        (self.port,) = problem.inputs
        carries = isinstance(network, PrefixNetwork) or bool(network.updates)
        self.unit = "sample" if carries else "step"  # what is carried makes the steps of one alike

    def network_reference(self) -> Reference:
        return Reference(self.network.run)

    def program_reference(self, program: Program) -> Reference:
        loops = any(isinstance(statement, Scan) for statement in program.body)

        def work(case: Inputs) -> int:
            length = len(case[self.port.name])
            return length if loops else length**2

        return Reference(_of_program(program), work=work, most_work=_INTERPRETED)

    def subject(self, solve: Solve) -> Run:
        return _of_solver(solve, self.port)

    def rounds(self) -> Iterator[Round]:
        few = all(input_count(self.ports, shape) <= _EXHAUSTIVE for shape in self.trained)
        for shape in self.trained:
            every = all_inputs(self.ports, shape)
            cases = every if few else self.draws(shape, _TRAINED_EXAMPLES, 3)
            yield Round(self.at_trained_size(), cases, settled=("faithful",) if few else ())
        against = self.at_other_sizes()
        strategy = small_inputs(self.ports, _SEARCHED)
        yield Round(against, strategy=strategy, examples=self.examples)
        longest = max(self.trained)
        for length in range(1, longest[0] + 2):
            yield Round(against, self.draws((length, *longest[1:]), _SMALLEST_EXAMPLES, 4))
        for shape in self.checks:
            yield Round(against, self.draws(shape, self.large_examples, 4))

    def draws(self, shape: Shape, count: int, stream: int) -> Iterator[Case]:
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

    def reduced(self) -> Sequence[Reduction]:
        ports = self.ports
        return (
            Reduction(self._until_wrong),
            fewer_places(ports),
            ranks(ports),
            smaller_sizes(ports),
            simpler(ports),
        )

    def _until_wrong(self, wrong: Difference) -> Candidates:
        """The first steps up to where the answers differ."""
        if wrong.cell is not None:
            yield {self.port.name: wrong.inputs[self.port.name][: wrong.cell[0] + 1]}

    def against(self, known: Sequence[Known], run: Run) -> Verdict:
        """At how many steps the solver is wrong, and the shortest sequence where it is."""
        steps = wrong_steps = 0
        first: tuple[int, Known] | None = None
        for one in known:
            labels, got = one.answer, answer(run, one.case)
            if isinstance(got, str) or got.shape != labels.shape:
                places = np.arange(len(labels))
            else:
                places = np.flatnonzero((got != labels).reshape(len(labels), -1).any(axis=1))
            steps += len(labels)
            wrong_steps += len(places)
            if len(places) and (first is None or int(places[0]) < first[0]):
                first = int(places[0]), one
        if first is None:
            note = f"the {steps:,} known steps do not show a rule" if steps else INEXACT
            return Verdict(None, len(known), note)
        t, one = first
        case = {self.port.name: one.case[self.port.name][: t + 1]}
        return Verdict(
            difference(case, one.answer[: t + 1], answer(run, case)),
            len(known),
            f"the answers are wrong at {wrong_steps:,} of {steps:,} known steps "
            f"({wrong_steps / steps:.2%})",
        )

    def contexts(self, known: Sequence[Known]) -> Iterator[Context]:
        """What came up to three steps before each label, the label before it, and the step."""
        arrays = [one.case[self.port.name].reshape(len(one.answer), -1) for one in known]
        labels = [one.answer.reshape(len(one.answer), -1) for one in known]
        width = labels[0].shape[1]
        for words, rows, farthest in ((self.port.name, arrays, 3), ("the label", labels, 1)):
            for back in range(rows is labels, farthest + 1):
                for c in range(rows[0].shape[1]):
                    values = np.concatenate([_earlier(row[:, c], back) for row in rows])
                    where = f"{words} {back} back" + (f", channel {c}" if c else "")
                    yield where, np.repeat(values, width)
        steps = np.concatenate([np.arange(len(row)) for row in arrays])
        yield "the step", np.repeat(steps, width)

    def unknown(self) -> Iterator[str]:
        lengths = sorted({shape[0] for shape in self.trained})
        yield (
            f"sequences of {' and '.join(map(str, lengths))} steps alone were shown, so that what "
            "comes in only later is not known"
        )
        yield from self.numbers_left_out()
        readings = self.readings
        if readings is not None and readings.observed < readings.possible:
            yield readings.sentence
            return
        further = self.network.window + 2  # inputs: one step further than is read, at least
        left_out = windows_left_out(self._example_rows(), further)
        yield (
            f"{left_out.observed:,} of {left_out.possible:,} {left_out.what} were shown, "
            f"{left_out.missing} not: whether more than the rule reads matters there is not known"
        )

    def coverage(self) -> Iterator[tuple[str, Any]]:
        if self.readings is not None:
            yield self.readings.what, self.readings.as_json()

    @cached_property
    def readings(self) -> Readings | None:
        """How much of what the rule can read, or of its transitions, was shown."""
        return sequence_readings(self.network, self._example_rows())

    def _example_rows(self) -> Iterator[list[tuple[int, ...]]]:
        for group in self.problem.all_given:
            for array in group.inputs[0]:
                yield [tuple(np.atleast_1d(row).tolist()) for row in array]


def _earlier(values: IntArray, steps: int) -> IntArray:
    """The values so many steps before, (length,)."""
    start = np.full(min(steps, len(values)), BEYOND, dtype=np.int64)
    return np.concatenate([start, values[: max(0, len(values) - steps)]])


def exact(values: Any) -> IntArray:
    """Nested lists of integers as an array, of Python's own integers where they grow large."""
    flat = [v for row in values for v in (row if isinstance(row, list | tuple) else (row,))]
    small = all(abs(v) < _SMALL_INTEGER for v in flat)
    return np.array(values, dtype=np.int64 if small else object)


def _of_solver(solve: Solve, port: Port) -> Run:
    """A generated solver: a list in, a list of plain integers, or of lists of them, out."""

    def run(inputs: Inputs) -> IntArray:
        sequence = inputs[port.name].tolist()
        answers = solve(sequence)
        if not isinstance(answers, list) or not all(map(_plain, answers)):
            raise WrongAnswer("the answer holds values that are not plain integers in lists")
        if sequence != inputs[port.name].tolist():
            raise WrongAnswer("the solver changed its input")
        if len({len(row) if isinstance(row, list) else 0 for row in answers}) > 1:
            raise WrongAnswer("the answer is ragged")
        return exact(answers)

    return run


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(type(part) is int for part in value)
    return type(value) is int


def _of_program(program: Program) -> Run:
    """The program under the reference interpreter."""
    return lambda inputs: exact(
        evaluate(program, {name: array.tolist() for name, array in inputs.items()})
    )
