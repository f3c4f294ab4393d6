"""The names in a program, which names of the lowering's own must not hide."""

from __future__ import annotations

from typing import assert_never

from .expr import Var, walk
from .program import Fill, Let, Map, Program, Scan, Statement, expressions
from .rewrite import binds


def names_used(program: Program) -> set[str]:
    """Every name that a program uses, its own one included."""
    names = {program.name, program.output.name} | {port.name for port in program.inputs}
    for statement in program.body:
        names |= {statement.name, *_bound(statement)}
        for value in expressions(statement):
            for expr in walk(value):
                names.update((expr.name,) if isinstance(expr, Var) else binds(expr))
    return names


def _bound(statement: Statement) -> tuple[str, ...]:
    """The names that a statement binds inside it."""
    match statement:
        case Let():
            return ()
        case Fill(_, index):
            return index
        case Map(_, _, index, body):
            return (*index, *(let.name for let in body))
        case Scan(_, _, element, state, body):
            return (*element, *(let.name for let in (*state, *body)))
        case _:
            assert_never(statement)
