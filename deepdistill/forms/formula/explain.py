"""Why a formula has its value: its named parts, and the regime whose condition holds."""

from __future__ import annotations

from collections.abc import Mapping

from ...data.problem import InputError
from ...explain.reasons import Reasons
from ...explain.trace import Explanation, Step
from ...ir.evaluate import Scope, evaluate_formula
from ...ir.expr import Expr
from ...ir.levels import Levels, level_test, levels_of
from ...ir.program import Formula


class _ColumnReasons(Reasons):
    """Tells of a test of a column of text only whether it holds: the text was given."""

    def __init__(self, scope: Scope, levels: Levels) -> None:
        super().__init__(scope)
        self.words.levels = levels

    def truth(self, expr: Expr) -> None:
        if level_test(expr, self.words.levels) is None:
            super().truth(expr)
        else:
            self.described(Step("condition", self.words.source(expr), bool(self.number(expr))))


def explain_formula(formula: Formula, numbers: Mapping[str, float]) -> Explanation:
    """The trace for one row, numbers by the inputs' names, of text those of the levels.

    Raises :class:`InputError` where the formula has no value.
    """
    scope = Scope((), {})
    scope.names.update(numbers)
    reasons = _ColumnReasons(scope, levels_of(formula.inputs))
    reasons.steps += [
        Step("input", scalar.name, scalar.written(numbers[scalar.name]))
        for scalar in formula.inputs
    ]
    try:
        for let in formula.body:
            reasons.named(let.name, let.value)
        reasons.value(formula.value)
        value = evaluate_formula(formula, numbers)
    except (ArithmeticError, ValueError):
        raise InputError("the formula has no value for these numbers") from None
    return Explanation(formula.name, formula.output.name, value, tuple(reasons.steps))
