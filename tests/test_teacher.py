"""Smooth teachers: penalties, their estimates, the path of strengths, early stopping."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from deepdistill.formula.teaching.networks import PENALTIES, Lesson, SmoothNetwork
from deepdistill.formula.teaching.teacher import MOST_LOST, Training, mean_network, train_teacher

RNG = np.random.default_rng(0)
X = RNG.uniform(-2, 2, (90, 2))
Y = np.sin(2 * X[:, 0]) + 0.3 * X[:, 1] + 0.5 * RNG.normal(size=90)
NOISY = Lesson(X[:60], Y[:60], X[60:], Y[60:])


def jacobian(network: SmoothNetwork, x: Any) -> float:
    """Mean squared norm of the gradient, by differences of standardised inputs and outputs."""
    total = 0.0
    for k in range(x.shape[1]):
        step = np.zeros(x.shape[1])
        step[k] = 1e-5 * network.scale[k]
        slope = (network(x + step) - network(x - step)) / network.height / 2e-5
        total += float(np.mean(slope**2))
    return total


def curvature(network: SmoothNetwork, x: Any) -> float:
    """Mean squared second derivative along random directions of standardised inputs."""
    v = np.random.default_rng(1).normal(size=x.shape) * network.scale * 1e-3
    second = (network(x + v) - 2 * network(x) + network(x - v)) / network.height / 1e-6
    return float(np.mean(second**2))


def spectral(network: SmoothNetwork, x: Any) -> float:
    return float(np.prod([np.linalg.norm(weight, 2) for weight in network.weights]))


@pytest.mark.parametrize(
    "penalty, rough", [("jacobian", jacobian), ("hessian", curvature), ("lipschitz", spectral)]
)
def test_a_penalty_makes_what_it_punishes_smaller(penalty: str, rough: Any) -> None:
    sizes = [
        rough(Training(NOISY, 0, stop=False).run(penalty, strength, 300), X)
        for strength in (0.0, 0.01, 1.0)
    ]
    assert sizes[0] > 1.3 * sizes[1] > 1.3 * 1.3 * sizes[2]


@pytest.mark.parametrize("outputs", [0, 3])
def test_the_jacobian_is_estimated_without_bias(outputs: int) -> None:
    y = NOISY.y if not outputs else (np.arange(60) % outputs)
    held = NOISY.held_y if not outputs else (np.arange(30) % outputs)
    training = Training(Lesson(X[:60], y, X[60:], held, outputs), 3)
    training.run("none", 0.0, 30)
    network = training.continued("none", 0.0, 10)
    with torch.no_grad():
        plain = float(training.loss("none", 0.0))
        found = [float(training.loss("jacobian", 1.0)) - plain for _ in range(400)]
    unit = SmoothNetwork(
        network.weights, network.biases, network.centre, network.scale, network.low,
        np.ones_like(network.height),
    )  # fmt: skip
    exact = jacobian(unit, X[:60]) * max(1, outputs)
    assert np.mean(found) == pytest.approx(exact, rel=0.05)


def test_power_iteration_finds_the_spectral_norms() -> None:
    training = Training(NOISY, 1)
    for _ in range(200):
        product = float(training.norms.product().detach())
    weights = [weight.detach().numpy() for weight in training.parameters[::2]]
    assert product == pytest.approx(np.prod([np.linalg.norm(w, 2) for w in weights]), rel=1e-3)


def test_the_plain_arrays_compute_what_was_trained() -> None:
    training = Training(NOISY, 2)
    network = training.run("none", 0.0, 50)
    z = torch.from_numpy(((X - network.centre) / network.scale).astype(np.float32))
    with torch.no_grad():
        for k in range(0, len(training.parameters) - 2, 2):
            z = torch.tanh(z @ training.parameters[k].T + training.parameters[k + 1])
        z = z @ training.parameters[-2].T + training.parameters[-1]
    expected = network.low + network.height * z.numpy()
    assert network(X) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_the_strength_is_that_of_the_best_student_under_the_bound(penalty: str) -> None:
    seen: list[SmoothNetwork] = []

    def judge(network: SmoothNetwork) -> float:
        seen.append(network)
        return -jacobian(network, X)

    taught = train_teacher(NOISY, penalty, judge, steps=200)
    assert taught.trials[0].strength == 0 and taught.plain is seen[0]
    assert len(seen) == len(taught.trials)
    assert all(one.teacher >= taught.trials[0].teacher - MOST_LOST for one in taught.trials)
    best = max(taught.trials, key=lambda one: one.student)
    assert taught.strength == best.strength and -jacobian(taught.teacher, X) == best.student
    assert all(
        one.teacher == NOISY.score(net) for one, net in zip(taught.trials, seen, strict=True)
    )


def test_the_last_candidate_is_the_mean_of_those_before() -> None:
    seen: list[SmoothNetwork] = []

    def judge(network: SmoothNetwork) -> float:
        seen.append(network)
        return float(len(seen))

    clear = np.sin(2 * X[:, 0]) + 0.3 * X[:, 1]
    lesson = Lesson(X[:60], clear[:60], X[60:], clear[60:])
    taught = train_teacher(lesson, "hessian", judge, strengths=(1e-5, 1e-4), steps=200)
    assert len(taught.trials) == 4 and taught.teacher is seen[-1]
    assert [trial.strength for trial in taught.trials] == [0, 1e-5, 1e-4, 1.1e-4 / 3]
    for k in range(3):
        weights = np.mean([network.weights[k] for network in seen[:-1]], axis=0)
        assert taught.teacher.weights[k] == pytest.approx(weights, abs=1e-12)
    answers = np.mean([network(X) for network in seen[:-1]], axis=0)
    assert taught.teacher(X) == pytest.approx(answers, abs=0.1)


def test_the_mean_of_one_network_is_that_network() -> None:
    network = Training(NOISY, 0).run("none", 0.0, 50)
    assert mean_network([network, network])(X) == pytest.approx(network(X), abs=1e-12)
    taught = train_teacher(NOISY, "none", lambda net: 0.0, steps=50)
    assert len(taught.trials) == 1 and taught.teacher is taught.plain


def test_early_stopping_serves_held_out_rows() -> None:
    stopped = Training(NOISY, 0).run("none", 0.0, 600)
    to_the_end = Training(NOISY, 0, stop=False).run("none", 0.0, 600)
    assert NOISY.score(stopped) > NOISY.score(to_the_end) + 0.01


def test_the_same_seed_gives_the_same_bytes() -> None:
    def weights(seed: int) -> list[bytes]:
        taught = train_teacher(NOISY, "hessian", lambda net: 0.0, seed=seed, steps=60)
        return [array.tobytes() for array in (*taught.teacher.weights, *taught.teacher.biases)]

    assert weights(4) == weights(4) != weights(5)


def test_classes_are_learned_from_penalised_logits() -> None:
    inside = (X**2).sum(axis=1) < 2
    lesson = Lesson(X[:60], inside[:60].astype(int), X[60:], inside[60:].astype(int), 2)
    taught = train_teacher(lesson, "jacobian", lambda net: lesson.score(net), steps=300)
    assert taught.teacher(X).shape == (90, 2)
    assert lesson.score(taught.teacher) > 0.85


@pytest.mark.parametrize("penalty", PENALTIES)
def test_constant_columns_and_answers_give_finite_networks(penalty: str) -> None:
    x = np.column_stack([X[:, 0], np.full(90, 7.0)])
    lesson = Lesson(x[:60], np.full(60, 3.0), x[60:], np.full(30, 3.0))
    taught = train_teacher(lesson, penalty, lambda net: 0.0, steps=40)
    assert taught.teacher(x) == pytest.approx(3.0, abs=0.5)
    assert np.isfinite(taught.teacher(x)).all()


def test_an_unknown_penalty_is_refused() -> None:
    with pytest.raises(ValueError, match="no penalty 'rough'"):
        train_teacher(NOISY, "rough", lambda net: 0.0)
