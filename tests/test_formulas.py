"""From a table to a program on disk: names, scales, refusals, the command and the certificate."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from table_formulas import read_formula

from deepdistill import InputError, distill
from deepdistill.cli import main
from deepdistill.data.tables import NumberTable, identifiers, read_table
from deepdistill.forms.formula.file import formula_bytes
from deepdistill.forms.formula.inputs import FormulaInputs
from deepdistill.formula.symbolic.program import formula
from deepdistill.ir.evaluate import evaluate_formula
from deepdistill.ir.expr import Call, Const, Var
from deepdistill.ir.types import Reals, Scalar
from deepdistill.recheck import verify_folder
from deepdistill.result import Result
from deepdistill.run import fit_table
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.judge import judge
from deepdistill.verify.solver import load_solver


def fitted(x: Any, y: Any, titles: tuple[str, ...] | None = None, budget: float = 0.0) -> Result:
    x = np.asarray(x, dtype=float)
    titles = tuple(f"c{k}" for k in range(x.shape[1])) if titles is None else titles
    table = NumberTable(titles, x, "y", np.asarray(y, dtype=float))
    return fit_table(table, backend="sparse", budget=budget)


RNG = np.random.default_rng(0)
X = RNG.uniform(1, 3, (60, 2))


def test_a_law_becomes_a_solver_that_is_certified() -> None:
    result = fitted(X, X[:, 0] ** 2 - 3 * X[:, 1])
    assert result.certificate.ok and result.certificate.faithful.status == "sampled"
    assert result.text == "y = c0 ** 2 - 3 * c1"
    assert result.solve(2.0, 1.0) == 1.0 == result.solve(c1=1.0, c0=2.0)
    assert result.solve(np.float64(2), 1) == 1.0


@pytest.mark.parametrize(
    "titles",
    [("E", "I"), ("beta", "gamma"), ("class", "lambda"), ("S", "s"), ("", " "), ("a b", "a-b"),
     ("__import__('os').system('x')", "y"), ("math", "solve"), ("part", "π")],
)  # fmt: skip
def test_names_of_columns_never_become_code(titles: tuple[str, str]) -> None:
    result = fitted(X, X[:, 0] * X[:, 1], titles)
    assert result.solve(2.0, 3.0) == 6.0
    names = [scalar.name for scalar in result.program.inputs]
    assert len(set(names)) == 2 and all(name.isidentifier() for name in names)


@pytest.mark.parametrize("power", [300, -300, 150, 12, -12])
def test_enormous_and_tiny_numbers(power: int) -> None:
    scale = 10.0**power
    result = fitted(X * [scale, 1], scale * (X[:, 0] + X[:, 1]))
    row = (2 * scale, 1.5)
    assert result.solve(*row) == pytest.approx(3.5 * scale, rel=1e-9)


@pytest.mark.parametrize(
    "x, y",
    [
        (X, np.full(60, 7.0)),  # a constant target
        (np.stack([X[:, 0], np.ones(60)], axis=1), X[:, 0]),  # a constant column
        (np.stack([X[:, 0], X[:, 0]], axis=1), 2 * X[:, 0]),  # a column twice
        (RNG.normal(size=(5, 9)), RNG.normal(size=5)),  # more columns than rows
        (X[:2], X[:2, 0]),  # two rows
        (X, RNG.normal(size=60)),  # nothing to be found
        (X, np.where(X[:, 0] > 2, 1.0, -1.0)),  # a step
    ],
)
def test_awkward_tables_give_a_program(x: Any, y: Any) -> None:
    result = fitted(x, y)
    assert result.certificate.faithful.ok
    row = {f"c{k}": float(value) for k, value in enumerate(x[0])}
    assert math.isfinite(result.solve(**row)) and result.solve(row) == result.solve(**row)
    used = [row[scalar.name] for scalar in result.program.inputs]
    assert result.solve(*used) == result.solve(row)


def test_the_same_seed_gives_the_same_bytes() -> None:
    runs = [fitted(X, X[:, 0] / X[:, 1] + 1).files() for _ in range(2)]
    assert runs[0] == runs[1]


CASES = {
    "": "empty",
    "a,b\n1,2\n": "no column 'y'",
    "a,y\n1,2\n": "at least 2",
    "a,y\n1,2\n1\n": "values in line 3",
    "a,y\n1,red\n1,2\n": "not a number",
    "a,y\n1,inf\n1,2\n": "not a finite number",
    "a,y\n1,\n1,2\n": "missing",
    "a,y\n1,NA\n1,2\n": "missing",
    "y,y\n1,2\n1,2\n": "several columns",
}


@pytest.mark.parametrize("text", CASES)
def test_unusable_tables_are_refused_in_one_sentence(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(SystemExit) as stopped:
        main(["fit", str(path), "--target", "y", "--out", str(tmp_path / "out")])
    assert stopped.value.code == 2
    message = capsys.readouterr().err
    assert CASES[text] in message and len(message.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_table(path, "y")


def test_the_command_writes_a_folder_that_verifies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "area.csv"
    rows = "\n".join(f"{a!r},{b!r},{a * b!r}" for a, b in X.tolist())
    path.write_text(f"width,height,area\n{rows}\n")
    with pytest.raises(SystemExit) as stopped:
        main(["fit", str(path), "--target", "area", "--engine", "sparse", "--out", str(tmp_path)])
    assert stopped.value.code == 0
    assert "= width * height\n" in capsys.readouterr().out
    folder = tmp_path / "area"
    assert {entry.name for entry in folder.iterdir()} == {
        "solver.py", "test_solver.py", "network.npz", "certificate.json", "report.html",
    }  # fmt: skip
    assert verify_folder(folder).ok
    assert load_solver((folder / "solver.py").read_bytes(), "solver")(2, 3) == 6
    (folder / "solver.py").write_text("def solve(width, height): return 0.0\n")
    with pytest.raises(InputError, match="changed after it was certified"):
        verify_folder(folder)


def law() -> Any:
    inputs = (Scalar("a", Reals(-1, 1)), Scalar("b", Reals(0, 2), "B"))
    root = Call("sqrt", (Call("add", (Var("a"), Const(2), Call("exp", (Var("b"),)))),))
    shared = Call("div", (Call("mul", (root, root)), Call("add", (root, Const(0.5)))))
    return formula("law", shared, inputs, Scalar("y", Reals(0, 9)))


def test_what_occurs_twice_gets_a_name() -> None:
    found = law()
    assert [let.name for let in found.body] == ["total"]
    assert evaluate_formula(found, {"a": 0.5, "b": 1.0}) == pytest.approx(
        (2.5 + math.e) / (math.sqrt(2.5 + math.e) + 0.5), rel=1e-15
    )


SQUARES = Call("add", tuple(Call("pow", (Var(name), Const(2))) for name in "ab"))


@pytest.mark.parametrize(
    "part, used, name",
    [
        (SQUARES, "exp", "exponent"),
        (SQUARES, "sin", "sum_of_squares"),
        (Call("sqrt", (SQUARES,)), "sin", "distance"),
        (Call("exp", (Call("mul", (Const(-1), Var("b"))),)), "sin", "decay"),
        (Call("div", (Call("sin", (Var("a"),)), Call("exp", (Var("b"),)))), "cos", "ratio"),
        (Call("max", (Var("a"), Call("sin", (Var("b"),)))), "sin", "larger"),
    ],
)
def test_names_say_what_a_part_is(part: Call, used: str, name: str) -> None:
    value = Call("add", (Call("tanh", (part,)), Call(used, (part,))))
    found = formula("law", value, law().inputs, Scalar("y", Reals(0, 9)))
    assert [let.name for let in found.body] == [name]


def test_names_of_parts_never_clash_with_columns() -> None:
    inputs = (Scalar("total", Reals(1, 2)), Scalar("b", Reals(0, 2)))
    part = Call("add", (Var("total"), Var("b"), Const(1)))
    root = Call("div", (Call("sin", (part,)), Call("add", (part, Const(2)))))
    whole = Call("mul", (root, Call("tanh", (part,))))
    found = formula("law", whole, inputs, Scalar("y", Reals(0, 9)))
    assert [let.name for let in found.body] == ["total_2"]


def test_the_certificate_states_tolerance_ranges_and_extrapolation() -> None:
    result = fitted(X, X[:, 0] / X[:, 1])
    faithful, correct = result.certificate.faithful.note, result.certificate.correct.note
    assert "1e-12 relative" in faithful and "c0 from 1.0" in faithful and "nothing" in faithful
    outside = result.details.outside
    assert outside is not None and outside.sentence in correct and outside.rows == 12
    assert outside.score == pytest.approx(1.0) and "refitted on the other 48" in outside.how


def test_a_bad_extrapolation_is_told() -> None:
    """A straight line through a curve: good where it was fitted, bad at the ends."""
    from deepdistill.formula.extrapolation import beyond_ranges, outer_rows
    from deepdistill.formula.symbolic.extrapolation import refitted

    x = np.linspace(0, 3, 100)[:, None]
    y = np.exp(x[:, 0])
    line = Call("add", (Call("mul", (Const(5.0), Var("a"))), Const(0.5)))
    outside = outer_rows(x, y, refitted(line, ["a"]))
    assert outside is not None and outside.rows == 20 and outside.score < 0.9
    ends = np.array([0.0]), np.array([3.0])
    far = beyond_ranges(lambda rows: 5 * rows[:, 0] + 0.5, lambda a: np.exp(a), *ends, 0)
    assert far is not None and far.score < 0.5 and far.rows == 300
    root = lambda rows: np.where(rows[:, 0] < 0, np.nan, rows[:, 0])  # noqa: E731
    holes = beyond_ranges(root, lambda a: a, *ends, 0)
    assert holes is not None and 0 < holes.without < 300 and "no value on" in holes.sentence
    assert outer_rows(x[:8], y[:8], refitted(line, ["a"])) is None


def test_noise_does_not_snap_to_what_contradicts_the_data() -> None:
    from deepdistill.formula.symbolic.arrays import values
    from deepdistill.formula.symbolic.data import FitRows
    from deepdistill.formula.symbolic.snapping import snap
    from deepdistill.ir.constants import free_constants

    rng = np.random.default_rng(5)
    x = rng.uniform(1, 3, (400, 1))
    for truth in (2.9, 3.0, 3.1):
        exact = Call("mul", (Const(truth), Call("exp", (Var("a"),))))
        y = values(exact, {"a": x[:, 0]}) * (1 + 0.02 * rng.standard_normal(400))
        table = FitRows.of(x, y, ["a"], 0)
        start, _ = table.refit(exact)
        found = snap(start, table)
        assert table.held_loss(found) <= table.held_loss(start) * table.slack()
        value = float(values(found, {"a": np.zeros(1)})[0])
        assert value == pytest.approx(free_constants(start)[0], rel=0.005)


def test_a_wrong_solver_is_found_out() -> None:
    rows = (np.array([[0.0, 1.0]]), np.array([1.0]))
    certificate = judge(FormulaInputs("law", law(), rows), lambda a, b: 1.0)
    assert certificate.faithful.status == "failed"
    assert certificate.faithful.counterexample is not None
    assert Certificate.parse(certificate.text()).faithful.status == "failed"


def test_where_the_formula_has_no_value_the_solver_says_so() -> None:
    from deepdistill.target.formula_source import formula_solver
    from deepdistill.target.source import Provenance

    inputs = (Scalar("a", Reals(-1, 1)),)
    found = formula("root", Call("sqrt", (Var("a"),)), inputs, Scalar("y", Reals(0, 1)))
    solve = load_solver(formula_solver(found, Provenance("rows", version="0")).encode(), "root")
    with pytest.raises(ValueError, match="no value"):
        solve(-0.5)
    rows = (np.array([[0.25]]), np.array([0.5]))
    assert judge(FormulaInputs("root", found, rows), solve).faithful.ok


def test_a_formula_on_disk_is_the_same_formula() -> None:
    rows = (np.array([[0.0, 1.0]]), np.array([1.0]))
    data = formula_bytes(law(), rows)
    again, held = read_formula(data, "file")
    assert again == law() and held[0].tolist() == [[0.0, 1.0]]
    assert formula_bytes(again, held) == data


@pytest.mark.parametrize("value", ["eval", ["eval", 1], ["add", 1], [], {"a": 1}, None, True])
def test_a_formula_file_that_was_tampered_with_is_refused(value: Any) -> None:
    rows = (np.array([[0.0, 1.0]]), np.array([1.0]))
    data = formula_bytes(law(), rows)
    from deepdistill.data.files import read_arrays
    from deepdistill.units.archive import LARGEST_FILE, archive

    spec = json.loads(read_arrays(data, "file", LARGEST_FILE)["network.json"].tobytes())
    spec["value"] = value
    with pytest.raises(InputError, match="no formula"):
        read_formula(archive(spec, [rows], lambda array: array), "file")


@settings(max_examples=tries(100), deadline=None, derandomize=True)
@given(st.lists(st.text(max_size=8), max_size=6))
def test_identifiers_differ_and_can_stand_in_code(titles: list[str]) -> None:
    names = identifiers(titles, ("y",))
    assert len(set(names)) == len(names) and "y" not in names
    assert all(name.isidentifier() for name in names)


def test_a_built_in_law_is_distilled_by_its_name(tmp_path: Path) -> None:
    result = distill("spring")
    assert result.certificate.ok
    assert result.solve(2.0, 3.0) == pytest.approx(-6.0)
    assert "outside the ranges" in result.certificate.correct.note
    folder = result.save(tmp_path)
    assert verify_folder(folder).correct == result.certificate.correct
    assert verify_folder(folder, examples=20).correct.examples == 20


def test_verify_asks_the_law_again(tmp_path: Path) -> None:
    """A certificate that claims too much: the oracle is asked, not the certificate."""
    from dataclasses import replace

    from deepdistill.target.formula_source import formula_solver
    from deepdistill.target.source import Provenance

    result = distill("spring")
    wrong = replace(result.program, value=Call("mul", (Var("k"), Var("x"))))
    code = formula_solver(wrong, Provenance("rows", version="0")).encode()
    network = formula_bytes(wrong, result.network.rows)
    sealed = result.certificate.sealed({"solver.py": code, "network.npz": network})
    for name, data in (
        ("solver.py", code),
        ("network.npz", network),
        ("certificate.json", sealed.text().encode()),
    ):
        (tmp_path / name).write_bytes(data)
    again = verify_folder(tmp_path)
    assert again.faithful.ok and again.correct.status == "failed"
