"""value = x * (y * (3 - 2 * y) + x ** 2) + 1 - y.

Learned by deepdistill 0.1.0 from 400 rows of 2 columns (sparse). Checked:
- faithful (sampled): equals the formula found on 300 inputs; to 1e-12 relative, in
  the ranges below; elsewhere nothing is claimed.
- scalable: not applicable; a formula of numbers has one size.
- correct (sampled): equals the known answer on 300 inputs; within 1e-09 of the
  spread of the answers, in the same ranges; R2 1.000000, largest error 0 on 100
  held-out rows; extrapolation: outside the ranges, by up to 50% of them: R2
  1.000000, largest error 0 on 300 rows.

Sampled where:
- x from -1.98282 to 1.9817
- y from -1.97738 to 1.98672

From Python: `cubic(x, y)`, or `cubic(row)` with a row of a table by column.
From a shell: `python solver.py table.csv`, or `python solver.py < input.json`.
"""

import csv
import functools
import inspect
import io
import json
import math
import sys
from pathlib import Path

NAMES = ("x", "y")
TARGET = "value"
# Columns of the table that the formula does not read.
OTHERS = (TARGET,)


def _guarded(formula):
    """The formula of columns that are checked first; ValueError where it has no finite value."""
    signature = inspect.signature(formula)
    is_finite = math.isfinite
    are_floats = {float}.issuperset

    @functools.wraps(formula)
    def answer(*row, **columns):
        is_plain = len(row) == 2 and are_floats(map(type, row)) and not columns
        if not is_plain or not is_finite(sum(row)):  # finite only where each of them is
            row = _values(signature, row, columns)
        try:
            result = float(formula(*row))
        except (ArithmeticError, ValueError):
            result = math.nan
        if not is_finite(result):
            raise ValueError("the formula has no value for these numbers")
        return result

    return answer


@_guarded
def cubic(x, y):
    """Return value; raise ValueError where the formula has no value."""
    return x * (y * (3 - 2 * y) + x**2) + 1 - y


solve = cubic


def _values(signature, row, columns):
    """What the formula takes, in order; raise ValueError where anything else is given."""
    if len(row) == 1 and hasattr(row[0], "keys"):  # a row of a table
        (cells,), row = row, ()
        given = {str(title).strip(): cells[title] for title in cells.keys()}
        columns = {name: _cell(name, given[name]) for name in NAMES if name in given}
    else:
        columns = {name: value for name, value in columns.items() if name not in OTHERS}
    try:
        given = signature.bind(*row, **columns).arguments
    except TypeError as error:
        raise ValueError(str(error)) from None
    return [_number(name, value) for name, value in given.items()]


def _number(name, value):
    """The value as a float; raise ValueError if it is no finite number."""
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
    return value


def _cell(name, cell):
    """The number that the cell of a table tells; what tells none stays as it is."""
    if not isinstance(cell, str):
        return cell
    try:
        return float(cell.replace("_", "?"))  # Python alone reads 1_000 as a number
    except ValueError:
        return cell


def _main(paths=()):
    """Print the answer to JSON, or those to a table as a column, from a file or standard input."""
    try:
        if len(paths) > 1:
            raise ValueError(f"give one file, not {len(paths)}")
        data = Path(paths[0]).read_bytes() if paths else sys.stdin.buffer.read()
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


def _of_json(given):
    """The answer to a list in order, or to an object by column."""
    if isinstance(given, list) and len(given) == len(NAMES):
        given = dict(zip(NAMES, given))
    if not isinstance(given, dict):
        raise ValueError(
            f"give a list of {', '.join(NAMES)}, or an object with these keys"
        )
    return solve(**given)


def _of_table(text):
    """The answers to a table whose first line names its columns: a column below its own name."""
    headers = {}
    for delimiter in ",;\t|":
        first = next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
        headers[delimiter] = [title.strip() for title in first]
    used = set(NAMES)
    delimiter = max(
        headers, key=lambda mark: (used <= set(headers[mark]), len(headers[mark]))
    )
    header = headers[delimiter]
    for title in NAMES:
        if header.count(title) != 1:
            raise ValueError(f"the first line does not name one column {title!r:.60}")
    rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    next(rows, None)
    answers = []
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        try:
            if len(row) != len(header):
                raise ValueError(f"{len(row)} values stand below {len(header)} names")
            answers.append(
                solve({t: cell for t, cell in zip(header, row) if t in used})
            )
        except ValueError as error:
            raise ValueError(f"line {rows.line_num}: {error}") from None
    if not answers:
        raise ValueError("there is no row below the names of the columns")
    column = io.StringIO()
    table = csv.writer(column, delimiter=delimiter, lineterminator="\n")
    table.writerow([TARGET])
    table.writerows([answer] for answer in answers)
    return column.getvalue()


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
