"""Every law of simplification, on whole tables of values."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from deepdistill.ir.evaluate import Scope, evaluate_expr
from deepdistill.ir.expr import Const, Expr, Var
from deepdistill.ir.interval import Interval
from deepdistill.ir.rewrite import substitute
from deepdistill.ir.vector import evaluate_rows
from deepdistill.passes.law import BITS, CONSTANTS, TABLES, TRUTHS, Match, RewriteLaw
from deepdistill.passes.laws import LAWS

NUMBERS = tuple(range(-3, 6))  # what a constant may be
TUPLES = (
    *((entry,) for entry in range(4)),
    *itertools.product(range(4), repeat=2),
    *itertools.product(range(3), repeat=3),
    *(tuple(range(low, low + 4)) for low in range(4)),
    *((entry,) * 4 for entry in range(4)),
    (0, 2, 3, 4, 9),
)
RANGES = tuple(Interval(low, low + width) for low in range(-2, 5) for width in range(5))
WIDEST = Interval(-3, 8)
BIT = Interval(0, 1)
ALWAYS = RewriteLaw("x -> x").where
POINTS = 8  # of a law, for the reference interpreter, too


def matches(law: RewriteLaw) -> Iterator[Match]:
    """What the letters may stand for: all constants and, where a law looks at them, all ranges."""
    asks = law.make is not None or law.where is not ALWAYS
    constants = [letter for letter in law.letters if letter in CONSTANTS | TABLES]
    open_ones = [letter for letter in law.letters if letter not in CONSTANTS | TABLES]
    parts: dict[str, Expr] = {letter: Var(letter) for letter in open_ones}
    spans = [
        (BIT,) if letter in BITS | TRUTHS else RANGES if asks else (WIDEST,) for letter in open_ones
    ]
    choices = [TUPLES if letter in TABLES else NUMBERS for letter in constants]
    for values in itertools.product(*choices):
        parts.update(zip(constants, map(Const, values), strict=True))
        for ranges in itertools.product(*spans):
            match = Match(dict(parts), dict(zip(open_ones, ranges, strict=True)))
            if law.where(match):
                yield match


def tables(law: RewriteLaw) -> Iterator[tuple[Expr, Expr, dict[str, np.ndarray]]]:
    """Both sides of a law with the columns of all their values.

    Matches that give the same two sides share a table.
    """
    rows: dict[tuple[Expr, Expr], set[tuple[int, ...]]] = {}
    for match in matches(law):
        sides = substitute(law.pattern, match.parts), law.replacement(match)
        spans = [range(int(r.low), int(r.high) + 1) for r in match.ranges.values()]
        rows.setdefault(sides, set()).update(itertools.product(*spans))
    for (before, after), values in rows.items():
        columns = np.array(sorted(values), dtype=np.int64).reshape(len(values), -1)
        names = [letter for letter in law.letters if letter not in CONSTANTS | TABLES]
        yield before, after, {name: columns[:, k] for k, name in enumerate(names)}


def value(expr: Expr, names: dict[str, int]) -> Any:
    """The value of an expression by the reference interpreter."""
    scope = Scope((), {})
    scope.names.update(names)
    return evaluate_expr(expr, scope)


def check(law: RewriteLaw) -> None:
    every = list(tables(law))
    assert every, "nothing matches"
    for before, after, columns in every:
        assert (evaluate_rows(before, columns) == evaluate_rows(after, columns)).all()
    for k in np.linspace(0, len(every) - 1, POINTS).astype(int):
        before, after, columns = every[k]
        count = len(next(iter(columns.values()), np.zeros(1)))
        row = int(k) * 7919 % count
        names = {name: int(column[row]) for name, column in columns.items()}
        assert value(before, names) == value(after, names)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.text)
def test_every_law_keeps_every_value(law: RewriteLaw) -> None:
    check(law)


@pytest.mark.parametrize(
    "wrong",
    [
        RewriteLaw("x - y -> y - x"),
        RewriteLaw("x - (y - z) -> x - y - z"),
        RewriteLaw("a ^ b -> a | b"),
        RewriteLaw("p and q -> p"),
        RewriteLaw("x // c -> 0", lambda m: m.low("x") >= 0 and m.value("c") > 0),
        RewriteLaw("max(x, y) -> x", lambda m: m.high("x") >= m.high("y")),
        RewriteLaw("x <= c -> x == c", lambda m: m.low("x") >= m.value("c") - 1),
        RewriteLaw("x in s -> 0", lambda m: m.low("x") not in m.values("s")),
        RewriteLaw("s[x] -> first", lambda m: m.low("x") == 0 == m.high("x") - 1,
            lambda m: Const(m.values("s")[0])),
    ],
    ids=lambda law: law.text,
)  # fmt: skip
def test_a_law_that_is_none_is_noticed(wrong: RewriteLaw) -> None:
    with pytest.raises((AssertionError, IndexError)):
        check(wrong)


def test_a_law_that_never_matches_is_noticed() -> None:
    with pytest.raises(AssertionError, match="nothing matches"):
        check(RewriteLaw("x + c -> x", lambda m: m.value("c") > max(NUMBERS)))
