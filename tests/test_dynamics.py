"""Equations of motion from series: the equations themselves, what runs them, what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from moving_systems import (
    henon,
    lorenz,
    mixed,
    oscillator,
    pendulum,
    prey_and_predators,
    run,
)

import deepdistill as dd

LORENZ = (
    "dz1/dt = 10 * (z2 - z1)",
    "dz2/dt = 28 * z1 - z2 - z1 * z3",
    "dz3/dt = z1 * z2 - 8 / 3 * z3",
)


@pytest.fixture(scope="module")
def seen() -> Any:
    """Lorenz's latents through 128 channels (2,000 steps)."""
    return mixed(run(lorenz, (1.0, 2.0, 20.0), 0.01, 2000, 200) / 40)


@pytest.fixture(scope="module")
def found(seen: Any) -> Any:
    return dd.distill_dynamics(seen, 0.01)


def test_lorenz_through_many_channels(found: Any, seen: Any) -> None:
    assert found.equations == LORENZ
    assert found.latents == ("z1", "z2", "z3")
    latents = found.encode(seen)
    assert np.max(np.abs(found.decode(latents) - seen)) < 1e-9
    times = 0.01 * np.arange(100)
    assert np.max(np.abs(found.simulate(latents[0], times) - latents[:100])) < 1e-4
    assert found.certificate.ok and found.certificate.correct.status == "evidence"
    told = found.certificate.correct.evidence.support["prediction"]
    assert told["starts"] == 50 and told["low"] <= told["median"] <= told["high"]


def test_a_result_is_saved_and_loaded(found: Any, tmp_path: Path) -> None:
    path = found.save(tmp_path)
    again = dd.load(path)
    assert again.files() == found.files() and again.equations == LORENZ
    given = json.dumps({"z0": [1, 1, 20], "t": [0, 0.5]})
    done = subprocess.run(
        [sys.executable, "-I", str(path / "solver.py")], input=given, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert np.allclose(json.loads(done.stdout), found.simulate([1, 1, 20], [0, 0.5]), atol=1e-12)
    (path / "solver.py").write_text(found.solver + "\n")
    with pytest.raises(dd.InputError, match="changed after it was certified"):
        dd.load(path)


def test_the_same_bytes_again(found: Any, seen: Any) -> None:
    assert dd.distill_dynamics(seen, 0.01).files() == found.files()


SYSTEMS = {
    "pendulum": (
        pendulum,
        (2.0, 0.0),
        0.05,
        ("dz1/dt = z2", "dz2/dt = -0.3 * z2 - 2 * math.sin(z1)"),
    ),
    "prey": (
        prey_and_predators,
        (1.0, 1.0),
        0.1,
        ("dz1/dt = z1 - 0.5 * z1 * z2", "dz2/dt = 0.4 * z1 * z2 - 0.8 * z2"),
    ),
    "oscillator": (
        oscillator,
        (1.0, 0.0),
        0.05,
        ("dz1/dt = z2", "dz2/dt = -4 * z1 - 0.3 * z2"),
    ),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_systems_in_their_own_channels(name: str) -> None:
    field, start, dt, equations = SYSTEMS[name]
    assert dd.distill_dynamics(run(field, start, dt, 400), dt).equations == equations


def test_a_map() -> None:
    found = dd.distill_dynamics(henon(300))
    assert found.equations == ("next z1 = 1 + z2 - 1.4 * z1 ** 2", "next z2 = 0.3 * z1")
    assert np.allclose(found.simulate([0, 0], [0, 1, 3]), henon(4)[[0, 1, 3]])
    with pytest.raises(ValueError, match="whole steps"):
        found.simulate([0, 0], [0, 0.5])


BAD = {
    "missing": (lambda x: (np.where(x == x.max(), np.nan, x), 0.1), "no finite value at step"),
    "short": (lambda x: (x[:5], 0.1), "has 5 steps, and at least 20"),
    "still": (lambda x: (x * 0 + 3, 0.1), "no channel ever changes"),
    "one still": (lambda x: (x * [1, 0], 0.1), "channel 1 never changes"),
    "time": (lambda x: (x, 0), "dt is 0: give the time"),
    "backwards": (lambda x: (x, -0.1), "dt is -0.1"),
    "words": (lambda x: (x, "soon"), "dt is 'soon'"),
    "widths": (lambda x: ([x, x[:, :1]], 0.1), "have 1 and 2 channels"),
    "axes": (lambda x: (x[None, None], 0.1), "has shape"),
    "text": (lambda x: ([["a", "b"]] * 30, 0.1), "not a number"),
}


@pytest.mark.parametrize("name", BAD)
def test_unusable_series(name: str) -> None:
    make, said = BAD[name]
    given = np.linspace(0, 1, 40)[:, None] ** np.arange(1, 3)
    with pytest.raises(dd.InputError, match=said):
        dd.distill_dynamics(*make(given))


@pytest.mark.parametrize(("latent", "said"), [(0, "latent is 0"), (7, "at most 6 latents")])
def test_unusable_latents(latent: int, said: str) -> None:
    given = np.linspace(0, 1, 40)[:, None] ** np.arange(1, 3)
    with pytest.raises(dd.InputError, match=said):
        dd.distill_dynamics(given, 0.1, latent)


def test_noise_alone_is_refused() -> None:
    with pytest.raises(dd.InputError, match="all noise"):
        dd.distill_dynamics(np.random.default_rng(0).normal(size=(200, 3)), 0.1)
