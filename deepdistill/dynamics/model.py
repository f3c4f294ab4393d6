"""What was found of a system: equations, and how latents and what was measured belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ir.errors import InputError
from .canonical import Constants
from .coordinates import AffineChange
from .equations import Equations, equations_of
from .latents import Components
from .series import Floats
from .states import states_of


@dataclass(frozen=True, slots=True, eq=False)
class DynamicalModel:
    """Constants of the equations, and the way from channels to latents and back.

    Channels become ``components`` (None: they are what is looked at as they are), these with
    ``order`` - 1 rates of change or delays the states, and ``change`` makes latents of those.
    ``dt`` is the step of the series, None of a map; ``substeps`` what the integrator makes of it.
    """

    constants: Constants
    components: Components | None
    channels: int
    order: int
    change: AffineChange
    dt: float | None
    substeps: int

    @property
    def latents(self) -> int:
        return len(self.change.shift)

    @property
    def equations(self) -> Equations:
        return equations_of(self.constants, self.latents, self.dt is not None)

    def encode(self, x: Floats) -> Floats:
        """The latents (steps, latents) of one trajectory (steps, channels).

        Of a map with delays the first steps have none, so that there are fewer.
        """
        measured = x if self.components is None else self.components.encode(x)
        if self.order > 1:
            measured = states_of((measured,), self.dt, self.order).smooth[0]
        return self.change.apply(measured)

    def decode(self, z: Floats) -> Floats:
        """The channels (..., channels) of latents (..., latents)."""
        states = self.change.inverse.apply(z)
        measured = states[..., : self.latents // self.order]
        return measured if self.components is None else self.components.decode(measured)


def checked_rows(given: Any, width: int, what: str, unit: str) -> Floats:
    """Numbers (..., width), or :class:`InputError`."""
    try:
        rows = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{what} holds something that is not a number") from None
    if rows.ndim == 0 or rows.shape[-1] != width:
        raise InputError(f"{what} has shape {rows.shape}: its last axis must hold {width} {unit}")
    if not np.isfinite(rows).all():
        raise InputError(f"{what} holds a value that is not finite")
    return rows
