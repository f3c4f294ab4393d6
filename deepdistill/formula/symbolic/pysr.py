"""The adapter to PySR, where its Julia environment is in place.

PySR runs in a process of its own, for Julia and torch do not always live well in one. What is told
to it and what is read from it are plain data: :func:`settings` and :func:`read_equations`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from .arrays import complexity
from .backend import Fit, Floats, pareto
from .constants import mean_square
from .translate import from_sympy, parse

HOW_TO_GET_IT = 'pip install "deepdistill[pysr]", then once: python -c "import pysr"'

_BINARY = {"add": "+", "sub": "-", "mul": "*", "div": "/", "max": "max", "min": "min"}
_ITERATIONS = 40
_ANSWER = "deepdistill-front:"
_READY = """
import juliapkg, sys
sys.exit(0 if juliapkg.resolve(dry_run=True) else 3)
"""
_WORKER = """
import json, sys
import numpy as np
given = json.load(sys.stdin)
from pysr import PySRRegressor
model = PySRRegressor(**given["settings"])
model.fit(np.array(given["x"]), np.array(given["y"]), variable_names=given["names"])
table = model.equations_[["complexity", "loss", "equation"]]
print(given["mark"] + json.dumps(table.to_dict("records"), default=float))
"""


class PySR:
    """SymbolicRegression.jl through PySR."""

    name = "pysr"

    @staticmethod
    def ready() -> bool:
        """Whether PySR and its Julia packages are installed; downloads nothing."""
        return why_not() is None

    def fit(
        self,
        x: Floats,
        y: Floats,
        names: Sequence[str],
        operators: Sequence[str],
        budget: float,
        seed: int,
    ) -> list[Fit]:
        """The front of PySR; ``RuntimeError`` with its last line where it fails."""
        short = [f"x{k}" for k in range(len(names))]
        given = {
            "settings": settings(operators, budget, seed),
            "x": x.tolist(),
            "y": y.tolist(),
            "names": short,
            "mark": _ANSWER,
        }
        done = subprocess.run(
            [sys.executable, "-c", _WORKER],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            env=_environment(),
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith(_ANSWER)]
        if done.returncode or not lines:
            last = (done.stderr.strip().splitlines() or ["no output"])[-1]
            raise RuntimeError(f"PySR stopped: {last[:300]}")
        table = json.loads(lines[-1].removeprefix(_ANSWER))
        columns = {name: x[:, k] for k, name in enumerate(names)}
        return read_equations(table, dict(zip(short, names, strict=True)), columns, y)


@lru_cache(maxsize=1)
def why_not() -> str | None:
    """Why PySR cannot run here, in a sentence; None where it can. Downloads nothing."""
    if find_spec("pysr") is None or find_spec("juliapkg") is None:
        return "PySR is not installed"
    if "PYTHON_JULIACALL_EXE" in os.environ and "PYTHON_JULIACALL_PROJECT" in os.environ:
        return None
    done = subprocess.run(
        [sys.executable, "-c", _READY], capture_output=True, env=_environment(), check=False
    )
    return None if done.returncode == 0 else "the Julia packages of PySR are not in place"


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHON_JULIAPKG_OFFLINE": "yes"}


def settings(operators: Sequence[str], budget: float, seed: int) -> dict[str, Any]:
    """The arguments of ``PySRRegressor`` for a deterministic search."""
    return {
        "binary_operators": [_BINARY[op] for op in operators if op in _BINARY],
        "unary_operators": [op for op in operators if op not in _BINARY],
        "niterations": max(1, round(_ITERATIONS * budget)),
        "maxsize": 30,
        "parallelism": "serial",
        "deterministic": True,
        "random_state": seed,
        "output_directory": None,
        "temp_equation_file": True,
        "verbosity": 0,
        "progress": False,
    }


def read_equations(
    table: Sequence[Mapping[str, Any]], names: Mapping[str, str], columns: Any, y: Floats
) -> list[Fit]:
    """The rows of PySR's table (complexity, loss, equation) as formulas of the given names."""
    fits = []
    for row in table:
        expr = from_sympy(parse(str(row["equation"]), names), names)
        if expr is not None:
            fits.append(Fit(expr, mean_square(expr, columns, y), complexity(expr), "pysr"))
    return pareto([fit for fit in fits if np.isfinite(fit.loss)])
