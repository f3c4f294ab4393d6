"""Expressions of the intermediate representation: few frozen nodes, and operations on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from .ops import OPERATIONS


@dataclass(frozen=True, slots=True)
class Const:
    """A number, or a tuple of integers (a table for ``item``, a set of values for ``in``)."""

    value: int | float | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Var:
    """A scalar: a name bound by ``Let``, ``Map`` or ``Reduce``."""

    name: str


@dataclass(frozen=True, slots=True)
class Read:
    """The element of an array at an index: an input port, a table or an array bound before.

    On a wrapping axis the index is taken modulo the size; outside a bounded axis the value is 0.
    """

    port: str
    index: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Inside:
    """1 where an index lies inside the port's array, 0 where a bounded axis has ended."""

    port: str
    index: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """An operation of :data:`ops.OPERATIONS` applied to its arguments."""

    op: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class If:
    """``then`` where the condition is not 0, ``otherwise`` elsewhere."""

    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of ``body`` over ``points``, each point binding ``names`` to its coordinates."""

    names: tuple[str, ...]
    points: tuple[tuple[int, ...], ...]
    body: Expr


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of ``body`` while ``name`` runs from ``start`` up to, not including, ``stop``.

    Integers add up exactly; where there are floats the sum is rounded once.
    """

    name: str
    start: Expr
    stop: Expr
    body: Expr


@dataclass(frozen=True, slots=True)
class Size:
    """How many places an input has along one of its axes."""

    port: str
    axis: int = 0


@dataclass(frozen=True, slots=True)
class First:
    """``value`` at the first place where ``condition`` holds, ``name`` running as in ``Total``.

    Where it holds nowhere there is no answer: the evaluator raises :class:`NoAnswer`, and so does
    the rendered program (a ``ValueError`` there).
    """

    name: str
    start: Expr
    stop: Expr
    condition: Expr
    value: Expr


@dataclass(frozen=True, slots=True)
class Listed:
    """A list: ``value`` for each element of the list ``over`` for which ``condition`` holds.

    ``names`` are bound to the element, or where there are several to the numbers of an element
    that is a row of them.
    """

    names: tuple[str, ...]
    over: Expr
    value: Expr
    condition: Expr = Const(1)


class NoAnswer(ValueError):
    """A search found nothing: the program promises no answer for this input."""


Expr: TypeAlias = Const | Var | Read | Inside | Call | If | Sum | Total | Size | First | Listed


def call(op: str, *args: Expr) -> Call:
    """``Call`` with its number of arguments checked."""
    if not OPERATIONS[op].takes(len(args)):
        raise ValueError(f"operation {op!r} does not take {len(args)} arguments")
    return Call(op, args)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside an expression."""
    match expr:
        case Const() | Var() | Size():
            return ()
        case Read(_, index) | Inside(_, index):
            return index
        case Call(_, args):
            return args
        case If(condition, then, otherwise):
            return (condition, then, otherwise)
        case Sum(_, _, body):
            return (body,)
        case Total(_, start, stop, body):
            return (start, stop, body)
        case First(_, start, stop, condition, value):
            return (start, stop, condition, value)
        case Listed(_, over, value, condition):
            return (over, value, condition)
        case _:
            assert_never(expr)


def negated(condition: Expr) -> Expr:
    """The opposite of a truth: ``x >= y`` for ``x < y``, and likewise."""
    match condition:
        case Call("not", (inner,)):
            return inner
        case Call(op, args) if OPERATIONS[op].opposite:
            return Call(OPERATIONS[op].opposite, args)
        case _:
            return Call("not", (condition,))


def uses(expr: Expr, name: str) -> bool:
    """Whether a variable occurs in an expression."""
    return any(e == Var(name) for e in walk(expr))


def rebuild(expr: Expr, parts: tuple[Expr, ...]) -> Expr:
    """The same node with other children; ``rebuild(e, children(e)) == e``."""
    match expr:
        case Const() | Var() | Size():
            return expr
        case Read(port, _):
            return Read(port, parts)
        case Inside(port, _):
            return Inside(port, parts)
        case Call(op, _):
            return Call(op, parts)
        case If():
            return If(*parts)
        case Sum(names, points, _):
            return Sum(names, points, parts[0])
        case Total(name):
            return Total(name, *parts)
        case First(name):
            return First(name, *parts)
        case Listed(names):
            return Listed(names, *parts)
        case _:
            assert_never(expr)


def walk(expr: Expr) -> Iterator[Expr]:
    """Every node, the outermost first."""
    yield expr
    for child in children(expr):
        yield from walk(child)


def is_truth(expr: Expr) -> bool:
    """Whether the rendered expression is a Python bool rather than an int."""
    match expr:
        case Call(op, _):
            return OPERATIONS[op].truth
        case If(_, then, otherwise):
            return is_truth(then) and is_truth(otherwise)
        case _:
            return False


def size(expr: Expr) -> int:
    """How many nodes Python's ``ast`` has for the rendered expression: the measure of length.

    Counted as ``ast.walk`` counts, operators and load contexts included.
    """
    count = 0
    left: list[Expr] = [expr]
    while left:
        node = left.pop()
        match node:
            case Call("pow", (_, Const(int())) as args):
                count += 2  # it is going to be written with **
                left += args
            case Call(op, args):
                count += OPERATIONS[op].nodes(len(args))
                left += args
            case Var():
                count += 2
            case Const(tuple() as values):
                count += 2 + len(values) + 2 * sum(value < 0 for value in values)
            case Const(value):
                assert isinstance(value, int | float)
                count += 1 if value >= 0 else 3
            case If(condition, then, otherwise):
                count += 1
                left += (condition, then, otherwise)
            case Read(_, index) | Inside(_, index):
                count += 4 * len(index)
                left += index
            case Sum(names, _, body):
                count += 12 + 6 * len(names)
                left.append(body)
            case Total(_, start, stop, body):
                count += 10
                left += (start, stop, body)
            case Size():
                count += 5
            case First(_, start, stop, condition, value):
                count += 12
                left += (start, stop, condition, value)
            case Listed(names, over, value, condition):
                count += 4 + 2 * len(names) + 2 * (len(names) > 1)
                left += (over, value) if condition == Const(1) else (over, value, condition)
            case _:
                assert_never(node)
    return count
