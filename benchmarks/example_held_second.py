# ruff: noqa: B905, RUF007
"""A second round of held-out tasks, on texts, lists and steps: written before any was tried."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.example_languages import balanced, such
from benchmarks.example_lists import SOME, WIDE, listed
from benchmarks.example_tasks import (
    ExampleTask,
    Sample,
    collected,
    integers,
    language,
    named,
    number,
    word,
)

TASKS: list[ExampleTask] = []


def texts(
    sample: Sample | str, positive: Sample | None = None, fails: bool = False
) -> Callable[[Any], Any]:
    return language(TASKS, "second languages", sample, positive, fails)


def task(sample: Sample = WIDE, count: int = 11, size: int = 10) -> Callable[[Any], Any]:
    return listed(TASKS, sample, count, size, "second lists")


def steps(sample: Sample, count: int = 100) -> Callable[[Any], Any]:
    return collected(TASKS, "second steps", sample, count, 30, 300)


# ---- languages and folds


@texts("ab", such("ab", lambda text: text.count("a") % 2 == 0 and text.count("b") % 2 == 1))
def even_a_and_odd_b(text: str) -> bool:
    return text.count("a") % 2 == 0 and text.count("b") % 2 == 1


@texts("abc", such("abc", lambda text: re.search("a.*b.*c", text) is not None))
def a_then_b_then_c(text: str) -> bool:
    return re.search("a.*b.*c", text) is not None


@texts("01", such("01", lambda text: "101" not in text))
def never_101(text: str) -> bool:
    return "101" not in text


@texts("012", lambda rng, size: "".join(c * int(rng.integers(0, size // 3 + 1)) for c in "012"))
def zeros_ones_twos(text: str) -> bool:
    return re.fullmatch("0*1*2*", text) is not None


@texts("01", lambda rng, size: f"01{word('01')(rng, size - 4)}10")
def starts_01_and_ends_10(text: str) -> bool:
    return text[:2] == "01" and text[-2:] == "10"


@texts("()[]{}", balanced("()[]{}"))
def three_kinds_of_brackets(text: str) -> bool:
    stack: list[str] = []
    for letter in text:
        if letter in "([{":
            stack.append(letter)
        elif not stack or stack.pop() + letter not in ("()", "[]", "{}"):
            return False
    return not stack


@texts("01", such("01", lambda text: all(len(run) % 2 == 0 for run in re.findall("1+", text))))
def every_run_of_ones_is_even(text: str) -> bool:
    return all(len(run) % 2 == 0 for run in re.findall("1+", text))


@texts("012345", such("012345", lambda text: int(text or "0", 6) % 7 == 0))
def base_6_divisible_by_7(text: str) -> bool:
    return int(text or "0", 6) % 7 == 0


@texts(word("0123456789", least=1))
def weights_three_and_one(text: str) -> str:
    return str(-sum((3, 1)[k % 2] * int(c) for k, c in enumerate(reversed(text))) % 10)


@texts(word("aeibcd"))
def how_many_vowels(text: str) -> int:
    return sum(letter in "aei" for letter in text)


@texts(balanced("()"))
def depth_of_brackets(text: str) -> int:
    depth = deepest = 0
    for letter in text:
        depth += 1 if letter == "(" else -1
        deepest = max(deepest, depth)
    return deepest


@texts(word("abc"))
def place_of_the_first_b(text: str) -> int:
    return text.find("b")


@texts("01", lambda rng, size: "".join(c * int(rng.integers(0, size // 3 + 1)) for c in "010"))
def one_block_of_ones(text: str) -> bool:
    return len(re.findall("1+", text)) <= 1


@texts("aebc", such("aebc", lambda text: re.search("[ae][ae]|[bc][bc]", text) is None))
def vowels_and_consonants_alternate(text: str) -> bool:
    return all((a in "ae") != (b in "ae") for a, b in zip(text, text[1:]))


@texts(word("abc", least=1))
def first_is_most_frequent(text: str) -> bool:
    return text.count(text[0]) == max(Counter(text).values())


@texts("ab", such("ab", lambda text: (text.count("a") - text.count("b")) % 3 == 0))
def difference_divisible_by_3(text: str) -> bool:
    return (text.count("a") - text.count("b")) % 3 == 0


@texts(word("xyz", least=1))
def last_letter_came_before(text: str) -> bool:
    return text[-1] in text[:-1]


# ---- words and classes


@task(word("abeinrst", least=1), count=60)
def begins_with_a_vowel(text: str) -> str:
    return "vowel" if text[0] in "aei" else "consonant"


@task(word("abcdest", least=1), count=60)
def of_three_endings(text: str) -> str:
    return "hard" if text[-1] in "bdt" else "soft" if text[-1] in "ae" else "other"


@task(word("aeibcd"), count=20)
def vowels_dropped(text: str) -> str:
    return "".join(letter for letter in text if letter not in "aei")


@task(word("abc"), count=20)
def letters_doubled(text: str) -> str:
    return "".join(2 * letter for letter in text)


# ---- list functions with several inputs


def masked(rng: np.random.Generator, size: int) -> dict[str, Any]:
    count = int(rng.integers(0, size + 1))
    return {"numbers": rng.integers(0, 100, count).tolist(),
            "mask": rng.integers(0, 2, count).tolist()}  # fmt: skip


@task(masked)
def where_the_mask_is_one(numbers: list[int], mask: list[int]) -> list[int]:
    return [x for x, m in zip(numbers, mask) if m]


def with_places(rng: np.random.Generator, size: int) -> dict[str, Any]:
    numbers = SOME(rng, size)
    places = rng.integers(0, len(numbers), int(rng.integers(0, size + 1))).tolist()
    return {"numbers": numbers, "places": places}


@task(with_places)
def picked(numbers: list[int], places: list[int]) -> list[int]:
    return [numbers[place] for place in places]


@task(named(numbers=integers(0, 5), wanted=integers(0, 5)))
def how_often_wanted(numbers: list[int], wanted: list[int]) -> list[int]:
    return [numbers.count(w) for w in wanted]


@task(named(numbers=WIDE, step=number(1, 4)))
def every_kth(numbers: list[int], step: int) -> list[int]:
    return numbers[::step]


@task(named(numbers=WIDE, factor=number(0, 9), added=number(0, 9)))
def line_through(numbers: list[int], factor: int, added: int) -> list[int]:
    return [factor * x + added for x in numbers]


@task(named(numbers=integers(0, 20), low=number(0, 12), high=number(8, 20)), count=30)
def how_many_between(numbers: list[int], low: int, high: int) -> int:
    return sum(low <= x <= high for x in numbers)


@task(named(left=integers(0, 9), right=integers(0, 9)))
def in_one_alone(left: list[int], right: list[int]) -> list[int]:
    return [x for x in left if x not in right] + [x for x in right if x not in left]


@task(named(left=WIDE, right=WIDE), count=60)
def larger_sum(left: list[int], right: list[int]) -> str:
    return "left" if sum(left) > sum(right) else "right" if sum(left) < sum(right) else "same"


@task(integers(0, 99, least=3))
def largest_of_three_neighbours(numbers: list[int]) -> list[int]:
    return [max(numbers[k : k + 3]) for k in range(len(numbers) - 2)]


@task(integers(0, 9))
def before_the_first_zero(numbers: list[int]) -> list[int]:
    return numbers[: numbers.index(0)] if 0 in numbers else numbers


@task(SOME)
def middle_element(numbers: list[int]) -> int:
    return numbers[len(numbers) // 2]


@task(integers(0, 99))
def how_many_larger_before(numbers: list[int]) -> list[int]:
    return [sum(y > x for y in numbers[:k]) for k, x in enumerate(numbers)]


@task(integers(0, 99, least=1))
def ranges_so_far(numbers: list[int]) -> list[int]:
    return [max(numbers[: k + 1]) - min(numbers[: k + 1]) for k in range(len(numbers))]


@task(WIDE)
def neighbours_multiplied_and_added(numbers: list[int]) -> int:
    return sum(a * b for a, b in zip(numbers, numbers[1:]))


@task(integers(0, 12))
def odd_doubled_even_halved(numbers: list[int]) -> list[int]:
    return [2 * x if x % 2 else x // 2 for x in numbers]


# ---- an answer at each step


@steps(integers(0, 1, least=1))
def time_since_a_one(numbers: list[int]) -> list[int]:
    found, since = [], 0
    for x in numbers:
        since = 0 if x else since + 1
        found.append(since)
    return found


@steps(integers(0, 2, least=1))
def queue_of_at_most_five(numbers: list[int]) -> list[int]:
    found, length = [], 0
    for x in numbers:
        length = min(length + 1, 5) if x == 1 else max(length - 1, 0) if x == 2 else length
        found.append(length)
    return found


@steps(integers(0, 20, least=1))
def leaky_level(numbers: list[int]) -> list[int]:
    found, level = [], 0
    for x in numbers:
        level = (3 * level + x) // 4
        found.append(level)
    return found


@steps(integers(0, 3, least=1))
def last_that_is_not_zero(numbers: list[int]) -> list[int]:
    found, last = [], 0
    for x in numbers:
        last = x or last
        found.append(last)
    return found


@steps(integers(0, 3, least=1))
def traffic_light(numbers: list[int]) -> list[int]:
    """Button 1 asks; 2 advances where somebody asked; 3 sets back."""
    found, light, asked = [], 0, 0
    for x in numbers:
        if x == 3:
            light, asked = 0, 0
        elif x == 1:
            asked = 1
        elif x == 2 and asked:
            light = (light + 1) % 3
            asked = int(light != 0)
        found.append(light)
    return found


@steps(integers(0, 1, least=1))
def rising_edges_modulo_four(numbers: list[int]) -> list[int]:
    found, count, last = [], 0, 0
    for x in numbers:
        count = (count + (x > last)) % 4
        last = x
        found.append(count)
    return found


@steps(integers(0, 40, least=1))
def divisor_so_far(numbers: list[int]) -> list[int]:
    return [int(np.gcd.reduce(numbers[: k + 1])) for k in range(len(numbers))]


@steps(integers(0, 99, least=1))
def longest_rise_so_far(numbers: list[int]) -> list[int]:
    found, run, longest, last = [], 0, 0, 100
    for x in numbers:
        run = run + 1 if x > last else 1
        longest, last = max(longest, run), x
        found.append(longest)
    return found
