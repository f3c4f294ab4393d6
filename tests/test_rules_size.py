"""The size of rule models, and models tidied and moved from codes to columns."""

from __future__ import annotations

import ast
from textwrap import dedent, indent

import numpy as np
import pytest

from deepdistill.forms.rules.lift import DecisionSize
from deepdistill.ir.types import Reals, Scalar
from deepdistill.learn.rules.bins import binned
from deepdistill.learn.rules.finish import fitted
from deepdistill.learn.rules.rows import RuleRows, RuleSettings
from deepdistill.learn.rules.snap import over_columns, tidied
from deepdistill.target.label_source import label_text
from deepdistill.units.rule_lift import lift_labels
from deepdistill.units.rules import (
    Among,
    AtLeast,
    Below,
    Leaf,
    Missing,
    RuleModel,
    Split,
    SumBelow,
    Tree,
)

SETTINGS = RuleSettings(DecisionSize((0,), (False,)))


def decision(model: RuleModel, levels: tuple[int, ...], optional: tuple[bool, ...]) -> str:
    inputs = [
        Scalar(f"c{k}", Reals(0.0, 9.0), levels=tuple("abcd"[:count]), optional=missing)
        for k, (count, missing) in enumerate(zip(levels, optional, strict=True))
    ]
    label = Scalar("label", Reals(0.0, 1.0), levels=("no", "yes", *"abcde"))
    text = label_text(lift_labels(model, inputs, label, "label"))
    return dedent(text.split('"""')[2]).strip()


def test_six_plain_ifs_have_about_fifty_nodes() -> None:
    tree: Tree = Leaf(0)
    for k in range(6):
        tree = Split(k, Leaf(k + 1), tree)
    model = RuleModel(tuple(Below(k, 1.5) for k in range(6)), (tree,))
    columns = (0,) * 6, (False,) * 6
    text = decision(model, *columns)
    assert text.count("if c") == 6 and text.splitlines()[0] == "if c5 < 1.5:"
    assert DecisionSize(*columns)(model) == 50
    function = ast.parse("def f(c0):\n" + indent(text, "    "))
    assert sum(1 for _ in ast.walk(function)) == 54


def test_conditions_that_end_alike_are_one_where_that_is_shorter() -> None:
    units = (Among(0, (1,)), Below(1, 31.0), Below(2, 70.0))
    tree = Split(0, Leaf(1), Split(1, Leaf(0), Split(2, Leaf(0), Leaf(1))))
    columns = (3, 0, 0), (False,) * 3
    model = RuleModel(units, (tree,))
    assert decision(model, *columns) == (
        'if c0 == "b":\n    return "yes"\nif c1 < 31 or c2 < 70:\n    return "no"\nreturn "yes"'
    )
    assert DecisionSize(*columns)(model) == 25
    # a missing value is asked for once a condition, which stays by itself
    assert decision(model, columns[0], (False, True, True)).count("if ") == 3
    # an exclusive or is no list of tests
    one, other = Split(2, Leaf(1), Leaf(0)), Split(2, Leaf(0), Leaf(1))
    assert DecisionSize(*columns)(RuleModel(units, (Split(1, one, other),))) == 26


def test_what_only_probabilities_tell_apart_is_not_counted() -> None:
    """A ladder of one sum decides by one comparison."""
    units = tuple(SumBelow(((0, 2), (1, -1)), 1.0 * k, ((0, 3),)) for k in range(4))
    units = (Among(2, (1,)), *units)  # type: ignore[assignment]
    tree: Tree = Leaf(1)
    for k in range(4, 0, -1):
        tree = Split(k, Leaf(int(k > 2)), tree)
    columns = (0, 0, 3), (False,) * 3
    model = RuleModel(units, (tree,))
    assert decision(model, *columns) == (
        'total = 2 * c0 - c1 + 3 * (c2 == "b")\nif total < 1:\n    return "no"\nreturn "yes"'
    )
    assert DecisionSize(*columns)(model) == 32
    # the sum has no name where a number may be missing
    sums = [SumBelow(((0, 2), (1, -1)), 1.0 * k) for k in range(4)]
    model = RuleModel((Missing(1), *sums), (Split(0, Leaf(0), tree),))
    assert decision(model, (0, 0), (False, True)) == (
        'if c1 is None or 2 * c0 - c1 < 1:\n    return "no"\nreturn "yes"'
    )


def test_text_of_each_unit() -> None:
    units = (
        Among(0, (0, 1, 2)),
        Missing(1),
        SumBelow(((2, 2), (3, -1)), 44.0),
        AtLeast(((0, True), (1, False)), 2),
        AtLeast(((0, True), (1, True), (2, True)), 2),
    )
    columns = (4, 0, 0, 0), (False, True, False, False)
    tree = Split(3, Leaf(1), Split(4, Leaf(0), Leaf(1)))
    assert decision(RuleModel(units, (tree,)), *columns) == (
        'total = 2 * c2 - c3\ncount = (c0 != "d") + (c1 is None) + (total < 44)\n'
        'if c0 != "d" and c1 is not None:\n    return "yes"\n'
        'if count >= 2:\n    return "no"\nreturn "yes"'
    )
    points = (Split(0, Leaf(0), Leaf(2)), Split(1, Leaf(1), Leaf(0)))
    assert decision(RuleModel(units[:2], points, (2,)), *columns) == (
        'points = 2 * (c0 == "d") + (c1 is None)\nif points >= 2:\n    return "yes"\nreturn "no"'
    )


def test_tidied_models_answer_alike() -> None:
    units = (Below(0, 1.0), Below(0, 2.0), Below(1, 0.0), Below(0, 1.0))
    # what the first split decides is asked again below it
    inner = Split(1, Leaf(2), Split(3, Leaf(0), Leaf(1)))
    model = RuleModel(units, (Split(0, inner, Split(3, Leaf(0), Split(2, Leaf(1), Leaf(2)))),))
    tidy = tidied(model)
    assert tidy.units == (Below(0, 1.0), Below(1, 0.0))
    assert tidy.trees == (Split(0, Leaf(2), Split(1, Leaf(1), Leaf(2))),)
    x = np.random.default_rng(0).normal(size=(200, 2)) * 3
    assert (model.run(x) == tidy.run(x)).all()


def test_tidied_points_answer_alike() -> None:
    units = (Below(0, 1.0), Below(1, 0.0), Below(0, 1.0))
    trees = (Split(0, Leaf(3), Leaf(1)), Split(1, Leaf(0), Leaf(2)), Split(2, Leaf(1), Leaf(0)))
    model = RuleModel(units, trees, (4,))
    tidy = tidied(model)
    assert len(tidy.trees) == 2 and len(tidy.units) == 2
    x = np.random.default_rng(0).normal(size=(200, 2)) * 3
    assert (model.run(x) == tidy.run(x)).all()


@pytest.mark.parametrize(
    ("values", "limit"),
    [
        ((1.9, 3.0), 2.0),
        ((29.0, 30.0), 30.0),
        ((-0.5, 0.5), 0.0),
        ((0.123, 0.129), 0.125),
        ((0.6, 0.601), 0.601),
    ],
)
def test_thresholds_are_the_simplest_numbers_between_two_values(
    values: tuple[float, float], limit: float
) -> None:
    x = np.array(values)[:, None]
    rows = RuleRows(x, (0,), np.array([0, 1]), 2, np.ones(2))
    model = over_columns(RuleModel((Below(0, 1.0),), (Leaf(0),)), binned(rows))
    assert model.units == (Below(0, limit),)
    assert model.fired(x)[:, 0].tolist() == [True, False]


def test_thresholds_between_neighbouring_doubles_part_them() -> None:
    low = 0.1
    high = float(np.nextafter(low, 1))
    x = np.array([[low], [high]])
    rows = RuleRows(x, (0,), np.array([0, 1]), 2, np.ones(2))
    model = over_columns(RuleModel((Below(0, 1.0),), (Leaf(0),)), binned(rows))
    assert model.fired(x)[:, 0].tolist() == [True, False]


def test_a_leaf_without_rows_is_left_out_and_limits_part_what_was_seen() -> None:
    x = np.arange(8.0)[:, None]
    rows = RuleRows(x, (0,), (x[:, 0] > 3).astype(int), 2, np.ones(8))
    units = (Below(0, 4.0), SumBelow(((0, 2),), 9.0))
    # below 4 twice the column is always below 9
    empty = RuleModel(units, (Split(0, Split(1, Leaf(0), Leaf(1)), Leaf(1)),))
    fit = fitted(empty, rows, SETTINGS, 2.0, "tree")
    assert fit is not None and fit.model == RuleModel(units[:1], (Split(0, Leaf(0), Leaf(1)),))
    # of the sums 0, 1 and 2 the last is never reached
    apart = (Split(0, Leaf(1), Leaf(0)), Split(1, Leaf(0), Leaf(1)))
    points = RuleModel((Below(0, 2.0), Below(0, 6.0)), apart, (1,))
    fit = fitted(points, rows, SETTINGS, 16.0, "points")
    assert fit is not None and fit.model.limits == (1,)
