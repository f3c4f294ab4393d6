"""Programs for a whole sequence told at each prefix."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from sequence_references import REFERENCES

from deepdistill.forms.sequence.prefix_lift import over_prefixes
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Const, Expr, Read, Size, Total, Var, call
from deepdistill.ir.program import Fill, Let, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.target.scan_source import scan_solver
from deepdistill.target.source import Provenance
from deepdistill.verify.solver import load_solver

PORT = Port("numbers", (Axis("sequence"),), Integers(0, 1))
ANSWER = Port("result", (), Integers(0, 1))
ANSWERS = Port("result", (Axis("sequence"),), Integers(0, 1))


def mirrored() -> Expr:
    """Whether no place differs from its mirror image."""
    last = call("sub", Size("numbers"), Const(1))
    here, there = Read("numbers", (Var("k"),)), Read("numbers", (call("sub", last, Var("k")),))
    half = call("floordiv", Size("numbers"), Const(2))
    return call("int", call("eq", Total("k", Const(0), half, call("ne", here, there)), Const(0)))


def palindrome() -> Program:
    whole = Program("whole", (PORT,), ANSWER, (Let("result", mirrored()),))
    return over_prefixes(whole, (PORT,), ANSWERS, "palindrome")


@settings(derandomize=True, deadline=None, max_examples=tries(60))
@given(st.lists(st.integers(0, 1), max_size=12))
def test_each_prefix_gets_its_answer(bits: list[int]) -> None:
    assert evaluate(palindrome(), {"numbers": bits}) == REFERENCES["palindrome"](bits)


def test_the_solver_is_right() -> None:
    source = scan_solver(palindrome(), Provenance("examples", (), (), (10,), "0"))
    solve = load_solver(source.encode(), "palindrome")
    for bits in ([], [0], [0, 1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 1] * 30):
        assert solve(bits) == REFERENCES["palindrome"](bits)


@pytest.mark.parametrize(
    ("whole", "text", "python"),
    [
        (call("minimum", Var("numbers")), "min(numbers[: t + 1])", min),
        (
            call("int", call("eq", Var("numbers"), call("reversed", Var("numbers")))),
            "numbers[: t + 1] == numbers[: t + 1][::-1]",
            lambda bits: int(bits == bits[::-1]),
        ),
    ],
)
def test_operations_on_the_whole_are_those_on_the_prefix(
    whole: Expr, text: str, python: Callable[[list[int]], int]
) -> None:
    program = Program("whole", (PORT,), ANSWER, (Let("result", whole),))
    described = over_prefixes(program, (PORT,), ANSWERS, "mine")
    source = scan_solver(described, Provenance("examples", (), (), (10,), "0"))
    assert text in source
    solve = load_solver(source.encode(), "mine")
    for bits in ([], [1], [1, 0, 1, 1], [0, 0, 1] * 5):
        expected = [python(bits[: t + 1]) for t in range(len(bits))]
        assert evaluate(described, {"numbers": bits}) == expected
        assert solve(bits) == expected


def test_what_makes_an_array_is_refused() -> None:
    array = Fill("marks", ("k",), (Size("numbers"),), Read("numbers", (Var("k"),)))
    whole = Program("whole", (PORT,), ANSWER, (array, Let("result", Const(0))))
    with pytest.raises(ValueError, match="scalars"):
        over_prefixes(whole, (PORT,), ANSWERS, "mine")
