"""The committed gallery: its solvers, loaded from their files, and its texts, written again."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from deepdistill.data.record import read_record
from deepdistill.forms.files import network_files
from deepdistill.forms.formula.table import TableTask, _split
from deepdistill.forms.protocol import Trained
from deepdistill.forms.relift import shortened
from deepdistill.ir.program import Formula, Program
from deepdistill.recheck import read_result, stored_result
from deepdistill.result import Result
from deepdistill.run import named_task
from deepdistill.target.source import Provenance
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.solver import load_solver

OUTPUTS = Path(__file__).parent.parent / "outputs"
NAMES = sorted(path.parent.name for path in OUTPUTS.glob("*/certificate.json"))


def committed_files(name: str) -> dict[str, bytes]:
    """The files of a committed result."""
    return {path.name: path.read_bytes() for path in (OUTPUTS / name).glob("*.*")}


def written_again(name: str) -> dict[str, bytes]:
    """All files of a committed result, from its network, its claims and the record of its search.

    The network is lifted, shortened and rendered; what it was learned from is drawn once more.
    Nothing is trained, no claim is judged.
    """
    files = committed_files(name)
    certificate = Certificate.parse(files["certificate.json"])
    stored, task = stored_result(certificate, files), named_task(name)
    form, network = stored.form, stored.network
    record = read_record(files["report.html"])
    details = _of_search(task, network, files) if isinstance(task, TableTask) else None
    trained = Trained(network, True, record.attempts, record.front, record.trials, details=details)
    lifted = form.shorten(form.lifts(trained, task)[0](""))
    provenance = Provenance(
        form.learned_from(task, trained, certificate.seed),
        tuple(certificate.sentences()),
        form.record(task, network, lifted, load_solver(files["solver.py"], name), certificate.seed),
        form.training_shape(task, certificate.seed),
    )
    made = {
        "solver.py": form.render(lifted, provenance, network),
        "test_solver.py": form.render_test(lifted, provenance, network),
    }
    certificate = replace(certificate, growth=form.growth(lifted.program))
    sealed = certificate.sealed(
        {**{file: text.encode() for file, text in made.items()}, **network_files(network)}
    )
    again = Result(task, trained, lifted.program, *made.values(), sealed)
    return again.files()


def _of_search(task: TableTask, network: Any, files: dict[str, bytes]) -> Any:
    """What a solver tells of a search: the engine, and the rows that were held out."""
    held, fitted = _split(len(task.table.y), 0)
    assert (network.rows[0] == task.table.x[held]).all()
    (engine,) = re.findall(rb"columns? \((\w+)\)\. Checked:", files["solver.py"])
    count = len(network.formula.inputs)
    learned = f"{len(fitted):,} rows of {count} column{'s' * (count != 1)} ({engine.decode()})"
    return SimpleNamespace(learned_from=learned, recorded=task.table.x[held])


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
