"""Teachers of classes: a smooth network's logits as the answers that formulas follow."""

from __future__ import annotations

import itertools
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..symbolic.arrays import Floats
from .networks import Lesson, SmoothNetwork, Taught
from .student import QUICK, quick_student
from .teach import AUTO

Labels: TypeAlias = NDArray[np.int64]

_HELD = 4  # one row in so many chooses the strength


def class_scores(
    x: Floats,
    labels: Labels,
    classes: int,
    penalty: str = "auto",
    *,
    budget: float = 1.0,
    seed: int = 0,
) -> tuple[Floats, Taught]:
    """What a smooth network says of each row: a score for each class (rows, classes).

    ``labels`` (rows,) are indices from 0. The scores are logits less their mean over the classes;
    of two classes it is one column (rows, 1), positive for the second. The strength of the penalty
    is the one whose students, one quick formula a column, name most classes of held-out rows.
    """
    from .teacher import train_teacher  # torch takes a second

    order = np.random.default_rng([seed, 41]).permutation(len(labels))
    held, fitted = np.sort(order[: len(labels) // _HELD]), np.sort(order[len(labels) // _HELD :])
    lesson = Lesson(x[fitted], labels[fitted], x[held], labels[held], classes)
    seeds = itertools.count(seed)
    work = QUICK * min(1.0, budget)

    def judge(network: SmoothNetwork) -> float:
        answers, wanted = scores_of(network, lesson.x), scores_of(network, lesson.held_x)
        number = next(seeds)
        students = [
            quick_student(lesson.x, one, lesson.held_x, other, budget=work, seed=number)
            for one, other in zip(answers.T, wanted.T, strict=True)
        ]
        scores = np.column_stack([student(lesson.held_x) for student in students])
        return float(np.mean(named(scores) == lesson.held_y))

    taught = train_teacher(lesson, AUTO if penalty == "auto" else penalty, judge, seed=seed)
    return scores_of(taught.teacher, x), taught


def scores_of(network: SmoothNetwork, x: Floats) -> Floats:
    """Logits less their mean; of two classes the second's alone, (rows, 1)."""
    logits = network(x)
    centred = logits - logits.mean(axis=1, keepdims=True)
    return np.asarray(centred[:, 1:] if centred.shape[1] == 2 else centred)


def named(scores: Floats) -> Labels:
    """The class of each row: where the score is largest, or by the sign of a single one."""
    finite = np.nan_to_num(scores, nan=-np.inf)
    if scores.shape[1] == 1:
        return np.asarray(finite[:, 0] > 0, dtype=np.int64)
    return np.asarray(finite.argmax(axis=1), dtype=np.int64)
