"""Essence networks: threshold units placed by construction, without a gradient.

Each class is split into *subconcepts* that a hyperplane can tell from every other class. One
*differentia* unit stands between each two subconcepts of different classes, at the greatest
distance from both. A subconcept unit is 1 where all of its differentiae are satisfied, and the
class with most of its subconcepts satisfied wins. There is no seed: the samples decide all.

A class that is not separable as a whole starts as single samples, which are merged nearest first
as long as each part stays separable. Samples that are equally near merge at once or not at all, so
that none is preferred and their order does not matter. Full rows against full columns of a picture
stay single strokes this way: all rows are equally far apart, and together they are not separable
from the columns, which have the same sum. (Any 27 of 28 rows are: ``split="fewest"``, which merges
one pair after the other, finds 27 + 1 rows and 27 + 1 columns, a network that learned nothing.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, Literal

import numpy as np
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from ...data.problem import InputError
from ...data.running import Check, endless
from ...units.groups import FloatArray, IntArray
from .network import DenseLayer, DenseNetwork

Split = Literal["alike", "fewest"]

_LARGEST_NUMBER = 2.0**40
_MOST_WEIGHTS = 2**27  # one gibibyte
_MOST_EXACT = 24  # points on the margin, for exact arithmetic
_LARGEST_WEIGHT = 2.0**20
_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Subconcept:
    """Samples of one class (their indices, ascending) that are recognised together."""

    label: int
    samples: tuple[int, ...]


def essence_network(
    x: Any, labels: Any, split: Split = "alike", check: Check = endless
) -> DenseNetwork:
    """The essence network of labelled samples: exact on every one of them.

    ``x`` holds numbers, sample axis first; ``labels`` one integer per sample. Layers: differentiae
    (``sign``; in the order of their two subconcepts, 1 on the first one's side), subconcepts
    (``sign``; as :func:`subconcepts` lists them), classes (``argmax``: the index of the label
    among the sorted distinct ones; the first one on a tie). ``check`` is called often and may
    raise.

    Raises :class:`InputError` with a sentence for samples that cannot be learned from.
    """
    values, label = _read(x, labels)
    parts = _subconcepts(values, label, split, check)
    pairs = [(s, t) for s, t in _pairs(len(parts)) if parts[s].label != parts[t].label]
    if len(pairs) * max(values.shape[1], len(parts)) > _MOST_WEIGHTS:
        raise InputError(
            f"the samples fall into {len(parts)} subconcepts, whose {len(pairs)} differentiae are "
            'too many to build: give fewer samples, or split="fewest"'
        )
    differentiae = _differentiae(values, parts, pairs, check)
    recognise = np.zeros((len(parts), len(pairs)))
    for k, (s, t) in enumerate(pairs):
        recognise[s, k], recognise[t, k] = 2.0, -2.0
    # of m differentiae all m are satisfied on its own samples, m - 2 at most on those of others;
    # m - 1 is no tie: with one that is undecided the subconcept is not recognised
    satisfied = 1.0 - np.abs(recognise).sum(axis=1)
    classes = np.unique(label)
    own = (classes[:, None] == [part.label for part in parts]).astype(np.float64)
    network = DenseNetwork(
        np.shape(x)[1:],
        (
            differentiae,
            DenseLayer(recognise, satisfied, "sign"),
            DenseLayer(own, own.sum(axis=1) - 1.0, "argmax"),
        ),
    )
    wrong = np.flatnonzero(classes[network.run(values).astype(np.int64)] != label)
    if len(wrong):
        raise InputError(
            f"sample {wrong[0]} is so close to another class that rounding errors decide: "
            "give samples whose differences are not that small beside their values"
        )
    return network


def subconcepts(x: Any, labels: Any, split: Split = "alike") -> tuple[Subconcept, ...]:
    """The subconcepts of labelled samples, by label and then by first sample.

    ``split="alike"`` merges samples that are equally near at once or not at all; ``"fewest"``
    merges one pair after the other: fewer units, but the order of the samples may decide which
    go together. Without equal distances both give the same.
    """
    return _subconcepts(*_read(x, labels), split, endless)


def separable(first: FloatArray, second: FloatArray) -> bool:
    """Whether a hyperplane separates two sets of points strictly, by linear programming."""
    rows = np.concatenate([first, -second])
    ends = np.concatenate([np.ones(len(first)), -np.ones(len(second))])
    scale = np.abs(rows).max() or 1.0
    table = np.column_stack([rows / 2.0 ** np.ceil(np.log2(scale)), ends])
    solution = linprog(
        np.zeros(table.shape[1]),
        A_ub=-table,
        b_ub=-np.ones(len(table)),
        bounds=(None, None),
        method="highs",
    )
    return bool(solution.status == 0)


def _read(x: Any, labels: Any) -> tuple[FloatArray, IntArray]:
    """Samples by rows and their labels; refuses what cannot be separated."""
    try:
        array, label = np.asarray(x), np.asarray(labels)
    except ValueError:
        raise InputError("the samples are ragged: every one must have the same shape") from None
    if array.dtype.kind not in "biuf" or array.ndim < 2 or array.size == 0:
        raise InputError("the samples must be one array of numbers, the sample axis first")
    if label.shape != (len(array),) or label.dtype.kind not in "biu":
        raise InputError(f"give one integer as label for each of the {len(array)} samples")
    values = array.reshape(len(array), -1).astype(np.float64) + 0.0  # no negative zeros
    if not np.isfinite(values).all() or np.abs(values).max() > _LARGEST_NUMBER:
        raise InputError("the samples contain NaN, infinity or numbers beyond 2^40: rescale them")
    label = label.astype(np.int64)
    if len(np.unique(label)) < 2:
        raise InputError("all samples have the same label: give samples of two classes or more")
    _, first, inverse = np.unique(values, axis=0, return_index=True, return_inverse=True)
    same = first[inverse.ravel()]
    wrong = np.flatnonzero(label != label[same])
    if len(wrong):
        raise InputError(
            f"samples {same[wrong[0]]} and {wrong[0]} are equal and have different labels: "
            "no network can tell them apart, remove one of them"
        )
    return values, label


# Subconcepts


def _subconcepts(
    x: FloatArray, label: IntArray, split: Split, check: Check
) -> tuple[Subconcept, ...]:
    result: list[Subconcept] = []
    for value in np.unique(label):
        own = np.flatnonzero(label == value)
        others = [_distinct(x[label == k]) for k in np.unique(label) if k != value]
        ordered = sorted(tuple(sorted(part)) for part in _parts(x, own, others, split, check))
        result += [Subconcept(int(value), part) for part in ordered]
    return tuple(result)


def _parts(
    x: FloatArray, own: IntArray, others: Sequence[FloatArray], split: Split, check: Check
) -> list[list[int]]:
    """One class in separable parts, merged nearest first.

    A single sample is always accepted: where the other class surrounds it, that class is not
    separable from this one either, and is split as well. So any two parts are separable.
    """

    def accepted(part: list[int]) -> bool:
        check()
        return all(separable(x[part], other) for other in others)

    if accepted(own.tolist()):
        return [own.tolist()]
    _, member = np.unique(x[own], axis=0, return_inverse=True)
    member = member.ravel()
    parts = [own[member == k].tolist() for k in dict.fromkeys(member.tolist())]
    gap = _distances(x[[part[0] for part in parts]])
    np.fill_diagonal(gap, np.inf)
    while np.isfinite(gap).any():
        near = gap == gap.min()
        if split == "fewest":
            near = np.arange(gap.size).reshape(gap.shape) == gap.argmin()
        count, group = connected_components(near, directed=False)
        together = [np.flatnonzero(group == k) for k in range(count)]
        merged: list[IntArray] = []
        for members in together:
            if len(members) == 1 or accepted([k for m in members for k in parts[m]]):
                merged.append(members)
            else:
                block = np.ix_(members, members)
                gap[block] = np.where(near[block] | near[block].T, np.inf, gap[block])
                merged += [np.array([m]) for m in members]
        if len(merged) < len(parts):
            merged.sort(key=lambda members: int(members[0]))
            parts = [[k for m in members for k in parts[m]] for members in merged]
            gap = _joined(_joined(gap, merged).T, merged)
            np.fill_diagonal(gap, np.inf)
    return parts


def _joined(gap: FloatArray, merged: Sequence[IntArray]) -> FloatArray:
    """Rows of gaps for merged parts: the least one, none where one of the parts was refused."""
    rows = [np.where(np.isinf(gap[m]).any(0), np.inf, gap[m].min(0)) for m in merged]
    return np.array(rows)


def _distances(points: FloatArray) -> FloatArray:
    """Squared distances, rounded so that equal ones are equal."""
    square = np.array([((points - point) ** 2).sum(axis=1) for point in points])
    unit = 2.0 ** np.floor(np.log2(square.max() or 1.0)) * 2.0**-40
    rounded: FloatArray = np.round(square / unit) * unit
    return rounded


def _distinct(points: FloatArray) -> FloatArray:
    """The points that equal no earlier one."""
    return np.array(list({point.tobytes(): point for point in points}.values()))


def _pairs(count: int) -> Iterator[tuple[int, int]]:
    return ((s, t) for s in range(count) for t in range(s + 1, count))


# Differentiae


def _differentiae(
    x: FloatArray, parts: Sequence[Subconcept], pairs: Sequence[tuple[int, int]], check: Check
) -> DenseLayer:
    points = [_distinct(x[list(part.samples)]) for part in parts]
    planes = []
    for s, t in pairs:
        check()
        planes.append(widest_plane(points[s], points[t]))
    return DenseLayer(
        np.stack([normal for normal, _ in planes]), np.array([bias for _, bias in planes]), "sign"
    )


def widest_plane(first: FloatArray, second: FloatArray) -> tuple[FloatArray, float]:
    """Weights and bias of the hyperplane of greatest margin, positive on the first set.

    It halves the shortest way between the two convex hulls. Where the points are integers and few
    of them carry the plane, the margin is proved maximal in exact arithmetic. The weights are then
    the least integers; where these are large, or not known, the sums are 1 and -1 at the nearest
    points, and the weights are rounded to 12 digits.
    """
    support, shares = _shortest_way(first, second)
    ways = np.array([first[i] - second[j] for i, j in support])
    normal: FloatArray = shares @ ways
    if (first == np.round(first)).all() and (second == np.round(second)).all():
        exact = _exact_normal(ways)
        if exact is not None:
            near, far = (first @ exact).min(), (second @ exact).max()
            if near > far and (ways @ exact == near - far).all():
                if np.abs(exact).max() <= _LARGEST_WEIGHT:
                    return exact, float(-(near + far) / 2 + 0.0)
                normal = exact
    near, far = (first @ normal).min(), (second @ normal).max()
    normal *= 2.0 / max(near - far, np.finfo(np.float64).tiny)
    unit = 2.0 ** np.floor(np.log2(np.abs(normal).max() or 1.0)) * 2.0**-40
    normal = np.round(normal / unit) * unit + 0.0
    near, far = (first @ normal).min(), (second @ normal).max()
    return normal, round(-float(near + far) / 2, 12) + 0.0


def _shortest_way(
    first: FloatArray, second: FloatArray
) -> tuple[list[tuple[int, int]], FloatArray]:
    """The shortest vector between two hulls (Wolfe's nearest point algorithm).

    It is a convex combination of differences of pairs of points, and all pairs but those named
    are farther along it: returns the pairs and their shares.
    """
    start = np.array([((point - second) ** 2).sum(axis=1) for point in first])
    support = [divmod(int(start.argmin()), len(second))]
    shares, last = np.ones(1), np.inf
    while True:
        ways = np.array([first[i] - second[j] for i, j in support])
        way = shares @ ways
        pair = int((first @ way).argmin()), int((second @ way).argmax())
        gain = way @ way - way @ (first[pair[0]] - second[pair[1]])
        rounding = _TOLERANCE * (ways**2).sum(axis=1).max()
        if gain <= rounding or pair in support or way @ way >= last:
            return support, shares
        last = way @ way
        support.append(pair)
        shares = np.append(shares, 0.0)
        while True:
            ways = np.array([first[i] - second[j] for i, j in support])
            free = _nearest_of_plane(ways)
            if (free > 0).all():
                shares = free
                break
            falls = (free <= 0) & (shares > free)
            steps = np.where(falls, shares / np.where(falls, shares - free, 1.0), np.inf)
            steps[(free <= 0) & ~falls] = 0.0
            shares = shares + steps.min() * (free - shares)
            shares[int(steps.argmin())] = 0.0
            keep = shares > 0
            support = [pair for pair, kept in zip(support, keep, strict=True) if kept]
            shares = shares[keep] / shares[keep].sum()


def _nearest_of_plane(ways: FloatArray) -> FloatArray:
    """The affine combination of the rows that is nearest to 0."""
    scale = (ways**2).sum(axis=1).max()
    weights = np.linalg.lstsq(ways @ ways.T / scale + 1.0, np.ones(len(ways)))[0]
    shares: FloatArray = weights / weights.sum()
    return shares


def _exact_normal(ways: FloatArray) -> FloatArray | None:
    """The least integers along the combination of integer rows nearest to 0, in exact arithmetic.

    None where the rows are many or dependent, are not all needed, or where the integers are too
    large for floating point to compute with them exactly.
    """
    if len(ways) > _MOST_EXACT or (ways**2).sum(axis=1).max() > 2.0**50:
        return None
    whole = ways[0].astype(np.int64)
    if len(ways) > 1:
        shares = _solved(ways @ ways.T + 1.0)
        if shares is None or min(shares) < 0:
            return None
        common = lcm(*(share.denominator for share in shares))
        parts = np.array([int(share * common) for share in shares], dtype=object)
        whole = parts @ ways.astype(np.int64).astype(object)
    least = whole // max(np.gcd.reduce(whole), 1)
    if int(np.abs(least).max()) * np.abs(ways).max() * ways.shape[1] > 2**52:
        return None
    normal: FloatArray = least.astype(np.float64) + 0.0
    return normal


def _solved(table: FloatArray) -> list[Fraction] | None:
    """The solution of ``table @ v = 1`` for a table of integers; None where it is singular."""
    n = len(table)
    rows = [[*(Fraction(int(value)) for value in row), Fraction(1)] for row in table]
    for k in range(n):
        if rows[k][k] == 0:  # of a positive semidefinite matrix this is a dependent row
            return None
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i in range(n):
            if i != k and rows[i][k] != 0:
                factor = rows[i][k]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]
