"""The page of one result: what is shown, from top to bottom; the template lays it out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..data.draws import NotDrawn
from ..data.problem import InputError
from ..drawing.highlight import highlighted, main_part, opening_words, with_code
from ..drawing.parts import Figure, Notation, Part
from ..drawing.svg import Markup
from ..forms import form_of_network
from ..forms.protocol import Form
from ..forms.subject import Subject
from ..target.source import environment
from ..verify.certificate import Certificate, Claim

_MEANING = {
    "faithful": "Does the solver say what the network says, at the trained size?",
    "scalable": "Does it still, at other sizes?",
    "correct": "Is that the right answer?",
}
_STRENGTH = {
    "proved": "proved for all inputs",
    "exhaustive": "every case was tried",
    "sampled": "examples were tried",
    "evidence": "supported by data",
    "not applicable": "not applicable",
    "no oracle": "no answer is known",
    "failed": "failed",
}
_LONGEST_CASE = 2000


@dataclass(frozen=True, slots=True)
class ClaimInWords:
    """One claim in words."""

    name: str
    question: str
    status: str
    strength: str
    sentence: str
    case: str

    @property
    def mark(self) -> str:
        return mark(self.status)


def mark(status: str) -> str:
    """The colour of a status: green is for what holds for every input, red for what does not."""
    return {"proved": "good", "exhaustive": "good", "failed": "bad"}.get(status, "open")


def page(subject: Subject) -> str:
    """The whole HTML page, self-contained; the same bytes for the same subject."""
    form = form_of_network(subject.network)
    lead, learned = opening_words(subject.code)
    name = form.function_name(subject.network, subject.name)
    main = main_part(subject.code, form.at_work(name))
    picture = form.picture(subject.network)
    notation = picture if isinstance(picture, Notation) else None
    values: dict[str, Any] = {
        "name": subject.name,
        "lead": with_code(lead),
        "learned": learned,
        "mark": mark(subject.certificate.verdict),
        "verdict": _verdict(subject.certificate),
        "claims": _claims(subject, "network" if notation is None else "formula"),
        "further": subject.certificate.sentences()[len(subject.certificate.claims) :],
        "main": highlighted(main),
        "whole": highlighted(subject.code) if main != subject.code else None,
        "lines": len(subject.code.splitlines()),
        "network": picture if isinstance(picture, Figure) else None,
        "notation": notation,
        "attempts": subject.record.attempts,
        "work": _work(form, subject),
        "quality": _quality(form, subject),
        "quality_title": form.quality_title,
        "style": Markup(form.style),
        "seed": subject.seed,
        "versions": dict(sorted(subject.certificate.versions.items())),
        "record": Markup(subject.record.block()),
    }
    text: str = environment(escaped=True).get_template("report.html.j2").render(values)
    return text


def _verdict(certificate: Certificate) -> str:
    """Whether the answers are right, and how that is known."""
    failed = [name for name, claim in certificate.claims.items() if not claim.ok]
    if failed:
        return f"Failed: {' and '.join(failed)}"
    return f"Correct: {certificate.correct.status}, {certificate.correct.measure}"


def _claims(subject: Subject, learned: str) -> list[ClaimInWords]:
    """The claims; ``learned`` says what the solver was written from, a network or a formula."""
    sentences = subject.certificate.sentences()
    claims = []
    for (name, claim), sentence in zip(subject.certificate.claims.items(), sentences, strict=False):
        rest = sentence.split(": ", 1)[-1]
        question = _MEANING[name]
        if learned == "formula":
            question = question.replace("the network says, at the trained size", "the formula says")
        claims.append(ClaimInWords(name, question, claim.status, _STRENGTH[claim.status],
                                   rest[:1].upper() + rest[1:], _case(claim)))  # fmt: skip
    return claims


def _case(claim: Claim) -> str:
    """The counterexample as text that can be copied; empty where there is none."""
    if claim.counterexample is None:
        return ""
    case = json.dumps(claim.counterexample, ensure_ascii=False)
    return case if len(case) <= _LONGEST_CASE else f"{case[:_LONGEST_CASE]} …"


def _work(form: Form, subject: Subject) -> list[Part]:
    """The solver at work, in the way that fits its form; nothing where it gives no answer."""
    try:
        return form.scenes(subject)
    except InputError:  # its files are damaged
        raise
    except ValueError:
        return []


def _quality(form: Form, subject: Subject) -> list[Part]:
    """How good it is; nothing where the problem draws no inputs of the sizes that are tried."""
    try:
        return form.quality(subject)
    except NotDrawn:
        return []
