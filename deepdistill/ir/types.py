"""Axes, domains and ports: what the arrays of a problem, network or program look like."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

AxisKind = Literal["grid", "set", "sequence", "fixed"]
Level: TypeAlias = str | bool | int | float
"""What a column of text, or of truths, may hold; a class may be a whole number, a step any one."""


MISSING = (
    *("", "na", "nan", "null", "none", "?", "n/a", "#n/a", "#null!"),
    *("#div/0!", "#value!", "#ref!", "#name?", "#num!"),  # of spreadsheets
)
"""What the cell of a table says, in small letters, where there is no value."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One dimension of an array and the symmetry that says which weights are shared along it.

    ``grid`` axes are translation invariant (``wrap``: the last cell is next to the first one;
    otherwise a read outside the array gives 0), ``set`` axes are permutation invariant,
    ``sequence`` axes run in one direction, ``fixed`` axes have no symmetry and a constant ``size``.
    """

    kind: AxisKind
    wrap: bool = False
    size: int | None = None

    def __str__(self) -> str:
        match self.kind:
            case "grid":
                return "grid(wrap)" if self.wrap else "grid"
            case "fixed":
                return f"fixed({self.size})" if self.size is not None else "fixed"
            case _:
                return self.kind


_AXIS = re.compile(r"(grid|set|sequence|fixed)(?:\((wrap|bounded|[0-9]{1,9})\))?")


def parse_axes(text: str) -> tuple[Axis, ...]:
    """Read ``"grid(wrap) grid(wrap)"``; raise ``ValueError`` with a sentence otherwise."""
    axes = []
    for word in text.split():
        match = _AXIS.fullmatch(word)
        kind, option = match.groups() if match else (None, None)
        if kind == "grid" and (option is None or not option.isdigit()):
            axes.append(Axis("grid", wrap=option == "wrap"))
        elif kind == "fixed" and (option is None or option.isdigit()):
            axes.append(Axis("fixed", size=int(option) if option else None))
        elif kind in ("set", "sequence") and option is None:
            axes.append(Axis(kind))  # type: ignore[arg-type]
        else:
            raise ValueError(
                f"cannot read the axis {word[:40]!r}: use grid(wrap), grid(bounded), set, sequence "
                "or fixed(SIZE), one word for each axis, separated by spaces"
            )
    if not axes:
        raise ValueError('no axes given: name one for each dimension, for example "grid(wrap)"')
    return tuple(axes)


@dataclass(frozen=True, slots=True)
class Integers:
    """The integers from ``low`` to ``high``, both included."""

    low: int
    high: int

    def __len__(self) -> int:
        return self.high - self.low + 1

    @property
    def values(self) -> range:
        return range(self.low, self.high + 1)

    @property
    def is_bits(self) -> bool:
        return self.low == 0 and self.high == 1


@dataclass(frozen=True, slots=True)
class Port:
    """A named input or output array: its axes, none for one number, and the values it may hold.

    ``symbols`` are what its users write for the values 0, 1, … where they write others: integers,
    the characters of a text along its one axis, or without axes the names of classes.
    """

    name: str
    axes: tuple[Axis, ...]
    domain: Integers
    symbols: tuple[int | str, ...] = ()

    def __str__(self) -> str:
        axes = " ".join(map(str, self.axes))
        text = f"{self.name}: {axes} of {self.domain.low}..{self.domain.high}"
        symbols = ", ".join(
            json.dumps(one) if isinstance(one, str) else str(one) for one in self.symbols
        )
        comma = "," if len(self.symbols) == 1 else ""
        return f"{text} as ({symbols}{comma})" if self.symbols else text

    @property
    def is_text(self) -> bool:
        """Whether its users write characters, or names of classes."""
        return any(isinstance(symbol, str) for symbol in self.symbols)

    @property
    def written(self) -> Sequence[int | str]:
        """The values as users write them, in order."""
        return self.symbols or self.domain.values

    @property
    def channels(self) -> int:
        """How many numbers an element of a sequence has."""
        return self.axes[1].size or 1 if len(self.axes) > 1 else 1

    @property
    def is_fixed(self) -> bool:
        """Whether every axis has a constant size: each position has a meaning of its own."""
        return all(axis.kind == "fixed" for axis in self.axes)


@dataclass(frozen=True, slots=True)
class Reals:
    """The real numbers from ``low`` to ``high``, both included: where a formula was sampled."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scalar:
    """A named real number, an input or the output of a formula.

    ``title`` is what its users call it: the column's own name. Where its users write texts, or True
    and False, or where an output is the name of a class, these are its ``levels``, and the numbers
    0, 1, … stand for them. An ``optional`` one may be missing: not a number here, None outside.
    Levels of an ``open`` one that were never seen are -1, all of them alike.
    """

    name: str
    domain: Reals
    title: str = ""
    levels: tuple[Level, ...] = ()
    optional: bool = False
    open: bool = False

    def __str__(self) -> str:
        title = f" {json.dumps(self.title)}" if self.title else ""
        levels = f" as {json.dumps(self.levels)}" if self.levels else ""
        ends = f"{self.domain.low!r}..{self.domain.high!r}"
        more = " or missing" * self.optional + " or other" * self.open
        return f"{self.name}: real {ends}{title}{levels}{more}"

    def written(self, number: float) -> float | Level | None:
        """The value as users write it."""
        if number != number:
            return None
        if self.levels and number < 0:
            return self.unseen
        return self.levels[int(number)] if self.levels else number

    @property
    def unseen(self) -> str:
        """A text that is none of the levels."""
        text = "another"
        while text in map(str, self.levels):
            text += " one"
        return text

    def number(self, value: Any) -> float:
        """The number that stands for a value that users write.

        ``ValueError`` for text that is no level.
        """
        if value is None and self.optional:
            return math.nan
        if not self.levels:
            return float(value)
        known = self.levels if value in self.levels else tuple(map(str, self.levels))
        if self.open and str(value) not in map(str, self.levels):
            return -1.0
        return float(known.index(value if value in known else str(value)))


@dataclass(frozen=True, slots=True)
class TableLayout:
    """Columns of a table besides a formula's inputs and its output, and how its file is written.

    ``marks`` are by title a decimal mark and what parts thousands, where that is not Python's way;
    ``units`` by title what stands in a row of units below the names, all empty where there is none.
    A ``led`` table has lines above its names (comments, a separator, empty ones), a ``commented``
    one has its names in the last comment, and a ``padded`` one separators at the ends of lines.
    ``encoding`` is empty for UTF-8; ``folded`` columns write true and false in several cases.
    ``dates`` has for each column that was made of dates its title, that of the dates, and the part
    of these: ``year``, ``month``, ``weekday`` or ``days``.
    """

    others: tuple[str, ...] = ()
    marks: tuple[tuple[str, str, str], ...] = ()
    units: tuple[tuple[str, str], ...] = ()
    led: bool = False
    commented: bool = False
    padded: bool = False
    encoding: str = ""
    folded: tuple[str, ...] = ()
    dates: tuple[tuple[str, str, str], ...] = ()


PLAIN_LAYOUT = TableLayout()
"""A table of nothing else, whose numbers are written as in Python."""
