"""Essence networks: threshold units placed by construction, without a gradient.

Each class is split into *subconcepts* that a hyperplane can tell from every other class. One
*differentia* unit stands between each two subconcepts of different classes, at the greatest
distance from both. A subconcept unit is 1 where all of its differentiae are satisfied, and the
class with most of its subconcepts satisfied wins. The method has no seed; samples, and what they
are called, are all that matters.

A class is split along its single-linkage tree: samples no farther apart than some distance belong
together, and the distance is made smaller where a part is not separable yet. Equal distances join
at once, so that no sample is preferred and the order of the samples does not matter. Full rows
against full columns of a picture become single strokes this way: as whole classes they cannot be
told apart (the rows have the same sum as the columns), and all strokes of a class are equally far
apart. (Any 27 of 28 rows *are* separable from the columns: ``split="fewest"`` merges them.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any, Literal

import numpy as np
from scipy.optimize import linprog

from ..problem import InputError
from .dense import DenseLayer, DenseNetwork
from .network import FloatArray, IntArray

Split = Literal["alike", "fewest"]

_LARGEST_NUMBER = 2.0**40
_MOST_WEIGHTS = 2**27  # one gibibyte
_MOST_EXACT = 24  # points on the margin, for exact arithmetic
_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Subconcept:
    """Samples of one class (their indices, ascending) that are recognised together."""

    label: int
    samples: tuple[int, ...]


def essence_network(x: Any, labels: Any, split: Split = "alike") -> DenseNetwork:
    """The essence network of labelled samples: exact on every one of them.

    ``x`` holds numbers, sample axis first; ``labels`` one integer per sample. Layers: differentiae
    (``sign``; in the order of their two subconcepts, 1 on the first one's side), subconcepts
    (``sign``; as :func:`subconcepts` lists them), classes (``argmax``: the index of the label
    among the sorted distinct ones; the first one on a tie).

    Raises :class:`InputError` with a sentence for samples that cannot be learned from.
    """
    values, label = _read(x, labels)
    parts = _subconcepts(values, label, split)
    pairs = [(s, t) for s, t in _pairs(len(parts)) if parts[s].label != parts[t].label]
    if len(pairs) * max(values.shape[1], len(parts)) > _MOST_WEIGHTS:
        raise InputError(
            f"the samples fall into {len(parts)} subconcepts, whose {len(pairs)} differentiae are "
            'too many to build: give fewer samples, or split="fewest"'
        )
    differentiae = _differentiae(values, parts, pairs)
    recognise = np.zeros((len(parts), len(pairs)))
    for k, (s, t) in enumerate(pairs):
        recognise[s, k], recognise[t, k] = 1.0, -1.0
    # of m differentiae all m are satisfied on its own samples, m - 2 at most on those of others
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

    ``split="alike"`` makes each one the largest part of its class's single-linkage tree that can
    be told from every other class. ``"fewest"`` then merges them greedily, nearest first, as long
    as they stay separable: fewer units, but which samples go together depends on their order.
    """
    return _subconcepts(*_read(x, labels), split)


def separable(first: FloatArray, second: FloatArray) -> bool:
    """Whether a hyperplane separates two sets of points strictly, by linear programming."""
    rows = np.concatenate([first, -second])
    ends = np.concatenate([np.ones(len(first)), -np.ones(len(second))])
    scale = np.abs(rows).max() or 1.0
    table = np.column_stack([rows / 2.0 ** np.ceil(np.log2(scale)), ends])
    found = linprog(
        np.zeros(table.shape[1]),
        A_ub=-table,
        b_ub=-np.ones(len(table)),
        bounds=(None, None),
        method="highs",
    )
    return bool(found.status == 0)


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
    values = array.reshape(len(array), -1).astype(np.float64)
    if not np.isfinite(values).all() or np.abs(values).max() > _LARGEST_NUMBER:
        raise InputError("the samples contain NaN, infinity or numbers beyond 2^40: rescale them")
    label = label.astype(np.int64)
    if len(np.unique(label)) < 2:
        raise InputError("all samples have the same label: give samples of two classes or more")
    _, first, inverse = np.unique(values + 0.0, axis=0, return_index=True, return_inverse=True)
    same = first[inverse.ravel()]
    wrong = np.flatnonzero(label != label[same])
    if len(wrong):
        raise InputError(
            f"samples {same[wrong[0]]} and {wrong[0]} are equal and have different labels: "
            "no network can tell them apart, remove one of them"
        )
    return values, label


# Subconcepts


def _subconcepts(x: FloatArray, label: IntArray, split: Split) -> tuple[Subconcept, ...]:
    result: list[Subconcept] = []
    for value in np.unique(label):
        others = [x[label == other] for other in np.unique(label) if other != value]
        own = np.flatnonzero(label == value)
        parts = list(_separable_parts(x, own, others))
        if split == "fewest":
            parts = _merged(x, parts, others)
        ordered = sorted(tuple(int(k) for k in np.sort(part)) for part in parts)
        result += [Subconcept(int(value), part) for part in ordered]
    return tuple(result)


def _separable_parts(
    x: FloatArray, own: IntArray, others: Sequence[FloatArray]
) -> Iterator[IntArray]:
    """The largest parts of the single-linkage tree that are separable from each other class.

    A single sample is always accepted: if the other class surrounds it, that class is not
    separable from this one either, and is split as well.
    """
    distance = _distances(x[own])
    pending = [np.arange(len(own))]
    while pending:
        part = pending.pop()
        inner = distance[np.ix_(part, part)]
        if inner.max() == 0 or all(separable(x[own[part]], other) for other in others):
            yield own[part]
        else:
            group = _components(inner)
            pending += [part[group == k] for k in range(group.max() + 1)]


def _distances(points: FloatArray) -> FloatArray:
    """Squared distances, rounded so that equal ones are equal."""
    centered = points - points[0]
    square = (centered**2).sum(axis=1)
    distance = np.maximum(square[:, None] + square - 2 * centered @ centered.T, 0)
    unit = 2.0 ** np.floor(np.log2(distance.max() or 1.0)) * 2.0**-40
    rounded: FloatArray = np.round(distance / unit) * unit
    return rounded


def _components(distance: FloatArray) -> IntArray:
    """The group of each point once the longest links of a single-linkage tree are cut."""
    n = len(distance)
    reach, parent = distance[0].copy(), np.zeros(n, dtype=np.int64)
    inside = np.zeros(n, dtype=bool)
    inside[0] = True
    order, links = [0], [0.0]
    for _ in range(n - 1):  # Prim's minimum spanning tree
        k = int(np.argmin(np.where(inside, np.inf, reach)))
        inside[k] = True
        order.append(k)
        links.append(float(reach[k]))
        nearer = distance[k] < reach
        reach[nearer], parent[nearer] = distance[k][nearer], k
    longest = max(links)
    group, count = np.zeros(n, dtype=np.int64), 0
    for k, link in zip(order[1:], links[1:], strict=True):
        if link == longest:
            count += 1
            group[k] = count
        else:
            group[k] = group[parent[k]]
    return group


def _merged(x: FloatArray, parts: list[IntArray], others: Sequence[FloatArray]) -> list[IntArray]:
    """Parts merged greedily, the nearest two first, while each stays separable."""
    parts = sorted(parts, key=lambda part: int(part.min()))
    distance = _distances(x)
    gap = np.array([[distance[np.ix_(s, t)].min() for t in parts] for s in parts])
    np.fill_diagonal(gap, np.inf)
    while np.isfinite(gap).any():
        s, t = sorted(divmod(int(gap.argmin()), len(gap)))
        merged = np.concatenate([parts[s], parts[t]])
        if all(separable(x[merged], other) for other in others):
            parts[s] = merged
            # what one part cannot be merged with, no larger one can
            gap[s] = gap[:, s] = np.where(
                np.isfinite(gap[s] + gap[t]), np.minimum(gap[s], gap[t]), np.inf
            )
            gap = np.delete(np.delete(gap, t, 0), t, 1)
            del parts[t]
        else:
            gap[s, t] = gap[t, s] = np.inf
    return parts


def _pairs(count: int) -> Iterator[tuple[int, int]]:
    return ((s, t) for s in range(count) for t in range(s + 1, count))


# Differentiae


def _differentiae(
    x: FloatArray, parts: Sequence[Subconcept], pairs: Sequence[tuple[int, int]]
) -> DenseLayer:
    points = [np.unique(x[list(part.samples)], axis=0) for part in parts]
    planes = [widest_plane(points[s], points[t]) for s, t in pairs]
    return DenseLayer(
        np.stack([normal for normal, _ in planes]), np.array([bias for _, bias in planes]), "sign"
    )


def widest_plane(first: FloatArray, second: FloatArray) -> tuple[FloatArray, float]:
    """Weights and bias of the hyperplane of greatest margin, positive on the first set.

    It halves the shortest way between the two convex hulls. Where the points are integers and few
    of them carry the plane, the weights are the least integers and the margin is proved maximal in
    exact arithmetic; otherwise they are scaled to ±1 at the nearest points and rounded.
    """
    support, shares = _shortest_way(first, second)
    ways = np.array([first[i] - second[j] for i, j in support])
    if (first == np.round(first)).all() and (second == np.round(second)).all():
        normal = _exact_normal(ways)
        if normal is not None:
            near, far = (first @ normal).min(), (second @ normal).max()
            if near > far and (ways @ normal == near - far).all():
                return normal, float(-(near + far) / 2 + 0.0)
    normal = shares @ ways
    near, far = (first @ normal).min(), (second @ normal).max()
    normal *= 2.0 / max(near - far, np.finfo(np.float64).tiny)
    unit = 2.0 ** np.floor(np.log2(np.abs(normal).max())) * 2.0**-40
    normal = np.round(normal / unit) * unit + 0.0
    near, far = (first @ normal).min(), (second @ normal).max()
    return normal, float(-(near + far) / 2 + 0.0)


def _shortest_way(
    first: FloatArray, second: FloatArray
) -> tuple[list[tuple[int, int]], FloatArray]:
    """The shortest vector between two hulls (Wolfe's nearest point algorithm).

    It is a convex combination of differences of pairs of points, and all pairs but those named
    are farther along it: returns the pairs and their shares.
    """
    start = np.array([((point - second) ** 2).sum(axis=1) for point in first])
    support = [divmod(int(start.argmin()), len(second))]
    shares = np.ones(1)
    while True:
        ways = np.array([first[i] - second[j] for i, j in support])
        way = shares @ ways
        pair = int((first @ way).argmin()), int((second @ way).argmax())
        gain = way @ way - way @ (first[pair[0]] - second[pair[1]])
        if pair in support or gain <= _TOLERANCE * max(way @ way, (ways**2).sum(axis=1).max()):
            return support, shares
        support.append(pair)
        shares = np.append(shares, 0.0)
        while True:
            ways = np.array([first[i] - second[j] for i, j in support])
            free = _nearest_of_plane(ways)
            if (free > 0).all():
                shares = free
                break
            falls = free < shares
            steps = np.where(falls, shares / np.where(falls, shares - free, 1.0), np.inf)
            steps[free > 0] = np.inf
            shares = shares + float(min(steps.min(), 1.0)) * (free - shares)
            shares[int(steps.argmin())] = 0.0
            keep = shares > 0
            support = [pair for pair, kept in zip(support, keep, strict=True) if kept]
            shares = shares[keep] / shares[keep].sum()


def _nearest_of_plane(ways: FloatArray) -> FloatArray:
    """The affine combination of the rows that is nearest to 0."""
    scale = (ways**2).sum(axis=1).max()
    found: FloatArray = np.linalg.lstsq(ways @ ways.T / scale + 1.0, np.ones(len(ways)))[0]
    return found / found.sum()


def _exact_normal(ways: FloatArray) -> FloatArray | None:
    """The least integers along the combination of integer rows nearest to 0, in exact arithmetic.

    None where the rows are many or dependent, are not all needed, or where the integers are too
    large for floating point to compute with them exactly.
    """
    if len(ways) > _MOST_EXACT or (ways**2).sum(axis=1).max() > 2.0**50:
        return None
    shares = [Fraction(1)] if len(ways) == 1 else _solved(ways @ ways.T + 1.0)
    if shares is None or min(shares) <= 0:
        return None
    common = lcm(*(share.denominator for share in shares))
    parts = np.array([int(share * common) for share in shares], dtype=object)
    whole = parts @ ways.astype(np.int64).astype(object)
    divisor = gcd(*whole.tolist())
    least = [int(value) // max(divisor, 1) for value in whole]
    if max(map(abs, least)) * np.abs(ways).max() * ways.shape[1] > 2**52:
        return None
    return np.array(least, dtype=np.float64) + 0.0


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
