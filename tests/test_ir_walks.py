"""Walks over expressions and programs: their length in bits, what they read, tables of rows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deepdistill.ir.alphabet import in_codes
from deepdistill.ir.code_length import integer_bits
from deepdistill.ir.domain import gaps
from deepdistill.ir.expr import Call, Const, Var, negated, size
from deepdistill.ir.interval import Interval, bounds
from deepdistill.ir.order import by_order_alone, by_place_alone
from deepdistill.ir.parse import parse_expr, parse_formula, parse_program
from deepdistill.ir.program_length import program_bits
from deepdistill.ir.rewrite import settled
from deepdistill.ir.shares import SHARES
from deepdistill.ir.text import expr_text
from deepdistill.ir.vector import evaluate_rows

HEAD = "p(numbers: set of 0..9) -> result: set of 0..9\n  "


def bits(body: str) -> float:
    return program_bits(parse_program(HEAD + body))


# ---- bits


def test_what_is_said_beyond_another_program_costs_its_bits() -> None:
    plain = bits("result[i] for 3: numbers[i]")
    more = bits("result[i] for 9: numbers[i]") - plain
    assert more == pytest.approx(integer_bits(9) - integer_bits(3))
    sized = bits("result[i] for size 0 of numbers: numbers[i]")
    size = math.log2(sum(SHARES["number"].values()) / SHARES["number"]["size"]) + 1
    assert sized - plain == pytest.approx(size - integer_bits(3))  # of one name
    points = bits("result[i] for 2 at {(0,), (1,)}: numbers[i]")
    box = 1 + integer_bits(0) + integer_bits(1) + integer_bits(0)  # nothing is left out of it
    assert points - bits("result[i] for 2: numbers[i]") == pytest.approx(box)
    none = bits("result[i] for 2 at {}: numbers[i]")
    assert none - bits("result[i] for 2: numbers[i]") == pytest.approx(1 + integer_bits(0))
    # a name more: what is read is one of three names then, and that there is a table is told
    table = bits("table weights = ((1, 2), (3, 4))\n  result[i] for 3: numbers[i]")
    told = 3 * integer_bits(2) + sum(1 + integer_bits(k) for k in (1, 2, 3, 4))
    names = math.log2(3) - math.log2(2)
    there = 4 - math.log2(16 / 15)
    assert table - plain == pytest.approx(told + integer_bits(1) + there + names)


@pytest.mark.parametrize(
    ("number", "digits", "exponent"),
    [("2.5", 25, -1), ("3.0", 3, 0), ("-0.125", -125, -3), ("1.5e-30", 15, -31), ("2e+20", 2, 20)],
)
def test_a_decimal_costs_its_digits(number: str, digits: int, exponent: int) -> None:
    head = "p(x: real 0..1) -> y: real 0..1\n  "
    decimal, one = (program_bits(parse_formula(f"{head}(x + {n})")) for n in (number, "0"))
    assert decimal - one == 2 + integer_bits(digits) + integer_bits(exponent) - 1 - integer_bits(0)


def test_a_tuple_costs_its_length_and_entries() -> None:
    one, other = bits("result = (4, 1)[numbers[0]]"), bits("result = (4, 1, 1)[numbers[0]]")
    assert other - one == pytest.approx(integer_bits(3) - integer_bits(2) + integer_bits(1))


def test_where_a_truth_is_asked_a_number_need_not_be_compared_with_0() -> None:
    plain = bits("result[i] for 3: int((numbers[i] and numbers[0]))")
    assert bits("result[i] for 3: int(((numbers[i] != 0) and (numbers[0] != 0)))") == plain
    assert bits("result[i] for 3: int((numbers[i] != 0))") > bits("result[i] for 3: numbers[i]")


# ---- order and equality alone


@pytest.mark.parametrize(
    ("body", "alone"),
    [
        ("result[i] for each position of numbers:\n    (numbers[i] + 1)", False),
        ("result[i] for each position of numbers:\n    n = numbers[i]\n    n", True),
        ("result[i] for each position of numbers:\n    n = (numbers[i] > numbers[i])\n    n", True),
        ("result[i] for 3: numbers[i]", True),
        ("result[i] for (numbers[0] + 1): 7", False),
        ("result[i] for each position of numbers:\n    numbers[(i + 1)]", False),
        ("result[i] for each position of numbers:\n    inside numbers[(i + 1)]", True),
        ("result[i] for each position of numbers:\n    inside numbers[numbers[i]]", False),
        ("result = max(maximum(numbers), minimum(numbers))", True),
        ("result = max(maximum(numbers), 3)", False),
        ("result = (maximum(numbers) if (size 0 of numbers > 2) else minimum(numbers))", True),
        ("result = (maximum(numbers) if (size 0 of numbers > 2) else 0)", False),
        ("result = (1 if maximum(numbers) else 0)", False),
        ("result = (1 if (maximum(numbers) == minimum(numbers)) else 0)", True),
        ("result = sum(3 for d in {(0,)})", True),
        ("result = sum(maximum(numbers) for d in {(0,)})", False),
        ("result = sum(numbers[i] for 0 <= i < size 0 of numbers)", False),
        ("result[] for each x of numbers:\n    first s = 0\n    s = x\n    s", False),
    ],
)
def test_what_a_program_reads_of_numbers(body: str, alone: bool) -> None:
    assert by_order_alone(parse_program(HEAD + body), "numbers") is alone


@pytest.mark.parametrize(
    ("value", "alone"),
    [
        ("[item(others, x) for x in numbers]", True),
        ("[(item(others, x) + length(numbers)) for x in numbers]", True),
        ("[(item(others, x) + x) for x in numbers]", False),
        ("[x for x in numbers]", False),
        ("[item(others, k) for k, x in enumerate(numbers)]", True),
        ("[item(numbers, x) for x in others]", False),
        ("[item(others, (x + 1)) for x in numbers]", False),
        ("[(0, 2, 1)[x] for x in numbers]", False),  # a table has no more entries
    ],
)
def test_elements_that_are_places_alone(value: str, alone: bool) -> None:
    ports = "numbers: sequence of 0..9, others: sequence of 0..9"
    program = parse_program(f"picked({ports}) -> result: sequence of 0..99\n  result = {value}")
    assert by_place_alone(program, "numbers") is alone


# ---- single nodes


def test_the_opposite_of_an_opposite_is_the_truth_itself() -> None:
    truth = parse_expr("inside numbers[i]")
    assert negated(negated(truth)) == truth
    assert negated(parse_expr("(a < b)")) == parse_expr("(a >= b)")


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("sum(d for d in {(0,), (1,)})", 20),
        ("sum((d + e) for d, e in {(0, 1)})", 24 + size(parse_expr("(d + e)"))),
        (
            "(the first i for 0 <= i < 3 with (i > 1))",
            12 + 1 + 1 + 2 + size(parse_expr("(i > 1)")),
        ),
    ],
)
def test_nodes_of_loops(text: str, nodes: int) -> None:
    assert size(parse_expr(text)) == nodes


def test_rows_of_a_table() -> None:
    columns, ports = {"a": np.array([0, 1, 2, 3])}, {"n": np.array([[5, 6, 7, 8], [1, 2, 3, 4]])}
    for text, expected in [
        ("inside n[a]", [1, 1, 0, 0]),
        ("n[a]", [5, 2, 0, 0]),
        ("(7 if (a > 1) else n[0])", [5, 6, 7, 7]),
    ]:
        assert evaluate_rows(parse_expr(text), columns, ports).tolist() == expected
    for text, sentence in [
        ("(1, 2)", "a tuple stands only inside"),
        ("size 0 of n", "cannot evaluate"),
        ("sum(a for 0 <= k < 3)", "cannot evaluate"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            evaluate_rows(parse_expr(text), columns, ports)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("math.pow(x, 0.5)", 0, 2),  # where it has a value at all
        ("math.pow(y, 200)", 0, math.inf),
        ("math.pow(y, 201)", -math.inf, math.inf),
        ("math.exp(y)", 5e-324, math.inf),
        ("(y * y)", 0, 1e200),
    ],
)
def test_intervals_beyond_floats(text: str, low: float, high: float) -> None:
    ranges = {"x": Interval(-1.0, 4.0), "y": Interval(-1e100, 1e100)}
    found = bounds(parse_expr(text), ranges)
    assert found.low <= low and found.high >= high
    assert found.high == pytest.approx(high)


def test_an_integer_beyond_all_floats_has_no_interval() -> None:
    huge = Call("add", (Const(10**400), Call("div", (Var("x"), Const(3)))))
    assert bounds(huge, {"x": Interval(0.0, 1.0)}) == Interval(-math.inf, math.inf)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("math.pow(x, y)", ["(x < 0)"]),
        ("math.pow(x, z)", ["(x <= 0)"]),
        ("math.pow(y, z)", ["(y <= 0)"]),
        ("math.pow((1 + math.exp(x)), z)", []),
    ],
)
def test_gaps_of_powers(text: str, expected: list[str]) -> None:
    ranges = {"x": Interval(-1.0, 1.0), "y": Interval(0.0, 1.0), "z": Interval(-1.0, 1.0)}
    assert [expr_text(gap) for gap in gaps(parse_expr(text), ranges)] == expected


def test_laws_end_after_so_many_rounds() -> None:
    def grows(expr: object) -> Call | None:
        return Call("not", (Var("x"),)) if expr == Var("x") else None

    assert expr_text(settled(Var("x"), grows, 3)) == "not(not(not(x)))"


def test_a_solver_that_changes_symbols_is_told() -> None:
    program = parse_program("p(n: set of 0..1 as (5, 7)) -> result:  of 0..1\n  result = n[0]")

    def clears(numbers: list[int]) -> int:
        numbers.clear()
        return 0

    with pytest.raises(TypeError, match="changed its input"):
        in_codes(clears, program.inputs, program.output)([[0, 1]])
