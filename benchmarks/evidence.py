"""Does a certificate say what the data bear? Hundreds of tasks, each with an oracle of its own.

    python -m benchmarks.evidence [--tasks 400] [--seed 0] [--jobs 2] [--kind set,grid]
    python -m benchmarks.evidence --log FILE --minutes 5     # goes on where FILE ends
    python -m benchmarks.evidence --only set:17              # one task, with all that is known

Lists, pictures, grids, sequences, tables and modules of torch: few samples, rare patterns, random
and flipped labels, one size, gaps, unseen values, outliers. What a task shows is handed over as a
user would, and no oracle with it; fresh inputs drawn like those shown are then judged by it:

- right: no claim failed, and no fresh answer is wrong;
- refused: a claim failed, or the input was refused in a sentence, or time ran out;
- disclosed: no claim failed, some fresh answers are wrong, and their share is within the bound. Of
  a network: all that differ are ties within rounding, of which the certificate speaks;
- silently wrong: neither. Also where answers at other sizes, to other values or to patterns that
  were rare are wrong and no sentence on what is not known speaks of such a thing.

An answer that the solver refuses is not wrong, and not right.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal, get_args

import numpy as np

import deepdistill as dd
from benchmarks.evidence_local import GRID_FAMILIES, SEQUENCE_FAMILIES
from benchmarks.evidence_models import MODULE_FAMILIES, TABLE_FAMILIES, module_task, table_task
from benchmarks.evidence_tasks import LIST_FAMILIES, PICTURE_FAMILIES, Array, Rng, Task, from_arrays
from deepdistill.data.parallel import mapped

Verdict = Literal["right", "refused", "disclosed", "silently wrong", "crashed"]

SHARES = {"set": 30, "picture": 15, "grid": 20, "sequence": 15, "table": 11, "module": 9}
"""How many of a hundred tasks are of each kind."""

FEWEST_SAMPLES, FEWEST_UNITS = 2_000, 20_000  # fresh ones like those shown
_ELSEWHERE = 200  # fresh ones of each other sort
_LONGEST = 40  # numbers that are printed
_TIE = 1e-9  # a margin that the order of a sum decides

_PATTERNS = ("pattern", "window", "transition", "no example shows")
_WORDS = {
    "size": ("size", "steps", "length", *_PATTERNS),
    "values": ("value", "limit", "no example shows", "a meaning of its own"),
    "patterns": _PATTERNS,
}
"""An unknown that covers an error speaks of one of these."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task; ``error`` is the share of ``units`` fresh answers that are wrong."""

    name: str
    title: str
    verdict: Verdict
    why: str
    seconds: float
    shown: int
    bound: float | None = None
    error: float = 0.0
    units: int = 0
    random: bool = False

    @property
    def kind(self) -> str:
        return self.name.split(":")[0]

    @property
    def bounded(self) -> bool:
        """Whether it counts for how often bounds hold."""
        return self.bound is not None and not self.random and self.verdict != "refused"

    def line(self) -> str:
        bound = "" if self.bound is None else f", bound {self.bound:g}, error {self.error:.4g}"
        words = f"{self.name} ({self.title}): {self.verdict}{bound}; {self.why}"
        return f"{words} [{self.seconds:.1f} s]"


@dataclass(slots=True)
class Measured:
    """Fresh answers: units, those other than the truth, other than a label, and refused inputs."""

    units: int = 0
    untrue: int = 0
    wrong: int = 0
    refused: int = 0
    ties: int = 0
    first: str = ""


def make(kind: str, number: int, seed: int) -> Task:
    """The task of that kind and number."""
    rng = np.random.default_rng([seed, list(SHARES).index(kind), number])
    arrays = {
        "set": LIST_FAMILIES,
        "picture": PICTURE_FAMILIES,
        "grid": GRID_FAMILIES,
        "sequence": SEQUENCE_FAMILIES,
    }
    if kind in arrays:
        families = arrays[kind]
        return from_arrays(kind, number, families[number % len(families)](rng), rng)
    if kind == "table":
        return table_task(kind, number, TABLE_FAMILIES[number % len(TABLE_FAMILIES)], rng)
    return module_task(kind, number, MODULE_FAMILIES[number % len(MODULE_FAMILIES)], rng)


def measured(task: Task, result: Any, inputs: Iterable[Array], unit: str, rng: Rng) -> Measured:
    """The solver's answers to fresh inputs against the truth, unit by unit."""
    found = Measured()
    evidence = result.certificate.correct.evidence
    tolerance = None if evidence is None else evidence.tolerance
    for x in inputs:
        true = np.asarray(task.truth(x))
        label = np.asarray(true if task.noise is None else task.noise(rng, true))
        count = {"cell": true.size, "step": len(true) if true.ndim else 1}.get(unit, 1)
        found.units += count
        try:
            got = np.asarray(task.answer(result, x))
        except ValueError as refusal:
            found.refused += 1
            found.first = found.first or f"{x.tolist()} is refused: {refusal}"
            continue
        untrue = _different(true, got, task.right, unit, count)
        found.untrue += untrue
        found.wrong += _different(
            label, got, task.right if tolerance is None else tolerance, unit, count
        )
        if untrue:
            found.ties += task.margin is not None and task.margin(x) < _TIE
            found.first = found.first or _difference(x, true, got)
    return found


def _difference(x: Array, true: Array, got: Array) -> str:
    long = x.size > _LONGEST
    where = f"an input of {x.shape}" if long else str(x.tolist())
    return f"{where} is another one" if long else f"{where} is {true.tolist()}, not {got.tolist()}"


def _different(label: Array, got: Array, tolerance: float, unit: str, count: int) -> int:
    """In how many units two answers differ."""
    if got.shape != label.shape:
        return count
    apart = ~(abs(got - label) <= tolerance) if tolerance else got != label
    return int(apart.reshape(count, -1).any(axis=1).sum())


def judged(task: Task, result: Any, seed: int) -> tuple[Verdict, str, Measured]:
    """What an unrefuted result is worth: the verdict, why, and what was measured."""
    evidence = result.certificate.correct.evidence
    unit = "sample" if evidence is None else evidence.unit
    rng = np.random.default_rng([seed, task.number, 99])
    (one,) = task.draw(rng, 1)
    true = np.asarray(task.truth(one))
    each = {"cell": true.size, "step": len(true) if true.ndim else 1}.get(unit, 1)
    inputs = task.draw(rng, max(FEWEST_SAMPLES, -(-FEWEST_UNITS // each)))
    found = measured(task, result, inputs, unit, rng)
    if evidence is None:
        told = "ties within rounding" in result.certificate.faithful.note
        if found.untrue > (found.ties if told else 0):
            return "silently wrong", f"and no bound: {found.first}", found
    elif (found.untrue or found.refused) and found.wrong > evidence.bound * found.units:
        return "silently wrong", f"beyond the bound: {found.first}", found
    unknown = " ".join(() if evidence is None else evidence.unknown)
    for other in task.elsewhere:
        found_there = measured(task, result, other.draw(rng, _ELSEWHERE), unit, rng)
        if found_there.untrue and not any(word in unknown for word in _WORDS[other.topic]):
            return "silently wrong", f"at other {other.topic}: {found_there.first}", found
    if found.untrue or found.refused:
        return "disclosed", found.first, found
    return "right", "", found


def run_task(name: str, seed: int, seconds: float, show: bool = False) -> Outcome:
    """Learn one task and judge what was learned."""
    kind, number = name.split(":")
    task = make(kind, int(number), seed)
    start = time.perf_counter()

    def outcome(verdict: Verdict, why: str, found: Measured | None = None) -> Outcome:
        known, random = found or Measured(), task.random
        spent = round(time.perf_counter() - start, 1)
        error = known.wrong / known.units if known.units else 0.0
        return Outcome(
            name, task.title, verdict, why, spent, task.shown, bound, error, known.units, random
        )

    bound = None
    with _alarm(5 * seconds):
        try:
            result = task.learn(seconds)
            claims = result.certificate
            bound = None if claims.correct.evidence is None else claims.correct.evidence.bound
            if show:
                print(result.code, *claims.sentences(), sep="\n")
            if not claims.ok:
                failed = [s for s in claims.sentences() if "(failed)" in s]
                return outcome("refused", failed[0][:300])
            return outcome(*judged(task, result, seed))
        except (dd.InputError, dd.CutOff) as refusal:
            return outcome("refused", str(refusal)[:300])
        except _Over:
            return outcome("refused", "the time is over")
        except Exception:
            return outcome("crashed", traceback.format_exc()[-600:])


class _Over(BaseException):
    """The time is over; no ``except Exception`` on the way hides it."""


class _alarm:
    """Raise :class:`_Over` in the main thread after so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, _over)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def __exit__(self, *problem: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _over(*_: object) -> None:
    raise _Over


def names_of(tasks: int, kinds: Sequence[str]) -> list[str]:
    """The tasks, kinds in turn, so that a part of them is of all kinds."""
    counts = {kind: -(-tasks * share // 100) for kind, share in SHARES.items() if kind in kinds}
    found = [(k / count, kind, k) for kind, count in counts.items() for k in range(count)]
    return [f"{kind}:{k}" for _, kind, k in sorted(found)]


def summary(outcomes: Sequence[Outcome]) -> str:
    """The table by kind, the two figures on bounds, and every task that went wrong."""
    verdicts: tuple[Verdict, ...] = get_args(Verdict)
    lines = [f"| kind | tasks | {' | '.join(verdicts)} |", "| --- |" + " ---: |" * 6]
    for kind in [*SHARES, "all"]:
        some = [one for one in outcomes if kind in (one.kind, "all")]
        counts = [sum(one.verdict == verdict for one in some) for verdict in verdicts]
        if some:
            lines.append(f"| {kind} | {len(some)} | {' | '.join(map(str, counts))} |")
    known = [one for one in outcomes if one.bounded]
    if known:
        held = sum(one.error <= one.bound for one in known if one.bound is not None)
        words = f"{held} of {len(known)} bounds hold ({held / len(known):.1%})"
        many = [one.bound for one in known if one.shown >= 295 and one.bound is not None]
        if many:
            words += f"; the median of {len(many)} where 300 samples were shown: {median(many):.2%}"
        lines += ["", words]
    bad = [one for one in outcomes if one.verdict in ("silently wrong", "crashed")]
    return "\n".join([*lines, "", *(one.line() for one in bad)])


def _read(log: Path | None) -> list[Outcome]:
    if log is None or not log.exists():
        return []
    return [Outcome(**json.loads(line)) for line in log.read_text().splitlines()]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--kind", default=",".join(SHARES), help=f"some of {', '.join(SHARES)}")
    parser.add_argument("--only", action="append", metavar="KIND:NUMBER")
    parser.add_argument("--time-limit", type=float, default=60, help="seconds of a search")
    parser.add_argument("--minutes", type=float, default=np.inf, help="begin no task after them")
    parser.add_argument("--log", type=Path, help="outcomes so far; tasks in it are not done again")
    options = parser.parse_args(arguments)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    kinds = options.kind.split(",")
    if unknown := [kind for kind in kinds if kind not in SHARES]:
        parser.error(f"there is no kind {unknown[0]!r}: choose from {', '.join(SHARES)}")
    done = [] if options.only else _read(options.log)
    left = options.only or names_of(options.tasks, kinds)
    left = [name for name in left if name not in {one.name for one in done}]
    end = time.monotonic() + 60 * options.minutes

    def arrived(outcome: Outcome) -> None:
        print(outcome.line(), file=sys.stderr, flush=True)
        done.append(outcome)
        if options.log is not None:
            with options.log.open("a") as file:
                file.write(json.dumps(asdict(outcome)) + "\n")

    while left and time.monotonic() < end:
        now, left = left[: options.jobs], left[options.jobs :]
        tasks = [(name, options.seed, options.time_limit, bool(options.only)) for name in now]
        mapped(run_task, tasks, options.jobs, arrived)
    print(summary([one for one in done if one.kind in kinds]))
    return int(any(one.verdict in ("silently wrong", "crashed") for one in done))


if __name__ == "__main__":
    from benchmarks import evidence  # by its name, for the workers know no __main__

    sys.exit(evidence.main())
