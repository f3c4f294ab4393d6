"""How often the solver is right at sizes small and large, beside rules that know nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from ..data.problem import IntArray, Problem, Shape
from ..drawing.chart import line_chart
from ..drawing.parts import Figure, Part, Table, in_words, plain
from ..forms import form_of_task
from .subject import Subject

_FACTORS = (1, 3, 10, 30)
_MOST_CELLS = 10_000
_EXAMPLES, _FEWEST = 12, 3
_WORK = 24_000  # cells of one size, all inputs together
_TRIES = 40

Answer = Callable[[tuple[Any, ...]], Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """Shares right, one for each size; ``name`` says of which rule."""

    name: str
    shares: tuple[float, ...]


class NotDrawn(ValueError):
    """A problem's own sampler or oracle refused a size that only this page asks for."""


def drawn_input(
    problem: Problem, rng: np.random.Generator, shape: Shape, k: int
) -> tuple[tuple[IntArray, ...], Any]:
    """The k-th input of a size and its right answer, None where no oracle knows it.

    Inputs without a right answer are drawn again, as long as there is hope. Raises
    :class:`NotDrawn` where the problem draws nothing of that size.
    """
    try:
        if problem.families:
            drawers = list(problem.families.values())
            return drawers[k % len(drawers)](rng, shape)
        inputs = problem.draw(rng, shape)
        for _ in range(_TRIES):
            if problem.promise is None or problem.promise(*inputs):
                break
            inputs = problem.draw(rng, shape)
        return inputs, None if problem.oracle is None else problem.oracle(*inputs)
    except Exception as error:  # whatever a user's function raises: the page does without
        raise NotDrawn(f"no input of size {in_words(shape)}") from error


def accuracy_parts(subject: Subject, problem: Problem) -> list[Part]:
    """A chart and its table; nothing where no answer is known."""
    if problem.oracle is None and not problem.families:
        return []
    cases = {}
    for size in _sizes(problem):
        with suppress(NotDrawn):
            cases[size] = _cases(subject, problem, size)
    sizes = list(cases)
    if not sizes:
        return []
    rules: dict[str, Answer] = {subject.name: lambda inputs: subject.solve(*map(plain, inputs))}
    rules |= _baselines(subject, problem)
    rows = [
        Measured(name, tuple(_share(rule, cases[size]) for size in sizes))
        for name, rule in rules.items()
    ]
    words = [in_words(size) for size in sizes]
    each = {"grid": "Cells", "sequence": "Steps"}.get(form_of_task(problem).name, "Answers")
    caption = (
        f"{each} right, in per cent, on up to {_EXAMPLES} inputs of each size, drawn "
        "for this page; the other rules know nothing of the network"
    )
    chart = line_chart(f"{each} right by size of the input", words,
                       [(row.name, row.shares) for row in rows])  # fmt: skip
    table = Table(
        caption,
        ("rule", *words),
        tuple((row.name, *(f"{100 * share:.1f}" for share in row.shares)) for row in rows),
    )
    return [Figure(chart, f"{each} right, by size of the input"), table]


def _sizes(problem: Problem) -> list[Shape]:
    """The first trained size and multiples of it, as long as they are quick to run."""
    axes = problem.inputs[0].axes
    found: list[Shape] = []
    for factor in _FACTORS:
        base = problem.training_shapes[0]
        size = tuple(
            axis.size if axis.size is not None else factor * n
            for axis, n in zip(axes, base, strict=True)
        )
        if size not in found and (not found or prod(size) <= _MOST_CELLS):
            found.append(size)
    return found


def _cases(subject: Subject, problem: Problem, size: Shape) -> list[tuple[tuple[Any, ...], Any]]:
    rng = np.random.default_rng([subject.certificate.seed, 53, *size])
    count = max(_FEWEST, min(_EXAMPLES, _WORK // max(1, prod(size))))
    return [drawn_input(problem, rng, size, k) for k in range(count)]


def _baselines(subject: Subject, problem: Problem) -> dict[str, Answer]:
    """The most frequent value of other inputs, the input as it is, the problem's plain rule."""
    rng = np.random.default_rng([subject.certificate.seed, 59])
    seen = [
        drawn_input(problem, rng, problem.training_shapes[0], k)[1] for k in range(4 * _EXAMPLES)
    ]
    flat = [value for answer in seen for value in np.ravel(answer).tolist()]
    values, counts = np.unique(np.array(flat, dtype=object).astype(np.int64), return_counts=True)
    common = int(values[int(counts.argmax())])
    rules: dict[str, Answer] = {f"always {common}, the most frequent value": lambda inputs: common}
    if problem.output.axes and problem.output.axes == problem.inputs[0].axes:
        rules["the input as it is"] = lambda inputs: inputs[0]
    if problem.baseline is not None:
        plain_rule = problem.baseline
        rules["a plain rule, written by hand"] = lambda inputs: plain_rule(*inputs)
    return rules


def _share(rule: Answer, cases: list[tuple[tuple[Any, ...], Any]]) -> float:
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
