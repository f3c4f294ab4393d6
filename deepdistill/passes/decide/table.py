"""Truth tables of discrete functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ...ir.expr import Expr
from ...ir.vector import evaluate_rows

Ints: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Feature:
    """A named small integer and the values it may take, sorted.

    ``place`` is (port, position) where the feature is one position of a fixed-size input port.
    A ``spare`` feature follows from the others; it is there because rules may be shorter with it.
    """

    name: str
    values: tuple[int, ...]
    place: tuple[str, int] | None = None
    spare: bool = False

    @property
    def is_bit(self) -> bool:
        return set(self.values) <= {0, 1}


@dataclass(frozen=True, slots=True, eq=False)
class TruthTable:
    """A partial function: ``target`` for each of the distinct ``rows``; absent rows are free.

    ``sums`` are weights, one for each feature, of sums that a network compares with thresholds:
    conditions worth trying.
    """

    features: tuple[Feature, ...]
    rows: Ints
    target: Ints
    sums: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        if self.rows.ndim != 2 or self.rows.shape != (len(self.target), len(self.features)):
            raise ValueError(
                f"a table of {len(self.features)} features and {len(self.target)} targets needs "
                f"rows of shape {(len(self.target), len(self.features))}, not {self.rows.shape}"
            )
        if not len(self.target):
            raise ValueError("a table needs at least one row")

    def __len__(self) -> int:
        return len(self.target)

    @property
    def outcomes(self) -> tuple[int, ...]:
        """The values the target takes, sorted."""
        return tuple(int(v) for v in np.unique(self.target))

    @property
    def is_boolean(self) -> bool:
        """Whether the target is a bit."""
        return bool(((self.target == 0) | (self.target == 1)).all())

    def retarget(self, target: npt.NDArray[Any]) -> TruthTable:
        """The same rows with another target."""
        return replace(self, target=np.asarray(target, dtype=np.int64))

    def project(self, keep: tuple[int, ...]) -> TruthTable:
        """The table over some of the features; ``ValueError`` where they do not decide it."""
        if not self.decided_by(keep):
            raise ValueError("the target is not a function of these features")
        first = np.unique(row_keys(self.rows[:, list(keep)]), return_index=True)[1]
        first.sort()
        features = tuple(self.features[k] for k in keep)
        return TruthTable(features, self.rows[first][:, list(keep)], self.target[first])

    def decided_by(self, keep: tuple[int, ...]) -> bool:
        """Whether rows that agree on these features always have the same target."""
        return decides(self.rows[:, list(keep)], self.target)

    def with_spares(self, table: TruthTable) -> TruthTable | None:
        """``table``, a projection of this one, with the spare features added; None without any."""
        names = {feature.name for feature in table.features}
        keep = tuple(k for k, f in enumerate(self.features) if f.spare or f.name in names)
        return self.project(keep) if len(keep) > len(names) else None

    def essential(self) -> TruthTable:
        """Drop the spare features and, greedily in order, those the target can do without."""
        keep = [k for k, feature in enumerate(self.features) if not feature.spare]
        for k in range(len(self.features)):
            rest = tuple(j for j in keep if j != k)
            if self.decided_by(rest):
                keep = list(rest)
        return self if len(keep) == len(self.features) else self.project(tuple(keep))

    def columns(self) -> dict[str, Ints]:
        """The rows by feature name."""
        return {f.name: self.rows[:, k] for k, f in enumerate(self.features)}

    def ports(self) -> dict[str, Ints]:
        """For each port with features in place, its positions (first axis) on each row."""
        places: dict[str, dict[int, Ints]] = {}
        for k, feature in enumerate(self.features):
            if feature.place is not None:
                port, position = feature.place
                places.setdefault(port, {})[position] = self.rows[:, k]
        return {
            port: np.stack([columns[k] for k in range(len(columns))])
            for port, columns in places.items()
            if sorted(columns) == list(range(len(columns)))
        }

    def agrees(self, expr: Expr) -> bool:
        """Whether the expression has the target's value on every row."""
        return bool((evaluate_rows(expr, self.columns(), self.ports()) == self.target).all())


def row_keys(rows: Ints) -> Ints:
    """One integer for each row, the same for equal rows only."""
    keys = np.zeros(len(rows), dtype=np.int64)
    for column in rows.T:
        codes = np.unique(column, return_inverse=True)[1].reshape(-1)
        radix = int(codes.max(initial=0)) + 1
        if (int(keys.max(initial=0)) + 1) * radix >= 1 << 62:
            keys = np.unique(keys, return_inverse=True)[1].reshape(-1)
        keys = keys * radix + codes
    return keys


def decides(rows: Ints, target: Ints) -> bool:
    """Whether equal rows always have the same target."""
    keys = row_keys(rows)
    order = np.argsort(keys, kind="stable")
    keys, target = keys[order], target[order]
    return not bool(((keys[1:] == keys[:-1]) & (target[1:] != target[:-1])).any())
