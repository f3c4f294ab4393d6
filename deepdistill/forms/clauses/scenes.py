"""MAX-SAT on a page: its messages, and how many clauses hold beside rules of the textbooks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...data.problem import IntArray, Problem
from ...drawing.graph import Edge, Node, graph
from ...drawing.parts import Figure, Part, PartTable, in_words
from ...drawing.svg import Markup, drawing, group, tag, text
from ..subject import Subject
from .network import ClauseNetwork

_SHAPES = ((20, 90), (50, 250), (100, 500))
_EXAMPLES = 5

Assign = Callable[[IntArray], IntArray]
"""The values, 1 or 0, that a rule gives the variables of a formula (variables x clauses)."""


def picture(network: ClauseNetwork) -> Figure:
    """Two rounds of messages, and the curve of a clause's weight."""
    lean = network.lean
    columns = [
        [Node(("every clause", "weighs by its length"))],
        [Node(("literal: own sum",)), Node(("literal: opposite sum",))],
        [
            Node((f"leans true: hope {lean.leans_true}",
                  f"{lean.under}·own > {lean.over}·opposite")),
            Node((f"undecided: hope {lean.undecided}",)),
            Node((f"leans false: hope {lean.leans_false}",
                  f"{lean.under}·opposite > {lean.over}·own")),
        ],
        [Node(("every clause", "weighs by the hope", "of its other literals"))],
        [Node(("score of", "the literal"))],
    ]  # fmt: skip
    edges = [Edge((0, 0), (1, k), 1.0, "") for k in range(2)]
    edges += [Edge((1, 0), (2, 0), lean.under), Edge((1, 1), (2, 0), -lean.over)]
    edges += [Edge((1, 1), (2, 2), lean.under), Edge((1, 0), (2, 2), -lean.over)]
    edges += [Edge((2, k), (3, 0), 1.0, "") for k in range(3)]
    edges.append(Edge((3, 0), (4, 0), 1.0, "sum"))
    drawn = graph("The network: two rounds of messages", columns, edges)
    return Figure(
        Markup(drawn + _curve(network.curve)),
        (
            "Literals and clauses tell each other twice how much they weigh; the curve is the "
            "weight of a clause by the hope that its other literals give."
        ),
    )


def _curve(curve: tuple[int, ...]) -> Markup:
    first = curve[:24]
    largest = max(max(first, default=1), 1)
    bars = []
    for k, value in enumerate(first):
        tall = 90 * value / largest
        bars.append(tag("rect", tag("title", f"hope {k}: {value}"), x=k * 14, y=100 - tall,
                        width=11, height=tall, class_="bar"))  # fmt: skip
        if k % 4 == 0:
            bars.append(text(k * 14, 114, k, "small"))
    axis = text(14 * len(first) + 6, 114, "hope", "small")
    return drawing("The weight of a clause falls with the hope of its other literals",
                   14 * len(first) + 50, 120, group([*bars, axis]))  # fmt: skip


def quality(subject: Subject) -> list[Part]:
    """Mean numbers of clauses that hold, for formulas drawn here."""
    problem: Problem = subject.task
    rng = np.random.default_rng([subject.seed, 61])
    rules: dict[str, Assign] = {
        subject.name: lambda formula: _solved(subject, formula),
        "every variable by the polarity it has more often": _majority,
        "every variable at random": lambda f: rng.integers(0, 2, len(f)),
    }
    if problem.baseline is not None:
        rules["Johnson's rule of 1974"] = problem.baseline
    formulas = {shape: [problem.draw(rng, shape)[0] for _ in range(_EXAMPLES)] for shape in _SHAPES}
    rows = []
    for name, rule in rules.items():
        means = [
            float(np.mean([_satisfied(formula, rule(formula)) for formula in formulas[shape]]))
            for shape in _SHAPES
        ]
        rows.append((name, *(f"{mean:.1f}" for mean in means)))
    return [
        PartTable(
            f"Clauses that hold, the mean over {_EXAMPLES} formulas of each size (variables × "
            "clauses) that were drawn for this page",
            ("rule", *map(in_words, _SHAPES)),
            tuple(rows),
        )
    ]


def _solved(subject: Subject, formula: IntArray) -> IntArray:
    clauses = [
        [int(np.sign(formula[v, c])) * (int(v) + 1) for v in np.flatnonzero(formula[:, c])]
        for c in range(formula.shape[1])
    ]
    chosen = subject.solve([clause for clause in clauses if clause])
    values = np.zeros(len(formula), dtype=np.int64)
    for literal in chosen:
        if literal > 0:
            values[literal - 1] = 1
    return values


def _majority(formula: IntArray) -> IntArray:
    values: IntArray = (formula.sum(axis=1) >= 0).astype(np.int64)
    return values


def _satisfied(formula: IntArray, values: IntArray) -> int:
    signs = 2 * np.asarray(values)[:, None] - 1
    return int(((formula * signs) > 0).any(axis=0).sum())
