"""Quotients of polynomials: y Q = P is linear in the coefficients of both.

One term of Q is fixed in turn; least squares with backward elimination finds the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...ir.expr import Call, Const, Expr, Var
from .arrays import Columns, Floats, complexity, values
from .elimination import eliminated, monomials
from .library import features, joined, plain

_ANSWER = Var("?")  # stands for y; no column has that name
_LONGEST = 40


def quotients(
    columns: Columns, names: Sequence[str], y: Floats, weights: Floats | None = None
) -> list[Expr]:
    """Candidates for P/Q, the degrees as high as few variables allow."""
    top, bottom = (3, 2) if len(names) < 4 else (2, 1)
    over: list[Expr] = [*monomials(names, top)]
    under: list[Expr] = [Const(1), *monomials(names, bottom)]
    over_columns = np.stack([values(expr, columns) for expr in over], axis=1)
    under_columns = np.stack([values(expr, columns) for expr in under], axis=1)
    result: list[Expr] = []
    for k in range(len(under)):
        result += _with_fixed(over, over_columns, under, under_columns, k, y, weights)
    return result


def feature_quotients(
    exprs: Sequence[Expr], matrix: Floats, y: Floats, weights: Floats | None = None
) -> list[Expr]:
    """Candidates for P/Q with sums of any features, the constant of Q being 1."""
    under_columns = np.concatenate([np.ones((len(y), 1)), matrix], axis=1)
    return _with_fixed(exprs, matrix, [Const(1), *exprs], under_columns, 0, y, weights)


def bent_quotients(
    columns: Columns,
    names: Sequence[str],
    operators: Sequence[str],
    y: Floats,
    weights: Floats,
) -> list[Expr]:
    """Quotients of sums of functions of one variable and of two."""
    exprs = [f for name in names for f in plain(Var(name), operators)]
    small = features([*exprs, *joined(names, operators)], columns, complexity)
    return feature_quotients(small.exprs, small.columns, y, weights)


def _with_fixed(
    over: Sequence[Expr],
    over_columns: Floats,
    under: Sequence[Expr],
    under_columns: Floats,
    k: int,
    y: Floats,
    weights: Floats | None,
) -> list[Expr]:
    others = [j for j in range(len(under)) if j != k]
    exprs = [*over, *(Call("mul", (_ANSWER, under[j])) for j in others)]
    with np.errstate(all="ignore"):
        matrix = np.concatenate([over_columns, under_columns[:, others] * y[:, None]], axis=1)
        answer = under_columns[:, k] * y
    if not np.isfinite(matrix).all() or not np.isfinite(answer).all():
        return []
    solutions = [_solved(model, under[k]) for model in eliminated(exprs, matrix, answer, weights)]
    return [expr for expr in solutions if expr is not None and complexity(expr) <= _LONGEST]


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
