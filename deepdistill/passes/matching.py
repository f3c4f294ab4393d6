"""Where the pattern of a law is an expression: what its letters stand for, each way it can be.

Of a sum, product, ``and``, ``or``, ... of several arguments any two may be meant; a comparison of
two numbers of arrays may stand the other way round. A place that a pattern binds is one that the
expression binds, under whatever name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from ..ir.expr import Call, Const, Expr, First, If, Read, Total, Var, children
from ..ir.interval import Interval, bounds
from ..ir.rewrite import free_names, substitute
from .law import (
    BITS,
    CONSTANTS,
    DEPENDENT,
    LINES,
    PLACES,
    TABLES,
    TRUTHS,
    hole,
    is_number,
)

Parts: TypeAlias = dict[str, Expr]
Ranges: TypeAlias = Mapping[str, Interval]
Inner: TypeAlias = tuple[str, ...]
"""Names that the expression binds around the part that is looked at."""

ASSOCIATIVE = frozenset({"add", "mul", "bitand", "bitor", "bitxor", "and", "or", "max", "min"})
_TURNED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}


def root(expr: Expr) -> str:
    """What an expression and its patterns have in common at the top."""
    return expr.op if isinstance(expr, Call) else type(expr).__name__


def matches_within(
    pattern: Expr, expr: Expr, ranges: Ranges
) -> Iterator[tuple[Parts, tuple[Expr, ...]]]:
    """Ways a pattern matches; of a longer sum, and, or, ... two arguments, with those left over."""
    if isinstance(expr, Call) and expr.op in ASSOCIATIVE and len(expr.args) > 2:
        for i in range(len(expr.args)):
            for j in range(i + 1, len(expr.args)):
                rest = tuple(arg for k, arg in enumerate(expr.args) if k not in (i, j))
                pair = Call(expr.op, (expr.args[i], expr.args[j]))
                for parts in matches(pattern, pair, ranges):
                    yield parts, rest
        return
    for parts in matches(pattern, expr, ranges):
        yield parts, ()


def matches(pattern: Expr, expr: Expr, ranges: Ranges) -> Iterator[Parts]:
    """The ways to choose the letters of a pattern so that it is the expression."""
    yield from _match(pattern, expr, {}, ranges, ())


def _match(
    pattern: Expr, expr: Expr, parts: Parts, ranges: Ranges, inner: Inner
) -> Iterator[Parts]:
    match pattern:
        case Var(letter):
            if letter in parts:
                if parts[letter] == expr:
                    yield parts
            elif _fits(letter, expr, ranges) and not (inner and _uses(expr, inner)):
                yield {**parts, letter: expr}
        case Const():
            if pattern == expr:
                yield parts
        case Call(letter, args) if letter in DEPENDENT:
            yield from _dependent(letter, args, expr, parts, ranges, inner)
        case Call(op, (one, two)) if op in ASSOCIATIVE:
            if isinstance(expr, Call) and expr.op == op:
                for k, arg in enumerate(expr.args):
                    others = expr.args[:k] + expr.args[k + 1 :]
                    other = others[0] if len(others) == 1 else Call(op, others)
                    for first, second in ((arg, other), (other, arg))[: 1 + (len(others) > 1)]:
                        for bindings in _match(one, first, parts, ranges, inner):
                            yield from _match(two, second, bindings, ranges, inner)
        case Call(op, args):
            if isinstance(expr, Call) and expr.op == op and len(args) == len(expr.args):
                yield from _match_all(args, expr.args, parts, ranges, inner)
            turned = _TURNED.get(op) if all(isinstance(arg, Read) for arg in args) else None
            if isinstance(expr, Call) and expr.op == turned:
                yield from _match_all(args, expr.args[::-1], parts, ranges, inner)
        case If():
            if isinstance(expr, If):
                yield from _match_all(children(pattern), children(expr), parts, ranges, inner)
        case Read(letter, (place,)) if letter in LINES:
            line, at = line_of(expr) or (expr, expr)
            if line != expr and not _uses(line, inner) and parts.get(letter, line) == line:
                yield from _match(place, at, {**parts, letter: line}, ranges, inner)
        case Read(letter, index):
            if isinstance(expr, Read) and parts.get(letter, Var(expr.port)) == Var(expr.port):
                named = {**parts, letter: Var(expr.port)}
                yield from _match_all(index, expr.index, named, ranges, inner)
        case Total(letter) | First(letter):
            if type(expr) is type(pattern):
                assert isinstance(expr, Total | First)
                ends, bodies = children(pattern)[:2], children(pattern)[2:]
                for bindings in _match_all(ends, children(expr)[:2], parts, ranges, inner):
                    named, within = {**bindings, letter: Var(expr.name)}, (*inner, expr.name)
                    yield from _match_all(bodies, children(expr)[2:], named, ranges, within)
        case _:
            raise ValueError(f"{pattern} cannot stand in a law")


def _match_all(
    patterns: tuple[Expr, ...],
    exprs: tuple[Expr, ...],
    parts: Parts,
    ranges: Ranges,
    inner: Inner,
) -> Iterator[Parts]:
    if len(patterns) != len(exprs):
        return
    if not patterns:
        yield parts
        return
    for bindings in _match(patterns[0], exprs[0], parts, ranges, inner):
        yield from _match_all(patterns[1:], exprs[1:], bindings, ranges, inner)


def _dependent(
    letter: str, args: tuple[Expr, ...], expr: Expr, parts: Parts, ranges: Ranges, inner: Inner
) -> Iterator[Parts]:
    """``f(i)`` as whatever depends on no other bound place than i, which becomes a hole in it."""
    places = [parts.get(arg.name) for arg in args if isinstance(arg, Var)]
    names = [place.name for place in places if isinstance(place, Var)]
    if len(names) != len(args) or not _fits(letter, expr, ranges):
        return
    if _uses(expr, tuple(name for name in inner if name not in names)):
        return
    body = substitute(expr, {name: Var(hole(k)) for k, name in enumerate(names)})
    if parts.get(letter, body) == body:
        yield {**parts, letter: body}


def _uses(expr: Expr, names: Inner) -> bool:
    return not free_names(expr).isdisjoint(names)


def line_of(expr: Expr) -> tuple[Expr, Expr] | None:
    """The line that is read, and where: ``x`` at ``i`` for ``x[i]``, else ``x[i]`` at ``j``.

    Of arrays of more than two axes there is none.
    """
    match expr:
        case Read(array, (place,)):
            return Var(array), place
        case Read(array, (row, place)):
            return Call("item", (Var(array), row)), place
        case Call("item", (Var() as array, place)):
            return array, place
        case _:
            return None


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
    if letter in PLACES:
        return isinstance(expr, Var)
    return not is_tuple
