"""Hypothesis strategies and hand-made networks and programs that several tests share."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from deepdistill.forms.grid.network import GridNetwork
from deepdistill.ir.expr import (
    Call,
    Const,
    Expr,
    First,
    If,
    Inside,
    Read,
    Size,
    Sum,
    Total,
    Var,
    call,
)
from deepdistill.ir.ops import OPERATIONS
from deepdistill.ir.program import Let, Map, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.units.groups import UnitGroup
from deepdistill.units.readings import Tap

BITS = Integers(0, 1)
RING = tuple(p for p in product((-1, 0, 1), repeat=2) if p != (0, 0))
"""The offsets of the eight cells around a cell."""


def grid_port(name: str = "cells", dimensions: int = 2, wrap: bool = True, states: int = 2) -> Port:
    """A port with grid axes and the values 0 ... states - 1."""
    return Port(name, (Axis("grid", wrap=wrap),) * dimensions, Integers(0, states - 1))


def life_network(
    wrap: bool = True, survive: int = 2, born: int = 3, offsets: tuple[tuple[int, ...], ...] = RING
) -> GridNetwork:
    """Life by hand: with s = 2 * neighbours + cell, a cell lives where 5 <= s <= 7."""
    port = grid_port(wrap=wrap)
    taps = tuple(Tap("cells", offset) for offset in (*offsets, (0, 0)))
    weights = np.array([2.0] * len(offsets) + [1.0])
    low, high = 2 * survive + 1, 2 * born + 1
    hidden = UnitGroup(np.stack([weights, -weights]), np.array([-low, high], float), "step")
    both = UnitGroup(np.array([[1.0, 1.0]]), np.array([-2.0]), "step")
    return GridNetwork((port,), Port("result", port.axes, BITS), taps, (hidden, both), (0, 1))


def at(*offset: int, port: str = "cells") -> Read:
    """The cell at an offset from the own position."""
    names = ("row", "column")[: len(offset)]
    return Read(
        port, tuple(call("add", Var(n), Const(k)) for n, k in zip(names, offset, strict=True))
    )


def grid_program(
    value: Expr, body: tuple[Let, ...] = (), wrap: bool = True, dimensions: int = 2, states: int = 2
) -> Program:
    """A program that computes one expression at every cell."""
    port = grid_port(dimensions=dimensions, wrap=wrap, states=states)
    index = ("row", "column")[:dimensions]
    output = Port("result", port.axes, port.domain)
    return Program("mine", (port,), output, (Map("result", "cells", index, body, value),))


def life_program(
    wrap: bool = True,
    survive: int = 2,
    born: int = 3,
    points: tuple[tuple[int, ...], ...] = RING,
    alive: int = 1,
) -> Program:
    """Life by hand: born with 3 neighbours, survives with 2."""
    place = (call("add", Var("row"), Var("dr")), call("add", Var("column"), Var("dc")))
    neighbors = Let("neighbors", Sum(("dr", "dc"), points, Read("cells", place)))
    value = call(
        "or",
        call("eq", Var("neighbors"), Const(born)),
        call(
            "and",
            call("eq", at(0, 0), Const(alive)),
            call("eq", Var("neighbors"), Const(survive)),
        ),
    )
    return grid_program(call("int", value), (neighbors,), wrap)


@st.composite
def networks(draw: st.DrawFn) -> GridNetwork:
    """Small networks: one or two grid axes, perhaps a fixed port, one to three unit groups."""
    dimensions, wrap = draw(st.integers(1, 2)), draw(st.booleans())
    states = draw(st.integers(2, 3))
    ports = [grid_port("cells", dimensions, wrap, states)]
    if draw(st.booleans()):
        ports.append(Port("rule", (Axis("fixed", size=draw(st.integers(1, 3))),), BITS))
    taps = tuple(
        draw(st.lists(st.one_of([_taps(port) for port in ports]), max_size=4, unique=True))
    )
    width = len(taps)
    groups = []
    for _ in range(draw(st.integers(0, 2))):
        units = draw(st.integers(1, 3))
        groups.append(draw(_groups(units, width, "step")))
        width = units
    last = draw(st.sampled_from(["step", "argmax"]))
    groups.append(draw(_groups(1 if last == "step" else states, width, last)))
    output = Port("result", ports[0].axes, ports[0].domain)
    return GridNetwork(tuple(ports), output, taps, tuple(groups), tuple(range(states)))


def _taps(port: Port) -> st.SearchStrategy[Tap]:
    offsets = st.tuples(
        *(
            st.integers(0, axis.size - 1) if axis.size is not None else st.integers(-1, 1)
            for axis in port.axes
        )
    )
    readings = ["number", "indicator"] if port.is_fixed else ["number", "indicator", "inside"]
    values = st.integers(port.domain.low, port.domain.high)
    return st.builds(Tap, st.just(port.name), offsets, st.sampled_from(readings), values)


@st.composite
def _groups(draw: st.DrawFn, units: int, width: int, activation: str) -> UnitGroup:
    numbers = st.integers(-3, 3) if draw(st.booleans()) else st.floats(-4, 4)
    rows = st.lists(numbers, min_size=width, max_size=width)
    weights = draw(st.lists(rows, min_size=units, max_size=units))
    bias = draw(st.lists(numbers, min_size=units, max_size=units))
    table = np.array(weights, dtype=float).reshape(units, width)
    return UnitGroup(table, np.array(bias, dtype=float), activation)  # type: ignore[arg-type]


@st.composite
def programs(draw: st.DrawFn, dimensions: int = 2, wrap: bool = True) -> Program:
    """Small local programs over one grid port."""
    leaf = st.one_of(
        st.integers(-2, 2).map(Const),
        st.tuples(*[st.integers(-1, 1)] * dimensions).map(lambda o: at(*o)),
        st.tuples(*[st.integers(-1, 1)] * dimensions).map(lambda o: Inside("cells", at(*o).index)),
    )
    operations = st.sampled_from(["add", "sub", "mul", "eq", "lt", "and", "or", "max", "min"])
    value = st.recursive(
        leaf,
        lambda inner: st.builds(lambda op, a, b: call(op, a, b), operations, inner, inner),
        max_leaves=6,
    )
    return grid_program(draw(value), (), wrap, dimensions)


def expressions() -> st.SearchStrategy[Expr]:
    """Expressions of every node and operation, over the names a and b and the port cells."""
    numbers = st.one_of(
        st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False)
    )
    tables = st.lists(st.integers(-9, 9), max_size=4).map(lambda values: Const(tuple(values)))
    leaf = st.one_of(
        numbers.map(Const),
        st.sampled_from(["a", "b", "the", "size", "inside", "first"]).map(Var),
        st.integers(0, 1).map(lambda axis: Size("cells", axis)),
        tables,
    )
    points = st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), max_size=12).map(tuple)

    def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        def calls(op: str) -> st.SearchStrategy[Expr]:
            arity = OPERATIONS[op].arity
            counts = st.just(arity) if arity is not None else st.integers(2, 4)
            args = counts.flatmap(lambda count: st.tuples(*[inner] * count))
            return args.map(lambda args: Call(op, args))

        index = st.tuples(inner, inner)
        return st.one_of(
            st.sampled_from(sorted(OPERATIONS)).flatmap(calls),
            st.builds(If, inner, inner, inner),
            st.builds(Read, st.just("cells"), index),
            st.builds(Inside, st.just("cells"), index),
            st.builds(Sum, st.just(("i", "j")), points, inner),
            st.builds(lambda body: Sum((), ((), ()), body), inner),
            st.builds(Total, st.just("k"), inner, inner, inner),
            st.builds(First, st.just("k"), inner, inner, inner, inner),
        )

    return st.recursive(leaf, grown, max_leaves=8)


def all_integers(nested: Any) -> bool:
    """Whether nested lists hold integers alone, no truths among them."""
    return all(map(all_integers, nested)) if isinstance(nested, list) else type(nested) is int
