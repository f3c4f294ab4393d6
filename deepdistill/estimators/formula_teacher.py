"""A formula from a trained model: any function of rows is followed where the rows live."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..data.problem import InputError
from ..data.tables import NumberTable
from ..result import Result
from ..run import fit_table

if TYPE_CHECKING:
    from ..formula.symbolic.losses import Loss

_MOST_AROUND = 1000


def distill_teacher(
    teacher: Any,
    rows: Any,
    labels: Any = None,
    *,
    columns: Sequence[str | int] | None = None,
    output: int | None = None,
    target: str = "y",
    name: str = "mine",
    backend: Any = "auto",
    operators: Sequence[str] | None = None,
    budget: float = 1.0,
    seed: int = 0,
    progress: Callable[[str, str], None] | None = None,
    teacher_error: float | Literal["auto"] = "auto",
    loss: Loss = "mse",
) -> Result:
    """Read a formula from a trained model.

    ``teacher`` is a function from rows (rows, columns) to answers (rows,), a torch module or a
    model with ``predict``; ``output`` picks one of several answers. ``rows`` (a data frame keeps
    its names) say where it is to be followed: it is also asked between and just beyond them.
    ``columns`` names those that the formula may speak of. With ``labels`` (rows,) the formula is
    the one that fits the labels of held-out rows best, whether it follows them, the teacher or
    both, and fidelity and accuracy are told apart in ``result.teaching``. ``teacher_error``
    is the root mean squared error of the teacher, in units of its answers: a formula within it is
    good enough, and the shortest such one is chosen. ``"auto"`` takes it from the knee of the
    front. ``loss`` is ``mse``, ``mae`` or ``huber``, as of :func:`fit_table`. Raises
    :class:`InputError` for unusable input.
    """
    from ..formula.teaching.around import around
    from ..formula.teaching.given import as_teacher, requested

    follow = as_teacher(teacher, output)
    x, titles = _rows(rows)
    picked = _picked(titles, columns)
    if labels is not None:
        if columns is not None:
            raise InputError("give either labels or columns: the labels' formula sees all columns")
        answers = np.asarray(labels, dtype=np.float64)
        if answers.shape != (len(x),):
            raise InputError(f"give {len(x)} labels, one a row, not an array of {answers.shape}")
    else:
        x = np.concatenate([x, around(x, min(2 * len(x), _MOST_AROUND), seed)])
        answers = requested(follow, x)
    return fit_table(
        NumberTable(tuple(titles[k] for k in picked), x[:, picked], target, answers),
        name=name,
        backend=backend,
        operators=operators,
        budget=budget,
        seed=seed,
        progress=progress,
        teacher=False if labels is None else follow,
        teacher_error=0.0 if labels is not None and teacher_error == "auto" else teacher_error,
        loss=loss,
    )


def _rows(rows: Any) -> tuple[Any, list[str]]:
    """Rows as numbers (rows, columns) and the columns' titles."""
    try:
        x = np.asarray(rows, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("the rows hold something that is not a number") from None
    if x.ndim != 2 or not x.size:
        raise InputError(f"give rows and columns of numbers, not an array of shape {x.shape}")
    if not np.isfinite(x).all():
        raise InputError("the rows hold missing or infinite values: remove them")
    known = getattr(rows, "columns", None)
    return x, [f"x{k}" for k in range(x.shape[1])] if known is None else list(map(str, known))


def _picked(titles: list[str], columns: Sequence[str | int] | None) -> list[int]:
    if columns is None:
        return list(range(len(titles)))
    result = []
    for column in columns:
        if isinstance(column, str) and column in titles:
            result.append(titles.index(column))
        elif isinstance(column, int) and 0 <= column < len(titles):
            result.append(column)
        else:
            raise InputError(f"there is no column {column!r:.40}: the rows have {titles!r:.100}")
    if not result or len(set(result)) < len(result):
        raise InputError("name at least one column, and each one once")
    return result


distil_teacher = distill_teacher
"""The name with one l, as it was."""
