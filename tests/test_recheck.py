"""A finished folder is checked again, and nothing that was changed is executed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from strategies import (
    life_network,
    life_program,
)
from test_verify import SOLVER, judged, solver

from deepdistill.data.problem import InputError
from deepdistill.forms.binding import bind
from deepdistill.forms.files import network_bytes, save_network
from deepdistill.recheck import verify_folder
from deepdistill.target.source import Provenance
from deepdistill.target.source import solver as rendered
from deepdistill.verify.certificate import Certificate


@cache
def accepted() -> Certificate:
    return judged(solver(), life_program())


def result_folder(path: Path, name: str = "life") -> Path:
    """A result of the built-in problem, or of one whose oracle no name leads back to."""
    provenance = Provenance("grids that were drawn", (), (), (9, 10), "0")
    (path / "solver.py").write_text(rendered(life_program(), provenance))
    certificate = replace(accepted(), problem=name)
    network = {"network.npz": network_bytes(life_network())}
    network = network if name == "life" else bind(network, certificate)
    (path / "network.npz").write_bytes(network["network.npz"])
    files = {name: (path / name).read_bytes() for name in ("solver.py", "network.npz")}
    (path / "certificate.json").write_text(certificate.sealed(files).text())
    return path


@pytest.mark.parametrize("name", ["life", "mine"])
def test_a_folder_is_checked_again_at_another_size(tmp_path: Path, name: str) -> None:
    again = verify_folder(result_folder(tmp_path, name=name), size=60, examples=2)
    assert again.ok
    assert (60, 60) in again.scalable.sizes
    assert again.faithful.status == "exhaustive"
    assert again.digests == Certificate.read(tmp_path / "certificate.json").digests
    if name == "life":  # its own oracle judges, at the new size
        assert (60, 60) in again.correct.sizes


def test_a_changed_solver_is_never_executed(tmp_path: Path) -> None:
    result_folder(tmp_path)
    evil = tmp_path / "executed"
    (tmp_path / "solver.py").write_text(f"open({str(evil)!r}, 'w').close()\n{SOLVER}")
    with pytest.raises(InputError, match="solver.py was changed"):
        verify_folder(tmp_path)
    assert not evil.exists()


def test_a_changed_network_is_refused(tmp_path: Path) -> None:
    result_folder(tmp_path)
    save_network(tmp_path / "network.npz", life_network(born=4))
    with pytest.raises(InputError, match="network.npz was changed"):
        verify_folder(tmp_path)


@pytest.mark.parametrize("missing", ["solver.py", "network.npz", "certificate.json"])
def test_missing_files_are_said(tmp_path: Path, missing: str) -> None:
    (result_folder(tmp_path) / missing).unlink()
    with pytest.raises(InputError, match=missing):
        verify_folder(tmp_path)


@pytest.mark.parametrize("size", [0, -3, 10**6, 10**30])
def test_unusable_sizes_are_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(InputError, match="size"):
        verify_folder(result_folder(tmp_path), size=size)
    with pytest.raises(InputError, match="at least 1"):
        verify_folder(tmp_path, examples=0)


def test_sizes_that_do_not_fit_the_network_are_refused(tmp_path: Path) -> None:
    path = result_folder(tmp_path, name="mine") / "certificate.json"
    certificate = Certificate.read(path)
    for sizes in ((), ((3,),), ((0, 3),), ((10**9, 10**9),)):
        claim = replace(certificate.scalable, sizes=sizes)
        path.write_text(replace(certificate, scalable=claim).text())
        with pytest.raises(InputError, match="sizes that do not fit"):
            verify_folder(tmp_path)


def test_what_failed_before_stays_failed(tmp_path: Path) -> None:
    path = result_folder(tmp_path) / "certificate.json"
    certificate = Certificate.read(path)
    failed = replace(certificate.correct, status="failed")
    path.write_text(replace(certificate, correct=failed).text())
    assert not verify_folder(tmp_path, size=10).ok


@pytest.mark.parametrize("source", ["x = 1", "solve = 3", "def (", "raise ValueError"])
def test_solvers_that_cannot_be_loaded_are_said(tmp_path: Path, source: str) -> None:
    result_folder(tmp_path)
    (tmp_path / "solver.py").write_text(source)
    certificate = Certificate.read(tmp_path / "certificate.json")
    files = {name: (tmp_path / name).read_bytes() for name in ("solver.py", "network.npz")}
    (tmp_path / "certificate.json").write_text(certificate.sealed(files).text())
    with pytest.raises(InputError, match="solver.py"):
        verify_folder(tmp_path)


def test_the_judge_imports_neither_the_trainer_nor_the_compiler() -> None:
    code = (
        "import sys, deepdistill.recheck\n"
        "bad = ('torch', 'sklearn', 'deepdistill.passes')\n"
        "print([name for name in sys.modules if name.startswith(bad)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
