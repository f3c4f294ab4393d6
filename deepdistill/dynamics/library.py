"""What a vector field may be a sum of: monomials of the latents, and sines and cosines of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TypeAlias

import numpy as np

from ..ir.expr import Const, Expr, Var, call
from .series import Floats


@dataclass(frozen=True, slots=True, order=True)
class Monomial:
    """A product of powers of the latents; with ``wave``, of the sine or cosine of one of them."""

    powers: tuple[int, ...]
    wave: tuple[str, int] | None = None

    @property
    def degree(self) -> int:
        return sum(self.powers)

    def expr(self, names: Sequence[str]) -> Expr | None:
        """Of the latents by name; None where it is 1."""
        parts: list[Expr] = []
        for name, power in zip(names, self.powers, strict=True):
            if power:
                parts.append(Var(name) if power == 1 else call("power", Var(name), Const(power)))
        if self.wave is not None:
            parts.append(call(self.wave[0], Var(names[self.wave[1]])))
        if len(parts) > 1:
            return call("mul", *parts)
        return parts[0] if parts else None


Library: TypeAlias = tuple[Monomial, ...]


def polynomials(latents: int, degree: int, least: int = 0) -> Library:
    """All monomials from degree ``least`` up to a degree, lower ones first."""
    monomials = []
    for total in range(least, degree + 1):
        for chosen in combinations_with_replacement(range(latents), total):
            monomials.append(Monomial(tuple(chosen.count(k) for k in range(latents))))
    return tuple(monomials)


def waves(latents: int) -> Library:
    """The sine and the cosine of each latent."""
    still = (0,) * latents
    return tuple(Monomial(still, (wave, k)) for k in range(latents) for wave in ("sin", "cos"))


def values(library: Library, z: Floats) -> Floats:
    """The library (..., terms) at latents (..., latents)."""
    out = np.ones((*z.shape[:-1], len(library)), dtype=z.dtype)
    for k, term in enumerate(library):
        column = out[..., k]
        for latent, power in enumerate(term.powers):
            for _ in range(power):
                column *= z[..., latent]
        if term.wave is not None:
            function = np.sin if term.wave[0] == "sin" else np.cos
            column *= function(z[..., term.wave[1]])
    return out
