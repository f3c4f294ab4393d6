"""Networks that know an equation and a few points: what they learned, as a closed form."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from math import pi
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy.stats import qmc
from torch import nn
from torch.func import functional_call, grad, vmap

WIDTH, LAYERS, INSIDE, WALLS = 24, 3, 400, 20
STEPS = 500  # at most, of Levenberg and Marquardt's method
_SHARES = (0.1, 1.0)  # of the equation beside the points, in the first half and in the second
_DAMPING, _EASIER, _HARDER, _MOST, _TRIES = 1.0, 0.3, 4.0, 1e8, 12
_ENOUGH = 1e-8  # of the mean squared errors


class Equation(NamedTuple):
    """A solution in x, t (or t alone), its ends, its equation, and how many points are given.

    ``residual`` takes a function of the network's derivatives (``u("xx")``, ``u("")`` the answer
    itself) and the equation's coefficients, of which ``start`` are first guesses. Where there are
    ``walls`` the solution is 0 at both ends of x, which belongs to the equation.
    """

    solution: Callable[..., Any]
    ends: tuple[tuple[float, float], ...]
    points: int
    residual: Callable[..., Any]
    start: tuple[float, ...]
    formula: str
    walls: bool = False

    @property
    def names(self) -> list[str]:
        return ["x", "t"][-len(self.ends) :]


EQUATIONS = {
    "heat": Equation(
        lambda x, t: np.sin(pi * x) * np.exp(-0.2 * pi**2 * t),
        ((0, 1), (0, 1)),
        15,
        lambda u, k: u("t") - k * u("xx"),
        (0.5,),
        "sin(pi * x) * exp(-0.2 * pi ** 2 * t)",
        walls=True,
    ),
    "damped": Equation(
        lambda t: np.exp(-0.4 * t) * np.cos(2.5 * t),
        ((0, 6),),
        10,
        lambda u, c, k: u("tt") + c * u("t") + k * u(""),
        (1.0, 5.0),
        "exp(-0.4 * t) * cos(2.5 * t)",
    ),
    "burgers": Equation(
        lambda x, t: 1 / (1 + np.exp(5 * x - 2.5 * t)),
        ((-1, 1), (0, 1)),
        15,
        lambda u, v: u("t") + u("") * u("x") - v * u("xx"),
        (0.2,),
        "1 / (1 + exp(5 * x - 2.5 * t))",
    ),
    "wave": Equation(
        lambda x, t: np.sin(pi * x) * np.cos(1.5 * pi * t),
        ((0, 1), (0, 1)),
        15,
        lambda u, c: u("tt") - c * u("xx"),
        (1.5,),
        "sin(pi * x) * cos(1.5 * pi * t)",
        walls=True,
    ),
    "logistic": Equation(
        lambda t: 5 / (1 + 4 * np.exp(-1.3 * t)),
        ((0, 6),),
        8,
        lambda u, r: u("t") - r * u("") * (1 - u("") / 5),
        (1.0,),
        "5 / (1 + 4 * exp(-1.3 * t))",
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


def drawn(equation: Equation, count: int, rng: Any, beyond: float = 0.0) -> Any:
    """Points (count, columns), evenly spread (Halton), that share of a range beyond its ends."""
    low, high = np.array(equation.ends, dtype=np.float64).T
    low, high = low - beyond * (high - low), high + beyond * (high - low)
    return qmc.scale(qmc.Halton(len(low), rng=rng).random(count), low, high)


def walls(equation: Equation) -> list[torch.Tensor]:
    """Points (walls, columns) at the lower and at the upper end of x."""
    ends, (low, high) = equation.ends
    t = torch.linspace(low, high, WALLS, dtype=torch.float64)
    return [torch.stack([torch.full_like(t, end), t], 1) for end in ends]


def trained(equation: Equation, seed: int, steps: int = STEPS) -> Network:
    """A network trained on a few points of the solution and on the equation.

    Levenberg and Marquardt's steps: there are fewer errors than parameters, so that each solves a
    system of as many rows as there are errors.
    """
    torch.set_num_threads(1)  # sums by several threads, and so the networks, differ
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed, 73])
    known = drawn(equation, equation.points, rng)
    x = torch.tensor(known)
    y = torch.tensor(equation.solution(*known.T))
    if equation.walls:
        x = torch.cat([x, *walls(equation)])
        y = torch.cat([y, torch.zeros(len(x) - len(y), dtype=y.dtype)])
    inside: Any = torch.tensor(drawn(equation, INSIDE, rng))
    model = Network(equation)
    parts = {name: one.detach() for name, one in model.named_parameters()}

    def answer(parts: Any, *columns: Any) -> Any:
        return functional_call(model, parts, (torch.stack(columns)[None],))[0, 0]

    def residual(parts: Any, point: Any) -> Any:
        columns = point.unbind()

        def derivative(names: str) -> Any:
            found: Any = partial(answer, parts)
            for name in names:
                found = grad(found, argnums=equation.names.index(name))
            return found(*columns)

        return equation.residual(derivative, *parts["coefficients"])

    def error(parts: Any, point: Any, truth: Any) -> Any:
        return answer(parts, *point.unbind()) - truth

    def errors(parts: Any, share: float, take: Any = lambda f: f) -> list[Any]:
        return [
            (vmap(take(error), (None, 0, 0))(parts, x, y), len(x) ** -0.5),
            (vmap(take(residual), (None, 0))(parts, inside), (share / len(inside)) ** 0.5),
        ]

    def joined(parts: Any, share: float) -> torch.Tensor:
        return torch.cat([one * weight for one, weight in errors(parts, share)])

    def slopes(parts: Any, share: float) -> torch.Tensor:
        """(errors, parameters)."""
        return torch.cat([
            torch.cat([one[name].flatten(1) for name in parts], 1) * weight
            for one, weight in errors(parts, share, grad)
        ])  # fmt: skip

    damping = _DAMPING
    for share in (share for share in _SHARES for _ in range(steps // 2)):
        left = joined(parts, share)
        before = float(left @ left)
        if before < _ENOUGH:
            continue
        slope = slopes(parts, share)
        gram = slope @ slope.T
        size = float(gram.diagonal().mean())
        eye = torch.eye(len(gram), dtype=gram.dtype)
        for _ in range(_TRIES):
            move = slope.T @ torch.linalg.solve(gram + damping * size * eye, left)
            tried, place = {}, 0
            for name, one in parts.items():
                tried[name] = one - move[place : place + one.numel()].view_as(one)
                place += one.numel()
            after = joined(tried, share)
            if float(after @ after) < before:
                parts, damping = tried, damping * _EASIER
                break
            damping *= _HARDER
        else:
            break
    model.load_state_dict(parts, strict=False)
    return model.eval()
