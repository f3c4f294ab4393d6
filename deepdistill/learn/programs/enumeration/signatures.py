"""Operations of whole lists, by kinds of their arguments: what is combined with what.

A row is an operation of :data:`~deepdistill.ir.ops.OPERATIONS`; what it means stands there.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from typing import Any

from ....ir.code_length import operation_bits
from ....ir.expr import Call, Expr, Listed, Var
from ....ir.ops import OPERATIONS
from .valued import Kind, KnownValues, Sort, Valued, Values, alike, frozen

SIGNATURES: dict[str, tuple[tuple[Kind, ...], Kind]] = {
    # of a list a number
    "length": (("list",), "number"),
    "total": (("list",), "number"),
    "maximum": (("list",), "number"),
    "minimum": (("list",), "number"),
    "distinct": (("list",), "number"),
    "product": (("list",), "number"),
    "divisor": (("list",), "number"),
    "item": (("list", "number"), "number"),
    "count": (("list", "number"), "number"),
    "position": (("list", "number"), "number"),
    "in": (("number", "list"), "number"),
    "same": (("list", "list"), "number"),
    # of a list a list
    "sorted": (("list",), "list"),
    "reversed": (("list",), "list"),
    "unique": (("list",), "list"),
    "prefix": (("list", "number"), "list"),
    "suffix": (("list", "number"), "list"),
    "stride": (("list", "number"), "list"),
    "repeated": (("list", "number"), "list"),
    "stripped": (("list",), "list"),
    "joined": (("list", "list"), "list"),
    "running_sum": (("list",), "list"),
    "running_maximum": (("list",), "list"),
    "running_minimum": (("list",), "list"),
    "single": (("number",), "list"),
    # of rows
    "runs": (("list",), "rows"),
    "flat": (("rows",), "list"),
    "columns": (("rows",), "rows"),
    "regions": (("rows", "number"), "rows"),
    "flooded": (("rows", "number"), "rows"),
    "flooded_in": (("rows", "number"), "rows"),
}

OF_ROWS: dict[str, tuple[tuple[Kind, ...], Kind]] = {
    "length": (("rows",), "number"),
    "same": (("rows", "rows"), "number"),
    "item": (("rows", "number"), "list"),
    "reversed": (("rows",), "rows"),
    "prefix": (("rows", "number"), "rows"),
    "suffix": (("rows", "number"), "rows"),
    "stride": (("rows", "number"), "rows"),
    "repeated": (("rows", "number"), "rows"),
    "stripped": (("rows",), "rows"),
    "joined": (("rows", "rows"), "rows"),
}
"""Operations of a list that mean the same where its elements are rows."""

EACH = (
    *("length", "total", "maximum", "minimum", "distinct"),
    *("reversed", "sorted", "unique", "prefix", "suffix", "stride", "repeated"),
)
"""Operations that are done to each row of rows as well."""

_PLACES = frozenset(["length", "distinct", "position", "count"])
"""What gives places or counts, whatever the list holds."""
_TRUTHS = frozenset(["in", "same"])
_ANY = frozenset(["product", "regions"])
_OF_PICTURES = frozenset(["regions", "flooded", "flooded_in"])
"""What needs rows of one length."""
_OF_NUMBERS = frozenset(
    [
        *("total", "maximum", "minimum", "product", "divisor", "stripped"),
        *("running_sum", "running_maximum", "running_minimum"),
    ]
)
"""What letters have no part in."""
_CUT = frozenset(["item", "prefix", "suffix", "stride"])
"""What of joined lists is said otherwise."""
_PLACED = frozenset(["item", "prefix", "suffix", "stride", "repeated"])
"""What takes a place or a count."""
_TWICE = frozenset(["sorted", "reversed", "unique", "running_maximum", "running_minimum"])
"""What done twice is done once, or undone."""
_SHORT = 16.0
"""Numbers of no more bits are arguments."""
_JOINED = 28.0
"""Lists joined of more bits are left to where the goal says what is joined."""
_OFTEN = 9
_LONGEST = 2000
"""A list of more elements is no intermediate value."""
_RAISES = (ValueError, ArithmeticError, IndexError, TypeError)


@dataclass(frozen=True, eq=False)
class Rule:
    """How pieces of these kinds make another: an operation, of them or of each of their rows."""

    op: str
    kinds: tuple[Kind, ...]
    result: Kind
    each: bool = False
    best: bool = False  # an element of the first list where the second is largest

    @cached_property
    def bits(self) -> float:
        more = 11.0 if self.each else 2 * operation_bits("position", 2) if self.best else 0.0
        return operation_bits(self.op, len(self.kinds)) + more

    @cached_property
    def function(self) -> Callable[..., Any]:
        function = OPERATIONS[self.op].function
        if self.each:
            return lambda rows, *more: [function(row, *more) for row in rows]
        if self.best:
            return lambda array, by: array[by.index(max(by))] if len(array) == len(by) else None
        return function

    @cached_property
    def value(self) -> Callable[..., Any]:
        """What is made of arguments: None where that is nothing, or too much."""
        function = self.function
        is_repeated, of_pictures = self.op == "repeated", self.op in _OF_PICTURES

        def value(*args: Any) -> Any:
            if is_repeated and not 0 <= args[1] <= _OFTEN:
                return None
            if of_pictures and len(set(map(len, args[0]))) > 1:
                return None
            try:
                made = function(*args)
            except _RAISES:
                return None
            if not isinstance(made, list | tuple):
                return made
            made = frozen(made)
            return None if len(made) > _LONGEST else made

        return value

    def expr(self, args: tuple[Expr, ...], row: str) -> Expr:
        if self.each:
            return Listed((row,), args[0], Call(self.op, (Var(row), *args[1:])))
        if self.best:
            place = Call("position", (args[1], Call("maximum", args[1:])))
            return Call(self.op, (args[0], place))
        return Call(self.op, args)

    def made(self, args: tuple[Valued, ...], values: Values, row: str) -> Valued:
        expr = self.expr(tuple(arg.expr for arg in args), row)
        bits = self.bits + sum(arg.bits for arg in args)
        return Valued(expr, self.result, bits, values, self._sort(args))

    def _sort(self, args: tuple[Valued, ...]) -> Sort:
        if self.op in _ANY:
            return ""
        if self.op in _TRUTHS:
            return "truth"
        return "place" if self.op in _PLACES else args[0].sort

    def fits(self, args: tuple[Valued, ...]) -> bool:
        """Whether the arguments are of the sorts that the operation is for."""
        first, *more = args
        op = getattr(first.expr, "op", "")
        if (op == "joined" and self.op in _CUT) or (self.op in _TWICE and op == self.op):
            return False
        if first.sort == "letter" and self.op in _OF_NUMBERS:
            return False
        if more and more[0].sort == "letter" and (self.best or self.op in _PLACED):
            return False
        match self.op:
            case "stride" | "repeated" | "flooded" | "flooded_in":
                return not more[0].sort
            case "item" | "prefix" | "suffix" if not self.best:
                return more[0].sort != "element"
            case "count" | "position" | "in" | "joined" | "same":
                return alike(first, more[0])
            case _:
                return True


def _each(op: str) -> Rule:
    kinds, result = SIGNATURES[op]
    return Rule(op, ("rows", *kinds[1:]), "rows" if result == "list" else "list", True)


RULES = (
    *(Rule(op, *row) for op, row in SIGNATURES.items()),
    *(Rule(op, *row) for op, row in OF_ROWS.items()),
    *map(_each, EACH),
    Rule("item", ("list", "list"), "number", best=True),
    Rule("item", ("rows", "list"), "list", best=True),
)


def given_by(op: str, args: tuple[Valued, ...]) -> Values:
    """What an operation gives on each example."""
    return _given(Rule(op, tuple(arg.kind for arg in args), "number"), args)


def _given(rule: Rule, args: tuple[Valued, ...]) -> Values:
    value = rule.value
    if len(args) == 1:
        return tuple([None if one is None else value(one) for one in args[0].values])
    pairs = zip(args[0].values, args[1].values, strict=True)
    return tuple([None if a is None or b is None else value(a, b) for a, b in pairs])


def closure(
    bank: KnownValues, start: list[Valued], bits: float, most: int, row: str = "row"
) -> Iterator[Valued]:
    """What operations of whole lists make of what is there, the shortest first; all go to the bank.

    ``start`` are expressions to go on from besides those in the bank; ``bits`` bounds how long
    what is made may be, ``most`` counts what is gone on from. ``row`` is a name for a row.
    """
    waiting: list[tuple[float, int, Valued]] = []
    count = 0

    def wait(one: Valued) -> None:
        nonlocal count
        if bank.add(one):
            heappush(waiting, (one.bits, count, one))
            count += 1

    done: dict[Kind, list[Valued]] = {kind: bank.of(kind) for kind in ("number", "list", "rows")}
    done["number"] = [one for one in done["number"] if one.bits <= _SHORT]
    for one in start:
        wait(one)
    while waiting and most > 0:
        _, _, one = heappop(waiting)
        if bank.get(one.kind, one.values) is not one:
            continue  # said shorter by now
        if one.kind == "number" and one.bits > _SHORT:
            continue
        most -= 1
        yield one
        insort(done[one.kind], one, key=_bits)
        for rule in RULES:
            if one.kind not in rule.kinds:
                continue
            left = (min(bits, _JOINED) if rule.op == "joined" else bits) - rule.bits - one.bits
            for args in _arguments(rule.kinds, one, done, left):
                if not rule.fits(args):
                    continue
                values = _given(rule, args)
                if any(value is not None for value in values):
                    wait(rule.made(args, values, row))


def _bits(one: Valued) -> float:
    return one.bits


def _arguments(
    kinds: tuple[Kind, ...], one: Valued, done: dict[Kind, list[Valued]], left: float
) -> Iterator[tuple[Valued, ...]]:
    """All arguments of these kinds of which one is the newest, the other of no more bits."""
    if left < 0:
        return
    if len(kinds) == 1:
        yield (one,)
        return
    first, second = kinds
    if one.kind == first:
        others = done[second]
        yield from ((one, other) for other in others[: bisect_right(others, left, key=_bits)])
    if one.kind == second:
        others = done[first]
        near = others[: bisect_right(others, left, key=_bits)]
        yield from ((other, one) for other in near if other is not one)


def last_of(bank: KnownValues, kind: Kind, goal: Values, most: int, row: str) -> Iterator[Valued]:
    """What one operation of the shortest pieces gives as the goal says, an example at a time."""
    numbers = [one for one in bank.of("number") if one.bits <= _SHORT and one.is_everywhere]
    for rule in RULES:
        if rule.result != kind or rule.kinds[0] == "number" or rule.kinds[1:] not in _LAST:
            continue
        value = rule.value
        for one in bank.of(rule.kinds[0])[:most]:
            if not one.is_everywhere:
                continue
            for more in [(number,) for number in numbers] if rule.kinds[1:] else [()]:
                if not rule.fits((one, *more)):
                    continue
                columns = zip(one.values, *(other.values for other in more), strict=True)
                if all(value(*c) == v for c, v in zip(columns, goal, strict=True)):
                    yield rule.made((one, *more), goal, row)


_LAST: tuple[tuple[Kind, ...], ...] = ((), ("number",))
