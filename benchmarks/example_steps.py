# ruff: noqa: B905
"""Tasks on sequences that answer at every step, of lists of any lengths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.example_tasks import ExampleTask, Sample, collected, integers

TASKS: list[ExampleTask] = []


def task(sample: Sample, count: int = 100, size: int = 30) -> Callable[[Any], Any]:
    return collected(TASKS, "steps", sample, count, size, 10 * size)


@task(integers(0, 9, least=1))
def moving_median(numbers: list[int]) -> list[int]:
    return [sorted(numbers[max(0, k - 2) : k + 1])[-2:][0] for k in range(len(numbers))]


@task(integers(0, 9, least=1))
def second_maximum(numbers: list[int]) -> list[int]:
    return [sorted([0, 0, *numbers[: k + 1]])[-2] for k in range(len(numbers))]


@task(integers(0, 5, least=1))
def distinct_so_far(numbers: list[int]) -> list[int]:
    return [len(set(numbers[: k + 1])) for k in range(len(numbers))]


@task(integers(1, 6, least=1))
def product_modulo_seven(numbers: list[int]) -> list[int]:
    found, value = [], 1
    for x in numbers:
        value = value * x % 7
        found.append(value)
    return found


@task(integers(0, 2, least=1))
def top_of_a_stack_of_three(numbers: list[int]) -> list[int]:
    found, stack = [], [0]
    for x in numbers:
        stack = [*stack, x][-3:] if x else stack[:-1] or [0]
        found.append(stack[-1])
    return found


@task(integers(0, 20, least=1))
def follower_with_clamp(numbers: list[int]) -> list[int]:
    found, level, before = [], 0, 0
    for x in numbers:
        error = x - level
        level = min(max(level + (2 * error + (error - before)) // 4, 0), 15)
        before = error
        found.append(level)
    return found


@task(integers(0, 1000, least=1), count=600)
def hysteresis(numbers: list[int]) -> list[int]:
    found, on = [], 0
    for x in numbers:
        if x > 688:
            on = 1
        elif x < 311:
            on = 0
        found.append(on)
    return found


@task(integers(0, 20, least=1))
def small_hysteresis(numbers: list[int]) -> list[int]:
    found, on = [], 0
    for x in numbers:
        if x > 13:
            on = 1
        elif x < 6:
            on = 0
        found.append(on)
    return found


@task(integers(0, 1000, least=1), count=600)
def alarm_after_three(numbers: list[int]) -> list[int]:
    found, run = [], 0
    for x in numbers:
        run = run + 1 if x >= 600 else 0
        found.append(int(run >= 3))
    return found


@task(integers(0, 1, least=1))
def running_parity(numbers: list[int]) -> list[int]:
    return [sum(numbers[: k + 1]) % 2 for k in range(len(numbers))]


@task(integers(0, 99, least=1))
def running_minimum(numbers: list[int]) -> list[int]:
    return [min(numbers[: k + 1]) for k in range(len(numbers))]


@task(integers(0, 1, least=1))
def next_of_rule_30(numbers: list[int]) -> list[int]:
    padded = [0, *numbers, 0]
    return [a ^ (b | c) for a, b, c in zip(padded, padded[1:], padded[2:])]
