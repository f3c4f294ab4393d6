"""What is requested of a block, checked: outputs and names, how many rows there are, settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.problem import InputError
from ..ir.names import identifier

Floats: TypeAlias = NDArray[np.float64]

FEWEST = 8
"""Of fewer rows nothing can be learned and judged."""


def refuse_settings(budget: float, rows: int, operators: Sequence[str] | None) -> None:
    """Raise :class:`InputError` for a budget, a number of rows or operators that are none."""
    from ..formula.symbolic.backend import KNOWN_OPERATORS

    if not 0 <= budget < float("inf"):
        raise InputError(f"the budget is {budget!r:.40}: give a number from 0, 1 is a usual search")
    if isinstance(rows, bool) or not isinstance(rows, int) or rows < FEWEST:
        raise InputError(f"rows is {rows!r:.40}: keep at least {FEWEST}")
    if unknown := [one for one in operators or () if one not in KNOWN_OPERATORS]:
        raise InputError(
            f"there is no operator {unknown[0]!r:.40}: use some of {', '.join(KNOWN_OPERATORS)}"
        )


def refuse_few_rows(rows: int, outputs: int) -> None:
    """Raise :class:`InputError` where fewer rows were captured than outputs need."""
    if outputs > rows:
        raise InputError(
            f"{outputs} outputs stand against {rows} captured rows: give more inputs, or pick some "
            "outputs"
        )
    if rows < FEWEST:
        raise InputError(f"{rows} rows were captured: give inputs that lead to at least {FEWEST}")


def still_outputs(y: Floats) -> list[int]:
    """Which of the answers (rows, outputs) never change; :class:`InputError` where all are."""
    still = [k for k, one in enumerate(y.T) if np.ptp(one) == 0]
    if len(still) == y.shape[1]:
        values = ", ".join(f"{value:g}" for value in y[0, :3])
        raise InputError(
            f"the block answers {values} whatever it is given: there is nothing to distill"
        )
    return still


def picked_outputs(outputs: Any, width: int) -> tuple[list[int], list[str]]:
    """The places of the outputs to distill, and what they are called."""
    if outputs is None:
        return list(range(width)), ["y"] if width == 1 else [f"y{k}" for k in range(width)]
    given = [outputs] if isinstance(outputs, int) else outputs
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        raise InputError(
            f"outputs is {outputs!r:.40}: give places of outputs, names of all of them, or 'rotate'"
        )
    if all(isinstance(one, str) for one in given):
        if len(given) != width:
            raise InputError(f"{len(given)} names are given for {width} outputs: name each of them")
        for one in given:
            if identifier(str(one)) != one:
                raise InputError(f"{one!r:.60} cannot be the name of an output: give a plain word")
        places, names = list(range(width)), [str(one) for one in given]
    else:
        wrong = [one for one in given if type(one) is not int or not 0 <= one < width]
        if wrong:
            raise InputError(f"there is no output {wrong[0]!r:.40}: the block has {width}, from 0")
        places, names = list(given), [f"y{k}" for k in given]
    if len(set(names)) < len(names):
        raise InputError("each output can be distilled once: name none twice")
    return places, names


def given_names(inputs: Any, names: Sequence[str] | None) -> Sequence[str] | None:
    """The names that were given; of a data frame those of its columns."""
    known = getattr(inputs, "columns", None)
    if names is not None or known is None:
        return names
    return [identifier(str(one)) for one in known]
