"""Smooth problems: textbook laws with the ranges they are sampled from, and two laws in regimes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from deepdistill.data.laws import Column, Floats, Law

PATTERNS: Mapping[str, str] = {}


def _law(
    name: str,
    target: str,
    oracle: Callable[..., Floats],
    operations: int,
    summary: str,
    regimes: bool = False,
    **ranges: tuple[float, float],
) -> Law:
    columns = tuple(Column(column, low, high) for column, (low, high) in ranges.items())
    return Law(name, columns, target, oracle, operations, summary, regimes=regimes)


def _drag(speed: Floats) -> Floats:
    """Newtons on a small body: slow flow, a transition, turbulent flow; continuous."""
    slow, turbulent = 0.5 * speed, 0.25 * speed**2
    between = 0.25 * speed**2 + 0.25 * speed
    return np.where(speed < 1, slow, np.where(speed < 4, between, turbulent + 1))


def _tax(income: Floats) -> Floats:
    """Nothing up to 10, a tenth up to 30, a quarter up to 80, two fifths above (thousands)."""
    return (
        0.1 * np.maximum(0, income - 10)
        + 0.15 * np.maximum(0, income - 30)
        + 0.15 * np.maximum(0, income - 80)
    )


LAWS = (
    _law(
        "heat",
        "temperature",
        lambda a, t, x: np.exp(-(np.pi**2) * a * t) * np.sin(np.pi * x),
        7,
        "A rod that cools: exp(-pi^2 a t) sin(pi x).",
        a=(0.1, 1.0),
        t=(0.0, 1.0),
        x=(0.0, 1.0),
    ),
    _law(
        "lorenz_x",
        "rate",
        lambda x, y: 10 * (y - x),
        2,
        "First Lorenz equation: 10 (y - x).",
        x=(-20.0, 20.0),
        y=(-25.0, 25.0),
    ),
    _law(
        "lorenz_y",
        "rate",
        lambda x, y, z: x * (28 - z) - y,
        3,
        "Second Lorenz equation: x (28 - z) - y.",
        x=(-20.0, 20.0),
        y=(-25.0, 25.0),
        z=(0.0, 45.0),
    ),
    _law(
        "lorenz_z",
        "rate",
        lambda x, y, z: x * y - 8 / 3 * z,
        4,
        "Third Lorenz equation: x y - 8/3 z.",
        x=(-20.0, 20.0),
        y=(-25.0, 25.0),
        z=(0.0, 45.0),
    ),
    _law(
        "inverse_square",
        "intensity",
        lambda power, r: power / (4 * np.pi * r**2),
        4,
        "Intensity of a source: power / (4 pi r^2).",
        power=(1.0, 10.0),
        r=(0.5, 5.0),
    ),
    _law(
        "spring",
        "force",
        lambda k, x: -k * x,
        2,
        "Spring force: -k x.",
        k=(0.5, 5.0),
        x=(-3.0, 3.0),
    ),
    _law(
        "hypotenuse",
        "c",
        lambda a, b: np.sqrt(a**2 + b**2),
        4,
        "sqrt(a^2 + b^2).",
        a=(0.5, 5.0),
        b=(0.5, 5.0),
    ),
    _law(
        "gaussian",
        "density",
        lambda x, mu, sigma: (
            np.exp(-((x - mu) ** 2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))
        ),
        11,
        "Normal density of x, mu and sigma.",
        x=(-3.0, 3.0),
        mu=(-1.0, 1.0),
        sigma=(0.5, 2.0),
    ),
    _law(
        "attraction",
        "force",
        lambda m1, m2, x, y, z: 6.674 * m1 * m2 / (x**2 + y**2 + z**2),
        8,
        "Attraction of two masses at a distance given by three coordinates: five variables.",
        m1=(1.0, 5.0),
        m2=(1.0, 5.0),
        x=(0.5, 3.0),
        y=(0.5, 3.0),
        z=(0.5, 3.0),
    ),
    _law(
        "kepler",
        "period",
        lambda a, mass: 2 * np.pi * np.sqrt(a**3 / mass),
        5,
        "Kepler's third law: 2 pi sqrt(a^3 / mass).",
        a=(0.5, 10.0),
        mass=(0.5, 5.0),
    ),
    _law(
        "logistic",
        "size",
        lambda t, k: k / (1 + np.exp(-1.5 * (t - 4))),
        5,
        "Logistic growth: k / (1 + exp(-1.5 (t - 4))).",
        t=(0.0, 8.0),
        k=(1.0, 5.0),
    ),
    _law(
        "michaelis_menten",
        "rate",
        lambda v, s, km: v * s / (km + s),
        3,
        "Michaelis-Menten: v s / (km + s).",
        v=(0.5, 5.0),
        s=(0.1, 10.0),
        km=(0.5, 5.0),
    ),
    _law(
        "log_and_product",
        "value",
        lambda x, y: np.log(1 + x) + x * y,
        4,
        "log(1 + x) + x y.",
        x=(0.0, 5.0),
        y=(-3.0, 3.0),
    ),
    _law(
        "cubic",
        "value",
        lambda x, y: x**3 - 2 * x * y**2 + 3 * x * y - y + 1,
        10,
        "x^3 - 2 x y^2 + 3 x y - y + 1.",
        x=(-2.0, 2.0),
        y=(-2.0, 2.0),
    ),
    _law(
        "absolute",
        "value",
        lambda x, y: np.abs(x) * y,
        2,
        "|x| y.",
        x=(-3.0, 3.0),
        y=(-3.0, 3.0),
    ),
    _law(
        "coulomb",
        "force",
        lambda q1, q2, r: q1 * q2 / (r**2 + 0.25),
        4,
        "Coulomb with a softening: q1 q2 / (r^2 + 1/4).",
        q1=(-3.0, 3.0),
        q2=(-3.0, 3.0),
        r=(0.1, 4.0),
    ),
    _law(
        "drag",
        "force",
        _drag,
        12,
        "Drag in three regimes of speed.",
        regimes=True,
        speed=(0.0, 10.0),
    ),
    _law(
        "income_tax",
        "tax",
        _tax,
        11,
        "Progressive income tax with three thresholds.",
        regimes=True,
        income=(0.0, 150.0),
    ),
)

NAMES: tuple[str, ...] = ()
"""Laws are found through ``LAWS``: they are no problems of whole numbers."""


def find(name: str) -> None:
    """No problem of whole numbers is here."""
    return None
