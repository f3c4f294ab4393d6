"""Arrays of one shape of which no network of their form gives all answers: a program instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .data.pairs import PairProblem
from .data.problem import InputError, Problem
from .data.running import CutOff, Run
from .forms.protocol import Trained
from .forms.rounds import learned
from .ir.alphabet import written
from .ir.types import Port

PROGRAMS = 800
"""How often the search for programs may ask to go on."""


def program_instead(problem: Any, trained: Trained, run: Run) -> tuple[PairProblem, Trained] | None:
    """The examples as pairs, and a program that gives all their answers; None where there is none.

    It is asked for where a user's arrays have one or two axes and the form that they were told to
    have gave some answers otherwise.
    """
    from .forms.composed.form import FORM

    known = isinstance(problem, Problem) and problem.oracle is None and problem.given
    if not known or trained.exact or run.cut_off:
        return None
    run.say("no network gives all answers: asking for programs")
    own = run.part(PROGRAMS)
    try:
        pairs = list(_pairs(problem))
        groups = [group for group, _ in pairs]
        converted = Problem.from_examples(
            [pair for _, pair in pairs],
            name=problem.name,
            groups=None if None in groups else groups,
        )
        task, program = FORM.widened(*learned(FORM, replace(converted, brief=True), own))
    except (InputError, CutOff):
        run.check()
        return None
    if not program.exact or program.excepted:
        return None
    axes = " and ".join(dict.fromkeys(" ".join(a.kind for a in p.axes) for p in problem.inputs))
    note = f"taken as inputs of any lengths: no network of {axes} gives all answers"
    spent = f"asked {PROGRAMS - max(0, own.share or 0)} of {PROGRAMS} times whether to go on"
    return replace(task, among=2), replace(
        program,
        attempts=(*trained.attempts, *program.attempts),
        notes=(*program.notes, f"{note}; the search for programs {spent}"),
    )


def _pairs(problem: Problem) -> Iterator[tuple[Any, tuple[Any, Any]]]:
    """Each example with its group. Raises :class:`InputError` where it is no list or picture."""
    ports = (*problem.inputs, problem.output)
    for examples in problem.given:
        columns = (*examples.inputs, examples.output)
        if not all(map(_is_plain, ports, columns)):
            raise InputError("these are neither lists nor pictures")
        for place in range(len(examples)):
            *given, answer = (
                written(port, column[place].tolist())
                for port, column in zip(ports, columns, strict=True)
            )
            names = [port.name for port in problem.inputs]
            inputs = given[0] if len(given) == 1 else dict(zip(names, given, strict=True))
            group = None if examples.group is None else int(examples.group[place])
            yield group, (inputs, answer)


def _is_plain(port: Port, column: Any) -> bool:
    return len(port.axes) <= 2 and column.ndim - 1 == len(port.axes) and port.symbols == ()
