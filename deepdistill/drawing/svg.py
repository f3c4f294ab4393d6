"""Drawings as inline SVG: few shapes, colours by class, all text escaped, the same bytes always.

Colours are CSS classes, so that the page's light and dark themes hold for drawings as well.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TypeAlias

Number: TypeAlias = int | float


class Markup(str):
    """HTML or SVG that is already escaped; Jinja2 puts it into a page as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def escaped(text: object) -> Markup:
    """Any text, safe between tags and in quotes; characters that XML forbids become spaces."""
    plain = "".join(char if char.isprintable() or char == "\n" else " " for char in str(text))
    return Markup(html.escape(plain, quote=True))


def number(value: Number) -> str:
    """At most two decimals, without trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def tag(name: str, *children: str, **attributes: str | Number) -> Markup:
    """An element; children that are no :class:`Markup` are escaped.

    Attribute names lose a trailing underscore, and have hyphens for the others.
    """
    words = [name]
    for key, value in attributes.items():
        text = number(value) if isinstance(value, int | float) else value
        words.append(f'{key.rstrip("_").replace("_", "-")}="{escaped(text)}"')
    inner = "".join(c if isinstance(c, Markup) else escaped(c) for c in children)
    opened = " ".join(words)
    return Markup(f"<{opened}>{inner}</{name}>" if inner else f"<{opened}/>")


def group(children: Iterable[str], x: Number = 0, y: Number = 0, **attributes: str) -> Markup:
    """Shapes moved together."""
    if x or y:
        attributes["transform"] = f"translate({number(x)} {number(y)})"
    return tag("g", *children, **attributes)


def text(x: Number, y: Number, words: object, class_: str = "t", anchor: str = "start") -> Markup:
    """One line of text, ``y`` at its baseline; ``class_`` says size and colour."""
    if anchor == "start":
        return tag("text", str(words), x=x, y=y, class_=class_)
    return tag("text", str(words), x=x, y=y, class_=class_, text_anchor=anchor)


def drawing(
    title: str, width: Number, height: Number, *children: str, class_: str = "", style: str = ""
) -> Markup:
    """A whole drawing, with a title for those who cannot see it."""
    more = {key: word for key, word in (("class_", class_), ("style", style)) if word}
    return tag(
        "svg",
        tag("title", title),
        *children,
        role="img",
        aria_label=title,
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        **more,
    )


def cells(rows: Sequence[Sequence[int]], values: Sequence[int], side: Number = 1) -> Markup:
    """The cells of a grid, one path for each value that is not the first of ``values``.

    The k-th value gets the class ``sk``; runs of equal cells in a row become one stroke.
    """
    paths = []
    for k, value in enumerate(values):
        if k == 0:
            continue
        strokes = "".join(
            f"M{start} {i}.5h{length}"
            for i, row in enumerate(rows)
            for start, length in _runs(row, value)
        )
        if strokes:
            paths.append(tag("path", d=strokes, class_=f"cell s{(k - 1) % 6 + 1}"))
    if side == 1:
        return group(paths)
    return group(paths, transform=f"scale({number(side)})")


def _runs(row: Sequence[int], value: int) -> list[tuple[int, int]]:
    """Where runs of a value start, and how long they are."""
    runs: list[tuple[int, int]] = []
    for j, cell in enumerate(row):
        if cell != value:
            continue
        if runs and sum(runs[-1]) == j:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((j, 1))
    return runs


def framed(width: Number, height: Number) -> Markup:
    """The paper of a grid: a quiet rectangle with a thin border."""
    return tag("rect", x=0, y=0, width=width, height=height, class_="field")


def short(value: float) -> str:
    """A weight as a person writes it: three digits that count."""
    return str(int(value)) if value == int(value) and abs(value) < 1e6 else f"{value:.3g}"
