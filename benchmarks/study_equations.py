"""Networks that know an equation and a few points: what they learned, as a closed form."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import pi
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy.stats import qmc
from torch import nn

WIDTH, LAYERS, ADAM, LBFGS, INSIDE = 24, 3, 1500, 1000, 300
_SHARES = (0.1, 0.1, 0.1, 1.0)  # of the equation in the loss: of Adam, of starts of L-BFGS


class Equation(NamedTuple):
    """A solution in x, t (or t alone), its ends, its equation, and how many points are given.

    ``residual`` takes the network's answer, a function for derivatives by a column, the columns
    and the equation's coefficients, of which ``start`` are first guesses.
    """

    solution: Callable[..., Any]
    ends: tuple[tuple[float, float], ...]
    points: int
    residual: Callable[..., torch.Tensor]
    start: tuple[float, ...]
    formula: str

    @property
    def names(self) -> list[str]:
        return ["x", "t"][-len(self.ends) :]


EQUATIONS = {
    "heat": Equation(
        lambda x, t: np.sin(pi * x) * np.exp(-0.2 * pi**2 * t),
        ((0, 1), (0, 1)),
        15,
        lambda u, d, x, t, k: d(u, t) - k * d(d(u, x), x),
        (0.5,),
        "sin(pi x) exp(-0.2 pi^2 t)",
    ),
    "damped": Equation(
        lambda t: np.exp(-0.4 * t) * np.cos(2.5 * t),
        ((0, 6),),
        10,
        lambda u, d, t, c, k: d(d(u, t), t) + c * d(u, t) + k * u,
        (1.0, 5.0),
        "exp(-0.4 t) cos(2.5 t)",
    ),
    "burgers": Equation(
        lambda x, t: 1 / (1 + np.exp(5 * x - 2.5 * t)),
        ((-1, 1), (0, 1)),
        15,
        lambda u, d, x, t, v: d(u, t) + u * d(u, x) - v * d(d(u, x), x),
        (0.2,),
        "1 / (1 + exp(5 x - 2.5 t))",
    ),
    "wave": Equation(
        lambda x, t: np.sin(pi * x) * np.cos(1.5 * pi * t),
        ((0, 1), (0, 1)),
        15,
        lambda u, d, x, t, c: d(d(u, t), t) - c * d(d(u, x), x),
        (1.5,),
        "sin(pi x) cos(1.5 pi t)",
    ),
    "logistic": Equation(
        lambda t: 5 / (1 + 4 * np.exp(-1.3 * t)),
        ((0, 6),),
        8,
        lambda u, d, t, r: d(u, t) - r * u * (1 - u / 5),
        (1.0,),
        "5 / (1 + 4 exp(-1.3 t))",
    ),
}


class Network(nn.Module):
    """Columns (n, columns), scaled to -1 to 1 by its ends, and one answer (n, 1)."""

    low: torch.Tensor
    high: torch.Tensor

    def __init__(self, equation: Equation) -> None:
        super().__init__()
        low, high = torch.tensor(equation.ends, dtype=torch.float64).T
        self.register_buffer("low", low)
        self.register_buffer("high", high)
        sizes = [len(equation.ends), *[WIDTH] * LAYERS]
        layers: list[nn.Module] = []
        for a, b in pairwise(sizes):
            layers += [nn.Linear(a, b), nn.Tanh()]
        self.layers = nn.Sequential(*layers, nn.Linear(WIDTH, 1)).double()
        self.coefficients = nn.Parameter(torch.tensor(equation.start, dtype=torch.float64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = self.layers((2 * x - self.low - self.high) / (self.high - self.low))
        return answer


def drawn(equation: Equation, count: int, rng: Any) -> Any:
    """Points (count, columns) between the ends, evenly spread (Halton)."""
    low, high = np.array(equation.ends, dtype=np.float64).T
    return qmc.scale(qmc.Halton(len(low), rng=rng).random(count), low, high)


def trained(equation: Equation, seed: int) -> Network:
    """A network trained on a few points of the solution and on the equation."""
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed, 73])
    known = drawn(equation, equation.points, rng)
    x = torch.tensor(known)
    y = torch.tensor(equation.solution(*known.T))[:, None]
    inside: Any = torch.tensor(drawn(equation, INSIDE, rng))
    model = Network(equation)

    def loss(share: float) -> Any:
        columns = [one.clone().requires_grad_() for one in inside.split(1, dim=1)]
        u = model(torch.cat(columns, 1))

        def slope(f: torch.Tensor, of: torch.Tensor) -> Any:
            return torch.autograd.grad(f.sum(), of, create_graph=True)[0]

        left = equation.residual(u, slope, *columns, *model.coefficients)
        return ((model(x) - y) ** 2).mean() + share * (left**2).mean()

    adam = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(ADAM):
        adam.zero_grad()
        loss(_SHARES[0]).backward()
        adam.step()
    for share in _SHARES[1:]:  # anew: its memory of curvature may have gone wrong
        fine: Any = torch.optim.LBFGS(
            model.parameters(),
            max_iter=LBFGS,
            history_size=50,
            line_search_fn="strong_wolfe",
            tolerance_grad=1e-12,
            tolerance_change=1e-15,
        )

        def closure(share: float = share) -> Any:
            model.zero_grad()
            value = loss(share)
            value.backward()
            return value

        fine.step(closure)
    return model.eval()
