"""Distances that nobody named: columns of which an output speaks by their common length alone.

Forces between bodies are a component of a distance times a function of its length, and a length of
two or three columns is a long formula. Whether there is one the rows tell: what is left of the
output, by its ranks, is then a smooth function of the length and the other columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_MOST = 4  # columns of both signs, of which all groups are tried
_OUTPUTS = 3  # are looked at
_ALIKE = 3.0  # spreads of columns of one unit differ by no more
_TOLD = 0.2  # of the variance of ranks, what a length leaves at most
_MATTERS = 0.7  # of what is left without it
_NO_WORSE = 1.2  # times what is left where the direction is known as well
_PLAIN = 1e-3  # of the variance: what so good a polynomial tells needs no length
_STEADY = 0.5  # of the length: a component that is smaller tells little of what it is a factor of
_FEWEST = 40
_ROWS = 250
_MANY = 10  # sizes: a charge of 1 or -1 is no component


@dataclass(frozen=True, slots=True)
class DerivedLength:
    """A column that is the length of a group of others."""

    name: str
    group: tuple[str, ...]

    @property
    def text(self) -> str:
        """What it is derived by."""
        if len(self.group) == 2:
            return f"hypot({', '.join(self.group)})"
        return f"sqrt({' + '.join(f'{one} ** 2' for one in self.group)})"


def known_lengths(table: Mapping[str, Floats], names: Sequence[str]) -> list[DerivedLength]:
    """Columns that are lengths of groups of others, by their numbers."""
    columns = {name: one for name, one in table.items() if np.ptp(one) > 0}
    return [
        DerivedLength(name, group)
        for group in _groups(columns)
        for name in names
        if _same(np.sqrt(sum(columns[one] ** 2 for one in group)), table[name])
    ]


def lengths(
    table: Mapping[str, Floats], names: Sequence[str], y: Floats, taken: Sequence[str]
) -> list[DerivedLength]:
    """Lengths by new names, for outputs (rows, outputs) that depend on some.

    ``names`` are the columns that formulas speak of, ``taken`` are names that are used.
    """
    derived: list[DerivedLength] = []
    rows = _alike(table, names)
    columns = {name: table[name][rows] for name in names if np.ptp(table[name][rows]) > 0}
    plain = np.stack(list(columns.values()), axis=1)
    outputs = [one[rows] for one in y.T[:_OUTPUTS] if not _left(plain, one[rows]) < _PLAIN]
    for group in _groups(columns) if outputs else ():
        r = np.sqrt(sum(columns[name] ** 2 for name in group))
        if not (r > 0).all() or any(_same(r, column[rows]) for column in table.values()):
            continue
        if any(_is_round(columns, group, r, one) for one in outputs):
            used = (*taken, *(one.name for one in derived))
            free = (one for one in ("r", "r_" + "_".join(group)) if one not in used)
            name = next(free, None)
            if name is not None:
                derived.append(DerivedLength(name, group))
    return derived


def _alike(table: Mapping[str, Floats], names: Sequence[str]) -> NDArray[np.int64]:
    """Some rows in which columns of two values, as signs of charges, have the same one."""
    rows = np.arange(len(table[names[0]]))
    for name in names:
        kinds, counts = np.unique(table[name][rows], return_counts=True)
        if len(kinds) == 2:
            rows = rows[table[name][rows] == kinds[int(counts.argmax())]]
    return rows[:_ROWS]


def _groups(columns: Mapping[str, Floats]) -> Iterator[tuple[str, ...]]:
    """Three columns, then two, that have both signs and spreads of one size; each column once."""
    signed = [
        name
        for name, one in columns.items()
        if one.min() < 0 < one.max() and len(np.unique(np.abs(one))) > _MANY
    ]
    for count in (3, 2):
        for group in combinations(signed, count) if len(signed) <= _MOST else ():
            spreads = [float(np.std(columns[name])) for name in group]
            if max(spreads) < _ALIKE * min(spreads):
                yield group


def _same(a: Floats, b: Floats) -> bool:
    return bool(np.allclose(a, b, rtol=1e-9))


def _is_round(columns: Mapping[str, Floats], group: Sequence[str], r: Floats, y: Floats) -> bool:
    """Whether an output, or what it is a component times, depends on the length of the group."""
    others = [one for name, one in columns.items() if name not in group]
    for factor in (*group, None):
        rows, rest = np.arange(len(y)), y
        if factor is not None:
            rows = np.flatnonzero(np.abs(columns[factor]) > _STEADY * r)
            rest = y[rows] / columns[factor][rows]
        if len(rows) < _FEWEST or not np.ptp(rest) > 0:
            continue
        free = [one[rows] for one in others]
        turned = [(columns[name][rows] / r[rows]) ** 2 for name in group[1:]]
        for answer in (rest, np.abs(rest)):
            ranks = _normal_scores(answer)
            remaining = _left(np.stack([r[rows], *free], axis=1), ranks)
            if not remaining < _TOLD:
                continue
            if free and remaining > _MATTERS * _left(np.stack(free, axis=1), ranks):
                continue
            if remaining <= _NO_WORSE * _left(np.stack([r[rows], *free, *turned], axis=1), ranks):
                return True
    return False


def is_round(
    table: Mapping[str, Floats], length: DerivedLength, others: Sequence[str], y: Floats
) -> bool:
    """Whether a length and other columns tell answers (rows,) as well as its components do."""
    rows = _alike(table, (length.name, *others))
    columns = {name: one[rows] for name, one in table.items()}
    r = columns[length.name]
    free = [columns[name] for name in others]
    turned = [(columns[name] / r) ** 2 for name in length.group[1:]]
    ranks = _normal_scores(y[rows])
    remaining = _left(np.stack([r, *free], axis=1), ranks)
    return remaining <= _NO_WORSE * _left(np.stack([r, *free, *turned], axis=1), ranks)


def _normal_scores(y: Floats) -> Floats:
    """What values of a normal distribution have the ranks of these (rows,)."""
    places = [NormalDist().inv_cdf((k + 0.5) / len(y)) for k in range(len(y))]
    scores = np.empty(len(y))
    scores[np.argsort(y, kind="stable")] = places
    return scores


def _left(x: Floats, y: Floats) -> float:
    """What a polynomial in columns (rows, columns) leaves of the variance of y (rows,)."""
    from ..formula.symbolic.frame import logged
    from ..formula.symbolic.surrogate import polynomial

    kept = x[:, np.ptp(x, axis=0) > 0]
    fit = polynomial(logged(kept), y) if kept.shape[1] else None
    return 1.0 if fit is None else fit.error / (float(np.var(y)) or 1.0)
