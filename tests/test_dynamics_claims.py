"""What is claimed of systems that were not seen whole: no more than the end of a series bears."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from moving_systems import noisy, oscillator, run

import deepdistill as dd
from deepdistill.dynamics.skill import Horizon, Skill


def driven(steps: int) -> Any:
    """A pendulum that is pushed: angle and speed (steps, 2), the phase of the push unseen."""

    def field(z: Any) -> Any:
        turn = -np.sin(z[:, 0]) - 0.5 * z[:, 1] + 1.2 * np.cos(z[:, 2])
        return np.stack([z[:, 1], turn, np.full(len(z), 2 / 3)], axis=-1)

    return run(field, (0.2, 0.0, 0.0), 0.05, steps)[:, :2]


SHORT = run(oscillator, (1.0, 0.0), 0.05, 60)
UNBORNE: dict[str, Callable[[], Any]] = {
    "the position of an oscillator, briefly": lambda: noisy(SHORT[:, :1], 0.05, 0),
    "the angle of a driven pendulum": lambda: driven(1000)[:, :1],
    "the speed of a driven pendulum": lambda: noisy(driven(700)[:, 1:], 0.05, 0),
}


@pytest.mark.parametrize("name", UNBORNE)
def test_equations_that_predict_no_better_than_coasting_fail(name: str) -> None:
    found = dd.distill_dynamics(UNBORNE[name](), 0.05)
    correct = found.certificate.correct
    assert correct.status == "failed", (found.equations, correct.note)
    assert "where nothing acts on the states" in correct.note
    assert correct.evidence.support["inert"]["median"] > 0


def test_a_part_that_tells_the_rest_is_enough() -> None:
    """The position alone of an oscillator that is seen exactly."""
    found = dd.distill_dynamics(SHORT[:, :1], 0.05)
    assert found.equations == ("dz1/dt = z2", "dz2/dt = -4 * z1 - 0.3 * z2")
    assert found.certificate.correct.status == "evidence"


def skill(median: float, reached: int, inert: float, theirs: int) -> Skill:
    def horizon(time: float, ends: int) -> Horizon:
        return Horizon(time, time, time, 50, ends, 5.0)

    return Skill(3, 0, 0.1, 0.9, horizon(median, reached), horizon(inert, theirs))


@pytest.mark.parametrize(
    ("told", "idle", "still"),
    [
        (skill(1.4, 0, 1.2, 0), True, False),
        (skill(2.5, 0, 1.2, 0), False, False),
        (skill(5.0, 50, 5.0, 40), False, False),
        (skill(5.0, 45, 5.0, 41), True, False),
        (skill(5.0, 50, 5.0, 50), False, True),
        (Skill(3, 0, 0.1, 0.9, None), False, False),
    ],
)
def test_twice_as_long_or_half_as_often_lost(told: Skill, idle: bool, still: bool) -> None:
    assert (told.is_idle, told.is_still) == (idle, still)


def test_a_series_that_ends_at_rest_says_so() -> None:
    t = np.arange(400) * 0.05
    found = dd.distill_dynamics(2 * np.exp(-t)[:, None], 0.05)
    assert any("hardly moves" in one for one in found.certificate.correct.evidence.unknown)
