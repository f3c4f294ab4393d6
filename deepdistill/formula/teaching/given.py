"""Teachers that were trained elsewhere: functions, scikit-learn estimators, torch modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from ...data.problem import InputError
from ..symbolic.arrays import Floats

Teacher: TypeAlias = Callable[[Floats], Any]  # rows (rows, columns) to answers (rows,) or (rows, 1)


def as_teacher(given: Any, output: int | None = None) -> Teacher:
    """The function of rows behind a torch module, an estimator with ``predict``, or a function.

    ``output`` picks one of several answers a row. Raises :class:`InputError` for anything else.
    """
    if hasattr(given, "state_dict") and hasattr(given, "parameters"):
        from ...modules.capture import module_function, unwrapped

        function: Teacher = module_function(unwrapped(given))
    elif hasattr(given, "predict"):
        function = given.predict
    elif callable(given):
        function = given
    else:
        raise InputError(f"a teacher is a function of rows or a fitted model, not {given!r:.40}")
    return function if output is None else lambda rows: _picked(function(rows), output)


def _picked(predictions: Any, output: int) -> Any:
    answers = np.asarray(predictions, dtype=np.float64)
    if answers.ndim != 2 or not 0 <= output < answers.shape[1]:
        raise InputError(
            f"the teacher's answers have the shape {answers.shape}: there is no output {output}"
        )
    return answers[:, output]


def requested(teacher: Teacher, x: Floats) -> Floats:
    """The teacher's answers (rows,); :class:`InputError` for answers of another shape."""
    answers = np.asarray(teacher(x), dtype=np.float64)
    if answers.shape == (len(x), 1):
        answers = answers[:, 0]
    if answers.shape != (len(x),):
        raise InputError(
            f"the teacher answers {len(x)} rows with an array of shape {answers.shape}: "
            "it must give one number a row, or name the output to follow"
        )
    if not np.isfinite(answers).all():
        raise InputError("the teacher gives missing or infinite answers: leave those rows out")
    return answers
