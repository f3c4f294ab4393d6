"""The adapter to PySR, where its Julia environment is in place.

PySR runs in a process of its own, for Julia and torch do not always live well in one. What is told
to it and what is read from it are plain data: :func:`settings` and :func:`read_equations`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from .arrays import complexity
from .backend import Fit, Floats, pareto
from .constants import mean_square
from .translate import from_sympy, parse, parse_template

HOW_TO_GET_IT = 'run once, with a network: python -c "import pysr"'

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
from pysr import PySRRegressor, TemplateExpressionSpec
if given["template"] is not None:
    given["settings"]["expression_spec"] = TemplateExpressionSpec(**given["template"])
model = PySRRegressor(**given["settings"])
model.fit(np.array(given["x"]), np.array(given["y"]), variable_names=given["names"])
table = model.equations_[["complexity", "loss", "equation"]]
print(given["mark"] + json.dumps(table.to_dict("records"), default=float))
"""


@dataclass(frozen=True, slots=True)
class PySR:
    """SymbolicRegression.jl through PySR.

    ``options`` are more arguments of ``PySRRegressor``, as JSON has them, such as ``constraints``,
    ``nested_constraints`` or ``complexity_of_operators``: they come before our own settings.
    ``template`` are the arguments of ``TemplateExpressionSpec``; its variables are the columns by
    place, ``x0, x1, ...``.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    template: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        return "pysr"

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
            "settings": {**settings(operators, budget, seed), **self.options},
            "template": self.template,
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
        combine = None if self.template is None else str(self.template["combine"])
        return read_equations(table, dict(zip(short, names, strict=True)), columns, y, combine)


@lru_cache(maxsize=1)
def why_not() -> str | None:
    """Why PySR cannot run here, in a sentence; None where it can. Downloads nothing."""
    if find_spec("pysr") is None or find_spec("juliapkg") is None:
        return "PySR is not installed"
    if "PYTHON_JULIACALL_EXE" in os.environ and "PYTHON_JULIACALL_PROJECT" in os.environ:
        return None
    absent = "the Julia packages of PySR are not in place"
    if not any(_projects()):  # asking takes a second
        return absent
    done = subprocess.run(
        [sys.executable, "-c", _READY], capture_output=True, env=_environment(), check=False
    )
    return None if done.returncode == 0 else absent


def _projects() -> Iterator[bool]:
    """For each folder that may hold PySR's Julia project, whether it has been set up."""
    depot = os.environ.get("JULIA_DEPOT_PATH", "").split(os.pathsep)[0] or "~/.julia"
    for folder in (
        os.environ.get("PYTHON_JULIAPKG_PROJECT", ""),
        f"{sys.prefix}/julia_env",
        f"{os.environ.get('CONDA_PREFIX', sys.prefix)}/julia_env",
        f"{depot}/environments/pyjuliapkg",
    ):
        yield bool(folder) and (Path(folder).expanduser() / "pyjuliapkg" / "meta.json").exists()


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
    table: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    columns: Any,
    y: Floats,
    combine: str | None = None,
) -> list[Fit]:
    """The rows of PySR's table (complexity, loss, equation) as formulas of the given names.

    The titles may begin with a capital, as in its files. With ``combine`` the equations are those
    of a template, and this is what they are put into. Those with an operation that formulas do not
    have are left out.
    """
    fits = []
    for row in table:
        text = str(row["equation"] if "equation" in row else row["Equation"])
        parsed = parse(text, names) if combine is None else parse_template(combine, text, names)
        expr = from_sympy(parsed, names)
        if expr is not None:
            fits.append(Fit(expr, mean_square(expr, columns, y), complexity(expr), "pysr"))
    return pareto([fit for fit in fits if np.isfinite(fit.loss)])
