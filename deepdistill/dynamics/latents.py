"""How many numbers a series is moved by, and what they are: principal components above the noise.

A component counts where its course in time is smooth beside the noise in it; of a map, whose steps
are not, where it is larger than what rounding leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..ir.errors import InputError
from .coordinates import AffineChange
from .library import polynomials, values
from .series import Floats, Series
from .smoothing import noise_of

_NOISY = 0.7  # a component of which noise is a larger share is noise
_ROUNDING = 1e-9  # share of the largest component
_MOST = 8  # components that a vector field is looked for in


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Components ``w = encoder @ (x - mean)`` of a series, and the channels as polynomials of them.

    ``decoder`` (channels, terms) stands before all monomials up to ``degree``.
    """

    mean: Floats  # (channels,)
    encoder: Floats  # (components, channels)
    decoder: Floats
    degree: int = 1

    @property
    def count(self) -> int:
        return len(self.encoder)

    def encode(self, x: Floats) -> Floats:
        """Components (..., components) of channels (..., channels)."""
        return np.asarray((x - self.mean) @ self.encoder.T)

    def decode(self, w: Floats) -> Floats:
        """Channels (..., channels) of components."""
        return np.asarray(values(polynomials(self.count, self.degree), w) @ self.decoder.T)

    def seen_through(self, change: AffineChange, matrix: Floats, degree: int) -> Components:
        """Those that an affine ``change`` makes of these, and these polynomials of those.

        ``matrix`` (components, terms) stands before the monomials up to ``degree``.
        """
        encoder = change.matrix @ self.encoder
        mean = self.mean - np.linalg.pinv(encoder) @ change.shift
        decoder = self.decoder[:, 1:] @ matrix
        decoder[:, 0] += self.decoder[:, 0]
        return Components(mean, encoder, decoder, degree)

    def leading(self, count: int) -> Components:
        """The first so many of linear ones."""
        return Components(self.mean, self.encoder[:count], self.decoder[:, : count + 1])


def components_of(series: Series) -> Components:
    """The components that are no noise, at most eight.

    Raises :class:`InputError` where all are, or where more remain.
    """
    stacked = series.stacked
    mean = stacked.mean(axis=0)
    _, sizes, basis = np.linalg.svd(stacked - mean, full_matrices=False)
    basis = basis[sizes > _ROUNDING * sizes[0]]
    signs = np.sign(basis[np.arange(len(basis)), np.argmax(np.abs(basis), axis=1)])
    basis = basis * signs[:, None]
    if series.dt is not None:
        scores = tuple((one - mean) @ basis.T for one in series.trajectories)
        whole = np.sqrt(np.mean(np.concatenate(scores) ** 2, axis=0))
        quiet = noise_of(scores) < _NOISY * whole
        if not quiet.any():
            raise InputError(
                "from step to step the series is all noise: measure more often, or give dt=None "
                "for a map from step to step"
            )
        # behind the first that is noise only chance makes another one look smooth
        count = len(quiet) if quiet.all() else int(np.argmin(quiet))
        basis = basis[: max(count, 1)]
    if len(basis) > _MOST:
        raise InputError(
            f"the series moves in {len(basis)} independent directions, and equations are found for "
            f"at most {_MOST}: give fewer channels, or their leading components"
        )
    scale = np.std((stacked - mean) @ basis.T, axis=0)
    decoder = np.concatenate([mean[:, None], basis.T * scale], axis=1)
    return Components(mean, basis / scale[:, None], decoder)
