"""Regenerate the committed gallery: ``python benchmarks/gallery.py [--jobs 2] [--out outputs]``.

One folder for each named problem and each law whose formula is certified, and ``elementary.csv``
with one line for each of the 256 elementary rules: its cell expression, the Python ast nodes of
that, and the certificate's claims; ``index.html`` leads to the report of each. Seed 0 throughout;
the same bytes every time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from pathlib import Path

import deepdistill as dd
from deepdistill.command.reporting import write_gallery
from deepdistill.data import catalogue
from deepdistill.data.parallel import mapped

ELEMENTARY = "elementary.csv"
HEADER = "rule,nodes,faithful,scalable,correct,cell\n"


def elementary_line(number: int) -> str:
    """Distill one elementary rule; its line in the table."""
    from deepdistill.ir.program import Map
    from deepdistill.target.python import nodes
    from deepdistill.target.source import expression

    result = dd.distill(f"eca_{number}")
    (rule,) = result.program.body
    assert isinstance(rule, Map)
    claims = [claim.status for claim in result.certificate.claims.values()]
    cell = expression(rule.value, result.program)
    return f'{number},{nodes(cell)},{",".join(claims)},"{cell}"\n'


def elementary_table(numbers: Iterable[int], jobs: int) -> list[str]:
    """The lines of the table, in the order of the numbers."""
    return mapped(elementary_line, [(number,) for number in numbers], jobs)


def save_problem(name: str, out: Path) -> str:
    """Distill one problem into the gallery; its name, whether it is certified, the seconds.

    A law whose formula is not certified has no place there.
    """
    start = time.perf_counter()
    result = dd.distill(name)
    if result.certificate.ok or catalogue.find_law(name) is None:
        result.save(out)
    state, seconds = "certified" if result.certificate.ok else "FAILED", time.perf_counter() - start
    return f"{name:16} {state:10} {seconds:6.1f} s"


def said(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("outputs"))
    parser.add_argument("--skip-elementary", action="store_true")
    parser.add_argument("--laws", action="store_true", help="the laws of real numbers only")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    laws = [law.name for law in catalogue.laws()]
    names = laws if options.laws else [*catalogue.names(), *laws]
    mapped(save_problem, [(name, options.out) for name in names], options.jobs, said)
    if not (options.skip_elementary or options.laws):
        start = time.perf_counter()
        lines = elementary_table(range(256), options.jobs)
        (options.out / ELEMENTARY).write_text(HEADER + "".join(lines), encoding="utf-8")
        print(f"256 elementary rules in {time.perf_counter() - start:.0f} s", flush=True)
    print(f"wrote {write_gallery(options.out)}", flush=True)


if __name__ == "__main__":
    main()
