"""The names in a program, which names of the lowering's own must not hide."""

from __future__ import annotations

from ..ir.expr import First, Sum, Total, Var, walk
from ..ir.program import Fill, Map, Program, Scan


def names_used(program: Program) -> set[str]:
    """Every name that a program uses, its own one included."""
    names = {program.name, program.output.name} | {port.name for port in program.inputs}
    for statement in program.body:
        names.add(statement.name)
        if isinstance(statement, Scan):
            names.update(statement.element)
            names.update(let.name for let in (*statement.state, *statement.body))
            values = [*(let.value for let in statement.body), *statement.values]
        else:
            values = [statement.value]
        if isinstance(statement, Fill):
            names.update(statement.index)
        if isinstance(statement, Map):
            names.update(statement.index)
            names.update(let.name for let in statement.body)
            values += [let.value for let in statement.body]
        for value in values:
            for expr in walk(value):
                names.update(expr.names if isinstance(expr, Sum) else ())
                names.update((expr.name,) if isinstance(expr, Total | First) else ())
                names.update((expr.name,) if isinstance(expr, Var) else ())
    return names
