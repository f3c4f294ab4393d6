"""What ``distill_dynamics`` gives back: equations that run, and what is known of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..data.files import read_bytes
from ..data.folders import write_folder
from ..ir.errors import InputError
from ..ir.names import identifier
from ..target.source import Provenance
from ..verify.certificate import DYNAMICS, Certificate, Claim, versions_now
from ..verify.evidence import Evidence, rounded_up, untouched_bound
from ..verify.solver import load_solver
from .coordinates import AffineChange
from .file import model_bytes, read_model, rounded_array
from .latents import Components
from .model import DynamicalModel, checked_rows
from .motion import motion_of, path
from .series import Floats, Series
from .shooting import LatentView
from .skill import Skill, held_skill
from .smoothing import noise_of
from .solver import RESERVED, solver_text

_MOST_BYTES = 64 * 2**20
_RUN = 20  # starts from which solver and equations are compared
_STEPS = 10
_EXPLAINED = 0.5  # the least share of the next step that a map must tell
_AGREE = 1e-9  # share of a deviation that they may differ by


@dataclass(frozen=True)
class Dynamics:
    """Equations of motion, the latents they speak of, a solver and a certificate."""

    name: str
    model: DynamicalModel
    certificate: Certificate
    solver: str
    """Standard-library Python that runs the equations from any state over any time."""

    @property
    def equations(self) -> tuple[str, ...]:
        """A text for each latent: ``dz1/dt = 10 * (z2 - z1)``; of a map ``next z1 = …``."""
        return self.model.equations.lines

    @property
    def latents(self) -> tuple[str, ...]:
        """The names of the latents, in the order of the equations."""
        return self.model.equations.names

    @property
    def code(self) -> str:
        """The text of the solver, by the name that other results have for it."""
        return self.solver

    @cached_property
    def solve(self) -> Callable[..., Any]:
        """The solver, loaded from its source: a state and times, and a list of states."""
        return load_solver(self.solver.encode(), self.name)

    def simulate(self, z0: Any, t: Any) -> Floats:
        """The latents (times, latents) at times ``t``, of which the first is that of ``z0``.

        Of several starts (starts, latents): (starts, times, latents). For a map the times are
        numbers of steps. Raises ``ValueError`` where the latents leave all bounds.
        """
        starts = checked_rows(z0, len(self.latents), "z0", "latents")
        times = checked_rows(t, np.size(t), "t", "times").ravel().tolist()
        flat = starts.reshape(-1, len(self.latents))
        paths = np.array([self.solve(start.tolist(), times) for start in flat])
        return paths.reshape(*starts.shape[:-1], len(times), len(self.latents))

    def encode(self, series: Any) -> Floats:
        """The latents (steps, latents) of a trajectory (steps, channels).

        Of a map whose latents are earlier values the first steps have none. Where latents are rates
        of change, at least 20 steps are needed.
        """
        given = np.asarray(series)
        if given.ndim == 1 and self.model.channels == 1:
            series = given[:, None]
        return self.model.encode(checked_rows(series, self.model.channels, "series", "channels"))

    def decode(self, z: Any) -> Floats:
        """The channels (..., channels) of latents (..., latents)."""
        return self.model.decode(checked_rows(z, len(self.latents), "z", "latents"))

    def files(self) -> dict[str, bytes]:
        """What :meth:`save` writes, by file name."""
        return {
            "solver.py": self.solver.encode(),
            DYNAMICS: model_bytes(self.model),
            "certificate.json": self.certificate.text().encode(),
        }

    def save(self, folder: Path | str) -> Path:
        """Write ``folder/<name>/``, whole or not at all; return that path."""
        return write_folder(Path(folder) / self.name, self.files())

    def __str__(self) -> str:
        return "\n".join(self.equations)

    def __repr__(self) -> str:
        return f"<deepdistill dynamics {self.name!r}: {'; '.join(self.equations)}>"


def load_dynamics(folder: Path | str) -> Dynamics:
    """What :meth:`Dynamics.save` wrote.

    Raises :class:`InputError` where the files are not those that were certified.
    """
    folder = Path(folder)
    certificate = Certificate.read(folder / "certificate.json")
    files = {name: read_bytes(folder / name, _MOST_BYTES) for name in ("solver.py", DYNAMICS)}
    if set(certificate.digests) != set(files) or certificate.sealed(files) != certificate:
        raise InputError(
            f"a file of {folder} was changed after it was certified: distill the series again"
        )
    model = read_model(files[DYNAMICS], str(folder / DYNAMICS))
    return Dynamics(certificate.problem, model, certificate, files["solver.py"].decode())


def finished(
    model: DynamicalModel,
    series: Series,
    held: tuple[Floats, ...],
    noise: Floats,
    length: int,
    name: str,
    seed: int,
) -> Dynamics:
    """The result of a model: numbers as they are told, judged by what was held out."""
    name = identifier(name)
    if name in (*RESERVED, *model.equations.names):
        name += "_"
    model = as_stored(model)
    skill = _skill(model, series, held, noise, length)
    correct = _correct(model, skill)
    steps = f"{series.steps:,} steps of {series.channels} channels"
    draft = Provenance(steps, (correct.note,))
    text = solver_text(name, model.equations, model.dt, model.substeps, draft)
    certificate = Certificate(
        name,
        seed,
        _faithful(model, text, series),
        Claim("not applicable", note="equations run for any time; no size is to grow"),
        correct,
        versions_now(),
    )
    certificate = certificate.sealed({"solver.py": text.encode(), DYNAMICS: model_bytes(model)})
    return Dynamics(name, model, certificate, text)


def as_stored(model: DynamicalModel) -> DynamicalModel:
    """With numbers to 12 digits, as they are stored."""
    change = AffineChange(rounded_array(model.change.matrix), rounded_array(model.change.shift))
    old = model.components
    if old is None:
        return replace(model, change=change)
    components = Components(
        rounded_array(old.mean), rounded_array(old.encoder), rounded_array(old.decoder), old.degree
    )
    return replace(model, change=change, components=components)


def _skill(
    model: DynamicalModel,
    series: Series,
    held: tuple[Floats, ...],
    noise: Floats,
    length: int,
) -> Skill:
    components = model.components
    measured = tuple(x if components is None else components.encode(x) for x in held)
    long = [k for k, x in enumerate(measured) if len(x) >= 20] or [
        int(np.argmax(list(map(len, measured))))
    ]
    encoded = tuple(model.encode(held[k]) for k in long)
    aligned = tuple(
        measured[k][len(measured[k]) - len(z) :] for k, z in zip(long, encoded, strict=True)
    )
    whole, width = model.change.inverse, measured[0].shape[1]
    view = LatentView.affine(AffineChange(whole.matrix[:width], whole.shift[:width]))
    every = [x if components is None else components.encode(x) for x in series.trajectories]
    spread = np.std(np.concatenate(every), axis=0)
    if len(noise) != width:  # the noise of channels, not of the latents behind them
        noise = np.maximum(noise_of(tuple(map(model.encode, series.trajectories))), 1e-7 * spread)
    return held_skill(
        model.constants,
        view,
        encoded,
        aligned,
        noise,
        spread,
        np.std(np.concatenate([model.encode(x) for x in series.trajectories]), axis=0),
        model.dt,
        model.substeps,
        min(length, min(map(len, encoded))),
    )


def _correct(model: DynamicalModel, skill: Skill) -> Claim:
    unit = "steps" if model.dt is None else "time"
    bound = rounded_up(untouched_bound(skill.missed, skill.stretches)) if skill.stretches else 1.0
    support: dict[str, Any] = {"explained": _short(skill.explained)}
    words = (
        f"of {skill.stretches} held-out stretches {skill.missed} stray from the equations by more "
        f"than {skill.tolerance:.3g} deviations; of the change over a step these explain "
        f"{100 * skill.explained:.6g} %"
    )
    if (horizon := skill.horizon) is not None:
        support["prediction"] = {
            "median": _short(horizon.median),
            "low": _short(horizon.low),
            "high": _short(horizon.high),
            "starts": horizon.starts,
            "to the end": horizon.reached,
            "longest": _short(horizon.longest),
        }
        words += (
            f"; predictions from {horizon.starts} starts stay within 0.3 deviations for "
            f"{horizon.median:.4g} {unit} (median; at 95 % {horizon.low:.4g} to "
            f"{horizon.high:.4g}), {horizon.reached} of them to the end"
        )
    if (inert := skill.inert) is not None:
        support["inert"] = {"median": _short(inert.median), "to the end": inert.reached}
        words += (
            f"; where nothing acts on the states they would for {inert.median:.4g}, "
            f"{inert.reached} of them to the end"
        )
    unknown = ["whether states that the series never came near move so"]
    if skill.is_still:
        unknown.append("whether the equations are right at all: the end of the series hardly moves")
    evidence = Evidence(
        "sample",
        skill.stretches,
        skill.missed,
        min(1.0, bound),
        _short(skill.tolerance),
        support,
        None,
        tuple(unknown),
    )
    failed = bool(skill.stretches) and 2 * skill.missed > skill.stretches
    if skill.is_idle or skill.tolerance >= 1 or (model.dt is None and skill.explained < _EXPLAINED):
        failed = True  # chance would do as well
    return Claim("failed" if failed else "evidence", skill.stretches, note=words, evidence=evidence)


def _short(value: float) -> float:
    return float(f"{value:.6g}") if np.isfinite(value) else -1e9


def _faithful(model: DynamicalModel, text: str, series: Series) -> Claim:
    """The solver's text beside the equations' own values, from states of the series."""
    solve = load_solver(text.encode(), "solver")
    states = np.concatenate([model.encode(one) for one in series.trajectories])
    starts = states[np.linspace(0, len(states) - 1, _RUN).astype(int)]
    motion = motion_of(model.constants, model.latents)
    expected = path(motion, starts, model.dt, model.substeps, _STEPS)
    step = 1 if model.dt is None else model.dt
    times = [k * step for k in range(_STEPS)]
    spread = np.std(states, axis=0)
    for k, start in enumerate(starts):
        if not np.isfinite(expected[:, k]).all():
            continue
        computed = np.array(solve(start.tolist(), times))
        if np.max(np.abs(computed - expected[:, k]) / spread) > _AGREE:
            return Claim("failed", _RUN, counterexample={"z0": start.tolist()})
    return Claim("sampled", _RUN)
