"""How the time of each solver of the gallery grows: ``python -m benchmarks.growth [NAME...]``.

The input of a solver is doubled until it takes 0.3 seconds; drawn inputs, one value
everywhere and numbers in order are tried, and the slowest counts. Printed are the exponent over the
last three doublings (1 for n, about 1.1 for n log n, 2 for n^2; processor time, best of three runs
each) and what the certificate says. The exit status is 1 where a solver grows faster than n log n.
Formulas take numbers, condensed networks one size, and the driver of MAX-SAT is a search with a
budget: these have nothing to double. Answers that are integers of ever more digits take the time
that their digits take.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from math import log2
from pathlib import Path
from typing import Any

import numpy as np

from deepdistill.data.problem import Problem
from deepdistill.run import named_task
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.solver import load_solver

OUTPUTS = Path(__file__).resolve().parent.parent / "outputs"
ENOUGH = 0.3  # seconds
MOST = 2**20  # numbers
DOUBLINGS = 3  # that the exponent is told from
FASTEST = 1.35
"""The exponent of n log n as far as such inputs tell it, with what caches and other work add."""
SEED = 0


def inputs(problem: Problem, count: int) -> Iterator[list[Any]]:
    """Arguments of about so many numbers: drawn, all alike, in order."""
    rng = np.random.default_rng([SEED, count])
    axes = problem.inputs[0].axes
    side = max(1, round(count ** (1 / sum(axis.size is None for axis in axes))))
    shape = tuple(axis.size or side for axis in axes)
    rest: list[Any] = []
    with suppress(ValueError):  # some draw different numbers, of which there are not so many
        drawn = [array.tolist() for array in problem.draw(rng, shape)]
        rest = drawn[1:]
        yield drawn
    domain = problem.inputs[0].domain
    yield [np.full(shape, domain.low).tolist(), *rest]
    ordered = domain.low + np.arange(np.prod(shape)) % len(domain)
    yield [np.sort(ordered).reshape(shape).tolist(), *rest]


def seconds(solve: Callable[..., Any], arguments: Sequence[Any]) -> float:
    """The best of three runs; a refusal is an answer."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        with suppress(ValueError):
            solve(*arguments)
        best = min(best, time.process_time() - start)
    return best


def has_long_numbers(answer: Any) -> bool:
    """Whether an answer holds integers of many digits, which take longer the longer they are."""
    if isinstance(answer, list):
        return any(map(has_long_numbers, answer[-2:]))
    return isinstance(answer, int) and abs(answer) >= 2**64


def exponent(solve: Callable[..., Any], problem: Problem) -> tuple[int, float, float]:
    """The largest input in numbers, its seconds, and the exponent over the last doublings."""
    count, taken = 1024, []
    while True:
        taken.append(max(seconds(solve, arguments) for arguments in inputs(problem, count)))
        if len(taken) > DOUBLINGS and (taken[-1] > ENOUGH or 2 * count > MOST):
            return count, taken[-1], log2(taken[-1] / taken[-1 - DOUBLINGS]) / DOUBLINGS
        count *= 2


def main(names: Sequence[str]) -> int:
    results = names or sorted(path.name for path in OUTPUTS.iterdir() if path.is_dir())
    print(f"seed {SEED}; numbers, seconds, exponent, certificate")
    slow = []
    for name in results:
        certificate = Certificate.read(OUTPUTS / name / "certificate.json")
        problem = named_task(name)
        if not isinstance(problem, Problem) or not certificate.growth:
            continue
        solve = load_solver((OUTPUTS / name / "solver.py").read_bytes(), name)
        count, taken, found = exponent(solve, problem)
        long = has_long_numbers(solve(*next(inputs(problem, 1024))))
        told = f"{certificate.growth}{', of ever longer numbers' if long else ''}"
        print(f"{name:24} {count:>9,} {taken:7.3f} s {found:5.2f}  {told}", flush=True)
        if found > FASTEST and not long:
            slow.append(name)
    print(f"{len(slow)} grow faster than n log n{': ' if slow else ''}{', '.join(slow)}")
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
