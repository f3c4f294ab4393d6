"""What a report is about, from the files of a result, read as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

from ..data.problem import Problem
from ..data.record import Record
from ..drawing.svg import Markup, escaped
from ..forms import form_of_network
from ..forms.files import read_network
from ..forms.subject import Subject
from ..verify.certificate import Certificate
from ..verify.solver import load_solver

Lift: TypeAlias = Callable[[], Any]
"""Makes the program of a solver, or None where that cannot be done."""


def subject(files: Mapping[str, bytes], record: Record, lift: Lift, task: Any = None) -> Subject:
    """The subject of a result's files; :class:`InputError` where they do not belong together.

    The solver is executed, and only where its digest is the one in the certificate. ``task`` is
    what was distilled, where it is at hand and known to no catalogue.
    """
    certificate = Certificate.parse(files["certificate.json"], "certificate.json")
    certificate.refuse_strangers({k: v for k, v in files.items() if k in certificate.digests})
    code = files["solver.py"].decode("utf-8", "replace")
    network = read_network(files["network.npz"], "network.npz")
    solve = form_of_network(network).in_codes(load_solver(files["solver.py"], "solver"), network)
    nothing_to_judge = isinstance(task, Problem) and task.oracle is None and not task.families
    if task is None or nothing_to_judge:  # then the same page as that of the folder
        task = form_of_network(network).task_of(certificate, network)
    return Subject(certificate, code, solve, record, network, task, cache(lift))


def page_in_frame(page: str, name: str) -> Markup:
    """A whole page inside another one, such as a notebook: their styles do not meet."""
    return Markup(
        f'<iframe title="Report of {escaped(name)}" sandbox="" srcdoc="{escaped(page)}" '
        'style="width:100%;height:640px;border:1px solid #888"></iframe>'
    )
