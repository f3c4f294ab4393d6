"""Values inside a module as affine functions of its inputs and of threshold units.

The batch axis of every tensor here counts the terms of an affine function: 1, the inputs, the
units. What acts on each sample alone and is linear is read off by running it, whatever it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch

Tensor = torch.Tensor
Operation = Callable[..., Any]

_SCALES = (1.0, 1e-6, 1e6)
_CLOSE = 1e-9
_MOST_WEIGHTS = 2**25


@dataclass(frozen=True, slots=True, eq=False)
class AffineValue:
    """``terms`` (terms, *shape), how large they were on the way, and additions for an element.

    ``sizes`` are sums of absolute values, shaped like ``terms``; ``steps`` (elements,) bounds how
    many roundings stand behind an element. ``binary`` values are 0 or 1.
    """

    terms: Tensor
    sizes: Tensor
    steps: Tensor
    binary: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.terms.shape[1:])

    def constant(self) -> Tensor | None:
        """The value where it depends on nothing."""
        return None if bool(self.terms[1:].any()) else self.terms[0]


def of_operation(run: Operation, values: Sequence[AffineValue]) -> AffineValue | None:
    """What an operation on each sample makes of values, if it is affine."""
    count = len(values[0].terms)
    shapes = [value.shape for value in values]
    widths = [prod(shape) for shape in shapes]
    rng = torch.Generator().manual_seed(0)

    def at(flat: Tensor) -> Tensor | None:
        parts = torch.split(flat, widths, dim=1)
        answer = run(*(p.reshape(len(p), *s).clone() for p, s in zip(parts, shapes, strict=True)))
        good = isinstance(answer, Tensor) and answer.ndim > 0 and len(answer) == count
        return answer.double().reshape(count, *answer.shape[1:]) if good else None

    zero = at(torch.zeros(count, sum(widths), dtype=torch.float64))
    if zero is None or not zero.isfinite().all() or not torch.equal(zero, zero[:1].expand_as(zero)):
        return None
    shape, base = zero.shape[1:], zero[0].flatten()
    drawn = torch.randn(count, sum(widths), generator=rng, dtype=torch.float64)
    before = torch.cat([_flat(value.terms) for value in values], dim=1)
    sizes = torch.cat([_flat(value.sizes) for value in values], dim=1)
    steps = torch.cat([value.steps for value in values])
    places = _selection(at, drawn, base)
    if places is not None:
        return AffineValue(
            before[:, places].reshape(count, *shape),
            sizes[:, places].reshape(count, *shape),
            steps[places],
            all(value.binary for value in values),
        )
    if sum(widths) * len(base) > _MOST_WEIGHTS:
        return None
    table = _table(at, sum(widths), count, base)
    if table is None:
        return None
    for scale in _SCALES:
        answer, size = at(drawn * scale), (drawn.abs() * scale) @ table.abs() + base.abs()
        off = None if answer is None else (_flat(answer) - (drawn * scale @ table + base)).abs()
        if off is None or not (off <= _CLOSE * size).all():
            return None
    return composed(AffineValue(before, sizes, steps), table, base, tuple(shape))


def composed(
    value: AffineValue, table: Tensor, base: Tensor, shape: tuple[int, ...]
) -> AffineValue:
    """A flat value times a table (elements before, elements after), plus a constant."""
    terms, sizes = value.terms @ table, value.sizes @ table.abs()
    terms[0] += base
    sizes[0] += base.abs()
    read = table != 0
    before = (read * value.steps[:, None]).amax(dim=0) if len(read) else torch.zeros_like(base)
    added = read.sum(dim=0) + (base != 0)
    steps = before.to(torch.int64) + added
    return AffineValue(terms.reshape(len(terms), *shape), sizes.reshape(len(terms), *shape), steps)


def _selection(at: Operation, drawn: Tensor, base: Tensor) -> Tensor | None:
    """For each element after, the element before that it is; nothing where it is not one."""
    count, width = drawn.shape
    if base.any() or not width:
        return None
    answer = at(torch.arange(1, width + 1, dtype=torch.float64).expand(count, width))
    if answer is None:
        return None
    row = _flat(answer)[0]
    if not ((row >= 1) & (row <= width) & (row == row.round())).all():
        return None
    places = row.long() - 1
    for scale in _SCALES:
        again = at(drawn * scale)
        if again is None or not torch.equal(_flat(again), (drawn * scale)[:, places]):
            return None
    return places


def _table(at: Operation, width: int, count: int, base: Tensor) -> Tensor | None:
    """What each element before adds to each one after."""
    rows = []
    for start in range(0, width, count):
        part = torch.zeros(count, width, dtype=torch.float64)
        size = min(count, width - start)
        part[torch.arange(size), start + torch.arange(size)] = 1.0
        answer = at(part)
        if answer is None or not answer.isfinite().all():
            return None
        rows.append(_flat(answer)[:size] - base)
    table = torch.cat(rows)
    whole = table.round()  # where a constant was added and taken away again
    return torch.where((table - whole).abs() <= 1e-15 * base.abs(), whole, table)


def _flat(value: Tensor) -> Tensor:
    """The elements of each sample in a row, of a single number as well."""
    return value.reshape(len(value), -1)
