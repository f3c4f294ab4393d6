"""Condensing is exact: the lifted and the shortened program compute what the network computes."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from strategies import RING, grid_port, life_network

from deepdistill.forms.grid import shorten as shorten_module
from deepdistill.forms.grid.network import GridNetwork as Network
from deepdistill.forms.grid.shorten import shorten
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Const, Inside, Read, Sum, Var, call, size
from deepdistill.ir.program import Let, Map, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.passes.decide.shortest import tree
from deepdistill.passes.decide.table import TruthTable
from deepdistill.passes.linear import linear_form
from deepdistill.passes.regions import inside_counts, regions
from deepdistill.passes.tabulate import tabulate
from deepdistill.units.groups import UnitGroup
from deepdistill.units.lift import lift
from deepdistill.units.readings import Tap

Offset = tuple[int, ...]
BITS = Integers(0, 1)

thorough = settings(
    max_examples=tries(120), suppress_health_check=list(HealthCheck), derandomize=True
)


@st.composite
def domains(draw: st.DrawFn) -> Integers:
    low = draw(st.integers(-2, 2))
    return Integers(low, low + draw(st.integers(1, 3)))


@st.composite
def snapped(draw: st.DrawFn) -> Network:
    """Integer weights, ties on purpose, one or two grid axes, any port, any reading."""
    dimensions = draw(st.integers(1, 2))
    axes = tuple(Axis("grid", wrap=draw(st.booleans())) for _ in range(dimensions))
    ports = [Port("cells", axes, draw(domains()))]
    if draw(st.integers(0, 3)) == 0:
        ports.append(Port("wind", axes, draw(domains())))
    if draw(st.integers(0, 2)) == 0:
        sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=2))
        fixed = tuple(Axis("fixed", size=size) for size in sizes)
        ports.append(Port("rule", fixed, draw(domains())))
    chosen = draw(st.lists(blocks(ports), min_size=0, max_size=3))
    weight = st.integers(-3, 3)
    shared, taps = [], []
    for block in chosen:
        for tap in block:
            taps.append(tap)
            shared.append(len(shared) if block[0] is tap else shared[-1])
    keys = sorted(set(shared))
    width = len(taps)
    groups: list[UnitGroup] = []
    for _ in range(draw(st.integers(0, 1))):
        units = draw(st.integers(1, 3))
        rows = []
        for _ in range(units):
            by_key = {key: draw(weight) for key in keys}
            rows.append([by_key[key] for key in shared])
        groups.append(group(rows, [draw(weight) for _ in range(units)], width, "step"))
        width = units
    argmax = draw(st.booleans())
    outputs = draw(st.integers(1, 4)) if argmax else 1
    rows = [[draw(st.integers(-2, 2)) for _ in range(width)] for _ in range(outputs)]
    bias = [draw(st.integers(-2, 2)) for _ in range(outputs)]
    if outputs > 1 and draw(st.booleans()):  # the same sum twice: a tie at every position
        rows[-1], bias[-1] = rows[0], bias[0]
    groups.append(group(rows, bias, width, "argmax" if argmax else "step"))
    count = outputs if argmax else 2
    states = draw(
        st.lists(st.integers(-3, 9), min_size=count, max_size=count, unique=True).map(sorted)
    )
    output = Port("result", axes, Integers(min(states), max(states) + (count == 1)))
    return Network(tuple(ports), output, tuple(taps), tuple(groups), tuple(states))


@st.composite
def blocks(draw: st.DrawFn, ports: list[Port]) -> list[Tap]:
    """One tap, or a set of offsets of one port that are read alike."""
    port = draw(st.sampled_from(ports))
    value = draw(st.integers(port.domain.low, port.domain.high))
    if port.is_fixed:
        reading = draw(st.sampled_from(["number", "indicator"]))
        places = list(product(*(range(axis.size or 0) for axis in port.axes)))
    else:
        reading = draw(st.sampled_from(["number", "indicator", "inside"]))
        places = list(product((-1, 0, 1), repeat=len(port.axes)))
    one = st.sampled_from(places).map(lambda place: [place])
    some = st.lists(st.sampled_from(places), min_size=1, max_size=5, unique=True)
    ring = st.just([place for place in places if any(place)] or places)
    return [Tap(port.name, place, reading, value) for place in draw(st.one_of(one, some, ring))]


def group(rows: Any, bias: Any, width: int, activation: Any) -> UnitGroup:
    weights = np.array(rows, dtype=float).reshape(len(bias), width)
    return UnitGroup(weights, np.array(bias, dtype=float), activation)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Network, list[dict[str, np.ndarray]]]:
    """A network and an array for each port, at a few sizes from 1 to 5."""
    network = draw(snapped())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dimensions = len(network.inputs[0].axes)
    sizes = [(1,) * dimensions, (2,) * dimensions]
    sizes += [draw(st.tuples(*[st.integers(1, 5)] * dimensions)) for _ in range(2)]
    return network, [arrays(network, shape, rng) for shape in sizes for _ in range(2)]


def arrays(
    network: Network, shape: tuple[int, ...], rng: np.random.Generator
) -> dict[str, np.ndarray]:
    return {
        port.name: rng.integers(
            port.domain.low,
            port.domain.high + 1,
            size=tuple(axis.size for axis in port.axes) if port.is_fixed else shape,
        )
        for port in network.inputs
    }


def answers(program: Program, inputs: dict[str, np.ndarray]) -> Any:
    return evaluate(program, {name: array.tolist() for name, array in inputs.items()})


def assert_same(network: Network, program: Program, inputs: list[dict[str, np.ndarray]]) -> None:
    for case in inputs:
        expected = network.run(case).tolist()
        assert answers(program, case) == expected, (network, program, case)


@thorough
@given(cases())
def test_the_lifted_program_is_the_network(case: tuple[Network, list[dict[str, Any]]]) -> None:
    network, inputs = case
    assert_same(network, lift(network, "mine"), inputs)


@thorough
@given(cases())
def test_the_tabulated_rule_is_the_network(case: tuple[Network, list[dict[str, Any]]]) -> None:
    """Regions and tables are exact, whatever expression is found for the table."""
    network, inputs = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shorten_module, "shortest", quick)
        program = shorten(lift(network, "mine"))
    assert_same(network, program, inputs)


def quick(table: TruthTable) -> Any:
    if len(table.outcomes) == 1:
        return Const(table.outcomes[0])
    return tree(table.essential())


@settings(thorough, max_examples=tries(15))
@given(cases())
def test_the_shortened_program_is_the_network(
    case: tuple[Network, list[dict[str, Any]]],
) -> None:
    network, inputs = case
    lifted = lift(network, "mine")
    table = tabulate(lifted, rule_of(lifted))
    if table is None or len(table.table) > 200:
        return
    assert_same(network, shorten(lifted), inputs)


def rule_of(program: Program) -> Map:
    (statement,) = program.body
    assert isinstance(statement, Map)
    return statement


# ------------------------------------------------------------------ single points, by hand


def one_step(taps: list[Tap], weights: list[int], bias: int, *ports: Port) -> Network:
    """One step unit that reads taps."""
    output = Port("result", ports[0].axes, BITS)
    return Network(
        ports, output, tuple(taps), (group([weights], [bias], len(taps), "step"),), (0, 1)
    )


def every_input(network: Network, shape: tuple[int, ...]) -> list[dict[str, np.ndarray]]:
    columns = []
    for port in network.inputs:
        sizes = tuple(axis.size or 0 for axis in port.axes) if port.is_fixed else shape
        cells = product(port.domain.values, repeat=int(np.prod(sizes)))
        columns.append([np.array(values).reshape(sizes) for values in cells])
    names = [port.name for port in network.inputs]
    return [dict(zip(names, case, strict=True)) for case in product(*columns)]


def assert_compiles(network: Network, shapes: tuple[tuple[int, ...], ...]) -> Program:
    """Lifted and tabulated program on every input of these shapes."""
    lifted = lift(network, "mine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shorten_module, "shortest", quick)
        short = shorten(lifted)
    for shape in shapes:
        inputs = every_input(network, shape)
        assert_same(network, lifted, inputs)
        assert_same(network, short, inputs)
    return short


def line(wrap: bool, low: int, high: int, name: str = "cells") -> Port:
    return Port(name, (Axis("grid", wrap=wrap),), Integers(low, high))


@pytest.mark.parametrize("wrap", [True, False])
@pytest.mark.parametrize("domain", [(0, 1), (1, 3), (-1, 1), (-2, -1), (2, 3)])
@pytest.mark.parametrize("reading", ["number", "indicator", "inside"])
def test_what_lies_beyond_a_border_counts_as_nothing(
    wrap: bool, domain: tuple[int, int], reading: Any
) -> None:
    for value in {0, domain[0]}:
        taps = [Tap("cells", (k,), reading, value) for k in (-1, 0, 1)]
        for weights, bias in (([1, 1, 1], -2), ([2, 1, -1], 0), ([-1, 0, -1], 1)):
            network = one_step(taps, weights, bias, line(wrap, *domain))
            assert_compiles(network, ((1,), (2,), (3,)))


def test_many_cells_beyond_a_border() -> None:
    """Domains without 0, read in a ring that is counted as a whole."""
    port = Port("cells", (Axis("grid"),) * 2, Integers(1, 2))
    taps = [Tap("cells", offset) for offset in RING]
    network = one_step(taps, [1] * 8, -5, port)
    assert_compiles(network, ((1, 1), (2, 2), (1, 3), (2, 3)))


@pytest.mark.parametrize("sizes", [(4,), (2, 2), (5,)])
def test_places_of_a_fixed_port_that_can_be_exchanged(sizes: tuple[int, ...]) -> None:
    """Only the sum of the rule's bits matters: the table shows it, the places stay places."""
    rule = Port("rule", tuple(Axis("fixed", size=size) for size in sizes), BITS)
    places = list(product(*map(range, sizes)))
    taps = [Tap("cells", (0,)), *(Tap("rule", place) for place in places)]
    network = one_step(taps, [2, *[1] * len(places)], -3, line(True, 0, 1), rule)
    assert_compiles(network, ((1,), (2,)))


def test_a_fixed_port_with_more_axes_than_the_grid() -> None:
    rule = Port("rule", (Axis("fixed", size=2), Axis("fixed", size=2)), BITS)
    taps = [Tap("cells", (1,)), Tap("rule", (1, 0)), Tap("rule", (0, 1))]
    network = one_step(taps, [1, 2, -1], -1, line(True, 0, 1), rule)
    assert_compiles(network, ((1,), (3,)))


def test_two_grids_are_kept_apart() -> None:
    taps = [Tap("cells", (-1,)), Tap("wind", (-1,)), Tap("wind", (1,), "inside")]
    network = one_step(taps, [1, -1, 1], -1, line(False, 0, 1), line(False, -1, 1, "wind"))
    assert_compiles(network, ((1,), (2,), (3,)))


def test_a_window_that_is_partly_read() -> None:
    taps = [Tap("cells", offset) for offset in RING[:5]] + [Tap("cells", (1, 1), "inside")]
    port = Port("cells", (Axis("grid"), Axis("grid", wrap=True)), BITS)
    network = one_step(taps, [1] * 5 + [-2], -1, port)
    assert_compiles(network, ((1, 1), (2, 2), (1, 3), (3, 1), (2, 3)))


@pytest.mark.parametrize("bias", [[0, 0, 0], [1, 0, 1], [-1, 0, 0]])
def test_the_first_of_equal_sums_wins(bias: list[int]) -> None:
    port = line(True, 0, 2)
    taps = (Tap("cells", (0,)), Tap("cells", (1,)))
    last = group([[1, 0], [0, 1], [1, 1]], bias, 2, "argmax")
    network = Network((port,), Port("result", port.axes, Integers(0, 9)), taps, (last,), (3, 5, 9))
    assert_compiles(network, ((1,), (2,), (3,)))


def test_a_sum_of_zero_fires() -> None:
    network = one_step([Tap("cells", (0,))], [1], 0, line(True, -1, 0))
    short = assert_compiles(network, ((2,),))
    assert answers(short, {"cells": np.array([-1, 0])}) == [0, 1]


def test_more_states_than_sums() -> None:
    last = group([[1], [-1]], [0, 0], 1, "argmax")
    port = line(True, 0, 1)
    output = Port("result", port.axes, Integers(0, 5))
    network = Network((port,), output, (Tap("cells", (0,)),), (last,), (2, 4, 5))
    assert_compiles(network, ((1,), (2,)))


def test_a_network_without_taps_is_a_constant() -> None:
    for bias, answer in ((0, 1), (-1, 0)):
        short = assert_compiles(one_step([], [], bias, line(False, 0, 1)), ((2,),))
        assert rule_of(short).value == Const(answer)
        assert rule_of(short).body == ()


def test_life_becomes_short() -> None:
    network = life_network()
    lifted = lift(network, "life")
    short = shorten(lifted)
    rng = np.random.default_rng(0)
    assert_same(network, short, [arrays(network, (n, m), rng) for n in (1, 2, 5) for m in (1, 4)])
    assert {let.name for let in rule_of(short).body} == {"neighbors", "cell"}
    assert size(rule_of(short).value) < 40


def test_weights_off_the_grid_of_integers_are_refused() -> None:
    network = life_network()
    half = UnitGroup(network.groups[0].weights / 2 + 0.25, network.groups[0].bias, "step")
    broken = Network(
        network.inputs, network.output, network.taps, (half, network.groups[1]), (0, 1)
    )
    with pytest.raises(ValueError, match="snap the network first"):
        lift(broken, "mine")
    middle = (group([[1], [2]], [0, 0], 1, "argmax"), network.groups[1])
    broken = Network(network.inputs, network.output, network.taps[:1], middle, (0, 1))
    with pytest.raises(ValueError, match="last unit group"):
        lift(broken, "mine")


def test_a_linear_form_adds_up_repeated_cells() -> None:
    here = Read("cells", (Var("i"),))
    moved = Sum(("di",), ((0,), (1,)), Read("cells", (call("add", Var("i"), Var("di")),)))
    form = linear_form(call("add", here, call("mul", Const(3), moved), Const(-2)), ("i",))
    assert form is not None
    assert form.constant == -2
    assert {atom.kind for atom in form.terms} == {"number"}
    assert {atom.offset: weight for atom, weight in form.terms.items()} == {(0,): 4, (1,): 3}


@pytest.mark.parametrize(
    "expr",
    [
        Var("unknown"),
        Read("cells", (Var("j"),)),
        Read("cells", (call("mul", Const(2), Var("i")),)),
        call("mul", Read("cells", (Var("i"),)), Read("cells", (Var("i"),))),
        call("int", call("ge", Read("cells", (Var("i"),)), Const(1))),
    ],
)
def test_what_is_not_linear_has_no_form(expr: Any) -> None:
    assert linear_form(expr, ("i",)) is None


HERE = Read("cells", (Var("i"),))
NEXT = Read("cells", (call("add", Var("i"), Const(1)),))


@pytest.mark.parametrize(
    "value",
    [
        call("mul", HERE, HERE),
        call("int", call("eq", NEXT, Const(0))),
        Inside("cells", (Var("k"),)),
    ],
)
def test_a_program_that_is_not_understood_stays_as_it_is(value: Any) -> None:
    port = line(False, 0, 1)
    body = (Let("score", value),)
    rule = Map("result", "cells", ("i",), body, call("int", call("ge", Var("score"), Const(1))))
    program = Program("mine", (port,), Port("result", port.axes, BITS), (rule,))
    assert shorten(program) == program


def test_a_border_cuts_a_window_in_every_way() -> None:
    port, index = grid_port(wrap=False), ("i", "j")
    moved = (call("add", Var(i), Var(f"d{i}")) for i in index)
    ring = Sum(("di", "dj"), RING, Inside("cells", tuple(moved)))
    form = linear_form(ring, index)
    assert form is not None
    (region,) = regions([form], [port])
    assert inside_counts([region], [True, True]) == [(0,), (1,), (2,), (3,), (5,), (8,)]
    assert inside_counts([region], [False, True]) == [(2,), (5,), (8,)]
    assert inside_counts([region], [False, False]) == [(8,)]


@example(network=life_network(wrap=False))
@thorough
@given(network=snapped())
def test_tables_hold_one_answer_for_each_row(network: Network) -> None:
    lifted = lift(network, "mine")
    found = tabulate(lifted, rule_of(lifted))
    if found is None:
        return
    assert len(np.unique(found.table.rows, axis=0)) == len(found.table)
    assert set(found.table.outcomes) <= set(network.states)
    assert len({feature.name for feature in found.table.features}) == len(found.table.features)
    taken = {port.name for port in network.inputs} | {"i", "j", "result", "mine"}
    assert not taken & {feature.name for feature in found.table.features}
