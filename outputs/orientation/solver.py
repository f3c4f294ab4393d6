"""What a trained network of threshold units answers, for inputs of any size.

Learned by deepdistill 0.1.0 from 56 pictures of 28 x 28 cells, as a network with
layers of 784, 56, 2 units. Checked:
- faithful (proved): the program equals the trained network on all inputs of size 28
  x 28; equal for all sums of rows and columns, with every loop written out (z3
  5.4.0); that solver.py computes the program was sampled (106 inputs of size 28 x
  28).
- scalable (proved): the program equals its units at other sizes on all inputs of
  sizes 7 x 7 and 14 x 14; equal for all sums of rows and columns, with every loop
  written out (z3 5.4.0); that solver.py computes the program was sampled (212
  inputs up to size 14 x 14).
- correct (sampled): equals the known answer on 8,800 inputs up to size 100 x 100;
  right by family (full, shorter, thick, dotted, zigzag, slanted, slanted_bar,
  outlined); at 28 x 28 all of 500 each; at 100 x 100 all of 100 each; at 7 x 7 all
  of 500 each; the plain rule is nowhere better.

From Python: `orientation(picture)`.
From a shell: `python solver.py < input.json`.
"""

import json
import sys
from itertools import chain as _chain


def orientation(picture):
    """Return the class, counted from 0; the first one on a tie."""
    picture = _check(picture)
    column_sum = [sum(column) for column in zip(*picture)]
    row_sum = [sum(row) for row in picture]
    return 0 if max(row_sum) >= max(column_sum) else 1


solve = orientation


def _check(picture):
    """Return the arguments as lists of integers; raise ValueError if they are anything else."""
    picture = _integers("picture", picture, (None, None), 0, 1)
    if len(picture) != len(picture[0]):
        raise ValueError("picture must be as wide as high: nothing else was checked")
    return picture


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
