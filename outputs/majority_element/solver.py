"""The first number with `2 * numbers.count(number) > len(numbers)`; a ValueError where
there is none.

Learned by deepdistill 0.1.0 from 60 lists of 4 numbers and 60 lists of 5 numbers
and 60 lists of 6 numbers (60 more held out). Checked:
- faithful (proved): the program equals the trained network on all inputs of sizes 4
  and 5 and 6; counts of places by cells, Boolean algebra with Presburger arithmetic
  (z3 5.4.0); that solver.py computes the program was sampled (418 inputs up to size
  6).
- scalable (proved): the program equals its units at other sizes on all inputs of
  all sizes; counts of places by cells, Boolean algebra with Presburger arithmetic
  (z3 5.4.0); that solver.py computes the program was sampled, among them every
  order of up to 5 numbers (925 inputs up to size 1,000).
- correct (sampled): equals the known answer on 569 inputs up to size 1,000; on
  inputs that have an answer.

From Python: `majority_element(numbers)`.
From a shell: `python solver.py < input.json`.
"""

import json
import sys


def majority_element(numbers):
    """Return the number for `numbers`."""
    numbers = _check(numbers)
    counts = _tally(numbers)
    for number in numbers:
        if 2 * counts[number] > len(numbers):
            return number
    raise ValueError("there is no answer: no number fits")


solve = majority_element


def _tally(numbers):
    """How often each number occurs."""
    counts = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    return counts


def _check(numbers):
    """Return the arguments as lists of integers; raise ValueError if they are anything else."""
    return _integers("numbers", numbers, (None,), -9999, 9999)


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
    return low <= min(numbers) and max(numbers) <= high


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
