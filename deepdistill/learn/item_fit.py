"""Search for the simplest network over items that is exact on all examples.

Everything is found by exhaustive search over sparse small integer weights, by least squares in
closed form and by integer programs, never by gradient, and from the examples alone. What is tried
goes from simple to rich: no column of features, one, two, three; patterns in windows of pictures
before three columns that tell directions apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from math import prod
from typing import TypeAlias, assert_never

import numpy as np

from ..data.problem import Examples, Problem
from ..data.running import Attempt, Run
from ..units.gates import AffineUnit, Gate
from ..units.groups import FloatArray, IntArray
from ..units.heads import Added, Each, Head, Pick, Some
from ..units.item_readings import Feature, Line, Number, Place
from ..units.items import ItemNetwork
from ..units.site import Seen, Site
from .item_answers import described, scalars, where_answered, wrong_samples
from .item_features import FeatureTable, columns_of, item_axes, symmetric_count, tabulate_items
from .item_goals import CountsGoal, Exists, FirstGoal, Goal, Labels
from .item_search import (
    SHAPES,
    UnitFit,
    find_conjunction,
    find_sum,
    find_unit,
    screens,
    weight_vectors,
)
from .item_windows import SMALL_PATTERN, WINDOW, find_pattern, find_patterns, window_counts

_LARGEST_TABLE = 40_000_000  # numbers, 320 MB


@dataclass(frozen=True, slots=True, eq=False)
class ItemsFitted:
    """The network found, whether it is exact on all examples, and what was tried."""

    network: ItemNetwork
    exact: bool
    wrong: int
    rows: int
    attempts: tuple[Attempt, ...]
    excepted: int = 0


Stages: TypeAlias = Iterator[Iterator[ItemNetwork]]
"""One kind of network after another, from simple to rich."""


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """One head over one kind of items: sums to meet exactly, or a goal for a unit."""

    table: FeatureTable
    head: Head
    goal: Goal | None = None
    sums: tuple[FloatArray, IntArray] | None = None
    groups: tuple[IntArray, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _ItemSearch:
    problem: Problem
    examples: tuple[Examples, ...]
    run: Run
    attempts: list[Attempt] = field(default_factory=list)

    def note(self, what: str, count: int | None, outcome: str) -> None:
        self.attempts.append(Attempt(what, count, outcome))
        self.run.say(str(self.attempts[-1]))


def fit_items(
    problem: Problem,
    run: Run | None = None,
    otherwise: Callable[[], ItemsFitted | None] | None = None,
) -> ItemsFitted:
    """Find the simplest network over items that is exact on training and held-out examples.

    Several patterns in windows are chosen on the training examples alone, and taken only if the
    held-out ones agree. Where no network of the kinds that are cheap to try is exact, ``otherwise``
    may know a rule that is right but for wrong labels. Where nothing is exact, the constant that is
    right most often comes back with ``exact=False``.
    """
    run = run or Run()
    training, held_out = problem.examples(run.seed)
    search = _ItemSearch(problem, (*training, *held_out), run)
    run.keep(partial(_fallback, search), "the most common answer")
    tasks = _tasks(search)
    rows = sum(map(len, search.examples))
    early, late = _early(search, tasks), _late(search, tasks, training)
    for network in chain(chain.from_iterable(early), [None], chain.from_iterable(late)):
        if network is None:
            known = None if otherwise is None else otherwise()
            if known is not None:
                return replace(known, attempts=(*search.attempts, *known.attempts))
            continue
        wrong = wrong_samples(network, search.examples)
        if not wrong:
            search.note(described(network), len(network.units), "exact")
            return ItemsFitted(network, True, 0, rows, tuple(search.attempts))
        search.note(described(network), len(network.units), f"{wrong} of {rows} samples wrong")
    return _fallback(search)


def early_networks(problem: Problem, examples: tuple[Examples, ...], run: Run) -> Stages:
    """Networks that are exact on some of the examples, of the kinds that are cheap to try."""
    search = _ItemSearch(problem, examples, run)
    return _early(search, _tasks(search))


def _fallback(search: _ItemSearch) -> ItemsFitted:
    """The constant that is right most often."""
    network, rows = _constant(search), sum(map(len, search.examples))
    wrong = wrong_samples(network, search.examples)
    return ItemsFitted(network, False, wrong, rows, tuple(search.attempts))


def _early(search: _ItemSearch, tasks: tuple[_Task, ...]) -> Stages:
    """Networks that are exact by their own account, simplest first."""
    plain = tuple(task for task in tasks if not _denies_cells(task))
    denied = tuple(task for task in tasks if _denies_cells(task))
    yield _of_columns(search, plain, 0)
    yield _of_columns(search, plain, 1)
    yield _conjunctions(search, plain)
    yield _of_columns(search, plain, 2)
    yield _of_columns(search, plain, 1, small=False)
    yield _pattern(search, negated=False, cells=SMALL_PATTERN)
    cells = tuple(task for task in plain if len(task.table.axes) == 2)
    yield _of_columns(search, cells, 3)  # alike on all sides before a large pattern
    yield _pattern(search, negated=False)
    if denied:
        yield _of_columns(search, denied, 1)
        yield _conjunctions(search, denied)
        yield _of_columns(search, denied, 2)
        yield _pattern(search, negated=True)
    yield _of_columns(search, tuple(task for task in tasks if task not in cells), 3)
    yield _of_columns(search, tasks, 2, small=False)


def _late(search: _ItemSearch, tasks: tuple[_Task, ...], training: tuple[Examples, ...]) -> Stages:
    """The same of kinds that take long to try."""
    yield _several_patterns(search, training)
    yield _of_columns(search, tasks, 3, small=False)
    yield _of_columns(search, tasks, 3, alike=False)


def _denies_cells(task: _Task) -> bool:
    """Whether the answer is that no cell fires: "no cross" is no good way to say "a square"."""
    return len(task.table.axes) == 2 and task.head == Some(negated=True)


def _of_columns(
    search: _ItemSearch,
    tasks: tuple[_Task, ...],
    count: int,
    small: bool = True,
    alike: bool = True,
) -> Iterator[ItemNetwork]:
    """Units of ``count`` columns; with ``alike`` three columns are of those without direction.

    A constant in a bound on a count that grows with the size may be due to the sizes of the
    examples: with ``small`` it is at most 1. In windows of cells any constant is allowed.
    """
    port = search.problem.inputs[0]
    vectors: dict[int, IntArray] = {}  # by how many columns there are to choose from
    live: list[tuple[_Task, int]] = []
    for task in tasks:
        columns = len(task.table.columns)
        same = min(columns, symmetric_count(port, task.table.axes))
        cells = len(task.table.axes) == 2
        if (cells and not small) or (not alike and same == columns):
            continue
        live.append((task, same if alike and count == 3 else columns))
        if task.sums is not None and small and alike:
            solution = find_sum(*task.sums, count, search.run.check)
            if solution is not None:
                weights, bias = solution
                yield _network(search.problem, task, AffineUnit(weights, bias))
    for shape in SHAPES:
        for task, usable in live:
            if task.goal is None or (shape == "outside" and not isinstance(task.goal, Exists)):
                continue
            columns = len(task.table.columns)
            if columns not in vectors:
                vectors[columns] = weight_vectors(columns, count, usable)
            near = small and len(task.table.axes) < 2
            requested = (task.goal, vectors[columns], task.groups, shape, near)
            unit = find_unit(task.table, *requested, search.run.check)
            if unit is not None:
                yield _network(search.problem, task, unit)
    if live:
        bound = "" if small else ", any constant"
        sides = "" if alike else ", directions told apart"
        search.note(f"{count} columns{bound}{sides}", None, "nothing exact")


def _conjunctions(search: _ItemSearch, tasks: tuple[_Task, ...]) -> Iterator[ItemNetwork]:
    if not search.problem.inputs[0].domain.is_bits:
        return
    for task in tasks:
        if task.goal is not None and len(task.table.axes) == 2:
            unit = find_conjunction(task.table, task.goal, task.groups)
            if unit is not None:
                yield _network(search.problem, task, unit)
    search.note("a cell and how many around it", None, "nothing exact")


def _pattern(search: _ItemSearch, negated: bool, cells: int = len(WINDOW)) -> Iterator[ItemNetwork]:
    """One pattern of at most so many cells: whether it is somewhere (or nowhere), or how often."""
    if not _has_windows(search):
        return
    y, counts = scalars(search.examples), window_counts(search.examples)
    if set(y.tolist()) == {0, 1}:
        pattern = find_pattern(counts, y ^ negated, counted=False, cells=cells)
        if pattern is not None:
            yield _patterned(search.problem, (pattern,), Some(negated))
    if y.min() >= 0 and not negated:
        pattern = find_pattern(counts, y, counted=True, cells=cells)
        if pattern is not None:
            yield _patterned(search.problem, (pattern,), Added())
    where = "nowhere" if negated else "somewhere"
    search.note(f"a pattern of at most {cells} cells, {where}", None, "nothing exact")


def _several_patterns(search: _ItemSearch, training: tuple[Examples, ...]) -> Iterator[ItemNetwork]:
    if not _has_windows(search) or set(scalars(search.examples).tolist()) != {0, 1}:
        return
    counts, y = window_counts(training), scalars(training)
    for negated in (False, True):
        several = find_patterns(counts, y ^ negated)
        if several is not None:
            yield _patterned(search.problem, several, Some(negated))
    search.note("several patterns in windows of 3 x 3", None, "nothing exact")


def _has_windows(search: _ItemSearch) -> bool:
    port = search.problem.inputs[0]
    return len(port.axes) == 2 and port.domain.is_bits and not search.problem.output.axes


def _tasks(search: _ItemSearch) -> tuple[_Task, ...]:
    """Every head over every kind of items, in the order in which they are tried."""
    port, output = search.problem.inputs[0], search.problem.output
    tasks: list[_Task] = []
    if output.axes:
        axes = tuple(range(len(port.axes)))
        alike = all(e.output.shape == e.inputs[0].shape for e in search.examples)
        if alike and not _too_many(search, axes, False):
            tasks += _each(search, axes)
        if len(axes) == 1 and len(output.axes) == 1 and not _too_many(search, axes, True):
            table = tabulate_items(port, axes, search.examples, True)
            label = np.concatenate([e.output.ravel() for e in search.examples])
            tasks += _picks(search, table, label)
        return tuple(tasks)
    y = scalars(search.examples)
    for axes in item_axes(port):
        if _too_many(search, axes, False):
            continue
        table = tabulate_items(port, axes, search.examples, False)
        if not where_answered(
            search.examples
        ).all():  # a pick alone can say that there is no answer
            tasks += _picks(search, table, y) if len(axes) == 1 else []
            continue
        chosen = screens(y)
        bits = set(y.tolist()) == {0, 1}
        if not bits:  # a sum that is 0 or 1 is so because the examples are few
            tasks.append(_Task(table, Added(), sums=(table.x.sum(axis=1), y)))
        if bits:
            tasks.append(_Task(table, Some(), Exists(y), groups=chosen))
            tasks.append(_Task(table, Some(negated=True), Exists(1 - y), groups=chosen))
        if axes and not bits:  # of bits, Some says the same
            for bias in (0, 1, -1) if len(axes) == 1 else (0,):
                wanted = y - bias
                if (wanted >= 0).all() and (wanted <= table.real.sum(axis=1)).all():
                    tasks.append(_Task(table, Added(1, bias), CountsGoal(wanted), groups=chosen))
        if len(axes) == 1 and not bits:
            tasks += _picks(search, table, y)
    return tuple(tasks)


def _too_many(search: _ItemSearch, axes: tuple[int, ...], turns: bool) -> bool:
    """Whether a table of these items would be larger than is held in memory; says so."""
    items = 0
    for batch in search.examples:
        sizes = [batch.inputs[0].shape[1 + axis] for axis in axes]
        items += len(batch) * prod(sizes) * (sizes[0] if turns else 1)
    numbers = items * len(columns_of(search.problem.inputs[0], axes, turns))
    if numbers > _LARGEST_TABLE:
        what = f"items along {len(axes)} axes"
        search.note(what, None, f"{items} items are too many, give fewer or smaller examples")
    return numbers > _LARGEST_TABLE


def _each(search: _ItemSearch, axes: tuple[int, ...]) -> list[_Task]:
    table = tabulate_items(search.problem.inputs[0], axes, search.examples, False)
    label = np.full(table.real.shape, -1, dtype=np.int64)
    values = np.concatenate([e.output.ravel() for e in search.examples])
    label[table.real] = values
    tasks = [_Task(table, Each(), sums=(table.x[table.real], values))]
    if not set(values.tolist()) - {0, 1}:
        tasks.append(_Task(table, Each(), Labels(label), groups=screens(label.sum(axis=1))))
    return tasks


def _picks(search: _ItemSearch, table: FeatureTable, label: IntArray) -> list[_Task]:
    """First and last picks of each kind of answer that some item of each group could give."""
    port, axes = search.problem.inputs[0], table.axes
    kinds: list[Place | Number | Line] = [
        Place(axes[0]),
        Number((0,)) if len(port.axes) == 1 else Line(),
    ]
    tasks: list[_Task] = []
    answered = where_answered(search.examples)
    chosen = screens(label)
    for gives in kinds:
        given = np.zeros(table.real.shape)
        arrays = [array for e in search.examples for array in e.inputs[0]]
        values = [gives.values(Seen(Site((port,), axes), (array,))) for array in arrays]
        for group, sample in enumerate(table.sample):
            given[group, : len(values[sample])] = values[sample]
        right = (given == label[:, None]) & table.real & answered[:, None]
        if (right.any(axis=1) == answered).all():
            tasks += [
                _Task(table, Pick(gives, last), FirstGoal(right, last), groups=chosen)
                for last in (False, True)
            ]
    return tasks


def _network(problem: Problem, task: _Task, unit: UnitFit | AffineUnit) -> ItemNetwork:
    """The network over single features: a column's weight stands at each of its features."""
    weights: dict[Feature, int] = {}
    for column, weight in zip(task.table.columns, unit.weights, strict=True):
        for feature in column if weight else ():
            weights[feature] = weights.get(feature, 0) + weight
    features = tuple(feature for feature, weight in weights.items() if weight)
    kept = tuple(weights[feature] for feature in features)
    units: tuple[Gate | AffineUnit, ...]
    head = task.head
    match unit:
        case UnitFit(_, bounds):
            units = tuple(Gate.of(kept, low, high) for low, high in bounds)
        case AffineUnit(_, bias) if isinstance(head, Added):
            units, head = (AffineUnit(kept),), Added(1, bias)
        case AffineUnit(_, bias):
            units = (AffineUnit(kept, bias),)
        case _:
            assert_never(unit)
    return ItemNetwork(problem.inputs, problem.output, task.table.axes, features, units, head)


def _patterned(problem: Problem, patterns: tuple[IntArray, ...], head: Head) -> ItemNetwork:
    """One unit for each pattern: it fires where all the cells that should be on or off are."""
    used = np.any([pattern != 0 for pattern in patterns], axis=0)
    features = tuple(Number(offset) for offset, use in zip(WINDOW, used, strict=True) if use)
    units = tuple(
        Gate.of(tuple(map(int, pattern[used])), low=int((pattern > 0).sum()))
        for pattern in patterns
    )
    return ItemNetwork(problem.inputs, problem.output, (0, 1), features, units, head)


def _constant(search: _ItemSearch) -> ItemNetwork:
    """The label that is right most often, whatever the input."""
    values, counts = np.unique(
        np.concatenate([e.output.ravel() for e in search.examples]), return_counts=True
    )
    problem = search.problem
    head: Head = Each() if problem.output.axes else Added(1, int(values[counts.argmax()]))
    unit = AffineUnit((), int(values[counts.argmax()]) if problem.output.axes else 0)
    axes = tuple(range(len(problem.inputs[0].axes))) if problem.output.axes else ()
    return ItemNetwork(problem.inputs, problem.output, axes, (), (unit,), head)
