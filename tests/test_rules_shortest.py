"""The labels of a model told anew: the same for every row, in fewer words, and then chosen."""

from __future__ import annotations

import numpy as np
import pytest
from test_rules_learn import rows_of, settings_of

from deepdistill.learn.rules.finish import briefly, fitted
from deepdistill.learn.rules.front import chosen
from deepdistill.learn.rules.probabilities import SHARED, SHRINKS, tables
from deepdistill.learn.rules.rows import RuleFit
from deepdistill.learn.rules.shortest import shortest
from deepdistill.units.rules import (
    Among,
    AtLeast,
    Below,
    Leaf,
    Missing,
    RuleModel,
    RuleUnit,
    Split,
    SumBelow,
    splits,
)

LIST = RuleModel(
    (Below(0, 5.0), Below(1, 3.0), Below(2, 7.0)),
    (Split(0, Leaf(2), Leaf(0)), Split(1, Leaf(0), Leaf(1)), Split(2, Leaf(1), Leaf(0))),
    (2,),
)
"""Points for the first, or for not the second and the third."""


def drawn(rows: int = 4000) -> np.ndarray:
    rng = np.random.default_rng(4)
    x = rng.integers(0, 10, (rows, 4)).astype(float)
    x[:, 3] = rng.integers(0, 3, rows)
    x[rng.uniform(size=x.shape) < 0.1] = np.nan
    return x


def same(model: RuleModel, other: RuleModel) -> bool:
    x = drawn()
    return bool((model.run(x) == other.run(x)).all())


def test_points_that_are_a_list_become_one() -> None:
    told = shortest(LIST)
    assert told and all(same(LIST, one) for one in told)
    assert {sum(1 for _ in splits(one.trees[0])) for one in told} == {3}


def test_a_tree_that_counts_becomes_a_count() -> None:
    units = (Below(0, 5.0), Below(1, 3.0), Among(3, (1,)))
    one = Split(2, Leaf(1), Leaf(0))
    tree = Split(0, Split(1, Leaf(1), one), Split(1, one, Leaf(0)))
    model = RuleModel(units, (tree,))
    assert shortest(model)[-1].units[-1] == AtLeast(((0, True), (1, True), (2, True)), 2)
    assert all(same(model, told) for told in shortest(model))


def test_what_no_label_turns_on_is_left_out() -> None:
    units = (Below(0, 5.0), Below(1, 3.0), Below(0, 2.0))
    tree = Split(0, Split(1, Leaf(1), Leaf(1)), Split(2, Leaf(1), Leaf(0)))
    found = [RuleModel(units[:1], (Split(0, Leaf(1), Leaf(0)),))]
    assert list(shortest(RuleModel(units, (tree,)))) == found


@pytest.mark.parametrize("seed", range(6))
def test_any_model_is_told_with_the_same_labels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    every: list[RuleUnit] = [Below(0, 3.0), Below(0, 6.0), Below(1, 5.0), Among(3, (0, 2))]
    every += [Missing(0), Among(3, (1,)), SumBelow(((0, 2), (1, 1)), 12.0)]
    units = [every[k] for k in rng.permutation(len(every))[:4].tolist()]
    units.append(AtLeast(((0, True), (1, False), (2, True)), 2))
    points = rng.integers(-2, 3, 5).tolist()
    trees = tuple(Split(k, Leaf(v), Leaf(0)) for k, v in enumerate(points) if v)
    tree = Split(4, Split(0, Leaf(2), Leaf(1)), Split(3, Leaf(1), Leaf(0)))
    for model in (
        RuleModel(tuple(units), trees, (0, 2)),
        RuleModel(tuple(units), (tree,)),
    ):
        assert shortest(model) and all(same(model, told) for told in shortest(model))


def test_large_models_stay_as_they_are() -> None:
    units = tuple(Below(0, float(k)) for k in range(8))
    trees = tuple(Split(k, Leaf(1), Leaf(0)) for k in range(8))
    assert shortest(RuleModel(units, trees, (3,))) == ()
    assert shortest(RuleModel((), (Leaf(0),))) == ()
    assert shortest(RuleModel(units[:1], (Split(0, Leaf(1), Leaf(1)),))) == ()


def test_one_chance_a_label() -> None:
    counts = np.array([[9.0, 1.0], [2.0, 8.0], [30.0, 2.0], [1.0, 3.0]])
    tree = Split(0, Split(1, Leaf(0), Leaf(1)), Split(2, Leaf(0), Leaf(1)))
    shared = tables(RuleModel((Below(0, 1.0),) * 3, (tree,)), counts)[SHRINKS.index(SHARED)]
    assert shared[0].tolist() == shared[2].tolist() != shared[1].tolist() == shared[3].tolist()
    assert shared[0][0] == pytest.approx(39.5 / 43, abs=1e-6)


def test_a_split_of_whose_sides_the_same_is_told_is_none() -> None:
    x = np.nan_to_num(drawn(400))
    rows = rows_of(x, x[:, 0] < 5)
    nested = Split(2, Split(3, Leaf(0), Leaf(0)), Leaf(0))
    units = (Below(0, 5.0), Below(1, 3.0), Below(1, 6.0), Below(2, 4.0))
    model = RuleModel(units, (Split(0, Split(1, Leaf(1), Leaf(1)), nested),))
    plain = RuleModel(units[:1], (Split(0, Leaf(1), Leaf(0)),))
    shared = fitted(model, rows, settings_of(rows), SHARED, "tree")
    assert shared is not None and shared.model == plain and len(shared.probabilities) == 2
    # chances of their own need all of it
    own = fitted(model, rows, settings_of(rows), SHRINKS[0], "tree")
    assert own is not None and len(own.probabilities) > 2


def test_the_shorter_of_the_same_labels_is_chosen() -> None:
    x = np.nan_to_num(drawn(400))
    rows = rows_of(x, LIST.run(x))
    brief = briefly(LIST, rows, settings_of(rows), "points")
    assert brief is not None and not brief.model.limits and same(brief.model, LIST)
    longer = RuleFit(LIST, ((0.9, 0.1), (0.1, 0.9)), (0, 2), brief.size + 9, 0.1, 0.0, "points")
    brief = RuleFit(brief.model, brief.probabilities, (), brief.size, 0.104, 0.002, "told anew")
    assert chosen((brief, longer), rows) == 0
    other = RuleFit(
        RuleModel((Below(0, 4.0),), (Split(0, Leaf(1), Leaf(0)),)),
        ((0.1, 0.9), (0.9, 0.1)),
        (),
        brief.size,
        0.104,
        0.002,
        "tree",
    )
    assert chosen((other, longer), rows) == 1
