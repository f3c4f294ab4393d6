"""Alarms: elements matter by the zone that they are in, and an automaton reads the zones.

Borders are looked for one after another, each that leaves the fewest steps of which another one
has the same last answer and the same last zones, and another answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ...data.pairs import ExamplePair
from ...data.running import Run
from ...ir.expr import Call, Const, Expr, Var
from ...ir.names import fresh
from ...ir.program import Let, Program, Scan
from ...ir.rounding import simplest_integer
from ...ir.types import Integers
from .automaton_programs import propose_automata
from .labelled import IntArray
from .registers import renamed
from .step_lists import StepLists, late, of_each_prefix, prefixes, step_lists

_ANSWERS = 4
_BORDERS = 4
_BACK = 3  # steps whose zones are looked at
_FEWEST, _CANDIDATES = 8, 1200  # values of elements, each of which may be a border


def zoned_automata(data: StepLists, run: Run) -> Iterator[Program]:
    """Programs that carry a state from zone to zone."""
    if len(np.unique(data.y[data.going > 0])) > _ANSWERS:
        return
    borders = _borders(data, run)
    if not borders:
        return
    zoned = [
        ExamplePair((np.searchsorted(borders, pair.inputs[0], side="right").tolist(),), pair.output)
        for pair in data.problem.given
    ]
    port = replace(data.port, domain=Integers(0, len(borders)))
    part = step_lists(replace(data.problem, inputs=(port,), given=tuple(zoned)))
    assert part is not None
    for proposal in propose_automata(prefixes(part), run):
        for program in of_each_prefix(part, proposal.program):
            yield _of_elements(data, program, borders)


def _borders(data: StepLists, run: Run) -> list[int]:
    """The least elements of the zones but the first; nothing where zones do not decide."""
    there = data.going > 0
    values = np.unique(data.x[there])
    if not _FEWEST <= len(values) <= _CANDIDATES:
        return []
    y = np.unique(data.y, return_inverse=True)[1].reshape(data.y.shape)
    before = late(y, 1, _ANSWERS)[there]
    x = [late(data.x, k, int(values[0]))[there] for k in range(_BACK)]
    answers = y[there]

    def odd(borders: Sequence[int]) -> int:
        """How many steps are answered otherwise than others of the same zones."""
        key = before.copy()
        for own in x:
            key = key * (len(borders) + 1) + np.searchsorted(borders, own, side="right")
        counts = np.zeros((int(key.max()) + 1, _ANSWERS + 1), dtype=np.int64)
        np.add.at(counts, (key, answers), 1)
        return int(counts.sum() - counts.max(axis=1).sum())

    chosen: list[int] = []
    left = odd(chosen)
    while left and len(chosen) < _BORDERS:
        run.check()
        candidates = [
            (odd(sorted([*chosen, int(v)])), int(v)) for v in values[1:] if v not in chosen
        ]
        best, value = min(candidates)
        if best >= left:
            return []
        left = best
        chosen = sorted([*chosen, value])
    return [] if left else [_simplest(values, chosen, k, odd) for k in range(len(chosen))]


def _simplest(
    values: IntArray, chosen: Sequence[int], place: int, odd: Callable[[Sequence[int]], int]
) -> int:
    """The plainest number among those that part the elements as well as a border does."""
    others = [value for value in chosen if value != chosen[place]]
    at = int(np.searchsorted(values, chosen[place]))
    ends = []
    for step in (-1, 1):
        k = at
        while 0 < k + step < len(values) and not odd(sorted([*others, int(values[k + step])])):
            k += step
        ends.append(k)
    low, high = ends
    return simplest_integer(int(values[low - 1]) + 1, int(values[high]))


def _of_elements(data: StepLists, program: Program, borders: Sequence[int]) -> Program:
    """The program that first tells the zone of an element."""
    (loop,) = program.body
    assert isinstance(loop, Scan)
    x = Var(loop.element[0])
    zone = fresh("zone", [x.name, loop.name, loop.over, *(let.name for let in loop.state)])
    above = tuple(Call("int", (Call("ge", (x, Const(border))),)) for border in borders)
    zone_number: Expr = above[0] if len(above) == 1 else Call("add", above)
    body = tuple(Let(let.name, renamed(let.value, {x.name: Var(zone)})) for let in loop.body)
    loop = replace(loop, body=(Let(zone, zone_number), *body))
    return replace(program, inputs=data.problem.inputs, body=(loop,))
