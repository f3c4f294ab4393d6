"""Invariants in words, for certificates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from .invariants import Combination, Divides, Fact, Member, Positive, Where, Zero

_MOST = 8
_MOST_POINTS = 6


def facts_in_words(facts: Sequence[Fact]) -> str:
    """``a = b, 0 <= c and d = 3 where e = 0``; of many the first ones."""
    described = list(dict.fromkeys(map(fact_words, facts)))
    if len(described) > _MOST:
        described[_MOST:] = [f"{len(described) - _MOST} more"]
    return (
        described[0] if len(described) == 1 else f"{', '.join(described[:-1])} and {described[-1]}"
    )


def fact_words(fact: Fact) -> str:
    match fact:
        case Zero(form):
            return _compared(form, "=", "=")
        case Positive(form):
            return _compared(form, ">=", "<=")
        case Divides(form, divisor, Combination((), 0), quotient=False):
            return f"{divisor} divides {_sum(*_upright(form))}"
        case Divides(form, divisor, result, quotient):
            whole = _sum(form.terms, form.constant)
            whole = f"({whole})" if " " in whole and not _is_single(form) else whole
            sign = "//" if quotient else "%"
            return f"{_sum(result.terms, result.constant)} = {whole} {sign} {divisor}"
        case Member((name,), values):
            return f"{name} in {{{', '.join(str(v) for (v,) in values)}}}"
        case Member(names, values) if len(values) <= _MOST_POINTS:
            return f"({', '.join(names)}) in {{{', '.join(map(str, values))}}}"
        case Member(names, values):
            return f"({', '.join(names)}) among {len(values)} values"
        case Where(condition, inner):
            return f"{fact_words(inner)} where {fact_words(condition)}"
        case _:
            assert_never(fact)


def _upright(form: Combination) -> tuple[tuple[tuple[tuple[str, ...], int], ...], int]:
    """A form or its opposite, a term of positive weight first."""
    sign = 1 if any(weight > 0 for _, weight in form.terms) else -1
    terms = sorted(((names, sign * w) for names, w in form.terms), key=lambda term: term[1] < 0)
    return tuple(terms), sign * form.constant


def _is_single(form: Combination) -> bool:
    return len(form.terms) == 1 and form.terms[0][1] == 1 and not form.constant


def _compared(form: Combination, sign: str, turned: str) -> str:
    """Terms of positive weight on the left, the others with their opposites on the right."""
    left = tuple(t for t in form.terms if t[1] > 0)
    right = tuple((names, -weight) for names, weight in form.terms if weight < 0)
    if not left and right:
        left, right, constant, sign = right, (), form.constant, turned
    else:
        constant = -form.constant
    right_side = _sum(right, constant) if right or constant else "0"
    return f"{_sum(left, 0)} {sign} {right_side}"


def _sum(terms: Sequence[tuple[tuple[str, ...], int]], constant: int) -> str:
    parts = ""
    for names, weight in terms:
        size = abs(weight)
        described = " * ".join((*([str(size)] if size != 1 else []), *names))
        sign = " - " if weight < 0 else " + "
        parts += (sign if parts else "-" if weight < 0 else "") + described
    if constant or not parts:
        parts += (f" {'-' if constant < 0 else '+'} {abs(constant)}") if parts else str(constant)
    return parts
