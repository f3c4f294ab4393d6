"""Names for measures: what a reader would call the cells they count."""

from __future__ import annotations

from collections.abc import Sequence

from ..ir.names import fresh
from ..ir.types import Port
from .regions import Measure, Offset

_NUMBERS = ("zeros", "ones", "twos", "threes", "fours", "fives", "sixes", "sevens", "eights")
_COMPASS = {
    (-1, -1): "northwest",
    (-1, 0): "north",
    (-1, 1): "northeast",
    (0, -1): "west",
    (0, 1): "east",
    (1, -1): "southwest",
    (1, 0): "south",
    (1, 1): "southeast",
}


def name_measures(
    measures: Sequence[Measure], ports: Sequence[Port], taken: Sequence[str]
) -> tuple[str, ...]:
    """A distinct name for each measure, none of those taken."""
    by_name = {port.name: port for port in ports}
    grids = [port for port in ports if not port.is_fixed]
    used = set(taken)
    names = []
    for measure in measures:
        port = by_name[measure.port]
        name = _name(measure, port, measures)
        if len(grids) > 1 and not port.is_fixed:
            name = f"{port.name}_{name}"
        unique = fresh(name, used)
        used.add(unique)
        names.append(unique)
    return tuple(names)


def _name(measure: Measure, port: Port, others: Sequence[Measure]) -> str:
    if port.is_fixed:
        return f"{port.name}_{'_'.join(map(str, measure.offsets[0]))}"
    place = _place(measure.offsets, others)
    if measure.inside:
        return "inside" if place == "neighbors" else f"{place}_inside"
    if measure.values is None:
        return place
    if place == "neighbors" and len(measure.values) == 1 and 0 <= measure.values[0] <= 8:
        return _NUMBERS[measure.values[0]]
    return f"{place}_{'_or_'.join(str(v).replace('-', 'minus') for v in measure.values)}"


def _place(offsets: tuple[Offset, ...], others: Sequence[Measure]) -> str:
    if len(offsets) == 1:
        return _single(offsets[0], others)
    reach = max(max(map(abs, offset)) for offset in offsets)
    window = (2 * reach + 1) ** len(offsets[0])
    centre = (0,) * len(offsets[0])
    if len(offsets) == window:
        return "total"
    if centre not in offsets and len(offsets) == window - 1:
        return "neighbors"
    steps = {tuple(sorted(map(abs, offset))) for offset in offsets}
    if reach == 1 and len(offsets[0]) == 2 and len(offsets) == 4:
        if steps == {(0, 1)}:
            return "adjacent"
        if steps == {(1, 1)}:
            return "diagonal"
    if centre not in offsets and len({o.offsets for o in others if len(o.offsets) > 1}) == 1:
        return "neighbors"
    if len(steps) == 1:
        return f"ring_{'_'.join(map(str, next(iter(steps))))}"
    return "nearby"


def _single(offset: Offset, others: Sequence[Measure]) -> str:
    if not any(offset):
        # beside a left and a right it is the centre; beside a count it is just the cell
        lonely = len(offset) > 1 or all(len(o.offsets) > 1 or not any(o.offsets[0]) for o in others)
        return "cell" if lonely else "center"
    if len(offset) == 1:
        (step,) = offset
        side = "left" if step < 0 else "right"
        return side if abs(step) == 1 else f"{side}{abs(step)}"
    if offset in _COMPASS:
        return _COMPASS[offset]
    return "cell_" + "_".join(f"{'m' if step < 0 else 'p'}{abs(step)}" for step in offset)
