"""The classes that a model names: texts, truths and whole numbers, as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.problem import InputError
from ..ir.types import Level

ClassName: TypeAlias = str | bool | int | float

_PLAIN = "biuU"  # the kinds of arrays whose values are classes, whatever they are


def labels_of(given: Any) -> NDArray[Any]:
    """Labels (rows,) as an array; those of a list are not made one kind by NumPy."""
    if not isinstance(given, list | tuple):
        return np.asarray(given)
    labels = np.empty(len(given), dtype=object)
    for place, label in enumerate(given):
        labels[place] = label
    return labels


def sorted_classes(y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The classes of labels (rows,) in their order, and the place of each row's.

    ``ValueError`` for numbers that are no classes, :class:`InputError` for labels of kinds that
    have no order.
    """
    from sklearn.utils.multiclass import check_classification_targets

    try:
        classes, places = np.unique(y, return_inverse=True)
    except TypeError:
        kinds = ", ".join(sorted({type(one).__name__ for one in y}))
        raise InputError(f"y has labels of several kinds ({kinds}): give labels of one") from None
    check_classification_targets(y)
    return classes, places


def names_of(labels: Any) -> list[ClassName]:
    """The classes of labels (rows,); :class:`InputError` where one is no class."""
    labels = labels_of(labels)
    if labels.dtype.kind in _PLAIN:
        return labels.tolist()  # type: ignore[no-any-return]
    return list(map(_name, labels))


def checked_names(classes: Any) -> tuple[ClassName, ...]:
    """The classes that a user names; :class:`InputError` where they are no list of classes."""
    if isinstance(classes, str | bytes) or not (
        isinstance(classes, Sequence) or hasattr(classes, "tolist")
    ):
        raise InputError(
            f"classes is a value of the type {type(classes).__name__}: give a list, a class a score"
        )
    names = tuple(names_of(classes if hasattr(classes, "tolist") else [*classes]))
    ordered_levels(names)
    return names


def ordered_levels(names: Sequence[ClassName]) -> tuple[tuple[Level, ...], list[int]]:
    """The classes in order as the solver names them, numbers before texts, and their places."""
    places = sorted(range(len(names)), key=lambda k: (isinstance(names[k], str), names[k]))
    levels = tuple(as_level(names[k]) for k in places)
    if len({*levels}) < len(levels) or len({*map(str, levels)}) < len(levels):
        raise InputError("two classes have one name: name them differently")
    return levels, places


def as_level(label: Any) -> Level:
    """A class as the solver names it; :class:`InputError` where it is none."""
    name = _name(label)
    return int(name) if isinstance(name, float) else name


def refuse_nameless(y: Any) -> None:
    """:class:`InputError` where an answer (rows,) or (rows, columns) is no text, truth or number.

    What numbers are no classes scikit-learn says.
    """
    answers = np.asarray(y) if hasattr(y, "__array__") else np.asarray(y, dtype=object)
    if not answers.ndim or answers.dtype.kind in _PLAIN + "fc":
        return
    for label in answers.ravel():
        if not isinstance(label, float | np.floating):
            _name(label)


def _name(label: Any) -> ClassName:
    """A class as plain Python has it; :class:`InputError` where it is none."""
    kind = getattr(getattr(label, "dtype", None), "kind", "")
    scalar = hasattr(label, "item") and not np.ndim(label) and kind not in ("M", "m")
    value = label.item() if scalar else label
    match value:
        case str():
            return str.__str__(value)
        case bool():
            return value
        case int():
            return int(value)
        case float() if value.is_integer():
            return value
        case float():
            raise InputError(
                f"{value!r} is a number and no class: name classes by texts, truths or whole "
                "numbers, and of a model that answers with numbers fit DistilledRegressor to them"
            )
        case _:
            raise InputError(
                f"a class is a value of the type {type(value).__name__}: name classes by texts, "
                "truths or whole numbers"
            )
