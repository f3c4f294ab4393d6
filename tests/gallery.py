"""The committed gallery: its solvers, loaded from their files, and its texts, written again."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deepdistill import __version__
from deepdistill.data import catalogue
from deepdistill.forms.files import network_bytes, read_network
from deepdistill.forms.formula.file import formula_bytes, read_formula
from deepdistill.formulas import _recorded as recorded_rows
from deepdistill.formulas import _split
from deepdistill.pipeline import _recorded as recorded_pairs
from deepdistill.stages import FORMS, learned_from
from deepdistill.target import Provenance
from deepdistill.target.formula_source import FormulaOrigin, formula_solver, formula_test
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.recheck import load_solver

OUTPUTS = Path(__file__).parent.parent / "outputs"


def committed_files(name: str) -> dict[str, bytes]:
    """The files of a committed result."""
    return {path.name: path.read_bytes() for path in (OUTPUTS / name).glob("*.*")}


def written_again(name: str) -> dict[str, bytes]:
    """What the committed network (or formula) and the claims of its certificate give, untrained.

    The network is lifted, shortened and rendered; what it was learned from is drawn once more. All
    but the report, which shows the search, too.
    """
    files = committed_files(name)
    certificate = Certificate.parse(files["certificate.json"])
    if catalogue.find_law(name) is not None:
        network, code, test = _law_written_again(name, files, tuple(certificate.sentences()))
    else:
        network, code, test = _network_written_again(name, files, tuple(certificate.sentences()))
    made = {"solver.py": code.encode(), "test_solver.py": test.encode(), "network.npz": network}
    return {**made, "certificate.json": certificate.sealed(made).text().encode()}


def _network_written_again(
    name: str, files: dict[str, bytes], checked: tuple[str, ...]
) -> tuple[bytes, str, str]:
    problem = catalogue.find(name)
    stages = FORMS[problem.form]
    network = read_network(files["network.npz"], name)
    lifted = stages.condense(network, problem)
    program = stages.shorten(lifted)
    training, held_out = problem.examples(0)
    provenance = Provenance(
        learned_from(problem, training, held_out),
        checked,
        recorded_pairs(held_out or training),
        training[0].shape,
        __version__,
    )
    code = stages.render(program, provenance, network, lifted)
    return network_bytes(network), code, stages.render_test(program, provenance, network, lifted)


def _law_written_again(
    name: str, files: dict[str, bytes], checked: tuple[str, ...]
) -> tuple[bytes, str, str]:
    formula, rows = read_formula(files["network.npz"], name)
    law = catalogue.find_law(name)
    assert law is not None
    table = law.table(0)
    held, fitted = _split(len(table.y), 0)
    assert (rows[0] == table.x[held]).all() and (rows[1] == table.y[held]).all()
    solver = files["solver.py"]
    (engine,) = re.findall(rb"columns? \((\w+)\)\. Checked:", solver)
    columns = f"{len(formula.inputs)} column{'s' * (len(formula.inputs) != 1)}"
    examples = recorded_rows(load_solver(solver, name), table.x[held])
    origin = FormulaOrigin(
        f"{len(fitted):,} rows of {columns} ({engine.decode()})", checked, examples, __version__
    )
    return (
        formula_bytes(formula, rows),
        formula_solver(formula, origin),
        formula_test(formula, origin),
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
