"""Fields that a series may obey: in the measured numbers as they are, or in latents behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canonical import Constants, FieldTerm, as_measured, canonical_best
from .coordinates import AffineChange, sparsest
from .library import Library, polynomials, waves
from .sparse import SparseFit, eliminated, least_squares
from .states import States
from .weak import Bumps, Projected, chosen_bumps, noise_left, projected, stepped

_MOST_TERMS = 130  # of a library
_CLOSED = 0.02  # share of the left side that noise in the terms may leave
_PRICE = 2.0
_NEAR = 40.0  # how much longer a description may be to be tried on the series itself


@dataclass(frozen=True, slots=True, eq=False)
class FieldCandidate:
    """A field of latents, the states that it moves and how short its description is.

    ``change`` leads from the states to the latents. ``closed`` says whether the rows leave it
    little but noise.
    """

    states: States
    constants: Constants
    change: AffineChange
    half: int  # of the windows, in steps
    length: float
    closed: bool
    affine: bool  # whether the latents were chosen here


def _rows(states: States, library: Library, bumps: Bumps) -> Projected:
    if states.dt is None:
        return stepped(states.smooth, library)
    return projected(states.smooth, library, states.dt, bumps, states.raw)


def _bumps(states: States) -> Bumps:
    if states.dt is None:
        return Bumps(2, 1)
    noise = np.zeros(states.latents)
    noise[: states.observed] = states.noise
    return chosen_bumps(states.raw, noise, states.dt)


def _floor(states: States, bumps: Bumps, rows: Projected) -> float:
    """What noise alone leaves of the left sides, as a share of them."""
    if states.dt is None:
        return 0.0
    left = noise_left(states.noise, bumps, states.dt)
    power = np.sqrt(np.mean(rows.left[:, : states.observed] ** 2, axis=0)) + 1e-300
    return float(np.max(left / power))


def _judged(fit: SparseFit, rows: Projected, library: Library, independent: float) -> float:
    """The length of a description: of what is left over, and of the terms; waves cost twice."""
    count = max(2.0, independent * len(rows.left))
    left = np.maximum(fit.residual, 1e-6)
    price = np.array([1.0 if term.wave is None else 2.0 for term in library])
    terms = np.sum(price * (fit.coefficients != 0))
    return float(2 * count * np.sum(np.log(left)) + _PRICE * np.log(count) * terms)


def libraries(latents: int) -> list[Library]:
    """Those that are tried, shorter ones first."""
    candidates = [
        polynomials(latents, 1),
        polynomials(latents, 2),
        polynomials(latents, 1) + waves(latents),
        polynomials(latents, 3),
        polynomials(latents, 2) + waves(latents),
    ]
    return [library for library in candidates if len(library) <= _MOST_TERMS]


def as_they_are(states: States) -> list[FieldCandidate]:
    """The best fields of the states themselves: of polynomials, and with waves if that is near."""
    bumps = _bumps(states)
    independent = bumps.stride / bumps.half if states.dt is not None else 1.0
    first = states.latents - states.observed if states.dt is not None else 0
    own = slice(first, first + states.observed)
    shortest: dict[bool, FieldCandidate] = {}
    for library in libraries(states.latents):
        rows = _rows(states, library, bumps)
        fit = eliminated(Projected(rows.left[:, own], rows.right), independent)
        length = _judged(fit, rows, library, independent)
        wavy = any(term.wave is not None for term in library)
        if wavy not in shortest or length < shortest[wavy].length:
            floor = _floor(states, bumps, rows)
            shortest[wavy] = FieldCandidate(
                states,
                _with_rates(as_measured(fit.coefficients, library), states),
                AffineChange(np.eye(states.latents), np.zeros(states.latents)),
                bumps.half,
                length,
                bool(np.max(fit.residual) <= max(_CLOSED, 3 * floor)),
                False,
            )
    least = min(one.length for one in shortest.values())
    return [one for one in shortest.values() if one.length < least + _NEAR]


def _with_rates(equations: Constants, states: States) -> Constants:
    """The equations of the last latents, and before them those that say what the others are."""
    first = states.latents - states.observed
    plain = {term.powers: term for term in polynomials(states.latents, 1, 1)}
    unit = np.eye(states.latents, dtype=int)
    rates = []
    for k in range(first):
        place = k + states.observed if states.dt is not None else k
        rates.append((k, plain[tuple(unit[place].tolist())]))
    if states.dt is not None:
        known = [FieldTerm(k, monomial) for k, monomial in rates]
        moved = [FieldTerm(term.equation + first, term.monomial) for term in equations.terms]
    else:  # the next value is told, the others are earlier ones
        known = [FieldTerm(k + states.observed, monomial) for k, monomial in rates]
        moved = list(equations.terms)
    shift = len(known)
    return Constants(
        (*known, *moved),
        ((1,) * shift + equations.signs),
        tuple(tuple(place + shift for place in group) for group in equations.groups),
        equations.sizes,
    )


def in_other_latents(states: States, seed: int, blur: float = 1.0) -> list[FieldCandidate]:
    """The best polynomial fields of affine images of whitened states, one or two of them."""
    bumps = _bumps(states)
    independent = bumps.stride / bumps.half if states.dt is not None else 1.0
    best: tuple[float, Library, Projected, SparseFit, float] | None = None
    for degree in (1, 2, 3):
        library = polynomials(states.latents, degree)
        if len(library) > _MOST_TERMS:
            break
        rows = _rows(states, library, bumps)
        fit = least_squares(rows)
        floor = _floor(states, bumps, rows)
        length = _judged(fit, rows, library, independent)
        if best is None or length < best[0]:
            best = (length, library, rows, fit, floor)
    assert best is not None
    _, library, rows, fit, floor = best
    result = []
    for field in sparsest(rows, fit, library, independent, states.dt is not None, seed, blur):
        constants, change = canonical_best(field.coefficients, library, field.change)
        closed = bool(np.max(fit.residual) <= max(_CLOSED, 3 * floor))
        result.append(
            FieldCandidate(states, constants, change, bumps.half, field.length, closed, True)
        )
    return result
