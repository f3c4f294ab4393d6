"""Pictures from their rows: what an answer needs leaves a task on rows, or on a smaller answer.

An answer with as many rows as the picture, or as something that is made of it, may be made row by
row, and likewise column by column; a border of one number around all answers, or an answer that is
the same twice, is taken off. What is left is a task of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from ....data.pairs import ExamplePair, PairProblem
from ....data.running import Run
from ....ir.expr import Call, Const, Expr, Listed, Var
from ....ir.names import fresh
from ....ir.ops import OPERATIONS
from ....ir.types import Axis, Integers, Port
from ..proposal import Proposal, missed_pairs
from .named import named
from .proposing import shortest_expressions
from .search import EFFORTS, Effort
from .signatures import closure
from .valued import KnownValues, Valued, applied, constant, frozen

_DEPTH = 3
_VIEWS = 40
"""So many lists of rows, the shortest, are gone through."""
_BITS = 40.0
_BOX_BITS, _BOX_VIEWS = 24.0, 12
"""The same of what is in the box of a picture."""
_TASKS = 1
"""So many tasks of rows are tried, of columns, and of either with their places."""
_ROWS = 80
"""So many rows, or columns, are shown."""

Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class ShorterTask:
    """A shorter task, and what makes a program of the whole of an expression for it."""

    problem: PairProblem
    whole: Callable[[Expr], Expr]


def propose_rows(problem: PairProblem, run: Run) -> Iterator[Proposal]:
    """Programs of pictures by their rows, and by what is left of their answers."""
    yield from _proposed(problem, run, EFFORTS[0], False)


def propose_rows_further(problem: PairProblem, run: Run) -> Iterator[Proposal]:
    """The same with more work, and by the places of rows as well."""
    yield from _proposed(problem, run, EFFORTS[1], True)


def _proposed(problem: PairProblem, run: Run, effort: Effort, placed: bool) -> Iterator[Proposal]:
    if not any(len(port.axes) == 2 for port in problem.inputs) or not problem.output.axes:
        return
    run.say("pictures by rows and columns")
    for expr in _expressions(problem, run, effort, placed, _DEPTH):
        program = named(problem.name, problem.inputs, problem.output, expr)
        missed = missed_pairs(program, problem.given)
        if not missed:
            yield Proposal(program, "enumeration", missed)
            return


def _expressions(
    problem: PairProblem, run: Run, effort: Effort, placed: bool, depth: int
) -> Iterator[Expr]:
    """Expressions that give all answers."""
    goal, views = tuple(frozen(pair.output) for pair in problem.given), _views(problem)
    whole = [view.expr for view in views if view.values == goal]
    yield from whole
    if whole:
        return
    for one in row_tasks(problem, views, placed):
        run.check()
        yield from map(one.whole, shortest_expressions(one.problem, effort, run))
    if len(problem.output.axes) == 2 and depth:
        for one in _smaller(problem):
            inner = _expressions(one.problem, run, effort, placed, depth - 1)
            yield from map(one.whole, inner)


# ---- what is taken off the answers


def _smaller(problem: PairProblem) -> Iterator[ShorterTask]:
    """Tasks whose answers have no border, or are one half."""
    for turned in (False, True):
        answers = [_across(pair.output) if turned else pair.output for pair in problem.given]
        if not all(answers) or not all(map(_is_even, answers)):
            continue
        yield from _without_border(problem, answers, turned)
        yield from _half(problem, answers, turned)


def _without_border(
    problem: PairProblem, answers: Sequence[Any], turned: bool
) -> Iterator[ShorterTask]:
    """The answers without the number that stands at both ends of all rows."""
    ends = {row[k] for answer in answers for row in answer for k in (0, -1)}
    if len(ends) > 1 or any(len(row) < 3 for answer in answers for row in answer):
        return
    edge = Call("single", (Const(ends.pop()),))
    row = fresh("row", _taken(problem))

    def framed(inner: Expr) -> Expr:
        line = Call("joined", (edge, Call("joined", (Var(row), edge))))
        return _turned(Listed((row,), _turned(inner, turned), line), turned)

    yield _answered(problem, [[row[1:-1] for row in answer] for answer in answers], turned, framed)


def _half(problem: PairProblem, answers: Sequence[Any], turned: bool) -> Iterator[ShorterTask]:
    """The first half of answers of which the second is the same, or from the end."""
    if any(len(answer) % 2 for answer in answers):
        return
    halves = [(answer[: len(answer) // 2], answer[len(answer) // 2 :]) for answer in answers]
    for mirrored in (False, True):
        if all((b[::-1] if mirrored else b) == a for a, b in halves):

            def twice(inner: Expr, mirrored: bool = mirrored) -> Expr:
                half = _turned(inner, turned)
                other = Call("reversed", (half,)) if mirrored else half
                return _turned(Call("joined", (half, other)), turned)

            yield _answered(problem, [a for a, _ in halves], turned, twice)
            return


def _answered(
    problem: PairProblem, answers: Sequence[Any], turned: bool, whole: Callable[[Expr], Expr]
) -> ShorterTask:
    pairs = tuple(
        replace(pair, output=_across(answer) if turned else answer)
        for pair, answer in zip(problem.given, answers, strict=True)
    )
    return ShorterTask(replace(problem, given=pairs), whole)


# ---- tasks of rows


def row_tasks(problem: PairProblem, views: Sequence[Valued], placed: bool) -> Iterator[ShorterTask]:
    """Tasks that make an answer row by row: of each row alone; ``placed``, of its place as well."""
    answers = [pair.output for pair in problem.given]
    seen: set[Any] = set()
    for of_place in (False, True) if placed else (False,):
        for turned in (False, True) if len(problem.output.axes) == 2 else (False,):
            wanted = [_across(one) if turned else one for one in answers]
            counts, widths = tuple(map(len, wanted)), _widths(wanted)
            fit = [view for view in views if tuple(map(len, view.values)) == counts]
            fit.sort(key=lambda view: _widths(view.values) != widths)
            made = (_of_rows(problem, view, wanted, turned, of_place) for view in fit)
            for one in islice((one for one in made if one is not None), _TASKS):
                key = tuple((repr(p.inputs), repr(p.output)) for p in one.problem.given)
                if key not in seen:
                    seen.add(key)
                    yield one


def _widths(pictures: Sequence[Any]) -> list[list[int]]:
    """How long the rows of each are; 0 for a number in the place of a row."""
    return [[len(row) if isinstance(row, list | tuple) else 0 for row in one] for one in pictures]


def _views(problem: PairProblem) -> list[Valued]:
    """Rows that are made of the pictures, the shortest first; last what is in their boxes."""
    bank, count = KnownValues(), len(problem.given)
    start = [constant(k, count) for k in (1, -1)]
    for place, port in enumerate(problem.inputs):
        if len(port.axes) == 2:
            values = tuple(frozen(pair.inputs[place]) for pair in problem.given)
            start.append(Valued(Var(port.name), "rows", 3.0, values, "element"))
    for _ in closure(bank, start, _BITS, _VIEWS):
        pass
    views = [one for one in bank.of("rows") if one.is_everywhere][:_VIEWS]
    for box in [_in_its_box(one) for one in start if one.kind == "rows"]:
        if all(box.values != view.values for view in views):
            inside = KnownValues()
            for _ in closure(inside, [replace(box, bits=3.0), *start[:2]], _BOX_BITS, _BOX_VIEWS):
                pass
            views += [one for one in inside.of("rows") if one.is_everywhere][:_BOX_VIEWS]
    return views


def _in_its_box(picture: Valued) -> Valued:
    """What is left without the empty rows and columns at the ends."""
    made = picture
    for op in ("stripped", "columns", "stripped", "columns"):
        values = tuple(frozen(OPERATIONS[op].function(one)) for one in made.values)
        made = applied(op, "rows", (made,), values)
    return made


def _of_rows(
    problem: PairProblem, view: Valued, wanted: Sequence[Any], turned: bool, placed: bool
) -> ShorterTask | None:
    """The rows of a view and what becomes of each; None where equal ones become another."""
    others = [k for k, port in enumerate(problem.inputs) if len(port.axes) < 2]
    outcomes: dict[tuple[Any, ...], Any] = {}
    for pair, rows, answer in zip(problem.given, view.values, wanted, strict=True):
        more = tuple(frozen(pair.inputs[k]) for k in others)
        for k, (row, one) in enumerate(zip(rows, answer, strict=True)):
            key = (row, *((k,) if placed else ()), *more)
            if outcomes.setdefault(key, one) != one:
                return None
    if not outcomes or (placed and len({key[0] for key in outcomes}) == len(outcomes)):
        return None
    taken = _taken(problem)
    row, place = fresh("row", taken), fresh("i", taken)
    domain = next(port.domain for port in problem.inputs if len(port.axes) == 2)
    line = (Axis("sequence"),)
    own = [Port(row, line, domain)]
    own += [Port(place, (), Integers(0, max(map(len, wanted))))] if placed else []
    output = Port(problem.output.name, line[: len(problem.output.axes) - 1], problem.output.domain)
    pairs = tuple(ExamplePair(tuple(map(_listed, key)), one) for key, one in outcomes.items())
    ports = (*own, *(problem.inputs[k] for k in others))
    task = replace(problem, inputs=ports, output=output, given=pairs[:_ROWS], reserved=((), ()))

    def whole(body: Expr) -> Expr:
        if placed:
            return _turned(Listed((place, row), Call("enumerate", (view.expr,)), body), turned)
        return _turned(Listed((row,), view.expr, body), turned)

    return ShorterTask(task, whole)


def _taken(problem: PairProblem) -> set[str]:
    return {problem.name, problem.output.name, *(port.name for port in problem.inputs)}


def _turned(rows: Expr, turned: bool) -> Expr:
    """The columns as rows, where that is asked; twice is not at all."""
    match rows:
        case Call("columns", (inner,)) if turned:
            return inner
        case _:
            return Call("columns", (rows,)) if turned else rows


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _across(rows: Any) -> Any:
    return [list(column) for column in zip(*rows, strict=True)] if _is_even(rows) else []


def _is_even(rows: Any) -> bool:
    """Whether rows are of one length."""
    return len(set(map(len, rows))) == 1
