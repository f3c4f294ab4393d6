"""Rules → formulas: nested conditions over the columns, with named sums, counts and points.

Nothing is approximated: a unit becomes the comparison that it is, a tree the choice that it makes.
A missing value is looked at before a number is compared, once on a path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..ir.expr import Call, Const, Expr, If, Var, walk
from ..ir.largest import place_of_largest
from ..ir.levels import gathered, levels_of
from ..ir.linear import weighted_sum
from ..ir.names import fresh, identifier
from ..ir.program import Formula, Let
from ..ir.rewrite import bottomup
from ..ir.types import Level, Scalar
from .row_readings import NO, YES, Missing, at_least, joined, opposite
from .rules import ClassScores, Leaf, RuleModel, Split, Tree, numbered

_NOTHING: frozenset[int] = frozenset()
_MOST_TESTS = 4  # of one condition that was put together


def lift_labels(model: RuleModel, inputs: Sequence[Scalar], output: Scalar, name: str) -> Formula:
    """The place of the label, as a function of the columns."""
    lifted = _RuleLift(model, tuple(inputs), output, name)
    if model.scores is not None:
        return lifted.largest_formula(model.scores)
    if not model.limits:
        return lifted.tree_formula(model.trees[0])
    if len(model.limits) == 1 and (counted := lifted.counted()) is not None:
        return lifted.formula(If(counted, Const(1), Const(0)))
    return lifted.sum_formula(0, [(limit, k + 1) for k, limit in enumerate(model.limits)])


def lift_ends(
    model: RuleModel, sums: Sequence[int], inputs: Sequence[Scalar], output: Scalar, name: str
) -> Formula:
    """The place of the leaf that a row reaches, or of its sum of points among the ``sums``."""
    lifted = _RuleLift(model, tuple(inputs), output, name)
    if not sums:
        return lifted.tree_formula(numbered(model.trees[0]))
    return lifted.sum_formula(0, [(total, k) for k, total in enumerate(sums)][1:])


@dataclass(slots=True)
class _Columns:
    """What is known of the columns on a path, and the names of values so far."""

    model: RuleModel
    inputs: tuple[Scalar, ...]
    taken: frozenset[str]
    there: frozenset[int] = _NOTHING
    lets: list[Let] = field(default_factory=list)

    def column(self, place: int) -> Scalar:
        return self.inputs[place]

    def known(self, column: int) -> bool:
        return column in self.there or not self.inputs[column].optional

    def unit(self, place: int) -> Expr:
        """It may have a name, so what is known on this path alone does not count."""
        return self.model.units[place].expression(replace(self, there=_NOTHING))

    def named(self, name: str, value: Expr) -> Var:
        """The name of a value; that of the same value before, where there is one."""
        for let in self.lets:
            if let.value == value:
                return Var(let.name)
        self.lets.append(Let(fresh(name, self.taken | {let.name for let in self.lets}), value))
        return Var(self.lets[-1].name)


class _RuleLift:
    def __init__(
        self, model: RuleModel, inputs: tuple[Scalar, ...], output: Scalar, name: str
    ) -> None:
        self.model, self.inputs, self.output, self.name = model, inputs, output, name
        names = {name, output.name, *(scalar.name for scalar in inputs)}
        self.columns = _Columns(model, inputs, frozenset(names))
        self.levels = levels_of(inputs)
        self.pairs = {s.name for s in inputs if len(s.levels) == 2 and not s.optional}

    def counted(self) -> Expr | None:
        """The condition for the second of two labels, where points do nothing but count."""
        least, gains, parts = 0, list[int](), list[tuple[int, bool]]()
        for tree in self.model.trees:
            match tree:
                case Leaf(value):
                    least += value
                case Split(unit, Leaf(one), Leaf(other)):
                    least += min(one, other)
                    if one != other:
                        gains.append(abs(one - other))
                        parts.append((unit, one > other))
                case _:
                    return None
        needed = self.model.limits[0] - least
        order = sorted(gains)
        for count in range(1, len(order) + 1):
            enough, before = sum(order[:count]), sum(order[len(order) - count + 1 :])
            if before < needed <= enough:
                return at_least(self.columns, parts, count)
        return None

    def tree_formula(self, tree: Tree) -> Formula:
        return self.formula(self.tree(tree, _NOTHING, _NOTHING))

    def sum_formula(self, first: int, steps: Sequence[tuple[int, int]]) -> Formula:
        """The answer is ``first``, or that of the last of the ``steps`` that the points reach."""
        parts = [self.tree(tree, _NOTHING, _NOTHING) for tree in self.model.trees]
        points = self.columns.named("points", weighted_sum([(1, part) for part in parts], 0))
        value: Expr = Const(first)
        for limit, answer in steps:
            value = If(Call("ge", (points, Const(limit))), Const(answer), value)
        return self.formula(value)

    def largest_formula(self, scores: ClassScores) -> Formula:
        """The answer is the first whose sum is the largest; each sum that is no number has a name.

        They are called after the labels, where these are known.
        """
        levels = self.output.levels or tuple(range(len(scores.classes)))
        sums: list[Expr] = []
        for level, one in zip(levels, scores.classes, strict=True):
            value = one.expression(self.columns)
            constant = isinstance(value, Const)
            sums.append(value if constant else self.columns.named(_score_name(level), value))
        highest = self.columns.named("highest", Call("max", tuple(sums)))
        return self.formula(place_of_largest(sums, highest))

    def formula(self, value: Expr) -> Formula:
        """The formula with the names that it reads."""
        value = bottomup(value, self.positive)
        lets = [Let(let.name, bottomup(let.value, self.positive)) for let in self.columns.lets]
        read = {node.name for node in walk(value) if isinstance(node, Var)}
        kept: list[Let] = []
        for let in reversed(lets):
            if let.name in read:
                kept.insert(0, let)
                read |= {node.name for node in walk(let.value) if isinstance(node, Var)}
        return Formula(self.name, self.inputs, self.output, tuple(kept), value)

    def positive(self, test: Expr) -> Expr:
        """Of two levels the one that a column has, rather than the one that it has not."""
        match test:
            case Call("ne", (Var(name) as column, Const(int() as place))) if name in self.pairs:
                return Call("eq", (column, Const(1 - place)))
            case _:
                return test

    def tree(self, tree: Tree, there: frozenset[int], gone: frozenset[int]) -> Expr:
        """The choice that a tree makes where some columns are there and some are missing."""
        if isinstance(tree, Leaf):
            return Const(tree.value)
        unit = self.model.units[tree.unit]
        read = frozenset(unit.columns)
        asks = isinstance(unit, Missing)
        if gone & read:
            test: Expr = YES if asks else NO
        else:
            test = unit.expression(replace(self.columns, there=there))
        if test in (NO, YES):
            return self.tree(tree.fires if test == YES else tree.rests, there, gone)
        fires = self.tree(
            tree.fires, there | (_NOTHING if asks else read), gone | (read if asks else _NOTHING)
        )
        rests = self.tree(tree.rests, there | (read if asks else _NOTHING), gone)
        return self.chosen(test, fires, rests)

    def chosen(self, test: Expr, fires: Expr, rests: Expr) -> Expr:
        """One of two, the shorter one first; points are multiplied."""
        if fires == rests:
            return fires
        if isinstance(rests, Const) and fires == Const(0) and self.model.limits:
            fires, rests, test = rests, fires, opposite(test)
        if isinstance(fires, Const) and rests == Const(0) and self.model.limits:
            points = fires.value  # of a rule that adds some where it holds
            return (
                weighted_sum([(points, test)], 0) if isinstance(points, int) and points else rests
            )
        if _choices(fires) > _choices(rests):
            fires, rests, test = rests, fires, opposite(test)
        return self.joined(test, fires, rests) or If(test, fires, rests)

    def joined(self, test: Expr, fires: Expr, rests: Expr) -> Expr | None:
        """One choice for two with a result in common, where its condition is a plain one."""
        condition: Expr | None
        match fires, rests:
            case _, If(wider, same, _) if same == fires and implies(test, wider):
                return rests  # what only the probabilities tell apart
            case _, If(Call("missing", args) as gone, same, last) if same == fires and _parts(test)[
                0
            ] == Call("present", args):
                rest = list(_parts(test)[1:])
                condition, results = joined("or", [gone, joined("and", rest)]), (fires, last)
            case _, If(other, first, same) if same == fires:
                condition, results = self.both(opposite(test), other), (first, fires)
            case _, If(other, same, last) if same == fires:
                neither = self.both(opposite(test), opposite(other))
                condition = None if neither is None else opposite(neither)
                results = (fires, last)
            case If(other, first, same), _ if same == rests:
                condition, results = self.both(test, other), (first, rests)
            case If(other, same, last), _ if same == rests:
                condition, results = self.both(test, opposite(other)), (last, rests)
            case _:
                return None
        return None if condition is None else If(condition, *results)

    def both(self, first: Expr, second: Expr) -> Expr | None:
        """Both conditions as one, where that is a short list of tests; the second one is for rows
        where the first holds."""
        parts = [*_parts(first), *_parts(second)]
        there = {part.args for part in parts if isinstance(part, Call) and part.op == "present"}
        terms: list[Expr] = []
        for part in parts:
            match part:
                case Call("or", (Call("missing", args), *rest)) if args in there:
                    terms += [Call("present", args), joined("or", rest)]
                case _:
                    terms.append(part)
        test = joined("and", _strictest(terms))
        tests = gathered("and", _parts(test), self.levels)
        if len(tests) > _MOST_TESTS or any(
            isinstance(part, Call) and part.op in ("and", "or") for part in tests
        ):
            return None
        return test


def _score_name(level: Level) -> str:
    """What the sum of a label is called."""
    text = identifier(str(level)).rstrip("_")
    return f"score_{text}" if isinstance(level, int) else f"{text}_score"


def _strictest(terms: Sequence[Expr]) -> list[Expr]:
    """The conditions without those that another one of them implies."""
    kept: list[Expr] = []
    for term in terms:
        if not any(implies(one, term) for one in kept):
            kept = [one for one in kept if not implies(term, one)] + [term]
    return kept


def implies(test: Expr, other: Expr) -> bool:
    """Whether a condition holds only where another one does: each part of that follows from one."""
    parts = _parts(test)
    return all(any(_follows(part, wanted) for part in parts) for wanted in _parts(other))


def _follows(part: Expr, wanted: Expr) -> bool:
    """The same, or a comparison of the same value with a limit further on."""
    match part, wanted:
        case Call(op, (value, Const(int() | float() as limit))), Call(
            same, (twin, Const(int() | float() as end))
        ):
            wider = limit <= end if op == "lt" else end <= limit
            if op == same and op in ("lt", "ge") and value == twin and wider:
                return True
    return part == wanted


def _parts(test: Expr) -> tuple[Expr, ...]:
    return test.args if isinstance(test, Call) and test.op == "and" else (test,)


def _choices(expr: Expr) -> int:
    return sum(isinstance(node, If) for node in walk(expr))
