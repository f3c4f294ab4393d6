"""The door to equations of motion: from a series to equations, a solver and a certificate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..ir.errors import InputError
from .candidates import FieldCandidate, as_they_are, in_other_latents
from .closing import closed_components
from .coordinates import AffineChange
from .latents import Components, components_of
from .model import DynamicalModel
from .polish import Polished, polished
from .result import Dynamics, finished
from .series import Floats, Series, given_series
from .states import states_of

_HELD_OUT = 0.2  # of each trajectory, at its end
_MOST_ORDER = 3
_BLURS = (2.0, 4.0)  # tried where latents behind curved channels are not sure
_MOST_LATENTS = 8
_FOLLOWED = 1.5  # mean square of the residuals in deviations of the noise
_PRICE = 2.0
_FLOOR = 1e-6  # a smaller loss is that of the integrator


@np.errstate(all="ignore")  # what runs away is seen by its values
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
    measured = given_series(series, dt, discrete)
    _refuse_latent(latent, measured)
    known, held = _parts(measured)
    linear, components = _components(known, latent)
    if components is None and _are_mixed(known, seed):
        linear = components = components_of(known)
    best = _best(known, linear, components, latent, seed)
    if best is None:
        raise InputError(
            "no equation follows the series: measure more often or longer, or channels that tell "
            "more of the state"
        )
    candidate, end = best
    change = end.change
    if components is not None and linear is not None and components is not linear:
        components = linear.seen_through(end.change, end.view.matrix, end.view.degree)
        change = AffineChange(np.eye(components.count), np.zeros(components.count))
    model = DynamicalModel(
        end.constants,
        components,
        measured.channels,
        candidate.states.order,
        change,
        measured.dt,
        end.substeps,
    )
    return finished(model, measured, held, end.noise, 2 * candidate.half + 1, name, seed)


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


def _components(series: Series, latent: int | None) -> tuple[Components | None, Components | None]:
    """Linear components, and the latents that they are curved functions of, or the same again.

    None where the channels are independent: they are looked at as they are.
    """
    linear = components_of(series)
    count = linear.count
    if count == series.channels and (latent is None or latent >= count):
        return None, None
    fewer = closed_components(linear, series, latent)
    if fewer is linear and latent is not None and latent < count:
        fewer = linear = linear.leading(latent)
    return linear, fewer


def _best(
    series: Series,
    linear: Components | None,
    components: Components | None,
    latent: int | None,
    seed: int,
) -> tuple[FieldCandidate, Polished] | None:
    """The shortest candidate that follows the series, of the lowest order that does."""
    measured = series.trajectories
    if components is not None:
        measured = tuple(map(components.encode, measured))
    width = measured[0].shape[1]
    orders = range(1, _MOST_ORDER + 1)
    if latent is not None:
        if latent % width:
            raise InputError(
                f"the series has {width} independent directions, and latent is {latent}: give "
                f"{width}, or {2 * width} for their rates of change as well"
            )
        orders = range(latent // width, latent // width + 1)
    seen = None
    if linear is not None and linear is not components:
        seen = states_of(tuple(map(linear.encode, series.trajectories)), series.dt, 1)
        orders = range(1, 2)
    by_order: list[tuple[FieldCandidate, Polished]] = []
    for order in orders:
        if order * width > _MOST_LATENTS:
            break
        states = states_of(measured, series.dt, order)
        if components is None or order > 1:
            candidates = as_they_are(states)
        else:
            blurs = (1.0,) if seen is None else _BLURS
            candidates = [one for blur in blurs for one in in_other_latents(states, seed, blur)]
        ends = [(one, end) for one in candidates if (end := polished(one, seen)) is not None]
        if not ends:
            continue
        best = min(ends, key=lambda end: _length(*end))
        if best[0].closed or best[1].loss < _FOLLOWED:
            return best
        by_order.append(best)
    return min(by_order, key=lambda end: _length(*end), default=None)


def _are_mixed(series: Series, seed: int) -> bool:
    """Whether latents that the channels mix have fewer constants, those of the mix included."""
    plain = as_they_are(states_of(series.trajectories, series.dt, 1))
    fewest = min(len(one.constants.terms) for one in plain)
    mix = series.channels * (series.channels + 1)
    if fewest <= mix:
        return False
    whitened = tuple(map(components_of(series).encode, series.trajectories))
    mixed = in_other_latents(states_of(whitened, series.dt, 1), seed)[0]
    return mixed.closed and len(mixed.constants.terms) + mix < fewest


def _length(candidate: FieldCandidate, end: Polished) -> float:
    """How long the description of the series is: what is left over, and the terms."""
    count = candidate.states.observed * sum(map(len, candidate.states.raw))
    return float(
        round(
            count * np.log(end.loss + _FLOOR) + _PRICE * np.log(count) * len(end.constants.terms),
            6,
        )
    )
