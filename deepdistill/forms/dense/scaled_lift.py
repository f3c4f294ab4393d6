"""Lift a dense network that is known at two sizes: a program of any size, its laws and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ...ir.expr import Expr
from ...ir.program import Program
from ...ir.types import AxisKind
from .align import NotAligned, align
from .least_shape import least_shape
from .lift import Where, lift_dense
from .network import DenseLayer, DenseNetwork
from .reduce import reduce
from .size_laws import Shape

__all__ = ["NotAligned", "Scaled", "agreed", "lift_two"]

Pair: TypeAlias = tuple[DenseNetwork, DenseNetwork]
Constants: TypeAlias = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Scaled:
    """A program of any size. ``laws`` are expressions of the size with the two numbers they give,
    ``least`` is the smallest shape that the program takes, ``alike`` holds pairs of axes that must
    have the same size: the two networks cannot tell which one a law names. ``units`` says where
    those of the first network are (see :class:`Lifted`).
    """

    program: Program
    laws: tuple[tuple[Expr, float, float], ...]
    least: Shape
    alike: tuple[tuple[int, int], ...]
    units: tuple[dict[int, Where], ...]


def lift_two(
    first: DenseNetwork,
    second: DenseNetwork,
    name: str,
    argument: str,
    kind: AxisKind = "fixed",
) -> Scaled:
    """One program for two networks; :class:`NotAligned` where there is none.

    ``kind`` is that of the axes of any size.
    """
    reduced = [reduce(network) for network in (first, second)]
    one, other = (lift_dense(part.network, name, part.network.domain, argument) for part in reduced)
    aligned = align(one.program, other.program, kind)
    least = least_shape(aligned.program, first.shape)
    small, large = sorted(reduced, key=lambda part: part.network.shape)
    if _growing(small.constants, large.constants):
        pairs = zip(least, first.shape, second.shape, strict=True)
        least = tuple(max(own, min(pair)) for own, *pair in pairs)
    return Scaled(aligned.program, aligned.laws, least, aligned.alike, one.units)


def _growing(small: Constants, large: Constants) -> bool:
    """Whether sums of units without weights grow with the size: below both one may change its sign.

    Raises :class:`NotAligned` where one may do so above both.
    """
    if small == large:
        return False
    if len(small) != len(large):
        raise NotAligned("their numbers of layers differ")
    for fewer, more in zip(small, large, strict=True):
        if len(fewer) != len(more):
            raise NotAligned("units without weights have other constants at the other size")
        for a, b in zip(fewer, more, strict=True):
            if abs(b) < abs(a) or a * b < 0:
                raise NotAligned("a constant changes its sign beyond both sizes")
    return True


def agreed(given: Pair, snapped: Pair) -> DenseNetwork:
    """The second network with the numbers of the first in its last layer, where noise hides which.

    Both networks are given and without noise; the numbers of a softmax or a number are estimated
    from their noise, for each network on its own.
    """
    first, second = (network.layers[-1] for network in snapped)
    if second.activation == "argmax":
        return snapped[1]
    errors = [_errors(g.layers[-1], s.layers[-1]) for g, s in zip(given, snapped, strict=True)]
    numbers = dict.fromkeys(np.abs(first.weights[first.weights != 0]).tolist())
    weights = second.weights.copy()
    for value, error in errors[1].items():
        near = min(numbers, key=lambda number: abs(number - value), default=value)
        if near != value and abs(near - value) <= errors[0][near] + error:
            same = np.abs(second.weights) == value
            weights[same] = np.copysign(near, second.weights[same])
    last = DenseLayer(weights, second.bias, second.activation)
    return DenseNetwork(snapped[1].shape, (*snapped[1].layers[:-1], last), snapped[1].domain)


def _errors(given: DenseLayer, snapped: DenseLayer) -> dict[float, float]:
    """How uncertain each number is that stands for many noisy ones."""
    sizes = np.abs(snapped.weights)
    result = {}
    for value in np.unique(sizes[sizes != 0]).tolist():
        spread = (np.abs(given.weights) - value)[sizes == value]
        result[value] = 8 * float(np.sqrt((spread**2).mean() / len(spread)))
    return result
