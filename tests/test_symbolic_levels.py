"""Columns of few levels: many formulas meet the answers there, and a law is looked for."""

from collections.abc import Callable

import numpy as np
import pytest

from deepdistill.formula.symbolic.arrays import Floats, values
from deepdistill.formula.symbolic.choose import search
from deepdistill.formula.symbolic.levels import meets_any_levels
from deepdistill.ir.parse import parse_expr

RNG = np.random.default_rng(5)
X = RNG.uniform(1, 4, 160).round(2)


def columns(levels: int) -> dict[str, Floats]:
    return {"x": X, "k": np.random.default_rng(6).integers(1, levels + 1, 160).astype(float)}


@pytest.mark.parametrize(
    ("text", "levels", "meets"),
    [
        ("(x * (1.5 + (0.25 * k) + (0.125 * (k ** 2))))", 3, True),
        ("(x * (1.5 + (0.25 * k) + (0.125 * (k ** 2))))", 4, False),
        ("(x * (1 + (2 * k) + (3 * (k ** 2))))", 3, True),  # whole numbers were floats once
        ("((3.5 * x) / (k + 2.0))", 3, False),
        ("((x * k) / (x + k))", 3, False),
        ("(2.5 + (3.5 * k))", 2, False),  # any two levels are met by a slope
        ("(x + (2.0 * k) + (3.0 * (k ** 9)))", 12, False),
    ],
)
def test_a_formula_with_as_many_constants_as_levels_meets_any_answers(
    text: str, levels: int, meets: bool
) -> None:
    assert meets_any_levels(parse_expr(text), columns(levels)) is meets


LAWS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "quotient": lambda x, k: 3.5 * x / (k + 2),
    "decay": lambda x, k: x * np.exp(-k / 2),
}


@pytest.mark.parametrize("name", LAWS)
def test_the_law_is_found_and_no_polynomial_through_the_levels(name: str) -> None:
    law, table = LAWS[name], columns(4)
    answers = law(table["x"], table["k"])
    found = search(np.stack([table["x"], table["k"]], axis=1), answers, ["x", "k"])
    beyond = {"x": np.array([2.0, 3.0]), "k": np.array([9.0, 12.5])}
    truth = law(beyond["x"], beyond["k"])
    np.testing.assert_allclose(values(found.best.expr, beyond), truth, rtol=1e-6)
