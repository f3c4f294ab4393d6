"""Integer expressions of the IR as terms of z3's linear integer arithmetic.

The reading of arrays, sums over them and searches belong to the arguments that know what their
arrays are; they pass a function for these nodes. What an expression needs in order to have a value
(an index inside its table, a divisor that is positive, operands that are bits) is collected as
*obligations*: a proof has to settle them as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import Any, TypeAlias, assert_never

import z3

from ...ir.expr import Call, Const, Expr, First, If, Inside, Read, Size, Sum, Total, Var

Term: TypeAlias = Any
"""A z3 expression of sort Int or Bool; z3 has no types of its own for mypy."""

Node: TypeAlias = Read | Inside | Size | Sum | Total | First


class NotEncoded(Exception):
    """An operation that this encoding has no term for; the message names it."""


@dataclass(slots=True)
class Encoder:
    """Turns expressions into terms.

    ``names`` are the terms of variables, ``node`` is asked for reads, sizes, sums and searches,
    ``array`` for operations of a whole array (``maximum``, ``count``, ...). Conditions under which
    the terms mean what the evaluator computes are appended to ``obligations``.
    """

    names: dict[str, Term]
    node: Callable[[Node, Encoder], Term] | None = None
    array: Callable[[Call, Encoder], Term] | None = None
    obligations: list[Term] = field(default_factory=list)
    guards: tuple[Term, ...] = ()

    def number(self, expr: Expr) -> Term:
        """The value as an integer term; truths are 1 and 0."""
        return as_number(self.term(expr))

    def truth(self, expr: Expr) -> Term:
        """Whether the value is not 0."""
        return as_truth(self.term(expr))

    def need(self, condition: Term) -> None:
        """An obligation, where the branches that lead here are taken."""
        guards = z3.And(*self.guards) if self.guards else z3.BoolVal(True)
        self.obligations.append(z3.Implies(guards, condition))

    def with_names(self, names: dict[str, Term]) -> Encoder:
        """The same encoder in a scope with more names; obligations are shared."""
        return Encoder(self.names | names, self.node, self.array, self.obligations, self.guards)

    def under(self, *guards: Term) -> Encoder:
        """The same encoder where these conditions hold."""
        return Encoder(self.names, self.node, self.array, self.obligations, (*self.guards, *guards))

    def term(self, expr: Expr) -> Term:
        """The value, of sort Int or Bool."""
        match expr:
            case Const(bool() | int() as value):
                return z3.IntVal(int(value))
            case Const(value):
                raise NotEncoded(f"the constant {value!r:.40}")
            case Var(name):
                if name not in self.names:
                    raise NotEncoded(f"the name {name}")
                return self.names[name]
            case If(condition, then, otherwise):
                chosen = self.truth(condition)
                yes = self.under(chosen).term(then)
                no = self.under(z3.Not(chosen)).term(otherwise)
                if z3.is_bool(yes) != z3.is_bool(no):
                    yes, no = as_number(yes), as_number(no)
                return z3.If(chosen, yes, no)
            case Call(op, args):
                return self._call(expr, op, args)
            case Read() | Inside() | Size() | Sum() | Total() | First():
                if self.node is None:
                    raise NotEncoded(type(expr).__name__)
                return self.node(expr, self)
            case _:
                assert_never(expr)

    def _call(self, expr: Call, op: str, args: Sequence[Expr]) -> Term:
        match op, args:
            case "and", _:
                return z3.And(*self._in_turn(args, stop_at=False))
            case "or", _:
                return z3.Or(*self._in_turn(args, stop_at=True))
            case "not", (a,):
                return z3.Not(self.truth(a))
            case (("in" | "notin"), (a, Const(tuple() as values))):
                found = self.number(a)
                inside = z3.Or(*(found == value for value in values))
                return inside if op == "in" else z3.Not(inside)
            case "item", (Const(tuple() as values), index):
                place = self.number(index)
                self.need(z3.And(place >= 0, place < len(values)))
                return table_term(values, place)
            case "int", (a,):
                return self.number(a)
            case (("bitand" | "bitor" | "bitxor"), _):
                return self._bits(op, [self.number(a) for a in args])
            case (("floordiv" | "mod"), (a, b)):
                top, bottom = self.number(a), self.number(b)
                self.need(bottom > 0)  # z3 rounds as Python does for positive divisors only
                return top / bottom if op == "floordiv" else top % bottom
            case "power", (a, Const(int() as n)) if 0 <= n <= 8:
                base = self.number(a)
                result: Term = z3.IntVal(1)
                for _ in range(n):
                    result = result * base
                return result
            case _ if op in _PLAIN:
                try:
                    _SIGNATURES[op].bind(*args)
                except TypeError:
                    raise NotEncoded(f"{op} of {len(args)} arguments") from None
                return _PLAIN[op](*(self.number(a) for a in args))
            case _ if self.array is not None:
                return self.array(expr, self)
            case _:
                raise NotEncoded(f"the operation {op}")

    def _in_turn(self, args: Sequence[Expr], stop_at: bool) -> list[Term]:
        """Truths of arguments of which Python looks at the next only while none has decided."""
        here, result = self, []
        for arg in args:
            found = here.truth(arg)
            result.append(found)
            here = here.under(z3.Not(found) if stop_at else found)
        return result

    def _bits(self, op: str, parts: Sequence[Term]) -> Term:
        for part in parts:
            self.need(z3.Or(part == 0, part == 1))
        truths = [part == 1 for part in parts]
        match op:
            case "bitand":
                return as_number(z3.And(*truths))
            case "bitor":
                return as_number(z3.Or(*truths))
            case _:
                result = truths[0]
                for truth in truths[1:]:
                    result = z3.Xor(result, truth)
                return as_number(result)


def as_number(term: Term) -> Term:
    return z3.If(term, z3.IntVal(1), z3.IntVal(0)) if z3.is_bool(term) else term


def as_truth(term: Term) -> Term:
    return term if z3.is_bool(term) else term != 0


def table_term(values: Sequence[int], place: Term) -> Term:
    """The entry of a table of integers at a place inside it."""
    result: Term = z3.IntVal(values[-1])
    for k, value in enumerate(values[:-1]):
        result = z3.If(place == k, z3.IntVal(value), result)
    return result


def _sum(*parts: Term) -> Term:
    return z3.Sum(*parts)


def _product(*parts: Term) -> Term:
    return z3.Product(*parts)


def _largest(*parts: Term) -> Term:
    result = parts[0]
    for part in parts[1:]:
        result = z3.If(part > result, part, result)
    return result


def _smallest(*parts: Term) -> Term:
    result = parts[0]
    for part in parts[1:]:
        result = z3.If(part < result, part, result)
    return result


_PLAIN: dict[str, Callable[..., Term]] = {
    "add": _sum,
    "sub": lambda a, b: a - b,
    "mul": _product,
    "max": _largest,
    "min": _smallest,
    "abs": lambda a: z3.If(a < 0, -a, a),
    "sign": lambda a: z3.If(a > 0, z3.IntVal(1), z3.If(a < 0, z3.IntVal(-1), z3.IntVal(0))),
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "between": lambda low, x, high: z3.And(low <= x, x <= high),
}
_SIGNATURES = {op: signature(function) for op, function in _PLAIN.items()}
