"""What a solver of a table owes at the command line: a column of answers to a table.

The rows are those of which the command line prints the answers to JSON. They are written as people
write tables: columns in any order, others among them, lines that are empty, commas or semicolons.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .command_line import REFUSES, Arguments, Broken, Solve, in_words, is_refusal, run_main


def broken_table(solve: Solve, titles: Sequence[str], rows: Sequence[Arguments]) -> Broken | None:
    """The first table that is answered otherwise than its rows are, or not refused as it should be.

    Without columns, or where some are made of dates, which a table has in their place, nothing is
    asked.
    """
    module: Any = getattr(solve, "__globals__", {})
    if not titles or module.get("DATES"):
        return None
    answered = [(row, *_answer(solve, row)) for row in dict.fromkeys(map(_whole, rows))]
    good = [(row, answer) for row, given, answer in answered if given]
    for delimiter in ";,":
        for text in _written(titles, [row for row, _ in good], delimiter, "."):
            if good and (broken := _answers(module, text, delimiter, [a for _, a in good])):
                return broken
    for text in _refused(titles, [row for row, _, _ in answered], [r for r, _ in good]):
        status, out, err = run_main(module["_main"], text)
        if not is_refusal(status, out, err):
            return _broken(text, REFUSES, out or err, status)
    for text in [*_written(titles, [row for row, _ in good], ";", ".")][: len(good[:1])]:
        if (broken := _reads_files(module["_main"], text)) is not None:
            return broken
    fractions = [(row, *_answer(solve, row)) for row in rows if row not in map(_whole, rows)]
    accepted = [(row, answer) for row, given, answer in fractions if given]
    faults = [  # a table has one of these marks for decimals
        _answers(module, text, ";", [answer for _, answer in accepted])
        for mark in ".,"
        for text in list(_written(titles, [row for row, _ in accepted], ";", mark))[:1]
    ]
    return faults[0] if accepted and all(faults) else None


def _reads_files(main: Any, text: str) -> Broken | None:
    """Whether a file is as good as standard input, and what is no one file is refused."""
    expected = run_main(main, text)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_text(text, encoding="utf-8-sig")
        for paths in ([str(path)], [str(path), str(path)], [str(Path(folder) / "none.csv")]):
            status, out, err = got = run_main(main, "", paths)
            if not (got == expected if paths == [str(path)] else is_refusal(*got)):
                call = f"python solver.py {' '.join(Path(one).name for one in paths)}"
                promise = repr(expected[1]) if paths == [str(path)] else REFUSES
                return Broken(call, in_words(promise), f"{out or err!r} and exit status {status}")
    return None


def _whole(row: Arguments) -> Arguments:
    """The row with whole numbers, which are written alike whatever marks decimals."""
    return tuple(float(round(v)) if isinstance(v, float) else v for v in row)


def _answer(solve: Solve, row: Arguments) -> tuple[bool, Any]:
    """Whether a row has an answer, and which."""
    try:
        return True, solve(*row)
    except ValueError:
        return False, None


def _written(
    titles: Sequence[str], rows: Sequence[Arguments], delimiter: str, mark: str
) -> Iterator[str]:
    """The table as it is, and with its columns turned round and empty lines; others beside them."""
    first, last = _others(titles)
    cells = [[_cell(value, mark) for value in row] for row in rows]
    yield _text([[first, *titles, last], *(["0", *row, ""] for row in cells)], delimiter)
    lines = [[first, *reversed(titles), last], [""]]
    for row in cells:
        lines += [["", *reversed(row), "?"], [" "]]
    yield _text(lines, delimiter)


def _refused(
    titles: Sequence[str], rows: Sequence[Arguments], good: Sequence[Arguments]
) -> Iterator[str]:
    """Tables with a column too few or twice, a cell too few or too many, and no row at all."""
    first, last = _others(titles)
    yield _text([[first, *titles, last]], ";")
    for k in range(len(titles)):
        for count in (0, 2):
            cells = [[_cell(value, ".") for value in row] for row in rows[:1]]
            lines = [list(titles), *cells]
            for line, (before, after) in zip(lines, [(first, last), ("0", "0")], strict=False):
                line[k : k + 1] = [line[k]] * count
                line[:] = [before, *line, after]
            yield _text(lines, ";")
    for row in good[:1]:
        line = ["0", *(_cell(value, ".") for value in row), "0"]
        yield _text([[first, *titles, last], line, [*line, "0"]], ";")
        yield _text([[first, *titles, last], line, line[:-1]], ";")


def _others(titles: Sequence[str]) -> tuple[str, str]:
    """Names of two columns that a solver does not know."""
    free = [name for name in map("column{}".format, range(len(titles) + 2)) if name not in titles]
    return free[0], free[1]


def _cell(value: Any, mark: str) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value).replace(".", mark)
    return str(value)


def _text(lines: Sequence[Sequence[str]], delimiter: str) -> str:
    file = StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(lines)
    return file.getvalue()


def _answers(module: Any, text: str, delimiter: str, wanted: Sequence[Any]) -> Broken | None:
    """Whether these answers stand in a column below one name."""
    status, out, err = run_main(module["_main"], text)
    got = [line for line in csv.reader(StringIO(out), delimiter=delimiter)][1:]
    columns = [[[str(answer)] for answer in wanted]]
    columns.append([[line[0].replace(".", ",")] for line in columns[0]])  # decimals of a table
    if status == 0 and not err and any(got == column for column in columns):
        return None
    return _broken(text, f"{[str(answer) for answer in wanted]} in a column", out or err, status)


def _broken(text: str, promise: str, got: str, status: Any) -> Broken:
    call = in_words(f"python solver.py < {text!r}")
    return Broken(call, in_words(promise), f"{got!r} and exit status {status}"[:100])
