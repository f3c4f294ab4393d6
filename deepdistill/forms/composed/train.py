"""Pairs → a program: all proposers are asked, and the shortest account of the answers is taken.

What a program costs is its bits and those of the pairs that it misses, told one by one. A constant
is shorter than a size or a place that never varied, so that it wins where nothing tells them apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log2
from typing import Any

from ...data.examples import FEW_SAMPLES, MOST_NOISE
from ...data.pairs import ExamplePair, PairProblem
from ...data.problem import InputError
from ...data.running import Attempt, CutOff, Run
from ...ir.code_length import integer_bits
from ...ir.expr import Call, Const, Expr, Listed, Var, size
from ...ir.program import Let, Program, expressions
from ...ir.spec import check
from ...learn.programs.proposal import Proposal, answers_all, missed_pairs
from ...learn.programs.proposers import PROPOSERS, Proposer
from ...units.composed import ComposedNetwork
from ...verify.evidence import CHANCE, FEW, exception_bits, label_bits
from ...verify.noise import carried_by
from ..protocol import Trained, place_of_size
from .inputs import ComposedInputs
from .longer import differ_beyond, missed_longer, shortest_of
from .noise import CountedRun, draws
from .values import numbers_in, size_of

_KEPT = 12  # of the proposals, the best, and each search's best one that gives all answers
_NEAR = 100.0  # bits by which a program may be longer whose way holds for longer inputs
_SHARES = {"enumerated": 24, "propose_rows_further": 0, "enumerated_further": 0}
"""How often a long search may ask to go on where a program of all pairs was found before."""
_THROUGH = 2  # times as often where one was found that misses some, which may be wrong labels

_CONVINCING = 0.75
"""Of the bits of the answers: what misses pairs and takes more may be a poor one, found by luck."""
_ALONE = "the most common answer"


@dataclass(frozen=True, slots=True)
class WeighedProposal:
    """A proposal with its ``cost`` in bits, its ``size`` in nodes and the name of who was asked.

    It is ``incomplete`` where the pairs that it misses look alike, so that they are no wrong ones.
    """

    proposal: Proposal
    cost: float
    size: int
    proposer: str = ""
    incomplete: bool = False

    @property
    def choice_cost(self) -> float:
        """The bits that tell it among all programs, or if that is less among those of its kind."""
        return self.cost - self.proposal.bits + self.proposal.choice_bits


@dataclass(frozen=True, slots=True)
class ComposedSearch:
    """The best of what was proposed, shortest account first, and the place of the one taken."""

    candidates: tuple[WeighedProposal, ...]
    taken: int

    @property
    def front(self) -> tuple[WeighedProposal, ...]:
        """Those of which no other one is as small and misses fewer pairs, smallest first."""
        kept: list[WeighedProposal] = []
        for one in sorted(self.candidates, key=lambda c: (c.size, len(c.proposal.missed), c.cost)):
            if not kept or len(one.proposal.missed) < len(kept[-1].proposal.missed):
                kept.append(one)
        return tuple(kept)


def composed(task: PairProblem, run: Run) -> Trained:
    """The program of some pairs. Raises :class:`InputError` where there are none."""
    if not task.given:
        raise InputError("there are no pairs to learn from")
    ranked: list[WeighedProposal] = []
    attempts: list[Attempt] = []

    def search() -> Trained:
        counted = {proposer: CountedRun(run) for proposer in (_constant, *PROPOSERS)}
        soon = [proposer for proposer in PROPOSERS if proposer.__name__ not in _SHARES]
        late = [proposer for proposer in PROPOSERS if proposer.__name__ in _SHARES]
        if task.brief:
            late = [proposer for proposer in late if _SHARES[proposer.__name__]]
        for several in ([_constant, *soon], late):
            for proposer in several:
                own = counted[proposer].run()
                own.share = _share(proposer, ranked, task)
                try:
                    attempts.append(_searched_by(proposer, task, task, own, run, ranked, attempts))
                except CutOff:
                    run.check()
            # quick searches of draws before long ones of all
            for draw in () if task.brief else draws(task, run.seed):
                best = ranked[_best(ranked, task)]
                if _convinces(best, task) and _pays(best.cost, task):
                    break  # what is longer than the answers may tell wrong ones
                for proposer in (one for one in several if one is not _constant):
                    own = counted[proposer].share(quick=proposer in soon)
                    try:
                        attempt = _searched_by(proposer, draw, task, own, run, ranked, attempts)
                    except CutOff:
                        run.check()
                        continue
                    attempts.append(replace(attempt, structure=f"{attempt.structure}, of a draw"))
        return _trained(task, ranked, attempts, _held(ranked, task, counted, run))

    trained: Trained = run.or_best(search)
    return trained


def _share(proposer: Proposer, ranked: Sequence[WeighedProposal], task: PairProblem) -> int | None:
    """How often a search may ask to go on after what was found; None for as often as it likes."""
    share = _SHARES.get(proposer.__name__)
    if share is None or any(not one.proposal.missed and _pays(one.cost, task) for one in ranked):
        return share
    return _THROUGH * share if ranked and _convinces(ranked[_best(ranked, task)], task) else None


def _searched_by(
    proposer: Proposer,
    seen: PairProblem,
    task: PairProblem,
    own: Run,
    run: Run,
    ranked: list[WeighedProposal],
    attempts: Sequence[Attempt],
) -> Attempt:
    """Ask a proposer that sees some of the pairs; what it gives is weighed by all of them."""
    name, best = proposer.__name__.strip("_").replace("_", " "), None
    for proposal in proposer(seen, own):
        own.check()
        if seen is not task:
            proposal = replace(proposal, missed=missed_pairs(proposal.program, task.given))
        if not _has_answers(proposal, task):
            continue
        one = _weighed(proposal, task)
        if len(ranked) < _KEPT or one.cost < ranked[-1].cost:
            one = _verified(one, task)
        best = one if best is None or one.cost < best.cost else best
        name = proposal.found_by
        one = replace(one, proposer=proposer.__name__)
        if _added(ranked, one) and ranked[0] is one:
            sentence = f"a program by {name}, {_in_words(one, task)}"
            run.keep(lambda: _trained(task, ranked, attempts, _best(ranked, task)), sentence)
            run.say("asking for programs")
        if own.share is None and one.proposal.missed:
            own.share = _share(proposer, ranked, task)
    return Attempt(name, None, "nothing" if best is None else _in_words(best, task))


def _has_answers(proposal: Proposal, task: PairProblem) -> bool:
    """Whether a program has an answer to each of many inputs shown: none is no wrong label."""
    if len(task.given) <= FEW_SAMPLES or not proposal.missed:
        return True
    return answers_all(proposal.program, [task.given[place] for place in proposal.missed])


def taken(task: PairProblem, trained: Trained, complexity: int) -> Trained:
    """The same search with the best program that is no larger."""
    front = trained.details.front
    place = place_of_size([one.size for one in front], complexity, "programs")
    candidates = trained.details.candidates
    return _trained(task, candidates, trained.attempts, candidates.index(front[place]))


def _best(ranked: Sequence[WeighedProposal], task: PairProblem) -> int:
    """The place of the shortest account; where it is no rule, of the shortest exact one."""
    return _first([len(one.proposal.missed) for one in ranked], _believed(ranked[0], task))


def first_believed(
    accounts: Sequence[tuple[float, int]], task: PairProblem, complete: bool = True
) -> int:
    """The place of the least cost, where it is that of a rule; else of the least of an exact one.

    ``accounts`` has what each program costs and how many pairs it misses, the least first; that one
    is not ``complete`` where its own search does not believe it.
    """
    return _first([missed for _, missed in accounts], complete and believed(*accounts[0], task))


def _first(missed: Sequence[int], is_rule: bool) -> int:
    """The first place where that is one of a rule; else the first of what misses nothing."""
    return 0 if is_rule or 0 not in missed else missed.index(0)


def _held(
    ranked: Sequence[WeighedProposal],
    task: PairProblem,
    counted: Mapping[Proposer, CountedRun],
    run: Run,
) -> int:
    """The best place; of exact programs that differ on longer inputs the one whose way holds."""
    place = _foreseen(ranked, _best(ranked, task), task, counted, run)
    best = ranked[place]
    rivals: dict[str, int] = {}
    for k, one in enumerate(ranked if not best.proposal.missed else ()):
        near = not one.proposal.missed and one.cost <= best.cost + _NEAR
        programs = best.proposal.program, one.proposal.program
        known = one.proposer in (best.proposer, *rivals)
        if near and not known and differ_beyond(*programs, task, run.seed):
            rivals[one.proposer] = k
    if not rivals:
        return place
    run.say("programs differ on longer inputs: asking about the shorter pairs alone")
    missed: list[tuple[int, int]] = []
    for proposer, counts in counted.items():
        if proposer.__name__ in (best.proposer, *rivals):
            wrong = missed_longer(proposer, task, counts.part(counts.asked + 1))
            run.check()
            if wrong is not None:
                missed.append((wrong, rivals.get(proposer.__name__, place)))
    held = [k for wrong, k in missed if wrong == 0]
    return place if place in held or not held else min(held)


def _foreseen(
    ranked: Sequence[WeighedProposal],
    place: int,
    task: PairProblem,
    counted: Mapping[Proposer, CountedRun],
    run: Run,
) -> int:
    """The same place, or where the best program misses some pairs that of an exact one.

    These are wrong labels unless an exact program is one of few of its kind, or a search that never
    saw the pairs that are missed gives the answers of all of them: nobody foresees wrong ones.
    """
    odd = set(ranked[place].proposal.missed)
    exact: dict[str, int] = {}
    for k, one in enumerate(ranked if odd else ()):
        if not one.proposal.missed and one.choice_cost < _alone(task) - log2(1 / CHANCE):
            exact.setdefault(one.proposer, k)
    if not exact:
        return place
    if any(ranked[k].choice_cost < ranked[place].cost for k in exact.values()):
        return min(exact.values())
    run.say("exact programs are longer: asking without the pairs that shorter ones miss")
    rest = tuple(pair for k, pair in enumerate(task.given) if k not in odd)
    missed = [task.given[k] for k in sorted(odd)]
    for proposer, counts in counted.items():
        if proposer.__name__ in exact:
            program = shortest_of(
                proposer, replace(task, given=rest), counts.part(counts.asked + 1)
            )
            run.check()
            if program is not None and not missed_pairs(program, missed):
                return exact[proposer.__name__]
    return place


def _alone(task: PairProblem) -> float:
    """The bits of the answers written down as they are."""
    end = task.output.domain.high + 1
    return label_bits(n for pair in task.given for n in numbers_in(pair.output, end))


def _believed(one: WeighedProposal, task: PairProblem) -> bool:
    return believed(one.cost, len(one.proposal.missed), task) and not one.incomplete


def _convinces(one: WeighedProposal, task: PairProblem) -> bool:
    """Whether no shorter account is looked for: not where one misses pairs and saves few bits."""
    missed = one.proposal.missed
    return _believed(one, task) and (not missed or one.cost < _CONVINCING * _alone(task))


def believed(cost: float, missed: int, task: PairProblem) -> bool:
    """Whether a program gives all answers but few, which are told as wrong ones and still pay."""
    few = missed <= MOST_NOISE * len(task.given) and len(task.given) > FEW_SAMPLES
    return not missed or (few and _pays(cost, task))


def _pays(cost: float, task: PairProblem) -> bool:
    """Whether chance hardly does as well."""
    return cost < _alone(task) - log2(1 / CHANCE)


def _constant(task: PairProblem, run: Run) -> Iterator[Proposal]:
    """The most common answer, whatever the input: what every other program has to beat."""
    answers = [pair.output for pair in task.given]
    value = max(answers, key=lambda answer: (answers.count(answer), -answers.index(answer)))
    program = Program(
        task.name, task.inputs, task.output, (Let(task.output.name, _written(value)),)
    )
    yield Proposal(program, _ALONE, missed_pairs(program, task.given))


def _written(value: Any) -> Expr:
    match value:
        case []:
            return Listed(("one",), Const(()), Var("one"))
        case [[], *_]:
            return Listed(("one",), Const((0,) * len(value)), _written([]))
        case [one]:
            return Call("single", (_written(one),))
        case list():
            return Call("list", tuple(map(_written, value)))
        case _:
            return Const(value)


def _weighed(proposal: Proposal, task: PairProblem) -> WeighedProposal:
    missed = [task.given[place] for place in proposal.missed]
    cost = proposal.bits + missed_bits(missed, task.given)
    nodes = sum(size(e) for one in proposal.program.body for e in expressions(one))
    return WeighedProposal(proposal, cost, nodes)


def _verified(one: WeighedProposal, task: PairProblem) -> WeighedProposal:
    """The same with the pairs that its program misses indeed."""
    program = one.proposal.program
    check(program, "composed")
    weighed = _weighed(replace(one.proposal, missed=missed_pairs(program, task.given)), task)
    if not weighed.proposal.missed or not _believed(weighed, task):
        return weighed
    space = ComposedInputs(task, _network(task, program, one.proposal.found_by))
    compared = space.compared(space.known(task.given), [], space.references()["network"].run)
    return replace(weighed, incomplete=compared is not None and bool(carried_by(compared)))


def missed_bits(missed: Sequence[ExamplePair], pairs: Sequence[ExamplePair]) -> float:
    """Which pairs are missed, and their answers: one of those that occur, or a new one."""
    if not missed:
        return 0.0
    names = Counter(repr(pair.output) for pair in pairs)
    plain = exception_bits(len(missed), len(pairs), len(names))
    spare = log2(max(2, len(names)))
    numbers = [n for pair in pairs for n in numbers_in(pair.output, None)]
    each = log2(max(numbers, default=0) - min(numbers, default=0) + 1)
    alone = [_answer_bits(pair.output, each) for pair in missed if names[repr(pair.output)] <= FEW]
    return plain + sum(max(0.0, bits - spare) for bits in alone)


def _answer_bits(value: Any, each: float) -> float:
    """An answer that hardly occurs elsewhere, number by number."""
    if isinstance(value, list):
        return integer_bits(len(value)) + sum(_answer_bits(part, each) for part in value)
    return each


def _added(ranked: list[WeighedProposal], one: WeighedProposal) -> bool:
    """Whether a candidate is new and among the best, shortest account first."""
    if any(one.proposal.program.body == other.proposal.program.body for other in ranked):
        return False
    ranked.append(one)
    ranked.sort(key=lambda c: (c.cost, c.size))
    exact = {c.proposer: c for c in reversed(ranked) if not c.proposal.missed}
    ranked[:] = [c for k, c in enumerate(ranked) if k < _KEPT or c is exact.get(c.proposer)]
    return one in ranked


def _in_words(one: WeighedProposal, task: PairProblem) -> str:
    missed, count = len(one.proposal.missed), len(task.given)
    text = f"{missed} of {count} pairs missed" if missed else f"all {count} pairs"
    return f"{one.proposal.bits:.0f} bits, {text}"


def _trained(
    task: PairProblem, ranked: Sequence[WeighedProposal], attempts: Sequence[Any], place: int
) -> Trained:
    chosen = ranked[place].proposal
    network = _network(task, chosen.program, chosen.found_by)
    search = ComposedSearch(tuple(ranked), place)
    return Trained(
        network,
        exact=_believed(ranked[place], task),
        excepted=len(chosen.missed),
        attempts=tuple(attempts),
        front=tuple((one.size, float(len(one.proposal.missed))) for one in search.front),
        notes=task.notes,
        details=search,
    )


def _network(task: PairProblem, program: Program, found_by: str) -> ComposedNetwork:
    sizes = [
        [size_of(pair.inputs[k], len(port.axes)) for pair in task.given]
        for k, port in enumerate(task.inputs)
    ]
    return ComposedNetwork(
        Program(task.name, *_parts(program)),
        found_by,
        tuple(tuple(map(max, zip(*own, strict=True))) for own in sizes),
        tuple(tuple(map(min, zip(*own, strict=True))) for own in sizes),
    )


def _parts(program: Program) -> tuple[Any, ...]:
    return program.inputs, program.output, program.body, program.tables
