"""Engines, polishing and choosing: laws are found again, the same ones each time."""

from __future__ import annotations

import types

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deepdistill.data.laws import Law
from deepdistill.formula.symbolic import pysr
from deepdistill.formula.symbolic.arrays import smallest, values
from deepdistill.formula.symbolic.backend import OPERATORS, Fit, pareto
from deepdistill.formula.symbolic.choose import chosen_backends, search
from deepdistill.formula.symbolic.data import FitRows
from deepdistill.formula.symbolic.elimination import eliminated, monomial_columns, monomials
from deepdistill.formula.symbolic.frame import Frame
from deepdistill.formula.symbolic.operon import Operon, read_tree
from deepdistill.formula.symbolic.pysr import read_equations, settings
from deepdistill.formula.symbolic.snapping import snap
from deepdistill.formula.symbolic.sparse import Sparse
from deepdistill.formula.symbolic.targets import targets, views
from deepdistill.formula.symbolic.translate import from_sympy, parse, same, to_sympy
from deepdistill.ir.expr import Call, Const, Expr, Var
from deepdistill.ir.text import expr_text
from problems import smooth

QUICK = [
    "lorenz_x", "lorenz_y", "lorenz_z", "inverse_square", "spring", "hypotenuse", "gaussian",
    "attraction", "kepler", "michaelis_menten", "cubic", "coulomb",
]  # fmt: skip


def law_named(name: str) -> Law:
    return next(law for law in smooth.LAWS if law.name == name)


def on(expr: Expr, law: Law, x: np.ndarray) -> np.ndarray:
    return values(expr, {column.name: x[:, k] for k, column in enumerate(law.columns)})


@pytest.mark.parametrize("name", QUICK)
def test_textbook_laws_are_found_by_the_sparse_engine_alone(name: str) -> None:
    law = law_named(name)
    x, y = law.sample(0)
    found = search(x, y, [column.name for column in law.columns], backends=[Sparse()])
    beyond, truth = law.sample(1, 200, 0.5)
    error = np.abs(on(found.best.expr, law, beyond) - truth).max()
    assert error < 1e-9 * np.abs(truth).max()


def test_the_same_seed_gives_the_same_formula() -> None:
    law = law_named("coulomb")
    x, y = law.sample(0)
    found = [search(x, y, ["q1", "q2", "r"], backends=[Sparse()]) for _ in range(2)]
    assert found[0] == found[1]


def test_a_law_is_found_through_one_per_cent_of_noise() -> None:
    law = law_named("lorenz_x")
    x, y = law.sample(0)
    noisy = y + 0.01 * y.std() * np.random.default_rng(0).standard_normal(len(y))
    found = search(x, noisy, ["x", "y"], backends=[Sparse()], budget=0)
    assert same(found.best.expr, parse_formula("10*y - 10*x", "xy"))


def parse_formula(text: str, names: str) -> Expr:
    known = {name: name for name in names}
    expr = from_sympy(parse(text, known), known)
    assert expr is not None
    return expr


def test_a_constant_is_answered_with_a_constant() -> None:
    found = search(np.ones((5, 2)), np.full(5, 3.0), ["a", "b"], backends=[Sparse()])
    assert found.best.expr == Const(3.0)


@pytest.mark.skipif(not Operon.ready(), reason="pyoperon is not installed")
def test_operon_gives_the_same_front_for_the_same_seed() -> None:
    x = np.random.default_rng(0).uniform(1, 3, (60, 2))
    y = x[:, 0] / x[:, 1]
    fronts = [Operon().fit(x, y, ["a", "b"], OPERATORS, 0.04, 3) for _ in range(2)]
    assert fronts[0] == fronts[1] and fronts[0]
    assert min(fit.loss for fit in fronts[0]) < 1e-3


def node(name: str, arity: int = 0, value: float = 1.0, number: int = 0) -> types.SimpleNamespace:
    return types.SimpleNamespace(
        Name=name,
        Arity=arity,
        Value=value,
        HashValue=number,
        IsConstant=name == "constant",
        IsVariable=name == "variable",
    )


def test_the_first_argument_of_an_operon_node_is_pushed_last() -> None:
    nodes = [node("variable", number=2), node("variable", 0, 3.0, 1), node("-", 2)]
    expr = read_tree(nodes, {1: 0, 2: 1}, ["a", "b"])
    assert expr == Call("sub", (Call("mul", (Const(3.0), Var("a"))), Var("b")))


def test_unary_minus_and_division_of_operon() -> None:
    nodes = [node("variable", number=1), node("-", 1), node("/", 1)]
    expr = read_tree(nodes, {1: 0}, ["a"])
    assert expr == Call("div", (Const(1), Call("mul", (Const(-1), Var("a")))))
    assert read_tree([node("variable", number=1), node("dyn", 1)], {1: 0}, ["a"]) is None


def test_settings_for_pysr_are_deterministic_and_leave_no_files() -> None:
    found = settings(OPERATORS, 1.0, 5)
    assert found["deterministic"] and found["parallelism"] == "serial"
    assert found["random_state"] == 5 and found["output_directory"] is None
    assert found["binary_operators"] == ["+", "-", "*", "/"]
    assert set(found["unary_operators"]) >= {"sqrt", "exp", "log", "square"}


def test_the_table_of_pysr_becomes_a_front() -> None:
    x = np.linspace(1, 2, 20)
    table = [
        {"complexity": 1, "loss": 0.5, "equation": "x0"},
        {"complexity": 4, "loss": 0.0, "equation": "square(x0) * 2.0 - sqrt(x1)"},
        {"complexity": 5, "loss": 0.6, "equation": "(x0 + 1.5) / x1"},
    ]
    y = 2 * x**2 - np.sqrt(x)
    front = read_equations(table, {"x0": "E", "x1": "beta"}, {"E": x, "beta": x}, y)
    assert front[-1].loss < 1e-25
    assert [fit.backend for fit in front] == ["pysr"] * len(front)


@pytest.mark.parametrize(
    "text", ["__import__('os')", "x0.real", "x9 + 1", "lambda: 0", "x0 if x1 else 2", "", "(" * 500]
)
def test_an_equation_is_never_run(text: str) -> None:
    with pytest.raises(ValueError, match="equation"):
        parse(text, {"x0": "a", "x1": "b"})


@pytest.mark.skipif(pysr.why_not() is not None, reason=f"PySR cannot run: {pysr.why_not()}")
def test_pysr_finds_a_product() -> None:
    x = np.random.default_rng(0).uniform(1, 2, (40, 2))
    front = pysr.PySR().fit(x, x[:, 0] * x[:, 1], ["E", "I"], ("add", "mul"), 0.1, 0)
    assert min(fit.loss for fit in front) < 1e-9


def test_an_engine_that_is_not_there_is_refused_in_one_sentence() -> None:
    from deepdistill import InputError

    with pytest.raises(InputError, match="no engine 'gplearn'"):
        chosen_backends("gplearn")
    if pysr.why_not() is not None:
        for asked in ("pysr", pysr.PySR({"maxsize": 20})):
            with pytest.raises(InputError, match="PySR"):
                chosen_backends(asked)


def test_sympy_and_the_ir_agree() -> None:
    text = "exp(-E**2/2)*sqrt(beta) + 3*abs(I)/max(E, 1)"
    names = {"E": "E", "beta": "beta", "I": "I"}
    expr = from_sympy(parse(text, names), names)
    assert expr is not None and same(expr, expr)
    columns = {"E": np.array([0.5]), "beta": np.array([4.0]), "I": np.array([-2.0])}
    assert values(expr, columns)[0] == pytest.approx(np.exp(-0.125) * 2 + 6)
    assert {str(one) for one in to_sympy(expr).free_symbols} == set(names)


@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_root_that_ends_within_the_rows_is_snapped() -> None:
    x = np.linspace(1, 5, 100)[:, None]
    table = FitRows.of(x, 3 * np.sqrt(x[:, 0] - 1), ["a"], 0)
    root = Call("sqrt", (Call("sub", (Var("a"), Const(1 + 1e-9))),))
    expr = Call("mul", (Const(3 + 1e-9), root))
    assert table.loss(expr) == np.inf
    assert expr_text(snap(expr, table)) == "(3 * math.sqrt((a + -1)))"


def test_snapping_leaves_what_the_data_do_not_support() -> None:
    x = np.random.default_rng(1).uniform(0, 1, (100, 1))
    for constant, whole in ((3.0, True), (2.9731, False)):
        table = FitRows.of(x, constant * x[:, 0], ["a"], 0)
        expr = snap(Call("mul", (Const(constant + 1e-12), Var("a"))), table)
        assert expr == Call("mul", (Const(3) if whole else Const(2.9731), Var("a")))


@given(
    st.lists(st.sampled_from([0.0, 1.0, -2.0, 3.5, np.inf, -np.inf, np.nan]), max_size=60),
    st.integers(1, 12),
)
@example([2.0, np.nan, 1.0, np.nan, 1.0, 1.0, 2.0, np.nan, 0.0, 0.5], 2)
def test_the_smallest_are_those_of_a_stable_sort(keys: list[float], count: int) -> None:
    column = np.array(keys)
    sorted_places = np.argsort(column, kind="stable")[:count]
    assert smallest(column, count).tolist() == sorted_places.tolist()


def test_elimination_finds_the_terms_of_a_polynomial() -> None:
    x = np.random.default_rng(2).normal(size=(120, 3))
    columns = {name: x[:, k] for k, name in enumerate("abc")}
    y = x[:, 0] ** 3 - 2 * x[:, 1] * x[:, 2] + 1
    models = eliminated(monomials("abc", 3), monomial_columns("abc", 3, columns), y)
    exact = [model for model in models if np.abs(values(model, columns) - y).max() < 1e-10]
    assert any(isinstance(model, Call) and len(model.args) == 3 for model in exact)


@pytest.mark.parametrize("signs", [False, True])
def test_targets_undo_what_they_did(signs: bool) -> None:
    rng = np.random.default_rng(3)
    x = rng.uniform(1, 2, (80, 2))
    y = x[:, 0] * np.exp(x[:, 1]) * (1 + 0.1 * x[:, 1])
    y = 0.3 + 2 * np.tanh(y - y.mean()) if signs else y
    columns = {"a": x[:, 0], "b": x[:, 1], "t": y}
    for target in targets(views(x, y, ["a", "b"]), y):
        columns["t"] = np.empty(len(y))
        columns["t"][target.rows] = target.values
        again = values(target.back(Var("t")), columns)[target.rows]
        assert np.allclose(again, y[target.rows], rtol=1e-9), target.name
    assert signs == any(
        target.name.startswith("atanh") for target in targets([Frame.of(x, ["a", "b"])], y)
    )


def test_the_front_holds_no_beaten_fit() -> None:
    fits = [
        Fit(Const(k), loss, size, "x") for k, (loss, size) in enumerate([(3, 1), (2, 2), (2.5, 3)])
    ]
    assert [fit.complexity for fit in pareto(fits)] == [1, 2]


def test_rows_that_err_alike_count_as_few() -> None:
    """Of a network's smooth error a hundred rows tell as much as a thousand."""
    x = np.linspace(0.0, 1.0, 1250)
    formula = Call("mul", (Const(2.5), Var("a")))
    saved = {}
    for alike in (False, True):
        table = FitRows.of(x[:, None], 2.5 * x, ["a"], 0, noise=1e-8, smooth=alike)
        saved[alike] = table.length(formula, 1e-4) - table.length(formula, 1e-6)
    assert 480 * np.log(100) < saved[False] < 500 * np.log(100)  # 1,000 rows are fitted
    assert 45 * np.log(100) < saved[True] < 50 * np.log(100)
