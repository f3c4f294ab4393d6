"""MAX-SAT on a page: how many clauses hold, beside rules of the textbooks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...data.problem import IntArray, Problem
from ...drawing.parts import Part, Table, in_words
from ...report.subject import Subject

_SHAPES = ((20, 90), (50, 250), (100, 500))
_EXAMPLES = 5

Assign = Callable[[IntArray], IntArray]
"""The values, 1 or 0, that a rule gives the variables of a formula (variables x clauses)."""


def clause_parts(subject: Subject, problem: Problem) -> list[Part]:
    """Mean numbers of clauses that hold, for formulas drawn here."""
    rng = np.random.default_rng([subject.certificate.seed, 61])
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
        Table(
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
