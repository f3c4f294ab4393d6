"""Rules about a whole behind wrong labels: few samples that by luck are right show the rule.

A search that asks for exact networks is begun on several small draws of the samples at once, stage
by stage. What is exact on a draw is asked about all samples, and where it is wrong about few of
them these are taken for wrong labels (Fischler and Bolles 1981). The rule is then the simplest
network that is exact on all others. In every second draw each kind of answer stands as often as the
others, so that a rare one is not left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from ...data.examples import FEW_SAMPLES, MOST_NOISE, Examples
from ...data.problem import Problem
from ...data.running import Attempt, Run
from ...learn.item_answers import described, missed_samples
from ...learn.item_fit import ItemsFitted, early_networks, fit_items
from ...units.items import ItemNetwork
from ...verify.evidence import explained_by_chance
from ...verify.noise import described_noise
from .inputs import SetInputs

_DRAWS = (30, 30, 16, 16, 12, 12)  # samples of each
_STAGES = 2  # that are tried after the one that found a rule
_LOOK = 40  # samples that most wrong rules fail on
_KINDS = 12  # answers that are drawn equally often


def fit_noisy_items(problem: Problem, run: Run) -> ItemsFitted | None:
    """The simplest network that is exact but for few samples; None where there is none."""
    training, held_out = problem.examples(run.seed)
    groups = (*training, *held_out)
    count = sum(map(len, groups))
    if count <= FEW_SAMPLES or any(group.answered is not None for group in groups):
        return None
    closest = _least_wrong(problem, groups, run)
    if closest is None:
        return None
    again = fit_items(_without(problem, groups, missed_samples(closest, groups)), run)
    network = again.network if again.exact else closest
    wrong = int(sum(missed.sum() for missed in missed_samples(network, groups)))
    doubts = _doubts(problem, network, groups)
    outcome = f"{wrong} of {count} samples " + (
        f"are missed: {doubts[0]}" if doubts else "are taken for wrong labels"
    )
    attempts = (Attempt(described(network), len(network.units), outcome),)
    run.say(str(attempts[-1]))
    if doubts:
        return None
    return ItemsFitted(network, True, wrong, count, attempts, wrong)


def _least_wrong(problem: Problem, groups: tuple[Examples, ...], run: Run) -> ItemNetwork | None:
    """The network of a draw that is right about most samples."""
    quiet = Run(run.seed, cancelled=lambda: _ended(run))
    count = sum(map(len, groups))
    best: tuple[int, ItemNetwork] | None = None
    left = _STAGES
    draws = [early_networks(problem, draw, quiet) for draw in _drawn(groups, run.seed)]
    for stage in zip_longest(*draws):
        for network in _in_turn([one for one in stage if one is not None]):
            wrong = _wrong(network, groups, MOST_NOISE * count if best is None else best[0] - 1)
            if wrong is not None:
                best = wrong, network
        if best is not None:
            left -= 1
            if left < 0:
                break
    return None if best is None else best[1]


def _doubts(problem: Problem, network: ItemNetwork, groups: tuple[Examples, ...]) -> list[str]:
    """Why the samples that a network misses are no wrong labels, in words."""
    space = SetInputs(problem, network)
    known, run = space.known(groups), space.network_reference().run
    compared = space.compared(known, [], run)
    if compared is None:
        return ["some have no answer"]
    labels = [label for one in known for label in space.labels(one)]
    chance = explained_by_chance(labels, 0, len(compared.disagreeing)) is not None
    return [
        *described_noise(compared, space.label)[2],
        *(["chance does as well"] if chance else []),
    ]


def _ended(run: Run) -> bool:
    """False, unless the run has to end, which it raises itself."""
    run.check()
    return False


def _in_turn(iterators: Sequence[Iterator[ItemNetwork]]) -> Iterator[ItemNetwork]:
    """One network of each iterator after another."""
    for networks in zip_longest(*iterators):
        yield from (network for network in networks if network is not None)


def _wrong(network: ItemNetwork, groups: tuple[Examples, ...], most: float) -> int | None:
    """About how many samples a network is wrong; None where these are more than so many."""
    few = tuple(group.take(slice(0, _LOOK)) for group in groups)
    looked = sum(map(len, few))
    seen = sum(int(missed.sum()) for missed in missed_samples(network, few))
    if seen > most or seen > 2 * MOST_NOISE * looked + 1:
        return None
    wrong = sum(int(missed.sum()) for missed in missed_samples(network, groups))
    return wrong if wrong <= most else None


def _drawn(groups: tuple[Examples, ...], seed: int) -> Iterator[tuple[Examples, ...]]:
    """Small draws of the samples, each kind of answer in turn."""
    rng = np.random.default_rng([seed, 9])
    place = np.concatenate([np.full(len(group), k) for k, group in enumerate(groups)])
    within = np.concatenate([np.arange(len(group)) for group in groups])
    answers = [tuple(row.ravel().tolist()) for group in groups for row in group.output]
    kinds = {answer: k for k, answer in enumerate(dict.fromkeys(answers))}
    kind = np.array([kinds[answer] if len(kinds) <= _KINDS else 0 for answer in answers])
    for number, size in enumerate(_DRAWS):
        order = rng.permutation(len(kind))
        turn = np.zeros(len(kind), dtype=np.int64)
        alike = np.zeros_like(kind) if number % 2 else kind  # a rare answer may be noise alone
        for value in np.unique(alike):
            own = order[alike[order] == value]
            turn[own] = np.arange(len(own))
        chosen = order[np.argsort(turn[order], kind="stable")][:size]
        yield tuple(
            group.take(np.sort(within[chosen[place[chosen] == k]]))
            for k, group in enumerate(groups)
            if (place[chosen] == k).any()
        )


def _without(
    problem: Problem, groups: tuple[Examples, ...], missed: Sequence[NDArray[np.bool_]]
) -> Problem:
    """The problem with the samples alone that are not missed, all of which are learned from."""
    kept = tuple(
        group.take(np.flatnonzero(~odd)) for group, odd in zip(groups, missed, strict=True)
    )
    return replace(problem, given=kept, reserved=((), ()), hold_out=False)
