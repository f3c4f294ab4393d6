"""What a law is, and the notation that laws are written in.

A law reads ``pattern -> replacement`` in Python's own syntax. Its letters say what they stand for:
``a b e`` bits (numbers 0 or 1), ``p q r`` truths or bits, ``c d`` constants, ``s`` a constant
tuple, ``i j k`` places, ``A B`` arrays, ``L M`` lines (arrays, or rows of one), all other letters
any number; where there are arrays or lines, ``n`` is the length of each of them. ``where`` is a
further condition on what was matched.

``sum(... for i in range(n))``, ``any(...)``, ``none(...)`` and ``first(value for i in range(n) if
condition)`` bind a place. A letter stands for what depends on no place bound in the pattern;
``f(i)`` for what may depend on i, whatever i is called there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from ..ir.expr import Call, Const, Expr, First, If, Read, Total, Var, call, children, is_truth
from ..ir.interval import Interval, bounds
from ..ir.rewrite import mapped, substitute

BITS = frozenset("abe")
TRUTHS = frozenset("pqr")
CONSTANTS = frozenset("cd")
TABLES = frozenset("s")
PLACES = frozenset("ijk")
ARRAYS = frozenset("AB")
LINES = frozenset("LM")
LENGTH = "n"
DEPENDENT = frozenset("bfgpqv")
"""Letters that may be applied to places."""


def hole(k: int) -> str:
    """The name, in what ``f(i, j)`` stands for, of the first place (0) or the second (1)."""
    return f"*{k}*"


@dataclass(frozen=True, slots=True)
class Match:
    """What the letters of a pattern stand for, and the ranges of the names in it.

    ``lengths`` are those of each array along its axes.
    """

    parts: Mapping[str, Expr]
    ranges: Mapping[str, Interval]
    lengths: Mapping[str, tuple[Expr, ...]] = field(default_factory=dict)

    def __getitem__(self, letter: str) -> Expr:
        return self.parts[letter]

    def value(self, letter: str) -> int:
        """The value of a constant."""
        part = self.parts[letter]
        if not isinstance(part, Const) or not isinstance(part.value, int):
            raise TypeError(f"{letter} is not a constant")
        return part.value

    def values(self, letter: str) -> tuple[int, ...]:
        """The entries of a constant tuple."""
        part = self.parts[letter]
        if not isinstance(part, Const) or not isinstance(part.value, tuple):
            raise TypeError(f"{letter} is not a tuple")
        return part.value

    def name(self, letter: str) -> str:
        """The name of a place or an array."""
        part = self.parts[letter]
        if not isinstance(part, Var):
            raise TypeError(f"{letter} is no name")
        return part.name

    def low(self, letter: str) -> float:
        """The least value the part can take."""
        return bounds(self.parts[letter], self.ranges).low

    def high(self, letter: str) -> float:
        """The greatest value the part can take."""
        return bounds(self.parts[letter], self.ranges).high

    def length(self, array: str, axis: int = 0) -> Expr | None:
        """How long an array is along an axis; None where that is not known, or has none."""
        sizes = self.lengths.get(array, ())
        return sizes[axis] if axis < len(sizes) else None


def always(_: Match) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class RewriteLaw:
    """One law; ``make`` builds the replacement where it depends on the constants."""

    text: str
    where: Callable[[Match], bool] = always
    make: Callable[[Match], Expr] | None = None

    @property
    def pattern(self) -> Expr:
        return read(self.text.split(" -> ")[0])

    def replacement(self, match: Match) -> Expr:
        """The replacement for what was matched."""
        if self.make is not None:
            return self.make(match)
        return filled(read(self.text.split(" -> ")[1]), match.parts)

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the pattern, sorted."""
        return tuple(sorted(_letters(self.pattern)))


def is_number(expr: Expr) -> bool:
    """Whether Python prints the value as a number, never as a truth."""
    match expr:
        case If(_, then, otherwise):
            return is_number(then) and is_number(otherwise)
        case _:
            return not is_truth(expr)


def _letters(expr: Expr) -> set[str]:
    own: set[str] = set()
    match expr:
        case Var(name) | Total(name) | First(name) | Read(name):
            own = {name}
        case Call(op) if op in DEPENDENT:
            own = {op}
    return own.union(*map(_letters, children(expr)))


def filled(expr: Expr, parts: Mapping[str, Expr]) -> Expr:
    """A pattern with what its letters stand for."""
    match expr:
        case Var(letter):
            return parts.get(letter, expr)
        case Call(letter, args) if letter in DEPENDENT and letter in parts:
            given = {hole(k): filled(arg, parts) for k, arg in enumerate(args)}
            return substitute(parts[letter], given)
        case Read(letter, index) if letter in parts:
            places = tuple(filled(place, parts) for place in index)
            match parts[letter]:
                case Var(array):
                    return Read(array, places)
                case Call("item", (Var(array), row)):  # a line of an array
                    return Read(array, (row, *places))
                case other:
                    raise TypeError(f"{letter} is no array or line: {other}")
        case Total(letter, start, stop, body) if isinstance(name := parts.get(letter), Var):
            inner = tuple(filled(part, parts) for part in (start, stop, body))
            return Total(name.name, *inner)
        case First(letter) if isinstance(name := parts.get(letter), Var):
            return First(name.name, *(filled(part, parts) for part in children(expr)))
        case _:
            return mapped(expr, lambda part: filled(part, parts))


_BINARY: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.BitAnd: "bitand",
    ast.BitOr: "bitor",
    ast.BitXor: "bitxor",
    ast.And: "and",
    ast.Or: "or",
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.In: "in",
    ast.NotIn: "notin",
}
_OF_ARRAYS = {"max": "maximum", "min": "minimum"}


@cache
def read(text: str) -> Expr:
    """An expression from the notation of the laws."""
    return _read(ast.parse(text.strip(), mode="eval").body)


def _read(node: ast.expr) -> Expr:
    match node:
        case ast.Name(name):
            return Var(name)
        case ast.Constant(int(value)):
            return Const(value)
        case ast.BinOp(left, op, right):
            return call(_BINARY[type(op)], _read(left), _read(right))
        case ast.BoolOp(op, values):
            return call(_BINARY[type(op)], *map(_read, values))
        case ast.UnaryOp(ast.USub(), ast.Constant(int(value))):
            return Const(-value)
        case ast.UnaryOp(ast.Not(), operand):
            return call("not", _read(operand))
        case ast.Compare(low, [ast.LtE(), ast.LtE()], [x, high]):
            return call("between", _read(low), _read(x), _read(high))
        case ast.Compare(left, [op], [right]):
            return call(_BINARY[type(op)], _read(left), _read(right))
        case ast.IfExp(test, body, orelse):
            return If(_read(test), _read(body), _read(orelse))
        case ast.Subscript(ast.Name(array), ast.Tuple(places)) if array in ARRAYS | LINES:
            return Read(array, tuple(map(_read, places)))
        case ast.Subscript(ast.Name(array), place) if array in ARRAYS | LINES:
            return Read(array, (_read(place),))
        case ast.Subscript(table, index):
            return call("item", _read(table), _read(index))
        case ast.Call(ast.Name(name), [ast.GeneratorExp() as loop]):
            return _bound(name, loop)
        case ast.ListComp(body, loops):  # a list is the sum of lists of one
            return _bound("sum", ast.GeneratorExp(ast.List([body]), loops))
        case ast.List([one]):
            return Call("list", (_read(one),))
        case ast.Call(ast.Name(name), [ast.Name(array)]) if array in ARRAYS:
            return Call(_OF_ARRAYS.get(name, name), (Var(array),))
        case ast.Call(ast.Name(name), args):
            return Call(name, tuple(map(_read, args)))
        case _:
            raise ValueError(f"cannot read {ast.unparse(node)!r} in a law")


def _is_test(body: Expr) -> bool:
    return not (isinstance(body, Call) and body.op in DEPENDENT) and is_truth(body)


def _bound(name: str, loop: ast.GeneratorExp) -> Expr:
    """``sum``, ``any``, ``none`` or ``first`` over a range."""
    body = _read(loop.elt)
    match loop.generators:
        case [ast.comprehension(ast.Name(place), ast.Call(ast.Name("range"), ends), tests)]:
            start, stop = (_read(end) for end in [ast.Constant(0), *ends][-2:])
        case _:
            raise ValueError(f"cannot read {ast.unparse(loop)!r} in a law")
    match name, tests:
        case "first", [test]:
            return First(place, start, stop, _read(test), body)
        case "sum", []:
            return Total(place, start, stop, Call("int", (body,)) if _is_test(body) else body)
        case "any" | "none", []:
            total = Total(place, start, stop, Call("int", (body,)))
            return Call("ge", (total, Const(1))) if name == "any" else Call("eq", (total, Const(0)))
        case _:
            raise ValueError(f"cannot read {name}({ast.unparse(loop)}) in a law")
