"""Solvers of tables take the table's own columns: by position, by name, as a row, from a file."""

from __future__ import annotations

import csv
import io
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from table_formulas import read_formula

import deepdistill as dd
from deepdistill.cli import main
from deepdistill.data.categories import Category
from deepdistill.data.files import read_arrays
from deepdistill.data.tables import NumberTable, checked, identifiers, read_table
from deepdistill.forms.formula.baseline import with_baselines
from deepdistill.forms.formula.columns import of_columns
from deepdistill.forms.formula.file import formula_bytes
from deepdistill.forms.formula.inputs import FormulaInputs, number_contract
from deepdistill.ir.evaluate import evaluate_formula
from deepdistill.ir.expr import Call, Const, Expr, If, Var
from deepdistill.ir.parse import parse_expr, parse_formula
from deepdistill.ir.program import Formula
from deepdistill.ir.types import Reals, Scalar, TableLayout
from deepdistill.recheck import verify_folder
from deepdistill.run import fit_table
from deepdistill.target.formula_source import formula_lines, formula_solver, formula_test
from deepdistill.target.notation import formula_latex, formula_mathml
from deepdistill.target.source import Provenance
from deepdistill.units.archive import LARGEST_FILE, archive
from deepdistill.verify.command_line import run_main
from deepdistill.verify.contract import broken_promise
from deepdistill.verify.judge import judge
from deepdistill.verify.solver import load_solver

TITLES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(str.strip)
TEXTS = TITLES.filter(lambda text: text != "" and not text.startswith(("[", "{")))
MARKS = st.sampled_from([(".", ""), (",", ""), (",", "."), (".", ","), (",", " "), (".", "'")])


@st.composite
def formulas(draw: st.DrawFn) -> tuple[Formula, TableLayout]:
    """A sum over two columns of numbers and two of text or truths, in any order, with any names."""
    titles = draw(st.lists(TITLES, min_size=6, max_size=6, unique=True))
    titles = [title if title.strip("[{\ufeff") else f"column {k}" for k, title in enumerate(titles)]
    titles = [title.lstrip("[{\ufeff") or "x" for title in titles]
    titles = [f"{title}{k}" if titles.count(title) > 1 else title for k, title in enumerate(titles)]
    names = identifiers(titles, ("compute",))
    inputs: list[Scalar] = []
    terms: list[Expr] = [Const(0.5)]
    for k in range(4):
        one = Var(names[k])
        if k % 2:
            some = st.lists(TEXTS, min_size=2, max_size=4, unique=True).map(tuple)
            levels: Any = draw(some | st.just((False, True)))
            inputs.append(Scalar(one.name, Reals(0, len(levels) - 1), titles[k], levels))
            place = draw(st.integers(0, len(levels) - 1))
            test = Call(draw(st.sampled_from(["eq", "ne"])), (one, Const(place)))
            terms.append(Call("mul", (Const(draw(st.integers(-3, 3))), test)))
        else:
            inputs.append(Scalar(one.name, Reals(-1, 9), titles[k]))
            terms.append(Call("mul", (one, Const(1.25))))
    output = Scalar(names[4], Reals(-9, 9), titles[4])
    value: Expr = Call("add", tuple(terms))
    if draw(st.booleans()):
        condition = Call("eq", (Var(names[1]), Const(1)))
        value = If(condition, value, Call("div", (Const(1), Var(names[0]))))
    marks = tuple((titles[k], *draw(MARKS)) for k in (0, 2, 4))
    return Formula("compute", tuple(inputs), output, (), value), TableLayout((titles[5],), marks)


def solver(formula: Formula, layout: TableLayout) -> Any:
    origin = Provenance("rows that were made up", version="0")
    return load_solver(formula_solver(formula, origin, layout=layout).encode(), "solver")


def as_written(number: float, marks: tuple[str, str]) -> str:
    decimal, group = marks
    text = f"{number:,.3f}".replace(",", "#").replace(".", decimal)
    return text.replace("#", group)


@settings(max_examples=tries(60), deadline=None, derandomize=True)
@given(formulas(), st.data())
def test_position_name_row_and_file_give_the_same_answer(
    made: tuple[Formula, TableLayout], data: st.DataObject
) -> None:
    formula, layout = made
    solve = solver(formula, layout)
    run = solve.__globals__["_main"]
    marks = {title: (decimal, group) for title, decimal, group in layout.marks}
    titles = [scalar.title for scalar in formula.inputs]
    numbers = st.integers(-2_000_000, 2_000_000).map(lambda k: k / 1000)
    delimiter = data.draw(st.sampled_from(",;\t|"))
    table, expected, refused = io.StringIO(), [], 0
    writer = csv.writer(table, delimiter=delimiter)
    writer.writerow([layout.others[0], *titles, formula.output.title])
    for _ in range(3):
        places = [
            data.draw(st.integers(0, len(s.levels) - 1)) if s.levels else data.draw(numbers)
            for s in formula.inputs
        ]
        row = formula.written(places)
        cells = [
            as_written(value, marks[s.title]) if type(value) is float else str(value)
            for s, value in zip(formula.inputs, row, strict=True)
        ]
        writer.writerow(["any", *cells, "?"])
        by_title = dict(zip(titles, row, strict=True))
        calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
            (row, {}),
            ((), dict(zip([s.name for s in formula.inputs], row, strict=True))),
            ((), {**by_title, layout.others[0]: 3}),
            (({**by_title, "else": None},), {}),
            ((dict(zip(titles, cells, strict=True)),), {}),
        ]
        named = {s.name: float(place) for s, place in zip(formula.inputs, places, strict=True)}
        try:
            answer = evaluate_formula(formula, named)
        except ZeroDivisionError:
            refused += 1
            for given_, named_ in calls:
                with pytest.raises(ValueError, match="no value for these numbers"):
                    solve(*given_, **named_)
            continue
        assert {solve(*given_, **named_) for given_, named_ in calls} == {answer}
        expected.append(answer)
    status, out, err = run_main(run, table.getvalue())
    if refused:
        assert (status, out) == (2, "") and err.startswith("line ") and err.count("\n") == 1
        return
    assert (status, err) == (0, "")
    head, *answers = csv.reader(io.StringIO(out), delimiter=delimiter)
    assert head == [formula.output.title]
    comma = marks[formula.output.title][0] == ","
    assert [float(one.replace(",", ".") if comma else one) for (one,) in answers] == expected


@settings(max_examples=tries(20), deadline=None, derandomize=True)
@given(formulas())
def test_a_formula_of_columns_is_kept_and_keeps_its_promises(
    made: tuple[Formula, TableLayout],
) -> None:
    formula, layout = made
    assert parse_formula(str(formula)) == formula
    x = np.array([[s.domain.low for s in formula.inputs]])
    data = formula_bytes(formula, (x, np.zeros(1)), None, False, layout)
    assert read_formula(data, "file")[0] == formula
    assert broken_promise(solver(formula, layout), number_contract(formula)) is None
    assert formula_latex(formula) and formula_mathml(formula)
    compile(formula_test(formula, Provenance("it", version="0"), layout), "test", "exec")


@pytest.mark.parametrize("value", [["mul", 2, "cab"], ["eq", "cab", 2], ["lt", "cab", 1], "cab"])
def test_a_file_that_computes_with_text_is_refused(value: Any) -> None:
    cab = Scalar("cab", Reals(0, 1), "cab", ("large", "small"))
    formula = Formula("f", (cab,), Scalar("y", Reals(0, 1)), (), Call("eq", (Var("cab"), Const(1))))
    rows = (np.zeros((1, 1)), np.zeros(1))
    known = read_arrays(formula_bytes(formula, rows), "file", LARGEST_FILE)
    spec = json.loads(known["network.json"].tobytes())
    for changed in ({**spec, "value": value}, {**spec, "inputs": [["cab", 0, 1, "", ["a", 1]]]}):
        with pytest.raises(dd.InputError, match="no formula"):
            read_formula(archive(changed, [rows], lambda array: array), "file")


def numbers_of(text: str, levels: tuple[str, ...]) -> tuple[NumberTable, Formula]:
    """A table of one column of text, and a formula of its indicators."""
    cab = Category("cab", levels)
    x = np.concatenate([cab.indicators(levels), np.arange(len(levels))[:, None]], axis=1)
    table = NumberTable((*cab.titles, "km"), x, "y", np.zeros(len(levels)), ((0, cab),))
    names = identifiers(table.titles, ("y",))
    head = ", ".join(f"{name}: real 0..1" for name in names)
    return table, parse_formula(f"f({head}) -> y: real 0..9\n  {text}".replace("  ", ""))


def test_tests_of_indicators_become_tests_of_the_column() -> None:
    for text, levels, printed in (
        ("(km * cab_is_b)", ("a", "b"), 'km * (cab == "b")'),
        ("(1 if (cab_is_b == 0) else km)", ("a", "b"), '1 if cab == "a" else km'),
        ("(1 if (cab_is_b < 0.5) else km)", ("a", "b", "c"), '1 if cab != "b" else km'),
        ("(1 if (cab_is_b > 0.5) else km)", ("a", "b", "c"), '1 if cab == "b" else km'),
        ("(1 if (cab_is_b > 2) else km)", ("a", "b", "c"), "km"),
        ("(km + (cab_is_b ** 2))", ("a", "b"), 'km + (cab == "b")'),
        ("(km + 1)", ("a", "b"), "km + 1"),
    ):
        table, formula = numbers_of(text, levels)
        found, used = of_columns(formula, table)
        assert formula_lines(found)[1] == printed
        names = [scalar.name for scalar in formula.inputs]
        for row, codes in zip(table.x.tolist(), used.rows(table.x).tolist(), strict=True):
            inputs = [scalar.name for scalar in found.inputs]
            before = evaluate_formula(formula, dict(zip(names, row, strict=True)))
            assert before == evaluate_formula(found, dict(zip(inputs, codes, strict=True)))


@pytest.mark.parametrize(
    ("given_", "shorter"),
    [
        (
            "((2 * km) + (5.85502615 * (cab == 0)) + 10.14497385 + (-1.14497385 * (cab == 1))"
            " + (-5.14497385 * (cab == 2)))",
            '2 * km + 7 * (cab == "a") + 9 - 4 * (cab == "c")',
        ),
        ("(2 * ((0.5 - (cab == 0)) - (cab == 1)))", '2 * ((cab == "c") - 0.5)'),
        ("(9 - (4 * (cab == 0)))", '9 - 4 * (cab == "a")'),
        ("((cab == 0) + (cab == 1) + (cab == 2))", "1"),
        (
            "(((km + 5) - (8 * (cab == 0))) - (5 * (cab == 1)))",
            'km + 5 * (cab == "c") - 3 * (cab == "a")',
        ),
        ("(km - ((cab == 0) / 3))", 'km - (cab == "a") / 3'),
    ],
)
def test_levels_are_told_against_the_one_that_says_least(given_: str, shorter: str) -> None:
    cab = Scalar("cab", Reals(0, 2), "cab", ("a", "b", "c"))
    expr = parse_expr(given_)
    found = with_baselines(expr, {"cab": cab.levels})
    before, after = (
        Formula("f", (Scalar("km", Reals(0, 9)), cab), Scalar("y", Reals(0, 9)), (), one)
        for one in (expr, found)
    )
    assert formula_lines(after)[1] == shorter
    for level in range(3):
        row = {"km": 1.5, "cab": level}
        assert evaluate_formula(after, row) == pytest.approx(evaluate_formula(before, row))


def fares(path: Path, text: str = "{distance};{cab};{extra};{fare}") -> Path:
    rng = np.random.default_rng(0)
    lines = [text.replace("{", "").replace("}", "")]
    for k in range(80):
        distance, cab = round(float(rng.uniform(1, 20)), 2), rng.choice(["large", "small"])
        fare = 9 + 2 * distance - 4 * (cab == "small")
        row = text.format(distance=distance, cab=cab, extra=k, fare=f"{fare:.2f}")
        lines.append(row.replace(".", ","))
    path.write_text("\n".join(lines) + "\n")
    return path


def command(folder: Path, *arguments: object, text: str = "") -> tuple[int, str, str]:
    line = [sys.executable, str(folder / "solver.py"), *map(str, arguments)]
    done = subprocess.run(line, input=text, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_a_table_of_text_and_commas_from_end_to_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = fares(tmp_path / "fares.csv")
    options = ("--target", "fare", "--engine", "sparse", "--budget", "0", "--out")
    with pytest.raises(SystemExit) as stopped:
        main(["fit", str(path), *options, str(tmp_path)])
    assert stopped.value.code == 0 and '(cab == "small")' in capsys.readouterr().out
    folder = tmp_path / "fares"
    status, out, err = command(folder, path)
    assert (status, err) == (0, "")
    wanted = [line.rsplit(";", 1)[1] for line in path.read_text().splitlines()]
    head, *answers = out.splitlines()
    assert head == "fare" and answers[0].count(",") == 1
    found = [float(one.replace(",", ".")) for one in answers]
    assert found == pytest.approx([float(one.replace(",", ".")) for one in wanted[1:]])
    assert command(folder, text=path.read_text()) == (0, out, "")
    assert command(folder, text='{"distance": 3, "cab": "small"}') == (0, "11.0\n", "")
    broken = path.read_text().replace("large", "huge", 1)
    line = broken[: broken.index("huge")].count("\n") + 1
    problem = f"line {line}: cab is 'huge', not one of 'large', 'small'\n"
    assert command(folder, text=broken) == (2, "", problem)
    for text in ("", "distance;fare\n1;2\n", "distance;cab\n1,5\n", "distance;cab\n1.5;small\n"):
        status, out, err = command(folder, text=text)
        assert (status, out, err.count("\n")) == (2, "", 1)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    result = dd.load(folder)
    assert [result.solve(row) for row in rows] == found
    assert result.solve(3, "small") == 11 == result.solve(distance=3, cab="small", extra=1)
    explained = str(result.explain({"cab": "small", "distance": 3, "extra": 5}))
    assert "cab = 'small'" in explained and '(cab == "small")' in explained
    assert verify_folder(folder).ok


def test_columns_of_truths_are_true_and_false() -> None:
    rng = np.random.default_rng(0)
    x = np.stack([rng.uniform(0, 9, 80), rng.integers(0, 2, 80)], axis=1)
    table = NumberTable(("km", "night"), x, "fare", 2 * x[:, 0] + 3 * x[:, 1], truths=(1,))
    result = fit_table(table, name="trip", backend="sparse", budget=0)
    assert result.text in ("fare = 2 * km + 3 * night", "fare = 3 * night + 2 * km")
    assert result.solve(1.0, True) == pytest.approx(5) == result.solve(1, night=np.bool_(True))
    assert result.solve({"km": "1", "night": "False"}) == pytest.approx(2)
    with pytest.raises(ValueError, match="night is 2, not one of False, True"):
        result.solve(1.0, 2)
    assert result.certificate.faithful.ok


def test_how_numbers_are_written_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a;b;c;y\n1.234,5;2;1;3,5\n1,5;3;2;4\n12.000,25;4;3;5\n")
    table = read_table(path, "y", drop=["c"])
    assert table.marks == {"a": (",", "."), "b": (",", ""), "y": (",", "")}
    assert table.beside == ("c",) and table.columns == ("a", "b", "y", "c")
    path.write_text("a,b,y\n1.5,2,3\n2.5,3,4\n")
    assert table.marks and not read_table(path, "y").marks


def test_a_strict_solver_refuses_numbers_outside_and_takes_text() -> None:
    cab = Scalar("cab", Reals(0, 1), "cab", ("large", "small"))
    km = Scalar("km", Reals(1.0, 5.0), "km")
    value = Call("mul", (Var("km"), Call("eq", (Var("cab"), Const(1)))))
    formula = Formula("f", (cab, km), Scalar("y", Reals(0, 9)), (), value)
    source = formula_solver(formula, Provenance("it", version="0"), strict=True)
    solve = load_solver(source.encode(), "f")
    assert solve("small", 3) == 3 and solve(cab="large", km=5) == 0
    with pytest.raises(ValueError, match="km is 6, outside the range from 1 to 5"):
        solve("small", 6)
    assert math.isclose(solve({"cab": "small", "km": "2.5"}), 2.5)
    assert broken_promise(solve, number_contract(formula)) is None


def test_a_wrong_answer_to_one_text_is_found_and_shown_as_it_is_called() -> None:
    cab = Scalar("cab", Reals(0, 2), "cab", ("large", "small", "van"))
    km = Scalar("km", Reals(1.0, 5.0), "km")
    value = Call("add", (Var("km"), Call("eq", (Var("cab"), Const(1)))))
    formula = Formula("f", (cab, km), Scalar("y", Reals(0, 9)), (), value)
    space = FormulaInputs("f", formula, (np.array([[1.0, 2.0]]), np.array([3.0])))
    assert judge(space, lambda cab, km: km + (cab == "small")).faithful.ok
    found = judge(space, lambda cab, km: km + (cab != "large")).faithful
    assert found.status == "failed" and found.counterexample is not None
    assert found.counterexample["input"] == ["van", 1.0]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("if len(row) != len(header):", "if len(row) < len(header):"),
        ("if header.count(title) != 1:", "if header.count(title) < 1:"),
        ("answers.append(", "answers.insert(0, "),
        ("zip(header, row) if t in used", "zip(NAMES, row)"),
        ("if not answers:", "if answers is None:"),
        ('return float(cell.replace("_", "?"))', "return int(cell)"),
        ('delimiter in ",;\\t|"', 'delimiter in ","'),
        ("table.writerow([TARGET])", "pass"),
        ("if len(paths) > 1:", "if not paths:"),
        ("if len(paths) > 1:", "if len(paths) > 2:"),
        ("if not any(cell.strip() for cell in row):", "if row == []:"),
    ],
)
def test_a_wrong_answer_to_a_table_is_found(right: str, wrong: str) -> None:
    formula = parse_formula(
        "bill(x: real 1..5.5, y: real 0..4) -> z: real 0..9\nsub(mul(2.0, x), y)"
    )
    source = formula_solver(formula, Provenance("rows that were made up", version="0"))
    assert source.count(right) == 1
    for text, kept in ((source, True), (source.replace(right, wrong), False)):
        solve = load_solver(text.encode(), "solver")
        assert (broken_promise(solve, number_contract(formula)) is None) == kept


def test_a_title_stands_before_a_column_called_as_its_name() -> None:
    x = np.arange(60, dtype=float)[:, None] % 17
    table = checked(x, 2 * x[:, 0], ["My Age"], "y")
    result = fit_table(table, name="twice", backend="sparse", budget=0, n_jobs=1)
    solve = result.solve
    for row in ({"My Age": 1, "my_age": 50}, {"my_age": 50, "My Age": 1}, {"my_age": 1}):
        assert solve(row) == solve(1) == 2
    assert solve(**{"My Age": 1}) == 2
    with pytest.raises(ValueError, match="my_age is given twice"):
        solve(**{"My Age": 1, "my_age": 50})
