"""Arrays as examples: a few inputs, what a program's named variables are for them, the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from ..data.draws import drawn_input
from ..data.problem import Problem
from ..ir.program import Program
from ..ir.types import Port
from .parts import Figure, Part, plain
from .svg import Markup, cells, drawing, framed, group, short, text
from .traced import along, named_values
from .tracks import number_tracks

Answer: TypeAlias = Callable[..., Any]

_EXAMPLES, _CANDIDATES = 3, 16
_NUMBERS = 8
_LARGEST_SIDE = 14


def array_scenes(problem: Problem, solve: Answer, program: Program | None, seed: int) -> list[Part]:
    """Examples drawn from a problem with one list or picture as its input."""
    rank = len(problem.inputs[0].axes)
    if rank > 2 or len(problem.inputs) > 1:
        return []
    rng = np.random.default_rng([seed, 43])
    shape = problem.training_shapes[0] if rank == 2 else (_NUMBERS,)
    if rank == 2 and max(shape) > _LARGEST_SIDE:
        shape = (_LARGEST_SIDE, _LARGEST_SIDE)
    arrays = [plain(drawn_input(problem, rng, shape, k)[0][0]) for k in range(_CANDIDATES)]
    return [*example_figures(solve, program, problem.inputs[0], arrays, answer_too=True)]


def example_figures(
    solve: Answer,
    program: Program | None,
    port: Port,
    arrays: list[Any],
    answer_too: bool = False,
) -> list[Figure]:
    """A few of these inputs, with the values that the program gives its names for them.

    ``answer_too`` adds an answer that is a list as long as the input to the rows of numbers.
    """
    figures = []
    for k, (array, answer) in enumerate(_varied(solve, arrays)):
        values = _named(program, array)
        title = f"Example {k + 1}: the answer is {_rounded(answer)}"
        if answer_too and not isinstance(array[0], list) and _fits(answer, len(array)):
            values["answer"] = answer
        figures.append(Figure(_example(program, title, array, values, port), title))
    return figures


def _varied(solve: Answer, arrays: list[Any]) -> list[tuple[Any, Any]]:
    """A few inputs with their answers, as different ones as there are."""
    pairs: list[tuple[Any, Any]] = []
    for array in arrays:
        try:
            pairs.append((array, plain(solve(array))))
        except ValueError:  # no answer
            continue
    first = [pair for k, pair in enumerate(pairs) if pair[1] not in [p[1] for p in pairs[:k]]]
    more = [pair for pair in pairs if not any(pair is chosen for chosen in first)]
    return [*first, *more][:_EXAMPLES]


def _rounded(answer: Any) -> str:
    if isinstance(answer, list):
        return f"[{', '.join(map(_rounded, answer))}]"
    return short(answer) if isinstance(answer, float) else str(answer)


def _named(program: Program | None, array: Any) -> dict[str, Any]:
    """The values of the program's named variables; none where it is not at hand."""
    if program is None:
        return {}
    try:
        return named_values(program, {program.inputs[0].name: array})
    except (ValueError, IndexError, ArithmeticError):
        return {}


def _example(
    program: Program | None, title: str, array: Any, values: dict[str, Any], port: Port
) -> Markup:
    if not isinstance(array[0], list):
        return _numbers(title, array, values, port)
    axes = {} if program is None else along(program)
    return _picture(title, array, values, axes, port)


def _picture(
    title: str, array: Any, values: dict[str, Any], axes: dict[str, int], port: Port
) -> Markup:
    """The cells, with sums of rows at the right, sums of columns beneath, others below."""
    side, rows, columns = 16, len(array), len(array[0])
    parts = [framed(columns * side, rows * side), cells(array, list(port.domain.values), side)]
    x, y, below = columns * side + 8.0, rows * side + 14.0, []
    for name, value in values.items():
        axis = axes.get(name)
        if axis == 1 and _fits(value, columns):
            parts += [text(j * side + 8, y, short(v), "small", "middle")
                      for j, v in enumerate(value)]  # fmt: skip
            parts.append(text(columns * side + 8, y, name, "small name"))
            y += 16
        elif axis == 0 and _fits(value, rows):
            parts += [text(x + 10, i * side + 12, short(v), "small", "middle")
                      for i, v in enumerate(value)]  # fmt: skip
            parts.append(text(x, -6, name, "small name"))
            x += 14 + 6.2 * len(name)
        elif not isinstance(value, list):
            below.append(f"{name} = {value}")
    for line in below:
        parts.append(text(0, y, line, "small name"))
        y += 16
    names = max([len(name) for name in values] or [0])
    wide = max(x, columns * side + 16 + 6.2 * names, 6.2 * max(map(len, below), default=0))
    return drawing(title, wide + 4, y + 6, group(parts, 2, 18), class_="example")


def _numbers(title: str, array: Any, values: dict[str, Any], port: Port) -> Markup:
    """Bars for the numbers, and a row for each named list of as many values."""
    tracks = {port.name: array}
    tracks |= {name: value for name, value in values.items() if _fits(value, len(array))}
    below = {name: value for name, value in values.items() if name not in tracks}
    return number_tracks(title, tracks, bars=True, below=below)


def _fits(value: Any, length: int) -> bool:
    return isinstance(value, list) and len(value) == length
