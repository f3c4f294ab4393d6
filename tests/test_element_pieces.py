"""Lists in which each element becomes a few numbers, others where a condition holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import deepdistill as dd
from deepdistill.data.running import Run
from deepdistill.ir.text import expr_text
from deepdistill.learn.programs.enumeration.search import EFFORTS, SearchRound
from deepdistill.run import distill

LISTS = [[], [7], [3, 8], [12, 5, 5], [9, 0, 14, 2], [6, 11, 1, 3, 8], [15, 4], [10, 10, 13]]
Numbers = list[int]

PLAIN: dict[str, Callable[[Numbers], Numbers]] = {
    "flat([(list(x, x) if ((x % 2) == 0) else single(x)) for x in numbers])": lambda v: [
        y for x in v for y in ([x] if x % 2 else [x, x])
    ],
    "flat([list(x, (x + 1)) for x in numbers if (x < 9)])": lambda v: [
        y for x in v if x < 9 for y in (x, x + 1)
    ],
    "flat([(list(x, 0) if (x < 9) else single(x)) for x in numbers])": lambda v: [
        y for x in v for y in ([x, 0] if x < 9 else [x])
    ],
}


@pytest.mark.parametrize("text", PLAIN, ids=range(len(PLAIN)))
def test_each_element_becomes_a_piece(text: str) -> None:
    problem = dd.Problem.from_examples([(v, PLAIN[text](v)) for v in LISTS])
    found = SearchRound(problem, list(problem.given), EFFORTS[0], Run()).hits()
    texts = [expr_text(one.expr) for one in found]
    assert text in texts, texts


def test_letters_are_replaced() -> None:
    words = ["", "a", "ba", "cab", "abca", "bcbc", "aacc", "cbab", "bbbb", "ccac", "acb", "abab"]
    words += [left + right for left in words[2:7] for right in words[3:8]]
    result = distill(dd.Problem.from_examples([(w, w.replace("a", "bb")) for w in words]))
    assert result.solve("abcabcaa") == "bbbcbbbcbbbb"
    assert '"".join("bb" if x == "a" else x for x in text)' in result.code
