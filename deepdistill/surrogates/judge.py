"""Formulas judged in the place of a block: on calls nobody fitted, and in the whole model."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..forms.formula.quality import POOR, answers_fit, fitted_rows
from ..verify.certificate import Claim, Status
from ..verify.evidence import Evidence, percent, rounded_up, untouched_bound
from .certificate import ModelAccuracy, OutputFidelity
from .search import CallRows

Floats: TypeAlias = NDArray[np.float64]

_SOLVED = 200  # rows on which solver and formulas are compared
_SAME = 1e-9
_ERRORS = 3.0  # standard errors of a network that a formula may be off
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """An output with the text of its formula and its size in nodes."""

    name: str
    text: str
    complexity: int
    teacher_error: float | None = None


def faithful(
    predicted: Floats,
    answers: Sequence[JudgedAnswer],
    names: Sequence[str],
    rows: CallRows,
    solve: Callable[..., Any],
    together: bool = False,
) -> tuple[Claim, tuple[OutputFidelity, ...]]:
    """The claim that ``predicted`` (rows, outputs; NaN where there is no value) is what the block
    answers, and the numbers of each output.

    ``names`` are those of the inputs. It fails where an output is told worse than half, or no
    better than by chance, and where the solver is not the formulas; outputs that are told
    ``together`` are judged by their squared errors over all of them.
    """
    held = rows.held
    seen = int(held.sum())
    parts, right = [], np.ones(seen, dtype=bool)
    poor = []
    for k, one in enumerate(answers):
        y, values = rows.y[:, k], predicted[:, k]
        known = np.where(np.isnan(values), float(np.mean(y)), values)
        constant = bool((y == y[0]).all())
        fitted = fitted_rows(known[~held], y[~held], 0.0, constant)
        known_error = 0.0 if one.teacher_error is None else _ERRORS * one.teacher_error
        fitted = replace(fitted, tolerance=max(fitted.tolerance, known_error))
        missing = np.isnan(values[held])
        fit = answers_fit(np.where(missing, fitted.centre, values[held]), y[held], fitted, missing)
        error = np.abs(values[held] - y[held])
        right &= error <= fitted.tolerance
        score = determination_of(y[held], values[held])
        largest = float(error.max()) if seen and not np.isnan(error).any() else math.inf
        if not constant and (score < POOR or not fit.tells_something):
            poor.append(one.name)
        parts.append(
            OutputFidelity(
                one.name,
                one.text,
                one.complexity,
                _rounded(score),
                _rounded(largest),
                fit.wrong,
                fitted.tolerance,
                one.teacher_error,
            )
        )
    wrong = int((~right).sum())
    bound = min(1.0, rounded_up(untouched_bound(wrong, seen))) if seen else 1.0
    r2 = min(one.r2 for one in parts)
    each = ", ".join(f"{one.name} {one.r2:.6f}" for one in parts)
    many = f" ({each})" if len(parts) > 1 else ""
    if together:
        r2 = _rounded(_over_all(rows.y[held], predicted[held]))
        poor = [] if r2 >= POOR else [one.name for one in parts]
        ends = min(one.r2 for one in parts), max(one.r2 for one in parts)
        many = f" over all outputs (of each {ends[0]:.4f} to {ends[1]:.4f})"
    note = (
        f"R2 {r2:.6f}{many} to the block on {rows.judges}; {wrong:,} of them off by more than "
        "three standard errors (of the fitted rows, or the network's own), at 95 % no more than "
        f"{percent(bound)} of such"
    )
    support = {"r2": [one.r2 if math.isfinite(one.r2) else None for one in parts]}
    evidence = Evidence(
        "row", seen, wrong, bound, None, support, None,
        ("what the formulas are worth outside the captured ranges",
         "how alike the rows of one call are: the bound takes them as independent"),
    )  # fmt: skip
    differs = _differs(solve, predicted, rows)
    status: Status = "failed" if poor or differs else "evidence"
    if poor:
        what = "they tell" if together else f"the formula of {', '.join(poor)} tells"
        note += f"; {what} too little of the block"
    if differs:
        note += "; the solver answers otherwise than its formulas"
    case = differs or (_worst(predicted, names, rows) if poor and seen else None)
    return Claim(status, seen, counterexample=case, note=note, evidence=evidence), tuple(parts)


def determination_of(y: Floats, predicted: Floats) -> float:
    """R2, minus infinity where a value is missing or there is no row."""
    from ..formula.teaching.student import determination

    return determination(y, predicted) if len(y) else -math.inf


def _over_all(y: Floats, predicted: Floats) -> float:
    """The share of the squared deviations of all outputs (rows, outputs) that is told."""
    spread = float(((y - y.mean(axis=0)) ** 2).sum()) if len(y) else 0.0
    error = float(((y - predicted) ** 2).sum())
    return 1 - error / spread if spread > 0 and math.isfinite(error) else -math.inf


def _rounded(value: float) -> float:
    return round(value, _DIGITS) if math.isfinite(value) and abs(value) > 1e-6 else value


def _differs(solve: Callable[..., Any], predicted: Floats, rows: CallRows) -> dict[str, Any] | None:
    """A row on which the solver is not the formulas; None where there is none."""
    for row, expected in list(zip(rows.x.tolist(), predicted.tolist(), strict=True))[:_SOLVED]:
        try:
            answer = solve(*row)
            got = list(answer) if isinstance(answer, list) else [answer]
        except ValueError:
            got = [math.nan] * len(expected)
        if any(map(math.isnan, expected)) and any(map(math.isnan, got)):
            continue
        if len(got) != len(expected) or not all(map(_near, expected, got)):
            return {"input": row, "formula": _plain(expected), "solver": _plain(got)}
    return None


def _near(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=_SAME, abs_tol=1e-12)


def _worst(predicted: Floats, names: Sequence[str], rows: CallRows) -> dict[str, Any]:
    """The held-out row on which formulas are furthest from the block."""
    error = np.nan_to_num(np.abs(predicted - rows.y), nan=math.inf).max(axis=1)
    place = int(np.where(rows.held, error, -1.0).argmax())
    return {
        "input": dict(zip(names, rows.x[place].tolist(), strict=True)),
        "block": rows.y[place].tolist(),
        "formula": _plain(predicted[place].tolist()),
    }


def _plain(values: Sequence[float]) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values]


def correct(accuracy: ModelAccuracy | None, same: float | None, why: str) -> Claim:
    """The claim that the whole model is right with formulas in the block's place.

    Without labels there is no oracle; ``same`` is then the R2 of the whole model's outputs with the
    formulas to those without, ``why`` says what else there is to say. It fails where the formulas
    lose more than half of what the model knew.
    """
    if accuracy is None:
        notes = [why] if why else []
        if same is not None:
            notes.append(
                f"the whole model answers with the formulas in place as without: R2 {same:.6f}"
            )
        return Claim("no oracle", note="; ".join(notes) or "no labels were given")
    room = max(1e-12, 1 - accuracy.chance)
    before, after = ((one - accuracy.chance) / room for one in (accuracy.before, accuracy.after))
    lost = math.isnan(after) or (before > 0 and after < POOR * before)
    note = accuracy.sentence()
    if lost:
        note += ": more than half of what the model knew is lost"
    if why:
        note += f"; {why}"
    return Claim("failed" if lost else "evidence", accuracy.examples, note=note)
