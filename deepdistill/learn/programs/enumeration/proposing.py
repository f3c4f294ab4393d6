"""The shortest programs that agree with all examples: searched on few, and tried on all.

Examples on which an answer is wrong join the few, and the search begins again. Where none is right,
other few are looked at: some of the first may have wrong labels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import inf, log2

from ....data.pairs import ExamplePair, PairProblem
from ....data.running import Run
from ....ir.expr import Expr
from ....ir.program import Program
from ..proposal import Proposal, missed_pairs
from .named import named
from .search import EFFORTS, Effort, SearchRound, kind_of
from .valued import Valued

_ELEMENTS = 700
"""Elements of the lists of the few examples, all together."""
_GROWN = 6
"""So many times examples join the few."""
_JOINING = 2
"""So many that one program misses do."""
_PROPOSED = 8
_EXCEPTIONS = 0.1
"""The share of examples that a proposal may miss."""
_OF_LISTS = 24.0
"""So many more bits may a program have whose answers are lists: these say more."""
_TELLS = 4
"""A program of so many times fewer bits than its answers are worth is not looked for again."""
_FURTHER = 60.0
"""Answers that are worth fewer bits are looked for in the first round alone."""
_QUICK = 2
"""So many rounds go before those that take long."""
_OTHERS = 3
"""So many times as many examples are looked at before the search goes on with the first."""
_CHECKED = 40
"""What was found by each round is tried on all examples up to so many programs."""


def enumerated(problem: PairProblem, run: Run) -> Iterator[Proposal]:
    """Programs made of operations on whole lists and on their elements, the shortest first."""
    if not _is_known(problem):
        return
    search = _ProgramCandidates(problem, run)
    first = first_examples(problem.given, frozenset())
    worth = _worth(problem)
    for number, effort in enumerate(EFFORTS[:_QUICK]):
        if number and worth < _FURTHER:
            return
        run.say(f"short programs, round {number + 1} of {len(EFFORTS)}")
        yield from search.proposals(first, effort)
        sure = effort.sure + _OF_LISTS if problem.output.axes else max(effort.sure, worth / _TELLS)
        if search.best is not None and (number or search.best <= sure):
            return
    seen = frozenset(first)
    while len(others := first_examples(problem.given, seen)) >= len(first):
        yield from search.proposals(others, EFFORTS[0])
        seen |= frozenset(others)
        if search.best is not None or search.tells or len(seen) > _OTHERS * len(first):
            return


def enumerated_further(problem: PairProblem, run: Run) -> Iterator[Proposal]:
    """Longer ones: many times the work, for where nothing else gives the answers."""
    if not _is_known(problem) or _worth(problem) < _FURTHER:
        return
    search = _ProgramCandidates(problem, run)
    first = first_examples(problem.given, frozenset())
    for number, effort in enumerate(EFFORTS[_QUICK:], _QUICK + 1):
        run.say(f"short programs, round {number} of {len(EFFORTS)}")
        yield from search.proposals(first, effort)
        if search.best is not None or search.tells:
            return


def shortest_expressions(problem: PairProblem, effort: Effort, run: Run) -> list[Expr]:
    """Expressions of the inputs that one round finds to give all answers, the shortest first."""
    search = _ProgramCandidates(problem, run)
    for _ in search.proposals(first_examples(problem.given, frozenset()), effort):
        pass
    return search.exact


def _worth(problem: PairProblem) -> float:
    """The bits of the answers told one by one, by how often each is given; lists are worth more.

    Programs of more bits explain nothing.
    """
    if problem.output.axes:
        return inf
    counts = Counter(pair.output for pair in problem.given).values()
    total = len(problem.given)
    each = 2 * log2(max(2, len(problem.output.domain))) * len(counts)
    return sum(n * log2(total / n) for n in counts) + each


def _is_known(problem: PairProblem) -> bool:
    ports = (*problem.inputs, problem.output)
    return bool(problem.given) and all(kind_of(len(port.axes)) is not None for port in ports)


class _ProgramCandidates:
    """What was found so far."""

    def __init__(self, problem: PairProblem, run: Run) -> None:
        self.problem, self.run = problem, run
        self.missed: dict[Program, tuple[int, ...]] = {}  # by each program that was tried
        self.best: float | None = None
        self.exact: list[Expr] = []  # those that miss no pair
        self.tells = False  # whether a program misses far fewer than the most common answer
        common = Counter(repr(pair.output) for pair in problem.given).most_common(1)
        self._plain = len(problem.given) - common[0][1]
        self._worth = _worth(problem)  # an exact program of more bits leaves room for a shorter one

    def proposals(self, places: Sequence[int], effort: Effort) -> Iterator[Proposal]:
        """What a round finds; examples that it misses join those that are shown."""
        pairs, few = self.problem.given, list(places)
        again = False
        for _ in range(_GROWN):
            hits = SearchRound(self.problem, [pairs[k] for k in few], effort, self.run).hits()
            proposed, missed = self._tried(hits)
            yield from proposed
            new = [k for k in missed if k not in few]
            right = min((one.bits for one in proposed if not one.missed), default=inf)
            near = any(one.missed and one.bits < right for one in proposed)
            is_found = right < inf and right <= self._worth
            if not new or again or (is_found and not near):
                return
            again = is_found  # what is shorter and nearly right may have a limit left
            few += new[: 4 * _JOINING]

    def _tried(self, hits: Sequence[Valued]) -> tuple[list[Proposal], list[int]]:
        """The programs that miss few examples, and some of the examples that others miss."""
        problem, count = self.problem, len(self.problem.given)
        proposals: list[Proposal] = []
        joining: list[int] = []
        for hit in hits[:_CHECKED]:
            program = named(problem.name, problem.inputs, problem.output, hit.expr)
            is_new = program not in self.missed
            if is_new:
                self.missed[program] = missed_pairs(program, problem.given)
            missed = self.missed[program]
            joining += missed[:_JOINING]
            if not is_new:
                continue
            if len(missed) <= _EXCEPTIONS * count:
                proposals.append(Proposal(program, "enumeration", missed))
            if not missed:
                bits = proposals[-1].bits
                self.best = bits if self.best is None else min(bits, self.best)
                self.exact.append(hit.expr)
            self.tells |= 0 < len(missed) <= min(_EXCEPTIONS * count, self._plain / 3)
        proposals.sort(key=lambda one: (len(one.missed), one.bits))
        return proposals[:_PROPOSED], list(dict.fromkeys(joining))


def first_examples(pairs: Sequence[ExamplePair], without: frozenset[int]) -> list[int]:
    """The examples to begin with: of all sizes, small ones first, as many as need be."""
    sizes = [_size(pair) for pair in pairs]
    places = [place for place in range(len(pairs)) if place not in without]
    order = sorted(places, key=lambda k: (sizes[k], k))
    single = not isinstance(pairs[0].output, list | tuple)
    truths = single and {pair.output for pair in pairs} <= {0, 1}
    wanted = 24 if truths else 16 if single else 14
    spread = [order[(k * len(order)) // wanted] for k in range(wanted)] if order else []
    chosen: list[int] = []
    total = 0
    for k in dict.fromkeys([*spread, *order] if len(order) > wanted else order):
        if len(chosen) >= 3 and (total + sizes[k] > _ELEMENTS or len(chosen) >= wanted):
            continue
        chosen.append(k)
        total += sizes[k]
    return chosen


def _size(pair: ExamplePair) -> int:
    return sum(map(_count, (*pair.inputs, pair.output)))


def _count(value: object) -> int:
    return sum(map(_count, value)) if isinstance(value, list | tuple) else 1
