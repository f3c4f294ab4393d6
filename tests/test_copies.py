"""Examples that are held out and repeat others say little of new ones: that is told."""

from __future__ import annotations

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.data.copies import copied_rows, copies_described
from deepdistill.data.tables import NumberTable
from deepdistill.run import fit_table

TOLD = "held out repeat one that was learned from"


@pytest.mark.parametrize(
    ("held", "seen", "count"),
    [("aab", "abc", 3), ("abxyz", "abc", 0), ("ax", "abc", 0), ("aax", "a", 2), ("", "abc", 0)],
)
def test_more_than_half_has_to_repeat(held: str, seen: str, count: int) -> None:
    told = copies_described(held, seen, "row")
    assert told == ((f"what new rows get: {count} of the 3 {TOLD}",) if count else ())


def test_rows_repeat_others_in_every_column_and_the_answer() -> None:
    x = np.array([[1.0, np.nan], [1.0, np.nan], [2.0, 0.0], [2.0, 0.0]])
    held, seen = np.array([1, 3]), np.array([0, 2])
    assert copied_rows(x, np.array([1, 1, 0, 0]), held, seen)
    assert copied_rows(x, np.array([1, 2, 0, 3]), held, seen) == ()


def test_a_formula_of_copies_says_so() -> None:
    x = np.arange(12.0).repeat(10)[:, None]
    for rows, copies in ((x, True), (x + np.arange(120)[:, None] / 500, False)):
        table = NumberTable(("a",), rows, "y", 3 * rows[:, 0])
        correct = fit_table(table, backend="sparse", budget=0, regimes=False).certificate.correct
        assert correct.evidence is not None
        assert any(TOLD in one for one in correct.evidence.unknown) == copies


def test_samples_that_are_copies_are_told_but_not_where_there_are_no_others() -> None:
    x = np.random.default_rng(0).integers(0, 9, (12, 4)).repeat(10, axis=0)
    bits = np.random.default_rng(0).integers(0, 2, (120, 2))
    for cells, copies in ((x, True), (bits, False)):
        problem = dd.Problem.from_arrays(cells, cells.max(axis=1), axes="set", name="largest")
        evidence = dd.distill(problem).certificate.correct.evidence
        assert evidence is not None
        assert any(TOLD in one for one in evidence.unknown) == copies
