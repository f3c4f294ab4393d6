"""Rows of numbers under each other, as many columns as there are items or steps."""

from __future__ import annotations

from typing import Any

from .svg import Markup, drawing, tag, text


def number_tracks(
    title: str,
    tracks: dict[str, Any],
    bars: bool = False,
    below: dict[str, Any] | None = None,
) -> Markup:
    """Rows of numbers under each other; values are shaded by their size within a row."""
    longest = max((len(str(v)) for row in tracks.values() for v in row), default=1)
    wide = max(24, 7 * longest + 8)
    left = 6.6 * max(map(len, tracks)) + 12
    parts: list[Markup] = []
    y = 0.0
    for name, row in tracks.items():
        tall = 56 if bars and not parts else 24
        low = min(0, *row) if tall == 24 else min(row) - 0.3 * (max(row) - min(row) or 1)
        top = max(max(row), -low) if tall == 24 else max(row) - low
        parts.append(text(0, y + tall - 8, name, "t name"))
        for j, value in enumerate(row):
            x = left + j * wide
            parts.append(tag("rect", x=x, y=y, width=wide - 2, height=tall - 2, class_="field"))
            if value:
                sign = "plus" if value > 0 else "minus"
                share = abs(value) / top if tall == 24 else (value - low) / top
                high = (tall - 2) * share if tall > 24 else tall - 2
                parts.append(tag("rect", x=x, y=y + tall - 2 - high, width=wide - 2, height=high,
                                 class_=f"wash {sign}",
                                 opacity=0.25 if tall > 24 else 0.1 + 0.25 * share))  # fmt: skip
            parts.append(text(x + wide / 2 - 1, y + tall - 8, value, "t", "middle"))
        y += tall + 4
    for name, value in (below or {}).items():
        words = str(value)
        parts.append(text(0, y + 14, f"{name} = {words[:60]}{'…' if len(words) > 60 else ''}"))
        y += 20
    count = max((len(row) for row in tracks.values()), default=0)
    lengths = [len(name) + 3 + min(61, len(str(v))) for name, v in (below or {}).items()]
    longest_below = 6.9 * max(lengths, default=0)
    return drawing(title, max(left + count * wide, longest_below), y, *parts, class_="example")
