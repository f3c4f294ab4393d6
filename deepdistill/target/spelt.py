"""Programs of characters and names of classes, written with these in place of their numbers.

Inside, a character is its place in the alphabet of its port. A reader wants ``letter == "("``: here
constants that are compared with characters become characters, and what is counted with becomes
``int(letter)`` or a place in the alphabet. The result is for printing alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

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
    children,
    is_truth,
    rebuild,
)
from ..ir.program import Fill, Let, Map, Program, Scan, Statement
from ..ir.types import Port
from .letters import (
    Kind,
    Letters,
    NotSpelt,
    element_of,
    is_constant,
    is_one,
    known_symbol,
    list_of,
    literal,
    of_port,
    places_of,
    symbol_literal,
    symbol_table,
    symbols_at,
)

_KEEPS = frozenset(["reversed", "prefix", "suffix", "stride", "unique", "sorted", "arranged"])
_ORDERS = frozenset(
    ["sorted", "maximum", "minimum", "lt", "le", "gt", "ge", "between", "max", "min"]
)
_ALIKE = frozenset(["eq", "ne", "same", "differ", "lt", "le", "gt", "ge", "between", "in", "notin"])
_MIXES = frozenset(["max", "min", "joined"])
_SEEKS = frozenset(["count", "position"])
_TAKES = frozenset(["maximum", "minimum"])


@dataclass(frozen=True, slots=True)
class Spelling:
    """A program for printing, and what its names hold."""

    program: Program
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    def spelled(self, name: str, value: Any) -> Any:
        """The value of a name as its users write it."""
        kind = self.kinds.get(name)
        return value if kind is None else _spelled(value, kind)


def _spelled(value: Any, kind: Letters) -> Any:
    if isinstance(value, list):
        parts = [_spelled(part, kind) for part in value]
        texts = kind.depth == 1 and all(isinstance(part, str) for part in parts)
        return "".join(parts) if texts and parts else parts
    inside = isinstance(value, int) and 0 <= value < len(kind.symbols)
    return kind.symbols[value] if inside else value


def spelt(program: Program) -> Spelling:
    """The program with its symbols; as it is, with their numbers, where characters do not do."""
    if not any(port.symbols for port in (*program.inputs, program.output)):
        return Spelling(program)
    speller = _Speller({port.name: of_port(port) for port in program.inputs}, program.output)
    try:
        body = tuple(map(speller.statement, program.body))
    except NotSpelt:
        return Spelling(program)
    return Spelling(replace(program, body=body), {**speller.kinds})


@dataclass(slots=True)
class _Speller:
    """What names hold, as far as a program has been walked."""

    kinds: dict[str, Kind]
    output: Port
    inside: dict[str, str] = field(default_factory=dict)  # loop variables, and over which input

    # Statements

    def statement(self, statement: Statement) -> Statement:
        own = statement.name == self.output.name
        match statement:
            case Let(name, value):
                return self.let(statement, of_port(self.output) if own else self.kind(value))
            case Map(name, like, index, body, value):
                self.inside.update(dict.fromkeys(index, like))
                lets = tuple(self.let(let, self.kind(let.value)) for let in body)
                kind = element_of(of_port(self.output), len(index)) if own else self.kind(value)
                self.kinds[name] = list_of(kind, len(index))
                return replace(statement, body=lets, value=self.put(value, kind))
            case Fill(name, index, _, value):
                kind = element_of(of_port(self.output), len(index)) if own else self.kind(value)
                self.kinds[name] = list_of(kind, len(index))
                return replace(statement, value=self.put(value, kind))
            case Scan():
                return self.scan(statement, own)

    def let(self, let: Let, kind: Kind) -> Let:
        value = self.put(let.value, kind)
        self.kinds[let.name] = kind
        return Let(let.name, value)

    def scan(self, scan: Scan, own: bool) -> Scan:
        self.kinds |= dict.fromkeys(scan.element, element_of(self.kinds.get(scan.over)))
        for _ in scan.state:  # what is carried may come from another such variable
            for let in (*scan.state, *scan.body):
                self.kinds[let.name] = self.kind(let.value) or self.kinds.get(let.name)
        state = tuple(self.let(let, self.kinds[let.name]) for let in scan.state)
        body = tuple(
            self.let(let, self.kinds.get(let.name) or self.kind(let.value)) for let in scan.body
        )
        kinds = [self.kind(value) for value in scan.values]
        if own:
            kinds = [element_of(of_port(self.output))] * len(kinds)
        values = tuple(map(self.put, scan.values, kinds))
        if values:
            self.kinds[scan.name] = list_of(kinds[0]) if len(values) == 1 else None
        return replace(scan, state=state, body=body, values=values)

    # What an expression holds

    def kind(self, expr: Expr) -> Kind:
        match expr:
            case Var(name):
                return self.kinds.get(name)
            case Read(port, index):
                return element_of(self.kinds.get(port), len(index))
            case If(_, then, otherwise):
                return self.common((then, otherwise))
            case First(_, _, _, _, value):
                return self.kind(value)
            case Listed(names, over, value):
                with_names = _Speller({**self.kinds, **self.elements(names, over)}, self.output)
                return list_of(with_names.kind(value))
            case Call("list", args):
                return list_of(self.common(args))
            case Call("item" | "flat", (array, *_)):
                return element_of(self.kind(array))
            case Call(op, args) if op in _KEEPS or op in _TAKES or op in _MIXES:
                kind = self.common(args if op in _MIXES else args[:1])
                if kind is not None and op in _ORDERS and not kind.in_order:
                    return None
                return element_of(kind) if op in _TAKES else kind
            case _:
                return None

    def common(self, exprs: Sequence[Expr]) -> Kind:
        """What several hold together: symbols where all but constants hold the same ones."""
        kinds = {self.kind(e) for e in exprs if not is_constant(e)}
        return kinds.pop() if len(kinds) == 1 else None

    def elements(self, names: Sequence[str], over: Expr) -> Mapping[str, Kind]:
        match over:
            case Call("zip", args) if len(args) == len(names):
                return {n: element_of(self.kind(a)) for n, a in zip(names, args, strict=True)}
            case Call("enumerate", (array,)) if len(names) == 2:
                return {names[0]: None, names[1]: element_of(self.kind(array))}
            case Call("zip" | "enumerate" | "range"):
                return dict.fromkeys(names, None)
            case _:
                kind = element_of(self.kind(over))
                return dict.fromkeys(names, kind if len(names) == 1 else None)

    # The expression as it is printed

    def put(self, expr: Expr, want: Kind) -> Expr:
        """The expression, written so that it gives what is wanted."""
        match expr:
            case Const(value):
                return expr if want is None else symbol_literal(value, want)
            case If(condition, then, otherwise):
                parts = (self.put(condition, None), self.put(then, want), self.put(otherwise, want))
                return If(*parts)
            case First(name, start, stop, condition, value):
                self.run(name, start, stop)
                ends = (self.put(start, None), self.put(stop, None))
                return First(name, *ends, self.put(condition, None), self.put(value, want))
            case Listed(names, over, value, condition):
                over, outside = self.over(over), self.kinds
                self.kinds = {**outside, **self.elements(names, expr.over)}
                where = self.put(condition, None)
                made = Listed(names, over, self.put(value, element_of(want)), where)
                self.kinds = outside
                return made
            case Call("list" | "single" as op, args) if want is not None:
                return Call(op, tuple(self.put(arg, element_of(want)) for arg in args))
            case Call("flat", (rows,)) if want is not None:
                return Call("flat", (self.put(rows, list_of(want)),))
            case _:
                kind = self.kind(expr)
                return self.given(self.own(expr, kind), expr, kind, want)

    def over(self, expr: Expr) -> Expr:
        match expr:
            case Call("zip" | "enumerate" as op, args):
                return Call(op, tuple(self.put(arg, self.kind(arg)) for arg in args))
            case _:
                return self.put(expr, self.kind(expr))

    def own(self, expr: Expr, kind: Kind) -> Expr:
        """The expression with its parts written, giving what it gives by itself."""
        match expr:
            case Call("contains", (array, Const(tuple()) as part)):
                held = self.kind(array)
                return Call("contains", (self.put(array, held), self._members(part, held)))
            case Call(op, args) if op in _ALIKE or op in _MIXES:
                common = self.common(args)
                if op in ("in", "notin") and len(args) == 2:
                    common = self.kind(args[0])
                    lists = (args[0], args[1])
                    return Call(op, (self.put(lists[0], common), self._members(lists[1], common)))
                if common is not None and op in _ORDERS and not common.in_order:
                    common = None
                return Call(op, tuple(self.put(arg, common) for arg in args))
            case Call(op, (array, value)) if op in _SEEKS:
                held = self.kind(array)
                return Call(op, (self.put(array, held), self.put(value, element_of(held))))
            case Call("item", (Const(tuple() as values), place)) if self.is_letter(place, values):
                held = self.kind(place)
                return Call("item", (symbol_table(values, held), self.put(place, held)))
            case Call("item", (array, place)):
                return Call("item", (self.put(array, self.kind(array)), self.put(place, None)))
            case Call(op, (array, *rest)) if op in _KEEPS or op in _TAKES:
                held = self.kind(array)
                held = None if held and op in _ORDERS and not held.in_order else held
                return Call(op, (self.put(array, held), *(self.put(part, None) for part in rest)))
            case Call("length" | "distinct" as op, (array,)):
                return Call(op, (self.put(array, self.kind(array)),))
            case Read(port, index):
                if self.kinds.get(port) is not None and not self.is_inside(expr):
                    raise NotSpelt  # beyond the border it is the number 0
                return Read(port, tuple(self.put(part, None) for part in index))
            case Total(name, start, stop):
                self.run(name, start, stop)
                return rebuild(expr, tuple(self.put(part, None) for part in children(expr)))
            case Var() | Size() | Inside() | Sum() | Call():
                return rebuild(expr, tuple(self.put(part, None) for part in children(expr)))
            case _:
                raise NotSpelt

    def is_letter(self, place: Expr, values: tuple[int, ...]) -> bool:
        """Whether a table has an entry for each symbol that a place can be."""
        kind = self.kind(place)
        return kind is not None and not kind.depth and len(values) == len(kind.symbols)

    def _members(self, values: Expr, kind: Kind) -> Expr:
        if isinstance(values, Const) and isinstance(values.value, tuple) and kind is not None:
            symbols = tuple(known_symbol(value, kind) for value in values.value)
            return literal("".join(map(str, symbols)) if kind.are_characters else symbols)
        return self.put(values, list_of(kind))

    def given(self, made: Expr, expr: Expr, kind: Kind, want: Kind) -> Expr:
        """What holds one thing, turned into another."""
        if kind == want:
            return made
        if want is None:
            assert kind is not None
            return places_of(made, kind)
        if kind is not None:
            raise NotSpelt
        truth = expr.args[0] if isinstance(expr, Call) and expr.op == "int" else expr
        if want.depth == 0 and len(want.symbols) == 2:
            test = self.put(truth, None) if is_truth(truth) else is_one(made)
            return If(test, literal(want.symbols[1]), literal(want.symbols[0]))
        return symbols_at(made, want)

    def run(self, name: str, start: Expr, stop: Expr) -> None:
        """A loop variable: it lies inside where it runs over all places of an input."""
        self.inside.pop(name, None)
        match start, stop:
            case Const(int() as first), Size(port, 0) if first >= 0:
                self.inside[name] = port

    def is_inside(self, read: Read) -> bool:
        places = read.index
        return all(isinstance(p, Var) and self.inside.get(p.name) == read.port for p in places)
