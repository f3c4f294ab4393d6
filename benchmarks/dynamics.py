"""Equations of motion beside pysindy's: ``python -m benchmarks.dynamics [NAME...] [--seeds 2]``.

Both get the same series in the same run; pysindy (STLSQ, its threshold the best of three told
afterwards, quadratic library or sines besides) gets the leading principal components where there
are more channels than latents, as many as there are in truth, and with noise its smoothed finite
differences. Beside them stands what has no equations: a network that is trained on steps of the
same components. Told are the terms (true ones in brackets), the largest relative error of the true
constants, the seconds, and how long predictions stay within 0.3 deviations over 50 starts in the
last fifth of the series, the median with its 95 % interval: for both from the true noiseless state
at the start, seen through the channels.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

import deepdistill as dd

_FAR = 0.3
_STARTS = 50
_TOLERANCES = (0.05, 0.1, 0.5)
_WIDTH, _STEPS, _BATCH = 64, 3000, 256


@dataclass(frozen=True, slots=True)
class System:
    """A system, how it is seen and what its equations are."""

    field: Callable[[Any], Any]
    start: tuple[float, ...]
    dt: float
    steps: int
    skipped: int
    terms: int
    constants: tuple[float, ...]
    channels: int = 0
    cubic: bool = False
    noise: float = 0.0
    waves: bool = False


def lorenz(z: Any) -> Any:
    x, y, h = z.T
    return np.stack([10 * (y - x), x * (28 - h) - y, x * y - 8 / 3 * h], axis=-1)


def pendulum(z: Any) -> Any:
    return np.stack([z[:, 1], -2 * np.sin(z[:, 0]) - 0.3 * z[:, 1]], axis=-1)


def prey(z: Any) -> Any:
    x, y = z.T
    return np.stack([x - 0.5 * x * y, 0.4 * x * y - 0.8 * y], axis=-1)


def oscillator(z: Any) -> Any:
    return np.stack([z[:, 1], -4 * z[:, 0] - 0.3 * z[:, 1]], axis=-1)


def _lorenz(**seen: Any) -> System:
    return System(lorenz, (1.0, 2.0, 20.0), 0.01, 5000, 300, 7, (10, 28, 8 / 3), **seen)


SYSTEMS = {
    "lorenz": _lorenz(),
    "lorenz 5 %": _lorenz(noise=0.05),
    "lorenz_pixels linear": _lorenz(channels=128),
    "lorenz_pixels linear 5 %": _lorenz(channels=128, noise=0.05),
    "lorenz_pixels cubic": _lorenz(channels=128, cubic=True),
    "lorenz_pixels cubic 5 %": _lorenz(channels=128, cubic=True, noise=0.05),
    "pendulum": System(pendulum, (2.0, 0.0), 0.05, 500, 0, 3, (0.3, 2), waves=True),
    "pendulum 5 %": System(pendulum, (2.0, 0.0), 0.05, 500, 0, 3, (0.3, 2), waves=True, noise=0.05),
    "lotka_volterra": System(prey, (1.0, 1.0), 0.1, 500, 0, 4, (0.5, 0.4, 0.8)),
    "lotka_volterra 5 %": System(prey, (1.0, 1.0), 0.1, 500, 0, 4, (0.5, 0.4, 0.8), noise=0.05),
    "damped 5 %": System(oscillator, (1.0, 0.0), 0.05, 500, 0, 3, (4, 0.3), noise=0.05),
}


def moved(field: Callable[[Any], Any], z: Any, dt: float, parts: int = 10) -> Any:
    """States (states, latents) one step later."""
    h = dt / parts
    for _ in range(parts):
        a = field(z)
        b = field(z + h / 2 * a)
        c = field(z + h / 2 * b)
        d = field(z + h * c)
        z = z + h / 6 * (a + 2 * b + 2 * c + d)
    return z


def course(system: System, seed: int) -> Any:
    """The true latents (steps, latents)."""
    draw = np.random.default_rng(seed)
    z = np.array([system.start]) * (1 + 0.1 * draw.normal(size=len(system.start)))
    out = []
    for _ in range(system.skipped + system.steps):
        out.append(z[0])
        z = moved(system.field, z, system.dt)
    return np.array(out[system.skipped :])


def channels_of(system: System, z: Any) -> Any:
    """What is seen of the latents, without noise."""
    if not system.channels:
        return z
    scaled = z / 40
    parts = np.concatenate([scaled, scaled**3], axis=1) if system.cubic else scaled
    place = np.linspace(-1, 1, system.channels)
    return parts @ np.polynomial.legendre.legvander(place, parts.shape[1])[:, 1:].T


def horizon(step: Callable[[Any], Any], true: Any, dt: float) -> str:
    """How long the image under ``step`` stays near: the median over starts and its interval."""
    steps = len(true) // 2
    begin = np.linspace(0, len(true) - steps - 1, _STARTS).astype(int)
    z, spread = true[begin], np.std(true, axis=0)
    ends = np.full(_STARTS, steps)
    for k in range(1, steps + 1):
        with np.errstate(all="ignore"):
            z = step(z)
            apart = np.sqrt(np.mean(((z - true[begin + k]) / spread) ** 2, axis=1))
        lost = ~(apart <= _FAR) & (ends == steps)
        ends[lost] = k - 1
        z = np.where(np.isfinite(z), z, 0.0)
    times = np.sort(ends) * dt
    rank, seen = 0, 1 / 2**_STARTS
    while seen <= 0.025:
        rank += 1
        seen += comb(_STARTS, rank) / 2**_STARTS
    return f"{np.median(times):.2f} [{times[rank - 1]:.2f}, {times[-rank]:.2f}] of {steps * dt:g}"


def wrong_by(found: list[float], true: tuple[float, ...]) -> float:
    """The largest relative error of the true constants, each told by the nearest of the found."""
    if not found:
        return np.inf
    return max(min(abs(abs(one) - size) / size for one in found) for size in true)


def ours(system: System, seen: Any, clean: Any, seed: int) -> list[str]:
    begin = time.perf_counter()
    result = dd.distill_dynamics(seen, system.dt, seed=seed)
    seconds = time.perf_counter() - begin
    from deepdistill.dynamics.motion import motion_of

    model = result.model
    held = result.encode(clean)[-len(clean) // 5 :]
    motion = motion_of(model.constants, model.latents)
    told = horizon(lambda z: moved(motion, z, system.dt), held, system.dt)
    sizes = [*model.constants.sizes, 1.0]
    print(f"    {'; '.join(result.equations)}", file=sys.stderr)
    return _row("deepdistill", len(model.constants.terms), system, sizes, seconds, told)


def _row(
    who: str, terms: int, system: System, sizes: list[float], seconds: float, told: str
) -> list[str]:
    error = f"{100 * wrong_by(sizes, system.constants):.2g} %"
    return [who, f"{terms} ({system.terms})", error, f"{seconds:.1f}", told]


def features(system: System, z: Any) -> Any:
    """pysindy's library in the order of its own: its ``predict`` takes milliseconds a call."""
    one = np.ones((len(z), 1))
    if system.waves:
        turns = [wave(z[:, [k]]) for k in range(z.shape[1]) for wave in (np.sin, np.cos)]
        return np.concatenate([one, z, *turns], axis=1)
    pairs = [z[:, [i]] * z[:, [j]] for i in range(z.shape[1]) for j in range(i, z.shape[1])]
    return np.concatenate([one, z, *pairs], axis=1)


def components(system: System, seen: Any, clean: Any) -> tuple[Any, Any]:
    """What is seen and its noiseless image as the leading principal components, of size 1."""
    if not system.channels:
        return seen, clean
    mean = seen.mean(axis=0)
    basis = np.linalg.svd(seen - mean, full_matrices=False)[2][: len(system.start)]
    scale = np.std((seen - mean) @ basis.T, axis=0)
    return (seen - mean) @ basis.T / scale, (clean - mean) @ basis.T / scale


def network_row(system: System, seen: Any, clean: Any, seed: int) -> list[str]:
    """A network of two hidden layers that says how far the components move in a step."""
    import torch
    from torch import nn

    begin = time.perf_counter()
    z, truth = components(system, seen, clean)
    torch.manual_seed(seed)
    known = torch.tensor(z[: -len(z) // 5], dtype=torch.float32)
    middle, spread = known.mean(0), known.std(0)
    moves = known[1:] - known[:-1]
    unit = moves.std(0)
    network = nn.Sequential(
        nn.Linear(z.shape[1], _WIDTH), nn.Tanh(), nn.Linear(_WIDTH, _WIDTH), nn.Tanh(),
        nn.Linear(_WIDTH, z.shape[1]),
    )  # fmt: skip
    training = torch.optim.Adam(network.parameters(), 3e-3)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(training, _STEPS)
    x, y = (known[:-1] - middle) / spread, moves / unit
    for _ in range(_STEPS):
        rows = torch.randint(len(x), (_BATCH,))
        loss = ((network(x[rows]) - y[rows]) ** 2).mean()
        training.zero_grad()
        loss.backward()
        training.step()
        plan.step()
    seconds = time.perf_counter() - begin

    def step(z: Any) -> Any:
        with torch.no_grad():
            found = network((torch.tensor(z, dtype=torch.float32) - middle) / spread) * unit
        return z + found.double().numpy()

    told = horizon(step, truth[-len(truth) // 5 :], system.dt)
    return ["a network", "-", "-", f"{seconds:.1f}", told]


def pysindy_row(system: System, seen: Any, clean: Any) -> list[str]:
    import pysindy

    begin = time.perf_counter()
    z, truth = components(system, seen, clean)
    known = z[: -len(z) // 5]
    library = pysindy.PolynomialLibrary(degree=2)
    if system.waves:
        library = pysindy.PolynomialLibrary(degree=1) + pysindy.FourierLibrary(n_frequencies=1)
    derivative = (
        pysindy.SmoothedFiniteDifference() if system.noise else pysindy.FiniteDifference(order=4)
    )
    found = []
    for tolerance in _TOLERANCES:
        model = pysindy.SINDy(
            optimizer=pysindy.STLSQ(threshold=tolerance),
            feature_library=library,
            differentiation_method=derivative,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(known, t=system.dt)
        coefficients = model.coefficients()
        terms = int(np.count_nonzero(coefficients))
        sizes = coefficients[coefficients != 0].tolist()
        # the best of several that a user would not know: the errors of the constants decide
        found.append((abs(terms - system.terms), wrong_by(sizes, system.constants), terms, model))
    _, _, terms, model = min(found, key=lambda one: one[:2])
    seconds = time.perf_counter() - begin
    coefficients = np.asarray(model.coefficients())
    assert np.allclose(features(system, known[:5]) @ coefficients.T, model.predict(known[:5]))
    told = horizon(
        lambda z: moved(lambda x: features(system, x) @ coefficients.T, z, system.dt),
        truth[-len(truth) // 5 :],
        system.dt,
    )
    sizes = coefficients[coefficients != 0].tolist()
    return _row("pysindy", terms, system, sizes, seconds, told)


def compared(system: System, seed: int) -> list[list[str]]:
    """Cells of all methods on one series."""
    clean = channels_of(system, course(system, seed))
    noise = np.random.default_rng(seed + 1000).normal(size=clean.shape)
    seen = clean + system.noise * np.std(clean, axis=0).mean() * noise
    if not system.channels:
        seen = clean + system.noise * np.std(clean, axis=0) * noise
    return [
        ours(system, seen, clean, seed),
        network_row(system, seen, clean, seed),
        pysindy_row(system, seen, clean),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SYSTEMS))
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    print("| system | seed | method | terms (true) | worst constant | seconds | valid for |")
    print("|---|---|---|---|---|---|---|")
    for name in given.names or SYSTEMS:
        system = SYSTEMS[name]
        for seed in range(given.seeds):
            for row in compared(system, seed):
                print(f"| {name} | {seed} | {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
