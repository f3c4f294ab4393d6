"""A program of an expression: what stands twice, or does not change in a loop, gets a name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....ir.expr import Call, Const, Expr, If, Listed, Size, Var, children, rebuild, walk
from ....ir.program import Let, Program
from ....ir.types import Port

_NAMES = {
    "sorted": "ordered",
    "maximum": "largest",
    "minimum": "smallest",
    "total": "total",
    "length": "size",
    "count": "count",
    "unique": "different",
    "distinct": "kinds",
    "reversed": "turned",
    "columns": "columns",
    "runs": "runs",
    "running_sum": "sums",
    "running_maximum": "records",
    "item": "chosen",
    "prefix": "beginning",
    "suffix": "rest",
    "joined": "both",
    "flat": "elements",
    "position": "place",
}
_OF_EACH = {"total": "sums", "length": "lengths", "maximum": "maxima", "minimum": "minima",
            "count": "counts"}  # fmt: skip
_PARTIAL = frozenset(["item", "maximum", "minimum", "position", "floordiv", "mod"])
_LONG = 4
_AT_ONCE = frozenset(["length", "item"])
"""Operations that take no time, so that a loop may hold them."""


def named(name: str, inputs: Sequence[Port], output: Port, expr: Expr) -> Program:
    """The program whose answer is the value of an expression of its inputs."""
    naming = _Naming([name, output.name, *(port.name for port in inputs)], expr)
    value = naming.outside_loops(expr, frozenset(), None)
    lets = [*naming.lets, Let(output.name, value)]
    while (shared := _repeated(lets)) is not None:
        known = next((let.name for let in lets if let.value == shared), "")
        own = known or naming.name(shared)
        first = next(k for k, let in enumerate(lets) if shared in walk(let.value))
        rest = [let for let in lets if let.name != known]
        lets = [Let(let.name, _put(let.value, shared, Var(own))) for let in rest]
        lets.insert(first, Let(own, shared))
    return Program(name, tuple(inputs), output, tuple(lets))


class _Naming:
    """Names given so far, and what stands for them."""

    def __init__(self, taken: Sequence[str], expr: Expr) -> None:
        self.taken = {*taken, *_bound(expr)}
        self.lets: list[Let] = []
        self.known: dict[Expr, str] = {}

    def name(self, expr: Expr) -> str:
        """A new name that tells what an expression is."""
        own = plain = _described(expr)
        count = 1
        while own in self.taken:
            count += 1
            own = f"{plain}_{count}"
        self.taken.add(own)
        return own

    def outside_loops(self, expr: Expr, bound: frozenset[str], over: Expr | None) -> Expr:
        """The expression with names for what a loop over ``over`` would compute each time."""
        if over is not None and not _free(expr) & bound and _takes_time(expr):
            if expr not in self.known:
                value = self.outside_loops(expr, frozenset(), None)
                self.known[expr] = self.name(expr)
                self.lets.append(Let(self.known[expr], _guarded(value, over)))
            return Var(self.known[expr])
        match expr:
            case Listed(names, source, value, condition):
                inner = bound | frozenset(names)
                first = source if over is None else over  # what is gone through outside all loops
                return Listed(
                    names,
                    self.outside_loops(source, bound, over),
                    self.outside_loops(value, inner, first),
                    self.outside_loops(condition, inner, first),
                )
            case _:
                parts = tuple(self.outside_loops(part, bound, over) for part in children(expr))
                return rebuild(expr, parts)


def _described(expr: Expr) -> str:
    match expr:
        case Call("floordiv", (Call("total"), Call("length"))):
            return "mean"
        case Call("item", (Call("sorted"), Call("floordiv", (Call("length"), Const(2))))):
            return "median"
        case Call("floordiv", (Call("length"), Const(2))):
            return "half"
        case Call("sub", (Call("maximum"), Call("minimum"))):
            return "span"
        case Call(op, _):
            return _NAMES.get(op, "part")
        case Listed(_, _, Call(op), Const(1)):
            return _OF_EACH.get(op, "values")
        case Listed(_, _, _, Const(1)):
            return "values"
        case Listed():
            return "kept"
        case _:
            return "part"


def _bound(expr: Expr) -> Iterator[str]:
    for node in walk(expr):
        if isinstance(node, Listed):
            yield from node.names


def _free(expr: Expr) -> frozenset[str]:
    """The names that an expression has from outside."""
    match expr:
        case Var(name):
            return frozenset([name])
        case Listed(names, over, value, condition):
            return _free(over) | ((_free(value) | _free(condition)) - frozenset(names))
        case _:
            return frozenset[str]().union(*map(_free, children(expr)))


def _takes_time(expr: Expr) -> bool:
    """Whether an expression should have a name; what is gone through at once has none."""
    match expr:
        case Const() | Var() | Size() | Call("enumerate" | "zip" | "range"):
            return False
        case Call(op, args) if op in _AT_ONCE:
            return any(map(_takes_time, args))
        case Call(_, args):
            return any(map(_takes_time, args)) or any(isinstance(node, Var) for node in args)
        case _:
            return True


def _is_long(expr: Expr) -> bool:
    """Whether a name is shorter: for half a length, for one."""
    at_once = isinstance(expr, Call) and expr.op in ("enumerate", "zip", "range")
    return not at_once and sum(1 for _ in walk(expr)) >= _LONG


def _guarded(value: Expr, over: Expr) -> Expr:
    """The same, with a value too where the loop has nothing to go through."""
    lists = {node for node in walk(over) if isinstance(node, Var)}
    own = {node for node in walk(value) if isinstance(node, Var)}
    partial = any(isinstance(node, Call) and node.op in _PARTIAL for node in walk(value))
    if not partial or len(lists) != 1 or not own <= lists:
        return value
    match value:
        case Call("floordiv", (sum_, Call("length", (Var(),)) as length)) if not any(
            isinstance(node, Call) and node.op in _PARTIAL for node in walk(sum_)
        ):
            return Call("floordiv", (sum_, Call("max", (length, Const(1)))))
        case _:
            some = Call("length", (lists.pop(),))
            return If(Call("ge", (some, Const(1))), value, Const(0))


def _repeated(lets: Sequence[Let]) -> Expr | None:
    """The longest expression that stands twice and takes time or words; none of a loop's own."""
    seen: set[Expr] = set()
    repeated: list[Expr] = []
    for let in lets:
        inner = frozenset(_bound(let.value))
        for node in walk(let.value):
            if _free(node) & inner or not (_takes_time(node) or _is_long(node)):
                continue
            if node in seen:
                repeated.append(node)
            seen.add(node)
    return max(repeated, key=lambda node: sum(1 for _ in walk(node)), default=None)


def _put(expr: Expr, old: Expr, new: Expr) -> Expr:
    if expr == old:
        return new
    return rebuild(expr, tuple(_put(part, old, new) for part in children(expr)))
