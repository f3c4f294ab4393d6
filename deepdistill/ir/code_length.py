"""How many bits a program takes in one fixed prefix code: what its choice among all others costs.

The code is one for all forms, and was fixed before any data: a kind of node by how often it stands
in programs, an operation likewise, a name by its place among those bound so far, an integer in
Elias's delta code (Elias 1975), a decimal digit by digit. Names given by their makers cost nothing,
and neither do the ports, which come from the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log2
from typing import Any, assert_never

from .expr import Call, Const, Expr, First, If, Inside, Listed, Read, Size, Sum, Total, Var, walk
from .ops import OPERATIONS
from .program import Fill, Formula, Let, Map, Program, Scan, expressions
from .spec import LISTS, OPTIONAL

_COMMON = ("add", "sub", "mul", "eq", "ge", "lt", "and", "int")
_USUAL = 4.0  # bits of a common operation: half of the code is theirs
# those of optional columns have the codes of operations of lists, which formulas do not have
_COMPOSED = 1.0 + log2(len(OPERATIONS) - len(OPTIONAL) - len(_COMMON))
_MORE = 1.0 + log2(len(OPERATIONS) - len(OPTIONAL) - len(LISTS) - len(_COMMON))


def program_bits(program: Program | Formula) -> float:
    """The length of a program in bits; its ports and names are known beforehand."""
    code = _Code(
        [port.name for port in program.inputs], _COMPOSED if is_composed(program) else _MORE
    )
    if isinstance(program, Formula):
        return code.lets(program.body) + code.expr(program.value)
    tables = sum(_table_bits(table.values) for table in program.tables)
    code.names += [table.name for table in program.tables]
    bits = tables + integer_bits(len(program.tables))
    for statement in program.body:
        bits += 1 + 2  # that there is one more, and which kind
        match statement:
            case Let(name, value):
                bits += code.expr(value)
                code.names.append(name)
            case Map(name, _, index, body, value):
                inner = code.inside(index)
                bits += inner.lets(body) + inner.expr(value)
                code.names.append(name)
            case Fill(name, index, sizes, value, points):
                inner = code.inside(index)
                bits += sum(
                    integer_bits(size) if isinstance(size, int) else code.expr(size)
                    for size in sizes
                )
                bits += inner.expr(value) + (0 if points is None else _points_bits(points))
                code.names.append(name)
            case Scan(name, _, element, state, body, values):
                bits += code.lets(state)
                inner = code.inside((*element, *(let.name for let in state)))
                bits += inner.lets(body) + sum(map(inner.expr, values))
                code.names.append(name)
            case _:
                assert_never(statement)
    return bits + 1


def is_composed(program: Program | Formula) -> bool:
    """Whether a program has lists of their own lengths, and the code of those that may."""
    if isinstance(program, Formula):
        return False
    nodes = (e for one in program.body for value in expressions(one) for e in walk(value))
    return any(isinstance(e, Listed) or (isinstance(e, Call) and e.op in LISTS) for e in nodes)


def integer_bits(value: int) -> float:
    """An integer of any sign: Elias's delta code of its place in 0, 1, -1, 2, -2, …"""
    place = 2 * value if value > 0 else 1 - 2 * value
    length = place.bit_length()
    return float(length - 1 + 2 * (length.bit_length() - 1) + 1)


def operation_bits(op: str, count: int) -> float:
    """What an operation takes in a composed program, besides its ``count`` arguments."""
    many = 0 if OPERATIONS[op].arity is not None else count - 1
    return 2 + (_USUAL if op in _COMMON else _COMPOSED) + many


class _Code:
    """The code of what stands where these names are bound."""

    def __init__(self, names: Sequence[str], more: float = _MORE) -> None:
        self.names, self.more = list(names), more  # bits of an operation that is not common

    def inside(self, more: Iterable[str]) -> _Code:
        return _Code([*self.names, *more], self.more)

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
                return 2 + constant_bits(value)
            case Var():
                return 2 + self.name()
            case Call(op, args):
                if OPERATIONS[op].of_truths:  # x says as much there as x != 0
                    args = tuple(_bare(arg) for arg in args)
                many = 0 if OPERATIONS[op].arity is not None else len(args) - 1
                own = _USUAL if op in _COMMON else self.more
                return 2 + own + many + sum(map(self.expr, args))
            case Read(_, index) | Inside(_, index):
                return 4 + self.name() + sum(map(self.expr, index))
            case If(condition, then, otherwise):
                return 4 + sum(map(self.expr, (condition, then, otherwise)))
            case Sum(names, points, body):
                return 5 + _points_bits(points) + self.inside(names).expr(body)
            case Total(name, start, stop, body):
                return 5 + self.ends(start, stop) + self.inside((name,)).expr(body)
            case Size():
                return 5 + self.name()
            case First(name, start, stop, condition, value):
                inner = self.inside((name,))
                found = inner.expr(condition) + inner.expr(value)
                return 5 + self.ends(start, stop) + found
            case Listed(names, over, value, condition):
                inner = self.inside(names)
                told = 0.0 if condition == Const(1) else inner.expr(condition)
                return 5 + len(names) + 1 + self.expr(over) + inner.expr(value) + told
            case _:
                assert_never(expr)

    def ends(self, start: Expr, stop: Expr) -> float:
        """From where to where: one bit says that it is all places of an axis."""
        if start == Const(0) and isinstance(stop, Size):
            return 1 + self.name()
        return 1 + self.expr(start) + self.expr(stop)


def _bare(truth: Expr) -> Expr:
    match truth:
        case Call("ne", (value, Const(0))):
            return value
        case _:
            return truth


def decimal_bits(formula: Formula) -> float:
    """The length of a formula of measured columns, whose units are anyone's.

    A number is digits and a power of ten where these are shorter: 25000000000 as 25e9.
    """
    spared = 0.0
    for expr in [*(let.value for let in formula.body), formula.value]:
        for node in walk(expr):
            if isinstance(node, Const) and isinstance(node.value, int | float) and node.value:
                digits, exponent = _decimal(float(node.value))
                while digits % 10 == 0:
                    digits, exponent = digits // 10, exponent + 1
                told = 2 + integer_bits(digits) + integer_bits(exponent)
                spared += max(0.0, constant_bits(node.value) - told)
    return program_bits(formula) - spared


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


def _points_bits(points: Sequence[tuple[int, ...]]) -> float:
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


def _table_bits(values: Any) -> float:
    if isinstance(values, tuple):
        return integer_bits(len(values)) + sum(map(_table_bits, values))
    return constant_bits(values)
