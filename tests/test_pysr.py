"""The adapter to PySR against PySR's own source and its saved files: Julia never runs here."""

from __future__ import annotations

import ast
import csv
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import deepdistill as dd
from deepdistill.cli import cli
from deepdistill.formula.symbolic import pysr
from deepdistill.formula.symbolic.arrays import values
from deepdistill.formula.symbolic.backend import KNOWN_OPERATORS
from deepdistill.formula.symbolic.choose import chosen_backends
from deepdistill.formula.symbolic.pysr import PySR, read_equations, settings
from deepdistill.formula.symbolic.translate import parse_template, symbol

SOURCE = find_spec("pysr")
RNG = np.random.default_rng(4)
COLUMNS = {"E": RNG.uniform(1, 2, 60), "beta": RNG.uniform(1, 2, 60)}
NAMES = {"x0": "E", "x1": "beta"}

# Synthetic, in the formats of PySR's files: since 0.16 (commas, quoted) and before 0.8 (bars, MSE).
COMMAS = """Complexity,Loss,Equation
1,0.5,"x0"
3,0.25,"x0 * x1"
8,1.0e-13,"(square(x0) * 2.0) - sqrt(x1)"
9,1.0e-13,"(x0 ^ 2 * 2.0) - (x1 ^ 0.5)"
"""
BARS = """Complexity|MSE|Equation
1|0.5|x0
8|1.0e-13|((square(x0) * 2.0) - sqrt(x1))
"""


def source(name: str) -> ast.Module:
    assert SOURCE is not None and SOURCE.submodule_search_locations
    path = Path(SOURCE.submodule_search_locations[0]) / name
    return ast.parse(path.read_text(encoding="utf-8"))


def parameters(kind: str, file: str = "sr.py") -> set[str]:
    """The arguments of a class of PySR, read from its source: importing it would start Julia."""
    (found,) = [n for n in source(file).body if isinstance(n, ast.ClassDef) and n.name == kind]
    for node in found.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            return {one.arg for one in (*node.args.args, *node.args.kwonlyargs)} - {"self"}
    fields = [n for n in found.body if isinstance(n, ast.AnnAssign)]
    return {n.target.id for n in fields if isinstance(n.target, ast.Name)}


@pytest.mark.parametrize("operators", [KNOWN_OPERATORS, ("add", "sin")])
def test_settings_are_arguments_of_its_class(operators: tuple[str, ...]) -> None:
    known = parameters("PySRRegressor")
    assert set(settings(operators, 1.0, 0)) <= known
    assert {"expression_spec", "constraints", "nested_constraints"} <= known


def test_a_template_is_given_as_its_class_takes_it() -> None:
    known = parameters("TemplateExpressionSpec", "expression_specs.py")
    assert {"combine", "expressions", "variable_names", "parameters"} <= known


@pytest.mark.parametrize("text", [COMMAS, BARS])
def test_its_saved_files_become_a_front(text: str) -> None:
    rows = list(csv.DictReader(text.splitlines(), delimiter="|" if "|" in text else ","))
    y = 2 * COLUMNS["E"] ** 2 - np.sqrt(COLUMNS["beta"])
    front = read_equations(rows, NAMES, COLUMNS, y)
    assert front[-1].loss < 1e-25
    assert [fit.loss for fit in front] == sorted((fit.loss for fit in front), reverse=True)


def test_the_expressions_of_a_template_are_put_together() -> None:
    row = {
        "Complexity": 9,
        "Loss": 0.0,
        "Equation": "f = (#1 * 2.0) + #2; g = #1 ^ 2; p = [1.5, -2]",
    }
    combine = "sin(f(x0, x1)) + p[1] * g(g(x1)) - p[2]"
    E, beta = COLUMNS["E"], COLUMNS["beta"]
    y = np.sin(2 * E + beta) + 1.5 * beta**4 + 2
    (fit,) = read_equations([row], NAMES, COLUMNS, y, combine)
    assert np.abs(values(fit.expr, COLUMNS) - y).max() < 1e-12


@pytest.mark.parametrize(
    ("combine", "text"),
    [
        ("f(x0)", "g = #1"),
        ("f(x0)", "f = #2"),
        ("f(x0)", "x0 = #1"),
        ("p[3] * x0", "p = [1, 2]"),
        ("p(x0)", "p = [1, 2]"),
        ("D(f, 1)(x0)", "f = #1"),
        ("f(x0)", "f = __import__('os')"),
        ("f(x0).real", "f = #1"),
        ("f(x0)", "f"),
    ],
)
def test_what_is_no_template_is_refused(combine: str, text: str) -> None:
    with pytest.raises(ValueError, match="equation|template"):
        parse_template(combine, text, {"x0": "x0"})
    assert parse_template("f(x0)", "f = #1 + 1", {"x0": "x0"}) == symbol("x0") + 1


def test_options_and_templates_reach_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer is what a run with Julia would print; the arguments are what it would get."""
    given: dict[str, Any] = {}

    def run(command: Any, input: str, **more: Any) -> Any:
        given.update(json.loads(input))
        assert more["env"]["PYTHON_JULIAPKG_OFFLINE"] == "yes" and command[0] == sys.executable
        row = {"complexity": 3, "loss": 0.0, "equation": "f = #1 * #1"}
        answer = pysr._ANSWER + json.dumps([row])
        return subprocess.CompletedProcess(command, 0, f"Compiling...\n{answer}\n", "")

    monkeypatch.setattr(pysr.subprocess, "run", run)
    template = {"combine": "f(x0) + x1", "expressions": ["f"], "variable_names": ["x0", "x1"]}
    engine = PySR({"maxsize": 12, "constraints": {"^": [-1, 1]}}, template)
    x = np.stack(list(COLUMNS.values()), axis=1)
    front = engine.fit(x, x[:, 0] ** 2 + x[:, 1], ["E", "beta"], ("add", "mul"), 0.5, 3)
    assert front[-1].loss < 1e-25 and given["template"] == template
    assert given["settings"]["maxsize"] == 12 and given["settings"]["niterations"] == 20
    assert given["settings"]["constraints"] == {"^": [-1, 1]} and given["names"] == ["x0", "x1"]
    compile(pysr._WORKER, "worker", "exec")


def test_an_engine_of_the_user_s_own_comes_behind_the_sparse_one() -> None:
    assert dd.PySR is PySR

    class Own:
        name = "own"

        def fit(self, *given: Any) -> list[Any]:
            return []

    assert [engine.name for engine in chosen_backends(Own())] == ["sparse", "own"]


def test_nothing_imports_pysr_unless_it_is_asked_for() -> None:
    code = "import sys, deepdistill.run, deepdistill.formula.symbolic.choose as c;"
    code += "c.chosen_backends('auto'); print('pysr' in sys.modules, 'juliacall' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_doctor_tells_what_is_ready() -> None:
    done = CliRunner().invoke(cli, ["doctor", "--json"])
    told = json.loads(done.output)
    assert done.exit_code == 0 and told["sparse engine"].startswith("ready")
    assert told["PySR"].startswith("ready" if PySR.ready() else "missing")
    lines = CliRunner().invoke(cli, ["doctor"]).output.splitlines()
    assert len(lines) == len(told)


def test_julia_is_asked_only_where_its_project_was_set_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("PYTHON_JULIACALL_EXE", "PYTHON_JULIAPKG_PROJECT", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JULIA_DEPOT_PATH", str(tmp_path))
    monkeypatch.setattr(pysr.sys, "prefix", str(tmp_path / "venv"))
    asked: list[Any] = []

    def run(command: Any, **more: Any) -> Any:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(pysr.subprocess, "run", run)
    pysr.why_not.cache_clear()
    assert "not in place" in str(pysr.why_not()) and not asked
    (tmp_path / "venv/julia_env/pyjuliapkg").mkdir(parents=True)
    (tmp_path / "venv/julia_env/pyjuliapkg/meta.json").write_text("{}")
    pysr.why_not.cache_clear()
    assert pysr.why_not() is None and len(asked) == 1
    pysr.why_not.cache_clear()
