"""Counts as bars: lines of text with a bar of classes each, and histograms of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .svg import Markup, drawing, group, number, tag, text

STYLE = """\
.fill1 { fill: var(--plus); } .fill2 { fill: var(--minus); } .fill3 { fill: var(--good); }
.fill4 { fill: var(--k); } .fill5 { fill: var(--n); } .fill6 { fill: var(--soft); }
.code { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.code { fill: var(--ink); }
.span { fill: none; stroke: var(--soft); stroke-width: 1.5; }
.figures > figure:has(svg.bars) { grid-column: 1 / -1; }
"""
"""Colours and letters of these drawings, and of the intervals of a chart."""

_CHARACTER = 7.25  # width of a character of code
_LINE, _BAR, _PAD = 20.0, 200.0, 12.0
_WIDTH, _HEIGHT, _LEFT, _TOP = 360.0, 120.0, 46.0, 18.0
_COLOURS = 6
_LONGEST = 100  # characters of a line


@dataclass(frozen=True, slots=True)
class BarLine:
    """A line of text with counts of each class, none where it has no bar, and what is said of it.

    Where ``code`` the text is drawn as code.
    """

    words: str
    counts: tuple[int, ...] = ()
    remark: str = ""
    code: bool = True


def bar_lines(title: str, lines: Sequence[BarLine], classes: Sequence[str]) -> Markup:
    """The lines from top to bottom; the longest bar is that of the most counts."""
    wide = max((min(len(line.words), _LONGEST) for line in lines), default=0) * _CHARACTER + 18
    most = max((sum(line.counts) for line in lines), default=0) or 1
    parts: list[Markup] = []
    y = _PAD
    for line in lines:
        words = line.words if len(line.words) <= _LONGEST else f"{line.words[: _LONGEST - 1]}…"
        x = (len(words) - len(words.lstrip())) * _CHARACTER  # browsers drop spaces at the begin
        parts.append(text(x, y + 4, words.lstrip(), "code" if line.code else "small"))
        if line.counts:
            parts.append(group(_stacked(line.counts, wide, y - 7, _BAR / most)))
            end = wide + sum(line.counts) * _BAR / most + 8
            parts.append(text(end, y + 4, line.remark, "small name"))
        y += _LINE
    remarks = max((len(line.remark) for line in lines), default=0) * 6.2
    return drawing(
        title,
        wide + _BAR + 16 + remarks,
        y + 14,
        *parts,
        _legend(classes, y + 6),
        class_="bars",
    )


def _stacked(counts: Sequence[int], x: float, y: float, unit: float) -> list[Markup]:
    """The parts of one bar beside each other."""
    parts = []
    for k, count in enumerate(counts):
        if count:
            width = count * unit
            parts.append(tag("rect", x=x, y=y, width=width, height=13, class_=_colour(k)))
            x += width
    return parts


def histogram(
    title: str,
    bins: Sequence[Sequence[int]],
    ends: tuple[str, str],
    limits: Sequence[tuple[float, str]],
    classes: Sequence[str],
) -> Markup:
    """Bins of counts of each class (bins, classes), and limits as lines with their names.

    A limit stands at a share of the width.
    """
    most = max((sum(counts) for counts in bins), default=0) or 1
    step = _WIDTH / max(1, len(bins))
    parts = [tag("path", d=f"M{_LEFT} {_TOP + _HEIGHT}h{number(_WIDTH)}", class_="rule")]
    parts.append(text(_LEFT - 6, _TOP + 8, f"{most:,}", "small", "end"))
    for place, counts in enumerate(bins):
        y = _TOP + _HEIGHT
        for k, count in enumerate(counts):
            if count:
                height = count * _HEIGHT / most
                y -= height
                x = _LEFT + place * step
                parts.append(
                    tag("rect", x=x, y=y, width=max(step - 1, 1), height=height, class_=_colour(k))
                )
    last = -1e9
    for share, name in sorted(limits):
        x = _LEFT + share * _WIDTH
        parts.append(tag("path", d=f"M{number(x)} {_TOP - 4}v{number(_HEIGHT + 8)}", class_="own"))
        if x - last > 7.0 * len(name):  # names would hide each other
            parts.append(text(x, _TOP - 8, name, "small", "middle"))
            last = x
    y = _TOP + _HEIGHT + 16
    parts.append(text(_LEFT, y, ends[0], "small"))
    parts.append(text(_LEFT + _WIDTH, y, ends[1], "small", "end"))
    legend = _legend(classes, y + 22)
    return drawing(title, _LEFT + _WIDTH + 30, y + 30, *parts, legend, class_="chart")


def _legend(classes: Sequence[str], y: float) -> Markup:
    """The colours of the classes; the last one is that of all others."""
    entries = list(classes[:_COLOURS])
    if len(classes) > _COLOURS:
        entries[-1] = "others"
    parts, x = [], 0.0
    for k, name in enumerate(entries):
        words = name if len(name) <= 24 else f"{name[:23]}…"
        parts.append(tag("rect", x=x, y=y - 9, width=10, height=10, class_=_colour(k)))
        parts.append(text(x + 15, y, words, "small"))
        x += 28 + 6.6 * len(words)
    return group(parts)


def _colour(k: int) -> str:
    return f"fill{min(k, _COLOURS - 1) + 1}"
