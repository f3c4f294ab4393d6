"""Arithmetic on sequences: digits, bits and numbers that arrive one after another.

At each step the answer depends on this element and on those before; what stands before the start
counts as 0. Networks learn from sequences of 10 or 20 and are judged at 1,000.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepdistill.data.problem import Axis, Integers, Port, Problem

__all__ = ["NAMES", "PATTERNS", "find"]

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]
Answers = Callable[[Sequence[Any]], list[Any]]
Sampler = Callable[[np.random.Generator, Shape], tuple[IntArray, ...]]

PATTERNS: dict[str, str] = {}
"""Families of names that `find` knows besides `NAMES`, each with a sentence."""

_LENGTH = 10
_COUNT = 2000  # training sequences, a quarter of which is held out
_CHECKS = (100, 1000)
_LARGEST = 2**62


def _array(values: list[Any]) -> IntArray:
    """Integers of any size, as Python's own where they grow large."""
    flat = np.array(values, dtype=object)
    return flat if any(abs(v) >= _LARGEST for v in flat.flat) else flat.astype(np.int64)


def _stateful(step: Callable[..., Any], *start: int) -> Answers:
    """From ``step(*channels, *state) -> (answer, *state)``."""

    def answers(elements: Sequence[Any]) -> list[Any]:
        state: Sequence[int] = start
        found = []
        for element in elements:
            channels = element if isinstance(element, list) else [element]
            answer, *state = step(*channels, *state)
            found.append(answer)
        return found

    return answers


def _windowed(rule: Callable[..., int], steps: int) -> Answers:
    """From ``rule(x_t, x_t-1, ...)`` of the last ``steps`` elements."""

    def answers(elements: Sequence[int]) -> list[int]:
        padded = [0] * (steps - 1) + list(elements)
        return [int(rule(*padded[t : t + steps][::-1])) for t in range(len(elements))]

    return answers


def _add(base: int) -> Answers:
    return _stateful(lambda a, b, carry: ((a + b + carry) % base, (a + b + carry) // base), 0)


def _summed(modulus: int) -> Answers:
    return _stateful(lambda x, total: ((total + x) % modulus,) * 2, 0)


def _compare(a: int, b: int, larger: int) -> tuple[int, int]:
    """0: the numbers are equal so far, 1: the first one is larger, 2: the second one."""
    larger = larger if a == b else 1 if a > b else 2
    return larger, larger


def _majorities(elements: Sequence[int]) -> list[int]:
    """The most frequent number so far, of several the smallest."""
    counts: dict[int, int] = {}
    found = []
    for x in elements:
        counts[x] = counts.get(x, 0) + 1
        found.append(max(sorted(counts), key=lambda value: counts[value]))
    return found


def _balanced(bit: int, depth: int) -> tuple[int, int]:
    """0 opens and 1 closes; once the depth fell below zero it stays there."""
    depth = depth if depth < 0 else depth + 1 - 2 * bit
    return int(depth == 0), depth


def _gravity(x: int, velocity: int, position: int) -> tuple[int, int, int]:
    velocity += x - 1
    position += velocity
    return position, velocity, position


def _magnetic(fx: int, fy: int, vx: int, vy: int, px: int, py: int) -> tuple[Any, ...]:
    """The velocity gains the force plus (-v_y, v_x), the position the velocity."""
    vx, vy = vx + fx - vy, vy + fy + vx
    px, py = px + vx, py + vy
    return [px, py], vx, vy, px, py


def _palindromes(elements: Sequence[int]) -> list[int]:
    listed = list(elements)
    return [int(listed[: t + 1] == listed[t::-1]) for t in range(len(listed))]


def _bits_of_all_densities(rng: np.random.Generator, shape: Shape) -> tuple[IntArray, ...]:
    return ((rng.random(shape) < rng.random()).astype(np.int64),)


def _brackets(rng: np.random.Generator, shape: Shape) -> tuple[IntArray, ...]:
    """Half uniform, half walks that close no bracket before it is opened."""
    if rng.integers(2):
        return (rng.integers(0, 2, size=shape),)
    depth, walk = 0, []
    for _ in range(shape[0]):
        bit = int(rng.integers(2)) if depth else 0
        depth += 1 - 2 * bit
        walk.append(bit)
    return (np.array(walk, dtype=np.int64),)


def _often_palindromes(rng: np.random.Generator, shape: Shape) -> tuple[IntArray, ...]:
    """Bits of which some first ones are mirrored."""
    bits = rng.integers(0, 2, size=shape)
    cut = int(rng.integers(1, shape[0] + 1))
    bits[(cut + 1) // 2 : cut] = bits[: cut // 2][::-1]
    return (bits,)


def _problem(
    name: str,
    answers: Answers,
    domain: tuple[int, int],
    summary: str,
    channels: int = 0,
    sampler: Sampler | None = None,
    length: int = _LENGTH,
) -> Problem:
    """The output's domain is what uniform training sequences show."""

    def oracle(numbers: IntArray) -> IntArray:
        return _array(answers(numbers.tolist()))

    low, high = domain
    more = (Axis("fixed", size=channels),) if channels else ()
    sizes = (channels,) if channels else ()
    rng = np.random.default_rng(0)
    shown = [oracle(rng.integers(low, high + 1, size=(length, *sizes))) for _ in range(100)]
    deep = (Axis("fixed", size=shown[0].shape[1]),) if shown[0].ndim > 1 else ()
    return Problem(
        name=name,
        inputs=(Port("numbers", (Axis("sequence"), *more), Integers(low, high)),),
        output=Port(
            "result",
            (Axis("sequence"), *deep),
            Integers(min(int(a.min()) for a in shown), max(int(a.max()) for a in shown)),
        ),
        training_shapes=((length, *sizes),),
        check_shapes=tuple((steps, *sizes) for steps in _CHECKS),
        training_count=_COUNT,
        sampler=sampler,
        oracle=oracle,
        summary=summary,
    )


_BITS, _DIGITS, _NUMBERS, _SIGNED = (0, 1), (0, 9), (0, 99), (-100, 99)

_TOLD: tuple[tuple[Any, ...], ...] = (
    ("binary_addition", _add(2), _BITS, "Adds two numbers, bit by bit from the lowest.", 2),
    (
        "binary_subtraction",
        _stateful(lambda a, b, r: ((a - b - r) % 2, int(a - b - r < 0)), 0),
        _BITS,
        "Subtracts the second number, bit by bit from the lowest.",
        2,
    ),
    (
        "binary_increment",
        _stateful(lambda x, carry: ((x + carry) % 2, (x + carry) // 2), 1),
        _BITS,
        "Adds one, bit by bit from the lowest.",
    ),
    (
        "compare",
        _stateful(_compare, 0),
        _DIGITS,
        "Which of two numbers is larger, lowest digit first: 1 or 2, 0 where they are equal.",
        2,
    ),
    ("base3_addition", _add(3), (0, 2), "Adds two numbers of base 3, lowest digit first.", 2),
    ("base6_addition", _add(6), (0, 5), "Adds two numbers of base 6, lowest digit first.", 2),
    (
        "multiply_by_3",
        _stateful(lambda x, carry: ((3 * x + carry) % 2, (3 * x + carry) // 2), 0),
        _BITS,
        "Three times a number, bit by bit from the lowest.",
    ),
    (
        "divide_by_3",
        _stateful(lambda x, rest: ((2 * rest + x) // 3, (2 * rest + x) % 3), 0),
        _BITS,
        "A third of a number, quotient bits from the highest.",
    ),
    ("add_mod_3", _summed(3), (0, 2), "The sum so far modulo 3."),
    ("add_mod_5", _summed(5), (0, 4), "The sum so far modulo 5."),
    ("parity", _summed(2), _BITS, "Whether the number of ones so far is odd."),
    (
        "parity_last2",
        _windowed(lambda a, b: (a + b) % 2, 2),
        _BITS,
        "Whether one of the last two bits is set and the other is not.",
    ),
    (
        "alternating_last3",
        _windowed(lambda a, b, c: a != b != c, 3),
        _BITS,
        "Whether the last three bits alternate.",
    ),
    ("bitwise_xor", _stateful(lambda a, b: (a ^ b,)), _BITS, "Exclusive or of two bits.", 2),
    ("bit_shift_right", _windowed(lambda a, b: b, 2), _BITS, "The bit before."),
    (
        "previous_equals_current",
        _windowed(lambda a, b: a == b, 2),
        _DIGITS,
        "Whether a digit equals the one before.",
    ),
    ("even", _windowed(lambda a: a % 2 == 0, 1), _NUMBERS, "Whether a number is even."),
    (
        "perfect_square",
        _windowed(lambda a: a in (0, 1, 4, 9, 16), 1),
        (0, 19),
        "Whether a number from 0 to 19 is a square.",
    ),
    ("abs_current", _windowed(lambda a: abs(a), 1), _SIGNED, "The magnitude of a number."),
    (
        "abs_diff",
        _windowed(lambda a, b: abs(a - b), 2),
        _SIGNED,
        "The distance from the number before.",
    ),
    ("previous_1", _windowed(lambda a, b: b, 2), _NUMBERS, "The number before."),
    ("previous_3", _windowed(lambda *last: last[3], 4), _NUMBERS, "The number three before."),
    ("sum_last2", _windowed(lambda *last: sum(last), 2), _NUMBERS, "The sum of the last two."),
    (
        "sum_last5",
        _windowed(lambda *last: sum(last), 5),
        _NUMBERS,
        "The sum of the last five.",
        0,
        None,
        20,
    ),
    ("diff_last2", _windowed(lambda a, b: a - b, 2), _NUMBERS, "The number minus the one before."),
    ("running_sum", _stateful(lambda x, s: (s + x,) * 2, 0), _SIGNED, "The sum so far."),
    (
        "running_min",
        _stateful(lambda x, least: (min(x, least),) * 2, 99),
        _NUMBERS,
        "The smallest number so far.",
    ),
    (
        "count_evens",
        _stateful(lambda x, n: (n + (x % 2 == 0),) * 2, 0),
        _NUMBERS,
        "How many numbers so far are even.",
    ),
    (
        "majority_0_1",
        _majorities,
        _BITS,
        "The most frequent bit so far, 0 where there are as many ones.",
        0,
        _bits_of_all_densities,
    ),
    (
        "balanced_parenthesis",
        _stateful(_balanced, 0),
        _BITS,
        "Whether the brackets so far are balanced: 0 opens, 1 closes.",
        0,
        _brackets,
    ),
    ("gravity", _stateful(_gravity, 0, 0), _SIGNED, "The numbers less 1, summed twice."),
    (
        "magnetic",
        _stateful(_magnetic, 0, 0, 0, 0),
        (-9, 9),
        "Where a charge is in a magnetic field, from the forces on it.",
        2,
    ),
    (
        "dithering",
        _stateful(lambda x, s: ((s + x) // 15 - s // 15, s + x), 0),
        (0, 15),
        "By how much the sum so far, divided by 15 and rounded down, grows.",
    ),
    (
        "palindrome",
        _palindromes,
        _BITS,
        "Whether the bits so far are a palindrome.",
        0,
        _often_palindromes,
    ),
)

_NAMED = {told[0]: told for told in _TOLD}

NAMES: tuple[str, ...] = tuple(_NAMED)


def find(name: str) -> Problem | None:
    """The problem of that name, or None where this family has none."""
    return _problem(*_NAMED[name]) if name in _NAMED else None
