"""Laws that nothing here was made for: 28 physics and nested formulas, and 28 held out.

Equations of the Feynman Lectures, numbered and sampled as in the Feynman symbolic regression
database (Udrescu and Tegmark, Science Advances 2020), and a few nested ones. Inverse sines and
cosines are no operators here, so the equations with them are left out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deepdistill.data.laws import Column, Floats, Law


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

_U = (0.0, 1.0)
_R = (3.0, 10.0)

HELD_OUT = (
    _law(
        "I.9.18",
        11,
        lambda g, m, n, a, b, c, d, e, f: g * m * n / ((b - a) ** 2 + (d - c) ** 2 + (f - e) ** 2),
        g=_T,
        m=_T,
        n=_T,
        a=(3.0, 4.0),
        b=_T,
        c=(3.0, 4.0),
        d=_T,
        e=(3.0, 4.0),
        f=_T,
    ),
    _law("I.12.4", 5, lambda q, e, r: q / (4 * np.pi * e * r**2), q=_P, e=_P, r=_P),
    _law("I.13.4", 7, lambda m, v, u, w: m * (v**2 + u**2 + w**2) / 2, m=_P, v=_P, u=_P, w=_P),
    _law("I.14.3", 2, lambda m, g, z: m * g * z, m=_P, g=_P, z=_P),
    _law("I.15.10", 7, lambda m, v, c: m * v / np.sqrt(1 - v**2 / c**2), m=_P, v=_T, c=_R),
    _law("I.18.12", 3, lambda r, f, t: r * f * np.sin(t), r=_P, f=_P, t=(0.0, 5.0)),
    _law("I.34.8", 3, lambda q, v, b, p: q * v * b / p, q=_P, v=_P, b=_P, p=_P),
    _law(
        "I.38.12", 6, lambda e, h, m, q: 4 * np.pi * e * h**2 / (m * q**2), e=_P, h=_P, m=_P, q=_P
    ),
    _law("I.39.22", 3, lambda n, k, t, v: n * k * t / v, n=_P, k=_P, t=_P, v=_P),
    _law("I.43.31", 2, lambda m, k, t: m * k * t, m=_P, k=_P, t=_P),
    _law("I.47.23", 3, lambda g, p, r: np.sqrt(g * p / r), g=_P, p=_P, r=_P),
    _law("I.48.20", 7, lambda m, v, c: m * c**2 / np.sqrt(1 - v**2 / c**2), m=_P, v=_T, c=_R),
    _law("II.3.24", 4, lambda p, r: p / (4 * np.pi * r**2), p=_P, r=_P),
    _law(
        "II.6.11",
        7,
        lambda e, p, t, r: p * np.cos(t) / (4 * np.pi * e * r**2),
        e=_Q,
        p=_Q,
        t=_Q,
        r=_Q,
    ),
    _law("II.11.27", 7, lambda n, a, e, f: n * a / (1 - n * a / 3) * e * f, n=_U, a=_U, e=_T, f=_T),
    _law("II.11.28", 6, lambda n, a: 1 + n * a / (1 - n * a / 3), n=_U, a=_U),
    _law(
        "II.24.17",
        7,
        lambda w, c, d: np.sqrt(w**2 / c**2 - np.pi**2 / d**2),
        w=(4.0, 6.0),
        c=_T,
        d=(2.0, 4.0),
    ),
    _law(
        "II.35.21",
        6,
        lambda n, m, b, k, t: n * m * np.tanh(m * b / (k * t)),
        n=_P,
        m=_P,
        b=_P,
        k=_P,
        t=_P,
    ),
    _law(
        "II.36.38",
        11,
        lambda m, h, k, t, a, e, c, g: m * h / (k * t) + m * a * g / (e * c**2 * k * t),
        m=_Q,
        h=_Q,
        k=_Q,
        t=_Q,
        a=_Q,
        e=_Q,
        c=_Q,
        g=_Q,
    ),
    _law(
        "III.4.32", 6, lambda h, w, k, t: 1 / (np.exp(h * w / (k * t)) - 1), h=_P, w=_P, k=_P, t=_P
    ),
    _law(
        "III.9.52",
        14,
        lambda p, f, t, h, w, o: (
            2 * np.pi * p * f * t / h * np.sin((w - o) * t / 2) ** 2 / ((w - o) * t / 2) ** 2
        ),
        p=_Q,
        f=_Q,
        t=_Q,
        h=_Q,
        w=_P,
        o=_P,
    ),
    _law(
        "III.10.19",
        7,
        lambda m, x, y, z: m * np.sqrt(x**2 + y**2 + z**2),
        m=_P,
        x=_P,
        y=_P,
        z=_P,
    ),
    _law(
        "III.14.14",
        6,
        lambda i, q, v, k, t: i * (np.exp(q * v / (k * t)) - 1),
        i=_P,
        q=_T,
        v=_T,
        k=_T,
        t=_T,
    ),
    _law("III.15.27", 4, lambda a, n, d: 2 * np.pi * a / (n * d), a=_P, n=_P, d=_P),
    _law("III.17.37", 4, lambda b, a, t: b * (1 + a * np.cos(t)), b=_P, a=_P, t=_P),
    _law(
        "nested_softplus", 4, lambda x, y: np.log(1 + np.exp(x - y)), x=(-3.0, 3.0), y=(-3.0, 3.0)
    ),
    _law("nested_wave", 6, lambda x, y: np.exp(-x / 2) * np.cos(3 * x + y), x=_U, y=_Q),
    _law("nested_fraction", 4, lambda x, y, z: x / (1 + y / (1 + z)), x=_P, y=_P, z=_P),
)
"""Fixed before anything was measured on it, and measured when the search was finished."""
