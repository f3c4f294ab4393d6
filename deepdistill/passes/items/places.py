"""Places in an array: where they are known to lie inside, and seen from the other end."""

from __future__ import annotations

from ...ir.expr import Call, Const, Expr, Inside, Read, Size, Total, Var, uses
from ...ir.linear import expr_of, form_of
from ..law import Match
from .context import Context, mirrored


def is_place(index: Expr, length: Expr | None, context: Context | Match) -> bool:
    """Whether ``0 <= index``, and ``index < length`` for every length of at least 1."""
    divisor = 1
    match index:
        case Call("floordiv", (inner, Const(int() as divisor))) if divisor > 0:
            index = inner
    form = form_of(index)
    sizes = {t: w for t, w in form.terms.items() if isinstance(t, Size)}
    turns = {t: w for t, w in form.terms.items() if t not in sizes}
    if not turns:
        low = sum(sizes.values()) + form.constant
        if min(sizes.values(), default=0) < 0 or low < 0:
            return False
        if length is None:
            return True
        if not isinstance(length, Size) or set(sizes) - {length}:
            return False
        # (p n + q) // c < n for all n >= 1 where (c - p) n >= q + 1
        step = divisor - sizes.get(length, 0)
        return step >= 0 and step >= form.constant + 1
    if divisor > 1 or len(turns) > 1:
        return False
    (turn, weight), own = next(iter(turns.items())), {length: 1}
    if not isinstance(turn, Var) or turn.name not in context.ranges:
        return False
    if length is None:
        return weight == 1 and not sizes and form.constant >= 0
    # 0 <= turn < n, and so is n - 1 - turn
    return (weight, sizes, form.constant) in ((1, {}, 0), (-1, own, -1))


def runs_inside(place: Expr) -> bool:
    """A loop variable, or its mirror image: never outside the array."""
    match place:
        case Var():
            return True
        case Call("sub", (Size(), Call("add", (Var(), Const(1))))):
            return True
        case _:
            return False


def folded(expr: Expr) -> Expr:
    """Places with their sums added up: ``n - (n - (i + 1) + 1)`` is ``i``."""
    match expr:
        case Read(array, index):
            return Read(array, tuple(_place(place) for place in index))
        case _:
            return expr


def _place(place: Expr) -> Expr:
    form = form_of(place)
    if len(form.terms) == 2 and form.constant == -1:
        for term, weight in form.terms.items():
            if isinstance(term, Var) and weight == -1:
                (length,) = (t for t in form.terms if t != term)
                return mirrored(term.name, length)
    return expr_of(form)


def reach(body: Expr, name: str, size: Size) -> tuple[int, int]:
    """How far before and behind the place there must be others for the body not to be 0."""
    match body:
        case Call("int", (inner,)):
            return reach(inner, name, size)
        case Call("and" | "bitand", args):
            parts = [reach(arg, name, size) for arg in args]
            return (max(low for low, _ in parts), max(high for _, high in parts))
        case Total(_, start, _, inner) if not uses(start, name):
            return reach(inner, name, size)
        case Call("ge", (Total() as total, Const(int() as least))) if least > 0:
            return reach(total, name, size)
        case Call("eq", (Read() as read, Const(value))) if value != 0:
            return reach(read, name, size)
        case Call("ne", (Read() as read, Const(0))):
            return reach(read, name, size)
        case Call("ge" | "gt", (Read() as read, Const(int() as least))) if least >= 0:
            if (body.op, least) != ("ge", 0):
                return reach(read, name, size)
            return (0, 0)
        case Read(array, index) | Inside(array, index) if array == size.port:
            step = form_of(index[size.axis])
            if dict(step.terms) != {Var(name): 1}:
                return (0, 0)
            return (max(0, -step.constant), max(0, step.constant))
        case _:
            return (0, 0)
