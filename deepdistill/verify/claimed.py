"""What a certificate claims, beside what can be established again: no claim is believed.

Whoever edits a certificate can write any status there. A claim that is looked at again is reported
as it is found; here are the sentences for one that says more than its kind of result can bear.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import __version__
from ..data.problem import InputError
from .certificate import Certificate, Claim
from .equivalence import answer

if TYPE_CHECKING:
    from .inputs import InputSpace
    from .proof import Proofs

_STRENGTH: Mapping[str, int] = {
    "not applicable": 0,
    "no oracle": 0,
    "evidence": 1,
    "sampled": 2,
    "exhaustive": 3,
    "proved": 4,
}
_HELD = ("no oracle", "evidence")
_FIRST = 1  # the format of certificates whose networks bind nothing
_AUTHORITIES = {
    "faithful": ("network", "formula"),
    "scalable": ("network", "second"),
    "correct": ("oracle",),
}


def unbound(before: Certificate) -> Certificate:
    """A certificate whose answers nobody knows any more, and whose network binds nothing.

    Earlier versions wrote such results; all that they bear is what was held out, told as such.
    Raises :class:`InputError` where more is claimed.
    """
    correct = before.correct
    if correct.ok and correct.status not in _HELD:
        raise InputError(
            f"the certificate says that 'correct' is {correct.status}, and nothing is known of "
            f"{before.problem} that gives right answers: distill it again"
        )
    if correct.ok and before.versions.get("certificate") != _FIRST:
        raise InputError(
            "network.npz does not bear out what the certificate says of examples that were held "
            "out: distill it again"
        )
    sentence = (
        "told by the certificate alone, of an earlier version, which network.npz does not bind"
    )
    note = "; ".join([*([correct.note] if correct.note else []), sentence])
    return replace(before, correct=replace(correct, note=note)) if correct.ok else before


def refuse_excess(before: Certificate, now: Certificate, proofs: Proofs | None, same: bool) -> None:
    """Raise :class:`InputError` where a claim was stronger than it is found to be.

    ``same``: the sizes and counts are those of the certificate. Another version of deepdistill or
    of z3 may settle less; what no version could settle is refused all the same.
    """
    if not now.ok:
        return
    for name, claim in before.claims.items():
        current = now.claims[name]
        if not claim.ok or _STRENGTH[claim.status] <= _STRENGTH[current.status]:
            continue
        if _STRENGTH[current.status] == 0:
            why = f"; {current.note}" if name == "scalable" and current.note else ""
            raise _excess(name, claim, f"for such a result it is {current.status!r} at most{why}")
        if claim.status == "proved" and (proofs is None or proofs.network is None):
            raise _excess(name, claim, "no proof is known for such a result")
        if same and before.versions.get("deepdistill") == __version__ and _by_this_prover(claim):
            raise _excess(name, claim, f"looked at again it is {current.status}")


def _excess(name: str, claim: Claim, why: str) -> InputError:
    return InputError(
        f"the certificate claims too much: it says that {name!r} is {claim.status}, and {why}"
    )


def _by_this_prover(claim: Claim) -> bool:
    """Whether a proof was made by the z3 that is here, or by none."""
    from .proof.claims import prover

    return "(z3 " not in claim.note or prover() in claim.note


def refuse_invented(before: Certificate, space: InputSpace, solve: Any) -> None:
    """Raise :class:`InputError` where a counterexample is none: solver or authority say otherwise.

    One that shows no whole input, or that a proof gave, is not looked at.
    """
    for name, claim in before.claims.items():
        counterexample = claim.counterexample
        if claim.ok or counterexample is None:
            continue
        match counterexample:
            case {"inputs": dict() as inputs, "expected": expected, "got": got}:
                case: Any = {port: np.array(value) for port, value in inputs.items()}
            case {"input": list() as value, "expected": expected, "answered": got}:
                case = np.array(value)
            case _:
                continue
        references = space.references()
        authority = next((a for a in _AUTHORITIES[name] if a in references), None)
        sides: list[tuple[Callable[[Any], Any], Any]] = [(space.subject(solve), got)]
        sides += [] if authority is None else [(references[authority].run, expected)]
        if any(not _answers(run, case, said) for run, said in sides):
            raise InputError(
                f"the certificate was changed: its counterexample to {name!r} is none, "
                "distill it again"
            )


def _answers(run: Callable[[Any], Any], case: Any, said: Any) -> bool:
    """Whether a function answers what is said; sentences for what is no answer are all alike."""
    given = answer(run, case)
    if isinstance(said, str) or isinstance(given, str):
        return isinstance(said, str) and (isinstance(given, str) or said.startswith("an "))
    given, wanted = np.asarray(given), np.asarray(said)
    if given.shape != wanted.shape:
        return False
    return bool(np.all((given == wanted) | (given != given)))
