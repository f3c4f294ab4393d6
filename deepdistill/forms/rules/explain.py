"""Why rules give a label: the conditions on the way, and the rows behind their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...data.problem import InputError
from ...explain.arguments import answer_of, arguments_of, of_columns
from ...explain.trace import Explanation, Step
from ...ir.evaluate import Scope, evaluate_expr
from ...ir.expr import Expr, If
from ...ir.program import Formula
from ...target.formula_source import lowering_of
from ...target.words import Words
from .network import RuleNetwork, RulesOfColumns
from .support import cases


def explain_label(
    network: RuleNetwork, program: Formula, solve: Any, given: Sequence[Any]
) -> Explanation:
    """The path that a row takes; see :func:`explained_path`."""
    described = [case.counts for case in cases(network)]
    return explained_path(network, program, solve, given, described)


def explained_path(
    network: RulesOfColumns,
    program: Formula,
    solve: Any,
    given: Sequence[Any],
    described: Sequence[str],
) -> Explanation:
    """The path that a row takes, and what ``described`` says of the end that it comes to.

    Raises :class:`InputError` for unusable arguments, and where the program does not give what the
    solver gives.
    """
    inputs = program.inputs
    names = [scalar.name for scalar in inputs]
    arguments = arguments_of(of_columns(given, inputs, network.layout.dates), names, True)
    answer = answer_of(solve, arguments)
    numbers = [scalar.number(value) for scalar, value in zip(inputs, arguments, strict=True)]
    scope = Scope((), {})
    scope.names.update(zip([scalar.name for scalar in inputs], numbers, strict=True))
    words = lowering_of(program, Words)
    steps = [
        Step("input", scalar.name, scalar.written(number))
        for scalar, number in zip(inputs, numbers, strict=True)
    ]
    for let in program.body:
        scope.names[let.name] = evaluate_expr(let.value, scope)
        steps.append(
            Step("value", f"{let.name} = {words.source(let.value)}", scope.names[let.name])
        )
    value: Expr = program.value
    while isinstance(value, If):
        holds = bool(evaluate_expr(value.condition, scope))
        steps.append(Step("condition", words.test(value.condition), holds))
        value = value.then if holds else value.otherwise
    label = network.output.levels[int(evaluate_expr(value, scope))]
    if label != answer:
        raise InputError("the program gives another answer than the solver, so it explains nothing")
    case = int(network.cases(np.array([numbers]).reshape(1, -1))[0])
    steps.append(Step("support", "support", described[case]))
    return Explanation(program.name, program.output.name, label, tuple(steps))
