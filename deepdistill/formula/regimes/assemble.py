"""A tree of regimes and their formulas as one expression: a chain of conditions, or max and min."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...ir.expr import Call, Const, Expr, If, Var, negated
from ...ir.linear import weighted_sum
from ..symbolic.arrays import Columns, Floats, values
from .breakpoints import breakpoint_between
from .tree import Cases, Cut, RegimeLeaf, Tree, Weights

_Branch = tuple[Expr | None, int]  # a condition, None for all that is left, and a label
_POINTS = 2000  # random places at which an extreme must equal the chain


def assembled(
    tree: Tree,
    formulas: Sequence[Expr],
    x: Floats,
    names: Sequence[str],
    tolerance: float,
    exact: bool,
) -> Expr:
    """The formulas in their regimes; breakpoints are numbers between the rows of two regimes."""
    numbers = _Numbers(formulas, x, names, tolerance, exact)
    branches = _merged(_flat(tree, numbers))
    result = formulas[branches[-1][1]]
    for condition, label in branches[-2::-1]:
        assert condition is not None
        result = If(condition, formulas[label], result)
    return _extreme(result, x, names, tolerance)


class _Numbers:
    """Turns cuts into comparisons."""

    def __init__(
        self,
        formulas: Sequence[Expr],
        x: Floats,
        names: Sequence[str],
        tolerance: float,
        exact: bool,
    ) -> None:
        self.formulas, self.x, self.names = formulas, x, names
        self.tolerance, self.exact = tolerance, exact

    def comparison(self, cut: Cut) -> Expr:
        """The condition of the part below."""
        below, above = (self._formula(part) for part in (cut.below, _first(cut)))
        number = breakpoint_between(
            cut.low,
            cut.high,
            cut.weights,
            below,
            above,
            self.x,
            self.names,
            self.tolerance,
            self.exact,
        )
        op = "le" if number == cut.low else "lt"
        left, right = _sides(cut.weights, number, self.names)
        return Call(op, (left, right))

    def _formula(self, part: Tree) -> Expr | None:
        return self.formulas[part.label] if isinstance(part, RegimeLeaf) else None


def _first(cut: Cut) -> Tree:
    """What comes next above a cut along its own direction."""
    above = cut.above
    if isinstance(above, Cut) and above.weights == cut.weights:
        return above.below
    return above


def _sides(weights: Weights, number: float, names: Sequence[str]) -> tuple[Expr, Expr]:
    """Both sides of a comparison with a weighted sum."""
    left = weighted_sum([(w, Var(names[k])) for k, w in weights if w > 0])
    minus = [(-w, Var(names[k])) for k, w in weights if w < 0]
    if not minus:
        return left, constant(number)
    right = weighted_sum(minus)
    if number == 0:
        return left, right
    return Call("sub", (left, right)), constant(number)


def constant(number: float) -> Expr:
    """A whole number as one: it belongs to the structure of a formula."""
    return Const(int(number)) if number.is_integer() and abs(number) < 10**6 else Const(number)


def _flat(tree: Tree, numbers: _Numbers) -> list[_Branch]:
    """Branches in order, the first whose condition holds is taken."""
    match tree:
        case RegimeLeaf(label):
            return [(None, label)]
        case Cases(column, groups):
            var = Var(numbers.names[column])
            result: list[_Branch] = []
            for members, label in groups[:-1]:
                equal = [Call("eq", (var, Const(value))) for value in members]
                result.append((equal[0] if len(equal) == 1 else Call("or", tuple(equal)), label))
            return [*result, (None, groups[-1][1])]
        case Cut(_, _, _, below, above):
            holds = numbers.comparison(tree)
            under, over = _merged(_flat(below, numbers)), _merged(_flat(above, numbers))
            if _is_chain(below, tree.weights):
                # what is below an inner cut is below this one too
                lower = [(holds if part is None else part, label) for part, label in under]
                return [*lower, *over]
            if len(over) == 1:
                return [(negated(holds), over[0][1]), *under]
            first: list[_Branch] = [(_both(holds, part), label) for part, label in under]
            return [*first, *over]


def _is_chain(tree: Tree, weights: Weights) -> bool:
    """Whether every cut is along that direction, so that the branches are in its order."""
    match tree:
        case Cut(own, _, _, below, above):
            return own == weights and all(_is_chain(part, weights) for part in (below, above))
        case RegimeLeaf():
            return True
        case _:
            return False


def _both(first: Expr, second: Expr | None) -> Expr:
    return first if second is None else Call("and", (first, second))


def _merged(branches: list[_Branch]) -> list[_Branch]:
    """Neighbours with the same formula as one branch."""
    result: list[_Branch] = []
    for condition, label in branches:
        if result and result[-1][1] == label:
            before = result.pop()[0]
            condition = (
                None if condition is None or before is None else Call("or", (before, condition))
            )
        result.append((condition, label))
    return result


def _extreme(chain: Expr, x: Floats, names: Sequence[str], tolerance: float) -> Expr:
    """A chain that is the larger or the smaller of its formulas, written so."""
    match chain:
        case If(_, first, If(_, second, third)) if _constant(first) and _constant(third):
            inner = Call("min", (second, third)), Call("max", (second, third))
            options = [Call("max", (inner[0], first)), Call("min", (inner[1], first))]
        case If(_, first, second) if not isinstance(second, If):
            options = [Call(op, (first, second)) for op in ("max", "min")]
        case _:
            return chain
    low, high = x.min(axis=0), x.max(axis=0)
    places = np.random.default_rng(37).uniform(low, high, (_POINTS, x.shape[1]))
    every = np.concatenate([x, places])
    columns: Columns = {name: every[:, k] for k, name in enumerate(names)}
    wanted = values(chain, columns)
    for option in options:
        with np.errstate(all="ignore"):
            apart = np.abs(values(option, columns) - wanted)
        if np.isfinite(apart).all() and apart.max() <= tolerance:
            return option
    return chain


def _constant(expr: Expr) -> bool:
    return isinstance(expr, Const)
