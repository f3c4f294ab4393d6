"""Integer affine forms over atoms: variables, products, quotients and remainders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import gcd

from ....ir.expr import Call, Const, Expr, Var, call, children
from ....ir.linear import times


@dataclass(frozen=True, slots=True)
class Affine:
    """``constant`` plus each atom times its coefficient, atoms in the order of their text."""

    terms: tuple[tuple[Expr, int], ...]
    constant: int = 0

    @staticmethod
    def of(terms: Mapping[Expr, int], constant: int) -> Affine:
        """The form with these coefficients, those of 0 left out."""
        kept = [(atom, weight) for atom, weight in terms.items() if weight]
        return Affine(tuple(sorted(kept, key=lambda term: str(term[0]))), constant)

    def plus(self, other: Affine, factor: int = 1) -> Affine:
        """This form plus ``factor`` times another one."""
        terms = dict(self.terms)
        for atom, weight in other.terms:
            terms[atom] = terms.get(atom, 0) + factor * weight
        return Affine.of(terms, self.constant + factor * other.constant)

    def scaled(self, factor: int) -> Affine:
        return Affine((), 0).plus(self, factor)

    def primitive(self) -> tuple[Affine, int]:
        """The form without constant and common factor, first weight positive; and that factor."""
        factor = 0
        for _, weight in self.terms:
            factor = gcd(factor, weight)
        if self.terms and self.terms[0][1] < 0:
            factor = -factor
        return Affine(tuple((a, w // factor) for a, w in self.terms)), factor

    def expr(self) -> Expr:
        """As one would write it: larger weights first, what is subtracted last."""
        order = sorted(self.terms, key=lambda term: (-abs(term[1]), str(term[0])))
        parts = [times(weight, atom) for atom, weight in order if weight > 0]
        taken = [times(-weight, atom) for atom, weight in order if weight < 0]
        if self.constant > 0:
            parts.append(Const(self.constant))
        elif self.constant < 0 and parts:
            taken.append(Const(-self.constant))
        elif self.constant < 0 and taken:
            parts.append(Const(self.constant))
        if not parts and not taken:
            return Const(self.constant)
        if not parts:
            first, weight = order[0]
            parts, taken = [call("mul", Const(weight), first)], taken[1:]
        result = parts[0] if len(parts) == 1 else call("add", *parts)
        for part in taken:
            result = call("sub", result, part)
        return result


@lru_cache(maxsize=10_000)
def affine(expr: Expr) -> Affine:
    """The affine form of a number; what is not affine in it becomes an atom."""
    match expr:
        case Const(int() as value):
            return Affine((), value)
        case Call("add", args):
            total = Affine(())
            for arg in args:
                total = total.plus(affine(arg))
            return total
        case Call("sub", (one, two)):
            return affine(one).plus(affine(two), -1)
        case Call("mul", args):
            return _product([affine(arg) for arg in args])
        case Call("floordiv" | "mod" as op, (arg, Const(int() as divisor))) if divisor > 0:
            return _divided(op, affine(arg), divisor)
        case _:
            return Affine(((expr, 1),))


def _product(factors: list[Affine]) -> Affine:
    total = Affine((), 1)
    for factor in factors:
        terms: dict[Expr, int] = {}
        for atom, weight in total.terms:
            terms[atom] = terms.get(atom, 0) + weight * factor.constant
            for other, more in factor.terms:
                both = _joined(atom, other)
                terms[both] = terms.get(both, 0) + weight * more
        for other, more in factor.terms:
            terms[other] = terms.get(other, 0) + total.constant * more
        total = Affine.of(terms, total.constant * factor.constant)
    return total


def _joined(one: Expr, two: Expr) -> Expr:
    """A product of atoms, its factors in order."""
    factors: list[Expr] = []
    for part in (one, two):
        factors.extend(part.args if isinstance(part, Call) and part.op == "mul" else (part,))
    return call("mul", *sorted(factors, key=str))


def _divided(op: str, form: Affine, divisor: int) -> Affine:
    """A quotient or remainder; multiples of the divisor leave it."""
    if divisor == 1:
        return form if op == "floordiv" else Affine(())
    if op == "floordiv":
        # (d * x + y) // d -> x + y // d
        whole = Affine.of({a: w // divisor for a, w in form.terms if w % divisor == 0}, 0)
        rest = form.plus(whole, -divisor)
        more = rest.constant // divisor if rest.terms else form.constant // divisor
        rest = rest.plus(Affine((), more), -divisor)
        whole = whole.plus(Affine((), more))
        if not rest.terms:
            return whole
        return whole.plus(Affine(((call(op, rest.expr(), Const(divisor)), 1),)))
    # (d * x + y) % d -> y % d
    rest = Affine.of({a: w % divisor for a, w in form.terms}, form.constant % divisor)
    small = Affine.of(
        {a: w - divisor if 2 * w > divisor else w for a, w in rest.terms}, rest.constant
    )
    if not rest.terms:
        return rest
    return Affine(((call(op, small.expr(), Const(divisor)), 1),))


def names_in(form: Affine) -> set[str]:
    """The variables that a form reads."""
    names: set[str] = set()
    todo: list[Expr] = [atom for atom, _ in form.terms]
    while todo:
        expr = todo.pop()
        if isinstance(expr, Var):
            names.add(expr.name)
        todo.extend(children(expr))
    return names
