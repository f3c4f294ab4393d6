"""The judge of formulas: does the solver compute the formula, and how well does it fit?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import frexp, isclose
from typing import Any, TypeAlias

import numpy as np
from hypothesis import given, seed
from hypothesis import strategies as st
from numpy.typing import NDArray

from ..ir.domain import ranges_in_words
from ..ir.evaluate import evaluate_formula
from ..ir.expr import Call
from ..ir.program import Formula
from ..ir.rounding import reported_error
from .borders import borders
from .certificate import FORMAT, Certificate, Claim, versions_now
from .extrapolation import Extrapolation, beyond_ranges, spread_of
from .minimal import simplest_row
from .strategies import quietly

Solve: TypeAlias = Callable[..., Any]
Floats: TypeAlias = NDArray[np.float64]

EXAMPLES = 300
POOR, NOTHING = 0.5, 0.02  # R2 below which the certificate warns in plain words
RELATIVE = 1e-12  # the solver's sums are those of the formula, up to their order


def certify_formula(
    name: str,
    formula: Formula,
    solve: Solve,
    rows: tuple[Floats, Floats],
    number: int = 0,
    *,
    examples: int = EXAMPLES,
    oracle: Callable[..., Floats] | None = None,
    tolerance: float = 1e-9,
    versions: Mapping[str, str | int] | None = None,
    notes: Sequence[str] = (),
    undecided: Sequence[Call] = (),
    outside: Extrapolation | None = None,
) -> Certificate:
    """Compare a solver with its formula in the sampled ranges, and with held-out answers.

    ``rows`` are held-out inputs (rows, columns) and answers. With an ``oracle`` the claim of
    correctness is an answer within ``tolerance`` of its spread everywhere in the ranges; without
    one quality statistics take its place. ``number`` is the seed. A formula in regimes is compared
    at its breakpoints and beside them too; exactly at the ``undecided`` comparisons the oracle is
    not asked, for no row tells which side holds there. ``notes`` join the words on quality, and so
    does the error ``outside`` the ranges, of which nothing is claimed.
    """
    if versions is None:
        versions = {**versions_now(), "formula": FORMAT}
    told = [] if outside is None else [f"extrapolation: {outside.sentence}"]
    quality = "; ".join([quality_sentence(formula, rows), *notes, *told])
    correct = Claim("no oracle", note=quality)
    if oracle is not None:
        correct = _correct(formula, solve, oracle, number, examples, tolerance, quality, undecided)
    return Certificate(
        name,
        number,
        _faithful(formula, solve, number, examples),
        Claim("not applicable", note="a formula of numbers has one size"),
        correct,
        versions,
    )


def _faithful(formula: Formula, solve: Solve, number: int, examples: int) -> Claim:
    note = f"to {RELATIVE:g} relative, {ranges_in_words(formula)}; elsewhere nothing is claimed"
    count = 0
    wrong: tuple[float, ...] | None = None
    ranges = [(scalar.domain.low, scalar.domain.high) for scalar in formula.inputs]

    def differs(row: tuple[float, ...]) -> bool:
        return not _same(_formula_at(formula, row), _solver_at(solve, row), RELATIVE)

    @seed(number)
    @quietly(examples)
    @given(rows_within(formula))
    def agree(row: tuple[float, ...]) -> None:
        agree_at(row)

    def agree_at(row: tuple[float, ...]) -> None:
        nonlocal count, wrong
        count += 1
        if differs(row):
            wrong = row
            raise AssertionError

    try:
        agree()
        for border in borders(formula, number):
            agree_at(border.row)
    except AssertionError:
        assert wrong is not None
        least = simplest_row(wrong, ranges, differs)
        answers = {"expected": _formula_at(formula, least), "answered": _solver_at(solve, least)}
        return Claim("failed", count, (), {"input": list(least), **answers}, note)
    return Claim("sampled", count, (), None, note)


def outside_ranges(
    formula: Formula, oracle: Callable[..., Floats], number: int
) -> Extrapolation | None:
    """The formula against an oracle outside the sampled ranges."""

    def predict(x: Floats) -> Floats:
        found = [_formula_at(formula, tuple(row)) for row in x.tolist()]
        return np.array(found, dtype=np.float64)

    low = np.array([scalar.domain.low for scalar in formula.inputs])
    high = np.array([scalar.domain.high for scalar in formula.inputs])
    return beyond_ranges(predict, oracle, low, high, number)


def rows_within(formula: Formula) -> st.SearchStrategy[tuple[float, ...]]:
    """Arguments in the sampled ranges, their ends included."""
    return st.tuples(
        *(st.floats(scalar.domain.low, scalar.domain.high) for scalar in formula.inputs)
    )


def _formula_at(formula: Formula, row: tuple[float, ...]) -> float | None:
    """The formula's value; None where it has none."""
    names = [scalar.name for scalar in formula.inputs]
    try:
        value = evaluate_formula(formula, dict(zip(names, row, strict=True)))
    except (ArithmeticError, ValueError):
        return None
    return value if np.isfinite(value) else None


def _solver_at(solve: Solve, row: tuple[float, ...]) -> float | str | None:
    try:
        answer = solve(*row)
    except ValueError:
        return None
    except Exception as error:
        return f"raises {type(error).__name__}"
    return answer if isinstance(answer, float) else repr(answer)[:100]


def _same(expected: float | None, answered: float | str | None, tolerance: float) -> bool:
    if expected is None or answered is None:
        return expected is answered
    if isinstance(answered, str):
        return False
    return isclose(expected, answered, rel_tol=tolerance, abs_tol=1e-300)


def _correct(
    formula: Formula,
    solve: Solve,
    oracle: Callable[..., Floats],
    number: int,
    examples: int,
    tolerance: float,
    quality: str,
    undecided: Sequence[Call] = (),
) -> Claim:
    rng = np.random.default_rng([number, 23])
    low = np.array([scalar.domain.low for scalar in formula.inputs])
    high = np.array([scalar.domain.high for scalar in formula.inputs])
    x = rng.uniform(low, high, (examples, len(low)))
    near = [
        border.row
        for border in borders(formula, number)
        if not (border.exactly and border.comparison in undecided)
    ]
    x = np.concatenate([x, np.array(near)]) if near else x
    examples = len(x)
    with np.errstate(all="ignore"):
        expected = np.asarray(oracle(*x.T), dtype=np.float64)
    finite = expected[np.isfinite(expected)]
    spread = float(np.std(finite)) if len(finite) else 0.0
    note = f"within {tolerance:g} of the spread of the answers, in the same ranges; {quality}"

    def right(truth: float, answered: float | str | None) -> bool:
        if not np.isfinite(truth):
            return True
        return isinstance(answered, float) and abs(answered - truth) <= tolerance * spread

    def known(row: tuple[float, ...]) -> float:
        with np.errstate(all="ignore"):
            return float(np.asarray(oracle(*np.array([row]).T), dtype=np.float64)[0])

    for row, truth in zip(x.tolist(), expected.tolist(), strict=True):
        if not right(truth, _solver_at(solve, tuple(row))):
            least = simplest_row(
                tuple(row),
                list(zip(low.tolist(), high.tolist(), strict=True)),
                lambda moved: not right(known(moved), _solver_at(solve, moved)),
            )
            answers = {"expected": known(least), "answered": _solver_at(solve, least)}
            return Claim("failed", examples, (), {"input": list(least), **answers}, note)
    return Claim("sampled", examples, (), None, note)


def quality_sentence(formula: Formula, rows: tuple[Floats, Floats]) -> str:
    """How well the formula fits held-out rows, in words."""
    x, y = rows
    found = [_formula_at(formula, tuple(row)) for row in x.tolist()]
    missing = sum(value is None for value in found)
    if missing:
        return f"no value on {missing} of {len(y)} held-out rows"
    if not len(y):
        return "the table is too small to hold rows out, so how well the formula fits is not known"
    values = np.array(found, dtype=np.float64)
    size = float(max(np.abs(y).max(), np.abs(values).max()))
    # squares of enormous numbers overflow, those of tiny ones vanish
    unit = 2.0 ** (frexp(size)[1] - 1) if size > 0 else 1.0
    error = values / unit - y / unit
    told = reported_error(float(np.abs(error).max()), spread_of(y / unit))
    worst = f"largest error {told * unit:.3g}"
    spread = float(np.var(y / unit))
    if not spread > 0:
        return f"{worst} on {len(y)} held-out rows"
    score = 1 - float(np.mean(error**2)) / spread
    return f"R2 {score:.6f}, {worst} on {len(y)} held-out rows{_warning(score)}"


def _warning(score: float) -> str:
    """Plain words where a formula fits badly."""
    if score <= NOTHING:
        return ": it tells nothing that the mean of the answers does not tell"
    if score < POOR:
        return ": it explains less than half of how the answers vary"
    return ""
