"""Expression → tree of Python's own syntax.

The lowering knows three things about the surroundings: the Python name of every variable and array,
the sizes of the arrays, and the range of every value, which tells where a modulo or a bounds check
can be left out. How a :class:`Sum` over neighbours becomes a loop is told in ``neighbours``, how a
:class:`Total` becomes ``sum``, ``any`` or ``count`` in ``reductions``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import partial, reduce
from math import inf
from typing import assert_never

from ..ir.expr import (
    Call,
    Const,
    Expr,
    First,
    If,
    Inside,
    Listed,
    Read,
    Size,
    Sum,
    Total,
    Var,
    walk,
)
from ..ir.interval import UNKNOWN, Interval, bounds
from ..ir.levels import gathered, level_test
from ..ir.notation import Notation, template
from ..ir.ops import OPERATIONS
from .chains import in_chains
from .generators import reduced_tree
from .level_tests import level_tree
from .lists import list_tree
from .neighbourhood import offset_from
from .neighbours import sum_tree
from .python import built, every, names_in, written
from .reductions import none_of, occurs, total_tree
from .slices import slice_tree
from .surroundings import Surroundings

LONGEST_INLINE_TUPLE = 8
_JOINED = frozenset(["and", "or", "bitand", "bitor", "bitxor"])


class Lowering(Surroundings):
    """Lowers the expressions of one program."""

    def bind(self, name: str, value: Expr | None = None, span: Interval = UNKNOWN) -> str:
        """The Python name of a variable that from here on has this value, or such a value."""
        python = name if name not in self.ports and name not in self.places else self.fresh(name)
        truth = value is not None and self.may_be_bool(value)
        (self.bools.add if truth else self.bools.discard)(name)
        span = span if value is None else bounds(value, self.ranges)
        self.known = {
            e: tree
            for e, tree in self.known.items()
            if python not in names_in(tree) and Var(name) not in walk(e)
        }
        if isinstance(value, Read | Call | Sum) and Var(name) not in walk(value):
            self.known.setdefault(value, built(python))
        self.places.pop(name, None)
        self.margins.pop(name, None)
        self.ranges[name] = span
        self.names[name] = python
        return python

    def bind_index(self, name: str, like: str, axis: int) -> str:
        """The Python name of a loop variable over an axis of a port."""
        size = self.sizes[like][axis]
        python = self.bind(name, span=Interval(0, int(size) - 1 if size.isdigit() else inf))
        self.places[name] = size
        return python

    # Expressions

    def notation(self, op: str) -> Notation:
        """How an operation is written."""
        return OPERATIONS[op].python

    def source(self, expr: Expr) -> str:
        """The text of a whole expression."""
        return written(self.tree(expr))

    def test(self, expr: Expr) -> str:
        """The text of a condition: only whether it is 0 matters."""
        return written(self.tree(expr, truth=True))

    def number(self, expr: Expr) -> ast.expr:
        """An expression whose value must be an int, not a bool."""
        tree = self.tree(expr)
        return built("int({})", tree) if self.may_be_bool(expr) else tree

    def is_bit(self, expr: Expr) -> bool:
        """Whether the value is 0 or 1 for certain."""
        return bounds(expr, self.ranges).is_bit

    def may_be_bool(self, expr: Expr) -> bool:
        """Whether Python may give True or False where the meaning is 1 or 0."""
        match expr:
            case Const() | Read() | Total() | Size():
                return False
            case Var(name):
                return name in self.bools
            case Inside():
                return bool(self.conditions(expr.port, expr.index))
            case Call("ne", (arg, Const(0))) if self.is_bit(arg):
                return self.may_be_bool(arg)
            case Call("and" | "or", args):
                return any(map(self.may_be_bool, args)) or not all(map(self.is_bit, args))
            case Call("max" | "min", args):
                return any(map(self.may_be_bool, args))
            case Call("bitand" | "bitor" | "bitxor", args):
                return all(map(self.may_be_bool, args))
            case Call(op):
                return OPERATIONS[op].truth
            case If(_, then, otherwise):
                return self.may_be_bool(then) or self.may_be_bool(otherwise)
            case Sum(_, points, body):
                return len(points) == 1 and self.may_be_bool(body)
            case First() | Listed():
                return self.may_be_bool(expr.value)
            case _:
                assert_never(expr)

    def tree(self, expr: Expr, truth: bool = False) -> ast.expr:
        """The tree; with ``truth`` any value may stand for 1 as long as it is not 0."""
        if self.known and expr in self.known:
            return self.known[expr]
        if self.levels and (level := level_test(expr, self.levels)) is not None:
            return level_tree(level, level.name in self.optional)
        match expr:
            case Const(value):
                return built(repr(value))
            case Var(name):
                return built(self.names.get(name, name))
            case Read():
                return self.read(expr, truth)
            case Inside(port, index):
                conditions = self.conditions(port, index)
                return built("0") if conditions is None else _all_of(conditions)
            case Call():
                return self._call(expr, truth)
            case If(condition, then, otherwise):
                test = self.tree(condition, truth=True)
                then_tree, else_tree = self.tree(then, truth), self.tree(otherwise, truth)
                return built("{} if {} else {}", then_tree, test, else_tree)
            case Sum():
                return sum_tree(self, expr)
            case Total():
                return total_tree(self, expr)
            case Size(port, axis):
                size = self.sizes[port][axis]
                alone = self.ports[port].axes[0].kind in ("set", "sequence")
                return built(f"len({port})" if alone and axis == 0 else size)
            case First():
                raise NotImplementedError("a search is a loop of its own")
            case Listed():
                return list_tree(self, expr)
            case _:
                assert_never(expr)

    def _call(self, expr: Call, truth: bool) -> ast.expr:
        op, args = expr.op, expr.args
        reduced = reduced_tree(self, expr) or slice_tree(self, expr)
        if reduced is not None:
            return reduced
        row = OPERATIONS[op]
        match op, args:
            case "ge", (Total() as total, Const(1)) if self.counts(total):
                return occurs(self, total)
            case "eq", (Total() as total, Const(0)) if self.counts(total):
                return none_of(self, total)
            case "int", (arg,) if truth:
                return self.tree(arg, truth)
            case "int", (Call("ne", (arg, Const(0))),) if self.is_bit(arg):
                return self.number(arg)
            case ("ne", (arg, Const(0))) | ("lt", (Const(0), arg)) if self.is_bit(arg):
                return self.tree(arg, truth)
            case "eq", (Call() | Read() | Var() as arg, Const(0)) if truth and self.is_bit(arg):
                return self.tree(Call("not", (arg,)), truth)
            case "item", (array, place):
                table = self.table(array, f"BY_{_upper(place)}")
                return built("{}[{}]", table, self.place(place, self._length(array)))
            case "in" | "notin", (arg, values):
                members = self.table(values, f"{_upper(arg)}_VALUES")
                return built(template(self.notation(op), 2), self.tree(arg), members)
            case ("mul", (Const(-1), arg)) | ("sub", (Const(0), arg)):
                return built("-{}", self.tree(arg))
            case "add" | "sub", _:
                return self._added(op, args)
            case "joined", _:
                return reduce(partial(built, "{} + {}"), map(self.tree, self._joined(op, args)))
        if op in _JOINED:
            args = tuple(self._joined(op, args))
        if self.levels and op in ("and", "or"):
            args = gathered(op, args, self.levels)
            if len(args) == 1:
                return self.tree(args[0], truth)
        if op == "and" and not self.exact:
            trees = in_chains(args, lambda arg: self.operand(arg, truth))
        elif row.decides is not None:
            trees = [self.operand(arg, truth) for arg in args]
        else:
            trees = [self.tree(arg, row.of_truths) for arg in args]
        if len(trees) == 1 and len(args) > 1:
            return trees[0]
        return built(template(self.notation(op), len(trees)), *trees)

    def operand(self, arg: Expr, truth: bool) -> ast.expr:
        """An operand of ``and`` or ``or``, which hand on 2 and 3 where a truth value is meant."""
        if truth or self.is_bit(arg):
            return self.tree(arg, truth)
        return self.tree(Call("ne", (arg, Const(0))))

    def counts(self, total: Total) -> bool:
        """Whether what is counted is never less than 0, so that any one of it counts."""
        return bounds(total.body, self.ranges).low >= 0

    def _added(self, op: str, args: tuple[Expr, ...]) -> ast.expr:
        """A sum or difference; adding -1 reads as subtracting 1."""
        if self.exact and op == "add":
            args = tuple(self._joined(op, args))
        tree = self.tree(args[0])
        for minus, term in signed_terms(op, args[1:]):
            tree = built("{} - {}" if minus else "{} + {}", tree, self.tree(term))
        return tree

    def _joined(self, op: str, args: tuple[Expr, ...]) -> Iterator[Expr]:
        """The operands of an operation, those of the same one inside it in its place."""
        for arg in args:
            if isinstance(arg, Call) and arg.op == op and arg not in self.known:
                yield from self._joined(op, arg.args)
            else:
                yield arg

    def table(self, expr: Expr, name: str) -> ast.expr:
        match expr:
            case Const(tuple() as values) if len(values) > LONGEST_INLINE_TUPLE:
                return built(self.constant(name, values))
        return self.tree(expr)

    # Places in arrays

    def read(self, read: Read, truth: bool) -> ast.expr:
        conditions = self.conditions(read.port, read.index)
        if conditions is None:
            return built("0")
        element = self.element(read)
        if not conditions:
            return element
        if truth:
            return every([*conditions, element])
        return built("{} if {} else 0", element, every(conditions))

    def element(self, access: Read | Inside) -> ast.expr:
        """Python's way to the element of an array at an index that lies inside."""
        return self.part(access.port, access.index, range(len(access.index)))

    def part(self, array: str, index: tuple[Expr, ...], axes: Iterable[int]) -> ast.expr:
        """The array at these axes' places of an index; a name of a row or column stands for it."""
        tree, left = built(self.label(array)), set(axes)
        named = (k for k in range(len(index) - 1, 0, -1) if Read(array, index[:k]) in self.known)
        depth = next(named, 0)
        if depth:
            tree, left = self.known[Read(array, index[:depth])], left - {*range(depth)}
        elif len(index) == 2 and (array, index[1]) in self.columns:
            tree, left = built(self.columns[(array, index[1])]), left - {1}
        for axis in sorted(left):
            tree = built("{}[{}]", tree, self.wrapped(array, axis, index[axis]))
        return tree

    def row_of(self, name: str) -> tuple[str, tuple[Expr, ...]]:
        """The array that a name is a row of, and where; the name itself where it is none."""
        python = self.names.get(name, name)
        for expr, known in self.known.items():
            if isinstance(expr, Read) and isinstance(known, ast.Name) and known.id == python:
                return expr.port, expr.index
        return name, ()

    def place(self, expr: Expr, length: Expr | None) -> ast.expr:
        """A place counted from the end where that is shorter: ``-1`` for ``n - 1``."""
        match expr:
            case Call("add", (Size() as size, Const(int() as step))) if step < 0:
                return built(str(step)) if size == length else self.tree(expr)
            case Call("sub", (Size() as size, Call("add", (Var() as place, Const(int() as step))))):
                if size == length:
                    return built("{} - {}", -step, self.tree(place))
        return self.tree(expr)

    def _length(self, array: Expr) -> Expr | None:
        """How long a whole array is, which may be named or made of another one."""
        match array:
            case Var(name):
                return self.length(name, 0)
            case Call("sorted" | "reversed", (other,)):
                return self._length(other)
            case _:
                return None

    def conditions(self, array: str, index: tuple[Expr, ...]) -> list[ast.expr] | None:
        """What must hold for an index to lie inside the array; None if it never does."""
        conditions: list[ast.expr] = []
        for axis, place in enumerate(index):
            inside = self.inside(array, axis, place)
            if inside is None:
                return None
            conditions += inside
        return conditions

    def wrapped(self, array: str, axis: int, expr: Expr) -> ast.expr:
        """An index on an axis that may wrap; Python itself wraps -1 to the last place."""
        if array not in self.ports or not self.ports[array].axes[axis].wrap:
            return self.place(expr, self.length(array, axis))
        size = self.sizes[array][axis]
        name, offset = offset_from(expr)
        direct = expr == Const(0) if name is None else self.places.get(name) == size
        if direct and offset in (-1, 0):
            return self.tree(expr)
        if name is None and offset == -1:
            return built("-1")
        return built("{} % {}", self.tree(expr), size)

    def inside(self, array: str, axis: int, expr: Expr) -> list[ast.expr] | None:
        """What must hold for a place to lie on an axis: nothing, a condition; None for never."""
        if array not in self.ports or self.ports[array].axes[axis].wrap:
            return []
        size, tree = self.sizes[array][axis], self.tree(expr)
        if self._within_margins(expr, size):
            return []
        name, offset = offset_from(expr)
        if name is not None and self.places.get(name) == size:
            place = self.names[name]
            if offset < 0:
                if bounds(expr, self.ranges).low >= 0:
                    return []
                return [built("{} > 0", place) if offset == -1 else built(f"{place} >= {-offset}")]
            return [built("{} < {}", tree, size)] if offset else []
        span = bounds(expr, self.ranges)
        low, high = span.low, span.high
        length = int(size) if size.isdigit() else None
        if high < 0 or (length is not None and low >= length):
            return None
        if high < (self.least.get(size, 1) if length is None else length):
            return [] if low >= 0 else [built("{} >= 0", tree)]
        if (length := self._from_end(expr, size)) is not None:
            return [] if length <= self.least.get(size, 1) else [built(f"{size} >= {length}")]
        return [built("{} < {}", tree, size) if low >= 0 else built("0 <= {} < {}", tree, size)]

    def _within_margins(self, expr: Expr, size: str) -> bool:
        """Whether a loop stays so far from the ends of an axis that this place is on it."""
        match expr:
            case Call("sub", (Size(port, axis), Call("add", (Var(name), Const(1))))):
                own = self.margins[name][2] if name in self.margins else ""
                return own == size == self.sizes[port][axis]
            case Call("add", (Var(name), Const(int() as step))) if name in self.margins:
                low, high, own = self.margins[name]
                return own == size and -low <= step <= high
            case _:
                return False

    def _from_end(self, expr: Expr, size: str) -> int | None:
        """How long an axis is at least where a place counted from its end is there."""
        match expr:
            case Call("add", (Size(port, axis), Const(int() as step))) if step < 0:
                return -step if self.sizes[port][axis] == size else None
            case _:
                return None


def _all_of(conditions: list[ast.expr]) -> ast.expr:
    return every(conditions) if conditions else built("1")


def signed_terms(op: str, args: Iterable[Expr]) -> Iterator[tuple[bool, Expr]]:
    """What is added after the first term, and whether it is rather the opposite taken away."""
    for arg in args:
        minus = op == "sub"
        match arg:
            case Const(int() | float() as value) if value < 0:
                yield not minus, Const(-value)
            case Call("mul", (Const(-1), factor)):
                yield not minus, factor
            case Call("mul", (Const(int() | float() as value), *rest)) if value < 0:
                yield not minus, Call("mul", (Const(-value), *rest))
            case _:
                yield minus, arg


def _upper(expr: Expr) -> str:
    return expr.name.upper() if isinstance(expr, Var) else "TABLE"
