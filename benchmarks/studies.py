"""What parts of trained networks learned: ``python -m benchmarks.studies nbody_spring --seeds 3``.

Studies, each trained here from data made here, a row of a table for each seed:

- ``nbody_spring``, ``nbody_r1``, ``nbody_r2``, ``nbody_charge``: networks of edges and nodes on
  four bodies; their messages as the law of the force (``benchmarks/study_bodies.py``);
- ``pinn_heat``, ``pinn_damped``, ``pinn_burgers``, ``pinn_wave``, ``pinn_logistic``: networks that
  know an equation and a few points, as closed forms (``benchmarks/study_equations.py``);
- ``lorenz_pixels``: equations of motion from 128 channels (``benchmarks/dynamics.py``).

``held_...`` are others, written down before they were tried (``benchmarks/study_held_out.py``).
Formulas of single predictions have a command of their own, ``benchmarks/local.py``.

Seconds are those of the clock and, in brackets, of processors, for training and for distilling; the
load of the machine at the end of a row stands beside them.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

import deepdistill as dd
from deepdistill.ir.infix import parse_infix
from deepdistill.surrogates.formulas import DistilledFormulas
from deepdistill.target.formula_source import expression_text
from deepdistill.target.python import nodes

ROWS = 1200
_ALIKE = 0.05  # of the law, how far a formula of its form may be off, from distance
_NEAR, _FAR = 0.01, 10.0  # dx log(r) / sqrt(r) is dx (1 - 1/r) to 2 % from 0.1 to 3
_CLOSE, _BEYOND, _FAR_OFF = 1e-3, 0.3, 1e-2  # of a solution's range, and what is beyond its ends
_LONGER = 1.5  # than the solution, what a closed form is at most
_FACTOR = 6  # nodes of a factor, of its sign and of another number in a law
Row = dict[str, str]


def bodies(name: str, seed: int) -> Row:
    """A force between bodies from the messages of a network."""
    import torch

    from benchmarks.study_bodies import FORCES, messages, simulated, tensors, trained
    from benchmarks.study_held_out import FORCES as HELD_FORCES

    force = (FORCES | HELD_FORCES)[name]
    began = spent()
    model, error = trained(force, seed)
    training = spent(began)
    x, _ = tensors(simulated(force, 60, seed + 1000))
    edges, sent = messages(model, x)
    law = force.law(*edges.T)
    design = np.concatenate([sent, np.ones((len(sent), 1))], axis=1)
    left = law - design @ np.linalg.lstsq(design, law, rcond=None)[0]
    r2 = 1 - (left**2).sum() / ((law - law.mean(0)) ** 2).sum()
    some = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))[:200]
    given: Any = x[some]
    distilling = spent()
    d = dd.distill_module(
        model, "edge_model", list(given.split(10)), names=["dx", "dy", "charge", "mass"],
        outputs="rotate", rows=ROWS, seed=seed, n_jobs=1,
    )  # fmt: skip
    assert isinstance(d, DistilledFormulas)
    most = _nodes(force.formula, ("dx", "r", "charge", "mass")) + _FACTOR
    short = all(one.complexity <= most for one in d.outputs)
    return {
        "found": "yes" if short and all(is_law(d, force, k) for k in range(2)) else "no",
        "formulas": "; ".join(d.formulas),
        "true": force.formula,
        "error of training": f"{error:.3f}",
        "R2 of messages": f"{r2:.2f} (literature {force.literature or '-'})",
        "seconds": f"{training} + {spent(distilling)}",
    }


def is_law(d: Any, force: Any, k: int) -> bool:
    """Whether a mix is a linear image of the force wherever two bodies may be."""
    rng = np.random.default_rng(0)
    r = np.exp(rng.uniform(np.log(_NEAR), np.log(_FAR), 300))
    turn = rng.uniform(0, 2 * np.pi, 300)
    charge, mass = rng.choice([-1.0, 1.0], 300), np.exp(rng.normal(size=300))
    edges = np.stack([r * np.cos(turn), r * np.sin(turn), charge, mass], axis=1)
    from deepdistill.surrogates.values import values_of

    columns = d.source.columns.table(edges)
    found = values_of(d.outputs[k].expr, columns, len(edges))
    law = force.law(*edges.T)
    size = np.hypot(*law.T) + 0.5 * np.median(np.hypot(*law.T))
    weighted = law / size[:, None]
    shares, *_ = np.linalg.lstsq(weighted, found / size, rcond=None)
    left = np.abs(found / size - weighted @ shares) / np.linalg.norm(shares)
    return bool(np.quantile(left, 0.95) < _ALIKE)


def equation(name: str, seed: int) -> Row:
    """The closed form of a network that knows an equation."""
    import torch

    from benchmarks.study_equations import EQUATIONS, drawn, trained
    from benchmarks.study_held_out import EQUATIONS as HELD_EQUATIONS

    task = (EQUATIONS | HELD_EQUATIONS)[name]
    began = spent()
    model = trained(task, seed)
    training = spent(began)
    rng = np.random.default_rng([seed, 79])
    x, fresh = drawn(task, 500, rng), drawn(task, 500, rng)
    with torch.no_grad():
        error = model(torch.tensor(fresh))[:, 0].numpy() - task.solution(*fresh.T)
    distilling = spent()
    d = dd.distill_module(model, "", [torch.tensor(x)], names=task.names, seed=seed, n_jobs=1)
    assert isinstance(d, DistilledFormulas)
    wide = drawn(task, 500, rng, _BEYOND)
    off, outside = (_largest_error(d, task, one) for one in (fresh, wide))
    right = off < _CLOSE and outside < _FAR_OFF
    return {
        "found": "yes"
        if right and d.outputs[0].complexity <= _LONGER * _nodes(task.formula, task.names)
        else "no",
        "formulas": "; ".join(d.formulas),
        "true": task.formula,
        "error of the network": f"{float(np.sqrt(np.mean(error**2))):.1e}",
        "its coefficients": ", ".join(f"{one:.4f}" for one in model.coefficients.tolist()),
        "largest error": f"{off:.1e}, beyond {outside:.1e}",
        "seconds": f"{training} + {spent(distilling)}",
    }


def _largest_error(d: Any, task: Any, at: Any) -> float:
    """In shares of the solution's range; infinite where the formula has no value somewhere."""
    found = np.nan_to_num(d.answers(at)[:, 0], nan=np.inf)
    truth = task.solution(*at.T)
    return float(np.abs(found - truth).max() / np.ptp(truth))


def _nodes(text: str, names: Sequence[str]) -> int:
    """The size of a formula."""
    expr, _ = parse_infix(text, names)
    return nodes(expression_text(expr))


def spent(since: tuple[float, float] = (0.0, 0.0)) -> Any:
    """Seconds of the clock and of processors since then, as text; else both until now."""
    now = time.perf_counter(), sum(os.times()[:4])
    if since == (0.0, 0.0):
        return now
    return f"{now[0] - since[0]:.0f} ({now[1] - since[1]:.0f})"


def lorenz(seed: int) -> list[Row]:
    """Equations of motion from 128 channels, by both embeddings, with noise and without."""
    from benchmarks.dynamics import SYSTEMS, compared

    names = [name for name in SYSTEMS if name.startswith("lorenz_pixels")]
    heads = ("method", "terms", "worst constant", "seconds", "valid for")
    found = []
    for name in names:
        for cells in compared(SYSTEMS[name], seed):
            row = dict(zip(heads, cells, strict=True))
            right = cells[1].startswith(f"{SYSTEMS[name].terms} ")
            judged = "other" if cells[0] != "deepdistill" else "yes" if right else "no"
            found.append({"found": judged, "series": name, **row})
    return found


STUDIES: dict[str, Callable[[int], Row | list[Row]]] = {
    **{f"nbody_{one}": partial(bodies, one) for one in ("spring", "r1", "r2", "charge")},
    **{
        f"pinn_{one}": partial(equation, one)
        for one in ("heat", "damped", "burgers", "wave", "logistic")
    },
    "lorenz_pixels": lorenz,
}
_HELD_FORCES = ("r3", "cubic", "yukawa", "screened", "cutoff", "soft_disc", "heavy_spring")
_HELD_EQUATIONS = (
    "decay", "advection", "poisson", "cooling", "bratu", "logistic_2", "gompertz", "fisher", "kink",
)  # fmt: skip
HELD_OUT: dict[str, Callable[[int], Row | list[Row]]] = {
    **{f"held_{one}": partial(bodies, one) for one in _HELD_FORCES},
    **{f"held_{one}": partial(equation, one) for one in _HELD_EQUATIONS},
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row for each study and seed; 1 where a law was not found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(STUDIES))
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args(arguments)
    known = STUDIES | HELD_OUT
    if unknown := [name for name in given.names if name not in known]:
        parser.error(f"there is no study {unknown[0]!r}: name some of {', '.join(known)}")
    missed, heading = 0, ""
    for name in given.names or STUDIES:
        for seed in range(given.seeds):
            found = known[name](seed)
            for one in found if isinstance(found, list) else [found]:
                load = f"{os.getloadavg()[0]:.0f}"
                row = {"study": name, "seed": str(seed), **one, "load": load}
                if heading != " | ".join(row):
                    heading = " | ".join(row)
                    print(f"| {heading} |\n{'|---' * len(row)}|")
                print(f"| {' | '.join(row.values())} |", flush=True)
                missed += row["found"] == "no"
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
