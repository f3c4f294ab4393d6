"""Names for what a condensed network computes: row sums, differences, units."""

from __future__ import annotations

from collections.abc import Sequence

from ...ir.names import fresh
from .template import Group, Part, Rest, Side, Source


class RegionNames:
    """Hands out names, each once."""

    def __init__(self, taken: set[str], argument: str) -> None:
        self.taken = set(taken) | {"i", "j", "k", "m", "p", "q", "r", "s", "row"}
        self.argument = argument

    def fresh(self, name: str) -> str:
        """That name, or one like it that is not in use."""
        unused = fresh(name, self.taken)
        self.taken.add(unused)
        return unused

    def index(self, count: int) -> tuple[str, ...]:
        """Coordinates of a unit."""
        return tuple("ijkm"[d] if d < 4 else f"i{d}" for d in range(count))

    def inner(self, count: int) -> tuple[str, ...]:
        """Variables of a sum."""
        return tuple("pqrs"[d] if d < 4 else f"p{d}" for d in range(count))

    def region(self, source: str, sides: tuple[Side, ...], shape: tuple[int, ...]) -> str:
        """``column_sum``, ``row_rest`` … for the sum of a region."""
        prefix = "" if source == self.argument else f"{source}_"
        words = [_word(side, n) for side, n in zip(sides, shape, strict=True)]
        if all(word == "all" for word in words):
            return self.fresh("total")
        rest = next((w for w in words if w not in ("all", "index")), "sum")
        if len(words) == 2 and words.count("index") == 1:
            line = ("row", "column")[words.index("index")]
            return self.fresh(f"{prefix}{line}_{rest}")
        return self.fresh(f"{prefix}{'part' if rest == 'sum' else rest}")

    def group(self, part: Part, sources: Sequence[Source], among: int) -> str:
        """The name of a group of units."""
        if isinstance(part, Rest):
            return self.fresh("unit")
        if _is_difference(part):
            return self.fresh("difference")
        if among == 1 and "unit" not in self.taken:
            return self.fresh("unit")
        k = 1
        while f"unit_{k}" in self.taken:
            k += 1
        return self.fresh(f"unit_{k}")


def _word(side: Side, length: int) -> str:
    if side.is_index:
        return "index"
    fixed = side.start.coordinate is None and side.stop.coordinate is None
    if fixed and (side.start.offset, side.stop.offset) == (0, length):
        return "all"
    if side.start.coordinate is None and side.start.offset == 0:
        return "start"
    if side.stop.coordinate is None and side.stop.offset == length:
        return "rest"
    return "window"


def _is_difference(group: Group) -> bool:
    weights = sorted(term.coefficient for term in group.terms)
    return weights == [-1, 1] and group.bias.constant == 0 and not any(group.bias.slopes)
