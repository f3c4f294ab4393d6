"""Each answer is abs(number), for each number by itself.

Learned by deepdistill 0.1.0 from 1500 sequences of 10 steps (500 more held out).
Checked:
- faithful (proved): the program equals the trained network on all inputs of size
  10; each answer depends on its element alone, and every one was tried; that
  solver.py computes the program was sampled (100 inputs of size 10).
- scalable (proved): the program equals its units at other sizes on all inputs of
  all sizes; each answer depends on its element alone, and every one was tried; that
  solver.py computes the program was sampled (230 inputs up to size 1,000).
- correct (sampled): equals the known answer on 330 inputs up to size 1,000.

From Python: `abs_current(numbers)`.
From a shell: `python solver.py < input.json`.
"""

import json
import sys


def abs_current(numbers):
    """Return one answer for each element of `numbers`."""
    numbers = _check(numbers)
    return [abs(number) for number in numbers]


solve = abs_current


def _check(numbers):
    """Return the arguments as lists of integers; raise ValueError if they are anything else."""
    return _integers("numbers", numbers, (None,), -100, 99)


def _integers(name, value, sizes, low, high):
    """Nested lists of integers from `low` to `high`; None in `sizes` stands for any size."""
    plain = value.tolist() if hasattr(value, "tolist") else value  # a NumPy array
    if _is_plain(plain, sizes, low, high):
        return plain
    return _converted(name, value, sizes, low, high)


def _is_plain(value, sizes, low, high):
    """Whether `value` can stay as it is, lists with nothing but int in them; told quickly."""
    numbers = value if type(value) in (list, tuple) else ()
    types = list(map(type, numbers))
    if not 0 < len(types) == types.count(int):
        return False
    found = set(numbers)
    return low <= min(found) and max(found) <= high


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
