"""What is known of formulas in a block's place: fidelity on held-out calls, the whole model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .. import __version__
from ..data.files import parse_json
from ..data.problem import InputError
from ..verify.certificate import Claim
from ..verify.evidence_file import EVIDENCE_KEYS, read_evidence

FORMAT = 1
_STATUSES = ("evidence", "no oracle", "failed")
_LONGEST_NOTE = 4000


@dataclass(frozen=True, slots=True)
class OutputFidelity:
    """How well the formula of one output follows the block on held-out calls.

    ``r2`` is the coefficient of determination, ``largest_error`` the largest absolute error;
    ``wrong`` rows are further off than ``tolerance``, three standard errors of the fitted rows.
    ``teacher_error`` is the standard error of the network itself, as far as it is known.
    """

    name: str
    formula: str
    complexity: int
    r2: float
    largest_error: float
    wrong: int
    tolerance: float
    teacher_error: float | None = None


@dataclass(frozen=True, slots=True)
class ModelAccuracy:
    """The whole model by one measure, ``before`` and ``after`` formulas take the block's place.

    ``chance`` is what the best constant answer reaches, ``examples`` were judged.
    """

    measure: str
    before: float
    after: float
    chance: float
    examples: int
    held_out: bool

    def sentence(self) -> str:
        """The numbers in words."""
        which = "held-out examples" if self.held_out else "examples, fitted ones among them"
        return (
            f"{self.measure} of the whole model {self.before:.4f} with the network's own block, "
            f"{self.after:.4f} with the formulas in its place (a constant: {self.chance:.4f}; "
            f"{self.examples:,} {which})"
        )


@dataclass(frozen=True, slots=True)
class SurrogateCertificate:
    """Two claims about formulas in the place of a block, never mixed.

    ``faithful``: they answer as the block on calls that were held out. ``correct``: the whole model
    is right with them in place, by labels; without labels there is no oracle. ``outputs`` has the
    numbers of each formula, ``accuracy`` those of the whole model. ``ranges`` are the ends of each
    input in all captured calls, ``outside`` says in words what is known beyond them.
    """

    name: str
    path: str
    seed: int
    faithful: Claim
    correct: Claim
    outputs: tuple[OutputFidelity, ...]
    accuracy: ModelAccuracy | None
    ranges: tuple[tuple[str, float, float], ...]
    outside: str
    notes: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def claims(self) -> dict[str, Claim]:
        return {"faithful": self.faithful, "correct": self.correct}

    @property
    def ok(self) -> bool:
        """Whether no claim failed."""
        return all(claim.ok for claim in self.claims.values())

    @property
    def teacher_error(self) -> float | None:
        """The largest of the standard errors of the network's outputs, as far as known."""
        known = [one.teacher_error for one in self.outputs if one.teacher_error is not None]
        return max(known, default=None)

    def sealed(self, digests: Mapping[str, str]) -> SurrogateCertificate:
        """The same certificate with the digests of the files it belongs to."""
        return replace(self, digests=dict(digests))

    def sentences(self) -> list[str]:
        """The claims in words, then what else is known."""
        said = [f"{name} ({claim.status}): {claim.note}." for name, claim in self.claims.items()]
        known = [one for one in self.outputs if one.teacher_error is not None]
        errors = ", ".join(f"{one.name} {one.teacher_error:.3g}" for one in known)
        error_notes = [f"standard error of the network itself: {errors}."] if errors else []
        return [*said, f"{self.outside}.", *error_notes, *(f"{note}." for note in self.notes)]

    def __str__(self) -> str:
        return "\n".join(self.sentences())

    def as_json(self) -> dict[str, Any]:
        """Plain data for the file."""
        return {
            "kind": "surrogate",
            "name": self.name,
            "path": self.path,
            "seed": self.seed,
            "versions": {"surrogate": FORMAT, "deepdistill": __version__},
            "faithful": self.faithful.as_json(),
            "correct": self.correct.as_json(),
            "outputs": [
                asdict(one) | {"r2": finite(one.r2), "largest_error": finite(one.largest_error)}
                for one in self.outputs
            ],
            "accuracy": None if self.accuracy is None else asdict(self.accuracy),
            "ranges": {name: [low, high] for name, low, high in self.ranges},
            "outside": self.outside,
            "notes": list(self.notes),
            "digests": dict(sorted(self.digests.items())),
        }

    def text(self) -> str:
        """The file."""
        return json.dumps(self.as_json(), indent=2, ensure_ascii=True, allow_nan=False) + "\n"

    @staticmethod
    def parse(text: bytes | str, what: str) -> SurrogateCertificate:
        """A certificate from its text; :class:`InputError` where it is none."""
        data = parse_json(text, what)
        try:
            accuracy = data["accuracy"]
            return SurrogateCertificate(
                str(data["name"]),
                str(data["path"]),
                int(data["seed"]),
                _claim(data["faithful"]),
                _claim(data["correct"]),
                tuple(
                    OutputFidelity(
                        **{
                            **one,
                            "r2": number(one["r2"], -1),
                            "largest_error": number(one["largest_error"], 1),
                        }
                    )
                    for one in data["outputs"]
                ),
                None if accuracy is None else ModelAccuracy(**accuracy),
                tuple((name, float(a), float(b)) for name, (a, b) in data["ranges"].items()),
                str(data["outside"]),
                tuple(map(str, data["notes"])),
                {str(name): str(digest) for name, digest in data["digests"].items()},
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise InputError(f"{what} is not the certificate of formulas of a block") from None


def finite(value: float) -> float | None:
    """The number as JSON has it: None where it is infinite."""
    return value if abs(value) < float("inf") else None


def number(value: float | None, sign: int) -> float:
    """The number that :func:`finite` wrote."""
    return sign * float("inf") if value is None else float(value)


def _claim(data: Mapping[str, Any]) -> Claim:
    if data["status"] not in _STATUSES or len(data.get("note", "")) > _LONGEST_NOTE:
        raise ValueError
    evidence = read_evidence(dict(data), "its claim") if EVIDENCE_KEYS & set(data) else None
    return Claim(
        data["status"], int(data["examples"]), (), data["counterexample"], data.get("note", ""),
        evidence=evidence,
    )  # fmt: skip
