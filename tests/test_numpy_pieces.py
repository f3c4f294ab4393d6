"""Pieces of NumPy solvers as modules: they do what the solvers do that hold their text."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from deepdistill.target.numpy import columns, vectors
from deepdistill.target.pieces import piece
from deepdistill.target.source import render

VALUES: tuple[Any, ...] = (
    [0, 1, 2], [[0, 1, 2]], [], [[]], 1, "01", None, [0.0, 1.0], [0.5], [True], [9], [-1],
    [[0], [1, 2]], [object()], [None, 1], [10**30], np.ma.masked_array([1], [True]), np.zeros(3),
    [float("nan")],
)  # fmt: skip


def outcome(call: Any) -> tuple[str, str]:
    try:
        return "gives", repr(call())
    except Exception as error:
        return type(error).__name__, str(error)


@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize("size", [None, 3])
def test_arrays_are_checked_as_in_solvers(
    empty: bool, size: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = {"EMPTY": empty, "ANY_FIXED": size is not None}
    layout = {
        "summary": "It.", "about": [], "name": "it", "arguments": "x", "purpose": "It.",
        "constants": [], "body": ["return x"], "helpers": [],
        "checks": [f"x = _integers('x', x, ({size},), 0, 2)"],
        "vectors": piece("numpy.vectors", known=needs),
    }  # fmt: skip
    module: dict[str, Any] = {}
    exec(render("solver_np.py.j2", layout), module)
    for name, value in needs.items():
        monkeypatch.setattr(vectors, name, value)
    kinds = set()
    for value in VALUES:
        own = outcome(partial(vectors._integers, "x", value, (size,), 0, 2))
        assert own == outcome(partial(module["it"], value)), value
        kinds.add(own[0])
    assert kinds >= {"gives", "ValueError"}


def test_states_are_those_of_one_step_after_another() -> None:
    following = np.array([[1, 2], [2, 0], [1, 1]])  # by state and code
    codes = np.random.default_rng(0).integers(0, 2, 40)
    state, expected = 0, []
    for code in codes:
        expected.append(state)
        state = following[state, code]
    for count in (0, 1, 2, 9, 40):
        assert vectors._states(following, codes[:count]).tolist() == expected[:count]


def test_numbers_beyond_64_bits_stay_exact() -> None:
    assert vectors._exact([1, 2]).dtype == np.int64
    assert vectors._exact([2**70, 1]).tolist() == [2**70, 1]


def test_places_of_symbols_and_elements_beyond_borders() -> None:
    assert vectors._places("x", np.array([9, -1]), (5, 9, -1)).tolist() == [1, 2]
    with pytest.raises(ValueError, match="x holds 7, not one of 5, 9"):
        vectors._places("x", np.array([5, 7]), (5, 9))
    grid, rows = np.arange(6).reshape(2, 3), np.array([-1, 0, 2])
    assert vectors._at(grid, (False, True), rows, rows).tolist() == [0, 0, 0]
    assert vectors._at(grid, (True, True), rows, rows).tolist() == [5, 0, 2]


def test_columns_are_numbers_or_places_of_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    assert columns._numbers("x", [1, 2.5]).tolist() == [1.0, 2.5]
    for value, cause in (
        ([[1], [1, 2]], "x is ragged"),
        (["a"], "x is 'a', not a number"),
        ([True], "x is True, not a number"),
        ([None], "x is None, not a number"),
        ([10**400], "x is too large"),
    ):
        with pytest.raises(ValueError, match=cause):
            columns._numbers("x", value)
    monkeypatch.setattr(columns, "LEVELS", {"x": ("a", 1)})
    assert columns._places("x", [["a", "1"], [1, " a"]]).tolist() == [[0.0, 1.0], [1.0, 0.0]]
    with pytest.raises(ValueError, match="x is 'b', not one of 'a', 1"):
        columns._places("x", ["b"])


@pytest.mark.parametrize("strict", [True, False])
def test_rows_without_an_answer_are_refused(strict: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def formula(x: Any) -> Any:
        with np.errstate(all="raise"):
            return 1 / x

    for name, value in (("NAMES", ("x",)), ("RANGES", ((-1.0, 1.0),)), ("_formula", formula)):
        monkeypatch.setattr(columns, name, value)
    monkeypatch.setattr(columns, "STRICT", strict)
    columns._refuse([np.array([0.5])], "")
    with pytest.raises(ValueError, match="x is inf, not a finite number in row 3"):
        columns._refuse([np.array([np.inf])], " in row 3")
    with pytest.raises(ValueError, match="the formula has no value for these numbers"):
        columns._refuse([np.array([0.0])], "")
    if strict:
        with pytest.raises(ValueError, match="x is 2, outside the range from -1 to 1"):
            columns._refuse([np.array([2.0])], "")


def test_a_branch_sees_its_own_rows() -> None:
    condition, x = np.array([True, False, True]), np.array([1.0, 2.0, 3.0])
    chosen = columns._chosen(condition, lambda a: a * 10, lambda a: -a, x)
    assert chosen.tolist() == [10.0, -2.0, 30.0]
