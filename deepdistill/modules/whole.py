"""The whole model on its inputs, with its own block and with formulas in place; by labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from ..ir.errors import InputError
from .blocks import answered, called_with, is_module
from .capture import unchanged
from .swapping import SwappedBlock, in_place

Floats: TypeAlias = NDArray[np.float64]
Measure: TypeAlias = Literal["accuracy", "R2"]


@dataclass(frozen=True, slots=True, eq=False)
class WholeAnswers:
    """The first tensor of a model's answers, batch after batch, without and with formulas."""

    before: tuple[Floats, ...]
    after: tuple[Floats, ...]


def model_answers(
    model: Any,
    path: str,
    batches: Sequence[Any],
    swapped: Callable[[], SwappedBlock] | None,
    formulas: Callable[..., Any],
) -> WholeAnswers | None:
    """What a model answers to batches; None where that is no tensor of numbers.

    ``swapped`` makes the block that takes the place of the one at ``path``, ``formulas`` answer in
    place of a model that is a function.
    """
    if not is_module(model):
        before = [_first(answered(model, batch)) for batch in batches]
        with torch.no_grad():
            after = [_first(_answer(formulas, batch)) for batch in batches]
    else:
        assert swapped is not None
        with unchanged(model):
            before = [_first(answered(model, batch)) for batch in batches]
            with in_place(model, path, swapped()):
                after = [_first(answered(model, batch)) for batch in batches]
    known = [one for one in before if one is not None], [one for one in after if one is not None]
    if min(map(len, known)) < len(batches):
        return None
    return WholeAnswers(tuple(known[0]), tuple(known[1]))


def _answer(formulas: Callable[..., Any], batch: Any) -> Any:
    args, kwargs = called_with(batch)
    tensors = [torch.as_tensor(np.asarray(one)) for one in args]
    return formulas(
        *tensors, **{name: torch.as_tensor(np.asarray(one)) for name, one in kwargs.items()}
    )


def _first(answer: Any) -> Floats | None:
    """The first tensor of an answer as numbers."""
    while isinstance(answer, tuple | list) and answer:
        answer = answer[0]
    if isinstance(answer, dict) and answer:
        return _first(next(iter(answer.values())))
    if isinstance(answer, torch.Tensor):
        return None if answer.is_complex() else _numbers(answer.detach().cpu().double().numpy())
    if hasattr(answer, "__array__"):
        array = np.asarray(answer)
        return _numbers(array) if array.dtype.kind in "fiub" else None
    return None


def _numbers(array: Any) -> Floats:
    return np.array(array, dtype=np.float64)


def labels_of(labels: Any, answers: WholeAnswers) -> list[NDArray[Any]]:
    """Labels as arrays, one a batch; :class:`InputError` where they do not fit."""
    counts = [len(one) if one.ndim else 1 for one in answers.before]
    if not isinstance(labels, torch.Tensor) and not hasattr(labels, "__array__"):
        try:
            given = list(labels)
        except TypeError:
            raise InputError(f"the labels are {labels!r:.40}: give one for each answer") from None
        parts = [_array(one) for one in given]
        if len(parts) == len(counts) and all(one.ndim for one in parts):
            return parts
        labels = given if not any(one.ndim for one in parts) else np.concatenate(parts)
    whole = _array(labels)
    if whole.ndim == 0 or len(whole) != sum(counts):
        raise InputError(
            f"labels of the shape {whole.shape} are given for {sum(counts):,} answers of the whole "
            "model: give one for each, in the order of the inputs"
        )
    return list(np.split(whole, np.cumsum(counts)[:-1]))


def _array(labels: Any) -> NDArray[Any]:
    if isinstance(labels, torch.Tensor):
        labels = labels.detach().cpu().double() if labels.is_floating_point() else labels.cpu()
    array = np.asarray(labels)
    if array.dtype.kind not in "fiub":
        raise InputError("the labels hold something that is not a number: give classes as integers")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError("the labels hold missing or infinite values: leave them out")
    return array


def refuse_labels(model: Any, batches: Sequence[Any], labels: Any) -> None:
    """Raise :class:`InputError` where labels do not fit the answers of the whole model."""
    answers = _answers(model, batches)
    if len(answers) == len(batches):
        labels_of(labels, WholeAnswers(answers, answers))


def _answers(model: Any, batches: Sequence[Any]) -> tuple[NDArray[Any], ...]:
    """The answers of the whole model, batch by batch, where they are tensors of numbers."""
    with unchanged(model) if is_module(model) else nullcontext():
        answers = [_first(answered(model, batch)) for batch in batches]
    return tuple(one for one in answers if one is not None)


def label_errors(model: Any, batches: Sequence[Any], labels: Any, width: int) -> Floats:
    """How far the labels are off the answers of the whole model (rows, outputs).

    Raises :class:`InputError` where they are not of its shape.
    """
    answers = _answers(model, batches)
    if len(answers) < len(batches):
        raise InputError("the model answers with no tensor of numbers: its labels tell no error")
    known = labels_of(labels, WholeAnswers(answers, answers))
    for answer, label in zip(answers, known, strict=True):
        if label.dtype.kind != "f" or answer.size != label.size or answer.size % width:
            raise InputError(_unlike(answer, label))
    pairs = zip(answers, known, strict=True)
    return np.concatenate([(a.reshape(-1) - b.reshape(-1)).reshape(-1, width) for a, b in pairs])


def scored(
    answers: Sequence[Floats], labels: Sequence[NDArray[Any]]
) -> tuple[Measure, float, float, int]:
    """How right answers are, by which measure, what a constant reaches, and how many were judged.

    Integer labels of answers with an axis more are classes: the share that is right. All others are
    numbers: R2. Raises :class:`InputError` where shapes do not fit.
    """
    predicted: list[Floats] = []
    known: list[Any] = []
    classes = False
    for answer, label in zip(answers, labels, strict=True):
        if label.dtype.kind in "iub" and answer.ndim == label.ndim + 1 and answer.shape[-1] > 1:
            axis = -1 if answer.shape[:-1] == label.shape else 1
            picked = answer.argmax(axis=axis)
            if picked.shape != label.shape:
                raise InputError(_unlike(answer, label))
            predicted.append(picked.reshape(-1).astype(np.float64))
            classes = True
        elif answer.size == label.size and answer.squeeze().shape == label.squeeze().shape:
            predicted.append(answer.reshape(-1))
        else:
            raise InputError(_unlike(answer, label))
        known.append(label.reshape(-1).astype(np.float64))
    values, truth = np.concatenate(predicted), np.concatenate(known)
    if classes:
        _, counts = np.unique(truth, return_counts=True)
        return "accuracy", float((values == truth).mean()), counts.max() / len(truth), len(truth)
    spread = float(np.var(truth))
    with np.errstate(all="ignore"):
        error = float(np.mean((values - truth) ** 2))
    score = 1 - error / spread if spread > 0 else float(error == 0)
    return "R2", score if np.isfinite(score) else -1e9, 0.0, len(truth)


def _unlike(answer: Floats, label: NDArray[Any]) -> str:
    return (
        f"labels of the shape {label.shape} do not fit answers of the shape {answer.shape}: give "
        "numbers of the same shape, or a class for each answer as integers"
    )
