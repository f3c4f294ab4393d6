"""The studies of networks' parts: their data obey the laws, and their judge knows a law."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks.studies import is_law, main
from benchmarks.study_bodies import FORCES, Bodies, messages, pushes, simulated, tensors
from benchmarks.study_equations import EQUATIONS, Network, drawn, trained, walls
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

    def derivative(names: str, x: Any = at) -> Any:
        """Of the solution, by central differences."""
        if not names:
            return equation.solution(*x.T)
        ahead = step * (np.array(equation.names) == names[0])
        up, down = derivative(names[1:], x + ahead), derivative(names[1:], x - ahead)
        return (up - down) / (2 * step)

    left = equation.residual(derivative, *TRUE[name])
    assert np.abs(left).max() < 1e-5
    assert Network(equation)(torch.tensor(at)).shape == (12, 1)
    for wall in walls(equation) if equation.walls else ():
        assert np.abs(equation.solution(*wall.numpy().T)).max() < 1e-12


def test_a_network_learns_an_equation() -> None:
    model = trained(EQUATIONS["logistic"], 0, steps=20)
    assert float(model.coefficients.detach()[0]) == pytest.approx(1.3, rel=0.1)


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
