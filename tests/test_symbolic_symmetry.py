"""Stand-ins, symmetries and parts of a law are told from its table, also through noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from deepdistill.data.parallel import mapped
from deepdistill.data.running import Run
from deepdistill.formula.symbolic.arrays import values
from deepdistill.formula.symbolic.choose import search
from deepdistill.formula.symbolic.frame import Frame
from deepdistill.formula.symbolic.separation import parted
from deepdistill.formula.symbolic.sparse import Sparse
from deepdistill.formula.symbolic.surrogate import polynomial
from deepdistill.formula.symbolic.symmetry import frames
from deepdistill.formula.symbolic.targets import targets, views
from deepdistill.ir.expr import Call, Var

Answer = Callable[..., np.ndarray]


def table(
    answer: Answer, columns: int, low: float, high: float, noise: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([5, columns])
    x = rng.uniform(low, high, (300, columns))
    y = answer(*x.T)
    return x, y + noise * y.std() * rng.standard_normal(len(y))


def test_the_error_of_a_polynomial_is_the_one_of_rows_left_out() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (40, 1))
    y = x[:, 0] ** 2 + 0.1 * rng.standard_normal(40)
    fitted = polynomial(x, y)
    assert fitted is not None
    degree = len(fitted.degrees) - 1
    left_out = []
    for k in range(40):
        rest = np.arange(40) != k
        line = np.polynomial.Polynomial.fit(x[rest, 0], y[rest], degree)
        left_out.append((line(x[k, 0]) - y[k]) ** 2)
    assert fitted.error == pytest.approx(np.mean(left_out))


def test_gradients_of_a_polynomial() -> None:
    x, y = table(lambda a, b: a**3 * b - b**2, 2, -2, 3)
    fitted = polynomial(x, y)
    assert fitted is not None
    a, b = x.T
    expected = np.stack([3 * a**2 * b, a**3 - 2 * b], axis=1)
    assert np.allclose(fitted.gradients(x), expected, atol=1e-8)


def test_a_rough_column_has_high_powers() -> None:
    x, y = table(lambda z, a: np.cos(9 * z) * a, 2, 0, 2)
    smooth, rough = polynomial(x[:150], y[:150]), polynomial(x[:150], y[:150], rough=0)
    assert smooth is not None and rough is not None and rough.error < 0.1 * smooth.error


LAWS = [
    # An answer, how many variables it has and how many are left, and whether a factor comes off.
    (lambda a, b: np.exp(-((a - b) ** 2)), 2, 1, False),
    (lambda h, w, k, t: h * w**3 / (np.exp(h * w / (k * t)) - 1), 4, 1, True),
    (lambda x, u, t, c: (x + u * t) / (1 + u**2 / c**2), 4, 2, True),
    (lambda q, p, e, r: q * p / (e * r**2), 4, 0, True),
]


@pytest.mark.parametrize("noise", [0.0, 0.01])
@pytest.mark.parametrize(("answer", "columns", "left", "factor"), LAWS)
def test_symmetries_take_variables_away(
    answer: Answer, columns: int, left: int, factor: bool, noise: float
) -> None:
    x, y = table(answer, columns, 1, 3, noise)
    found = frames(x, y, "abcd"[:columns])[0]
    assert len(found.exprs) == left
    assert (found.factor is not None) == factor
    named = {name: x[:, k] for k, name in enumerate("abcd"[:columns])}
    for k, expr in enumerate(found.exprs):
        assert np.allclose(values(expr, named), found.x[:, k])
    if found.factor is not None:
        assert np.allclose(values(found.factor, named), found.size)


def test_the_answer_keeps_the_sign_of_a_factor() -> None:
    x, y = table(lambda a, b: a * np.sqrt(1 + np.exp(-a * b)), 2, -2, 2)
    found = frames(x, y, "ab")[0]
    assert found.factor == Var("a")


def test_a_law_without_symmetry_keeps_its_variables() -> None:
    x, y = table(lambda a, b: a**3 - 2 * a * b**2 + 3 * a * b - b + 1, 2, -2, 2)
    assert frames(x, y, "ab") == []


def test_parts_that_do_not_interact_are_told_apart() -> None:
    x, y = table(lambda a, b, c: np.exp(-(a**2)) / (1 + b * c), 3, 0, 2)
    parts = parted(Frame.of(x, "abc"), y)
    assert parts is not None and parts.factors
    assert parts.groups == ((0,), (1, 2))
    first = parts.values[0] * np.exp(x[:, 0] ** 2)
    assert np.allclose(first, first[0], rtol=1e-3)
    x, y = table(lambda a, b: np.sin(a) + b**2, 2, 0, 2)
    parts = parted(Frame.of(x, "ab"), y)
    assert parts is not None and not parts.factors


def test_formulas_in_a_frame_speak_of_the_columns_again() -> None:
    x = np.random.default_rng(1).uniform(1, 2, (20, 2))
    ratio = Call("div", (Var("a"), Var("b")))
    frame = Frame((ratio,), x[:, :1] / x[:, 1:], Var("b"), x[:, 1])
    expr = frame.back(Call("sin", (Var(frame.names[0]),)))
    columns = {"a": x[:, 0], "b": x[:, 1]}
    assert np.allclose(values(expr, columns), np.sin(x[:, 0] / x[:, 1]) * x[:, 1])


def test_noise_that_drowns_some_rows_leaves_them_out() -> None:
    x, y = table(lambda a, b: np.exp(a) * (1 + b), 2, 0, 5, 0.02)
    aims = {aim.name: aim for aim in targets(views(x, y, "ab")[-1:], y)}
    assert len(aims["y"].clear) == len(y)
    log = aims["log y"]
    clear = np.zeros(len(log.rows), dtype=bool)
    clear[log.clear] = True
    assert 0.4 <= clear.mean() < 1
    assert y[log.rows][clear].min() >= y[log.rows][~clear].max()
    assert log.weights[clear].min() >= log.weights[~clear].max()


def test_results_come_in_the_order_of_the_tasks() -> None:
    tasks = [(k, 2) for k in range(6)]
    assert mapped(pow, tasks, 2) == mapped(pow, tasks, 1) == [0, 1, 4, 9, 16, 25]


def test_the_number_of_processes_does_not_change_the_formula() -> None:
    x, y = table(lambda a: np.sin(a * np.sqrt(a)), 1, 0.5, 3, 0.2)
    found = [
        search(x[:40], y[:40], "a", backends=[Sparse()], budget=0.5, run=Run(n_jobs=jobs))
        for jobs in (1, 2)
    ]
    assert found[0] == found[1] and len(found[0].front) > 1
