"""A trained classifier whose rules are wanted: read exactly where it is small, else followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ....data.labelled import LabelledTable, checked_labels
from ....data.problem import InputError
from ....data.row_columns import TableColumn
from ....data.running import Run
from ....ir.rounding import rounded
from ....ir.types import Level, Reals
from ....learn.rules.probabilities import possible_sums, spread_out
from ....learn.rules.rows import RuleFit
from ....units.rules import Leaf, RuleModel, Split, Tree, leaves
from ....units.teachers import (
    ExactModel,
    OtherColumn,
    ReluLayers,
    Teacher,
    renumbered_model,
)
from ...protocol import Trained
from ..lift import DecisionSize
from ..network import RuleNetwork
from ..rows import split_rows
from ..table import (
    LabelledTask,
    RuleSearch,
    known_rows,
    labelled_network,
    learned,
    supports_of,
)
from .around import RowsAround
from .condense import condensed
from .conditions import ModelColumn
from .networks import condensed_layers, is_module, read_layers
from .pipelines import read_votes
from .reading import NotExact

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]

_MOST_AROUND = 2000
_HELD_OUT = 0.25
_SPREADS = (1.4, 1.0, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1)  # of what a sum of a class is worth


class Answers(Protocol):
    """What a model answers, as numbers of its classes in the order in which they were met."""

    def __call__(self, x: Floats) -> Places:
        """The classes of rows (rows, columns): numbers and places of levels, NaN where none."""

    def met(self, labels: Any) -> Places:
        """The numbers of labels (rows,)."""

    def levels(self, used: Sequence[int]) -> tuple[tuple[Level, ...], list[int]]:
        """The names of those used, in order, and the numbers that they have."""


@dataclass(frozen=True, slots=True, eq=False)
class TaughtTask:
    """A ``model``, the ``columns`` of the rows that it is asked about, and who asks.

    ``labels`` (rows,) are the right answers where they are known, as numbers of classes. ``bounds``
    are the ranges of the columns that the rules are told for, where others are wanted than those of
    the rows; ``classes`` are the names of a module's scores. Without ``exact`` it is only asked.
    """

    name: str
    title: str
    target: str
    model: Any
    ask: Answers
    columns: tuple[TableColumn, ...]
    answers: Places
    labels: Places | None = None
    exact: bool = True
    complexity: int | None = None
    most_conditions: int | None = None
    bounds: tuple[tuple[float, float], ...] = ()
    classes: tuple[Any, ...] | None = None

    @property
    def x(self) -> Floats:
        return np.stack([column.values for column in self.columns], axis=1)


def taught(task: TaughtTask, run: Run) -> Trained:
    """The rules of a model, with how far they follow it on rows that were kept aside.

    Raises :class:`InputError` for unusable input.
    """
    why = "its answers alone were asked for"
    if task.exact:
        try:
            return _read(task, run)
        except NotExact as reason:
            why = str(reason)
    return _followed(task, run, why)


def _read(task: TaughtTask, run: Run) -> Trained:
    """Rules that are the model, from its own numbers."""
    x, columns = task.x, [_known_column(column) for column in task.columns]
    own: ExactModel
    if is_module(task.model):
        box = task.bounds or [(column.low, column.high) for column in columns]
        layers = read_layers(task.model, columns, box)
        names = range(len(layers.labels)) if task.classes is None else task.classes
        own = replace(layers, labels=tuple(task.ask.met([*names]).tolist()))
        models = [condensed_layers(own, columns, box, task.ask)]
    else:
        votes, classes = read_votes(task.model, task.columns)
        own = replace(votes, labels=tuple(task.ask.met(classes).tolist()))
        models = condensed(own, columns, x, task.ask)
    known = _Classes.of(task, [label for one in models for label in _given(one, own)])
    fit = _shortest(task, known.fitting(models, own.labels), columns)
    table = known.table(task)
    held, seen = split_rows(table, run.seed, _HELD_OUT)
    own = replace(own, labels=tuple(known.place.get(one, -1) for one in own.labels))
    network = _network(task, table, fit, seen, held, known.places(task.answers), own)
    note = f"{task.title} is read exactly from its own arrays"
    return _trained(
        task, table, known, network, [fit], 0, held, f"{task.title}, read exactly", (note,)
    )


def _given(model: RuleModel, own: ExactModel) -> list[int]:
    """The classes that rules give: those of leaves, or both that points tell apart."""
    if model.limits:
        return [*own.labels]
    return [leaf.value for leaf in leaves(model.trees[0])]


def _shortest(
    task: TaughtTask, models: Sequence[RuleModel], columns: Sequence[ModelColumn]
) -> RuleFit:
    """The smallest rules of those that may be taken; :class:`NotExact` where there are none."""
    levels, optional = tuple(c.levels for c in columns), tuple(c.optional for c in columns)
    sizes = [DecisionSize(levels, optional)(model) for model in models]
    places = sorted(range(len(models)), key=lambda k: sizes[k])
    if not models:
        raise NotExact("points do not tell more than two labels apart")
    if task.complexity is not None and sizes[places[0]] > task.complexity:
        raise NotExact(
            f"exactly it has a complexity of {sizes[places[0]]}, and {task.complexity} are allowed"
        )
    most = task.most_conditions
    few = [k for k in places if most is None or max(map(_depth, models[k].trees)) <= most]
    few = [k for k in few if task.complexity is None or sizes[k] <= task.complexity]
    if not few:
        raise NotExact(f"exactly it asks more than {most} conditions")
    model = models[few[0]]
    sums = possible_sums(model.trees) if model.limits else ()
    return RuleFit(model, (), sums, sizes[few[0]], 0.0, 0.0, "read exactly")


def _followed(task: TaughtTask, run: Run, why: str) -> Trained:
    """Rules learned from what the model answers to the rows, and around them."""
    x, levels = task.x, [len(column.levels) for column in task.columns]
    held, seen = split_rows(_plain_table(task), run.seed, _HELD_OUT)
    around = RowsAround(x[seen], levels, run.seed)
    rows = np.concatenate(
        [
            around.drawn(min(len(seen), _MOST_AROUND)),
            around.changes(task.answers[seen], task.ask),
        ]
    )
    said = task.ask(rows)
    beside = RowsAround(x[held], levels, run.seed + 1).drawn(len(held)) if len(held) else x[:0]
    beside_said = task.ask(beside) if len(held) else task.answers[:0]
    known = _Classes.of(task, [*said.tolist(), *beside_said.tolist()])
    weights = np.concatenate([np.ones(len(seen)), around.weights(rows)])
    every = np.concatenate([x[seen], rows])
    examples = LabelledTable(
        tuple(replace(c, values=v) for c, v in zip(task.columns, every.T, strict=True)),
        task.target,
        known.levels,
        known.places(np.concatenate([task.answers[seen], said])),
        weights,
    )
    trained = learned(
        LabelledTask(
            task.name,
            examples,
            complexity=task.complexity,
            most_conditions=task.most_conditions,
            held_out=0.0,
        ),
        run,
    )
    search: RuleSearch = trained.details
    table, fit = known.table(task), search.front[search.place]
    network = _network(task, table, fit, seen, held, known.places(task.answers), None)
    strays = network.run(_of_inputs(network, table, beside)) != known.places(beside_said)
    assert network.teacher is not None
    teacher = replace(
        network.teacher, around=len(beside), strays=int(strays.sum()), why=f"not exact: {why}"
    )
    network = replace(network, teacher=teacher)
    text = f"the answers of {task.title} to {len(seen):,} rows and {len(rows):,} around them"
    text += f" ({fit.source})"
    note = f"{task.title} is followed by its answers, not read exactly: {why}"
    return _trained(task, table, known, network, search.front, search.place, held, text, (note,))


@dataclass(frozen=True, slots=True, eq=False)
class _Classes:
    """The names of the classes that occur, in order, and the place of each class's number."""

    levels: tuple[Level, ...]
    place: dict[int, int]

    @staticmethod
    def of(task: TaughtTask, given: Sequence[int]) -> _Classes:
        labels = [] if task.labels is None else task.labels.tolist()
        used = sorted({*given, *task.answers.tolist()})
        if len(used) < 2:
            name = task.ask.levels(used)[0][0]
            raise InputError(f"the model answers {name!r:.40} everywhere: no rule is to be read")
        levels, numbers = task.ask.levels(sorted({*used, *labels}))
        return _Classes(levels, {number: k for k, number in enumerate(numbers)})

    def places(self, numbers: Places) -> Places:
        return np.array([self.place[one] for one in numbers.tolist()], dtype=np.int64)

    def fitting(self, models: Sequence[RuleModel], labels: Sequence[int]) -> list[RuleModel]:
        """The rules with these names; points that tell the only two apart, in their order."""
        points = len(self.levels) == 2 and [self.place.get(one) for one in labels] == [0, 1]
        return [one if one.limits else self._model(one) for one in models
                if points or not one.limits]  # fmt: skip

    def _model(self, model: RuleModel) -> RuleModel:
        def moved(tree: Tree) -> Tree:
            if isinstance(tree, Leaf):
                return Leaf(self.place[tree.value])
            return Split(tree.unit, moved(tree.fires), moved(tree.rests))

        return replace(model, trees=tuple(map(moved, model.trees)))

    def table(self, task: TaughtTask) -> LabelledTable:
        """The rows with the labels that were given, else with the model's."""
        y = self.places(task.answers if task.labels is None else task.labels)
        return checked_labels(replace(_plain_table(task), labels=self.levels, y=y))


def _plain_table(task: TaughtTask) -> LabelledTable:
    return LabelledTable(task.columns, task.target, (), task.answers, np.ones(len(task.answers)))


def _known_column(column: TableColumn) -> ModelColumn:
    present = column.values[~np.isnan(column.values)]
    if not len(present):
        raise InputError(f"the column {column.title!r:.60} has no value: leave it out")
    return ModelColumn(
        len(column.levels), column.missing > 0, float(present.min()), float(present.max())
    )


def _depth(tree: Tree) -> int:
    return 0 if isinstance(tree, Leaf) else 1 + max(_depth(tree.fires), _depth(tree.rests))


def _network(
    task: TaughtTask,
    table: LabelledTable,
    fit: RuleFit,
    seen: Places,
    held: Places,
    answers: Places,
    model: ExactModel | None,
) -> RuleNetwork:
    """The rules with what the rows say of them, and of how they follow the model."""
    plain = LabelledTask(task.name, table)
    if fit.model.scores is not None:
        fit = fit if task.labels is None else _as_sure(fit, table.x[seen], table.y[seen])
        network = labelled_network(plain, table, fit, seen, held)
    else:
        network = _with_shares(task, table, fit, seen, held)
    x = _of_inputs(network, table, table.x)
    differ = network.run(x[held]) != answers[held]
    common = np.bincount(answers[held], minlength=len(table.labels))
    teacher = Teacher(
        task.title,
        task.labels is not None,
        len(held),
        int(differ.sum()),
        common=int(len(held) - common.max()) if len(held) else 0,
        model=None if model is None else _of_rules(model, network, task),
    )
    network = replace(network, teacher=teacher)
    return _in_box(network, task) if isinstance(model, ReluLayers) else network


def _with_shares(
    task: TaughtTask, table: LabelledTable, fit: RuleFit, seen: Places, held: Places
) -> RuleNetwork:
    """The rules with the shares of the labels, where a model's answers alone are known of them."""
    plain = LabelledTask(task.name, table)
    if fit.probabilities and task.labels is None:
        return labelled_network(plain, table, fit, seen, held)
    kinds = len(fit.sums) if fit.sums else sum(1 for _ in leaves(fit.model.trees[0]))
    shares = ((1.0,) + (0.0,) * (len(table.labels) - 1),) * kinds
    network = labelled_network(plain, table, replace(fit, probabilities=shares), seen, held)
    x = _of_inputs(network, table, table.x)
    network = replace(network, probabilities=_shares(network, x[seen], table.y[seen]))
    return replace(
        network,
        supports=supports_of(network, x, table.y, seen, held),
        rows=known_rows(network, x, table.y, seen, held, False),
    )


def _as_sure(fit: RuleFit, x: Floats, y: Places) -> RuleFit:
    """Sums of classes that give the same labels, as sure of them as the right labels ``y`` are."""
    scores = fit.model.scores
    assert scores is not None
    sums, rows = fit.model.class_sums(x), np.arange(len(y))
    tried = [spread_out(scores, spread) for spread in _SPREADS]
    best = max(tried, key=lambda one: round(float(np.log(one.chances(sums)[rows, y]).sum()), 6))
    return replace(fit, model=replace(fit.model, scores=best))


def _in_box(network: RuleNetwork, task: TaughtTask) -> RuleNetwork:
    """The rules for the box alone that they were read in."""
    if not task.bounds:
        return replace(network, strict=True)
    titles = [column.title for column in task.columns]
    inputs = [
        replace(scalar, domain=Reals(*task.bounds[titles.index(scalar.title)]))
        for scalar in network.inputs
    ]
    return replace(network, inputs=tuple(inputs), strict=True)


def _shares(network: RuleNetwork, x: Floats, y: Places) -> tuple[tuple[float, ...], ...]:
    """The shares of the labels at each end of the rules, mixed with one row like all of them."""
    classes = len(network.output.levels)
    whole = (np.bincount(y, minlength=classes) + 1) / (len(y) + classes)
    counts = np.zeros((len(network.probabilities), classes))
    np.add.at(counts, (network.cases(x), y), 1)
    mixed = (counts + whole) / (counts.sum(axis=1, keepdims=True) + 1)
    return tuple(tuple(rounded(float(p)) for p in row) for row in mixed)


def _of_inputs(network: RuleNetwork, table: LabelledTable, x: Floats) -> Floats:
    titles = [column.title for column in table.columns]
    return x[:, [titles.index(scalar.title) for scalar in network.inputs]]


def _of_rules(model: ExactModel, network: RuleNetwork, task: TaughtTask) -> ExactModel:
    """The model over the columns that the rules read, and the others."""
    titles = [column.title for column in task.columns]
    order = [titles.index(scalar.title) for scalar in network.inputs]
    rest = [k for k in range(len(titles)) if k not in order]
    known = [_known_column(task.columns[k]) for k in rest]
    ranges = [task.bounds[k] for k in rest] if task.bounds else [(o.low, o.high) for o in known]
    others = tuple(
        OtherColumn(one.levels, one.optional, *ends)
        for one, ends in zip(known, ranges, strict=True)
    )
    return renumbered_model(model, {k: place for place, k in enumerate([*order, *rest])}, others)


def _trained(
    task: TaughtTask,
    table: LabelledTable,
    known: _Classes,
    network: RuleNetwork,
    front: Sequence[RuleFit],
    place: int,
    held: Places,
    text: str,
    notes: tuple[str, ...],
) -> Trained:
    if task.labels is not None:
        right = table.y
        given = network.run(_of_inputs(network, table, table.x))
        own = known.places(task.answers)
        some = held if len(held) else np.arange(len(right))
        where = "kept aside" if len(held) else "given"
        notes += (
            f"of the {len(some):,} labels {where} the rules give "
            f"{(given == right)[some].mean():.1%}, the model {(own == right)[some].mean():.1%}",
        )
    rows = _of_inputs(network, table, table.x)
    recorded = rows[held] if len(held) else rows
    sizes = tuple((fit.size, float(f"{fit.loss:.3g}")) for fit in front)
    details = RuleSearch(tuple(front), place, text, recorded)
    return Trained(network, front=sizes, notes=notes, details=details)
