"""Search for hidden registers: one, then several chosen one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ....data.running import Check, endless
from ....units.gates import AffineUnit, Gate
from ....units.readings import Lag
from .attempt import Candidate, Question, answer, output, proposed, window, wrong_steps
from .cells import mixed
from .pieces import list_of
from .registers import NAME, pool
from .update import (
    History,
    IntArray,
    Reading,
    Update,
    Variable,
    delayed,
    linear_measure,
    only,
)

_SAMPLES = 100
_WIDER = 600
_TRIES = 40
_ENOUGH = 3
_SIMPLE = 9.0  # the measure up to which registers are combined
_SEVERAL = 4
_SUMMED = 30
_PLAIN = 7.0
_FEW = 6  # values of an alphabet that are counted one by one
_STATE, _AFTER = Variable(NAME), Variable(NAME, True)
_STATES = ((_AFTER,), (_STATE,), (_STATE, _AFTER))


class Guesses:
    """The registers that may be hidden behind the output, with their values on a small sample."""

    def __init__(self, history: History, check: Check = endless) -> None:
        self.check = check
        length = history.length
        steps = length - 2 if length >= 6 else length
        self.small = history.first(_SAMPLES, steps)
        self.wide = history.first(_WIDER, steps)
        self.guesses = pool(self.small, check)
        self.new = np.stack([g.at.reshape(-1) for g in self.guesses])
        before = [delayed(g.at, 1, g.update.initial).reshape(-1) for g in self.guesses]
        self.old = np.stack(before)

    def one(self, channel: int) -> Iterator[Candidate]:
        """Cells that read one hidden register, the shortest found first.

        What may be read besides grows from nothing to the window and the last output; a register
        is tried where the same readings never have two outputs.
        """
        channels, outputs = self.wide.x.shape[2], self.wide.y.shape[2]
        now, last = window(channels, 0), tuple(Variable(output(c)) for c in range(outputs))
        own, before = (Variable(output(channel)),), window(channels, 1)
        candidates = list(self._quotients(channel))
        if candidates:
            yield from sorted(candidates, key=lambda f: f.measure)
            return
        best = np.inf
        done: set[tuple[int, tuple[Reading, ...]]] = set()
        for seen in ((), now, (*now, *own), (*now, *last), before, (*before, *own)):
            if candidates and (len(seen) > len(now) or best < _PLAIN):  # more readings are longer
                break
            most = self._tries(seen)
            for state in _STATES:
                tries, hits = 0, 0
                readings = (*seen, *state)
                for k in self._consistent(seen, state, channel):
                    guess = self.guesses[k]
                    if guess.cost >= best or tries >= most or hits >= _ENOUGH:
                        break
                    if (k, readings) in done:
                        continue
                    done.add((k, readings))
                    tries += 1
                    question = Question(
                        channel, readings, "one hidden register", {NAME: guess.update}
                    )
                    self.check()
                    this = answer(question, self.wide)
                    if this is not None:
                        candidates.append(this)
                        hits += 1
                        best = min(best, this.measure)
        yield from sorted(map(one_sum, candidates), key=lambda f: f.measure)

    def _tries(self, seen: tuple[Reading, ...]) -> int:
        """Fewer where hardly any reading comes twice, so that no register contradicts the data."""
        base = self.small.table(seen, _outputs(self.small))
        alone = 2 * len(np.unique(mixed(base))) > len(base)
        return _TRIES // 3 if alone else _TRIES

    def _quotients(self, channel: int) -> Iterator[Candidate]:
        """The register is the remainder of a sum and the output its quotient, or the reverse."""
        now, target = window(self.wide.x.shape[2], 0), self.small.y[:, :, channel].reshape(-1)
        seen = self.small.table(self.guesses[0].update.readings[:-1], {})
        for k in self._consistent(now, (_STATE,), channel):
            update, linear = self.guesses[k].update, self.guesses[k].update.cell.pieces[-1].value
            if len(update.cell.pieces) > 1 or linear.modulus + linear.divisor == 1:
                continue
            other = replace(linear, modulus=0, divisor=linear.modulus)
            if linear.divisor > 1:
                other = replace(linear, divisor=1, modulus=linear.divisor)
            if (other.columns(np.column_stack([seen, self.old[k]])) != target).any():
                continue
            question = Question(channel, update.readings, "quotient and remainder", {NAME: update})
            candidate = proposed(question, only(other))
            if wrong_steps(candidate, self.wide) == 0:
                yield candidate

    def _consistent(
        self, seen: tuple[Reading, ...], state: tuple[Variable, ...], channel: int
    ) -> list[int]:
        """The registers with which the same readings always have the same output."""
        base = self.small.table(seen, _outputs(self.small))
        none = np.zeros((1, base.shape[0]), dtype=np.int64)
        old = self.old if _STATE in state else np.broadcast_to(none, self.old.shape)
        new = self.new if _AFTER in state else np.broadcast_to(none, self.new.shape)
        target = self.small.y[:, :, channel].reshape(-1)
        return [int(k) for k in np.flatnonzero(self._conflicts(base, old, new, target) == 0)]

    def several(self, channel: int) -> Iterator[Candidate]:
        """Registers added one after another, each time the one that explains most."""
        yield from self._histogram(channel)
        yield from self._weighted(channel)
        simple = [
            k for k, g in enumerate(self.guesses) if g.cost <= _SIMPLE and not _wraps(g.update)
        ]
        outputs = self.wide.y.shape[2]
        for last in ((), tuple(Variable(output(c)) for c in range(outputs))):
            readings = (*window(self.wide.x.shape[2], 0), *last)
            base = self.small.table(readings, _outputs(self.small))
            chosen = self._greedy(base, simple, self.small.y[:, :, channel].reshape(-1))
            if chosen is None:
                continue
            names = [f"{NAME}{j}" for j in range(len(chosen))]
            hidden = {
                name: renamed(self.guesses[k].update, name)
                for name, k in zip(names, chosen, strict=True)
            }
            after = tuple(Variable(name, True) for name in names)
            for seen in ((), readings):
                question = Question(channel, (*seen, *after), "several hidden registers", hidden)
                self.check()
                candidate = answer(question, self.wide)
                if candidate is not None:
                    yield candidate
                    break

    def _weighted(self, channel: int) -> Iterator[Candidate]:
        """A weighted sum of several of the simplest registers."""
        simple = [g for g in self.guesses if not _wraps(g.update)][:_SUMMED]
        hidden = {f"{NAME}{k}": renamed(g.update, f"{NAME}{k}") for k, g in enumerate(simple)}
        after = tuple(Variable(name, True) for name in hidden)
        readings = (*window(self.wide.x.shape[2], 1), *after)
        question = Question(channel, readings, "a sum of hidden registers", hidden, rich=False)
        candidate = answer(question, self.wide)
        if candidate is not None:
            yield candidate

    def _histogram(self, channel: int) -> Iterator[Candidate]:
        """How often each value of a small alphabet has come, and a cell of these counts."""
        levels = np.unique(self.wide.x)
        if self.wide.x.shape[2] > 1 or len(levels) > _FEW:
            return
        hidden = {f"count {level}": counter(f"count {level}", int(level)) for level in levels}
        readings = tuple(Variable(name, True) for name in hidden)
        for seen in ((), window(1, 0)):
            question = Question(channel, (*seen, *readings), "a count for each value", hidden)
            self.check()
            candidate = answer(question, self.wide)
            if candidate is not None:
                yield candidate
                return

    def _greedy(self, base: IntArray, simple: Sequence[int], target: IntArray) -> list[int] | None:
        chosen: list[int] = []
        while len(chosen) < _SEVERAL:
            none = np.zeros((len(simple), len(target)), dtype=np.int64)
            counts = self._conflicts(base, none, self.new[list(simple)], target)
            best = int(counts.argmin())
            chosen.append(simple[best])
            if counts[best] == 0:
                return chosen
            base = np.column_stack([base, self.new[simple[best]]])
        return None

    def _conflicts(
        self, base: IntArray, old: IntArray, new: IntArray, target: IntArray
    ) -> NDArray[np.int64]:
        """For each register, at how many steps the same readings have another output."""
        key = mixed(base).view(np.uint64)
        rank = np.unique(target, return_inverse=True)[1].astype(np.uint64) & np.uint64(63)
        counts = []
        for begin in range(0, len(new), 500):
            self.check()
            part = slice(begin, begin + 500)
            total = key + old[part].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            total += new[part].astype(np.uint64) * np.uint64(0xD6E8FEB86659FD93)
            total ^= total >> np.uint64(29)
            total *= np.uint64(0xBF58476D1CE4E5B9)
            total = np.sort(total & ~np.uint64(63) | rank, axis=1)  # the output in the last bits
            apart = total[:, 1:] ^ total[:, :-1]
            counts.append(((apart != 0) & (apart < 64)).sum(axis=1))
        return np.concatenate(counts)


def _outputs(history: History) -> dict[str, tuple[IntArray, int]]:
    return {output(c): (history.y[:, :, c], 0) for c in range(history.y.shape[2])}


def _wraps(update: Update) -> bool:
    return any(r.value.modulus or r.value.divisor > 1 for r in update.cell.pieces)


def counter(name: str, value: int) -> Update:
    """How often the first channel has had a value."""
    here = Gate(AffineUnit((1, 0)), value, value)
    counted = ((((here, True),), AffineUnit((0, 1), 1)), ((), AffineUnit((0, 1))))
    return Update(name, (Lag(0, 0), Variable(name)), list_of(counted))


def one_sum(candidate: Candidate) -> Candidate:
    """The same with one sum for the register and the output, where the modulus allows it."""
    name = output(candidate.channel)
    output_update, kept = candidate.updates[name], candidate.updates.get(NAME)
    if (
        kept is None
        or kept.readings != output_update.readings
        or max(_sizes(kept, output_update)) > 1
    ):
        return candidate
    a, b = output_update.cell.pieces[0].value, kept.cell.pieces[0].value
    apart = [p - q for p, q in zip((*a.weights, a.bias), (*b.weights, b.bias), strict=True)]
    if not any(apart):
        return candidate
    rest = AffineUnit((), 0, 1, b.modulus)
    if b.modulus and b.divisor == 1 and not any(p % b.modulus for p in apart):
        same = Update(NAME, kept.readings, only(replace(b, weights=a.weights, bias=a.bias)))
        measure = candidate.measure - linear_measure(b) + linear_measure(rest)
        return replace(candidate, updates={**candidate.updates, NAME: same}, measure=measure)
    rest = AffineUnit((), 0, 1, a.modulus)
    if a.modulus and a.divisor == 1 and not any(p % a.modulus for p in apart):
        same = Update(
            name, output_update.readings, only(replace(a, weights=b.weights, bias=b.bias))
        )
        measure = candidate.measure - linear_measure(a) + linear_measure(rest)
        return replace(candidate, updates={**candidate.updates, name: same}, measure=measure)
    return candidate


def _sizes(*updates: Update) -> list[int]:
    return [len(update.cell.pieces) for update in updates]


def renamed(update: Update, name: str) -> Update:
    """The same register under another name."""
    readings = tuple(
        r if isinstance(r, Lag) else Variable(name) if r == Variable(update.name) else r
        for r in update.readings
    )
    return replace(update, name=name, readings=readings)
