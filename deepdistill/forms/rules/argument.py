"""Rules against their program, for all numbers, levels and missing values of the columns.

Both sides are encoded from their own definitions. Numbers are real ones: what a float rounds away
in a weighted sum is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import assert_never

import z3

from ...ir.expr import Call, Const, Expr, If, Var
from ...ir.program import Formula
from ...units.rules import Leaf, RuleModel, Tree
from ...verify.proof.encode import NotEncoded, Term, Z3Logic
from ...verify.proof.session import Proof, Session
from .network import RulesOfColumns

_ARGUMENT = "both give one label for all real numbers, all levels and missing values of the columns"
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")


@dataclass(frozen=True, slots=True)
class ColumnTerm:
    """A column: its number or the place of its level, and whether it is missing."""

    value: Term
    gone: Term


def same_rules(network: RulesOfColumns, program: Formula) -> Proof:
    """Whether the program gives the network's label for every row."""
    columns, given = [], []
    for k, scalar in enumerate(network.inputs):
        value = z3.Int(f"level_{k}") if scalar.levels else z3.Real(f"x_{k}")
        columns.append(ColumnTerm(value, z3.Bool(f"missing_{k}")))
        if scalar.levels:
            given.append(z3.And(value >= -int(scalar.open), value < len(scalar.levels)))
        if not scalar.optional:
            given.append(z3.Not(columns[k].gone))
    named = dict(zip([scalar.name for scalar in network.inputs], columns, strict=True))
    session = Session(about=_ARGUMENT)
    goal = _label(network.model, columns) == _program_label(program, named)
    verdict, _ = session.valid(goal, given)
    recorded = session.recorded(_ARGUMENT)
    match verdict:
        case "valid":
            return Proof("proved", _ARGUMENT, session.effort, obligations=recorded)
        case "invalid":
            return Proof("refuted", _ARGUMENT, session.effort, {}, obligations=recorded)
        case "unknown":
            return Proof("unknown", _ARGUMENT, session.effort, reason="z3 gave up")
        case _:
            assert_never(verdict)


@dataclass(slots=True)
class _RowTerms(Z3Logic):
    """What units ask of a row, with the terms of those that stand before."""

    columns: list[ColumnTerm]
    fired: list[Term] = field(default_factory=list)

    def number(self, column: int) -> Term:
        return self.columns[column].value

    def missing(self, column: int) -> Term:
        return self.columns[column].gone

    def fires(self, place: int) -> Term:
        return self.fired[place]

    def real(self, value: float) -> Term:
        return _real(value)


def _label(model: RuleModel, columns: list[ColumnTerm]) -> Term:
    """The label by the definition in :mod:`deepdistill.units.rules`."""
    terms = _RowTerms(columns)
    for unit in model.units:
        terms.fired.append(unit.term(terms))
    total = z3.Sum([_tree(tree, terms.fired) for tree in model.trees])
    if not model.limits:
        return total
    return z3.Sum([z3.If(total >= limit, 1, 0) for limit in model.limits])


def _tree(tree: Tree, fired: list[Term]) -> Term:
    if isinstance(tree, Leaf):
        return z3.IntVal(tree.value)
    return z3.If(fired[tree.unit], _tree(tree.fires, fired), _tree(tree.rests, fired))


def _real(limit: float) -> Term:
    return z3.RealVal(float(limit).as_integer_ratio()[0]) / z3.RealVal(
        float(limit).as_integer_ratio()[1]
    )


def _program_label(program: Formula, columns: Mapping[str, ColumnTerm]) -> Term:
    """The label by the meaning of the program's expressions; None is what compares with nothing."""
    known: dict[str, Term] = {}

    def number(expr: Expr) -> Term:
        match expr:
            case Const(int() | float() as value):
                return z3.IntVal(value) if isinstance(value, int) else _real(value)
            case Var(name):
                return known[name] if name in known else columns[name].value
            case If(condition, then, otherwise):
                return z3.If(truth(condition), number(then), number(otherwise))
            case Call("add", args):
                return reduce(lambda a, b: a + b, map(number, args))
            case Call("sub", (left, right)):
                return number(left) - number(right)
            case Call("mul", args):
                return reduce(lambda a, b: a * b, map(number, args))
            case _:
                return z3.If(truth(expr), 1, 0)

    def truth(expr: Expr) -> Term:
        match expr:
            case Call("and", args):
                return z3.And(list(map(truth, args)))
            case Call("or", args):
                return z3.Or(list(map(truth, args)))
            case Call("missing" | "present" as op, (Var(name),)):
                gone = columns[name].gone
                return gone if op == "missing" else z3.Not(gone)
            case Call(op, (left, right)) if op in _COMPARISONS:
                read = [columns[one.name].gone for one in (left, right)
                        if isinstance(one, Var) and one.name in columns]  # fmt: skip
                compared = _compared(op, number(left), number(right))
                if op == "ne":
                    return z3.Or(*read, compared)
                return z3.And(*map(z3.Not, read), compared)
            case _:
                raise NotEncoded(f"{expr} as a truth")

    for let in program.body:
        known[let.name] = number(let.value)
    return number(program.value)


def _compared(op: str, left: Term, right: Term) -> Term:
    match op:
        case "lt":
            return left < right
        case "le":
            return left <= right
        case "gt":
            return left > right
        case "ge":
            return left >= right
        case "eq":
            return left == right
        case _:
            return left != right
