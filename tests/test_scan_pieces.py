"""Choices over wide numbers, told through zones: each spelling keeps the value; names of roles."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest

from deepdistill.forms.sequence.shorten.affine import Affine, affine
from deepdistill.forms.sequence.shorten.decode import decode
from deepdistill.forms.sequence.shorten.formula import Searches
from deepdistill.forms.sequence.shorten.loop import Carried, Loop, loop_of
from deepdistill.forms.sequence.shorten.naming import role_names
from deepdistill.forms.sequence.shorten.pieces import bounded, pieces
from deepdistill.forms.sequence.shorten.registers import merged_registers
from deepdistill.forms.sequence.shorten.zones import Zone, compare
from deepdistill.ir.evaluate import Scope, evaluate_expr
from deepdistill.ir.expr import Const, Expr, Var, is_truth
from deepdistill.ir.interval import Interval
from deepdistill.ir.parse import parse_expr, parse_program
from deepdistill.ir.program import Let, Scan
from deepdistill.ir.text import expr_text


def value_at(expr: Expr, numbers: Mapping[str, int]) -> int:
    scope = Scope((), {})
    scope.names.update(numbers)
    return int(evaluate_expr(expr, scope))


WIDE = Zone("z", affine(parse_expr("(x - y)")), (-2, 0, 5))
BIT = Zone("one", affine(parse_expr("x")), (4,))
MEANING = {"z": WIDE, "one": BIT, "k": Var("k")}
LOW, MIDDLE, HIGH, TOP = WIDE.codes
DECODED = [
    (f"(z == {LOW})", "((x + 3) <= y)"),
    *((f"(z {op} {code})", None) for op in (">=", ">", "<=", "<", "!=") for code in (MIDDLE, HIGH)),
    (f"(z >= {LOW})", "1"),
    (f"({MIDDLE} <= z <= {HIGH})", "(-2 <= (x - y) <= 4)"),
    (f"({MIDDLE} <= z <= {TOP})", "((x + 2) >= y)"),
    (f"({LOW} <= z <= {HIGH})", "(x <= (y + 4))"),
    (f"(z in ({LOW}, {MIDDLE}))", "(x < y)"),
    (f"(z in ({LOW}, {HIGH}, {TOP}))", None),
    (f"(z not in ({LOW}, {HIGH}))", None),
    ("(k == 1)", "(k == 1)"),
    ("(0 <= k <= 1)", "(0 <= k <= 1)"),
    ("(k in (0, 2))", "(k in (0, 2))"),
    (f"((z == {TOP}) and one)", "((x >= (y + 5)) and (x >= 4))"),
    (f"((z == {TOP}) or not(one))", "((x >= (y + 5)) or not((x >= 4)))"),
    ("(1 - one)", "int(not((x >= 4)))"),
    ("(1 - k)", "(1 - k)"),
    ("(one & k)", "int(((x >= 4) and k))"),
    ("(one | k)", "int(((x >= 4) or k))"),
    ("(one ^ (1 - one))", "int(((x >= 4) != not((x >= 4))))"),
    ("(k ^ 1)", "(k ^ 1)"),
    ("(k + one)", "(k + (x >= 4))"),
    ("int(one)", "int((x >= 4))"),
    ("(2 if one else (k * one))", "(2 if (x >= 4) else (k * int((x >= 4))))"),
]


@pytest.mark.parametrize(("text", "expected"), DECODED)
def test_features_are_written_as_what_they_stand_for(text: str, expected: str | None) -> None:
    coded = parse_expr(text)
    found = decode(coded, MEANING)
    assert expected is None or found == parse_expr(expected)
    for x, y, k in product(range(-4, 9), range(-3, 4), range(2)):
        reached = sum(x - y >= cut for cut in WIDE.cuts)
        codes = {"z": WIDE.codes[reached], "one": int(x >= 4), "k": k}
        assert value_at(found, {"x": x, "y": y, "k": k}) == value_at(coded, codes)


@pytest.mark.parametrize("text", ["one", "(1 - one)", "(one & k)", "int(one)"])
def test_where_only_the_truth_matters_none_is_made_a_number(text: str) -> None:
    assert is_truth(decode(parse_expr(text), MEANING, truth=True))


def test_nobody_computes_with_a_zone_of_several_cuts() -> None:
    with pytest.raises(ValueError, match="several cuts"):
        decode(parse_expr("(z + 1)"), MEANING)


@pytest.mark.parametrize("bound", [-3, -1, 0, 1, 4])
@pytest.mark.parametrize("text", ["(x - y)", "x", "(x - (2 * y))", "(0 - x)"])
def test_what_is_subtracted_stands_on_the_other_side(text: str, bound: int) -> None:
    form = affine(parse_expr(text))
    for op, sign in (("ge", ">="), ("le", "<=")):
        found = compare(op, form, bound)
        assert "-" not in expr_text(found).replace(f"= {bound}", "") or not form.terms[1:]
        whole = parse_expr(f"({text} {sign} {bound})")
        for x, y in product(range(-5, 6, 2), range(-3, 4)):
            numbers = {"x": x, "y": y}
            assert value_at(found, numbers) == value_at(whole, numbers)


NUMBERS = [
    {"s": s, "t": t, "r": r}
    for s in (-100, -7, -1, 0, 1, 2, 3, 4, 5, 8, 9, 99)
    for t in (-7, 0, 1, 3, 4)
    for r in (-1, 2, 6)
]
CHOICES = [
    ("((s + 3) if (s >= t) else (t + 3))", {"max((s + 3), (t + 3))"}),
    ("((s + (2 * t)) if (s >= 1) else (2 * t))", {"((2 * t) + max(s, 0))"}),
    ("((t + 1) if (s >= 5) else t)", {"(t + (s >= 5))"}),
    ("((t - 1) if (s >= 5) else t)", {"(t - (s >= 5))"}),
    ("(s if (s != t) else t)", None),
    ("(1 if ((s == t) or (s == (t + 1))) else 0)", None),
    ("(3 if (0 <= (s - t) <= 4) else (7 if (s > t) else s))", None),
    ("(1 if (int((s >= 2)) and t) else 0)", None),
    ("(s if (int((s >= 2)) and (t == 3)) else (0 - s))", None),
    ("int(((s >= 2) and (s < 9)))", None),
]


@pytest.mark.parametrize(("text", "short"), CHOICES)
def test_a_choice_keeps_its_value(text: str, short: set[str] | None) -> None:
    ranges = {name: Interval(-100, 99) for name in ("s", "t", "r")}
    found = pieces(parse_expr(text), ranges, Searches(3))
    if short is not None:
        assert expr_text(found) in short
    whole = parse_expr(text)
    assert all(value_at(found, numbers) == value_at(whole, numbers) for numbers in NUMBERS)


BOUNDED = [
    ("(s if ((s > t) and (s > r)) else max(t, r))", "max(s, t, r)"),
    ("(max(t, r) if ((s < t) or (s < r)) else s)", "max(s, t, r)"),
    ("(s if ((s < t) and (s < r)) else min(t, r))", "min(s, t, r)"),
    ("(max(t, r) if ((s < t) or (r < t)) else s)", None),
    ("((s + r) if (s >= t) else (t + r))", "(r + max(s, t))"),
    ("(s if (s < t) else t)", "min(t, s)"),
    ("(s if (s >= 5) else 3)", None),  # neither one number nor the other by which is larger
    ("((0 - s) if (s < 0) else s)", "abs(s)"),
    ("(s if (s < 0) else (0 - s))", "(-1 * abs(s))"),
    ("(s if (0 if (s < t) else 1) else t)", "max(s, t)"),
]


@pytest.mark.parametrize(("text", "short"), BOUNDED)
def test_a_choice_by_which_is_larger_is_a_maximum(text: str, short: str | None) -> None:
    ranges = {name: Interval(-100, 99) for name in ("s", "t", "r")}
    found, whole = bounded(parse_expr(text), ranges), parse_expr(text)
    assert expr_text(found) == (short or text)
    assert all(value_at(found, numbers) == value_at(whole, numbers) for numbers in NUMBERS)


# Loops


def of_text(*lines: str) -> Loop:
    ports = "p(numbers: sequence of 0..9) -> result: sequence of 0..99"
    head = f"{ports}\n  result[] for each x of numbers:"
    (scan,) = parse_program("\n    ".join([head, *lines])).body
    assert isinstance(scan, Scan)
    return loop_of(scan, [Interval(0, 9)])


ROLES = [
    ("(x % 3)", "remainder"),
    ("(x // 3)", "quotient"),
    ("max(x, s0)", "larger"),
    ("min(x, s0)", "smaller"),
    ("abs((x - s0))", "distance"),
    ("abs(x)", "magnitude"),
    ("(x * s0)", "value"),
    ("(x + s0)", "total_2"),  # what is carried is a total, too
    ("(x - s0)", "difference"),
]


@pytest.mark.parametrize(("text", "name"), ROLES)
def test_a_value_of_the_step_is_named_by_its_operation(text: str, name: str) -> None:
    state = (Carried("s0", 0, parse_expr("(t0 + a0)")),)
    loop = Loop((Interval(0, 9),), state, (Var("t0"),), (Let("t0", parse_expr(text)),))
    assert role_names(loop, (), [(0, 9)])["t0"] == name


def test_what_is_carried_is_named_by_what_it_keeps() -> None:
    for update, initial, name in [
        ("max(s, x)", 0, "largest"),
        ("(s ^ x)", 0, "odd"),
        ("(s & x)", 1, "all_ones"),
        ("(s + 1)", 0, "count"),
        ("(s + x)", 0, "total"),
        ("(x if (x >= 5) else s)", 0, "last"),
        ("(3 if (x >= 5) else s)", 0, "state"),
        ("((s + x) // 10)", 0, "carry"),
    ]:
        loop = of_text(f"first s = {initial}", f"s = {update}", "s")
        assert role_names(loop, (), [(0, 9)])["s0"] == name
    carry = Carried("s0", 0, parse_expr("int((t0 >= 10))"))
    sums = (Let("t0", parse_expr("(a0 + s0)")),)
    assert role_names(Loop((Interval(0, 9),), (carry,), (Var("t0"),), sums), (), [(0, 9)]) == {
        "a0": "digit", "s0": "carry", "t0": "total", "y0": "answer"
    }  # fmt: skip


def test_a_variable_that_never_changes_is_its_start() -> None:
    loop = of_text("first s = 4", "first t = 0", "s = s", "t = (t + s)", "t")
    kept = merged_registers(loop)
    assert [one.initial for one in kept.state] == [0]
    assert affine(kept.state[0].update) == Affine(((Var(kept.state[0].name), 1),), 4)


def test_updates_in_a_circle_and_starts_that_are_none_are_refused() -> None:
    circle = Loop(
        (Interval(0, 1),),
        (Carried("s0", 0, Var("s1'")), Carried("s1", 0, Var("s0'"))),
        (Const(0),),
    )
    with pytest.raises(ValueError, match="in a circle"):
        circle.definitions()
    with pytest.raises(ValueError, match="starts with a constant"):
        of_text("first s = (1 + 2)", "s = (s + x)", "s")
