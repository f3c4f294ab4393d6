"""What each form draws, until the registry says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..data import catalogue
from ..drawing.parts import Figure, Notation, Part
from ..forms import files
from ..forms.clauses import scenes as clauses
from ..forms.clauses.network import ClauseNetwork
from ..forms.dense import scenes as dense
from ..forms.dense import sized_scenes as sized
from ..forms.dense.network import DenseNetwork
from ..forms.dense.sized import SizedNetwork
from ..forms.formula import scenes as formula
from ..forms.formula.file import is_formula, read_formula
from ..forms.formula.network import TableFormula
from ..forms.grid import scenes as grid
from ..forms.grid.network import GridNetwork
from ..forms.sequence import scenes as sequence
from ..forms.sequence.network import PrefixNetwork, RecurrentNetwork
from ..forms.set import scenes as sets
from ..forms.subject import Subject
from ..units.items import ItemNetwork
from ..verify.certificate import Certificate
from ..verify.recheck import problem_of


def _no_parts(subject: Subject) -> list[Part]:
    return []


@dataclass(frozen=True, slots=True)
class FormOfResult:
    title: str
    networks: tuple[type, ...]
    picture: Callable[[Any], Figure | Notation]
    task_of: Callable[[Certificate, Any], Any]
    scenes: Callable[[Subject], list[Part]] = _no_parts
    quality: Callable[[Subject], list[Part]] = _no_parts
    learned: tuple[str, ...] = ()


def _no_task(certificate: Certificate, network: Any) -> None:
    return None


_FORMS = (
    FormOfResult("Grids that change", (GridNetwork,), grid.picture, problem_of, grid.scenes,
                 grid.quality),
    FormOfResult("Lists and pictures", (ItemNetwork,), sets.picture, problem_of, sets.scenes,
                 sets.quality),
    FormOfResult("Lists and pictures", (SizedNetwork,), sized.picture, problem_of, sized.scenes,
                 sized.quality),
    FormOfResult("Sequences", (RecurrentNetwork, PrefixNetwork), sequence.picture, problem_of,
                 sequence.scenes, sequence.quality),
    FormOfResult("Formulas with clauses", (ClauseNetwork,), clauses.picture,
                 lambda certificate, network: catalogue.find(certificate.problem),
                 quality=clauses.quality, learned=("weight", "hope", "scores")),
    FormOfResult("Laws of real numbers", (TableFormula,), formula.picture, _no_task,
                 formula.scenes, formula.quality),
    FormOfResult("Networks from elsewhere", (DenseNetwork,), dense.picture, _no_task, dense.scenes),
)  # fmt: skip


def forms() -> tuple[FormOfResult, ...]:
    return _FORMS


def form_of_network(network: Any) -> FormOfResult:
    return next(form for form in _FORMS if isinstance(network, form.networks))


def read_network(data: bytes, what: str) -> Any:
    if is_formula(data, what):
        return TableFormula(*read_formula(data, what))
    return files.read_network(data, what)
