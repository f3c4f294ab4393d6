"""Networks over items: found from examples of a few sizes, right at a hundred times the size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from effort import tries
from gallery import OUTPUTS
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.data import catalogue
from deepdistill.data.problem import Axis, Examples, Integers, Port, Problem
from deepdistill.data.running import Run
from deepdistill.forms.files import load_network
from deepdistill.ir.expr import NoAnswer
from deepdistill.learn.item_features import columns_of, tabulate_items
from deepdistill.learn.item_fit import fit_items
from deepdistill.learn.item_goals import CountsGoal, Exists, FirstGoal, Labels, thresholds
from deepdistill.learn.item_search import find_sum, weight_vectors
from deepdistill.learn.item_windows import WINDOW, find_pattern, find_patterns, window_counts
from deepdistill.units.gates import AffineUnit, Gate
from deepdistill.units.heads import Added, Each, Head, Pick, Some
from deepdistill.units.item_readings import Length, Line, Number, Others, Place
from deepdistill.units.items import ItemNetwork
from deepdistill.units.site import Seen, Site
from problems import ranking, shapes

SET, SEQUENCE, PICTURE = (Axis("set"),), (Axis("sequence"),), (Axis("grid"),) * 2
WIDE = Integers(-10_000, 10_000)

NAMED = [*ranking.NAMES, *(name for name in shapes.NAMES if name != "orientation")]


def _few(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Any, ...]:
    return (rng.integers(-6, 7, size=shape),)


def _bits(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Any, ...]:
    return ((rng.random(shape) < rng.choice([0.1, 0.3, 0.6])).astype(np.int64),)


def _numbers_problem(
    oracle: Callable[[Any], Any],
    axes: tuple[Axis, ...] = (),
    sampler: Callable[..., Any] = _few,
    domain: Integers = WIDE,
    count: int = 150,
) -> Problem:
    return Problem(
        name="numbers",
        inputs=(Port("numbers", SET, domain),),
        output=Port("result", axes, WIDE),
        training_shapes=((4,), (5,), (6,)),
        check_shapes=((200,), (9,)),
        training_count=count,
        sampler=sampler,
        oracle=lambda x: np.asarray(oracle(x), dtype=np.int64),
    )


def _picture_problem(oracle: Callable[[Any], Any], sampler: Callable[..., Any] = _bits) -> Problem:
    return Problem(
        name="picture",
        inputs=(Port("picture", PICTURE, Integers(0, 1)),),
        output=Port("result", (), WIDE),
        training_shapes=((5, 6), (6, 5)),
        check_shapes=((40, 50), (7, 4)),
        training_count=150,
        sampler=sampler,
        oracle=lambda x: np.asarray(oracle(x), dtype=np.int64),
    )


def _found(problem: Problem) -> ItemNetwork:
    fitted = fit_items(problem)
    assert fitted.exact and fitted.wrong == 0, [str(attempt) for attempt in fitted.attempts]
    return fitted.network


def _assert_right_at_size(problem: Problem, network: ItemNetwork) -> None:
    assert problem.oracle is not None
    rng = np.random.default_rng(3)
    for shape in problem.check_shapes:
        for _ in range(1 if np.prod(shape) > 10_000 else 5):
            (drawn,) = problem.draw(rng, shape)
            if problem.promise is not None and not problem.promise(drawn):
                continue
            found = network.run({problem.inputs[0].name: drawn})
            np.testing.assert_array_equal(found, problem.oracle(drawn), err_msg=str(shape))


@pytest.mark.parametrize("name", NAMED)
def test_networks_of_the_gallery_are_right_at_any_size(name: str) -> None:
    problem, network = catalogue.find(name), load_network(OUTPUTS / name / "network.npz")
    assert isinstance(network, ItemNetwork)
    _assert_right_at_size(problem, network)


def _rank_descending(x: Any) -> Any:
    places = np.empty_like(x)
    places[np.argsort(-x, kind="stable")] = np.arange(len(x))
    return places


ABOUT_NUMBERS: dict[str, tuple[Callable[[Any], Any], tuple[Axis, ...]]] = {
    "the last place of the largest": (lambda x: len(x) - 1 - np.argmax(x[::-1]), ()),
    "the second largest": (lambda x: np.sort(x)[-2], ()),
    "the third smallest": (lambda x: np.sort(x)[2], ()),
    "descending order": (lambda x: -np.sort(-x), SEQUENCE),
    "rank from above": (_rank_descending, SET),
    "how many are smaller": (lambda x: np.searchsorted(np.sort(x), x), SET),
    "how many different ones": (lambda x: len(np.unique(x)), ()),
    "inversions": (lambda x: sum((x[i] > x[i + 1 :]).sum() for i in range(len(x))), ()),
    "the sum": (lambda x: x.sum(), ()),
    "how often the largest": (lambda x: (x == x.max()).sum(), ()),
    "how many above a constant": (lambda x: (x > 2).sum(), ()),
    "whether one is 3": (lambda x: int((x == 3).any()), ()),
    "the upper median": (lambda x: np.sort(x)[len(x) // 2], ()),
    "records": (lambda x: sum(i == 0 or x[i] > x[:i].max() for i in range(len(x))), ()),
}


@pytest.mark.parametrize("what", ABOUT_NUMBERS)
def test_other_questions_about_numbers(what: str) -> None:
    oracle, axes = ABOUT_NUMBERS[what]
    problem = _numbers_problem(oracle, axes)
    _assert_right_at_size(problem, _found(problem))


def _isolated(x: Any) -> Any:
    padded = np.pad(x, 1)
    height, width = x.shape
    nine = [padded[a : a + height, b : b + width] for a in range(3) for b in range(3)]
    return ((x == 1) & (sum(nine) == 1)).sum()


ABOUT_PICTURES: dict[str, Callable[[Any], Any]] = {
    "empty rows": lambda x: (~x.any(axis=1)).sum(),
    "the fullest row": lambda x: x.sum(axis=1).argmax(),
    "more on than off": lambda x: int(2 * x.sum() > x.size),
    "isolated cells": _isolated,
    "a corner": lambda x: int(x[[0, 0, -1, -1], [0, -1, 0, -1]].any()),
    "an L": lambda x: int((x[:-1, :-1] & x[1:, :-1] & x[1:, 1:]).any()),
}


@pytest.mark.parametrize("what", ABOUT_PICTURES)
def test_other_questions_about_pictures(what: str) -> None:
    problem = _picture_problem(ABOUT_PICTURES[what])
    _assert_right_at_size(problem, _found(problem))


def test_several_patterns_are_several_units() -> None:
    def either_diagonal(x: Any) -> int:
        down, up = x[:-2, :-2] & x[2:, 2:], x[:-2, 2:] & x[2:, :-2]
        return int((x[1:-1, 1:-1] & (down | up)).any())

    problem = _picture_problem(either_diagonal)
    _assert_right_at_size(problem, network := _found(problem))
    assert len(network.units) == 2


def test_all_rows_of_one_sum_need_two_thresholds() -> None:
    def sampler(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Any, ...]:
        picture = np.zeros(shape, dtype=np.int64)
        picture[np.arange(shape[0]), rng.integers(shape[1], size=shape[0])] = 1
        if rng.integers(2):
            picture[rng.integers(shape[0])] = rng.integers(2, size=shape[1])
        elif rng.integers(2):
            picture[:, : rng.integers(1, 4)] = rng.integers(2)
        return (picture,)

    problem = _picture_problem(lambda x: int((x.sum(axis=1) == 1).all()), sampler)
    _assert_right_at_size(problem, network := _found(problem))
    assert network.units == (Gate.of((1,), low=2), Gate.of((1,), high=0))


def test_a_bound_that_grows_with_the_length_is_preferred_to_a_constant() -> None:
    """On 4 to 6 numbers "two others are equal" says the same as "more than half are"."""
    problem = ranking.find("majority_element")
    assert problem is not None
    assert Length() in fit_items(problem).network.features


def test_what_is_not_found_is_reported_with_what_was_tried() -> None:
    problem = _numbers_problem(lambda x: int(x.sum() ** 2 % 7))
    fitted = fit_items(problem)
    assert not fitted.exact and 0 < fitted.wrong <= fitted.rows == 150
    assert any("3 columns" in str(attempt) for attempt in fitted.attempts)


def test_contradictory_labels_are_not_exact() -> None:
    rng = np.random.default_rng(0)
    pairs = Examples((rng.integers(0, 50, size=(80, 5)),), rng.integers(0, 2, size=80))
    problem = Problem(
        "noise",
        (Port("numbers", SET, WIDE),),
        Port("result", (), WIDE),
        ((5,),),
        (),
        given=(pairs,),
    )
    assert not fit_items(problem).exact


def test_the_same_seed_gives_the_same_network() -> None:
    problem = _numbers_problem(lambda x: np.sort(x)[1])
    first, second = fit_items(problem, Run(4)), fit_items(problem, Run(4))
    assert (first.network.features, first.network.units, first.network.head) == (
        second.network.features,
        second.network.units,
        second.network.head,
    )


def test_constant_labels_need_no_unit() -> None:
    fitted = fit_items(_numbers_problem(lambda x: 7))
    assert fitted.exact and fitted.network.weight_count == 0
    assert fitted.network.run({"numbers": np.arange(50)}) == 7


# The parts


def test_thresholds_by_hand() -> None:
    totals = np.array([[[3.0], [1.0]], [[0.0], [2.0]], [[-1.0], [-np.inf]]])
    groups = np.arange(3)
    cases = [
        (Labels(np.array([[1, 0], [0, 1], [0, -1]])), (1, 2)),
        (Exists(np.array([1, 1, 0])), (-1, 2)),
        (Exists(np.array([1, 0, 0])), (2, 3)),
        (CountsGoal(np.array([2, 1, 0])), (0, 1)),
        (FirstGoal(np.array([[0, 1], [0, 1], [1, 0]], dtype=bool), last=True), (-np.inf, -1)),
    ]
    for goal, (a, b) in cases:
        low, high = thresholds(goal, totals, groups)
        assert (low[0], high[0]) == (a, b), goal
    # at -1 the 0 of group 1 would fire first
    low, high = thresholds(FirstGoal(np.array([[1, 0], [0, 1], [1, 0]]) == 1), totals, groups)
    assert high[0] == -np.inf


def test_weight_vectors_come_lightest_first() -> None:
    vectors = weight_vectors(3, 2)
    assert vectors[:4].tolist() == [[1, -1, 0], [1, 1, 0], [1, 0, -1], [1, 0, 1]]
    sums = np.abs(vectors).sum(axis=1)
    assert (np.diff(sums) >= 0).all() and sums[-1] == 3
    assert len(np.unique(vectors, axis=0)) == len(vectors)
    assert weight_vectors(3, 0).tolist() == [[0, 0, 0]]


def test_sums_are_exact_or_none() -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(-1000, 1000, size=(40, 4)).astype(float)
    assert find_sum(x, (3 * x[:, 1] - 70_000 * x[:, 3] + 5).astype(np.int64), 2) == (
        (0, 3, 0, -70_000),
        5,
    )
    assert find_sum(x, (x[:, 0] // 2).astype(np.int64), 2) is None


def test_patterns_in_windows_by_hand() -> None:
    rng = np.random.default_rng(2)
    pictures = (rng.random((200, 6, 5)) < 0.3).astype(np.int64)
    examples = (Examples((pictures,), np.zeros(200, dtype=np.int64)),)
    counts = window_counts(examples)
    assert (counts.sum(axis=0) == 30).all()
    beside = pictures[:, :, :-1] & pictures[:, :, 1:]
    times = beside.sum(axis=(1, 2))
    pattern = find_pattern(counts, times, counted=True)
    assert pattern is not None
    assert [o for o, sign in zip(WINDOW, pattern, strict=True) if sign] == [(0, 0), (0, 1)]
    below = (pictures[:, :-1] & pictures[:, 1:]).sum(axis=(1, 2)) > 0
    either = (below | (times > 0)).astype(np.int64)
    found = find_patterns(counts, either)
    assert found is not None and len(found) == 2
    assert find_pattern(counts, rng.integers(0, 2, size=200), counted=False) is None


@pytest.mark.parametrize(("axes", "turns"), [((0,), False), ((0,), True), ((), False)])
def test_tables_hold_what_networks_read(axes: tuple[int, ...], turns: bool) -> None:
    port = Port("numbers", SET, WIDE)
    batches = tuple(
        Examples((np.random.default_rng(n).integers(-3, 4, size=(2, n)),), np.zeros(2, np.int64))
        for n in (3, 5)
    )
    table = tabulate_items(port, axes, batches, turns)
    assert table.columns == columns_of(port, axes, turns)
    seen = Seen(Site((port,), axes, turns), (batches[1].inputs[0][1],))
    for k, (feature,) in enumerate(table.columns):
        shown = table.x[table.sample == 3, :, k]
        read = feature.values(seen)
        np.testing.assert_array_equal(shown, np.broadcast_to(read, shown.shape))
    assert table.real[table.sample == 0].sum() == (1 if not axes else 9 if turns else 3)


# Any simple network


def _unit(draw: Any, weights: int) -> Gate:
    values = tuple(draw(st.sampled_from((-2, -1, 1, 2))) for _ in range(weights))
    low = draw(st.integers(-3, 4))
    return draw(
        st.sampled_from(
            [Gate.of(values, low), Gate.of(values, None, low), Gate.of(values, low, low + 1)]
        )
    )


@st.composite
def simple_networks(draw: Any) -> ItemNetwork:
    features = draw(
        st.lists(
            st.sampled_from(
                [
                    Number((0,)),
                    Length(),
                    Place(),
                    *(Others(r, o) for r in ("less", "equal") for o in ("any", "before")),
                ]
            ),
            min_size=1,
            max_size=2,
            unique=True,
        )
    )
    head: Head = draw(
        st.sampled_from(
            [
                Each(),
                Added(),
                Added(1, 1),
                Some(),
                Some(True),
                Pick(Place()),
                Pick(Number((0,)), True),
            ]
        )
    )
    unit: Gate | AffineUnit = _unit(draw, len(features))
    if isinstance(head, Each | Added) and draw(st.booleans()):
        unit = AffineUnit(tuple(draw(st.sampled_from((-3, -1, 1, 5))) for _ in features))
    port = Port("numbers", SET, WIDE)
    output = Port("result", SET if isinstance(head, Each) else (), WIDE)
    return ItemNetwork((port,), output, (0,), tuple(features), (unit,), head)


@settings(max_examples=tries(20))
@given(simple_networks(), st.integers(0, 1_000))
def test_the_fitted_network_agrees_with_any_simple_one(network: ItemNetwork, seed: int) -> None:
    rng = np.random.default_rng(seed)
    batches = []
    for length in (4, 5):
        inputs, labels = [], []
        for row in rng.integers(-4, 5, size=(40, length)):
            try:
                labels.append(network.run({"numbers": row}))
            except NoAnswer:
                continue
            inputs.append(row)
        if len(inputs) > 1:
            batches.append(Examples((np.stack(inputs),), np.stack(labels).astype(np.int64)))
    if not batches:
        return
    problem = Problem(
        "simple", network.inputs, network.output, ((4,), (5,)), (), given=tuple(batches)
    )
    fitted = fit_items(problem)
    wrong = 0
    for batch in batches:
        for row, label in zip(batch.inputs[0], batch.output, strict=True):
            wrong += not np.array_equal(fitted.network.run({"numbers": row}), label)
    assert fitted.wrong == wrong and fitted.exact == (wrong == 0)
    # a network of at most two columns, small weights and a near bound is in the space searched
    assert fitted.exact, (network.features, network.units, network.head)


def test_the_whole_is_one_item() -> None:
    problem = _picture_problem(lambda x: int(x.all()), _nearly_full)
    _assert_right_at_size(problem, network := _found(problem))
    assert network.axes == () and isinstance(network.features[0], Line)


def _nearly_full(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Any, ...]:
    picture = np.ones(shape, dtype=np.int64)
    picture.flat[rng.choice(picture.size, size=rng.integers(3), replace=False)] = 0
    return (picture,)
