"""A table with labels to be told by rules: what was handed over, and what is learned from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...data.copies import copied_rows
from ...data.labelled import LabelledTable, checked_labels
from ...data.running import Run
from ...ir.rounding import rounded
from ..protocol import Trained
from .counts import column_counts
from .lift import DecisionSize
from .network import Floats, LabelledRows, Places, RuleNetwork, Support, band_of
from .rows import each_once, read_rows, refuse_limits, split_rows

if TYPE_CHECKING:
    from ...learn.rules.rows import RuleFit

_DOUBT = 0.025
_LEAST = 1e-6  # probability that a label is given


@dataclass(frozen=True, slots=True, eq=False)
class LabelledTask:
    """A table of labels, and how its rules are to be learned.

    ``complexity`` chooses the largest program of the front that is no larger; None lets held-out
    loss and length choose. ``monotone`` has +1, -1 or 0 a column: labels may only go up, or down,
    where it grows. A ``strict`` solver refuses what lies outside the ranges of the table. The share
    ``held_out`` of the rows judges and is not learned from.
    """

    name: str
    table: LabelledTable
    strict: bool = False
    complexity: int | None = None
    most_conditions: int | None = None
    balanced: bool = False
    monotone: tuple[int, ...] = ()
    held_out: float = 0.25

    def __post_init__(self) -> None:
        refuse_limits(self.complexity, self.most_conditions)


@dataclass(frozen=True, slots=True)
class RecalledLabels:
    """What a certificate tells of a table of labels: its name."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class RuleSearch:
    """What a search knows besides the rules: the front and the place of the one taken."""

    front: tuple[RuleFit, ...]
    place: int
    learned_from: str
    recorded: Floats
    """Rows (rows, inputs) of which a few are recorded."""


def learned(task: LabelledTask, run: Run) -> Trained:
    """The rules of a table; one row in four is held out and judges.

    Raises :class:`InputError` for unusable input.
    """
    from ...learn.rules.learn import chosen, learn_rules
    from ...learn.rules.rows import RuleRows, RuleSettings

    table = checked_labels(task.table)
    held, seen = split_rows(table, run.seed, task.held_out)
    groups = None if table.groups is None else table.groups[seen]
    own = table.y[seen]
    x, y, weights, groups = each_once(table.x[seen], own, table.weights[seen], groups, own)
    rows = RuleRows(
        x,
        tuple(len(column.levels) for column in table.columns),
        y,
        len(table.labels),
        weights,
        table.ordered,
        groups,
        task.monotone,
    )
    optional = tuple(column.missing > 0 for column in table.columns)
    size = DecisionSize(rows.levels, optional)
    settings = RuleSettings(size, task.complexity, task.most_conditions, task.balanced)
    front = learn_rules(rows, settings, run)
    place = chosen(front, rows)
    network = labelled_network(task, table, front[place], seen, held)
    count = len(table.columns)
    text = f"{len(seen):,} rows of {count} column{'' if count == 1 else 's'}"
    text += f" ({front[place].source})"
    recorded = _rows_of(network, table, held)
    copied = copied_rows(table.x, table.y, held, seen)
    return Trained(
        network,
        front=tuple((fit.size, float(f"{fit.loss:.3g}")) for fit in front),
        notes=(*table.notes, *(f"not known is {one}" for one in copied)),
        details=RuleSearch(front, place, text, recorded),
    )


def taken(task: LabelledTask, trained: Trained, run: Run, place: int) -> Trained:
    """The same search with another program of its front."""
    search: RuleSearch = trained.details
    held, seen = split_rows(task.table, run.seed, task.held_out)
    network = labelled_network(task, task.table, search.front[place], seen, held)
    recorded = _rows_of(network, task.table, held)
    return replace(
        trained, network=network, details=replace(search, place=place, recorded=recorded)
    )


def labelled_network(
    task: LabelledTask, table: LabelledTable, fit: RuleFit, seen: Places, held: Places
) -> RuleNetwork:
    """The rules over the columns that they read, and what the rows say of them.

    Sums of points that no row can have have no place there.
    """
    from ...learn.rules.reach import reachable_sums

    known = set(reachable_sums(fit.model)) if fit.sums else set()
    kept = [k for k, total in enumerate(fit.sums) if total in known]
    ends = [fit.probabilities[k] for k in kept] if fit.sums else fit.probabilities
    read = read_rows(table, fit.model, table.labels)
    network = RuleNetwork(
        read.inputs,
        read.output,
        read.model,
        tuple(tuple(rounded(p) for p in row) for row in ends),
        tuple(fit.sums[k] for k in kept),
        (),
        LabelledRows(0, 0, 0, 0, (), 0.0, 0.0, 0.0, 0.0),
        task.strict,
        read.layout,
    )
    x = read.x
    if network.model.scores is not None:
        network = replace(network, probabilities=_means(network, x, seen, held))
    rows = known_rows(network, x, table.y, seen, held, task.balanced)
    return replace(
        network,
        supports=supports_of(network, x, table.y, seen, held),
        rows=replace(rows, columns=column_counts(network, x, table.y)),
    )


def _means(
    network: RuleNetwork, x: Floats, seen: Places, held: Places
) -> tuple[tuple[float, ...], ...]:
    """The mean chances of the rows of each end: those held out, else those learned from.

    Where no row comes the label has the least chance of its band, and all others are alike.
    """
    chances, cases, answers = network.chances(x), network.cases(x), network.answers
    count = len(network.output.levels)
    means = []
    for end, answer in enumerate(answers):
        share = max(1 / count, band_of(end)[1])
        mean = np.full(count, (1 - share) / (count - 1))
        mean[answer] = share
        for some in (held, seen):
            here = some[cases[some] == end]
            if len(here):
                mean = chances[here].mean(axis=0)
                break
        means.append(tuple(rounded(p) for p in mean.tolist()))
    return tuple(means)


def supports_of(
    network: RuleNetwork, x: Floats, y: Places, seen: Places, held: Places
) -> tuple[Support, ...]:
    cases = network.cases(x)
    kinds, classes = len(network.probabilities), len(network.output.levels)
    counts = []
    for some in (seen, held):
        tally = np.zeros((kinds, classes), dtype=np.int64)
        np.add.at(tally, (cases[some], y[some]), 1)
        counts.append([tuple(row) for row in tally.tolist()])
    return tuple(Support(*pair) for pair in zip(*counts, strict=True))


def known_rows(
    network: RuleNetwork, x: Floats, y: Places, seen: Places, held: Places, balanced: bool
) -> LabelledRows:
    """What the rows (rows, inputs) with these labels say of the rules.

    Rules that were learned with ``balanced`` classes are compared with shares that are alike, too:
    beside the shares as they are their probabilities would look like an error.
    """
    from scipy.stats import t as student_t

    answers, classes = network.run(x), len(network.output.levels)
    probabilities = network.chances(x)
    counts = np.bincount(y[seen], minlength=classes)
    weights = 1 / np.maximum(counts, 1)[y] if balanced else np.ones(len(y))
    shares = np.bincount(y[seen], weights[seen], classes) / weights[seen].sum()
    own = -np.log(np.maximum(probabilities[np.arange(len(y)), y], _LEAST))
    plain = -np.log(np.maximum(shares[y], _LEAST))
    judged = held if len(held) else seen
    # so many rows of one weight tell as much (Kish 1965)
    effective = float(weights.sum()) ** 2 / float((weights**2).sum())
    nats = effective * float(np.average(own, weights=weights))
    weights = weights / weights[judged].mean()
    own_here, plain_here = ((weights * loss)[judged] for loss in (own, plain))
    saved = plain_here - own_here
    least = -1e9
    if len(held) > 1:
        error = float(saved.std(ddof=1)) / len(saved) ** 0.5
        least = float(saved.mean()) - float(student_t.ppf(1 - _DOUBT, len(saved) - 1)) * error
    return LabelledRows(
        len(seen),
        int((answers[seen] != y[seen]).sum()),
        len(held),
        int((answers[held] != y[held]).sum()),
        tuple(np.bincount(y, minlength=classes).tolist()),
        rounded(float(own_here.mean())),
        rounded(float(plain_here.mean())),
        rounded(least),
        rounded(nats),
        balanced,
    )


def _rows_of(network: RuleNetwork, table: LabelledTable, some: Places) -> Floats:
    titles = [column.title for column in table.columns]
    places = [titles.index(scalar.title) for scalar in network.inputs]
    return table.x[:, places][some if len(some) else slice(None)]
