"""Expressions of the intermediate representation: few frozen nodes and a table of operations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never


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
    """An operation of :data:`OPERATIONS` applied to its arguments."""

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


class NoAnswer(ValueError):
    """A search found nothing: the program promises no answer for this input."""


Expr: TypeAlias = Const | Var | Read | Inside | Call | If | Sum | Total | Size | First


@dataclass(frozen=True, slots=True)
class Operation:
    """What an operation computes and how Python writes it.

    ``arity`` is None for operations of two or more arguments. ``truth`` says that the result is
    a truth value (Python's bool) rather than a number.
    """

    function: Callable[..., Any]
    arity: int | None
    symbol: str
    truth: bool = False


def _product(*args: int) -> int:
    result = 1
    for arg in args:
        result *= arg
    return result


def _bits_and(*args: int) -> int:
    result = args[0]
    for arg in args[1:]:
        result &= arg
    return result


def _bits_or(*args: int) -> int:
    result = args[0]
    for arg in args[1:]:
        result |= arg
    return result


def _bits_xor(*args: int) -> int:
    result = args[0]
    for arg in args[1:]:
        result ^= arg
    return result


def softmax(scores: Sequence[float]) -> list[float]:
    """Shares of 1 that grow with the scores."""
    largest = max(scores)
    raised = [math.exp(score - largest) for score in scores]
    total = math.fsum(raised)
    return [value / total for value in raised]


OPERATIONS: dict[str, Operation] = {
    "add": Operation(lambda *args: sum(args), None, "+"),
    "sub": Operation(lambda a, b: a - b, 2, "-"),
    "mul": Operation(_product, None, "*"),
    "floordiv": Operation(lambda a, b: a // b, 2, "//"),
    "div": Operation(lambda a, b: a / b, 2, "/"),
    "mod": Operation(lambda a, b: a % b, 2, "%"),
    "bitand": Operation(_bits_and, None, "&"),
    "bitor": Operation(_bits_or, None, "|"),
    "bitxor": Operation(_bits_xor, None, "^"),
    "max": Operation(max, None, "max"),
    "min": Operation(min, None, "min"),
    "abs": Operation(abs, 1, "abs"),
    "int": Operation(int, 1, "int"),
    "sign": Operation(lambda a: (a > 0) - (a < 0), 1, "_sign"),
    # of real numbers; outside their domains they raise ValueError, as Python's math does
    "power": Operation(lambda a, b: a**b, 2, "**"),
    "pow": Operation(lambda a, b: math.pow(a, b), 2, "math.pow"),
    "exp": Operation(math.exp, 1, "math.exp"),
    "log": Operation(math.log, 1, "math.log"),
    "sqrt": Operation(math.sqrt, 1, "math.sqrt"),
    "sin": Operation(math.sin, 1, "math.sin"),
    "cos": Operation(math.cos, 1, "math.cos"),
    "tan": Operation(math.tan, 1, "math.tan"),
    "tanh": Operation(math.tanh, 1, "math.tanh"),
    "pi": Operation(lambda: math.pi, 0, "math.pi"),
    "e": Operation(lambda: math.e, 0, "math.e"),
    # a list of its arguments, and what is made of such a list or of an array
    "list": Operation(lambda *args: list(args), None, "[]"),
    "argmax": Operation(lambda scores: scores.index(max(scores)), 1, "_largest"),
    "softmax": Operation(softmax, 1, "_softmax"),
    "item": Operation(lambda table, k: table[k], 2, "[]"),
    # of a whole array, named by a variable: in order, its extremes, how often a value occurs, the
    # place of its first occurrence, how many different values, from the end
    "sorted": Operation(sorted, 1, "sorted"),
    "maximum": Operation(max, 1, "max"),
    "minimum": Operation(min, 1, "min"),
    "count": Operation(lambda array, value: array.count(value), 2, "count"),
    "position": Operation(lambda array, value: array.index(value), 2, "index"),
    "distinct": Operation(lambda array: len(set(array)), 1, "len(set())"),
    "reversed": Operation(lambda array: array[::-1], 1, "[::-1]"),
    "prefix": Operation(lambda array, n: array[:n], 2, "[:]"),  # the first n elements
    "eq": Operation(lambda a, b: int(a == b), 2, "==", truth=True),
    "ne": Operation(lambda a, b: int(a != b), 2, "!=", truth=True),
    "lt": Operation(lambda a, b: int(a < b), 2, "<", truth=True),
    "le": Operation(lambda a, b: int(a <= b), 2, "<=", truth=True),
    "gt": Operation(lambda a, b: int(a > b), 2, ">", truth=True),
    "ge": Operation(lambda a, b: int(a >= b), 2, ">=", truth=True),
    "in": Operation(lambda a, values: int(a in values), 2, "in", truth=True),
    "notin": Operation(lambda a, values: int(a not in values), 2, "not in", truth=True),
    # "between" is the chained comparison low <= x <= high
    "between": Operation(lambda low, x, high: int(low <= x <= high), 3, "<=", truth=True),
    "and": Operation(lambda *args: int(all(args)), None, "and", truth=True),
    "or": Operation(lambda *args: int(any(args)), None, "or", truth=True),
    "not": Operation(lambda a: int(not a), 1, "not", truth=True),
}


def call(op: str, *args: Expr) -> Call:
    """``Call`` with its number of arguments checked."""
    arity = OPERATIONS[op].arity
    if (arity is None and len(args) < 2) or (arity is not None and len(args) != arity):
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
        case _:
            assert_never(expr)


OPPOSITE = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}
"""The comparison that holds where another one does not."""


def negated(condition: Expr) -> Expr:
    """The opposite of a truth: ``x >= y`` for ``x < y``, and likewise."""
    match condition:
        case Call("not", (inner,)):
            return inner
        case Call(op, args) if op in OPPOSITE:
            return Call(OPPOSITE[op], args)
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
    inner: int = sum(size(child) for child in children(expr))
    match expr:
        case Const(tuple() as values):
            negative: int = sum(value < 0 for value in values)
            return 2 + len(values) + 2 * negative
        case Const(value):
            assert isinstance(value, int | float)
            return 1 if value >= 0 else 3
        case Var():
            return 2
        case Read(_, index) | Inside(_, index):
            return 4 * len(index) + inner
        case Call("item", _):
            return 2 + inner
        case Call("and" | "or", _):
            return 2 + inner
        case Call("between", _):
            return 3 + inner
        case Call("list", _):
            return 2 + inner
        case Call("sign" | "argmax" | "softmax", _):
            return 3 + inner
        case Call("pi" | "e", ()):
            return 4
        case Call("exp" | "log" | "sqrt" | "sin" | "cos" | "tan" | "tanh", _):
            return 5 + inner
        case Call("pow", (_, Const(int()))):
            return 2 + inner
        case Call("pow", _):
            return 5 + inner
        case Call("not" | "abs" | "int", _):
            return (2 if expr.op == "not" else 3) + inner
        case Call("max" | "min" | "sorted" | "maximum" | "minimum", _):
            return 3 + inner
        case Call("count" | "position", _):
            return 4 + inner
        case Call("distinct" | "reversed", _):
            return 6 + inner
        case Call(_, args):
            return 2 * (len(args) - 1) + inner
        case If():
            return 1 + inner
        case Sum(names):
            return 12 + 6 * len(names) + inner
        case Total():
            return 10 + inner
        case Size():
            return 5
        case First():
            return 12 + inner
        case _:
            assert_never(expr)
