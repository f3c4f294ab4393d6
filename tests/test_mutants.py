"""The judges reject every mutant that is not the same, and nothing strange is executed."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from effort import tries
from mutant_formulas import FORMULAS, formula_outcome, law
from mutant_inputs import differs
from mutant_trials import (
    OUTPUTS,
    Kind,
    mutants_of,
    outcome,
    refused,
    subject,
)
from mutants import chosen, program_mutants, source_mutants
from proving import prove_program

from deepdistill.cli import main
from deepdistill.data import catalogue
from deepdistill.data.problem import InputError
from deepdistill.recheck import verify_folder
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.solver import load_solver

QUICK = ("argmax", "rule30", "running_min", "binary_addition", "touches_border")
"""Problems of every kind of judge that runs without a driver, and quickly."""

LAWS = tuple(one.name for one in catalogue.laws())
MORE = tuple(sorted({path.name for path in OUTPUTS.iterdir() if path.is_dir()} - {*QUICK, *LAWS}))


@pytest.mark.parametrize("name", QUICK)
def test_the_originals_are_accepted(name: str) -> None:
    one = subject(name)
    solve = load_solver(one.source.encode(), "solver")
    assert not refused(one, solve)
    assert differs(one.problem, solve, solve) is None


def test_mutants_change_what_they_say() -> None:
    source = "def solve(x):\n    return [a + 1 for a in x if a < 3]\n"
    found = {mutant.change.split(": ")[1]: mutant.value for mutant in source_mutants(source)}
    assert "a <= 3" in found["Lt becomes LtE"] and "a - 1" in found["Add becomes Sub"]
    assert "if" not in found["condition of the comprehension dropped"]
    assert "a < 4" in found["3 becomes 4"] and "[1 for" in found["left side of Add dropped"]
    assert len(set(found.values())) == len(found) and source not in found.values()


@pytest.mark.parametrize("kind, count", [("solver", 20), ("program", 6), ("network", 4)])
@pytest.mark.parametrize("name", QUICK)
def test_no_mutant_survives(name: str, kind: Kind, count: int) -> None:
    _none_survives(name, kind, count, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("name", MORE)
def test_no_mutant_of_the_gallery_survives(name: str, kind: Kind) -> None:
    _none_survives(name, kind, 20, seed=2)


def _none_survives(name: str, kind: Kind, count: int, seed: int) -> None:
    one = subject(name)
    sample = chosen(mutants_of(one, kind), count, seed)
    ends = [outcome(one, kind, mutant) for mutant in sample]
    survived = [m.change for m, end in zip(sample, ends, strict=True) if end == "survived"]
    assert not survived
    if ends or kind != "program":  # one of a single operation has none
        assert ends.count("rejected") > len(ends) // 2


@pytest.mark.parametrize(
    "name",
    [
        *(formula.name for formula in FORMULAS),
        *(pytest.param(name, marks=pytest.mark.slow) for name in LAWS),
    ],
)
def test_no_mutant_of_a_formula_survives(name: str) -> None:
    one = law(name)
    sample = chosen(list(source_mutants(one.source)), tries(25), 1)  # type: ignore[arg-type]
    ends = [formula_outcome(one, mutant) for mutant in sample]  # type: ignore[arg-type]
    assert "survived" not in ends and "rejected" in ends


@pytest.mark.parametrize("name", QUICK)
def test_no_program_that_the_judge_rejects_is_proved(name: str) -> None:
    """The most important test of the provers: they are sound."""
    one = subject(name)
    proved = 0
    for mutant in chosen(list(program_mutants(one.program)), 6, 3):
        proof = prove_program(mutant.value, one.network, 300_000)
        if proof is None or proof.status != "proved":
            continue
        proved += 1
        assert outcome(one, "program", mutant) != "rejected", mutant.change
    own = prove_program(one.program, one.network, 30_000_000)
    assert own is not None and own.status != "refuted"


def folder(path: Path, name: str) -> Path:
    shutil.copytree(OUTPUTS / name, path / name)
    return path / name


@pytest.mark.parametrize("file", ["solver.py", "network.npz"])
@pytest.mark.parametrize("name", ["argmax", "running_min"])
def test_what_does_not_belong_to_its_certificate_is_refused(
    tmp_path: Path, name: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    where = folder(tmp_path, name)
    rng = np.random.default_rng(5)
    data = (where / file).read_bytes()
    for _ in range(20):
        place = int(rng.integers(len(data)))
        (where / file).write_bytes(
            data[:place] + bytes([data[place] ^ int(rng.integers(1, 256))]) + data[place + 1 :]
        )
        with pytest.raises(InputError, match="was changed after it was certified"):
            verify_folder(where)
    with pytest.raises(SystemExit) as stopped:
        main(["verify", str(where)])
    assert stopped.value.code == 2 and "was changed" in capsys.readouterr().err


def test_a_mutant_with_its_own_digests_fails(tmp_path: Path) -> None:
    """Whoever seals a changed solver anew still does not get it past the judge.

    One that answers as the original does passes, unless what was proved is another program.
    """
    where = folder(tmp_path, "running_min")
    certificate = Certificate.read(where / "certificate.json")
    network = (where / "network.npz").read_bytes()
    one = subject("running_min")
    failed = 0
    for mutant in chosen(list(source_mutants(one.source)), 4, 4):
        files = {"solver.py": mutant.value.encode(), "network.npz": network}
        (where / "solver.py").write_bytes(files["solver.py"])
        (where / "certificate.json").write_text(certificate.sealed(files).text())
        try:
            verdict = verify_folder(where)
            passed, other = verdict.ok, "another one than solver.py" in verdict.faithful.note
        except InputError:
            passed = other = False
        failed += not passed
        right = outcome(one, "solver", mutant) != "rejected"
        assert passed == (right and not other), mutant.change
    assert failed > 2


@pytest.mark.parametrize("change", ["problem", "network", "seed"])
def test_changed_certificates_do_not_make_a_solver_right(tmp_path: Path, change: str) -> None:
    where = folder(tmp_path, "argmax")
    text = (where / "certificate.json").read_text()
    changed = {
        "problem": text.replace('"problem": "argmax"', '"problem": "argmin"'),
        "network": text.replace('"network.npz": "', '"network.npz": "0')[:-1],
        "seed": text.replace('"seed": 0', '"seed": -1'),
    }[change]
    assert changed != text
    (where / "certificate.json").write_text(changed)
    with contextlib.suppress(InputError):
        assert not verify_folder(where).ok
