"""Expressions changed: parts replaced, names given other meanings, laws applied all over.

Sums and searches bind names: what stands for a name outside does not stand for it inside one that
binds the name anew, and no name of an expression that is put in is caught by such a binding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import assert_never

from .expr import (
    Call,
    Const,
    Expr,
    First,
    If,
    Inside,
    Listed,
    Read,
    Size,
    Sum,
    Total,
    Var,
    children,
    rebuild,
)
from .names import fresh
from .ops import OPERATIONS


def mapped(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """The node with each expression directly inside it changed."""
    parts = children(expr)
    return rebuild(expr, tuple([change(part) for part in parts])) if parts else expr


def topdown(expr: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """Each outermost part that is changed replaced by what it is changed to; None leaves it."""
    changed = change(expr)
    return mapped(expr, lambda part: topdown(part, change)) if changed is None else changed


def bottomup(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """Each node changed, those inside it first."""
    return change(mapped(expr, lambda part: bottomup(part, change)))


def settled(expr: Expr, law: Callable[[Expr], Expr | None], rounds: int = 100) -> Expr:
    """A law applied bottom-up until it has nothing to change anywhere; None leaves a node."""
    for _ in range(rounds):
        changed = bottomup(expr, lambda node: other if (other := law(node)) is not None else node)
        if changed == expr:
            break
        expr = changed
    return expr


def counting(op: str, args: Iterable[Expr]) -> tuple[Expr, ...]:
    """The arguments that count: without neutral ones, and the zero alone where there is one.

    Of integers: ``1 * x`` and ``0 * x``, ``p or 0`` and ``p or 1``, as the operation's row says.
    """
    row = OPERATIONS[op]
    kept = tuple(arg for arg in args if row.neutral is None or arg != Const(row.neutral))
    return (Const(row.zero),) if row.zero is not None and Const(row.zero) in kept else kept


def replace_each(expr: Expr, others: Mapping[Expr, Expr]) -> Expr:
    """Every part that is one of these replaced by the other one."""
    return topdown(expr, others.get)


def replace(expr: Expr, old: Expr, new: Expr) -> Expr:
    """Every part that is ``old`` replaced by ``new``."""
    return topdown(expr, lambda part: new if part == old else None)


def binds(expr: Expr) -> tuple[str, ...]:
    """The names that a node binds."""
    match expr:
        case Sum(names) | Listed(names):
            return names
        case Total(name) | First(name):
            return (name,)
        case Const() | Var() | Size() | Read() | Inside() | Call() | If():
            return ()
        case _:
            assert_never(expr)


def outside(expr: Expr) -> int:
    """How many of a node's children, the first ones, its names are not bound in."""
    return 2 if isinstance(expr, Total | First) else int(isinstance(expr, Listed))


def free_names(expr: Expr) -> set[str]:
    """The variables of an expression that it does not bind itself."""
    if isinstance(expr, Var):
        return {expr.name}
    parts, own = [free_names(part) for part in children(expr)], set(binds(expr))
    return set().union(*parts[: outside(expr)], *(part - own for part in parts[outside(expr) :]))


def substitute(expr: Expr, values: Mapping[str, Expr]) -> Expr:
    """The expression with other expressions for its free variables."""
    if isinstance(expr, Var):
        return values.get(expr.name, expr)
    own = binds(expr)
    if not own:
        return mapped(expr, lambda part: substitute(part, values))
    count, parts = outside(expr), children(expr)
    before = tuple(substitute(part, values) for part in parts[:count])
    inside = set().union(*map(free_names, parts[count:]))
    kept = {name: value for name, value in values.items() if name in inside and name not in own}
    coming = set().union(*map(free_names, kept.values()))
    renamed: dict[str, str] = {}
    for name in own:
        if name in coming:  # it would be caught
            taken = coming | inside | {*own, *renamed.values()}
            renamed[name] = fresh(name, taken)
    kept |= {old: Var(new) for old, new in renamed.items()}
    after = tuple(substitute(part, kept) for part in parts[count:])
    return rebuild(_named(expr, renamed), (*before, *after))


def _named(expr: Expr, renamed: Mapping[str, str]) -> Expr:
    """A node that binds other names."""
    match expr:
        case Sum(names, points, body):
            return Sum(tuple(renamed.get(name, name) for name in names), points, body)
        case Total(name, start, stop, body):
            return Total(renamed.get(name, name), start, stop, body)
        case First(name, start, stop, condition, value):
            return First(renamed.get(name, name), start, stop, condition, value)
        case Listed(names, over, value, condition):
            return Listed(tuple(renamed.get(name, name) for name in names), over, value, condition)
        case _:
            return expr
