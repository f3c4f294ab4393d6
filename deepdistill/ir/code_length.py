"""How many bits numbers, sets of places and expressions take in a fixed prefix code without kinds.

A kind of node by how often it stands in expressions, an operation likewise, a name by its place
among those bound so far, an integer in Elias's delta code (Elias 1975), a decimal digit by digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log2
from typing import Any, assert_never

from .expr import Call, Const, Expr, First, If, Inside, Listed, Read, Size, Sum, Total, Var
from .ops import OPERATIONS
from .program import Let
from .spec import LISTS, OPTIONAL

_COMMON = ("add", "sub", "mul", "eq", "ge", "lt", "and", "int")
_USUAL = 4.0  # bits of a common operation: half of the code is theirs
# those of optional columns have the codes of operations of lists, which formulas do not have
_COMPOSED = 1.0 + log2(len(OPERATIONS) - len(OPTIONAL) - len(_COMMON))
_MORE = 1.0 + log2(len(OPERATIONS) - len(OPTIONAL) - len(LISTS) - len(_COMMON))


def integer_bits(value: int) -> float:
    """An integer of any sign: Elias's delta code of its place in 0, 1, -1, 2, -2, …"""
    place = 2 * value if value > 0 else 1 - 2 * value
    length = place.bit_length()
    return float(length - 1 + 2 * (length.bit_length() - 1) + 1)


def operation_bits(op: str, count: int) -> float:
    """What an operation takes in a composed program, besides its ``count`` arguments."""
    many = 0 if OPERATIONS[op].arity is not None else count - 1
    return 2 + (_USUAL if op in _COMMON else _COMPOSED) + many


class UntypedCode:
    """The code of what stands where these names are bound; formulas have fewer operations."""

    def __init__(self, names: Sequence[str], of_formulas: bool = False) -> None:
        self.names, self.of_formulas = list(names), of_formulas
        self.more = _MORE if of_formulas else _COMPOSED

    def inside(self, more: Iterable[str]) -> UntypedCode:
        return UntypedCode([*self.names, *more], self.of_formulas)

    def name(self) -> float:
        return log2(max(1, len(self.names)))

    def lets(self, body: Sequence[Let]) -> float:
        """Names bound one after another; they stay bound."""
        bits = 1.0
        for let in body:
            bits += 1 + self.expr(let.value)
            self.names.append(let.name)
        return bits

    def expr(self, expr: Expr) -> float:
        match expr:
            case Const(value):
                return 2 + (decimal_bits if self.of_formulas else constant_bits)(value)
            case Var():
                return 2 + self.name()
            case Call(op, args):
                if OPERATIONS[op].of_truths:  # x says as much there as x != 0
                    args = tuple(map(bare, args))
                many = 0 if OPERATIONS[op].arity is not None else len(args) - 1
                own = _USUAL if op in _COMMON else self.more
                return 2 + own + many + sum(map(self.expr, args))
            case Read(_, index):
                return 4 + self.name() + len(index) + sum(map(self.expr, index))
            case Inside(_, index):
                return 6 + self.name() + len(index) + sum(map(self.expr, index))
            case If(condition, then, otherwise):
                return 4 + sum(map(self.expr, (condition, then, otherwise)))
            case Sum(names, points, body):
                return 5 + len(names) + points_bits(points) + self.inside(names).expr(body)
            case Total(name, start, stop, body):
                return 5 + self.ends(start, stop) + self.inside((name,)).expr(body)
            case Size():
                return 6 + self.name() + 1
            case First(name, start, stop, condition, value):
                inner = self.inside((name,))
                both_bits = inner.expr(condition) + inner.expr(value)
                return 6 + self.ends(start, stop) + both_bits
            case Listed(names, over, value, condition):
                inner = self.inside(names)
                bits = 0.0 if condition == Const(1) else inner.expr(condition)
                return 6 + len(names) + 1 + self.expr(over) + inner.expr(value) + bits
            case _:
                assert_never(expr)

    def ends(self, start: Expr, stop: Expr) -> float:
        """From where to where: one bit says that it is all places of an axis."""
        if start == Const(0) and isinstance(stop, Size):
            return 1 + self.name() + 1
        return 1 + self.expr(start) + self.expr(stop)


def bare(truth: Expr) -> Expr:
    """What is asked whether it is 0, without saying so."""
    match truth:
        case Call("ne", (value, Const(0))):
            return value
        case _:
            return truth


def decimal_bits(value: Any) -> float:
    """A number as digits and a power of ten where that is shorter: 25000000000 as 25e9."""
    if not isinstance(value, int | float) or not value:
        return constant_bits(value)
    digits, exponent = _decimal(float(value))
    while digits % 10 == 0:
        digits, exponent = digits // 10, exponent + 1
    return min(constant_bits(value), 2 + integer_bits(digits) + integer_bits(exponent))


def constant_bits(value: Any) -> float:
    """The length of a constant in the code."""
    if isinstance(value, tuple):
        return 2 + integer_bits(len(value)) + sum(map(integer_bits, value))
    if isinstance(value, int):
        return 1 + integer_bits(value)
    digits, exponent = _decimal(value)
    return 2 + integer_bits(digits) + integer_bits(exponent)


def _decimal(value: float) -> tuple[int, int]:
    """The digits of a number as an integer, and the power of ten that it is to be taken times."""
    shortest = repr(value)
    if "e" not in shortest:
        whole, _, part = shortest.partition(".")
        part = "" if part == "0" else part
        number = int(whole + part)
        return number, -len(part)
    mantissa, _, exponent = shortest.partition("e")
    whole, _, part = mantissa.partition(".")
    return int(whole + part), int(exponent) - len(part)


def points_bits(points: Sequence[tuple[int, ...]]) -> float:
    """A set of offsets: a whole box by its corners and what is left out of it, or one by one."""
    if not points:
        return 1 + integer_bits(0)
    alone = integer_bits(len(points)) + sum(integer_bits(k) for point in points for k in point)
    columns = list(zip(*points, strict=True))
    box = sum(integer_bits(min(column)) + integer_bits(max(column)) for column in columns)
    cells = 1
    for column in columns:
        cells *= max(column) - min(column) + 1
    missing = cells - len(set(points))
    box += integer_bits(missing) + missing * log2(max(1, cells))
    return 1 + min(alone, box)


def table_bits(values: Any) -> float:
    """The length of a table in the code."""
    if isinstance(values, tuple):
        return integer_bits(len(values)) + sum(map(table_bits, values))
    return constant_bits(values)
