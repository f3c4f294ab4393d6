"""The parts of a page that the template lays out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .svg import Markup


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing (or several) with a caption."""

    body: Markup
    caption: str
    is_table: Literal[False] = False


@dataclass(frozen=True, slots=True)
class PartTable:
    """A table: the first cell of a row names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_table: Literal[True] = True


@dataclass(frozen=True, slots=True)
class Notation:
    """What stands in place of a drawing for a formula: equations as MathML, their LaTeX source."""

    equations: tuple[Markup, ...]
    latex: str


Part: TypeAlias = Figure | PartTable


def plain(value: Any) -> Any:
    """Nested lists of plain numbers for a solver, whatever arrays there were."""
    return value.tolist() if hasattr(value, "tolist") else value


def in_words(size: Sequence[int]) -> str:
    """``10 × 10``."""
    return " × ".join(f"{n:,}" for n in size)


def counted(number: int, what: str) -> str:
    """``1 weight``, ``2,000 weights``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
