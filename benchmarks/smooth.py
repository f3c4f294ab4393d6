"""Laws found again: ``python -m benchmarks.smooth --noise 0 0.01 --engines auto --laws other``.

Textbook laws (``problems/smooth.py``) or 28 other ones (``benchmarks/laws.py``), each engine on
the same rows. Recovered means a coefficient of determination above 0.9999 on rows outside the
sampled ranges.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.laws import LAWS as OTHER_LAWS
from deepdistill.law import Floats, Law
from deepdistill.symbolic.arrays import operations, values
from deepdistill.symbolic.choose import chosen_backends, search
from problems.smooth import LAWS as TEXTBOOK_LAWS

BEYOND = 0.5  # of the range, upwards
RECOVERED = 0.9999
ENGINES = ("auto", "sparse", "operon", "raw-operon", "gplearn", "pysr")
Predict = Callable[[Floats], Floats]


def fit_ours(engine: str, law: Law, x: Floats, y: Floats, seed: int) -> tuple[Predict, int]:
    names = [column.name for column in law.columns]
    found = search(x, y, names, backends=chosen_backends(engine)[0], seed=seed)
    return (
        lambda rows: values(found.best.expr, {n: rows[:, k] for k, n in enumerate(names)}),
        operations(found.best.expr),
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


def fit(engine: str, law: Law, x: Floats, y: Floats, seed: int) -> tuple[Predict, int]:
    match engine:
        case "raw-operon":
            return fit_raw_operon(x, y, seed)
        case "gplearn":
            return fit_gplearn(x, y, seed)
        case _:
            return fit_ours(engine, law, x, y, seed)


def measured(engine: str, law: Law, noise: float, seed: int) -> dict[str, Any]:
    """One fit: the score outside the sampled ranges, size and seconds."""
    x, y = law.sample(seed)
    rng = np.random.default_rng([seed, 99])
    noisy = y + noise * float(np.std(y)) * rng.standard_normal(len(y))
    started, used = time.perf_counter(), time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        predict, size = fit(engine, law, x, noisy, seed)
        wall, cpu = time.perf_counter() - started, time.process_time() - used
        beyond, truth = law.sample(seed + 1, 300, BEYOND)
        found = predict(beyond)
    score = -np.inf
    if np.isfinite(found).all():
        score = 1 - float(np.mean((found - truth) ** 2)) / float(np.var(truth))
    return {
        "score": score,
        "recovered": score > RECOVERED,
        "size": size,
        "seconds": wall,
        "cpu": cpu,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--laws", default="textbook", help="textbook, other, or names with commas")
    parser.add_argument("--noise", type=float, nargs="+", default=[0.0])
    parser.add_argument("--engines", nargs="+", default=["auto"], choices=ENGINES)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    smooth = tuple(law for law in TEXTBOOK_LAWS if not law.regimes)
    sets = {"textbook": smooth, "other": OTHER_LAWS}
    wanted = given.laws.split(",")
    laws = sets.get(given.laws) or tuple(
        law for law in (*TEXTBOOK_LAWS, *OTHER_LAWS) if law.name in wanted
    )
    for noise in given.noise:
        for engine in given.engines:
            rows = []
            for law in laws:
                row = measured(engine, law, noise, given.seed)
                rows.append(row)
                print(
                    f"{engine:10} {noise:4.0%} {law.name:18} "
                    f"{'recovered' if row['recovered'] else '-':10} R2 {row['score']:9.6f} "
                    f"operations {row['size']:3} of {law.operations:2} "
                    f"{row['seconds']:6.1f} s ({row['cpu']:.1f} s CPU)",
                    flush=True,
                )
            count = sum(row["recovered"] for row in rows)
            slowest = max(row["seconds"] for row in rows)
            print(f"{engine} at {noise:.0%}: {count} of {len(rows)}, at most {slowest:.1f} s\n")


if __name__ == "__main__":
    main()
