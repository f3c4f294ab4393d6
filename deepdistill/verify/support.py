"""What examples say of each part of a program: how many of them decide it, and how exactly.

A comparison that no example decides, or only one or two, was not learned but guessed, and where a
limit can be moved without changing any known answer, the data leave a gap. Both are found by
running the program with that part changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ..ir.expr import Call, Const, Expr, children, rebuild
from ..ir.ops import OPERATIONS
from ..ir.program import Fill, Let, Map, Program, Scan, Statement
from ..ir.text import expr_text
from .equivalence import Run, answer

Runner: TypeAlias = Callable[[Program], Run]

_LOGICAL = ("and", "or", "not")
_LIMITS = ("lt", "le", "gt", "ge", "between")
_FARTHEST = 2**33  # beyond all values that are taken
_MOST_RUNS = 20_000  # of the program on one example, in all
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class ScarceComparison:
    """A comparison, and in how many examples its outcome one way decides an answer, at most few."""

    text: str
    examples: int


@dataclass(frozen=True, slots=True)
class OpenLimit:
    """A limit, and the least and the greatest with which every known answer stays; None: any."""

    text: str
    limit: int
    low: int | None
    high: int | None

    @property
    def sentence(self) -> str:
        """The gap in words."""
        if self.low is None or self.high is None:
            side = f"from {self.low:,} on" if self.high is None else f"up to {self.high:,}"
            if self.low is None and self.high is None:
                side = "of all sizes"
            return f"any limit {side} fits in place of {self.limit:,} in {self.text}"
        return f"any limit from {self.low:,} to {self.high:,} fits in {self.text}"


@dataclass(frozen=True, slots=True, eq=False)
class ProgramTrial:
    """Known cases on which a program is right, and how a program is run."""

    program: Program
    cases: Sequence[Any]
    answers: Sequence[Any]
    run: Runner
    count: Callable[[Any, Any], int]
    """In how many units of evidence two answers differ."""

    def changed(self, other: Program, most: int, budget: list[int]) -> int | None:
        """How often another program answers otherwise, counted to ``most``; None: too long."""
        changes, run = 0, self.run(other)
        for case, right in zip(self.cases, self.answers, strict=True):
            budget[0] -= 1
            if budget[0] < 0:
                return None
            got = answer(run, case)
            changes += self.count(right, got)
            if changes > most:
                break
        return changes


def decided(trial: ProgramTrial, few: int) -> list[ScarceComparison]:
    """The comparisons that no more than ``few`` examples decide one way."""
    result: list[ScarceComparison] = []
    budget = [_MOST_RUNS]
    for comparison, put in _places(trial.program, _is_comparison):
        counts = [trial.changed(put(Const(value)), few, budget) for value in (0, 1)]
        if None in counts:
            break
        least = min(count for count in counts if count is not None)
        if least <= few:
            result.append(ScarceComparison(_short(comparison), least))
    return result


def gaps(trial: ProgramTrial) -> list[OpenLimit]:
    """The limits that the examples leave open."""
    result: list[OpenLimit] = []
    budget = [_MOST_RUNS]
    for comparison, put in _places(trial.program, _has_limit):
        assert isinstance(comparison, Call)
        for k, limit in enumerate(comparison.args):
            if not isinstance(limit, Const) or not isinstance(limit.value, int):
                continue

            def fits(value: int, k: int = k, comparison: Call = comparison, put: Any = put) -> bool:
                args = (*comparison.args[:k], Const(value), *comparison.args[k + 1 :])
                return trial.changed(put(replace(comparison, args=args)), 0, budget) == 0

            ends = [_farthest(fits, limit.value, step) for step in (-1, 1)]
            if budget[0] < 0:
                return result
            if ends != [limit.value, limit.value]:
                result.append(OpenLimit(_short(comparison), limit.value, *ends))
    return result


def _farthest(fits: Callable[[int], bool], start: int, step: int) -> int | None:
    """How far a limit can be moved to one side; None where it can be moved out of sight."""
    if not fits(start + step):
        return start
    near, far = 1, 2
    while fits(start + step * far):
        near, far = far, 2 * far
        if far > _FARTHEST:
            return None
    while far - near > 1:
        middle = (near + far) // 2
        near, far = (middle, far) if fits(start + step * middle) else (near, middle)
    return start + step * near


def _short(expr: Expr) -> str:
    text = expr_text(expr, True)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _is_comparison(expr: Expr) -> bool:
    return isinstance(expr, Call) and OPERATIONS[expr.op].truth and expr.op not in _LOGICAL


def _has_limit(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.op in _LIMITS


def _places(
    program: Program, wanted: Callable[[Expr], bool]
) -> Iterator[tuple[Expr, Callable[[Expr], Program]]]:
    """Each wanted part of a program, and how to put another one in its place."""
    for number, statement in enumerate(program.body):

        def within(other: Statement, number: int = number) -> Program:
            body = (*program.body[:number], other, *program.body[number + 1 :])
            return replace(program, body=body)

        for expr, put in _in_statement(statement, within):
            yield from _in_expr(expr, put, wanted)


def _in_statement(
    statement: Statement, within: Callable[[Statement], Program]
) -> Iterator[tuple[Expr, Callable[[Expr], Program]]]:
    """The expressions whose values a statement computes."""
    if isinstance(statement, Let | Map | Fill):
        yield statement.value, lambda e: within(replace(statement, value=e))
    if isinstance(statement, Map | Scan):
        for k, let in enumerate(statement.body):

            def put(e: Expr, k: int = k, let: Let = let) -> Program:
                body = (*statement.body[:k], replace(let, value=e), *statement.body[k + 1 :])
                return within(replace(statement, body=body))

            yield let.value, put
    if isinstance(statement, Scan):
        for k, value in enumerate(statement.values):

            def put_value(e: Expr, k: int = k) -> Program:
                values = (*statement.values[:k], e, *statement.values[k + 1 :])
                return within(replace(statement, values=values))

            yield value, put_value


def _in_expr(
    expr: Expr, put: Callable[[Expr], Program], wanted: Callable[[Expr], bool]
) -> Iterator[tuple[Expr, Callable[[Expr], Program]]]:
    if wanted(expr):
        yield expr, put
    parts = children(expr)
    for k, part in enumerate(parts):

        def inner(e: Expr, k: int = k) -> Program:
            return put(rebuild(expr, (*parts[:k], e, *parts[k + 1 :])))

        yield from _in_expr(part, inner, wanted)
