"""Laws found again: ``python -m benchmarks.smooth --laws textbook other --noise 0 0.01 --jobs 2``.

Textbook laws (``problems/smooth.py``), 28 other ones or 28 held out (``benchmarks/laws.py``), each
engine on the same rows. Recovered means a coefficient of determination above 0.9999 on rows outside
the sampled ranges. ``--table benchmarks/smooth.md`` puts what was measured into the table, in place
of the sections of the same name.
"""

from __future__ import annotations

import argparse
import os
import re
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from joblib.externals.loky import get_reusable_executor

from benchmarks.laws import HELD_OUT
from benchmarks.laws import LAWS as OTHER_LAWS
from deepdistill.data.laws import Floats, Law
from deepdistill.data.problem import InputError
from deepdistill.data.running import Run
from deepdistill.formula.symbolic.arrays import operations, values
from deepdistill.formula.symbolic.choose import chosen_backends, search
from deepdistill.formula.symbolic.data import FitRows
from deepdistill.formula.symbolic.shorten import shorter
from problems.smooth import LAWS as TEXTBOOK_LAWS

BEYOND = 0.5  # of the range, upwards
RECOVERED = 0.9999
ENGINES = ("auto", "sparse", "operon", "raw-operon", "gplearn", "pysr")
SETS: dict[str, tuple[Law, ...]] = {
    "textbook": tuple(law for law in TEXTBOOK_LAWS if not law.regimes),
    "other": OTHER_LAWS,
    "held-out": HELD_OUT,
}
INTRODUCTION = """# Laws found again, measured

Written by `python -m benchmarks.smooth --laws ... --noise ... --engines ... --table
benchmarks/smooth.md`; each section says with which seed and how many processes. *Recovered* means a
coefficient of determination above 0.9999 on rows outside the sampled ranges. *Size* is the number
of operations over that of the law, the median of the recovered ones. Seconds are those of the
clock, on two cores shared with other work, and of the processors, all processes together.
"""
Predict = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Row:
    """One fit: its score outside the sampled ranges, its size, and what it took."""

    law: str
    engine: str
    score: float
    size: int
    true_size: int
    seconds: float
    cpu: float

    @property
    def recovered(self) -> bool:
        return self.score > RECOVERED

    def line(self, noise: float) -> str:
        return (
            f"{self.engine:10} {noise:4.0%} {self.law:18} "
            f"{'recovered' if self.recovered else '-':10} R2 {self.score:9.6f} "
            f"operations {self.size:3} of {self.true_size:2} ({self.size / self.true_size:.2f}) "
            f"{self.seconds:6.1f} s ({self.cpu:.1f} s CPU)"
        )


def fit_ours(
    engine: str, law: Law, x: Floats, y: Floats, seed: int, jobs: int
) -> tuple[Predict, int]:
    names = [column.name for column in law.columns]
    engines = chosen_backends(engine)
    found = search(x, y, names, backends=engines, seed=seed, run=Run(n_jobs=jobs))
    expr = shorter(found.best.expr, FitRows.of(x, y, names, seed).domain)
    return (
        lambda rows: values(expr, {n: rows[:, k] for k, n in enumerate(names)}),
        operations(expr),
    )


def fit_raw_operon(x: Floats, y: Floats, seed: int) -> tuple[Predict, int]:
    """pyoperon's scikit-learn estimator as it comes, bounded by 9 seconds."""
    from pyoperon.sklearn import SymbolicRegressor

    model = SymbolicRegressor(n_threads=1, random_state=seed, max_time=9)
    model.fit(x, y)
    return (lambda rows: np.asarray(model.predict(rows)).ravel()), int(model.model_.Length)


def fit_gplearn(x: Floats, y: Floats, seed: int) -> tuple[Predict, int]:
    from gplearn.genetic import SymbolicRegressor

    functions = ("add", "sub", "mul", "div", "sqrt", "log", "abs", "sin", "cos")
    model = SymbolicRegressor(function_set=functions, random_state=seed, n_jobs=1)
    model.fit(x, y)
    return (lambda rows: np.asarray(model.predict(rows))), int(model._program.length_)


def fit(engine: str, law: Law, x: Floats, y: Floats, seed: int, jobs: int) -> tuple[Predict, int]:
    match engine:
        case "raw-operon":
            return fit_raw_operon(x, y, seed)
        case "gplearn":
            return fit_gplearn(x, y, seed)
        case _:
            return fit_ours(engine, law, x, y, seed, jobs)


def processor_seconds() -> float:
    """Of this process and of its children that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def measured(engine: str, law: Law, noise: float, seed: int, jobs: int) -> Row:
    """One fit, its processes started and ended with it."""
    x, y = law.sample(seed)
    rng = np.random.default_rng([seed, 99])
    noisy = y + noise * float(np.std(y)) * rng.standard_normal(len(y))
    started, used = time.perf_counter(), processor_seconds()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        predict, size = fit(engine, law, x, noisy, seed, jobs)
        seconds = time.perf_counter() - started
        if jobs > 1:
            get_reusable_executor().shutdown(wait=True)
        cpu = processor_seconds() - used
        beyond, truth = law.sample(seed + 1, 300, BEYOND)
        found = predict(beyond)
    score = float("-inf")
    if np.isfinite(found).all():
        score = 1 - float(np.mean((found - truth) ** 2)) / float(np.var(truth))
    return Row(law.name, engine, score, size, law.operations, seconds, cpu)


def summary(rows: Sequence[Row]) -> str:
    """One line of the table for an engine."""
    good = [row for row in rows if row.recovered]
    size = f"{median(row.size / row.true_size for row in good):.2f}" if good else "-"
    seconds = [row.seconds for row in rows]
    cpu = [row.cpu for row in rows]
    return (
        f"| {rows[0].engine} | {len(good)} of {len(rows)} | {size} | {median(seconds):.1f} | "
        f"{max(seconds):.1f} | {median(cpu):.1f} | {max(cpu):.1f} |"
    )


def section(name: str, noise: float, seed: int, jobs: int, rows: Sequence[Row]) -> str:
    """What was measured on one set of laws with one noise."""
    engines = list(dict.fromkeys(row.engine for row in rows))
    laws = list(dict.fromkeys(row.law for row in rows))
    lines = [
        f"## {name} laws, {noise:.0%} noise",
        "",
        f"Seed {seed}, {jobs} processes.",
        "",
        "| engine | recovered | size | median s | most s | median CPU s | most CPU s |",
        "|---|---|---|---|---|---|---|",
        *(summary([row for row in rows if row.engine == engine]) for engine in engines),
        "",
        "| law | " + " | ".join(engines) + " |",
        "|---" * (len(engines) + 1) + "|",
    ]
    for law in laws:
        cells = [
            f"{row.size} of {row.true_size}, {row.cpu:.1f} s"
            if row.recovered
            else f"missed (R² {max(row.score, -9.99):.4f}), {row.cpu:.1f} s"
            for engine in engines
            for row in rows
            if row.engine == engine and row.law == law
        ]
        lines.append(f"| {law} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def put(path: Path, text: str) -> None:
    """The section into the table, in the place of the one with its heading."""
    now = path.read_text(encoding="utf-8") if path.exists() else INTRODUCTION
    parts = re.split(r"(?m)^(?=## )", now)
    heading = text.splitlines()[0]
    known = [k for k, part in enumerate(parts) if part.startswith(heading + "\n")]
    if known:
        parts[known[0]] = text
    else:
        parts.append(text)
    path.write_text("\n".join(part.rstrip() + "\n" for part in parts), encoding="utf-8")


def present(engine: str) -> bool:
    """Whether an engine can run here; a line says where it cannot."""
    if engine in ("raw-operon", "gplearn"):
        return True
    try:
        chosen_backends(engine)
    except InputError as reason:
        print(f"{engine} is left out: {reason}")
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--laws", nargs="+", default=["textbook"], help="sets, or names of laws")
    parser.add_argument("--noise", type=float, nargs="+", default=[0.0])
    parser.add_argument("--engines", nargs="+", default=["auto"], choices=ENGINES)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2, help="processes of a search")
    parser.add_argument("--table", type=Path, help="the table to put the sections into")
    given = parser.parse_args()
    engines = [engine for engine in given.engines if present(engine)]
    sets = {name: SETS[name] for name in given.laws if name in SETS}
    every = [law for laws in SETS.values() for law in laws]
    if named := tuple(law for law in every if law.name in given.laws):
        sets["chosen"] = named
    for name, laws in sets.items():
        for noise in given.noise:
            rows: list[Row] = []
            for engine in engines:
                for law in laws:
                    rows.append(measured(engine, law, noise, given.seed, given.jobs))
                    print(rows[-1].line(noise), flush=True)
                mine = [row for row in rows if row.engine == engine]
                count = sum(row.recovered for row in mine)
                slowest = max(row.seconds for row in mine)
                print(f"{engine} at {noise:.0%}: {count} of {len(mine)}, at most {slowest:.1f} s\n")
            if given.table is not None:
                put(given.table, section(name.capitalize(), noise, given.seed, given.jobs, rows))


if __name__ == "__main__":
    main()
