"""Formulas on a page: notation, curves through held-out rows, the front, the teachers."""

from __future__ import annotations

import math

import numpy as np

from ...drawing.chart import xy_chart
from ...drawing.parts import Figure, Notation, Part, PartTable
from ...drawing.svg import Markup
from ...ir.evaluate import evaluate_formula
from ...ir.program import Formula
from ...target.notation import formula_latex, formula_mathml
from ..subject import Subject
from .network import TableFormula

_POINTS = 81
_MOST_CURVES = 4
_MOST_ROWS = 200
_LEAST = 1e-16  # of the largest error, what is drawn as the least


def picture(network: TableFormula) -> Notation:
    """The equations, and their LaTeX source."""
    formula = network.formula
    return Notation(tuple(map(Markup, formula_mathml(formula))), formula_latex(formula))


def scenes(subject: Subject) -> list[Part]:
    """The formula along each of its inputs, and against held-out rows."""
    network: TableFormula = subject.network
    formula, rows = network.formula, network.rows
    parts: list[Part] = []
    output = formula.output.title or formula.output.name
    single = len(formula.inputs) == 1 and not formula.inputs[0].levels
    middle = {s.name: s.domain.low / 2 + s.domain.high / 2 for s in formula.inputs}
    texts = [scalar for scalar in formula.inputs if scalar.levels]
    middle |= {scalar.name: 0.0 for scalar in texts}
    others = "".join(f", {s.title or s.name} {s.written(0)!r:.20}" for s in texts)
    numbers = [scalar for scalar in formula.inputs if not scalar.levels]
    for scalar in numbers[:_MOST_CURVES]:
        curve = []
        for share in np.linspace(0, 1, _POINTS).tolist():  # the ends' distance may overflow
            at = scalar.domain.low * (1 - share) + scalar.domain.high * share
            curve.append((at, _value(formula, {**middle, scalar.name: at})))
        points = []
        if single:
            points = list(zip(rows[0][:_MOST_ROWS, 0].tolist(), rows[1].tolist(), strict=False))
        name = scalar.title or scalar.name
        rest = "with the held-out rows" if single else "the other inputs at mid-range" + others
        title = f"{output} against {name}, {rest}"
        parts.append(Figure(xy_chart(title, name, output, points, curve), title))
    if len(rows[1]) and not single:
        names = [scalar.name for scalar in formula.inputs]
        pairs = []
        for row, label in zip(rows[0][:_MOST_ROWS].tolist(), rows[1].tolist(), strict=False):
            value = _value(formula, dict(zip(names, row, strict=True)))
            if value is not None:
                pairs.append((label, value))
        ends = [bound for pair in pairs for bound in (min(pair), max(pair))]
        line = [(end, end) for end in (min(ends, default=0.0), max(ends, default=0.0))]
        title = f"What the formula gives for the {len(pairs)} held-out rows, against their labels"
        parts.append(Figure(xy_chart(title, "label", "formula", pairs, line), title))
    return parts


def _value(formula: Formula, numbers: dict[str, float]) -> float | None:
    try:
        value = evaluate_formula(formula, numbers)
    except (ValueError, ArithmeticError):
        return None
    return value if np.isfinite(value) else None


def quality(subject: Subject) -> list[Part]:
    """How good the formulas of the search were for their size; the teachers' scores."""
    parts: list[Part] = []
    record = subject.record
    if record.front:
        parts.append(_front_chart(record.front))
        parts.append(
            PartTable(
                "Formulas of the search that no smaller one beat: size (nodes of Python's syntax "
                "tree) and mean squared error on the rows that were fitted",
                ("size", "error"),
                tuple((str(size), f"{loss:.3g}" if loss else "0") for size, loss in record.front),
            )
        )
    if record.trials:
        parts.append(
            PartTable(
                "Teachers: strength λ of the penalty, and R² of the teacher and of its student on "
                "held-out rows; the last of several is their mean",
                ("λ", "teacher", "student"),
                tuple((f"{a:g}", f"{b:.4f}", f"{c:.4f}") for a, b, c in record.trials),
            )
        )
        curve = [(float(k), trial[2]) for k, trial in enumerate(record.trials)]
        points = [(float(k), trial[1]) for k, trial in enumerate(record.trials)]
        title = "R² of students (line) and teachers (squares), in the order of the table"
        parts.append(Figure(xy_chart(title, "trial", "R²", points, curve), title))
    held_out = _held_out(subject.network)
    return [*parts, held_out] if held_out else parts


def _front_chart(front: tuple[tuple[int, float], ...]) -> Figure:
    """Error against size; powers of ten, and nothing below those of rounding."""
    least = _LEAST * max(max(loss for _, loss in front), 1e-300)
    points = [(float(size), math.log10(max(loss, least))) for size, loss in front]
    title = "Error against size of the formulas that no smaller one beat, as powers of ten"
    return Figure(xy_chart(title, "size", "log10 of the error", points, points), title)


def _held_out(network: TableFormula) -> PartTable | None:
    """R2 on the held-out rows, beside the mean of them."""
    formula, rows = network.formula, network.rows
    if len(rows[1]) < 2:
        return None
    names = [scalar.name for scalar in formula.inputs]
    values = [_value(formula, dict(zip(names, row, strict=True))) for row in rows[0].tolist()]
    good = [k for k, value in enumerate(values) if value is not None]
    if len(good) < 2:
        return None
    labels = rows[1][good]
    predicted = np.array([values[k] for k in good], dtype=np.float64)
    # in units of the largest number, so that squares of enormous ones stay finite
    unit = float(max(np.abs(labels).max(), np.abs(predicted).max())) or 1.0
    labels, predicted = labels / unit, predicted / unit
    spread = float(np.var(labels))
    error = float(np.mean((predicted - labels) ** 2))
    if not spread > 0:
        return None
    score = f"{1 - error / spread:.6f}"
    return PartTable(
        f"R² on the {len(good)} rows that were held out",
        ("rule", "R²"),
        (("the formula", score), ("the mean of these rows", "0.000000")),
    )
