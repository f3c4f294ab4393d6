"""Operations on each number alone that jump at one place, or are a line on all that can occur."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch

from .affine import AffineValue, Tensor

_MOST_VALUES = 2**12
_AWAY = (1e-30, 1e-12, 1e-6, 1e-4, 1e-3, 0.01, 0.1, 0.3, 0.5, 0.7, 0.999, 1.0, 1.001, 1.5, 2.0)
_FURTHER = (2.5, 3.0, 5.0, 6.5, 10.0, 100.0, 1e4, 6e4)


@dataclass(frozen=True, slots=True)
class Jumps:
    """The value below a place, at it and above it; with a ``slope`` it is a line through ``at``."""

    place: float
    below: float
    at: float
    above: float
    slope: float | None = None
    binary: bool = False


def jumps_of(
    run: Callable[..., Any],
    value: AffineValue,
    bounds: tuple[int, int] | None,
    epsilon: float,
    least: float = 0.0,
) -> Jumps | None:
    """How an operation jumps, found by running it.

    ``bounds`` are the smallest and largest integer that a value may be, where it is one; then
    nothing else is asked. Nothing but 0 is asked that is closer to it than ``least``.
    """
    numbers, integers = _numbers(bounds, epsilon, least)
    kept = _each(run, numbers, value)
    if kept is None:
        return None
    answers, binary = kept.double(), kept.dtype == torch.bool
    if integers:
        jumps = _on_integers(numbers, answers)
        return None if jumps is None else replace(jumps, binary=binary)
    middle = len(numbers) // 2
    below, at, above = answers[:middle], answers[middle], answers[middle + 1 :]
    if bool((below != below[0]).any()) or bool((above != above[0]).any()):
        return None
    return Jumps(0.0, float(below[0]), float(at), float(above[0]), binary=binary)


def in_every_place(
    run: Callable[..., Any], value: AffineValue, bounds: tuple[int, int] | None, epsilon: float
) -> bool:
    """Whether an operation does the same to each number, wherever it stands."""
    return _each(run, _numbers(bounds, epsilon, 0.0)[0], value) is not None


def _numbers(bounds: tuple[int, int] | None, epsilon: float, least: float) -> tuple[Tensor, bool]:
    """The numbers that are asked, 0 in their middle, or all the integers that there can be."""
    if bounds is not None and bounds[1] - bounds[0] <= _MOST_VALUES:
        return torch.arange(bounds[0], bounds[1] + 1, dtype=torch.float64), True
    least = max(least, 1e-30 if epsilon < 1e-6 else 1e-4)  # half precision knows no smaller ones
    away = torch.tensor([x for x in (*_AWAY, *_FURTHER) if x >= least], dtype=torch.float64)
    return torch.cat([-away.flip(0), torch.zeros(1, dtype=torch.float64), away]), False


def _each(run: Callable[..., Any], numbers: Tensor, value: AffineValue) -> Tensor | None:
    """What becomes of each number, wherever it stands and whatever stands beside it."""
    count, shape = len(value.terms), value.shape
    results = []
    rng = torch.Generator().manual_seed(0)
    try:
        for start in range(0, len(numbers), count):
            part = numbers[start : start + count]
            rows = torch.zeros(count, *shape, dtype=torch.float64)
            rows[: len(part)] = part.reshape(-1, *(1 for _ in shape)).expand(-1, *shape)
            answer = run(rows.clone())
            if not isinstance(answer, torch.Tensor) or answer.shape != rows.shape:
                return None
            flat = answer.reshape(count, -1)[: len(part)]
            if not torch.equal(flat, flat[:, :1].expand_as(flat)) or not flat.isfinite().all():
                return None
            results.append(flat[:, 0])
        table = torch.cat(results)
        places = torch.randint(len(numbers), (count, *shape), generator=rng)
        mixed = run(numbers[places])
    except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError):
        return None
    return table if torch.equal(mixed, table[places]) else None


def _on_integers(numbers: Tensor, answers: Tensor) -> Jumps | None:
    """One jump, a jump up to a place and from it, or a line, on integers in a row."""
    first, last = float(answers[0]), float(answers[-1])
    slope = torch.unique(answers[1:] - answers[:-1])
    if len(answers) > 1 and len(slope) == 1:
        step = float(slope[0])
        return Jumps(0.0, 0.0, float(answers[0] - step * numbers[0]), 0.0, step)
    changes = (answers[1:] != answers[:-1]).nonzero().flatten()
    if not len(changes):
        return Jumps(0.0, first, first, first)
    if len(changes) == 1:
        return Jumps(float(numbers[changes[0]]) + 0.5, first, last, last)
    if len(changes) == 2 and changes[1] == changes[0] + 1:
        middle = int(changes[1])
        return Jumps(float(numbers[middle]), first, float(answers[middle]), last)
    return None
