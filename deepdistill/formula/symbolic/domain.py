"""What is known of the columns of a table: the ranges that were sampled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from ...ir.domain import is_total
from ...ir.expr import Expr
from ...ir.interval import Interval, bounds


@dataclass(frozen=True, slots=True)
class Domain:
    """The interval of each column, in a fixed order; columns left out may hold any number.

    What is ``assumed`` not to be 0 may be cancelled, though the ranges do not tell so.
    """

    spans: tuple[tuple[str, Interval], ...] = ()
    assumed: frozenset[Expr] = frozenset()

    @staticmethod
    def of(ranges: Mapping[str, tuple[float, float]]) -> Domain:
        return Domain(tuple((name, Interval(*ranges[name])) for name in sorted(ranges)))

    @staticmethod
    def within(ranges: Mapping[str, Interval]) -> Domain:
        return Domain(tuple(sorted(ranges.items(), key=lambda pair: pair[0])))

    @staticmethod
    def of_positive(names: frozenset[str]) -> Domain:
        """Nothing is known but that some columns are positive."""
        return Domain(tuple((name, Interval(5e-324, inf)) for name in sorted(names)))

    @property
    def ranges(self) -> dict[str, Interval]:
        return dict(self.spans)

    @property
    def positive(self) -> frozenset[str]:
        """The columns that hold positive numbers only."""
        return frozenset(name for name, span in self.spans if span.low > 0)

    def is_total(self, expr: Expr) -> bool:
        """Whether the expression surely has a value everywhere in the ranges."""
        return is_total(expr, self.ranges)

    def bounds(self, expr: Expr) -> Interval:
        return bounds(expr, self.ranges)


ANYWHERE = Domain()
