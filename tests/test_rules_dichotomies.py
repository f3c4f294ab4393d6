"""Classes told one after another by scores, and the shares along their steps."""

from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import deepdistill as dd
from deepdistill.data.running import Run
from deepdistill.forms.rules.lift import DecisionSize
from deepdistill.ir.expr import Call, Const, Var
from deepdistill.learn.rules.bins import binned, part
from deepdistill.learn.rules.chains import chains, curves_along
from deepdistill.learn.rules.dichotomies import Nested, dichotomies
from deepdistill.learn.rules.finish import conditions, fitted
from deepdistill.learn.rules.front import EVEN, NESTED
from deepdistill.learn.rules.ladder import features, likeliest
from deepdistill.learn.rules.learn import chosen, learn_rules
from deepdistill.learn.rules.probabilities import tables
from deepdistill.learn.rules.rows import RuleRows, RuleSettings
from deepdistill.learn.rules.snap import over_columns, tidied
from deepdistill.units.rule_lift import implies
from deepdistill.units.rules import Below, Leaf, Missing, RuleModel, Split, SumBelow, Tree


def _chain(limits: range, column: int = 0) -> RuleModel:
    tree: Tree = Leaf(0)
    for k in reversed(range(len(limits))):
        tree = Split(k, Leaf(0), tree)
    return RuleModel(tuple(Below(column, float(limit)) for limit in limits), (tree,))


def _sums(rows: int, seed: int) -> RuleRows:
    """Three classes by two sums: neither column alone tells any."""
    rng = np.random.default_rng(seed)
    x = np.round(rng.uniform(0, 10, (rows, 3)), 1)
    first, second = x[:, 0] + x[:, 1] >= 12, x[:, 1] - x[:, 2] >= 0
    y = np.where(first, 2, second.astype(int))
    return RuleRows(x, (0, 0, 0), y, 3, np.ones(rows))


def test_chains_are_steps_of_one_sum() -> None:
    assert chains(_chain(range(1, 5))) == [(0, 5)]
    assert chains(_chain(range(1, 4))) == []
    long = _chain(range(1, 6))
    beside = (*long.units, Missing(1), SumBelow(((0, 1), (1, 1)), 3.0))
    within = RuleModel(beside, (Split(5, Leaf(0), long.trees[0]),))
    assert chains(within) == [(1, 7)]
    mixed = RuleModel(beside, (Split(6, Leaf(0), long.trees[0]),))
    assert chains(mixed) == [(1, 7)]
    two_sided = RuleModel(beside, (Split(0, Split(1, Leaf(0), Leaf(0)), long.trees[0]),))
    assert chains(two_sided) == [(2, 8)]


@given(
    st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=5, max_size=9),
    st.sampled_from([0.7, 1.0]),
)
def test_along_a_curve_each_class_has_one_range(rows: list[tuple[int, ...]], flat: float) -> None:
    counts = np.array(rows, float)
    model = _chain(range(1, len(rows)))
    for one in curves_along(model, counts):
        shares = one.shares(flat)
        assert np.allclose(shares.sum(axis=1), 1) and (shares >= 0).all()
        order = [label for label, _ in groupby(np.argmax(np.round(shares, 6), axis=1).tolist())]
        assert len(order) == len(set(order))
    for chances in tables(model, counts):
        assert np.allclose(chances.sum(axis=1), 1, atol=1e-6) and (chances > 0).all()


def test_labels_that_alternate_along_a_chain_keep_their_leaves() -> None:
    model = _chain(range(1, 5))
    steep = np.array([[9, 0], [7, 1], [4, 4], [1, 8], [0, 9]], float)
    assert len(curves_along(model, steep)) == 1
    turns = np.array([[5, 0], [0, 5], [5, 0], [0, 5], [5, 0]], float)
    assert curves_along(model, turns) == []
    for chances in tables(model, turns)[:2]:
        assert np.argmax(chances, axis=1).tolist() == [0, 1, 0, 1, 0]


def test_two_sums_tell_three_classes() -> None:
    rows = _sums(300, 0)
    bins = binned(rows)
    wide, models = dichotomies(part(bins, rows, np.arange(300)), rows.x)
    assert wide.columns > bins.columns and models
    settings = RuleSettings(DecisionSize(rows.levels, (False,) * 3))
    fits = learn_rules(rows, settings, Run())
    fit = fits[chosen(fits, rows)]
    fresh = _sums(5000, 1)
    wrong = (fit.model.run(fresh.x) != fresh.y).mean()
    assert fit.source == NESTED and wrong < 0.04


def test_two_classes_and_too_many_have_no_dichotomies() -> None:
    rng = np.random.default_rng(0)
    for classes in (2, 9):
        x = rng.normal(size=(200, 2))
        rows = RuleRows(x, (0, 0), np.arange(200) % classes, classes, np.ones(200))
        assert dichotomies(part(binned(rows), rows, np.arange(200)), rows.x)[1] == []


def test_weights_of_any_size_have_curves() -> None:
    counts = np.array([[9, 0, 1], [7, 1, 1], [4, 4, 2], [1, 8, 3], [0, 9, 9]], float)
    plain = curves_along(_chain(range(1, 5)), counts)[0]
    for scale in (1e-3, 1e3, 1e12):
        for one in curves_along(_chain(range(1, 5)), counts * scale):
            assert np.isfinite(one.shares(1.0)).all()
    flat = plain.shares(0.7).T @ counts.sum(axis=1)
    assert flat == pytest.approx(counts.sum(axis=0), rel=0.1)


def test_a_class_that_is_nowhere_likelier_is_not_told_from_others() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(400, 3)).round(1)
    total = x[:, 0] + x[:, 1]
    y = np.where(total < -0.5, 0, np.where(total < 0.6, 1, 2))
    y[np.argsort(x[:, 2])[-40::8]] = 3
    rows = RuleRows(x, (0, 0, 0), y, 4, np.ones(400))
    wide, models = dichotomies(part(binned(rows), rows, np.arange(400)), x)
    settings = RuleSettings(DecisionSize(rows.levels, (False,) * 3))
    own = [over_columns(tidied(model), wide) for model in models]
    fits = [fitted(model, rows, settings, 2.0, NESTED) for model in own]
    assert models and all(fit is not None for fit in fits)
    for fit in fits:
        assert fit is not None and (fit.model.run(x) == y)[y < 3].mean() > 0.9


def test_the_even_limit_is_the_nearest_one() -> None:
    rows = _sums(300, 3)
    given = part(binned(rows), rows, np.arange(300))
    score = likeliest(
        list(features(given, rows.x)), rows.x, (rows.y == 2).astype(float), given.weights, [2]
    )
    known = next(score)[0]
    assert known is not None
    limits = np.array([known.middle - 3.0, known.middle - 0.01, known.middle + 1.0])
    bins = given.bins.with_rungs(rows.x, [(known.total, limits)])
    assert Nested(bins, [known, known], [3, 3]).even(0) == 2
    far = replace(known, middle=1e9)
    assert Nested(bins, [far, far], [3, 3]).even(0) is None


def test_the_time_is_looked_at_for_each_number_of_features() -> None:
    class Over(Exception):
        pass

    looks = 0

    def check() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise Over

    rows = _sums(300, 4)
    with pytest.raises(Over):
        dichotomies(part(binned(rows), rows, np.arange(300), check), rows.x)


def test_steps_of_a_column_are_one_condition() -> None:
    steps = RuleModel(
        tuple(Below(0, float(k)) for k in range(4)),
        (Split(0, Leaf(0), Split(1, Leaf(0), Split(2, Leaf(1), Split(3, Leaf(1), Leaf(2))))),),
    )
    assert conditions(steps) == 2


def test_a_sum_is_at_its_limit_with_a_number_or_with_none() -> None:
    assert SumBelow(((0, 2),), 5.0, ((0, 1),)).number_at(0, [9.0], [True]) == 2.0
    assert np.isnan(SumBelow((), 1.0, ((0, 1),)).number_at(0, [9.0], [True]))


def test_texts_alone_may_be_added_up() -> None:
    rng = np.random.default_rng(1)
    x = np.stack([rng.choice(list(kinds), 300) for kinds in ("pqr", "xyz", "uv")], axis=1)
    total = 2 * (x[:, 0] == "p") + 1.5 * (x[:, 1] == "x") - 2 * (x[:, 2] == "u")
    y = np.where(rng.random(300) < 1 / (1 + np.exp(-total)), "A", "B")
    model = dd.DistilledClassifier(random_state=0).fit(x, y)
    assert "total" in model.code_
    assert model.certificate_.faithful.status == "proved"


def test_what_a_score_tells_of_one_label_is_one_question() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 2))
    y = (rng.random(400) < 1 / (1 + np.exp(2 - x[:, 0]))).astype(int)
    rows = RuleRows(x, (0, 0), y, 2, np.ones(400))
    settings = RuleSettings(DecisionSize(rows.levels, (False, False)))
    units = tuple(SumBelow(((0, 1), (1, 1)), limit) for limit in (-1.0, -0.5, 0.0, 0.5))
    one = fitted(RuleModel(units, _chain(range(1, 5)).trees), rows, settings, 2.0, EVEN)
    assert one is not None and len(one.probabilities) == 5
    split = RuleModel(units[:1], (Split(0, Leaf(0), Leaf(1)),))
    assert {leaf == 0 for leaf in one.model.run(x)} == {True}
    assert one.size == settings.size(split)


@pytest.mark.parametrize(
    ("first", "other", "holds"),
    [(1.0, 2.0, True), (2.0, 2.0, True), (2.0, 1.0, False)],
)
def test_conditions_on_a_column_that_may_be_missing_imply_wider_ones(
    first: float, other: float, holds: bool
) -> None:
    present = Call("present", (Var("a"),))

    def below(limit: float) -> Call:
        return Call("and", (present, Call("lt", (Var("a"), Const(limit)))))

    assert implies(below(first), below(other)) is holds
    assert implies(below(first), present) and not implies(present, below(other))
