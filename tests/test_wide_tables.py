"""Tables of many columns: what is looked at, and what of it is written as an expression."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.formula.regimes.look import FEW_NAMES
from deepdistill.formula.regimes.peel import _plainest
from deepdistill.formula.regimes.search import find_regimes, fit_of
from deepdistill.formula.symbolic.arrays import complexity, values
from deepdistill.formula.symbolic.backend import OPERATORS, Fit
from deepdistill.formula.symbolic.library import Features, features, plain, products
from deepdistill.ir.expr import Const, Var

COLUMNS = {name: np.random.default_rng(k).uniform(1, 3, 12) for k, name in enumerate("abc")}


def of(names: str) -> Features:
    exprs = [expr for name in names for expr in plain(Var(name), OPERATORS)]
    return features(exprs, COLUMNS, complexity)


@settings(max_examples=20)
@given(st.data())
def test_products_are_what_their_columns_say(data: st.DataObject) -> None:
    found = products(of("ab"), of("c"))
    count = found.columns.shape[1]
    assert len(found.exprs) == count == len(found.sizes)
    for _ in range(2):  # some of some
        places = data.draw(st.lists(st.integers(0, len(found.exprs) - 1), min_size=1, max_size=5))
        found = found.take(places)
    for k, expr in enumerate(found.exprs):
        np.testing.assert_allclose(values(expr, COLUMNS), found.columns[:, k])
        assert complexity(expr) == found.sizes[k]
    assert products(found, of("b")).take([0]).exprs[0] == products(found, of("b")).exprs[0]


def test_of_many_windows_those_of_the_plainest_are_looked_at() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(400, 6))
    y = np.where(np.arange(400) < 40, x @ np.arange(6), rng.normal(size=400))
    windows = [np.arange(start, start + 40) for start in range(360, -1, -40)]
    chosen = _plainest(windows, x, y)
    assert chosen[0].tolist() == list(range(40)) and len(chosen) == 2 * FEW_NAMES < len(windows)


def test_exact_regimes_that_are_known_are_not_looked_for_again() -> None:
    x = np.linspace(0, 1, 40)[:, None]
    y = np.where(x[:, 0] < 0.4, 1.0, 2 * x[:, 0])
    known = fit_of(Const(7), x, y, ["x"])
    asked: list[bool] = []

    def exact(long: bool) -> Fit:
        asked.append(long)
        return known

    for long in (False, True):
        assert find_regimes(x, y, ["x"], OPERATORS, 0, long, None, exact=exact) is known
    assert asked == [False, True]
