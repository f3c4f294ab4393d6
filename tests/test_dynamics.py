"""Equations of motion from series: the equations themselves, what runs them, what is refused."""

from __future__ import annotations

import contextlib
import io
import json
import re
import runpy
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
    noisy,
    oscillator,
    pendulum,
    prey_and_predators,
    run,
)

import deepdistill as dd
from deepdistill.recheck import verify_folder

LORENZ = (
    "dz1/dt = 10 * (z2 - z1)",
    "dz2/dt = 28 * z1 - z2 - z1 * z3",
    "dz3/dt = z1 * z2 - 8 / 3 * z3",
)


PAGE = Path(__file__).parent.parent / "docs" / "dynamics.md"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the example of the page leaves: Lorenz through 128 channels; and what it prints."""
    page = PAGE.read_text(encoding="utf-8")
    (source,) = re.findall(r"<!-- run -->\n```python\n(.*?)```", page, re.DOTALL)
    file = tmp_path_factory.mktemp("page") / "snippet.py"
    file.write_text(source)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        left = runpy.run_path(str(file))
    return {**left, "printed": printed.getvalue()}


@pytest.fixture(scope="module")
def seen(example: Any) -> Any:
    return example["pixels"]


@pytest.fixture(scope="module")
def found(example: Any) -> Any:
    return example["r"]


def test_the_example_of_the_page_prints_what_it_says(example: Any) -> None:
    told = PAGE.read_text(encoding="utf-8").split("It prints\n\n")[1].split("\n\n")[0]
    assert example["printed"] == "".join(f"{line.strip()}\n" for line in told.splitlines())


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
    with pytest.raises(dd.InputError, match="holds equations of motion"):
        verify_folder(path)
    given = json.dumps({"z0": [1, 1, 20], "t": [0, 0.5]})
    done = subprocess.run(
        [sys.executable, "-I", str(path / "solver.py")], input=given, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert np.allclose(json.loads(done.stdout), found.simulate([1, 1, 20], [0, 0.5]), atol=1e-12)
    (path / "solver.py").write_text(found.solver + "\n")
    with pytest.raises(dd.InputError, match="changed after it was certified"):
        dd.load(path)


def test_the_same_bytes_again() -> None:
    series = noisy(run(oscillator, (1.0, 0.0), 0.05, 200), 0.02)
    first, second = (dd.distill_dynamics(series, 0.05).files() for _ in range(2))
    assert first == second


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


def constants(found: Any) -> list[float]:
    """The sizes of all terms that are free, in the order of the equations."""
    return list(found.model.constants.sizes)


@pytest.mark.parametrize("name", SYSTEMS)
def test_noise_leaves_the_constants_where_they_are(name: str) -> None:
    field, start, dt, equations = SYSTEMS[name]
    clean = run(field, start, dt, 400)
    found = dd.distill_dynamics(clean + 0.05 * clean.std(axis=0) * noise(clean), dt)
    true = [
        float(word) for line in equations for word in re.findall(r"(?<![\w.])\d[\d.]*(?= \*)", line)
    ]
    assert found.model.constants.terms == dd.distill_dynamics(clean, dt).model.constants.terms
    told = [size for size in constants(found) if abs(size - 1) > 0.05]
    assert np.allclose(sorted(told), sorted(true), rtol=0.05)


def noise(x: Any) -> Any:
    return np.random.default_rng(1).normal(size=x.shape)


def test_an_angle_alone_is_told_with_its_speed() -> None:
    clean = run(pendulum, (2.0, 0.0), 0.05, 400)[:, 0]
    found = dd.distill_dynamics(clean, 0.05)
    assert found.equations == SYSTEMS["pendulum"][3]
    assert found.decode(found.encode(clean)).shape == (400, 1)
    blurred = dd.distill_dynamics(noisy(clean, 0.02), 0.05)
    assert blurred.model.constants.terms == found.model.constants.terms
    assert np.allclose(constants(blurred), constants(found), rtol=0.05)


def test_channels_that_mix_two_latents() -> None:
    found = dd.distill_dynamics(mixed(run(prey_and_predators, (1.0, 1.0), 0.1, 300), 20), 0.1)
    assert len(found.model.constants.terms) == 4
    assert np.allclose(constants(found), [0.8], rtol=1e-3)
    assert found.certificate.correct.evidence.wrong == 0


def test_few_coarse_steps_in_lists() -> None:
    series = run(oscillator, (1.0, 0.0), 0.4, 40).tolist()
    found = dd.distill_dynamics(series, 0.4)
    assert len(found.model.constants.terms) == 3
    assert np.allclose(constants(found), [1, 4, 0.3], rtol=1e-5)
    assert found.certificate.ok


def test_a_map_of_chance_fails() -> None:
    found = dd.distill_dynamics(np.random.default_rng(0).normal(size=(200, 2)))
    assert found.certificate.correct.status == "failed"


def test_several_trajectories() -> None:
    starts = ((1.0, 1.0), (2.0, 1.0), (3.0, 2.0))
    series = [run(prey_and_predators, start, 0.1, 80) for start in starts]
    assert dd.distill_dynamics(series, 0.1).equations == SYSTEMS["prey"][3]


def test_a_series_that_nothing_follows_is_no_success() -> None:
    draw = np.random.default_rng(0)
    walk = np.cumsum(np.cumsum(draw.normal(size=(300, 2)), axis=0), axis=0)
    try:
        found = dd.distill_dynamics(walk, 0.1)
    except dd.InputError:
        return
    assert found.certificate.correct.evidence.support["explained"] < 1
    assert found.certificate.correct.evidence.support["prediction"]["to the end"] < 50


@pytest.mark.parametrize(
    ("share", "cubic", "seed"),
    [
        (0.0, False, 0),
        (0.0, False, 1),
        (0.0, True, 0),
        (0.0, True, 1),
        (0.05, False, 0),
        (0.05, False, 1),
        (0.05, True, 0),  # of so few steps another seed has 7 terms, but constants further off
    ],
)
def test_lorenz_behind_noisy_and_curved_channels(seed: int, cubic: bool, share: float) -> None:
    start = (1.0 + seed, 2.0, 20.0)
    series = noisy(mixed(run(lorenz, start, 0.01, 4000, 200) / 40, 128, cubic), share, seed)
    found = dd.distill_dynamics(series, 0.01)
    assert len(found.model.constants.terms) == 7
    goal = 0.05 if share else 0.01
    told = sorted(constants(found))[-3:]  # besides a constant near 1
    assert np.allclose(told, [8 / 3, 10, 28], rtol=goal)
    assert found.certificate.ok


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
