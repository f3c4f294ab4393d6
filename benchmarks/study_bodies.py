"""Four bodies in a plane: networks of edges and nodes, trained on what pushes them about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

BODIES, SIMULATIONS, SNAPSHOTS = 4, 800, 20
STEPS, BATCH, WIDTH = 5000, 48, 64
_STEP, _BETWEEN, _SOFT, _APART = 0.02, 5, 0.2, 0.02
_WIDER = 3.0
_NEAR = 0.05  # share of the snapshots, those of the largest accelerations: half of each batch


class Force(NamedTuple):
    """What a body of unit charge and mass feels, from (dx, dy, r, charge, mass) of another one.

    ``strength`` is what dx and dy are multiplied by, ``formula`` the same as text, ``receiver``
    the receiver's own share in the force; ``literature`` is the R2 of messages reported.
    """

    strength: Callable[[Any, Any, Any], Any]
    receiver: Callable[[Any, Any], Any]
    formula: str
    literature: float

    def law(self, dx: Any, dy: Any, charge: Any, mass: Any) -> Any:
        """The force (n, 2) on a body of unit charge and mass."""
        strength = self.strength(np.hypot(dx, dy), charge, mass)
        return strength[:, None] * np.stack([dx, dy], axis=1)


FORCES = {
    "spring": Force(lambda r, q, m: -2 * (1 - 1 / r), lambda q, m: 1.0, "dx * (1 - 1 / r)", 0.99),
    "r1": Force(lambda r, q, m: -m / r**2, lambda q, m: m, "mass * dx / r ** 2", 0.40),
    "r2": Force(lambda r, q, m: -m / r**3, lambda q, m: m, "mass * dx / r ** 3", 0.48),
    "charge": Force(lambda r, q, m: q / r**3, lambda q, m: q, "charge * dx / r ** 3", 0.67),
}


class Snapshots(NamedTuple):
    """Bodies at some moments: places (n, 4, 2), charges and masses (n, 4), accelerations."""

    place: Any
    charge: Any
    mass: Any
    push: Any


def pushes(force: Force, place: Any, charge: Any, mass: Any, least: float = 0.0) -> Any:
    """Accelerations (n, 4, 2); forces stop growing within the ``least`` distance."""
    apart = place[:, :, None] - place[:, None]
    r = np.sqrt((apart**2).sum(-1) + least**2) + np.eye(BODIES)
    strength = force.strength(r, charge[:, None], mass[:, None]) * (1 - np.eye(BODIES))
    own = force.receiver(charge, mass) / mass
    return (strength[..., None] * apart).sum(2) * own[..., None]


def simulated(force: Force, count: int, seed: int) -> Snapshots:
    """Simulations looked at 20 times in two units of time.

    Their paths are softened where bodies meet, the accelerations to learn from are not.
    """
    rng = np.random.default_rng([seed, 71])
    place, speed = rng.normal(size=(2, count, BODIES, 2))
    charge = rng.choice([-1.0, 1.0], (count, BODIES))
    mass = np.exp(rng.normal(size=(count, BODIES)))
    seen = []
    for k in range(SNAPSHOTS * _BETWEEN):
        if k % _BETWEEN == 0:
            seen.append((place, charge, mass, pushes(force, place, charge, mass)))
        speed = speed + _STEP * pushes(force, place, charge, mass, _SOFT)
        place = place + _STEP * speed
    return Snapshots(*(np.concatenate(one) for one in zip(*seen, strict=True)))


def layers(width: int, answers: int) -> nn.Sequential:
    inner = nn.Linear(WIDTH, WIDTH)
    return nn.Sequential(
        nn.Linear(width, WIDTH), nn.SiLU(), inner, nn.SiLU(), nn.Linear(WIDTH, answers)
    )


class EdgeModel(nn.Module):
    """Two messages (..., 2) of edges (..., 4): dx, dy, charge and mass of the sender.

    Distances and forces span orders of magnitude: they enter by asinh and leave by sinh.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = layers(4, 2)

    def forward(self, edges: torch.Tensor) -> torch.Tensor:
        dx, dy, charge, mass = edges.unbind(-1)
        seen = [torch.asinh(dx / _APART), torch.asinh(dy / _APART), charge, torch.log(mass)]
        return torch.sinh(self.layers(torch.stack(seen, -1)))


class Bodies(nn.Module):
    """Accelerations (n, 4, 2) from bodies (n, 4, 4): place, charge and mass of each."""

    def __init__(self) -> None:
        super().__init__()
        self.edge_model, self.mix = EdgeModel(), nn.Linear(2, 2, bias=False)
        self.node_model = layers(2, 1)
        with torch.no_grad():  # else nodes of both charges start alike, and what is sent cancels
            for one in (self.node_model[0], self.node_model[-1], self.edge_model.layers[-1]):
                assert isinstance(one, nn.Linear)
                one.weight *= _WIDER

    def forward(self, bodies: torch.Tensor) -> torch.Tensor:
        own = bodies[..., 2:]
        messages = self.edge_model(edges_of(bodies)).unflatten(1, (BODIES, BODIES - 1)).sum(2)
        inner = torch.stack([own[..., 0], torch.log(own[..., 1])], -1)
        answer: torch.Tensor = self.mix(messages) * torch.sinh(self.node_model(inner))
        return answer


def edges_of(bodies: torch.Tensor) -> torch.Tensor:
    """Edges (n, 12, 4) of bodies (n, 4, 4): where the receiver is from the sender, and its own."""
    pairs = [(i, j) for i in range(BODIES) for j in range(BODIES) if i != j]
    receiver, sender = [i for i, _ in pairs], [j for _, j in pairs]
    apart = bodies[:, receiver, :2] - bodies[:, sender, :2]
    return torch.cat([apart, bodies[:, sender, 2:]], -1)


def messages(model: Bodies, bodies: torch.Tensor) -> tuple[Any, Any]:
    """All edges (n, 4) and what is sent along them (n, 2)."""
    edges = edges_of(bodies).reshape(-1, 4)
    with torch.no_grad():
        sent = model.edge_model(edges)
    return edges.double().numpy(), sent.double().numpy()


def tensors(data: Snapshots) -> tuple[torch.Tensor, torch.Tensor]:
    """What a network is given and what it is to answer, in float32."""
    bodies = np.concatenate([data.place, data.charge[..., None], data.mass[..., None]], -1)
    return torch.tensor(bodies, dtype=torch.float32), torch.tensor(data.push, dtype=torch.float32)


def trained(force: Force, seed: int, steps: int = STEPS) -> tuple[Bodies, float]:
    """A network trained on simulations, and its mean error in relative terms on other ones."""
    torch.set_num_threads(1)  # sums by several threads, and so the networks, differ
    torch.manual_seed(seed)
    x, y = tensors(simulated(force, SIMULATIONS, seed))
    usual, largest = y[y != 0].abs().median(), y.abs().amax((1, 2))
    near = torch.nonzero(largest > largest.quantile(1 - _NEAR)).flatten()
    model = Bodies()
    training = torch.optim.Adam(model.parameters(), 3e-3)
    plan = torch.optim.lr_scheduler.OneCycleLR(training, 5e-3, steps)
    for _ in range(steps):
        rows = torch.randint(len(x), (2 * BATCH,))
        rows[BATCH:] = near[torch.randint(len(near), (BATCH,))]
        found = model(x[rows])
        loss: Any = (torch.asinh(found / usual) - torch.asinh(y[rows] / usual)).abs().mean()
        training.zero_grad()
        loss.backward()
        training.step()
        plan.step()
    return model.eval(), float(loss.detach())
