"""The forms of problems: one folder each, and one line here."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from ..ir.errors import InputError
from .protocol import Form

FORMS = (
    "deepdistill.forms.clauses.form",
    "deepdistill.forms.sequence.form",
    "deepdistill.forms.grid.form",
    "deepdistill.forms.dense.trained",
    "deepdistill.forms.composed.form",
    "deepdistill.forms.set.form",
    "deepdistill.forms.dense.form",
    "deepdistill.forms.rules.form",
    "deepdistill.forms.steps.form",
    "deepdistill.forms.formula.form",
)
"""Where the forms are, each an object named FORM; of two that accept a problem the first one."""


@cache
def _form(module: str) -> Form:
    form: Form = import_module(module).FORM
    return form


def forms() -> tuple[Form, ...]:
    """All forms, in the order in which they are asked."""
    return tuple(map(_form, FORMS))


def form_of_task(task: Any) -> Form:
    """The form of a problem, or of whatever was handed over."""
    for form in forms():
        if form.accepts(task):
            return form
    raise InputError("no form of problem fits: give other axes")


def form_of_network(network: Any) -> Form:
    """The form that a network belongs to."""
    for form in forms():
        if isinstance(network, form.networks()):
            return form
    raise TypeError(f"no form has networks of the class {type(network).__name__}")


def form_of_kind(kind: Any) -> Form | None:
    """The form whose files name that kind of network."""
    return next((form for form in forms() if kind in form.kinds), None)
