"""Answers at each step: what is told of each beginning of a list, and what a loop carries on.

A loop may carry its last answer and the last elements; what it computes of them is a short
expression, or one by zones of the element: on above one number, off below another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from math import inf

import numpy as np

from ...data.pairs import PairProblem
from ...data.running import Run
from ...ir.expr import Call, Const, Expr, If, Var
from ...ir.program import Let, Program
from ...ir.program_length import program_bits
from ...ir.rounding import simplest_integer
from .automaton_programs import propose_automata
from .feature_answers import propose_conditions
from .labelled import IntArray
from .modular import propose_remainders
from .proposal import Proposal
from .step_alarms import zoned_automata
from .step_carried import carried_lists
from .step_expressions import shortest_step
from .step_filters import filtered_steps
from .step_lists import StepLists, late, of_each_prefix, prefixes, step_lists

_FEW = 8  # answers up to which each is gone through by zones
_ZONES = 5
_LEVELS = 1200  # values of elements up to which each may be a border
_RUNS = 6
_CARRIED = 6  # programs that carry a list, of which the shortest is taken
_SHORT = 55.0  # bits of a program that no other one is likely to be much shorter than
_FEW_VALUES = 16  # of elements; of more, zones are not what a short expression says as well


def propose_steps(problem: PairProblem, run: Run) -> Iterator[Proposal]:
    """Programs of loops that append an answer at each step."""
    data = step_lists(problem)
    if data is None:
        return
    run.say("loops that answer at each step")
    programs: list[Program] = []
    for search in _SEARCHES:
        if min(map(program_bits, programs), default=inf) > _SHORT:
            programs += search(data, run)
    if not programs:
        programs += zoned_automata(data, run)
    if not programs:
        part = prefixes(data)
        for proposer in (propose_remainders, propose_conditions, propose_automata):
            for proposal in proposer(part, run):
                programs += of_each_prefix(data, proposal.program)
    proposals = [data.proposal(one, "loop") for one in sorted(programs, key=program_bits)[:8]]
    yield from [one for one in proposals if not one.missed][:1]


def _short_steps(data: StepLists, run: Run) -> Iterator[Program]:
    """Short expressions; of many values of elements zones say as much, and sooner."""
    if len(data.port.domain) <= _FEW_VALUES or not any(True for _ in _zones(data, run)):
        yield from shortest_step(data, run)


def _carried(data: StepLists, run: Run) -> Iterator[Program]:
    return islice(carried_lists(data, run), _CARRIED)


def _zones(data: StepLists, run: Run) -> Iterator[Program]:
    """The next answer by the last one and by zones of the element."""
    there = data.going > 0
    answers = sorted(set(data.y[there].tolist()))
    if not 2 <= len(answers) <= _FEW:
        return
    for start in answers:
        before = late(data.y, 1, start)
        zones = _zones_of(data.x[there], before[there], data.y[there])
        if zones is None:
            continue
        own, x = Var("state"), Var(data.element)
        expr: Expr | None = None
        for border, moves in zones:
            way = _way(own, moves)
            expr = way if expr is None else If(Call("ge", (x, Const(border))), way, expr)
        assert expr is not None
        state = (Let(own.name, Const(start)),)
        yield data.program(state, (Let(own.name, expr),), own)


def _zones_of(
    x: IntArray, before: IntArray, after: IntArray
) -> list[tuple[int, dict[int, int]]] | None:
    """Where zones begin, and in each what follows each answer; None for too many."""
    order = np.argsort(x, kind="stable")
    zones: list[tuple[int, dict[int, int]]] = []
    moves: dict[int, int] = {}
    last = begin = int(x[order[0]])
    k = 0
    while k < len(order):
        value = int(x[order[k]])
        here: dict[int, int] = {}
        while k < len(order) and x[order[k]] == value:
            b, a = int(before[order[k]]), int(after[order[k]])
            if here.setdefault(b, a) != a:
                return None
            k += 1
        if any(moves.get(b, a) != a for b, a in here.items()):
            zones.append((begin, moves))
            if len(zones) >= _ZONES:
                return None
            begin, moves = simplest_integer(last + 1, value), {}
        moves.update(here)
        last = value
    return [*zones, (begin, moves)]


def _way(own: Expr, moves: dict[int, int]) -> Expr:
    if all(b == a for b, a in moves.items()) and len(moves) > 1:
        return own
    targets = sorted(set(moves.values()))
    if len(targets) == 1:
        return Const(targets[0])
    step = moves[min(moves)] - min(moves) or moves[max(moves)] - max(moves)
    up = Call("add", (own, Const(step))) if step > 0 else Call("sub", (own, Const(-step)))
    low, high = targets[0], targets[-1]
    if all(a == b + step for b, a in moves.items()):
        return up
    if all(a == min(b + step, high) for b, a in moves.items()):
        return Call("min", (up, Const(high)))
    if all(a == max(b + step, low) for b, a in moves.items()):
        return Call("max", (up, Const(low)))
    expr: Expr = Const(moves[max(moves)])
    for b in sorted(moves)[:-1]:
        expr = If(Call("eq", (own, Const(b))), Const(moves[b]), expr)
    return expr


def _long_runs(data: StepLists, run: Run) -> Iterator[Program]:
    """Whether, or how long, elements have stayed at or above a number, or at or below it."""
    there = data.going > 0
    values = np.unique(data.x[there])
    answers = np.unique(data.y[there])
    if len(values) > _LEVELS or len(values) < 3:
        return
    own, x = Var("run"), Var(data.element)
    borders: list[tuple[int, int, str, Expr]] = []
    for op in ("ge", "le"):
        for k, border in enumerate(values.tolist()):
            if k % 100 == 0:
                run.check()
            holds = data.x >= border if op == "ge" else data.x <= border
            length, at = np.zeros(data.x.shape[1], dtype=np.int64), np.zeros_like(data.x)
            for t, hold in enumerate(holds):
                length = np.where(hold, length + 1, 0)
                at[t] = length
            expr = _by_run(at[there], data.y[there], answers, own)
            if expr is not None:
                borders.append((k, border, op, expr))
    for op, first in {op: k for k, _, op, _ in reversed(borders)}.items():
        expr = next(expr for k, _, other, expr in borders if (k, other) == (first, op))
        alike = [border for _, border, other, same in borders if (other, same) == (op, expr)]
        low, high = min(alike), max(alike)
        if op == "ge" and first:
            low = int(values[first - 1]) + 1
        if op == "le":
            above = values[values > high]
            high = int(above[0]) - 1 if len(above) else high
        longer = Call("add", (own, Const(1)))
        update = If(Call(op, (x, Const(simplest_integer(low, high)))), longer, Const(0))
        yield data.program((Let(own.name, Const(0)),), (Let(own.name, update),), expr)


def _by_run(at: IntArray, y: IntArray, answers: IntArray, own: Expr) -> Expr | None:
    """The answer by the length of a run: itself, or whether it is so long."""
    if (at == y).all():
        return own
    if len(answers) != 2 or len(np.unique(at)) < 2:
        return None
    low, high = (int(value) for value in answers)
    for holds, otherwise in ((high, low), (low, high)):
        least = int(at[y == holds].min())
        if least > int(at[y == otherwise].max()) and least <= _RUNS:
            truth = Call("ge", (own, Const(least)))
            if (holds, otherwise) == (1, 0):
                return Call("int", (truth,))
            return If(truth, Const(holds), Const(otherwise))
    return None


_SEARCHES: tuple[Callable[[StepLists, Run], Iterator[Program]], ...] = (
    _zones,
    _long_runs,
    _short_steps,
    filtered_steps,
    _carried,
)
