"""Which few of many terms a local formula takes, and how many: forward steps, judged by folds.

Terms join one at a time, each the one that takes most of what is left (orthogonal matching pursuit:
Pati, Rezaiifar, Krishnaprasad 1993), and are exchanged where another one serves better. Several
nested groups of terms are rivals, for among many terms some fit by chance; each group and number
of terms is judged on folds that its selection has not seen, and the winner selects on all points.
All is reckoned on matrices of inner products, so that a step costs no pass over the points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .symbolic.arrays import significant

Floats: TypeAlias = NDArray[np.float64]

_FOLDS = 5
_MOST_TERMS = 300  # that are looked at closely, those that alone or beside a line tell most
_HARDLY = 0.001  # of R2 that a term has to gain
_DIGITS = 9  # of what is compared: roundings must not decide
_TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class _Products:
    """Inner products over weighted points: of the terms, of terms and answers, of the answers.

    Term 0 is the constant.
    """

    terms: Floats
    answers: Floats
    own: float

    def less(self, other: _Products) -> _Products:
        return _Products(
            self.terms - other.terms, self.answers - other.answers, self.own - other.own
        )

    def solved(self, chosen: Sequence[int]) -> Floats:
        gram = self.terms[np.ix_(chosen, chosen)]
        ridge = np.diag(_TINY * np.diag(gram))
        known = self.answers[list(chosen)]
        return np.asarray(np.linalg.lstsq(gram + ridge, known, rcond=1e-12)[0])

    def left(self, chosen: Sequence[int], weights: Floats) -> float:
        """The squared error of chosen terms with these weights."""
        gram = self.terms[np.ix_(chosen, chosen)]
        return float(self.own - 2 * weights @ self.answers[list(chosen)] + weights @ gram @ weights)


def chosen_terms(
    matrix: Floats, answers: Floats, weights: Floats, most: int, groups: Sequence[int]
) -> list[int]:
    """The places of at most so many terms of ``matrix`` (points, terms).

    ``groups`` are how many of the first terms belong to each of the nested groups.
    """
    scaled, known = _standard(matrix, answers, weights)
    fold = np.arange(len(answers)) % _FOLDS
    kept = _promising(scaled, known, groups[0], most)
    basis = np.concatenate([np.sqrt(weights / weights.sum())[:, None], scaled[:, kept]], axis=1)
    folds = [_products(basis[fold == k], known[fold == k]) for k in range(_FOLDS)]
    whole = _Products(*(sum(getattr(one, name) for one in folds) for name in _Products.__slots__))
    sizes = [1 + int((kept < group).sum()) for group in groups]
    best, size, count = -np.inf, sizes[0], 0
    for group in dict.fromkeys(sizes):
        scores = _judged(whole, folds, group, most)
        for k, score in enumerate(scores):
            if score > best + _HARDLY:
                best, size, count = score, group, k
    path = _path(whole, size, count)
    places = path[-1] if path else []
    return [int(kept[k - 1]) for k in places]


def _standard(matrix: Floats, answers: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Terms and answers around their weighted means, times the roots of weights; terms of length 1.

    A term that holds still becomes 0.
    """
    shares = weights / weights.sum()
    roots = np.sqrt(shares)
    scaled = matrix - shares @ matrix
    scaled *= roots[:, None]
    lengths = np.sqrt(np.einsum("ij,ij->j", scaled, scaled))
    sizes = np.maximum(matrix.max(axis=0, initial=0.0), -matrix.min(axis=0, initial=0.0))
    moves = lengths > _TINY * sizes
    scaled /= np.where(moves, lengths, 1.0)
    scaled[:, ~moves] = 0.0
    return scaled, (answers - shares @ answers) * roots


def _promising(scaled: Floats, known: Floats, columns: int, most: int) -> NDArray[np.int64]:
    """The plain columns, and of the other terms those that tell most alone or beside a line."""
    count = scaled.shape[1]
    if count <= _MOST_TERMS:
        return np.arange(count)
    alone = np.abs(known @ scaled)
    line = np.argsort(-significant(alone[:columns], _DIGITS), kind="stable")[: 2 * most]
    ways, _ = np.linalg.qr(scaled[:, line])
    left = known - ways @ (ways.T @ known)
    free = np.maximum(1 - ((ways.T @ scaled) ** 2).sum(axis=0), 0)
    beside = np.where(free > 0.01, np.abs(left @ scaled) / np.sqrt(np.maximum(free, 0.01)), 0)
    room = (_MOST_TERMS - min(columns, _MOST_TERMS // 3)) // 2
    kept = set(range(columns))
    for scores in (alone, beside):
        order = np.argsort(-significant(scores, _DIGITS), kind="stable")
        kept |= set(order[:room].tolist())
    return np.array(sorted(kept))


def _products(basis: Floats, known: Floats) -> _Products:
    return _Products(basis.T @ basis, basis.T @ known, float(known @ known))


def _judged(whole: _Products, folds: Sequence[_Products], group: int, most: int) -> list[float]:
    """R2 of 0, 1, 2, ... of the first terms, on folds that selection has not seen."""
    errors = np.zeros(most + 1)
    for fold in folds:
        rest = whole.less(fold)
        paths = [[], *_path(rest, group, most)]
        for k in range(most + 1):
            chosen = [0, *paths[min(k, len(paths) - 1)]]
            errors[k] += fold.left(chosen, rest.solved(chosen))
    spread = whole.own or 1.0
    return [float(significant(np.array([max(e, 0.0)]), _DIGITS)[0]) / -spread for e in errors]


def _path(products: _Products, group: int, most: int) -> list[list[int]]:
    """The first of so many terms, then two of them, and so on."""
    path: list[list[int]] = []
    chosen: list[int] = []
    while len(path) < most:
        longer = _longer(products, group, chosen)
        if longer is None:
            break
        chosen = longer
        path.append(chosen)
    return path


def _longer(products: _Products, group: int, chosen: list[int]) -> list[int] | None:
    """One more term, and then each of the others exchanged where that gains."""
    first = _next(products, group, chosen)
    if first is None:
        return None
    terms = [*chosen, first]
    for place in range(len(terms) - 1):
        rest = [k for k in terms if k != terms[place]]
        other = _next(products, group, rest)
        if other is not None and other not in terms:
            before, after = (
                products.left([0, *one], products.solved([0, *one]))
                for one in (terms, [*rest, other])
            )
            if after < before * (1 - 1e-6):
                terms = [*rest, other]
    return terms


def _next(products: _Products, group: int, chosen: list[int]) -> int | None:
    """The term that takes most of what the chosen ones leave."""
    inside = [0, *chosen]
    gram = products.terms[np.ix_(inside, inside)]
    beside = products.terms[inside, :group]
    shares = np.linalg.lstsq(gram, beside, rcond=1e-12)[0]
    left = products.answers[:group] - products.solved(inside) @ beside
    own = np.diag(products.terms)[:group]
    free = own - (beside * shares).sum(axis=0)
    gains = np.where(free > _TINY * own, left**2 / np.maximum(free, 1e-300), 0.0)
    gains[inside] = 0.0
    gains = significant(gains, _DIGITS)
    best = int(np.argmax(gains))
    return best if gains[best] > 1e-18 * products.own else None
