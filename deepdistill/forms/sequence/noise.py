"""Rules of steps behind wrong labels: a few short sequences that by luck are right show the rule.

A search that asks for exact cells goes through its stages on several small draws at once. What is
exact on a draw is run by itself on all sequences, so that a wrong label stays where it is: it never
enters the state. Where few labels are answered otherwise, and these are not gathered anywhere, they
are taken for wrong; the rule is then the simplest network that is exact on the sequences without
one (Fischler and Bolles 1981). Each channel of the output is looked at by itself, and the rule of
all is learned from what these answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import TypeAlias

import numpy as np

from ...data.examples import FEW_SAMPLES, MOST_NOISE, Examples
from ...data.problem import Problem
from ...data.running import Run
from ...verify.evidence import explained_by_chance
from ...verify.noise import described_noise
from .inputs import SequenceInputs
from .network import RecurrentNetwork
from .search.attempt import Candidate, output
from .search.stages import stages
from .search.update import History, IntArray, Variable, network_of

TIERS = ("long window", "hidden register", "finite state", "hidden registers")
"""The stages after which it is asked whether wrong labels are in the way."""

_DRAWS = (28, 28, 28, 40, 40, 40, 60, 60, 80, 120)  # steps of each, in all
_STEPS = 8  # of one sequence
_VOTES = 8  # sequences that begin alike, on average, where most of them are asked
_SHORTEST = 3  # steps of these
_MOST_VOTED = 240  # steps of these in all
_LOOK = 40  # sequences that most wrong rules fail on
_FEWEST = 10  # sequences without a wrong label from which a rule is learned anew
_UNSEEN = 0.05  # the chance that a rule is missed since each draw had a wrong label
_SEEN_BRIEFLY = 0.5  # where what is known carries something already
_FIRST = 4  # draws that are looked at before those of later stages
_MOST_CANDIDATES = 12  # of a draw at a stage


@dataclass(slots=True)
class _Stage:
    """A stage on all draws: how many of them were looked at, and whether that is enough."""

    name: str
    draws: list[Iterator[Candidate]]
    gone: int = 0
    done: bool = False


class NoisySearch:
    """The stages on small draws of the sequences of one output channel, as far as they got."""

    def __init__(self, problem: Problem, histories: list[History], run: Run) -> None:
        self.problem, self.histories, self.run = problem, histories, run
        longest = max(histories, key=lambda h: (h.length, len(h.x)))
        self.doubtful, draws = zip(*_drawn(longest, run.seed), strict=True)
        self.later = zip(*(stages(draw, 0, run.check) for draw in draws), strict=True)
        self.begun: list[_Stage] = []
        self.labels = sum(history.y[:, :, 0].size for history in histories)
        self.best: tuple[int, RecurrentNetwork] | None = None
        self.doubted: tuple[RecurrentNetwork, list[str]] | None = None
        self.carries = False  # the best one, from step to step
        self.shown: int | None = None  # the draw that showed it
        self.reached = -1  # the place of the last tier whose stages were gone through

    def after(self, tier: str, known: Candidate | None = None) -> RecurrentNetwork | None:
        """The network behind wrong labels, where the stages up to this one show one.

        What is ``known`` to be right at most steps may be it: then no draws are looked at.
        """
        before = self.best
        if known is not None:
            self._offer(known)
            if self.best is not before and (network := self._believed()) is not None:
                return network
        if TIERS.index(tier) <= self.reached:
            return None
        self._begin(tier)
        self._go_through()
        if tier == TIERS[0] and self.best is not None and not self.carries:
            tier = TIERS[1]  # a window may be about right where something is carried
            self._begin(tier)
            self._go_through()
        self.reached = TIERS.index(tier)
        return None if self.best is before else self._believed()

    def _begin(self, tier: str) -> None:
        """The stages up to this tier's."""
        while not self.begun or self.begun[-1].name != tier:
            stage = next(self.later)
            self.begun.append(_Stage(stage[0][0], [finds for _, finds in stage]))

    def _go_through(self) -> None:
        """All stages on the first draws, then on the others; those where a rule is enough end.

        So does all once something that is carried is enough: the simplest rule is looked for anew.
        A stage of which nothing speaks against a rule has all its draws before the next one.
        """
        for most in (_FIRST, len(self.doubtful)):
            for stage in self.begun:
                while not stage.done and stage.gone < len(self.doubtful):
                    if stage.gone >= most and (self.carries or not self._undoubted):
                        break
                    self._look(stage)
                if stage.done and self.carries:
                    return

    @property
    def _undoubted(self) -> bool:
        return self.best is not None and not self._doubts(self.best[1])

    def _look(self, stage: _Stage) -> None:
        """Look at the next draw of a stage."""
        again = False
        for count, candidate in enumerate(stage.draws[stage.gone]):
            again |= self._offer(candidate, stage.gone)
            if count >= _MOST_CANDIDATES:
                break
        stage.gone += 1
        if self.best is not None:
            rate = self.best[0] / self.labels
            # the chance that all draws so far had a wrong label
            unseen = prod(1 - (1 - rate) ** steps for steps in self.doubtful[: stage.gone])
            enough = again or unseen < (_SEEN_BRIEFLY if self.carries else _UNSEEN)
            stage.done = enough and self._undoubted

    def _believed(self) -> RecurrentNetwork | None:
        """The best network, unless the labels that it misses are no wrong ones."""
        assert self.best is not None
        wrong, network = self.best
        doubts = self._doubts(network)
        self.run.say(
            f"{wrong:,} of {self.labels:,} labels may be wrong{': no, ' * bool(doubts)}"
            f"{'; '.join(doubts[:1])}"
        )
        return None if doubts else network

    def kept(self, network: RecurrentNetwork) -> list[History]:
        """The sequences that a network is right about; if few, all with its own answers."""
        parts, answered = [], []
        for history in self.histories:
            answers = network.run_together(history.x)
            right = (answers == history.y).all(axis=(1, 2))
            answered.append(History(history.x, answers))
            if right.any():
                parts.append(History(history.x[right], history.y[right]))
        return parts if sum(len(part.x) for part in parts) >= _FEWEST else answered

    def _offer(self, candidate: Candidate, draw: int | None = None) -> bool:
        """Keep what misses fewest labels; whether what is kept, of another draw, misses as few."""
        network = network_of(
            self.problem.inputs,
            self.problem.output,
            candidate.updates,
            [output(0)],
            candidate.stage if candidate.closed else "",
        )
        most = int(MOST_NOISE * self.labels) if self.best is None else self.best[0]
        looked = [history.first(_LOOK, history.length) for history in self.histories]
        if _missed(network, looked) > most:
            return False
        wrong = _missed(network, self.histories)
        if self.best is not None and wrong == self.best[0]:
            return draw != self.shown
        if wrong <= most:
            self.best, self.shown = (wrong, network), draw
            readings = (one for update in candidate.updates.values() for one in update.readings)
            self.carries = any(isinstance(one, Variable) for one in readings)
        return False

    def _doubts(self, network: RecurrentNetwork) -> list[str]:
        """Why the labels that a network misses are no wrong labels, in words."""
        if self.doubted is None or self.doubted[0] is not network:
            self.doubted = network, self._looked_for_doubts(network)
        return self.doubted[1]

    def _looked_for_doubts(self, network: RecurrentNetwork) -> list[str]:
        """The same from all known sequences: what :meth:`_doubts` keeps for the latest network."""
        space = SequenceInputs(self.problem, network)
        training, held_out = self.problem.examples(self.run.seed)
        known = space.known((*training, *held_out))
        compared = space.compared(known, [], space.network_reference().run)
        if compared is None:
            return ["none is missed"]
        labels = [label for one in known for label in space.labels(one)]
        chance = explained_by_chance(labels, 0, len(compared.disagreeing)) is not None
        return [
            *described_noise(compared, space.label)[2],
            *(["chance does as well"] if chance else []),
        ]


Known: TypeAlias = tuple[RecurrentNetwork, list[History]]
"""A network of one channel, and the histories to learn all from."""
Otherwise: TypeAlias = Callable[[int, str, Candidate | None], Known | None]
"""Is asked about a channel after a tier, and told what is right at most of its steps so far."""


def noisy_search(
    problem: Problem,
    histories: Sequence[History],
    run: Run,
    exact: Callable[[Problem, list[History]], RecurrentNetwork | None],
) -> Otherwise | None:
    """What is asked about a channel after each tier; None where no label can be told for wrong.

    ``exact`` is the network of one channel that is exact on sequences, if there is one.
    """
    samples = sum(len(history.x) for history in histories)
    if not problem.judged_by_examples or samples <= FEW_SAMPLES:
        return None
    searches: dict[int, NoisySearch] = {}  # each begun when it is asked for the first time
    answered = [*histories]

    def known_after(channel: int, tier: str, best: Candidate | None) -> Known | None:
        if channel not in searches:
            own = [History(history.x, history.y[:, :, [channel]]) for history in histories]
            searches[channel] = NoisySearch(_of_channel(problem, channel), own, run)
        single = histories[0].y.shape[2] == 1
        network = searches[channel].after(tier, best if single else None)
        if network is None:
            return None
        kept = searches[channel].kept(network)
        own = searches[channel].histories
        if single:
            return network, kept
        again = exact(searches[channel].problem, kept)
        if again is not None and _missed(again, own) <= _missed(network, own):
            network = again
        answered[:] = [_answered(network, history, channel) for history in answered]
        return network, [*answered]

    return known_after


def _of_channel(problem: Problem, channel: int) -> Problem:
    """The problem where only that channel of the output is asked for."""
    if len(problem.output.axes) < 2:
        return problem

    def own(groups: Sequence[Examples]) -> tuple[Examples, ...]:
        return tuple(replace(group, output=group.output[..., channel]) for group in groups)

    first, second = problem.reserved
    output = replace(problem.output, axes=problem.output.axes[:1])
    return replace(
        problem, output=output, given=own(problem.given), reserved=(own(first), own(second))
    )


def _answered(network: RecurrentNetwork, history: History, channel: int) -> History:
    """The same with the answers of a network in place of a channel's labels."""
    y = history.y.copy()
    y[:, :, [channel]] = network.run_together(history.x)
    return History(history.x, y)


def _missed(network: RecurrentNetwork, histories: Sequence[History]) -> int:
    return sum(int((network.run_together(h.x) != h.y).sum()) for h in histories)


def _drawn(history: History, seed: int) -> Iterator[tuple[int, History]]:
    """The first steps of a few sequences each; where many begin alike, with what most answer.

    With each stands how many of its labels may be wrong: of those put to the vote none.
    """
    rng = np.random.default_rng([seed, 11])
    steps = min(_STEPS, history.length)
    voted = _voted(history, rng)
    if voted is not None:
        yield 0, voted
    for size in _DRAWS:
        count = min(len(history.x), max(3, size // steps))
        chosen: IntArray = np.sort(rng.permutation(len(history.x))[:count])
        yield count * steps, History(history.x[chosen][:, :steps], history.y[chosen][:, :steps])


def _voted(history: History, rng: np.random.Generator) -> History | None:
    """Some beginnings that were shown often, with the answers that most of them have there."""
    count = len(history.x)
    rows = history.x.reshape(count, history.length, -1)
    for steps in range(min(_STEPS, history.length), _SHORTEST - 1, -1):
        _, first = np.unique(rows[:, :steps].reshape(count, -1), axis=0, return_index=True)
        if len(first) * _VOTES <= count:
            break
    else:
        return None
    y = history.y[first][:, :steps].copy()
    levels, label = np.unique(history.y[:, :, 0], return_inverse=True)
    label = label.reshape(count, -1)
    for step in range(steps):
        _, alike = np.unique(rows[:, : step + 1].reshape(count, -1), axis=0, return_inverse=True)
        alike = alike.reshape(-1)
        counts = np.zeros((int(alike.max()) + 1, len(levels)), dtype=np.int64)
        np.add.at(counts, (alike, label[:, step]), 1)
        y[:, step, 0] = levels[counts.argmax(axis=1)[alike[first]]]
    chosen = np.sort(rng.permutation(len(first))[: _MOST_VOTED // steps])
    return History(history.x[first][chosen][:, :steps], y[chosen])
