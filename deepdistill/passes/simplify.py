"""Term rewriting by the laws of :mod:`.laws`, bottom-up, to a fixed point."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from ..ir.expr import Call, Const, Expr, If, Sum, Var, children, size
from ..ir.interval import Interval, bounds
from ..ir.ops import OPERATIONS
from ..ir.rewrite import mapped
from .laws import BITS, CONSTANTS, LAWS, TABLES, TRUTHS, Match, RewriteLaw, is_number

__all__ = ["Interval", "bounds", "simplify"]

Parts: TypeAlias = dict[str, Expr]
Ranges: TypeAlias = Mapping[str, Interval]

ASSOCIATIVE = frozenset({"add", "mul", "bitand", "bitor", "bitxor", "and", "or", "max", "min"})
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
    for law in _LAWS_OF.get(_root(expr), ()):
        for parts, rest in _match_root(law.pattern, expr, ranges):
            match = Match(parts, ranges)
            if not law.where(match):
                continue
            replacement = _simplify(law.replacement(match), ranges)
            if rest and isinstance(expr, Call):
                replacement = flatten(Call(expr.op, (replacement, *rest)))
            if replacement != expr and size(replacement) <= length:
                return replacement
    return None


def _root(expr: Expr) -> str:
    return expr.op if isinstance(expr, Call) else type(expr).__name__


def _match_root(
    pattern: Expr, expr: Expr, ranges: Ranges
) -> Iterator[tuple[Parts, tuple[Expr, ...]]]:
    """Ways a pattern matches; of a longer sum, and, or, ... two arguments, with those left over."""
    if isinstance(expr, Call) and expr.op in ASSOCIATIVE and len(expr.args) > 2:
        for i in range(len(expr.args)):
            for j in range(i + 1, len(expr.args)):
                rest = tuple(arg for k, arg in enumerate(expr.args) if k not in (i, j))
                pair = Call(expr.op, (expr.args[i], expr.args[j]))
                for parts in _match(pattern, pair, {}, ranges):
                    yield parts, rest
        return
    for parts in _match(pattern, expr, {}, ranges):
        yield parts, ()


def _match(pattern: Expr, expr: Expr, parts: Parts, ranges: Ranges) -> Iterator[Parts]:
    """The ways to choose the letters of a pattern so that it is the expression."""
    match pattern:
        case Var(letter):
            if letter in parts:
                if parts[letter] == expr:
                    yield parts
            elif _fits(letter, expr, ranges):
                yield {**parts, letter: expr}
        case Const():
            if pattern == expr:
                yield parts
        case Call(op, (one, two)) if op in ASSOCIATIVE:
            if isinstance(expr, Call) and expr.op == op:
                for k, arg in enumerate(expr.args):
                    others = expr.args[:k] + expr.args[k + 1 :]
                    other = others[0] if len(others) == 1 else Call(op, others)
                    for first, second in ((arg, other), (other, arg))[: 1 + (len(others) > 1)]:
                        for found in _match(one, first, parts, ranges):
                            yield from _match(two, second, found, ranges)
        case Call(op, args):
            if isinstance(expr, Call) and expr.op == op and len(args) == len(expr.args):
                yield from _match_all(args, expr.args, parts, ranges)
        case If():
            if isinstance(expr, If):
                yield from _match_all(children(pattern), children(expr), parts, ranges)
        case _:
            raise ValueError(f"{pattern} cannot stand in a law")


def _match_all(
    patterns: tuple[Expr, ...], exprs: tuple[Expr, ...], parts: Parts, ranges: Ranges
) -> Iterator[Parts]:
    if not patterns:
        yield parts
        return
    for found in _match(patterns[0], exprs[0], parts, ranges):
        yield from _match_all(patterns[1:], exprs[1:], found, ranges)


def _fits(letter: str, expr: Expr, ranges: Ranges) -> bool:
    """Whether a letter may stand for an expression."""
    is_tuple = isinstance(expr, Const) and isinstance(expr.value, tuple)
    if letter in CONSTANTS:
        return isinstance(expr, Const) and not is_tuple
    if letter in TABLES:
        return is_tuple
    if letter in BITS:
        return not is_tuple and is_number(expr) and bounds(expr, ranges).is_bit
    if letter in TRUTHS:
        return not is_tuple and bounds(expr, ranges).is_bit
    return not is_tuple


def _laws_of() -> dict[str, tuple[RewriteLaw, ...]]:
    found: dict[str, list[RewriteLaw]] = defaultdict(list)
    for law in LAWS:
        found[_root(law.pattern)].append(law)
    return {root: tuple(laws) for root, laws in found.items()}


_LAWS_OF = _laws_of()
