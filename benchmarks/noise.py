"""Rules found through wrong labels: how often the exact noise-free rule, and in what time.

    python -m benchmarks.noise [PROBLEM ...] [--rates 0 0.001 0.01 0.05] [--seeds 1] [--out FILE]

Examples are drawn as those of the built-in problem; each label is replaced by another one that
occurs with the given chance, and nothing but these pairs is handed over. A rule is *exact* where it
answers fresh inputs as the problem's oracle does, at the trained and at a larger size. Seconds are
processor time of the whole run, from pairs to certificate; where rate 0 is measured first, it says
how many times the clean one they are. The certificate's status and what it tells of the labels
stand in the last columns.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import deepdistill as dd
from deepdistill.data import catalogue
from deepdistill.data.problem import InputError, Problem

PROBLEMS = (
    *("rule30", "rule90", "rule110", "life", "wireworld", "brians_brain"),
    *("binary_addition", "running_min", "majority_0_1"),
    *("maximum", "touches_border"),
)
RATES = (0.0, 0.001, 0.01, 0.05)
SAMPLES = 600
"""Of problems whose answer is one number."""

FRESH = 40
_LARGER = 3  # times the trained size, of half the fresh inputs

COLUMNS = ("problem", "rate", "seed", "wrong labels", "exact", "seconds", "times", "status", "told")

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: how many labels were wrong, what came out, and how long it took."""

    problem: str
    rate: float
    seed: int
    wrong: int
    exact: bool
    seconds: float
    status: str
    told: str

    def row(self, clean: float) -> tuple[str, ...]:
        times = f"{self.seconds / clean:.1f}" if clean else ""
        exact = "exact" if self.exact else "no"
        return (
            self.problem,
            f"{self.rate:.1%}",
            str(self.seed),
            str(self.wrong),
            exact,
            f"{self.seconds:.1f}",
            times,
            self.status,
            self.told,
        )


def flipped(labels: Labels, rate: float, rng: np.random.Generator) -> Labels:
    """Each label with that chance replaced by another one that occurs."""
    levels = np.unique(labels)
    place = np.searchsorted(levels, labels)
    other = (place + rng.integers(1, len(levels), labels.shape)) % len(levels)
    return np.where(rng.random(labels.shape) < rate, levels[other], labels)


def measured(name: str, rate: float, seed: int) -> Measured:
    """What comes of the examples of a problem where so many labels are wrong."""
    problem = catalogue.find(name)
    rng = np.random.default_rng([seed, 18])
    if not problem.output.axes:  # one label a sample, of which each has to say something
        problem = replace(problem, training_count=SAMPLES * len(problem.training_shapes))
    (examples, *_) = problem.generated(rng)
    if examples.answered is not None:
        examples = examples.take(np.flatnonzero(examples.answered))
    labels = flipped(examples.output, rate, rng)
    axes = " ".join(map(str, problem.inputs[0].axes))
    wrong = int((labels != examples.output).sum())
    start = time.process_time()
    try:
        result = dd.distill(Problem.from_arrays(examples.inputs[0], labels, axes=axes), seed=seed)
    except InputError as error:
        return Measured(name, rate, seed, wrong, False, 0.0, "refused", str(error)[:40])
    seconds = time.process_time() - start
    claim = result.certificate.correct
    noise = None if claim.evidence is None else claim.evidence.noise
    told = "" if noise is None else f"{noise['rate']:.2%}, {noise['looks']}"
    exact = all(answered(result, problem, seed))
    return Measured(name, rate, seed, wrong, exact, seconds, claim.status, told)


def answered(result: dd.Result, problem: Problem, seed: int) -> Iterator[bool]:
    """Whether fresh inputs are answered as the oracle does."""
    rng = np.random.default_rng([seed, 77])
    assert problem.oracle is not None
    for k in range(FRESH):
        shape = problem.training_shapes[0]
        if k % 2:
            free = [axis.size is None for axis in problem.inputs[0].axes]
            shape = tuple(_LARGER * n if f else n for n, f in zip(shape, free, strict=True))
        inputs = problem.draw(rng, shape)
        if problem.promise is not None and not problem.promise(*inputs):
            continue
        try:
            got: Any = result.solve(*(array.tolist() for array in inputs))
        except ValueError:  # a number that no example showed
            yield False
            continue
        yield bool(np.array_equal(np.asarray(got), problem.oracle(*inputs)))


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("problems", nargs="*", default=PROBLEMS, metavar="PROBLEM")
    parser.add_argument("--rates", nargs="*", type=float, default=RATES)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(given)
    measured("rule30", 0.0, 0)  # what is imported on the way is no time of the first problem
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    print("\n".join(lines), flush=True)
    for name in options.problems:
        for seed in range(options.seeds):
            clean = 0.0
            for rate in options.rates:
                one = measured(name, rate, seed)
                clean = one.seconds if not rate else clean
                lines.append("| " + " | ".join(one.row(clean)) + " |")
                print(lines[-1], flush=True)
    if options.out is not None:
        options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
