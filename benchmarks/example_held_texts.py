# ruff: noqa: B905, RUF007
"""Held-out tasks on texts and on steps: written before the searches had seen any like them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.example_languages import balanced, in_tomita_7, repeated, such
from benchmarks.example_tasks import (
    ExampleTask,
    Sample,
    collected,
    integers,
    language,
    nearly,
    word,
)

TASKS: list[ExampleTask] = []


def texts(
    sample: Sample | str, positive: Sample | None = None, fails: bool = False
) -> Callable[[Any], Any]:
    return language(TASKS, "held-out languages", sample, positive, fails)


def steps(sample: Sample, count: int = 100) -> Callable[[Any], Any]:
    """Lists of up to 30 numbers; more where a limit is one among a thousand numbers."""
    return collected(TASKS, "held-out steps", sample, count, 30, 300)


# ---- languages


@texts("abc", such("abc", lambda text: text.count("a") % 5 == 2))
def number_of_a_is_2_mod_5(text: str) -> bool:
    return text.count("a") % 5 == 2


@texts("abc", such("abc", lambda text: re.search(r"(.)\1\1", text) is None))
def no_three_equal_in_a_row(text: str) -> bool:
    return not any(a == b == c for a, b, c in zip(text, text[1:], text[2:]))


@texts(word("abc", least=2))
def second_and_last_equal(text: str) -> bool:
    return text[1] == text[-1]


def one_to_two(rng: np.random.Generator, size: int) -> str:
    count = int(rng.integers(0, size // 3 + 1))
    return "a" * count + "bb" * count


@texts("ab", one_to_two)
def twice_as_many_b_after_a(text: str) -> bool:
    third = len(text) // 3
    return text == "a" * third + "b" * 2 * third


@texts("012", such("012", lambda text: int(text or "0", 3) % 11 == 0))
def base_3_divisible_by_11(text: str) -> bool:
    return int(text or "0", 3) % 11 == 0


@texts("ab", repeated("a", "ba"))
def every_b_is_followed_by_a(text: str) -> bool:
    return "bb" not in text and not text.endswith("b")


@texts("abc", such("abc", lambda text: text.endswith("b") and len(text) % 2 == 0))
def even_length_ending_in_b(text: str) -> bool:
    return len(text) % 2 == 0 and text[-1:] == "b"


@texts("ab", such("ab", lambda text: len(re.findall("b+", text)) == 2))
def two_blocks_of_b(text: str) -> bool:
    return len(re.findall("b+", text)) == 2


def is_shallow(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += 1 if letter == "(" else -1
        if not 0 <= depth <= 3:
            return False
    return depth == 0


def shallow(rng: np.random.Generator, size: int) -> str:
    while True:
        text = balanced("()")(rng, size)
        if is_shallow(text):
            return text


def nearly_shallow(rng: np.random.Generator, size: int) -> str:
    """Among them balanced ones of any depth."""
    text = balanced("()")(rng, size)
    half = len(text) // 2
    deep = "(" * half + ")" * half
    return (deep, text, str(nearly(shallow, "()")(rng, size)))[rng.integers(3)]


@texts(nearly_shallow, shallow)
def at_most_three_deep(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += 1 if letter == "(" else -1
        if not 0 <= depth <= 3:
            return False
    return depth == 0


def bracketed(rng: np.random.Generator, size: int) -> str:
    text = balanced("()")(rng, size // 2)
    for _ in range(int(rng.integers(0, size - len(text) + 1))):
        place = int(rng.integers(len(text) + 1))
        text = text[:place] + "xy"[rng.integers(2)] + text[place:]
    return text


@texts("()xy", bracketed)
def brackets_among_letters(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0


@texts(word("01"))
def value_modulo_five(text: str) -> int:
    value = 0
    for letter in text:
        value = (2 * value + int(letter)) % 5
    return value


@texts(word("0123456789", least=1))
def weighted_check_digit(text: str) -> int:
    return sum(k * int(letter) for k, letter in enumerate(reversed(text), 1)) % 11


@texts(word("abc"))
def longest_run_of_b(text: str) -> int:
    return max(map(len, re.findall("b+", text)), default=0)


@texts(word("abc"))
def how_often_ab(text: str) -> int:
    return text.count("ab")


@texts("abc", such("abc", lambda text: "".join(sorted(text)) == text))
def letters_in_order(text: str) -> bool:
    return "".join(sorted(text)) == text


@texts(word("01", least=3))
def third_from_the_end(text: str) -> str:
    return text[-3]


@texts(word("abc", least=4))
def two_ends_equal(text: str) -> bool:
    return text[:2] == text[-2:]


def leading(rng: np.random.Generator, size: int) -> str:
    text, ahead = "", 0
    for _ in range(int(rng.integers(0, size + 1))):
        letter = "abc"[rng.integers(3)]
        ahead += (letter == "a") - (letter == "b")
        if ahead < 0:
            letter, ahead = "a", 1
        text += letter
    return text


@texts("abc", leading)
def never_more_b_than_a(text: str) -> bool:
    ahead = 0
    for letter in text:
        ahead += (letter == "a") - (letter == "b")
        if ahead < 0:
            return False
    return True


@texts("01", in_tomita_7)
def at_most_three_changes(text: str) -> bool:
    return sum(a != b for a, b in zip(text, text[1:])) <= 3


@texts(word("abc", least=1))
def which_comes_last_first_time(text: str) -> str:
    return list(dict.fromkeys(text))[-1]


def binary_square(rng: np.random.Generator, size: int) -> str:
    return f"{int(rng.integers(0, 256)) ** 2:b}"


@texts(lambda rng, size: f"{int(rng.integers(0, 2**16)):b}", binary_square, fails=True)
def perfect_square(text: str) -> bool:
    return int(int(text, 2) ** 0.5 + 0.5) ** 2 == int(text, 2)


# ---- an answer at each step


@steps(integers(0, 9, least=1))
def minimum_of_the_last_four(numbers: list[int]) -> list[int]:
    return [min(numbers[max(0, k - 3) : k + 1]) for k in range(len(numbers))]


@steps(integers(0, 4, least=1))
def how_often_before(numbers: list[int]) -> list[int]:
    return [numbers[:k].count(x) for k, x in enumerate(numbers)]


@steps(integers(0, 9, least=1))
def sum_of_the_last_three(numbers: list[int]) -> list[int]:
    return [sum(numbers[max(0, k - 2) : k + 1]) for k in range(len(numbers))]


@steps(integers(0, 1000, least=1), count=600)
def alarm_until_it_is_over(numbers: list[int]) -> list[int]:
    found, on, run = [], 0, 0
    for x in numbers:
        run = run + 1 if x < 250 else 0
        if run >= 2:
            on = 1
        elif x > 800:
            on = 0
        found.append(on)
    return found


@steps(integers(0, 20, least=1))
def second_minimum(numbers: list[int]) -> list[int]:
    return [sorted([20, 20, *numbers[: k + 1]])[1] for k in range(len(numbers))]


@steps(integers(0, 1, least=1))
def debounced(numbers: list[int]) -> list[int]:
    found, held, last = [], 0, 0
    for x in numbers:
        if x == last:
            held = x
        last = x
        found.append(held)
    return found


@steps(integers(0, 20, least=1))
def decaying_maximum(numbers: list[int]) -> list[int]:
    found, level = [], 0
    for x in numbers:
        level = max(x, level - 3)
        found.append(level)
    return found


@steps(integers(0, 1, least=1))
def saturating_counter(numbers: list[int]) -> list[int]:
    found, level = [], 3
    for x in numbers:
        level = min(level + 1, 7) if x else max(level - 1, 0)
        found.append(level)
    return found


@steps(integers(0, 1000, least=1), count=600)
def thermostat_of_three_stages(numbers: list[int]) -> list[int]:
    found, stage = [], 1
    for x in numbers:
        if x < 412:
            stage = 2
        elif x > 655:
            stage = 0
        elif stage != 1 and 480 <= x <= 590:
            stage = 1
        found.append(stage)
    return found


@steps(integers(0, 9, least=1))
def mean_of_the_last_two(numbers: list[int]) -> list[int]:
    return [(x + last) // 2 for x, last in zip(numbers, [0, *numbers])]
