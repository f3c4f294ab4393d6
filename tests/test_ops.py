"""An operation is one row: a toy row goes through everything that knows operations."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import z3
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.explain.words import CaseWords
from deepdistill.ir.evaluate import Scope, evaluate_expr
from deepdistill.ir.expr import Call, Const, Expr, If, Var, call, size
from deepdistill.ir.interval import Interval, bounds
from deepdistill.ir.notation import Function, Pattern, template, written
from deepdistill.ir.ops import OPERATIONS, Operation
from deepdistill.ir.parse import parse_expr
from deepdistill.ir.program import Let, Program
from deepdistill.ir.rewrite import counting
from deepdistill.ir.spec import BrokenProgram, check
from deepdistill.ir.text import expr_text
from deepdistill.ir.types import Integers, Port
from deepdistill.ir.vector import evaluate_rows
from deepdistill.target.source import expression
from deepdistill.verify.proof.encode import Encoder, NotEncoded

X, LOW, HIGH = Var("x"), Var("low"), Var("high")
SPAN = st.integers(-9, 9)


def clamp(low: int, x: int, high: int) -> int:
    return max(low, min(x, high))


CLAMP = Operation(
    clamp,
    3,
    Pattern("max({}, min({}, {}))"),
    columns=lambda np, low, x, high: np.maximum(low, np.minimum(x, high)),
    term=lambda z, low, x, high: z.choose(
        z.choose(x < high, x, high) > low, z.choose(x < high, x, high), low
    ),
    interval=lambda low, x, high: Interval(
        max(low.low, min(x.low, high.low)), max(low.high, min(x.high, high.high))
    ),
    words=Function("clamp"),
)
CLAMPED = Call("clamp", (LOW, call("add", X, X), HIGH))
DEFINED = call("max", LOW, call("min", call("add", X, X), HIGH))


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPERATIONS, "clamp", CLAMP)


def value(expr: Expr, **names: int) -> Any:
    scope = Scope((), {})
    scope.names.update(names)
    return evaluate_expr(expr, scope)


def program(value: Expr) -> Program:
    """A program of three numbers with one answer."""
    ports = tuple(Port(name, (), Integers(-9, 9)) for name in ("low", "x", "high"))
    return Program("mine", ports, Port("y", (), Integers(-9, 9)), (Let("y", value),))


def run(source: str, **names: float) -> Any:
    """The value of Python text."""
    module = ast.parse(f"answer = {source}")
    scope: dict[str, Any] = {"math": math, "max": max, "min": min, **names}
    exec(compile(module, "text", "exec"), scope)
    return scope["answer"]


@pytest.mark.usefixtures("toy")
def test_a_toy_operation_is_one_row() -> None:
    names = {"low": -2, "x": 3, "high": 4}
    assert value(CLAMPED, **names) == 4 == value(DEFINED, **names)
    assert call("clamp", LOW, X, HIGH).op == "clamp"
    with pytest.raises(ValueError, match="does not take 2"):
        call("clamp", LOW, X)
    # every value on columns and inside the interval
    grid = np.array([(a, b, c) for a in range(-3, 4) for b in range(-3, 4) for c in range(-3, 4)])
    columns = dict(zip(("low", "x", "high"), grid.T, strict=True))
    found = evaluate_rows(CLAMPED, columns)
    assert found.tolist() == [value(CLAMPED, low=a, x=b, high=c) for a, b, c in grid.tolist()]
    span = bounds(CLAMPED, dict.fromkeys(columns, Interval(-3, 3)))
    assert (span.low, span.high) == (found.min(), found.max())
    # a prover shows that it is what its definition says
    terms = Encoder({name: z3.Int(name) for name in columns})
    solver = z3.Solver()
    solver.add(terms.number(CLAMPED) != terms.number(DEFINED))
    assert solver.check() == z3.unsat
    # Python's text has its value, and as many nodes as its size says
    source = expression(CLAMPED, program(CLAMPED))
    assert source == "max(low, min(x + x, high))"
    assert run(source, **names) == 4
    assert size(CLAMPED) == sum(1 for _ in ast.walk(ast.parse(source, mode="eval").body))
    # people's text, and back
    assert expr_text(CLAMPED) == "clamp(low, (x + x), high)"
    assert parse_expr(expr_text(CLAMPED)) == CLAMPED
    scope = Scope((), {})
    assert CaseWords(scope, frozenset()).source(CLAMPED) == "clamp(low, x + x, high)"
    check(program(CLAMPED), "shortened")


def test_without_its_row_there_is_no_toy() -> None:
    with pytest.raises(KeyError):
        value(CLAMPED, low=0, x=1, high=2)
    with pytest.raises(ValueError, match="no operation 'clamp'"):
        parse_expr("clamp(low, x, high)")
    with pytest.raises(BrokenProgram, match="operation clamp"):
        check(program(CLAMPED), "shortened")


# Every row against the interpreter

NUMBERS = {
    op: row
    for op, row in OPERATIONS.items()
    if not row.arrays and op not in ("list", "single", "range", "digits")  # lists
}
COUNTS = st.integers(2, 4)


def arguments(row: Operation, draw: Callable[[Any], Any]) -> list[int]:
    count = row.arity if row.arity is not None else draw(COUNTS)
    return [draw(SPAN) for _ in range(count)]


def defined(op: str, args: list[int]) -> Any:
    """The value; None where the operation has none."""
    try:
        found = OPERATIONS[op].function(*args)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return None if isinstance(found, complex) else found


@pytest.mark.parametrize("op", NUMBERS)
@given(data=st.data())
@settings(max_examples=tries(40), deadline=None)
def test_the_columns_of_a_row_agree(op: str, data: st.DataObject) -> None:
    """Columns, interval, term and Python's text against the meaning, at drawn integers."""
    row, draw = OPERATIONS[op], data.draw
    args = arguments(row, draw)
    expected = defined(op, args)
    if expected is None:
        return
    names = [f"x{k}" for k in range(len(args))]
    expr = Call(op, tuple(map(Var, names)))
    columns = {name: np.array([arg, arg]) for name, arg in zip(names, args, strict=True)}
    if not (op == "power" and args[1] < 0):  # NumPy has no fractions for integers
        floats = {n: c.astype(float) for n, c in columns.items()} if op == "pow" else columns
        assert evaluate_rows(expr, floats)[0] == pytest.approx(expected, rel=1e-12)
    spans = {}
    for name, arg in zip(names, args, strict=True):
        others = [draw(SPAN), arg] if op not in ("pow", "power") or name == "x0" else [arg]
        spans[name] = Interval(min(others), max(others))
    found = bounds(expr, spans)
    assert found.low <= expected <= found.high, (op, args, spans, found)
    encoder = Encoder({name: z3.IntVal(arg) for name, arg in zip(names, args, strict=True)})
    if row.term is not None:
        try:
            term = encoder.number(expr)
        except NotEncoded:
            assert op == "power"
        else:
            needs = z3.simplify(z3.And(z3.BoolVal(True), *encoder.obligations))
            if z3.is_true(needs):
                assert z3.simplify(term).as_long() == expected
            else:
                assert op.startswith("bit") or args[1] < 0
    if not any(mark in written(row.python, names) for mark in ("_sign", "_largest", "_softmax")):
        text = written(row.python, [f"({name})" for name in names])
        described = run(text, **dict(zip(names, args, strict=True)))
        assert (bool(described) if row.decides is not None else described) == expected


@pytest.mark.parametrize("op", OPERATIONS)
def test_a_row_is_whole(op: str) -> None:
    """Its notation has a place for each argument; what is opposite is opposite both ways."""
    row = OPERATIONS[op]
    count = row.arity if row.arity is not None else 3
    assert row.takes(count)
    assert template(row.python, count).count("{}") == count
    if row.words is not None:
        assert template(row.words, count).count("{}") == count
    assert row.nodes(count) > 0
    assert all(k < count for k in row.arrays)
    if row.opposite:
        assert row.truth and OPERATIONS[row.opposite].opposite == op


ENDS = [op for op, row in OPERATIONS.items() if (row.neutral, row.zero) != (None, None)]


@pytest.mark.parametrize("op", ENDS)
@given(data=st.data())
def test_what_does_not_count_is_what_the_row_says(op: str, data: st.DataObject) -> None:
    """Arguments that are neutral left out, or all but the zero; and each row's own claim."""
    row, args = OPERATIONS[op], data.draw(st.lists(st.integers(-1, 2), min_size=2, max_size=4))
    kept = [arg.value for arg in counting(op, map(Const, args)) if isinstance(arg, Const)]
    assert len(kept) < len(args) or not {row.neutral, row.zero} & set(args)
    value = row.function(*args)
    if len(kept) == 1:
        assert (bool(kept[0]) if row.of_truths else kept[0]) == value
    else:
        assert (row.function(*kept) if kept else row.neutral) == value


@given(SPAN, SPAN)
def test_opposites_never_hold_together(a: int, b: int) -> None:
    for op, row in OPERATIONS.items():
        if row.opposite and not row.arrays:
            given = (a, b)[: row.arity]
            assert row.function(*given) + OPERATIONS[row.opposite].function(*given) == 1, op


def test_branches_narrow_their_ranges() -> None:
    """One analysis for integers and reals: the condition of a choice holds in its branch."""
    shifted = If(call("ge", X, Const(2)), call("sub", X, Const(2)), Const(0))
    assert bounds(shifted, {"x": Interval(0, 5)}) == Interval(0, 3)
    root = If(call("gt", X, Const(0.0)), call("log", X), Const(0.0))
    assert bounds(root, {"x": Interval(-1.0, 1.0)}).high == 0.0


def test_powers_of_integers_are_exact() -> None:
    """A float would round 3 ** 40 down."""
    expr = call("power", X, Const(40))
    assert bounds(expr, {"x": Interval(0, 3)}) == Interval(0, 3**40)
    assert bounds(call("mul", X, X), {"x": Interval(-3, 2)}) == Interval(0, 9)
