"""The door to equations of motion: from a series to equations, a solver and a certificate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..ir.errors import InputError
from .candidates import FieldCandidate, as_they_are, in_other_latents
from .coordinates import AffineChange
from .latents import Components, components_of
from .model import DynamicalModel
from .polish import Polished, polished
from .result import Dynamics, finished
from .series import Floats, Series, given_series
from .states import States, states_of

_HELD_OUT = 0.2  # of each trajectory, at its end
_MOST_ORDER = 3
_PRICE = 2.0
_FLOOR = 1e-6  # a smaller loss is that of the integrator


def distill_dynamics(
    series: Any,
    dt: float | None = None,
    latent: int | None = None,
    *,
    discrete: bool = False,
    name: str = "mine",
    seed: int = 0,
) -> Dynamics:
    """Equations of motion of what moves a series, with the latents that they speak of.

    ``series`` is one trajectory (steps, channels), or a list of several; ``dt`` is the time between
    two steps, in which rates are told. Without ``dt``, or with ``discrete``, a map from step to
    step is found. ``latent`` is how many numbers the state has; None finds out. A fifth of each
    trajectory, its end, is held out and judges. Raises :class:`InputError` for unusable input.
    """
    found = given_series(series, dt, discrete)
    _refuse_latent(latent, found)
    known, held = _parts(found)
    measured, components = _measured(known, latent)
    best = _best(measured, known, components is None, latent, seed)
    if best is None:
        raise InputError(
            "no equation follows the series: measure more often or longer, or channels that tell "
            "more of the state"
        )
    candidate, end = best
    model = DynamicalModel(
        end.constants,
        components,
        found.channels,
        candidate.states.order,
        _change(candidate, end),
        found.dt,
        end.substeps,
    )
    return finished(model, found, held, end.noise, 2 * candidate.half + 1, name, seed)


def _refuse_latent(latent: Any, series: Series) -> None:
    if latent is None:
        return
    if isinstance(latent, bool) or not isinstance(latent, int | np.integer) or latent < 1:
        raise InputError(f"latent is {latent!r:.40}: give a whole number from 1 on, or None")
    if latent > _MOST_ORDER * series.channels:
        raise InputError(
            f"{series.channels} channels bear at most {_MOST_ORDER * series.channels} latents, and "
            f"latent is {latent}: give fewer, or None"
        )


def _parts(series: Series) -> tuple[Series, tuple[Floats, ...]]:
    """What is learned from, and what is held out."""
    cuts = [min(round((1 - _HELD_OUT) * len(one)), len(one) - 4) for one in series.trajectories]
    known = tuple(one[:cut] for one, cut in zip(series.trajectories, cuts, strict=True))
    held = tuple(one[cut:] for one, cut in zip(series.trajectories, cuts, strict=True))
    return replace(series, trajectories=known), held


def _measured(series: Series, latent: int | None) -> tuple[tuple[Floats, ...], Components | None]:
    """What the state is made of: the channels where they are independent, else components."""
    components = components_of(series)
    count = components.count
    if count == series.channels and (latent is None or latent >= count):
        return series.trajectories, None
    if latent is not None and latent < count:
        components = components.leading(latent)
    return tuple(components.encode(one) for one in series.trajectories), components


def _best(
    measured: tuple[Floats, ...], series: Series, plain: bool, latent: int | None, seed: int
) -> tuple[FieldCandidate, Polished] | None:
    """The shortest candidate that follows the series, of the lowest order that does."""
    width = measured[0].shape[1]
    orders = range(1, _MOST_ORDER + 1)
    if latent is not None:
        if latent % width:
            raise InputError(
                f"the series has {width} independent directions, and latent is {latent}: give "
                f"{width}, or {2 * width} for their rates of change as well"
            )
        orders = range(latent // width, latent // width + 1)
    fallback: tuple[FieldCandidate, Polished] | None = None
    for order in orders:
        if order * width > 8:
            break
        states = states_of(measured, series.dt, order)
        ends = [
            (one, end)
            for one in _candidates(states, plain, seed)
            if (end := polished(one)) is not None
        ]
        if not ends:
            continue
        best = min(ends, key=lambda end: _length(*end))
        if best[0].closed:
            return best
        if fallback is None:
            fallback = best
    return fallback


def _candidates(states: States, plain: bool, seed: int) -> list[FieldCandidate]:
    if states.order > 1:
        return as_they_are(states)
    if not plain:
        return [in_other_latents(states, seed)]
    return as_they_are(states)


def _length(candidate: FieldCandidate, end: Polished) -> float:
    """How long the description of the series is: what is left over, and the terms."""
    count = candidate.states.observed * sum(map(len, candidate.states.raw))
    return float(
        round(
            count * np.log(end.loss + _FLOOR) + _PRICE * np.log(count) * len(end.constants.terms),
            6,
        )
    )


def _change(candidate: FieldCandidate, end: Polished) -> AffineChange:
    """From states to latents, as the view has it after the fit."""
    if not candidate.affine:
        return candidate.change
    return end.view.inverse
