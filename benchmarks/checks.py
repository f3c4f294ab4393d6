"""How long solvers check their input: ``python -m benchmarks.checks [NAME ...]``.

One line for each solver of the gallery, on inputs of 10^5 numbers or, where an answer takes longer
than a second, of so many fewer: nanoseconds a number of its own check, of the quickest one that the
standard library allows (hand-written here, each tried on every input), their ratio, and the check's
share of the whole call. The aim is a ratio of at most 1.2, or a share of at most 15 %. All three
are the least of several runs that take turns, in processor time; inputs are drawn with ``--seed``.
A formula has a few numbers a call: what counts there is a call on one row, and its check is what a
call that computes nothing takes longer with it. (By two calls of the formula itself the same check
comes out up to a fifth slower where the formula is long: 1.13 to 1.25 in place of 0.97 to 1.02.)
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from deepdistill.data import catalogue
from deepdistill.data.laws import Law
from deepdistill.data.problem import Problem
from deepdistill.ir.types import Port
from deepdistill.verify.solver import load_solver

OUTPUTS = Path(__file__).resolve().parents[1] / "outputs"
NUMBERS = 100_000
LONGEST = 1.0  # seconds of one answer
RATIO, SHARE = 1.2, 0.15
ROUNDS = 25
TRIES = 3  # of a solver above both limits: the processor may have been busy


@dataclass(frozen=True, slots=True)
class Line:
    """What was measured of one solver: seconds, and of how many numbers."""

    name: str
    numbers: int
    check: float
    quickest: float
    whole: float

    @property
    def ratio(self) -> float:
        return self.check / self.quickest

    @property
    def share(self) -> float:
        return self.check / self.whole

    @property
    def good(self) -> bool:
        return self.ratio <= RATIO or self.share <= SHARE

    def __str__(self) -> str:
        check, quickest = (1e9 * seconds / self.numbers for seconds in (self.check, self.quickest))
        told = f"{self.name:26}{self.numbers:9,}{check:9.1f}{quickest:10.1f}{self.ratio:8.2f}"
        return f"{told}{self.share:8.0%}{'' if self.good else '  too slow'}"


HEADER = f"{'solver':26}{'numbers':>9}{'check':>9}{'quickest':>10}{'ratio':>8}{'share':>8}"


# ------------------------------------------------------------------ the quickest checks


def _rows_are_bytes(rows: list[list[int]], low: int, high: int) -> bool:
    """Row by row: types by set, values by what is left of bytes."""
    allowed, width = bytes(range(low, high + 1)), len(rows[0])
    for row in rows:
        if type(row) is not list or len(row) != width or set(map(type, row)) != {int}:
            return False
        if bytes(row).translate(None, allowed):
            return False
    return True


def _rows_are_counted(rows: list[list[int]], low: int, high: int) -> bool:
    """The same with types by counting."""
    allowed, width = bytes(range(low, high + 1)), len(rows[0])
    for row in rows:
        if type(row) is not list or len(row) != width:
            return False
        if list(map(type, row)).count(int) != width or bytes(row).translate(None, allowed):
            return False
    return True


def _rows_have_extremes(rows: list[list[int]], low: int, high: int) -> bool:
    """Row by row: types by set, values by the least and the largest."""
    width = len(rows[0])
    for row in rows:
        if type(row) is not list or len(row) != width or set(map(type, row)) != {int}:
            return False
        if min(row) < low or max(row) > high:
            return False
    return True


def _all_are_bytes(rows: list[list[int]], low: int, high: int) -> bool:
    """All rows in one list: types by counting, values by what is left of bytes."""
    if set(map(type, rows)) != {list} or len(set(map(len, rows))) != 1:
        return False
    numbers = list(chain.from_iterable(rows)) if len(rows) > 1 else rows[0]
    if list(map(type, numbers)).count(int) != len(numbers):
        return False
    return not bytes(numbers).translate(None, bytes(range(low, high + 1)))


def _all_have_extremes(rows: list[list[int]], low: int, high: int) -> bool:
    """All rows in one list: types by counting, values by the least and the largest."""
    if set(map(type, rows)) != {list} or len(set(map(len, rows))) != 1:
        return False
    numbers = list(chain.from_iterable(rows)) if len(rows) > 1 else rows[0]
    if list(map(type, numbers)).count(int) != len(numbers):
        return False
    return low <= min(numbers) and max(numbers) <= high


def _all_are_among(rows: list[list[int]], low: int, high: int) -> bool:
    """All rows in one list: types by set, values by set."""
    if set(map(type, rows)) != {list} or len(set(map(len, rows))) != 1:
        return False
    numbers = list(chain.from_iterable(rows)) if len(rows) > 1 else rows[0]
    return set(map(type, numbers)) == {int} and set(numbers) <= set(range(low, high + 1))


Check = Callable[[list[list[int]], int, int], bool]
OF_BYTES: tuple[Check, ...] = (_rows_are_bytes, _rows_are_counted, _all_are_bytes)
OF_NUMBERS: tuple[Check, ...] = (_rows_have_extremes, _all_have_extremes, _all_are_among)


def quickest(ports: Sequence[Port], arguments: Sequence[Any]) -> list[Callable[[], bool]]:
    """Checks of all arguments, each in one way."""
    fit = all(port.domain.low >= 0 and port.domain.high < 256 for port in ports)

    def calls(check: Check) -> Callable[[], bool]:
        given = [
            (array if len(port.axes) > 1 else [array], port.domain.low, port.domain.high)
            for port, array in zip(ports, arguments, strict=True)
        ]
        return lambda: all([check(*one) for one in given])

    return [calls(check) for check in (*(OF_BYTES if fit else ()), *OF_NUMBERS)]


def _clauses_are_good(clauses: list[list[int]], weights: list[int | None]) -> bool:
    """Literals by set, costs by types; what they are made of is looked at together."""
    used = set().union(*clauses)
    if set(map(type, used)) != {int} or 0 in used or max(used) > 5 * 10**6:
        return False
    costs = [cost for cost in set(weights) if cost is not None]
    return set(map(type, weights)) <= {int, NoneType} and min(costs) >= 0


def _row_is_finite(row: Sequence[float]) -> bool:
    return set(map(type, row)) <= {int, float} and all(map(math.isfinite, row))


# ------------------------------------------------------------------ measuring


def least(*calls: Callable[[], Any], repeat: int = 1) -> list[float]:
    """Seconds of each call, the least of several rounds in which they take turns."""
    best = [math.inf] * len(calls)
    for _ in range(ROUNDS):
        for k, call in enumerate(calls):
            start = time.process_time()
            for _ in range(repeat):
                call()
            best[k] = min(best[k], (time.process_time() - start) / repeat)
    return best


def measured(name: str, solver: dict[str, Any], seed: int) -> Line:
    """One line of the table."""
    if (law := catalogue.find_law(name)) is not None:
        return _of_row(law, solver, seed)
    problem, rng = catalogue.find(name), np.random.default_rng(seed)
    if problem.driver:
        return _of_clauses(name, solver, rng)
    numbers = 1000
    while True:
        arguments = drawn(problem, rng, numbers)
        start = time.process_time()
        solver["solve"](*arguments)
        whole = time.process_time() - start
        if numbers >= NUMBERS or whole > LONGEST / 10:
            break
        numbers = min(4 * numbers, NUMBERS)
    checks = quickest(problem.inputs, arguments)
    assert all(check() for check in checks), name
    own, *others = least(lambda: solver["_check"](*arguments), *checks)
    if whole < LONGEST / 10:
        (whole,) = least(lambda: solver["solve"](*arguments))
    return Line(name, sum(np.size(array) for array in arguments), own, min(others), whole)


def drawn(problem: Problem, rng: np.random.Generator, numbers: int) -> tuple[Any, ...]:
    """Arguments with about so many numbers, as nested lists."""
    first = next(port for port in problem.inputs if not port.is_fixed)
    free = [axis for axis in first.axes if axis.size is None]
    fixed = math.prod(axis.size or 1 for axis in first.axes)
    side = round((numbers / fixed) ** (1 / len(free)))
    shape = tuple(axis.size or side for axis in first.axes)
    try:
        arrays = problem.draw(rng, shape)
    except ValueError:  # there are not so many different numbers
        problem = replace(problem, sampler=None)
        arrays = problem.draw(rng, shape)
    while problem.promise is not None and not problem.promise(*arrays):
        arrays = problem.draw(rng, shape)
    return tuple(array.tolist() for array in arrays)


def _of_clauses(name: str, solver: dict[str, Any], rng: np.random.Generator) -> Line:
    """Three literals a clause, four clauses a variable; the share is that of the whole search."""
    count = NUMBERS // 30
    literals = rng.integers(1, count + 1, (4 * count, 3)) * rng.choice([-1, 1], (4 * count, 3))
    clauses, weights = literals.tolist(), rng.integers(0, 9, 4 * count).tolist()
    start = time.process_time()
    solver["solve"](clauses, weights)
    whole = time.process_time() - start
    own, other = least(
        lambda: solver["_check"](clauses, weights), lambda: _clauses_are_good(clauses, weights)
    )
    return Line(name, 3 * len(clauses) + len(weights), own, other, whole)


def _of_row(law: Law, solver: dict[str, Any], seed: int) -> Line:
    table = law.table(seed)
    columns = dict(zip(table.titles, table.x[0].tolist(), strict=True))
    row = tuple(columns[title] for title in solver["NAMES"])

    def nothing(*_: float) -> float:
        return 1.0

    guarded = solver["_guarded"](nothing)
    alone, own, other, whole = least(
        lambda: nothing(*row),
        lambda: guarded(*row),
        lambda: _row_is_finite(row),
        lambda: solver["solve"](*row),
        repeat=2000,
    )
    return Line(law.name, len(row), max(0.0, own - alone), other, whole)


def lines(folder: Path, names: Sequence[str], seed: int) -> Iterator[Line]:
    for name in names:
        solve = load_solver((folder / name / "solver.py").read_bytes(), name)
        tries = (measured(name, solve.__globals__, seed) for _ in range(TRIES))
        line = next(tries)
        while not line.good and (another := next(tries, None)):
            line = another
        yield line


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="solvers (default: all)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=OUTPUTS, help="another gallery")
    arguments = parser.parse_args()
    found = sorted(path.parent.name for path in arguments.out.glob("*/solver.py"))
    names = arguments.names or found
    print(f"seed {arguments.seed}; Python {sys.version.split()[0]}; nanoseconds a number")
    print(HEADER)
    slow = 0
    for line in lines(arguments.out, names, arguments.seed):
        print(line, flush=True)
        slow += not line.good
    print(f"{slow} of {len(names)} above both limits: ratio {RATIO}, share {SHARE:.0%}")
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
