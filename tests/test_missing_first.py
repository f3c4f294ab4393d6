"""Missing values are answered first in the text of rules, and later tests do not ask again."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.ir.program import Formula
from deepdistill.ir.types import Reals, Scalar
from deepdistill.target.label_source import decided
from deepdistill.target.python import built, lines
from deepdistill.units.rule_lift import lift_ends, lift_labels
from deepdistill.units.rules import (
    Among,
    Below,
    Leaf,
    Missing,
    RuleModel,
    RuleUnit,
    Split,
    SumBelow,
    Tree,
    numbered,
)

COLUMNS = (
    Scalar("a", Reals(0, 9), optional=True),
    Scalar("b", Reals(0, 9), optional=True),
    Scalar("c", Reals(0, 1), levels=("p", "q"), optional=True),
)
ENDS = Scalar("end", Reals(0, 1), levels=tuple(range(99)))
ROWS = [*product((None, 1.0, 4.0, 8.0), (None, 2.0, 5.0), (None, "p", "q"))]


def text_of(formula: Formula) -> str:
    """The lines that decide, with the place of an answer at each end."""
    return "\n".join(lines(decided(formula, lambda k: built(repr(k)))))


def answered(formula: Formula, row: tuple[Any, ...]) -> int:
    space: dict[str, Any] = {}
    body = text_of(formula).replace("\n", "\n    ")
    exec(f"def solve(a, b, c):\n    {body}", space)
    answer: int = space["solve"](*row)
    return answer


def coded(row: tuple[Any, ...]) -> list[float]:
    places: Mapping[Any, Any] = {None: np.nan, "p": 0.0, "q": 1.0}
    return [places.get(value, value) for value in row]


def asked_twice(formula: Formula) -> bool:
    """Whether a line asks for a value of a column that an earlier line returned without."""
    gone: set[str] = set()
    for line in ast.parse(text_of(formula).replace("return", "answer =")).body:
        tests = [n for n in ast.walk(getattr(line, "test", line)) if isinstance(n, ast.Compare)]
        if any(isinstance(n.ops[0], ast.IsNot) and ast.unparse(n.left) in gone for n in tests):
            return True
        if isinstance(line, ast.If):
            whole = [line.test, *_any_of(line.test)]
            gone |= {ast.unparse(n.left) for n in tests if n in whole and _is_none(n)}
    return False


def _is_none(test: ast.Compare) -> bool:
    return isinstance(test.ops[0], ast.Is) and ast.unparse(test.comparators[0]) == "None"


def _any_of(test: ast.expr) -> list[ast.expr]:
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) else []


UNITS: tuple[RuleUnit, ...] = (
    Missing(0),
    Missing(1),
    Missing(2),
    Among(2, (0,)),
    Below(0, 3),
    Below(0, 6),
    Below(1, 4),
    SumBelow(((0, 1), (1, 2)), 8),
    SumBelow(((0, 1), (1, 2)), 14, ((3, 3),)),
    SumBelow(((0, 1), (1, 2)), 11, ((4, 5),)),
)

trees: st.SearchStrategy[Tree] = st.recursive(
    st.builds(Leaf, st.integers(0, 3)),
    lambda inner: st.builds(Split, st.integers(0, len(UNITS) - 1), inner, inner),
    max_leaves=9,
)


@settings(max_examples=tries(60), deadline=None)
@given(trees)
def test_the_text_answers_as_the_rules(tree: Tree) -> None:
    model = RuleModel(UNITS, (tree,))
    labels = lift_labels(model, COLUMNS, ENDS, "labels")
    ends = lift_ends(model, (), COLUMNS, ENDS, "ends")
    x = np.array([coded(row) for row in ROWS])
    places = RuleModel(UNITS, (numbered(tree),)).run(x).tolist()
    assert [answered(labels, row) for row in ROWS] == model.run(x).tolist()
    assert [answered(ends, row) for row in ROWS] == places
    assert not asked_twice(labels) and not asked_twice(ends)


def chain(first: list[RuleUnit], steps: int) -> RuleModel:
    """Missing values of some columns first, then the steps of a sum."""
    units = [*first, *(SumBelow(((0, 1), (1, 2)), float(5 + k)) for k in range(steps))]
    tree: Tree = Leaf(len(units))
    for k in reversed(range(len(units))):
        tree = Split(k, Leaf(k), tree)
    return RuleModel(tuple(units), (tree,))


def test_a_chain_of_steps_asks_once() -> None:
    for first in ([], [Missing(0)], [Missing(1)], [Missing(0), Missing(1)]):
        model = chain(first, 4)
        text = text_of(lift_labels(model, COLUMNS, ENDS, "labels"))
        assert "is not None" not in text and text.count("is None") == 2, text
    alone = text_of(lift_labels(chain([], 1), COLUMNS, ENDS, "labels"))
    assert alone == "if a is not None and b is not None and a + 2 * b < 5:\n    return 0\nreturn 1"
