"""A machine of few states as updates and answers, its states coded so that they come out short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import gcd

import numpy as np

from ....ir.expr import Expr, Var, size
from ....ir.interval import Interval
from ....ir.program import Let
from ....ir.rewrite import substitute
from ....passes.decide.literals import Evaluated
from ....passes.decide.table import Ints
from .affine import Affine
from .formula import Searches, formula
from .loop import Carried, Loop, live, names
from .machine import Machine, merged
from .schedule import price
from .totals import shared_sums

_MOST_STATES = 64
_CODED = 3000  # steps of all codings that are tried, at least these few codings
_FEW_CODINGS = 6
_MANY = 200  # steps of a machine beyond which the first short coding is good enough
_AHEAD = 12  # steps looked ahead to order states
_LOOKED_AT = 6  # inputs repeated to order states
_SEARCHED = 2  # codings for which the long search is run
TOTAL = "t0"


@dataclass(frozen=True, slots=True, eq=False)
class Coding:
    """The values of the carried variables of each state: shape (states, variables)."""

    values: Ints


def recoded(machine: Machine, channels: tuple[Interval, ...], searches: Searches) -> Loop | None:
    """The shortest loop found that is this machine; None where none is found."""
    small, _ = merged(machine)
    options: list[tuple[Machine, Coding]] = [(machine, Coding(machine.states))]
    if len(small.states) <= _MOST_STATES:
        most = max(_FEW_CODINGS, _CODED // small.follow.size)
        options += [(small, coding) for coding in islice(codings(small), most)]
    loops = []
    for k, (which, coding) in enumerate(options):
        loop = written(which, coding, channels, Searches(0))
        if loop is not None:
            loops.append((price(loop), k, loop))
            if which.follow.size > _MANY and is_short(loop):
                break
    loops.sort(key=lambda option: option[:2])
    if not searches.allowed:
        return loops[0][2] if loops else None
    order = [k for _, k, _ in loops]
    order += [k for k in range(len(options)) if k not in order]
    for k in order[:_SEARCHED]:
        which, coding = options[k]
        loop = written(which, coding, channels, searches)
        if loop is not None:
            loops.append((price(loop), k, loop))
    return min(loops, key=lambda option: option[:2])[2] if loops else None


def is_short(loop: Loop) -> bool:
    """Whether nothing much shorter can be expected for so many channels and answers."""
    return price(loop) <= 14 + 8 * len(loop.answers) + 4 * len(loop.channels)


def codings(machine: Machine) -> Iterator[Coding]:
    """Ways to number the states, no two alike."""
    seen: set[bytes] = set()
    count = len(machine.states)
    if count == 1:
        yield Coding(np.zeros((1, 0), dtype=np.int64))
        return
    for code in _codes(machine):
        for signed in (code, -code):
            key = signed.tobytes()
            if len(np.unique(signed)) == count and key not in seen:
                seen.add(key)
                yield Coding(signed[:, None])


def _codes(machine: Machine) -> Iterator[Ints]:
    count, inputs = machine.follow.shape
    yield np.arange(count, dtype=np.int64)
    yield from machine.states.T
    yield from _entered(machine, machine.answers[:, :, 0])
    for channel in machine.inputs.T:
        yield from _entered(machine, np.tile(channel, (count, 1)))
    for k in range(min(inputs, _LOOKED_AT)):
        yield machine.answers[:, k, 0] - machine.answers[0, k, 0]
        ahead, state = [], np.arange(count)
        for _ in range(_AHEAD):
            ahead.append(machine.answers[state, k, 0])
            state = machine.follow[state, k]
        for keys in (ahead[::-1], ahead):  # np.lexsort looks at the last key first
            order = np.lexsort(keys)
            ranks = np.empty(count, dtype=np.int64)
            ranks[order] = np.arange(count)
            yield ranks
            yield ranks - ranks[0]
    for k in range(min(inputs, 2 * _LOOKED_AT)):
        steps = _cycle(machine.follow[:, k])
        if steps is not None:
            yield steps
            value = int(machine.inputs[k].sum())
            if gcd(value, count) == 1:
                yield steps * value % count


def _entered(machine: Machine, emitted: Ints) -> Iterator[Ints]:
    """Each state coded by what was emitted when it was entered, where that is one value."""
    count = len(machine.follow)
    code: list[int | None] = [None] * count
    for state, value in zip(machine.follow.ravel().tolist(), emitted.ravel().tolist(), strict=True):
        if code[state] not in (None, value):
            return
        code[state] = value
    taken = {c for c in code[1:] if c is not None}
    starts = (
        [code[0]]
        if code[0] is not None
        else [c for c in (0, 1, -1, max(taken) + 1) if c not in taken]
    )
    for start in starts:
        if all(c is not None for c in code[1:]):
            yield np.array([start, *code[1:]], dtype=np.int64)


def _cycle(follow: Ints) -> Ints | None:
    """How many steps each state is from the first, where the steps visit all of them."""
    count = len(follow)
    steps = np.full(count, -1, dtype=np.int64)
    state = 0
    for k in range(count):
        if steps[state] >= 0:
            return None
        steps[state] = k
        state = int(follow[state])
    return steps if state == 0 else None


def written(
    machine: Machine, coding: Coding, channels: tuple[Interval, ...], searches: Searches
) -> Loop | None:
    """The machine with its states coded so, each update and answer as short as is found."""
    old, new = _columns(machine, coding, channels)
    answers = [machine.answers[:, :, k].ravel() for k in range(machine.answers.shape[2])]
    targets = [*(c.values for c in new), *answers]
    best: Loop | None = None
    sums = shared_sums(old, targets)
    for total in [None, *(sums[:_SEARCHED] if searches.allowed else sums)]:
        loop = _with_total(machine, coding, channels, total, old, new, answers, searches)
        if loop is not None and (best is None or price(loop) < price(best)):
            best = loop
    return best


def _columns(
    machine: Machine, coding: Coding, channels: tuple[Interval, ...]
) -> tuple[list[Evaluated], list[Evaluated]]:
    """Channels and old values, and new values, on every step."""
    count, inputs = machine.follow.shape
    old = [
        Evaluated(Var(f"a{k}"), np.tile(machine.inputs[:, k], count)) for k in range(len(channels))
    ]
    new = []
    for k, code in enumerate(coding.values.T):
        old.append(Evaluated(Var(f"s{k}"), np.repeat(code, inputs)))
        new.append(Evaluated(Var(f"s{k}'"), code[machine.follow].ravel()))
    return old, new


def _with_total(
    machine: Machine,
    coding: Coding,
    channels: tuple[Interval, ...],
    total: tuple[Affine, Ints] | None,
    old: list[Evaluated],
    new: list[Evaluated],
    answers: Sequence[Ints],
    searches: Searches,
) -> Loop | None:
    lets: tuple[Let, ...] = ()
    views = [old]
    if total is not None:
        form, values = total
        lets = (Let(TOTAL, form.expr()),)
        views = [[Evaluated(Var(TOTAL), values)], old]
    updates: list[Expr] = []
    for k, column in enumerate(new):
        earlier = [c for c, e in zip(new[:k], updates, strict=True) if size(e) > 2]
        update = _best([*views, *([[*old, *earlier]] if earlier else [])], column.values, searches)
        if update is None:
            return None
        updates.append(update)
    outputs = []
    inputs = old[: len(channels)]
    for answer in answers:
        value = _best([*views, new, [*inputs, *new]] if new else views, answer, searches)
        if value is None:
            return None
        outputs.append(value)
    state = tuple(
        Carried(f"s{k}", int(coding.values[0, k]), update) for k, update in enumerate(updates)
    )
    return inlined(live(Loop(channels, state, tuple(outputs), lets)))


def _best(views: Sequence[Sequence[Evaluated]], target: Ints, searches: Searches) -> Expr | None:
    options = []
    for view in views:
        if view:
            option = formula(view, target, searches)
            if option is not None:
                options.append(option)
                if size(option) <= 2:
                    break
    return min(options, key=size, default=None)


def inlined(loop: Loop) -> Loop:
    """A total that is read once stands where it is read."""
    for let in loop.totals:
        reads = [e for e in loop.exprs() if let.name in names(e)]
        if len(reads) == 1:
            (reader,) = reads
            swapped = substitute(reader, {let.name: let.value})
            if size(swapped) <= size(reader) + size(let.value):
                loop = live(loop.mapped(lambda e, r=reader, s=swapped: s if e is r else e))
    return loop
