"""A formula for tax in 4 regimes.

Learned by deepdistill 0.1.0 from 400 rows of 1 column (regimes). Checked:
- faithful (sampled): equals the formula found on 390 inputs; to 1e-12 relative, in
  the ranges below; elsewhere nothing is claimed.
- scalable: not applicable; a formula of numbers has one size.
- correct (sampled): equals the known answer on 390 inputs; within 1e-09 of the
  spread of the answers, in the same ranges; R2 1.000000, largest error 0 on 100
  held-out rows; its parts meet at income = 10, income = 30, income = 80;
  extrapolation: outside the ranges, by up to 50% of them: R2 1.000000, largest
  error 0 on 300 rows.

Sampled where:
- income from 0.644076 to 149.502

From Python: `income_tax(income)`.
From a shell: `python solver.py < input.json`.
"""

import json
import math
import sys

NAMES = ("income",)


def income_tax(income):
    """Return tax; raise ValueError where the formula has no value."""
    (income,) = _numbers(income)
    try:
        if income < 10:
            tax = 0
        elif income < 30:
            tax = (income - 10) / 10
        elif income < 80:
            tax = (income - 22) / 4
        else:
            tax = 0.4 * income - 17.5
    except (ArithmeticError, ValueError):
        raise ValueError("the formula has no value for these numbers") from None
    if not math.isfinite(tax):
        raise ValueError("the formula has no value for these numbers")
    return float(tax)


solve = income_tax


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
