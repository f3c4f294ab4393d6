"""Programs that fit all pairs and differ beyond them: which way to find them holds for longer ones.

Each way is asked again about the shorter half of the pairs; what it gives is tried on the longer
half. A program that tells the lengths that were shown, such as an automaton with a state for each
depth, fails there; one that found the rule does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

import numpy as np

from ...data.pairs import ExamplePair, PairProblem
from ...data.running import CutOff, Run
from ...ir.compiled import compiled
from ...ir.program import Program
from ...learn.programs.proposal import missed_pairs
from ...learn.programs.proposers import Proposer
from ...units.composed import answered
from .draws import drawn, grown
from .values import numbers_in, size_of

_LEAST = 10  # pairs of either half
_DRAWN = 60  # inputs on which programs are compared
_SIDE = 12  # of pictures
_LONGEST = 80


def differ_beyond(one: Program, other: Program, task: PairProblem, seed: int) -> bool:
    """Whether two programs answer otherwise on any of some longer inputs."""
    rng = np.random.default_rng([seed, 23])
    runs = [compiled(program) for program in (one, other)]
    for k in range(_DRAWN):
        case = {port.name: _longer(rng, task, place, k) for place, port in enumerate(task.inputs)}
        if _answer(runs[0], case) != _answer(runs[1], case):
            return True
    return False


def _longer(rng: np.random.Generator, task: PairProblem, place: int, k: int) -> Any:
    port = task.inputs[place]
    values = [pair.inputs[place] for pair in task.given]
    longest = max([n for value in values for n in size_of(value, len(port.axes))], default=1)
    if len(port.axes) > 1:
        side = min(_SIDE, 2 * longest)
        return drawn(rng, port, (side, side), k)
    length = min(_LONGEST, 2 * longest + int(rng.integers(longest + 1)))
    if port.axes and k % 3 == 0 and any(values):
        return grown(rng, port, [value for value in values if value], length)
    return drawn(rng, port, (length,) * len(port.axes), k)


def _answer(run: Callable[..., Any], case: dict[str, Any]) -> Any:
    try:
        return answered(run, case)
    except ValueError:
        return None


def missed_longer(proposer: Proposer, task: PairProblem, run: Run) -> int | None:
    """How many of the longer pairs are missed by what is found from the shorter ones.

    None where there are no two halves, or nothing is found from the shorter one.
    """
    halves = _halves(task.given)
    if halves is None:
        return None
    shorter, longer = halves
    repeated = tuple(islice(cycle(shorter), len(task.given)))  # as many bear a program as long
    program = shortest_of(proposer, replace(task, given=repeated), run)
    return None if program is None else len(missed_pairs(program, longer))


def shortest_of(proposer: Proposer, task: PairProblem, run: Run) -> Program | None:
    """The shortest program of all pairs that a proposer gives before its share is over."""
    programs: list[tuple[float, Program]] = []
    try:
        for proposal in proposer(task, run):
            run.check()
            if not proposal.missed:
                programs.append((proposal.bits, proposal.program))
    except CutOff:
        pass
    return min(programs, key=lambda pair: pair[0])[1] if programs else None


def _halves(
    pairs: Sequence[ExamplePair],
) -> tuple[tuple[ExamplePair, ...], tuple[ExamplePair, ...]] | None:
    """The shorter and the longer pairs; None where all are as long."""
    sizes = [sum(1 for value in pair.inputs for _ in numbers_in(value, None)) for pair in pairs]
    limit = sorted(sizes)[len(sizes) // 2]
    shorter = tuple(pair for pair, size in zip(pairs, sizes, strict=True) if size < limit)
    longer = tuple(pair for pair, size in zip(pairs, sizes, strict=True) if size >= limit)
    return None if min(len(shorter), len(longer)) < _LEAST else (shorter, longer)
