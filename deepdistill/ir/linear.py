"""Integer linear forms: a constant plus weighted terms, and sums and comparisons made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from .expr import Call, Const, Expr, Size, Var

Term = TypeVar("Term")


@dataclass(frozen=True, slots=True)
class LinearForm(Generic[Term]):
    """``constant`` plus each term times its integer weight, which is not 0."""

    terms: Mapping[Term, int]
    constant: int = 0

    def plus(self, other: LinearForm[Term], factor: int = 1) -> LinearForm[Term]:
        """This form plus ``factor`` times another one."""
        terms = dict(self.terms)
        for term, weight in other.terms.items():
            terms[term] = terms.get(term, 0) + factor * weight
        kept = {term: weight for term, weight in terms.items() if weight}
        return LinearForm(kept, self.constant + factor * other.constant)

    def scaled(self, factor: int) -> LinearForm[Term]:
        nothing: LinearForm[Term] = LinearForm({})
        return nothing.plus(self, factor)

    def divided(self, by: int) -> LinearForm[Term]:
        """By a common divisor of the weights; the constant is rounded down."""
        return LinearForm({t: w // by for t, w in self.terms.items()}, self.constant // by)


Form: TypeAlias = LinearForm[Expr]
"""A sum of expressions."""


def weighted(terms: Mapping[Expr, int], constant: int = 0) -> Form:
    """The sum of these expressions with their weights, and a constant."""
    return LinearForm(terms, constant)


def form_of(expr: Expr) -> Form:
    """A sum as terms that are no sums themselves."""
    match expr:
        case Const(int() as value):
            return weighted({}, value)
        case Call("add", args):
            total: Form = weighted({})
            for arg in args:
                total = total.plus(form_of(arg))
            return total
        case Call("sub", (left, right)):
            return form_of(left).plus(form_of(right), -1)
        case Call("mul", (Const(int() as factor), inner)):
            return form_of(inner).scaled(factor)
        case _:
            return weighted({expr: 1})


def expr_of(form: Form) -> Expr:
    """The sum, its positive terms first."""
    ordered = sorted(form.terms.items(), key=lambda pair: (pair[1] < 0, term_order(pair[0])))
    return weighted_sum([(weight, term) for term, weight in ordered], form.constant)


def weighted_sum(parts: Iterable[tuple[int, Expr]], constant: int = 0) -> Expr:
    """Expressions with their weights added up as they stand, without those of weight 0."""
    terms = [times(weight, expr) for weight, expr in parts if weight]
    if constant or not terms:
        terms.append(Const(constant))
    return terms[0] if len(terms) == 1 else Call("add", tuple(terms))


def times(weight: int, expr: Expr) -> Expr:
    """An expression with its weight, as it stands."""
    return expr if weight == 1 else Call("mul", (Const(weight), expr))


def bounded(value: Expr, low: int | None, high: int | None) -> Expr:
    """Whether a value is at least ``low`` and at most ``high``; None leaves a side open."""
    if low is not None and high is not None:
        if low == high:
            return Call("eq", (value, Const(low)))
        return Call("between", (Const(low), value, Const(high)))
    if low is not None:
        return Call("ge", (value, Const(low)))
    return Const(1) if high is None else Call("le", (value, Const(high)))


def term_order(term: Expr) -> tuple[int, str]:
    """Sizes and places behind counts."""
    return (2 if isinstance(term, Size) else isinstance(term, Var), str(term))


def compared(op: str, form: Form, bound: int) -> Expr:
    """A sum compared with a number, no minus sign: what is taken away stands on the other side."""
    left = weighted({t: w for t, w in form.terms.items() if w > 0})
    right = weighted({t: -w for t, w in form.terms.items() if w < 0})
    if right.terms:  # x - y >= 1 -> x > y
        if (op, bound) == ("ge", 1):
            op, bound = "gt", 0
        if (op, bound) == ("le", -1):
            op, bound = "lt", 0
    if not left.terms:
        turned = {"ge": "le", "le": "ge", "gt": "lt", "lt": "gt"}.get(op, op)
        return Call(turned, (expr_of(right), Const(-bound)))
    if bound < 0 and right.terms and not any(isinstance(term, Size) for term in right.terms):
        left = left.plus(weighted({}, -bound))
    else:
        right = right.plus(weighted({}, bound))
    return Call(op, (expr_of(left), expr_of(right)))
