"""A table with a teacher: network → students → the formula that fits held-out labels best.

Three students are compared: one that follows the labels, one that follows the teacher on its rows
and around them, and one that follows the labels on the rows and the teacher around them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...ir.expr import Expr
from ..symbolic.arrays import Floats
from ..symbolic.choose import FormulaChoice
from ..symbolic.constants import refit
from .around import around
from .given import Teacher, requested
from .networks import PENALTIES, Lesson, SmoothNetwork, Trial
from .student import QUICK, best_of, columns_of, determination, plainest, quick_student, values_at

TEACHERS = ("none", "auto", *PENALTIES)
AUTO = "hessian"  # benchmarks/teachers.py
GIVEN = "given"

_HELD = 4  # one row in so many chooses between the students
FEWEST = 40  # rows of a table that a teacher is asked about
_MOST_AROUND = 1000
_EXACT = 1 - 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Teaching:
    """What a teacher was worth.

    ``source`` is what the formula was fitted to: ``labels``, ``teacher`` or ``both``; ``scores``
    are the best R2 of all three to the labels of the rows that chose between them; of formulas
    hardly worse than the best the simplest was taken, and that of a given teacher unless it is
    worse by more than two standard errors. ``fidelity`` is the formula's R2 to the
    teacher and ``accuracy`` its R2 to the labels, on rows that neither training nor choice has
    seen; ``teacher_accuracy`` is the teacher's own. ``penalty`` is ``given`` for a teacher that was
    not trained here.
    """

    teacher: Teacher
    penalty: str
    strength: float
    trials: tuple[Trial, ...]
    source: str
    scores: tuple[tuple[str, float], ...]
    fidelity: float = float("nan")
    accuracy: float = float("nan")
    teacher_accuracy: float = float("nan")

    def judged(self, x: Floats, y: Floats, predictions: Floats) -> Teaching:
        """With the quality on rows (rows, columns) that nobody has seen, and their labels (rows,).

        ``predictions`` are the formula's values.
        """
        answers = requested(self.teacher, x)
        return replace(
            self,
            fidelity=determination(answers, predictions),
            accuracy=determination(y, predictions),
            teacher_accuracy=determination(y, answers),
        )

    def sentence(self) -> str:
        """Teacher, fidelity and accuracy in words."""
        kind = (
            "a given teacher"
            if self.penalty == GIVEN
            else f"a teacher with {self.penalty} penalty {self.strength:.3g}"
            if self.strength
            else "a teacher without penalty"
        )
        return (
            f"fitted to {_FITTED_TO[self.source]} ({kind}, R2 {self.teacher_accuracy:.4f} to the "
            f"labels): R2 {self.accuracy:.4f} to the labels, {self.fidelity:.4f} to the teacher"
        )


_FITTED_TO = {
    "labels": "the labels, which was best",
    "teacher": "the teacher",
    "both": "the labels and the teacher",
}


def taught_search(
    x: Floats,
    y: Floats,
    teacher: str | Teacher,
    search: Callable[[Floats, Floats], FormulaChoice],
    follow: Callable[[Floats, Floats], FormulaChoice],
    *,
    budget: float = 1.0,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> tuple[FormulaChoice, Teaching | None]:
    """The best formula of columns ``x0, x1, ...`` for the labels, with the help of a teacher.

    ``teacher`` is a penalty of :data:`PENALTIES`, ``auto``, or any function of rows; ``search``
    finds formulas for rows and labels, ``follow`` for rows and answers of the teacher. Where the
    labels alone give an exact law, or the table is short, no teacher is asked: then the second
    value is None. With ``auto`` none is followed that is no better than the labels' formula.
    """
    say = progress or (lambda text: None)
    if len(y) < FEWEST:
        return search(x, y), None
    order = np.random.default_rng([seed, 37]).permutation(len(y))
    held, fitted = np.sort(order[: len(y) // _HELD]), np.sort(order[len(y) // _HELD :])
    fit_x, fit_y, held_x, labels = x[fitted], y[fitted], x[held], y[held]

    def score(expr: Any) -> float:
        return determination(labels, values_at(expr, held_x))

    direct = search(fit_x, fit_y)
    if score(direct.best.expr) > _EXACT:
        return direct, None
    network: Teacher
    if isinstance(teacher, str):
        from .teacher import train_teacher  # torch takes a second

        penalty = AUTO if teacher == "auto" else teacher
        say(f"teacher with {penalty} penalty")
        lesson = Lesson(fit_x, fit_y, held_x, labels)
        seeds = itertools.count(seed)  # near-equal networks gain by different searches

        def judge(net: SmoothNetwork) -> float:  # by all rows: it is fitted to no label
            answers, work = net(fit_x)[:, 0], QUICK * min(1, budget)
            return quick_student(fit_x, answers, x, y, budget=work, seed=next(seeds)).score

        taught = train_teacher(lesson, penalty, judge, seed=seed)
        network, strength, trials = taught.teacher, taught.strength, taught.trials
    else:
        network, penalty, strength, trials = teacher, GIVEN, 0.0, ()
    choices = {"labels": direct}
    own = determination(labels, requested(network, held_x))
    if teacher != "auto" or own > max(score(fit.expr) for fit in direct.front):
        wide = around(fit_x, min(2 * len(fit_x), _MOST_AROUND), seed)
        beyond = requested(network, wide)
        rows = np.concatenate([fit_x, wide])
        say("student of the teacher")
        choices["teacher"] = follow(rows, np.concatenate([requested(network, fit_x), beyond]))
        say("student of both")
        choices["both"] = follow(rows, np.concatenate([fit_y, beyond]))
    trained = penalty != GIVEN
    pool = [
        (source, fit)
        for source, one in choices.items()
        # a network trained here follows noise, too: how far to follow it the labels say
        for fit in (one.front if trained and source != "labels" else [one.best])
    ]
    scores = [score(fit.expr) for _, fit in pool]
    source, best = pool[plainest(scores, [fit.complexity for _, fit in pool])]
    if not trained and source != "teacher":
        student = choices["teacher"].best
        if not _surely_better(best.expr, student.expr, held_x, labels):
            source, best = "teacher", student
    if source == "labels":  # the rows that chose may serve too
        expr, loss = refit(best.expr, dict(zip(columns_of(x), x.T, strict=True)), y)
        best = replace(best, expr=expr, loss=loss)
    teaching = Teaching(
        network,
        penalty,
        strength,
        trials,
        source,
        tuple((name, best_of(one.front, score)[1]) for name, one in choices.items()),
    )
    return FormulaChoice(best, choices[source].front), teaching


def _surely_better(one: Expr, other: Expr, x: Floats, y: Floats) -> bool:
    """Whether its squared errors on rows are less by more than two standard errors."""
    less = (values_at(other, x) - y) ** 2 - (values_at(one, x) - y) ** 2
    return not float(less.mean()) <= 2 * float(less.std(ddof=1)) / len(y) ** 0.5
