"""What proofs do to certificates, and that they are repeated when a folder is checked again."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from grid_proofs import table_network
from strategies import BITS, grid_port

from deepdistill.data.problem import Problem
from deepdistill.forms import form_of_network
from deepdistill.forms.binding import bind
from deepdistill.forms.files import network_bytes
from deepdistill.forms.grid.inputs import GridInputs
from deepdistill.forms.grid.shorten import shorten
from deepdistill.forms.relift import same_code, written_again
from deepdistill.recheck import verify_folder
from deepdistill.target.source import Provenance, solver
from deepdistill.units.lift import lift
from deepdistill.verify.certificate import Certificate, Claim
from deepdistill.verify.judge import judge
from deepdistill.verify.proof import Proof, Proofs
from deepdistill.verify.proof.claims import with_proofs
from deepdistill.verify.solver import load_solver

SAMPLED = Certificate(
    "mine",
    0,
    Claim("exhaustive", 60, ((8,),), None, "all 8 patterns"),
    Claim("sampled", 3, ((50,), (9,))),
    Claim("sampled", 3, ((50,),)),
)
PROVED = Proof("proved", "equal everywhere", 1234)


def test_a_proof_at_all_sizes_settles_both_claims_about_the_network() -> None:
    found = with_proofs(SAMPLED, Proofs(PROVED))
    assert (found.faithful.status, found.faithful.sizes) == ("proved", ((8,),))
    assert (found.scalable.status, found.scalable.sizes) == ("proved", "all")
    assert found.scalable.checked == ((50,), (9,)) and found.scalable.examples == 3
    assert found.correct == SAMPLED.correct
    assert "equal everywhere (z3 " in found.faithful.note
    assert "checked exhaustively, all 8 patterns" in found.faithful.note
    assert "that solver.py computes the program was sampled" in found.scalable.note
    assert Certificate.parse(found.text()) == found


def test_a_proof_about_the_oracle_settles_correct_alone() -> None:
    found = with_proofs(SAMPLED, Proofs(None, Proof("proved", "all patterns")))
    assert found.faithful == SAMPLED.faithful and found.scalable == SAMPLED.scalable
    assert (found.correct.status, found.correct.sizes) == ("proved", "all")
    assert "z3" not in found.correct.note  # it was not asked
    none = replace(SAMPLED, correct=Claim("no oracle"))
    assert with_proofs(none, Proofs(None, Proof("proved", ""))) == none


def test_a_proof_at_some_sizes_settles_only_claims_about_these() -> None:
    some = replace(PROVED, sizes=((8,), (9,)))
    found = with_proofs(SAMPLED, Proofs(some))
    assert found.faithful.status == "proved" and found.scalable == SAMPLED.scalable
    found = with_proofs(SAMPLED, Proofs(replace(PROVED, sizes=((9,),))))
    assert found == SAMPLED
    more = with_proofs(SAMPLED, Proofs(replace(PROVED, sizes=((8,), (9,), (50,)))))
    assert (more.scalable.status, more.scalable.sizes) == ("proved", ((50,), (9,)))
    unrun = replace(SAMPLED, faithful=Claim("sampled"))
    assert with_proofs(unrun, Proofs(some)) == unrun


def test_a_refuted_program_fails_and_what_failed_stays_failed() -> None:
    wrong = Proof("refuted", "fields", 5, {"cells[0]": 1})
    found = with_proofs(SAMPLED, Proofs(wrong))
    assert not found.ok and found.faithful.ok  # it may be right at the trained size
    assert found.scalable.status == "failed"
    assert found.scalable.counterexample == {"values": {"cells[0]": 1}}
    one_size = replace(SAMPLED, scalable=Claim("not applicable"))
    assert with_proofs(one_size, Proofs(wrong)).faithful.status == "failed"
    failed = replace(SAMPLED, faithful=Claim("failed"), scalable=Claim("failed", note="why"))
    assert with_proofs(failed, Proofs(PROVED)) == failed


def test_without_a_proof_one_claim_says_why() -> None:
    unknown = Proof("unknown", "", 9, reason="z3 gave up")
    found = with_proofs(SAMPLED, Proofs(unknown))
    assert found.scalable == replace(SAMPLED.scalable, note="no proof: z3 gave up")
    assert found.faithful == SAMPLED.faithful
    assert with_proofs(SAMPLED, Proofs()) == SAMPLED


# A folder, from network to certificate, without training


ANSWERS = (0, 1, 1, 1, 1, 0, 0, 0)


def problem(name: str) -> Problem:
    port = grid_port(dimensions=1)
    network = table_network(ANSWERS, True)
    return Problem(
        name=name,
        inputs=(port,),
        output=replace(port, name="result", domain=BITS),
        training_shapes=((20,),),
        check_shapes=((60,), (2,)),
        oracle=lambda cells: network.run({"cells": cells}),
        oracle_radius=1,
    )


@cache
def made() -> tuple[Certificate, bytes]:
    """A certificate with its proofs, and the solver's source."""
    mine, network = problem("mine"), table_network(ANSWERS, True)
    program = shorten(lift(network, "mine"))
    provenance = Provenance("its table", (), (), (20,), "1.0")
    code = solver(program, provenance)
    certificate = judge(GridInputs(mine, network, program), load_solver(code.encode(), "mine"))
    certificate = with_proofs(certificate, form_of_network(network).prove(mine, network, program))
    described = replace(provenance, checked=tuple(certificate.sentences()))
    return certificate, solver(program, described).encode()


def folder(path: Path, source: bytes, certificate: Certificate) -> Path:
    network = {"network.npz": network_bytes(table_network(ANSWERS, True))}
    files = {"solver.py": source, **bind(network, certificate)}
    for name, content in files.items():
        (path / name).write_bytes(content)
    (path / "certificate.json").write_text(certificate.sealed(files).text())
    return path


def test_all_three_claims_are_proved_and_told_in_the_solver(tmp_path: Path) -> None:
    certificate, source = made()
    claims = certificate.claims.values()
    assert [claim.status for claim in claims] == ["proved"] * 3
    assert [claim.sizes for claim in claims] == [((20,),), "all", "all"]
    assert "radius 1 is declared" in certificate.correct.note
    assert b"scalable (proved): the program equals its units" in source


def test_the_proof_is_repeated_when_a_folder_is_checked_again(tmp_path: Path) -> None:
    certificate, source = made()
    again = verify_folder(folder(tmp_path, source, certificate))
    assert [claim.status for claim in again.claims.values()][:2] == ["proved"] * 2
    assert again.scalable.sizes == "all" and again.scalable.note == certificate.scalable.note
    assert verify_folder(tmp_path, size=31).scalable.checked == ((31,),)


@pytest.mark.parametrize("change", [b"\n\nX = 1\n", b"\n\n_check.__doc__ = None\n"])
def test_no_proof_speaks_of_another_text(tmp_path: Path, change: bytes) -> None:
    """What is not the text of the lifted program may do anything."""
    certificate, source = made()
    path = folder(tmp_path, source + change, certificate)
    again = verify_folder(path)
    assert again.faithful.status == "failed" and "gives another one" in again.faithful.note
    (tmp_path / "older").mkdir()
    older = replace(certificate, versions={**certificate.versions, "deepdistill": "0.0.1"})
    other = folder(tmp_path / "older", source + change, older)
    again = verify_folder(other)
    assert again.ok and again.faithful.status == "sampled"
    assert again.scalable.status == "sampled"
    assert "proof was not repeated" in again.scalable.note


def test_a_forged_proof_does_not_survive(tmp_path: Path) -> None:
    certificate, source = made()
    forged = replace(certificate.scalable, note="proved by me", examples=10**9)
    again = verify_folder(folder(tmp_path, source, replace(certificate, scalable=forged)))
    assert "proved by me" not in again.text() and again.scalable.examples < 1000


def test_only_the_docstring_of_a_module_may_differ() -> None:
    _, source = made()
    network = table_network(ANSWERS, True)
    _, draft = written_again(form_of_network(network), problem("mine"), network)
    assert same_code(draft, source)
    assert same_code(draft, b'"""Other."""' + source[source.index(b'"""', 3) + 3 :])
    assert same_code(draft, source.replace(b"% ", b"%  "))
    assert not same_code(draft, source.replace(b"import sys", b"import os"))
    other = table_network((1, *ANSWERS[1:]), True)
    assert not same_code(written_again(form_of_network(other), problem("mine"), other)[1], source)
