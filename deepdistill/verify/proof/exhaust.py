"""Deciding terms by trying every assignment, where there are few: what is left when z3 gives up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, TypeAlias

import numpy as np
import z3
from numpy.typing import NDArray

from .encode import NotEncoded, Term

Array: TypeAlias = NDArray[Any]

MOST = 2**20
"""The most assignments that are tried."""

_AT_ONCE = 2**16
_LARGEST = 2**31  # absolute values that int64 multiplies without wrapping, and adds


def assignments(variables: Sequence[tuple[Term, int, int]]) -> int:
    """How many there are; each variable comes with its least and largest value."""
    return prod(high - low + 1 for _, low, high in variables)


def counterexample(
    goals: Sequence[Term], known: Sequence[Term], variables: Sequence[tuple[Term, int, int]]
) -> dict[str, int] | None:
    """The first assignment that ``known`` allows and where a goal fails, by name; or None.

    Truths are variables from 0 to 1. Raises :class:`NotEncoded` for terms it cannot compute.
    """
    wanted = z3.And(*known, z3.Not(z3.And(*goals)))
    names = [term.get_id() for term, _, _ in variables]
    for start in range(0, assignments(variables), _AT_ONCE):
        left = np.arange(start, min(start + _AT_ONCE, assignments(variables)))
        values: dict[int, Array] = {}
        for name, (term, low, high) in zip(names, variables, strict=True):
            digit = left % (high - low + 1)
            values[name] = digit == 1 if z3.is_bool(term) else low + digit
            left = left // (high - low + 1)
        failures = np.flatnonzero(_value(wanted, values, len(left)))
        if len(failures):
            first = int(failures[0])
            return {
                str(term): int(values[name][first])
                for name, (term, _, _) in zip(names, variables, strict=True)
            }
    return None


def _value(root: Term, values: dict[int, Array], count: int) -> Array:
    """A term at each assignment; parts that occur often are computed once."""
    waiting = [root]
    while waiting:
        term = waiting[-1]
        parts = [part for part in term.children() if part.get_id() not in values]
        if parts:
            waiting += parts
            continue
        waiting.pop()
        if term.get_id() not in values:
            inputs = [values[part.get_id()] for part in term.children()]
            values[term.get_id()] = _computed(term, inputs, count)
    return values[root.get_id()]


def _computed(term: Term, parts: list[Array], count: int) -> Array:
    kind = term.decl().kind()
    if z3.is_int_value(term):
        return np.full(count, term.as_long(), dtype=np.int64)
    if kind in (z3.Z3_OP_TRUE, z3.Z3_OP_FALSE):
        return np.full(count, kind == z3.Z3_OP_TRUE)
    if kind in (z3.Z3_OP_AND, z3.Z3_OP_OR) and not parts:
        return np.full(count, kind == z3.Z3_OP_AND)
    if kind not in _OPERATIONS:
        raise NotEncoded(f"{term.decl().name()} by enumeration")
    if any(part.dtype == np.int64 and np.abs(part).max(initial=0) > _LARGEST for part in parts):
        raise NotEncoded("numbers too large to enumerate")
    return _OPERATIONS[kind](*parts)


def _product(*parts: Array) -> Array:
    result = parts[0]
    for part in parts[1:]:
        if np.abs(result).max(initial=0) > _LARGEST:
            raise NotEncoded("numbers too large to enumerate")
        result = result * part
    return result


def _minus(first: Array, *rest: Array) -> Array:
    result: Array = first - sum(rest)
    return result


_OPERATIONS: dict[int, Callable[..., Array]] = {
    z3.Z3_OP_AND: lambda *parts: np.all(parts, axis=0),
    z3.Z3_OP_OR: lambda *parts: np.any(parts, axis=0),
    z3.Z3_OP_NOT: np.logical_not,
    z3.Z3_OP_XOR: np.logical_xor,
    z3.Z3_OP_IMPLIES: lambda a, b: ~a | b,
    z3.Z3_OP_ITE: np.where,
    z3.Z3_OP_EQ: np.equal,
    z3.Z3_OP_DISTINCT: lambda a, b: a != b,
    z3.Z3_OP_IFF: np.equal,
    z3.Z3_OP_LE: np.less_equal,
    z3.Z3_OP_GE: np.greater_equal,
    z3.Z3_OP_LT: np.less,
    z3.Z3_OP_GT: np.greater,
    z3.Z3_OP_ADD: lambda *parts: np.sum(parts, axis=0),
    z3.Z3_OP_SUB: _minus,
    z3.Z3_OP_UMINUS: np.negative,
    z3.Z3_OP_MUL: _product,
    # z3 rounds as Python does for positive divisors; for others there is an obligation
    z3.Z3_OP_IDIV: lambda a, b: a // np.where(b > 0, b, 1),
    z3.Z3_OP_MOD: lambda a, b: a % np.where(b > 0, b, 1),
}
