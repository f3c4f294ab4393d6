"""The solver at work: it is run on a few inputs, and what happens is drawn."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..data.problem import Problem
from ..drawing.parts import Figure, Part, plain
from ..drawing.svg import Markup, cells, drawing, framed, group, short, tag, text
from ..forms.dense.network import DenseNetwork
from ..forms.dense.samples import samples
from ..ir.types import Port
from .accuracy import drawn_input
from .subject import Subject
from .traced import along, carried_values, named_values

_WIDTH, _STEPS, _SIDE = 81, 48, 24
_STRIP = (0, 1, 2, 4, 8, 16)
_FRAMES = 24
_EXAMPLES, _CANDIDATES = 3, 16
_SETTLED = 6  # steps after which a start has lost what is random about it
_NUMBERS = 8
_MOST_CELLS = 1600


def grid_scenes(subject: Subject, problem: Problem) -> list[Part]:
    """A space-time diagram or frames where the rule can be applied again and again."""
    first, rank = problem.inputs[0], len(problem.inputs[0].axes)
    if rank > 2:
        return []
    shape = (_WIDTH,) if rank == 1 else (_SIDE, _SIDE)
    values = list(first.domain.values)
    again = first.domain == problem.output.domain
    if not again or len(values) > 12:
        return []
    course, others = _liveliest(subject, problem, shape)
    told = "".join(f"; {port.name} = {other}"
                   for port, other in zip(problem.inputs[1:], others, strict=True)
                   if port.is_fixed)  # fmt: skip
    key = _legend(values) if len(values) > 2 else Markup("")
    if rank == 1:
        single = [values[0]] * _WIDTH
        single[_WIDTH // 2] = values[-1]
        alone = _course(subject, single, others, _STEPS)
        return [
            _space_time(alone, values, f"one cell set{told}", key),
            _space_time(course, values, f"a random row{told}", key),
        ]
    strip = [
        tag("div", _frame(course[t], values, f"Step {t}"), tag("p", f"step {t}"), class_="frame")
        for t in _STRIP
        if t < len(course)
    ]
    moving = group(
        tag("g", framed(_SIDE, _SIDE), cells(frame, values), class_="turn",
            style=f"animation-delay:{k * 0.2:.1f}s")
        for k, frame in enumerate(course)
    )  # fmt: skip
    still = group([framed(_SIDE, _SIDE), cells(course[0], values)])  # when nothing moves
    title = f"{subject.name}: {len(course)} steps from a random start{told}"
    return [
        Figure(
            Markup(tag("div", *strip, class_="strip") + key), f"Steps from a random start{told}"
        ),
        Figure(
            drawing(title, _SIDE, _SIDE, still, moving, class_="moving"),
            f"The same start, {len(course)} steps in five seconds; point at it to see it again",
        ),
    ]


def _legend(values: list[int]) -> Markup:
    """Which colour stands for which value."""
    parts = []
    for k, value in enumerate(values):
        parts.append(group([framed(14, 14), cells([[value]], values, 14)], k * 46, 6))
        parts.append(text(k * 46 + 20, 18, value))
    title = f"The colours of the values {', '.join(map(str, values))}"
    return drawing(title, 46 * len(values), 22, *parts)


def _course(subject: Subject, start: Any, others: list[Any], steps: int) -> list[Any]:
    """The start and what the solver makes of it, step after step."""
    course = [start]
    for _ in range(steps):
        course.append(plain(subject.solve(course[-1], *others)))
    return course


def _liveliest(
    subject: Subject, problem: Problem, shape: tuple[int, ...]
) -> tuple[list[Any], list[Any]]:
    """Of a few random starts, the course with most going on, and the other inputs.

    What counts are cells that differ both from what they were and from the one beside them.
    """
    rng = np.random.default_rng([subject.certificate.seed, 67])
    domain, steps = problem.inputs[0].domain, _STEPS if len(shape) == 1 else _FRAMES - 1
    best: tuple[int, list[Any], list[Any]] = (-1, [], [])
    for share in (None, None, 0.2, 0.35, 0.5):
        start, *others = map(plain, drawn_input(problem, rng, shape, 0)[0])
        if share is not None:
            drawn = rng.integers(domain.low, domain.high, shape, endpoint=True)
            start = plain(np.where(rng.random(shape) < share, drawn, domain.low))
        course = _course(subject, start, others, steps)
        seen = np.asarray(course)[_SETTLED:]
        moved, beside = seen[1:] != seen[:-1], seen != np.roll(seen, 1, axis=-1)
        going = int(np.count_nonzero(moved & beside[1:]))
        best = max(best, (going, course, others), key=lambda found: found[0])
    return best[1], best[2]


def _space_time(course: list[Any], values: list[int], told: str, key: Markup) -> Figure:
    title = f"Space-time diagram from {told}: one row a step, time runs down"
    wide, tall = len(course[0]), len(course)
    body = drawing(title, wide, tall, framed(wide, tall), cells(course, values), class_="spacetime")
    return Figure(Markup(body + key), f"From {told}; each row is one step, time runs down")


def _frame(frame: Any, values: list[int], title: str) -> Markup:
    wide, tall = len(frame[0]), len(frame)
    return drawing(title, wide, tall, framed(wide, tall), cells(frame, values), class_="picture")


def item_scenes(subject: Subject, problem: Problem) -> list[Part]:
    """A few inputs with what the program's named variables are for them, and the answers."""
    rank = len(problem.inputs[0].axes)
    if rank > 2 or len(problem.inputs) > 1:
        return []
    rng = np.random.default_rng([subject.certificate.seed, 43])
    shape = problem.training_shapes[0] if rank == 2 else (_NUMBERS,)
    if rank == 2 and max(shape) > 14:
        shape = (14, 14)
    arrays = [plain(drawn_input(problem, rng, shape, k)[0][0]) for k in range(_CANDIDATES)]
    found: list[Part] = []
    for k, (array, answer) in enumerate(_varied(subject, arrays)):
        values = _named(subject, array)
        title = f"Example {k + 1}: the answer is {answer}"
        if rank == 1 and _fits(answer, len(array)):
            values["answer"] = answer
        found.append(Figure(_example(subject, title, array, values, problem.inputs[0]), title))
    return found


def dense_scenes(subject: Subject, network: DenseNetwork) -> list[Part]:
    """Inputs for a network from elsewhere: named sums of the program and the answers."""
    program = subject.program
    if program is None or len(network.shape) > 2 or prod(network.shape) > _MOST_CELLS:
        return []
    found: list[Part] = []
    port = program.inputs[0]
    arrays = [plain(a) for a in samples(network, _CANDIDATES + 2, subject.certificate.seed)[2:]]
    for k, (array, answer) in enumerate(_varied(subject, arrays)):
        values = _named(subject, array)
        title = f"Example {k + 1}: the answer is {_rounded(answer)}"
        found.append(Figure(_example(subject, title, array, values, port), title))
    return found


def _varied(subject: Subject, arrays: list[Any]) -> list[tuple[Any, Any]]:
    """A few inputs with their answers, as different ones as there are."""
    pairs: list[tuple[Any, Any]] = []
    for array in arrays:
        try:
            pairs.append((array, plain(subject.solve(array))))
        except ValueError:  # no answer
            continue
    first = [pair for k, pair in enumerate(pairs) if pair[1] not in [p[1] for p in pairs[:k]]]
    more = [pair for pair in pairs if not any(pair is chosen for chosen in first)]
    return [*first, *more][:_EXAMPLES]


def _rounded(answer: Any) -> str:
    if isinstance(answer, list):
        return f"[{', '.join(map(_rounded, answer))}]"
    return short(answer) if isinstance(answer, float) else str(answer)


def _named(subject: Subject, array: Any) -> dict[str, Any]:
    """The values of the program's named variables; none where it is not at hand."""
    program = subject.program
    if program is None:
        return {}
    try:
        return named_values(program, {program.inputs[0].name: array})
    except (ValueError, IndexError, ArithmeticError):
        return {}


def _example(
    subject: Subject, title: str, array: Any, values: dict[str, Any], port: Port
) -> Markup:
    if not isinstance(array[0], list):
        return _numbers(title, array, values, port)
    axes = {} if subject.program is None else along(subject.program)
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
    return _tracks(title, tracks, bars=True, below=below)


def _fits(value: Any, length: int) -> bool:
    return isinstance(value, list) and len(value) == length


def sequence_scenes(subject: Subject, problem: Problem) -> list[Part]:
    """The input, the carried state after every step and the output, step by step."""
    rng = np.random.default_rng([subject.certificate.seed, 47])
    port = problem.inputs[0]
    shape = (16, *(axis.size for axis in port.axes[1:] if axis.size is not None))
    array = plain(drawn_input(problem, rng, shape, 0)[0][0])
    answer = plain(subject.solve(array))
    tracks: dict[str, Any] = {}
    program = subject.program
    loop: dict[str, Any] = {}
    names: tuple[str, ...] = ()
    if program is not None:
        loop = carried_values(program, {program.inputs[0].name: array})
        names = next((s.element for s in program.body if hasattr(s, "element")), ())
    if len(port.axes) > 1:
        for k in range(len(array[0])):
            name = names[k] if k < len(names) else f"{port.name}[{k}]"
            tracks[name] = [row[k] for row in array]
    else:
        tracks[port.name] = array
    tracks |= loop
    if answer and isinstance(answer[0], list | tuple):
        for k in range(len(answer[0])):
            tracks[f"answer[{k}]"] = [row[k] for row in answer]
    else:
        tracks["answer"] = answer
    state = ", ".join(loop)
    more = f"; {state} as after each step" if loop else ""
    title = f"{subject.name}, step by step: {', '.join(tracks)}"
    return [Figure(_tracks(title, tracks), f"One column a step, from the first to the 16th{more}")]


def _tracks(
    title: str,
    tracks: dict[str, Any],
    bars: bool = False,
    below: dict[str, Any] | None = None,
) -> Markup:
    """Rows of numbers under each other; values are shaded by their size within a row."""
    longest = max((len(str(v)) for row in tracks.values() for v in row), default=1)
    wide = max(24, 7 * longest + 8)
    left = 6.6 * max(map(len, tracks)) + 12
    parts: list[Markup] = []
    y = 0.0
    for name, row in tracks.items():
        tall = 56 if bars and not parts else 24
        low = min(0, *row) if tall == 24 else min(row) - 0.3 * (max(row) - min(row) or 1)
        top = max(max(row), -low) if tall == 24 else max(row) - low
        parts.append(text(0, y + tall - 8, name, "t name"))
        for j, value in enumerate(row):
            x = left + j * wide
            parts.append(tag("rect", x=x, y=y, width=wide - 2, height=tall - 2, class_="field"))
            if value:
                sign = "plus" if value > 0 else "minus"
                share = abs(value) / top if tall == 24 else (value - low) / top
                high = (tall - 2) * share if tall > 24 else tall - 2
                parts.append(tag("rect", x=x, y=y + tall - 2 - high, width=wide - 2, height=high,
                                 class_=f"wash {sign}",
                                 opacity=0.25 if tall > 24 else 0.1 + 0.25 * share))  # fmt: skip
            parts.append(text(x + wide / 2 - 1, y + tall - 8, value, "t", "middle"))
        y += tall + 4
    for name, value in (below or {}).items():
        told = str(value)
        parts.append(text(0, y + 14, f"{name} = {told[:60]}{'…' if len(told) > 60 else ''}"))
        y += 20
    count = max((len(row) for row in tracks.values()), default=0)
    told_below = [len(name) + 3 + min(61, len(str(v))) for name, v in (below or {}).items()]
    longest_below = 6.9 * max(told_below, default=0)
    return drawing(title, max(left + count * wide, longest_below), y, *parts, class_="example")
