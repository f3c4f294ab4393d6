"""What only data could tell, bound to the network file, so that no edited claim takes its place.

Where right answers are at hand, those of a built-in problem or law or of a network that was handed
over, ``verify`` asks for them again. Examples of a user are gone by then: what they said of
*correct* is written into ``network.npz`` as a digest of that claim, of the problem's name, the seed
and what cut the search off. A digest is no signature: who rewrites all files can forge it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data.files import parse_json, read_arrays
from ..ir.errors import InputError
from ..units.archive import LARGEST_FILE, with_text

if TYPE_CHECKING:
    from ..verify.certificate import Certificate
    from .protocol import Form

MEMBER = "established.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Established:
    """The status of the claim *correct* when a network was written, and the digest of all of it."""

    status: str
    digest: str

    @staticmethod
    def of(certificate: Certificate) -> Established:
        """What a certificate says, whatever fields its claim has."""
        said = {
            "problem": certificate.problem,
            "seed": certificate.seed,
            "cut_off": certificate.cut_off,
            "correct": certificate.correct.as_json(),
        }
        text = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return Established(certificate.correct.status, hashlib.sha256(text.encode()).hexdigest())

    def refuse_others(self, certificate: Certificate) -> None:
        """Raise :class:`InputError` where a certificate says something else."""
        now = Established.of(certificate)
        if now.digest == self.digest:
            return
        words = f"says {now.status!r}" if now.status != self.status else "tells of it otherwise"
        raise InputError(
            f"the certificate was changed: network.npz was written with a claim 'correct' that is "
            f"{self.status!r}, and the certificate {words}; distill it again"
        )


def bound(form: Form, task: Any, network: Any, certificate: Certificate) -> bool:
    """Whether nobody who has the files alone can ask for right answers again."""
    if not form.knows_answers(task) or certificate.correct.evidence is not None:
        return True
    try:
        return not form.knows_answers(form.task_of(certificate, network))
    except InputError:  # an own problem, which no name leads back to
        return True


def bind(files: dict[str, bytes], certificate: Certificate) -> dict[str, bytes]:
    """The files of a network, with what was established of its answers."""
    said = Established.of(certificate)
    spec = {"format": _FORMAT, "status": said.status, "claim": said.digest}
    text = json.dumps(spec, ensure_ascii=True, separators=(",", ":"))
    return {**files, "network.npz": with_text(files["network.npz"], MEMBER, text)}


def read_binding(data: bytes, what: str) -> Established | None:
    """What the file of a network says was established; None where it says nothing."""
    text = read_arrays(data, what, LARGEST_FILE).get(MEMBER)
    if text is None:
        return None
    spec = parse_json(text.tobytes(), what) if text.dtype == np.uint8 else None
    match spec:
        case {"format": 1, "status": str() as status, "claim": str() as digest}:
            return Established(status, digest)
        case _:
            raise InputError(f"{what} is corrupted: what it says was established cannot be read")
