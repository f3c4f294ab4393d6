"""Formulas in regimes: found exactly, put into code, judged at their breakpoints, kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from table_formulas import read_formula

from deepdistill.data.tables import NumberTable
from deepdistill.estimators.formulas import explained, formula_values
from deepdistill.forms.clauses.shorten import shorten_curves
from deepdistill.forms.files import read_network
from deepdistill.forms.formula.borders import borders
from deepdistill.forms.formula.file import formula_bytes
from deepdistill.forms.formula.inputs import FormulaInputs
from deepdistill.formula.regimes.assemble import assembled
from deepdistill.formula.regimes.notes import border_notes
from deepdistill.formula.regimes.refine import refined
from deepdistill.formula.regimes.search import exact_regimes, find_regimes
from deepdistill.formula.regimes.segments import segments
from deepdistill.formula.regimes.tree import Cut, RegimeLeaf, labels_of, partition
from deepdistill.formula.symbolic.arrays import parametric, values
from deepdistill.formula.symbolic.backend import OPERATORS
from deepdistill.formula.symbolic.choose import search
from deepdistill.formula.symbolic.data import FitRows
from deepdistill.formula.symbolic.program import formula
from deepdistill.formula.symbolic.scoring import description_length
from deepdistill.formula.symbolic.snapping import snap
from deepdistill.formula.symbolic.sparse import Sparse
from deepdistill.ir.borders import comparisons
from deepdistill.ir.evaluate import evaluate_formula
from deepdistill.ir.expr import Call, Const, Expr, If, Var
from deepdistill.ir.program import Formula
from deepdistill.ir.rounding import simplest_number
from deepdistill.ir.text import expr_text
from deepdistill.ir.types import Reals, Scalar
from deepdistill.recheck import verify_folder
from deepdistill.result import Result
from deepdistill.run import fit_table
from deepdistill.verify.judge import judge
from problems.smooth import LAWS

ROOT = Path(__file__).resolve().parents[1]
Floats = Any
where = np.where

# a name, columns with their ranges (whole numbers where so marked), and the law
CASES: dict[str, tuple[dict[str, tuple[Any, ...]], Callable[..., Floats]]] = {
    "two pieces": ({"v": (0, 12)}, lambda v: where(v < 2.5, 0.4 * v, 0.16 * v**2)),
    "a root and a line": (
        {"x": (0, 9)},
        lambda x: where(x < 4, np.sqrt(x), 3 + 0.25 * (x - 4)),
    ),
    "a rise and a decay": (
        {"t": (0, 10)},
        lambda t: where(t < 3, 2 * t, 6 * np.exp(-0.5 * (t - 3))),
    ),
    "a logarithm that jumps": (
        {"x": (0.5, 20)},
        lambda x: where(x < 6, np.log(x), 3 + 0.1 * x),
    ),
    "three pieces": (
        {"x": (-5, 5)},
        lambda x: where(x < -2, x**2, where(x < 1.5, 4.0, 7 - 2 * x)),
    ),
    "threshold on the first column": (
        {"x": (-3, 3), "y": (0.5, 4)},
        lambda x, y: where(x < 0.5, x * y, x + y**2),
    ),
    "threshold on the second column": (
        {"x": (0.5, 3), "y": (-2, 4)},
        lambda x, y: where(y < 1, x**2, x * y),
    ),
    "a corner of two columns": (
        {"x": (-3, 3), "y": (-3, 3)},
        lambda x, y: where((x > 0) & (y > 1), x * y, x - y),
    ),
    "a threshold unit of two columns": (
        {"x": (0, 4), "y": (0, 4)},
        lambda x, y: where(x + y < 3, x * y, 2 * x - y + 1),
    ),
    "the larger column": ({"x": (0, 4), "y": (0, 4)}, lambda x, y: where(x > y, x**2, 3 * y + 1)),
    "a category": (
        {"x": (0.5, 5), "kind": (0, 2, "whole")},
        lambda x, kind: where(kind == 0, 2 * x, where(kind == 1, x**2, 3 / x)),
    ),
    "an indicator": (
        {"x": (0.5, 5), "z": (0, 3), "on": (0, 1, "whole")},
        lambda x, z, on: where(on == 1, np.sqrt(x) * z, x + z),
    ),
    "three levels": ({"x": (0, 6)}, lambda x: where(x < 1.5, 0.0, where(x < 4.2, 1.0, 2.0))),
    "saturation": ({"x": (0, 10)}, lambda x: np.minimum(1.5 * x, 6)),
    "a clipped line": ({"x": (-5, 5)}, lambda x: np.clip(2 * x, -3, 4)),
    "a tariff": (
        {"kg": (0, 30)},
        lambda kg: where(kg < 5, 4.9, where(kg < 10, 6.5 + 0.2 * kg, 9 + 0.1 * kg)),
    ),
    "robust loss": (
        {"r": (-4, 4)},
        lambda r: where(np.abs(r) < 1, 0.5 * r**2, np.abs(r) - 0.5),
    ),
    "the larger of two planes": (
        {"a": (0, 5), "b": (0, 5)},
        lambda a, b: np.maximum(2 * a, b + 1),
    ),
    "a ratio decides": (
        {"p": (1, 10), "q": (1, 10)},
        lambda p, q: where(p < 2 * q, np.sqrt(p * q), p),
    ),
}


def sampled(case: str, rows: int, seed: int, noise: float = 0.0) -> tuple[Floats, Floats]:
    columns, law = CASES[case]
    rng = np.random.default_rng([seed, 77])
    drawn = [
        rng.integers(span[0], span[1] + 1, rows).astype(float)
        if len(span) > 2
        else rng.uniform(span[0], span[1], rows)
        for span in columns.values()
    ]
    y = np.asarray(law(*drawn), dtype=float)
    return np.stack(drawn, axis=1), y + noise * np.std(y) * rng.standard_normal(rows)


def found_at(expr: Expr, case: str, x: Floats) -> Floats:
    return values(expr, {name: x[:, k] for k, name in enumerate(CASES[case][0])})


@pytest.mark.parametrize("case", CASES)
def test_exact_laws_in_regimes_are_found(case: str) -> None:
    x, y = sampled(case, 400, 0)
    fit = exact_regimes(x, y, list(CASES[case][0]), OPERATORS, 0, False)
    assert fit is not None
    fresh, truth = sampled(case, 4000, 1)
    wrong = np.abs(found_at(fit.expr, case, fresh) - truth) > 1e-9 * np.std(y)
    # a jump is only known to lie between two rows
    assert wrong.mean() <= 0.002, expr_text(fit.expr)


TEXTS = {
    "two pieces": "max(",
    "saturation": "min(((3 * x) / 2), 6)",
    "a clipped line": "max(min((2 * x), 4), -3)",
    "the larger of two planes": "max(",
    "three levels": "(0 if (x < 1.5) else (1 if (x < 4.2) else 2))",
    "a threshold unit of two columns": "((x + y) < 3)",
    "the larger column": "(x < y)",
    "a category": "(kind == 0)",
    "an indicator": "(on == 0)",
    "a corner of two columns": " or ",
    "three pieces": "(x < 1.5)",
}


@pytest.mark.parametrize("case", TEXTS)
def test_regimes_are_written_as_people_would(case: str) -> None:
    x, y = sampled(case, 400, 0)
    fit = exact_regimes(x, y, list(CASES[case][0]), OPERATORS, 0, False)
    assert fit is not None and TEXTS[case] in expr_text(fit.expr), fit


@pytest.mark.parametrize("law", [law for law in LAWS if not law.regimes], ids=lambda law: law.name)
def test_a_smooth_law_gets_no_regimes(law: Any) -> None:
    x, y = law.sample(0, 300)
    names = [column.name for column in law.columns]
    fit = exact_regimes(x, y, names, OPERATORS, 0, False)
    if fit is None:
        return
    # |x| y is a product and its negative too, but longer
    whole = search(x, y, names, backends=[Sparse()], seed=0).best
    lengths = [
        description_length(one.expr, one.loss, float(np.var(y)), 300) for one in (fit, whole)
    ]
    assert lengths[1] < lengths[0]


@pytest.mark.parametrize("case, count", [("three pieces", 3), ("three levels", 3)])
def test_noise_leaves_the_structure(case: str, count: int) -> None:
    x, y = sampled(case, 400, 0, noise=0.01)
    names = list(CASES[case][0])
    first = segments(x, y)
    assert first is not None
    parts = refined(x, y, names, OPERATORS, 0, first.groups)
    assert parts is not None and len(parts.formulas) == count
    expr = assembled(parts.tree, parts.formulas, x, names, 0.5 * parts.noise, False)
    fresh, truth = sampled(case, 2000, 1)
    error = np.abs(found_at(expr, case, fresh) - truth) / np.std(y)
    assert np.quantile(error, 0.99) < 0.01, expr_text(expr)


def test_noise_alone_gets_no_regimes() -> None:
    rng = np.random.default_rng(4)
    x = rng.uniform(0, 1, (200, 2))
    for y in (rng.normal(size=200), np.where(rng.random(200) < 0.5, 1.0, -1.0)):
        assert exact_regimes(x, y, ["a", "b"], OPERATORS, 0, False) is None
        smooth = search(x, y, ["a", "b"], backends=[Sparse()], budget=0, seed=0).best
        assert find_regimes(x, y, ["a", "b"], OPERATORS, 0, True, smooth) is None


def fitted(name: str) -> Result:
    law = next(law for law in LAWS if law.name == name)
    return fit_table(law.table(0), name=name, oracle=law.oracle, backend="sparse")


@pytest.mark.parametrize(
    "name, places", [("drag", [1, 4]), ("income_tax", [10, 30, 80])], ids=lambda part: str(part)
)
def test_built_in_laws_in_regimes(name: str, places: list[int], tmp_path: Path) -> None:
    result = fitted(name)
    correct = result.certificate.correct
    assert result.certificate.ok and correct.status == "sampled"
    assert [call.args[1] for call in comparisons(result.program.value)] == list(map(Const, places))
    assert "its parts meet at" in correct.note and "no row" not in correct.note
    column = result.program.inputs[0].name
    assert f"    if {column} < {places[0]}:\n        return " in result.code
    assert f"    if {column} < {places[1]}:\n        return " in result.code
    assert verify_folder(result.save(tmp_path)).ok
    again, held = read_formula(formula_bytes(result.program, result.network.rows), "file")
    assert again == result.program
    for place in places:
        row = {column: float(place)}
        answer = evaluate_formula(result.program, row)
        assert (
            answer == result.solve(**row) == explained(result, [place])[result.program.output.name]
        )
    whole = formula_values(result, held[0])
    assert whole.tolist() == pytest.approx([result.solve(*row) for row in held[0].tolist()])
    assert result.files() == fitted(name).files()


def law(at: float = 2.0, op: str = "lt", jump: float = 1.0) -> Formula:
    value = If(Call(op, (Var("x"), Const(at))), Var("x"), Call("add", (Var("x"), Const(jump))))
    return formula("law", value, (Scalar("x", Reals(0, 4)),), Scalar("y", Reals(0, 9)))


def solver(found: Formula) -> Callable[[float], float]:
    return lambda x: evaluate_formula(found, {"x": x})


def oracle(x: Floats) -> Floats:
    return where(x < 2, x, x + 1)


ROWS = (np.array([[0.5], [3.0]]), np.array([0.5, 4.0]))


@pytest.mark.parametrize("at", [2 + 1e-10, 2 - 1e-10])
def test_a_breakpoint_that_is_hardly_wrong_is_found_out(at: float) -> None:
    found = law(at)
    certificate = judge(FormulaInputs("law", found, ROWS, oracle=oracle), solver(found))
    assert certificate.correct.status == "failed"


def test_the_side_of_a_breakpoint_is_judged_where_a_row_tells_it() -> None:
    found = law(op="le")
    judged = judge(FormulaInputs("law", found, ROWS, oracle=oracle), solver(found)).correct
    assert judged.status == "failed" and judged.counterexample == {
        "input": [2.0], "expected": 3.0, "answered": 2.0,
    }  # fmt: skip
    unsure = comparisons(found.value)
    assert judge(
        FormulaInputs("law", found, ROWS, oracle=oracle, undecided=unsure), solver(found)
    ).correct.ok
    wrong = judge(FormulaInputs("law", found, ROWS), solver(law(2.5)))
    assert wrong.faithful.status == "failed"


def test_borders_are_met_exactly() -> None:
    cut = Call("lt", (Call("sub", (Var("x"), Call("mul", (Const(2), Var("y"))))), Const(1)))
    inputs = (Scalar("x", Reals(0, 4)), Scalar("y", Reals(0, 4)))
    found = formula("law", If(cut, Var("x"), Var("y")), inputs, Scalar("z", Reals(0, 4)))
    met = [border.row for border in borders(found, 0) if border.exactly]
    assert met and all(abs(x - 2 * y - 1) < 1e-12 for x, y in met)
    assert {border.row[0] for border in borders(law(), 0) if border.exactly} == {2.0}


def test_what_rows_tell_about_a_jump() -> None:
    x = np.linspace(0.35, 3.65, 34)[:, None]  # no row at 2
    notes = border_notes(law(), x, oracle(x[:, 0]))
    (undecided,) = notes.undecided
    assert undecided.args == (Var("x"), Const(2.0))
    assert "between 1.95 and 2.05" in notes.notes[0] and "no row tells" in notes.notes[0]
    with_row = np.array([[0.5], [1.5], [2.0], [2.5]])
    notes = border_notes(law(), with_row, oracle(with_row[:, 0]))
    assert notes.undecided == () and "a row tells" in notes.notes[0]
    smooth = border_notes(law(jump=0.0), x, x[:, 0])
    assert smooth.undecided == () and smooth.notes == ("its parts meet at x = 2.0",)
    noisy = border_notes(law(), x, oracle(x[:, 0]) + 0.1 * np.sin(99 * x[:, 0]))
    assert any("not exact" in note for note in noisy.notes)


@pytest.mark.parametrize(
    "low, high, number",
    [(2.97, 3.04, 3), (-0.1, 0.2, 0), (0.4963, 0.5021, 0.5), (8.2, 12, 10), (2.493, 2.512, 2.5),
     (-4.02, -3.99, -4), (0.1, 0.1, 0.1), (1e-9, 3e-9, 2e-9), (129, 131, 130), (3, 4, 4)],
)  # fmt: skip
def test_the_simplest_number_between_two(low: float, high: float, number: float) -> None:
    assert simplest_number(low, high) == number and low <= simplest_number(low, high) <= high


def test_regimes_nest_where_one_direction_is_not_enough() -> None:
    x = np.random.default_rng(0).uniform(-3, 3, (400, 3))
    truth = (x[:, 0] > 0) & (x[:, 2] > 1)
    tree, _ = partition(x, np.stack([truth * 8.0, ~truth * 8.0], axis=1))
    assert np.array_equal(labels_of(tree, x), truth.astype(int))
    assert isinstance(tree, Cut) and RegimeLeaf(0) in (tree.below, tree.above)
    (column, weight), *more = tree.weights
    assert weight == 1 and not more and column in (0, 2)


def test_a_part_without_a_value_elsewhere_stays_in_its_regime() -> None:
    root = Call("sqrt", (Call("sub", (Var("x"), Const(1))),))
    twice = Call("add", (Call("mul", (root, root)), Call("exp", (root,))))
    value = If(Call("lt", (Var("x"), Const(1))), Const(0), twice)
    found = formula("law", value, (Scalar("x", Reals(0, 4)),), Scalar("y", Reals(0, 9)))
    assert evaluate_formula(found, {"x": 0.0}) == 0.0


def test_columns_of_a_chain_and_its_slopes() -> None:
    chain = If(
        Call("lt", (Var("x"), Const(2))),
        Call("mul", (Const(3.0), Var("x"))),
        Call("add", (Var("x"), Const(0.5))),
    )
    x = np.array([0.0, 1.0, 2.0, 3.0])
    assert values(chain, {"x": x}).tolist() == [0, 3, 2.5, 3.5]
    found = parametric(chain)
    _, slopes = found.jacobian({"x": x}, found.start, 4)
    assert slopes.tolist() == [[0, 0], [1, 0], [0, 1], [0, 1]]


def test_a_jump_at_a_row_belongs_to_the_side_that_the_row_tells() -> None:
    kg = np.arange(0.5, 30.5, 0.5)
    price = where(kg <= 5, 4.9, 6.5 + 0.2 * kg)  # 5 itself is cheap
    result = fit_table(NumberTable(("kg",), kg[:, None], "price", price), backend="sparse")
    assert [result.solve(weight) for weight in (5.0, 5.5)] == pytest.approx([4.9, 7.6])


def test_constants_of_the_parts_are_snapped() -> None:
    x = np.arange(0.5, 30.5, 0.5)
    line = Call("add", (Call("mul", (Const(0.2000000003), Var("x"))), Const(6.499999999)))
    found = If(Call("le", (Var("x"), Const(5))), Const(4.9000001), line)
    table = FitRows.of(x[:, None], where(x <= 5, 4.9, 6.5 + 0.2 * x), ["x"], 0)
    assert expr_text(snap(found, table)) == "(4.9 if (x <= 5) else ((0.2 * x) + 6.5))"


def test_the_weight_of_a_clause_is_read_exactly_by_its_pass_and_nearly_by_symbolic_regression() -> (
    None
):
    from deepdistill.forms.clauses.lift import lift_clauses
    from deepdistill.forms.clauses.network import ClauseNetwork

    network = read_network((ROOT / "outputs/maxsat/network.npz").read_bytes(), "maxsat")
    assert isinstance(network, ClauseNetwork)
    lifted = lift_clauses(network, "maxsat")
    assert lifted.tables and not shorten_curves(lifted).tables  # every entry, rounded down
    curve = np.array(network.curve, dtype=float)
    hope = np.arange(len(curve), dtype=float)
    some = curve > 1000
    found = search(hope[some, None], curve[some], ["hope"], backends=[Sparse()], seed=0).best
    apart = values(found.expr, {"hope": hope}) - curve
    assert 0 < np.abs(apart).max() < 2  # the same law without the rounding
