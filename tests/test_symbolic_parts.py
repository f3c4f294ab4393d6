"""Pieces of the search for formulas, one by one: parts of laws, neighbours, other engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from deepdistill.data.running import Run
from deepdistill.formula.symbolic.algebra import NotFinite, normal
from deepdistill.formula.symbolic.arrays import complexity, operations, parametric, values
from deepdistill.formula.symbolic.backend import Fit
from deepdistill.formula.symbolic.constants import refit
from deepdistill.formula.symbolic.data import FitRows
from deepdistill.formula.symbolic.frame import Frame
from deepdistill.formula.symbolic.neighbours import at, larger
from deepdistill.formula.symbolic.plain import is_line
from deepdistill.formula.symbolic.program import formula, readable
from deepdistill.formula.symbolic.separation import parted
from deepdistill.formula.symbolic.sparse import Sparse
from deepdistill.formula.symbolic.targets import separated, transforms
from deepdistill.formula.symbolic.translate import from_sympy, same, to_sympy
from deepdistill.formula.symbolic.work import Work, polished, ranked
from deepdistill.ir.evaluate import evaluate_formula
from deepdistill.ir.expr import Call, Const, Expr, Var
from deepdistill.ir.parse import parse_expr
from deepdistill.ir.text import expr_text
from deepdistill.ir.types import Reals, Scalar

Law = Callable[..., Any]


def rows(law: Law, names: str, count: int = 120, noise: float = 0.0) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    x = rng.uniform(0.5, 2, (count, len(names)))
    return x, law(*x.T) + rng.normal(0, noise, count)


def work(x: Any, y: Any, names: str, budget: float = 0.1, operators: Sequence[str] = ()) -> Work:
    table, frame = FitRows.of(x, y, names, 0), Frame.of(x, names)
    aims = transforms(frame, y, 0.0)[:2]
    heard: list[Fit] = []
    return Work(table, [frame], y, aims, tuple(operators), budget, 0, Run(), heard.extend)


def fit_of(text: str, table: FitRows) -> Fit:
    expr, loss = table.refit(parse_expr(text))
    return Fit(expr, loss, complexity(expr), "toy")


# ---- laws taken apart


@pytest.mark.parametrize(
    ("law", "names", "groups", "factors"),
    [
        (lambda a, b: np.exp(a) * b**2, "ab", ((0,), (1,)), True),
        (lambda a, b: np.sin(a) + b**2, "ab", ((0,), (1,)), False),
        (lambda a, b, c: a * c * np.exp(-a * c) + b**3, "abc", ((0, 2), (1,)), False),
    ],
)
def test_groups_that_do_not_meet(
    law: Law, names: str, groups: tuple[tuple[int, ...], ...], factors: bool
) -> None:
    x, y = rows(law, names)
    found = parted(Frame.of(x, names), y)
    assert found is not None and (found.groups, found.factors) == (groups, factors)
    assert found.error < 1e-6
    whole = np.prod(found.values, axis=0) if factors else np.sum(found.values, axis=0)
    apart = y[found.rows] / whole if factors else y[found.rows] - whole
    assert np.ptp(apart) < 1e-2 * np.ptp(y)  # known up to a constant


@pytest.mark.parametrize(
    ("law", "groups"),
    [
        (lambda a, b, c: np.sin(4 * a) * (b**2 - 2) * c, ((0,), (1,), (2,))),
        (lambda a, b, c: np.cos(3 * b) * np.tanh(a - c), ((1,), (0, 2))),
    ],
)
def test_factors_of_both_signs_are_taken_apart(
    law: Law, groups: tuple[tuple[int, ...], ...]
) -> None:
    x, y = rows(law, "abc", 400)
    apart = parted(Frame.of(x, "abc"), y)
    assert apart is not None and apart.factors and sorted(apart.groups) == sorted(groups)
    whole = np.prod(apart.values, axis=0)
    assert np.mean((y - whole * (whole @ y) / (whole @ whole)) ** 2) < 1e-4 * np.var(y)


def test_factors_of_answers_that_are_off_are_told_where_so_much_may_be() -> None:
    x, y = rows(lambda a, b: np.sin(4 * a) * np.cos(3 * b), "ab", 400)
    y += 1e-3 * np.sin(5 * x[:, 0] * x[:, 1])  # smooth, as what a network is off
    assert parted(Frame.of(x, "ab"), y) is None
    apart = parted(Frame.of(x, "ab"), y, 1e-5)
    assert apart is not None and apart.groups == ((0,), (1,)) and apart.error < 1e-5


def test_what_meets_everywhere_and_one_column_are_not_taken_apart() -> None:
    x, y = rows(lambda a, b: np.sin(a * b) + np.exp(a - b), "ab")
    assert parted(Frame.of(x, "ab"), y) is None
    assert parted(Frame.of(x[:, :1], "a"), y) is None
    assert parted(Frame.of(x, "ab"), y - np.mean(y), 1e-5) is None


@pytest.mark.parametrize(
    ("law", "factor"),
    [
        (lambda a, b: a * np.exp(np.sin(5 * b)), "a"),
        (lambda a, b: np.exp(np.sin(5 * b)) / a**2, "(1 / math.pow(a, 2))"),
    ],
)
def test_a_factor_that_is_a_power_is_taken_out(law: Law, factor: str) -> None:
    x, y = rows(law, "ab", 200)
    (found,) = separated(x, y, "ab")
    assert found.factor is not None and expr_text(found.factor) == factor
    assert found.names == ("b",) and np.allclose(y / found.size, np.exp(np.sin(5 * x[:, 1])))
    assert separated(np.ones_like(x), y, "ab") == []  # columns that never vary


# ---- polishing, other engines, when to stop


class Lines:
    """A toy engine: a line in the first column."""

    name = "toy"

    def fit(
        self, x: Any, y: Any, names: Sequence[str], operators: Any, budget: float, seed: int
    ) -> list[Fit]:
        slope, start = np.polyfit(x[:, 0], y, 1).tolist()
        line = Call("add", (Call("mul", (Const(slope), Var(names[0]))), Const(start)))
        return [Fit(line, float(np.mean((y - slope * x[:, 0] - start) ** 2)), 5, self.name)]


def test_parts_are_searched_alone_and_put_together() -> None:
    x, y = rows(lambda a, b: np.exp(a) * b**2, "ab")
    found = work(x, y, "ab")._separated(Lines())
    best = ranked(found, FitRows.of(x, y, "ab", 0))[0]
    assert np.allclose(values(best.expr, {"a": x[:, 0], "b": x[:, 1]}), y)


def test_parts_that_are_known_are_not_searched_again_by_a_larger_budget() -> None:
    x, y = rows(lambda a, b: np.exp(a) * b**2, "ab")
    first = work(x, y, "ab")
    columns = {"a": x[:, 0], "b": x[:, 1]}
    found = ranked(first._separated(Sparse()), first.table)[0]
    again = replace(first, budget=1.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sparse, "fit", lambda *_: pytest.fail("a part was searched again"))
        best = ranked(again._separated(Sparse()), first.table)[0]
    assert np.allclose(values(best.expr, columns), y) and np.allclose(
        values(found.expr, columns), y
    )


def test_another_engine_is_asked_for_each_target() -> None:
    x, y = rows(lambda a: 3 * a + 1, "a", 40)
    table = FitRows.of(x, y, "a", 0)
    plain, turned = work(x, y, "a").proposals(Lines(), looked=False)  # of the answer and its log
    assert plain.backend == turned.backend == "toy"
    assert table.loss(plain.expr) < 1e-20 < 1e-3 < table.loss(turned.expr)


def test_a_formula_that_leaves_more_than_noise_is_changed() -> None:
    x, y = rows(lambda a: a**2 + 0.3, "a", 30, 0.05)
    task = work(x, y, "a", 0.5, ("add", "mul", "square"))
    found = polished([fit_of("math.exp((a * 0.7))", task.table)], task)
    best = ranked(found, task.table)[0]
    assert expr_text(best.expr) == "(math.pow(a, 2) + 0.31)"


def test_what_explains_everything() -> None:
    x, y = rows(lambda a: a**2, "a", 40, 0.05)
    task = work(x, y, "a", 0.5)
    square, line = (fit_of(text, task.table) for text in ("math.pow(a, 2)", "(a * 1.5)"))
    assert task.explains([square]) and not task.explains([line]) and not task.explains([])
    assert polished([square], task)[0].expr == square.expr
    none = Fit(parse_expr("math.log((a - 1))"), task._noise(), 3, "toy")
    assert not task.explains([none])
    x, y = rows(lambda a: a + 0.02 * np.sin(9 * a), "a", 40)
    task = work(x, y, "a", 0.5)
    near = Fit(Var("a"), task._noise(), 1, "toy")  # a smooth function is left, no noise
    assert not task.explains([near])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", ["(a + 0.001)", "math.pow(a, 2)", "math.pow(a, 1.1)"]),
        ("3", []),
        (
            "math.pow(a, 2)",
            [
                "math.pow(a, 3)",
                "(math.pow(a, 2) + 0.001)",
                "(math.pow(a, 2) * b)",
                "(math.pow(a, 2) / b)",
                "(math.pow(a, 2) + (0.001 * b))",
                "math.pow((a + 0.001), 2)",
                "math.pow(math.pow(a, 2), 2)",
                "math.pow(math.pow(a, 1.1), 2)",
            ],
        ),
        (
            "(1 + math.exp(2))",
            [
                "((1 + math.exp(2)) + 0.001)",
                "((1 + math.exp(2)) * b)",
                "((1 + math.exp(2)) / b)",
                "((1 + math.exp(2)) + (0.001 * b))",
                "(1 + (math.exp(2) + 0.001))",
                "(1 + (math.exp(2) * b))",
                "(1 + (math.exp(2) / b))",
                "(1 + (math.exp(2) + (0.001 * b)))",
            ],
        ),
    ],
)
def test_formulas_one_step_larger(text: str, expected: list[str]) -> None:
    assert [expr_text(one) for one in larger(parse_expr(text), ("b",))] == expected


def test_a_path_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        at(Var("a"), (0,), Const(1))


# ---- formulas as arrays, sympy and programs


def test_a_choice_needs_the_value_of_its_branch_alone() -> None:
    expr = parse_expr("(math.log(x) if (x > 0) else (x ** 2))")
    assert operations(expr) == 4
    found = parametric(expr).guarded({"x": np.array([-3.0, 1.0, np.inf])})
    assert found[:2].tolist() == [9.0, 0.0] and np.isnan(found[2])
    for text in ("n[0]", "(1, 2)"):
        with pytest.raises(KeyError):
            parametric(parse_expr(text))


@pytest.mark.parametrize(
    "text",
    [
        "(2.5 * math.pi() * x)",
        "(math.e() + math.exp(x))",
        "(1 / math.sqrt(x))",
        "max(x, min(y, 2))",
        "math.pow(x, -2)",
        "(1 - (x / y))",
    ],
)
def test_formulas_come_back_from_sympy(text: str) -> None:
    expr, names = parse_expr(text), {symbol: symbol for symbol in ("x", "y")}
    again = from_sympy(to_sympy(expr), names)
    assert again is not None and same(expr, again)
    columns = {"x": np.array([0.5, 2.0]), "y": np.array([1.5, 0.25])}
    assert np.allclose(values(again, columns), values(expr, columns))


def test_what_is_no_formula_is_none_for_sympy() -> None:
    with pytest.raises(ValueError, match="no formula of numbers"):
        to_sympy(parse_expr("n[0]"))
    assert from_sympy(to_sympy(Var("x")), {}) is None
    assert from_sympy(to_sympy(Const(1)) / 0, {}) is None  # no number


NAMED = [
    ("math.sin(S) + math.cos(S)", "math.pow((x - y), 2)", "squared_difference"),
    ("math.sin(S) + math.cos(S)", "math.pow((x + y), 2)", "square"),
    ("math.sin(S) + math.cos(S)", "math.sqrt((math.pow(x, 2) + math.pow(y, 2)))", "distance"),
    ("math.sin(S) + math.cos(S)", "(math.pow(x, 2) + math.pow(y, 2))", "sum_of_squares"),
    ("math.exp(S) + math.cos(S)", "(x + (y * 2))", "exponent"),
    ("math.sin(S) + math.cos(S)", "math.exp((x * y))", "growth"),
    ("math.sin(S) + math.cos(S)", "max((x + y), 1)", "larger"),
]


@pytest.mark.parametrize(("whole", "part", "name"), NAMED)
def test_a_part_used_twice_is_named_by_its_shape(whole: str, part: str, name: str) -> None:
    left, right = whole.replace("S", part).split(" + ", 1) if "+" not in part else (
        whole.split(" + ")[0].replace("S", part), whole.split(" + ")[1].replace("S", part)
    )  # fmt: skip
    expr = parse_expr(f"({left} + {right})")
    box = Reals(0.5, 2.0)
    found = formula("f", expr, [Scalar("x", box), Scalar("y", box)], Scalar("z", box))
    assert name in [let.name for let in found.body]
    numbers = {"x": 0.75, "y": 1.5}
    expected = values(expr, {key: np.array([value]) for key, value in numbers.items()})
    assert evaluate_formula(found, numbers) == pytest.approx(float(expected[0]))


def test_what_is_taken_away_stands_behind_a_minus() -> None:
    assert expr_text(readable(parse_expr("(-1 * x * y)"))) == "((-1 * x) * y)"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("((2 * x) + (y / 3))", True),
        ("(x - 1)", True),
        ("(x * y)", False),
        ("(1 / x)", False),
        ("math.sin(x)", False),
    ],
)
def test_lines_are_told_from_the_rest(text: str, line: bool) -> None:
    assert is_line(parse_expr(text)) is line


@pytest.mark.parametrize("text", ["math.log(0)", "n[0]", "(1 / 0)"])
def test_what_has_no_value_has_no_normal_form(text: str) -> None:
    with pytest.raises(NotFinite):
        normal(parse_expr(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max(x, x)", "x"),
        ("math.pow(2, x)", "math.pow(2, x)"),
        ("math.pow(4, 0.5)", "2.0"),
        ("math.exp((0.0 * x))", "1"),
    ],
)
def test_normal_forms_by_hand(text: str, expected: str) -> None:
    found: Expr = normal(parse_expr(text))
    assert expr_text(found) == expected


def test_constants_whose_slopes_overflow_are_refitted_without_a_warning() -> None:
    """Warnings are errors here: slopes of 1e200 have squares beyond all floats."""
    x = np.linspace(1.0, 2.0, 9)
    expr = Call(
        "add", (Call("mul", (Const(1e-200), Var("z"))), Call("mul", (Const(2.5), Var("x"))))
    )
    columns = {"x": x, "z": np.full(9, 1e200)}
    found, loss = refit(expr, columns, 3.0 * x + 1.0)
    assert loss <= np.mean((1.0 + 2.5 * x - 3.0 * x - 1.0) ** 2) and found is not None
