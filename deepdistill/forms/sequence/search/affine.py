"""Affine laws in closed form: exact elimination over the rationals and modulo a prime."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, lcm

from ....units.gates import AffineUnit
from .update import IntArray

_LARGEST = 1000  # a weight beyond this is an accident of few rows


def affine(rows: IntArray, target: IntArray, modulus: int = 0) -> AffineUnit | None:
    """The sparsest linear unit found that is exact at every row, or None.

    Over the rationals, or with a prime ``modulus`` over its residues. Later features are left out
    where earlier ones suffice.
    """
    width = rows.shape[1]
    chosen = list(range(width))
    unit = _fitting(rows, target, chosen, modulus)
    if unit is None:
        return None
    for k in reversed(range(width)):
        fewer = [j for j in chosen if j != k]
        if k in chosen and not unit.weights[k]:
            chosen = fewer
        elif k in chosen:
            without = _fitting(rows, target, fewer, modulus)
            if without is not None:
                chosen, unit = fewer, without
    return unit


def _fitting(
    rows: IntArray, target: IntArray, chosen: Sequence[int], modulus: int
) -> AffineUnit | None:
    solved = _eliminate(rows[:, chosen].tolist(), target.tolist(), modulus)
    if solved is None:
        return None
    (*weights, bias), divisor = solved
    if divisor > _LARGEST or any(abs(w) > _LARGEST * divisor for w in weights):
        return None
    spread = [0] * rows.shape[1]
    for k, weight in zip(chosen, weights, strict=True):
        spread[k] = weight
    linear = AffineUnit(tuple(spread), bias, divisor, modulus)
    return linear if (linear.columns(rows) == target).all() else None


def _eliminate(
    rows: list[list[int]], target: list[int], modulus: int
) -> tuple[list[int], int] | None:
    """Weights, bias and a common divisor that fit the rows; None where they contradict."""
    if not rows:
        return None
    width = len(rows[0]) + 1
    pivots: dict[int, list[int]] = {}
    idle = 0
    for row, goal in zip(rows, target, strict=True):
        line = [*row, 1, goal]
        if modulus:
            line = [value % modulus for value in line]
        for column, pivot in pivots.items():
            if line[column]:
                line = _cancelled(line, pivot, column, modulus)
        lead = next((k for k in range(width) if line[k]), None)
        if lead is None:
            if line[-1]:
                return None
            idle += 1
            if idle > 3 * width + 10:
                break
            continue
        if modulus:
            inverse = pow(line[lead], -1, modulus)
            line = [value * inverse % modulus for value in line]
        for column in pivots:
            if pivots[column][lead]:
                pivots[column] = _cancelled(pivots[column], line, lead, modulus)
        pivots[lead] = line
    return _solution(pivots, width, modulus)


def _cancelled(line: list[int], pivot: list[int], column: int, modulus: int) -> list[int]:
    head, factor = pivot[column], line[column]
    if modulus:
        return [(a - factor * b) % modulus for a, b in zip(line, pivot, strict=True)]
    line = [head * a - factor * b for a, b in zip(line, pivot, strict=True)]
    common = gcd(*line)
    return [a // common for a in line] if common > 1 else line


def _solution(pivots: dict[int, list[int]], width: int, modulus: int) -> tuple[list[int], int]:
    """Free variables are 0."""
    if modulus:
        half = modulus // 2
        result = [pivots[k][-1] if k in pivots else 0 for k in range(width)]
        return [w - modulus if w > half and k < width - 1 else w for k, w in enumerate(result)], 1
    divisor = lcm(*(abs(pivots[k][k]) // gcd(pivots[k][k], pivots[k][-1]) for k in pivots))
    return [
        pivots[k][-1] * divisor // pivots[k][k] if k in pivots else 0 for k in range(width)
    ], divisor
