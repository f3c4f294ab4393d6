"""Programs for a whole sequence told at each prefix."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sequence_references import REFERENCES

from deepdistill.condense.prefix_lift import over_prefixes
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Const, Expr, Read, Size, Total, Var, call
from deepdistill.ir.program import Let, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.render import Provenance
from deepdistill.render.scan_source import scan_solver
from deepdistill.verify.recheck import load_solver

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


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 1), max_size=12))
def test_each_prefix_gets_its_answer(bits: list[int]) -> None:
    assert evaluate(palindrome(), {"numbers": bits}) == REFERENCES["palindrome"](bits)


def test_the_solver_is_right() -> None:
    source = scan_solver(palindrome(), Provenance("examples", (), (), (10,), "0"))
    solve = load_solver(source.encode(), "palindrome")
    for bits in ([], [0], [0, 1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 1] * 30):
        assert solve(bits) == REFERENCES["palindrome"](bits)


def test_what_needs_the_whole_array_is_refused() -> None:
    smallest = Program("whole", (PORT,), ANSWER, (Let("result", call("minimum", Var("numbers"))),))
    with pytest.raises(ValueError, match="scalars"):
        over_prefixes(smallest, (PORT,), ANSWERS, "mine")
