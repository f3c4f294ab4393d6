"""The values of a program's named variables on one input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..ir.evaluate import evaluate
from ..ir.expr import Size, Var
from ..ir.program import Fill, Program, Scan


def named_values(program: Program, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """What each statement before the last one binds, in order."""
    values = {}
    for k, statement in enumerate(program.body[:-1]):
        output = replace(program.output, name=statement.name)
        part = replace(program, output=output, body=program.body[: k + 1])
        values[statement.name] = evaluate(part, arrays)
    return values


def along(program: Program) -> dict[str, int]:
    """Which axis of the input each named list goes along, by the name of the list."""
    axes = {}
    for statement in program.body:
        match statement:
            case Fill(name, (_,), (Size(_, axis),), _, None):
                axes[name] = axis
            case _:
                continue
    return axes


def carried_values(program: Program, arrays: Mapping[str, Any]) -> dict[str, list[Any]]:
    """For each variable of the first loop that carries a state, its value after every step."""
    for k, statement in enumerate(program.body):
        if isinstance(statement, Scan):
            names = list(dict.fromkeys(let.name for let in (*statement.state, *statement.body)))
            if not names:
                return {}
            loop = replace(statement, values=tuple(Var(name) for name in names))
            output = replace(program.output, name=statement.name)
            part = replace(program, output=output, body=(*program.body[:k], loop))
            rows = evaluate(part, arrays)
            rows = rows if len(names) > 1 else [[value] for value in rows]
            return {name: [row[j] for row in rows] for j, name in enumerate(names)}
    return {}
