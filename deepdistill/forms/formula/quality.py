"""How well a formula fits rows that were held out, and what it does outside the sampled ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, frexp, inf, log
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, rankdata
from scipy.stats import t as student_t

from ...formula.extrapolation import Extrapolation, beyond_ranges, spread_of
from ...ir.evaluate import evaluate_formula
from ...ir.program import Formula
from ...ir.rounding import reported_error, rounded
from .network import FittedRows

Floats: TypeAlias = NDArray[np.float64]
Truths: TypeAlias = NDArray[np.bool_]

POOR, NOTHING = 0.5, 0.02  # R2 below which the certificate warns in plain words

_DOUBT = 0.025  # of each of two tests that a formula tells something
_SHARE = 0.95  # of answers that an interval holds
_ERRORS = 3.0  # standard errors of a fitted row that a held-out one may be off
_LARGEST = 1e308
_GROSS = 3.0  # tolerances
_FAR, _FEW = 8.0, 0.08  # robust standard errors, and the share of rows that may be further off
_EXACT = 1e-9  # of the spread of the answers: the tolerance of an exact formula
_TWENTY = log(20)
_RANKED = 5  # rows
_MOST_LISTED = 12


def formula_at(formula: Formula, row: tuple[float, ...]) -> float | None:
    """The formula's value; None where it has none."""
    names = [scalar.name for scalar in formula.inputs]
    try:
        value = evaluate_formula(formula, dict(zip(names, row, strict=True)))
    except (ArithmeticError, ValueError):
        return None
    return value if np.isfinite(value) else None


def outside_ranges(
    formula: Formula, oracle: Callable[..., Floats], number: int
) -> Extrapolation | None:
    """The formula against an oracle outside the sampled ranges."""

    def predict(x: Floats) -> Floats:
        answers = [formula_at(formula, tuple(row)) for row in x.tolist()]
        return np.array(answers, dtype=np.float64)

    low = np.array([scalar.domain.low for scalar in formula.inputs])
    high = np.array([scalar.domain.high for scalar in formula.inputs])
    return beyond_ranges(predict, oracle, low, high, number)


def quality_sentence(formula: Formula, rows: tuple[Floats, Floats], classes: bool = False) -> str:
    """How well the formula fits held-out rows, in words; of ``classes`` it is a score."""
    x, y = rows
    answers = [formula_at(formula, tuple(row)) for row in x.tolist()]
    missing = sum(value is None for value in answers)
    if missing:
        return f"no value on {missing} of {len(y)} held-out rows"
    if not len(y):
        return "the table is too small to hold rows out, so how well the formula fits is not known"
    values = np.array(answers, dtype=np.float64)
    if classes:
        right = float(np.mean(signs(values) == y))
        lost = float(np.mean(np.logaddexp(0.0, -y * values)))
        return f"{100 * right:.3g} % right, log loss {lost:.3g} on {len(y)} held-out rows"
    unit = _unit(float(max(np.abs(y).max(), np.abs(values).max())))
    error = values / unit - y / unit
    described = reported_error(float(np.abs(error).max()), spread_of(y / unit))
    worst = f"largest error {described * unit:.3g}"
    spread = float(np.var(y / unit))
    if not spread > 0:
        return f"{worst} on {len(y)} held-out rows"
    score = 1 - float(np.mean(error**2)) / spread
    return f"R2 {score:.6f}, {worst} on {len(y)} held-out rows{_warning(score)}"


def signs(scores: Floats) -> Floats:
    """The class of each score (rows,): 1 where it is positive, else -1."""
    return np.where(scores > 0, 1.0, -1.0)


def _unit(size: float) -> float:
    """A power of two near a size: squares of enormous numbers overflow, of tiny ones vanish."""
    return 2.0 ** (frexp(size)[1] - 1) if 0 < size < inf else 1.0


def _warning(score: float) -> str:
    """Plain words where a formula fits badly."""
    if score <= NOTHING:
        return ": it tells nothing that the mean of the answers does not tell"
    if score < POOR:
        return ": it explains less than half of how the answers vary"
    return ""


@dataclass(frozen=True, slots=True)
class HeldOutFit:
    """How well a formula answers the ``seen`` rows that were held out.

    ``wrong`` of them are further than ``tolerance`` from it, or have no value. ``skill`` is the
    share of the mean's squared error that it saves, ``skill_bound`` a lower bound on it at 97.5 %
    (paired Student t), minus infinity where too few rows were held out. ``order`` is the
    probability that answers in any order agree as well with the formula's (rank correlation),
    ``hits`` that the best constant gives as many within the tolerance (binomial). ``interval`` is
    the half width of a prediction interval at 95 % (split conformal), infinite for too few rows.
    ``others`` is R2 on the held-out rows that are no ``outliers`` (rows of the table, from 1).
    Of the ``fitted`` rows ``missed`` are wrong, too.
    """

    seen: int
    wrong: int
    tolerance: float
    skill: float
    skill_bound: float
    order: float
    hits: float
    interval: float
    tells_something: bool
    outliers: tuple[int, ...] = ()
    constant: bool = False
    others: float = -inf
    missed: int = 0
    fitted: int = 0
    classes: bool = False

    def sentences(self) -> Iterator[str]:
        """What is told of it besides R2."""
        if self.seen and self.classes:
            yield f"{self.wrong} of {self.seen} held-out rows are of the other class"
        elif self.seen:
            yield (
                f"{self.wrong} of {self.seen} held-out rows are off by more than "
                f"{self.tolerance:.3g}, three standard errors of the fitted rows"
            )
        if self.interval < inf:
            yield f"95 % of answers like these lie within {self.interval:.3g} of the formula"
        if self.outliers:
            several = len(self.outliers) > 1
            yield (
                f"{'rows' if several else 'row'} {_listed(self.outliers)} of the table "
                f"{'do' if several else 'does'} not follow the formula, no outlier was fitted"
            )
            if self.wrong and self.others > -inf:
                yield f"R2 {self.others:.6f} on the held-out rows that are no outliers"
        if not self.tells_something:
            yield self._reason()

    def _reason(self) -> str:
        if not self.seen:
            return "what the formula saves over the mean of so few answers can be chance"
        if self.classes:
            return (
                "that it tells more than how frequent the classes are is not shown: scores in any "
                f"order agree as well with probability {self.order:.2g}"
            )
        least = f", at least {self.skill_bound:.3g} with 97.5 %" if self.skill_bound > -inf else ""
        return (
            f"that it tells more than the mean is not shown: the share of the mean's squared error "
            f"that it saves is {self.skill:.3g}{least}; answers in any order agree as well with "
            f"probability {self.order:.2g}"
        )


def held_out_fit(
    formula: Formula, rows: tuple[Floats, Floats], fitted: FittedRows | None = None
) -> HeldOutFit:
    """The formula on rows (rows, columns) with answers (rows,) that nobody has seen before.

    It tells something where one of two tests at 2.5 % each says so: Spearman's rank correlation of
    its answers with the true ones, provided that its squared error is less than that of the mean of
    the fitted answers; or a binomial test of how many rows it gives within the tolerance, against
    the best constant. Of tables from which nothing is held out the length of the description
    decides: 20 to 1 against the mean alone.
    """
    x, y = rows
    known = fitted or _unfitted(y)
    values = [formula_at(formula, tuple(row)) for row in x.tolist()]
    answers = np.array([known.centre if one is None else one for one in values], dtype=np.float64)
    if known.classes:
        return _classes_fit(answers, y, known)
    return answers_fit(answers, y, known, np.array([one is None for one in values], dtype=bool))


def _classes_fit(scores: Floats, y: Floats, known: FittedRows) -> HeldOutFit:
    """The same for the log odds (rows,) of classes: what they save is of the log loss."""
    seen, wrong = len(y), int((signs(scores) != y).sum())
    base = np.log((1 + known.centre) / (1 - known.centre)) if abs(known.centre) < 1 else 0.0
    lost, plain = (np.logaddexp(0.0, -y * one) for one in (scores, base))
    skill = rounded(1 - float(lost.mean()) / float(plain.mean())) if seen else 0.0
    hits = rounded(float(binom.sf(seen - wrong - 1, seen, known.chance))) if seen else 1.0
    order = _order(scores, y)
    tells_something = (
        (skill > 0 and order <= _DOUBT) or hits <= _DOUBT if seen else known.saved >= _TWENTY
    )
    return HeldOutFit(
        seen, wrong, known.tolerance, skill, -inf, order, hits, inf,
        tells_something or known.constant,
        constant=known.constant, missed=known.missed, fitted=known.count, classes=True,
    )  # fmt: skip


def answers_fit(answers: Floats, y: Floats, known: FittedRows, missing: Truths) -> HeldOutFit:
    """The same for ``answers`` (rows,) that are given; some are ``missing``."""
    unit = _unit(
        max(float(np.abs(one).max(initial=0.0)) for one in (y, answers, np.array([known.centre])))
    )
    error = np.where(missing, inf, np.abs(answers / unit - y / unit))
    good = error <= known.tolerance / unit
    seen, wrong = len(y), int((~good).sum())
    skill, bound = _skill(answers / unit, y / unit, known.centre / unit)
    hits = float(binom.sf(seen - wrong - 1, seen, known.chance)) if seen else 1.0
    order = _order(answers, y)
    skilled = skill > 0 and order <= _DOUBT
    tells_something = (
        skilled or (hits <= _DOUBT and seen > wrong) if seen else known.saved >= _TWENTY
    )
    return HeldOutFit(
        seen,
        wrong,
        known.tolerance,
        skill,
        bound,
        order,
        rounded(hits),
        _interval(error) * unit,
        tells_something or known.constant,
        known.outliers,
        known.constant,
        _others(error, y / unit, known.tolerance / unit) if known.outliers else -inf,
        known.missed,
        known.count,
    )


def _others(error: Floats, y: Floats, tolerance: float) -> float:
    """R2 without gross errors; minus infinity where nothing varies."""
    kept = ~is_gross(error, tolerance)
    spread = float(np.var(y[kept])) if kept.sum() > 1 else 0.0
    return rounded(1 - float(np.mean(error[kept] ** 2)) / spread) if spread > 0 else -inf


def _unfitted(y: Floats) -> FittedRows:
    """What can be expected where nothing is known but the held-out answers."""
    spread = float(y.max() / 2 - y.min() / 2) if len(y) else 0.0
    alike = max((int((y == one).sum()) for one in np.unique(y)), default=1) - 1
    centre = float(np.mean(y / len(y))) * len(y) if len(y) else 0.0
    return FittedRows(_EXACT * spread, centre, alike / max(1, len(y) - 1), inf)


def _skill(answers: Floats, y: Floats, centre: float) -> tuple[float, float]:
    """The share of the mean's squared error that is saved, and its lower bound."""
    plain = (y - centre) ** 2
    total = float(plain.mean()) if len(y) else 0.0
    if not total > 0:
        return 0.0, -inf
    saved = plain - (y - answers) ** 2
    mean, count = float(saved.mean()), len(y)
    if count < 2:
        return rounded(mean / total), -inf
    error = float(saved.std(ddof=1)) / count**0.5
    least = mean - float(student_t.ppf(1 - _DOUBT, count - 1)) * error
    return rounded(mean / total), rounded(least / total)


def _order(answers: Floats, y: Floats) -> float:
    """One-sided p value of Spearman's rank correlation, by Student's t; 1 where nothing varies."""
    if len(y) < _RANKED or (answers == answers[0]).all() or (y == y[0]).all():
        return 1.0
    digits = [[rounded(one) for one in column.tolist()] for column in (answers, y)]
    first, second = (rankdata(column) for column in digits)
    r = min(float(np.corrcoef(first, second)[0, 1]), 1 - 1e-12)
    free = len(y) - 2
    return rounded(float(student_t.sf(r * (free / (1 - r * r)) ** 0.5, free)))


def _interval(error: Floats) -> float:
    """Of so many errors, the one that the next is at most as large as with 95 %."""
    place = ceil((len(error) + 1) * _SHARE)
    return rounded(float(np.sort(error)[place - 1])) if place <= len(error) else inf


def fitted_rows(answers: Floats, y: Floats, saved: float, constant: bool = False) -> FittedRows:
    """What the formula's ``answers`` to the fitted rows (rows,) let expect of others."""
    unit = _unit(float(np.abs(y).max()))
    ordered = np.sort(y / unit)  # squares of enormous numbers overflow
    spread = float(ordered[-1] - ordered[0])
    with np.errstate(all="ignore"):
        error = _usual(np.abs(answers / unit - y / unit), spread)
    if not error < inf:
        error = spread
    tolerance = max(_ERRORS * error, _EXACT * (spread or 1.0))
    within = np.searchsorted(ordered, ordered + 2 * tolerance, side="right") - np.arange(len(y))
    chance = float(within.max()) / len(y)
    allowance = _short(min(tolerance, _LARGEST / unit) * unit)
    with np.errstate(all="ignore"):
        missed = int((~(np.abs(answers / unit - y / unit) <= allowance / unit)).sum())
    return FittedRows(
        allowance,
        rounded(float(ordered.mean()) * unit),
        rounded(chance),
        rounded(saved) if abs(saved) < inf else -_LARGEST,
        constant=constant,
        missed=missed,
        count=len(y),
    )


def fitted_classes(scores: Floats, y: Floats, saved: float) -> FittedRows:
    """The same of ``scores`` (rows,) of rows whose answers are the classes 1 and -1."""
    fitted = fitted_rows(signs(scores), y, saved, bool((y == y[0]).all()))
    often = max(float(np.mean(y > 0)), float(np.mean(y < 0)))
    wrong = int((signs(scores) != y).sum())
    return replace(fitted, tolerance=1.0, chance=rounded(often), missed=wrong, classes=True)


def _usual(error: Floats, spread: float) -> float:
    """Their root mean square (rows,) without the few that are gross beside the others.

    A few errors of hundreds would make a tolerance of hundreds, within which all answers lie.
    """
    scale = max(1.4826 * float(np.median(error)), _EXACT * spread)
    kept = error[error <= _FAR * scale]
    few = len(error) - len(kept) <= _FEW * len(error)
    return float(np.sqrt(np.mean((kept if few else error) ** 2)))


def _short(tolerance: float) -> float:
    """A little more in three digits: it is chosen with the formula, and what is chosen costs."""
    short = float(f"{tolerance:.2e}")
    return short if short >= tolerance else min(float(f"{1.01 * tolerance:.2e}"), _LARGEST)


def is_gross(error: Floats, tolerance: float) -> NDArray[np.bool_]:
    """Which errors (rows,) are so far beyond the tolerance that another cause is behind them."""
    return np.asarray(error > _GROSS * tolerance)


def _listed(rows: Sequence[int]) -> str:
    texts = [str(row) for row in rows[:_MOST_LISTED]]
    if len(rows) > _MOST_LISTED:
        texts.append(f"{len(rows) - _MOST_LISTED} more")
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
