"""Search for the simplest network that is exact: structure, number of units, restarts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ...data.examples import MOST_NOISE
from ...data.problem import Examples, InputError, Problem
from ...data.running import Attempt, Run
from ...learn.one_sum import affine_sum, of_numbers, of_values, one_by_one, one_sum
from ...learn.orbits import Rows, Structure, structures, tabulate
from ...learn.order_statistics import order_statistic
from ...learn.tree_units import tree_units
from ...units.groups import FloatArray, IntArray, UnitGroup
from ...verify.evidence import exception_bits, explained_by_chance
from .network import GridNetwork
from .noise import FURTHER, LEAST_BITS, Votes, network_bits, noisy, votes

UNITS = (0, 1, 2, 4, 8, 16, 32, 64)
ENOUGH = 8
"""So many units fail before one sum or a number by its rank is looked for, which may need more."""

MANY = 5
"""So many states have rules of many units: these are constructed before any are trained."""

RESTARTS = 8
ATTEMPTS = 2
STEPS = 400
WORK = 6.0e10  # weight-row products spent at most; a bound on work, not on time
SMALLEST_GRID = 5  # cells along an axis; smaller ones show no radius of 2
_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class GridFitted:
    """The network found, whether it is exact on all examples, and what was tried.

    ``excepted`` cells are answered otherwise by a network that is taken for exact: wrong labels.
    """

    network: GridNetwork
    exact: bool
    wrong: int
    rows: int
    attempts: tuple[Attempt, ...]
    excepted: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    structure: Structure
    train: Rows
    everything: Rows
    groups: tuple[UnitGroup, ...] = ()
    wrong: int = 1 << 62


def fit(problem: Problem, run: Run | None = None) -> GridFitted:
    """Find the simplest network that is exact on training and held-out examples.

    Structures are tried from the smallest radius and the most shared weights up; one whose
    readings contradict the examples is passed over without training. For each, the number of
    units doubles until a restart is exact; the result is sparsified and snapped. Where a few units
    do not do, one weighted sum with many thresholds is looked for (``one_sum``). Where the budget
    ends without an exact network the best one is returned with ``exact=False``. Where examples of a
    user contradict structures that explain nearly all of them, and none that reads further explains
    more than chance would, some labels are wrong: the answers that most examples give are learned.
    """
    run = run or Run()
    training, held_out = problem.examples(run.seed)
    states = np.unique(np.concatenate([e.output.ravel() for e in (*training, *held_out)]))
    attempts: list[Attempt] = []
    best: _Candidate | None = None
    work = WORK
    passed: list[Structure] = []
    for structure in structures(problem):
        everything = tabulate(problem.inputs, structure, (*training, *held_out))
        if everything.conflicts:
            outcome = f"{everything.conflicts} readings have two answers"
            attempts.append(Attempt(str(structure), None, outcome))
            run.say(str(attempts[-1]))
            if best is None or (not best.groups and everything.conflicts < best.wrong):
                rows = tabulate(problem.inputs, structure, training)
                best = _Candidate(structure, rows, everything, (), everything.conflicts)
            passed.append(structure)
            continue
        arguments = (problem, structure, (*training, *held_out), states, attempts)
        many = len(states) >= MANY
        constructed = _constructed(*arguments) if many else None
        if constructed is None and passed and problem.judged_by_examples:
            noisy = _through_noise(problem, passed, structure, states, attempts, run)
            if noisy is not None:
                return noisy
            passed = []
        if many and (constructed := constructed or _as_tree(*arguments)):
            network = _network(problem, constructed, states)
            return GridFitted(network, True, 0, len(constructed.everything), tuple(attempts))
        rows = tabulate(problem.inputs, structure, training)
        candidate = _Candidate(structure, rows, everything)
        for units in UNITS:
            cost = len(rows) * rows.x.shape[1] * max(units, 1) * RESTARTS * STEPS
            if work < cost:
                attempts.append(Attempt(str(structure), units, "beyond the budget"))
                break
            work -= cost
            run.say(f"{structure}, {units} units …")
            trained = _exact(candidate, units, states, run)
            attempts.append(Attempt(str(structure), units, _outcome(trained)))
            run.say(str(attempts[-1]))
            if trained.wrong and units == ENOUGH:
                trained = _constructed(*arguments) or trained
            if trained.wrong == 0:
                network = _network(problem, trained, states)
                return GridFitted(network, True, 0, len(trained.everything), tuple(attempts))
            if best is None or not best.groups or trained.wrong < best.wrong:
                best = trained
                run.keep(partial(_fitted, problem, best, states, tuple(attempts)), _outcome(best))
    assert best is not None, "there is always a structure of radius 0"
    if passed and not best.groups and problem.judged_by_examples:
        noisy = _through_noise(problem, passed, None, states, attempts, run)
        if noisy is not None:
            return noisy
    if not best.groups:  # every structure contradicts the examples: train the least bad one
        _refuse_tiny_grids(training)
        best = _exact(best, 8, states, run)
    return _fitted(problem, best, states, tuple(attempts))


def _constructed(
    problem: Problem,
    structure: Structure,
    examples: Sequence[Examples],
    states: IntArray,
    attempts: list[Attempt],
) -> _Candidate | None:
    """A network of more units than are trained, where one is exact: all of one sum, or a rank."""
    numbers, values = of_numbers(structure), of_values(structure, problem.inputs)
    ways = [
        ("one sum", one_sum, numbers),
        ("a rank", order_statistic, one_by_one(numbers)),
        ("the answer as a sum", affine_sum, values),
    ]
    for name, construct, readings in ways if len(states) >= MANY else ways[:2]:
        made = construct(readings, problem.inputs, examples, states)
        if made is not None:
            rows, groups = made
            attempts.append(Attempt(f"{structure}, {name}", len(groups[0].bias), "exact"))
            return _Candidate(readings, rows, rows, groups, 0)
    return None


def _as_tree(
    problem: Problem,
    structure: Structure,
    examples: Sequence[Examples],
    states: IntArray,
    attempts: list[Attempt],
) -> _Candidate | None:
    """The network of a small tree over which values stand where, where one is exact."""
    readings = of_values(structure, problem.inputs, zero=True)
    rows = tabulate(problem.inputs, readings, examples)
    groups = tree_units(rows, states)
    if groups is None:
        return None
    attempts.append(Attempt(f"{structure}, a tree", len(groups[1].bias), "exact"))
    return _Candidate(readings, rows, rows, groups, 0)


def _through_noise(
    problem: Problem,
    passed: Sequence[Structure],
    finest: Structure | None,
    states: IntArray,
    attempts: list[Attempt],
    run: Run,
) -> GridFitted | None:
    """The network that tells itself and the cells that it misses in the fewest bits, if one does.

    It is one of the structures ``passed``, which contradict examples as ``finest`` does not.
    """
    training, held_out = problem.examples(run.seed)
    examples, ports = (*training, *held_out), problem.inputs
    last = None if finest is None else votes(ports, finest, examples, states)
    if len(states) >= MANY:
        passed = [of_values(one, ports, zero=True) for one in passed]
    likely = noisy([votes(ports, one, examples, states) for one in passed], last)
    best: tuple[float, _Candidate, NDArray[np.bool_]] | None = None
    for one in likely:
        cells, plain = len(one.own), one.missed if best is None else best[2]
        left = one.unexplained(plain)
        floor = LEAST_BITS + exception_bits(left, cells, len(states))
        if best is not None and (floor >= best[0] or left > FURTHER * plain.sum()):
            continue
        for sure in (True, False):
            candidate = _voted(one, one.known(sure), states, run)
            if candidate is None:
                continue
            missed = _answers(candidate.groups, one.rows.x)[one.row] != one.own
            count = int(missed.sum())
            bits = network_bits([_whole(group) for group in candidate.groups])
            bits += exception_bits(count, cells, len(states))
            outcome = f"{count:,} of {cells:,} cells are taken for wrong labels"
            attempts.append(Attempt(str(one.structure), len(candidate.groups[0].bias), outcome))
            run.say(str(attempts[-1]))
            if best is None or bits < best[0]:
                best = bits, candidate, missed
            if one.as_rare(missed):
                break
    if best is None:
        return None
    bits, candidate, missed = best
    labels = np.concatenate([e.output.ravel() for e in examples]).tolist()
    count = int(missed.sum())
    if count > MOST_NOISE * len(labels) or explained_by_chance(labels, bits, 0) is not None:
        return None
    network = _network(problem, candidate, states)
    return GridFitted(network, True, count, len(labels), tuple(attempts), count)


def _voted(one: Votes, rows: Rows, states: IntArray, run: Run) -> _Candidate | None:
    """The network with the fewest units for answers that were voted for; of many states a tree."""
    if len(states) >= MANY:
        groups = tree_units(rows, states)
        return None if groups is None else _Candidate(one.structure, rows, rows, groups, 0)
    work, best = WORK, None
    for units in UNITS if len(rows) else ():
        cost = len(rows) * rows.x.shape[1] * max(units, 1) * RESTARTS * STEPS
        if work < cost:
            break
        work -= cost
        candidate = _exact(_Candidate(one.structure, rows, rows), units, states, run)
        if best is None or candidate.wrong < best.wrong:
            best = candidate
        if candidate.wrong == 0:
            break
    return best


def _fitted(
    problem: Problem, best: _Candidate, states: IntArray, attempts: tuple[Attempt, ...]
) -> GridFitted:
    """The network of the best candidate, which is not exact."""
    wrong = best.wrong + best.everything.conflicts
    network = _network(problem, best, states)
    return GridFitted(network, False, wrong, len(best.everything), attempts)


def _refuse_tiny_grids(training: tuple[Examples, ...]) -> None:
    """Raise :class:`InputError` where the grids hold hardly a neighbourhood to learn from."""
    shape = min((examples.output.shape[1:] for examples in training), key=min)
    if min(shape) < SMALLEST_GRID:
        cells = " x ".join(map(str, shape))
        raise InputError(
            f"no neighbourhood that fits into {cells} cells explains the outputs: give grids of "
            f"at least {SMALLEST_GRID} cells along each axis, or look for mistakes in y"
        )


def _outcome(trial: _Candidate) -> str:
    return f"{trial.wrong} of {len(trial.everything)} readings wrong" if trial.wrong else "exact"


def _exact(candidate: _Candidate, units: int, states: IntArray, run: Run) -> _Candidate:
    """Train, check on everything, sparsify and snap; the attempt with the fewest wrong rows."""
    from ...learn.train import train

    everything = candidate.everything
    label = np.searchsorted(states, everything.y)
    best = candidate
    for attempt in range(ATTEMPTS if units else 1):
        draw = run.seed * 1_000_003 + units * 101 + attempt
        x, y = candidate.train.x, np.searchsorted(states, candidate.train.y)
        chosen = np.random.default_rng(draw).permutation(len(x))[:_ROWS_AT_ONCE]
        for _ in range(3):
            run.check()
            trained = train(
                x[chosen], y[chosen], len(states), units, RESTARTS, STEPS, draw, run.check
            )
            wrong = np.flatnonzero(_answers(trained.groups, x) != y)
            if trained.wrong or not len(wrong):
                break
            chosen = np.concatenate([chosen, wrong[:_ROWS_AT_ONCE]])
        missed = int((_answers(trained.groups, everything.x) != label).sum())
        groups = trained.groups
        if missed == 0:
            groups = _snapped(candidate, groups, label)
            missed = int((_answers(groups, everything.x) != label).sum())
        if missed < best.wrong or not best.groups:
            best = _Candidate(candidate.structure, candidate.train, everything, groups, missed)
        if best.wrong == 0:
            break
    return best


def _snapped(
    candidate: _Candidate, groups: tuple[UnitGroup, ...], label: IntArray
) -> tuple[UnitGroup, ...]:
    from ...learn.snap import snap

    seats = np.array([float(len(orbit.offsets)) for orbit in candidate.structure.orbits])
    return snap(groups, candidate.everything.x, label, seats)


def _answers(groups: tuple[UnitGroup, ...], x: FloatArray) -> IntArray:
    for group in groups:
        x = group.fire(x)
    return x[:, 0].astype(np.int64)


def _network(problem: Problem, candidate: _Candidate, states: IntArray) -> GridNetwork:
    """The network over single taps: an orbit's weight stands at each of its positions."""
    orbits = candidate.structure.orbits
    groups = tuple(map(_whole, candidate.groups))
    first = groups[0]
    used = np.any(first.weights != 0, axis=0)
    taps = tuple(t for orbit, u in zip(orbits, used, strict=True) if u for t in orbit.taps)
    seats = [len(orbit.offsets) if u else 0 for orbit, u in zip(orbits, used, strict=True)]
    spread = UnitGroup(np.repeat(first.weights, seats, axis=1), first.bias, first.activation)
    return GridNetwork(
        problem.inputs,
        problem.output,
        taps,
        (spread, *groups[1:]),
        tuple(int(state) for state in states),
    )


def _whole(group: UnitGroup) -> UnitGroup:
    """A group with integer weights; one that was not snapped is scaled up: no answer changes."""
    from ...learn.train import GRID

    numbers = np.column_stack([group.weights, group.bias])
    if (numbers == np.round(numbers)).all():
        return group
    return UnitGroup(group.weights * GRID, group.bias * GRID, group.activation)
