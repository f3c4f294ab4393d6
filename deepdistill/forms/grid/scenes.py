"""Grids on a page: the units with what they read, and the rule applied again and again."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...data.draws import drawn_input
from ...data.problem import Problem
from ...drawing.accuracy import accuracy_parts
from ...drawing.graph import Edge, Node, graph
from ...drawing.parts import Figure, Part, counted, plain
from ...drawing.regions import Picture, beside, captioned, neighbourhood
from ...drawing.svg import Markup, cells, drawing, framed, group, short, tag, text
from ...units.groups import FloatArray, UnitGroup
from ..subject import Subject
from .network import GridNetwork

_WIDTH, _STEPS, _SIDE = 81, 48, 24
_STRIP = (0, 1, 2, 4, 8, 16)
_FRAMES = 24
_SETTLED = 6  # steps after which a start has lost what is random about it


def picture(network: GridNetwork) -> Figure:
    """The unit groups with what the first one reads, and the weights between them."""
    columns, edges = [], []
    for c, units in enumerate(network.groups):
        nodes = []
        for k, weights in enumerate(units.weights):
            lines = _unit_lines(units, k, network.states)
            if c == 0:
                nodes.append(Node(lines, *_readings(network, weights)))
            else:
                nodes.append(Node(lines))
                edges += [
                    Edge((c - 1, j), (c, k), float(weight)) for j, weight in enumerate(weights)
                ]
        columns.append(nodes)
    last = len(columns)
    columns.append([Node((network.output.name,))])
    edges += [Edge((last - 1, k), (last, 0), 1.0, "") for k in range(len(columns[-2]))]
    counts = ", then ".join(str(len(units.bias)) for units in network.groups)
    largest = network.groups[-1].activation == "argmax"
    end = " The largest sum of the last ones wins, the first one on a tie." if largest else ""
    return Figure(
        graph(f"The network: {counts} units", columns, edges),
        (
            f"{counted(len(network.groups[0].bias), 'threshold unit')} at every cell, the same "
            f"everywhere, reading up to {network.radius} away; "
            f"{counted(network.weight_count, 'weight')} not zero. A unit fires where its weighted "
            f"sum reaches its threshold.{end}"
        ),
    )


def _unit_lines(unit_group: UnitGroup, k: int, states: tuple[int, ...]) -> tuple[str, ...]:
    if unit_group.activation == "argmax":
        bias = float(unit_group.bias[k])
        more = "" if not bias else f", bias {short(bias)}"
        return (f"for {states[k]}{more}",)
    return (_threshold(float(unit_group.bias[k])),)


def _threshold(bias: float) -> str:
    return f"sum ≥ {short(-bias)}"


def _readings(network: GridNetwork, weights: FloatArray) -> Picture:
    """What a unit of the first group reads: one picture for each port and reading."""
    planes: dict[str, dict[tuple[int, ...], float]] = {}
    for tap, weight in zip(network.taps, weights, strict=True):
        if weight:
            planes.setdefault(tap.words(network.site)[0], {})[tap.offset] = float(weight)
    fixed = {port.name: port.axes[0].size for port in network.inputs if port.is_fixed}
    pictures = []
    for name, plane in planes.items():
        size = fixed.get(name.split(" ")[0])
        drawn = neighbourhood(plane, None if size is None else (0, size - 1))
        pictures.append(captioned(drawn, name))
    return beside(pictures)


def quality(subject: Subject) -> list[Part]:
    """The share of cells that are right, by the size of the grid."""
    return accuracy_parts(subject.task, subject.name, subject.solve, subject.seed, "Cells")


def scenes(subject: Subject) -> list[Part]:
    """A space-time diagram or frames where the rule can be applied again and again."""
    problem: Problem = subject.task
    first, rank = problem.inputs[0], len(problem.inputs[0].axes)
    if rank > 2:
        return []
    shape = (_WIDTH,) if rank == 1 else (_SIDE, _SIDE)
    values = list(first.domain.values)
    again = first.domain == problem.output.domain
    if not again or len(values) > 12:
        return []
    course, others = _liveliest(subject, problem, shape)
    fixed = "".join(f"; {port.name} = {other}"
                   for port, other in zip(problem.inputs[1:], others, strict=True)
                   if port.is_fixed)  # fmt: skip
    key = _legend(values) if len(values) > 2 else Markup("")
    if rank == 1:
        single = [values[0]] * _WIDTH
        single[_WIDTH // 2] = values[-1]
        alone = _course(subject, single, others, _STEPS)
        return [
            _space_time(alone, values, f"one cell set{fixed}", key),
            _space_time(course, values, f"a random row{fixed}", key),
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
    title = f"{subject.name}: {len(course)} steps from a random start{fixed}"
    return [
        Figure(
            Markup(tag("div", *strip, class_="strip") + key), f"Steps from a random start{fixed}"
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
    rng = np.random.default_rng([subject.seed, 67])
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
        best = max(best, (going, course, others), key=lambda candidate: candidate[0])
    return best[1], best[2]


def _space_time(course: list[Any], values: list[int], fixed: str, key: Markup) -> Figure:
    title = f"Space-time diagram from {fixed}: one row a step, time runs down"
    wide, tall = len(course[0]), len(course)
    body = drawing(title, wide, tall, framed(wide, tall), cells(course, values), class_="spacetime")
    return Figure(Markup(body + key), f"From {fixed}; each row is one step, time runs down")


def _frame(frame: Any, values: list[int], title: str) -> Markup:
    wide, tall = len(frame[0]), len(frame)
    return drawing(title, wide, tall, framed(wide, tall), cells(frame, values), class_="picture")
