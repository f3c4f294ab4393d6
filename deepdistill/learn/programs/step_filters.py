"""Answers that are weighted sums of the last elements and answers, divided and kept in bounds.

The weights are those of least squares over the steps whose answers are no bounds, made whole by
the divisor: what a division drops is less than one, so that enough steps tell the fractions apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from ...data.running import Run
from ...ir.expr import Call, Const, Expr, Var
from ...ir.linear import weighted_sum
from ...ir.names import fresh
from ...ir.program import Let, Program
from ...ir.rounding import simplest_integer
from .labelled import IntArray
from .step_lists import StepLists, late

_ELEMENTS, _ANSWERS = 4, 2  # so many of the last ones
_DIVISORS = (*range(1, 13), 16, 20, 32, 50, 64, 100, 128, 256)
_LEAST = 20  # steps for each weight
_LARGEST = 1000


@dataclass(frozen=True, slots=True, eq=False)
class _Filter:
    """``weights`` of the last elements and of the last answers, and what is done to their sum."""

    elements: tuple[int, ...]
    answers: tuple[int, ...]
    constant: int
    divisor: int
    low: int | None
    high: int | None


def filtered_steps(data: StepLists, run: Run) -> Iterator[Program]:
    """The program of the fewest weights whose answers are right at every step."""
    there = data.going > 0
    y = data.y[there]
    lags = sorted(product(range(1, _ELEMENTS + 1), range(_ANSWERS + 1)), key=lambda n: (sum(n), n))
    for elements, answers in lags:
        run.check()
        columns = [late(data.x, k, 0)[there] for k in range(elements)]
        columns += [late(data.y, k, 0)[there] for k in range(1, answers + 1)]
        rows = np.stack(columns, axis=1)
        inside = (y > y.min()) & (y < y.max())
        for chosen in (np.ones_like(inside), inside):
            fitted = _fitted(rows, y, chosen, elements)
            if fitted is not None:
                yield _program(data, fitted)
                return


def _fitted(rows: IntArray, y: IntArray, chosen: IntArray, elements: int) -> _Filter | None:
    """The whole weights of these steps, where they are right at all."""
    if chosen.sum() < _LEAST * rows.shape[1]:
        return None
    own, right = rows[chosen], y[chosen]
    design = np.column_stack([own, np.ones(len(own))]).astype(np.float64)
    solution, _, rank, _ = np.linalg.lstsq(design, right.astype(np.float64), rcond=None)
    off = right - design @ solution
    if rank < design.shape[1] or off.max() - off.min() > 1.2:
        return None
    for divisor in _DIVISORS:
        weights = np.rint(solution[:-1] * divisor).astype(np.int64)
        if not weights[:elements].any() or np.abs(weights).max() > _LARGEST:
            continue
        total = own @ weights
        low = int((divisor * right - total).max())
        high = int((divisor * right + divisor - 1 - total).min())
        if low > high:
            continue
        constant = simplest_integer(low, high)
        answers = (rows @ weights + constant) // divisor
        least = int(y.min()) if (answers < y.min()).any() else None
        most = int(y.max()) if (answers > y.max()).any() else None
        if (np.clip(answers, y.min(), y.max()) == y).all():
            whole = tuple(map(int, weights))
            return _Filter(whole[:elements], whole[elements:], constant, divisor, least, most)
    return None


def _program(data: StepLists, fitted: _Filter) -> Program:
    """A loop that carries the elements and answers that are summed."""
    taken = [data.port.name, data.problem.output.name, data.element]
    names: list[list[str]] = [[data.element], []]
    for own, words, count in (
        (names[0], ("last", "older", "oldest"), len(fitted.elements) - 1),
        (names[1], ("level", "before"), len(fitted.answers)),
    ):
        for word in words[:count]:
            own.append(fresh(word, taken))
            taken.append(own[-1])
    elements, answers = names
    weights = (*fitted.elements, *fitted.answers)
    terms = sorted(
        zip(weights, map(Var, [*elements, *answers]), strict=True), key=lambda term: term[0] < 0
    )
    answer = _bounded(weighted_sum(terms, fitted.constant), fitted)
    body: list[Let] = []
    now = answers[0] if len(answers) == 1 else fresh("now", taken)
    if len(answers) != 1:
        body.append(Let(now, answer))
    for name, new in [*zip(answers[1:], answers, strict=False)][::-1]:
        body.append(Let(name, Var(new)))
    if answers:
        body.append(Let(answers[0], answer if len(answers) == 1 else Var(now)))
    for name, new in [*zip(elements[1:], elements, strict=False)][::-1]:
        body.append(Let(name, Var(new)))
    state = [Let(name, Const(0)) for name in (*answers, *elements[1:])]
    return data.program(state, body, Var(now))


def _bounded(total: Expr, fitted: _Filter) -> Expr:
    if fitted.divisor > 1:
        total = Call("floordiv", (total, Const(fitted.divisor)))
    if fitted.low is not None:
        total = Call("max", (total, Const(fitted.low)))
    return total if fitted.high is None else Call("min", (total, Const(fitted.high)))
