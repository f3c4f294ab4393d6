"""What a certificate says of the places in the ranges where a formula has no value."""

from __future__ import annotations

from ..ir.expr import Call, Expr, Var
from ..ir.interval import Interval
from ..ir.program import Formula
from ..ir.rewrite import substitute
from ..ir.text import expr_text
from .symbolic.arrays import Floats
from .symbolic.singularities import Singularity, singularities

_MOST = 3
_SIGNS = {"eq": "=", "lt": "<", "le": "<="}


def singular_notes(law: Formula, x: Floats, y: Floats) -> tuple[str, ...]:
    """A sentence for each, with what the rows (rows, columns) and answers (rows,) say of it."""
    known: dict[str, Expr] = {}
    for let in law.body:
        known[let.name] = substitute(let.value, known)
    ranges = {s.name: Interval(float(s.domain.low), float(s.domain.high)) for s in law.inputs}
    columns = {scalar.name: x[:, k] for k, scalar in enumerate(law.inputs)}
    places = singularities(substitute(law.value, known), ranges, columns, y)
    return tuple(_sentence(one) for one in places[:_MOST])


def _sentence(one: Singularity) -> str:
    match one.backing:
        case "grows":
            return f"it has a pole where {_place(one.condition)}, towards which the answers grow"
        case "avoided":
            return f"it has no value where {_place(one.condition)}, where no row lies"
        case _:
            return f"it has no value where {_place(one.condition)}, of which the rows tell nothing"


def _place(condition: Expr) -> str:
    match condition:
        case Call("and", (case, gap)):
            return f"{_plain(case)} and {_place(gap)}"
        case Call(op, (part, _)) if op in _SIGNS:
            return f"{_plain(part)} {_SIGNS[op]} 0"
        case _:
            return _plain(condition)


def _plain(expr: Expr) -> str:
    text = expr_text(expr)
    if isinstance(expr, Var) or not (text.startswith("(") and text.endswith(")")):
        return text
    return text[1:-1]
