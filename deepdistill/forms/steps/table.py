"""A table of numbers to be told by steps: what was handed over, and what is learned from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf, log
from typing import TYPE_CHECKING

import numpy as np

from ...data.copies import copied_rows
from ...data.measured import MeasuredTable, checked_measures
from ...data.running import Run
from ...ir.rounding import rounded
from ...ir.types import Reals, Scalar
from ...target.step_source import step_nodes
from ...units.rule_lift import lift_labels
from ...units.rules import Floats, Leaf, Places, RuleModel, Split, Tree
from ..formula.quality import answers_fit, fitted_rows
from ..protocol import Trained
from ..rules.lift import plain_columns
from ..rules.rows import each_once, read_rows, refuse_limits, split_rows
from .network import MeasuredRows, StepNetwork, StepSupport

if TYPE_CHECKING:
    from ...learn.rules.steps import StepFit

_MIDDLE = (0.05, 0.95)  # the quantiles between which most rows of a leaf lie
_NUMBER = 10.0  # bits of a number that a leaf gives


@dataclass(frozen=True, slots=True, eq=False)
class StepTask:
    """A table of numbers, and how its steps are to be learned.

    ``complexity`` is the largest size; ``monotone`` has +1, -1 or 0 a column: the number may only
    go up, or down, where it grows. A ``strict`` solver refuses what lies outside the ranges of the
    table. The share ``held_out`` of the rows judges and is not learned from.
    """

    name: str
    table: MeasuredTable
    strict: bool = False
    complexity: int | None = None
    most_conditions: int | None = None
    monotone: tuple[int, ...] = ()
    held_out: float = 0.25

    def __post_init__(self) -> None:
        refuse_limits(self.complexity, self.most_conditions)


@dataclass(frozen=True, slots=True)
class RecalledSteps:
    """What a certificate tells of a table of numbers: its name."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class StepSearch:
    """What a search knows besides the steps: the front and the place of the one taken."""

    front: tuple[StepFit, ...]
    place: int
    learned_from: str
    recorded: Floats
    """Rows (rows, inputs) of which a few are recorded."""


def learned_steps(task: StepTask, run: Run) -> Trained:
    """The steps of a table; one row in four is held out and judges.

    Raises :class:`InputError` for unusable input.
    """
    from ...learn.rules.rows import RuleRows
    from ...learn.rules.steps import StepSettings, learn_steps, strata

    table = checked_measures(task.table)
    held, seen = split_rows(table, run.seed, task.held_out)
    groups = None if table.groups is None else table.groups[seen]
    x, y, weights, groups = each_once(table.x[seen], table.y[seen], table.weights[seen], groups)
    levels = tuple(len(column.levels) for column in table.columns)
    places = strata(y)
    classes = int(places.max()) + 1
    rows = RuleRows(x, levels, places, classes, weights, True, groups, task.monotone)
    size = step_sizes(levels, [column.missing > 0 for column in table.columns])
    settings = StepSettings(size, task.complexity, task.most_conditions)
    front, place = learn_steps(rows, y, settings, run)
    return _trained(task, front, place, seen, held)


def taken_steps(task: StepTask, trained: Trained, run: Run, place: int) -> Trained:
    """The same search with other steps of its front."""
    held, seen = split_rows(task.table, run.seed, task.held_out)
    return _trained(task, trained.details.front, place, seen, held)


def step_sizes(
    levels: Sequence[int], optional: Sequence[bool]
) -> Callable[[RuleModel, Sequence[float]], int]:
    """What counts the nodes of Python's ``ast`` in the decision of a tree with its numbers."""
    inputs = plain_columns(levels, optional)

    def size(model: RuleModel, values: Sequence[float]) -> int:
        output = Scalar("number", Reals(0.0, 1.0), levels=tuple(values))
        return step_nodes(lift_labels(model, inputs, output, "number"))

    return size


def _trained(
    task: StepTask, front: tuple[StepFit, ...], place: int, seen: Places, held: Places
) -> Trained:
    table, fit = task.table, front[place]
    numbers = sorted(set(fit.values))
    tree = _of_numbers(fit.model.trees[0], [numbers.index(value) for value in fit.values])
    read = read_rows(table, replace(fit.model, trees=(tree,)), numbers)
    network = StepNetwork(
        read.inputs,
        read.output,
        read.model,
        (),
        MeasuredRows(0, 0, 0, 0, 0.0, 0.0, 0.0, 1.0, 1.0, -1.0, False, 0.0, 0.0),
        task.strict,
        read.layout,
    )
    cases = network.cases(read.x)
    network = replace(
        network,
        supports=tuple(
            _support(table.y[seen][cases[seen] == k], table.y[held][cases[held] == k])
            for k in range(len(fit.values))
        ),
        rows=_known(np.array(fit.values)[cases], table.y, seen, held, fit),
    )
    count = len(table.columns)
    text = f"{len(seen):,} rows of {count} column{'' if count == 1 else 's'} ({fit.source})"
    copied = copied_rows(table.x, table.y, held, seen)
    return Trained(
        network,
        front=tuple((one.size, float(f"{one.loss:.3g}")) for one in front),
        notes=(*table.notes, *(f"not known is {one}" for one in copied)),
        details=StepSearch(front, place, text, read.x[held if len(held) else slice(None)]),
    )


def _of_numbers(tree: Tree, places: Sequence[int]) -> Tree:
    """The tree whose leaves are places of numbers in order, in place of their own."""
    if isinstance(tree, Leaf):
        return Leaf(places[tree.value])
    return Split(tree.unit, _of_numbers(tree.fires, places), _of_numbers(tree.rests, places))


def _support(learned: Floats, untouched: Floats) -> StepSupport:
    low, high = (float(end) for end in np.quantile(learned, _MIDDLE))
    within = int(((untouched >= low) & (untouched <= high)).sum())
    return StepSupport(len(learned), rounded(low), rounded(high), len(untouched), within)


def _known(answers: Floats, y: Floats, seen: Places, held: Places, fit: StepFit) -> MeasuredRows:
    """What the rows say of the steps' ``answers`` (rows,), by the tests of formulas."""
    bits = _NUMBER * len(fit.values) + 2.0 * fit.size
    known = fitted_rows(answers[seen], y[seen], _saved(answers[seen], y[seen]) - bits * log(2))
    scores = answers_fit(answers[held], y[held], known, np.zeros(len(held), dtype=bool))
    judged = held if len(held) else seen
    return MeasuredRows(
        len(seen),
        known.missed,
        len(held),
        scores.wrong,
        known.tolerance,
        scores.skill,
        max(scores.skill_bound, -1e9),
        scores.order,
        scores.hits,
        scores.interval if scores.interval < inf else -1.0,
        scores.tells_something,
        rounded(float(np.abs(answers - y)[judged].mean())),
        rounded(float(np.abs(y[judged] - y[seen].mean()).mean())),
    )


def _saved(answers: Floats, y: Floats) -> float:
    """The nats by which the steps' errors are shorter than those of the mean, both normal."""
    unit = float(np.abs(y).max()) or 1.0
    plain = float(np.var(y / unit))
    left = max(float(np.mean((y / unit - answers / unit) ** 2)), 1e-18 * plain)
    return len(y) / 2 * log(plain / left) if plain > 0 else 0.0
