"""The learner of rules: fronts, what it keeps to, tables that hold next to nothing."""

from __future__ import annotations

import pickle
import re
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_iris

from deepdistill.data.running import INTERRUPT, CutOff, Run
from deepdistill.forms.rules.lift import DecisionSize
from deepdistill.ir.errors import InputError
from deepdistill.learn.rules import learn
from deepdistill.learn.rules.bins import binned
from deepdistill.learn.rules.folds import folds
from deepdistill.learn.rules.learn import chosen, learn_rules
from deepdistill.learn.rules.monotone import is_monotone
from deepdistill.learn.rules.probabilities import SHRINKS, chances
from deepdistill.learn.rules.proposals import Path
from deepdistill.learn.rules.rows import RuleFit, RuleRows, RuleSettings
from deepdistill.units.rules import Below, Leaf, Missing, RuleModel, Split, leaves


def rows_of(x: np.ndarray, y: np.ndarray, **given: object) -> RuleRows:
    fields = {"levels": (0,) * x.shape[1], "classes": max(2, int(y.max()) + 1), **given}
    return RuleRows(x, y=y.astype(np.int64), weights=np.ones(len(y)), **fields)  # type: ignore[arg-type]


def settings_of(rows: RuleRows, **given: int) -> RuleSettings:
    missing = tuple(np.isnan(rows.x).any(axis=0).tolist())
    return RuleSettings(DecisionSize(rows.levels, missing), **given)


def learned(rows: RuleRows, **settings: int) -> tuple[RuleFit, ...]:
    return learn_rules(rows, settings_of(rows, **settings), Run())


def noise(rows: int, columns: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(rows, columns)).round(2)


def test_the_front_improves_with_size_and_is_the_same_again() -> None:
    data = load_iris()
    rows = rows_of(data.data, data.target)
    models = learned(rows)
    assert models[0].model.units == ()
    for smaller, larger in pairwise(models):
        assert smaller.size < larger.size and smaller.loss > larger.loss
    best = models[chosen(models, rows)]
    assert any(Below(2, 2.0) in fit.model.units for fit in models)
    assert (best.model.run(rows.x) == rows.y).mean() > 0.94
    for fit in models:
        assert np.allclose(chances(fit, rows.x).sum(axis=1), 1, atol=1e-6)
        if fit.model.scores is None:
            assert len(fit.probabilities) == sum(1 for _ in leaves(fit.model.trees[0]))


def test_limits_on_size_and_conditions_hold_and_the_same_is_found_again() -> None:
    x = noise(40, 2)
    rows = rows_of(x, (x[:, 0] > 0) & (x[:, 1] > 0))
    assert all(fit.size <= 20 for fit in learned(rows, max_complexity=20))
    short = learned(rows, max_conditions=1)
    assert all(len(fit.model.units) <= 1 for fit in short) and short == learned(
        rows, max_conditions=1
    )
    assert [fit.model.units for fit in learned(rows, max_conditions=0)] == [()]


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (noise(1, 2), np.zeros(1)),
        (noise(2, 2), np.arange(2)),
        (noise(4, 1), np.arange(4)),
        (noise(30, 0), np.arange(30) % 2),
        (np.ones((30, 2)), np.arange(30) % 2),
        (np.full((30, 2), np.nan), np.arange(30) % 2),
        (noise(30, 1), np.zeros(30)),
    ],
)
def test_where_nothing_can_be_told_the_constant_is_left(x: np.ndarray, y: np.ndarray) -> None:
    rows = rows_of(x, y)
    models = learned(rows)
    assert models[chosen(models, rows)].model.units == ()
    assert all(chance > 0 for chance in models[0].probabilities[0])


def test_rows_of_no_weight_are_as_if_they_were_not_there() -> None:
    x = noise(30, 1)
    rows = rows_of(x, x[:, 0] > 0)
    more = RuleRows(
        np.concatenate([x, x]),
        (0,),
        np.concatenate([rows.y, 1 - rows.y]),
        2,
        np.repeat([1.0, 0.0], 30),
    )
    assert learned(more, max_conditions=1) == learned(rows, max_conditions=1)


def test_rows_of_one_group_alone_leave_the_constant() -> None:
    x = noise(30, 1)
    rows = rows_of(x, x[:, 0] > 0, groups=np.zeros(30, dtype=np.int64))
    assert [fit.model.units for fit in learned(rows)] == [()]


def test_a_missing_value_can_be_the_reason() -> None:
    x = noise(40, 2)
    x[::3, 1] = np.nan
    rows = rows_of(x, np.isnan(x[:, 1]))
    models = learned(rows)
    assert models[chosen(models, rows)].model.units == (Missing(1),)


def test_models_move_with_a_bound_column_as_demanded() -> None:
    x = noise(40, 2)
    wrong = rows_of(x, x[:, 0] + 0.3 * x[:, 1] > 0, monotone=(-1, 0))
    for fit in learned(wrong):
        # a model may not use the first column, which only rises
        assert is_monotone(fit.model, np.array(fit.probabilities), wrong)
        high, low = wrong.x.copy(), wrong.x.copy()
        high[:, 0], low[:, 0] = 9.0, -9.0
        assert (fit.model.run(high) <= fit.model.run(low)).all()


def test_groups_stay_together_and_classes_are_spread_over_folds() -> None:
    rows = rows_of(noise(100, 1), np.arange(100) % 4 == 0, groups=np.arange(100) // 7)
    for repeat in folds(rows, 0):
        for train, test in repeat:
            assert rows.groups is not None
            assert not set(rows.groups[train]) & set(rows.groups[test])
    spread = rows_of(noise(100, 1), np.arange(100) % 4 == 0)
    shares = [spread.y[test].sum() for repeat in folds(spread, 0) for _, test in repeat]
    assert set(shares) == {5} and len(shares) == 20


def test_what_cannot_be_learned_from_is_refused() -> None:
    with pytest.raises(InputError, match="infinity"):
        rows_of(np.array([[np.inf], [0.0]]), np.arange(2))
    with pytest.raises(InputError, match="no rows"):
        RuleRows(np.empty((0, 1)), (0,), np.empty(0, np.int64), 2, np.empty(0))
    with pytest.raises(InputError, match="weights"):
        RuleRows(np.zeros((2, 1)), (0,), np.arange(2), 2, np.zeros(2))
    rows = rows_of(noise(30, 1), np.arange(30) % 2)
    with pytest.raises(CutOff):
        learn_rules(rows, settings_of(rows), Run(cancelled=lambda: True))


@pytest.mark.parametrize("stop", [CutOff("the end"), KeyboardInterrupt()])
def test_a_run_that_is_cut_off_answers_with_what_was_judged(stop: BaseException) -> None:
    lines: list[str] = []

    def told(stage: str, text: str) -> None:
        lines.append(text)
        if "fold 2 of 5; best so far" in text:
            raise stop

    x = noise(40, 1)
    run = Run(progress=told)
    rows = rows_of(x, x[:, 0] > 0)
    models = learn_rules(rows, settings_of(rows), run)
    assert run.cut_off == (str(stop) or INTERRUPT) and models[-1].model.units
    assert "rules: tree for all rows" in lines and "rules: counts in fold 1 of 5" in lines
    assert re.search(r"best so far: held-out log loss 0\.\d+ of size \d+ \(\w", lines[-1])


def test_a_large_table_is_answered_from_a_first_look() -> None:
    x = noise(2001, 4)

    def told(stage: str, text: str) -> None:
        if "for all rows; best so far" in text:
            raise CutOff("the end")

    run = Run(progress=told)
    rows = rows_of(x, (x[:, 0] > 0.5) | (x[:, 1] > 1))
    models = learn_rules(rows, settings_of(rows), run)
    assert run.cut_off == "the end"
    best = models[chosen(models, rows)]
    assert (best.model.run(rows.x) == rows.y).mean() > 0.98
    # the chances are those of all rows
    assert models[0].probabilities[0][1] == pytest.approx(rows.y.mean(), abs=1e-3)


def test_workers_judge_folds_as_one_process_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn, "PARALLEL", 0)
    x = noise(60, 2)
    rows = rows_of(x, x[:, 0] > 0.3)
    alone = learn_rules(rows, settings_of(rows, max_conditions=2), Run(n_jobs=1))
    assert alone == learn_rules(rows, settings_of(rows, max_conditions=2), Run(n_jobs=2))


def test_a_run_goes_to_a_worker_with_the_time_that_is_left() -> None:
    run = Run(3, lambda stage, text: None, 2, 100.0, lambda: False, True)
    run._start -= 60
    there = pickle.loads(pickle.dumps(run))
    assert (there.seed, there.time_limit, there.no_data) == (3, 100.0, True)
    assert there.progress is there.cancelled is None
    there.check()
    run._start -= 60
    with pytest.raises(CutOff, match="100 s"):
        pickle.loads(pickle.dumps(run)).check()


def test_points_that_became_one_tree_keep_no_shrink_of_sums() -> None:
    """Their leaves would be pulled to the shares of all rows when thresholds are made finer."""
    x = np.arange(40.0)[:, None]
    rows = rows_of(x, x[:, 0] >= 20)
    bins = binned(rows)
    tree = Split(0, Leaf(0), Split(1, Leaf(1), Leaf(2)))
    path = Path(
        "sums of trees", "", bins, [RuleModel((Below(0, 20.0), Below(0, 30.0)), (tree,), (1,))]
    )
    losses = learn._Losses()
    worse = np.array([[0.9, 0.9, 0.9, 0.1, 0.9, 0.9]])
    losses.add({"constant/": worse, path.key: worse})
    losses.add({"constant/": worse, path.key: worse})
    judged, _ = learn._held_out([path], losses, rows, settings_of(rows))
    assert not judged.fit.sums and judged.shrink == SHRINKS[1]
    assert judged.fit.probabilities[0][0] > 0.5
