"""Sums of products of two sums of the inputs: many outputs that share a few products."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from .types import Scalar

Matrix: TypeAlias = tuple[tuple[float, ...], ...]
"""Rows of numbers, all of one length."""

_DIGITS = 7  # that are kept of a constant: those of single precision


@dataclass(frozen=True, slots=True)
class ProductSums:
    """Functions of the same real numbers x with a 1 behind them, quadratic ones.

    ``left`` and ``right`` (products, inputs + 1) are sums of x; the product k is ``left[k]·x``
    times ``right[k]·x``. An output is its row of ``weights`` (outputs, products) times the
    products, plus its row of ``affine`` times x: (outputs, inputs + 1), or (outputs, 1) where that
    is a constant alone.
    """

    name: str
    inputs: tuple[Scalar, ...]
    outputs: tuple[Scalar, ...]
    left: Matrix
    right: Matrix
    weights: Matrix
    affine: Matrix

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where the sizes do not fit."""
        width, products = len(self.inputs) + 1, len(self.left)
        widths = {len(row) for row in (*self.left, *self.right)} <= {width}
        fits = widths and len(self.right) == products and len(self.affine) == len(self.outputs)
        fits &= len({len(row) for row in self.affine}) == 1 and self.tail in (1, width)
        if not fits or [len(row) for row in self.weights] != [products] * len(self.outputs):
            raise ValueError("the matrices of these sums of products do not fit")

    @property
    def tail(self) -> int:
        """How many numbers a row of ``affine`` has."""
        return len(self.affine[0]) if self.affine else 0

    @property
    def parts(self) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        """All numbers, in the order of :meth:`constants`."""
        return self.left, self.right, self.weights, self.affine

    def constants(self) -> tuple[float, ...]:
        """All numbers: ``left``, ``right``, ``weights``, ``affine``, row after row."""
        return tuple(value for part in self.parts for row in part for value in row)

    def refilled(self, constants: Sequence[float]) -> ProductSums:
        """The same sums with these constants, to the digits that are kept."""
        if len(constants) != len(self.constants()):
            raise ValueError(f"give {len(self.constants())} constants, not {len(constants)}")
        left = iter(constants)

        def like(part: Matrix) -> Matrix:
            return tuple(tuple(brief(next(left)) for _ in row) for row in part)

        one, other, weights, affine = (like(part) for part in self.parts)
        return replace(self, left=one, right=other, weights=weights, affine=affine)

    def used(self) -> Iterator[str]:
        """The names of the inputs that some output depends on: those with a weight."""
        affine = [row[:-1] for row in self.affine if len(row) > 1]
        parts = [row[:-1] for row in (*self.left, *self.right)] + affine
        for k, scalar in enumerate(self.inputs):
            if any(row[k] for row in parts):
                yield scalar.name

    def texts(self) -> Iterator[tuple[str, str]]:
        """What each output is, by name, as a sum of inputs and of products ``p0``, ``p1``, …"""
        names = [scalar.name for scalar in self.inputs]
        products = [f"p{k}" for k in range(len(self.left))]
        for output, weights, affine in zip(self.outputs, self.weights, self.affine, strict=True):
            straight = zip(affine[:-1], names[: len(affine) - 1], strict=True)
            shared = zip(weights, products, strict=True)
            yield output.name, weighted((*straight, *shared), affine[-1])

    def product_texts(self) -> Iterator[tuple[str, str]]:
        """What each product is, by name."""
        names = [scalar.name for scalar in self.inputs]
        for k, pair in enumerate(zip(self.left, self.right, strict=True)):
            sums = (weighted(list(zip(row[:-1], names, strict=True)), row[-1]) for row in pair)
            yield f"p{k}", " * ".join(f"({one})" for one in sums)


def weighted(terms: Sequence[tuple[float, str]], offset: float) -> str:
    """The text of a weighted sum; weights of 0 are left out."""
    parts = [(weight, f"{abs(weight):.6g} * {name}") for weight, name in terms if weight]
    if offset or not parts:
        parts.append((offset, f"{abs(offset):.6g}"))
    signs = [("-" if value < 0 else "+", text) for value, text in parts]
    first = f"-{signs[0][1]}" if signs[0][0] == "-" else signs[0][1]
    return " ".join([first, *(f"{sign} {text}" for sign, text in signs[1:])])


def brief(value: float) -> float:
    """A number to the digits that are kept of a constant."""
    return float(f"{value:.{_DIGITS}g}")
