"""Evidence read back from the text of a certificate, every value checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..data.problem import InputError
from .evidence import MOST_NAMED, UNITS, Evidence

_NEEDED = ("unit", "seen", "wrong", "bound", "support", "noise", "unknown")
EVIDENCE_KEYS = {*_NEEDED, "tolerance"}
"""The keys of a claim that say how much data stands behind it."""

_MOST_SENTENCES, _LONGEST_SENTENCE = 100, 1000


def read_evidence(data: Mapping[str, Any], what: str) -> Evidence:
    """The evidence of a claim; :class:`InputError` where it cannot be such."""
    if missing := [name for name in _NEEDED if name not in data]:
        raise InputError(f"{what} has evidence without {missing[0]!r}")
    unit, seen, wrong, bound = (data[name] for name in _NEEDED[:4])
    if unit not in UNITS:
        raise InputError(f"{what} counts an unknown unit")
    if any(type(count) is not int or not 0 <= count < 2**63 for count in (seen, wrong)):
        raise InputError(f"{what} has no count of what was seen and what was wrong")
    if wrong > seen:
        raise InputError(f"{what} has more wrong answers than it saw")
    if not _is_share(bound):
        raise InputError(f"{what} has a bound that is no share")
    tolerance = data.get("tolerance")
    if tolerance is not None and not (_is_number(tolerance) and tolerance >= 0):
        raise InputError(f"{what} has a tolerance that is no number")
    support, noise, unknown = data["support"], data["noise"], data["unknown"]
    if isinstance(noise, dict) and not _names_few(noise.get("examples", [])):
        raise InputError(f"{what} has noise with examples that are not a short list")
    if not isinstance(support, dict) or not (noise is None or isinstance(noise, dict)):
        raise InputError(f"{what} has support or noise that is no object")
    if (
        not isinstance(unknown, list)
        or len(unknown) > _MOST_SENTENCES
        or not all(
            isinstance(text, str) and len(text) <= _LONGEST_SENTENCE and text.isprintable()
            for text in unknown
        )
    ):
        raise InputError(f"{what} has unknown things that are not a list of sentences")
    return Evidence(unit, seen, wrong, bound, tolerance, support, noise, tuple(unknown))


def _names_few(examples: Any) -> bool:
    return (
        isinstance(examples, list)
        and len(examples) <= MOST_NAMED
        and all(isinstance(one, dict) for one in examples)
    )


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1
