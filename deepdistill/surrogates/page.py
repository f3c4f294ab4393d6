"""The report of formulas in the place of a block: one self-contained page."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .. import __version__
from ..data.record import Record
from ..drawing.chart import xy_chart
from ..drawing.highlight import highlighted, main_part, opening_words, with_code
from ..drawing.parts import Figure, Notation, Part, PartTable
from ..drawing.svg import Markup
from ..ir.formulas import Formulas
from ..report.page import ClaimInWords, mark
from ..target.formulas_source import formula_of
from ..target.notation import formula_latex, formula_mathml
from ..target.source import environment

if TYPE_CHECKING:
    from .surrogate import Surrogate

Floats: TypeAlias = NDArray[np.float64]

_QUESTIONS = {
    "faithful": "Do the formulas answer as the block does, on calls that were held out?",
    "correct": "Is the whole model right with the formulas in the block's place?",
}
_STRENGTH = {
    "evidence": "supported by data",
    "no oracle": "no answer is known",
    "failed": "failed",
}
_MOST_OUTPUTS, _MOST_INPUTS, _MOST_POINTS = 4, 4, 200
_NEAR = 60  # rows of a slice
_LEAST = 1e-16


def page(subject: Surrogate[Any]) -> str:
    """The whole page; the same bytes for the same formulas and rows."""
    certificate, code = subject.certificate, subject.code
    lead, learned = opening_words(code)
    main = main_part(code, [subject.name])
    claims = [
        ClaimInWords(
            name,
            _QUESTIONS[name],
            claim.status,
            _STRENGTH[claim.status],
            f"{claim.note}.",
            "" if claim.counterexample is None else json.dumps(claim.counterexample),
        )
        for name, claim in certificate.claims.items()
    ]
    failed = [name for name, claim in certificate.claims.items() if not claim.ok]
    verdict = f"Failed: {' and '.join(failed)}" if failed else f"Faithful: {_least(subject)}"
    values: dict[str, Any] = {
        "name": subject.name,
        "lead": with_code(lead),
        "learned": learned,
        "mark": mark("failed" if failed else "evidence"),
        "verdict": verdict,
        "claims": claims,
        "further": certificate.sentences()[len(claims) :],
        "main": highlighted(main),
        "whole": highlighted(code) if main != code else None,
        "lines": len(code.splitlines()),
        "network": None,
        "notation": _notation(subject),
        "attempts": (),
        "work": [*_slices(subject), *_residuals(subject)],
        "quality": list(_quality(subject)),
        "quality_title": "How good it is",
        "style": Markup(""),
        "seed": subject.source.seed,
        "versions": {"deepdistill": __version__},
        "record": Markup(Record().block()),
    }
    text: str = environment(escaped=True).get_template("surrogate.html.j2").render(values)
    return text


def _least(subject: Surrogate[Any]) -> str:
    return f"R2 at least {min(one.r2 for one in subject.certificate.outputs):.6f} on held-out calls"


def _notation(subject: Surrogate[Any]) -> Notation | None:
    if not isinstance(subject.program, Formulas):
        return None
    formulas = [formula_of(subject.program, k) for k in range(len(subject.program.outputs))]
    equations = [one for formula in formulas for one in formula_mathml(formula)]
    latex = "\n".join(map(formula_latex, formulas))
    return Notation(tuple(map(Markup, dict.fromkeys(equations))), latex)


def _held(subject: Surrogate[Any]) -> tuple[Floats, Floats, Floats]:
    """Held-out rows, what the block answered and what the formulas do."""
    rows = subject.source.rows
    x, y = rows.x[rows.held], rows.y[rows.held]
    return x, y, subject.answers(x)


def _slices(subject: Surrogate[Any]) -> Iterator[Part]:
    """Rows of the block that lie close together in all inputs but one, and the formula there."""
    x, y, answers = _held(subject)
    if len(x) < 2:
        return
    spread = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    unit = (x - np.median(x, axis=0)) / spread
    used = [k for k, name in enumerate(subject.source.columns.names) if name in _used(subject)]
    for k, output in enumerate(subject.program.outputs[:_MOST_OUTPUTS]):
        for column in used[:_MOST_INPUTS]:
            others = np.delete(unit, column, axis=1)
            near = np.argsort((others**2).sum(axis=1), kind="stable")[:_NEAR]
            near = near[np.argsort(x[near, column], kind="stable")]
            points = list(zip(x[near, column].tolist(), y[near, k].tolist(), strict=True))
            line = zip(x[near, column].tolist(), answers[near, k].tolist(), strict=True)
            curve = [(a, b if math.isfinite(b) else None) for a, b in line]
            name = subject.source.columns.names[column]
            title = (
                f"{output.name} against {name} where the other inputs are near their medians: "
                "held-out rows of the block (squares), the formula there (line)"
            )
            yield Figure(xy_chart(title, name, output.name, points, curve), title)


def _used(subject: Surrogate[Any]) -> set[str]:
    return set(subject.program.used())


def _residuals(subject: Surrogate[Any]) -> Iterator[Part]:
    """What is left of each output, against what the formula gives."""
    _, y, answers = _held(subject)
    for k, output in enumerate(subject.program.outputs[:_MOST_OUTPUTS]):
        pairs = zip(answers[:_MOST_POINTS, k].tolist(), y[:_MOST_POINTS, k].tolist(), strict=True)
        points = [(a, b - a) for a, b in pairs if math.isfinite(a)]
        if points:
            ends = [(min(a for a, _ in points), 0.0), (max(a for a, _ in points), 0.0)]
            title = f"Residuals of {output.name} on held-out rows, block minus formula"
            yield Figure(xy_chart(title, "formula", "residual", points, ends), title)


def _quality(subject: Surrogate[Any]) -> Iterator[Part]:
    certificate = subject.certificate
    if certificate.accuracy is not None:
        one = certificate.accuracy
        yield PartTable(
            f"{one.measure} of the whole model on {one.examples:,} "
            f"{'held-out examples' if one.held_out else 'examples, fitted ones among them'}",
            ("in the block's place", one.measure),
            (
                ("the network's own block", f"{one.before:.6f}"),
                ("the formulas", f"{one.after:.6f}"),
                ("a constant answer", f"{one.chance:.6f}"),
            ),
        )
    yield PartTable(
        "Fidelity to the block on held-out rows",
        ("output", "R2", "largest error", "size"),
        tuple(
            (one.name, f"{one.r2:.6f}", f"{one.largest_error:.3g}", str(one.complexity))
            for one in certificate.outputs
        ),
    )
    fronts: dict[str, list[tuple[int, float]]] = {}
    for row in subject.table():
        fronts.setdefault(row["output"], []).append((row["complexity"], row["loss"]))
    for name, front in list(fronts.items())[:_MOST_OUTPUTS]:
        worst = max(max(loss for _, loss in front), 1e-300)
        points = [(float(size), math.log10(max(loss, _LEAST * worst))) for size, loss in front]
        title = f"Error against size of the formulas for {name}, as powers of ten"
        yield Figure(xy_chart(title, "size", "log10 of the error", points, points), title)
    yield PartTable(
        f"Formulas that could be chosen: size in {subject.sized}",
        ("formula", "output", "size", "error", "chosen"),
        tuple(
            (
                row["formula"],
                row["output"],
                str(row["complexity"]),
                f"{row['loss']:.3g}",
                "chosen" if row["chosen"] else "",
            )
            for row in subject.table()
        ),
    )
