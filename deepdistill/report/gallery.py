"""The index of a folder of results: a card for each, in groups by what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..data.problem import InputError
from ..drawing.highlight import told_first, with_code
from ..drawing.svg import Markup
from ..forms.clauses.network import ClauseNetwork
from ..forms.dense.network import DenseNetwork
from ..forms.dense.sized import SizedNetwork
from ..forms.files import read_network
from ..forms.formula.network import TableFormula
from ..forms.grid.network import GridNetwork
from ..forms.sequence.network import PrefixNetwork, RecurrentNetwork
from ..units.items import ItemNetwork
from ..verify.certificate import read_certified
from .page import environment

GROUPS = (
    "Grids that change",
    "Lists and pictures",
    "Sequences",
    "Formulas with clauses",
    "Laws of real numbers",
    "Networks from elsewhere",
)


@dataclass(frozen=True, slots=True)
class Card:
    """One result: its name and folder, what it says of itself, how its claims stand."""

    name: str
    folder: str
    target: str
    group: str
    lead: Markup
    lines: int
    ok: bool
    claims: tuple[tuple[str, str], ...]


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
    grouped = [(name, [c for c in cards if c.group == name]) for name in GROUPS]
    values = {
        "groups": [(name, members) for name, members in grouped if members],
        "count": len(cards),
        "certified": sum(c.ok for c in cards),
    }
    text: str = environment().get_template("gallery.html.j2").render(values)
    return text


def card(folder: Path) -> Card:
    """The card of a result's folder; nothing in it is executed."""
    certificate, files = read_certified(folder)
    code = files["solver.py"].decode("utf-8", "replace")
    target = "report.html" if (folder / "report.html").is_file() else "solver.py"
    try:
        lead, _ = told_first(code)
    except (SyntaxError, ValueError):
        raise InputError(f"{folder / 'solver.py'} is not Python") from None
    claims = tuple((name, claim.status) for name, claim in certificate.claims.items())
    return Card(
        certificate.problem,
        folder.name,
        target,
        _group(files["network.npz"], str(folder / "network.npz")),
        with_code(lead),
        len(code.splitlines()),
        certificate.ok,
        claims,
    )


def _group(stored: bytes, what: str) -> str:
    network = read_network(stored, what)
    match network:
        case GridNetwork():
            return GROUPS[0]
        case ItemNetwork() | SizedNetwork():
            return GROUPS[1]
        case RecurrentNetwork() | PrefixNetwork():
            return GROUPS[2]
        case ClauseNetwork():
            return GROUPS[3]
        case DenseNetwork():
            return GROUPS[5]
        case TableFormula():
            return GROUPS[4]
        case _:
            raise TypeError(f"no heading for {type(network).__name__}")
