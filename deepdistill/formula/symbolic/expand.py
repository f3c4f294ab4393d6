"""A factor multiplied into a sum where that is as short: a + 2 b rather than b (a/b + 2)."""

from __future__ import annotations

from ...ir.expr import Call, Expr, walk
from ...ir.rewrite import replace as exchanged
from .algebra import NotFinite, normal
from .arrays import complexity
from .domain import Domain

_MOST_TERMS = 6


def expanded(expr: Expr, domain: Domain) -> Expr:
    """The formula with factors multiplied in, as long as it gets shorter or loses a quotient."""
    best = expr
    while True:
        steps = [other for other in _steps(best, domain) if _plainness(other) < _plainness(best)]
        if not steps:
            return best
        best = min(steps, key=_plainness)


def _plainness(expr: Expr) -> tuple[int, int]:
    return complexity(expr), sum(isinstance(n, Call) and n.op == "div" for n in walk(expr))


def _steps(expr: Expr, domain: Domain) -> list[Expr]:
    """The formula with each product of a sum multiplied out, one after the other."""
    result = []
    for node in dict.fromkeys(walk(expr)):
        for other in _multiplied(node):
            try:
                result.append(normal(exchanged(expr, node, other), domain))
            except NotFinite:
                continue
    return result


def _multiplied(node: Expr) -> list[Expr]:
    below: tuple[Expr, ...] = ()
    match node:
        case Call("mul", args):
            above = args
        case Call("div", (Call("mul", args), under)):
            above, below = args, (under,)
        case _:
            return []
    result: list[Expr] = []
    for k, arg in enumerate(above):
        if isinstance(arg, Call) and arg.op == "add" and len(arg.args) <= _MOST_TERMS:
            rest = (*above[:k], *above[k + 1 :])
            terms: list[Expr] = [Call("mul", (*rest, term)) for term in arg.args]
            if below:
                terms = [Call("div", (term, below[0])) for term in terms]
            result.append(Call("add", tuple(terms)))
    return result
