"""PySR beside the embedded engines: to be run once by a person who has Julia.

python -m benchmarks.pysr_check [--noise 0 0.01] [--laws textbook]

Asks first whether PySR and its Julia packages are in place (``python -c "import pysr"`` gets them),
gives one table to PySR with constraints and with a template, which must come back in the formula,
then searches the textbook laws with PySR and with the embedded engines, one after the other, and
prints how many laws each found. It has never been run where this project was written.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

import numpy as np

from deepdistill.formula.symbolic.pysr import HOW_TO_GET_IT, PySR, why_not
from deepdistill.target.formula_source import expression_text

ASKED = {
    "plain": PySR(),
    "constraints": PySR({"constraints": {"sin": 3}, "maxsize": 15}),
    "a template": PySR(
        {}, {"combine": "f(x0) * x1", "expressions": ["f"], "variable_names": ["x0", "x1"]}
    ),
}


def asked() -> None:
    """What PySR finds of one law, by what it was asked."""
    x = np.random.default_rng(0).uniform(-2, 2, (200, 2))
    y = x[:, 1] * np.sin(2 * x[:, 0] + 1)
    print("| asked | mean squared error | formula (true: x1 * sin(2 * x0 + 1)) |\n|---|---|---|")
    for what, engine in ASKED.items():
        best = engine.fit(x, y, ["x0", "x1"], ("add", "mul", "sin"), 1.0, 0)[-1]
        print(f"| {what} | {best.loss:.2g} | `{expression_text(best.expr)}` |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--noise", nargs="*", default=["0", "0.01"])
    parser.add_argument("--laws", default="textbook")
    given = parser.parse_args()
    if (reason := why_not()) is not None:
        print(f"{reason}: {HOW_TO_GET_IT}", file=sys.stderr)
        return 2
    asked()
    command = [sys.executable, "-m", "benchmarks.smooth", "--laws", given.laws]
    return subprocess.run(
        [*command, "--noise", *given.noise, "--engines", "pysr", "sparse", "operon"], check=False
    ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
