"""The network of threshold units over sums: what it finds that no search by columns does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from deepdistill.data.running import CutOff, Run
from deepdistill.forms.rules.lift import DecisionSize
from deepdistill.learn.rules.bins import BinnedRows, binned, part
from deepdistill.learn.rules.conditions import counts
from deepdistill.learn.rules.learn import chosen, learn_rules
from deepdistill.learn.rules.lists import rule_lists
from deepdistill.learn.rules.network import trained_units
from deepdistill.learn.rules.points import stumps
from deepdistill.learn.rules.proposals import NETWORK, paths
from deepdistill.learn.rules.rows import RuleRows, RuleSettings
from deepdistill.learn.rules.snap import over_columns, tidied
from deepdistill.learn.rules.sums import sums_of_trees
from deepdistill.learn.rules.trees import trees
from deepdistill.learn.rules.votes import counted, voting_units
from deepdistill.units.rules import AtLeast, RuleModel, SumBelow


def table(rows: int, seed: int = 0) -> np.ndarray:
    """Marks from 0 to 100 and amounts from 0 to 10, in turn."""
    rng = np.random.default_rng(seed)
    drawn = [
        rng.integers(0, 101, rows).astype(float) if k % 2 else rng.uniform(0, 10, rows).round(1)
        for k in range(7)
    ]
    return np.stack(drawn, axis=1)


def two_of_three(x: np.ndarray) -> np.ndarray:
    return np.asarray(
        (20 * x[:, 0] + 10 * x[:, 2] >= 150).astype(int)
        + (x[:, 1] - x[:, 3] >= 0)
        + (10 * x[:, 4] + x[:, 5] < 100)
        >= 2
    )


def settings_of(rows: RuleRows) -> RuleSettings:
    return RuleSettings(DecisionSize(rows.levels, tuple(np.isnan(rows.x).any(axis=0).tolist())))


def rows_of(x: np.ndarray, y: np.ndarray, noise: float = 0.0, **more: object) -> RuleRows:
    flipped = np.random.default_rng(1).uniform(size=len(y)) < noise
    fields = {"levels": (0,) * x.shape[1], "classes": 2, "weights": np.ones(len(y)), **more}
    return RuleRows(x, y=(y ^ flipped).astype(np.int64), **fields)


def all_of(rows: RuleRows) -> BinnedRows:
    return part(binned(rows), rows, np.arange(len(rows.y)))


def summed(model: RuleModel) -> set[tuple[int, ...]]:
    """The columns of each sum."""
    sums = [unit.weights for unit in model.units if isinstance(unit, SumBelow)]
    return {tuple(column for column, _ in weights) for weights in sums}


def test_a_count_of_sums_is_read_from_the_network() -> None:
    x = table(400)
    rows = rows_of(x, two_of_three(x), 0.05)
    found = voting_units(all_of(rows), rows.x, Run())
    assert found is not None
    model = tidied(over_columns(counted(found)[2], found.part.bins))
    assert summed(model) == {(0, 2), (1, 3), (4, 5)}
    assert SumBelow(((1, 1), (3, -1)), 0.0).weights in [u.weights for u in model.units[:3]]  # type: ignore[union-attr]
    (count,) = (unit for unit in model.units if isinstance(unit, AtLeast))
    assert count.count == 2
    fresh = table(5000, 9)
    assert (model.run(fresh) == two_of_three(fresh)).mean() > 0.94


def test_what_the_network_finds_is_chosen_where_it_is_right() -> None:
    x = table(300)[:, :4]
    both = (10 * x[:, 0] + x[:, 1] >= 80) & (10 * x[:, 2] - x[:, 3] < 10)
    rows = rows_of(x, both, 0.03)
    models = learn_rules(rows, settings_of(rows), Run())
    best = models[chosen(models, rows)]
    assert summed(best.model) == {(0, 1), (2, 3)} and best.size < 45
    fresh = table(5000, 9)[:, :4]
    right = (10 * fresh[:, 0] + fresh[:, 1] >= 80) & (10 * fresh[:, 2] - fresh[:, 3] < 10)
    assert (best.model.run(fresh) == right).mean() > 0.96


def test_the_order_in_which_a_machine_adds_does_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = table(200)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    y = two_of_three(x).astype(float)
    weights = np.random.default_rng(2).uniform(0.5, 2, 200)
    first = trained_units(z, y, weights, 3, lambda: None)
    draw = torch.randint
    # the same starts among rows that stand the other way round
    monkeypatch.setattr(torch, "randint", lambda n, *a, **k: n - 1 - draw(n, *a, **k))
    again = trained_units(z[::-1], y[::-1], weights[::-1], 3, lambda: None)
    for one, other in zip(first, again, strict=True):
        assert (one.weights == other.weights).all() and one.vote == other.vote
        assert (one.fires == other.fires[::-1]).all()


def test_what_the_network_is_not_asked_for() -> None:
    x = table(100)
    y = two_of_three(x)

    def asked(rows: RuleRows) -> bool:
        keys = frozenset({f"counts/{NETWORK}"})
        return any(paths(all_of(rows), rows, settings_of(rows), Run(), keys))

    assert asked(rows_of(x, y))
    assert not asked(rows_of(x, y, monotone=(1, 0, 0, 0, 0, 0, 0)))
    assert not asked(rows_of(x[:, :1], y)) and not asked(rows_of(x[:50], y[:50]))
    levels = rows_of((x > 5).astype(float), y, levels=(2,) * 7)
    assert not asked(levels)
    missing = x.copy()
    missing[::3] = np.nan
    assert asked(rows_of(missing, y))


@pytest.mark.parametrize("propose", [counts, rule_lists, stumps, sums_of_trees, trees])
def test_proposers_end_when_the_run_is_cut_off(propose: Any) -> None:
    def over() -> None:
        raise CutOff("the end")

    x = table(100)
    rows = rows_of(x, two_of_three(x))
    given = part(binned(rows), rows, np.arange(100), over)
    with pytest.raises(CutOff):
        propose(given, 3)


def test_training_ends_when_the_run_is_cut_off() -> None:
    x = table(100)
    asked = iter(range(100))
    run = Run(cancelled=lambda: next(asked) > 2)
    with pytest.raises(CutOff):
        voting_units(all_of(rows_of(x, two_of_three(x))), x, run)
