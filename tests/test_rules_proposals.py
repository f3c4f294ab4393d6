"""What the proposers of rules find: exclusive ors, counts, points, lists, sums of columns."""

from __future__ import annotations

import numpy as np
import pytest

from deepdistill.learn.rules.bins import BinnedRows, SumOf, binned, part, with_bins
from deepdistill.learn.rules.conditions import counts
from deepdistill.learn.rules.ladder import ladders, scores
from deepdistill.learn.rules.lists import rule_lists
from deepdistill.learn.rules.monotone import is_monotone
from deepdistill.learn.rules.points import logistic, points_path, stumps
from deepdistill.learn.rules.polish import digits, polished, prices
from deepdistill.learn.rules.probabilities import SHRINKS, class_counts, outcomes, reached, table
from deepdistill.learn.rules.rows import RuleRows
from deepdistill.learn.rules.snap import over_columns
from deepdistill.learn.rules.sums import sums_of_trees
from deepdistill.learn.rules.threshold_functions import threshold_functions
from deepdistill.learn.rules.trees import tree_gain, tree_paths, trees
from deepdistill.units.rules import (
    Among,
    AtLeast,
    Below,
    Leaf,
    Missing,
    RuleModel,
    Split,
    SumBelow,
    leaves,
)


def rows_of(x: np.ndarray, y: np.ndarray, levels: tuple[int, ...] = ()) -> RuleRows:
    levels = levels or (0,) * x.shape[1]
    return RuleRows(x, levels, y.astype(np.int64), int(y.max()) + 1, np.ones(len(y)))


def all_of(rows: RuleRows) -> BinnedRows:
    return part(binned(rows), rows, np.arange(len(rows.y)))


def agreement(model: RuleModel, rows: RuleRows) -> float:
    """The share of rows that the likelier class of what each one reaches fits."""
    here = reached(model, rows.x)
    found = class_counts(here, rows.y, rows.weights, outcomes(model), rows.classes)
    return float((table(model, found, 0.3).argmax(axis=1)[here] == rows.y).mean())


def noise(columns: int, rows: int = 300) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1, (rows, columns)).round(3)


def test_an_exclusive_or_is_found_by_looking_two_splits_ahead() -> None:
    x = noise(5)
    rows = rows_of(x, (x[:, 1] < 0.4) ^ (x[:, 3] < 0.6))
    given = all_of(rows)
    paths = tree_paths(given, 6, None)
    small = [one for path in paths for one in path if len(one.units) == 3]
    best = polished(max(small, key=lambda one: tree_gain(given, one)), given, prices(given.bins))
    model = over_columns(best, given.bins)
    assert set(model.units) == {Below(1, 0.4), Below(3, 0.6)}
    assert agreement(model, rows) == 1.0


def test_two_of_four_is_found_as_a_count() -> None:
    x = noise(6)
    held = (x[:, :4] < 0.5).sum(axis=1)
    rows = rows_of(x, held >= 2)
    given = all_of(rows)
    found = [polished(one, given, prices(given.bins)) for one in counts(given, 4)]
    model = over_columns(found[-1], given.bins)
    (count,) = (unit for unit in model.units if isinstance(unit, AtLeast))
    assert count.count in (2, 3) and len(count.parts) == 4
    assert {unit.column for unit in model.units if isinstance(unit, Below)} == {0, 1, 2, 3}
    assert agreement(model, rows) > 0.99


def test_a_list_of_conjunctions() -> None:
    x = noise(4)
    rows = rows_of(x, ((x[:, 0] < 0.5) & (x[:, 1] >= 0.3)) | (x[:, 2] < 0.2))
    model = over_columns(rule_lists(all_of(rows), 4)[-1], all_of(rows).bins)
    assert any(isinstance(unit, AtLeast) and unit.count == 2 for unit in model.units)
    assert agreement(model, rows) > 0.95


def test_points_and_sums_of_trees() -> None:
    x = noise(5, 400)
    fires = x[:, :3] < np.array([0.5, 0.4, 0.6])
    points = fires @ np.array([3, 2, 2])
    chance = 1 / (1 + np.exp(-(points - 3.5)))
    rows = rows_of(x, np.random.default_rng(1).uniform(size=400) < chance)
    given = all_of(rows)
    sets = stumps(given, 3)
    for model in (points_path(given, sets, 4)[-1], sums_of_trees(given, 4)[-1]):
        assert model.limits and agreement(over_columns(model, given.bins), rows) > 0.75
    model = points_path(given, sets, 4)[-1]
    assert {unit.column for unit in model.units if isinstance(unit, Below)} == {0, 1, 2}
    assert all(isinstance(leaf, Leaf) and abs(leaf.value) <= 4 for leaf in _leaves(model))


def _leaves(model: RuleModel) -> list[object]:
    return [
        side for tree in model.trees if isinstance(tree, Split) for side in (tree.fires, tree.rests)
    ]


def test_sums_of_columns_have_small_integers() -> None:
    rng = np.random.default_rng(0)
    x = np.stack([rng.integers(0, 12, 500), rng.integers(20, 70, 500)], axis=1).astype(float)
    chance = 1 / (1 + np.exp(-(2 * x[:, 0] + x[:, 1] - 56) / 4))
    rows = rows_of(x, rng.uniform(size=500) < chance)
    given = all_of(rows)
    found = scores(given, x)
    assert found[-1].total == SumOf(((0, 2), (1, 1)))
    bins, models = ladders(given, x, found, 4)
    model = over_columns(models[-1], bins)
    limits = [unit.limit for unit in model.units if isinstance(unit, SumBelow)]
    # the chances are even at 56, of these rows by the fit at 57.5
    assert abs(found[-1].middle - 56) < 2
    assert min(abs(limit - found[-1].middle) for limit in limits) < 1 and len(limits) in (4, 5)
    assert all(limit == int(limit) for limit in limits)
    assert agreement(model, rows) > 0.8


def test_limits_are_close_where_the_rows_are() -> None:
    """Nine rows in ten lie in a tenth of the range, and are told apart there."""
    rng = np.random.default_rng(1)
    close = rng.uniform(0, 1, 900)
    x = np.concatenate([close, rng.uniform(1, 10, 100)])[:, None]
    chance = 1 / (1 + np.exp(-(x[:, 0] - 0.5) * 2))
    rows = rows_of(x, rng.uniform(size=1000) < chance)
    given = all_of(rows)
    bins, models = ladders(given, x, scores(given, x), 10)
    limits = [u.limit for u in over_columns(models[0], bins).units if isinstance(u, Below)]
    assert sum(limit < 1 for limit in limits) >= 3 and max(limits) > 2


def test_logistic_weights_are_found_where_whole_steps_go_too_far() -> None:
    """From one side of eight columns that say the same they lead to the other one and back."""
    z = np.repeat(np.tile([-1.0, 1.0], 100)[:, None], 8, axis=1)
    target = np.tile([0.0, 0.0, 1.0, 1.0], 50)
    fit = logistic(z, target, np.ones(200), 0.01, np.array([0.0, *[1.0] * 8]))
    assert np.abs(fit.weights).max() < 0.01 and fit.loss == pytest.approx(200 * np.log(2))


def test_of_two_levels_one_is_added_up() -> None:
    rng = np.random.default_rng(2)
    x = np.stack([rng.uniform(0, 10, 300).round(1), rng.integers(0, 2, 300)], axis=1)
    y = rng.uniform(size=300) < 1 / (1 + np.exp(5 - x[:, 0] - x[:, 1]))
    rows = rows_of(x, y, (0, 2))
    totals = [score.total for score in scores(all_of(rows), x) if score is not None]
    assert {part for one in totals for part, _ in one.parts} == {Among(1, (1,))}


def test_levels_are_added_to_sums_of_numbers() -> None:
    rng = np.random.default_rng(0)
    x = np.stack([rng.integers(20, 70, 900), rng.integers(0, 4, 900)], axis=1).astype(float)
    x[:20, 0] = np.nan
    line = x[:, 0] + 10 * np.isin(x[:, 1], [1, 3]) - 50
    chance = 1 / (1 + np.exp(-np.where(np.isnan(line), 2, line / 4)))
    rows = rows_of(x, rng.uniform(size=900) < chance, (0, 4))
    given = all_of(rows)
    found = scores(given, x)
    assert any(one.total == SumOf(((0, 1),), ((Among(1, (0, 2)), -10),)) for one in found)
    bins, models = ladders(given, x, found, 4)
    for coded in models:
        model = over_columns(coded, bins)
        assert (model.sums(x) == coded.sums(bins.x(given.rows))).all()
        assert agreement(model, rows) > 0.8
        if Missing(0) in model.units:
            # rows without the number stand where as many of them are true
            assert model.sums(x[:1])[0] > 2


def test_levels_and_missing_values_have_branches_of_their_own() -> None:
    rng = np.random.default_rng(0)
    x = np.stack([rng.integers(0, 6, 200).astype(float), rng.normal(size=200)], axis=1)
    rows = rows_of(x, np.isin(x[:, 0], [1, 4]), (6, 0))
    model = over_columns(tree_paths(all_of(rows), 2, None)[0][0], all_of(rows).bins)
    assert model.units == (Among(0, (1, 4)),)
    x[rng.uniform(size=200) < 0.3, 1] = np.nan
    rows = rows_of(x, np.isnan(x[:, 1]), (6, 0))
    model = over_columns(tree_paths(all_of(rows), 2, None)[0][0], all_of(rows).bins)
    assert model.units == (Missing(1),)


def test_a_sum_of_columns_is_not_asked_whether_it_is_missing() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 2)).round(2)
    y = x.sum(axis=1) > 0
    x[rng.uniform(size=(300, 2)) < 0.15] = np.nan
    gone = np.isnan(x).any(axis=1)
    given = rows_of(x, np.where(gone, 0, y))
    bins = binned(given)
    more = with_bins(
        part(bins, given, np.arange(300)), bins.with_sums(x, [SumOf(((0, 1), (1, 1)))])
    )
    assert gone.any() and more.bins.missing[2]
    for model in trees(more, 3):
        over_columns(model, more.bins)  # a sum would have no such condition
        assert Missing(2) not in model.units


def test_digits_of_the_shortest_number_between() -> None:
    low = np.array([1.9, 29.0, 54.6, 0.4995, -0.1, 120.0])
    high = np.array([3.0, 30.0, 55.1, 0.5, 0.1, 170.0])
    assert digits(low, high).tolist() == [1, 1, 2, 1, 1, 2]


def test_monotone_is_decided_by_boxes() -> None:
    x = noise(2)
    rows = RuleRows(x, (0, 0), (x[:, 0] > 0.5).astype(int), 2, np.ones(300), monotone=(1, 0))
    units = (Below(0, 0.5), Below(1, 0.5))
    chances = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
    rising = RuleModel(units, (Split(0, Leaf(0), Split(1, Leaf(1), Leaf(1))),))
    assert is_monotone(rising, chances, rows)
    assert not is_monotone(rising, chances[::-1], rows)
    # the second column moves it, not the first
    free = RuleModel(units, (Split(1, Leaf(0), Split(0, Leaf(1), Leaf(1))),))
    assert is_monotone(free, chances, rows)
    points = RuleModel(units, (Split(0, Leaf(0), Leaf(2)), Split(1, Leaf(1), Leaf(0))), (2,))
    assert is_monotone(points, chances, rows)
    falling = RuleModel(units, (Split(0, Leaf(2), Leaf(0)), Split(1, Leaf(1), Leaf(0))), (2,))
    assert not is_monotone(falling, chances, rows)


@pytest.mark.parametrize("shrink", SHRINKS)
def test_chances_of_sums_never_fall(shrink: float) -> None:
    rng = np.random.default_rng(0)
    trees = tuple(Split(k, Leaf(k + 1), Leaf(0)) for k in range(3))
    model = RuleModel(tuple(Below(k, 0.5) for k in range(3)), trees, (2, 4))
    counts = rng.integers(0, 20, (7, 3)).astype(float)
    rows = table(model, counts, shrink)
    assert np.allclose(rows.sum(axis=1), 1, atol=1e-6) and (rows > 0).all()
    above = np.cumsum(rows[:, ::-1], axis=1)
    assert (np.diff(above, axis=0) >= -1e-6).all()


def test_conditions_with_points_of_which_enough_decide() -> None:
    x = noise(6, 500)
    held = np.stack([x[:, 0] < 0.5, x[:, 1] >= 0.4, x[:, 2] < 0.6, x[:, 3] < 0.5], axis=1)
    y = held @ np.array([3, 2, 2, 1]) >= 4
    rows = rows_of(x, y ^ (np.random.default_rng(1).uniform(size=500) < 0.1))
    given = all_of(rows)
    found = [polished(one, given, prices(given.bins)) for one in threshold_functions(given, 4)]
    model = over_columns(found[-1], given.bins)
    worth = {unit.columns[0]: tree for unit, tree in zip(model.units, model.trees, strict=True)}
    points = [max(leaf.value for leaf in leaves(worth[column])) for column in range(4)]
    assert (points, model.limits) == ([3, 2, 2, 1], (4,))
    assert (model.run(x) == y).mean() > 0.98


def test_a_level_decides_with_a_threshold() -> None:
    rng = np.random.default_rng(0)
    x = np.stack([rng.integers(0, 4, 200).astype(float), rng.uniform(size=200)], axis=1)
    x[::9, 1] = np.nan
    rows = rows_of(x, (x[:, 0] == 2) | (x[:, 1] < 0.3), (4, 0))
    model = over_columns(threshold_functions(all_of(rows), 2)[0], all_of(rows).bins)
    level, limit = sorted(model.units, key=lambda unit: unit.columns)
    assert level == Among(0, (2,)) and isinstance(limit, Below)
    assert (model.run(x) == rows.y).mean() > 0.97
