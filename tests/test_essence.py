"""Essence networks: exact on their samples, of greatest margin, and what they make of strokes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import nnls
from shape_references import orientation

from deepdistill.data.problem import InputError
from deepdistill.forms.dense.essence import (
    Split,
    essence_network,
    separable,
    subconcepts,
    widest_plane,
)
from deepdistill.forms.dense.network import DenseNetwork
from problems.shapes import STROKES, draw_stroke, full_strokes

Array = np.ndarray[Any, Any]
SPLITS: tuple[Split, ...] = ("alike", "fewest")

AND = ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1])
XOR = ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
BITS = (np.arange(32)[:, None] >> np.arange(5)) & 1


def answers(network: DenseNetwork, x: Any, labels: Any) -> list[int]:
    found: list[int] = np.unique(labels)[network.run(np.asarray(x)).astype(int)].tolist()
    return found


def units(network: DenseNetwork) -> list[int]:
    return [len(layer.bias) for layer in network.layers]


def content(network: DenseNetwork) -> list[bytes]:
    return [part.tobytes() for layer in network.layers for part in (layer.weights, layer.bias)]


def parts(x: Any, labels: Any, split: Split = "alike") -> list[tuple[int, tuple[int, ...]]]:
    return [(part.label, part.samples) for part in subconcepts(x, labels, split)]


# Samples and subconcepts

labelled = st.tuples(st.integers(2, 14), st.integers(1, 4)).flatmap(
    lambda size: st.tuples(
        arrays(np.int64, size, elements=st.integers(-2, 2)),
        arrays(np.int64, size[0], elements=st.integers(-1, 2)),
    )
)


def without_contradictions(x: Array, labels: Array) -> tuple[Array, Array]:
    """Each sample gets the label of the first one that equals it."""
    _, first, inverse = np.unique(x, axis=0, return_index=True, return_inverse=True)
    labels = labels[first[inverse.ravel()]]
    assume(len(np.unique(labels)) > 1)
    return x, labels


@given(samples=labelled, split=st.sampled_from(SPLITS))
@settings(max_examples=tries(40), deadline=None)
def test_it_is_exact_on_its_samples_and_the_same_again(
    samples: tuple[Array, Array], split: Split
) -> None:
    x, labels = without_contradictions(*samples)
    network = essence_network(x, labels, split)
    assert answers(network, x, labels) == labels.tolist()
    assert content(network) == content(essence_network(x.astype(float), labels, split))
    found = parts(x, labels, split)
    assert sorted(k for _, samples in found for k in samples) == list(range(len(x)))
    for label, members in found:
        assert set(labels[list(members)]) == {label}
        for other in np.unique(labels[labels != label]):
            if len(np.unique(x[list(members)], axis=0)) > 1:
                assert separable(x[list(members)], x[labels == other])


@given(samples=labelled, seed=st.integers(0, 99))
@settings(max_examples=tries(60), deadline=None)
def test_the_order_of_the_samples_does_not_matter(samples: tuple[Array, Array], seed: int) -> None:
    x, labels = without_contradictions(*samples)
    order = np.random.default_rng(seed).permutation(len(x))
    shuffled = [
        (label, tuple(sorted(order[list(members)].tolist())))
        for label, members in parts(x[order], labels[order])
    ]
    assert sorted(shuffled) == sorted(parts(x, labels))


@given(
    x=arrays(np.float64, (5, 2), elements=st.floats(allow_nan=True, allow_infinity=True)),
    labels=arrays(np.int64, 5, elements=st.integers(0, 2)),
)
@settings(max_examples=tries(60), deadline=None)
@example(x=np.array([[0.0], [1e-300]]), labels=np.array([0, 1]))
@example(x=np.array([[2.0**40], [np.nextafter(2.0**40, 0)]]), labels=np.array([0, 1]))
@example(x=np.array([[0.0], [-0.0]]), labels=np.array([0, 1]))
def test_any_numbers_end_in_an_exact_network_or_a_sentence(x: Array, labels: Array) -> None:
    try:
        network = essence_network(x, labels)
    except InputError as error:
        assert_one_sentence(error)
    else:
        assert answers(network, x, labels) == labels.tolist()


def test_separable_classes_stay_whole() -> None:
    network = essence_network(*AND)
    assert units(network) == [1, 2, 2]
    assert network.layers[0].weights.tolist() == [[-1, -1]]
    assert network.layers[0].bias.tolist() == [1.5]
    count = BITS.sum(axis=1)
    assert [label for label, _ in parts(BITS, count)] == [0, 1, 2, 3, 4, 5]
    assert units(essence_network(BITS, count)) == [15, 6, 6]


@pytest.mark.parametrize("split", SPLITS)
def test_exclusive_or_is_split(split: Split) -> None:
    assert parts(*XOR, split) == [(0, (0,)), (0, (3,)), (1, (1,)), (1, (2,))]
    assert units(essence_network(*XOR, split)) == [4, 4, 2]
    rng = np.random.default_rng(0)
    corners = np.repeat([[0, 0], [3, 3], [0, 3], [3, 0]], 15, axis=0)
    clouds, label = corners + rng.normal(0, 0.3, (60, 2)), np.repeat([0, 0, 1, 1], 15)
    found = [members for _, members in parts(clouds, label, split)]
    assert found == [tuple(range(k, k + 15)) for k in range(0, 60, 15)]


def test_classes_between_others_are_told_from_each() -> None:
    line = [[0], [4], [8], [6]]
    assert parts(line, [7, -2, 5, -2]) == [(-2, (1, 3)), (5, (2,)), (7, (0,))]
    network = essence_network(line, [7, -2, 5, -2])
    assert answers(network, [[1], [5], [9]], [-2, 5, 7]) == [7, -2, 5]
    # 1 is surrounded: neither class is separable from the other as a whole
    assert parts([[0], [1], [2]], [0, 1, 0]) == [(0, (0,)), (0, (2,)), (1, (1,))]


def test_fewest_merges_where_alike_does_not() -> None:
    pictures = ((np.arange(64)[:, None] >> np.arange(6)) & 1).reshape(-1, 2, 3)
    symmetric = (pictures == pictures[:, :, ::-1]).all(axis=(1, 2)).astype(int)
    alike, fewest = (parts(pictures, symmetric, split) for split in SPLITS)
    assert len(fewest) < len(alike)
    for split in SPLITS:
        network = essence_network(pictures, symmetric, split)
        assert network.shape == (2, 3)
        assert answers(network, pictures, symmetric) == symmetric.tolist()


# Margins


@pytest.mark.parametrize(
    ("first", "second", "normal", "bias"),
    [
        ([[0, 0]], [[2, 0]], [-1, 0], 1),
        ([[3, 1]], [[0, 5]], [3, -4], 7.5),
        ([[0, 0]], [[2, -1], [2, 1]], [-1, 0], 1),  # the nearest point lies on an edge
        ([[0, 0], [4, 0], [0, 4]], [[3, 3]], [-1, -1], 5),
        ([[0, 0], [2, 1]], [[0, 1]], [1, -2], 1),
        ([[-1, 0, 0], [1, 0, 0]], [[0, -1, 2], [0, 1, 2]], [0, 0, -1], 1),  # crossed edges
        ([[2, 0, 0], [0, 2, 0], [0, 0, 2]], [[0, 0, 0]], [1, 1, 1], -1),
        ([[0, 0], [0, 0]], [[6, 8], [60, 80]], [-3, -4], 25),
        ([[0.0, 0.0]], [[0.3, 0.4]], [-2.4, -3.2], 1),
    ],
)
def test_widest_planes_solved_by_hand(
    first: list[list[float]], second: list[list[float]], normal: list[float], bias: float
) -> None:
    found = widest_plane(np.array(first, dtype=float), np.array(second, dtype=float))
    assert found[0].tolist() == pytest.approx(normal, rel=1e-12)
    assert found[1] == pytest.approx(bias, rel=1e-12)
    back = widest_plane(np.array(second, dtype=float), np.array(first, dtype=float))
    assert back[0].tolist() == (-found[0]).tolist()


def hull_distance(first: Array, second: Array) -> float:
    """By another way: non-negative least squares finds the shares of the nearest points."""
    ways = (first[:, None] - second).reshape(-1, first.shape[1]).astype(float)
    shares, _ = nnls(np.vstack([ways.T, np.ones(len(ways))]), np.append(np.zeros(ways.shape[1]), 1))
    return float(np.linalg.norm(shares @ ways) / shares.sum())


point_sets = st.integers(1, 5).flatmap(
    lambda axes: st.tuples(
        *(
            arrays(
                np.int64, st.tuples(st.integers(1, 8), st.just(axes)), elements=st.integers(-9, 9)
            )
            for _ in range(2)
        )
    )
)


@given(sets=point_sets, scale=st.sampled_from([1.0, 0.1, 1 / 3, 1e-6]))
@settings(max_examples=tries(40), deadline=None)
def test_no_margin_is_wider(sets: tuple[Array, Array], scale: float) -> None:
    first, second = sets[0] * scale, sets[1] * scale
    distance = hull_distance(*sets)
    assert separable(first, second) == (distance > 1e-6)
    assume(distance > 1e-6)
    normal, bias = widest_plane(first, second)
    near, far = (first @ normal).min() + bias, (second @ normal).max() + bias
    # for real inputs the nearest points are found to within the algorithm's tolerance
    assert near == pytest.approx(-far, rel=1e-5)
    assert 2 * near / np.linalg.norm(normal) == pytest.approx(distance * scale, rel=1e-7)


def test_many_points_on_the_margin() -> None:
    """No exact arithmetic above a few dozen points: the plane is then scaled and rounded."""
    rng = np.random.default_rng(5)
    x, labels = rng.integers(0, 2, (150, 10, 10)), rng.integers(0, 2, 150)
    assert parts(x, labels) == [(k, tuple(np.flatnonzero(labels == k).tolist())) for k in (0, 1)]
    network = essence_network(x, labels)
    assert answers(network, x, labels) == labels.tolist()
    flat = x.reshape(150, -1)
    sums = flat @ network.layers[0].weights[0] + network.layers[0].bias[0]
    distance = 2 / np.linalg.norm(network.layers[0].weights[0])
    assert min(abs(sums)) == pytest.approx(1, rel=1e-9)
    assert distance == pytest.approx(hull_distance(flat[labels == 0], flat[labels == 1]), rel=1e-6)


# Strokes


def rule_at_any_size(pictures: Array) -> Array:
    """What the network of single strokes computes, written down without its weights."""
    height, width = pictures.shape[1:]
    rows, columns = pictures.sum(axis=2), pictures.sum(axis=1)
    differentiae = np.sign(rows[:, :, None] - columns[:, None, :])
    row_units = np.sign(2 * differentiae.sum(axis=2) + 1 - 2 * width)
    column_units = np.sign(-2 * differentiae.sum(axis=1) + 1 - 2 * height)
    answer: Array = column_units.sum(axis=1) + width > row_units.sum(axis=1) + height
    return answer.astype(int)


def strokes(size: int, family: str, count: int) -> tuple[Array, Array]:
    rng = np.random.default_rng([size, list(STROKES).index(family)])
    drawn = [draw_stroke(rng, (size, size), family) for _ in range(count)]
    return np.stack([picture for picture, _ in drawn]), np.array([label for _, label in drawn])


@pytest.fixture(scope="module", params=[7, 28])
def stroke_network(request: pytest.FixtureRequest) -> DenseNetwork:
    examples = full_strokes((request.param, request.param))
    return essence_network(examples.inputs[0], examples.output)


def test_strokes_stay_single(stroke_network: DenseNetwork) -> None:
    n = stroke_network.shape[0]
    first, second, last = stroke_network.layers
    assert units(stroke_network) == [n * n, 2 * n, 2]
    for j in range(n):
        for i in range(n):
            expected = np.zeros((n, n))
            expected[j, :] += 1
            expected[:, i] -= 1
            assert first.weights[n * j + i].reshape(n, n).tolist() == expected.tolist()
    assert not first.bias.any()
    block = np.arange(n * n).reshape(n, n)
    for k in range(n):
        assert np.flatnonzero(second.weights[k]).tolist() == block[k].tolist()
        assert np.flatnonzero(second.weights[n + k]).tolist() == block[:, k].tolist()
    assert (second.weights.sum(axis=1) == np.repeat([2 * n, -2 * n], n)).all()
    assert (second.bias == 1 - 2 * n).all()
    assert last.weights.tolist() == np.repeat(np.eye(2), n, axis=1).tolist()


def test_fewest_finds_all_strokes_but_one() -> None:
    """The smallest split is exact on the 56 pictures and knows nothing about other strokes."""
    examples = full_strokes((28, 28))
    found = parts(examples.inputs[0], examples.output, "fewest")
    assert [len(members) for _, members in found] == [27, 1, 27, 1]
    network = essence_network(examples.inputs[0], examples.output, "fewest")
    pictures, labels = strokes(28, "shorter", 300)
    assert (network.run(pictures) == labels).mean() < 0.75


@pytest.mark.parametrize("family", STROKES)
def test_the_network_judges_strokes_as_the_plain_rule_or_better(
    stroke_network: DenseNetwork, family: str
) -> None:
    pictures, labels = strokes(stroke_network.shape[0], family, 400)
    found = stroke_network.run(pictures)
    plain = np.array([orientation(picture) for picture in pictures.tolist()])
    assert (found == rule_at_any_size(pictures)).all()
    assert 0.3 < labels.mean() < 0.7
    assert (found == labels).mean() >= max(0.99, (plain == labels).mean())


@pytest.mark.parametrize("family", STROKES)
def test_the_same_rule_judges_larger_strokes(family: str) -> None:
    pictures, labels = strokes(100, family, 100)
    plain = np.array([orientation(picture) for picture in pictures.tolist()])
    found = rule_at_any_size(pictures)
    assert (found == labels).mean() >= max(0.99, (plain == labels).mean())


# Refusals


def assert_one_sentence(error: InputError) -> None:
    text = str(error)
    assert "\n" not in text
    assert 20 < len(text) < 200
    assert not text.endswith(".")


REFUSED: dict[str, tuple[Any, Any, str]] = {
    "contradiction": ([[0, 1], [2, 3], [0, 1]], [0, 1, 1], "samples 0 and 2 are equal"),
    "zeros of two signs": ([[0.0], [-0.0]], [0, 1], "samples 0 and 1 are equal"),
    "one class": ([[0], [1]], [3, 3], "all samples have the same label"),
    "no samples": (np.zeros((0, 3)), [], "the samples must be one array"),
    "empty samples": (np.zeros((3, 0)), [0, 1, 2], "the samples must be one array"),
    "single numbers": ([1, 2], [0, 1], "the samples must be one array"),
    "ragged": ([[0, 1], [1]], [0, 1], "the samples are ragged"),
    "text": ([["a"], ["b"]], [0, 1], "the samples must be one array of numbers"),
    "NaN": ([[0.0], [np.nan]], [0, 1], "the samples contain NaN"),
    "infinity": ([[0.0], [-np.inf]], [0, 1], "the samples contain NaN, infinity"),
    "too large": ([[0.0], [1e300]], [0, 1], "beyond 2^40"),
    "missing labels": ([[0], [1]], [0], "one integer as label for each of the 2 samples"),
    "labels of two axes": ([[0], [1]], [[0], [1]], "one integer as label"),
    "labels with fractions": ([[0], [1]], [0.5, 1], "one integer as label"),
    "ragged labels": ([[0], [1]], [[0], [0, 1]], "the samples are ragged"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_unusable_samples_are_refused_with_one_sentence(case: str) -> None:
    x, labels, sentence = REFUSED[case]
    with pytest.raises(InputError, match=re.escape(sentence)) as refusal:
        essence_network(x, labels)
    assert_one_sentence(refusal.value)


def test_too_many_units_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepdistill.forms.dense.essence._MOST_WEIGHTS", 10)
    with pytest.raises(InputError, match="4 subconcepts, whose 4 differentiae") as refusal:
        essence_network(*XOR)
    assert_one_sentence(refusal.value)
