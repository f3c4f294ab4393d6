"""The arguments of a solver whose answer is explained, and whether an explanation is of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..data.dates import Dates, with_parts
from ..ir.errors import InputError
from ..ir.types import Scalar


def place_of(at: Any) -> tuple[int, ...] | None:
    """An index for each axis of the answer; None for the whole of it."""
    if at is None:
        return None
    place = (at,) if hasattr(at, "__index__") else at
    if not isinstance(place, tuple | list) or not all(hasattr(k, "__index__") for k in place):
        raise InputError(f"at is an index for each axis, such as (2, 3), not {at!r:.40}")
    return tuple(map(int, place))


def arguments_of(given: Sequence[Any], names: Sequence[str], row: bool = False) -> list[Any]:
    """One argument for each port, from all of them, from a list of them or by their names."""
    if len(given) == 1:
        only = _plain(given[0])
        if isinstance(only, Mapping) and sorted(only) == sorted(names):
            given = [only[name] for name in names]
        elif isinstance(only, list | tuple) and (row or len(names) > 1):
            given = only
    if len(given) != len(names):
        described = f"{', '.join(names)}: {len(names)} argument{'' if len(names) == 1 else 's'}"
        raise InputError(f"give {described}, not {len(given)}")
    return [_plain(argument) for argument in given]


def of_columns(given: Sequence[Any], inputs: Sequence[Scalar], dates: Dates = ()) -> Sequence[Any]:
    """Of a row by column, or by name, what is read of it; anything else as it is.

    Columns that were made of ``dates`` may be given by these.
    """
    if len(given) != 1 or not isinstance(given[0], Mapping):
        return given
    row = with_parts(given[0], dates)
    by_name = {s.name: row[key] for s in inputs for key in (s.name, s.title) if key in row}
    return [by_name] if len(by_name) == len(inputs) else given


def _plain(argument: Any) -> Any:
    """Arrays as nested lists."""
    return argument.tolist() if hasattr(argument, "tolist") else argument


def whole_numbers(value: Any) -> Any:
    """Nested lists of integers, as the solver takes them: it has looked at the values."""
    value = _plain(value)
    return (
        [whole_numbers(part) for part in value] if isinstance(value, list | tuple) else int(value)
    )


def answer_of(solve: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """What the solver answers; its refusal as :class:`InputError`."""
    try:
        return solve(*arguments)
    except ValueError as error:
        raise InputError(str(error)) from None
    except (TypeError, ArithmeticError, RecursionError):
        raise InputError("the solver cannot take this input") from None


def agree(value: Any, answer: Any, place: tuple[int, ...] | None) -> bool:
    """Whether a value is that of the answer at a place, floats up to rounding."""
    for k in place or ():
        answer = answer[k]
    while isinstance(answer, list | tuple) and not isinstance(value, list | tuple):
        if len(answer) != 1:
            return False
        answer = answer[0]
    if isinstance(value, list | tuple):
        if not isinstance(answer, list | tuple) or len(answer) != len(value):
            return False
        return all(agree(one, other, None) for one, other in zip(value, answer, strict=True))
    if isinstance(value, float) or isinstance(answer, float):
        return math.isclose(value, answer, rel_tol=1e-9, abs_tol=1e-12)
    return bool(value == answer)
