"""Lists made of numbers that do not start at 0, written so: ``for k in range(1, n + 1)``."""

from __future__ import annotations

from dataclasses import replace

from ..ir import rewrite
from ..ir.expr import Call, Const, Expr, Listed, Var, uses, walk
from ..ir.linear import expr_of, form_of
from ..ir.names import fresh
from ..ir.program import Let, Program


def counted(program: Program) -> Program:
    """The program for printing: a place of which only ``k + 1`` is asked counts from 1 itself.

    Its ranges have two ends there, which no other program has.
    """
    body = tuple(
        replace(one, value=rewrite.bottomup(one.value, _from_its_start))
        if isinstance(one, Let)
        else one
        for one in program.body
    )
    return replace(program, body=body)


def _from_its_start(expr: Expr) -> Expr:
    match expr:
        case Listed((name,), Call("range", (stop,)), value, condition):
            nodes = [node for part in (value, condition) for node in walk(part)]
            shifted = {node for node in nodes if _is_shifted(node, name)}
            if len(shifted) != 1 or any(name in rewrite.binds(node) for node in nodes):
                return expr
            (number,) = shifted
            assert isinstance(number, Call)
            other = Var(fresh(name, {node.name for node in nodes if isinstance(node, Var)}))
            parts = [rewrite.replace(part, number, other) for part in (value, condition)]
            if any(uses(part, name) for part in parts):
                return expr
            parts = [rewrite.replace(part, other, Var(name)) for part in parts]
            start = number.args[1]
            end = expr_of(form_of(Call("add", (stop, start))))
            return Listed((name,), Call("range", (start, end)), *parts)
        case _:
            return expr


def _is_shifted(expr: Expr, name: str) -> bool:
    match expr:
        case Call("add", (Var(place), Const(int()))):
            return place == name
        case _:
            return False
