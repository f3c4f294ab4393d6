"""What takes the place of a network where a table is told by a formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.program import Formula
from ...ir.types import PLAIN_LAYOUT, TableLayout

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FittedRows:
    """What the rows that a formula was fitted to say of it, before the others are looked at.

    An answer further than ``tolerance`` from the formula counts as wrong: three standard errors of
    the fitted rows. ``centre`` is their mean answer; ``chance`` the share of them that the best
    constant gives within the tolerance. ``saved`` are the nats by which formula and errors are
    shorter than the mean and its errors. ``outliers`` are rows of the table, from 1, that were
    left out; ``constant`` says that all answers of the table are the same. ``missed`` of ``count``
    rows, outliers among them, are wrong themselves. ``thin`` says what rests on one or two rows of
    the table, ``gaps`` where between the others none lies. Where the answers are ``classes``, 1 and
    -1, the formula is a score, and wrong is what it has the other sign of.
    """

    tolerance: float
    centre: float
    chance: float
    saved: float
    outliers: tuple[int, ...] = ()
    constant: bool = False
    missed: int = 0
    count: int = 0
    thin: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    classes: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TableFormula:
    """A formula, and the held-out ``rows`` that judge it: (rows, columns) and answers (rows,).

    ``fitted`` is None where an oracle judges. A ``strict`` formula is told for the ranges of its
    inputs alone; ``layout`` is of the table that it came from.
    """

    formula: Formula
    rows: tuple[Floats, Floats]
    fitted: FittedRows | None = None
    strict: bool = False
    layout: TableLayout = PLAIN_LAYOUT
