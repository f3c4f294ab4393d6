"""Hand-written solvers of the sequence problems: what generated loops are measured against.

Each is one self-contained function, lists in and lists out, as a good engineer would write it
without knowing how it will be compared.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

Row = list[int]
Rows = list[list[int]]


def binary_addition(numbers: Rows) -> Row:
    carry = 0
    result = []
    for a, b in numbers:
        total = a + b + carry
        result.append(total % 2)
        carry = total // 2
    return result


def binary_subtraction(numbers: Rows) -> Row:
    borrow = 0
    result = []
    for a, b in numbers:
        difference = a - b - borrow
        result.append(difference % 2)
        borrow = int(difference < 0)
    return result


def binary_increment(numbers: Row) -> Row:
    carry = 1
    result = []
    for bit in numbers:
        result.append(bit ^ carry)
        carry &= bit
    return result


def compare(numbers: Rows) -> Row:
    larger = 0
    result = []
    for a, b in numbers:
        if a != b:
            larger = 1 if a > b else 2
        result.append(larger)
    return result


def base3_addition(numbers: Rows) -> Row:
    carry = 0
    result = []
    for a, b in numbers:
        total = a + b + carry
        result.append(total % 3)
        carry = total // 3
    return result


def base6_addition(numbers: Rows) -> Row:
    carry = 0
    result = []
    for a, b in numbers:
        total = a + b + carry
        result.append(total % 6)
        carry = total // 6
    return result


def multiply_by_3(numbers: Row) -> Row:
    carry = 0
    result = []
    for bit in numbers:
        total = 3 * bit + carry
        result.append(total % 2)
        carry = total // 2
    return result


def divide_by_3(numbers: Row) -> Row:
    remainder = 0
    result = []
    for bit in numbers:
        value = 2 * remainder + bit
        result.append(value // 3)
        remainder = value % 3
    return result


def add_mod_3(numbers: Row) -> Row:
    total = 0
    result = []
    for number in numbers:
        total = (total + number) % 3
        result.append(total)
    return result


def add_mod_5(numbers: Row) -> Row:
    total = 0
    result = []
    for number in numbers:
        total = (total + number) % 5
        result.append(total)
    return result


def parity(numbers: Row) -> Row:
    odd = 0
    result = []
    for bit in numbers:
        odd ^= bit
        result.append(odd)
    return result


def parity_last2(numbers: Row) -> Row:
    previous = 0
    result = []
    for bit in numbers:
        result.append(bit ^ previous)
        previous = bit
    return result


def alternating_last3(numbers: Row) -> Row:
    previous = before = 0
    result = []
    for bit in numbers:
        result.append(int(before != previous != bit))
        before = previous
        previous = bit
    return result


def bitwise_xor(numbers: Rows) -> Row:
    return [a ^ b for a, b in numbers]


def bit_shift_right(numbers: Row) -> Row:
    previous = 0
    result = []
    for bit in numbers:
        result.append(previous)
        previous = bit
    return result


def previous_equals_current(numbers: Row) -> Row:
    previous = 0
    result = []
    for number in numbers:
        result.append(int(number == previous))
        previous = number
    return result


def even(numbers: Row) -> Row:
    return [int(number % 2 == 0) for number in numbers]


def perfect_square(numbers: Row) -> Row:
    return [int(number in (0, 1, 4, 9, 16)) for number in numbers]


def abs_current(numbers: Row) -> Row:
    return [abs(number) for number in numbers]


def abs_diff(numbers: Row) -> Row:
    previous = 0
    result = []
    for number in numbers:
        result.append(abs(number - previous))
        previous = number
    return result


def previous_1(numbers: Row) -> Row:
    previous = 0
    result = []
    for number in numbers:
        result.append(previous)
        previous = number
    return result


def previous_3(numbers: Row) -> Row:
    return [numbers[t - 3] if t >= 3 else 0 for t in range(len(numbers))]


def sum_last2(numbers: Row) -> Row:
    previous = 0
    result = []
    for number in numbers:
        result.append(number + previous)
        previous = number
    return result


def sum_last5(numbers: Row) -> Row:
    return [sum(numbers[max(0, t - 4) : t + 1]) for t in range(len(numbers))]


def diff_last2(numbers: Row) -> Row:
    previous = 0
    result = []
    for number in numbers:
        result.append(number - previous)
        previous = number
    return result


def running_sum(numbers: Row) -> Row:
    total = 0
    result = []
    for number in numbers:
        total += number
        result.append(total)
    return result


def running_min(numbers: Row) -> Row:
    smallest = 99
    result = []
    for number in numbers:
        smallest = min(smallest, number)
        result.append(smallest)
    return result


def count_evens(numbers: Row) -> Row:
    count = 0
    result = []
    for number in numbers:
        count += number % 2 == 0
        result.append(count)
    return result


def majority_0_1(numbers: Row) -> Row:
    balance = 0
    result = []
    for bit in numbers:
        balance += 2 * bit - 1
        result.append(int(balance > 0))
    return result


def balanced_parenthesis(numbers: Row) -> Row:
    depth = 0
    result = []
    for bit in numbers:
        if depth >= 0:
            depth += 1 - 2 * bit
        result.append(int(depth == 0))
    return result


def gravity(numbers: Row) -> Row:
    velocity = position = 0
    result = []
    for number in numbers:
        velocity += number - 1
        position += velocity
        result.append(position)
    return result


def magnetic(numbers: Rows) -> Rows:
    x = y = vx = vy = 0
    result = []
    for a, b in numbers:
        vx, vy = vx + a - vy, vy + b + vx
        x += vx
        y += vy
        result.append([x, y])
    return result


def dithering(numbers: Row) -> Row:
    rest = 0
    result = []
    for number in numbers:
        rest += number
        result.append(rest // 15)
        rest %= 15
    return result


def palindrome(numbers: Row) -> Row:
    return [int(numbers[: t + 1] == numbers[t::-1]) for t in range(len(numbers))]


REFERENCES: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        *(binary_addition, binary_subtraction, binary_increment, compare, base3_addition),
        *(base6_addition, multiply_by_3, divide_by_3, add_mod_3, add_mod_5, parity),
        *(parity_last2, alternating_last3, bitwise_xor, bit_shift_right),
        *(previous_equals_current, even, perfect_square, abs_current, abs_diff, previous_1),
        *(previous_3, sum_last2, sum_last5, diff_last2, running_sum, running_min, count_evens),
        *(majority_0_1, balanced_parenthesis, gravity, magnetic, dithering, palindrome),
    )
}


def loop_nodes(source: str) -> int:
    """How many AST nodes the loop of the first function has: its body, or its comprehension."""
    function = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef))
    loops = [n for n in ast.walk(function) if isinstance(n, ast.For | ast.ListComp)]
    loop = loops[0] if loops else function.body[-1]  # where another function has the loops
    parts = loop.body if isinstance(loop, ast.For) else [loop]
    return sum(1 for part in parts for _ in ast.walk(part))


def reference_nodes(name: str) -> int:
    """The same of a reference."""
    return loop_nodes(textwrap.dedent(inspect.getsource(REFERENCES[name])))
