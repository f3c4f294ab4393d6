"""The page of one result: what is shown, from top to bottom; the template lays it out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..drawing.highlight import highlighted, main_part, told_first, with_code
from ..drawing.parts import Figure, Part
from ..forms.clauses.network import ClauseNetwork
from ..forms.clauses.scenes import clause_parts
from ..forms.dense.network import DenseNetwork
from ..forms.dense.sized import SizedNetwork
from ..forms.grid.network import GridNetwork
from ..forms.sequence.network import PrefixNetwork, RecurrentNetwork
from ..ir.resources import resource_folder
from ..units.items import ItemNetwork
from ..verify.certificate import Claim
from .accuracy import NotDrawn, accuracy_parts
from .formulas import formula_scenes, front_parts, notation
from .networks import network_picture
from .scenes import dense_scenes, grid_scenes, item_scenes, sequence_scenes
from .subject import Subject

_MEANING = {
    "faithful": "Does the solver say what the network says, at the trained size?",
    "scalable": "Does it still, at other sizes?",
    "correct": "Is that the right answer?",
}
_STRENGTH = {
    "proved": "proved for all inputs",
    "exhaustive": "every case was tried",
    "sampled": "examples were tried",
    "not applicable": "not applicable",
    "no oracle": "no answer is known",
    "failed": "failed",
}
_LONGEST_CASE = 2000
_RULE = ("weight", "hope", "scores")  # what is learned of a solver with a driver


@dataclass(frozen=True, slots=True)
class ClaimShown:
    """One claim in words."""

    name: str
    question: str
    status: str
    strength: str
    sentence: str
    case: str

    @property
    def mark(self) -> str:
        return "bad" if self.status == "failed" else "open" if " " in self.status else "good"


def page(subject: Subject) -> str:
    """The whole HTML page, self-contained; the same bytes for the same subject."""
    lead, learned = told_first(subject.code)
    learned_rule = isinstance(subject.network, ClauseNetwork)
    main = main_part(subject.code, _RULE if learned_rule else (subject.name,))
    network: Figure | None = None
    if subject.network is not None:
        network = Figure(*network_picture(subject.network))
    values: dict[str, Any] = {
        "name": subject.name,
        "lead": with_code(lead),
        "learned": learned,
        "ok": subject.certificate.ok,
        "claims": _claims(subject),
        "main": highlighted(main),
        "whole": highlighted(subject.code) if main != subject.code else None,
        "lines": len(subject.code.splitlines()),
        "network": network,
        "notation": None if subject.formula is None else notation(subject.formula),
        "attempts": subject.record.attempts,
        "work": _work(subject),
        "quality": _quality(subject),
        "seed": subject.certificate.seed,
        "versions": dict(sorted(subject.certificate.versions.items())),
        "record": subject.record.block(),
    }
    text: str = environment().get_template("report.html.j2").render(values)
    return text


def _claims(subject: Subject) -> list[ClaimShown]:
    sentences = subject.certificate.sentences()
    pairs = zip(subject.certificate.claims.items(), sentences, strict=True)
    shown = []
    for (name, claim), sentence in pairs:
        rest = sentence.split(": ", 1)[-1]
        question = _MEANING[name]
        if subject.formula is not None:
            question = question.replace("the network says, at the trained size", "the formula says")
        shown.append(ClaimShown(name, question, claim.status, _STRENGTH[claim.status],
                                rest[:1].upper() + rest[1:], _case(claim)))  # fmt: skip
    return shown


def _case(claim: Claim) -> str:
    """The counterexample as text that can be copied; empty where there is none."""
    if claim.counterexample is None:
        return ""
    told = json.dumps(claim.counterexample, ensure_ascii=False)
    return told if len(told) <= _LONGEST_CASE else f"{told[:_LONGEST_CASE]} …"


def _work(subject: Subject) -> list[Part]:
    """The solver at work, in the way that fits its kind; nothing where it gives no answer."""
    try:
        if subject.formula is not None:
            return formula_scenes(subject, subject.formula)
        problem = subject.problem
        match subject.network:
            case GridNetwork() if problem is not None:
                return grid_scenes(subject, problem)
            case ItemNetwork() | SizedNetwork() if problem is not None:
                return item_scenes(subject, problem)
            case RecurrentNetwork() | PrefixNetwork() if problem is not None:
                return sequence_scenes(subject, problem)
            case DenseNetwork() as network:
                return dense_scenes(subject, network)
            case _:
                return []
    except ValueError:
        return []


def _quality(subject: Subject) -> list[Part]:
    if subject.formula is not None:
        return front_parts(subject)
    if subject.problem is None:
        return []
    try:
        if isinstance(subject.network, ClauseNetwork):
            return clause_parts(subject, subject.problem)
        return accuracy_parts(subject, subject.problem)
    except NotDrawn:
        return []


@cache
def environment() -> Any:
    """Templates of pages: every value is escaped unless it is :class:`Markup`."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource_folder("templates")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
    )
