"""The committed solvers of the gallery, loaded from their files."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from deepdistill.data import catalogue
from deepdistill.forms.clauses.network import ClauseNetwork
from deepdistill.forms.files import read_network
from deepdistill.forms.formula.file import is_formula, read_formula
from deepdistill.ir.program import Formula, Program
from deepdistill.stages import FORMS
from deepdistill.verify.certificate import read_certified
from deepdistill.verify.recheck import load_solver, problem_of

OUTPUTS = Path(__file__).parent.parent / "outputs"
NAMES = sorted(path.parent.name for path in OUTPUTS.glob("*/certificate.json"))


@cache
def programs(name: str) -> tuple[Program | Formula, Program | Formula]:
    """What a committed network is lifted to, and the program that this is shortened to."""
    certificate, files = read_certified(OUTPUTS / name)
    if is_formula(files["network.npz"], name):
        formula, _ = read_formula(files["network.npz"], name)
        return formula, formula
    network = read_network(files["network.npz"], name)
    if isinstance(network, ClauseNetwork):
        problem = catalogue.find(certificate.problem)
    else:
        problem = problem_of(certificate, network)
    stages = FORMS[problem.form]
    lifted = stages.condense(network, problem)
    first = lifted if isinstance(lifted, Program) else getattr(lifted, "program", None)
    return first or lifted.whole, stages.shorten(lifted)


def committed(name: str) -> Callable[..., Any]:
    """The function ``solve`` of a committed solver."""
    return load_solver((OUTPUTS / name / "solver.py").read_bytes(), name)


def nodes(source: str, name: str, checked: bool = False) -> int:
    """Python ast nodes of a function without its docstring and annotations.

    With ``checked`` the statement that checks the arguments, ``x = _check(x)``, is not counted: in
    a function as short as ``sorted`` it would be half of it, and no reference has one.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:]
            if checked:
                node.body = [s for s in node.body if " = _check(" not in ast.unparse(s)]
            node.returns = None
            for argument in node.args.args:
                argument.annotation = None
            return sum(1 for _ in ast.walk(node))
    raise AssertionError(f"no function {name}")
