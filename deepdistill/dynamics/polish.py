"""From a candidate to equations that run: constants by shooting, no idle terms, short numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite

import numpy as np

from ..ir.rounding import rounded, simplest_number
from .candidates import FieldCandidate
from .canonical import Constants, canonical_best
from .changes import Changes, sheared
from .coordinates import AffineChange
from .library import polynomials, values
from .motion import motion_of, path
from .series import Floats
from .shooting import LatentView, Shot, Stretches, parted, shoot, stretches_of
from .states import States

_NEGLIGIBLE = 1e-5  # share of an equation: less is what integrators leave
_CALM = 0.05  # a loss below that of any noise: there the integrator decides
_IDLE = 3.0  # standard errors that a constant must be from 0
_REACH = 2.0  # standard errors that a whole number or a fraction may be from a constant
_RELATIVE = 2e-6  # and at least this share of it
_DENOMINATORS = 12
_CHANCE = 0.05  # a fraction that chance would find so often is none
_PARTS = (4, 2, 1)  # into which a stretch is cut
_FEW_ROUNDS = 3  # of a fit that begins near its end
_CURVED = 3  # degree of channels that are curved functions of the latents
_FORGETS = 8  # steps of a map that a stretch has


@dataclass(frozen=True, slots=True, eq=False)
class Polished:
    """Constants, the view from latents to what was measured, and standard errors.

    ``change`` leads from what was measured, or the states of that, to the latents.
    """

    constants: Constants
    view: LatentView
    change: AffineChange
    errors: Floats
    loss: float
    noise: Floats  # of what was measured
    substeps: int


def polished(candidate: FieldCandidate, seen: States | None = None) -> Polished | None:
    """The candidate after shooting; None where its equations run away from the series.

    ``seen`` is what was measured where that is a curved function of the states.
    """
    states = candidate.states
    view, free = _view(candidate, seen)
    longest = 2 * candidate.half + 1 if states.dt is not None else _FORGETS
    noise = states.noise if states.dt is not None else _map_noise(candidate)
    measured = tuple(one[:, : states.observed] for one in states.raw)
    if seen is not None:
        noise, measured = seen.noise, seen.raw
    shot = Shot(candidate.constants, view, np.empty(0), np.empty(0), np.inf)
    length = max(4, min(longest, min(map(len, states.raw))) // 4 * 4)
    whole = stretches_of(measured, length, noise, states.dt)
    begin = stretches_of(states.smooth, length, noise, states.dt).observed
    for parts in _PARTS:  # short stretches forgive a bad start
        data = parted(whole, parts)
        if parts == _PARTS[0]:
            starts = candidate.change.apply(begin[:: length // parts].swapaxes(0, 1))
            shot = replace(shot, starts=starts.reshape(-1, starts.shape[2]))
        else:
            shot = replace(shot, starts=shot.starts[::2])
        shot = shoot(shot, data, free)
        if not isfinite(shot.loss):
            return None
    shot = _pruned(shot, data, free)
    if candidate.affine and len(shot.constants.terms) < len(candidate.constants.terms):
        shot = _canonical_again(shot, data)
    shot = _snapped(shot, data, free)
    change = candidate.change
    if seen is not None:
        calm = stretches_of(seen.smooth, length, noise, states.dt).observed
        change = _way_back(shot, calm, states.dt)
    elif free:
        change = shot.view.change.inverse
    return Polished(shot.constants, shot.view, change, shot.errors, shot.loss, noise, shot.substeps)


def _view(candidate: FieldCandidate, seen: States | None) -> tuple[LatentView, bool]:
    """From latents to what was measured, and whether it is to be fitted."""
    states = candidate.states
    if seen is not None:
        z = candidate.change.apply(np.concatenate(states.smooth))
        terms = values(polynomials(states.latents, _CURVED), z)
        scale = np.sqrt(np.mean(terms**2, axis=0))
        coefficients = np.linalg.lstsq(terms / scale, np.concatenate(seen.smooth), rcond=None)[0]
        return LatentView((coefficients / scale[:, None]).T, _CURVED), True
    if candidate.affine:
        return LatentView.affine(candidate.change.inverse), True
    alone = AffineChange(np.eye(states.latents)[: states.observed], np.zeros(states.observed))
    return LatentView.affine(alone), False


def _way_back(shot: Shot, calm: Floats, dt: float | None) -> AffineChange:
    """The linear way from what was measured, without its noise, to the latents that follow it."""
    motion = motion_of(shot.constants, shot.starts.shape[1])
    z = path(motion, shot.starts, dt, shot.substeps, len(calm))
    flat = calm.reshape(-1, calm.shape[2])
    rows = np.concatenate([flat, np.ones((len(flat), 1))], axis=1)
    coefficients = np.linalg.lstsq(rows, z.reshape(-1, z.shape[2]), rcond=None)[0]
    return AffineChange(coefficients[:-1].T, coefficients[-1])


def _map_noise(candidate: FieldCandidate) -> Floats:
    """What the map leaves of the next step, as the unit of its residuals."""
    states = candidate.states
    motion = motion_of(candidate.constants, states.latents)
    left = [
        candidate.change.apply(one[1:]) - motion(candidate.change.apply(one[:-1]))
        for one in states.smooth
    ]
    inverse = candidate.change.inverse.matrix
    apart = (np.concatenate(left) @ inverse.T)[:, : states.observed]
    return np.maximum(np.sqrt(np.mean(apart**2, axis=0)), states.noise)


def _pruned(shot: Shot, data: Stretches, free: bool) -> Shot:
    """Without terms whose constants noise alone may have made, the least certain first."""
    while len(shot.constants.sizes) > 1:
        certain = np.abs(shot.constants.sizes) / np.maximum(shot.errors, 1e-300)
        idle = _shares(shot) < _NEGLIGIBLE
        certain[idle] = 0.0
        least = int(np.argmin(certain))
        if certain[least] >= _IDLE:
            break
        fewer = shoot(_without(shot, least), data, free)
        good = isfinite(fewer.loss) and (fewer.loss < 1 if idle[least] else True)
        if not good or (_worse(fewer, shot, data) and not idle[least]):
            break
        shot = fewer
    return shot


def _shares(shot: Shot) -> Floats:
    """What the terms of each constant are worth, as a share of the largest in their equation."""
    old = shot.constants
    library = tuple(term.monomial for term in old.terms)
    coefficients = old.coefficients(np.array(old.sizes))
    worth = np.abs(coefficients) * np.sqrt(np.mean(values(library, shot.starts) ** 2, axis=0))
    largest: dict[int, float] = {}
    for term, one in zip(old.terms, worth.tolist(), strict=True):
        largest[term.equation] = max(largest.get(term.equation, 0.0), one)
    return np.array(
        [worth[group[0]] / largest[old.terms[group[0]].equation] for group in old.groups]
    )


def _canonical_again(shot: Shot, data: Stretches) -> Shot:
    """In the latents, units, signs and order that suit the terms that are left."""
    old, latents = shot.constants, shot.starts.shape[1]
    degree = max(term.monomial.degree for term in old.terms)
    library = polynomials(latents, degree)
    field = np.zeros((latents, len(library)))
    for term, size in zip(old.terms, old.coefficients(np.array(old.sizes)), strict=True):
        field[term.equation, library.index(term.monomial)] = size
    shear = np.eye(latents)
    if (shorter := sheared(Changes(library, latents, data.dt is not None), field)) is not None:
        shear, field = shorter
    starts = shot.starts @ shear.T
    middle, spread = starts.mean(axis=0), starts.std(axis=0)
    constants, best_change = canonical_best(field, library, AffineChange(np.diag(spread), middle))
    turn = best_change.matrix / spread
    change = AffineChange(turn @ shear, best_change.shift - turn @ middle)
    moved = replace(
        shot, constants=constants, view=shot.view.moved(change), starts=change.apply(shot.starts)
    )
    again = shoot(moved, data, True, _FEW_ROUNDS)
    return again if isfinite(again.loss) and not _worse(again, shot, data) else shot


def _worse(new: Shot, old: Shot, data: Stretches) -> bool:
    """Whether the residuals object to a change beyond what chance would."""
    return (new.loss - old.loss) / max(old.loss, _CALM) * data.observed.size > _IDLE**2


def _without(shot: Shot, group: int) -> Shot:
    """Without the terms of one constant."""
    old = shot.constants
    gone = set(old.groups[group])
    left = [k for k in range(len(old.terms)) if k not in gone]
    places = {k: place for place, k in enumerate(left)}
    constants = Constants(
        tuple(old.terms[k] for k in left),
        tuple(old.signs[k] for k in left),
        tuple(
            tuple(places[k] for k in members)
            for place, members in enumerate(old.groups)
            if place != group
        ),
        tuple(size for place, size in enumerate(old.sizes) if place != group),
    )
    return replace(shot, constants=constants)


def _held(shot: Shot, group: int, size: float) -> Shot:
    """With one constant at its end: no group, but a term whose sign is the constant."""
    old = shot.constants
    signs = list(old.signs)
    for place in old.groups[group]:
        signs[place] = signs[place] * size
    return replace(
        shot,
        constants=Constants(
            old.terms,
            tuple(signs),
            old.groups[:group] + old.groups[group + 1 :],
            old.sizes[:group] + old.sizes[group + 1 :],
        ),
    )


def _snapped(shot: Shot, data: Stretches, free: bool) -> Shot:
    """Constants at short numbers that their intervals hold: all at once, or the surest first."""
    sizes = tuple(map(short_number, shot.constants.sizes, shot.errors.tolist()))
    every = replace(shot, constants=replace(shot.constants, sizes=sizes))
    view = _held_all(every, data, free)
    if isfinite(view.loss) and not _worse(view, shot, data):
        return _joined(replace(view, constants=every.constants, errors=shot.errors))
    held: dict[tuple[int, ...], float] = {}
    final = shot
    while shot.constants.groups:
        sizes = shot.constants.sizes
        order = sorted(range(len(sizes)), key=lambda k: shot.errors[k] / max(abs(sizes[k]), 1e-300))
        first = order[0]
        size = short_number(sizes[first], float(shot.errors[first]))
        held[shot.constants.groups[first]] = size
        shot = _held(shot, first, size)
        if shot.constants.groups or free:
            refit = shoot(shot, data, free, _FEW_ROUNDS)
            shot = refit if isfinite(refit.loss) else shot
    sizes = tuple(held[group] for group in final.constants.groups)
    return _joined(
        replace(
            final,
            constants=replace(final.constants, sizes=sizes),
            view=shot.view,
            starts=shot.starts,
            loss=shot.loss,
        )
    )


def _joined(shot: Shot) -> Shot:
    """With constants of one size in one equation as one: ``10 * (z2 - z1)``."""
    old = shot.constants
    first: dict[tuple[int, float], int] = {}
    groups: list[tuple[int, ...]] = []
    kept: list[int] = []
    for k, (group, size) in enumerate(zip(old.groups, old.sizes, strict=True)):
        key = (old.terms[group[0]].equation, size)
        if size != 1 and key in first:
            groups[first[key]] = (*groups[first[key]], *group)
            continue
        first[key] = len(groups)
        groups.append(group)
        kept.append(k)
    constants = replace(old, groups=tuple(groups), sizes=tuple(old.sizes[k] for k in kept))
    return replace(shot, constants=constants, errors=shot.errors[kept])


def _held_all(shot: Shot, data: Stretches, free: bool) -> Shot:
    """Starting states and view for constants that stay as they are."""
    while shot.constants.groups:
        shot = _held(shot, 0, shot.constants.sizes[0])
    return shoot(shot, data, free, _FEW_ROUNDS)


def short_number(value: float, error: float) -> float:
    """A whole number, a fraction of small ones or a short decimal in reach of a constant."""
    error = max(error, _RELATIVE * abs(value) / _REACH)
    whole = round(value)
    if whole and abs(value - whole) <= _REACH * error and _REACH * error < 0.2:
        return float(whole)
    for denominator in range(2, _DENOMINATORS + 1):
        near = Fraction(round(value * denominator), denominator)
        close = near and abs(value - near) <= _REACH * error
        if close and 2 * _REACH * error * denominator**2 < _CHANCE:
            return float(near)
    short = simplest_number(value - error, value + error)
    return rounded(short or float(f"{value:.2g}"))  # a term that stays is not nothing
