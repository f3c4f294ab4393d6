"""Sums that several updates and answers of a loop follow from: ``total = a + b + carry``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import gcd, prod

import numpy as np

from ....passes.decide.literals import Evaluated
from ....passes.decide.table import Ints, decides
from .affine import Affine
from .formula import is_part

_MOST = 6  # sums worth trying
_WIDEST = {2: 16, 3: 4, 4: 2}  # the largest weight tried, by the number of columns
_WORK = 300_000  # rows times sums


def shared_sums(columns: Sequence[Evaluated], targets: Sequence[Ints]) -> list[tuple[Affine, Ints]]:
    """Weighted sums that decide the most targets, the smallest weights first."""
    used = [c for c in columns if int(c.values.min()) != int(c.values.max())]
    if not 2 <= len(used) <= 6:
        return []
    largest = _WIDEST.get(len(used), 1)
    spans = [range(-largest, largest + 1) for _ in used]
    weights = [w for w in product(*spans) if all(w) and _first_positive(w) and gcd(*w) == 1]
    weights.sort(key=lambda w: (sum(map(abs, w)), sum(v < 0 for v in w), w))
    rows = np.stack([c.values for c in used], axis=1)
    weights = weights[: max(8, _WORK // len(rows))]
    many = [t for t in targets if (t != t[0]).any()]
    sums: list[tuple[int, Affine, Ints]] = []
    widest = prod(len(np.unique(c.values)) for c in used)
    for weight in weights:
        values = rows @ np.array(weight, dtype=np.int64)
        # a sum that tells all rows apart says something only by its quotients and remainders
        if len(np.unique(values)) >= widest and not all(is_part(values, t) for t in many):
            continue
        count = sum(decides(values[:, None], t) for t in many)
        if count:
            form = Affine.of({c.expr: w for c, w in zip(used, weight, strict=True)}, 0)
            sums.append((-count, form, values))
            if sum(c == -len(many) for c, _, _ in sums) == _MOST:
                break
    sums.sort(key=lambda option: option[0])
    return [(form, values) for _, form, values in sums[:_MOST]]


def _first_positive(weights: tuple[int, ...]) -> bool:
    return weights[0] > 0
