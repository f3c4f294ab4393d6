"""A formula that rests on one or two rows says so, and where no row lies is told."""

from __future__ import annotations

import numpy as np
import pytest

from deepdistill.data.tables import NumberTable
from deepdistill.forms.formula.support import left_out, rests_on_few
from deepdistill.ir.parse import parse_formula
from deepdistill.run import fit_table

HEAD = 'f(a: real 0.0..99.0 "a", kind: real 0.0..2.0 "kind" as ["p", "q", "s"]) -> y: real 0.0..9.0'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("(2 * a)", []),
        ("(a + (3 * (kind == 1)))", ['kind == "q" rests on 2 rows of 40']),
        ("(a + (3 * (kind == 2)))", []),
        ("(a + (3 * (kind != 1)))", ['kind == "q" rests on 2 rows of 40']),
        ("(1 if (a > 38) else 0)", ["(a > 38) rests on 1 row of 40"]),
        ("(1 if (a < 38) else 0)", ["not (a < 38) rests on 2 rows of 40"]),
        ("(a * max(0, (a - 38)))", ["not (0 > (a - 38)) rests on 2 rows of 40"]),
        ("(1 if (a > 20) else 0)", []),
    ],
)
def test_levels_and_sides_of_few_rows_are_named(value: str, expected: list[str]) -> None:
    formula = parse_formula(f"{HEAD}\n  {value}")
    kinds = np.array([1.0] * 2 + [2.0] * 9 + [0.0] * 29)
    rows = np.stack([np.arange(40.0), kinds], axis=1)
    assert list(rests_on_few(formula, rows)) == expected


def test_gaps_between_rows_are_told_and_those_of_flags_are_none() -> None:
    formula = parse_formula('f(a: real 0.0..99.0 "x, m") -> y: real 0.0..9.0\n  a')
    rows = np.array([*range(5), *range(60, 70)], dtype=float)[:, None]
    assert list(left_out(formula, rows)) == [
        "what it is worth for x, m between 4 and 60, where no row lies"
    ]
    assert not list(left_out(formula, np.array([[0.0], [1.0], [1.0]])))
    assert not list(left_out(formula, np.arange(9.0)[:, None]))


def test_one_row_of_a_level_fails_and_enough_rows_do_not() -> None:
    x = np.random.default_rng(5).uniform(0, 9, 120)
    for every, status in ((120, "failed"), (8, "evidence")):
        flag = (np.arange(120) % every == 7).astype(float)
        table = NumberTable(("a", "flag"), np.stack([x, flag], 1), "y", 2 * x + 100 * flag)
        claim = fit_table(table, backend="sparse", budget=0.1, n_jobs=1).certificate.correct
        assert claim.status == status, claim.note
        assert claim.note.startswith("flag == 1 rests on 1 row of 120;") == (every == 120)
