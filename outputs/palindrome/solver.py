"""Each answer is 1 if numbers[:t + 1] == numbers[:t + 1][::-1], else 0, at place t.

Learned by deepdistill 0.1.0 from 1500 sequences of 10 steps (500 more held out).
Checked:
- faithful (proved): the program equals the trained network on all inputs of size
  10; at every prefix, counts of places by cells, Boolean algebra with Presburger
  arithmetic (z3 5.4.0); that solver.py computes the program was checked
  exhaustively (1,024 inputs of size 10).
- scalable (proved): the program equals its units at other sizes on all inputs of
  all sizes; at every prefix, counts of places by cells, Boolean algebra with
  Presburger arithmetic (z3 5.4.0); that solver.py computes the program was sampled
  (230 inputs up to size 1,000).
- correct (sampled): equals the known answer on 1,254 inputs up to size 1,000.

From Python: `palindrome(numbers)`.
From a shell: `python solver.py < input.json`.
"""

import json
import sys


def palindrome(numbers):
    """Return one answer for each element of `numbers`."""
    numbers = _check(numbers)
    return _palindromes(numbers)


solve = palindrome


def _palindromes(numbers):
    """1 for each beginning that is the same from its end, else 0.

    These are the beginnings that end the list, a mark and the list reversed, too: they are found
    as Knuth, Morris and Pratt do (1977), in time that grows as the list does.
    """
    marked = [*numbers, None, *reversed(numbers)]
    borders = [0]  # up to each place, the longest beginning that is also an end
    for item in marked[1:]:
        border = borders[-1]
        while border and marked[border] != item:
            border = borders[border - 1]
        borders.append(border + (marked[border] == item))
    result = [0] * len(numbers)
    border = borders[-1]
    while border:
        result[border - 1] = 1
        border = borders[border - 1]
    return result


def _check(numbers):
    """Return the arguments as lists of integers; raise ValueError if they are anything else."""
    return _integers("numbers", numbers, (None,), 0, 1)


def _integers(name, value, sizes, low, high):
    """Nested lists of integers from `low` to `high`; None in `sizes` stands for any size."""
    plain = value.tolist() if hasattr(value, "tolist") else value  # a NumPy array
    if _is_plain(plain, sizes, low, high):
        return plain
    return _converted(name, value, sizes, low, high)


def _is_plain(value, sizes, low, high):
    """Whether `value` can stay as it is, lists with nothing but int in them; told quickly."""
    numbers = value if type(value) is list else ()
    types = list(map(type, numbers))
    if not 0 < len(types) == types.count(int):
        return False
    try:
        found = bytes(numbers)
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
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{name} holds {value!r:.40} in place of a list")
    return [_converted(name, part, sizes[1:], low, high) for part in value]


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
