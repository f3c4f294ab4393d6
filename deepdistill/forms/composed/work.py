"""How many steps the evaluator takes for a program, roughly: what a judge can afford."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...ir.expr import Expr, First, Listed, Total, children, walk
from ...ir.program import Fill, Map, Program, Scan, expressions
from .values import cells_in


def work_of(program: Program) -> Callable[[Mapping[str, Any]], int]:
    """The steps for a case: nodes of the program times the cells, once for each loop inside."""
    nodes, depth = _nodes_of(program), max(1, _loops(program))

    def work(case: Mapping[str, Any]) -> int:
        return nodes * int(sum(map(cells_in, case.values())) ** depth)

    return work


def _nodes_of(program: Program) -> int:
    return sum(1 for one in program.body for value in expressions(one) for _ in walk(value))


def _loops(program: Program) -> int:
    deepest = 0
    for one in program.body:
        own = int(isinstance(one, Map | Fill | Scan))
        deepest = max([deepest, *(own + _inner(value) for value in expressions(one))])
    return deepest


def _inner(expr: Expr) -> int:
    own = int(isinstance(expr, Total | First | Listed))
    return max([own + _inner(part) for part in children(expr)], default=0)
