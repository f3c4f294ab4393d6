"""Charts of few lines and points, drawn by hand: no library, the same bytes always."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from .svg import Markup, drawing, group, number, short, tag, text

_WIDTH, _HEIGHT, _LEFT, _TOP = 360.0, 190.0, 46.0, 14.0


def line_chart(
    title: str, places: Sequence[str], rows: Sequence[tuple[str, Sequence[float]]]
) -> Markup:
    """Shares from 0 to 1 over named places; the lines are told apart by dash and mark too."""
    step = _WIDTH / max(1, len(places) - 1) if len(places) > 1 else 0.0

    def x(k: int) -> float:
        return _LEFT + (k * step if step else _WIDTH / 2)

    parts = _axis([(f"{share} %", _TOP + _HEIGHT * (1 - share / 100)) for share in (0, 50, 100)])
    for k, place in enumerate(places):
        anchor = "middle" if 0 < k < len(places) - 1 else ("start" if not k else "end")
        parts.append(text(x(k), _TOP + _HEIGHT + 18, place, "small", anchor))
    for r in reversed(range(len(rows))):
        points = [(x(k), _TOP + _HEIGHT * (1 - share)) for k, share in enumerate(rows[r][1])]
        path = "M" + "L".join(f"{number(a)} {number(b)}" for a, b in points)
        parts.append(tag("path", d=path, class_=f"line l{r}"))
        parts += [_mark(a, b, r) for a, b in points]
    y = _TOP + _HEIGHT + 44
    for r, (name, _) in enumerate(rows):
        parts.append(tag("path", d=f"M{_LEFT} {y - 4}h26", class_=f"line l{r}"))
        parts.append(_mark(_LEFT + 13, y - 4, r))
        parts.append(text(_LEFT + 34, y, name, "small"))
        y += 18
    return drawing(title, _LEFT + _WIDTH + 12, y - 4, group(parts), class_="chart")


def _axis(ticks: Sequence[tuple[str, float]]) -> list[Markup]:
    parts = []
    for word, y in ticks:
        parts.append(tag("path", d=f"M{_LEFT} {number(y)}h{number(_WIDTH)}", class_="rule"))
        parts.append(text(_LEFT - 6, y + 4, word, "small", "end"))
    return parts


def _mark(x: float, y: float, r: int) -> Markup:
    match r:
        case 0:
            return tag("circle", cx=x, cy=y, r=4, class_="mark l0")
        case 1:
            return tag("rect", x=x - 3.5, y=y - 3.5, width=7, height=7, class_="mark l1")
        case _:
            d = f"M{number(x)} {number(y - 5)}l5 9h-10z"
            return tag("path", d=d, class_=f"mark l{r}")


def _share(value: float, low: float, high: float) -> float:
    """How far along from low to high, by halves: their distance may overflow."""
    span = high / 2 - low / 2
    return (value / 2 - low / 2) / span if span else 0.0


def xy_chart(
    title: str,
    across: str,
    up: str,
    points: Sequence[tuple[float, float]] = (),
    curve: Sequence[tuple[float, float | None]] = (),
    spans: Sequence[tuple[float, float, float]] = (),
) -> Markup:
    """Points and a curve (None breaks it) over two linear axes with their ends named.

    ``spans`` (place, low, high) are intervals, drawn upright.
    """
    every = (*points, *curve, *((a, end) for a, *ends in spans for end in ends))
    known = [(a, b) for a, b in every if b is not None and isfinite(b)]
    if not known:
        return drawing(title, 120, 20, text(0, 14, "nothing to draw", "small"))
    left, right = min(a for a, _ in known), max(a for a, _ in known)
    low, high = min(b for _, b in known), max(b for _, b in known)

    def place(a: float, b: float) -> tuple[float, float]:
        return (
            _LEFT + 20 + _WIDTH * _share(a, left, right),
            _TOP + _HEIGHT * (1 - _share(b, low, high)),
        )

    parts = [
        tag("path", d=f"M{_LEFT + 20} {_TOP}v{_HEIGHT}h{_WIDTH}", class_="rule"),
        text(_LEFT + 14, _TOP + 6, short(high), "small", "end"),
        text(_LEFT + 14, _TOP + _HEIGHT, short(low), "small", "end"),
        text(_LEFT + 20, _TOP + _HEIGHT + 18, short(left), "small"),
        text(_LEFT + 20 + _WIDTH, _TOP + _HEIGHT + 18, short(right), "small", "end"),
        text(_LEFT + 20 + _WIDTH / 2, _TOP + _HEIGHT + 18, across, "small name", "middle"),
        text(_LEFT + 28, _TOP + 6, up, "small name"),
    ]
    path, pen = "", "M"
    for a, value in curve:
        if value is None or not isfinite(value):
            pen = "M"
            continue
        x, y = place(a, value)
        path += f"{pen}{number(x)} {number(y)}"
        pen = "L"
    if path:
        parts.append(tag("path", d=path, class_="line l0"))
    for a, least, most in spans:
        (x, y), (_, top) = place(a, least), place(a, most)
        d = f"M{number(x)} {number(y)}V{number(top)}"
        parts.append(tag("path", d=d, class_="span"))
    for a, b in points:
        if isfinite(b):
            x, y = place(a, b)
            parts.append(tag("circle", cx=x, cy=y, r=2.5, class_="mark l1"))
    return drawing(title, _LEFT + _WIDTH + 40, _TOP + _HEIGHT + 28, *parts, class_="chart")
