"""Laws about lines of bits, mirror images and borders, written as in ``laws``."""

from __future__ import annotations

from ...ir.expr import Call, Const, Expr, Inside, Read, Size, Total, Var, uses
from ...ir.linear import expr_of, form_of
from .context import Context, element_of, mirrored, negation, none, replaced, some

# Lines of bits


def all_ones(expr: Expr, context: Context) -> Expr | None:
    # sum(b(i) for i in range(n)) == n -> none(not b(i)), for bits b; also >=, and < and != reversed
    match expr:
        case Call("eq" | "ge" | "lt" | "ne" as op, (Total(name, Const(0), stop, body) as total, n)):
            if n != stop or not context.is_bit(body):
                return None
            lacking = Total(name, total.start, stop, Call("int", (negation(body),)))
            return none(lacking) if op in ("eq", "ge") else some(lacking)
        case _:
            return None


# Mirror images


def all_mirrored(expr: Expr, context: Context) -> Expr | None:
    # some(x[j] > x[n - 1 - j]) -> some(x[j] != x[n - 1 - j]); none(...) the same
    match expr:
        case Call("ge" | "eq" as op, (Total() as total, Const(bound))):
            if (op, bound) not in (("ge", 1), ("eq", 0)):
                return None
            other = _either_way(total, total.body, context)
            return None if other is None else Call(op, (other, Const(bound)))
        case _:
            return None


def _either_way(total: Total, body: Expr, context: Context) -> Total | None:
    """The total with ``!=`` in place of ``>``, innermost, where the places can be exchanged."""
    match body:
        case Call("int", (Call("gt" | "lt", (left, right)),)) | Call("gt" | "lt", (left, right)):
            if total.start != Const(0):
                return None
            if folded(replaced(left, total.name, mirrored(total.name, total.stop))) != folded(
                right
            ):
                return None
            if folded(replaced(right, total.name, mirrored(total.name, total.stop))) != left:
                return None
            return Total(
                total.name, total.start, total.stop, Call("int", (Call("ne", (left, right)),))
            )
        case Call("int", (Call("ge", (Total() as inner, Const(1))),)):
            swapped = _either_way(
                Total(total.name, total.start, total.stop, inner.body), inner.body, context
            )
            if swapped is None:
                return None
            nested = Total(inner.name, inner.start, inner.stop, swapped.body)
            return Total(total.name, total.start, total.stop, Call("int", (some(nested),)))
        case _:
            return None


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


def same_line(expr: Expr, context: Context) -> Expr | None:
    # some(x[j] != y[j] for j in range(n)) -> x != y, and reversed where it reads x[n - 1 - j]
    match expr:
        case Call(
            "ge" | "eq" as op,
            (Total(name, Const(0), stop, Call("int", (Call("ne", (left, right)),))), Const(bound)),
        ):
            if (op, bound) not in (("ge", 1), ("eq", 0)):
                return None
        case _:
            return None
    sides = [_line(side, name, stop, context) for side in (left, right)]
    if None in sides:
        return None
    (one, back), (two, back_too) = (side for side in sides if side is not None)
    if back == back_too:
        ends = (one, two)
    else:
        ends = (two, one) if back else (one, two)
        ends = (ends[0], Call("reversed", (ends[1],)))
    return Call("differ" if op == "ge" else "same", ends)


def _line(side: Expr, name: str, stop: Expr, context: Context) -> tuple[Expr, bool] | None:
    """The whole line that is read place by place, and whether from its end."""
    match side:
        case Read(array, (*others, last)):
            line, axis = element_of(side), len(others)
            depth = len(context.lengths.get(array, ()))
            if line is None or axis + 1 != depth or context.length(array, axis) != stop:
                return None
            if any(uses(place, name) or not _inside(place, context) for place in others):
                return None
        case Call("item", (Var(array), last)):
            line = Var(array)
            if context.length(array) != stop:
                return None
        case _:
            return None
    if last == Var(name):
        return (line, False)
    return (line, True) if last == mirrored(name, stop) else None


def _inside(place: Expr, context: Context) -> bool:
    """A loop variable, or its mirror image: never outside the array."""
    match place:
        case Var():
            return True
        case Call("sub", (Size(), Call("add", (Var(), Const(1))))):
            return True
        case _:
            return False


def inside_range(expr: Expr, context: Context) -> Expr | None:
    # sum(p(i) and x[i + c] for i in range(n)) -> sum(p(i) and x[i + c] for i in range(n - c))
    # and from c on where it reads x[i - c]: beyond the border a number is 0
    if not isinstance(expr, Total) or expr.start != Const(0) or not isinstance(expr.stop, Size):
        return None
    low, high = _reach(expr.body, expr.name, expr.stop)
    if not low and not high:
        return None
    stop = Call("sub", (expr.stop, Const(high))) if high else expr.stop
    return Total(expr.name, Const(low), stop, expr.body)


def _reach(body: Expr, name: str, size: Size) -> tuple[int, int]:
    """How far before and behind the place there must be others for the body not to be 0."""
    match body:
        case Call("int", (inner,)):
            return _reach(inner, name, size)
        case Call("and" | "bitand", args):
            parts = [_reach(arg, name, size) for arg in args]
            return (max(low for low, _ in parts), max(high for _, high in parts))
        case Total(_, start, _, inner) if not uses(start, name):
            return _reach(inner, name, size)
        case Call("ge", (Total() as total, Const(int() as least))) if least > 0:
            return _reach(total, name, size)
        case Call("eq", (Read() as read, Const(value))) if value != 0:
            return _reach(read, name, size)
        case Call("ne", (Read() as read, Const(0))):
            return _reach(read, name, size)
        case Call("ge" | "gt", (Read() as read, Const(int() as least))) if least >= 0:
            if (body.op, least) != ("ge", 0):
                return _reach(read, name, size)
            return (0, 0)
        case Read(array, index) | Inside(array, index) if array == size.port:
            step = form_of(index[size.axis])
            if dict(step.terms) != {Var(name): 1}:
                return (0, 0)
            return (max(0, -step.constant), max(0, step.constant))
        case _:
            return (0, 0)
