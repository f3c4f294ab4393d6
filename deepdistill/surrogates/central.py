"""Outputs that are a vector along a group of columns: one strength tells them all.

A force between bodies is f d, where d are the components of their distance and f a function of its
length and of other columns. A network may send any linear image of it, y = f A d + c. Whatever f
is, the components m of the right image, m = F y - g, obey m_i d_j = m_j d_i in each row, which is
linear in F and g. What is left to be found then is one strength along d, for all outputs at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..ir.expr import Expr, Var
from .radius import DerivedLength
from .rotate import Mixing

if TYPE_CHECKING:
    from ..formula.symbolic.domain import Domain

Floats: TypeAlias = NDArray[np.float64]

_RANK = 1e-5  # of the largest spread, what counts as none
_ROUNDS = 20
_ALONG = 0.1  # sine of the angle between a vector and its group, in the middle of all rows
_SMALL = 0.05  # of the usual size, what an offset may be that is none
_LEAST = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class CentralOutputs:
    """Mixes of outputs, one a component of a ``length``'s group of columns, told by one strength.

    That is their part along the group: a mix is its component over the length, times the strength.
    ``directions`` (rows, group) have length 1.
    """

    mixing: Mixing
    length: DerivedLength
    directions: Floats

    def mixes(self, y: Floats) -> Floats:
        """The mixes (..., group) in answers (..., outputs) of the block."""
        return np.asarray((y - self.mixing.offset) @ self.mixing.forward)

    def strengths(self, y: Floats) -> Floats:
        """The strength in answers (..., rows, outputs) of the block."""
        return np.asarray((self.mixes(y) * self.directions).sum(axis=-1))

    def across(self, y: Floats) -> Floats:
        """What answers (rows, outputs) have across the group: the network's errors, a row each."""
        along = self.strengths(y)[:, None] * self.directions
        count = self.directions.shape[1] - 1
        return np.asarray(np.linalg.norm(self.mixes(y) - along, axis=1) / count**0.5)

    def component(self, k: int, strength: Expr, domain: Domain) -> Expr:
        """The formula of a mix from that of the strength, as short as can be."""
        from ..formula.symbolic.product import multiplied
        from ..formula.symbolic.program import readable
        from ..formula.symbolic.shorten import shorter

        part = (Var(self.length.group[k]), 1), (Var(self.length.name), -1)
        return readable(shorter(multiplied([*part, (strength, 1)], domain), domain))


def central_outputs(
    y: Floats, table: Mapping[str, Floats], length: DerivedLength, fitted: NDArray[np.bool_]
) -> CentralOutputs | None:
    """The mixes of outputs (rows, outputs) along the group of a length; None where there are none.

    Only ``fitted`` rows say what the mixes are.
    """
    components = np.stack([table[name] for name in length.group], axis=1)
    count = len(length.group)
    r = np.linalg.norm(components, axis=1)
    middle = np.median(y[fitted], axis=0)
    size = np.linalg.norm(y - middle, axis=1)
    usual = float(np.median(size[fitted]))
    if not usual > 0 or not (r > 0).all():
        return None
    counts = 1 / (size + usual)
    _, spreads, right = np.linalg.svd((y - middle)[fitted] * counts[fitted, None])
    rank = int((spreads > _RANK * spreads[0]).sum())
    if rank != count:
        return None
    white = right[:rank].T / spreads[:rank] * fitted.sum() ** 0.5  # (outputs, rank)
    z, d = (y - middle) @ white, components / r[:, None]
    alignment = _turned(z[fitted], d[fitted])
    if alignment is None:
        return None
    turn, shift = alignment
    mixes = z @ turn - shift
    along, cross = _sides(mixes, d)
    ratios = cross[fitted] / np.maximum(along[fitted], _LEAST * float(along.max()))
    if not np.median(ratios) < _ALONG:
        return None
    forward = white @ turn
    back = np.linalg.pinv(forward)
    scale = float(np.linalg.norm(back)) / count**0.5  # mixes are of the outputs' own size
    forward, back = forward * scale, back / scale
    offset = middle + (shift * scale) @ back
    offset = np.where(np.abs(offset) < _SMALL * usual, 0.0, offset)
    return CentralOutputs(Mixing(forward, back, offset), length, d)


def _turned(z: Floats, d: Floats) -> tuple[Floats, Floats] | None:
    """Turns (outputs, group) and shifts (group,) that lay vectors along unit ones, robustly."""
    outputs, count = z.shape[1], d.shape[1]
    rows = []
    for i, j in combinations(range(count), 2):
        design = np.zeros((len(z), outputs + 1, count))
        design[:, :outputs, i] = z * d[:, [j]]
        design[:, :outputs, j] = -z * d[:, [i]]
        design[:, outputs, i], design[:, outputs, j] = -d[:, j], d[:, i]
        rows.append(design.reshape(len(z), -1))
    size = np.linalg.norm(z, axis=1)
    weights = 1 / (size + float(np.median(size)))
    for _ in range(_ROUNDS):
        left = np.concatenate([one * weights[:, None] for one in rows])
        solution = np.linalg.svd(left, full_matrices=False)[2][-1].reshape(outputs + 1, count)
        turn, shift = solution[:-1], solution[-1]
        if not np.linalg.cond(turn) < 1 / _LEAST:
            return None
        mixes = z @ turn - shift
        along, cross = _sides(mixes, d)
        usual = float(np.median(along))
        sine = cross / (along + usual)
        weights = 1 / (along + usual) / np.sqrt(np.maximum(sine, np.median(sine) + _LEAST))
    return turn, shift


def _sides(vectors: Floats, d: Floats) -> tuple[Floats, Floats]:
    """How long vectors (rows, group) are, and how far off the lines along unit ones."""
    size = np.linalg.norm(vectors, axis=1)
    return size, np.sqrt(np.maximum(0, size**2 - (vectors * d).sum(axis=1) ** 2))
