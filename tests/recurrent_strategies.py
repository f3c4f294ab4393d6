"""Hypothesis strategies: random recurrent networks, and sequences for them."""

from __future__ import annotations

from hypothesis import strategies as st

from deepdistill.forms.sequence.network import RecurrentNetwork
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.units.gates import AffineUnit, Cell, Gate, Piece
from deepdistill.units.readings import Lag, Product, Register, StepFeature, StepReading

DOMAINS = (Integers(0, 1), Integers(0, 2), Integers(0, 9), Integers(-100, 99), Integers(-2, 1))


def network_of(
    domain: Integers,
    channels: int,
    features: tuple[StepReading, ...],
    initial: tuple[int, ...],
    updates: tuple[Cell, ...],
    outputs: tuple[Cell, ...],
    name: str = "numbers",
) -> RecurrentNetwork:
    """A network with ports that fit."""
    axes = (Axis("sequence"),)
    wide = (*axes, Axis("fixed", size=channels))
    several = (*axes, Axis("fixed", size=len(outputs)))
    port = Port(name, axes if channels == 1 else wide, domain)
    output = Port("result", axes if len(outputs) == 1 else several, Integers(-(2**31), 2**31))
    return RecurrentNetwork((port,), output, features, initial, updates, outputs)


@st.composite
def linears(draw: st.DrawFn, usable: list[bool]) -> AffineUnit:
    """A sparse weighted sum of the usable features, sometimes divided or reduced."""
    weights = [draw(st.sampled_from([0, 0, 1, 1, -1, 2, -2, 3])) if use else 0 for use in usable]
    return AffineUnit(
        tuple(weights),
        draw(st.integers(-3, 3)),
        draw(st.sampled_from([1, 1, 1, 2, 3])),
        draw(st.sampled_from([0, 0, 2, 3, 5])),
    )


@st.composite
def cells(draw: st.DrawFn, usable: list[bool]) -> Cell:
    gates = []
    for _ in range(draw(st.integers(0, 3))):
        low = draw(st.none() | st.integers(-4, 4))
        high = None
        if low is None or draw(st.booleans()):
            high = (low if low is not None else 0) + draw(st.integers(0, 3))
        gates.append(Gate(draw(linears(usable)), low, high))
    pieces = []
    for _ in range(draw(st.integers(0, 3)) if gates else 0):
        wanted = draw(
            st.lists(
                st.tuples(st.integers(0, len(gates) - 1), st.booleans()), min_size=1, max_size=2
            )
        )
        pieces.append(Piece(tuple(wanted), draw(linears(usable))))
    return Cell(tuple(gates), (*pieces, Piece((), draw(linears(usable)))))


@st.composite
def networks(draw: st.DrawFn) -> RecurrentNetwork:
    """Networks of every kind: products, lags, bands, // and %, several registers and channels."""
    domain = draw(st.sampled_from(DOMAINS))
    channels = draw(st.integers(1, 2))
    registers = draw(st.integers(0, 3))
    single = st.builds(Lag, st.integers(0, 3), st.integers(0, channels - 1))
    anything = single
    if registers:
        anything = single | st.builds(Register, st.integers(0, registers - 1), st.booleans())
    features = draw(
        st.lists(anything | st.builds(Product, anything, anything), min_size=1, max_size=4)
    )

    def usable(updated: int) -> list[bool]:
        """Which features a cell may read after so many updates."""
        return [_latest(feature) < updated for feature in features]

    updates = tuple(draw(cells(usable(k))) for k in range(registers))
    if draw(st.booleans()):
        updates = tuple(_finite(cell) for cell in updates)
    outputs = tuple(draw(cells(usable(registers))) for _ in range(draw(st.integers(1, 2))))
    initial = tuple(draw(st.integers(-2, 2)) for _ in range(registers))
    return network_of(domain, channels, tuple(features), initial, updates, outputs)


def _latest(feature: StepFeature) -> int:
    """The last register whose updated value a feature reads, -1 for none."""
    if isinstance(feature, Product):
        return max(_latest(feature.left), _latest(feature.right))
    return feature.index if isinstance(feature, Register) and feature.updated else -1


def _finite(cell: Cell) -> Cell:
    """The cell with every value reduced: its register takes few values."""
    pieces = []
    for piece in cell.pieces:
        value = piece.value
        modulus = value.modulus or 3
        pieces.append(
            Piece(piece.wanted, AffineUnit(value.weights, value.bias, value.divisor, modulus))
        )
    return Cell(cell.gates, tuple(pieces))


@st.composite
def rows_for(draw: st.DrawFn, network: RecurrentNetwork) -> list[tuple[int, ...]]:
    """A sequence of elements of the network's input."""
    (port,) = network.inputs
    channels = max((axis.size or 1 for axis in port.axes), default=1)
    value = st.integers(port.domain.low, port.domain.high)
    return draw(st.lists(st.tuples(*[value] * channels), max_size=12))
