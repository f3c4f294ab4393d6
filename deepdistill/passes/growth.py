"""A pass that knows costs: loops inside loops that go over one list become quicker operations.

Each row takes what is computed anew at every place (how many are smaller, how many are equal, what
a beginning of the list has) for a list that is made once, before the loop. A row says the same in
other words: the prover has one meaning for both (``verify/proof/items_program``), and the solver
the algorithm (``target/algorithms``). Only what is printed goes through it; the program that is
shown and explained stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias, assert_never

from ..ir.expr import Call, Const, Expr, First, Read, Size, Total, Var, uses, walk
from ..ir.names import fresh
from ..ir.program import Fill, Let, Map, Program, Scan, Statement
from ..ir.rewrite import free_names, mapped
from ..ir.used_names import names_used

_TURNED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq"}
_NAMES = {
    "ranks": "ranks",
    "sorted": "ordered",
    "tally": "counts",
    "earlier": "earlier",
    "running_sum": "sums",
    "running_maximum": "largest",
    "running_minimum": "smallest",
    "running_distinct": "different",
    "palindromes": "palindromes",
    "maximum": "largest",
    "minimum": "smallest",
    "distinct": "different",
    "total": "total",
}
_RUNNING = {op.removeprefix("running_"): op for op in _NAMES if op.startswith("running_")}


def quicker(program: Program) -> Program:
    """The same program with fewer loops inside loops; one that has none is given back as it is."""
    if len(program.inputs) != 1 or len(program.inputs[0].axes) != 1 or program.inputs[0].is_fixed:
        return program
    work = _Lists(program)
    body = tuple(part for statement in program.body for part in work.around(statement))
    return program if body == program.body else replace(program, body=body)


@dataclass(slots=True)
class _Lists:
    """What is made of the lists of a program before its loops, and the loops that we are in."""

    program: Program
    made: dict[Expr, str] = field(default_factory=dict)
    waiting: list[Let] = field(default_factory=list)
    loops: tuple[str, ...] = ()

    @property
    def size(self) -> Expr:
        return Size(self.program.inputs[0].name, 0)

    def has(self, array: str) -> bool:
        """Whether it is a list with one element for each of the input's."""
        fills = (s for s in self.program.body if isinstance(s, Fill) and s.points is None)
        same = {fill.name for fill in fills if fill.sizes == (self.size,)}
        return array == self.program.inputs[0].name or array in same

    def of(self, op: str, array: str) -> Var:
        """The name of what an operation gives for a list."""
        return self.once(Call(op, (Var(array),)), _NAMES[op])

    def once(self, value: Expr, name: str) -> Var:
        """The name of a value that is computed before the loop; ``name``, if it is free."""
        if value not in self.made:
            self.made[value] = fresh(name, {*names_used(self.program), *self.made.values()})
            self.waiting.append(Let(self.made[value], value))
        return Var(self.made[value])

    def around(self, statement: Statement) -> Iterator[Statement]:
        """The statement, and before it what it needs."""
        changed = self.statement(statement)
        match changed:
            case Fill(name, (index,), _, Call("item", (Var(array), Var(place)))) | Map(
                name, _, (index,), _, Call("item", (Var(array), Var(place)))
            ) if statement is self.program.body[-1] and place == index:
                if self.waiting and self.waiting[-1].name == array:
                    changed = replace(
                        self.waiting.pop(), name=name
                    )  # the answer is the list itself
        yield from self.waiting
        self.waiting.clear()
        yield changed

    def statement(self, statement: Statement) -> Statement:
        match statement:
            case Let(_, value):
                return replace(statement, value=self.expr(value))
            case Fill(_, (index,), (size,), value, None) if size == self.size:
                return replace(statement, value=self.inside(value, index))
            case Map(_, _, (index,), body, value):
                lets = tuple(replace(let, value=self.inside(let.value, index)) for let in body)
                return replace(statement, body=lets, value=self.inside(value, index))
            case Fill() | Map() | Scan():
                return statement
            case _:
                assert_never(statement)

    def inside(self, expr: Expr, index: str) -> Expr:
        """What is computed at every place of a loop."""
        outer = self.loops
        self.loops = (*outer, index)
        changed = self.expr(expr)
        self.loops = outer
        return changed

    def within(self, start: Expr, stop: Expr, expr: Expr, index: str) -> Expr:
        """The same, where all places of a loop have an element for certain."""
        ends = [self.size, *(Var(place) for place in self.loops)]
        ends += [Call("add", (Var(place), Const(1))) for place in self.loops]
        whole = start == Const(0) and stop in ends
        return self.inside(expr, index) if whole else self.expr(expr)

    def expr(self, expr: Expr) -> Expr:
        if self.loops:
            for row in ROWS:
                if (replacement := row(expr, self)) is not None:
                    return replacement
        match expr:
            case Total(name, start, stop, body):
                return Total(name, start, stop, self.within(start, stop, body, name))
            case First(name, start, stop, condition, value):
                condition = self.within(start, stop, condition, name)
                return First(name, start, stop, condition, value)
            case _:
                return mapped(expr, self.expr)


@dataclass(frozen=True, slots=True)
class _Count:
    """How many elements of a list, from its start to ``stop``, compare so with a value."""

    array: str
    op: str
    value: Expr
    stop: Expr


def _count(expr: Expr, lists: _Lists) -> _Count | None:
    match expr:
        case Total(name, Const(0), stop, Call("int", (Call(op, sides),))) if op in _TURNED:
            for (own, value), relation in ((sides, op), (sides[::-1], _TURNED[op])):
                match own:
                    case Read(array, (Var(place),)) if place == name and lists.has(array):
                        return None if uses(value, name) else _Count(array, relation, value, stop)
    return None


def ranked(expr: Expr, lists: _Lists) -> Expr | None:
    """sum(other < x[i] for other in x) + sum(other == x[i] for other in x[:i]) -> ranks[i]"""
    match expr:
        case Call("add", (one, other)):
            counts = {count.op: count for part in (one, other) if (count := _count(part, lists))}
        case _:
            return None
    match counts.get("lt"), counts.get("eq"):
        case _Count(array, _, Read(_, (Var(place),)) as own, below), _Count() as equal:
            before = _Count(array, "eq", Read(array, (Var(place),)), Var(place))
            if (
                place in lists.loops
                and below == lists.size
                and equal == before
                and own == equal.value
            ):
                return Call("item", (lists.of("ranks", array), Var(place)))
    return None


def counted(expr: Expr, lists: _Lists) -> Expr | None:
    """sum(other == x[i] for other in x) -> counts[x[i]], the same in x[:i] -> earlier[i]"""
    match _count(expr, lists):
        case _Count(array, "eq", Read(other, (Var(place),)) as value, stop):
            if array != other or place not in lists.loops:
                return None
            if stop == lists.size:
                return Call("item", (lists.of("tally", array), value))
            if stop == Var(place):
                return Call("item", (lists.of("earlier", array), Var(place)))
    return None


def placed(expr: Expr, lists: _Lists) -> Expr | None:
    """sum(other < v for other in x) -> bisect_left(sorted(x), v), other comparisons alike"""
    match _count(expr, lists):
        case _Count(array, "lt" | "le" | "gt" | "ge" as op, value, stop) if stop == lists.size:
            below = "below" if op in ("lt", "ge") else "up_to"
            place = Call(below, (lists.of("sorted", array), value))
            return place if op in ("lt", "le") else Call("sub", (lists.size, place))
    return None


def begun(expr: Expr, lists: _Lists) -> Expr | None:
    """max(x[: t + 1]) -> largest[t], sum(x[: t + 1]) -> sums[t], palindromes alike"""
    op, array = "", ""
    stop: Expr = Const(0)
    match expr:
        case Call(name, (Call("prefix", (Var(array), stop)),)) if name in _RUNNING:
            op = _RUNNING[name]
        case Total(name, Const(0), stop, Read(array, (Var(place),))) if place == name:
            op = "running_sum"
        case Call("int", (Call("same", (Call("prefix", (Var(array), stop)) as one, other)),)):
            op = "palindromes" if other == Call("reversed", (one,)) else ""
    match stop:
        case Call("add", (Var(place), Const(1))) if place in lists.loops and lists.has(array):
            return Call("item", (lists.of(op, array), Var(place))) if op else None
    return None


def unchanging(expr: Expr, lists: _Lists) -> Expr | None:
    """max(x) at every place -> largest, sum(x) and other sums over the whole list alike"""
    match expr:
        case Call("maximum" | "minimum", (Var(array),)) if lists.has(array):
            # of nothing there is none, and nothing asks for it where no place is looked at
            may_be_empty = lists.program.inputs[0].axes[0].kind == "sequence"
            return None if may_be_empty else lists.of(expr.op, array)
        case Call("distinct" | "total" as op, (Var(array),)) if lists.has(array):
            return lists.of(op, array)
        case Total(name, Const(0), stop, body) if stop == lists.size:
            places = {node.index for node in walk(body) if isinstance(node, Read)}
            arrays = {node.port for node in walk(body) if isinstance(node, Read)}
            simple = all(isinstance(node, Read | Var | Const | Call) for node in walk(body))
            if simple and places == {(Var(name),)} and free_names(expr) == set():
                return lists.once(expr, "total") if all(map(lists.has, arrays)) else None
    return None


Row: TypeAlias = Callable[[Expr, _Lists], Expr | None]

ROWS: tuple[Row, ...] = (ranked, counted, placed, begun, unchanging)
"""What is computed at every place, and what is made once for it."""
