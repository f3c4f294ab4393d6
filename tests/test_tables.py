"""Tables from CSV files: dialects, text columns, refusals; random tables become honest programs."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from effort import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from table_formulas import read_formula

from deepdistill import InputError
from deepdistill.cli import main
from deepdistill.data.tables import NumberTable, checked, identifiers, read_table
from deepdistill.recheck import verify_folder
from deepdistill.run import fit_table


def read(tmp_path: Path, text: str, target: str = "y") -> NumberTable:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode())
    return read_table(path, target)


DIALECTS = {
    "commas": "a,b,y\n1.5,2,3\n4,5,6\n",
    "semicolons": "a;b;y\n1.5;2;3\n4;5;6\n",
    "decimal commas": "a;b;y\n1,5;2;3\n4;5;6\n",
    "tabs": "a\tb\ty\n1.5\t2\t3\n4\t5\t6\n",
    "bars": "a|b|y\n1.5|2|3\n4|5|6\n",
    "byte order mark": "\ufeffa,b,y\n1.5,2,3\n4,5,6\n",
    "quotes": '"a","b","y"\n"1.5","2","3"\n4,5,6\n',
    "spaces": " a , b , y \n 1.5 , 2 , 3 \n 4 , 5 , 6 \n",
    "windows": "a,b,y\r\n1.5,2,3\r\n4,5,6\r\n",
    "old mac": "a,b,y\r1.5,2,3\r4,5,6\r",
    "blank lines": "\n\na,b,y\n1.5,2,3\n\n4,5,6\n\n\n",
    "no last line end": "a,b,y\n1.5,2,3\n4,5,6",
    "exponents": "a,b,y\n15e-1,+2,3.\n.4e1,5,6E0\n",
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_dialects_give_the_same_table(tmp_path: Path, dialect: str) -> None:
    table = read(tmp_path, DIALECTS[dialect])
    assert table.titles == ("a", "b") and table.target == "y"
    assert table.x.tolist() == [[1.5, 2], [4, 5]] and table.y.tolist() == [3, 6]


def test_the_target_tells_the_separator(tmp_path: Path) -> None:
    table = read(tmp_path, 'price, net;"y, in EUR";a\n1;2;3\n4;5;6\n', "y, in EUR")
    assert table.titles == ("price, net", "a") and table.y.tolist() == [2, 5]


def test_few_texts_become_indicators(tmp_path: Path) -> None:
    colours = ["red", "green", "blue"] * 4
    rows = [f"{k},{colour},{'yes' if k % 2 else 'no'},{k}" for k, colour in enumerate(colours)]
    table = read(tmp_path, "\n".join(["a,colour,open,y", *rows]))
    assert table.titles == ("a", "colour is blue", "colour is green", "colour is red",
                            "open is yes")  # fmt: skip
    assert table.names[1] == "colour_is_blue"
    assert table.x[:3].tolist() == [[0, 0, 0, 1, 0], [1, 0, 1, 0, 1], [2, 1, 0, 0, 0]]
    assert "'yes' where open_is_yes is 1, else 'no'" in table.meanings(table.names)[1]


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (["007", "123", "450"], True),
        (["07", "12", "45"], False),  # months and hours are written so
        (["007", "12", "450"], False),  # of several lengths
        (["107", "123", "450"], False),
        (["0.7", "1.2", "4.5"], False),
        ([f"{k:03}" for k in range(13)], False),  # too many for names
    ],
)
def test_few_digits_with_zeros_before_them_are_names(
    tmp_path: Path, cells: list[str], names: bool
) -> None:
    rows = [f"{cell},{k}" for k, cell in enumerate(4 * cells)]
    table = read(tmp_path, "\n".join(["code,y", *rows]))
    assert bool(table.categories) == names
    assert any("taken for names" in note for note in table.notes) == names


REFUSED = {
    "a,y\n" + "".join(f"t{k},{k}\n" for k in range(40)): "40 different texts",
    "a,y\nred,1\nblue,2\n": "2 different texts in 2 rows",
    "a,y\n1,2\nred,3\n": "not a number: write the column as numbers throughout",
    'a,y\n"1,234",2\n"1,235",3\n': "read in two ways",
    "a;y\n1,234;2\n5,678;3\n": "read in two ways",
    "a,y\n1_000,2\n2,3\n": "not a number",
    "a,y\nred,2\n,3\n": "missing",
    "a,y\nred,2\nred,3\n": "no input for 'y'",
    "y\n1\n2\n": "no input for 'y'",
    "a,y\nx,red\ny,blue\n": "not a number",
    "a,y\n1,2\n": "1 usable row:",
    "a,y\n": "0 usable rows",
    "\n\n": "empty",
    "a;b\n1;2\n": "no column 'y'",
    'a,y\n"1,2\n': "not a CSV table",
    f"a,y\n{'1' * 200_000},1\n2,2\n": "not a CSV table",
    "a,y\n1e999,1\n2,2\n": "not a finite number",
    ",".join([*(f"c{k}" for k in range(3000)), "y"]) + "\n": "3001 columns: give at most 200",
}


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_other_tables_are_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=REFUSED[text]) as refused:
        read(tmp_path, text)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 400


def test_long_names_that_are_the_same_can_be_saved_and_read() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 2, (20, 3))
    table = checked(x, x[:, 0], ["c" * 90, "c" * 90, "c" * 60], "c" * 60)
    result = fit_table(table, backend="sparse", budget=0)
    found, _ = read_formula(result.files()["network.npz"], "file")
    assert found == result.program


def test_a_line_through_three_whole_numbers_can_be_chance() -> None:
    x = np.array([[1.0], [2], [4], [7], [9]])
    few, more = (
        fit_table(checked(x[:n], 2 * x[:n, 0] + 1, ["a"], "y"), backend="sparse", budget=0)
        for n in (3, 5)
    )
    assert few.certificate.correct.status == "failed"
    assert "so few answers can be chance" in few.certificate.correct.note
    assert more.certificate.correct.status == "evidence"
    assert more.certificate.correct.measure == "too few rows to bound how many are wrong"


def test_little_is_claimed_of_small_tables_and_bad_fits() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 2, (8, 1))
    small = fit_table(checked(x, x[:, 0], ["a"], "y"), backend="sparse", budget=0)
    assert "too small to hold rows out" in small.certificate.correct.note
    x = rng.normal(size=(60, 2))
    noise = fit_table(checked(x, rng.normal(size=60), ["a", "b"], "y"), backend="sparse", budget=0)
    assert "nothing that the mean" in noise.certificate.correct.note
    assert not noise.certificate.ok
    x = rng.normal(size=(400, 2))
    half = x[:, 0] + 1.5 * rng.normal(size=400)
    weak = fit_table(checked(x, half, ["a", "b"], "y"), backend="sparse", budget=0)
    assert "less than half" in weak.certificate.correct.note


NAMES = st.sampled_from(
    ["E", "I", "S", "N", "beta", "gamma", "lambda", "class", "sum", "float", "abs", "math", "json",
     "solve", "part", "part_2", "result", "x0", "", " ", "a b", "a-b", "a", "π", "данные", "None",
     "長さ", "é", "__import__('os').system('x')", "{{ 7 }}", '"""', "\\", "NAMES", "_numbers",
     "exp", "e", "pi"]
)  # fmt: skip
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-10, 10),
    st.integers(-3, 3).map(float),
    st.sampled_from([0.0, -0.0, 5e-324, 1e-300, 1e300, -1e300, 1.7e308, -1.7e308, 1.0]),
)


def test_names_stay_in_their_own_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    titles = ["長さ", "Größe", "हिन्दी", "m²", "Δ t (s)"]
    assert identifiers(titles) == ("長さ", "größe", "हिन्दी", "m2", "δ_t_s")
    x = np.random.default_rng(0).integers(1, 9, (30, 2))
    rows = np.column_stack([x, x[:, 0] * x[:, 1]])
    path = tmp_path / "площадь.csv"
    path.write_text("長さ,हिन्दी,y\n" + "\n".join(",".join(map(str, row)) for row in rows))
    with pytest.raises(SystemExit) as stopped:
        main(["fit", str(path), "--target", "y", "--engine", "sparse", "--out", str(tmp_path)])
    assert stopped.value.code == 0, capsys.readouterr()
    folder = tmp_path / "площадь"
    assert verify_folder(folder).ok and (folder / "report.html").is_file()
    solver = [sys.executable, folder / "solver.py"]
    told = json.dumps({"長さ": 3, "हिन्दी": 4})
    done = subprocess.run(solver, input=told, capture_output=True, text=True, encoding="utf-8")
    assert json.loads(done.stdout) == pytest.approx(12)
    assert "def площадь(長さ, हिन्दी)" in (folder / "solver.py").read_text("utf-8")


@st.composite
def columns(draw: st.DrawFn, rows: int) -> list[float]:
    kind = draw(st.sampled_from(["any", "constant", "scaled", "whole"]))
    if kind == "constant":
        return [draw(NUMBERS)] * rows
    if kind == "scaled":
        scale = 10.0 ** draw(st.integers(-300, 300))
        return [scale * draw(st.floats(1, 3)) for _ in range(rows)]
    inner = st.integers(-3, 3).map(float) if kind == "whole" else NUMBERS
    return [draw(inner) for _ in range(rows)]


@st.composite
def tables(draw: st.DrawFn) -> NumberTable:
    rows = draw(st.integers(2, 24))
    count = draw(st.integers(1, 4))
    found = [draw(columns(rows)) for _ in range(count)]
    if draw(st.booleans()):
        found[-1] = found[0]
    target = draw(columns(rows)) if draw(st.booleans()) else found[0]
    titles = [draw(NAMES) for _ in range(count)]
    return checked(np.array(found).T, np.array(target), titles, draw(NAMES))


def honest(table: NumberTable, folder: Path) -> None:
    """The table becomes a faithful program that never answers with NaN; it may tell nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = fit_table(table, name="found", backend="sparse", budget=0)
    assert result.certificate.faithful.ok
    for row in result.details.used.rows(table.x).tolist():
        try:
            assert math.isfinite(result.solve(*row))
        except ValueError as error:
            assert "no value" in str(error)
    again = verify_folder(result.save(folder))
    assert again.faithful.ok and again.ok == result.certificate.ok


SLOW = [
    HealthCheck.too_slow,
    HealthCheck.function_scoped_fixture,
    HealthCheck.data_too_large,
    HealthCheck.nested_given,  # the judge is one
]


@settings(max_examples=tries(8), deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(tables())
def test_random_tables_become_honest_programs(tmp_path: Path, table: NumberTable) -> None:
    honest(table, tmp_path)


@pytest.mark.slow
@settings(max_examples=tries(300), deadline=None, suppress_health_check=SLOW)
@given(tables())
def test_many_random_tables_become_honest_programs(tmp_path: Path, table: NumberTable) -> None:
    honest(table, tmp_path)


CELLS = st.one_of(
    NUMBERS.map(repr), st.sampled_from(["", "NA", "red", "blue", "1,5", "inf", "1_0", '"', "1;2"])
)


@settings(max_examples=tries(40), deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=5), st.sampled_from(",;\t"))
def test_a_table_is_read_or_refused(tmp_path: Path, cells: list[list[str]], mark: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows([["a", "b", "y"], *cells])
    try:
        table = read(tmp_path, text.getvalue())
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert np.isfinite(table.x).all() and np.isfinite(table.y).all()
        assert len(set(identifiers(table.titles))) == table.x.shape[1]


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str]:
    """The text of a CSV file that may be usable, and a target."""
    titles = draw(st.lists(NAMES, min_size=2, max_size=4, unique=draw(st.integers(0, 3)) > 0))
    kinds = ["numbers", *(draw(st.sampled_from(["numbers", "text", "cells"])) for _ in titles[1:])]
    texts = {"numbers": NUMBERS.map(repr), "text": st.sampled_from(["red", "blue"]), "cells": CELLS}
    rows = draw(st.integers(0, 20))
    lines = [[draw(texts[kind]) for kind in kinds] for _ in range(rows)]
    text = io.StringIO()
    csv.writer(text, delimiter=draw(st.sampled_from(",;\t"))).writerows([titles, *lines])
    return text.getvalue(), draw(st.sampled_from([titles[0], *titles, "y"]))


def described(folder: Path, text: str, target: str) -> None:
    """The command writes a folder that verifies, or says in a sentence why not."""
    path = folder / "some table.csv"
    path.write_bytes(text.encode())
    shutil.rmtree(folder / "out", ignore_errors=True)
    out, err = io.StringIO(), io.StringIO()
    arguments = ["fit", str(path), "--target", target, "--out", str(folder / "out")]
    with (
        pytest.raises(SystemExit) as stopped,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        main([*arguments, "--engine", "sparse", "--budget", "0", "--jobs", "1"])
    if stopped.value.code == 0:
        assert "evidence" in out.getvalue() and not err.getvalue()
        assert verify_folder(folder / "out" / "some_table").ok
    elif stopped.value.code == 1:  # a formula that tells nothing
        assert "FAILED" in out.getvalue() and not err.getvalue()
        assert not verify_folder(folder / "out" / "some_table").ok
    else:
        assert stopped.value.code == 2 and not out.getvalue()
        assert len(err.getvalue().splitlines()) == 1 and not (folder / "out").exists()


@settings(max_examples=tries(12), deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(files())
def test_the_command_says_what_it_did(tmp_path: Path, given_: tuple[str, str]) -> None:
    described(tmp_path, *given_)


@pytest.mark.slow
@settings(max_examples=tries(300), deadline=None, suppress_health_check=SLOW)
@given(files())
def test_the_command_says_what_it_did_with_many_files(
    tmp_path: Path, given_: tuple[str, str]
) -> None:
    described(tmp_path, *given_)


def test_the_command_takes_text_columns_and_its_folder_passes_its_test(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    lengths = rng.uniform(0, 9, 60).tolist()
    colours = rng.choice(["dark red", "green"], 60).tolist()
    lines = [
        f"{length!r};{colour};{2 * length + 5 * (colour == 'dark red')!r}"
        for length, colour in zip(lengths, colours, strict=True)
    ]
    path = tmp_path / "prices.csv"
    path.write_text("\ufefflength;colour;math\n" + "\n".join(lines))
    with pytest.raises(SystemExit) as stopped:
        main(["fit", str(path), "--target", "math", "--engine", "sparse", "--out", str(tmp_path)])
    printed = capsys.readouterr()
    assert stopped.value.code == 0 and not printed.err
    assert "evidence, at most" in printed.out
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path / "prices"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    given_ = json.dumps({"length": 1.0, "colour": "dark red"})
    solver = [sys.executable, tmp_path / "prices" / "solver.py"]
    done = subprocess.run(solver, input=given_, capture_output=True, text=True)
    assert json.loads(done.stdout) == pytest.approx(7)
