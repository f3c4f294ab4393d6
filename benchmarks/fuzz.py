"""Damaged and malicious files for every reader: none may hang, fill the memory or show a traceback.

    python benchmarks/fuzz.py [--files 100000] [--seed 0] [--jobs 1]

Each reader gets its share of files, made by ``benchmarks/hostile.py`` from good ones. It may accept
a file or refuse it: a reader with an ``InputError`` of one sentence, a solver's command line with
status 2 and one sentence on stderr. Anything else counts as a traceback and is shown. Times are
those of the processor; the address space of the process is limited, so that a reader that believes
a declared size fails. Writes ``benchmarks/fuzz.md``; the counts in it depend on the seed only.
"""

from __future__ import annotations

import argparse
import platform
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.fuzz_readers import ROOT, Reader, readers
from deepdistill.data.parallel import mapped

REPORT = ROOT / "benchmarks" / "fuzz.md"
MEMORY = 2**30
SECONDS = 2.0


@dataclass(slots=True)
class Counts:
    """What became of the files of one reader; the slowest and all of them in processor time.

    ``peak`` is the most memory (KiB) that its process held until then.
    """

    refused: int = 0
    accepted: int = 0
    slowest: float = 0.0
    seconds: float = 0.0
    peak: int = 0
    defects: list[str] = field(default_factory=list)

    @property
    def files(self) -> int:
        return self.refused + self.accepted + len(self.defects)


def campaign(files: int, seed: int, jobs: int = 1) -> Mapping[str, Counts]:
    """Feed so many files to all readers, in equal shares; a process takes a reader at a time."""
    names = [reader.name for reader in readers()]
    shares = [len(range(number, files, len(names))) for number in range(len(names))]
    tasks = [(number, share, seed) for number, share in enumerate(shares)]
    return dict(zip(names, mapped(_share, tasks, jobs), strict=True))


def _share(number: int, share: int, seed: int) -> Counts:
    reader, counts = readers()[number], Counts()
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        warnings.simplefilter("error")
        path = Path(folder) / "file"
        for k in range(share):
            path.write_bytes(reader.file(seed, k))
            feed(reader, path, counts, f"{reader.name} {k}")
    counts.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return counts


def feed(reader: Reader, path: Path, counts: Counts, what: str) -> None:
    """Read one file, and count what became of it."""
    reader.prepare()
    start = time.process_time()
    try:
        refused = reader.read(path)
    except (Exception, SystemExit):
        counts.defects.append(f"{what}: {traceback.format_exc(limit=-3)}")
        return
    seconds = time.process_time() - start
    counts.slowest = max(counts.slowest, seconds)
    counts.seconds += seconds
    if seconds > SECONDS:
        counts.defects.append(f"{what}: {seconds:.1f} seconds")
    elif refused:
        counts.refused += 1
    else:
        counts.accepted += 1


def described(result: Mapping[str, Counts], seed: int) -> str:
    """The table, in Markdown."""
    lines = [
        "# Damaged and malicious files",
        "",
        f"`python benchmarks/fuzz.py --files {sum(c.files for c in result.values())} --seed {seed}`"
        f", Python {platform.python_version()}. The counts repeat; times are those of the "
        "processor, reading only.",
        "",
        "| reader | files | refused | accepted | slowest (s) | files a second | tracebacks |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, counts in result.items():
        lines.append(
            f"| {name} | {counts.files:,} | {counts.refused:,} | {counts.accepted:,} | "
            f"{counts.slowest:.3f} | {counts.files / counts.seconds:,.0f} | {len(counts.defects)} |"
        )
    total = list(result.values())
    rate = sum(c.files for c in total) / sum(c.seconds for c in total)
    lines.append(
        f"| **all** | {sum(c.files for c in total):,} | {sum(c.refused for c in total):,} | "
        f"{sum(c.accepted for c in total):,} | {max(c.slowest for c in total):.3f} | {rate:,.0f} | "
        f"{sum(len(c.defects) for c in total)} |"
    )
    peak = max(c.peak for c in total) / 1024
    lines += ["", f"The most memory that a process held: {peak:.0f} MiB.", ""]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Feed damaged files to every reader.")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--out", type=Path, default=REPORT, help="the file of the table")
    options = parser.parse_args()
    readers()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    result = campaign(options.files, options.seed, options.jobs)
    text = described(result, options.seed)
    print(text)
    for counts in result.values():
        for defect in counts.defects[:3]:
            print(defect)
    options.out.write_text(text)
    return int(any(counts.defects for counts in result.values()))


if __name__ == "__main__":
    from benchmarks import fuzz  # by its name, for the workers know no __main__

    sys.exit(fuzz.main())
