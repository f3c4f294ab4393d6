"""What the learner of rules is given, and what it answers with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ...ir.errors import InputError
from ...units.rules import Floats, Places, RuleModel


@dataclass(frozen=True, slots=True, eq=False)
class RuleRows:
    """The rows of a table to learn from.

    ``x`` (rows, columns) holds numbers and places of levels, NaN where a value is missing;
    ``levels`` how many levels each column has, 0 for numbers. ``y`` (rows,) is the place of the
    class; where ``ordered``, the classes are in an order. ``weights`` (rows,) say for how
    many rows each one stands. Rows of one group stay in one fold. ``monotone`` has 1 for a column
    with which the class may only rise, -1 where it may only fall, 0 otherwise; empty: no column is
    bound.
    """

    x: Floats
    levels: tuple[int, ...]
    y: Places
    classes: int
    weights: Floats
    ordered: bool = False
    groups: Places | None = None
    monotone: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        rows, columns = self.x.shape
        if len(self.levels) != columns or (self.monotone and len(self.monotone) != columns):
            raise ValueError("levels and monotone have an entry a column")
        if self.y.shape != (rows,) or self.weights.shape != (rows,):
            raise ValueError("y and weights have an entry a row")
        if not rows:
            raise InputError("the table has no rows: rules are learned from at least one")
        if not (self.weights >= 0).all() or not (self.weights > 0).any():
            raise InputError("the weights of rows are numbers from 0 on, and not all of them are 0")
        if np.isinf(self.x).any():
            raise InputError("a column holds an infinity: give finite numbers or leave them out")

    def taken(self, rows: Places) -> RuleRows:
        """Some of the rows, with weights of mean 1."""
        weights = self.weights[rows]
        return replace(
            self,
            x=self.x[rows],
            y=self.y[rows],
            weights=weights / weights.mean(),
            groups=None if self.groups is None else self.groups[rows],
        )


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """How large a model is, what the rules must keep to, and whether classes count alike.

    ``size`` counts what a reader has to read; ``max_complexity`` is the largest one allowed,
    ``max_conditions`` how many conditions one row may meet.
    """

    size: Callable[[RuleModel], int]
    max_complexity: int | None = None
    max_conditions: int | None = None
    balanced: bool = False


@dataclass(frozen=True, slots=True)
class RuleFit:
    """One model of the front, with what held-out rows say of it.

    ``probabilities`` has a row of class probabilities for each leaf in the order of
    :func:`deepdistill.units.rules.leaves`; for a model with limits for each of ``sums``, the sums
    of points that are possible, which increase; a model with scores has none. ``size`` is that of
    the settings; ``loss`` is the log loss of held-out rows (mean over folds), ``error`` the
    standard error of its difference to the best of the front; ``source`` names what proposed it.
    """

    model: RuleModel
    probabilities: tuple[tuple[float, ...], ...]
    sums: tuple[int, ...]
    size: int
    loss: float
    error: float
    source: str
