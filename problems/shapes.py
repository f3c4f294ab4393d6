"""Shapes: one question about a picture of bits, the same at any size.

:func:`draw_stroke` draws the strokes on which ``orientation`` is judged, family by family; it
is trained on full rows and columns only.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from deepdistill.data.problem import Axis, Drawer, Examples, Integers, Port, Problem, Sampler

__all__ = ["NAMES", "PATTERNS", "STROKES", "draw_stroke", "find", "full_strokes"]

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]

HORIZONTAL, VERTICAL = 0, 1

PATTERNS: dict[str, str] = {}
"""Families of names that `find` knows besides `NAMES`, each with a sentence."""

_ORIENTATION = (28, 28)
_ORIENTATION_CHECKS = ((100, 100), (7, 7))
_SMALLEST_STROKES = 7  # cells along an axis; below a stroke of every family does not fit
# Unequal sizes, so that rows and columns cannot be confused.
_PICTURES = ((5, 6), (6, 5))
_PICTURE_CHECKS = ((600, 600), (37, 53), (3, 4), (1, 1))
_PICTURE_COUNT = 240
_LARGEST_COUNT = 2**31  # a picture may have as many rows as it likes


# Strokes: each family draws a vertical one as rows and columns of its cells, in a picture of that
# height and width; a horizontal stroke is the transposed picture of a vertical one.

Cells = tuple[NDArray[np.intp], NDArray[np.intp]]
Stroke = Callable[[np.random.Generator, int, int], Cells]


def _between(rng: np.random.Generator, low: int, high: int) -> int:
    return int(rng.integers(low, max(low, high) + 1))


def _swept(columns: NDArray[np.intp], width: int) -> Cells:
    """A pen of that width at one column in each row."""
    rows = np.repeat(np.arange(len(columns)), width)
    return rows, (columns[:, None] + np.arange(width)).ravel()


def _full(rng: np.random.Generator, height: int, width: int) -> Cells:
    return _swept(np.zeros(height, dtype=np.intp), 1)


def _shorter(rng: np.random.Generator, height: int, width: int) -> Cells:
    return _swept(np.zeros(_between(rng, 2, height - 1), dtype=np.intp), 1)


def _thick(rng: np.random.Generator, height: int, width: int) -> Cells:
    thickness = _between(rng, 2, min(height, width) // 4)
    return _swept(np.zeros(_between(rng, 2 * thickness, height), dtype=np.intp), thickness)


def _dotted(rng: np.random.Generator, height: int, width: int) -> Cells:
    """Dots or dashes with gaps between them, two at least."""
    dash, gap = _between(rng, 1, height // 7), _between(rng, 1, height // 7)
    count = _between(rng, 2, (height + gap) // (dash + gap))
    rows = (np.arange(count)[:, None] * (dash + gap) + np.arange(dash)).ravel()
    return rows, np.zeros_like(rows)


def _zigzag(rng: np.random.Generator, height: int, width: int) -> Cells:
    """To and fro by a few columns, one column after one or more rows, two turns at least."""
    reach = _between(rng, 1, height // 12)
    pace = _between(rng, 1, min(3, height // (4 * reach)))
    length = _between(rng, min(height, 4 * reach * pace), height)
    step = (np.arange(length) + _between(rng, 0, 2 * reach * pace)) // pace % (2 * reach)
    return _swept(
        np.minimum(step, 2 * reach - step).astype(np.intp), _between(rng, 1, height // 14)
    )


def _slanted(rng: np.random.Generator, height: int, width: int) -> Cells:
    """A pen drawn along a line, up to 30 degrees from upright."""
    thickness = _between(rng, 1, height // 9)
    length = _between(rng, 2 * thickness + 2, height)
    slope = np.tan(np.radians(rng.uniform(-30, 30)))
    columns = np.floor(np.arange(length) * slope + rng.random()).astype(np.intp)
    return _swept(columns, thickness)


def _slanted_bar(rng: np.random.Generator, height: int, width: int) -> Cells:
    """A bar turned by up to 30 degrees: all cells whose centres lie in it."""
    angle = np.radians(rng.uniform(-30, 30))
    thickness = rng.uniform(1.5, max(1.5, height / 9))
    # so that the bar's height, length * cos + thickness * sin, fits
    longest = (height - 1 - thickness * abs(np.sin(angle))) / np.cos(angle)
    length = rng.uniform(min(longest, 2 * thickness + 2), longest)
    reach = np.arange(-height, height + 1)
    y, x = reach[:, None] + rng.random(), reach + rng.random()
    along, across = y * np.cos(angle) + x * np.sin(angle), x * np.cos(angle) - y * np.sin(angle)
    rows, columns = np.nonzero((abs(along) <= length / 2) & (abs(across) <= thickness / 2))
    return rows, columns


def _outlined(rng: np.random.Generator, height: int, width: int) -> Cells:
    """The outline of a thick stroke, hollow."""
    thickness = _between(rng, 3, min(height, width) // 3)
    length = _between(rng, max(thickness + 2, 3 * thickness // 2), height)
    box = np.ones((length, thickness), dtype=bool)
    box[1:-1, 1:-1] = False
    rows, columns = np.nonzero(box)
    return rows, columns


STROKES: dict[str, Stroke] = {
    "full": _full,
    "shorter": _shorter,
    "thick": _thick,
    "dotted": _dotted,
    "zigzag": _zigzag,
    "slanted": _slanted,
    "slanted_bar": _slanted_bar,
    "outlined": _outlined,
}


def draw_stroke(
    rng: np.random.Generator, shape: Shape, family: str, label: int | None = None
) -> tuple[IntArray, int]:
    """A picture of one stroke of a family of :data:`STROKES`, anywhere in it, and its label.

    The label is 1 for a vertical and 0 for a horizontal stroke; it is drawn where not given.
    """
    answer = _between(rng, HORIZONTAL, VERTICAL) if label is None else label
    height, width = shape if answer == VERTICAL else shape[::-1]
    rows, columns = STROKES[family](rng, height, width)
    rows, columns = rows - rows.min(), columns - columns.min()
    picture = np.zeros((height, width), dtype=np.int64)
    down = _between(rng, 0, height - 1 - int(rows.max()))
    right = _between(rng, 0, width - 1 - int(columns.max()))
    picture[rows + down, columns + right] = 1
    return (picture if answer == VERTICAL else picture.T.copy()), answer


def full_strokes(shape: Shape) -> Examples:
    """Each full row and each full column of a picture, labelled: what ``orientation`` learns."""
    height, width = shape
    rows = np.zeros((height, height, width), dtype=np.int64)
    rows[range(height), range(height)] = 1
    columns = np.zeros((width, height, width), dtype=np.int64)
    columns[range(width), :, range(width)] = 1
    label = np.repeat([HORIZONTAL, VERTICAL], [height, width]).astype(np.int64)
    return Examples((np.concatenate([rows, columns]),), label)


def _drawer(family: str) -> Drawer:
    def draw(rng: np.random.Generator, shape: Shape) -> tuple[tuple[IntArray, ...], IntArray]:
        picture, label = draw_stroke(rng, shape, family)
        return (picture,), np.asarray(label, dtype=np.int64)

    return draw


def _longest_sums(picture: IntArray) -> IntArray:
    """The plain rule: longest column sum against longest row sum."""
    return np.asarray(picture.sum(axis=0).max() > picture.sum(axis=1).max(), dtype=np.int64)


def _orientation(name: str) -> Problem:
    families = list(STROKES)

    def sampler(rng: np.random.Generator, shape: Shape) -> tuple[IntArray, ...]:
        if min(shape) < _SMALLEST_STROKES:
            return (rng.integers(0, 2, size=shape),)
        return (draw_stroke(rng, shape, families[_between(rng, 0, len(families) - 1)])[0],)

    return Problem(
        name=name,
        inputs=(_picture(),),
        output=Port("result", (), Integers(HORIZONTAL, VERTICAL)),
        training_shapes=(_ORIENTATION,),
        check_shapes=_ORIENTATION_CHECKS,
        training_count=sum(_ORIENTATION),
        sampler=sampler,
        given=(full_strokes(_ORIENTATION),),
        hold_out=False,
        families={family: _drawer(family) for family in families},
        baseline=_longest_sums,
        trainer="essence",
        summary="Whether the stroke in a picture is vertical (1) or horizontal (0).",
    )


# Questions about any picture


def _picture() -> Port:
    return Port("picture", (Axis("grid"), Axis("grid")), Integers(0, 1))


def _question(
    name: str, oracle: Callable[[IntArray], int], sampler: Sampler, summary: str, largest: int = 1
) -> Problem:
    return Problem(
        name=name,
        inputs=(_picture(),),
        output=Port("result", (), Integers(0, largest)),
        training_shapes=_PICTURES,
        check_shapes=_PICTURE_CHECKS,
        training_count=_PICTURE_COUNT,
        sampler=sampler,
        oracle=lambda picture: np.asarray(oracle(picture), dtype=np.int64),
        summary=summary,
    )


def _sparse(rng: np.random.Generator, shape: Shape, cells: int) -> IntArray:
    """Up to that many live cells anywhere."""
    picture = np.zeros(shape, dtype=np.int64)
    chosen = rng.choice(
        picture.size, size=_between(rng, 0, min(cells, picture.size)), replace=False
    )
    picture.flat[chosen] = 1
    return picture


def _border_pictures(rng: np.random.Generator, shape: Shape) -> tuple[IntArray, ...]:
    """Any density inside, and on the border nothing or a few cells."""
    picture = (rng.random(shape) < rng.random()).astype(np.int64)
    border = np.ones(shape, dtype=bool)
    border[1:-1, 1:-1] = False
    return (np.where(border, _sparse(rng, shape, 3) * _between(rng, 0, 1), picture),)


def _touches_border(picture: IntArray) -> int:
    return int(picture[[0, -1]].any() or picture[:, [0, -1]].any())


def _mirrored_pictures(rng: np.random.Generator, shape: Shape) -> tuple[IntArray, ...]:
    """Symmetric pictures with no cell, or a few cells, flipped."""
    picture = (rng.random(shape) < rng.random()).astype(np.int64)
    half = np.arange(shape[1]) < (shape[1] + 1) // 2
    picture = np.where(half, picture, picture[:, ::-1])
    return (picture ^ _sparse(rng, shape, 2) * _between(rng, 0, 1),)


def _is_symmetric(picture: IntArray) -> int:
    return int(np.array_equal(picture, picture[:, ::-1]))


def _full_and_nearly_full_rows(rng: np.random.Generator, shape: Shape) -> tuple[IntArray, ...]:
    """Rows that are full, nearly full or of any density."""
    density = rng.choice([1.0, 1 - 1 / shape[1], rng.random()], size=(shape[0], 1))
    return ((rng.random(shape) < density).astype(np.int64),)


def _count_filled_rows(picture: IntArray) -> int:
    return int(picture.all(axis=1).sum())


def _squares_and_crosses(rng: np.random.Generator, shape: Shape) -> tuple[IntArray, ...]:
    """A filled square, an upright cross, both or neither, whole or with a few cells flipped."""
    picture = _sparse(rng, shape, shape[0] * shape[1] // 8) * _between(rng, 0, 1)
    if min(shape) >= 3:
        if _between(rng, 0, 1):
            arm = _between(rng, 1, (min(shape) - 1) // 2)
            y, x = (_between(rng, arm, size - 1 - arm) for size in shape)
            picture[y - 1 : y + 2, x - 1 : x + 2] = 0
            picture[y - arm : y + arm + 1, x] = 1
            picture[y, x - arm : x + arm + 1] = 1
        if _between(rng, 0, 1):
            side = _between(rng, 2, min(shape) - 1)
            y, x = (_between(rng, 0, size - side) for size in shape)
            picture[y : y + side, x : x + side] = 1
    return (picture ^ _sparse(rng, shape, 3) * _between(rng, 0, 1),)


def _has_square(picture: IntArray) -> int:
    """A larger filled square has a filled one of 2 x 2 in it."""
    if min(picture.shape) < 2:
        return 0
    return int(sliding_window_view(picture, (2, 2)).all(axis=(2, 3)).any())


_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])


def _has_cross(picture: IntArray) -> int:
    """The middle of a cross: a cell, its four neighbours, and none of the four diagonal ones."""
    if min(picture.shape) < 3:
        return 0
    return int((sliding_window_view(picture, (3, 3)) == _CROSS).all(axis=(2, 3)).any())


_NAMED: dict[str, Callable[[str], Problem]] = {
    "orientation": _orientation,
    "touches_border": lambda name: _question(
        name, _touches_border, _border_pictures, "Whether a live cell lies on the border."
    ),
    "is_symmetric": lambda name: _question(
        name, _is_symmetric, _mirrored_pictures, "Whether left and right mirror each other."
    ),
    "count_filled_rows": lambda name: _question(
        name,
        _count_filled_rows,
        _full_and_nearly_full_rows,
        "How many rows are full.",
        largest=_LARGEST_COUNT,
    ),
    "has_square": lambda name: _question(
        name, _has_square, _squares_and_crosses, "Whether a filled square of 2 x 2 is somewhere."
    ),
    "has_cross": lambda name: _question(
        name,
        _has_cross,
        _squares_and_crosses,
        "Whether a cross is somewhere: a cell with its four neighbours and no diagonal one.",
    ),
}

NAMES: tuple[str, ...] = tuple(_NAMED)


def find(name: str) -> Problem | None:
    """The problem of that name, or None where this family has none."""
    return _NAMED[name](name) if name in _NAMED else None
