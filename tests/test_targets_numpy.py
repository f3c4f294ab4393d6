"""Hand-written programs for NumPy: each gives what the interpreter gives, or one clear sentence."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from item_networks import random_input

from deepdistill.exporting import difference
from deepdistill.ir.evaluate import evaluate, evaluate_formula
from deepdistill.ir.expr import Call, Const, If, Var
from deepdistill.ir.parse import parse_formula, parse_program
from deepdistill.ir.program import Formula, Program
from deepdistill.ir.types import Reals, Scalar
from deepdistill.target.registry import Exported, NotWritten, find_target
from deepdistill.verify.solver import load_solver

NUMBER, EACH = "result:  of -9999..9999", "result: set of -9999..9999"
HEADS = {
    "list": f"p(numbers: set of -3..9) -> {NUMBER}",
    "list to list": f"p(numbers: set of -3..9) -> {EACH}",
    "bits": f"p(numbers: set of 0..1) -> {EACH}",
    "sequence": "p(numbers: sequence of 0..4) -> result: sequence of -9999..9999",
    "picture": f"p(picture: grid grid of 0..1) -> {NUMBER}",
    "rows": f"p(picture: grid grid of 0..1) -> {EACH}",
    "ring": "p(cells: grid(wrap) of 0..2) -> result: grid(wrap) of -9999..9999",
    "torus": "p(cells: grid(wrap) grid(wrap) of 0..2) -> result: grid(wrap) grid(wrap) of -9..999",
    "five": f"p(numbers: fixed(5) of -3..9) -> {NUMBER}",
    "five each": "p(numbers: fixed(5) of -3..9) -> result: fixed(5) of -9999..9999",
}
PLACE = "  result[i] for size 0 of numbers: "
CELL = "  result[i] for each position of cells:\n    "


def program(kind: str, body: str) -> Program:
    return parse_program(f"{HEADS[kind]}\n{body}")


def written(subject: Program) -> Any:
    text = find_target("numpy").write(Exported(subject))
    return load_solver(text.encode(), "solver_np")


def meaning(subject: Program) -> Any:
    """What the interpreter answers to the same arguments."""
    names = [port.name for port in subject.inputs]

    def solve(*arrays: Any) -> Any:
        return evaluate(subject, dict(zip(names, arrays, strict=True)))

    return solve


def agrees(subject: Program) -> None:
    """On lists of two elements and more, or of as many as there have to be."""
    rng, solve, twin = Random(0), meaning(subject), written(subject)
    (port,) = subject.inputs
    seen = set()
    while len(seen) < 8:
        size = port.axes[0].size
        case = random_input(rng, port)
        if size is not None:
            case = [rng.randint(port.domain.low, port.domain.high) for _ in range(size)]
        if len(case) > 1:
            seen.add(str(case))
            assert difference(solve, twin, (case,)) == ""


NUMBERS = [
    # sums
    ("list", "  result = sum(1 for d in {})"),
    ("ring", CELL + "sum((d * cells[(i + d)]) for d in {(-1,), (0,), (2,)})"),
    ("ring", CELL + "sum((d * cells[(i + d)]) for d in {(2,)})"),
    ("ring", CELL + "sum(cells[(i + d)] for d in {(-1,), (0,), (0,), (1,)})"),
    ("ring", CELL + "sum(int((cells[(i + d)] == 2)) for d in {(-3,), (0,), (1,)})"),
    ("ring", CELL + "sum((cells[(i + d)] * cells[(i - d)]) for d in {(1,), (2,)})"),
    ("ring", "  table weights = (3, 0, -1)\n" + CELL + "sum(weights[d] for d in {(0,), (2,)})"),
    ("ring", "  table weights = ((3, 0, -1), (1, 1, 2))\n" + CELL + "weights[1, cells[i]]"),
    (
        "torus",
        "  result[i, j] for each position of cells:\n"
        "    sum(cells[(j + d), (i + e)] for d, e in {(0, 1), (1, 0), (1, 1)})",
    ),
    ("list", "  result = sum(k for 2 <= k < 5)"),
    ("list", "  result = sum(numbers[0] for 2 <= k < 5)"),
    ("list", "  result = sum(numbers[0] for 0 <= k < size 0 of numbers)"),
    ("list to list", PLACE + "sum(abs((numbers[i] - k)) for 0 <= k < 5)"),
    ("list to list", PLACE + "sum(abs((numbers[i] - k)) for 1 <= k < size 0 of numbers)"),
    ("list to list", PLACE + "sum(numbers[k] for 0 <= k < 3)"),
    # how many are smaller, or equal and before
    ("list to list", PLACE + "sum(int((numbers[i] < numbers[k])) for 0 <= k < size 0 of numbers)"),
    ("list to list", PLACE + "sum(int((numbers[k] != numbers[i])) for 0 <= k < size 0 of numbers)"),
    (
        "list",
        "  p = (size 0 of numbers // 2)\n"
        "  result = sum(int((numbers[k] < numbers[p])) for 0 <= k < size 0 of numbers)",
    ),
    ("list to list", PLACE + "sum(int((numbers[k] == numbers[i])) for 0 <= k < i)"),
    (
        "list to list",
        PLACE + "(sum(int((numbers[k] < numbers[i])) for 0 <= k < size 0 of numbers)"
        " * sum(int((numbers[k] > numbers[i])) for 0 <= k < size 0 of numbers))",
    ),
    (
        "list to list",
        PLACE + "(sum(int((numbers[k] < numbers[i])) for 0 <= k < size 0 of numbers)"
        " + sum(int((numbers[k] <= numbers[i])) for 0 <= k < size 0 of numbers))",
    ),
    (
        "list to list",
        PLACE + "(sum(int((numbers[k] >= numbers[i])) for 0 <= k < size 0 of numbers)"
        " + sum(int((numbers[k] == numbers[i])) for 0 <= k < i))",
    ),
    (
        "list",
        "  result = int((sum(int((size 0 of numbers > 2)) for 0 <= k < size 0 of numbers) >= 1))",
    ),
    # neighbours in a list
    ("sequence", "  result[t] for each position of numbers:\n    "
     "sum(numbers[k] for max(0, (t + 1)) <= k < (t + 3))"),
    ("sequence", "  result[t] for each position of numbers:\n    "
     "sum(numbers[k] for (t - 2) <= k < (t + 2))"),
    ("sequence", "  result[t] for each position of numbers:\n    "
     "sum(size 0 of numbers for max(0, (t - 2)) <= k < (t + 1))"),
    # whole lists
    ("list", "  result = argmax(numbers)"),
    ("list", "  result = count(numbers, 3)"),
    ("list", "  result = int(differ(numbers, reversed(numbers)))"),
    ("list", "  result = (maximum((3, 4)) + numbers[0])"),
    ("list to list", "  result = list(numbers[0], 7, size 0 of numbers)"),
    ("rows", "  result[i] for size 0 of picture: "
     "int(same(item(picture, i), reversed(item(picture, i))))"),
    # tables and choices
    ("list to list", PLACE + "(5, 1, 2)[(numbers[i] % 3)]"),
    ("bits", PLACE + "((5, 1)[numbers[i]] + (5, 1)[(1 - numbers[i])])"),
    ("list", "  result = (5, 1, 2)[(size 0 of numbers % 3)]"),
    ("list to list", PLACE + "(1 if (numbers[i] > 2) else 0)"),
    ("ring", CELL + "(2 if (cells[i] == 1) else 1)"),
    ("ring", CELL + "cells[(2 * i)]"),
    # sizes that are given
    ("five", "  result = (numbers[3] - sum(numbers[k] for 1 <= k < 3))"),
    ("five", "  result = sum((numbers[k] * numbers[(k + 2)]) for 0 <= k < 5)"),
    ("five each", "  result[i] for 5: (numbers[i] * sum(numbers[k] for 0 <= k < 5))"),
    ("five", "  result = (numbers[(3 - 1)] + size 0 of numbers)"),
    # a list of some places alone
    ("list to list", "  result[i, j] for 2 at {(0, 3), (1, 2)}: (numbers[i] * j)"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "body"), NUMBERS)
def test_each_program_means_what_the_interpreter_says(kind: str, body: str) -> None:
    agrees(program(kind, body))


REFUSED = [
    (
        "ring",
        CELL + "sum((d * cells[i]) for d in {" + ", ".join(f"({k},)" for k in range(401)) + "})",
        "a sum of 401 terms is too long",
    ),
    ("list", "  result = position(numbers, 3)", "'position'"),
    ("rows", "  result[i] for size 0 of picture: count(item(picture, i), 1)", "a row of picture"),
    ("rows", "  result[i] for size 0 of picture: item(picture, (0 + (i * 2)))", "a row of picture"),
    (
        "torus",
        "  result[i, j] for each position of cells:\n    item(sorted(item(cells, i)), j)",
        "changes in a loop",
    ),
    (
        "torus",
        "  result[i, j] for each position of cells:\n    count(item(cells, i), 1)",
        "'count' of lists that change in a loop",
    ),
    (
        "torus",
        "  result[i, j] for each position of cells:\n    list(cells[i, j], 1)",
        "a list that changes in a loop",
    ),
    ("list", "  result = int((numbers[0] / 2))", "real numbers"),
    ("list", "  table shares = (0.5, 1.5)\n  result = int(shares[0])", "real numbers"),
    (
        "list",
        "  result = (9007199254740992 * (9007199254740992 * numbers[0]))",
        "may need more",
    ),
    (
        "sequence",
        "  f = numbers[0]\n  result[] for each x of numbers:\n    first s = 0\n    s = (s + x)\n"
        "    (s + f)",
        "beside other statements",
    ),
]


@pytest.mark.parametrize(("kind", "body", "sentence"), REFUSED)
def test_what_has_no_words_is_refused(kind: str, body: str, sentence: str) -> None:
    with pytest.raises(NotWritten, match=sentence):
        written(program(kind, body))


def test_symbols_sizes_and_alike_ports_are_checked() -> None:
    """What the module takes: symbols as users write them, ports of one size, sizes that fit."""
    head = (
        "p(a: set of 0..1 as (-1, 5), b: set of 0..1 as (-1, 5)) -> result: set of 0..1 as (7, 8)"
    )
    both = parse_program(f"{head}\n  result[i] for each position of a:\n    (a[i] & b[i])")
    text = find_target("numpy").write(Exported(both, least=(2,)))
    solve = load_solver(text.encode(), "solver_np")
    assert solve([-1, 5, 5], [5, 5, -1]).tolist() == [7, 8, 7]
    for a, b, sentence in [
        ([-1, 0], [5, 5], "a holds 0"),
        ([-1, 5], [5, 5, 5], "b and a must have the same size"),
        ([5], [5], "a must be at least 2"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            solve(a, b)


def test_numbers_that_arrays_may_round_are_refused() -> None:
    far = parse_program(f"p(n: set of 0..{2**60}) -> result:  of 0..1\n  result = int((n[0] > 2))")
    with pytest.raises(NotWritten, match="n holds numbers beyond 2"):
        written(far)


def test_a_list_too_long_for_its_sum_is_refused() -> None:
    """Numbers up to a hundred million add up in 64 bits only where there are not too many."""
    large = parse_program(
        "p(numbers: set of 0..9) -> result:  of 0..9999\n"
        "  result = sum((10000000000 * numbers[k]) for 0 <= k < size 0 of numbers)"
    )
    solve = written(large)
    assert solve([1, 2]) == 30_000_000_000
    with pytest.raises(ValueError, match="numbers has more than 16777216 places along an axis"):
        solve(np.broadcast_to(np.int8(1), (2**24 + 1,)))


FORMULAS = [
    "  7",
    "  both = (x * y)\n  (both + x)",
    "  both = (x / y)\n  (2 if (both > 3) else (both * both))",
    "  (1 if x else 2)",
    "  (1 if (x and (y > 1)) else 2)",
    "  (1 if not((x > y)) else 2)",
    "  (math.sqrt(x) if (x >= 0) else math.log((0 - x)))",
    "  ((x ** 3) + ((x ** 2) / 4))",
    "  (math.exp(x) if (y > 0) else (1 / y))",
    "  ((3 if (x > 1) else y) if (x > 0) else (x ** -2))",
]


@pytest.mark.parametrize("body", FORMULAS)
def test_formulas_mean_what_the_interpreter_says(body: str) -> None:
    formula = parse_formula(f"p(x: real -4..4, y: real -4..4) -> z: real -99..99\n{body}")
    text = find_target("numpy").write(Exported(formula))
    solve = load_solver(text.encode(), "solver_np")
    rows = [(x, y) for x in (-2.5, 0.5, 0.0, 3.0) for y in (-1.5, 2.0, 0.25)]
    known = []
    for row in rows:
        try:
            known.append((row, evaluate_formula(formula, dict(zip("xy", row, strict=True)))))
        except (ArithmeticError, ValueError):
            with pytest.raises(ValueError, match="no value for these numbers"):
                solve(*row)
            continue
        assert solve(*row) == pytest.approx(known[-1][1])
    assert len(known) >= 6
    columns = zip(*(row for row, _ in known), strict=True)
    assert solve(*map(list, columns)) == pytest.approx([answer for _, answer in known])


def test_a_column_may_be_called_like_the_place_of_the_answers() -> None:
    formula = parse_formula("p(out: real -4..4) -> z: real -99..99\n  (out * 3)")
    solve = load_solver(find_target("numpy").write(Exported(formula)).encode(), "solver_np")
    assert solve([1.0, 2.0]).tolist() == [3.0, 6.0]


def test_more_rows_than_a_block_holds_are_answered_and_refused_by_their_number() -> None:
    formula = parse_formula("p(x: real -9..9, y: real -9..9) -> z: real -99..99\n  (x / y)")
    solve = load_solver(find_target("numpy").write(Exported(formula)).encode(), "solver_np")
    x, y = np.arange(250_000.0), np.arange(1.0, 250_001.0)
    assert np.array_equal(solve(x, y), x / y)
    y[200_001] = 0
    with pytest.raises(ValueError, match="no value for these numbers in row 200001"):
        solve(x, y)


def test_rules_answer_with_their_labels() -> None:
    x = Scalar("x", Reals(0, 9))
    value = If(Call("lt", (Var("x"), Const(4))), Const(1), Const(0))
    for labels in (("no", "yes"), (False, True), (3, 7)):
        rules = Formula("p", (x,), Scalar("z", Reals(0, 1), "z", labels), (), value)
        text = find_target("numpy").write(Exported(rules))
        solve = load_solver(text.encode(), "solver_np")
        assert solve(2.0) is labels[1]
        assert solve([2.0, 8.0]).tolist() == [labels[1], labels[0]]
    gone = replace(rules, value=If(Call("missing", (Var("x"),)), Const(1), Const(0)))
    with pytest.raises(NotWritten, match="no words for numbers that may be missing"):
        find_target("numpy").write(Exported(gone))


def test_formulas_without_words_are_refused() -> None:
    for head, body, sentence in [
        ("p()", "  7", "without inputs"),
        ("p(np: real 0..1)", "  np", "the name np of this formula"),
        ("p(x: real 0..1)", "  sum(k for 0 <= k < 3)", "Total in a formula"),
        ("p(x: real 0..1)", "  (1, 2)[0]", "a table inside a formula"),
        ("p(x: real 0..1)", "  list(x, 1)", "the operation 'list'"),
    ]:
        with pytest.raises(NotWritten, match=sentence):
            formula = parse_formula(f"{head} -> z: real 0..1\n{body}")
            find_target("numpy").write(Exported(formula))
