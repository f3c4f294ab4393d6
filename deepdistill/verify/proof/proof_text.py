"""What was proved of a result, as a file that other solvers read."""

from __future__ import annotations

from ... import __version__
from ...data.problem import InputError
from ..certificate import Certificate
from . import Proofs

_ORACLE = (
    "Not in this file: that the program gives right answers. The oracle is a function of Python, "
    "which was asked about every pattern that it or the network can read."
)


def proof_text(certificate: Certificate, proofs: Proofs | None) -> str:
    """The obligations of a result's proof in SMT-LIB 2.6, the argument in words before them.

    A solver that answers ``unsat`` confirms them. Raises :class:`InputError` where nothing was
    proved.
    """
    from .encode import NotEncoded
    from .smt import smt_text

    proof = None if proofs is None else proofs.network
    name = certificate.problem
    if proof is None or proof.status != "proved" or proof.obligations is None:
        raise InputError(f"nothing was proved for {name}: {_statuses(certificate)}")
    said = zip(certificate.claims.items(), certificate.sentences(), strict=False)
    proved = {claim: text for (claim, verdict), text in said if verdict.status == "proved"}
    oracle = [_ORACLE] if proved.pop("correct", None) is not None else []
    files = " and ".join(
        f"{file} (SHA-256 {digest})"
        for file, digest in sorted(certificate.digests.items())
        if file in ("network.npz", "second.npz", "solver.py")
    )
    title = (
        f"Proof obligations of {name}, written by deepdistill {__version__}. They are about the "
    )
    title += f"program and the network of {files}. A solver confirms them by the answer unsat."
    try:
        return smt_text(proof.obligations(), title, [*proved.values(), *oracle])
    except NotEncoded as error:
        raise InputError(f"what was proved for {name} cannot be written: {error}") from None


def _statuses(certificate: Certificate) -> str:
    """``its claims are sampled``, or which of them is what."""
    claims = {name: claim.status for name, claim in certificate.claims.items()}
    some = {status for status in claims.values() if status not in ("not applicable", "no oracle")}
    if len(some) == 1:
        return f"its claims are {some.pop()}"
    return "its claims are " + ", ".join(f"{name} {status}" for name, status in claims.items())
