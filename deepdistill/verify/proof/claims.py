"""What proofs add to a certificate whose judge has sampled the solver."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, assert_never

import z3

from ..certificate import Certificate, Claim, Shapes
from . import Proofs
from .session import Proof


def with_proofs(certificate: Certificate, proofs: Proofs) -> Certificate:
    """The certificate with claims proved, or failed where a proof refutes them.

    What failed before stays failed. A proof at all sizes settles ``scalable``, and with it
    ``faithful``, which speaks of the trained size; a proof at some sizes settles the claims whose
    sizes are among them. Where there is no proof, one claim says why.
    """
    faithful, scalable, correct = certificate.faithful, certificate.scalable, certificate.correct
    if (proof := proofs.network) is not None:
        one_size = scalable.status == "not applicable"
        if not one_size and proof.sizes == "all":
            scalable = _with(scalable, proof, "all")
        elif not one_size and proof.status == "proved" and _among(scalable, proof):
            scalable = _with(scalable, proof, scalable.run_sizes)
        if _among(faithful, proof) and (
            proof.status == "proved" or one_size or proof.sizes != "all"
        ):
            faithful = _with(faithful, proof, faithful.run_sizes)
    if proofs.oracle is not None and not correct.by_examples:
        correct = _with(correct, proofs.oracle, "all")
    return replace(certificate, faithful=faithful, scalable=scalable, correct=correct)


def _among(claim: Claim, proof: Proof) -> bool:
    """Whether a proof holds at all sizes of a claim."""
    if proof.sizes == "all":
        return True
    return bool(claim.run_sizes) and set(claim.run_sizes) <= set(proof.sizes)


def _with(claim: Claim, proof: Proof, sizes: Shapes | Literal["all"]) -> Claim:
    """One claim after a proof at these sizes was tried."""
    if not claim.ok:
        return claim
    match proof.status:
        case "proved" if claim.status == "evidence":  # of a model that was only asked
            note = "; ".join([*_notes(claim), f"of network and program: {_described(proof)}"])
            return replace(claim, note=note)
        case "proved":
            how = "checked exhaustively" if claim.status == "exhaustive" else "sampled"
            solver = ", ".join([f"that solver.py computes the program was {how}", *_notes(claim)])
            return replace(
                claim,
                status="proved",
                sizes=sizes,
                note=f"{_described(proof)}; {solver}",
                checked=claim.run_sizes if sizes == "all" else (),
            )
        case "refuted":
            counterexample = {"values": proof.counterexample or {}}
            note = f"refuted: {_described(proof)}"
            return replace(claim, status="failed", counterexample=counterexample, note=note)
        case "unknown":
            return replace(claim, note="; ".join([*_notes(claim), f"no proof: {proof.reason}"]))
        case _:
            assert_never(proof.status)


def _described(proof: Proof) -> str:
    """The argument and the prover; its work is no part: what z3 did before may change it."""
    if not proof.effort:
        return proof.argument
    return f"{proof.argument} {prover()}"


def prover() -> str:
    """The prover as a note names it."""
    return f"(z3 {z3.get_version_string()})"


def _notes(claim: Claim) -> list[str]:
    return [claim.note] if claim.note else []
