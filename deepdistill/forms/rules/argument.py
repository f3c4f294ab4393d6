"""Rules against their program, for all numbers, levels and missing values of the columns.

Both sides are encoded from their own definitions. Numbers are real ones: what a float rounds away
in a weighted sum is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import assert_never

import z3

from ...ir.expr import Call, Const, Expr, If, Var
from ...ir.largest import sums_of_classes
from ...ir.program import Formula
from ...units.rules import Leaf, RuleModel, Tree, numbered
from ...units.teachers import ExactModel, ReluLayers, Teacher, VotingTrees
from ...verify.proof.encode import NotEncoded, Term, Z3Logic
from ...verify.proof.session import Proof, Session
from .argument_model import VotesTerm, nearly_largest
from .column_terms import ColumnTerm, real
from .network import RuleNetwork, RulesOfColumns

_EVERYWHERE = "for all real numbers, all levels and missing values of the columns"
_ARGUMENT = f"both give one label {_EVERYWHERE}"
_WITH_ENDS = f"both give one label, and solver and network one row of probabilities, {_EVERYWHERE}"
_WITH_SUMS = (
    "both give one label, and solver and network one sum for each class, whose exponentials are "
    f"the probabilities, {_EVERYWHERE}"
)
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")


def columns_of(network: RulesOfColumns) -> tuple[list[ColumnTerm], list[Term]]:
    """The columns as a prover knows them, and what holds of them."""
    columns: list[ColumnTerm] = []
    given: list[Term] = []
    for k, scalar in enumerate(network.inputs):
        value = z3.Int(f"level_{k}") if scalar.levels else z3.Real(f"x_{k}")
        columns.append(ColumnTerm(value, z3.Bool(f"missing_{k}")))
        if scalar.levels:
            given.append(z3.And(value >= -int(scalar.open), value < len(scalar.levels)))
        if not scalar.optional:
            given.append(z3.Not(columns[k].gone))
    return columns, given


def same_rules(network: RulesOfColumns, program: Formula, ends: Formula | None = None) -> Proof:
    """Whether the program gives the network's label for every row.

    ``ends`` gives the place of the row's probabilities, and is compared, too, where it is given.
    """
    columns, given = columns_of(network)
    named = dict(zip([scalar.name for scalar in network.inputs], columns, strict=True))
    teacher = network.teacher
    plain = _ARGUMENT if ends is None else _WITH_ENDS
    if network.model.scores is not None:
        plain = _WITH_SUMS
    argument = (
        plain
        if teacher is None or teacher.model is None
        else _argument_of(teacher.title, teacher.model)
    )
    session = Session(about=argument)
    others = _others(teacher)
    label = _program_label(program, named)
    goals = [rules_label(network.model, columns) == label]
    if network.model.scores is not None:
        goals += _same_sums(network.model, columns, program, named)
    elif ends is not None and isinstance(network, RuleNetwork):
        goals.append(end_of(network, columns) == _program_label(ends, named))
    match None if teacher is None else teacher.model:
        case VotingTrees() as model:
            levels = [len(one.levels) for one in network.inputs]
            optional = [one.optional for one in network.inputs]
            votes = VotesTerm(
                model,
                [*columns, *others],
                [*levels, *(one.levels for one in model.others)],
                [*optional, *(one.optional for one in model.others)],
            )
            goals.append(votes.label == label)
            given += votes.given
            for column, other in zip(others, model.others, strict=True):
                if other.levels:
                    given += [column.value >= 0, column.value < other.levels]
                if not other.optional:
                    given.append(z3.Not(column.gone))
        case ReluLayers() as model:
            goals.append(nearly_largest(model, [*columns, *others], label))
            ranges = [(one.domain.low, one.domain.high) for one in network.inputs]
            ranges += [(one.low, one.high) for one in model.others]
            for column, (low, high) in zip([*columns, *others], ranges, strict=True):
                given += [real(low) <= column.value, column.value <= real(high)]
    verdict, _ = session.all_valid(goals, given)
    recorded = session.recorded(argument)
    match verdict:
        case "valid":
            return Proof("proved", argument, session.effort, obligations=recorded)
        case "invalid":
            return Proof("refuted", argument, session.effort, {}, obligations=recorded)
        case "unknown":
            return Proof("unknown", argument, session.effort, reason="z3 gave up")
        case _:
            assert_never(verdict)


def _others(teacher: Teacher | None) -> list[ColumnTerm]:
    """The columns that a model reads and its rules do not."""
    if teacher is None or teacher.model is None:
        return []
    return [
        ColumnTerm(
            z3.Int(f"other_level_{k}") if one.levels else z3.Real(f"other_{k}"),
            z3.Bool(f"other_missing_{k}"),
        )
        for k, one in enumerate(teacher.model.others)
    ]


def _argument_of(title: str, model: ExactModel) -> str:
    match model:
        case VotingTrees():
            return (
                f"{title}, as it stands in its own arrays, the network and the program "
                "give one label for all float64 numbers, all levels and missing values of the "
                "columns"
            )
        case ReluLayers(slack=slack):
            return (
                "network and program give one label for all numbers in the ranges of the columns, "
                f"that of {title} wherever its scores differ by more than {slack:.3g}, "
                "which its own precision may lose"
            )
        case _:
            assert_never(model)


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
        return real(value)


def end_of(network: RuleNetwork, columns: list[ColumnTerm]) -> Term:
    """The place of the row of probabilities by the definition of the network."""
    model = network.model
    if not network.sums:
        return _tree(numbered(model.trees[0]), _fired(model, columns))
    total = _total(model, columns)
    return z3.Sum([z3.If(total >= least, 1, 0) for least in network.sums[1:]])


def _same_sums(
    model: RuleModel,
    columns: Sequence[ColumnTerm],
    program: Formula,
    named: Mapping[str, ColumnTerm],
) -> list[Term]:
    """That each sum of the program is the network's."""
    own, sums = _class_sums(model, columns), sums_of_classes(program)
    if sums is None or len(sums) != len(own):
        raise NotEncoded("a program without a sum for each class")
    return [
        one == _program_label(replace(program, value=value), named)
        for one, value in zip(own, sums, strict=True)
    ]


def _fired(model: RuleModel, columns: Sequence[ColumnTerm]) -> list[Term]:
    terms = _RowTerms(list(columns))
    for unit in model.units:
        terms.fired.append(unit.term(terms))
    return terms.fired


def _total(model: RuleModel, columns: Sequence[ColumnTerm]) -> Term:
    fired = _fired(model, columns)
    return z3.Sum([_tree(tree, fired) for tree in model.trees])


def rules_label(model: RuleModel, columns: Sequence[ColumnTerm]) -> Term:
    """The label by the definition in :mod:`deepdistill.units.rules`."""
    if model.scores is not None:
        return _largest(_class_sums(model, columns))
    total = _total(model, columns)
    if not model.limits:
        return total
    return z3.Sum([z3.If(total >= limit, 1, 0) for limit in model.limits])


def _class_sums(model: RuleModel, columns: Sequence[ColumnTerm]) -> list[Term]:
    assert model.scores is not None
    terms = _RowTerms(list(columns), _fired(model, columns))
    return [one.term(terms) for one in model.scores.classes]


def _largest(sums: Sequence[Term]) -> Term:
    """The place of the first largest one."""
    place, most = z3.IntVal(0), sums[0]
    for k, one in enumerate(sums[1:], 1):
        place, most = z3.If(one > most, k, place), z3.If(one > most, one, most)
    return place


def _tree(tree: Tree, fired: list[Term]) -> Term:
    if isinstance(tree, Leaf):
        return z3.IntVal(tree.value)
    return z3.If(fired[tree.unit], _tree(tree.fires, fired), _tree(tree.rests, fired))


def _program_label(program: Formula, columns: Mapping[str, ColumnTerm]) -> Term:
    """The label by the meaning of the program's expressions; None is what compares with nothing."""
    known: dict[str, Term] = {}

    def number(expr: Expr) -> Term:
        match expr:
            case Const(int() | float() as value):
                return z3.IntVal(value) if isinstance(value, int) else real(value)
            case Var(name):
                return known[name] if name in known else columns[name].value
            case If(condition, then, otherwise):
                return z3.If(truth(condition), number(then), number(otherwise))
            case Call("add", args):
                return reduce(lambda a, b: a + b, map(number, args))
            case Call("sub", (left, right)):
                return number(left) - number(right)
            case Call("max", args):
                return reduce(lambda a, b: z3.If(b > a, b, a), map(number, args))
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
