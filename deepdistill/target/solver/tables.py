"""A solver of a table from a shell: JSON or a table with a header, of a file or standard input."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

TITLED = True  # columns are called otherwise than arguments
DATED = True  # columns were made of dates
COMMA = True  # begins the decimals of an answer
UNITED = True  # a row of units may stand below the names
LED = True  # lines may stand above the names
COMMENTED = True  # the last of them, a comment, may hold the names
PADDED = True  # lines may end with separators
CODED = True  # texts may be in another encoding than UTF-8

NAMES: Sequence[str] = ()
COLUMNS: Mapping[str, str] = {}
UNITS: Mapping[str, str] = {}
DATES: Mapping[str, tuple[str, str]] = {}
ENCODING = ""
TARGET = ""


def solve(*row: Any, **columns: Any) -> float:
    """What a solver answers."""
    raise NotImplementedError


def _main(paths: Sequence[str] = ()) -> int:
    """Print the answer to JSON, or those to a table as a column, from a file or standard input."""
    try:
        if len(paths) > 1:
            raise ValueError(f"give one file, not {len(paths)}")
        data = Path(paths[0]).read_bytes() if paths else sys.stdin.buffer.read()
        if CODED:
            try:
                text = data.decode("utf-8-sig")
                if "\0" in text:
                    raise ValueError
            except ValueError:
                text = data.decode(ENCODING)
        else:
            text = data.decode("utf-8-sig")
        if text.lstrip()[:1] in ("[", "{"):
            answers = json.dumps(_of_json(json.loads(text))) + "\n"
        else:
            answers = _of_table(text)
    except (json.JSONDecodeError, RecursionError) as error:
        print(f"the input is not JSON: {error}", file=sys.stderr)
        return 2
    except (OSError, ValueError, csv.Error) as error:
        print(error, file=sys.stderr)
        return 2
    print(answers, end="")
    return 0


def _of_json(given: Any) -> float:
    """The answer to a list in order, or to an object by column."""
    if isinstance(given, list) and len(given) == len(NAMES):
        given = dict(zip(NAMES, given))
    if not isinstance(given, dict):
        raise ValueError(f"give a list of {', '.join(NAMES)}, or an object with these keys")
    return solve(**given)


def _below(text: str) -> tuple[int, str, str]:
    """How many lines stand above the names, the rest, and what may separate cells there."""
    count, names, marks, lines = 0, "", ",;\t|", io.StringIO(text, newline="")
    while line := lines.readline():
        start = line.strip().strip('"')
        if start[:4].lower() == "sep=":
            marks = line.strip("\r\n").strip('"')[4:5] or marks
        elif line[0] == "#":
            names = line.lstrip("#").strip()
        elif start:
            break
        count += 1
    text = line + lines.read()
    if COMMENTED and names:
        count, text = count - 1, f"{names}\n{text}"
    return count, text, marks


def _of_table(text: str) -> str:
    """The answers to a table whose first line names its columns: a column below its own name."""
    if LED:
        above, text, marks = _below(text)
    headers = {}
    for delimiter in marks if LED else ",;\t|":
        first = next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
        headers[delimiter] = [title.strip() for title in first]
    if DATED:
        named = COLUMNS.items() if TITLED else zip(NAMES, NAMES)
        titles = dict.fromkeys(DATES.get(name, (title, ""))[0] for title, name in named)
    used = set(titles if DATED else COLUMNS if TITLED else NAMES)
    delimiter = max(headers, key=lambda mark: (used <= set(headers[mark]), len(headers[mark])))
    header = headers[delimiter]
    if PADDED:
        while header and not header[-1]:
            header.pop()
    for title in titles if DATED else COLUMNS if TITLED else NAMES:
        if header.count(title) != 1:
            raise ValueError(f"the first line does not name one column {title!r:.60}")
    rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    next(rows, None)
    answers: list[float] = []
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if UNITED:
            units = {title: cell.strip() for title, cell in zip(header, row) if title in UNITS}
            if units and not answers and units.items() <= UNITS.items():
                continue
        if PADDED and not "".join(row[len(header) :]).strip():
            row = row[: len(header)]
        try:
            if len(row) != len(header):
                raise ValueError(f"{len(row)} values stand below {len(header)} names")
            answers.append(solve({t: cell for t, cell in zip(header, row) if t in used}))
        except ValueError as error:
            if LED:
                raise ValueError(f"line {above + rows.line_num}: {error}") from None
            else:
                raise ValueError(f"line {rows.line_num}: {error}") from None
    if not answers:
        raise ValueError("there is no row below the names of the columns")
    column = io.StringIO()
    table = csv.writer(column, delimiter=delimiter, lineterminator="\n")
    table.writerow([TARGET])
    table.writerows([str(answer).replace(".", ",") if COMMA else answer] for answer in answers)
    return column.getvalue()
