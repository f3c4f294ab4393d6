"""Loops without flags of their first step, and maxima of several: the same answers, shorter."""

from __future__ import annotations

import random

import pytest

from deepdistill.forms.sequence.shorten.loop import Carried, Loop
from deepdistill.forms.sequence.shorten.passes import shorten_scan
from deepdistill.forms.sequence.shorten.pieces import bounded
from deepdistill.forms.sequence.shorten.start import without_start
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Call, Const, Expr, If, Var, call
from deepdistill.ir.interval import Interval
from deepdistill.ir.program import Let, Program, Scan
from deepdistill.ir.types import Axis, Integers, Port

SEEN = call("ge", Var("count"), Const(1))
LARGER = call("gt", Var("x"), Var("best"))
EITHER = If(SEEN, If(LARGER, Var("x"), Var("best")), Var("x"))


def program(domain: Integers, flag: Expr) -> Program:
    """The largest number so far; a flag tells that there was one."""
    axes = (Axis("sequence"),)
    body = (Let("best", EITHER), Let("count", flag))
    state = (Let("best", Const(0)), Let("count", Const(0)))
    loop = Scan("result", "numbers", ("x",), state, body, (Var("best"),))
    return Program("mine", (Port("numbers", axes, domain),), Port("result", axes, domain), (loop,))


@pytest.mark.parametrize("flag", [Const(1), call("add", Var("count"), Const(1))])
@pytest.mark.parametrize("domain", [Integers(-100, 99), Integers(-9, -3), Integers(5, 30)])
def test_a_largest_number_needs_no_flag(flag: Expr, domain: Integers) -> None:
    long = program(domain, flag)
    short = shorten_scan(long, searches=0)
    (loop,) = short.body
    assert isinstance(loop, Scan)
    assert [let.value for let in loop.state] == [Const(min(0, domain.low))]
    rng = random.Random(1)
    for length in (0, 1, 2, 30):
        numbers = [rng.randint(domain.low, domain.high) for _ in range(length)]
        expected = [max(numbers[: t + 1]) for t in range(length)]
        assert evaluate(long, {"numbers": numbers}) == expected
        assert evaluate(short, {"numbers": numbers}) == expected


def loop_of(update: Expr, flag: Expr, answer: Expr) -> Loop:
    carried = (Carried("s0", 0, update), Carried("s1", 0, flag))
    return Loop((Interval(-5, 5),), carried, (answer,))


FIRST = call("eq", Var("s1"), Const(0))


@pytest.mark.parametrize(
    ("update", "flag", "answer"),
    [
        # the first element is told apart from all others, and no start makes up for that
        (Var("a0"), Const(1), If(FIRST, Const(7), Var("a0"))),
        (If(FIRST, call("add", Var("a0"), Const(9)), Var("s0")), Const(1), Var("s0'")),
        # the count is read for itself, or asked about a later step
        (Var("a0"), call("add", Var("s1"), Const(1)), Var("s1")),
        (Var("a0"), call("add", Var("s1"), Const(1)), call("ge", Var("s1"), Const(2))),
        # it comes back
        (Var("a0"), call("sub", Const(1), Var("s1")), call("ge", Var("s1"), Const(1))),
    ],
)
def test_flags_that_are_needed_stay(update: Expr, flag: Expr, answer: Expr) -> None:
    loop = loop_of(update, flag, answer)
    assert without_start(loop) == loop


def test_a_wide_domain_is_left_alone() -> None:
    loop = Loop(
        (Interval(0, 10**6),), (Carried("s0", 0, Const(1)),), (If(Var("s0"), Const(1), Const(0)),)
    )
    assert without_start(loop) == loop


X, Y, Z = Var("x"), Var("y"), Var("z")
RANGES = dict.fromkeys("xyz", Interval(-9, 9))


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (If(call("and", call("gt", X, Y), call("gt", X, Z)), X, call("max", Y, Z)), "max"),
        (If(call("or", call("gt", X, Y), call("gt", X, Z)), call("min", Y, Z), X), "min"),
        (
            If(
                If(call("or", call("ge", X, Y), call("gt", X, Z)), Const(0), Const(1)),
                X,
                call("min", Y, Z),
            ),
            "min",
        ),
    ],
)
def test_choices_between_three_are_extremes(choice: Expr, expected: str) -> None:
    found = bounded(choice, RANGES)
    assert isinstance(found, Call)
    assert found.op == expected
    assert set(found.args) == {X, Y, Z}


@pytest.mark.parametrize(
    "choice",
    [
        If(call("and", call("gt", X, Y), call("gt", X, Y)), X, call("max", Y, Z)),
        If(call("and", call("gt", X, Y), call("lt", X, Z)), X, call("max", Y, Z)),
        If(call("or", call("gt", X, Y), call("gt", X, Z)), X, call("max", Y, Z)),
        If(call("and", call("gt", X, Y), call("gt", X, Const(3))), X, call("max", Y, Z)),
    ],
)
def test_other_choices_stay(choice: Expr) -> None:
    assert bounded(choice, RANGES) == choice
