"""The committed solvers of the gallery, loaded from their files."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from deepdistill.forms.protocol import Trained
from deepdistill.forms.relift import shortened
from deepdistill.ir.program import Formula, Program
from deepdistill.recheck import read_result
from deepdistill.verify.solver import load_solver

OUTPUTS = Path(__file__).parent.parent / "outputs"
NAMES = sorted(path.parent.name for path in OUTPUTS.glob("*/certificate.json"))


@cache
def programs(name: str) -> tuple[Program | Formula, Program | Formula]:
    """What a committed network is lifted to, and the program that this is shortened to."""
    stored = read_result(OUTPUTS / name)
    first = stored.form.lifts(Trained(stored.network), stored.task)[0]("")
    return first.program, shortened(stored.form, stored.task, stored.network).program


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
