"""Rules → formulas: nested conditions over the columns, with named sums, counts and points.

Nothing is approximated: a unit becomes the comparison that it is, a tree the choice that it makes.
A missing value is looked at before a number is compared, once on a path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

from ...ir.expr import Call, Const, Expr, If, Var, walk
from ...ir.linear import weighted_sum
from ...ir.names import fresh
from ...ir.ops import OPERATIONS
from ...ir.program import Formula, Let
from ...ir.types import Scalar
from ...units.rules import (
    Among,
    AtLeast,
    Below,
    Leaf,
    Missing,
    RuleModel,
    RuleUnit,
    Split,
    SumBelow,
    Tree,
    leaves,
    numbered,
    read_columns,
    splits,
)
from .network import RuleNetwork

_NO, _YES = Const(0), Const(1)


def lift_rules(network: RuleNetwork, name: str) -> Formula:
    """The place of the label, as a function of the columns."""
    return _RuleLift(network.inputs, network.model, network.output, name).formula(network.output)


def lift_cases(network: RuleNetwork, name: str) -> Formula:
    """The place of the row of probabilities, as a function of the columns."""
    model = network.model
    lifted = _RuleLift(network.inputs, model, network.output, name)
    if not network.sums:
        return lifted.tree_formula(numbered(model.trees[0])[0], network.output)
    places = [(total, k) for k, total in enumerate(network.sums)]
    return lifted.sum_formula(places[0][1], places[1:], network.output)


@dataclass(slots=True)
class _RuleLift:
    inputs: Sequence[Scalar]
    model: RuleModel
    output: Scalar
    name: str
    lets: list[Let] = field(default_factory=list)
    named: dict[int, str] = field(default_factory=dict)

    def formula(self, output: Scalar) -> Formula:
        if not self.model.limits:
            return self.tree_formula(self.model.trees[0], output)
        self._name_sums(self.model.trees)
        if len(self.model.limits) == 1 and (counted := self._counted()) is not None:
            return self._formula(If(counted, Const(1), Const(0)), output)
        steps = [(limit, k + 1) for k, limit in enumerate(self.model.limits)]
        return self.sum_formula(0, steps, output)

    def _counted(self) -> Expr | None:
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
                return self._at_least([self._wanted(*part) for part in parts], count)
        return None

    def _at_least(self, tests: Sequence[Expr], count: int) -> Expr:
        """Whether so many of some tests hold: all, any, or a count that has a name."""
        if not 0 < count <= len(tests):
            return _NO if count > 0 else _YES
        if count in (1, len(tests)):
            return joined("or" if count == 1 else "and", tests)
        return Call("ge", (self._bound("count", Call("add", tuple(tests))), Const(count)))

    def tree_formula(self, tree: Tree, output: Scalar) -> Formula:
        self._name_sums([tree])
        return self._formula(self._tree(tree, frozenset(), frozenset()), output)

    def sum_formula(self, first: int, steps: Sequence[tuple[int, int]], output: Scalar) -> Formula:
        """The answer is ``first``, or that of the last of the ``steps`` that the points reach."""
        self._name_sums(self.model.trees)
        parts = [self._tree(tree, frozenset(), frozenset()) for tree in self.model.trees]
        points = self._bound("points", weighted_sum([(1, part) for part in parts], 0))
        value: Expr = Const(first)
        for limit, answer in steps:
            value = If(Call("ge", (points, Const(limit))), Const(answer), value)
        return self._formula(value, output)

    def _formula(self, value: Expr, output: Scalar) -> Formula:
        """The formula with the names that it reads."""
        read = {node.name for node in walk(value) if isinstance(node, Var)}
        kept: list[Let] = []
        for let in reversed(self.lets):
            if let.name in read:
                kept.insert(0, let)
                read |= {node.name for node in walk(let.value) if isinstance(node, Var)}
        return Formula(self.name, tuple(self.inputs), output, tuple(kept), value)

    def _name_sums(self, trees: Sequence[Tree]) -> None:
        """Sums are named before they are compared."""
        used = {split.unit for tree in trees for split in splits(tree)}
        for k in sorted(used):
            unit = self.model.units[k]
            if isinstance(unit, SumBelow):
                terms = [(weight, Var(self.inputs[c].name)) for c, weight in unit.weights]
                if not any(self.inputs[c].optional for c, _ in unit.weights):
                    self.named[k] = self._bound("total", weighted_sum(terms, 0)).name

    def _bound(self, name: str, value: Expr) -> Var:
        """The name of a value; that of the same value before, where there is one."""
        for let in self.lets:
            if let.value == value:
                return Var(let.name)
        taken = {scalar.name for scalar in (*self.inputs, self.output)}
        taken |= {let.name for let in self.lets} | {self.name}
        self.lets.append(Let(fresh(name, taken), value))
        return Var(self.lets[-1].name)

    def _wanted(self, unit: int, wanted: bool) -> Expr:
        test = self._test(self.model.units[unit], unit, frozenset(), frozenset())
        return test if wanted else opposite(test)

    def _tree(self, tree: Tree, there: frozenset[int], gone: frozenset[int]) -> Expr:
        """The choice that a tree makes where some columns are there and some are missing."""
        if isinstance(tree, Leaf):
            return Const(tree.value)
        unit = self.model.units[tree.unit]
        test = self._test(unit, tree.unit, there, gone)
        if test in (_NO, _YES):
            return self._tree(tree.fires if test == _YES else tree.rests, there, gone)
        read = frozenset(read_columns(unit))
        if isinstance(unit, Missing):
            fires = self._tree(tree.fires, there, gone | read)
            rests = self._tree(tree.rests, there | read, gone)
        else:
            fires = self._tree(tree.fires, there | read, gone)
            rests = self._tree(tree.rests, there, gone)
        if fires == rests:
            return fires
        if isinstance(rests, Const) and fires == Const(0) and self.model.limits:
            fires, rests, test = rests, fires, opposite(test)
        if isinstance(fires, Const) and rests == Const(0) and self.model.limits:
            points = fires.value  # of a rule that adds some where it holds
            return (
                weighted_sum([(points, test)], 0) if isinstance(points, int) and points else rests
            )
        if _size(tree.fires) > _size(tree.rests):
            fires, rests, test = rests, fires, opposite(test)
        match rests:
            case If(wider, same, _) if same == fires and implies(test, wider):
                return rests  # what only the probabilities tell apart
            case _:
                return If(test, fires, rests)

    def _test(
        self, unit: RuleUnit, place: int, there: frozenset[int], gone: frozenset[int]
    ) -> Expr:
        """Whether a unit fires."""
        if gone & set(read_columns(unit)):
            return _YES if isinstance(unit, Missing) else _NO
        match unit:
            case Missing(column):
                known = column in there or not self.inputs[column].optional
                return _NO if known else Call("missing", (Var(self.inputs[column].name),))
            case Below(column, limit):
                test: Expr = Call("lt", (Var(self.inputs[column].name), Const(_plain(limit))))
                return self._there([column], test, there)
            case Among(column, levels):
                return self._among(column, levels)
            case SumBelow(weights, limit):
                if place in self.named:
                    return Call("lt", (Var(self.named[place]), Const(_plain(limit))))
                terms = [(weight, Var(self.inputs[c].name)) for c, weight in weights]
                test = Call("lt", (weighted_sum(terms, 0), Const(_plain(limit))))
                return self._there([column for column, _ in weights], test, there)
            case AtLeast(parts, count):
                return self._at_least([self._wanted(*part) for part in parts], count)
            case _:
                assert_never(unit)

    def _there(self, columns: Sequence[int], test: Expr, there: frozenset[int]) -> Expr:
        """The test where all of these columns have a value."""
        open_ = [c for c in columns if self.inputs[c].optional and c not in there]
        guards = [Call("present", (Var(self.inputs[c].name),)) for c in open_]
        return Call("and", (*guards, test)) if guards else test

    def _among(self, column: int, levels: tuple[int, ...]) -> Expr:
        """Whether a column has one of some levels: none of the others, where these are fewer."""
        name, scalar = Var(self.inputs[column].name), self.inputs[column]
        others = [k for k in range(len(scalar.levels)) if k not in levels]
        if len(others) < len(levels) and not scalar.optional:
            return joined("and", [Call("ne", (name, Const(k))) for k in others])
        return joined("or", [Call("eq", (name, Const(k))) for k in levels])


def joined(op: str, tests: Sequence[Expr]) -> Expr:
    """Whether all of some tests hold (``and``), or any of them (``or``)."""
    ends, neutral = (_NO, _YES) if op == "and" else (_YES, _NO)
    kept = [test for test in dict.fromkeys(tests) if test != neutral]
    if ends in kept or not kept:
        return ends if ends in kept else neutral
    return kept[0] if len(kept) == 1 else Call(op, tuple(kept))


def implies(test: Expr, other: Expr) -> bool:
    """Whether one comparison of a column with a limit holds wherever another one does."""
    match test, other:
        case Call(op, (Var(name), Const(int() | float() as limit))), Call(
            same, (Var(twin), Const(int() | float() as end))
        ):
            wider = limit <= end if op == "lt" else end <= limit
            return op == same and op in ("lt", "ge") and name == twin and wider
        case _:
            return False


def opposite(test: Expr) -> Expr:
    """What holds where a test does not."""
    match test:
        case Call("and" | "or" as op, args):
            return Call("or" if op == "and" else "and", tuple(map(opposite, args)))
        case Call(op, args) if OPERATIONS[op].opposite:
            return Call(OPERATIONS[op].opposite, args)
        case Const(value):
            return Const(int(not value))
        case _:
            raise TypeError(f"{test} is no test of a column")


def _size(tree: Tree) -> int:
    return sum(1 for _ in leaves(tree))


def _plain(limit: float) -> int | float:
    """A limit as it is written: whole numbers without a point."""
    return int(limit) if float(limit).is_integer() and abs(limit) < 2**53 else float(limit)
