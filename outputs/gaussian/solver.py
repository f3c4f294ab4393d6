"""density = exp(-0.5 * ((x - mu) / sigma) ** 2) / (sigma * sqrt(2 * pi)).

Learned by deepdistill 0.1.0 from 400 rows of 3 columns (sparse). Checked:
- faithful (sampled): equals the formula found on 300 inputs; to 1e-12 relative, in
  the ranges below; elsewhere nothing is claimed.
- scalable: not applicable; a formula of numbers has one size.
- correct (sampled): equals the known answer on 300 inputs; within 1e-09 of the
  spread of the answers, in the same ranges; R2 1.000000, largest error 0 on 100
  held-out rows; extrapolation: outside the ranges, by up to 50% of them: R2
  1.000000, largest error 0 on 300 rows.

Sampled where:
- x from -2.96607 to 2.96952
- mu from -0.989981 to 0.993361
- sigma from 0.505473 to 1.99409

From Python: `gaussian(x, mu, sigma)`.
From a shell: `python solver.py < input.json`.
"""

import json
import math
import sys

NAMES = ("x", "mu", "sigma")


def gaussian(x, mu, sigma):
    """Return density; raise ValueError where the formula has no value."""
    x, mu, sigma = _numbers(x, mu, sigma)
    try:
        density = math.exp(-0.5 * ((x - mu) / sigma) ** 2) / (
            sigma * math.sqrt(2 * math.pi)
        )
    except (ArithmeticError, ValueError):
        raise ValueError("the formula has no value for these numbers") from None
    if not math.isfinite(density):
        raise ValueError("the formula has no value for these numbers")
    return float(density)


solve = gaussian


def _numbers(*given):
    """The arguments as floats; raise ValueError if one is no finite number."""
    numbers = []
    for name, value in zip(NAMES, given):
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
        numbers.append(value)
    return numbers


def _main():
    """Read a JSON list, or an object by name, from standard input; print the answer."""
    try:
        given = json.load(sys.stdin)
        if isinstance(given, dict) and sorted(given) == sorted(NAMES):
            given = [given[name] for name in NAMES]
        if not isinstance(given, list) or len(given) != len(NAMES):
            names = ", ".join(NAMES)
            raise ValueError(f"give a list of {names}, or an object with these keys")
        answer = solve(*given)
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
