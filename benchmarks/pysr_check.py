"""PySR beside the embedded engines: to be run once by a person who has Julia.

python -m benchmarks.pysr_check [--noise 0 0.01] [--laws textbook]

Asks first whether PySR and its Julia packages are in place (``python -c "import pysr"`` gets them),
then searches the textbook laws with PySR and with the embedded engines, one after the other, and
prints how many laws each found. It has never been run where this project was written.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from deepdistill.formula.symbolic.pysr import HOW_TO_GET_IT, why_not


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--noise", nargs="*", default=["0", "0.01"])
    parser.add_argument("--laws", default="textbook")
    given = parser.parse_args()
    if (reason := why_not()) is not None:
        print(f"{reason}: {HOW_TO_GET_IT}", file=sys.stderr)
        return 2
    command = [sys.executable, "-m", "benchmarks.smooth", "--laws", given.laws]
    return subprocess.run(
        [*command, "--noise", *given.noise, "--engines", "pysr", "sparse", "operon"], check=False
    ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
