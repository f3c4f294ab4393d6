"""What values an expression can take: interval arithmetic over the domains of the ports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import TypeAlias, assert_never

from ..ir.expr import OPERATIONS, Call, Const, Expr, If, Inside, Read, Sum, Var
from ..ir.types import Port

Range: TypeAlias = tuple[float, float]

ANY: Range = (-inf, inf)
BIT: Range = (0, 1)


@dataclass(frozen=True, slots=True)
class Ranges:
    """The smallest and largest value of every name; what is unknown may be anything."""

    ports: Mapping[str, Port]
    names: dict[str, Range] = field(default_factory=dict)

    def of(self, expr: Expr) -> Range:
        """Bounds that hold wherever the inputs lie in their ports' domains."""
        match expr:
            case Const(value):
                values = value if isinstance(value, tuple) else (value,)
                return (min(values, default=0), max(values, default=0))
            case Var(name):
                return self.names.get(name, ANY)
            case Read(port):
                domain, axes = self.ports[port].domain, self.ports[port].axes
                inside: Range = (domain.low, domain.high)
                return inside if all(axis.wrap for axis in axes) else _hull(inside, (0, 0))
            case Inside():
                return BIT
            case Call(op, args):
                return BIT if OPERATIONS[op].truth else _called(op, [self.of(a) for a in args])
            case If(_, then, otherwise):
                return _hull(self.of(then), self.of(otherwise))
            case Sum(names, points, body):
                if not points:
                    return (0, 0)
                columns = zip(*points, strict=True)
                own = {
                    name: (min(column), max(column))
                    for name, column in zip(names, columns, strict=True)
                }
                low, high = Ranges(self.ports, {**self.names, **own}).of(body)
                return (len(points) * low, len(points) * high)
            case _:
                assert_never(expr)

    def is_bit(self, expr: Expr) -> bool:
        """Whether the value is always 0 or 1."""
        low, high = self.of(expr)
        return low >= 0 and high <= 1


def _hull(*ranges: Range) -> Range:
    return (min(low for low, _ in ranges), max(high for _, high in ranges))


def _times(a: Range, b: Range) -> Range:
    products = [x * y if x and y else 0 for x in a for y in b]
    return (min(products), max(products))


def _called(op: str, args: list[Range]) -> Range:
    match op, args:
        case "add", _:
            return (sum(low for low, _ in args), sum(high for _, high in args))
        case "sub", [(a, b), (c, d)]:
            return (a - d, b - c)
        case "mul", [first, *rest]:
            for other in rest:
                first = _times(first, other)
            return first
        case "floordiv", [(a, b), (c, d)] if c >= 1 and a > -inf and b < inf and d < inf:
            corners = [x // y for x in (a, b) for y in (c, d)]
            return (min(corners), max(corners))
        case "mod", [_, (c, d)] if c >= 1:
            return (0, d - 1)
        case (("bitand" | "bitor" | "bitxor"), _):
            low, high = _hull(*args)
            if low >= 0 and high < inf:
                return (0, high if op == "bitand" else 2 ** int(high).bit_length() - 1)
            return ANY
        case "max", _:
            return (max(low for low, _ in args), max(high for _, high in args))
        case "min", _:
            return (min(low for low, _ in args), min(high for _, high in args))
        case "abs", [(a, b)]:
            return (max(a, -b, 0), max(-a, b))
        case "int", [arg]:
            return arg
        case "item", [table, _]:
            return table
        case _:
            return ANY
