"""Certificates: what was checked, and how strongly; the same bytes for the same seed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path
from typing import Any, Literal, TypeAlias, assert_never, get_args

from .. import __version__
from ..data.files import parse_json, read_bytes
from ..data.problem import InputError
from .evidence import Evidence, unnamed
from .evidence_file import EVIDENCE_KEYS, read_evidence

Status = Literal[
    "proved", "exhaustive", "sampled", "evidence", "not applicable", "no oracle", "failed"
]
STATUSES: tuple[Status, ...] = get_args(Status)

Shapes: TypeAlias = tuple[tuple[int, ...], ...]

FILES = ("solver.py", "network.npz")
"""The files whose digests a certificate carries."""

SECOND = "second.npz"
"""The network at a second size, where a condensed program was found from two."""

DYNAMICS = "dynamics.json"
"""Equations of motion, in place of a network."""

TEST = "test_solver.py"
"""The test beside the solver; certificates of earlier versions say nothing about it."""

FORMAT = 2
_LARGEST_CERTIFICATE = 4 * 2**20
_LARGEST_FILE = 64 * 2**20
_LONGEST_TEXT = 1000
_MOST_AXES = 16

_MEANING = {
    "faithful": "equals the trained network",
    "scalable": "equals its units at other sizes",
    "correct": "equals the known answer",
}

_UNKNOWN = "no answer is known at other sizes"
_IN_PLACE = {
    "formula": ("the formula found", "nothing but the table's answers is known"),
    "teacher": ("the model", "no right answer was given"),
    "composed": ("the program that was found", "nothing but the examples is known"),
}
"""What was not trained, by the version that names it: how claims speak of it and of answers."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: how it was checked, on how many examples and which sizes.

    ``examples`` counts inputs that were run; ``counterexample`` is plain data; ``note`` says in
    words what the numbers mean. A ``proved`` claim is one about the program, of which the solver
    is the text: its ``sizes`` may be ``"all"``, and then ``checked`` are those at which the solver
    was run. Its note names the argument, the prover's version and how much work it was. Where no
    oracle knows the answers, ``evidence`` is what the examples bear.
    """

    status: Status
    examples: int = 0
    sizes: Shapes | Literal["all"] = ()
    counterexample: Mapping[str, Any] | None = None
    note: str = ""
    checked: Shapes = ()
    evidence: Evidence | None = None

    @property
    def ok(self) -> bool:
        return self.status != "failed"

    @property
    def measure(self) -> str:
        """How far it goes, in one short line."""
        match self.status:
            case "proved":
                where = "all sizes" if self.sizes == "all" else _exactly(self.sizes)
                ran = f" ({_inputs(self)} run)" if self.examples else ""
                return f"all inputs of {where}{ran}"
            case "exhaustive":
                return f"every case ({_inputs(self)})"
            case "sampled":
                return _inputs(self)
            case "evidence":
                assert self.evidence is not None
                return self.evidence.measure
            case "not applicable" | "no oracle":
                return self.note or "no answer is known"
            case "failed":
                return self.note or _inputs(self)
            case _:
                assert_never(self.status)

    @property
    def by_examples(self) -> bool:
        """Whether no oracle stands behind it."""
        return self.status == "no oracle" or self.evidence is not None

    @property
    def run_sizes(self) -> Shapes:
        """The sizes at which the solver was run."""
        return self.checked if self.sizes == "all" else self.sizes

    def as_json(self) -> dict[str, Any]:
        result: dict[str, Any] = {
            "status": self.status,
            "examples": self.examples,
            "sizes": "all" if self.sizes == "all" else [list(size) for size in self.sizes],
            "counterexample": self.counterexample,
        }
        if self.note:
            result["note"] = self.note
        if self.checked:
            result["checked"] = [list(size) for size in self.checked]
        return result if self.evidence is None else {**result, **self.evidence.as_json()}


@dataclass(frozen=True, slots=True)
class Certificate:
    """Three claims about one solver, never mixed.

    ``cut_off`` says what ended the search before it was done, and is empty where nothing did.
    ``faithful``: solver and program equal the network at the trained size; ``scalable``: the same
    unit groups at other sizes; ``correct``: the oracle. ``digests`` are the SHA-256 of the files
    that the certificate belongs to, by file name. ``growth`` says how the solver's time grows with
    the sizes of its inputs (``n log n``), read from its loops; it is empty where nothing tells.
    """

    problem: str
    seed: int
    faithful: Claim
    scalable: Claim
    correct: Claim
    versions: Mapping[str, str | int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    cut_off: str = ""
    growth: str = ""

    @property
    def claims(self) -> dict[str, Claim]:
        return {"faithful": self.faithful, "scalable": self.scalable, "correct": self.correct}

    @property
    def ok(self) -> bool:
        """Whether no claim failed."""
        return all(claim.ok for claim in self.claims.values())

    @property
    def verdict(self) -> Status:
        """``failed`` where a claim did; else how it is known that the answers are right."""
        return self.correct.status if self.ok else "failed"

    def without_examples(self) -> Certificate:
        """The same without any input on which something differs: it may have been handed over."""

        def silent(claim: Claim) -> Claim:
            known = None if claim.evidence is None else claim.evidence.without_examples()
            claim = replace(claim, note=unnamed(claim.note), evidence=known)
            if claim.counterexample is None:
                return claim
            sentence = "no example is shown, as was asked for"
            note = f"{claim.note}; {sentence}" if claim.note else sentence
            return replace(claim, counterexample=None, note=note)

        faithful, scalable, correct = map(silent, self.claims.values())
        return replace(self, faithful=faithful, scalable=scalable, correct=correct)

    def sealed(self, files: Mapping[str, bytes]) -> Certificate:
        """The same certificate with the digests of the files it belongs to."""
        digests = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
        return replace(self, digests=digests)

    def refuse_strangers(self, files: Mapping[str, bytes]) -> None:
        """Raise :class:`InputError` where a file is not the one that was certified."""
        for name in (*FILES, *sorted({SECOND, TEST} & set(files))):
            if name not in self.digests:
                raise InputError(f"the certificate has no digest of {name}: distill it again")
            if hashlib.sha256(files[name]).hexdigest() != self.digests[name]:
                raise InputError(
                    f"{name} was changed after it was certified: the certificate says nothing "
                    "about it, distill it again"
                )

    def sentences(self) -> list[str]:
        """The claims in words, for docstrings and terminals."""
        described = [_sentence(name, claim) for name, claim in self.claims.items()]
        for kind, (model, answers) in _IN_PLACE.items():
            if kind in self.versions:
                renamed = [text.replace("the trained network", model) for text in described]
                described = [text.replace(_UNKNOWN, answers) for text in renamed]
        return described + self.further()

    def further(self) -> list[str]:
        """What stands beside the claims: what data cannot tell, that a search was cut off."""
        known = [claim.evidence for claim in self.claims.values() if claim.evidence is not None]
        described = [f"Not known: {s}." for evidence in known for s in evidence.unknown]
        if self.cut_off:
            described.append(f"The search was cut off by {self.cut_off}: this is the best it had.")
        return described

    def as_json(self) -> dict[str, Any]:
        """Plain data in the order of the file."""
        result: dict[str, Any] = {
            "problem": self.problem,
            "seed": self.seed,
            "versions": dict(sorted(self.versions.items())),
        }
        if self.cut_off:
            result["cut_off"] = self.cut_off
        if self.growth:
            result["growth"] = self.growth
        if self.digests:
            result["digests"] = dict(sorted(self.digests.items()))
        return {**result, **{name: claim.as_json() for name, claim in self.claims.items()}}

    def text(self) -> str:
        """The file: one line for each value."""
        lines = []
        for key, value in self.as_json().items():
            if isinstance(value, dict) and value:
                inner = [f"    {_compact(k)}: {_compact(v)}" for k, v in value.items()]
                lines.append(f"  {_compact(key)}: {{\n" + ",\n".join(inner) + "\n  }")
            else:
                lines.append(f"  {_compact(key)}: {_compact(value)}")
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @staticmethod
    def read(path: Path | str) -> Certificate:
        """Read a certificate from a file; :class:`InputError` with a sentence where it is none."""
        return Certificate.parse(read_bytes(Path(path), _LARGEST_CERTIFICATE), str(path))

    @staticmethod
    def parse(text: bytes | str, what: str = "the certificate") -> Certificate:
        """A certificate from its text, every value checked."""
        data = parse_json(text, what)
        try:
            return _certificate(data)
        except InputError as error:
            raise InputError(f"{what} is not a certificate: {error}") from None


def read_certified(folder: Path | str) -> tuple[Certificate, dict[str, bytes]]:
    """The certificate of a result's folder and the files that it belongs to, by name.

    Raises :class:`InputError` where one is missing, or is not the one that was certified.
    """
    folder = Path(folder)
    certificate = Certificate.read(folder / "certificate.json")
    names = [*FILES, *sorted({SECOND, TEST} & set(certificate.digests))]
    files = {name: read_bytes(folder / name, _LARGEST_FILE) for name in names}
    certificate.refuse_strangers(files)
    return certificate, files


def versions_now() -> dict[str, str | int]:
    """The versions that a new certificate carries."""
    return {"certificate": FORMAT, "deepdistill": __version__}


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def sizes_in_words(sizes: Shapes) -> str:
    """``of size 10 x 10``, or ``up to size 500 x 500`` where there are several sizes."""
    largest = " x ".join(f"{n:,}" for n in max(sizes, key=prod))
    return f"of size {largest}" if len(sizes) == 1 else f"up to size {largest}"


def _sentence(name: str, claim: Claim) -> str:
    match claim.status:
        case "no oracle":
            return f"{name}: {_UNKNOWN}; {claim.note}".rstrip("; ") + "."
        case "evidence":
            return f"{name} (evidence): {claim.note}."
        case "failed" if claim.evidence is not None:
            return f"{name} (failed): {claim.note}."
        case "not applicable":
            return f"{name}: not applicable{f'; {claim.note}' if claim.note else ''}."
        case "proved":
            described = f"{name} (proved): the program {_MEANING[name]} on all inputs of "
            described += "all sizes" if claim.sizes == "all" else _exactly(claim.sizes)
            ran = f" ({_inputs(claim)})" if claim.examples else ""
            return f"{described}{f'; {claim.note}' if claim.note else ''}{ran}."
        case _:
            how = "NOT " if claim.status == "failed" else ""
            note = f"; {claim.note}" if claim.note else ""
            return f"{name} ({claim.status}): {how}{_MEANING[name]} on {_inputs(claim)}{note}."


def _inputs(claim: Claim) -> str:
    """On what the solver was run: ``750 inputs up to size 500 x 500``."""
    count = f"{claim.examples:,} input{'' if claim.examples == 1 else 's'}"
    return f"{count} {sizes_in_words(claim.run_sizes)}" if claim.run_sizes else count


def _exactly(sizes: Shapes) -> str:
    """The sizes of a proof that does not hold for all of them."""
    described = [" x ".join(f"{n:,}" for n in size) for size in sorted(sizes, key=prod)]
    if len(described) > 3:
        return f"{len(described)} sizes, the largest {described[-1]}"
    if not described:
        return "the trained size"
    return f"size{'' if len(described) == 1 else 's'} {' and '.join(described)}"


_KEYS = {"problem", "seed", "versions", "faithful", "scalable", "correct"}
_CLAIM_KEYS = {"status", "examples", "sizes", "counterexample"}
_MORE_CLAIM_KEYS = {"note", "checked"}


def _certificate(data: Any) -> Certificate:
    _refuse_keys(data, _KEYS, {"digests", "cut_off", "growth"}, "it")
    problem, seed = data["problem"], data["seed"]
    if not _is_text(problem, 100) or not problem:
        raise InputError("its problem is not a short name")
    if type(seed) is not int or not 0 <= seed < 2**64:
        raise InputError("its seed is not a natural number")
    versions, digests = data["versions"], data.get("digests", {})
    if not isinstance(versions, dict) or not all(
        _is_text(name, 100) and (type(value) is int or _is_text(value, 100))
        for name, value in versions.items()
    ):
        raise InputError("its versions are not names with numbers")
    if not isinstance(digests, dict) or not all(
        name in (*FILES, SECOND, TEST, DYNAMICS)
        and isinstance(value, str)
        and re.fullmatch("[0-9a-f]{64}", value)
        for name, value in digests.items()
    ):
        raise InputError("its digests are not SHA-256 of solver.py and network.npz")
    cut_off = data.get("cut_off", "")
    growth = data.get("growth", "")
    if not _is_text(cut_off, 100) or not _is_text(growth, 100):
        raise InputError("its cut_off or its growth is not a short text")
    claims = {name: _claim(name, data[name]) for name in _MEANING}
    return Certificate(
        problem, seed, **claims, versions=versions, digests=digests, cut_off=cut_off, growth=growth
    )


def _refuse_keys(data: Any, needed: set[str], allowed: set[str], what: str) -> None:
    if not isinstance(data, dict):
        raise InputError(f"{what} is not a JSON object")
    if missing := sorted(needed - set(data)):
        raise InputError(f"{what} has no {missing[0]!r}")
    if unknown := sorted(set(data) - needed - allowed):
        raise InputError(f"{what} has an unknown key {unknown[0][:60]!r}")


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and value.isprintable()


def _claim(name: str, data: Any) -> Claim:
    _refuse_keys(data, _CLAIM_KEYS, _MORE_CLAIM_KEYS | EVIDENCE_KEYS, f"its claim {name!r}")
    status, examples, sizes = data["status"], data["examples"], data["sizes"]
    if status not in STATUSES:
        raise InputError(f"its claim {name!r} has an unknown status")
    if type(examples) is not int or not 0 <= examples < 2**63:
        raise InputError(f"its claim {name!r} has no count of examples")
    if sizes == "all" and status != "proved":
        raise InputError(f"its claim {name!r} speaks of all sizes without a proof")
    if "checked" in data and sizes != "all":
        raise InputError(f"its claim {name!r} has two lists of sizes")
    counterexample, note = data["counterexample"], data.get("note", "")
    if counterexample is not None and not isinstance(counterexample, dict):
        raise InputError(f"its claim {name!r} has a counterexample that is not an object")
    if not _is_text(note, _LONGEST_TEXT):
        raise InputError(f"its claim {name!r} has a note that is not one line of text")
    shapes: Shapes | Literal["all"] = "all" if sizes == "all" else _shapes(name, sizes)
    checked = _shapes(name, data.get("checked", []))
    evidence = read_evidence(data, f"its claim {name!r}") if EVIDENCE_KEYS & set(data) else None
    if status == "evidence" and (evidence is None or name == "scalable"):
        raise InputError(f"its claim {name!r} speaks of evidence and has none")
    return Claim(status, examples, shapes, counterexample, note, checked, evidence)


def _shapes(name: str, sizes: Any) -> Shapes:
    if not isinstance(sizes, list) or not all(
        isinstance(size, list)
        and len(size) <= _MOST_AXES
        and all(type(n) is int and 0 <= n < 2**63 for n in size)
        for size in sizes
    ):
        raise InputError(f"its claim {name!r} has sizes that are not lists of integers")
    return tuple(map(tuple, sizes))
