"""Smooth teachers: small networks whose outputs a short formula can follow (PyTorch).

A multilayer perceptron, trained by Adam with a smoothness penalty on standardised inputs:

- *jacobian*: mean squared Frobenius norm of the derivative of the outputs by the inputs (Hoffman,
  Roberts, Yaida 2019), estimated along one random direction by the difference of nearby points;
- *lipschitz*: hinge on the product of the layers' spectral norms (Yoshida and Miyato 2017), each by
  power iteration;
- *hessian*: mean squared second derivative along one random direction, by second differences.

The strength of the penalty is chosen along a path of short trainings, each starting where the last
one ended, by the quality of a student, under a bound on the loss of the teacher's own score. The
mean of the weights along the path (Izmailov et al. 2018) is one more candidate: the trainings stay
near each other, so that it answers much as the networks' mean does, without their single whims.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import torch

from .networks import PENALTIES, Answers, Floats, Lesson, SmoothNetwork, Taught, Trial, standard

Judge: TypeAlias = Callable[[SmoothNetwork], float]
Parameters: TypeAlias = list[torch.Tensor]  # weight, bias, weight, bias, ...

STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3)
STEPS = 600
MOST_LOST = 0.01  # of the teacher's score

_HIDDEN = (48, 48)
_RATE = 5e-3
_SHORT_RATE = 2e-3  # along the path: the network is near a good one
_DECAYS = (0.9, 0.99)
_SHORT = 8  # a training along the path takes one part in so many of the steps before it
_BATCH = 256
_CHECK_EVERY = 10
_PATIENCE = 15  # checks without a better one
_SETTLING = 0.2  # share of a short training that still resembles the network it began with
_NEAR = 0.1  # distance of the points of a first difference, in standard deviations
_FAR = 0.3  # of a second difference: its square divides the roundings of single precision
_LIPSCHITZ = 1.0  # the product of spectral norms above which the hinge bites


def train_teacher(
    lesson: Lesson,
    penalty: str,
    judge: Judge,
    *,
    strengths: Sequence[float] = STRENGTHS,
    steps: int = STEPS,
    seed: int = 0,
) -> Taught:
    """Train a plain teacher, then smoother ones and their mean; keep that of the best student.

    ``judge`` gives the quality of the student of a network, larger is better. A network whose own
    score on held-out rows is more than ``MOST_LOST`` below the plain one's is no candidate. The
    plain network is a candidate, of strength 0; the mean of all has the mean of their strengths.
    """
    if penalty not in ("none", *PENALTIES):
        raise ValueError(f"there is no penalty {penalty!r}: use one of {', '.join(PENALTIES)}")
    training = Training(lesson, seed)
    plain = training.run("none", 0.0, steps)
    bound = lesson.score(plain) - MOST_LOST
    networks: list[SmoothNetwork] = []
    trials: list[Trial] = []

    def tried(strength: float, network: SmoothNetwork) -> None:
        score = lesson.score(network)
        if not score < bound:  # nothing is below the bound of a network without a score
            networks.append(network)
            trials.append(Trial(strength, score, judge(network)))

    tried(0.0, plain)
    short = training.taken // _SHORT
    for strength in sorted(strengths) if penalty != "none" else ():
        tried(strength, training.continued(penalty, strength, short))
    if len(networks) > 1:
        tried(float(np.mean([trial.strength for trial in trials])), mean_network(networks))
    best = max(range(len(trials)), key=lambda k: trials[k].student)
    return Taught(networks[best], plain, penalty, trials[best].strength, tuple(trials))


def mean_network(networks: Sequence[SmoothNetwork]) -> SmoothNetwork:
    """The network whose weights and biases are the means of those of others from one training."""
    return replace(
        networks[0],
        weights=tuple(
            np.mean(one, axis=0) for one in zip(*(net.weights for net in networks), strict=True)
        ),
        biases=tuple(
            np.mean(one, axis=0) for one in zip(*(net.biases for net in networks), strict=True)
        ),
    )


class Training:
    """One network that is trained on and on; ``parameters`` and ``taken`` change with each run.

    Without ``stop`` a run goes to its last step and gives the network of that step.
    """

    def __init__(
        self, lesson: Lesson, seed: int, *, hidden: Sequence[int] = _HIDDEN, stop: bool = True
    ) -> None:
        torch.set_num_threads(1)  # small matrices, and one order of summation
        self.lesson = lesson
        self.stop = stop
        self.draw = torch.Generator().manual_seed(seed)
        self.centre, self.scale = standard(lesson.x)
        self.low, self.height = np.zeros(lesson.classes), np.ones(lesson.classes)
        if not lesson.classes:
            self.low, self.height = standard(np.asarray(lesson.y, np.float64)[:, None])
        self.x = self._inputs(lesson.x)
        self.y = self._answers(lesson.y)
        self.held_x = self._inputs(lesson.held_x)
        self.held_y = self._answers(lesson.held_y)
        sizes = (lesson.x.shape[1], *hidden, lesson.classes or 1)
        self.parameters = list(_initial(sizes, self.draw))
        self.norms = _Norms(self.parameters, self.draw)
        self.taken = 0  # steps of the last run

    def _inputs(self, x: Floats) -> torch.Tensor:
        return torch.from_numpy(((x - self.centre) / self.scale).astype(np.float32))

    def _answers(self, y: Answers) -> torch.Tensor:
        if self.lesson.classes:
            return torch.from_numpy(np.asarray(y, dtype=np.int64))
        scaled = (np.asarray(y, dtype=np.float64)[:, None] - self.low) / self.height
        return torch.from_numpy(scaled.astype(np.float32))

    def run(self, penalty: str, strength: float, steps: int) -> SmoothNetwork:
        """Train at a falling rate, stop early; the network with the least held-out loss."""
        return self._trained(penalty, strength, steps, _RATE, 0, _CHECK_EVERY)

    def continued(self, penalty: str, strength: float, steps: int) -> SmoothNetwork:
        """A short training from the last network on."""
        first = int(_SETTLING * steps)
        return self._trained(penalty, strength, steps, _SHORT_RATE, first, _CHECK_EVERY // 2)

    def _trained(
        self, penalty: str, strength: float, steps: int, rate: float, first: int, every: int
    ) -> SmoothNetwork:
        adam = torch.optim.Adam(self.parameters, lr=rate, betas=_DECAYS, foreach=True)
        best, least, stale = self._copy(), np.inf, 0
        for step in range(steps + 1):
            last = step == steps
            if last or (self.stop and step >= first and (step - first) % every == 0):
                loss = self._held_loss()
                stale += 1
                if loss < least or not self.stop:
                    best, least, stale = self._copy(), loss, 0
            self.taken = step
            if last or stale > _PATIENCE:
                break
            for group in adam.param_groups:
                group["lr"] = rate * (1 - step / steps)
            adam.zero_grad(set_to_none=True)
            self.loss(penalty, strength).backward()  # type: ignore[no-untyped-call]
            adam.step()
        with torch.no_grad():
            for parameter, value in zip(self.parameters, best, strict=True):
                parameter.copy_(value)
        return self._network()

    def loss(self, penalty: str, strength: float) -> torch.Tensor:
        """The misfit on a batch plus the estimated penalty."""
        x, y = self.x, self.y
        if len(x) > _BATCH:
            rows = torch.randint(len(x), (_BATCH,), generator=self.draw)
            x, y = x[rows], y[rows]
        match penalty:
            case "jacobian":
                around = x + _NEAR * self._directions(x)
                outputs, near = _outputs(self.parameters, torch.cat([x, around])).chunk(2)
                slopes = (near - outputs) / _NEAR
                rough = x.shape[1] * slopes.square().sum(1).mean()
            case "hessian":  # on half of the rows, so that it costs no more than a first difference
                some = torch.randperm(len(x), generator=self.draw)[: (len(x) + 1) // 2]
                step = _FAR * self._directions(x[some])
                every = torch.cat([x, x[some] + step, x[some] - step])
                answers = _outputs(self.parameters, every)
                outputs, after, before = torch.split(answers, [len(x), len(some), len(some)])
                curve = (after - 2 * outputs[some] + before) / _FAR**2
                rough = x.shape[1] ** 2 * curve.square().sum(1).mean()
            case "lipschitz":
                outputs = _outputs(self.parameters, x)
                rough = torch.relu(self.norms.product() - _LIPSCHITZ).square()
            case _:
                return self.misfit(_outputs(self.parameters, x), y)
        return self.misfit(outputs, y) + strength * rough

    def _directions(self, x: torch.Tensor) -> torch.Tensor:
        """A random unit vector for each row."""
        drawn = torch.randn(x.shape, generator=self.draw)
        return torch.nn.functional.normalize(drawn, dim=1)

    def misfit(self, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Mean squared error in units of the variance, or cross entropy."""
        if self.lesson.classes:
            return torch.nn.functional.cross_entropy(outputs, y)
        return torch.nn.functional.mse_loss(outputs, y)

    def _held_loss(self) -> float:
        with torch.no_grad():
            return float(self.misfit(_outputs(self.parameters, self.held_x), self.held_y))

    def _copy(self) -> Parameters:
        return [parameter.detach().clone() for parameter in self.parameters]

    def _network(self) -> SmoothNetwork:
        arrays = [parameter.detach().numpy().astype(np.float64) for parameter in self.parameters]
        return SmoothNetwork(
            tuple(arrays[::2]),
            tuple(arrays[1::2]),
            self.centre,
            self.scale,
            self.low,
            self.height,
        )


class _Norms:
    """Largest singular values of the layers, followed by one power iteration a step."""

    def __init__(self, parameters: Parameters, draw: torch.Generator) -> None:
        self.weights = parameters[::2]
        self.vectors = [torch.randn(weight.shape[1], generator=draw) for weight in self.weights]

    def product(self) -> torch.Tensor:
        result = torch.ones(())
        for k, weight in enumerate(self.weights):
            with torch.no_grad():
                left = torch.nn.functional.normalize(weight @ self.vectors[k], dim=0)
                right = torch.nn.functional.normalize(weight.T @ left, dim=0)
                self.vectors[k] = right
            result = result * (left @ (weight @ right))
        return result


def _outputs(parameters: Parameters, z: torch.Tensor) -> torch.Tensor:
    last = len(parameters) - 2
    for k in range(0, last, 2):
        z = torch.tanh(torch.nn.functional.linear(z, parameters[k], parameters[k + 1]))
    return torch.nn.functional.linear(z, parameters[last], parameters[last + 1])


def _initial(sizes: Sequence[int], draw: torch.Generator) -> Iterator[torch.Tensor]:
    """Weights of layer after layer (Glorot and Bengio 2010), each followed by its biases."""
    for inputs, outputs in pairwise(sizes):
        reach = (6 / (inputs + outputs)) ** 0.5
        weight = (torch.rand(outputs, inputs, generator=draw) * 2 - 1) * reach
        yield weight.requires_grad_()
        yield torch.zeros(outputs).requires_grad_()
