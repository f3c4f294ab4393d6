"""What a formula rests on: how many rows stand behind each level, flag and comparison in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.expr import Call, Const, Expr, Var, walk
from ...ir.levels import level_test, levels_of, quoted
from ...ir.program import Formula
from ...ir.text import expr_text
from ...ir.vector import evaluate_rows
from ...verify.evidence import FEW
from .network import Floats

Truths: TypeAlias = NDArray[np.bool_]

_SIDES = ("lt", "le", "gt", "ge", "eq", "ne")
_WIDE = 1 / 3  # of a column's range


def rests_on_few(formula: Formula, rows: Floats) -> Iterator[str]:
    """The levels, flags and sides of comparisons that one or two ``rows`` (rows, inputs) show."""
    sentences = set()
    for test, holds in _tests(formula, rows):
        for side in (True, False):
            count = int((holds == side).sum())
            if 0 < count <= FEW < len(rows) - count:
                where = test if side else f"not {test}"
                sentences.add(
                    f"{where} rests on {count} row{'' if count == 1 else 's'} of {len(rows)}"
                )
    yield from sorted(sentences)


def left_out(formula: Formula, rows: Floats) -> Iterator[str]:
    """The wide gaps in the columns of numbers, in which no row lies."""
    for scalar, column in zip(formula.inputs, rows.T, strict=True):
        values = np.unique(column)
        if scalar.levels or len(values) < 3:  # a flag has nothing between
            continue
        steps = np.diff(values / 2)  # of halves: a difference may be larger than any number
        place = int(steps.argmax())
        if steps[place] > _WIDE * (values[-1] / 2 - values[0] / 2):
            low, high = values[place], values[place + 1]
            between = f"{scalar.title or scalar.name} between {low:g} and {high:g}"
            yield f"what it is worth for {between}, where no row lies"


def _tests(formula: Formula, rows: Floats) -> Iterator[tuple[str, Truths]]:
    """What the formula asks of a row, and for which rows it holds."""
    levels = levels_of(formula.inputs)
    columns: dict[str, Any] = {
        scalar.name: column for scalar, column in zip(formula.inputs, rows.T, strict=True)
    }
    titles = {scalar.name: scalar.title or scalar.name for scalar in formula.inputs}
    tests: dict[Expr, str] = {}
    for node in (node for value in _values(formula) for node in walk(value)):
        match node:
            case Call("eq" | "ne", args) if (tested := level_test(node, levels)) is not None:
                level = quoted(tested.level) if isinstance(tested.level, str) else tested.level
                tests[Call("eq", args)] = f"{titles[tested.name]} == {level}"
            case Call(op) if op in _SIDES:
                tests[node] = expr_text(node)
            case Call("max" | "min", (one, other)):
                test = Call("gt", (one, other))
                tests[test] = expr_text(test)
            case Var(name) if name not in levels and name in columns:
                values, counts = np.unique(columns[name], return_counts=True)
                if len(values) == 2:
                    rarer = float(values[counts.argmin()])
                    tests[Call("eq", (node, Const(rarer)))] = f"{titles[name]} == {rarer:g}"
    with np.errstate(all="ignore"):
        for let in formula.body:
            columns[let.name] = np.broadcast_to(evaluate_rows(let.value, columns), len(rows))
        for expr, words in tests.items():
            yield words, np.broadcast_to(evaluate_rows(expr, columns), len(rows)).astype(bool)


def _values(formula: Formula) -> tuple[Expr, ...]:
    return (*(let.value for let in formula.body), formula.value)
