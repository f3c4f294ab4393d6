"""Equations as expressions of the latents, and as lines that a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ..ir.expr import Call, Const, Expr, call
from ..target.formula_source import expression_text
from .canonical import Constants

_DENOMINATORS = 12


@dataclass(frozen=True, slots=True)
class Equations:
    """The right-hand sides of latents ``z1``, ``z2`` …; ``dt`` is None for a map."""

    names: tuple[str, ...]
    sides: tuple[Expr, ...]
    flow: bool

    @property
    def lines(self) -> tuple[str, ...]:
        """``dz1/dt = …`` of a flow, ``next z1 = …`` of a map."""
        return tuple(
            f"{f'd{name}/dt' if self.flow else f'next {name}'} = {expression_text(side)}"
            for name, side in zip(self.names, self.sides, strict=True)
        )


def latent_names(count: int) -> tuple[str, ...]:
    """``z1``, ``z2`` …"""
    return tuple(f"z{k + 1}" for k in range(count))


def equations_of(constants: Constants, latents: int, flow: bool) -> Equations:
    """The equations with terms of one constant in brackets: ``10 * (z2 - z1)``."""
    names = latent_names(latents)
    sides = []
    for equation in range(latents):
        here = [k for k, term in enumerate(constants.terms) if term.equation == equation]
        free = {k for group in constants.groups for k in group}
        parts: list[tuple[float, Expr | None, int]] = []  # size, what it multiplies, place
        for k in here:
            if k not in free:
                size = float(constants.signs[k])
                parts.append((size, constants.terms[k].monomial.expr(names), k))
        for group, size in zip(constants.groups, constants.sizes, strict=True):
            if group[0] not in here:
                continue
            if len(group) == 1:
                monomial = constants.terms[group[0]].monomial.expr(names)
                parts.append((constants.signs[group[0]] * size, monomial, group[0]))
            else:
                inner = [
                    (float(constants.signs[k]), constants.terms[k].monomial.expr(names), k)
                    for k in group
                ]
                parts.append((size, _sum(inner), group[0]))
        sides.append(_sum(parts))
    return Equations(names, tuple(sides), flow)


def _sum(parts: list[tuple[float, Expr | None, int]]) -> Expr:
    """What is added first, then what is subtracted, each in the order of the library."""
    ordered = sorted(parts, key=lambda part: (part[0] < 0, part[2]))
    total: Expr | None = None
    for size, factor, _ in ordered:
        if total is None:
            total = _product(size, factor)
        else:
            total = call("add" if size >= 0 else "sub", total, _product(abs(size), factor))
    return Const(0) if total is None else total


def _product(size: float, factor: Expr | None) -> Expr:
    if factor is None:
        return number(size)
    if size == 1:
        return factor
    parts = factor.args if isinstance(factor, Call) and factor.op == "mul" else (factor,)
    return call("mul", number(size), *parts)


def number(size: float) -> Expr:
    """A whole number, a fraction of small ones, or the number as it is."""
    if size == round(size) and abs(size) < 1e15:
        return Const(int(size))
    near = Fraction(size).limit_denominator(_DENOMINATORS)
    if float(near) == size and near.denominator not in (2, 4, 5, 8, 10):
        return call("div", Const(near.numerator), Const(near.denominator))
    return Const(size)
