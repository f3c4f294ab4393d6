"""The stages of the search for one output channel, from no state to hidden registers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from ....data.running import Check, endless
from ....units.gates import AffineUnit
from .attempt import Candidate, Question, answer, copies, older, output, products, window
from .hidden import Guesses
from .machine import STATE, coded, find_machine, minimal
from .registers import derived
from .update import History, Reading, Update, Variable, only

_RICH_WIDTH = 8  # readings up to which pieces are looked for
_WINDOW = 6


def stages(
    history: History, channel: int, check: Check = endless
) -> Iterator[tuple[str, Iterator[Candidate]]]:
    """The stages from simple to rich, each with the candidates it finds."""
    search = _Stages(history, channel, check)
    yield "no state", search.no_state()
    yield "window", search.windows(range(1, min(_WINDOW, history.length // 2) + 1), True)
    yield "affine state", search.affine()
    yield "previous output", search.previous()
    yield "long window", search.windows(range(_WINDOW, history.length - 1), False)
    yield "hidden register", search.hidden()
    yield "finite state", search.finite_state()
    yield "derived values", search.parts()
    yield "hidden registers", search.several()


class _Stages:
    def __init__(self, history: History, channel: int, check: Check) -> None:
        self.history, self.channel, self.check = history, channel, check
        self.inputs, self.outputs = history.x.shape[2], history.y.shape[2]
        self.guesses: Guesses | None = None

    def ask(
        self,
        readings: tuple[Reading, ...],
        stage: str,
        hidden: Mapping[str, Update] | None = None,
        rich: bool = True,
        lists: bool = False,
        start: bool = False,
    ) -> Candidate | None:
        self.check()
        question = Question(self.channel, readings, stage, hidden or {}, rich, lists, start)
        return answer(question, self.history)

    def no_state(self) -> Iterator[Candidate]:
        now = window(self.inputs, 0)
        candidate = self.ask(now, "no state", lists=True)
        if candidate is None:
            candidate = self.ask((*now, *products(now)), "no state, products")
        if candidate is not None:
            yield candidate

    def windows(self, sizes: range, rich: bool) -> Iterator[Candidate]:
        for steps in sizes:
            readings = window(self.inputs, steps)
            wide = len(readings) > _RICH_WIDTH
            match = self.ask(readings, f"window of {steps + 1}", rich=rich and not wide, lists=rich)
            if match is None and len(readings) <= 4 and rich:
                match = self.ask((*readings, *products(readings)), f"products, {steps + 1} steps")
            if match is not None:
                yield match

    def affine(self) -> Iterator[Candidate]:
        """Linear recurrences in closed form, as past outputs or as sums of sums."""
        candidates: list[Candidate] = []
        for back, lags in ((0, 1), (1, 1), (0, 2), (1, 2), (2, 2), (3, 3), (4, 4), (5, 5)):
            hidden: dict[str, Update] = {}
            last: list[Reading] = []
            for steps in range(1, lags + 1):
                last += [Variable(older(c, steps)) for c in range(self.outputs)]
            for c in range(self.outputs):
                hidden.update(copies(c, lags))
            readings = (*window(self.inputs, back), *last)
            this = self.ask(readings, f"linear recurrence of order {lags}", hidden, False)
            if this is not None:
                candidates.append(this)
                break
        candidates += self.sums(rich=False)
        candidates.sort(key=lambda f: f.measure)
        yield from (replace(f, closed=True) for f in candidates)

    def sums(self, rich: bool) -> Iterator[Candidate]:
        """The output is a sum of a hidden register's values, whose update is learned."""
        change = {c: f"change{c}" for c in range(self.outputs)}
        derived_changes = {
            name: Update(
                name, (Variable(output(c), True), Variable(output(c))), only(AffineUnit((1, -1)))
            )
            for c, name in change.items()
        }
        before = np.zeros_like(self.history.y[:, :1])
        steps = np.diff(self.history.y, axis=1, prepend=before)
        moved = History(self.history.x, self.history.y.copy())
        moved.y[:, :, self.channel] = steps[:, :, self.channel]
        own, name = self.channel, change[self.channel]
        places = tuple(
            Variable(f"place{c}") if c == own else Variable(output(c)) for c in range(self.outputs)
        )
        total = Update(
            f"place{own}",
            (Variable(output(own), True), Variable(f"place{own}")),
            only(AffineUnit((1, 1))),
        )
        hidden = {f"place{own}": total}
        for c in range(self.outputs):
            if c != own:
                hidden[change[c]] = derived_changes[change[c]]
        speeds = tuple(
            Variable(output(c)) if c == own else Variable(change[c]) for c in range(self.outputs)
        )
        for back in (0, 1):
            readings = (*window(self.inputs, back), *speeds, *places)
            question = Question(own, readings, "sums of sums", hidden, rich)
            self.check()
            candidate = answer(question, moved)
            if candidate is None:
                continue
            renaming = {output(own): name, f"place{own}": output(own)}
            updates = {}
            for key, update in candidate.updates.items():
                if key != f"place{own}":
                    updates[renaming.get(key, key)] = with_names(update, renaming)
            updates[output(own)] = Update(
                output(own), (Variable(output(own)), Variable(name, True)), only(AffineUnit((1, 1)))
            )
            yield replace(candidate, updates=updates, measure=candidate.measure + 2)
            return

    def previous(self) -> Iterator[Candidate]:
        last = tuple(Variable(output(c)) for c in range(self.outputs))
        own = (Variable(output(self.channel)),)
        candidates = []
        tried: set[tuple[Reading, ...]] = set()
        for back in (0, 1, 2):
            for state in (own, last):
                readings = (*window(self.inputs, back), *state)
                if readings in tried or len(readings) > _RICH_WIDTH:
                    continue
                tried.add(readings)
                stage = "previous output" + (f" and {back} steps back" if back else "")
                this = self.ask(readings, stage, lists=True, start=True)
                if this is None and self.inputs > 1 and not back:
                    wider = (*readings, *products(window(self.inputs, 0)))
                    this = self.ask(wider, f"{stage}, products", start=True)
                if this is not None:
                    candidates.append(this)
            if candidates:
                break
        if not candidates:
            hidden = copies(self.channel, 2)
            readings = (*window(self.inputs, 0), *own, Variable(older(self.channel, 2)))
            this = self.ask(readings, "previous two outputs", hidden, lists=True)
            candidates += [this] if this is not None else []
        if not candidates:
            candidates += self.sums(rich=True)
        yield from sorted(candidates, key=lambda f: f.measure)

    def parts(self) -> Iterator[Candidate]:
        """Stateless intermediate values, all of them in an affine law, then one in a cell."""
        if self.inputs > 2:
            return
        hidden = {update.name: update for update in derived(self.inputs)}
        lags = window(self.inputs, 2)
        values = tuple(Variable(name, True) for name in hidden)
        own = Variable(output(self.channel))
        for readings in ((*lags, *values), (*lags, own, *values)):
            candidate = self.ask(readings, "derived values", hidden, rich=False)
            if candidate is not None:
                yield candidate
                return
        for value in values:
            for readings in ((*lags, value), (*window(self.inputs, 0), own, value)):
                if len(readings) <= _RICH_WIDTH:
                    candidate = self.ask(readings, "derived value", hidden)
                    if candidate is not None:
                        yield candidate

    def hidden(self) -> Iterator[Candidate]:
        if self.guesses is None:
            self.guesses = Guesses(self.history, self.check)
        yield from self.guesses.one(self.channel)

    def finite_state(self) -> Iterator[Candidate]:
        """A machine found on sequences cut short, so that the last steps can refute it."""
        length = self.history.length
        for steps in (length - 2, length - 1):
            if steps < 3:
                continue
            begun = self.history.first(len(self.history.x), steps)
            machine = find_machine(begun, self.channel, self.check)
            numbered = None if machine is None else coded(minimal(machine))
            if numbered is None:
                continue
            initial, move, result = numbered
            readings = (*window(self.inputs, 0), Variable(STATE))
            updates = {
                STATE: Update(STATE, readings, move.cell, initial),
                output(self.channel): Update(output(self.channel), readings, result.cell),
            }
            measure = move.measure + result.measure + 0.5 * bool(initial)
            yield Candidate(self.channel, updates, measure, "a finite state")

    def several(self) -> Iterator[Candidate]:
        if self.guesses is None:
            self.guesses = Guesses(self.history, self.check)
        yield from self.guesses.several(self.channel)


def with_names(update: Update, names: Mapping[str, str]) -> Update:
    """The same update where registers have other names."""
    readings = tuple(
        Variable(names.get(r.name, r.name), r.updated) if isinstance(r, Variable) else r
        for r in update.readings
    )
    return replace(update, name=names.get(update.name, update.name), readings=readings)
