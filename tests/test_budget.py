"""More budget never makes a worse front: each formula has one as small that errs no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from deepdistill.formula.symbolic.choose import chosen_backends, search

_ROUNDINGS = 1e-6
LAWS: dict[str, Callable[[Any, Any], Any]] = {
    "wave": lambda a, b: a * np.sin(2 * b),
    "quotient": lambda a, b: np.exp(-a) * b**1.5 / (1 + b),
    "root": lambda a, b: np.sqrt(a + b**2),
}


@pytest.mark.parametrize("noise", [0.0, 0.03])
@pytest.mark.parametrize("law", LAWS)
def test_more_budget_is_never_a_worse_front(law: str, noise: float) -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(0.5, 3, (80, 2))
    y = LAWS[law](*x.T) + noise * rng.normal(size=len(x))
    before: list[tuple[int, float]] = []
    for budget in (0.0, 0.1, 0.4, 1.0):
        found = search(x, y, ["a", "b"], backends=chosen_backends("sparse"), budget=budget)
        front = [(fit.complexity, fit.loss) for fit in found.front]
        for size, loss in before:
            most = loss * (1 + _ROUNDINGS) + 1e-18
            assert any(s <= size and e <= most for s, e in front), (budget, size, loss, front)
        before = front
