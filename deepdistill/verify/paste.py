"""Counterexamples as lines of Python that can be pasted into a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .certificate import Certificate
from .equivalence import NO_ANSWER

_AUTHORITY = {
    "faithful": "the network's answer",
    "scalable": "the network's answer",
    "correct": "the known answer",
}
_LONGEST_COMMENT = 200


def pasted(certificate: Certificate) -> list[str]:
    """A line for each claim that failed and has a counterexample which is not too large to show.

    ``assert solve([[0, 1]]) == [[1, 0]]  # the network's answer; the solver gives [[0, 0]]``
    """
    lines = []
    for name, claim in certificate.claims.items():
        if not claim.ok and claim.counterexample is not None:
            line = assertion(claim.counterexample, _AUTHORITY[name])
            lines += [line] if line and line not in lines else []
    return lines


def assertion(counterexample: Mapping[str, Any], authority: str) -> str:
    """One counterexample as a line; empty where it holds no whole input."""
    match counterexample:
        case {"inputs": dict() as inputs, "expected": expected, "got": got}:
            return _line(", ".join(map(repr, inputs.values())), expected, got, authority)
        case {"input": list() as numbers, "expected": float() as expected, "answered": got}:
            call = _call_of_numbers(numbers)
            if call is not None:
                test = f"assert abs({call} - {expected!r}) <= 1e-9 * {max(1.0, abs(expected))!r}"
                return f"{test}{_comment(authority, got)}"
            return _line(repr(numbers), expected, got, authority)
        case {"input": list() as numbers, "expected": None, "answered": got}:
            call = ", ".join(map(repr, numbers))
            return _line(call, NO_ANSWER, got, authority)
        case {"input": value, "expected": expected, "answered": got}:
            return _line(repr(value), expected, got, authority)
        case {"call": str() as call, "expected": expected, "got": got}:
            return f"{call}  # is promised: {expected}; the solver: {got}"
        case _:
            return ""


def _call_of_numbers(numbers: list[Any]) -> str | None:
    """A call of a formula; None for an array."""
    if all(isinstance(x, float) for x in numbers):
        return f"solve({', '.join(map(repr, numbers))})"
    return None


def _line(call: str, expected: Any, got: Any, authority: str) -> str:
    comment = _comment(authority, got)
    if isinstance(expected, str):  # a sentence: the authority has no answer there
        return f"with pytest.raises(ValueError): solve({call}){comment}"
    return f"assert solve({call}) == {expected!r}{comment}"


def _comment(authority: str, got: Any) -> str:
    text = f"  # {authority}; the solver gives {got if isinstance(got, str) else repr(got)}"
    return text if len(text) <= _LONGEST_COMMENT else f"  # {authority}"
