"""Explanations: what they say, and that what they say suffices."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import life_program, programs

from deepdistill.data.problem import InputError
from deepdistill.explain import Explanation, explain_program
from deepdistill.explain.reasons import Reasons
from deepdistill.explain.trace import Step
from deepdistill.explain.words import CaseWords
from deepdistill.forms.formula.explain import explain_formula
from deepdistill.ir.evaluate import Scope, evaluate, evaluate_expr
from deepdistill.ir.expr import Call, Const, Expr, First, If, Read, Size, Total, Var, call
from deepdistill.ir.parse import parse_program
from deepdistill.ir.program import Formula, Let, Program, Scan
from deepdistill.ir.types import Axis, Integers, Port, Reals, Scalar

BAR = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
NUMBERS = Port("numbers", (Axis("set"),), Integers(0, 9))


def lines(found: Explanation) -> list[str]:
    return [line.strip() for line in str(found).splitlines()]


def test_a_cell_is_explained_by_its_named_values_and_the_part_that_holds() -> None:
    born = explain_program(life_program(), {"cells": BAR}, (1, 0))
    assert str(born) == "result[1, 0] = 1, because\n  neighbors = 3\n  neighbors == 3  holds"
    stays = explain_program(life_program(), {"cells": BAR}, (1, 1))
    assert lines(stays)[1:] == ["neighbors = 2", "cells[1, 1] == 1 and neighbors == 2  holds"]
    dies = explain_program(life_program(), {"cells": BAR}, (0, 1))
    assert dies.value == 0
    assert lines(dies)[1:] == [
        "neighbors = 1",
        "neighbors == 3  fails",
        "neighbors == 2  fails",
    ]
    assert json.loads(json.dumps(born.as_json())) == {
        "problem": "mine",
        "output": "result[1, 0]",
        "value": 1,
        "steps": [
            {"kind": "value", "text": "neighbors", "value": 3},
            {"kind": "condition", "text": "neighbors == 3", "value": True},
        ],
    }


@given(programs(), st.integers(2, 4), st.integers(2, 4), st.randoms(use_true_random=False))
def test_any_cell_of_any_program_has_a_trace_with_its_value(
    program: Program, rows: int, columns: int, random: Any
) -> None:
    top = program.inputs[0].domain.high
    cells = [[random.randint(0, top) for _ in range(columns)] for _ in range(rows)]
    place = (random.randrange(rows), random.randrange(columns))
    found = explain_program(program, {"cells": cells}, place)
    assert found.value == evaluate(program, {"cells": cells})[place[0]][place[1]]
    json.dumps(found.as_json(), allow_nan=False)


NAMES = ("a", "b", "c")
LEAVES = st.sampled_from([Var(name) for name in NAMES]) | st.integers(-2, 3).map(Const)


def _numbers(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    pair = st.tuples(inner, inner)
    three = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Call, st.sampled_from(["add", "mul", "max", "min", "bitand", "bitor"]), three),
        st.builds(Call, st.sampled_from(["sub", "bitxor"]), pair),
        st.tuples(inner, st.integers(2, 3)).map(lambda p: call("floordiv", p[0], Const(p[1]))),
        st.tuples(inner, st.integers(2, 3)).map(lambda p: call("mod", p[0], Const(p[1]))),
        st.builds(lambda arg: call("abs", arg), inner),
        st.builds(lambda c, a, b: If(c, a, b), _truths(inner), inner, inner),
        st.builds(lambda arg: call("int", arg), _truths(inner)),
    )


def _truths(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    compared = st.builds(
        Call, st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"]), st.tuples(inner, inner)
    )
    both = st.lists(compared, min_size=2, max_size=3).map(tuple)
    one = compared | st.builds(Call, st.sampled_from(["and", "or"]), both)
    deeper = st.lists(one, min_size=2, max_size=3).map(tuple)
    negated = (one | inner).map(lambda arg: call("not", arg))
    return st.one_of(one, negated, st.builds(Call, st.sampled_from(["and", "or"]), deeper))


EXPRESSIONS = st.recursive(LEAVES, _numbers, max_leaves=8)


def scope_of(values: tuple[int, ...]) -> Scope:
    scope = Scope((), {})
    scope.names.update(zip(NAMES, values, strict=True))
    return scope


@given(EXPRESSIONS, st.tuples(*[st.integers(-3, 3)] * 3))
def test_texts_mean_what_their_expressions_mean(expr: Expr, values: tuple[int, ...]) -> None:
    """The few parentheses that are left are enough: Python reads the text as the same value."""
    scope = scope_of(values)
    text = CaseWords(scope, set()).source(expr)
    names = dict(zip(NAMES, values, strict=True))
    assert eval(text, {"max": max, "min": min, "abs": abs}, names) == evaluate_expr(expr, scope)


@given(EXPRESSIONS, st.tuples(*[st.integers(0, 2)] * 3))
def test_what_is_told_suffices(expr: Expr, values: tuple[int, ...]) -> None:
    """Wherever the same conditions and parts hold, the value is the same."""
    reasons = Reasons(scope_of(values))
    reasons.value(expr)
    wanted = evaluate_expr(expr, reasons.scope)
    builtins = {"max": max, "min": min, "abs": abs}
    for other in product(range(3), repeat=3):
        names = dict(zip(NAMES, other, strict=True))
        if all(eval(step.text, builtins, names) == step.value for step in reasons.steps):
            described = isinstance(expr, Var)  # when it was bound
            assert described or evaluate_expr(expr, scope_of(other)) == wanted


def whole(value: Expr, body: tuple[Let, ...] = ()) -> Program:
    output = Port("answer", (), Integers(0, 99))
    return Program("mine", (NUMBERS,), output, (*body, Let("answer", value)))


def test_searches_tell_where_they_stop_and_counts_what_they_count() -> None:
    item = Read("numbers", (Var("i"),))
    same = call("int", call("eq", Read("numbers", (Var("k"),)), item))
    often = Total("k", Const(0), Size("numbers"), same)
    program = whole(First("i", Const(0), Size("numbers"), call("gt", often, Const(1)), item))
    found = explain_program(program, {"numbers": [4, 7, 5, 7]})
    assert lines(found) == [
        "answer = 7, because",
        "at i = 1",
        "numbers[k] == numbers[1]  at 2 places: k = 1, 3",
        "count(numbers[k] == numbers[1] for k = 0 to 3) > 1  holds  (2 > 1)",
        "numbers[1] = 7",
    ]
    some = call("ge", Total("i", Const(0), Size("numbers"), call("eq", item, Const(7))), Const(1))
    assert lines(explain_program(whole(call("int", some)), {"numbers": [4, 7]}))[1:] == [
        "at i = 1",
        "numbers[1] == 7  holds",
    ]
    none = explain_program(whole(call("int", some)), {"numbers": [4, 8]})
    assert (none.value, lines(none)[1:]) == (0, ["for no i: numbers[i] == 7  holds"])


def test_a_step_of_a_loop_has_the_state_before_and_after() -> None:
    port = Port("numbers", (Axis("sequence"),), Integers(0, 9))
    total = call("add", Var("total"), Var("number"))
    loop = Scan(
        "result",
        "numbers",
        ("number",),
        (Let("total", Const(1)),),
        (Let("total", total),),
        (If(call("gt", Var("total"), Const(5)), Const(1), Const(0)),),
    )
    output = Port("result", (Axis("sequence"),), Integers(0, 1))
    program = Program("mine", (port,), output, (loop,))
    assert lines(explain_program(program, {"numbers": [2, 3, 9]}, (1,))) == [
        "result[1] = 1, because",
        "total = 3  before this step",
        "number = 3",
        "total = total + number = 6  after this step",
        "total > 5  holds",
    ]
    with pytest.raises(InputError, match=r"answer has 3 numbers: say which one, .* --at 0$"):
        explain_program(program, {"numbers": [2, 3, 9]})


def test_of_scores_the_largest_is_told() -> None:
    scores = call("list", call("add", Read("numbers", (Const(0),)), Const(1)), Const(3))
    found = explain_program(whole(call("argmax", scores)), {"numbers": [2]})
    assert lines(found)[1:] == [
        "score 0 = numbers[0] + 1 = 3",
        "score 1 = 3",
        "first place of the largest = 0",
    ]


TARIFF = Formula(
    "tariff",
    (Scalar("use", Reals(0, 9)),),
    Scalar("price", Reals(0, 99)),
    (Let("base", call("mul", Const(2.0), Var("use"))),),
    If(call("lt", Var("use"), Const(3.0)), Var("base"), call("add", Var("base"), Const(-1.5))),
)


def test_a_formula_tells_its_parts_and_the_regime() -> None:
    assert lines(explain_formula(TARIFF, {"use": 4.0})) == [
        "price = 6.5, because",
        "use = 4",
        "base = 2.0 * use = 8",
        "use < 3.0  fails",
        "base - 1.5 = 6.5",
    ]
    broken = replace(TARIFF, body=(), value=call("log", Var("use")))
    with pytest.raises(InputError, match="no value"):
        explain_formula(broken, {"use": -1.0})


FILLED = parse_program(
    "p(numbers: set of 0..9) -> result: set of 0..99\n"
    "  doubled[i] for size 0 of numbers: (2 * numbers[i])\n"
    "  result[i, j] for size 0 of numbers x 2: (doubled[i] + j)"
)
LISTED = parse_program(
    "p(numbers: set of 0..9) -> result: set of 0..99\n"
    "  result[i, j] for 2 at {(0, 3), (1, 2)}: (numbers[i] * j)"
)


def test_lists_of_given_sizes_are_explained_place_by_place() -> None:
    found = explain_program(FILLED, {"numbers": [4, 5]}, (1, 1))
    assert found.value == evaluate(FILLED, {"numbers": [4, 5]})[1][1] == 11
    assert lines(found)[:2] == ["result[1, 1] = 11, because", "doubled = [8, 10]"]
    listed = explain_program(LISTED, {"numbers": [4, 5]}, (1,))
    assert listed.value == evaluate(LISTED, {"numbers": [4, 5]})[1] == 10
    one = replace(LISTED, body=(replace(LISTED.body[0], points=((1, 2),)),))
    assert explain_program(one, {"numbers": [4, 5]}).value == 10
    with pytest.raises(InputError, match="the answer has 2 numbers: say which one"):
        explain_program(LISTED, {"numbers": [4, 5]})
    with pytest.raises(InputError, match="there is no place 2 in an answer of 2 numbers"):
        explain_program(LISTED, {"numbers": [4, 5]}, (2,))
    with pytest.raises(InputError, match="the answer has 2 x 2 numbers: say which one"):
        explain_program(FILLED, {"numbers": [4, 5]})


def test_a_loop_before_the_last_statement_has_no_trace() -> None:
    program = parse_program(
        "p(numbers: set of 0..9) -> result:  of 0..9\n"
        "  moved[i] for each position of numbers:\n    numbers[i]\n"
        "  result = moved[0]"
    )
    with pytest.raises(InputError, match="before its last statement"):
        explain_program(program, {"numbers": [1]})


def test_texts_of_users_are_quoted() -> None:
    """They may be empty, part lines, or steer a terminal."""
    steps = (
        Step("input", "word", "one\ntwo"),
        Step("value", "parts", ["", "\u2028"]),
        Step("support", "support", "\x1b[31mred 0.97: 37 of 38 rows"),
    )
    assert str(Explanation("p", "result", "", ())) == "result = '', always"
    assert str(Explanation("p", "result", "\x1b[31mred\x1b[0m", steps)).split("\n") == [
        r"result = '\x1b[31mred\x1b[0m', because",
        r"  word = 'one\ntwo'",
        r"  parts = ['', '\u2028']",
        r"  support = \x1b[31mred 0.97: 37 of 38 rows",
    ]
