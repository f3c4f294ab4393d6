"""Places without a value: what boxes decide, what the rows say, and what formulas become."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deepdistill.formula.symbolic.arrays import complexity, values
from deepdistill.formula.symbolic.backend import Fit
from deepdistill.formula.symbolic.data import FitRows
from deepdistill.formula.symbolic.repair import believed, may_stay, repaired, singularities_in
from deepdistill.formula.symbolic.singularities import holds_somewhere, met, possible, singularities
from deepdistill.ir.interval import Interval
from deepdistill.ir.parse import parse_expr
from deepdistill.ir.text import expr_text

SQUARE = "((x * x) + (z * z) + ((-2 * x) * z)"
BOX = {"x": Interval(-1.0, 1.0), "y": Interval(2.0, 3.0), "k": Interval(2.0, 2.0)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(x == y)", False),
        ("(x != y)", True),
        ("(k == 2)", True),
        ("(k != 2)", False),
        ("(x == 0)", None),
        ("(x < y)", True),
        ("(x > y)", False),
        ("(y >= 2)", True),
        ("(y > 2)", None),
        ("not((x < y))", False),
        ("not((x == 0))", None),
        ("((x < y) and (x == 0))", None),
        ("((x < y) and (k != 2))", False),
        ("((x < y) or (x == 0))", True),
        ("((x > y) or (x == 0))", None),
        ("((x > y) or (k != 2))", False),
        ("x", None),
    ],
)
def test_a_condition_in_a_box(text: str, expected: bool | None) -> None:
    assert possible(parse_expr(text), BOX) is expected


def test_the_rows_at_which_a_condition_holds() -> None:
    columns = {"x": np.array([-1.0, 0.0, 1.0]), "y": np.array([2.0, 2.5, 3.0])}
    for text, rows in [
        ("((x < 0) or (y > 2.75))", [True, False, True]),
        ("((x <= 0) and not((y < 2.25)))", [False, True, False]),
    ]:
        assert met(parse_expr(text), columns).tolist() == rows


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        # a square, written so that intervals cannot follow: samples say whether it comes near 0
        (f"({SQUARE} + 0.0001) == 0)", True),
        (f"({SQUARE} + 0.0001) <= 0)", True),
        (f"({SQUARE} + 0.0001) < 0)", False),
        (f"({SQUARE} + 0.1) <= 0)", False),
        (f"({SQUARE} + 0) < 0)", False),  # it touches 0, where a root has a value
    ],
)
def test_where_splitting_leaves_it_open_samples_say(
    text: str, holds: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deepdistill.formula.symbolic.singularities._BUDGET", 200)
    box = {"x": Interval(-1.0, 1.0), "z": Interval(-1.0, 1.0)}
    assert holds_somewhere(parse_expr(text), box) is holds


def test_a_few_rows_say_nothing() -> None:
    x = np.array([-0.5, 0.25, 0.75])
    (found,) = singularities(parse_expr("(1 / x)"), {"x": BOX["x"]}, {"x": x}, 1 / x)
    assert (found.backing, expr_text(found.part)) == ("none", "x")


# ---- repair


def table(rows: int = 120) -> FitRows:
    """Answers that depend on ``a`` alone, beside a column that happens to be there."""
    rng = np.random.default_rng(0)
    x, a = rng.uniform(-1, 1, rows), rng.uniform(1, 3, rows)
    return FitRows.of(np.stack([x, a], axis=1), 2 * a + 1, ["x", "a"], 0)


def fit_of(text: str, rows: FitRows) -> Fit:
    expr = parse_expr(text)
    return Fit(expr, rows.loss(expr), complexity(expr), "toy")


LAW = "((2.0 * a) + 1.0)"


@pytest.mark.parametrize(
    "text",
    [
        f"({LAW} + (0.000001 / (x - 0.1)) + ((0.000001 * x) / (x - 0.1)))",  # two terms, one place
        f"({LAW} + (0.001 * math.log((x + 0.5))))",
        f"({LAW} + (0.000001 * math.pow((x - 0.1), -2)))",
        f"({LAW} + (0.001 * math.pow((x + 0.5), 0.5)))",
    ],
)
def test_what_only_happens_to_fit_goes(text: str) -> None:
    rows = table()
    wrong = fit_of(text, rows)
    found = singularities_in(wrong, rows)
    assert [one.backing for one in found if one.backing != "avoided"]
    others = repaired(wrong, found, rows)
    assert others and all(may_stay(one, singularities_in(one, rows), rows) for one in others)
    best = believed([wrong], rows)
    assert best is not None and not singularities_in(best, rows)
    at: dict[str, Any] = {"x": np.array([0.1, -0.7]), "a": np.array([1.5, 2.0])}
    assert values(best.expr, at) == pytest.approx([4, 5], abs=0.02)
