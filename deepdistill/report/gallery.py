"""The index of a folder of results: a card for each, in groups by what they are about."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ..data.problem import InputError
from ..drawing.highlight import opening_words, with_code
from ..drawing.svg import Markup
from ..forms import form_of_network, forms
from ..forms.files import read_network
from ..target.source import environment
from ..verify.certificate import read_certified
from .page import mark


@dataclass(frozen=True, slots=True)
class Card:
    """One result: its name and folder, what it says of itself, how its claims stand."""

    name: str
    folder: str
    target: str
    group: str
    lead: Markup
    lines: int
    verdict: str
    claims: tuple[tuple[str, str], ...]

    @property
    def mark(self) -> str:
        return mark(self.verdict)


def gallery_page(folder: Path) -> str:
    """The index page; :class:`InputError` where the folder holds no result."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder: give one that holds results")
    cards = [
        card(path.parent)
        for path in sorted(folder.glob("*/certificate.json"))
        if not path.parent.name.startswith(".")
    ]
    if not cards:
        raise InputError(f"{folder} holds no results: distill something into it first")
    titles = dict.fromkeys(form.title for form in sorted(forms(), key=lambda form: form.place))
    grouped = [(title, [c for c in cards if c.group == title]) for title in titles]
    values = {
        "groups": [(name, members) for name, members in grouped if members],
        "count": len(cards),
        "verdicts": ", ".join(
            f"{count} {verdict}"
            for verdict, count in Counter(c.verdict for c in cards).most_common()
        ),
    }
    text: str = environment(escaped=True).get_template("gallery.html.j2").render(values)
    return text


def card(folder: Path) -> Card:
    """The card of a result's folder; nothing in it is executed."""
    certificate, files = read_certified(folder)
    code = files["solver.py"].decode("utf-8", "replace")
    target = "report.html" if (folder / "report.html").is_file() else "solver.py"
    try:
        lead, _ = opening_words(code)
    except (SyntaxError, ValueError):
        raise InputError(f"{folder / 'solver.py'} is not Python") from None
    network = read_network(files["network.npz"], str(folder / "network.npz"))
    claims = tuple((name, claim.status) for name, claim in certificate.claims.items())
    return Card(
        certificate.problem,
        folder.name,
        target,
        form_of_network(network).title,
        with_code(lead),
        len(code.splitlines()),
        certificate.verdict,
        claims,
    )
