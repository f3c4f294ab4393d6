"""Networks over items written by hand for the built-in problems: what a trainer may find."""

from __future__ import annotations

from deepdistill.data import catalogue
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

_OWN, _CELL = Number((0,)), Number((0, 0))
_LESS, _GREATER, _EQUAL = Others("less"), Others("greater"), Others("equal")
_BEFORE = Others("equal", "before")
_EMPTY = Gate.of((1,), high=0)
_NEAR = tuple(InsideItem(offset) for offset in ((0, 1), (0, -1), (1, 0), (-1, 0)))
_BLOCK = tuple(Number(offset) for offset in ((0, 0), (0, 1), (1, 0), (1, 1)))

_PARTS: dict[str, tuple[tuple[int, ...], tuple[Feature, ...], Gate | AffineUnit, Head]] = {
    "argmax": ((0,), (_GREATER,), _EMPTY, Pick(Place())),
    "argmin": ((0,), (_LESS,), _EMPTY, Pick(Place())),
    "maximum": ((0,), (_GREATER,), _EMPTY, Pick(_OWN)),
    "rank": ((0,), (_LESS, _BEFORE), AffineUnit((1, 1)), Each()),
    "sort": ((0,), (_LESS, _BEFORE, Turn()), Gate.of((1, 1, -1), 0, 0), Pick(_OWN)),
    "median": ((0,), (_LESS, _BEFORE, Length()), Gate.of((2, 2, -1), -2, -1), Pick(_OWN)),
    "contains_duplicate": ((0,), (_EQUAL,), Gate.of((1,), 1), Some()),
    "majority_element": ((0,), (_EQUAL, Length()), Gate.of((2, -1), -1), Pick(_OWN)),
    "touches_border": ((0, 1), (_CELL, *_NEAR), Gate.of((4, -1, -1, -1, -1), 1), Some()),
    "is_symmetric": ((0, 1), (_CELL, Mirror(1)), Gate.of((1, -1), 1), Some(negated=True)),
    "count_filled_rows": ((0,), (Line(), Length(1)), Gate.of((1, -1), 0), Added()),
    "has_square": ((0, 1), _BLOCK, Gate.of((1, 1, 1, 1), 4), Some()),
}

ITEM_NETWORKS = tuple(_PARTS)


def item_network(name: str) -> ItemNetwork:
    """A correct network for a built-in problem."""
    problem = catalogue.find(name)
    axes, features, unit, head = _PARTS[name]
    return ItemNetwork(problem.inputs, problem.output, axes, features, (unit,), head)
