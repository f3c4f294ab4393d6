"""Cheap looks at pairs: which axes their inputs may have, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any, TypeAlias

from ..ir.types import Axis
from .pair_groups import STATES, keeps_size, numbers_of, size_of
from .pairs import ExamplePair, PairProblem

_MOST_CELLS = 20_000  # that are looked at
_FARTHEST = 2  # radius of the neighbourhoods that are looked at
_NOISE = 20  # one cell in so many may be wrong

Axes = tuple[Axis, ...]


@dataclass(frozen=True, slots=True)
class AxesGuess:
    """Axes that each input may have, and what speaks for them; a ``likely`` one is tried first.

    Programs that are ``composed`` take inputs as they are.
    """

    axes: Axes
    why: str
    likely: bool
    composed: bool = False

    @property
    def in_words(self) -> str:
        if self.composed:
            return "inputs of any length"
        return " ".join("grid(bounded)" if str(axis) == "grid" else str(axis) for axis in self.axes)


def guessed_axes(problem: PairProblem) -> list[AxesGuess]:
    """The axes under which arrays of these pairs may be a problem, the likely ones first.

    What the pairs contradict is left out. Texts and names of classes have none.
    """
    ports = (*problem.inputs, problem.output)
    own = problem.inputs[0].axes
    if any(port.is_text for port in ports) or any(port.axes != own for port in problem.inputs):
        return []
    pairs = problem.given
    if not own or (problem.output.axes not in ((), own)):
        return []
    if not problem.output.axes:
        return list(_questions(problem)) if len(problem.inputs) == 1 else []
    if not all(map(keeps_size, pairs)):
        return []
    guesses = list(_neighbourhoods(pairs, len(own)))
    if len(problem.inputs) == 1 and len(own) == 1:
        guesses += [*_step_by_step(pairs), *_item_by_item(pairs)]
    return sorted(guesses, key=lambda guess: not guess.likely)


def _questions(problem: PairProblem) -> Iterator[AxesGuess]:
    """One answer about a list, which must not depend on its order, or about a picture."""
    if len(problem.inputs[0].axes) == 2:
        yield AxesGuess((Axis("grid"), Axis("grid")), "one answer about a picture", True)
        return
    known = ((tuple(sorted(pair.inputs[0])), pair.output) for pair in problem.given)
    if _agree(known):
        yield AxesGuess((Axis("set"),), "one answer, and nothing shows that order counts", True)


def _neighbourhoods(pairs: Sequence[ExamplePair], depth: int) -> Iterator[AxesGuess]:
    """Automata, where cells with the same neighbours have the same answer but for a few.

    They are likely where neighbourhoods come again and the cells hold few different values.
    """
    numbers = {n for pair in pairs for value in pair.inputs for n in numbers_of(value)}
    states = len(numbers) <= STATES
    for wrap in (False, True):
        axes = (Axis("grid", wrap=wrap),) * depth
        for radius in range(_FARTHEST + 1):
            answers = _answers(_neighbours(pairs, depth, radius, wrap))
            cells = sum(map(sum, answers))
            if _agreeing(answers):
                far = f"the cells up to {radius} away decide" if radius else "each cell decides"
                seen_again = 2 * len(answers) <= cells
                yield AxesGuess(axes, f"{far} in {cells:,} cells", seen_again and states)
                break


def _step_by_step(pairs: Sequence[ExamplePair]) -> Iterator[AxesGuess]:
    """A sequence, where what came before and the step itself do not have two answers."""
    known = (
        (tuple(pair.inputs[0][: k + 1]), answer)
        for pair in pairs
        for k, answer in enumerate(pair.output)
    )
    if _agree(known):
        yield AxesGuess((Axis("sequence"),), "what came before a step and it itself decide", True)


def _item_by_item(pairs: Sequence[ExamplePair]) -> Iterator[AxesGuess]:
    """A set, where equal numbers of one list, or of its permutations, have one answer."""
    known = (
        ((tuple(sorted(pair.inputs[0])), number), answer)
        for pair in pairs
        for number, answer in zip(pair.inputs[0], pair.output, strict=True)
    )
    if _agree(known):
        yield AxesGuess((Axis("set"),), "equal numbers of a list have equal answers", True)


Known: TypeAlias = Iterable[tuple[Hashable, Any]]
"""What may decide, and the answer."""


def _agree(known: Known) -> bool:
    return _agreeing(_answers(known))


def _answers(known: Known) -> list[list[int]]:
    """How often each answer was given, for each of what may decide."""
    answers: dict[Hashable, Counter[str]] = {}
    for key, answer in islice(known, _MOST_CELLS):
        answers.setdefault(key, Counter())[repr(answer)] += 1
    return [list(own.values()) for own in answers.values()]


def _agreeing(answers: Sequence[Sequence[int]]) -> bool:
    """Whether what was seen again had its answer again, but for what may be wrong labels."""
    odd = sum(sum(own) - max(own) for own in answers)
    again = sum(sum(own) for own in answers if sum(own) > 1)
    return odd * _NOISE <= again


def _neighbours(pairs: Sequence[ExamplePair], depth: int, radius: int, wrap: bool) -> Known:
    """The cells around each one, 0 beyond a border, and its answer."""
    for pair in pairs:
        size = size_of(pair.output)
        if len(size) != depth or not min(size):
            continue
        reads = [_reader(value, size, wrap) for value in pair.inputs]
        rows, columns = size if depth == 2 else (1, size[0])
        high = radius if depth == 2 else 0
        for i, j in product(range(rows), range(columns)):
            around = tuple(
                read(i + a, j + b)
                for read in reads
                for a in range(-high, high + 1)
                for b in range(-radius, radius + 1)
            )
            yield around, pair.output[i][j] if depth == 2 else pair.output[j]


def _reader(value: Any, size: Sequence[int], wrap: bool) -> Callable[[int, int], int]:
    """The cell at a place, 0 beyond a border."""
    grid = value if len(size) == 2 else [value]
    rows, columns = len(grid), len(grid[0])

    def read(i: int, j: int) -> int:
        if wrap:
            return int(grid[i % rows][j % columns])
        return int(grid[i][j]) if 0 <= i < rows and 0 <= j < columns else 0

    return read
