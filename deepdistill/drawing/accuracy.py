"""How often the solver is right at sizes small and large, beside rules that know nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

import numpy as np

from ..data.draws import NotDrawn, drawn_input
from ..data.problem import Problem, Shape
from .chart import line_chart
from .parts import Figure, Part, PartTable, in_words, plain

_FACTORS = (1, 3, 10, 30)
_MOST_CELLS = 10_000
_EXAMPLES, _FEWEST = 12, 3
_WORK = 24_000  # cells of one size, all inputs together

Answer: TypeAlias = Callable[..., Any]
Rule: TypeAlias = Callable[[tuple[Any, ...]], Any]
Case: TypeAlias = tuple[tuple[Any, ...], Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """Shares right, one for each size; ``name`` says of which rule."""

    name: str
    shares: tuple[float, ...]


def accuracy_parts(
    problem: Problem, name: str, solve: Answer, seed: int, what: str = "Answers"
) -> list[Part]:
    """A chart and its table for the solver of that name; nothing where no answer is known.

    ``what`` says of what the share is: answers, or the cells or steps of which they consist.
    """
    if problem.oracle is None and not problem.families:
        return []
    cases = {}
    for size in _sizes(problem):
        with suppress(NotDrawn):
            cases[size] = _cases(problem, seed, size)
    sizes = list(cases)
    if not sizes:
        return []
    rules: dict[str, Rule] = {name: lambda inputs: solve(*map(plain, inputs))}
    rules |= _baselines(problem, seed)
    rows = [
        Measured(rule, tuple(_share(answer, cases[size]) for size in sizes))
        for rule, answer in rules.items()
    ]
    words = [in_words(size) for size in sizes]
    caption = (
        f"{what} right, in per cent, on up to {_EXAMPLES} inputs of each size, drawn "
        "for this page; the other rules know nothing of the network"
    )
    chart = line_chart(f"{what} right by size of the input", words,
                       [(row.name, row.shares) for row in rows])  # fmt: skip
    table = PartTable(
        caption,
        ("rule", *words),
        tuple((row.name, *(f"{100 * share:.1f}" for share in row.shares)) for row in rows),
    )
    return [Figure(chart, f"{what} right, by size of the input"), table]


def _sizes(problem: Problem) -> list[Shape]:
    """The first trained size and multiples of it, as long as they are quick to run."""
    axes = problem.inputs[0].axes
    sizes: list[Shape] = []
    for factor in _FACTORS:
        base = problem.training_shapes[0]
        size = tuple(
            axis.size if axis.size is not None else factor * n
            for axis, n in zip(axes, base, strict=True)
        )
        if size not in sizes and (not sizes or prod(size) <= _MOST_CELLS):
            sizes.append(size)
    return sizes


def _cases(problem: Problem, seed: int, size: Shape) -> list[Case]:
    rng = np.random.default_rng([seed, 53, *size])
    count = max(_FEWEST, min(_EXAMPLES, _WORK // max(1, prod(size))))
    return [drawn_input(problem, rng, size, k) for k in range(count)]


def _baselines(problem: Problem, seed: int) -> dict[str, Rule]:
    """The most frequent value of other inputs, the input as it is, the problem's plain rule."""
    rng = np.random.default_rng([seed, 59])
    seen = [
        drawn_input(problem, rng, problem.training_shapes[0], k)[1] for k in range(4 * _EXAMPLES)
    ]
    flat = [value for answer in seen for value in np.ravel(answer).tolist()]
    values, counts = np.unique(np.array(flat, dtype=object).astype(np.int64), return_counts=True)
    common = int(values[int(counts.argmax())])
    rules: dict[str, Rule] = {f"always {common}, the most frequent value": lambda inputs: common}
    if problem.output.axes and problem.output.axes == problem.inputs[0].axes:
        rules["the input as it is"] = lambda inputs: inputs[0]
    if problem.baseline is not None:
        plain_rule = problem.baseline
        rules["a plain rule, written by hand"] = lambda inputs: plain_rule(*inputs)
    return rules


def _share(rule: Rule, cases: list[Case]) -> float:
    """The share of right cells, or of right answers."""
    right, total = 0, 0
    for inputs, expected in cases:
        wanted = np.asarray(expected, dtype=object)
        total += wanted.size
        try:
            answer = np.asarray(plain(rule(inputs)), dtype=object)
        except ValueError:
            continue
        if answer.shape in (wanted.shape, ()):
            right += int(np.sum(answer == wanted))
    return right / max(1, total)
