"""A solver reads the file that it was learned from, however its table is written."""

from __future__ import annotations

from pathlib import Path

import pytest

import deepdistill as dd
from deepdistill.data.tables import read_table
from deepdistill.forms.formula.file import _read_layout
from deepdistill.ir.types import PLAIN_LAYOUT, TableLayout
from deepdistill.recheck import verify_folder
from deepdistill.run import fit_table
from deepdistill.verify.command_line import run_main
from deepdistill.verify.solver import load_solver

ROWS = [(k, (7 * k) % 11, 3 * k + 2 * ((7 * k) % 11)) for k in range(1, 25)]
CSV = "".join(f"{a},{b},{y}\n" for a, b, y in ROWS)
COLONS = CSV.replace(",", ":")
WRITTEN: dict[str, tuple[str, str]] = {
    "sep=;\na;b;y\n" + CSV.replace(",", ";"): ("utf-8", ""),
    '"sep=:"\r\na:b:y\r\n' + COLONS.replace("\n", "\r\n"): ("utf-8", ""),
    "# by hand\n\n# in 2024, twice\na,b,y\n" + CSV: ("utf-8", ""),
    "# by hand\n# a, b, y\n" + CSV: ("utf-8", ""),
    "a,b,y\nkg,m,kg m\n" + CSV: ("utf-8", ""),
    "\n\na,b,y,,\n" + CSV.replace("\n", ",,\n"): ("utf-8", ""),
    "a,b,y\n" + CSV.replace("\n", ",\n"): ("utf-8", ""),
    "# größe\na,b,größe\n" + CSV: ("cp1252", "größe"),
    "a,b,y\nkg,m,s\n" + CSV: ("utf-16", ""),
    "a;b;y\n" + CSV.replace(",", ";"): ("utf-16-le", ""),
}


@pytest.mark.parametrize("text", WRITTEN, ids=range(len(WRITTEN)))
def test_a_solver_reads_the_file_that_it_was_learned_from(tmp_path: Path, text: str) -> None:
    encoding, target = WRITTEN[text]
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(encoding))
    told = encoding if encoding in ("cp1252", "utf-16-le") else None
    table = read_table(path, target or "y", encoding=told)
    result = fit_table(table, name="law", backend="sparse", budget=0)
    solver = tmp_path / "solver.py"
    solver.write_bytes(result.files()["solver.py"])
    main = load_solver(solver.read_bytes(), "law").__globals__["_main"]  # type: ignore[attr-defined]
    status, out, err = run_main(main, "", [str(path)])
    head, *answers = out.splitlines()
    assert (status, err, head) == (0, "", target or "y")
    assert list(map(float, answers)) == pytest.approx([y for _, _, y in ROWS])
    assert run_main(main, "a,b\n1,2\n") == (0, f"{target or 'y'}\n7.0\n", "")
    broken = path.read_bytes().replace("11".encode(encoding), "1x".encode(encoding))
    if encoding == "utf-8":
        line = broken[: broken.index(b"1x")].count(b"\n") + 1
        path.write_bytes(broken)
        assert run_main(main, "", [str(path)])[2].startswith(f"line {line}: a is '1x'")


def test_other_units_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b,y\nkg,m,kg m\n" + CSV)
    result = fit_table(read_table(path, "y"), name="law", backend="sparse", budget=0)
    result.save(tmp_path)
    folder = tmp_path / "law"
    assert verify_folder(folder).ok
    main = dd.load(folder).solve.__globals__["_main"]
    assert run_main(main, "b,a\nm,kg\n2,1\n") == (0, "y\n7.0\n", "")
    assert run_main(main, "b,a\nm,g\n2,1\n") == (2, "", "line 2: a is 'g', not a number\n")
    assert run_main(main, "b,a\n2,1\nm,kg\n")[0] == 2


def test_layouts_of_older_files_are_read() -> None:
    assert _read_layout([["c"], [["a", ",", "."]]]) == TableLayout(("c",), (("a", ",", "."),))
    assert _read_layout([[], []]) == PLAIN_LAYOUT


REFUSED = {
    "a,b c,y\n1,NA,2\n2,,3\n3,NA,4\n": "no value in the column 'b c'.*--drop 'b c'",
    "a,b,y\n1,1,2\n2,,3\n3,3,4\n": "'' in line 3, column 'b'.*fill it in, or .*--drop b",
    "a,y\n1,NA\n2,NA\n": "no value in the column 'y': fill it in$",
    "a,y\n1,2\n2,NA\n": "'NA' in line 3, column 'y': .*, remove the row or fill it in$",
    "a,y\n9007199254740992,1\n9007199254740993,2\n5,3\n": "line 3.* same as .* in line 2",
    "a;y\n1,5;1\n-12.345.678.901.234.567.891;2\n-12.345.678.901.234.567.892;3\n": "line 4",
    "a,y\n1,12345678901234567891\n2,12345678901234567892\n": "line 3, column 'y'",
}


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_the_remedy_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(dd.InputError, match=REFUSED[text]):
        read_table(path, "y")


def test_rows_without_a_target_are_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("day,a,y\n1,1,2\n2,2,NA\n3,3,6\n4,4,\n5,5,10\n")
    table = read_table(path, "y", time_column="day")
    assert (table.x[:, 0].tolist(), table.y.tolist()) == ([1, 3, 5], [2, 6, 10])
    assert table.order is not None and len(table.order) == 3
    told = "2 of 5 rows have no value in the column 'y', the first in line 3, and were left out"
    assert table.notes == (told,)


def test_large_numbers_that_floats_tell_apart_are_read(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,y\n9007199254740993,1\n9007199254740993.0,2\n1e16,3\n1.0E16,4\n")
    assert read_table(path, "y").x[:, 0].tolist() == [2.0**53, 2.0**53, 1e16, 1e16]


def test_true_and_false_are_the_same_in_any_case(tmp_path: Path) -> None:
    path, words = tmp_path / "table.csv", ("true", "False", "TRUE", "false", "true", "True")
    rows = [(k, words[k % 6], 2 * k + 5 * (words[k % 6].lower() == "true")) for k in range(30)]
    path.write_text("a,b,y\n" + "".join(f"{a},{b},{y}\n" for a, b, y in rows))
    table = read_table(path, "y")
    assert len(table.titles) == 2 and table.layout.folded == ("b",)
    assert "'False', 'TRUE', 'True', 'false', 'true': small letters" in " ".join(table.notes)
    result = fit_table(table, name="law", backend="sparse", budget=0)
    main = load_solver(result.files()["solver.py"], "law").__globals__["_main"]
    status, out, err = run_main(main, path.read_text())
    assert (status, err) == (0, "")
    assert list(map(float, out.split()[1:])) == pytest.approx([y for _, _, y in rows])
    path.write_text("c,y\n" + "Red,1\nred,2\n" * 4)  # other words may mean two things
    assert read_table(path, "y").categories[0][1].levels == ("Red", "red")


def test_a_column_keeps_its_name_where_the_file_has_it_too(tmp_path: Path) -> None:
    rows = [(k / 4 + 1, k % 7 + 0.5) for k in range(60)]
    path = tmp_path / "dose.csv"
    path.write_text("dose,hours,left\n" + "".join(f"{a},{b},{a / (b + 1)}\n" for a, b in rows))
    result = fit_table(read_table(path, "left"), name="dose", backend="sparse", budget=0.1)
    assert result.text == "left = dose / (hours + 1)" and result.certificate.ok
    assert result.solve(dose=3.0, hours=2.0) == result.solve(3.0, 2.0) == 1.0
