"""Why a formula has its value: its named parts, and the regime whose condition holds."""

from __future__ import annotations

from collections.abc import Mapping

from ...data.problem import InputError
from ...explain.reasons import Reasons
from ...explain.trace import Explanation, Step
from ...ir.evaluate import Scope, evaluate_formula
from ...ir.program import Formula


def explain_formula(formula: Formula, numbers: Mapping[str, float]) -> Explanation:
    """The trace for one row, numbers by the inputs' names.

    Raises :class:`InputError` where the formula has no value.
    """
    scope = Scope((), {})
    scope.names.update(numbers)
    reasons = Reasons(scope)
    reasons.steps += [Step("input", scalar.name, numbers[scalar.name]) for scalar in formula.inputs]
    try:
        for let in formula.body:
            reasons.named(let.name, let.value)
        reasons.value(formula.value)
        value = evaluate_formula(formula, numbers)
    except (ArithmeticError, ValueError):
        raise InputError("the formula has no value for these numbers") from None
    return Explanation(formula.name, formula.output.name, value, tuple(reasons.steps))
