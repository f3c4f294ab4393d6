"""Several tests of one column of text, written as one: ``in`` and ``not in``."""

from __future__ import annotations

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.ir.evaluate import evaluate_formula
from deepdistill.ir.expr import Call, Const, Expr, If, Var
from deepdistill.ir.levels import indicated, levels_of, with_gathered
from deepdistill.ir.program import Formula
from deepdistill.ir.types import Reals, Scalar
from deepdistill.target.formula_source import formula_lines, lowering_of
from deepdistill.target.numpy.formulas import formula_module
from deepdistill.target.registry import Exported
from deepdistill.target.words import Words

CAB = Scalar("cab", Reals(0.0, 3.0), "cab", ("big", "mid", "small", 'a "b"'), optional=True)
SMOKES = Scalar("smokes", Reals(0.0, 1.0), "smokes", (False, True))
AGE = Scalar("age", Reals(0.0, 9.0), "age")
INPUTS = (CAB, SMOKES, AGE)


def formula(value: Expr) -> Formula:
    chosen = If(value, Const(1), Const(0))
    return Formula("label", INPUTS, Scalar("y", Reals(0.0, 1.0)), (), chosen)


def cab(place: int, op: str = "eq") -> Expr:
    return Call(op, (Var("cab"), Const(place)))


tests: st.SearchStrategy[Expr] = st.recursive(
    st.one_of(
        st.builds(cab, st.integers(0, 3), st.sampled_from(["eq", "ne"])),
        st.builds(lambda k: Call("eq", (Var("smokes"), Const(k))), st.integers(0, 1)),
        st.builds(lambda k: Call("lt", (Var("age"), Const(k))), st.integers(0, 9)),
    ),
    lambda parts: st.builds(
        lambda op, args: Call(op, tuple(args)),
        st.sampled_from(["and", "or"]),
        st.lists(parts, min_size=2, max_size=4),
    ),
    max_leaves=8,
)


@settings(max_examples=tries(100))
@given(tests)
def test_all_ways_to_write_tests_of_levels_mean_the_same(value: Expr) -> None:
    found = formula(value)
    together = with_gathered(found)
    ((), text) = formula_lines(found)
    assert text == formula_lines(together)[1]
    columns = []
    for place in (0.0, 1.0, 2.0, 3.0, float("nan")):
        for smokes in (0.0, 1.0):
            for age in (0.5, 5.0):
                row = {"cab": place, "smokes": smokes, "age": age}
                wanted = evaluate_formula(found, row)
                assert evaluate_formula(together, row) == wanted
                written = {s.name: s.written(row[s.name]) for s in INPUTS}
                assert eval(text, {}, written) == wanted
                columns.append((*row.values(), wanted))
    x = np.array([row for row in columns if row[0] == row[0]])
    module: dict[str, object] = {}
    exec(formula_module(found, Exported(found)), module)
    many = module["label"]
    assert callable(many)
    cells = [np.array([s.levels[int(v)] for v in c], dtype=object) if s.levels else c
             for s, c in zip(INPUTS, x.T, strict=False)]  # fmt: skip
    assert many(*cells).tolist() == x[:, 3].tolist()


@pytest.mark.parametrize(
    "value, text",
    [
        (Call("or", (cab(0), cab(2))), 'cab in ("big", "small")'),
        (Call("and", (cab(0, "ne"), cab(1, "ne"))), 'cab not in ("big", "mid")'),
        (Call("and", (cab(0), cab(1))), 'cab == "big" and cab == "mid"'),
        (Call("or", (cab(3), cab(3))), "cab == 'a \"b\"'"),
        (
            Call("or", (cab(0), Call("lt", (Var("age"), Const(3))), Call("or", (cab(1), cab(3))))),
            'cab in ("big", "mid", \'a "b"\') or age < 3',
        ),
        (
            Call("or", tuple(Call("eq", (Var("smokes"), Const(k))) for k in (0, 1))),
            "not smokes or smokes",
        ),
    ],
)
def test_tests_that_go_together_are_one(value: Expr, text: str) -> None:
    assert formula_lines(formula(value))[1] == f"1 if {text} else 0"
    words = lowering_of(formula(value), Words)
    words.levels = levels_of(INPUTS)
    assert words.test(value) == text


def test_notation_has_one_indicator_for_several_levels() -> None:
    found = indicated(formula(Call("or", (cab(0), cab(2)))))
    assert found.value == If(Var("cab_is_big_or_small"), Const(1), Const(0))
    assert "cab_is_big_or_small" in {scalar.name for scalar in found.inputs}
