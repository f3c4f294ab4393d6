"""Cellular automata: before/after grids of one step, with the rule as oracle.

Besides :data:`NAMES` the function :func:`find` knows every elementary rule (``eca_0`` to
``eca_255``, also ``rule0`` to ``rule255``) and every life-like rule string (``life_b36s23``,
``life_bounded_b3s23``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from deepdistill.data.problem import Axis, Integers, Port, Problem, parse_axes

__all__ = ["ELEMENTARY", "NAMES", "PATTERNS", "find"]

IntArray = NDArray[np.int64]
Step = Callable[[IntArray], IntArray]

ELEMENTARY = tuple(f"eca_{number}" for number in range(256))
"""All elementary rules, in the order of their numbers."""

PATTERNS = {
    "eca_0 ... eca_255": "Any elementary rule by its number (also rule0 ... rule255).",
    "life_b3s23": "Any life-like rule by the neighbour counts of birth and survival.",
    "life_bounded_b3s23": "The same with dead cells outside the border.",
}
"""Families of names that `find` knows besides `NAMES`, each with a sentence."""

# One axis: 3 to 5 cells decide, a few dozen grids show each of the 8 to 32 patterns often.
_LINE = (20,)
_LINE_CHECKS = ((100_000,), (37,), (3,), (2,), (1,))
_LINE_COUNT = 80
# The universal rule has 2,048 patterns of cells and rule bits, and one rule per grid.
_UNIVERSAL_COUNT = 400
# Two axes, unequal so that rows and columns cannot be confused. Rare patterns decide how many:
# each of the 512 binary ones is seen, most of them more than ten times.
_PLANE = (9, 10)
_PLANE_CHECKS = ((500, 500), (37, 53), (2, 3), (1, 1))
_PLANE_COUNT = 240


def _mixed_cells(rng: np.random.Generator, shape: tuple[int, ...], states: int) -> IntArray:
    """Cells drawn with densities that differ from grid to grid.

    The densities of the states are uniform over all mixtures (the gaps between sorted uniform
    numbers), so that every number of live neighbours is equally likely: at density 1/2 a cell
    with 0 or 8 of them would be rare.
    """
    boundaries = np.sort(rng.random(states - 1))
    return np.searchsorted(boundaries, rng.random(shape)).astype(np.int64)


def _windows(cells: IntArray, wrap: bool) -> IntArray:
    """The 3 x 3 cells around each cell, as two further axes; outside a border all are 0."""
    padded = np.pad(cells, 1, mode="wrap") if wrap else np.pad(cells, 1)
    windows: IntArray = sliding_window_view(padded, (3, 3))
    return windows


def _neighbors(alive: IntArray, wrap: bool = True) -> IntArray:
    """How many of the eight cells around each cell are 1."""
    count: IntArray = _windows(alive, wrap).sum(axis=(2, 3)) - alive
    return count


def _automaton(
    name: str,
    step: Step,
    summary: str,
    dimensions: int,
    states: int = 2,
    wrap: bool = True,
    radius: int = 1,
) -> Problem:
    axes = (Axis("grid", wrap=wrap),) * dimensions
    domain = Integers(0, states - 1)
    return Problem(
        name=name,
        inputs=(Port("cells", axes, domain),),
        output=Port("result", axes, domain),
        training_shapes=(_LINE if dimensions == 1 else _PLANE,),
        check_shapes=_LINE_CHECKS if dimensions == 1 else _PLANE_CHECKS,
        training_count=_LINE_COUNT if dimensions == 1 else _PLANE_COUNT,
        sampler=lambda rng, shape: (_mixed_cells(rng, shape, states),),
        oracle=step,
        oracle_radius=radius,
        summary=summary,
    )


def _elementary_step(cells: IntArray, rule: IntArray) -> IntArray:
    """One step; ``rule[k]`` is the new cell where left * 4 + center * 2 + right is k."""
    result: IntArray = rule[4 * np.roll(cells, 1) + 2 * cells + np.roll(cells, -1)]
    return result


def _elementary(name: str, number: int) -> Problem:
    rule = number >> np.arange(8) & 1
    return _automaton(
        name,
        lambda cells: _elementary_step(cells, rule),
        f"Elementary rule {number}: a cell and its two neighbours decide the new cell.",
        dimensions=1,
    )


def _universal(name: str) -> Problem:
    bits = Integers(0, 1)
    line = parse_axes("grid(wrap)")
    return Problem(
        name=name,
        inputs=(Port("cells", line, bits), Port("rule", parse_axes("fixed(8)"), bits)),
        output=Port("result", line, bits),
        training_shapes=(_LINE,),
        check_shapes=_LINE_CHECKS,
        training_count=_UNIVERSAL_COUNT,
        sampler=lambda rng, shape: (_mixed_cells(rng, shape, 2), rng.integers(0, 2, size=8)),
        oracle=_elementary_step,
        oracle_radius=1,
        summary="All 256 elementary rules: the rule's eight bits are a second input.",
    )


def _radius_two(name: str) -> Problem:
    def step(cells: IntArray) -> IntArray:
        return np.roll(cells, 2) ^ (np.roll(cells, 1) & np.roll(cells, -2))

    return _automaton(
        name,
        step,
        "The cell two to the left, flipped where the left neighbour and the cell two to the right "
        "are both alive.",
        dimensions=1,
        radius=2,
    )


def _listed(counts: Collection[int]) -> str:
    words = [str(count) for count in sorted(counts)]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _life_like(
    name: str, birth: Collection[int], survival: Collection[int], wrap: bool = True
) -> Problem:
    def step(cells: IntArray) -> IntArray:
        neighbors = _neighbors(cells, wrap)
        born = np.isin(neighbors, list(birth))
        stays = np.isin(neighbors, list(survival))
        return np.where(cells == 1, stays, born).astype(np.int64)

    born = f"is born with {_listed(birth)} live neighbours" if birth else "is never born"
    stays = f"survives with {_listed(survival)}" if survival else "always dies"
    border = "" if wrap else "; outside the border all cells are dead"
    summary = f"A dead cell {born}, a live one {stays}{border}."
    return _automaton(name, step, summary, dimensions=2, wrap=wrap)


def _von_neumann(name: str) -> Problem:
    def step(cells: IntArray) -> IntArray:
        north, south = np.roll(cells, 1, axis=0), np.roll(cells, -1, axis=0)
        west, east = np.roll(cells, 1, axis=1), np.roll(cells, -1, axis=1)
        return np.where(cells == 1, west ^ east, north & south)

    return _automaton(
        name,
        step,
        "A dead cell is born between live north and south neighbours, a live one survives where "
        "west and east differ.",
        dimensions=2,
    )


def _brians_brain(name: str) -> Problem:
    def step(cells: IntArray) -> IntArray:
        ready, firing, resting = range(3)
        fires = _neighbors((cells == firing).astype(np.int64)) == 2
        return np.select(
            [cells == firing, cells == resting], [resting, ready], np.where(fires, firing, ready)
        ).astype(np.int64)

    return _automaton(
        name,
        step,
        "A ready cell (0) fires (1) beside exactly 2 firing ones, then rests (2), then is ready.",
        dimensions=2,
        states=3,
    )


def _wireworld(name: str) -> Problem:
    def step(cells: IntArray) -> IntArray:
        empty, head, tail, conductor = range(4)
        heads = _neighbors((cells == head).astype(np.int64))
        excited = (heads == 1) | (heads == 2)
        return np.select(
            [cells == head, cells == tail, cells == conductor],
            [tail, conductor, np.where(excited, head, conductor)],
            empty,
        ).astype(np.int64)

    return _automaton(
        name,
        step,
        "Electrons on wires: a conductor (3) beside 1 or 2 heads (1) becomes a head, then a tail "
        "(2), then a conductor again; empty cells (0) stay empty.",
        dimensions=2,
        states=4,
    )


_NAMED: dict[str, Callable[[str], Problem]] = {
    "eca_universal": _universal,
    "rule30": lambda name: _elementary(name, 30),
    "rule90": lambda name: _elementary(name, 90),
    "rule110": lambda name: _elementary(name, 110),
    "rule184": lambda name: _elementary(name, 184),
    "radius_two": _radius_two,
    "life": lambda name: _life_like(name, {3}, {2, 3}),
    "highlife": lambda name: _life_like(name, {3, 6}, {2, 3}),
    "seeds": lambda name: _life_like(name, {2}, ()),
    "day_and_night": lambda name: _life_like(name, {3, 6, 7, 8}, {3, 4, 6, 7, 8}),
    "life_bounded": lambda name: _life_like(name, {3}, {2, 3}, wrap=False),
    "von_neumann": _von_neumann,
    "brians_brain": _brians_brain,
    "wireworld": _wireworld,
}

NAMES: tuple[str, ...] = tuple(_NAMED)


def find(name: str) -> Problem | None:
    """The automaton of that name, or None where this family has none."""
    if name in _NAMED:
        return _NAMED[name](name)
    elementary = re.fullmatch(r"(?:eca_|rule)(0|[1-9][0-9]{0,2})", name)
    if elementary and int(elementary[1]) < 256:
        return _elementary(name, int(elementary[1]))
    life_like = re.fullmatch(r"life(_bounded)?_b([0-8]*)s([0-8]*)", name)
    if life_like:
        bounded, birth, survival = life_like.groups()
        birth_counts, survival_counts = (set(map(int, digits)) for digits in (birth, survival))
        return _life_like(name, birth_counts, survival_counts, wrap=not bounded)
    return None
