"""The passes in order: each takes a program and returns one that means the same and is shorter."""

from __future__ import annotations

from dataclasses import replace

from ...ir.expr import Expr, Var, walk
from ...ir.program import Let, Map, Program
from ...passes.decide import shortest
from ...passes.tabulate import tabulate


def shorten(program: Program) -> Program:
    """A program with the same answers on every input, as short as the passes can make it."""
    body = tuple(
        _decided(program, statement) if isinstance(statement, Map) else statement
        for statement in program.body
    )
    return replace(program, body=body)


def _decided(program: Program, rule: Map) -> Map:
    """Replace threshold units by the shortest rule over the regions they read."""
    tabulated = tabulate(program, rule)
    if tabulated is None:
        return rule
    value = shortest(tabulated.table)
    used = _names(value)
    lets = tuple(
        Let(feature.name, expr)
        for feature, expr in zip(tabulated.table.features, tabulated.exprs, strict=True)
        if feature.name in used
    )
    return replace(rule, body=lets, value=value)


def _names(expr: Expr) -> set[str]:
    return {node.name for node in walk(expr) if isinstance(node, Var)}
