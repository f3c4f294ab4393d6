"""How good rules are: which labels are taken for which, what their probabilities are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...drawing.chart import xy_chart
from ...drawing.parts import Figure, Part, PartTable
from ...target.label_source import decision_nodes
from ..subject import Subject
from .lift import lift_rules
from .network import Floats, Places, RuleNetwork
from .support import interval, labels_of

_MOST_CLASSES = 12
_BINS = 10


def quality(subject: Subject) -> list[Part]:
    """The confusion, the reliability, the front, the classes and the errors."""
    network: RuleNetwork = subject.network
    parts: list[Part] = [_confusion(network), *_reliability(network)]
    if len(subject.record.front) > 1:
        parts += _front(network, subject.record.front)
    return [*parts, *_errors(network)]


def confusion(network: RuleNetwork) -> Places:
    """Rows (own label, given label): those held out, or where there are none those learned from."""
    classes = len(network.output.levels)
    matrix = np.zeros((classes, classes), dtype=np.int64)
    for answer, counts in zip(network.answers, _counts(network), strict=True):
        matrix[:, answer] += counts
    return matrix


def _counts(network: RuleNetwork) -> Places:
    """Rows of each class behind each end, (ends, classes)."""
    held = network.rows.untouched > 0
    rows = [one.untouched if held else one.learned for one in network.supports]
    return np.array(rows, dtype=np.int64).reshape(len(rows), -1)


def _which(network: RuleNetwork) -> str:
    return "held out" if network.rows.untouched else "learned from (none were held out)"


def _confusion(network: RuleNetwork) -> PartTable:
    names, matrix = labels_of(network), confusion(network)
    caption = f"Rows {_which(network)}, by their own label (down) and by the rules' (across)"
    classes = np.argsort(-matrix.sum(axis=1), kind="stable")[:_MOST_CLASSES]
    cut = len(classes) < len(names)
    if cut:
        caption += f"; the {_MOST_CLASSES} commonest of {len(names)} labels"
    classes = np.sort(classes)
    rows = []
    for k in classes.tolist():
        right = f"{100 * matrix[k, k] / total:.0f} %" if (total := int(matrix[k].sum())) else ""
        others = matrix[k].sum() - matrix[k, classes].sum()
        cells = [f"{n:,}" for n in (*matrix[k, classes].tolist(), *[int(others)] * cut)]
        rows.append((names[k], *cells, right))
    head = [network.output.title, *(names[k] for k in classes.tolist()), *["others"] * cut, "right"]
    return PartTable(caption, tuple(head), tuple(rows))


@dataclass(frozen=True, slots=True)
class Bin:
    """What is said with about one probability: its mean, and how many of the rows hold it true."""

    said: float
    hits: float
    rows: float


def reliability(network: RuleNetwork) -> list[Bin]:
    """What the probabilities say, and the share of rows that have the label.

    Of two labels the second one counts, of more each; where all classes were balanced the rows are
    weighted as they were.
    """
    counts = _counts(network).astype(np.float64)
    if network.rows.balanced:
        counts /= np.maximum(1, np.array(network.rows.labels))
        counts *= _counts(network).sum() / max(counts.sum(), 1e-300)
    shares = np.array(network.probabilities, dtype=np.float64).reshape(counts.shape)
    total = np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape)
    some = slice(1 if len(network.output.levels) == 2 else 0, None)
    said, hits, rows = (part[:, some].ravel() for part in (shares, counts, total))
    return [
        Bin(
            float(np.average(said[here], weights=rows[here])),
            float(hits[here].sum()),
            float(rows[here].sum()),
        )
        for here in _bins(said, rows)
    ]


def _bins(said: Floats, rows: Floats) -> list[Places]:
    """The places of equal probabilities, or of like ones where there are many."""
    there = np.flatnonzero(rows > 0)
    values = np.unique(said[there])
    if len(values) <= _BINS:
        return [there[said[there] == value] for value in values]
    places = np.minimum((said[there] * _BINS).astype(np.int64), _BINS - 1)
    return [there[places == k] for k in range(_BINS) if (places == k).any()]


def _reliability(network: RuleNetwork) -> list[Part]:
    bins = reliability(network)
    if not bins:
        return []
    names = labels_of(network)
    of = f"of {names[1]}" if len(names) == 2 else "of each label"
    points = [(one.said, one.hits / one.rows) for one in bins]
    spans = []
    if len(names) == 2 and not network.rows.balanced:  # else the rows are not so many draws
        spans = [(b.said, *interval(round(b.hits), round(b.rows))) for b in bins]
    total = sum(one.rows for one in bins)
    error = sum(abs(one.hits - one.rows * one.said) for one in bins) / total
    title = (
        f"Probabilities {of}, and the shares of the rows {_which(network)} that have it"
        f"{', with 95 % intervals' if spans else ''}"
        f"{', all labels counted alike' if network.rows.balanced else ''}; "
        f"they are apart by {error:.2g} on average (expected calibration error)"
    )
    line = [(0.0, 0.0), (1.0, 1.0)]
    return [Figure(xy_chart(title, "probability", "share", points, line, spans), title)]


def _front(network: RuleNetwork, front: Sequence[tuple[int, float]]) -> list[Part]:
    """The rules that could have been taken, and those that were."""
    own = decision_nodes(lift_rules(network, network.output.name))
    points = [(float(size), loss) for size, loss in front]
    title = (
        "Log loss (nats a row, on folds held out in turn) against size (nodes of Python's syntax "
        "tree) of the rules that no smaller ones beat"
    )
    rows = tuple(
        (f"{size:,}", f"{loss:.3g}", "taken" if size == own else "") for size, loss in front
    )
    table = PartTable("Rules that could be taken: --max-complexity takes others",
                      ("size", "log loss", ""), rows)  # fmt: skip
    return [Figure(xy_chart(title, "size", "log loss", points, points), title), table]


def _errors(network: RuleNetwork) -> list[Part]:
    known = network.rows
    rows = tuple(
        (name, f"{count:,}") for name, count in zip(labels_of(network), known.labels, strict=True)
    )
    errors = (
        ("rows learned from", f"{known.missed:,} of {known.count:,} wrong"),
        ("rows held out", f"{known.wrong:,} of {known.untouched:,} wrong"),
        ("log loss a row", f"{known.loss:.3g}"),
        ("log loss of the classes' shares", f"{known.plain:.3g}"),
    )
    return [
        PartTable("The classes", (network.output.title, "Rows"), rows),
        PartTable("The errors", ("Of", "Figure"), errors),
    ]
