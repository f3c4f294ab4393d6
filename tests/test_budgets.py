"""More budget, never a worse front: a larger search goes the way of the smaller ones first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from deepdistill.data.running import Run
from deepdistill.formula.symbolic.backend import Fit
from deepdistill.formula.symbolic.choose import budgets, search
from deepdistill.formula.symbolic.sparse import Sparse

Law = Callable[[Any, Any], Any]
LAWS: dict[str, Law] = {
    "sine": lambda a, b: a * np.sin(2 * b),
    "decay": lambda a, b: 3 * np.exp(-a) * b + 1,
    "quotient": lambda a, b: a * b / (a + b),
    "root": lambda a, b: np.sqrt(a * a + b) - np.log(b),
    "none": lambda a, b: np.sin(7 * a * b) * np.exp(np.sin(5 * a)),
}


def test_budgets_grow_threefold() -> None:
    assert budgets(0.01) == [0.1] == budgets(0.29)
    assert budgets(1) == pytest.approx([0.1, 0.3, 1])
    assert budgets(50) == pytest.approx([0.1, 0.3, 1, 3, 10, 30])
    for one in (0.1, 0.3, 1.0, 3.0, 10.0):
        assert budgets(one)[-1] == pytest.approx(one)


def fronts(law: Law, noise: float, steps: Sequence[float]) -> list[tuple[Fit, ...]]:
    rng = np.random.default_rng(0)
    x = rng.uniform(0.2, 3, (80, 2))
    y = law(*x.T)
    y = y + noise * np.std(y) * rng.normal(size=len(y))
    one = Run(n_jobs=1)
    return [
        search(x, y, ["a", "b"], backends=[Sparse()], budget=step, run=one).front for step in steps
    ]


@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize("name", LAWS)
def test_more_budget_is_never_a_worse_front(name: str, noise: float) -> None:
    small: list[Fit] = []
    for front in fronts(LAWS[name], noise, (0, 0.1, 0.7, 1)):
        for one in small:
            best = min(fit.loss for fit in front if fit.complexity <= one.complexity)
            assert best <= one.loss * (1 + 1e-9), (one, front)
        small += [fit for fit in front if fit.backend != "linear"]
