"""The comparisons that choose between the regimes of a formula."""

from __future__ import annotations

from .expr import Call, Expr, If, walk

COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")


def comparisons(expr: Expr) -> list[Call]:
    """Those that stand in conditions, in order, each once."""
    conditions = [node.condition for node in walk(expr) if isinstance(node, If)]
    nodes = [node for condition in conditions for node in walk(condition)]
    calls = [node for node in nodes if isinstance(node, Call) and node.op in COMPARISONS]
    return list(dict.fromkeys(calls))
