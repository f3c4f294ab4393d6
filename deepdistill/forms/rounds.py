"""Learning in two rounds: what is set aside judges, and half of it teaches where it disagrees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..data.pairs import PairProblem
from ..data.problem import Problem
from ..data.running import Run
from .protocol import Form, Trained


def learned(form: Form, task: Any, run: Run) -> tuple[Any, Trained]:
    """What was learned, and the task with the examples set aside that judge it.

    Where the first part of these is missed, a second round learns from it, too, and only the second
    part is left to judge.
    """
    if not isinstance(task, Problem | PairProblem):
        return task, form.train(task, run)
    task = task.set_aside(run.seed)
    trained = form.train(task, run)
    if not any(task.reserved) or not trained.exact or run.cut_off:
        return task, trained
    space = form.inputs(task, trained, None, run.seed)
    network = space.references()["network"].run
    held = space.known(task.reserved[0])
    if space.against(held, network).wrong is None:
        return task, trained
    if trained.excepted and not space.more_missed(held, network):
        return task, trained
    run.say("held-out examples disagree: learning from half of them, too")
    task = task.second_round()
    again = form.train(task, run)
    return task, replace(again, attempts=(*trained.attempts, *again.attempts))
