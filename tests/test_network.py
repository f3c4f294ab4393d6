"""Structures, tables of readings, training, snapping, and the search for the simplest network."""

from __future__ import annotations

import time
from itertools import product
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import RING, grid_port

from deepdistill.data.problem import Examples, InputError, Problem
from deepdistill.data.running import Run
from deepdistill.forms.grid.network import GridNetwork
from deepdistill.forms.grid.train import GridFitted, fit
from deepdistill.ir.types import Axis, Integers, Port, parse_axes
from deepdistill.learn.orbits import Structure, orbit_sums, structures, tabulate
from deepdistill.learn.snap import snap
from deepdistill.learn.train import train
from deepdistill.units.groups import UnitGroup
from deepdistill.units.readings import Tap, read_taps


def draw(low: int, high: int, *shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(low, high + 1, shape)


def pairs(x: Any, y: Any, axes: Any) -> Problem:
    return Problem.from_arrays(x, y, axes)


def padded_sum(cells: np.ndarray, beyond: int) -> np.ndarray:
    """Left plus right neighbour along the last axis of rows, with a value beyond the border."""
    wide = np.pad(cells, ((0, 0), (1, 1)), constant_values=beyond)
    return wide[:, :-2] + wide[:, 2:]


# ------------------------------------------------------------------ structures


def problem_on(axes: str, *sizes: int, high: int = 1) -> Problem:
    cells = draw(0, high, 4, *sizes)
    return pairs(cells, cells, axes)


def test_structures_come_from_the_simplest_up() -> None:
    found = list(structures(problem_on("grid(wrap) grid(wrap)", 7, 9)))
    assert [(s.radius, s.sharing) for s in found] == [
        (0, "neighbours"),
        *((r, sharing) for r in (1, 2, 3) for sharing in ("neighbours", "shells", "offsets")),
    ]
    assert not any(s.border for s in found)
    near = found[1]
    assert [len(orbit.offsets) for orbit in near.orbits] == [8, 1]
    assert set(near.orbits[0].offsets) == set(RING)
    assert sorted(len(orbit.offsets) for orbit in found[2].orbits) == [1, 4, 4]
    assert len(found[3].orbits) == 9


def test_on_a_line_neighbours_and_shells_are_the_same() -> None:
    found = list(structures(problem_on("grid(wrap)", 6)))
    assert [(s.radius, s.sharing) for s in found] == [
        (0, "neighbours"),
        (1, "neighbours"),
        (1, "offsets"),
        (2, "neighbours"),
        (2, "shells"),
        (2, "offsets"),
    ]


@pytest.mark.parametrize("axes", ["grid", "grid(bounded) grid(wrap)", "grid grid"])
def test_a_border_is_seen_only_where_there_is_one(axes: str) -> None:
    found = list(structures(problem_on(axes, *[5] * len(axes.split()))))
    assert [s.border for s in found if s.radius == 0] == [False]
    assert {s.border for s in found if s.radius == 1} == {False, True}
    for structure in found:
        inside = [orbit for orbit in structure.orbits if orbit.reading == "inside"]
        assert bool(inside) == structure.border
        assert all(any(map(any, orbit.offsets)) for orbit in inside)
        assert ("border" in str(structure)) == structure.border


def test_windows_fit_into_the_grid() -> None:
    assert max(s.radius for s in structures(problem_on("grid(wrap) grid(wrap)", 9, 4))) == 1
    assert max(s.radius for s in structures(problem_on("grid(wrap)", 2))) == 0
    assert max(s.radius for s in structures(problem_on("grid grid", 50, 50))) == 5
    assert max(s.radius for s in structures(problem_on("grid grid grid", 9, 9, 9))) == 1


@pytest.mark.parametrize("high, readings", [(1, 1), (2, 2), (7, 7), (8, 1)])
def test_few_values_are_read_one_by_one(high: int, readings: int) -> None:
    cells = draw(0, high, 400, 3)
    (structure, *_) = structures(pairs(cells, cells, "grid(wrap)"))
    kinds = [(orbit.reading, orbit.value) for orbit in structure.orbits]
    assert len(kinds) == readings
    assert all(value != 0 for reading, value in kinds if reading == "indicator")


def test_places_of_a_fixed_port_are_read_one_by_one() -> None:
    rule = draw(0, 1, 9, 2, 3)
    x = {"cells": draw(0, 1, 9, 4), "rule": rule}
    problem = pairs(x, x["cells"], {"cells": "grid(wrap)", "rule": "fixed fixed"})
    (structure, *_) = structures(problem)
    places = [orbit.offsets for orbit in structure.orbits if orbit.port == "rule"]
    assert places == [(place,) for place in product(range(2), range(3))]


# ------------------------------------------------------------------ readings


def slow_reading(tap: Tap, port: Port, array: np.ndarray, position: tuple[int, ...]) -> int:
    """What a tap reads, word for word as the network defines it."""
    place = []
    moved = tap.offset
    if not port.is_fixed:
        moved = tuple(p + o for p, o in zip(position, tap.offset, strict=True))
    for axis, size, k in zip(port.axes, array.shape, moved, strict=True):
        if axis.wrap:
            k %= size
        if not 0 <= k < size:
            return 0
        place.append(k)
    match tap.reading:
        case "number":
            return int(array[tuple(place)])
        case "indicator":
            return int(array[tuple(place)] == tap.value)
        case "inside":
            return 1


@settings(deadline=None, max_examples=tries(80))
@given(st.data())
def test_taps_read_what_a_slow_loop_reads(data: st.DataObject) -> None:
    axes = tuple(
        Axis("grid", wrap=wrap)
        for wrap in data.draw(st.lists(st.booleans(), min_size=1, max_size=3))
    )
    low = data.draw(st.integers(-2, 1))
    domain = Integers(low, low + 2)
    ports = [Port("cells", axes, domain), Port("rule", parse_axes("fixed(2)"), domain)]
    sizes = tuple(data.draw(st.integers(1, 4)) for _ in axes)
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    arrays = [rng.integers(low, low + 3, (2, *sizes)), rng.integers(low, low + 3, (2, 2))]
    readings = st.sampled_from(["number", "indicator", "inside"])
    value = st.integers(low, low + 2)
    offset = st.tuples(*[st.integers(-5, 5)] * len(axes))
    cells = st.builds(Tap, st.just("cells"), offset, readings, value)
    rule = st.builds(Tap, st.just("rule"), st.tuples(st.integers(0, 1)), readings, value)
    taps = data.draw(st.lists(st.one_of(cells, rule), min_size=1, max_size=4))
    expected = [
        [slow_reading(tap, *by_name(tap, ports, arrays, sample), position) for tap in taps]
        for sample in range(2)
        for position in np.ndindex(*sizes)
    ]
    assert read_taps(ports, taps, arrays).tolist() == expected


def by_name(tap: Tap, ports: list[Port], arrays: list[Any], sample: int) -> tuple[Port, Any]:
    k = [port.name for port in ports].index(tap.port)
    return ports[k], arrays[k][sample]


def test_readings_of_an_orbit_are_added() -> None:
    problem = problem_on("grid grid", 4, 4)
    cells = problem.given[0].inputs
    for structure in structures(problem):
        taps = [tap for orbit in structure.orbits for tap in orbit.taps]
        seats = np.repeat(np.arange(len(structure.orbits)), [len(o.taps) for o in structure.orbits])
        read = read_taps(problem.inputs, taps, cells)
        summed = np.stack([read[:, seats == k].sum(1) for k in range(len(structure.orbits))], 1)
        assert (summed == orbit_sums(problem.inputs, structure.orbits, cells)).all()


def radius_zero(port: Port) -> Structure:
    problem = Problem("mine", (port,), port, ((3,),), ())
    return next(structures(problem))


def test_each_reading_is_kept_once() -> None:
    port = grid_port(dimensions=1)
    examples = Examples((np.array([[0, 1, 1], [0, 0, 1]]),), np.array([[1, 0, 0], [1, 1, 0]]))
    rows = tabulate([port], radius_zero(port), [examples])
    assert (rows.x.tolist(), rows.y.tolist(), rows.conflicts) == ([[0.0], [1.0]], [1, 0], 0)


def test_contradicting_readings_are_counted_and_the_majority_kept() -> None:
    port = grid_port(dimensions=1)
    first = Examples((np.array([[0, 0, 1]]),), np.array([[5, 2, 0]]))
    second = Examples((np.array([[0, 1, 1]]),), np.array([[5, 3, 3]]))
    rows = tabulate([port], radius_zero(port), [first, second])
    assert (rows.x.tolist(), rows.y.tolist(), rows.conflicts) == ([[0.0], [1.0]], [5, 3], 2)


# ------------------------------------------------------------------ training and snapping


def answers(groups: tuple[UnitGroup, ...], x: np.ndarray) -> np.ndarray:
    for group in groups:
        x = group.fire(x)
    return x[:, 0].astype(np.int64)


def weights(groups: tuple[UnitGroup, ...]) -> bytes:
    return b"".join(group.weights.tobytes() + group.bias.tobytes() for group in groups)


LINE = np.array(list(product((0.0, 1.0), repeat=3)))
RULE_30 = (LINE[:, 0] != LINE[:, 1:].max(1)).astype(np.int64)


def test_the_same_seed_trains_the_same_weights() -> None:
    first = train(LINE, RULE_30, 2, 4, 8, 400, 7)
    again = train(LINE, RULE_30, 2, 4, 8, 400, 7)
    other = train(LINE, RULE_30, 2, 4, 8, 400, 8)
    assert first.wrong == again.wrong == 0
    assert weights(first.groups) == weights(again.groups) != weights(other.groups)
    assert (answers(first.groups, LINE) == RULE_30).all()


@pytest.mark.parametrize("units", [0, 3])
def test_what_is_reported_wrong_is_wrong(units: int) -> None:
    label = (LINE.sum(1) % 3).astype(np.int64)
    trained = train(LINE, label, 3, units, 2, 15, 0)
    assert (answers(trained.groups, LINE) != label).sum() == trained.wrong


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, tuple[UnitGroup, ...]]:
    """Rows of small integers, a random network over them, and its own answers as labels."""
    taps, units = draw(st.integers(1, 3)), draw(st.integers(0, 3))
    rows = list(product(range(draw(st.integers(-1, 0)), 3), repeat=taps))
    kept = draw(st.lists(st.sampled_from(rows), min_size=1, unique=True))
    x = np.array(kept, dtype=float)
    number = st.integers(-2048, 2048).map(lambda k: k / 4096)
    argmax = draw(st.booleans())
    outputs = draw(st.integers(2, 3)) if argmax else 1

    def group(height: int, width: int, activation: Any) -> UnitGroup:
        cells = draw(st.lists(number, min_size=height * width, max_size=height * width))
        bias = draw(st.lists(number, min_size=height, max_size=height))
        return UnitGroup(np.array(cells).reshape(height, width), np.array(bias), activation)

    last = group(outputs, units or taps, "argmax" if argmax else "step")
    groups = (group(units, taps, "step"), last) if units else (last,)
    return x, answers(groups, x), groups


@settings(deadline=None, max_examples=tries(60))
@given(tables())
def test_snapping_changes_no_answer(table: Any) -> None:
    x, label, groups = table
    snapped = snap(groups, x, label, np.ones(x.shape[1]))
    assert (answers(snapped, x) == label).all()
    for group in snapped:
        assert (group.weights == np.round(group.weights)).all()
        assert (group.bias == np.round(group.bias)).all()
    assert len(snapped) <= len(groups)


def test_snapping_removes_what_is_not_needed() -> None:
    hidden = UnitGroup(np.array([[0.5, 0.25, 0.0]] * 4), np.array([-0.4] * 4), "step")
    last = UnitGroup(np.array([[0.3, 0.3, 0.2, 0.4]]), np.array([-0.25]), "step")
    label = LINE[:, 0].astype(np.int64)
    assert (answers((hidden, last), LINE) == label).all()
    snapped = snap((hidden, last), LINE, label, np.ones(3))
    assert [len(group.bias) for group in snapped] == [1, 1]
    assert snapped[0].weights.tolist() == [[1.0, 0.0, 0.0]]


# ------------------------------------------------------------------ the search


def assert_finds(problem: Problem, radius: int, units: int, more: Any = None) -> GridFitted:
    """An exact network no larger than expected, right on fresh examples too."""
    fitted = fit(problem, Run(0))
    assert fitted.exact and fitted.wrong == 0, fitted.attempts
    network = fitted.network
    assert network.radius == radius
    hidden = len(network.groups[0].bias) if len(network.groups) == 2 else 0
    assert hidden <= units
    for group in network.groups:
        assert (group.weights == np.round(group.weights)).all()
    names = [port.name for port in problem.inputs]
    for examples in (*problem.given, *([more] if more else [])):
        for k in range(len(examples)):
            inputs = {name: array[k] for name, array in zip(names, examples.inputs, strict=True)}
            assert (network.run(inputs) == examples.output[k]).all()
    assert str(fitted.attempts[-1]).endswith("exact")
    return fitted


def test_the_identity_needs_no_neighbours() -> None:
    cells = draw(0, 1, 20, 8)
    assert_finds(pairs(cells, cells, "grid(wrap)"), radius=0, units=0)


@pytest.mark.parametrize("answer", [0, 1, 3])
def test_a_constant_reads_nothing(answer: int) -> None:
    cells = draw(0, 1, 20, 8)
    fitted = assert_finds(pairs(cells, np.full_like(cells, answer), "grid"), radius=0, units=0)
    assert fitted.network.weight_count == 0
    assert fitted.network.states == (answer,)


def test_cells_beyond_the_border_count_as_alive() -> None:
    cells, fresh = draw(0, 1, 100, 7), draw(0, 1, 20, 31, seed=1)
    label, wanted = (padded_sum(c, 1) == 1 for c in (cells, fresh))
    more = Examples((fresh,), wanted.astype(np.int64))
    fitted = assert_finds(pairs(cells, label, "grid"), radius=1, units=2, more=more)
    assert "seeing the border" in str(fitted.attempts[-1])
    assert any(tap.reading == "inside" for tap in fitted.network.taps)


def test_dead_cells_beyond_the_border_need_no_border() -> None:
    cells = draw(0, 1, 100, 7)
    fitted = assert_finds(pairs(cells, padded_sum(cells, 0) == 1, "grid"), radius=1, units=2)
    assert not any(tap.reading == "inside" for tap in fitted.network.taps)


def test_three_states_totalistic() -> None:
    def step(cells: np.ndarray) -> np.ndarray:
        return (np.roll(cells, 1, 1) + cells + np.roll(cells, -1, 1)) % 3

    cells, fresh = draw(0, 2, 100, 9), draw(0, 2, 5, 50, seed=1)
    more = Examples((fresh,), step(fresh))
    assert_finds(pairs(cells, step(cells), "grid(wrap)"), radius=1, units=8, more=more)


def test_two_ports() -> None:
    cells, wind = draw(0, 2, 100, 9), draw(0, 1, 100, 9, seed=1)
    label = (cells == 2) | (np.roll(wind, 1, 1) == 1)
    x, axes = {"cells": cells, "wind": wind}, {"cells": "grid(wrap)", "wind": "grid(wrap)"}
    assert_finds(pairs(x, label, axes), radius=1, units=1)


def test_negative_values() -> None:
    cells = draw(-1, 1, 100, 9)
    label = np.sign(np.roll(cells, 1, 1) + np.roll(cells, -1, 1))
    fitted = assert_finds(pairs(cells, label, "grid(wrap)"), radius=1, units=2)
    assert fitted.network.states == (-1, 0, 1)


def test_the_same_seed_finds_the_same_network() -> None:
    cells = draw(0, 1, 60, 9)
    problem = pairs(cells, np.roll(cells, 1, 1) ^ cells, "grid(wrap)")
    first, again = fit(problem, Run(5)), fit(problem, Run(5))
    assert weights(first.network.groups) == weights(again.network.groups)
    assert first.attempts == again.attempts


def test_noise_is_not_called_exact() -> None:
    said: list[str] = []
    fitted = fit(
        pairs(draw(0, 1, 10, 9), draw(0, 1, 10, 9, seed=1), "grid(wrap)"),
        Run(progress=lambda _, text: said.append(text)),
    )
    assert not fitted.exact and 0 < fitted.wrong <= fitted.rows
    assert isinstance(fitted.network, GridNetwork)
    assert said and not any("exact" in str(attempt) for attempt in fitted.attempts)


def test_a_rule_that_depends_on_the_place_is_not_called_exact() -> None:
    cells = draw(0, 1, 90, 6)
    label = cells.copy()
    label[:, 0] = 1 - label[:, 0]
    fitted = fit(pairs(cells, label, "grid(wrap)"))
    assert not fitted.exact and fitted.wrong > 0
    assert all(attempt.units is None for attempt in fitted.attempts)


@pytest.mark.slow
def test_the_search_in_noise_ends_after_a_minute_or_two() -> None:
    cells, noise = draw(0, 1, 100, 8, 8), draw(0, 1, 100, 8, 8, seed=1)
    start = time.perf_counter()
    fitted = fit(pairs(cells, noise, "grid(wrap) grid(wrap)"))
    assert not fitted.exact
    assert any(attempt.outcome == "beyond the budget" for attempt in fitted.attempts)
    assert time.perf_counter() - start < 150


@pytest.mark.parametrize("shape", [(90, 2, 2), (90, 4)])
def test_grids_smaller_than_the_neighbourhood_are_refused(shape: tuple[int, ...]) -> None:
    cells = draw(0, 1, *shape)
    label = cells
    for axis in range(1, len(shape)):
        label = np.roll(label, 2 if len(shape) == 2 else 1, axis)
    with pytest.raises(InputError, match="at least 5 cells"):
        fit(pairs(cells, label, " ".join(["grid(wrap)"] * (len(shape) - 1))))
