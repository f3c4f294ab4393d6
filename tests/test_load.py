"""``dd.load``: a saved result comes back whole, from one folder of each form."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from report_pages import rows_over_two

import deepdistill as dd
from deepdistill.verify.certificate import Certificate

OUTPUTS = Path(__file__).resolve().parents[1] / "outputs"

RESULTS = {
    "grid": "rule30",
    "set": "maximum",
    "sequence": "running_sum",
    "sized": "orientation",
    "clauses": "maxsat",
    "formula": "hypotenuse",
}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def rule30(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OUTPUTS / "rule30", tmp_path / "rule30"))


@pytest.mark.parametrize("form", RESULTS)
def test_what_is_saved_again_has_the_same_bytes(tmp_path: Path, form: str) -> None:
    folder = OUTPUTS / RESULTS[form]
    result = dd.load(folder)
    assert result.form.name == form and result.name == RESULTS[form]
    assert result.certificate.ok and not result.cut_off
    assert contents(result.save(tmp_path)) == contents(folder)


def test_a_dense_network_of_two_sizes_comes_back(tmp_path: Path) -> None:
    made = rows_over_two()
    folder = made.save(tmp_path / "first")
    assert (folder / "second.npz").is_file()
    result = dd.load(folder)
    assert result.form.name == "dense" and result.network.second is not None
    assert result.solve(np.eye(4, dtype=int).tolist()) == made.solve(np.eye(4, dtype=int).tolist())
    assert contents(result.save(tmp_path / "second")) == contents(folder)


def test_a_loaded_result_answers_and_explains(rule30: Path) -> None:
    result = dd.load(str(rule30))
    assert result.solve([0, 0, 1, 0, 0]) == [0, 1, 1, 1, 0]
    assert "cells" in str(result.explain([0, 0, 1, 0, 0], at=1))
    assert result.problem.name == "rule30" and "rule30" in repr(result)


@pytest.mark.parametrize("name", ["solver.py", "network.npz", "certificate.json"])
def test_a_folder_with_a_missing_file_is_refused(rule30: Path, name: str) -> None:
    (rule30 / name).unlink()
    with pytest.raises(dd.InputError, match=re.escape(name)):
        dd.load(rule30)


def test_what_was_changed_is_refused_and_never_executed(rule30: Path, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    code = (rule30 / "solver.py").read_text()
    (rule30 / "solver.py").write_text(f"open({str(mark)!r}, 'w').close()\n{code}")
    with pytest.raises(dd.InputError, match=r"solver\.py was changed"):
        dd.load(rule30)
    assert not mark.exists()


def test_a_solver_that_its_network_does_not_give_is_refused(rule30: Path) -> None:
    """Sealed anew, so that the digests hold: another rule."""
    code = (rule30 / "solver.py").read_text().replace("cells[i - 1] ^", "cells[i] ^")
    (rule30 / "solver.py").write_text(code)
    certificate = Certificate.read(rule30 / "certificate.json")
    files = {name: (rule30 / name).read_bytes() for name in certificate.digests}
    (rule30 / "certificate.json").write_text(certificate.sealed(files).text())
    with pytest.raises(dd.InputError, match="gives another program"):
        dd.load(rule30)


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(dd.InputError):
        dd.load(tmp_path / name)
