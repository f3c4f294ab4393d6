"""Receptive fields, inputs that show all their patterns, and comparing functions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from strategies import (
    RING,
    at,
    grid_port,
    grid_program,
    life_network,
    life_program,
    networks,
    programs,
)

from deepdistill.forms.grid import inputs as grid_inputs
from deepdistill.forms.grid.inputs import NetworkRun
from deepdistill.forms.grid.network import GridNetwork
from deepdistill.forms.grid.patterns import (
    Field,
    network_field,
    pattern_cells,
    pattern_count,
    pattern_grids,
    program_field,
    settling_shapes,
)
from deepdistill.ir.expr import Const, Inside, Read, Sum, Var, call
from deepdistill.ir.program import Let, Program
from deepdistill.units.groups import UnitGroup
from deepdistill.units.readings import Tap
from deepdistill.verify.arrays import all_inputs, inputs
from deepdistill.verify.equivalence import Difference, compare, of_program
from deepdistill.verify.reduce import crops, reduced, simpler


def test_what_is_read_is_found_in_the_text() -> None:
    around = frozenset(("cells", offset) for offset in (*RING, (0, 0)))
    assert program_field(life_program()) == Field(around) == network_field(life_network())
    assert program_field(grid_program(Const(1))) == Field(frozenset())
    group = UnitGroup(np.array([[0.0, 1.0]]), np.zeros(1), "step")
    network = replace(
        life_network(), taps=(Tap("cells", (5, 5)), Tap("cells", (0, 1))), groups=(group,)
    )
    assert network_field(network) == Field(frozenset({("cells", (0, 1))}))


ROW, COLUMN = Var("row"), Var("column")


@pytest.mark.parametrize(
    ("value", "body"),
    [
        (ROW, ()),  # the position itself
        (call("add", at(0, 0), call("mod", COLUMN, Const(2))), ()),
        (Read("cells", (COLUMN, ROW)), ()),  # transposed
        (Read("cells", (ROW, call("mul", Const(2), COLUMN))), ()),
        (Read("cells", (ROW, call("add", COLUMN, COLUMN))), ()),
        (Read("cells", (ROW, Const(0))), ()),  # always the first column
        (Read("cells", (ROW, call("add", COLUMN, at(0, 0)))), ()),
        (Inside("cells", (Const(3), COLUMN)), ()),
        (Var("later"), ()),  # the value at the cell before
        (Var("a"), (Let("a", Const(1)), Let("a", Const(2)))),
        (Sum(("row",), ((0,), (1,)), at(0, 0)), ()),  # overwrites the position
        (Sum(("d",), ((0,),), Sum(("d",), ((1,),), at(0, 0))), ()),
    ],
)
def test_programs_that_may_not_be_local_are_not_called_local(value: Any, body: Any) -> None:
    assert program_field(grid_program(value, body)) is None


@given(programs(), st.data())
def test_cells_outside_the_field_do_not_matter(program: Program, data: st.DataObject) -> None:
    field = program_field(program)
    assert field is not None
    case = data.draw(inputs(program.inputs, shape=(5, 5)))
    other = data.draw(inputs(program.inputs, shape=(5, 5)))["cells"].copy()
    for row, column in field.offsets("cells"):
        other[2 + row, 2 + column] = case["cells"][2 + row, 2 + column]
    run = of_program(program)
    assert run(case)[2, 2] == run({"cells": other})[2, 2]


@st.composite
def fields(draw: st.DrawFn, dimensions: int) -> Field:
    offset = st.tuples(*[st.integers(-2, 1)] * dimensions)
    return Field(frozenset(("cells", o) for o in draw(st.sets(offset, max_size=5))))


@settings(max_examples=tries(40), deadline=None)
@given(st.data(), st.integers(1, 2), st.integers(2, 3))
def test_every_pattern_is_shown(data: st.DataObject, dimensions: int, states: int) -> None:
    field = data.draw(fields(dimensions))
    ports = (grid_port(dimensions=dimensions, states=states),)
    shape = tuple(span + data.draw(st.integers(0, 5)) for span in field.spans(dimensions))
    seen = set()
    cells = 0
    for case in pattern_grids(ports, field, shape, [0]):
        assert case["cells"].shape == shape
        cells += case["cells"].size
        offsets = field.offsets("cells")
        rolled = [
            np.roll(case["cells"], [-k for k in o], range(dimensions)).ravel() for o in offsets
        ]
        seen |= set(zip(*rolled, strict=True)) if offsets else {()}
    assert len(seen) == pattern_count(ports, field)
    assert cells == pattern_cells(ports, field, shape)


@settings(max_examples=tries(30), deadline=None)
@given(fields(1), st.integers(1, 9), st.booleans(), st.data())
def test_small_grids_show_every_situation(
    field: Field, length: int, wrap: bool, data: st.DataObject
) -> None:
    ports = (grid_port(dimensions=1, wrap=wrap),)

    def views(cells: np.ndarray) -> set[tuple[int, ...]]:
        n = len(cells)
        return {
            tuple(
                int(cells[(i + o) % n]) if wrap or 0 <= i + o < n else -1
                for (o,) in field.offsets("cells")
            )
            for i in range(n)
        }

    known = set()
    for shape in settling_shapes(ports, field):
        for case in all_inputs(ports, shape):
            known |= views(case["cells"])
    assert views(data.draw(inputs(ports, shape=(length,)))["cells"]) <= known


@settings(max_examples=tries(50), suppress_health_check=list(HealthCheck))
@given(networks(), st.data())
def test_slabs_and_batches_give_what_the_network_gives(
    network: GridNetwork, data: st.DataObject
) -> None:
    cases = data.draw(
        st.lists(
            inputs(network.inputs, shape=(6,) * len(network.inputs[0].axes)), min_size=1, max_size=3
        )
    )
    run = NetworkRun(network)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid_inputs, "_READINGS_AT_ONCE", 2)
        for case, together in zip(cases, run.many(cases), strict=True):
            assert np.array_equal(run(case), network.run(case))
            assert np.array_equal(together, network.run(case))


def test_large_differences_are_reduced() -> None:
    good, bad = NetworkRun(life_network()), of_program(life_program(born=4))
    case = {"cells": np.random.default_rng(0).integers(0, 2, (40, 50))}
    wrong = compare(bad, good, case)
    assert isinstance(wrong, Difference)
    ports = (grid_port(),)
    steps = crops(ports, (3, 3)), simpler(ports)
    small = reduced(wrong, lambda case: compare(bad, good, case), steps)
    assert small.inputs["cells"].shape == (3, 3)
    assert small.inputs["cells"].sum() in (3, 4)


def test_inputs_shrink_to_the_smallest_size_and_values() -> None:
    ports = (grid_port(states=3),)
    case = find(inputs(ports), lambda case: bool(case["cells"].sum() >= 2))
    assert case["cells"].tolist() in ([[2]], [[1, 1]])
    assert find(inputs(ports, shape=(50, 60)), lambda _: True)["cells"].shape == (50, 60)
