"""The driver of a clause solver is compared with the one that its network gives."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from gallery import OUTPUTS

from deepdistill.forms.clauses.driver import broken_driver
from deepdistill.recheck import verify_folder
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.solver import load_solver

SOURCE = (OUTPUTS / "maxsat" / "solver.py").read_text()
CHANGES = {
    "no flips": ("FLIPS = 20 ", "FLIPS = 0 "),
    "a flip more for each variable": ("FLIPS = 20 ", "FLIPS = 21 "),
    "another tie": ("lean < 0 or tie", "lean < 0"),
    "hard clauses cost less": ("self.hard = 1 + sum", "self.hard = sum"),
    "a resting variable less": ("int((2 * count) ** 0.5)", "int((2 * count) ** 0.5) - 1"),
    "no refusal": ("type(literal) is not int or not 1", "not 1"),
    "a header may lie": ("if len(clauses) != promised:", "if len(clauses) < promised:"),
    "weights are read as literals": ('if line[:1] == "%"', 'if line[:1] == "&"'),
    "a status": ('"s SATISFIABLE"', '"s UNKNOWN"'),
}


def test_a_driver_is_like_itself() -> None:
    one, other = (load_solver(SOURCE.encode(), "maxsat") for _ in range(2))
    assert broken_driver(one, other) is None


@pytest.mark.parametrize("change", CHANGES)
def test_changed_drivers_are_found(change: str) -> None:
    before, after = CHANGES[change]
    assert SOURCE.count(before) == 1
    changed = load_solver(SOURCE.replace(before, after).encode(), "changed")
    broken = broken_driver(changed, load_solver(SOURCE.encode(), "maxsat"))
    assert broken is not None and broken.expected != broken.got


def sealed(source: str, folder: Path) -> Path:
    """The result in the gallery with another solver, as if that had been certified."""
    shutil.copytree(OUTPUTS / "maxsat", folder)
    (folder / "solver.py").write_text(source)
    certificate = Certificate.read(folder / "certificate.json")
    files = {name: (folder / name).read_bytes() for name in certificate.digests}
    (folder / "certificate.json").write_text(certificate.sealed(files).text())
    return folder


def test_a_forged_driver_is_refused(tmp_path: Path) -> None:
    folder = sealed(SOURCE.replace(*CHANGES["no flips"]), tmp_path / "maxsat")
    found = verify_folder(folder, 12, 2)
    assert not found.ok and found.faithful.status == "failed"
    assert json.loads(found.text())["faithful"]["counterexample"]["call"].startswith("solve(")


def test_a_driver_in_other_words_is_as_good(tmp_path: Path) -> None:
    other = SOURCE.replace("since", "flipped_since")
    assert other != SOURCE
    assert verify_folder(sealed(other, tmp_path / "maxsat"), 12, 2).faithful.ok
