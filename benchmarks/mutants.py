"""The mutation score of ``verify``: ``python -m benchmarks.mutants --jobs 3``.

Each problem of the gallery, a few of the 256 elementary rules and a few formulas: mutants of the
solver's source, of the program and of the network are drawn with a seed and put before the judge
(``tests/mutant_trials.py`` says how). Those that it lets pass are proved equal, equal as far as
thousands of inputs tell, or survivors: defects of the judge, and exit status 1.
Writes ``mutants.md``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_args

from deepdistill.data import catalogue
from deepdistill.data.parallel import unordered
from deepdistill.forms import form_of_task

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parent / "tests"))

from mutant_formulas import (  # type: ignore[import-not-found]  # noqa: E402
    FORMULAS,
    formula_outcome,
    law,
)
from mutant_trials import (  # type: ignore[import-not-found]  # noqa: E402
    OUTPUTS,
    Outcome,
    mutants_of,
    outcome,
    subject,
)
from mutants import (  # type: ignore[import-not-found]  # noqa: E402
    chosen,
    source_mutants,
)

TABLE = HERE / "mutants.md"
RULES = tuple(f"rule{k}" for k in (22, 45, 54, 73, 105, 150))
COUNTS = {"solver": 26, "program": 6, "network": 4}
"""How many mutants of each kind are drawn for a problem."""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
Row = dict[str, Any]


def trial(name: str, seed: int, scale: float) -> list[Row]:
    """One row for each kind of mutant of a problem."""
    rows = []
    for number, (kind, count) in enumerate(COUNTS.items()):
        start = time.process_time()
        one = subject(name)
        found: Counter[str] = Counter()
        passed = []
        sample = chosen(mutants_of(one, kind), round(count * scale), seed + 10 * number)
        for mutant in sample:
            end = outcome(one, kind, mutant)
            found[end] += 1
            if end != "rejected":
                passed.append([end, mutant.change])
        family = "elementary rules" if name in RULES else form_of_task(one.problem).name
        rows.append(_row(name, family, kind, found, passed, time.process_time() - start))
    return rows


def formula_trial(name: str, seed: int, scale: float) -> list[Row]:
    """The row of a formula: its solver is made from nothing else."""
    one = law(name)
    found: Counter[str] = Counter()
    passed, start = [], time.process_time()
    sample = chosen(list(source_mutants(one.source)), round(COUNTS["solver"] * scale), seed)
    for mutant in sample:
        end = formula_outcome(one, mutant)
        found[end] += 1
        if end != "rejected":
            passed.append([end, mutant.change])
    spent = time.process_time() - start
    return [_row(name, "formulas", "solver", found, passed, spent)]


def _row(
    name: str, family: str, kind: str, found: Counter[str], passed: list[Any], spent: float
) -> Row:
    row = {"name": name, "family": family, "kind": kind, "seconds": spent, "passed": passed}
    return {**row, **{end: found[end] for end in OUTCOMES}}


def table(rows: Iterable[Row], seed: int) -> str:
    """The committed table, without times, which differ from machine to machine."""
    rows = sorted(rows, key=lambda row: (row["family"], row["kind"], row["name"]))
    families = list(dict.fromkeys((row["family"], row["kind"]) for row in rows))
    total = sum(row[end] for row in rows for end in OUTCOMES)
    equal = sum(row[end] for row in rows for end in OUTCOMES[1:3])
    survived = sum(row["survived"] for row in rows)
    score = 100 * (total - equal - survived) / max(1, total - equal)
    lines = [
        "# Mutation score of `verify`",
        "",
        f"Written by `python -m benchmarks.mutants --seed {seed}`: {total:,} mutants of "
        f"{len({row['name'] for row in rows})} results.",
        f"Of the {total - equal:,} that are not equal to the original, as far as can be told, "
        f"{score:.1f} % are rejected.",
        "",
        "*Proved equal*: the same instructions, or a proof for all inputs by "
        "`deepdistill/verify/proof`. *Equal as far as tested*: the same answers and refusals on",
        "thousands of inputs: all small ones, ties, extremes, large sizes, bad values and sizes.",
        "A changed network is rejected, too, where it gives another program than the solver's.",
        "",
        "| form | mutants of the | mutants | rejected | proved equal | equal as far as tested |"
        " survived |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for family, kind in families:
        own = [row for row in rows if (row["family"], row["kind"]) == (family, kind)]
        lines.append(_line(family, kind, own))
    lines.append(_line("**all**", "", rows))
    survivors = [
        f"- {row['name']}, {row['kind']}: {change}"
        for row in rows
        for end, change in row["passed"]
        if end == "survived"
    ]
    return "\n".join([*lines, "", *(["Survivors:", "", *survivors, ""] if survivors else [])])


def _line(family: str, kind: str, rows: Iterable[Row]) -> str:
    sums = [sum(row[end] for row in rows) for end in OUTCOMES]
    return f"| {family} | {kind} | " + " | ".join(f"{n:,}" for n in (sum(sums), *sums)) + " |"


def _tried(
    how: Callable[[str, int, float], list[Row]], name: str, seed: int, scale: float
) -> list[Row]:
    return how(name, seed, scale)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="problems; the whole gallery by default")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of mutants")
    parser.add_argument("--raw", type=Path, help="JSON file of rows: kept, and done ones skipped")
    parser.add_argument("--out", type=Path, default=TABLE, help="the file of the table")
    options = parser.parse_args()
    gallery = sorted(path.name for path in OUTPUTS.iterdir() if path.is_dir())
    names = options.names or [*gallery, *RULES, *(formula.name for formula in FORMULAS)]
    laws = {one.name for one in (*catalogue.laws(), *FORMULAS)}
    rows: list[Row] = []
    if options.raw is not None and options.raw.exists():
        rows = json.loads(options.raw.read_text())
    done = {row["name"] for row in rows}
    waiting = [
        (formula_trial if name in laws else trial, name, options.seed, options.scale)
        for name in names
        if name not in done
    ]
    for _, found in unordered(_tried, waiting, options.jobs):
        rows += found
        for row in found:
            print(json.dumps(row), flush=True)
        if options.raw is not None:
            options.raw.write_text(json.dumps(rows))
    if not options.names:
        options.out.write_text(table(rows, options.seed))
        print(options.out.read_text())
    return int(any(row["survived"] for row in rows))


if __name__ == "__main__":
    from benchmarks import mutants  # by its name, for the workers know no __main__

    sys.exit(mutants.main())
