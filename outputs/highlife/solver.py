"""Each new cell is 1 if (2 <= neighbors <= 3 if cell else neighbors in (3, 6)), else
0; neighbors is the number of 1s among the 8 surrounding cells. The grid wraps
around.

Learned by deepdistill 0.1.0 from 180 grids of 9 x 10 cells (60 more held out).
Checked:
- faithful (proved): the program equals the trained network on all inputs of size 9
  x 10; equal for all values of the receptive field, 9 cells (z3 5.4.0); that
  solver.py computes the program was checked exhaustively, all 512 patterns that the
  rule can read (90 inputs of size 9 x 10).
- scalable (proved): the program equals its units at other sizes on all inputs of
  all sizes; equal for all values of the receptive field, 9 cells (z3 5.4.0); that
  solver.py computes the program was checked exhaustively, all 512 patterns that the
  rule can read (69 inputs up to size 500 x 500).
- correct (proved): the program equals the known answer on all inputs of all sizes;
  equal to the network, and that on all 512 patterns of the network's cells and the
  oracle's, whose radius 1 is declared; that solver.py computes the program was
  sampled, among them all 512 patterns that the rule can read (69 inputs up to size
  500 x 500).

From Python: `highlife(cells)`.
From a shell: `python solver.py < input.json`.
"""

import json
import sys
from itertools import chain as _chain

NEIGHBORS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


def highlife(cells):
    """Return the new grid, of the same size as `cells`."""
    cells = _check(cells)
    rows, columns = len(cells), len(cells[0])
    result = []
    for i in range(rows):
        row = []
        for j in range(columns):
            neighbors = sum(
                cells[(i + di) % rows][(j + dj) % columns] for di, dj in NEIGHBORS
            )
            cell = cells[i][j]
            row.append(int(2 <= neighbors <= 3 if cell else neighbors in (3, 6)))
        result.append(row)
    return result


solve = highlife


def _check(cells):
    """Return the arguments as lists of integers; raise ValueError if they are anything else."""
    return _integers("cells", cells, (None, None), 0, 1)


def _integers(name, value, sizes, low, high):
    """Nested lists of integers from `low` to `high`; None in `sizes` stands for any size."""
    plain = value.tolist() if hasattr(value, "tolist") else value  # a NumPy array
    if _is_plain(plain, sizes, low, high):
        return plain
    return _converted(name, value, sizes, low, high)


def _is_plain(value, sizes, low, high):
    """Whether `value` can stay as it is, lists with nothing but int in them; told quickly."""
    parts = [value]
    for _ in sizes:
        rows = list(parts)
        lengths = set(map(len, rows)) if set(map(type, rows)) == {list} else ()
        if len(lengths) != 1:
            return False
        parts = _chain.from_iterable(rows)
    types = list(map(type, parts))
    if not 0 < len(types) == types.count(int):
        return False
    try:
        found = b"".join(map(bytes, rows))
        return not found.translate(None, bytes(range(low, high + 1)))
    except ValueError:  # a number that is no byte
        return False


def _converted(name, value, sizes, low, high):
    """The same of whatever is as good as lists of integers; ValueError tells what is not."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not sizes:
        if not isinstance(value, (int, float)) or value not in range(low, high + 1):
            message = f"{name} holds {value!r:.40}, not an integer from {low} to {high}"
            raise ValueError(message)
        return int(value)
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError(f"{name} holds {value!r:.40} in place of a non-empty list")
    parts = [_converted(name, part, sizes[1:], low, high) for part in value]
    if sizes[1:] and any(_shape(part) != _shape(parts[0]) for part in parts):
        raise ValueError(f"{name} is ragged: its rows differ in length")
    return parts


def _shape(nested):
    """The sizes of nested lists, outermost first."""
    return (len(nested), *_shape(nested[0])) if isinstance(nested, list) else ()


def _main():
    """Read JSON from standard input, print the answer as JSON."""
    try:
        answer = solve(json.load(sys.stdin))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        print(f"the input is not JSON: {error}", file=sys.stderr)
        return 2
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
