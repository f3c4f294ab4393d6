"""Sequence tasks with oracle and sampler: the listed ones, and others of the same kinds.

``TASKS[name]`` is (oracle, sampler, training length, summary): the oracle answers a list of rows
(tuples of the channels of one element) with a list of outputs, a number each or a tuple of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from deepdistill.data import catalogue
from problems.arithmetic import NAMES

Row = tuple[int, ...]
Oracle = Callable[[Sequence[Row]], list]
Sampler = Callable[[np.random.Generator, int], np.ndarray]
Task = tuple[Oracle, Sampler, int, str]


def numbers(low: int, high: int, channels: int = 1) -> Sampler:
    """Sequences of uniform numbers, (length,) or (length, channels)."""

    def draw(rng: np.random.Generator, length: int) -> np.ndarray:
        shape = (length,) if channels == 1 else (length, channels)
        return rng.integers(low, high + 1, size=shape)

    return draw


def bits_of_all_densities(rng: np.random.Generator, length: int) -> np.ndarray:
    return (rng.random(length) < rng.random()).astype(np.int64)


def brackets(rng: np.random.Generator, length: int) -> np.ndarray:
    """Half uniform, half balanced walks that stay above 0 for long."""
    if rng.integers(2):
        return rng.integers(0, 2, size=length)
    depth, walk = 0, []
    for _ in range(length):
        bit = int(rng.integers(2)) if depth else 0
        depth += 1 - 2 * bit
        walk.append(bit)
    return np.array(walk)


def stateful(step: Callable[..., tuple], *start: int) -> Oracle:
    """From ``step(*channels, *state) -> (output, *state)``."""

    def oracle(rows: Sequence[Row]) -> list:
        state, answers = start, []
        for row in rows:
            answer, *state = step(*row, *state)
            answers.append(answer)
        return answers

    return oracle


def windowed(rule: Callable[..., int], steps: int) -> Oracle:
    """From ``rule(x_t, x_t-1, ...)`` of the last ``steps`` elements, 0 before the start."""

    def oracle(rows: Sequence[Row]) -> list:
        flat = [row[0] for row in rows]
        return [
            rule(*(flat[t - s] if t >= s else 0 for s in range(steps))) for t in range(len(flat))
        ]

    return oracle


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _subtract(base: int) -> Oracle:
    return stateful(lambda a, b, r: ((a - b - r) % base, int(a - b - r < 0)), 0)


def _add(base: int) -> Oracle:
    return stateful(lambda a, b, c: ((a + b + c) % base, (a + b + c) // base), 0)


def _multiply(factor: int, base: int = 2) -> Oracle:
    return stateful(lambda x, c: ((factor * x + c) % base, (factor * x + c) // base), 0)


def _divide(divisor: int, base: int = 2) -> Oracle:
    return stateful(lambda x, r: ((base * r + x) // divisor, (base * r + x) % divisor), 0)


def _summed(modulus: int) -> Oracle:
    return stateful(lambda x, s: ((s + x) % modulus, (s + x) % modulus), 0)


def _majorities(rows: Sequence[Row]) -> list:
    counts: dict[int, int] = {}
    answers = []
    for (x,) in rows:
        counts[x] = counts.get(x, 0) + 1
        answers.append(max(sorted(counts), key=lambda v: counts[v]))
    return answers


def _seconds(rows: Sequence[Row]) -> list:
    best, second, answers = 0, 0, []
    for (x,) in rows:
        if x > best:
            best, second = x, best
        elif x > second:
            second = x
        answers.append(second)
    return answers


def mealy(states: int, symbols: int, seed: int) -> Oracle:
    """A random machine with that many states."""
    rng = np.random.default_rng(seed)
    moves = rng.integers(0, states, size=(states, symbols)).tolist()
    shown = rng.integers(0, 2, size=(states, symbols)).tolist()
    return stateful(lambda x, s: (shown[s][x], moves[s][x]), 0)


_bits, _digits, _small, _signed = numbers(0, 1), numbers(0, 9), numbers(0, 99), numbers(-100, 99)
_two_bits, _two_digits = numbers(0, 1, 2), numbers(0, 9, 2)


def _listed(name: str) -> Task:
    """A built-in problem as a task."""
    problem = catalogue.find(name)
    length, *channels = problem.training_shapes[0]

    def oracle(rows: Sequence[Row]) -> list:
        assert problem.oracle is not None
        answers = problem.oracle(np.array(rows if channels else [row[0] for row in rows]))
        return [tuple(one) if isinstance(one, list) else one for one in answers.tolist()]

    def draw(rng: np.random.Generator, steps: int) -> np.ndarray:
        return problem.draw(rng, (steps, *channels))[0]

    return oracle, draw, length, problem.summary


LISTED: dict[str, Task] = {name: _listed(name) for name in NAMES}

OTHERS: dict[str, Task] = {
    "compare_bits_012": (
        stateful(lambda a, b, s: ((_sign(a - b) or s) % 3, _sign(a - b) or s), 0),
        _two_bits,
        10,
        "",
    ),
    "base4_addition": (_add(4), numbers(0, 3, 2), 10, ""),
    "base5_addition": (_add(5), numbers(0, 4, 2), 10, ""),
    "base7_addition": (_add(7), numbers(0, 6, 2), 10, ""),
    "base10_addition": (_add(10), _two_digits, 10, ""),
    "base3_subtraction": (_subtract(3), numbers(0, 2, 2), 10, ""),
    "decimal_times_7": (_multiply(7, 10), _digits, 10, ""),
    "decimal_by_7": (_divide(7, 10), _digits, 10, ""),
    "parity_last3": (windowed(lambda *w: sum(w) % 2, 3), _bits, 10, ""),
    "parity_last4": (windowed(lambda *w: sum(w) % 2, 4), _bits, 10, ""),
    "parity_zeros": (stateful(lambda x, s: ((s + 1 - x) % 2,) * 2, 0), _bits, 10, ""),
    "bitwise_or": (stateful(lambda a, b: (a | b,)), _two_bits, 10, ""),
    "bitwise_and": (stateful(lambda a, b: (a & b,)), _two_bits, 10, ""),
    "bitwise_not": (stateful(lambda a: (1 - a,)), _bits, 10, ""),
    "sum_last3": (windowed(lambda *w: sum(w), 3), _small, 10, ""),
    "sum_last4": (windowed(lambda *w: sum(w), 4), _small, 20, ""),
    "sum_last6": (windowed(lambda *w: sum(w), 6), _small, 20, ""),
    "sum_last7": (windowed(lambda *w: sum(w), 7), _small, 20, ""),
    "sum_last7_at_10": (windowed(lambda *w: sum(w), 7), _small, 10, ""),
    "previous_2": (windowed(lambda *w: w[2], 3), _bits, 10, ""),
    "previous_4": (windowed(lambda *w: w[4], 5), _small, 10, ""),
    "previous_5": (windowed(lambda *w: w[5], 6), _small, 10, ""),
    "previous_7": (windowed(lambda *w: w[7], 8), _bits, 10, ""),
    "running_max": (stateful(lambda x, m: (max(x, m),) * 2, -(10**9)), _signed, 10, ""),
    "running_min_bits": (stateful(lambda x, m: (min(x, m),) * 2, 1), _bits, 10, ""),
    "max_last3": (windowed(lambda *w: max(w), 3), _small, 10, ""),
    "min_last3": (windowed(lambda *w: min(w), 3), _signed, 10, ""),
    "majority_0_2": (_majorities, numbers(0, 2), 10, ""),
    "majority_0_3": (_majorities, numbers(0, 3), 10, ""),
    "evens_detector": (stateful(lambda x, s: (min(s, 1 - x % 2),) * 2, 1), _digits, 10, ""),
    "evens_in_a_row": (stateful(lambda x, s: (0 if x % 2 else s + 1,) * 2, 0), _small, 10, ""),
    "two_evens": (windowed(lambda a, b: int(a % 2 == 0 and b % 2 == 0), 2), _small, 10, ""),
    "divide_by_5": (_divide(5), _bits, 10, ""),
    "divide_by_7": (_divide(7), _bits, 10, ""),
    "multiply_by_5": (_multiply(5), _bits, 10, ""),
    "add_mod_4": (_summed(4), numbers(0, 3), 10, ""),
    "add_mod_6": (_summed(6), numbers(0, 5), 10, ""),
    "add_mod_7": (_summed(7), numbers(0, 6), 10, ""),
    "add_mod_8": (_summed(8), numbers(0, 99), 10, ""),
    "spring": (
        stateful(lambda f, v, p: (p + v + f - p, v + f - p, p + v + f - p), 0, 0),
        _signed,
        10,
        "",
    ),
    "spring_2": (stateful(lambda f, v, p: (v + f, v + f - p, v + f), 0, 0), _signed, 10, ""),
    "free_body": (stateful(lambda f, v, p: (p + v + f, v + f, p + v + f), 0, 0), _signed, 10, ""),
    "alternating_last4": (
        windowed(lambda *w: int(all(p != q for p, q in pairwise(w))), 4),
        _bits,
        10,
        "",
    ),
    "diff_of_abs": (stateful(lambda a, b: (abs(a) - abs(b),)), numbers(-100, 99, 2), 10, ""),
    "bit_dot_product": (stateful(lambda a, b, s: ((s + a * b) % 2,) * 2, 0), _two_bits, 10, ""),
    "changes": (stateful(lambda x, p, n: (n + (x != p), x, n + (x != p)), 0, 0), _digits, 10, ""),
    "last_nonzero": (stateful(lambda x, p: (x or p,) * 2, 0), numbers(-3, 3), 10, ""),
    "since_last_1": (stateful(lambda x, n: (0 if x else n + 1,) * 2, 0), _bits, 10, ""),
    "longest_run": (
        stateful(
            lambda x, r, m: (
                max(m, r + 1 if x else 0),
                r + 1 if x else 0,
                max(m, r + 1 if x else 0),
            ),
            0,
            0,
        ),
        bits_of_all_densities,
        10,
        "",
    ),
    "second_largest": (_seconds, _small, 10, ""),
    "if_larger": (windowed(lambda a, b: a if a > b else 0, 2), _small, 10, ""),
    "sum_since_zero": (stateful(lambda x, s: (s + x if x else 0,) * 2, 0), _digits, 10, ""),
    "clipped_sum": (stateful(lambda x, s: (max(0, s + x),) * 2, 0), _signed, 10, ""),
    "clipped_bits": (
        stateful(lambda x, s: (int(max(0, s + 2 * x - 1) > 1), max(0, s + 2 * x - 1)), 0),
        _bits,
        10,
        "",
    ),
    "mealy_12": (mealy(12, 2, 5), _bits, 10, ""),
    "mealy_6": (mealy(6, 3, 1), numbers(0, 2), 10, ""),
    "fibonacci": (stateful(lambda x, p, q: (p + q + x, p + q + x, p), 0, 0), _digits, 10, ""),
    "letters_seen_abc": (
        stateful(lambda x, s: (int(s + (x == s) >= 3), min(3, s + (x == s))), 0),
        numbers(0, 3),
        10,
        "",
    ),
    "letters_ab": (windowed(lambda a, b: int(a == 2 and b == 1), 2), numbers(0, 3), 10, ""),
    "nonnegative_depth": (
        stateful(
            lambda x, d: (int(d >= 0 and d + 1 - 2 * x >= 0), -1 if d < 0 else d + 1 - 2 * x), 0
        ),
        brackets,
        10,
        "",
    ),
    "count_of_ones_mod_3_is_0": (
        stateful(lambda x, s: (int((s + x) % 3 == 0), (s + x) % 3), 0),
        _bits,
        10,
        "",
    ),
    "range_so_far": (
        lambda rows: [
            max(r[0] for r in rows[: t + 1]) - min(r[0] for r in rows[: t + 1])
            for t in range(len(rows))
        ],
        _small,
        10,
        "",
    ),
    "two_ones_seen": (stateful(lambda x, s: (int(s + x >= 2), min(2, s + x)), 0), _bits, 10, ""),
    "max_minus_x": (stateful(lambda x, m: (max(x, m) - x, max(x, m)), 0), _small, 10, ""),
    "sum_of_evens": (stateful(lambda x, s: (s + x * (x % 2 == 0),) * 2, 0), _small, 10, ""),
    "count_mod_4": (stateful(lambda x, s: ((s + 1) % 4,) * 2, 0), _bits, 10, ""),
    "toggle": (stateful(lambda x, s: (x if s else 0, 1 - s), 0), _small, 10, ""),
    "product_last2": (windowed(lambda a, b: a * b, 2), _digits, 10, ""),
    "two_outputs": (
        stateful(lambda a, b, s, c: (((s + a), (a + b + c) % 2), s + a, (a + b + c) // 2), 0, 0),
        _two_bits,
        10,
        "",
    ),
}

TASKS = {**LISTED, **OTHERS}


def rows_of(x: np.ndarray) -> list[Row]:
    """An input as the oracle takes it."""
    return [tuple(int(v) for v in np.atleast_1d(row)) for row in x]


def arrays(name: str, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and outputs of that many training sequences."""
    oracle, sampler, length, _ = TASKS[name]
    rng = np.random.default_rng(seed)
    x = np.stack([sampler(rng, length) for _ in range(count)])
    return x, np.array([oracle(rows_of(one)) for one in x])


def impossible(count: int, seed: int) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Tasks without a rule that the data could show: noise, and what lies before the start."""
    rng = np.random.default_rng(seed)
    for name, high in (("random_bits", 1), ("random_for_numbers", 99)):
        yield name, rng.integers(0, high + 1, (count, 10)), rng.integers(0, 2, (count, 10))
    yield "random_numbers", rng.integers(0, 100, (count, 10)), rng.integers(0, 100, (count, 10))
    for name in ("parity", "running_sum", "even", "binary_addition", "previous_3"):
        x, y = arrays(name, count, seed)
        noisy = rng.random(y.shape) < 0.01
        y = np.where(noisy, y + rng.integers(1, 3, y.shape), y)
        yield f"{name}_with_noise", x, y
    stream = rng.integers(0, 2, (count, 22))
    yield "twelve_back_unseen", stream[:, 12:], stream[:, :10]
    yield "twelve_back", stream[:, :10], np.zeros((count, 10), dtype=np.int64)
