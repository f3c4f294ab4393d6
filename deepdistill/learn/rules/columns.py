"""Integer weights for sums of columns, such as ``2 * npreg + age``."""

from __future__ import annotations

from math import gcd

import numpy as np

from ...units.rules import Floats, Places

_MULTIPLES = (1, 2, 3, 4, 5, 6, 8, 10)
_LARGEST = 100_000  # the ratio of two weights
_BIT = 0.0015  # of the variance that a further bit of the weights has to tell


def whole_weights(real: Floats, numbers: Floats, shares: Floats) -> Places | None:
    """Small integers whose sum of ``numbers`` (rows, columns) goes with that of the real weights.

    ``shares`` (rows,) say how much each row counts. Nothing where the weights are too far apart.
    """
    size = np.abs(real)
    if size.min() == 0 or size.max() / size.min() > _LARGEST:
        return None
    numbers = (numbers - shares @ numbers) * np.sqrt(shares)[:, None]
    goal = numbers @ real
    best: tuple[float, Places] | None = None
    for multiple in _MULTIPLES:
        whole = np.array([_short(w) for w in (real / size.min() * multiple).tolist()])
        whole = whole // gcd(*whole.tolist())
        total = numbers @ whole
        scale = float(total @ total) * float(goal @ goal)
        if not scale > 0:
            continue
        lost = 1 - float(total @ goal) ** 2 / scale
        bits = sum(int(str(abs(w)).rstrip("0") or 0).bit_length() for w in whole.tolist())
        cost = round(lost + _BIT * bits, 9)
        if best is None or cost < best[0]:
            best = cost, whole
    return None if best is None else best[1]


def _short(weight: float) -> int:
    """The nearest integer of one significant digit, of two below 20."""
    if abs(weight) < 20:
        return int(np.rint(weight))
    unit = 10 ** int(np.floor(np.log10(abs(weight))))
    return int(int(np.rint(weight / unit)) * unit)
