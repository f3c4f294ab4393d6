"""What a report is about: the files of a result, read as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..data.laws import Law
from ..data.problem import Problem
from ..drawing.svg import Markup, escaped
from ..forms import form_of_network
from ..forms.clauses.network import ClauseNetwork
from ..forms.dense.network import DenseNetwork
from ..forms.files import read_network
from ..forms.formula.network import Floats, TableFormula
from ..forms.grid.network import GridNetwork
from ..ir.program import Formula, Program
from ..verify.certificate import Certificate
from ..verify.equivalence import Solve
from ..verify.solver import load_solver
from .record import Record

Lift: TypeAlias = Callable[[], Any]
"""Makes the program of a solver, or None where that cannot be done."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A result: its solver, where that comes from, and what was checked.

    A formula has no network, a network from elsewhere no problem; ``program`` is None where it
    could not be made again, or where nothing is drawn of it. ``rows`` are held-out rows (rows,
    columns) and answers (rows,).
    """

    certificate: Certificate
    code: str
    solve: Solve
    record: Record
    network: Any | None = None
    program: Program | None = None
    problem: Problem | None = None
    formula: Formula | None = None
    rows: tuple[Floats, Floats] | None = None
    law: Law | None = None

    @property
    def name(self) -> str:
        return self.certificate.problem


def subject(
    files: Mapping[str, bytes],
    record: Record,
    lift: Lift,
    problem: Any = None,
) -> Subject:
    """The subject of a result's files; :class:`InputError` where they do not belong together.

    The solver is executed, and only where its digest is the one in the certificate. ``problem`` is
    what was distilled, where it is at hand and known to no catalogue.
    """
    certificate = Certificate.parse(files["certificate.json"], "certificate.json")
    certificate.refuse_strangers({k: v for k, v in files.items() if k in certificate.digests})
    code = files["solver.py"].decode("utf-8", "replace")
    solve = load_solver(files["solver.py"], "solver")
    network = read_network(files["network.npz"], "network.npz")
    form = form_of_network(network)
    if isinstance(network, TableFormula):
        law = form.task_of(certificate, network).law
        return Subject(
            certificate, code, solve, record, formula=network.formula, rows=network.rows, law=law
        )
    if isinstance(network, DenseNetwork):
        known = None
    elif problem is not None and (problem.oracle is not None or problem.families):
        known = problem
    else:
        known = form.task_of(certificate, network)
    drawn_without = isinstance(network, GridNetwork | ClauseNetwork)
    program = None if drawn_without else lift()
    return Subject(certificate, code, solve, record, network, program, known)


def shown_in_frame(page: str, name: str) -> Markup:
    """A whole page inside another one, such as a notebook: their styles do not meet."""
    return Markup(
        f'<iframe title="Report of {escaped(name)}" sandbox="" srcdoc="{escaped(page)}" '
        'style="width:100%;height:640px;border:1px solid #888"></iframe>'
    )
