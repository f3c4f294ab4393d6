"""The terms that values inside a module are made of: 1, the inputs, and units as they are found."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

import torch

from .affine import AffineValue, Tensor
from .capture import Floats


@dataclass(frozen=True, slots=True, eq=False)
class ReadUnit:
    """A unit: ``sign`` or ``step`` of a row over 1, the inputs and the units before it."""

    kind: Literal["sign", "step"]
    row: Floats
    sizes: Floats
    steps: int


class TooFewTerms(Exception):
    """More terms are needed than there is room for."""


class Terms:
    """Room for ``count`` terms: inputs (samples, *shape) of some ``values``, and units."""

    def __init__(self, shape: tuple[int, ...], values: range, count: int) -> None:
        self.shape, self.values, self.count = shape, values, count
        self.units: list[ReadUnit] = []
        self.used = 1 + prod(shape)

    def flat(self, value: Tensor) -> Tensor:
        """What the terms so far have in each element: (terms, elements)."""
        return value.reshape(self.count, -1)[: self.used]

    def inputs(self) -> AffineValue:
        """The inputs, each one a term."""
        terms = torch.zeros(self.count, prod(self.shape), dtype=torch.float64)
        terms[1 : self.used] = torch.eye(self.used - 1, dtype=torch.float64)
        terms = terms.reshape(self.count, *self.shape)
        steps = torch.zeros(prod(self.shape), dtype=torch.int64)
        binary = self.values[0] >= 0 and self.values[-1] <= 1
        return AffineValue(terms, terms, steps, binary)

    def bounds(self, value: AffineValue) -> tuple[int, int] | None:
        """The smallest and largest value of the elements, where all are integers."""
        flat = self.flat(value.terms)
        if not flat.numel() or not torch.equal(flat, flat.round()) or flat.abs().max() > 2**40:
            return None
        low, high = self._ranges()
        least = torch.minimum(flat * low[:, None], flat * high[:, None]).sum(dim=0).min()
        most = torch.maximum(flat * low[:, None], flat * high[:, None]).sum(dim=0).max()
        return int(least), int(most)

    def _ranges(self) -> tuple[Tensor, Tensor]:
        inputs = prod(self.shape)
        signs = [-1.0 if unit.kind == "sign" else 0.0 for unit in self.units]
        low = [1.0, *([float(self.values[0])] * inputs), *signs]
        high = [1.0, *([float(self.values[-1])] * inputs), *([1.0] * len(signs))]
        return torch.tensor(low, dtype=torch.float64), torch.tensor(high, dtype=torch.float64)

    def jumping(
        self, value: AffineValue, below: float, at: float, above: float, binary: bool = False
    ) -> AffineValue:
        """What is ``below`` where a value is negative, ``at`` where it is 0, else ``above``."""
        parts: list[tuple[Literal["sign", "step"], float, float]]
        if below == at == above:
            parts, base = [], at
        elif 2 * at == below + above:
            parts, base = [("sign", 1.0, above - at)], at
        elif at == above:
            parts, base = [("step", 1.0, above - below)], below
        elif at == below:
            parts, base = [("step", -1.0, below - above)], above
        else:
            parts = [("step", 1.0, at - below), ("step", -1.0, at - above)]
            base = below + above - at
        width = prod(value.shape)
        terms = torch.zeros(self.count, width, dtype=torch.float64)
        terms[0] = base
        rows, sizes = self.flat(value.terms), self.flat(value.sizes)
        for kind, side, factor in parts:
            if self.used + width > self.count:
                raise TooFewTerms
            for k in range(width):
                row, size = rows[:, k], sizes[:, k]
                unit = ReadUnit(kind, side * row.numpy(), size.numpy(), int(value.steps[k]))
                self.units.append(unit)
                terms[self.used + k, k] = factor
            self.used += width
        terms = terms.reshape(self.count, *value.shape)
        return AffineValue(terms, terms.abs(), torch.zeros(width, dtype=torch.int64), binary)
