"""Programs of pictures, number by number, as one loop over places: the same answers, with names."""

from __future__ import annotations

from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.forms.composed.cellwise import by_place
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Call, Const, Expr, If, Listed, Read, Sum, Var
from deepdistill.ir.program import Let, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.target.composed_source import composed_solver
from deepdistill.target.source import Provenance

SIDES = (Axis("grid"), Axis("grid"))
PICTURE = Port("picture", SIDES, Integers(0, 3))
ANSWER = Port("answer", SIDES, Integers(0, 3))
ROW, COLUMN, X = map(Var, "ijx")
SIDEWAYS = ((-1, 0), (0, -1), (0, 1), (1, 0))


def at(i: Expr, j: Expr) -> Read:
    return Read("picture", (i, j))


def moved(name: Var, step: int) -> Expr:
    return Call("add", (name, Const(step))) if step else name


def other(name: Var) -> Expr:
    return Call("bitxor", (name, Const(1)))


def beside(value: int | None) -> Sum:
    places = (Call("add", (ROW, Var("di"))), Call("add", (COLUMN, Var("dj"))))
    cell: Expr = at(*places)
    return Sum(("di", "dj"), SIDEWAYS, cell if value is None else Call("eq", (cell, Const(value))))


def program(value: Expr) -> Program:
    row = Listed(("j", "x"), Call("enumerate", (Var("row"),)), value, Const(1))
    rows = Listed(("i", "row"), Call("enumerate", (Var("picture"),)), row, Const(1))
    return Program("made", (PICTURE,), ANSWER, (Let("answer", rows),))


STEPS = st.sampled_from([-1, 0, 1])
LEAVES = st.one_of(
    st.sampled_from(
        [X, ROW, COLUMN, Const(0), Const(2), at(other(ROW), COLUMN), at(other(ROW), other(COLUMN))]
    ),
    st.builds(lambda a, b: at(moved(ROW, a), moved(COLUMN, b)), STEPS, STEPS),
    st.builds(beside, st.sampled_from([None, 0, 1, 3])),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda a, b: Call("add", (a, b)), inner, inner),
        st.builds(lambda a, b: Call("max", (a, b)), inner, inner),
        st.builds(lambda a, b, c, d: If(Call("lt", (a, b)), c, d), inner, inner, inner, inner),
    ),
    max_leaves=8,
)
PICTURES = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda sides: st.lists(
        st.lists(st.integers(0, 3), min_size=sides[1], max_size=sides[1]),
        min_size=sides[0],
        max_size=sides[0],
    )
)


@settings(max_examples=tries(100), deadline=None)
@given(VALUES, PICTURES)
def test_the_same_answers(value: Expr, picture: list[list[int]]) -> None:
    before = program(value)
    after = by_place(before)
    assert evaluate(after, {"picture": picture}) == evaluate(before, {"picture": picture})
    names: dict[str, object] = {}
    exec(composed_solver(after, Provenance("pairs")), names)
    assert names["made"](picture) == evaluate(before, {"picture": picture})  # type: ignore[operator]


def code(made: Program) -> str:
    text = composed_solver(by_place(made), Provenance("pairs"))
    return text[text.index("def made") :].split("\n\n\n")[0]


def test_what_is_read_more_than_once_has_a_name() -> None:
    over, side, opposite = (
        at(other(ROW), COLUMN),
        at(ROW, other(COLUMN)),
        at(other(ROW), other(COLUMN)),
    )
    turned = Call("sub", (Const(1), opposite))
    inner = If(Call("lt", (opposite, X)), over, Call("sub", (Const(1), side)))
    text = code(program(If(Call("ne", (over, side)), turned, inner)))
    assert "over = picture[i ^ 1][j] if i ^ 1 < rows else 0" in text
    assert "if over != beside:" in text and "state = 1 - opposite" in text


def test_sums_have_names_and_two_limits_are_one() -> None:
    few = Call("or", (Call("le", (beside(None), Const(2))), Call("eq", (beside(None), Const(3)))))
    text = code(program(If(few, X, Const(0))))
    assert "adjacent = sum(" in text and "picture[i][j] if adjacent <= 3 else 0" in text
    assert "adjacent_2 = sum(" in code(program(If(Call("lt", (beside(2), Const(1))), X, Const(1))))


def test_what_keeps_some_or_reads_rows_stays() -> None:
    whole = Listed(("x",), Var("row"), X, Call("ge", (X, Const(1))))
    kept = Listed(("row",), Var("picture"), whole, Const(1))
    asks = Listed(("x",), Var("row"), Call("maximum", (Var("row"),)), Const(1))
    rows = Listed(("row",), Var("picture"), asks, Const(1))
    twice = If(Call("eq", (X, Const(2))), Const(3), X)
    recoloured = Listed(
        ("row",), Var("picture"), Listed(("x",), Var("row"), twice, Const(1)), Const(1)
    )
    for value in (kept, rows, recoloured):
        made = Program("made", (PICTURE,), ANSWER, (Let("answer", value),))
        assert by_place(made) == made


def test_places_of_what_is_gone_through_are_inside() -> None:
    """No check that a place in ``enumerate`` lies inside, and the row has its own name."""
    right = at(ROW, Call("add", (COLUMN, Const(1))))
    row = Listed(("j", "x"), Call("enumerate", (Var("row"),)), right, Call("ge", (X, Const(1))))
    rows = Listed(("i", "row"), Call("enumerate", (Var("picture"),)), row, Const(1))
    text = code(Program("made", (PICTURE,), ANSWER, (Let("answer", rows),)))
    assert "row[j + 1] if j + 1 < columns else 0" in text and "0 <= " not in text
    assert "for row in picture" in text  # at which place a row stands nothing reads


def test_columns_that_are_sorted_or_added_up_are_no_lists_first() -> None:
    def told(value: Expr) -> str:
        columns = Listed(("row",), Call("columns", (Var("picture"),)), value, Const(1))
        return code(Program("made", (PICTURE,), ANSWER, (Let("answer", columns),)))

    row = Var("row")
    assert "[sorted(column) for column in zip(*picture)]" in told(Call("sorted", (row,)))
    turned = told(Call("reversed", (row,)))  # of a tuple that is a tuple
    assert "in [list(column) for column in zip(*picture)]" in turned
