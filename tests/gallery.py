"""The committed gallery: its solvers, loaded from their files, and its texts, written again."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from deepdistill.data import catalogue
from deepdistill.forms.files import network_files
from deepdistill.forms.formula.network import TableFormula
from deepdistill.forms.formula.table import _rounded, _split, recorded_rows
from deepdistill.forms.protocol import Lifted, Trained
from deepdistill.forms.relift import shortened
from deepdistill.ir.program import Formula, Program
from deepdistill.recheck import StoredResult, read_result
from deepdistill.target import Provenance
from deepdistill.verify.solver import load_solver

OUTPUTS = Path(__file__).parent.parent / "outputs"
NAMES = sorted(path.parent.name for path in OUTPUTS.glob("*/certificate.json"))


@cache
def programs(name: str) -> tuple[Program | Formula, Program | Formula]:
    """What a committed network is lifted to, and the program that this is shortened to."""
    stored = read_result(OUTPUTS / name)
    first = stored.form.lifts(Trained(stored.network), stored.task)[0]("")
    return first.program, shortened(stored.form, stored.task, stored.network).program


def committed_files(name: str) -> dict[str, bytes]:
    """The files of a committed result."""
    return {path.name: path.read_bytes() for path in (OUTPUTS / name).glob("*.*")}


def written_again(name: str) -> dict[str, bytes]:
    """What the committed network (or formula) and the claims of its certificate give, untrained.

    The network is lifted, shortened and rendered; what it was learned from is drawn once more. All
    but the report, which shows the search, too.
    """
    stored = read_result(OUTPUTS / name)
    form, network = stored.form, stored.network
    lifted = shortened(form, stored.task, network)
    provenance = _provenance(name, stored, lifted)
    made = {
        "solver.py": form.render(lifted, provenance, network).encode(),
        "test_solver.py": form.render_test(lifted, provenance, network).encode(),
        **network_files(network),
    }
    return {**made, "certificate.json": stored.certificate.sealed(made).text().encode()}


def _provenance(name: str, stored: StoredResult, lifted: Lifted) -> Provenance:
    """What a result was learned from, drawn once more, and the claims of its certificate."""
    form, network = stored.form, stored.network
    checked = tuple(stored.certificate.sentences())
    solver = stored.files["solver.py"]
    solve = load_solver(solver, name)
    if not isinstance(network, TableFormula):
        task = catalogue.find(name)
        return Provenance(
            form.learned_from(task, Trained(network), 0),
            checked,
            form.record(task, network, lifted, solve, 0),
            form.training_shape(task, 0),
        )
    law, rows = catalogue.find_law(name), network.rows
    assert law is not None
    table = law.table(0)
    held, fitted = _split(len(table.y), 0)
    assert (rows[0] == table.x[held]).all() and (rows[1] == _rounded(table.y[held])).all()
    (engine,) = re.findall(rb"columns? \((\w+)\)\. Checked:", solver)
    count = len(network.formula.inputs)
    columns = f"{count} column{'s' * (count != 1)}"
    return Provenance(
        f"{len(fitted):,} rows of {columns} ({engine.decode()})",
        checked,
        recorded_rows(solve, table.x[held]),
    )


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
