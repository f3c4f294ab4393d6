"""Number (len(numbers) - 1) // 2, counted from 0, of the numbers in ascending order.

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
- correct (sampled): equals the known answer on 1,243 inputs up to size 1,000.

From Python: `median(numbers)`.
From a shell: `python solver.py < input.json`.
"""

import json
import sys


def median(numbers):
    """Return the number for `numbers`."""
    numbers = _check(numbers)
    return sorted(numbers)[(len(numbers) - 1) // 2]


solve = median


def _check(numbers):
    """Return the arguments as lists of integers; raise ValueError if they are anything else."""
    return _integers("numbers", numbers, (None,), -9999, 9999)


def _integers(name, value, sizes, low, high):
    """Nested lists of integers from `low` to `high`; None in `sizes` stands for any size."""
    if hasattr(value, "tolist"):  # a NumPy array
        value = value.tolist()
    if not sizes:
        if not isinstance(value, (int, float)) or value not in range(low, high + 1):
            message = f"{name} holds {value!r:.40}, not an integer from {low} to {high}"
            raise ValueError(message)
        return int(value)
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError(f"{name} holds {value!r:.40} in place of a non-empty list")
    return [_integers(name, part, sizes[1:], low, high) for part in value]


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
