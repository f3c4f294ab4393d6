"""Integer expressions of the IR as terms of z3's linear integer arithmetic.

The reading of arrays, sums over them and searches belong to the arguments that know what their
arrays are; they pass a function for these nodes. What an expression needs in order to have a value
(an index inside its table, a divisor that is positive, operands that are bits) is collected as
*obligations*: a proof has to settle them as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeAlias, assert_never

import z3

from ...ir.expr import Call, Const, Expr, First, If, Inside, Listed, Read, Size, Sum, Total, Var
from ...ir.ops import OPERATIONS

Term: TypeAlias = Any
"""A z3 expression of sort Int or Bool; z3 has no types of its own for mypy."""

Node: TypeAlias = Read | Inside | Size | Sum | Total | First | Listed


_LARGEST_EXPONENT = 8


class NotEncoded(Exception):
    """An operation that this encoding has no term for; the message names it."""


class Z3Logic:
    """What a definition asks of a prover besides Python's operators, in z3's words."""

    __slots__ = ()

    def choose(self, condition: Term, then: Term, otherwise: Term) -> Term:
        return z3.If(condition, as_term(then), as_term(otherwise))

    def every(self, *truths: Term) -> Term:
        return z3.And(*truths)

    def some(self, *truths: Term) -> Term:
        return z3.Or(*truths)

    def opposite(self, truth: Term) -> Term:
        return z3.Not(truth)

    def total(self, *numbers: Term) -> Term:
        return added(*map(as_term, numbers))


@dataclass(slots=True)
class Encoder(Z3Logic):
    """Turns expressions into terms; what ``ops.Logic`` asks for is z3's.

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
            case Read() | Inside() | Size() | Sum() | Total() | First() | Listed():
                if self.node is None:
                    raise NotEncoded(type(expr).__name__)
                return self.node(expr, self)
            case _:
                assert_never(expr)

    def _call(self, expr: Call, op: str, args: Sequence[Expr]) -> Term:
        row = OPERATIONS[op]
        if not row.takes(len(args)) and not (row.arity is None and args):
            raise NotEncoded(f"{op} of {len(args)} arguments")
        if row.term is None or not all(_is_table(args[k]) for k in row.arrays):
            if self.array is not None:
                return self.array(expr, self)
            raise NotEncoded(f"the operation {op}")
        if row.decides is not None:
            return as_term(row.term(self, *self._in_turn(args, row.decides)))
        parts = map(self.truth if row.of_truths else self._argument, args)
        return as_term(row.term(self, *parts))

    def _argument(self, expr: Expr) -> Term:
        """A number as a term; a table or a set of numbers as it is."""
        match expr:
            case Const(tuple() as values):
                return values
            case _:
                return self.number(expr)

    def _in_turn(self, args: Sequence[Expr], stop_at: bool) -> list[Term]:
        """Truths of arguments of which Python looks at the next only while none has decided."""
        here, result = self, []
        for arg in args:
            truth = here.truth(arg)
            result.append(truth)
            here = here.under(z3.Not(truth) if stop_at else truth)
        return result

    # What rows of operations ask for, too

    def odd(self, *truths: Term) -> Term:
        return reduce(z3.Xor, truths)

    def product(self, *numbers: Term) -> Term:
        return z3.Product(*numbers) if numbers else z3.IntVal(1)

    def entry(self, table: Sequence[int], place: Term) -> Term:
        return table_term(table, place)

    def exponent(self, number: Term) -> int:
        if not z3.is_int_value(number) or not 0 <= number.as_long() <= _LARGEST_EXPONENT:
            raise NotEncoded("a power with this exponent")
        return int(number.as_long())


def as_term(value: Term) -> Term:
    return z3.IntVal(value) if isinstance(value, int) else value


def added(*terms: Term) -> Term:
    """The sum of integer terms, as ``z3.Sum`` writes it, which looks at their sorts in pairs."""
    if len(terms) < 2:
        return terms[0] if terms else z3.IntVal(0)
    listed = (z3.Ast * len(terms))(*(term.as_ast() for term in terms))
    context = terms[0].ctx
    return z3.ArithRef(z3.Z3_mk_add(context.ref(), len(terms), listed), context)


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


def _is_table(expr: Expr) -> bool:
    return isinstance(expr, Const) and isinstance(expr.value, tuple)
