"""Laws that nothing here was made for: 28 physics and nested formulas of up to six variables.

Twenty-five equations of the Feynman Lectures, numbered and sampled as in the Feynman symbolic
regression database (Udrescu and Tegmark, Science Advances 2020), and three nested ones.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deepdistill.law import Column, Floats, Law


def _law(
    name: str, operations: int, oracle: Callable[..., Floats], **ranges: tuple[float, float]
) -> Law:
    columns = tuple(Column(column, low, high) for column, (low, high) in ranges.items())
    return Law(name, columns, "y", oracle, operations)


_P = (1.0, 5.0)
_Q = (1.0, 3.0)
_T = (1.0, 2.0)

LAWS = (
    _law(
        "I.6.20", 9, lambda s, t: np.exp(-((t / s) ** 2) / 2) / (np.sqrt(2 * np.pi) * s), s=_Q, t=_Q
    ),
    _law(
        "I.8.14", 6, lambda a, b, c, d: np.sqrt((a - b) ** 2 + (c - d) ** 2), a=_P, b=_P, c=_P, d=_P
    ),
    _law("I.10.7", 6, lambda m, v, c: m / np.sqrt(1 - v**2 / c**2), m=_P, v=_T, c=(3.0, 10.0)),
    _law(
        "I.11.19",
        5,
        lambda a, b, c, d, e, f: a * d + b * e + c * f,
        a=_P,
        b=_P,
        c=_P,
        d=_P,
        e=_P,
        f=_P,
    ),
    _law("I.12.2", 6, lambda q, p, e, r: q * p / (4 * np.pi * e * r**2), q=_P, p=_P, e=_P, r=_P),
    _law(
        "I.12.11",
        5,
        lambda q, f, b, v, t: q * (f + b * v * np.sin(t)),
        q=_P,
        f=_P,
        b=_P,
        v=_P,
        t=_P,
    ),
    _law(
        "I.13.12",
        6,
        lambda g, m, n, r, s: g * m * n * (1 / s - 1 / r),
        g=_P,
        m=_P,
        n=_P,
        r=_P,
        s=_P,
    ),
    _law(
        "I.15.3x",
        8,
        lambda x, u, t, c: (x - u * t) / np.sqrt(1 - u**2 / c**2),
        x=(5.0, 10.0),
        u=_T,
        t=_T,
        c=(3.0, 20.0),
    ),
    _law("I.16.6", 6, lambda u, v, c: (u + v) / (1 + u * v / c**2), u=_P, v=_P, c=_P),
    _law("I.18.4", 5, lambda m, n, r, s: (m * r + n * s) / (m + n), m=_P, n=_P, r=_P, s=_P),
    _law("I.24.6", 7, lambda m, w, o, x: m * (w**2 + o**2) * x**2 / 4, m=_Q, w=_Q, o=_Q, x=_Q),
    _law("I.27.6", 4, lambda a, b, n: 1 / (1 / a + n / b), a=_P, b=_P, n=_P),
    _law(
        "I.29.16",
        10,
        lambda a, b, s, t: np.sqrt(a**2 + b**2 - 2 * a * b * np.cos(s - t)),
        a=_P,
        b=_P,
        s=_P,
        t=_P,
    ),
    _law(
        "I.30.3",
        9,
        lambda i, n, t: i * np.sin(n * t / 2) ** 2 / np.sin(t / 2) ** 2,
        i=_P,
        n=_P,
        t=_P,
    ),
    _law(
        "I.32.5", 8, lambda q, a, e, c: q**2 * a**2 / (6 * np.pi * e * c**3), q=_P, a=_P, e=_P, c=_P
    ),
    _law(
        "I.32.17",
        14,
        lambda e, c, f, r, w, o: (
            e * c * f**2 / 2 * 8 * np.pi * r**2 / 3 * w**4 / (w**2 - o**2) ** 2
        ),
        e=_T,
        c=_T,
        f=_T,
        r=_T,
        w=_T,
        o=(3.0, 5.0),
    ),
    _law(
        "I.34.14",
        9,
        lambda c, v, w: (1 + v / c) / np.sqrt(1 - v**2 / c**2) * w,
        c=(3.0, 10.0),
        v=_T,
        w=_P,
    ),
    _law("I.37.4", 7, lambda i, j, d: i + j + 2 * np.sqrt(i * j) * np.cos(d), i=_P, j=_P, d=_P),
    _law(
        "I.40.1",
        7,
        lambda n, m, g, x, k, t: n * np.exp(-m * g * x / (k * t)),
        n=_P,
        m=_P,
        g=_P,
        x=_P,
        k=_P,
        t=_P,
    ),
    _law(
        "I.41.16",
        11,
        lambda h, w, k, t, c: h * w**3 / (np.pi**2 * c**2 * (np.exp(h * w / (k * t)) - 1)),
        h=_P,
        w=_P,
        k=_P,
        t=_P,
        c=_P,
    ),
    _law(
        "I.44.4", 5, lambda n, k, t, v, w: n * k * t * np.log(w / v), n=_P, k=_P, t=_P, v=_P, w=_P
    ),
    _law(
        "I.50.26",
        7,
        lambda x, w, t, a: x * (np.cos(w * t) + a * np.cos(w * t) ** 2),
        x=_Q,
        w=_Q,
        t=_Q,
        a=_Q,
    ),
    _law("II.2.42", 4, lambda k, s, t, a, d: k * (t - s) * a / d, k=_P, s=_P, t=_P, a=_P, d=_P),
    _law(
        "II.6.15a",
        12,
        lambda e, p, z, r, x, y: 3 / (4 * np.pi * e) * p * z / r**5 * np.sqrt(x**2 + y**2),
        e=_Q,
        p=_Q,
        z=_Q,
        r=_Q,
        x=_Q,
        y=_Q,
    ),
    _law(
        "II.35.18",
        10,
        lambda n, m, b, k, t: n / (np.exp(m * b / (k * t)) + np.exp(-m * b / (k * t))),
        n=_Q,
        m=_Q,
        b=_Q,
        k=_Q,
        t=_Q,
    ),
    _law("nested_log", 5, lambda x: np.log(x + np.sqrt(x**2 + 1)), x=(0.0, 10.0)),
    _law(
        "nested_root", 5, lambda x, y: x * np.sqrt(1 + np.exp(-x * y)), x=(-2.0, 2.0), y=(-2.0, 2.0)
    ),
    _law(
        "nested_bell",
        8,
        lambda x, y: np.exp(-((x - 1) ** 2)) / (1.2 + (y - 2.5) ** 2),
        x=(0.3, 4.0),
        y=(0.3, 4.0),
    ),
)
"""The list was fixed before anything was measured on it."""
