"""The text of a table: its encoding and separator, where its header stands, its rows by line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..ir.types import TableLayout
from .files import read_bytes
from .problem import InputError
from .signatures import refuse_binary, refuse_zero_bytes

_TITLE_LINES = 20  # so far down the names of columns may stand below a title
_LARGEST_FILE = 128 * 2**20
_MOST_CELLS = 4 * 10**6  # each takes a hundred bytes while it is text
_DELIMITERS = ",;\t|"
_SEPARATOR = re.compile(r'"?sep=([^"\w\s]|\t)"?\s*', re.IGNORECASE)  # as spreadsheets write it
_MARKS = (  # those of UTF-32 begin with those of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """The cells of a table as they stand in its file, and the line where each row begins.

    ``layout`` says what the file has besides names and rows, and its encoding.
    """

    path: Path
    titles: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]
    delimiter: str
    layout: TableLayout


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a table begins: lines before its first row, the last comment there, its separator."""

    skipped: int
    first: str
    comment: tuple[int, str] | None
    separators: str


def read_sheet(path: Path, target: str, encoding: str | None = None) -> Sheet:
    """The rows of a CSV file below the line that names its columns.

    Separated by commas, semicolons, tabs or bars, whichever gives a column ``target``. A line
    ``sep=;`` and comments (``#``) may stand before the names, which may be the last comment
    themselves. Empty rows and empty columns without a name are left out. The text is UTF-8, or what
    its byte order mark or ``encoding`` says. Raises :class:`InputError` with one sentence.
    """
    data = read_bytes(path, _LARGEST_FILE)
    encoding = _encoding(path, data, encoding)
    try:
        start = _start(path, data, encoding)
        delimiter, named_above = _separator(data, encoding, start, target)
        numbered = _rows(data, encoding, start, delimiter)
        if named_above and start.comment is not None:
            line, text = start.comment
            header = next(csv.reader([_words(text)], delimiter=delimiter, strict=True))
        else:
            line, header = next(numbered, (0, []))
        if not header:
            raise InputError(f"{path} is empty: its first line names the columns")
        titles = [title.strip() for title in header]
        rows, lines, left = [], [], _MOST_CELLS
        for number, row in numbered:
            left -= len(row)
            if left < 0:
                raise InputError(f"{path} has more than {_MOST_CELLS:,} cells: give fewer rows")
            rows.append(row)
            lines.append(number)
    except UnicodeError:
        raise _no_text(path, data, encoding) from None
    except csv.Error as error:
        raise InputError(f"{path} is not a CSV table: {error}") from None
    used = max(map(_used, rows), default=0)
    del titles[max(used, _used(titles), 1) :]  # lines that end with separators
    width = len(titles)
    layout = TableLayout(
        led=start.skipped > 0,
        commented=named_above,
        padded=len(header) > width or any(map(width.__lt__, map(len, rows))),
        encoding="" if _is_utf_8(encoding) else codecs.lookup(encoding).name,
    )
    for number, row in zip(lines, rows, strict=True):
        if _used(row) <= width < len(row):
            del row[width:]
        if len(row) != width:
            raise InputError(
                f"{path} has {len(row)} values in line {number} where line {line}, which names "
                f"the columns, has {width}: quote cells that hold the separator {delimiter!r}"
                f"{further_down(lines, rows, target)}"
            )
    return Sheet(path, tuple(titles), rows, lines, delimiter, layout)


def further_down(lines: list[int], rows: list[list[str]], target: str) -> str:
    """What to do where a title stands above the line that names the columns; else nothing."""
    for line, row in zip(lines[:_TITLE_LINES], rows, strict=False):
        if target in map(str.strip, row):
            return f"; line {line} has {target!r:.60}: remove what stands above it"
    return ""


def _used(cells: list[str]) -> int:
    """How many cells there are up to the last one that holds something."""
    return next((k for k in range(len(cells), 0, -1) if cells[k - 1].strip()), 0)


def _encoding(path: Path, data: bytes, given: str | None) -> str:
    """How the bytes are text; :class:`InputError` where they are none, or nobody can tell."""
    refuse_binary(path, data)
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if given is not None:
        try:
            io.TextIOWrapper(io.BytesIO(), encoding=given)
            is_wide = len("\n".encode(given)) > 1
        except (LookupError, ValueError):
            raise InputError(
                f"there is no encoding {given!r:.40}: use utf-8, utf-16, cp1252, latin-1 or another"
            ) from None
        if not is_wide:
            refuse_zero_bytes(path, data)
        return marked if marked == "utf-8-sig" and _is_utf_8(given) else given
    if marked is not None and marked != "utf-8-sig":
        return marked
    refuse_zero_bytes(path, data)
    return marked or "utf-8"


def _is_utf_8(encoding: str) -> bool:
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")


def _no_text(path: Path, data: bytes, encoding: str) -> InputError:
    """The sentence on the first byte that is no text."""
    name = encoding.removesuffix("-sig").upper()
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        place = error.start
    except UnicodeError:
        place = 0
    else:
        place = len(data)
    line = data[:place].decode(encoding, "ignore").count("\n") + 1
    if name != "UTF-8":
        return InputError(
            f"{path} is not text in {name}: line {line} cannot be read, save the table as UTF-8"
        )
    byte = data[place : place + 1]
    return InputError(
        f"{path} is not text in UTF-8: line {line} has the byte 0x{byte.hex()}, which would be "
        f"{byte.decode('latin-1')!r} in Latin-1, so save the table as UTF-8 or say what it is, "
        "for example --encoding cp1252"
    )


def _text(data: bytes, encoding: str) -> Iterator[str]:
    """The lines, decoded one after another."""
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")


def _start(path: Path, data: bytes, encoding: str) -> _Start:
    """What stands before the first row."""
    separators, comment = _DELIMITERS, None
    for k, line in enumerate(_text(data, encoding)):
        if not line.strip():
            continue
        if separators == _DELIMITERS and (match := _SEPARATOR.fullmatch(line)):
            separators = match.group(1)
        elif line.startswith("#"):
            comment = (k + 1, line)
        else:
            return _Start(k, line, comment, separators)
    raise InputError(f"{path} is empty: its first line names the columns")


def _rows(
    data: bytes, encoding: str, start: _Start, delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, each with the line where it begins."""
    lines = _text(data, encoding)
    for _ in range(start.skipped):
        next(lines)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    before = start.skipped
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield before + 1, row
            before = start.skipped + reader.line_num
    except csv.Error as error:
        if start.skipped + reader.line_num > before + 1 or "end of data" in str(error):
            raise csv.Error(f"a quote that opens in line {before + 1} is not closed") from None
        raise csv.Error(f"line {before + 1}: {error}") from None


def _words(comment: str) -> str:
    return comment.lstrip("#").strip()


def _separator(data: bytes, encoding: str, start: _Start, target: str) -> tuple[str, bool]:
    """The separator by which a line has the target and most columns, and whether a comment has."""
    best: tuple[bool, bool, int] = (False, True, 1)
    chosen = (start.separators[0], False)
    for delimiter in start.separators:
        try:
            _, first = next(_rows(data, encoding, start, delimiter))
        except (csv.Error, StopIteration):
            continue
        candidates = [(False, first)]
        if start.comment is not None:
            words = [_words(start.comment[1])]
            try:
                above = next(csv.reader(words, delimiter=delimiter, strict=True), [])
            except csv.Error:
                above = []
            if len(above) == len(first):
                candidates.append((True, above))
        for is_above, row in candidates:
            titles = [title.strip() for title in row]
            if (score := (target in titles, not is_above, len(titles))) > best:
                best, chosen = score, (delimiter, is_above)
    return chosen
