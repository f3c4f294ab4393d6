"""Steps on the way to equations of motion, each by itself: smoothing, closing, polishing, files."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from moving_systems import lorenz, mixed, oscillator, run

import deepdistill as dd
from deepdistill.dynamics.candidates import in_other_latents
from deepdistill.dynamics.canonical import Constants, FieldTerm
from deepdistill.dynamics.closing import closed_components
from deepdistill.dynamics.coordinates import AffineChange
from deepdistill.dynamics.file import model_bytes, read_model
from deepdistill.dynamics.latents import Components, components_of
from deepdistill.dynamics.library import Monomial
from deepdistill.dynamics.model import DynamicalModel
from deepdistill.dynamics.polish import polished, short_number
from deepdistill.dynamics.series import given_series
from deepdistill.dynamics.smoothing import derivatives, noise_of, smoothed, smoothed_channel
from deepdistill.dynamics.states import states_of

RNG = np.random.default_rng(0)
T = np.linspace(0, 6, 301)
NOISE = RNG.normal(size=(301, 1))


@pytest.mark.parametrize("half", [3, 8, 48])
def test_a_polynomial_of_degree_four_is_not_changed_by_smoothing(half: int) -> None:
    x = 1 + T - 0.3 * T**2 + 0.1 * T**4
    assert smoothed_channel(x, half) == pytest.approx(x, rel=1e-9)
    slopes = smoothed_channel(x, half, derivative=1) / (T[1] - T[0])
    assert slopes == pytest.approx(1 - 0.6 * T + 0.4 * T**3, rel=1e-6, abs=1e-6)
    bends = smoothed_channel(x, half, derivative=2) / (T[1] - T[0]) ** 2
    assert bends == pytest.approx(-0.6 + 1.2 * T**2, rel=1e-4, abs=1e-4)


def test_noise_is_told_and_taken_away() -> None:
    clean = np.stack([np.sin(T), np.cos(T)], axis=1)
    seen = clean + np.concatenate([0.05 * NOISE, 0 * NOISE], axis=1)
    noise = noise_of((seen,))
    assert noise[0] == pytest.approx(0.05, rel=0.15) and noise[1] < 1e-9
    (quiet,) = smoothed((seen,), noise)
    assert quiet[:, 1].tobytes() == clean[:, 1].tobytes()  # nothing to take away
    left = np.sqrt(np.mean((quiet - clean)[:, 0] ** 2))
    assert left < 0.02 and seen[0, 0] != quiet[0, 0]


def test_rates_of_change_with_and_without_noise() -> None:
    clean = np.sin(T)[:, None]
    slopes, bends = derivatives(clean, np.zeros(1), T[1], 2)
    assert np.abs(slopes[:, 0] - np.cos(T)).max() < 1e-8
    assert np.abs(bends[:, 0] + np.sin(T)).max() < 1e-5
    (blurred,) = derivatives(clean + 0.01 * NOISE, np.array([0.01]), T[1], 1)
    assert np.abs(blurred[20:-20, 0] - np.cos(T)[20:-20]).max() < 0.05


def test_states_of_a_series_and_of_its_rates() -> None:
    measured = (np.sin(T)[:, None],)
    alone, both = (states_of(measured, T[1], order) for order in (1, 2))
    assert (alone.latents, both.latents, both.order, both.observed) == (1, 2, 2, 1)
    assert both.raw[0][:, 0].tobytes() == measured[0][:, 0].tobytes()
    assert np.abs(both.raw[0][:, 1] - np.cos(T)).max() < 1e-8
    assert both.spread == pytest.approx(np.std(both.smooth[0], axis=0))
    earlier = states_of((np.arange(6.0)[:, None],), None, 2)
    assert earlier.raw[0].tolist() == [[1, 0], [2, 1], [3, 2], [4, 3], [5, 4]]


def test_curved_channels_are_told_by_the_latents_that_move_them() -> None:
    z = run(lorenz, (1.0, 2.0, 20.0), 0.01, 1500, 200) / 40
    series = given_series(mixed(z, 12, cubic=True), 0.01)
    linear = components_of(series)
    curved = closed_components(linear, series, None)
    assert (linear.count, curved.count, curved.degree) == (6, 3, 3)
    encoded = curved.encode(series.stacked)
    truth = np.concatenate([z, np.ones((1500, 1))], axis=1)
    assert np.linalg.lstsq(truth, encoded, rcond=None)[1].max() < 1e-9  # an affine change of z
    assert np.abs(curved.decode(encoded) - series.stacked).max() < 1e-5
    assert closed_components(linear, series, 3).count == 3
    assert closed_components(linear, series, 6) is linear
    assert linear.leading(2).count == 2 and linear.leading(2).decoder.shape == (12, 3)

    seen, states = (
        states_of(tuple(map(one.encode, series.trajectories)), series.dt, 1)
        for one in (linear, curved)
    )
    end = polished(in_other_latents(states, 0)[0], seen)
    assert end is not None and end.loss < 1e-6
    assert sorted(end.constants.sizes) == [8 / 3, 10, 28]
    through = linear.seen_through(end.change, end.view.matrix, end.view.degree)
    told = through.decode(through.encode(series.stacked))
    assert np.abs(told - series.stacked).max() < 1e-2 * np.abs(series.stacked).max()


def test_what_noise_alone_may_have_made_is_dropped() -> None:
    clean = run(oscillator, (1.0, 0.0), 0.1, 200)
    noise = 0.03 * clean.std(axis=0) * np.random.default_rng(0).normal(size=clean.shape)
    found = dd.distill_dynamics(clean + noise, 0.1)
    lines = [line.partition(" = ")[2] for line in found.equations]
    assert len(found.model.constants.terms) == 3 and lines[0] == "z2"
    stiffness, damping = (abs(size) for size in found.model.constants.sizes if abs(size) != 1)
    assert stiffness == pytest.approx(4, rel=0.03) and damping == pytest.approx(0.3, rel=0.2)


@pytest.mark.parametrize(
    "value, error, number",
    [
        (2.9999, 1e-3, 3), (2.66666, 1e-4, 8 / 3), (0.30001, 1e-4, 0.3), (1.2345678, 0.01, 1.23),
        (-3.99, 0.02, -4), (0.01234, 0.5, 0.012), (7.4, 0.3, 7.5), (-0.2004, 0.001, -0.2),
    ],
)  # fmt: skip
def test_constants_are_short_numbers_that_their_errors_hold(
    value: float, error: float, number: float
) -> None:
    assert short_number(value, error) == pytest.approx(number, rel=1e-12)


def test_channels_of_too_many_directions_and_latents_between() -> None:
    with pytest.raises(dd.InputError, match="moves in 9 independent directions"):
        dd.distill_dynamics(RNG.normal(size=(60, 9)))
    with pytest.raises(dd.InputError, match="2 independent directions, and latent is 3"):
        dd.distill_dynamics(run(oscillator, (1.0, 0.0), 0.1, 60), 0.1, latent=3)


MODEL = DynamicalModel(
    Constants(
        (FieldTerm(0, Monomial((0, 1))), FieldTerm(1, Monomial((1, 0), ("sin", 0)))),
        (1.0, -1.0), ((1,),), (4.0,),
    ),
    Components(np.zeros(3), np.eye(2, 3), np.eye(3, 3), 1), 3, 1,
    AffineChange(np.eye(2), np.zeros(2)), 0.1, 5,
)  # fmt: skip


def test_a_model_comes_back_from_its_file() -> None:
    data = model_bytes(MODEL)
    assert model_bytes(read_model(data)) == data
    assert read_model(data).constants == MODEL.constants


@pytest.mark.parametrize(
    "keys, value",
    [
        (["format"], 2), (["shift"], [0.0]), (["shift"], 3), (["terms", 0, "powers"], [1]),
        (["terms", 0, "powers"], [1, 11]),
        (["terms", 1, "wave"], ["tan", 0]), (["terms", 1, "wave"], ["sin", 2]),
        (["terms", 0, "equation"], True), (["terms", 0, "sign"], 2), (["groups"], [[2]]),
        (["groups"], [[1, 1]]), (["sizes"], []), (["dt"], -1.0),
        (["order"], 3), (["substeps"], 0), (["channels"], 4), (["matrix"], [[1.0]]),
        (["components", "mean"], [0.0]), (["components", "degree"], 10), (["components"], None),
        (["components", "decoder"], [[1.0]]), (["terms"], 7),
    ],
)  # fmt: skip
def test_files_that_hold_no_model(keys: list[Any], value: Any) -> None:
    data = inner = json.loads(model_bytes(MODEL))
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    with pytest.raises(dd.InputError, match="it is no model of deepdistill"):
        read_model(json.dumps(data).encode(), "it")
