"""Which conditions on features tell the lists of one answer from all others: the shortest few.

A condition holds for all lists of the answer and fails for some others; several together have to
fail for all others. That is a covering of the others, and the one of fewest bits is looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...data.running import Check
from ...ir.code_length import constant_bits
from ...ir.expr import Call, Const, Expr, negated
from .features import ListFeature
from .registers import CarriedRegister

_MODULI = range(2, 13)
_USUAL = 9.0  # bits of a comparison
_MOST = 3  # conditions together
_BRANCHES = 30_000
_KEPT = 2500

Loops = Callable[[Iterable[CarriedRegister]], float]
"""The bits of a loop that carries some registers."""


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A truth about a feature; ``excluded`` has a bit for each of the others where it fails."""

    expr: Expr
    registers: frozenset[CarriedRegister]
    bits: float
    excluded: int


def conditions(
    features: Sequence[ListFeature], own: NDArray[np.bool_], check: Check
) -> list[Condition]:
    """The conditions that hold for all lists of their own, the shortest for what they exclude."""
    best: dict[tuple[int, frozenset[CarriedRegister]], Condition] = {}
    for k, feature in enumerate(features):
        if k % 200 == 0:
            check()
        for expr, bits, holds in _of_feature(feature, own):
            excluded = int.from_bytes(np.packbits(~holds[~own]).tobytes())
            key = excluded, feature.registers
            if excluded and (key not in best or bits < best[key].bits):
                best[key] = Condition(expr, feature.registers, bits, excluded)
    return sorted(best.values(), key=lambda one: (one.bits, str(one.expr)))


def _of_feature(
    feature: ListFeature, own: NDArray[np.bool_]
) -> Iterator[tuple[Expr, float, NDArray[np.bool_]]]:
    """Conditions with their bits, and where they hold."""
    at, expr, bits = feature.column, feature.expr, feature.bits
    mine = at[own]
    low, high = int(mine.min()), int(mine.max())
    if feature.truth:
        if low == high:
            yield (expr, bits, at == 1) if low else (negated(expr), bits, at == 0)
        return

    def compared(op: str, value: int) -> tuple[Expr, float]:
        made, other = _compared(op, expr, value)
        return made, bits + _USUAL + 2 + constant_bits(other)

    if low == high:
        yield *compared("eq", low), at == low
        if low < at.max() and low > at.min():
            yield *compared("ge", low), at >= low
            yield *compared("le", low), at <= low
        return
    if low > at.min():
        yield *compared("ge", low), at >= low
    if high < at.max():
        yield *compared("le", high), at <= high
    for value in (0, 1, 2):
        if low < value < high and not (mine == value).any() and (at == value).any():
            yield *compared("ne", value), at != value
    for m in _MODULI:
        rest = int(mine[0]) % m
        if m <= high - low and (mine % m == rest).all():
            made = Call("eq", (Call("mod", (expr, Const(m))), Const(rest)))
            yield (
                made,
                bits + 2 * _USUAL + 2 + constant_bits(m) + 2 + constant_bits(rest),
                at % m == rest,
            )


def _compared(op: str, expr: Expr, value: int) -> tuple[Expr, int]:
    """The comparison written the shorter way, and the constant in it."""
    match op, expr, value:
        case _, Call("sub", (a, b)), 0:
            return Call(op, (a, b)), 0
        case "ge", Call("sub", (a, b)), 1:
            return Call("gt", (a, b)), 0
        case "le", Call("sub", (a, b)), -1:
            return Call("lt", (a, b)), 0
        case "ge", _, 1:
            return Call("gt", (expr, Const(0))), 0
        case "le", _, -1:
            return Call("lt", (expr, Const(0))), 0
        case _:
            return Call(op, (expr, Const(value))), value


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Conditions that hold together for the lists of one answer alone."""

    conditions: tuple[Condition, ...]
    bits: float

    @property
    def registers(self) -> frozenset[CarriedRegister]:
        return frozenset(one for c in self.conditions for one in c.registers)

    @property
    def truth(self) -> Expr:
        parts = tuple(one.expr for one in self.conditions)
        return parts[0] if len(parts) == 1 else Call("and", parts)


def covers(
    candidates: Sequence[Condition], others: int, loops: Loops, check: Check, most: float
) -> list[Cover]:
    """Few conditions that exclude all of so many others, in fewer bits than ``most``."""
    everything = int.from_bytes(np.packbits(np.ones(others, dtype=bool)).tobytes())
    useful = _undominated(candidates, loops, check)
    best: list[Cover] = []
    left = _BRANCHES

    def bound() -> float:
        return best[-1].bits if len(best) >= 6 else most

    def grow(chosen: tuple[Condition, ...], excluded: int, bits: float) -> None:
        nonlocal left
        if excluded == everything:
            best.append(Cover(chosen, bits))
            best.sort(key=lambda one: one.bits)
            del best[6:]
            return
        if len(chosen) == _MOST:
            return
        rest = everything & ~excluded
        last = len(chosen) + 1 == _MOST
        pivot = rest & -rest if last else _rarest(rest, useful)
        own = frozenset(one for c in chosen for one in c.registers)
        for condition in useful:
            if bits + condition.bits >= bound():
                break  # they come by their bits
            if not condition.excluded & pivot or (last and rest & ~condition.excluded):
                continue
            left -= 1
            if left % 500 == 0:
                check()
            if left < 0:
                return
            loop = loops(own | condition.registers) - loops(own)
            total = bits + condition.bits + loop + _USUAL * bool(chosen)
            if total < bound():
                grow((*chosen, condition), excluded | condition.excluded, total)

    grow((), 0, 0.0)
    return best


def _rarest(rest: int, useful: Sequence[Condition]) -> int:
    """The bit of ``rest`` that the fewest conditions exclude; the lowest one of many."""
    bits: list[int] = []
    k = rest
    while k and len(bits) < 10:
        bits.append(k & -k)
        k &= k - 1
    few = useful[:300]
    return min(bits, key=lambda bit: (sum(bool(one.excluded & bit) for one in few), bit), default=0)


def _undominated(candidates: Sequence[Condition], loops: Loops, check: Check) -> list[Condition]:
    """The conditions than which no shorter one of the same registers excludes as much."""
    kept: list[Condition] = []
    for k, one in enumerate(candidates):
        if k % 100 == 0:
            check()
        worse = any(
            not one.excluded & ~other.excluded and other.registers <= one.registers
            for other in kept
        )
        if not worse:
            kept.append(one)
        if len(kept) >= _KEPT:
            break
    return kept
