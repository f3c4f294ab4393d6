"""Term rewriting by the laws of :mod:`.laws`, bottom-up, to a fixed point."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

from ..ir.expr import Call, Const, Expr, If, Sum, size
from ..ir.interval import Interval, bounds
from ..ir.ops import OPERATIONS
from ..ir.rewrite import mapped
from .law import Match, RewriteLaw
from .laws import LAWS
from .matching import ASSOCIATIVE, matches_within, root

__all__ = ["Interval", "bounds", "simplify", "with_few_choices"]

Ranges: TypeAlias = Mapping[str, Interval]

_ROUNDS = 60  # rewrites of one node; the laws need a handful


def simplify(expr: Expr, ranges: Ranges | None = None) -> Expr:
    """An expression of the same value wherever every name lies in its range, and no longer.

    ``ranges`` gives the interval of names and, for reads, of ports; what it leaves out is unknown.
    """
    return _simplify(expr, ranges or {})


def _simplify(expr: Expr, ranges: Ranges) -> Expr:
    inner = ranges
    if isinstance(expr, Sum) and expr.points:
        axes = zip(*expr.points, strict=True)
        inner = {**ranges}
        for name, axis in zip(expr.names, axes, strict=True):
            inner[name] = Interval(min(axis), max(axis))
    expr = flatten(mapped(expr, lambda part: _simplify(part, inner)))
    for _ in range(_ROUNDS):
        folded = _fold(expr)
        if folded is not None:
            return folded
        rewritten = _rewrite(expr, ranges)
        if rewritten is None:
            return expr
        expr = rewritten
    return expr


def with_few_choices(expr: Expr) -> Expr:
    """The same with choices between the same values made at once, and what is asked for these."""
    expr = mapped(expr, with_few_choices)
    shorter = _rewrite(expr, {}) if isinstance(expr, If) else None
    return expr if shorter is None or size(shorter) >= size(expr) else shorter


def flatten(expr: Expr) -> Expr:
    """``(x and y) and z`` as ``x and y and z``, for every associative operation."""
    if not isinstance(expr, Call) or expr.op not in ASSOCIATIVE:
        return expr
    args: list[Expr] = []
    for arg in expr.args:
        args.extend(arg.args if isinstance(arg, Call) and arg.op == expr.op else (arg,))
    return Call(expr.op, tuple(args))


def _fold(expr: Expr) -> Expr | None:
    """The value of an operation on constants; also within a longer sum, and, or, ..."""
    if not isinstance(expr, Call):
        return None
    constants = [arg.value for arg in expr.args if isinstance(arg, Const)]
    if len(constants) == len(expr.args):
        try:
            return Const(OPERATIONS[expr.op].function(*constants))
        except (ArithmeticError, LookupError):
            return None  # the value is an error, and stays one
    return None


def _rewrite(expr: Expr, ranges: Ranges) -> Expr | None:
    """The expression after one law, its new parts simplified too; None where no law applies."""
    length = size(expr)
    for law in _LAWS_OF.get(root(expr), ()):
        for parts, rest in matches_within(law.pattern, expr, ranges):
            match = Match(parts, ranges)
            if not law.where(match):
                continue
            replacement = _simplify(law.replacement(match), ranges)
            if rest and isinstance(expr, Call):
                replacement = flatten(Call(expr.op, (replacement, *rest)))
            if replacement != expr and size(replacement) <= length:
                return replacement
    return None


def _laws_of() -> dict[str, tuple[RewriteLaw, ...]]:
    laws_by_root: dict[str, list[RewriteLaw]] = defaultdict(list)
    for law in LAWS:
        laws_by_root[root(law.pattern)].append(law)
    return {root: tuple(laws) for root, laws in laws_by_root.items()}


_LAWS_OF = _laws_of()
