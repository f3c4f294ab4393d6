"""The shortest expression of the element, the last ones and the last answer that is the answer.

Expressions are made from short to long; of those of equal values on a sample one stays. Where the
answer is the larger or smaller of two, these are looked for among the bounds of the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ...data.running import Run
from ...ir.expr import Call, Const, Expr, If, Var, size
from ...ir.program import Let, Program
from .labelled import IntArray
from .step_lists import StepLists, late, names_in

_ROWS = 500
_MOST = 40_000
_BOUNDS = 250
_CHANGE = 10_000  # from one answer to the next; the most common ones are constants

OWN = "level"
"""What the last answer is called."""

_OPERATIONS: tuple[tuple[str, Callable[[IntArray, IntArray], IntArray], bool], ...] = (
    ("add", np.add, True),
    ("sub", np.subtract, False),
    ("max", np.maximum, True),
    ("min", np.minimum, True),
    ("mul", np.multiply, True),
    ("bitxor", np.bitwise_xor, True),
    ("bitor", np.bitwise_or, True),
    ("bitand", np.bitwise_and, True),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Valued:
    expr: Expr
    at: IntArray


def shortest_step(data: StepLists, run: Run) -> Iterator[Program]:
    """Programs whose answer is a short expression of what was seen last."""
    there = np.flatnonzero(data.going.reshape(-1))
    rows = there[:: -(-len(there) // _ROWS)]
    wanted = data.y.reshape(-1)[rows]
    yielded = False
    starts = sorted({0, 1, int(data.y[0].min()), data.port.domain.low, data.port.domain.high})
    for carried in ("", "most", "least"):
        for start in starts if not carried else (0,):
            run.check()
            leaves = _leaves(data, rows, start, carried)
            for expr in _searched(leaves, wanted, run):
                yield _program(data, expr, start, carried)
                yielded = True
                break
        if yielded:
            return


def _leaves(data: StepLists, rows: IntArray, start: int, carried: str) -> list[_Valued]:
    """The element, those before it, the last answer, and an extreme so far where one is carried."""
    columns = {
        data.element: data.x,
        "last": late(data.x, 1, 0),
        "older": late(data.x, 2, 0),
        OWN: late(data.y, 1, start),
    }
    if carried == "most":
        columns["best"] = late(np.maximum.accumulate(np.maximum(data.x, 0), axis=0), 1, 0)
    elif carried == "least":
        high = data.port.domain.high
        columns["best"] = late(np.minimum.accumulate(data.x, axis=0), 1, high)
    if any(len(at) < 3 for at in columns.values()):
        return []
    leaves = [_Valued(Var(name), at.reshape(-1)[rows]) for name, at in columns.items()]
    changes = np.abs(columns[OWN] - data.y).reshape(-1)[rows]
    constants = dict.fromkeys([0, 1, 2])
    if changes.max() < _CHANGE:
        often = np.argsort(-np.bincount(changes), kind="stable")[:2]
        constants |= dict.fromkeys(map(int, often))
    leaves += [_Valued(Const(k), np.full(len(rows), k, dtype=np.int64)) for k in constants]
    return leaves


def _searched(leaves: list[_Valued], wanted: IntArray, run: Run) -> Iterator[Expr]:
    """Expressions with the wanted values, from short to long."""
    if not leaves:
        return
    seen: dict[bytes, None] = {}
    levels: list[list[_Valued]] = [[]]
    goal = wanted.tobytes()

    def added(level: list[_Valued], expr: Expr, at: IntArray) -> bool:
        key = at.tobytes()
        if key in seen:
            return False
        seen[key] = None
        level.append(_Valued(expr, at))
        return key == goal

    for leaf in leaves:
        if added(levels[0], leaf.expr, leaf.at):
            yield leaf.expr
    largest = int(np.abs(wanted).max())
    for depth in (1, 2):
        level: list[_Valued] = []
        for one, other in _combined(levels, depth):
            for op, function, commutes in _OPERATIONS:
                for a, b in ((one, other),) if commutes else ((one, other), (other, one)):
                    expr = Call(op, (a.expr, b.expr))
                    at = function(a.at, b.at)
                    if added(level, expr, at):
                        yield expr
                    rest = _remainder(at, wanted, largest)
                    if rest:
                        yield Call("mod", (expr, Const(rest)))
            run.check()
            if len(seen) > _MOST:
                break
        levels.append(level)
        known = [one for part in levels for one in part]
        yield from _bounded(known, wanted)
        if depth == 1:
            yield from _chosen(levels[0], known, wanted)


def _combined(levels: list[list[_Valued]], depth: int) -> Iterator[tuple[_Valued, _Valued]]:
    if depth == 1:
        for k, one in enumerate(levels[0]):
            for other in levels[0][k:]:
                yield one, other
        return
    for one in levels[1]:
        for other in levels[0]:
            yield one, other


def _remainder(at: IntArray, wanted: IntArray, largest: int) -> int:
    """The modulus for which a value's remainder is wanted, or 0; only a few can be."""
    if int(wanted.min()) < 0 or (at == wanted).all():
        return 0
    for modulus in (largest + 1, largest + 2):
        if modulus > 1 and (at % modulus == wanted).all():
            return modulus
    return 0


def _bounded(known: list[_Valued], wanted: IntArray) -> Iterator[Expr]:
    """The larger of two lower bounds, or the smaller of two upper bounds: the shortest such."""
    candidates: list[Expr] = []
    for op, function, holds in (
        ("max", np.maximum, np.less_equal),
        ("min", np.minimum, np.greater_equal),
    ):
        bounds = [one for one in known if holds(one.at, wanted).all()]
        bounds.sort(key=lambda one: -int((one.at == wanted).sum()))
        bounds = bounds[:_BOUNDS]
        for k, one in enumerate(bounds):
            for other in bounds[k + 1 :]:
                if (function(one.at, other.at) == wanted).all():
                    candidates.append(Call(op, (one.expr, other.expr)))
    if candidates:
        yield min(candidates, key=lambda expr: (size(expr), OWN in names_in(expr)))


def _chosen(leaves: list[_Valued], known: list[_Valued], wanted: IntArray) -> Iterator[Expr]:
    """One of two values, as a comparison of what was seen last decides: the shortest such."""
    wrong = np.stack([one.at != wanted for one in known]).astype(np.float32)
    sizes = np.array([size(one.expr) for one in known], dtype=np.float64)
    candidates: list[tuple[float, Expr]] = []
    for k, one in enumerate(leaves):
        for other in leaves[k + 1 :]:
            for op, holds in (
                ("eq", one.at == other.at),
                ("lt", one.at < other.at),
                ("gt", one.at > other.at),
            ):
                yes = np.where(wrong @ holds == 0, sizes, np.inf)
                no = np.where(wrong @ ~holds == 0, sizes, np.inf)
                cost = float(yes.min() + no.min())
                if cost < np.inf and 0 < holds.sum() < len(holds):
                    condition = Call(op, (one.expr, other.expr))
                    chosen = known[int(yes.argmin())].expr, known[int(no.argmin())].expr
                    candidates.append((cost, If(condition, *chosen)))
    if candidates:
        yield min(candidates, key=lambda pair: pair[0])[1]


def _program(data: StepLists, expr: Expr, start: int, carried: str) -> Program:
    """A loop that carries what the expression reads."""
    used = names_in(expr)
    answer = Var(OWN)
    state, body = [], []
    value: Expr = expr
    if OWN in used:
        state.append(Let(OWN, Const(start)))
        body.append(Let(OWN, expr))
        value = answer
    elif used & {"last", "older", "best"}:
        body.append(Let("now", expr))
        value = Var("now")
    x = Var(data.element)
    if "best" in used:
        first = 0 if carried == "most" else data.port.domain.high
        state.append(Let("best", Const(first)))
        body.append(Let("best", Call("max" if carried == "most" else "min", (Var("best"), x))))
    if "older" in used:
        state.append(Let("older", Const(0)))
        body.append(Let("older", Var("last")))
    if used & {"last", "older"}:
        state.append(Let("last", Const(0)))
        body.append(Let("last", x))
    return data.program(state, body, value)
