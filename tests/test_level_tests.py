"""Tests of levels as Python writes them, and what they are of a value that is missing."""

from __future__ import annotations

import pytest

from deepdistill.ir.expr import Call, Const, Var
from deepdistill.ir.program import Formula
from deepdistill.ir.types import Reals, Scalar
from deepdistill.target.formula_source import lowering_of
from deepdistill.target.lower import Lowering


@pytest.mark.parametrize(
    "op, place, plain, optional",
    [
        ("eq", 1, "one", "one is True"),
        ("eq", 0, "not one", "one is False"),
        ("ne", 1, "not one", "one is not True"),
        ("ne", 0, "one", "one is not False"),
    ],
)
def test_a_truth_that_may_be_missing(op: str, place: int, plain: str, optional: str) -> None:
    test = Call(op, (Var("one"), Const(place)))
    for is_optional, text in ((False, plain), (True, optional)):
        column = Scalar("one", Reals(0.0, 1.0), levels=(False, True), optional=is_optional)
        whole = Call("add", (test, Const(1)))
        formula = Formula("f", (column,), Scalar("y", Reals(0.0, 1.0)), (), whole)
        lowering = lowering_of(formula, Lowering)
        assert lowering.test(test) == text
        for value in (True, False, None)[: 2 + is_optional]:
            expected = 1 + ((value is bool(place)) == (op == "eq"))
            assert eval(lowering.source(whole), {"one": value}) == expected
