"""Rules in a report: the rows behind each of their ends, the columns, what changes a label."""

from __future__ import annotations

from collections.abc import Sequence

from ...drawing.bars import BarLine, bar_lines, histogram
from ...drawing.parts import Figure, Part, PartTable, counted
from ...drawing.svg import short
from ...ir.types import Scalar
from ...target.label_source import decision_lines, lines_to_ends
from ...units.rules import Below, used_units
from ...verify.evidence import in_digits
from ..subject import Subject
from .changes import changed_labels
from .counts import place_of
from .lift import lift_cases, lift_rules
from .network import ColumnCounts, RuleNetwork
from .quality import quality as quality
from .support import between, end_name, labels_of

_MOST_LINES = 60
_MOST_COLUMNS = 8
_MOST_LEVELS = 14


def scenes(subject: Subject) -> list[Part]:
    """The rules with their support, the columns with their limits, single values that matter."""
    network: RuleNetwork = subject.network
    parts: list[Part] = [_rules(network)]
    columns = network.rows.columns
    for scalar, counts in list(zip(network.inputs, columns, strict=False))[:_MOST_COLUMNS]:
        parts.append(_column(network, scalar, counts))
    return [*parts, *_changes(network)]


def _rules(network: RuleNetwork) -> Figure:
    """The lines of ``probability``, a bar of all rows and what was held out behind each end."""
    names = labels_of(network)
    if network.model.scores is not None:
        return _sums(network, names)
    given = lines_to_ends(lift_cases(network, network.output.name))
    last = {place: k for k, (_, place) in enumerate(given)}
    lines = [
        BarLine(words) if place is None else _end(network, names, words, place, k == last[place])
        for k, (words, place) in enumerate(given)
    ]
    more = len(lines) - _MOST_LINES
    if more > 0:
        lines[_MOST_LINES:] = [BarLine(f"… and {counted(more, 'line')} more", code=False)]
    title = (
        f"The rules with the probability of the likeliest {network.output.title}; the bars are all "
        "rows that come there, by their own label"
    )
    return Figure(bar_lines(title, lines, names), title)


def _sums(network: RuleNetwork, names: Sequence[str]) -> Figure:
    """The lines of the function, and a bar of all rows for each label and band of its chance."""
    lines = [BarLine(line) for line in decision_lines(lift_rules(network, network.output.name))]
    for place, support in enumerate(network.supports):
        if any((*support.learned, *support.untouched)):
            words = f"{end_name(network, place)}: "
            lines.append(_end(network, names, words, place, True))
    title = (
        f"The score of each {network.output.title}, and the labels by their probability; the bars "
        "are all rows that get them, by their own label"
    )
    return Figure(bar_lines(title, lines, names), title)


def _end(
    network: RuleNetwork, names: Sequence[str], indent: str, place: int, counts: bool
) -> BarLine:
    """A line for an end; its rows stand at the last one of it, which alone ``counts``."""
    shares, support = network.probabilities[place], network.supports[place]
    best = max(range(len(names)), key=lambda c: shares[c])
    both = tuple(a + b for a, b in zip(support.learned, support.untouched, strict=True))
    remark = counted(sum(both), "row")
    if held := sum(support.untouched):
        right = support.untouched[best]
        remark = f"{remark}; {right} of {held} held out ({between(right, held)})"
    words = f"{indent}{names[best]} {in_digits(shares[best])}"
    return BarLine(words, both, remark) if counts else BarLine(words)


def _column(network: RuleNetwork, scalar: Scalar, counts: ColumnCounts) -> Figure:
    """The rows of each class along a column, and the limits that the rules have there."""
    name, names = scalar.title or scalar.name, labels_of(network)
    gone = sum(counts.missing)
    rest = f"; {counted(gone, 'row')} without a value" if gone else ""
    if scalar.levels:
        title = f"{name}: rows with each value{rest}"
        lines = [
            BarLine(str(level), row, counted(sum(row), "row"))
            for level, row in zip(scalar.levels, counts.bins, strict=True)
        ]
        lines.sort(key=lambda line: -sum(line.counts))
        if len(lines) > _MOST_LEVELS:
            few = [line.counts for line in lines[_MOST_LEVELS - 1 :]]
            both = tuple(map(sum, zip(*few, strict=True)))
            lines[_MOST_LEVELS - 1 :] = [
                BarLine(f"{len(few)} more", both, counted(sum(both), "row"), code=False)
            ]
        return Figure(bar_lines(title, lines, names), title)
    units = used_units(network.model)
    place = network.inputs.index(scalar)
    limits = sorted({u.limit for u in units if isinstance(u, Below) and u.column == place})
    marks = [
        (place_of(limit, scalar, counts.scale, len(counts.bins)), _number(limit))
        for limit in limits
    ]
    title = f"{name}: rows along its range{_limits_in_words(limits)}{rest}"
    if counts.scale == "geometric":
        title += "; each bin's end is the same multiple of its begin"
    ends = (_number(scalar.domain.low), _number(scalar.domain.high))
    return Figure(histogram(title, counts.bins, ends, marks, names), title)


def _limits_in_words(limits: Sequence[float]) -> str:
    if not limits:
        return ""
    return f", and the limit{'' if len(limits) == 1 else 's'} {', '.join(map(_number, limits))}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else short(value)


def _changes(network: RuleNetwork) -> list[Part]:
    """What one value decides in typical rows."""
    parts: list[Part] = []
    for label, row, changes in changed_labels(network):
        text = ", ".join(f"{name} {value}" for name, value in row)
        rows = [(one.name, one.before, one.after, one.label) for one in changes]
        head = ("Column", "From", "To", network.output.title or network.output.name)
        words = f"A row with typical values ({text}) gets {label}"
        if rows:
            caption = f"{words}; which single value would change that, the least change first"
            parts.append(PartTable(caption, head, tuple(rows)))
        else:
            none = (("none", "", "", label),)
            parts.append(PartTable(f"{words}; no single value changes that", head, none))
    return parts
