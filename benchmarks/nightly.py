"""Every long check, one table at the end: ``python -m benchmarks.nightly [PART...] [--jobs 2]``.

CI runs what is quick; this runs the rest, when an issue is closed at the latest: the whole gallery
and the 256 elementary rules trained again byte for byte, reports in a browser, the sweeps that are
marked slow, mutants and damaged files. Each part writes ``PART.log`` into the folder of ``--out``
(a temporary one by default). The exit status is 1 where a part failed or ran nothing, as reports do
without chromium.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GALLERY = "tests/test_gallery.py"
BROWSER = "tests/test_report_browser.py"
MUTANTS = "tests/test_mutants.py"
WHOLE = "test_the_gallery_is_what_the_program_writes"
RULES = "test_every_elementary_rule_is_regenerated"
ALL = "slow or not slow"


@dataclass(frozen=True, slots=True)
class Part:
    """One long check: the arguments of Python, and what it holds.

    ``{jobs}`` and ``{out}`` in the arguments stand for the number of processes and the folder.
    """

    name: str
    arguments: tuple[str, ...]
    holds: str

    def command(self, jobs: int, out: Path) -> list[str]:
        return [sys.executable, *(a.format(jobs=jobs, out=out) for a in self.arguments)]


def _tests(name: str, holds: str, *arguments: str, marked: str = "slow") -> Part:
    pytest = ("-m", "pytest", "-n", "{jobs}", "-m", marked, "-p", "no:cacheprovider")
    return Part(name, (*pytest, *arguments), holds)


PARTS = (
    _tests("gallery", "trained again, byte for byte", GALLERY, "-k", WHOLE, marked=ALL),
    _tests("rules", "the 256 elementary rules, trained again", GALLERY, "-k", RULES, marked=ALL),
    _tests("browser", "reports in chromium", BROWSER),
    _tests(
        "sweeps",
        "all other tests, with all their examples",
        *("tests", *(f"--ignore={file}" for file in (GALLERY, BROWSER, MUTANTS))),
        marked=ALL,
    ),
    _tests("killed", "mutants of every result: the tests", MUTANTS),
    Part(
        "mutants",
        ("-m", "benchmarks.mutants", "--jobs", "{jobs}", "--out", "{out}/mutants.md"),
        "mutants of every result: the table",
    ),
    Part(
        "fuzz",
        ("-m", "benchmarks.fuzz", "--jobs", "{jobs}", "--out", "{out}/fuzz.md"),
        "100,000 damaged files",
    ),
    Part(
        "reprove",
        ("-m", "benchmarks.reprove", "--jobs", "{jobs}"),
        "the gallery's proofs, once more by cvc5",
    ),
)


@dataclass(frozen=True, slots=True)
class Ran:
    """How a part ended: its seconds, whether it is well, and its own last words."""

    part: Part
    ok: bool
    seconds: float
    words: str

    def line(self) -> str:
        state = "ok" if self.ok else "FAILED"
        return (
            f"{self.part.name:8} {state:6} {self.seconds:7.0f} s  {self.part.holds}: {self.words}"
        )


def run(part: Part, jobs: int, out: Path) -> Ran:
    """Run one part; its output goes to its log."""
    log = out / f"{part.name}.log"
    start = time.perf_counter()
    with log.open("w", encoding="utf-8") as file:
        done = subprocess.run(
            part.command(jobs, out),
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HYPOTHESIS_PROFILE": "nightly"},  # more examples than every day
        )
    text = log.read_text(encoding="utf-8", errors="replace")
    closing = re.findall(r"^=*\s*(\d+ .* in [\d.]+s)", text, re.MULTILINE)
    closing = closing or re.findall(r"^(cvc5 (?:confirms|is missing).*)", text, re.MULTILINE)
    words = closing[-1] if closing else f"exit status {done.returncode}"
    nothing = bool(closing) and not any(word in closing[-1] for word in ("passed", "confirms"))
    return Ran(part, done.returncode == 0 and not nothing, time.perf_counter() - start, words)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [part.name for part in PARTS]
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(names)}")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--out", type=Path, help="the folder for logs and tables")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.parts if name not in names]:
        parser.error(f"there is no part {unknown[0]!r}: choose from {', '.join(names)}")
    if options.jobs < 1:
        parser.error("--jobs takes a number of processes, at least 1")
    out = options.out or Path(tempfile.mkdtemp(prefix="nightly_"))
    out.mkdir(parents=True, exist_ok=True)
    ended: list[Ran] = []
    for part in PARTS:
        if options.parts and part.name not in options.parts:
            continue
        print(f"{part.name}: {part.holds} ...", file=sys.stderr, flush=True)
        ended.append(run(part, options.jobs, out))
    print(*(one.line() for one in ended), sep="\n")
    print(f"{sum(one.seconds for one in ended):.0f} s in all; logs in {out}")
    return int(not all(one.ok for one in ended))


if __name__ == "__main__":
    sys.exit(main())
