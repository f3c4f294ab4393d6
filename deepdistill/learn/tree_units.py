"""Networks of literals and their conjunctions: a decision tree told as threshold units.

Rules of many states, or of patterns that hardly ever occur, are lists of cases rather than a few
sums: gradient descent hardly finds those. A tree over the readings does (Breiman, Friedman, Olshen
and Stone 1984). Each of its questions is one unit, each of its leaves one that asks for all on its
way, and the leaf that fires tells the answer.
"""

from __future__ import annotations

from math import floor

import numpy as np

from ..units.groups import IntArray, UnitGroup
from .orbits import Rows

_MOST_LEAVES = 64
_LEAST = 4  # readings a leaf, on average: what needs more cases than that is no rule


def tree_units(rows: Rows, states: IntArray) -> tuple[UnitGroup, ...] | None:
    """The network of a small tree that is exact on all rows; None where it has too many leaves."""
    from sklearn.tree import DecisionTreeClassifier

    if rows.conflicts or len(states) < 2 or not len(rows):
        return None
    label = np.searchsorted(states, rows.y)
    grown = DecisionTreeClassifier(random_state=0, max_leaf_nodes=_MOST_LEAVES + 1)
    grown.fit(rows.x, label)
    if grown.get_n_leaves() > min(_MOST_LEAVES, len(rows) // _LEAST):
        return None
    if (grown.predict(rows.x) != label).any():
        return None
    return _units(grown.tree_, rows.x.shape[1], len(states))


def _units(tree: object, taps: int, classes: int) -> tuple[UnitGroup, ...]:
    """The questions, the leaves, and what these answer."""
    left, right, feature, threshold, value = (
        np.asarray(getattr(tree, name))
        for name in ("children_left", "children_right", "feature", "threshold", "value")
    )
    questions: dict[tuple[int, int], int] = {}
    leaves: list[tuple[dict[int, int], int]] = []

    def walk(node: int, way: dict[int, int]) -> None:
        if left[node] < 0:
            leaves.append((way, int(value[node][0].argmax())))
            return
        question = int(feature[node]), floor(float(threshold[node])) + 1
        place = questions.setdefault(question, len(questions))
        walk(int(left[node]), {**way, place: -1})
        walk(int(right[node]), {**way, place: 1})

    walk(0, {})
    literals = np.zeros((len(questions), taps))
    at_least = np.zeros(len(questions))
    for (tap, least), k in questions.items():
        literals[k, tap], at_least[k] = 1, -least
    ways = np.zeros((len(leaves), len(questions)))
    answers = np.zeros((classes, len(leaves)))
    for k, (way, answer) in enumerate(leaves):
        for place, sign in way.items():
            ways[k, place] = sign
        answers[answer, k] = 1
    needed = -(ways > 0).sum(axis=1).astype(np.float64)
    last = UnitGroup(answers, np.zeros(classes), "argmax")
    if classes == 2:
        last = UnitGroup(answers[1:], np.array([-1.0]), "step")
    return UnitGroup(literals, at_least, "step"), UnitGroup(ways, needed, "step"), last
