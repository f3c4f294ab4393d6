"""What a unit may see of an item: columns of features, in the order in which they are tried.

A column is one feature or several that share one weight (the neighbours at one distance, say): an
orbit of the input's positions. Simple and symmetric ones stand first, and an earlier column is
preferred where two explain the examples equally well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from ..data.problem import Examples
from ..ir.types import Port
from ..units.groups import FloatArray, IntArray
from ..units.item_readings import (
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
from ..units.site import Seen, Site

_WIDEST_ALPHABET = 10
EDGES = ((0, 1), (1, 0), (0, -1), (-1, 0))
CORNERS = ((1, 1), (1, -1), (-1, 1), (-1, -1))

Column = tuple[Feature, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """The columns at every item: ``x`` is (groups, items, columns), ``real`` says which items are.

    A group is a sample, or with ``turns`` one element of a sample's output, ``sample`` says of
    which. Groups of fewer items than the largest one are filled up.
    """

    axes: tuple[int, ...]
    columns: tuple[Column, ...]
    x: FloatArray
    real: IntArray
    sample: IntArray


def item_axes(port: Port) -> tuple[tuple[int, ...], ...]:
    """What the items of an input may be, fewest first: the whole, lines, then single places."""
    if len(port.axes) == 1:
        return (), (0,)
    return (), (0,), (1,), (0, 1)


def symmetric_count(port: Port, axes: tuple[int, ...]) -> int:
    """How many columns at the front treat all directions alike."""
    return 11 if len(axes) == 2 else len(columns_of(port, axes, False))


def columns_of(port: Port, axes: tuple[int, ...], turns: bool) -> tuple[Column, ...]:
    """The columns for items along ``axes`` of the port's input."""
    alphabet = tuple(port.domain.values) if len(port.domain) <= _WIDEST_ALPHABET else ()
    match len(port.axes), len(axes):
        case 1, 1:
            return _numbers(port, alphabet, turns)
        case 2, 2:
            return _cells(alphabet)
        case dimensions, _:
            values = alphabet if not axes or not port.domain.is_bits else ()
            features: list[Feature] = [Line(), *(Line(value) for value in values)]
            features += [Length(axis) for axis in range(dimensions) if axis not in axes]
            if axes:
                features += _pairs(Line())
                features += [Place(axes[0]), Length(axes[0])]
            return tuple((feature,) for feature in features)


def _pairs(of: Number | Line) -> list[Feature]:
    return [
        Others(relation, order, of)
        for order in ("any", "before", "after")
        for relation in ("less", "equal", "greater")
    ]


def _numbers(port: Port, alphabet: tuple[int, ...], turns: bool) -> tuple[Column, ...]:
    features: list[Feature] = [Number((0,)), *_pairs(Number((0,)))]
    features += [Turn()] if turns else []
    features += [Length(), Place()]
    if not port.domain.is_bits:
        features += [Number((0,), value) for value in alphabet]
    columns: list[Column] = [(feature,) for feature in features]
    if port.axes[0].kind != "set":  # the places of a set have no neighbours
        columns += [(Number((-1,)), Number((1,)))]
        columns += [(Number((k,)),) for k in (-1, 1, -2, 2)]
        columns += [(InsideItem((k,)),) for k in (-1, 1)]
        columns += [(Mirror(0),)]
    return tuple(columns)


def _cells(alphabet: tuple[int, ...]) -> tuple[Column, ...]:
    around = EDGES + CORNERS
    further = tuple(o for o in product(range(-2, 3), repeat=2) if max(map(abs, o)) == 2)
    columns: list[Column] = [
        (Number((0, 0)),),
        tuple(Number(o) for o in EDGES),
        tuple(Number(o) for o in CORNERS),
        tuple(Number(o) for o in around),
        tuple(InsideItem(o) for o in EDGES),
        tuple(Number(o) for o in further),
        (Mirror(0),),
        (Mirror(1),),
        (Number((0, 1)), Number((0, -1))),
        (Number((1, 0)), Number((-1, 0))),
        (InsideItem((0, 1)), InsideItem((0, -1))),
        (InsideItem((1, 0)), InsideItem((-1, 0))),
    ]
    columns += [(InsideItem(o),) for o in EDGES]
    columns += [(Number(o),) for o in around]
    columns += [(Place(0),), (Place(1),), (Length(0),), (Length(1),)]
    if len(alphabet) > 2:
        columns += [(Number((0, 0), value),) for value in alphabet]
        columns += [tuple(Number(o, value) for o in EDGES) for value in alphabet]
    return tuple(columns)


def one_size(examples: Sequence[Examples], length: Length) -> bool:
    """Whether a length never varied, and so cannot be told from a constant."""
    return len({batch.inputs[0].shape[1 + length.axis] for batch in examples}) == 1


def tabulate_items(
    port: Port, axes: tuple[int, ...], examples: Sequence[Examples], turns: bool
) -> FeatureTable:
    """Every column at every item of every sample."""
    columns = tuple(
        column
        for column in columns_of(port, axes, turns)
        if not any(isinstance(f, Length) and one_size(examples, f) for f in column)
    )
    features = tuple(dict.fromkeys(feature for column in columns for feature in column))
    where = {feature: k for k, feature in enumerate(features)}
    share = np.zeros((len(features), len(columns)))
    for k, column in enumerate(columns):
        for feature in column:
            share[where[feature], k] = 1
    blocks: list[FloatArray] = []
    site = Site((port,), axes, turns)
    for batch in examples:
        for array in batch.inputs[0]:
            seen = Seen(site, (array,))
            shape = (seen.shape[0] if turns else 1, *seen.shape)
            values = [np.broadcast_to(feature.values(seen), shape) for feature in features]
            read = np.stack(values, axis=-1).reshape(shape[0], -1, len(features))
            blocks.append(read.astype(float) @ share)
    groups = sum(len(block) for block in blocks)
    most = max(block.shape[1] for block in blocks)
    x = np.zeros((groups, most, len(columns)))
    real = np.zeros((groups, most), dtype=bool)
    start = 0
    for block in blocks:
        rows = slice(start, start + len(block))
        x[rows, : block.shape[1]] = block
        real[rows, : block.shape[1]] = True
        start += len(block)
    sample = np.repeat(np.arange(len(blocks)), [len(block) for block in blocks])
    return FeatureTable(axes, columns, x, real, sample)
