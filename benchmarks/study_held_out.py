"""Studies that nothing was chosen by: forces and equations written down before they were tried.

``python -m benchmarks.studies held_yukawa held_advection``: networks and measures are those of
``benchmarks/study_bodies.py`` and ``benchmarks/study_equations.py``.
"""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np
import torch

from benchmarks.study_bodies import Force
from benchmarks.study_equations import Equation

_ONE: Any = lambda q, m: 1.0  # noqa: E731
_BRATU = 1.1  # theta of Bratu's solution: its coefficient is 8 (theta / cosh(theta)) ** 2
_FISHER = 6**0.5


def _soft(r: Any, q: Any, m: Any) -> Any:
    return 2 * np.maximum(1 / r - 1, 0)


FORCES = {
    "r3": Force(lambda r, q, m: -m / r**4, lambda q, m: m, "mass * dx / r ** 4", 0.0),
    "cubic": Force(lambda r, q, m: -0.5 * r**2, _ONE, "dx * r ** 2", 0.0),
    "yukawa": Force(
        lambda r, q, m: q * (1 + r) * np.exp(-r) / r**3,
        lambda q, m: q,
        "charge * dx * (1 + r) * exp(-r) / r ** 3",
        0.0,
    ),
    "screened": Force(
        lambda r, q, m: q * np.exp(-r) / r**2, lambda q, m: q, "charge * dx * exp(-r) / r ** 2", 0.0
    ),
    "cutoff": Force(
        lambda r, q, m: np.where(r < 1.5, -2 * (1 - 1 / r), 0.0),
        _ONE,
        "dx * (1 - 1 / r) * max(0, 1.5 - r)",  # as many nodes as its condition
        0.0,
    ),
    "soft_disc": Force(_soft, _ONE, "dx * max(0, 1 / r - 1)", 0.0),
    "heavy_spring": Force(
        lambda r, q, m: -0.5 * m * (1 - 2 / r), lambda q, m: m, "mass * dx * (1 - 2 / r)", 0.0
    ),
}

EQUATIONS = {
    "decay": Equation(
        lambda t: 3 * np.exp(-0.7 * t),
        ((0, 5),),
        8,
        lambda u, k: u("t") + k * u(""),
        (0.3,),
        "3 * exp(-0.7 * t)",
    ),
    "advection": Equation(
        lambda x, t: np.exp(-4 * (x - 0.5 * t) ** 2),
        ((-1, 2), (0, 2)),
        15,
        lambda u, c: u("t") + c * u("x"),
        (0.2,),
        "exp(-4 * (x - 0.5 * t) ** 2)",
    ),
    "poisson": Equation(
        lambda x, t: np.sin(pi * x) * np.sin(2 * pi * t),
        ((0, 1), (0, 1)),
        15,
        lambda u, k: u("xx") + u("tt") + k * u(""),
        (40.0,),
        "sin(pi * x) * sin(2 * pi * t)",
        walls=True,
    ),
    "cooling": Equation(
        lambda t: 20 + 60 * np.exp(-0.25 * t),
        ((0, 12),),
        8,
        lambda u, k: u("t") + k * (u("") - 20),
        (1.0,),
        "20 + 60 * exp(-0.25 * t)",
    ),
    "bratu": Equation(
        lambda t: 2 * np.log(np.cosh(_BRATU) / np.cosh(_BRATU * (1 - 2 * t))),
        ((0, 1),),
        10,
        lambda u, k: u("tt") + k * torch.exp(u("")),
        (2.0,),
        "2 * log(3.3 / (exp(1.1 - 2.2 * t) + exp(2.2 * t - 1.1)))",
    ),
    "logistic_2": Equation(
        lambda t: 3 / (1 + 2 * np.exp(-0.8 * t)),
        ((0, 8),),
        8,
        lambda u, r: u("t") - r * u("") * (1 - u("") / 3),
        (1.5,),
        "3 / (1 + 2 * exp(-0.8 * t))",
    ),
    "gompertz": Equation(
        lambda t: 2 * np.exp(-3 * np.exp(-0.9 * t)),
        ((0, 6),),
        8,
        lambda u, r: u("t") - r * u("") * torch.log(2 / u("").clamp(min=1e-3)),
        (0.5,),
        "2 * exp(-3 * exp(-0.9 * t))",
    ),
    "fisher": Equation(
        lambda x, t: (1 + np.exp((x - 5 / _FISHER * t) / _FISHER)) ** -2.0,
        ((-3, 6), (0, 2)),
        15,
        lambda u, d: u("t") - d * u("xx") - u("") * (1 - u("")),
        (0.5,),
        "1 / (1 + exp(0.408 * x - 0.833 * t)) ** 2",
    ),
    "kink": Equation(
        lambda x, t: np.tanh((x - 0.4 * t) / 0.5),
        ((-1, 1.5), (0, 1)),
        15,
        lambda u, c: u("t") + c * u("x"),
        (0.1,),
        "tanh(2 * x - 0.8 * t)",
    ),
}
