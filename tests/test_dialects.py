"""Tables as people write them: each dialect is read back as it was written, or refused by line."""

from __future__ import annotations

import bz2
import contextlib
import csv
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pytest
from effort import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepdistill import InputError
from deepdistill.cli import main
from deepdistill.data.labelled import read_labelled
from deepdistill.data.tables import NumberTable, read_table

SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


def read(tmp_path: Path, text: str, saved: str = "utf-8", **options: object) -> NumberTable:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(saved))
    return read_table(path, "y", **options)  # type: ignore[arg-type]


# ------------------------------------------------------------------ numbers


GERMAN, ENGLISH = [950.0, 1299.0], [950.0, 1.299]
NUMBERS = {
    "a;b;y\n950;1,5;2\n1.299;3;3\n": GERMAN,  # the other column tells
    "a;b;y\n950;1.5;2\n1.299;3;3\n": ENGLISH,
    "a;y\n950,5;2\n1.299;3\n": [950.5, 1299.0],
    "a;y\n950;2\n1.299,00;3\n": GERMAN,
    "a;y\n0.950;2\n1.299;3\n": [0.95, 1.299],  # no group begins with 0
    "a;y\n950;2\n1299.000;3\n": GERMAN,
    "a;y\n950;2\n1.299.000;3\n": [950.0, 1299000.0],
    "a,y\n950,2\n1.299,3\n": ENGLISH,  # a decimal comma would have to be quoted
    'a,b,y\n950,1.5,2\n"1,299",2,3\n': GERMAN,
    'a,b,y\n950,"1,5",2\n"1,299",2,3\n': ENGLISH,
    'a,y\n950,2\n"1,299.00",3\n': GERMAN,
    "a;y\n950;2\n1 299;3\n": GERMAN,
    "a;y\n950;2\n1\u202f299;3\n": GERMAN,
    "a;y\n950;2\n1\u00a0299,00;3\n": GERMAN,
    "a;y\n950;2\n1'299;3\n": GERMAN,
    "a;y\n950;2\n1\u2019299.00;3\n": GERMAN,
}


@pytest.mark.parametrize("text", NUMBERS, ids=range(len(NUMBERS)))
def test_the_decimal_mark_is_told_from_all_numbers(tmp_path: Path, text: str) -> None:
    table = read(tmp_path, text)
    assert table.x[:, 0].tolist() == NUMBERS[text]


def test_a_minus_that_no_solver_reads_is_refused(tmp_path: Path) -> None:
    text = "a;y\n\u2212950;\u22122\n1299;3\n"
    with pytest.raises(InputError, match=r"line 2, column 'a', whose minus is .* U\+2212"):
        read(tmp_path, text)
    assert read(tmp_path, text.replace("\u2212950", "-950")).y.tolist() == [-2.0, 3.0]
    path = tmp_path / "rules.csv"
    path.write_text(
        "a,y\n" + "".join(f"\u2212{k},{'no' if k > 5 else 'yes'}\n" for k in range(1, 11))
    )
    with pytest.raises(InputError, match="put - in its place"):
        read_labelled(path, "y")


def test_thousands_are_told_where_they_were_assumed(tmp_path: Path) -> None:
    table = read(tmp_path, "a;b;y\n950;1,5;2\n1.299;3;3\n")
    assert table.notes == ("'1.299' in line 3, column 'a', was read as 1299",)
    assert table.notes[0] in table.meanings(table.names)


def test_who_knows_the_decimal_mark_says_it(tmp_path: Path) -> None:
    text = "a;y\n950;2\n1.299;3\n"
    assert read(tmp_path, text, decimal=".").x[:, 0].tolist() == ENGLISH
    assert read(tmp_path, text, decimal=",").x[:, 0].tolist() == GERMAN
    with pytest.raises(InputError, match="line 2, .* with the decimal mark ','"):
        read(tmp_path, "a;y\n1.5;2\n1.299;3\n", decimal=",")


# ------------------------------------------------------------------ what stands around them


TABLE = "a,b,y\n1.5,2,3\n4,5,6\n"
AROUND = {
    "separator": "sep=;\na;b;y\n1.5;2;3\n4;5;6\n",
    "quoted separator": '"sep=;"\r\na;b;y\r\n1.5;2;3\r\n4;5;6\r\n',
    "tab": "sep=\t\na\tb\ty\n1.5\t2\t3\n4\t5\t6\n",
    "comments": "# made, by hand; y\n\n#\n" + TABLE,
    "names in the comment": "# 2024\n# " + TABLE,
    "trailing separators": "a,b,y,\n1.5,2,3,\n4,5,6,\n",
    "in the rows": "a,b,y\n1.5,2,3,\n4,5,6,\n",
    "in the names": "a,b,y,,,\n1.5,2,3\n4,5,6\n",
    "empty rows": "a,b,y\n1.5,2,3\n,,\n4,5,6\n,,,\n",
    "units": "a,b,y\nm,s,kg\n1.5,2,3\n4,5,6\n",
    "units in brackets": "a,b,y\n[m],,(kg)\n1.5,2,3\n4,5,6\n",
}


@pytest.mark.parametrize("case", AROUND)
def test_what_stands_around_a_table_is_no_part_of_it(tmp_path: Path, case: str) -> None:
    table = read(tmp_path, AROUND[case])
    assert table.titles == ("a", "b") and table.target == "y"
    assert table.x.tolist() == [[1.5, 2], [4, 5]] and table.y.tolist() == [3, 6]
    assert len(table.notes) == ("units" in case)


NAMELESS = {
    r"several columns 'y'": "a,y,y\n1,2,3\n4,5,6\n",
    r"2 columns 'a': give each a name of its own": "a,a,y\n1,2,3\n4,5,6\n",
    r"no column 'y'.*; line 3 has 'y': remove what": "Sales of 2026,,\n\na,b,y\n1,2,3\n",
    r"where line 1.*; line 2 has 'y': remove what": "Sales of 2026\na,b,y\n1,2,3\n",
}


@pytest.mark.parametrize("cause", NAMELESS, ids=range(len(NAMELESS)))
def test_columns_need_names_of_their_own_in_the_first_line(tmp_path: Path, cause: str) -> None:
    with pytest.raises(InputError, match=cause):
        read(tmp_path, NAMELESS[cause])


def test_columns_of_one_name_may_be_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, "a,a,b,y\n1,2,3,4\n4,5,6,7\n", drop=["a"]).titles == ("b",)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, "größe,y\n1,2\n3,4\n", encoding).titles == ("größe",)


PLAIN = b"a,y\n" + b"".join(b"%d,%d\n" % (k, 2 * k) for k in range(99))
ZIPPED = io.BytesIO()
with zipfile.ZipFile(ZIPPED, "w") as archive:
    archive.writestr("table.csv", PLAIN)
BINARY = {
    "packed by gzip: unpack it": gzip.compress(PLAIN),
    "packed by bzip2": bz2.compress(PLAIN),
    "packed by xz": lzma.compress(PLAIN),
    "packed by lzma": lzma.compress(PLAIN, lzma.FORMAT_ALONE),
    "a ZIP archive.*save its sheet as CSV, or unpack it": ZIPPED.getvalue(),
    "an old Office file.*export the table as CSV": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(99),
    "a Parquet file": b"PAR1\x15\x04" + bytes(range(99)) + b"PAR1",
    "an HDF5 file": b"\x89HDF\r\n\x1a\n" + bytes(99),
    "a pickle": b"\x80\x04\x95" + bytes(9),
    "a zero byte in line 51,.*damaged there": PLAIN.replace(b"\n49,", b"\n4\x009,"),
    "a zero byte in line 3 and 1 more": b"a,y\n1,2\n\0" + PLAIN[4:] + b"\0",
    "may be --encoding utf-16-be": PLAIN.decode().encode("utf-16-be"),
    "may be --encoding utf-32-le": PLAIN.decode().encode("utf-32-le"),
    "zero bytes throughout": bytes(range(200)) * 3 + bytes(9),
}


@pytest.mark.parametrize("cause", BINARY, ids=range(len(BINARY)))
def test_what_is_no_text_is_named_by_its_bytes(tmp_path: Path, cause: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(BINARY[cause])
    for encoding in [None] if "--encoding" in cause else [None, "latin-1"]:
        with pytest.raises(InputError, match=cause):
            read_table(path, "y", encoding=encoding)


def test_marks_of_letters_may_be_titles(tmp_path: Path) -> None:
    for title in ("PAR1", "ORC", "BZh", "Rar!", "PK", "GIF"):
        assert read(tmp_path, f"{title},y\n1,2\n3,4\n").titles == (title,)


QUOTES = {
    'a,y\n1,2\n"3,4\n5,6\n7,8\n': "a quote that opens in line 3 is not closed",
    '# by hand\n\na,y\n1,2\n"3,4\n5,"6"\n': "a quote that opens in line 5 is not closed",
    '"a,y\n1,2\n3,4\n': "a quote that opens in line 1 is not closed",
    'a,y\n1,2\n"3"x,4\n5,6\n': "line 3: ",
}


@pytest.mark.parametrize("text", QUOTES, ids=range(len(QUOTES)))
def test_a_quote_without_end_is_named_by_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=QUOTES[text]):
        read(tmp_path, text)


def test_other_encodings_are_given(tmp_path: Path) -> None:
    text = "größe,y\n1,2\n3,4\n"
    for encoding in ("cp1252", "utf-16-le", "shift_jis"):
        text = "größe,y\n1,2\n3,4\n" if encoding != "shift_jis" else "長さ,y\n1,2\n3,4\n"
        with pytest.raises(InputError, match="not text in UTF-8.*--encoding"):
            read(tmp_path, text, encoding)
        assert read(tmp_path, text, encoding, encoding=encoding).titles == (
            text[: text.index(",")],
        )
    for unknown in ("base64", "no such", "\0"):
        with pytest.raises(InputError, match="there is no encoding"):
            read(tmp_path, text, encoding=unknown)
    with pytest.raises(InputError, match="UTF-8.* line 3 has the byte 0xe9"):
        read(tmp_path, "a,y\n1,2\né,4\n", "latin-1")


def test_columns_are_left_out(tmp_path: Path) -> None:
    text = 'id,a,b,"c, d",y\nu1,1,2,3,4\nu2,5,6,7,8\n'
    assert read(tmp_path, text, drop=["id"]).titles == ("a", "b", "c, d")
    assert read(tmp_path, text, drop=["id, b", "c, d"]).titles == ("a",)
    assert read(tmp_path, text, features=["b,a"]).titles == ("a", "b")
    assert read(tmp_path, text, features=["c, d", "y"]).titles == ("c, d",)
    assert read(tmp_path, text, features=["a,id"], drop=["id"]).titles == ("a",)
    for options, cause in (
        ({"drop": ["ids"]}, "no column 'ids': it has 'id', 'a'"),
        ({"drop": ["y"]}, "'y' is the target"),
        ({"features": ["a,z"]}, "no column 'z'"),
        ({"features": ["y"]}, "no input for 'y'"),
        ({}, r"'u1' in line 2, column 'id'.* with --drop"),
    ):
        with pytest.raises(InputError, match=cause):
            read(tmp_path, text, **options)


def test_empty_columns_without_a_name_are_left_out(tmp_path: Path) -> None:
    one = read(tmp_path, "a,,y\n1,,2\n3,,4\n")
    assert (one.titles, one.x.tolist(), one.y.tolist()) == (("a",), [[1], [3]], [2, 4])
    assert one.notes == ("a column without a name has no value and was left out",)
    two = read(tmp_path, ",a,NA,,y,\n,1,,NA,2,\n,3,,,4,\n", drop=["NA"])
    assert (two.titles, two.y.tolist(), two.columns) == (("a",), [2, 4], ("a", "y", "NA", "", ""))
    assert two.notes == ("2 columns without a name have no value and were left out",)
    for text, cause in (
        (",,y\n,,2\n,,4\n", "no input for 'y'"),
        ("a,,y\n1,,2\n3,5,4\n", "'' in line 2, column ''.* a value is missing there"),
        (",a,,y\n5,1,,2\n6,3,,4\n", "2 columns '': give each a name"),
        (",,,a,a,y\n,,,1,1,2\n,,,3,3,4\n", "2 columns 'a': give each a name"),
    ):
        with pytest.raises(InputError, match=cause):
            read(tmp_path, text)


def test_a_column_that_counts_the_rows_is_told(tmp_path: Path) -> None:
    rows = "".join(f"{k},{k * k % 7},{k % 3}\n" for k in range(5))
    assert "counts the rows" in read(tmp_path, f"user_id,a,y\n{rows}").notes[0]
    assert "counts the rows" in read(tmp_path, f",a,y\n{rows}").notes[0]
    assert read(tmp_path, f"time,a,y\n{rows}").notes == ()


@pytest.mark.parametrize("yes, no", [("true", "false"), ("Yes", "No"), ("T", "F"), ("y", "n")])
def test_a_target_of_true_and_false_is_1_and_0(tmp_path: Path, yes: str, no: str) -> None:
    table = read(tmp_path, f"a,y\n1,{yes}\n2,{no}\n3,{yes}\n")
    assert table.y.tolist() == [1, 0, 1]
    assert table.notes == (f"'y' is 1 where the table has {yes!r}, 0 where the table has {no!r}",)


def test_the_command_leaves_columns_out_and_tells_what_it_assumed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"u{k};2024-01-{k + 1:02};{k},5;1.{k:03};{2 * k + 1}\n" for k in range(20))
    path = tmp_path / "prices.csv"
    path.write_text(f"user;day;a;b;y\n{rows}", encoding="utf-16")
    arguments = ["fit", str(path), "--target", "y", "--engine", "sparse", "--out", str(tmp_path)]
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, "--drop", "user,day"])
    printed = capsys.readouterr()
    assert stopped.value.code == 0 and not printed.err
    assert "'1.000' in line 2, column 'b', was read as 1000" in printed.out
    source = (tmp_path / "prices" / "solver.py").read_text()
    assert "was read as 1000" in source and "y = 2 * a" in source
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, "--features", "a", "--decimal", ";"])
    assert stopped.value.code == 2 and len(capsys.readouterr().err.splitlines()) == 1


REFUSED = {
    "a;y\n950;2\n1.299;3\n": "'1.299' in line 3, column 'a', .* as 1.299 or 1299",
    "a\ty\n1.299\t2\n1.300\t3\n": "line 2.* in two ways",
    'a,y\n950,2\n"1,299",3\n': "'1,299' in line 3.* in two ways",
    "a;b;c;y\n1,5;1.5;1.299;1\n2;2;2;2\n": "'1.299' in line 2, column 'c'",
    "a;y\n1,5;2\n1.5;3\n": "'1.5' in line 3.* not a number written like those above",
    "a;y\n1,23,456;2\n5;3\n": "'1,23,456' in line 2.* not a number",
    "a,y\n5%,1\n10 %,2\n": "'5%' in line 2, column 'a', which is a number with a sign",
    "a,y\n$5,1\n-$1 000.50,2\n": "'[$]5' in line 2.* with a sign",
    "a,y\n3,5 €\n4,7 €\n": "'5 €' in line 2, column 'y'.* with a sign",
    "a,y\nred,2\nblue,ham\n": "'ham' in line 3, column 'y', which is not a number",
    "a,y\n1,spam\n2,ham\n": "'spam' in line 2, column 'y', which is not a number: a formula",
    "a,y\n1,2\n\n3,#DIV/0!\n": "'#DIV/0!' in line 4.* missing",
    'a,y\n"1\n",2\n3,4\n5\n': "1 values in line 5 where line 1",
    "#c\na,y\n1,2\n1,2,3\n": "3 values in line 4 where line 2",
    "sep=;\na,y\n1,2\n": "no column 'y': it has 'a,y'",
    ",,\n,\n": "empty",
    "PK\x03\x04": "spreadsheets",
    "a,y\n1,2\n3,4\n# the end\n": "1 values in line 4",
    "a,y\nred,3\n1,2\n2,3\n": "'red' in line 2.* not a number",
}
DATES = [
    "2024-01-31",
    "2024-01",
    "2024-01-31T12:00:00Z",
    "2024-01-31 12:00:00.5+01:00",
    "31.01.2024",
    "1/31/2024",
    "31/1/24",
    "2024/01/31",
    "31 Jan 2024",
    "Jan 31, 2024",
    "12:30",
    "9:30 PM",
]
REFUSED |= {
    f"day;y\n{date};1\n{date};2\n": "in line 2, column 'day', which is a date.*--drop"
    for date in DATES
}


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_read_is_refused_by_its_line(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match=REFUSED[text]) as refused:
        read(tmp_path, text)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 400
    with pytest.raises(SystemExit) as stopped:
        main(["fit", str(tmp_path / "table.csv"), "--target", "y", "--out", str(tmp_path / "out")])
    assert stopped.value.code == 2 and not (tmp_path / "out").exists()
    assert len(capsys.readouterr().err.splitlines()) == 1


# ------------------------------------------------------------------ each dialect, any numbers


def written(value: float, digits: int, decimal: str, group: str) -> str:
    """The number with so many decimals, its groups of thousands parted."""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans({",": group, ".": decimal}))


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, dict[str, object], list[list[float]]]:
    """The text of a table in some dialect, what is said of it, and its numbers."""
    delimiter = draw(st.sampled_from(",;\t|"))
    decimal = draw(st.sampled_from(".,"))
    group = draw(st.sampled_from(["", ",", ".", " ", "'", "\u00a0", "\u2009", "\u2019"]))
    group = "" if group == decimal else group
    rows, columns = draw(st.integers(2, 5)), draw(st.integers(2, 4))
    digits = [draw(st.integers(0, 3)) for _ in range(columns)]
    numbers = [
        [round(draw(st.floats(-(10**7), 10**7)), digits[k]) + 0.0 for k in range(columns)]
        for _ in range(rows)
    ]
    cells = [
        [written(value, digits[k], decimal, group) for k, value in enumerate(row)]
        for row in numbers
    ]
    titles = [*(f"c{k}" for k in range(columns - 1)), "y"]
    lines = [titles]
    if units := draw(st.booleans()) and rows > 2:
        lines.append(["[m]"] * columns)
    if draw(st.booleans()):
        lines = [[*line, ""] for line in [*lines, *cells]]
    else:
        lines += cells
    text = io.StringIO()
    text.write(draw(st.sampled_from(["", "# told, by; whom\n", "\n"])))
    if draw(st.booleans()):
        text.write(f"sep={delimiter}\n")
    ends = draw(st.sampled_from(["\n", "\r\n"]))
    csv.writer(text, delimiter=delimiter, lineterminator=ends).writerows(lines)
    options = draw(st.sampled_from([{}, {"decimal": decimal}]))
    assert isinstance(units, bool)
    return text.getvalue(), dict(options), numbers


@settings(max_examples=tries(300), deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(tables(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_table_in_any_dialect_is_read_as_it_was_written_or_refused(
    tmp_path: Path, drawn: tuple[str, dict[str, object], list[list[float]]], encoding: str
) -> None:
    text, options, numbers = drawn
    try:
        table = read(tmp_path, text, encoding, **options)
    except InputError as error:
        assert "read in two ways" in str(error) and " in line " in str(error) and not options
    else:
        assert np.column_stack([table.x, table.y]).tolist() == numbers


LETTERS = st.text("019.,;'#=%:-/ \t\n\r\"aseptrufy\u00a0\ufeff", max_size=60)


@settings(max_examples=tries(200), deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(LETTERS, st.sampled_from(["utf-8", "utf-16"]))
def test_any_text_is_read_or_refused_in_a_sentence(
    tmp_path: Path, text: str, encoding: str
) -> None:
    with contextlib.suppress(InputError):
        assert np.isfinite(read(tmp_path, "a,y\n" + text, encoding).x).all()
    with contextlib.suppress(InputError):
        read(tmp_path, text, encoding)
