"""What an error costs where a block is singular: there its few largest answers choose no law.

A network smooths a pole, and is as much off there as its answers are large: squared errors would
have the form be chosen by the few rows nearest to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ..data.problem import InputError
from ..ir.infix import parse_infix
from .values import values_of

if TYPE_CHECKING:
    from ..formula.symbolic.losses import Loss, RowErrors

Floats: TypeAlias = NDArray[np.float64]

_HEAVY = 100.0  # times the usual size, from where on answers belong to a pole
_RELATIVE = "relative"


@dataclass(frozen=True, slots=True, eq=False)
class AnswerCosts:
    """The loss by which formulas of one output are judged, and weights (rows,) of its rows."""

    loss: Loss
    weights: Floats | None
    singular: bool

    def of(self, rows: NDArray[np.bool_]) -> RowErrors:
        """The same for some rows, as a search reckons."""
        from ..formula.symbolic.losses import RowErrors

        some = None if self.weights is None else self.weights[rows]
        return RowErrors(self.loss, None if some is None else some / some.mean())


def singular_notes(outputs: Sequence[tuple[str, int]], costs: Sequence[AnswerCosts]) -> list[str]:
    """What a user is to know of outputs (names and places) that are singular."""
    names = [name for (name, _), one in zip(outputs, costs, strict=False) if one.singular]
    if not names:
        return []
    return [
        f"a few answers of {', '.join(names)} are larger than the others by orders of magnitude: "
        "formulas were judged by absolute and relative errors"
    ]


def is_singular(y: Floats) -> bool:
    """Whether a few answers (rows,) are larger than the usual ones by orders of magnitude."""
    size = np.abs(y - np.median(y))
    return bool(size.max(initial=0.0) > _HEAVY * np.median(size) > 0)


def relative(size: Floats) -> Floats:
    """Weights (rows,) that make errors relative to the answers' sizes, of the larger ones."""
    usual = float(np.median(size)) or float(size.max(initial=0.0)) or 1.0
    return np.asarray(1 / (1 + (size / usual) ** 2))


def answer_costs(
    y: Floats,
    loss: Any,
    weights: Any,
    table: Mapping[str, Floats],
    names: Sequence[str],
    directed: bool = False,
) -> AnswerCosts:
    """What is asked for, for answers (rows,) and columns by name; ``auto`` looks at the answers.

    Where they are ``directed``, components of a length, a network smooths them where it is 0.
    Raises :class:`InputError` for what is no loss and for weights that are none.
    """
    from ..formula.symbolic.losses import LOSSES, Loss

    if loss != "auto" and loss not in get_args(Loss):
        raise InputError(f"there is no loss {loss!r:.40}: use one of auto, {', '.join(LOSSES)}")
    singular = loss == "auto" and weights is None and is_singular(y)
    known: Loss = loss
    if loss == "auto":
        known = "mae" if singular or directed else "mse"
    if weights is None and not singular:
        return AnswerCosts(known, None, False)
    if weights is None or (isinstance(weights, str) and weights == _RELATIVE):
        return AnswerCosts(known, relative(np.abs(y)), singular)
    return AnswerCosts(known, _weights_of(weights, table, names), False)


def _weights_of(weights: Any, table: Mapping[str, Floats], names: Sequence[str]) -> Floats:
    """Weights (rows,) from their text."""
    try:
        expr, _ = parse_infix(weights, names)
    except ValueError as error:
        raise InputError(
            f"the weights cannot be read: {error}; give 'relative' or a text of the columns, as "
            "'r ** 2'"
        ) from None
    values = values_of(expr, table, len(next(iter(table.values()))))
    if not (np.isfinite(values).all() and (values >= 0).all() and (values > 0).any()):
        raise InputError(
            f"the weights {weights!r:.60} are not numbers from 0 in all captured rows: give a text "
            "that is"
        )
    return np.array(values)
