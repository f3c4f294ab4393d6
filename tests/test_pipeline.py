"""From a problem to a saved, certified solver, and what hostile names and edits can do to it."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.forms.grid import train
from deepdistill.forms.grid.network import GridNetwork
from deepdistill.forms.grid.train import GridFitted
from deepdistill.ir.names import identifier
from deepdistill.passes import tabulate as tabulate_module
from deepdistill.recheck import verify_folder
from deepdistill.result import Result
from deepdistill.run import STAGES
from deepdistill.verify.certificate import Certificate

pytestmark = pytest.mark.xdist_group("pipeline")  # results that its tests share
FILES = {"solver.py", "test_solver.py", "certificate.json", "network.npz", "report.html"}


def bits(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, shape)


def shift_problem(name: str = "shift") -> dd.Problem:
    cells = bits(40, 8)
    return dd.Problem.from_arrays(cells, np.roll(cells, 1, axis=1), "grid(wrap)", name)


def ports_problem(first: str, second: str, name: str = "mine") -> dd.Problem:
    """A cell stays where the switch is on, and takes its left neighbour's value elsewhere."""
    cells, switch = bits(60, 8), bits(60, 1, seed=1)
    label = np.where(switch, cells, np.roll(cells, 1, axis=1))
    x, axes = {first: cells, second: switch}, {first: "grid(wrap)", second: "fixed(1)"}
    return dd.Problem.from_arrays(x, label, axes, name)


@cache
def shift() -> Result:
    return dd.distill(shift_problem(), seed=1)


@cache
def switched() -> Result:
    return dd.distill(ports_problem("cells", "switch", "switched"), 2)


def renamed(problem: dd.Problem) -> GridFitted:
    """The network of :func:`switched` for the same data under other names."""
    network = switched().network
    assert isinstance(network, GridNetwork)
    names = {old.name: new.name for old, new in zip(network.inputs, problem.inputs, strict=True)}
    taps = tuple(replace(tap, port=names[tap.port]) for tap in network.taps)
    again = replace(network, inputs=problem.inputs, output=problem.output, taps=taps)
    return GridFitted(again, True, 0, 0, ())


def not_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only names matter: what :func:`switched` learned is given new ones."""
    switched()
    monkeypatch.setattr(train, "fit", lambda problem, run: renamed(problem))


# ------------------------------------------------------------------ the result


def test_a_result_holds_every_stage() -> None:
    result = shift()
    assert result.certificate.ok and result.name == "shift"
    assert result.code.startswith('"""') and "def shift(cells):" in result.code
    assert result.network.radius == 1
    assert result.program.name == "shift"
    assert set(result.seconds) == set(STAGES)
    assert all(spent >= 0 for spent in result.seconds.values())
    assert str(result.attempts[-1]).endswith("exact")
    assert "'shift': correct: evidence" in repr(result)
    ast.parse(result.test_code)


def test_solve_takes_lists_and_arrays() -> None:
    cells = bits(31)
    expected = np.roll(cells, 1).tolist()
    solve = shift().solve
    for given in (cells.tolist(), cells, tuple(cells.tolist()), cells.astype(bool)):
        answer = solve(given)
        assert answer == expected
        assert all(type(cell) is int for cell in answer)
    for bad in ([], [2], [[0]], [0.5], "01", None, 3, np.zeros((2, 2), int)):
        with pytest.raises(ValueError):
            solve(bad)


def test_progress_is_told() -> None:
    described: list[tuple[str, str]] = []
    dd.distill(shift_problem(), progress=lambda stage, text: described.append((stage, text)))
    assert {stage for stage, _ in described} == set(STAGES)
    assert any("radius 1" in text for stage, text in described if stage == "train")


def test_built_in_names_and_wrong_ones(tmp_path: Path) -> None:
    result = dd.distill("rule204")
    assert result.certificate.correct.status in ("sampled", "exhaustive", "proved")
    assert result.solve([0, 1, 1]) == [0, 1, 1]
    with pytest.raises(dd.InputError, match="did you mean life"):
        dd.distill("lief")


def test_save_writes_four_files_that_belong_together(tmp_path: Path) -> None:
    path = shift().save(str(tmp_path / "out"))
    assert path == tmp_path / "out" / "shift"
    assert {p.name for p in path.iterdir()} == FILES
    assert {name: (path / name).read_bytes() for name in FILES} == shift().files()
    digests = json.loads((path / "certificate.json").read_text())["digests"]
    for name, digest in digests.items():
        assert hashlib.sha256((path / name).read_bytes()).hexdigest() == digest
    network = dd.load_network(path / "network.npz")
    cells = bits(77, seed=3)
    assert network.run({"cells": cells}).tolist() == shift().solve(cells)
    assert Certificate.read(path / "certificate.json") == shift().certificate


# ------------------------------------------------------------------ the same bytes

TWICE = """
import sys, hashlib
sys.path.insert(0, sys.argv[1])
import test_pipeline
for result in test_pipeline.several():
    for name, data in sorted(result.files().items()):
        print(result.name, name, hashlib.sha256(data).hexdigest())
"""


def several() -> list[Result]:
    return [shift(), switched()]


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    here = Path(__file__).resolve().parent
    done = subprocess.run(
        [sys.executable, "-c", TWICE, str(here)],
        capture_output=True,
        text=True,
        cwd=here.parent,
        env={"PYTHONHASHSEED": "77", "OMP_NUM_THREADS": "2", "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    expected = [
        f"{result.name} {name} {hashlib.sha256(data).hexdigest()}"
        for result in several()
        for name, data in sorted(result.files().items())
    ]
    assert done.stdout.splitlines() == expected
    assert len(expected) == 10


# ------------------------------------------------------------------ the test beside the solver


def pytest_in(path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_solver.py"]
    return subprocess.run([*command, *more], capture_output=True, text=True, cwd=path)


def test_the_generated_test_passes_under_plain_pytest(tmp_path: Path) -> None:
    done = pytest_in(shift().save(tmp_path))
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout and "warning" not in done.stdout
    assert pytest_in(switched().save(tmp_path)).returncode == 0


def test_the_generated_test_notices_a_wrong_solver(tmp_path: Path) -> None:
    path = shift().save(tmp_path)
    code = (path / "solver.py").read_text()
    assert code.count("i - 1") >= 1
    (path / "solver.py").write_text(code.replace("i - 1", "i"))
    assert pytest_in(path).returncode == 1


def test_verify_refuses_a_changed_solver(tmp_path: Path) -> None:
    path = shift().save(tmp_path)
    assert verify_folder(path, size=50, examples=2).ok
    code = (path / "solver.py").read_text()
    (path / "solver.py").write_text(code.replace("i - 1", "i"))
    with pytest.raises(dd.InputError, match=r"solver\.py was changed"):
        verify_folder(path)


def test_verify_refuses_a_changed_test(tmp_path: Path) -> None:
    path = shift().save(tmp_path)
    test = path / "test_solver.py"
    test.write_text(test.read_text().replace("assert", "assert True or", 1))
    with pytest.raises(dd.InputError, match=r"test_solver\.py was changed"):
        verify_folder(path)


def test_a_wrong_solver_that_was_sealed_all_the_same_fails(tmp_path: Path) -> None:
    """The digests are no proof: the solver is run against the network again."""
    path = shift().save(tmp_path)
    code = (path / "solver.py").read_bytes().replace(b"i - 1", b"i")
    (path / "solver.py").write_bytes(code)
    files = {"solver.py": code, "network.npz": (path / "network.npz").read_bytes()}
    (path / "certificate.json").write_text(shift().certificate.sealed(files).text())
    again = verify_folder(path)
    assert not again.ok
    assert again.faithful.status == "failed" and again.faithful.counterexample is not None


# ------------------------------------------------------------------ a user's own pairs


def test_a_quarter_of_the_pairs_is_held_out_and_judges() -> None:
    problem = shift_problem().set_aside(1)
    parts = (problem.given, *problem.reserved)
    assert [len(part[0]) for part in parts] == [30, 5, 5]
    everything = np.concatenate([part[0].inputs[0] for part in parts])
    assert sorted(everything.tolist()) == sorted(bits(40, 8).tolist())
    claim = shift().certificate.correct
    assert (claim.status, claim.examples, claim.sizes) == ("evidence", 10, ((8,),))
    assert "nobody looked at" in claim.note


def test_one_wrong_label_is_told() -> None:
    """A pair that no program can agree with: the certificate names it."""
    problem = shift_problem()
    cells = bits(40, 8)
    label = np.roll(cells, 1, axis=1)
    _, held_out = problem.examples(0)
    row = held_out[0].inputs[0][0]
    k = next(k for k in range(40) if (cells[k] == row).all())
    label[k, 3] = 1 - label[k, 3]
    same = [m for m in range(40) if (cells[m] == row).all()]
    label[same] = label[k]
    result = dd.distill(dd.Problem.from_arrays(cells, label, "grid(wrap)", "noisy"))
    assert result.certificate.faithful.ok
    correct = result.certificate.correct
    assert correct.status == "evidence"
    assert "explains 319 of 320 cells" in correct.note and "cell 3 disagrees" in correct.note
    assert correct.evidence.noise["wrong"] == len(same)
    assert [one["place"] for one in result.disagreeing()] == [[3]]
    assert result.files().keys() == FILES | {"disagreeing.json"}


@pytest.mark.parametrize(
    "arrays, axes, words",
    [
        ({}, {}, "no inputs"),
        ({"a": bits(9, 5)}, {"b": "grid"}, "different ports"),
        ({"a": bits(9, 5), "A": bits(9, 5)}, {"a": "grid", "A": "grid"}, "two ports"),
        ({"result": bits(9, 5)}, {"result": "grid"}, "two ports"),
        ({"a": bits(9, 5), "b": bits(8, 5)}, {"a": "grid", "b": "grid"}, "numbers of samples"),
        ({"a": bits(9, 5), "b": bits(9, 6)}, {"a": "grid", "b": "grid"}, "same sizes"),
        ({"a": bits(9, 5), "b": bits(9, 5)}, {"a": "grid", "b": "grid(wrap)"}, "axes of 'b'"),
        ({"a": bits(9, 5), "b": bits(9, 3)}, {"a": "grid", "b": "fixed(2)"}, "another size"),
        ({"a": bits(9, 5), "b": bits(9, 5)}, {"a": "fixed", "b": "grid"}, "grid"),
        ([[0, 1], [0]], "grid", "ragged"),
        ([[0, None]], "grid", "not numeric"),
        (np.ma.masked_equal(bits(9, 5), 7), "fixed", "grid"),
    ],
)
def test_unusable_arrays(arrays: Any, axes: Any, words: str) -> None:
    with pytest.raises(dd.InputError, match=words):
        dd.Problem.from_arrays(arrays, bits(9, 5), axes)


# ------------------------------------------------------------------ hostile names

HOSTILE = (
    "__import__('os').system('touch evil')",
    'x"""\nimport os\n"""',
    "../../../../tmp/evil",
    "{{ 7 * 7 }}{% for %}",
    "class",
    "print",
    "ｆｕｌｌ",
    "9lives",
    "solve",
    "\x00\n\t",
    "",
    "a" * 500,
)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_become_identifiers(name: str) -> None:
    text = identifier(name)
    assert text.isidentifier() and len(text) <= 61
    assert not text.startswith("_")
    assert identifier(text) == text


@pytest.mark.parametrize("k", range(0, len(HOSTILE) - 1, 2))
def test_hostile_names_never_become_code(
    k: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if k:  # the first one is trained under its own names
        not_trained(monkeypatch)
    first, second = HOSTILE[k], HOSTILE[k + 1]
    assert_plays(dd.distill(ports_problem(first, second, first)), tmp_path)


@pytest.mark.parametrize(
    "first, second, name",
    [
        ("i", "j", "di"),
        ("row", "rows", "columns"),
        ("score", "unit_0_0", "i"),
        ("left", "center", "left"),
        ("size", "n", "length"),
        ("cell", "rule_0", "cell"),
        ("neighbors", "json", "sys"),
        ("value", "parts", "low"),
    ],
)
@pytest.mark.parametrize("shortened", [pytest.param(True, marks=pytest.mark.slow), False])
def test_names_of_ports_do_not_collide_with_those_of_the_code(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    first: str,
    second: str,
    name: str,
    shortened: bool,
) -> None:
    not_trained(monkeypatch)
    if not shortened:  # too large for a table: the network's own sums are rendered
        monkeypatch.setattr(tabulate_module, "MOST_ROWS", 0)
    assert_plays(dd.distill(ports_problem(first, second, name)), tmp_path)


def assert_plays(result: Result, tmp_path: Path) -> None:
    assert result.certificate.ok, result.certificate.sentences()
    cells = bits(23, seed=5)
    assert result.solve(cells.tolist(), [1]) == cells.tolist()
    assert result.solve(cells.tolist(), [0]) == np.roll(cells, 1).tolist()
    path = result.save(tmp_path)
    assert path.parent == tmp_path and {p.name for p in path.iterdir()} == FILES
    tree = ast.parse(result.code)
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {alias.name for node in imported for alias in node.names} <= {"json", "sys"}
    assert "evil" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_the_certificate_says_how_many_patterns_the_pairs_show() -> None:
    x = np.array([[0, 0, 1, 1, 0, 0, 1, 1], [0, 0, 0, 0, 1, 1, 1, 1]] * 8)  # no cell alone
    y = (np.roll(x, 1, axis=1) ^ x) | np.roll(x, -1, axis=1)  # reads all three cells
    result = dd.distill(dd.Problem.from_arrays(x, y, axes="grid(wrap)"))
    assert result.certificate.correct.status == "evidence"
    told = " ".join(result.certificate.sentences())
    assert "6 of 8 patterns that the rule can read were shown" in told
