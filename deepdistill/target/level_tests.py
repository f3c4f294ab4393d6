"""Tests of a column's levels → comparisons of Python."""

from __future__ import annotations

import ast

from ..ir.levels import LevelTest, quoted


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
