"""Tests of a column's levels → comparisons of Python, and which levels are the texts of numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from ..ir.levels import LevelTest, quoted
from ..ir.types import Level
from .solver.rows import _numeral as numeral  # as solvers read them

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?(e-\d+)?")

__all__ = ["are_numerals", "level_tree", "numeral"]


def level_tree(test: LevelTest, optional: bool) -> ast.expr:
    """``cab == "small"``, ``cab in ("mid", "small")``; of truths ``smokes`` or ``not smokes``.

    Of an ``optional`` column None is neither: ``smokes is True``, which is itself no None.
    """
    column = ast.Name(test.name)
    if test.is_truth:
        if optional:
            same = ast.IsNot() if test.negated else ast.Is()
            return ast.Compare(column, [same], [ast.Constant(test.level)])
        return column if test.level != test.negated else ast.UnaryOp(ast.Not(), column)
    if len(test.levels) > 1:
        several = ast.Tuple([ast.Name(quoted(str(level))) for level in test.levels])
        return ast.Compare(column, [ast.NotIn() if test.negated else ast.In()], [several])
    equals = ast.NotEq() if test.negated else ast.Eq()
    return ast.Compare(column, [equals], [ast.Name(quoted(str(test.level)))])


def are_numerals(levels: Iterable[Level]) -> bool:
    """Whether some levels are the texts of numbers, each as :func:`numeral` has it."""
    texts = list(levels)
    return bool(texts) and all(
        isinstance(one, str) and _NUMBER.fullmatch(one) and numeral(one) == one for one in texts
    )
