"""Conditions over wide numbers as small features: between which thresholds a weighted sum lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ....ir.expr import Call, Const, Expr, call, is_truth
from ....ir.interval import Interval
from .affine import Affine, affine


@dataclass(frozen=True, slots=True)
class Zone:
    """A feature that tells how many of the ``cuts`` a weighted sum has reached.

    With one cut it is a bit. Otherwise its values are far apart, so that nobody computes with them.
    """

    name: str
    form: Affine
    cuts: tuple[int, ...]

    @property
    def codes(self) -> tuple[int, ...]:
        """The feature's value for each number of cuts reached."""
        if len(self.cuts) == 1:
            return (0, 1)
        return tuple(1009 * k + 173 * k * k for k in range(len(self.cuts) + 1))

    def at_least(self, k: int) -> Expr:
        """The condition that the feature is at least ``k`` (which is at least 1)."""
        return compare("ge", self.form, self.cuts[k - 1])

    def between(self, low: int, high: int) -> Expr:
        """The condition that the feature lies from ``low`` to ``high``."""
        first = self.cuts[low - 1] if low > 0 else None
        last = self.cuts[high] - 1 if high < len(self.cuts) else None
        if first is None and last is None:
            return Const(1)
        if first is None:
            assert last is not None
            return compare("le", self.form, last)
        if last is None:
            return compare("ge", self.form, first)
        if first == last:
            return compare("eq", self.form, first)
        return call("between", Const(first), self.form.expr(), Const(last))


def compare(op: str, form: Affine, bound: int) -> Expr:
    """``form op bound`` with what is subtracted on the other side: ``x > y`` for ``x - y >= 1``."""
    left = Affine(tuple((a, w) for a, w in form.terms if w > 0))
    right = Affine(tuple((a, -w) for a, w in form.terms if w < 0), bound)
    if not right.terms:
        return call(op, left.expr(), Const(bound))
    if op == "ge" and bound == 1:
        return call("gt", left.expr(), Affine(right.terms).expr())
    if op == "le" and bound == -1:
        return call("lt", left.expr(), Affine(right.terms).expr())
    if bound < 0:
        left, right = left.plus(Affine((), -bound)), Affine(right.terms)
    return call(op, left.expr(), right.expr())


def comparisons(condition: Expr) -> Iterator[tuple[Expr, tuple[int, ...]]]:
    """Each weighted sum that a condition compares with constants, and the cuts that this makes."""
    match condition:
        case Call("and" | "or" | "not" | "int", args):
            for arg in args:
                yield from comparisons(arg)
        case Call("between", (Const(int() as low), x, Const(int() as high))):
            yield x, (low, high + 1)
        case Call("ge" | "lt", (x, Const(int() as bound))):
            yield x, (bound,)
        case Call("le" | "gt", (x, Const(int() as bound))):
            yield x, (bound + 1,)
        case Call("eq" | "ne", (x, Const(int() as bound))):
            yield x, (bound, bound + 1)
        case Call("ge" | "lt", (x, y)):
            yield call("sub", x, y), (0,)
        case Call("le" | "gt", (x, y)):
            yield call("sub", x, y), (1,)
        case Call("eq" | "ne", (x, y)):
            yield call("sub", x, y), (0, 1)
        case Const():
            return
        case _:
            yield condition, (0, 1)  # whether a number is 0


def holds(condition: Expr, value_of: Mapping[Affine, range], small: Mapping[str, int]) -> bool:
    """Whether a condition holds where each primitive sum lies in a range without cuts.

    ``small`` are the values of small atoms by their text.
    """
    match condition:
        case Const(value):
            return bool(value)
        case Call("and", args):
            return all(holds(arg, value_of, small) for arg in args)
        case Call("or", args):
            return any(holds(arg, value_of, small) for arg in args)
        case Call("not", (arg,)):
            return not holds(arg, value_of, small)
        case Call("int", (arg,)) if is_truth(arg):
            return holds(arg, value_of, small)
        case Call("between", (low, x, high)):
            above = holds(call("ge", x, low), value_of, small)
            return above and holds(call("le", x, high), value_of, small)
        case Call("ge" | "le" | "gt" | "lt" | "eq" | "ne" as op, (x, y)):
            return _decided(op, affine(x).plus(affine(y), -1), value_of, small)
        case _:
            return _decided("ne", affine(condition), value_of, small)


def _decided(
    op: str, form: Affine, value_of: Mapping[Affine, range], small: Mapping[str, int]
) -> bool:
    """``form op 0``; any value of the range will do, for no cut lies inside it."""
    if all(str(atom) in small for atom, _ in form.terms):
        low = high = form.constant + sum(w * small[str(a)] for a, w in form.terms)
    else:
        primitive, factor = form.primitive()
        span = value_of[primitive]
        ends = (factor * span[0] + form.constant, factor * span[-1] + form.constant)
        low, high = min(ends), max(ends)
    match op:
        case "ge":
            return low >= 0
        case "gt":
            return low > 0
        case "le":
            return high <= 0
        case "lt":
            return high < 0
        case "eq":
            return low == high == 0  # a stretch that holds 0 holds nothing else
        case _:
            return not low == high == 0


def reached(cuts: tuple[int, ...], span: Interval) -> list[int]:
    """The values of a zone that a sum in this interval can reach."""
    low = sum(cut <= span.low for cut in cuts)
    high = sum(cut <= span.high for cut in cuts)
    return list(range(low, high + 1))


def stretch(cuts: tuple[int, ...], k: int) -> range:
    """The values of a sum in the ``k``-th stretch, cut short where it has no end."""
    low = cuts[k - 1] if k > 0 else cuts[0] - 2**70
    high = cuts[k] - 1 if k < len(cuts) else cuts[-1] + 2**70
    return range(low, high + 1)


def cuts_of(form: Affine, cut: int) -> tuple[Affine, int]:
    """The primitive form, and where it is cut by the threshold ``form >= cut``."""
    primitive, factor = form.primitive()
    bound = cut - form.constant
    if factor > 0:
        return primitive, -(-bound // factor)
    # factor * p >= bound  <=>  p <= floor(bound / factor)  <=>  not p >= that + 1
    return primitive, (-bound) // (-factor) + 1
