# ruff: noqa: B905, RUF007
"""Tasks on texts: languages and folds, from 200 labelled texts of up to 20 letters."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.example_tasks import ExampleTask, Sample, language, word

TASKS: list[ExampleTask] = []
LARGER = 1000


def task(
    sample: Sample | str, positive: Sample | None = None, fails: bool = False, larger: int = LARGER
) -> Callable[[Any], Any]:
    """A language whose ``positive`` texts are drawn by themselves; letters alone mean any texts."""
    return language(TASKS, "languages", sample, positive, fails, larger)


def repeated(*parts: str) -> Sample:
    """Texts made of parts, in any order."""

    def sample(rng: np.random.Generator, size: int) -> str:
        wanted, text = int(rng.integers(0, size + 1)), ""
        while True:
            part = parts[int(rng.integers(len(parts)))]
            if len(text) + len(part) > wanted:
                return text
            text += part

    return sample


def such(letters: str, oracle: Callable[[str], Any]) -> Sample:
    """Any texts for which the oracle holds; only where these are not rare."""
    any_text = word(letters)

    def sample(rng: np.random.Generator, size: int) -> str:
        while True:
            text = str(any_text(rng, size))
            if oracle(text):
                return text

    return sample


# ---- Tomita's seven languages


@task("01", lambda rng, size: "1" * int(rng.integers(0, size + 1)))
def tomita_1(text: str) -> bool:
    return "0" not in text


@task("01", lambda rng, size: "10" * int(rng.integers(0, size // 2 + 1)))
def tomita_2(text: str) -> bool:
    return text == "10" * (len(text) // 2)


def in_tomita_3(text: str) -> bool:
    runs = re.findall("1+|0+", text)
    return not any(a[0] == "1" and len(a) % 2 and len(b) % 2 for a, b in zip(runs, runs[1:]))


@task("01", repeated("0", "11", "100", "00", "11"))
def tomita_3(text: str) -> bool:
    return in_tomita_3(text)


@task("01", repeated("1", "01", "001"))
def tomita_4(text: str) -> bool:
    return "000" not in text


@task("01", repeated("00", "11", "0101", "1010", "0110", "1001"))
def tomita_5(text: str) -> bool:
    return text.count("0") % 2 == 0 and text.count("1") % 2 == 0


@task("01", repeated("01", "10", "000", "111"))
def tomita_6(text: str) -> bool:
    return (text.count("0") - text.count("1")) % 3 == 0


def in_tomita_7(rng: np.random.Generator, size: int) -> str:
    ends = np.sort(rng.integers(0, int(rng.integers(0, size + 1)) + 1, 4))
    return "".join(
        letter * int(end - start)
        for letter, start, end in zip("0101", (0, *ends[:-1]), ends, strict=True)
    )


@task("01", in_tomita_7)
def tomita_7(text: str) -> bool:
    return re.fullmatch("0*1*0*1*", text) is not None


# ---- counters and stacks


def equal_halves(rng: np.random.Generator, size: int) -> str:
    half = int(rng.integers(0, size // 2 + 1))
    return "a" * half + "b" * half


@task("ab", equal_halves)
def as_many_b_after_a(text: str) -> bool:
    half = len(text) // 2
    return text == "a" * half + "b" * half


def balanced(pairs: str) -> Callable[[np.random.Generator, int], str]:
    def sample(rng: np.random.Generator, size: int) -> str:
        text = ""
        stack: list[str] = []
        half = int(rng.integers(0, size // 2 + 1))
        opened = 0
        while opened < half or stack:
            if opened < half and (not stack or rng.integers(2)):
                kind = 2 * int(rng.integers(len(pairs) // 2))
                stack.append(pairs[kind + 1])
                text += pairs[kind]
                opened += 1
            else:
                text += stack.pop()
        return text

    return sample


@task("()", balanced("()"))
def balanced_brackets(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += 1 if letter == "(" else -1
        if depth < 0:
            return False
    return depth == 0


@task("()[]", balanced("()[]"))
def two_kinds_of_brackets(text: str) -> bool:
    stack = []
    for letter in text:
        if letter in "([":
            stack.append(letter)
        elif not stack or stack.pop() + letter not in ("()", "[]"):
            return False
    return not stack


@task("ab", such("ab", lambda text: text.count("a") == text.count("b")))
def as_many_a_as_b(text: str) -> bool:
    return text.count("a") == text.count("b")


@task("ab", such("ab", lambda text: text.count("a") > text.count("b")))
def more_a_than_b(text: str) -> bool:
    return text.count("a") > text.count("b")


# ---- arithmetic of digits


def multiple(base: int, divisor: int) -> Sample:
    digits = "0123456789"[:base]

    def sample(rng: np.random.Generator, size: int) -> str:
        while True:
            text = str(word(digits)(rng, size))
            if int(text or "0", base) % divisor == 0:
                return text

    return sample


def by(base: int, divisor: int) -> None:
    """The task to tell whether a number in a base is divisible."""
    digits = "0123456789"[:base]

    def divisible(text: str) -> bool:
        value = 0
        for letter in text:
            value = (base * value + int(letter)) % divisor
        return value == 0

    divisible.__name__ = f"base_{base}_divisible_by_{divisor}"
    task(digits, multiple(base, divisor))(divisible)


for each in (3, 5, 7):
    by(2, each)
    by(10, each)


@task(word("0123456789", least=1))
def luhn_check_digit(text: str) -> str:
    total = 0
    for k, letter in enumerate(reversed(text)):
        digit = int(letter) * (2 if k % 2 == 0 else 1)
        total += digit // 10 + digit % 10
    return str(-total % 10)


# ---- parities, ends, runs, patterns


@task("01")
def parity_of_all(text: str) -> bool:
    return text.count("1") % 2 == 1


@task("01")
def parity_of_the_first_half(text: str) -> bool:
    return text[: len(text) // 2].count("1") % 2 == 1


@task("01")
def parity_of_every_second(text: str) -> bool:
    return text[::2].count("1") % 2 == 1


@task(word("abc", least=1))
def first_and_last_equal(text: str) -> bool:
    return text[0] == text[-1]


@task(word("ab"))
def longest_run(text: str) -> int:
    longest = run = 0
    for k, letter in enumerate(text):
        run = run + 1 if k and letter == text[k - 1] else 1
        longest = max(longest, run)
    return longest


@task(word("ab"))
def number_of_runs(text: str) -> int:
    return sum(k == 0 or letter != text[k - 1] for k, letter in enumerate(text))


def planted(pattern: str) -> Sample:
    def sample(rng: np.random.Generator, size: int) -> str:
        rest = str(word("01")(rng, size - len(pattern)))
        place = int(rng.integers(len(rest) + 1))
        return rest[:place] + pattern + rest[place:]

    return sample


@task("01", planted("10101010"))
def holds_10101010(text: str) -> bool:
    return "10101010" in text


@task("01", planted("00111111"))
def holds_00111111(text: str) -> bool:
    return "00111111" in text


def mirrored(rng: np.random.Generator, size: int) -> str:
    half = str(word("01")(rng, size // 2))
    return half + half[::-1][int(rng.integers(2)) :] if half else half


@task("01", mirrored)
def palindrome(text: str) -> bool:
    return text == text[::-1]


def doubled(rng: np.random.Generator, size: int) -> str:
    half = str(word("01")(rng, size // 2))
    return half + half


@task("01", doubled)
def a_word_twice(text: str) -> bool:
    return text[: len(text) // 2] * 2 == text


def is_prime(number: int) -> bool:
    return number > 1 and all(number % k for k in range(2, int(number**0.5) + 1))


def binary_prime(rng: np.random.Generator, size: int) -> str:
    while True:
        number = int(rng.integers(2, 2 ** min(size, 16)))
        if is_prime(number):
            return f"{number:b}"


@task(lambda rng, size: f"{int(rng.integers(0, 2**16)):b}", binary_prime, fails=True)
def prime(text: str) -> bool:
    return is_prime(int(text, 2))
