"""The check of a row of a table: by position, by name or as one mapping, numbers and levels."""

from __future__ import annotations

import datetime
import functools
import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

FAST = True  # floats need no look at each
TITLED = True  # columns are called otherwise than arguments
CELLS = True  # of text may hold numbers
LEVELLED = True  # columns of text
STRICT = True  # numbers outside the ranges are refused
CASED = True  # some levels are written in several cases
DATED = True  # columns were made of dates
MARKED = True  # columns write numbers with marks of their own
LABELLED = True  # the answer is the name of a class
NUMBERED = True  # some levels are numerals
UNSEEN_LEVELS = True  # some columns of text may hold what the table does not have
SEVERAL = False  # numbers are answered
OPTIONAL_COLUMNS = True  # of which a value may be missing
COUNT = 0  # of arguments

NAMES: Sequence[str] = ()
COLUMNS: Mapping[str, str] = {}
LEVELS: Mapping[str, Sequence[Any]] = {}
RANGES: Mapping[str, tuple[float, float]] = {}
MARKS: Mapping[str, tuple[str, str]] = {}
FOLDED: Sequence[str] = ()
NUMERALS: Sequence[str] = ()
OPTIONAL: Sequence[str] = ()
UNSEEN: Sequence[str] = ()
OTHERS: Sequence[str] = ()
MISSING: Sequence[str] = ()
DATES: Mapping[str, tuple[str, str]] = {}


def _guarded(formula: Callable[..., Any]) -> Callable[..., Any]:
    """The formula of columns that are checked first; ValueError where it has no finite value."""
    signature = inspect.signature(formula)
    if FAST or not LABELLED:
        is_finite = math.isfinite
    if FAST:
        are_floats = {float}.issuperset

    @functools.wraps(formula)
    def answer(*row: Any, **columns: Any) -> Any:
        if FAST:
            is_plain = len(row) == COUNT and are_floats(map(type, row)) and not columns
            if not is_plain or not is_finite(sum(row)):  # finite only where each of them is
                row = _values(signature, row, columns)
        else:
            row = _values(signature, row, columns)
        if LABELLED:
            return formula(*row)
        elif SEVERAL:
            try:
                results = [float(value) for value in formula(*row)]
            except (ArithmeticError, ValueError):
                results = [math.nan]
            if not all(map(is_finite, results)):
                raise ValueError("the formulas have no value for these numbers")
            return results
        else:
            try:
                result = float(formula(*row))
            except (ArithmeticError, ValueError):
                result = math.nan
            if not is_finite(result):
                raise ValueError("the formula has no value for these numbers")
            return result

    return answer


def _values(signature: inspect.Signature, row: Any, columns: Any) -> Any:
    """What the formula takes, in order; raise ValueError where anything else is given."""
    given: Any
    if len(row) == 1 and hasattr(row[0], "keys"):  # a row of a table
        (cells,), row = row, ()
        given = {str(title).strip(): cells[title] for title in cells.keys()}
        if DATED:
            given = _with_dates(given)
        if TITLED:  # a title is sure, another column may be called as its name
            given |= {name: given[title] for title, name in COLUMNS.items() if title in given}
        columns = {
            name: (_cell(name, given[name]) if CELLS else given[name])
            for name in NAMES
            if name in given
        }
    else:
        if DATED:
            columns = _with_dates(columns)
        if TITLED:
            known = {title: value for title, value in columns.items() if title not in OTHERS}
            named = {name: known.pop(title) for title, name in COLUMNS.items() if title in known}
            if known.keys() & named.keys():
                raise ValueError(f"{min(known.keys() & named.keys())} is given twice")
            columns = {**known, **named}
        else:
            columns = {name: value for name, value in columns.items() if name not in OTHERS}
    try:
        given = signature.bind(*row, **columns).arguments
    except TypeError as error:
        raise ValueError(str(error)) from None
    return [
        (
            (_level(name, value) if name in LEVELS else _number(name, value))
            if LEVELLED and CELLS
            else (_level(name, value) if LEVELLED else _number(name, value))
        )
        for name, value in given.items()
    ]


def _with_dates(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns with what the dates among them tell; ValueError for what is no date."""
    found = dict(columns)
    for name, (title, part) in DATES.items():
        if title not in columns or name in columns:
            continue
        value = columns[title]
        if OPTIONAL_COLUMNS and (_is_missing(value) or str(value) == "NaT"):
            found[name] = None
            continue
        text = (value.isoformat() if hasattr(value, "isoformat") else str(value)).strip()
        try:
            day = datetime.date.fromisoformat(text[:10] if text[10:11] in ("", "T", " ") else "")
        except ValueError:
            known = f"{title} is {value!r:.40}, not a date like 2024-01-31"
            raise ValueError(known) from None
        days = (day - datetime.date(1970, 1, 1)).days
        parts = {"year": day.year, "month": day.month, "weekday": day.isoweekday(), "days": days}
        found[name] = parts[part]
    return found


def _number(name: str, value: Any) -> Any:
    """The value as a float; raise ValueError if it is no finite number."""
    if OPTIONAL_COLUMNS and _is_missing(value) and name in OPTIONAL:
        return None
    if hasattr(value, "tolist"):  # a NumPy number
        value = value.tolist()
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError(f"{name} is {value!r:.40}, not a number")
    try:
        value = float(value)
    except OverflowError:
        raise ValueError(f"{name} is too large") from None
    if not math.isfinite(value):
        raise ValueError(f"{name} is {value}, not a finite number")
    if STRICT:
        low, high = RANGES[name]
        if not low <= value <= high:
            raise ValueError(f"{name} is {value:g}, outside the range from {low:g} to {high:g}")
    return value


def _cell(name: str, cell: Any) -> Any:
    """The number that the cell of a table tells; what tells none stays as it is."""
    if not isinstance(cell, str) or (LEVELLED and name in LEVELS):
        return cell
    if MARKED:
        mark, group = MARKS.get(name, (r"\.", ""))
        number = rf"[+-]?(\d{{1,3}}({group}\d{{3}})+|\d+)?({mark}\d*)?([eE][+-]?\d+)?"
        is_number = re.fullmatch(number, cell.strip())
    try:
        if MARKED:
            return float(re.sub(mark, ".", re.sub(group, "", cell))) if is_number else cell
        else:
            return float(cell.replace("_", "?"))  # Python alone reads 1_000 as a number
    except ValueError:
        return cell


def _is_missing(value: Any) -> bool:
    """Whether there is no value: None, what is no number or no time, a cell that says so."""
    if isinstance(value, str):
        return value.strip().lower() in MISSING
    return value is None or str(value) in ("nan", "<NA>", "NaT")


def _level(name: str, value: Any) -> Any:
    """The level that is meant; raise ValueError for one that the table does not have."""
    if OPTIONAL_COLUMNS and _is_missing(value) and name in OPTIONAL:
        return None
    if hasattr(value, "tolist"):  # a NumPy text
        value = value.tolist()
    if NUMBERED and name in NUMERALS:
        value = _numeral(value)
    text = str(value).strip() if isinstance(value, (str, int)) else None
    for level in LEVELS[name]:
        if value == level or text == str(level):
            return level
        if CASED and name in FOLDED and str(text).lower() == str(level).lower():
            return level
    if UNSEEN_LEVELS and name in UNSEEN and isinstance(value, str) and not _is_missing(value):
        return text  # rules read it as the rare ones that they were learned from
    known = ", ".join(map(repr, LEVELS[name]))  # nothing is known of any other
    raise ValueError(f"{name} is {value!r:.40}, not one of {known}")


def _numeral(value: Any) -> Any:
    """The text of a number as levels have it, 2 for 2.0; what is no number stays as it is."""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return value
    text = str(value)
    if not {".", "e", "E"} & set(text):  # whole numbers stay exact
        return text
    try:
        number = float(text.replace("_", "?"))
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return str(int(number)) if number.is_integer() else str(number)
