"""The error of the answers has a price: teachers, rounded tables, the knee of a front, a choice."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.data.rounding_grid import rounding_error, rounding_step
from deepdistill.data.tables import NumberTable
from deepdistill.formula.symbolic.arrays import values
from deepdistill.formula.symbolic.backend import Fit
from deepdistill.formula.symbolic.choose import search
from deepdistill.formula.symbolic.constants import refit_by
from deepdistill.formula.symbolic.data import FitRows
from deepdistill.formula.symbolic.knee import knee
from deepdistill.formula.symbolic.losses import LOSSES, Loss, RowErrors
from deepdistill.formula.symbolic.polish import is_exact
from deepdistill.formula.symbolic.scoring import description_length
from deepdistill.formula.symbolic.work import is_enough
from deepdistill.ir.expr import Call, Const, Expr, Var, walk
from deepdistill.result import Result
from deepdistill.run import fit_table


def decay(x: Any) -> Any:
    return 3 * np.exp(-1.5 * x[:, 0])


def network_of(law: Callable[[Any], Any], size: float, columns: int, seed: int = 0) -> Any:
    """A teacher: a law with an error as smooth as that of a network, of that size."""
    rng = np.random.default_rng(seed)
    slopes, starts = 4 * rng.normal(size=(6, columns)), rng.uniform(0, 6, 6)
    heights = rng.normal(size=6)
    return lambda x: law(x) + size * np.sin(x @ slopes.T + starts) @ heights / 6**0.5


def numbers(expr: Expr) -> list[float]:
    return sorted(abs(node.value) for node in walk(expr) if isinstance(node, Const))


class Idle:
    """An engine that is not to be asked."""

    name = "idle"

    def fit(self, *_: Any) -> list[Fit]:
        raise AssertionError("this front is known")


def test_of_a_known_front_the_shortest_within_the_noise_is_told_without_a_search() -> None:
    x = np.random.default_rng(3).uniform(0, 2, (200, 1))
    y = np.exp(-0.2 * np.pi**2 * x[:, 0]) + 1e-4 * np.sin(9 * x[:, 0])
    rate = Call("mul", (Const(-0.2), Call("power", (Call("pi", ()), Const(2))), Var("x")))
    law: Expr = Call("exp", (rate,))
    wave: Expr = Call("mul", (Const(1e-4), Call("sin", (Call("mul", (Const(9), Var("x"))),))))
    known = [Const(0.3), law, Call("add", (law, wave))]
    found = search(x, y, ["x"], backends=[Idle()], noise=1e-8, known=known)
    told = values(found.best.expr, {"x": x[:, 0]}) - values(law, {"x": x[:, 0]})
    assert found.best.complexity <= 10 and np.abs(told).max() < 1e-3
    with pytest.raises(AssertionError, match="this front is known"):
        search(x, y, ["x"], backends=[Idle()], noise=1e-8, known=known[:1])


def test_what_is_told_within_the_noise_costs_the_same() -> None:
    short, long = Var("x"), Call("add", (Var("x"), Const(0.123456)))
    near, far = (description_length(short, loss, 1.0, 100, 1e-4) for loss in (1e-4, 1e-3))
    assert near < far
    assert near == description_length(short, 0.0, 1.0, 100, 1e-4)
    assert near < description_length(long, 0.0, 1.0, 100, 1e-4)
    assert description_length(long, 0.0, 1.0, 100) < description_length(short, 1e-4, 1.0, 100)


def test_a_formula_with_few_digits_and_many_constants_ends_no_search() -> None:
    x = np.linspace(0, 1, 50)[:, None]
    table = FitRows.of(x, x[:, 0], ["x"], 0, noise=1e-4)
    few: Expr = Call("mul", (Const(1.01), Var("x")))
    many: Expr = few
    for k in range(5):
        many = Call("add", (many, Const(0.1 + k)))
    assert is_exact(Fit(many, 1e-4, 12, ""), table)
    assert is_enough([Fit(few, 1e-4, 3, "")], table)
    assert not is_enough([Fit(many, 1e-4, 12, "")], table)
    assert not is_enough([Fit(few, 1e-3, 3, "")], table)


def test_the_knee_is_where_the_loss_falls_most_steeply() -> None:
    losses = {1: 1.0, 5: 0.5, 8: 0.1, 9: 1e-8, 15: 0.8e-8, 22: 0.6e-8}
    fits = [Fit(Const(size), loss, size, "") for size, loss in losses.items()]
    found = knee(fits, 1.0, True)
    assert found is not None and found.complexity == 9
    # a slope that goes on and on has no knee that is clear, and little explained has none at all
    even = [Fit(Const(k), 10.0 ** -(k / 2), k, "") for k in range(1, 20)]
    assert knee(even, 1.0, True) is None
    assert knee(fits[:3], 1.0, False) is None


@pytest.mark.parametrize("size", [1e-4, 1e-3])
@pytest.mark.parametrize("known", [True, False])
def test_a_teachers_law_is_found_whether_its_error_is_known_or_not(
    known: bool, size: float
) -> None:
    x = np.random.default_rng(5).uniform(0, 2, (200, 1))
    y = network_of(decay, size, 1)(x)
    noise = float(np.mean((y - decay(x)) ** 2)) if known else None
    found = search(x, y, ["t"], noise=noise)
    assert found.best.complexity <= 8, found.best
    assert [fit.expr for fit in found.front].count(found.best.expr) == 1
    error = values(found.best.expr, {"t": x[:, 0]}) - decay(x)
    assert float(np.sqrt(np.mean(error**2))) < 2 * size


def test_a_network_is_told_by_its_law_and_not_by_its_mistakes() -> None:
    rows = np.random.default_rng(1).uniform(0, 2, (100, 1))
    for more in ({}, {"teacher_error": 1e-4}, {"teacher_error": 3e-4}):
        result = dd.distill_teacher(network_of(decay, 3e-4, 1), rows, **more)
        assert len(numbers(result.program.value)) <= 3, result.text
        constants = numbers(result.program.value)
        assert constants == pytest.approx([1.5, 3.0], rel=1e-3), result.text


@pytest.mark.parametrize("error", [-1.0, float("nan"), float("inf"), "much", True])
def test_unusable_errors_are_refused(error: Any) -> None:
    with pytest.raises(dd.InputError, match="the teacher's error is"):
        dd.distill_teacher(lambda x: x[:, 0], [[1.0], [2.0], [3.0]], teacher_error=error)


# ---- rounded answers


def rounded_table(rows: int = 200) -> NumberTable:
    x = np.random.default_rng(1).uniform(-3, 3, (rows, 2))
    return NumberTable(("x1", "x2"), x, "y", np.round(2.5 * np.sin(x[:, 0]) + x[:, 1] / 3, 2))


@pytest.fixture(scope="module")
def rounded() -> Result:
    return fit_table(rounded_table(), n_jobs=1)


def test_the_law_of_rounded_answers_is_found(rounded: Result) -> None:
    x = np.random.default_rng(2).uniform(-3, 3, (50, 2))
    law = 2.5 * np.sin(x[:, 0]) + x[:, 1] / 3
    found = np.array([rounded.solve(*row) for row in x.tolist()])
    assert np.abs(found - law).max() < 2e-3, rounded.text
    assert rounded.certificate.ok


def test_a_grid_is_seen_where_it_is_no_accident() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(100, 1))
    y = 7 * x[:, 0]
    assert rounding_step(y, x) == 0
    assert rounding_step(np.round(y, 2), x) == pytest.approx(0.01)
    assert rounding_step(np.round(1000 * y, -2), x) == pytest.approx(100)
    assert rounding_step(np.round(y), x) == 0  # a count of a few
    whole = rng.integers(0, 50, (100, 2)).astype(float)
    assert rounding_step(whole[:, 0] * whole[:, 1], whole) == 0
    assert rounding_step(np.round(1e20 * y), x) == 0
    assert rounding_error(0.01) == pytest.approx(
        np.var(np.linspace(-0.005, 0.005, 10001)), rel=1e-3
    )


def test_an_exact_law_on_a_grid_stays_exact() -> None:
    x = np.round(np.random.default_rng(3).uniform(0, 9, (120, 2)), 1)
    y = 1.5 * x[:, 0] * x[:, 1] + 0.01 * x[:, 1]
    result = fit_table(NumberTable(("a", "b"), x, "y", y), backend="sparse", n_jobs=1)
    assert np.abs([result.solve(*row) for row in x.tolist()] - y).max() < 1e-9, result.text


# ---- chosen afterwards


def test_another_formula_of_the_front_is_certified_anew(rounded: Result) -> None:
    rows = rounded.table()
    assert [row["complexity"] for row in rows] == sorted(row["complexity"] for row in rows)
    line = rows[1]
    chosen = rounded.choose(complexity=line["complexity"])
    assert chosen.text == f"y = {line['formula']}"
    assert chosen.table() == rows and chosen.seed == rounded.seed
    held = chosen.network.rows
    error = np.mean(
        [(chosen.solve(*row) - y) ** 2 for row, y in zip(*map(list, held), strict=True)]
    )
    score = float(re.findall(r"R2 ([-\d.]+)", chosen.certificate.correct.note)[0])
    assert score == pytest.approx(1 - error / np.var(held[1]), abs=1e-5)
    assert score < 0.9 < float(re.findall(r"R2 ([-\d.]+)", rounded.certificate.correct.note)[0])
    assert chosen.choose(10**6).table() == rows


def test_what_cannot_be_chosen_is_told(rounded: Result, tmp_path: Any) -> None:
    for complexity in (0, -3):
        with pytest.raises(dd.InputError, match="the smallest formulas have a size of"):
            rounded.choose(complexity)
    with pytest.raises(dd.InputError, match="whole number"):
        rounded.choose(2.5)  # type: ignore[arg-type]
    loaded = dd.load(rounded.save(tmp_path))
    assert loaded.table() == []
    with pytest.raises(dd.InputError, match="loaded"):
        loaded.choose(9)


# ---- what an error costs


def judged(loss: Loss, weights: Any = None) -> tuple[float, float]:
    """What a force of which a network smoothed the pole costs by its law, and by a rival of it."""
    x = np.random.default_rng(0).normal(size=(1000, 2))
    r = np.hypot(*x.T)
    y = x[:, 0] * (1 - np.tanh((r / 0.3) ** 2) / r)
    errors = RowErrors(loss, None if weights is None else weights(r))
    rows = np.stack([x[:, 0], r], axis=1)
    table = FitRows.of(rows, y, ["dx", "r"], 0, errors=errors)
    dx, far = Var("dx"), Var("r")
    pole = Call("add", (Const(1.1), Call("div", (Const(-1.1), far))))
    soft = Call("div", (Call("mul", (Const(0.9), Call("log", (far,)))), Call("sqrt", (far,))))
    law, rival = (table.refit(Call("mul", (dx, part))) for part in (pole, soft))
    for expr, found in (law, rival):
        assert found == pytest.approx(table.loss(expr))
    return law[1], rival[1]


def test_a_smoothed_pole_is_told_by_absolute_errors_and_by_weights() -> None:
    law, rival = judged("mse")
    assert rival < law
    for loss in ("mae", "huber"):
        law, rival = judged(loss)  # type: ignore[arg-type]
        assert law < rival, loss
    law, rival = judged("mse", lambda r: np.where(r > 0.7, 1.0, 1e-3))
    assert law < rival


def test_losses_agree_where_errors_are_gaussian_and_part_where_a_few_are_gross() -> None:
    rng = np.random.default_rng(0)
    error = rng.normal(size=20_000)
    costs = [RowErrors(loss).of(error) for loss in LOSSES]
    assert costs[:2] == pytest.approx([1, 1], rel=0.05)
    error[:200] *= 1000
    squares, absolute, huber = (RowErrors(loss).of(error) for loss in LOSSES)
    assert squares > 5000 and huber < 30 and absolute < 120
    assert RowErrors("mse", np.ones(3)).of(np.array([1.0, 2.0, 3.0])) == pytest.approx(14 / 3)


def test_constants_are_fitted_by_the_loss() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 1, 200)
    y = 2 * x + 0.01 * rng.normal(size=200)
    y[:20] += 50.0
    line = Call("add", (Call("mul", (Const(1.0), Var("x"))), Const(0.0)))
    slopes = {}
    for loss in LOSSES:
        expr, cost = refit_by(line, {"x": x}, y, RowErrors(loss))
        slopes[loss] = values(expr, {"x": np.ones(1)})[0] - values(expr, {"x": np.zeros(1)})[0]
        assert cost <= RowErrors(loss).of(values(line, {"x": x}) - y)
    assert abs(slopes["mae"] - 2) < 0.02 > abs(slopes["huber"] - 2)
    assert abs(slopes["mse"] - 2) > 0.1
    weights = np.ones(200)
    weights[:20] = 0.0
    expr, _ = refit_by(line, {"x": x}, y, RowErrors("mse", weights))
    assert values(expr, {"x": np.ones(1)})[0] == pytest.approx(2, abs=0.02)


def test_an_unknown_loss_is_refused() -> None:
    with pytest.raises(dd.InputError, match="there is no loss 'l1': use one of mse, mae, huber"):
        fit_table(rounded_table(20), loss="l1")  # type: ignore[arg-type]


def test_a_table_is_searched_by_absolute_errors() -> None:
    rng = np.random.default_rng(4)
    x = rng.uniform(1, 3, (80, 1))
    y = 2 * x[:, 0] + 5 + rng.laplace(scale=0.05, size=80)
    result = fit_table(NumberTable(("x",), x, "y", y), backend="sparse", budget=0.1, loss="mae")
    assert np.abs([result.solve(one) - 2 * one - 5 for one in (1.0, 2.0, 3.0)]).max() < 0.05


CLOSED_FORMS: dict[str, tuple[Callable[[Any], Any], list[list[float]]]] = {
    "heat": (
        lambda x: np.sin(np.pi * x[:, 0]) * np.exp(-0.2 * np.pi**2 * x[:, 1]),
        [[0, 1], [0, 1]],
    ),
    "wave": (lambda x: np.sin(np.pi * x[:, 0]) * np.cos(1.5 * np.pi * x[:, 1]), [[0, 1], [0, 1]]),
    "burgers": (lambda x: 1 / (1 + np.exp(5 * x[:, 0] - 2.5 * x[:, 1])), [[-1, 1], [0, 1]]),
    "damped": (lambda x: np.cos(2.5 * x[:, 0]) * np.exp(-0.4 * x[:, 0]), [[0, 6]]),
    "logistic": (lambda x: 5 / (1 + 4 * np.exp(-1.3 * x[:, 0])), [[0, 6]]),
}
"""Solutions of equations that networks were trained on, with the ends of their columns."""


@pytest.mark.slow
@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_the_closed_form_is_chosen_where_nothing_is_known_of_the_error(name: str) -> None:
    law, ends = CLOSED_FORMS[name]
    low, high = np.array(ends).T
    x = np.random.default_rng(5).uniform(low, high, (500, len(ends)))
    names = ["x", "t"][-len(ends) :]
    found = search(x, network_of(law, 1e-4, len(ends))(x), names, noise=None).best
    assert found.complexity <= 15, found
    error = values(found.expr, dict(zip(names, x.T, strict=True))) - law(x)
    assert float(np.sqrt(np.mean(error**2))) < 1e-3 * float(np.std(law(x))), found
