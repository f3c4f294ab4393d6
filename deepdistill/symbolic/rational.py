"""Quotients of polynomials: y Q = P is linear in the coefficients of both.

One term of Q is fixed in turn; least squares with backward elimination finds the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..ir.expr import Call, Const, Expr, Var
from .arrays import Columns, Floats, complexity, values
from .elimination import eliminated, monomials

_ANSWER = Var("?")  # stands for y; no column has that name
_LONGEST = 40


def quotients(columns: Columns, names: Sequence[str], y: Floats) -> list[Expr]:
    """Candidates for P/Q, the degrees as high as few variables allow."""
    top, bottom = (3, 2) if len(names) < 4 else (2, 1)
    over: list[Expr] = [*monomials(names, top)]
    under: list[Expr] = [Const(1), *monomials(names, bottom)]
    result: list[Expr] = []
    over_columns = np.stack([values(expr, columns) for expr in over], axis=1)
    under_columns = np.stack([values(expr, columns) * y for expr in under], axis=1)
    for k, fixed in enumerate(under):
        others = [j for j in range(len(under)) if j != k]
        exprs = [*over, *(Call("mul", (_ANSWER, under[j])) for j in others)]
        matrix = np.concatenate([over_columns, under_columns[:, others]], axis=1)
        if not np.isfinite(matrix).all():
            continue
        for model in eliminated(exprs, matrix, under_columns[:, k]):
            found = _solved(model, fixed)
            if found is not None and complexity(found) <= _LONGEST:
                result.append(found)
    return result


def _solved(model: Expr, fixed: Expr) -> Expr | None:
    """The quotient that ``fixed * y = model`` means; None where y does not occur in the model."""
    terms = model.args if isinstance(model, Call) and model.op == "add" else (model,)
    top: list[Expr] = []
    bottom: list[Expr] = [fixed]
    for term in terms:
        match term:
            case Call("mul", (Const(float() as value), Call("mul", (Var("?"), part)))):
                bottom.append(Call("mul", (Const(-value), part)))
            case _:
                top.append(term)
    if len(bottom) == 1 or not top:
        return None
    over = top[0] if len(top) == 1 else Call("add", tuple(top))
    return Call("div", (over, Call("add", tuple(bottom))))
