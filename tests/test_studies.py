"""The studies of networks' parts: their data obey the laws, and their judge knows a law."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks.studies import is_law, main
from benchmarks.study_bodies import FORCES, Bodies, messages, pushes, simulated, tensors
from benchmarks.study_equations import EQUATIONS, Network, drawn
from deepdistill.ir.infix import parse_infix
from deepdistill.surrogates.columns import named_columns

TRUE = {
    "heat": (0.2,),
    "damped": (0.8, 6.41),
    "burgers": (0.1,),
    "wave": (2.25,),
    "logistic": (1.3,),
}


@pytest.mark.parametrize("name", EQUATIONS)
def test_solutions_solve_their_equations(name: str) -> None:
    equation = EQUATIONS[name]
    at = drawn(equation, 12, np.random.default_rng(0))
    step = 1e-4
    columns = [torch.tensor(one) for one in at.T]

    def solution(moved: list[Any]) -> Any:
        return torch.tensor(equation.solution(*(one.numpy() for one in moved)))

    def slope(f: Any, of: Any) -> Any:
        """Of functions of the columns, by central differences: ``f`` and what it returns are."""
        k = next(i for i, one in enumerate(columns) if one is of)

        def found(moved: list[Any]) -> Any:
            up, down = ([one.clone() for one in moved] for _ in range(2))
            up[k] += step
            down[k] -= step
            return (f(up) - f(down)) / (2 * step)

        return Field(found)

    class Field:
        def __init__(self, of: Any) -> None:
            self.of = of

        def __call__(self, moved: list[Any]) -> Any:
            return self.of(moved)

        def _with(self, other: Any, op: Any) -> Field:
            known = other if callable(other) else lambda _: other
            return Field(lambda moved: op(self.of(moved), known(moved)))

        def __add__(self, other: Any) -> Field:
            return self._with(other, lambda a, b: a + b)

        def __sub__(self, other: Any) -> Field:
            return self._with(other, lambda a, b: a - b)

        def __rsub__(self, other: Any) -> Field:
            return self._with(other, lambda a, b: b - a)

        def __mul__(self, other: Any) -> Field:
            return self._with(other, lambda a, b: a * b)

        def __truediv__(self, other: Any) -> Field:
            return self._with(other, lambda a, b: a / b)

        __rmul__ = __mul__

    left: Any = equation.residual(Field(solution), slope, *columns, *TRUE[name])
    assert float(left(columns).abs().max()) < 1e-5
    assert Network(equation)(torch.stack(columns, 1)).shape == (12, 1)


@pytest.mark.parametrize("name", FORCES)
def test_bodies_are_pushed_by_the_force(name: str) -> None:
    force = FORCES[name]
    data = simulated(force, 2, 0)
    x, y = tensors(data)
    assert x.shape == (40, 4, 4) and y.shape == (40, 4, 2)
    model = Bodies().eval()
    assert model(x).shape == y.shape
    edges, sent = messages(model, x)
    assert edges.shape == (480, 4) and sent.shape == (480, 2)
    felt = force.law(*edges.T).reshape(40, 4, 3, 2).sum(2)
    own = force.receiver(data.charge, data.mass) / data.mass
    assert np.allclose(felt * own[..., None], data.push, rtol=1e-3, atol=1e-4)
    assert np.allclose(pushes(force, data.place, data.charge, data.mass), data.push)


def test_the_judge_tells_a_law_from_what_only_fits() -> None:
    names = ("dx", "dy", "charge", "mass")
    columns = named_columns(4, names, {"r": "hypot(dx, dy)"}, None, ())
    texts = {
        "3 * (dx + 0.1 * dy) * (1 - 1 / r)": True,
        "3 * dx * (1 - 0.99 / r)": True,
        "dx * log(r) / sqrt(r)": False,
        "dx": False,
    }
    for text, right in texts.items():
        expr, _ = parse_infix(text, (*names, "r"))
        d = SimpleNamespace(source=SimpleNamespace(columns=columns), outputs=[_found(expr)])
        assert is_law(d, FORCES["spring"], 0) == right, text


def _found(expr: Any) -> Any:
    return SimpleNamespace(expr=expr)


def test_an_unknown_study_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["nbody_r7"])
    assert ended.value.code == 2
    assert "there is no study 'nbody_r7'" in capsys.readouterr().err
