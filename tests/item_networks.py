"""Networks over items written by hand, and random ones, that several tests share."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.units.gates import AffineUnit, Gate
from deepdistill.units.heads import Added, Each, Head, Pick, Some
from deepdistill.units.item_readings import (
    Feature,
    InsideItem,
    Length,
    Line,
    Mirror,
    Number,
    Others,
    Place,
    Turn,
)
from deepdistill.units.items import ItemNetwork

WIDE = Integers(-9999, 9999)
SET, GRID, SEQUENCE = Axis("set"), Axis("grid"), Axis("sequence")
NUMBERS = Port("numbers", (SET,), WIDE)
PICTURE = Port("picture", (GRID, GRID), Integers(0, 1))
NUMBER = Port("result", (), WIDE)

LESS, GREATER, EQUAL = Others("less"), Others("greater"), Others("equal")
EQUAL_BEFORE, EQUAL_AFTER = Others("equal", "before"), Others("equal", "after")
OWN = Number((0,))
SIDES = ((-1, 0), (0, -1), (0, 1), (1, 0))
CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))


def of_numbers(
    features: tuple[Feature, ...],
    units: tuple[Gate | AffineUnit, ...],
    head: Head,
    axes: tuple[Axis, ...] = (),
) -> ItemNetwork:
    return ItemNetwork((NUMBERS,), Port("result", axes, WIDE), (0,), features, units, head)


def of_picture(
    features: tuple[Feature, ...], unit: Gate, head: Head, axes: tuple[int, ...] = (0, 1)
) -> ItemNetwork:
    return ItemNetwork((PICTURE,), NUMBER, axes, features, (unit,), head)


RANK = (LESS, EQUAL_BEFORE)
CELL = Number((0, 0))
BY_HAND: dict[str, ItemNetwork] = {
    "argmax": of_numbers((GREATER,), (Gate.of((-1,), 0),), Pick(Place())),
    "argmin": of_numbers((LESS,), (Gate.of((-2,), -1),), Pick(Place())),
    "last_argmax": of_numbers((GREATER,), (Gate.of((1,), None, 0),), Pick(Place(), last=True)),
    "maximum": of_numbers((GREATER,), (Gate.of((-1,), 0),), Pick(OWN)),
    "rank": of_numbers(RANK, (AffineUnit((1, 1)),), Each(), (SET,)),
    "sort": of_numbers((*RANK, Turn()), (Gate.of((1, 1, -1), 0, 0),), Pick(OWN), (SEQUENCE,)),
    "descending": of_numbers(
        (GREATER, EQUAL_BEFORE, Turn()), (Gate.of((2, 2, -2), -1, 1),), Pick(OWN), (SEQUENCE,)
    ),
    "third": of_numbers(RANK, (Gate.of((1, 1), 2, 2),), Pick(OWN)),
    "median": of_numbers((Length(), *RANK), (Gate.of((1, -2, -2), 1, 2),), Pick(OWN)),
    "contains_duplicate": of_numbers((EQUAL,), (Gate.of((1,), 1),), Some()),
    "majority_element": of_numbers((EQUAL, Length()), (Gate.of((2, -1), -1),), Pick(OWN)),
    "touches_border": of_picture(
        (CELL, *map(InsideItem, SIDES)), Gate.of((4, -1, -1, -1, -1), 1), Some()
    ),
    "is_symmetric": of_picture((CELL, Mirror(1)), Gate.of((1, -1), 1), Some(negated=True)),
    "count_filled_rows": of_picture((Line(), Length(1)), Gate.of((1, -1), 0), Added(), (0,)),
    "has_square": of_picture(
        tuple(map(Number, ((0, 0), (0, 1), (1, 0), (1, 1)))), Gate.of((1,) * 4, 4), Some()
    ),
    "has_cross": of_picture(
        (CELL, *map(Number, (*SIDES, *CORNERS))), Gate.of((1,) * 5 + (-1,) * 4, 5), Some()
    ),
    "longest_row": of_picture(
        (Others("greater", of=Line()),), Gate.of((-1,), 0), Pick(Place()), (0,)
    ),
}
"""What a trained network may look like, for each problem and a few more."""

_DOMAINS = (
    Integers(0, 1),
    Integers(0, 1),
    Integers(0, 2),
    Integers(1, 3),
    Integers(-1, 1),
    Integers(0, 3),
    WIDE,
)


@st.composite
def networks(draw: st.DrawFn) -> ItemNetwork:
    """Any features, units and head, over numbers or over a picture."""
    return random_network(draw(st.randoms(use_true_random=False)))


def random_network(rng: Random) -> ItemNetwork:
    domain = rng.choice(_DOMAINS)
    flat = rng.random() < 0.5
    port = Port("numbers", (SET,), domain) if flat else Port("picture", (GRID, GRID), domain)
    axes = rng.choice([(0,), (0,), ()] if flat else [(0, 1), (0, 1), (0,), (1,), ()])
    kinds = ["each", "added", "some", *(["pick", "turns"] if len(axes) == 1 else [])]
    kind = rng.choice(kinds)
    features = tuple(_feature(rng, port, axes, kind == "turns") for _ in range(rng.randint(1, 4)))

    def weights() -> tuple[int, ...]:
        return tuple(rng.choice([-2, -1, 0, 1, 1, 2]) for _ in features)

    units: list[Gate | AffineUnit] = []
    if kind in ("each", "added") and rng.random() < 0.5:
        units.append(AffineUnit(weights(), rng.randint(-2, 2)))
    else:
        first = Gate.of(weights(), *_bounds(rng))
        units.append(first)
        if rng.random() < 0.5:
            again = first.sum.weights if rng.random() < 0.4 else weights()
            units.append(Gate.of(again, *_bounds(rng)))
    head, output = _head(rng, kind, port, axes)
    return ItemNetwork((port,), output, axes, features, tuple(units), head)


def _bounds(rng: Random) -> tuple[int | None, int | None]:
    low, high = (rng.choice([None, rng.randint(-3, 4)]) for _ in range(2))
    if low is not None and rng.random() < 0.2:
        high = low + rng.randint(0, 2)
    return low, high


def _value(rng: Random, port: Port) -> int | None:
    return rng.choice([None, None, rng.choice([0, 1, 2, port.domain.low])])


def _number(rng: Random, port: Port) -> Number:
    offset = tuple(rng.choice([-1, 0, 0, 1, 2]) for _ in port.axes)
    return Number(offset, _value(rng, port))


def _feature(rng: Random, port: Port, axes: tuple[int, ...], turns: bool) -> Feature:
    depth, single = len(port.axes), len(axes) == len(port.axes)
    choices: list[Callable[[], Feature]] = [
        lambda: Length(rng.randrange(depth)),
        lambda: Line(_value(rng, port)),
    ]
    if single:
        choices += [lambda: _number(rng, port)] * 3
        choices.append(lambda: InsideItem(_number(rng, port).offset))
        choices.append(lambda: Mirror(rng.randrange(depth)))
    if axes:
        choices.append(lambda: Place(rng.choice(axes)))
    if len(axes) == 1:
        choices += [lambda: _others(rng, port, single)] * 5
    if turns:
        choices += [lambda: Turn()] * 2
    return rng.choice(choices)()


def _others(rng: Random, port: Port, single: bool) -> Others:
    of: Number | Line = OWN
    if not single:
        of = Line(_value(rng, port))
    elif rng.random() < 0.2:
        of = _number(rng, port)
    relation = rng.choice(["less", "equal", "greater"])
    return Others(relation, rng.choice(["any", "before", "after"]), of)  # type: ignore[arg-type]


def _head(rng: Random, kind: str, port: Port, axes: tuple[int, ...]) -> tuple[Head, Port]:
    if kind == "each":
        return Each(), Port("result", tuple(port.axes[axis] for axis in axes), WIDE)
    if kind == "added":
        return Added(rng.choice([1, 1, 2, -1]), rng.choice([0, 0, 1])), NUMBER
    if kind == "some":
        return Some(rng.random() < 0.5), NUMBER
    gives: list[Place | Number | Line] = [Place(axes[0])]
    if len(axes) == len(port.axes):
        gives += [OWN, OWN, _number(rng, port)]
    else:
        gives += [Line(), Line(_value(rng, port))]
    output = Port("result", (SEQUENCE,) if kind == "turns" else (), WIDE)
    return Pick(rng.choice(gives), rng.random() < 0.4), output


def random_input(rng: Random, port: Port, longest: int = 7) -> Any:
    """Nested lists with few or many equal numbers, nearly constant ones among them."""
    sizes = [rng.randint(1, rng.choice([2, 4, longest])) for _ in port.axes]
    low, high = port.domain.low, port.domain.high
    if high - low > 10 and rng.random() < 0.7:
        low, high = 0, rng.choice([1, 3, 9])
    usual = rng.choice([None, None, low, high])

    def cell() -> int:
        if usual is not None and rng.random() < 0.9:
            return usual
        return rng.randint(low, high)

    if len(sizes) == 1:
        return [cell() for _ in range(sizes[0])]
    return [[cell() for _ in range(sizes[1])] for _ in range(sizes[0])]
