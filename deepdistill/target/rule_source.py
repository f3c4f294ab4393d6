"""Program of a decision rule → Source: the learned functions, set into the driver it is made for.

The program's arrays are dense; the driver keeps the same numbers sparsely. What is learned stands
in three short functions, printed from the program: ``weight`` (of a clause, by the hope in its
other literals), ``hope`` (that a literal gives, by the scores of both polarities) and ``scores``.
The rest of the module is the driver, pieces of the package in the layout of its template.
"""

from __future__ import annotations

from ..ir.expr import Const, Expr, If, Read, Total, Var, walk
from ..ir.program import Fill, Program
from ..ir.rewrite import replace_each
from .lower import Lowering
from .pieces import import_lines, piece
from .source import Provenance, origin, render


def rule_solver(program: Program, provenance: Provenance, driver: str) -> str:
    """The source of the solver module."""
    lowering = Lowering(program)
    fills = {fill.name: fill for fill in program.body if isinstance(fill, Fill)}
    hope, first = fills["hope"].value, fills["first"].value
    own = Read("first", tuple(map(Var, fills["hope"].index)))
    opposite = next(part for part in walk(hope) if isinstance(part, Read) and part != own)
    hope = replace_each(hope, {own: Var("own"), opposite: Var("opposite")})
    match first:
        case Total(_, _, _, If(_, weight, Const(0))):
            (left,) = {part for part in walk(weight) if _is_left(part)}
            weight = replace_each(weight, {left: Var("hope")})
        case _:
            raise ValueError("the program's first scores are no sum of weights over clauses")
    neutral = next(part for part in walk(left) if isinstance(part, Const))
    lowering.names.update({name: name for name in ("own", "opposite", "hope")})
    rule = piece(
        "clauses.rule",
        values={"NEUTRAL": lowering.source(neutral)},
        bodies={
            "weight": [f"return {lowering.source(weight)}"],
            "hope": _branches(hope, lowering),
        },
    )
    pieces = {
        "rule": rule,
        "clauses": piece("clauses.clauses"),
        "decide": piece("clauses.decide"),
        "improve": piece("clauses.improve", names={"solve": program.name}),
        "files": piece("clauses.files"),
    }
    return render(
        f"{driver}.py.j2",
        {
            "name": program.name,
            "origin": origin(provenance),
            "constants": list(lowering.constants.items()),
            "imports": import_lines(pieces.values()),
            **pieces,
        },
    )


def rule_solver_test(program: Program, driver: str) -> str:
    """The source of the property test that lands beside the solver."""
    return render(f"test_{driver}.py.j2", {"name": program.name})


def _is_left(part: Expr) -> bool:
    """Whether an expression is what a clause's total leaves without one literal."""
    return (
        getattr(part, "op", "") == "sub"
        and isinstance(part.args[0], Read)  # type: ignore[union-attr]
        and part.args[0].port == "neutral"  # type: ignore[union-attr]
    )


def _branches(expr: Expr, lowering: Lowering) -> list[str]:
    """Nested conditions as lines: ``if … return``, the last one without a condition."""
    lines = []
    while isinstance(expr, If):
        lines += [
            f"if {lowering.test(expr.condition)}:",
            f"    return {lowering.source(expr.then)}",
        ]
        expr = expr.otherwise
    return [*lines, f"return {lowering.source(expr)}"]
