"""Formulas that can be believed between the rows: singularities, simplicity, skill, outliers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.data.tables import checked
from deepdistill.forms.files import read_network
from deepdistill.forms.formula.inputs import FormulaInputs
from deepdistill.forms.formula.network import FittedRows
from deepdistill.forms.formula.quality import fitted_rows, held_out_fit
from deepdistill.formula.outliers import suspects
from deepdistill.formula.singular_notes import singular_notes
from deepdistill.formula.symbolic.arrays import values
from deepdistill.formula.symbolic.backend import Fit
from deepdistill.formula.symbolic.data import FitRows
from deepdistill.formula.symbolic.expand import expanded
from deepdistill.formula.symbolic.plain import is_line, pays
from deepdistill.formula.symbolic.repair import believed, may_stay, singularities_in
from deepdistill.formula.symbolic.singularities import grows, holds_somewhere, singularities
from deepdistill.ir.expr import Call, Const, Expr, If, Var
from deepdistill.ir.interval import Interval
from deepdistill.ir.program import Formula
from deepdistill.ir.types import Reals, Scalar
from deepdistill.result import Result
from deepdistill.run import fit_table

A, B, X = Var("a"), Var("b"), Var("x")


def op(name: str, *args: Expr | float) -> Expr:
    return Call(name, tuple(Const(a) if isinstance(a, int | float) else a for a in args))


def fitted(x: Any, y: Any, budget: float = 0.1, **more: Any) -> Result:
    columns = np.asarray(x, dtype=np.float64)
    columns = columns[:, None] if columns.ndim == 1 else columns
    titles = list("abcdefghij")[: columns.shape[1]]
    table = checked(columns, np.asarray(y, dtype=np.float64), titles, "y")
    return fit_table(table, name="law", backend="sparse", budget=budget, n_jobs=1, **more)


# ---- singularities


BOX = {"x": Interval(-1.0, 1.0), "a": Interval(1.0, 3.0), "b": Interval(-2.0, 2.0)}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (op("eq", X, 0), True),
        (op("eq", op("add", op("pow", X, 2), op("pow", B, 2)), 0), True),  # at one point only
        (op("eq", op("add", op("pow", A, 2), op("mul", -4.0, A), 4.01), 0), False),
        (op("eq", op("sub", A, X), 0), True),  # at the corner
        (op("lt", op("add", op("mul", X, X), op("mul", -1.0, X), 0.2), 0), True),
        (op("lt", op("add", op("mul", X, X), op("mul", -1.0, X), 0.26), 0), False),
        (op("lt", op("add", op("pow", A, 2), op("pow", B, 2), op("mul", -2.0, A, B)), 0), False),
        (op("lt", op("add", op("pow", A, 2), op("pow", B, 2), op("mul", -2.1, A, B)), 0), True),
        (op("and", op("lt", X, -0.5), op("eq", op("add", X, -0.1), 0)), False),
        (op("and", op("not", op("lt", X, -0.5)), op("eq", op("add", X, -0.1), 0)), True),
    ],
)
def test_splitting_decides_whether_a_condition_holds(condition: Expr, holds: bool) -> None:
    assert holds_somewhere(condition, BOX) is holds


@settings(max_examples=tries(100), deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3), st.floats(-0.9, 0.9))
def test_a_place_that_is_there_is_never_overlooked(slopes: list[float], at: float) -> None:
    """A polynomial that is 0 at a row of the box."""
    terms = [op("mul", c, op("pow", X, k + 1)) for k, c in enumerate(slopes)]
    value = sum(c * at ** (k + 1) for k, c in enumerate(slopes))
    assert holds_somewhere(op("le", op("add", *terms, -value), 0), BOX)


def _rows(y: Any, **columns: Any) -> FitRows:
    x = np.stack(list(columns.values()), axis=1)
    return FitRows.of(x, np.asarray(y, dtype=np.float64), list(columns), 0)


def _draw(number: int = 0, rows: int = 120) -> tuple[Any, Any]:
    rng = np.random.default_rng(number)
    return rng.uniform(-1, 1, rows), rng.uniform(1, 3, rows)


@pytest.mark.parametrize("power", [1, 2, 3])
def test_a_pole_towards_which_the_answers_grow_is_backed_by_them(power: int) -> None:
    x, a = _draw()
    table = _rows(a / x**power, x=x, a=a)
    (found,) = singularities(
        op("div", A, op("pow", X, power)), table.box.ranges, table.columns, table.y
    )
    assert found.backing == "grows"


def test_classes_never_grow() -> None:
    part = np.asarray(np.linspace(-1, 1, 201) + 1e-3, dtype=np.float64)
    assert not grows(part, (np.abs(part) < 0.1) * 1.0)
    assert grows(part, 1 / part)


def test_gross_errors_back_no_pole() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.uniform(0, 9, (2, 200))
    off = rng.random(200) < 0.03
    part = np.where(off, 1e-9 * rng.uniform(1, 2, 200), b * (1.65 - 0.11 * a - 0.06 * b) + a - 10.2)
    assert not grows(part, a * b + 1 + 500 * off)
    assert grows(part, 1 / part)


def test_a_tolerance_is_not_blown_up_by_gross_errors() -> None:
    rng = np.random.default_rng(0)
    x, noise = rng.uniform(0, 9, 200), rng.normal(size=200)
    known = fitted_rows(x, x + noise + 500 * (np.arange(200) < 6), 0.0)
    assert 2.5 < known.tolerance < 3.5 and known.missed >= 6 and known.chance < 0.9
    alike = fitted_rows(np.full(200, 5.0), x + 500 * (np.arange(200) < 6), 0.0)  # no law at all
    assert alike.tolerance < 10 and alike.missed == 6


def test_a_root_that_the_rows_keep_to_stays_and_one_between_them_does_not() -> None:
    rng = np.random.default_rng(0)
    x, b = rng.uniform(0, 1, (2, 300))
    kept = x > b
    expr = op("sqrt", op("sub", X, B))
    table = _rows(np.sqrt(x[kept] - b[kept]), x=x[kept], b=b[kept])
    assert [one.backing for one in singularities_in(_fit(expr, table), table)] == ["avoided"]
    wide = _rows(x, x=x, b=b)
    near = float(np.sort(x)[150:152].mean())
    hole = op("sqrt", op("add", op("pow", op("sub", X, near), 2), -1e-9))
    assert [one.backing for one in singularities_in(_fit(hole, wide), wide)] == ["none"]


def _fit(expr: Expr, table: FitRows) -> Fit:
    return Fit(expr, table.loss(expr), 9, "test")


@pytest.mark.parametrize("shift", [0.0, 1e-7])
def test_a_pole_that_the_rows_contradict_is_cancelled(shift: float) -> None:
    """A mean that filled gaps tempts into the law times (m - x0) / (m - x0)."""
    x, a = _draw()
    table = _rows(3 * a + 1, x=x, a=a)
    law = op("add", op("mul", 3.0, A), 1.0)
    factor = op("div", op("add", X, -0.1), op("add", X, -0.1 + shift))
    wrong = _fit(op("mul", law, factor), table)
    assert not may_stay(wrong, singularities_in(wrong, table), table) or shift == 0
    best = believed([wrong], table)
    assert best is not None and not singularities_in(best, table)
    rows = {"x": np.array([0.1, 0.5]), "a": np.array([2.0, 1.0])}
    assert values(best.expr, rows) == pytest.approx([7, 4])


def test_a_pole_in_a_regime_is_found_only_where_the_regime_reaches() -> None:
    x, a = _draw()
    far = If(op("lt", X, 0), op("div", 1.0, op("add", X, -0.5)), A)
    near = If(op("lt", X, 0), op("div", 1e-9, op("add", X, 0.5)), A)
    table = _rows(np.where(x < 0, 0.0, a), x=x, a=a)
    assert not singularities_in(_fit(far, table), table)
    assert [one.backing for one in singularities_in(_fit(near, table), table)] == ["none"]
    best = believed([_fit(near, table)], table)
    assert best is not None and not singularities_in(best, table)


def test_the_certificate_names_a_pole() -> None:
    x, _ = _draw(3)
    result = fitted(x, 2 / x**2, budget=0.5)
    assert result.certificate.ok
    assert "pole where" in result.certificate.correct.note
    assert "towards which the answers grow" in result.certificate.correct.note
    assert singular_notes(result.program, x[:, None], 2 / x**2)


# ---- the simplest first


@pytest.mark.parametrize(
    ("law", "texts"),
    [
        (lambda a, b: a + 2 * b, {"2 * b + a", "a + 2 * b"}),
        (lambda a, b: 5 * a + 7 * b, {"5 * a + 7 * b"}),
        (lambda a, b: a - 3 * b, {"a - 3 * b"}),
        (lambda a, b: 0.3 * a + 0.7 * b, {"0.3 * a + 0.7 * b"}),
        (lambda a, b: a**2 + b**2, {"a ** 2 + b ** 2"}),
        (lambda a, b: a / b, {"a / b"}),
    ],
)
def test_sums_are_not_written_as_ratios(law: Any, texts: set[str]) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.uniform(1, 20, 100), rng.uniform(1, 9, 100)
    result = fitted(np.stack([a, b], axis=1), law(a, b))
    assert result.text.removeprefix("y = ") in texts


def test_a_product_is_multiplied_out_only_where_that_is_as_short() -> None:
    table = _rows(np.ones(30), a=np.linspace(1, 2, 30), b=np.linspace(3, 4, 30))
    ratio = op("mul", B, op("add", op("div", A, B), 2))
    assert expanded(ratio, table.domain) == op("add", A, op("mul", 2, B))
    product = op("mul", B, op("add", A, 2))
    assert expanded(product, table.domain) == product


@pytest.mark.parametrize("value", [7.0, 0.0, -2.5, 1e12])
def test_a_constant_target_is_a_constant(value: float) -> None:
    result = fitted(np.linspace(0, 1, 30), np.full(30, value), budget=1)
    assert result.certificate.ok
    assert result.solve() == result.solve(a=0.3) == value


def test_one_that_differs_does_not_bend_a_constant() -> None:
    y = np.full(30, 7.0)
    y[4] = 8
    result = fitted(np.random.default_rng(0).uniform(0, 1, 30), y)
    assert 7 <= result.solve(a=0.3) <= 7.1 and result.solve(a=0.9) == result.solve(a=0.3)


# ---- skill


def test_noise_tells_nothing_and_fails() -> None:
    rng = np.random.default_rng(5)
    result = fitted(rng.uniform(size=(80, 2)), rng.normal(size=80))
    assert result.certificate.correct.status == "failed"
    assert "is not shown" in result.certificate.correct.note


def test_greatest_common_divisors_tell_nothing() -> None:
    x = np.random.default_rng(0).integers(1, 60, (150, 2))
    result = fitted(x, np.gcd(x[:, 0], x[:, 1]), budget=0)
    assert result.certificate.correct.status == "failed"


def test_a_weak_law_in_many_rows_tells_something() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(size=400)
    result = fitted(x, 3 * x + rng.normal(size=400), budget=0)
    assert result.certificate.ok
    assert "lie within" in result.certificate.correct.note


SAME = Formula("law", (Scalar("a", Reals(0, 1)),), Scalar("y", Reals(0, 1)), (), A)


def _judged(predicted: Any, y: Any, tolerance: float = 0.1, chance: float = 0.1) -> Any:
    """Held-out answers of the formula ``y = a``."""
    known = FittedRows(tolerance, float(np.mean(y)), chance, 0.0)
    rows = np.asarray(predicted, dtype=np.float64)[:, None], np.asarray(y, dtype=np.float64)
    return held_out_fit(SAME, rows, known)


def test_what_held_out_rows_say() -> None:
    rng = np.random.default_rng(2)
    y = rng.uniform(0, 10, 40)
    exact = _judged(y, y)
    assert (exact.seen, exact.wrong, exact.skill, exact.interval) == (40, 0, 1, 0)
    assert exact.tells_something and exact.skill_bound > 0.6
    few = _judged(y[:2], y[:2])  # two rows given exactly are no chance, though no t test says so
    assert few.tells_something and few.interval == float("inf")
    other = _judged(rng.permutation(y), y)
    assert not other.tells_something and other.skill_bound < 0 and other.order > 0.05
    gross = y.copy()
    gross[3] += 1000  # one that does not follow
    held = _judged(y, gross)
    assert held.tells_something and held.wrong == 1
    wild = y + 0.0
    wild[5] = 1e6  # one wild answer of the formula
    assert _judged(wild, y + rng.normal(size=40)).skill < -10


def test_a_short_formula_that_fits_many_rows_needs_few_held_out_ones() -> None:
    rows = np.array([[0.25], [0.5]]), np.array([0.25, 0.5])
    bounds = []
    for missed in (0, 50):
        fitted = FittedRows(1e-9, 0.4, 0.1, 0.0, missed=missed, count=2000)
        claim = FormulaInputs("law", SAME, rows, fitted=fitted).quality(lambda *row: row[0])
        assert claim is not None and claim.evidence is not None
        bounds.append(claim.evidence.bound)
    assert bounds[0] < 0.02 and 0.05 < bounds[1] < 0.15  # two rows alone allow 85 %


def test_about_one_in_twenty_formulas_of_noise_pass() -> None:
    rng = np.random.default_rng(4)
    passed = 0
    for _ in range(300):
        y = rng.normal(size=25)
        passed += _judged(0.3 * rng.normal(size=25), y, 3.0, 0.99).tells_something
    assert passed <= 15


def test_the_expectations_are_kept_on_disk() -> None:
    result = fitted(np.arange(30.0), 3 * np.arange(30.0), budget=0)
    network = result.network
    assert network.fitted is not None
    again = read_network(result.files()["network.npz"], "file")
    assert again.formula == network.formula and again.fitted == network.fitted


# ---- outliers


def _shifted(number: int, rows: int, noise: float) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(number)
    x = rng.uniform(-10, 10, (rows, 2))
    y = 3 * x[:, 0] - 2 * x[:, 1] + 5 + noise * rng.normal(size=rows)
    off = np.sort(rng.choice(rows, round(0.03 * rows), replace=False))
    y[off] += 100 * rng.normal(size=len(off))
    return x, y, off


@pytest.mark.parametrize(("rows", "noise"), [(100, 0.0), (200, 0.0), (200, 0.5)])
def test_gross_outliers_leave_the_law_standing(rows: int, noise: float) -> None:
    x, y, off = _shifted(0, rows, noise)
    result = fitted(x, y)
    assert result.certificate.ok
    for a, b in ((0.0, 0.0), (7.0, -3.0)):
        assert result.solve(a, b) == pytest.approx(3 * a - 2 * b + 5, abs=0.3 if noise else 1e-9)
    named = set(result.network.fitted.outliers)
    assert named and named <= {int(row) + 1 for row in off}
    assert f"{max(named)} of the table" in result.certificate.correct.note


def test_clean_tables_have_no_outliers() -> None:
    rng = np.random.default_rng(3)
    x = rng.uniform(0.1, 4, (200, 2))
    for y in (x[:, 0] / x[:, 1], np.exp(x[:, 0]), rng.normal(size=200), x[:, 0] > 3.9):
        assert not len(suspects(x, np.asarray(y, dtype=np.float64)))
    regime = np.where(x[:, 0] > 3.8, 100 + x[:, 1], x[:, 1])
    assert not len(suspects(x, regime))


def test_errors_of_one_sign_that_lie_near_each_other_by_chance_are_named() -> None:
    rng = np.random.default_rng(3)
    x = np.array([[round(float(rng.uniform(0, 9)), 2) for _ in "ab"] for _ in range(200)])
    off = rng.random(200) < 0.03
    y = x[:, 0] * x[:, 1] + 1 + 500 * off
    assert set(suspects(x, y)) == set(np.flatnonzero(off))  # two are each other's nearest rows


# ---- lines and curves


def test_a_line_is_chosen_where_folds_speak_for_it_and_is_on_the_front() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=(150, 5))
    y = x @ np.array([1.0, 0.8, 0.6, 0.5, 0.0]) + 2 * rng.normal(size=150)
    result = fitted(x, y)
    assert is_line(result.program.value)
    assert any(is_line(fit.expr) for fit in result.front)


def test_a_sine_must_pay() -> None:
    rng = np.random.default_rng(7)
    x = rng.uniform(0, 10, 150)
    waves = np.sin(2 * x) + 0.3 * rng.normal(size=150)
    sine = op("sin", op("mul", 2.0, X))
    steps = (x > 5) + 0.3 * rng.normal(size=150)
    true, false = _rows(waves, x=x), _rows(steps, x=x)
    assert pays(_fit(sine, true), true)
    wrong = op("add", 0.5, op("mul", -0.5, op("sin", op("mul", 0.6, X))))
    assert not pays(_fit(wrong, false), false)


def test_pi_needs_an_interval_without_short_decimals() -> None:
    rng = np.random.default_rng(8)
    x = rng.uniform(0, 1, 40)
    assert fitted(x, np.pi * x).text == "y = math.pi * a"
    assert "pi" not in fitted(x, 3.1 * x + 0.3 * rng.normal(size=40)).text


# ---- everything together


def named(row: Sequence[float]) -> dict[str, float]:
    return dict(zip("abcd", row, strict=True))


def test_loans_get_the_rule_and_no_pole() -> None:
    """Income below 2000, or age below 25 and renting: reject."""
    draw = random.Random(2)
    rows = []
    for _ in range(300):
        age, income = draw.uniform(18, 80), round(draw.uniform(500, 9000))
        housing = draw.choice(["rent", "own", "other"])
        reject = income < 2000 or (age < 25 and housing == "rent")
        rows.append((age, income, housing == "own", housing == "rent", reject))
    table = np.array(rows, dtype=np.float64)
    result = fitted(table[:, :4], table[:, 4])
    assert result.certificate.ok and "/" not in result.text
    answers = [result.solve(named(row[:4])) for row in table.tolist()]
    assert np.mean(np.array(answers) == table[:, 4]) > 0.99
    assert result.solve(named([40.0, 5190.0, 0.0, 1.0])) == 0
