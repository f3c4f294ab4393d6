"""How the time that a program takes grows with the sizes of its inputs, read from its loops.

A cost is a sum of products of sizes and their logarithms; one operation on numbers is one step,
whatever their size. Loops multiply; of two costs of which one outgrows the other, that one stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from .expr import Call, Const, Expr, First, If, Inside, Listed, Read, Size, Sum, Total, Var, walk
from .linear import form_of
from .ops import OPERATIONS
from .program import Fill, Let, Map, Program, Scan, Statement

Product: TypeAlias = "frozenset[tuple[str, int, int]]"
"""The sizes that are factors, each with its exponent and that of its logarithm."""

Cost: TypeAlias = "frozenset[Product]"

_STEP: Cost = frozenset([frozenset()])
_SORTING, _SEARCHING = ("sorted", "ranks"), ("below", "up_to")
_SIZES = {1: ("n",), 2: ("rows", "columns"), 3: ("planes", "rows", "columns")}


def growth(program: Program) -> str:
    """``n log n``, ``rows * columns``; ``constant`` for inputs of one size.

    A solver looks at all of its input before it answers, also where the program reads a part.
    """
    costs = _Costs(program)
    steps = [costs.statement(statement) for statement in program.body]
    return _text(_largest([costs.check(), *steps]))


def _text(cost: Cost) -> str:
    parts = []
    for product in cost:
        factors = []
        for name, power, logs in sorted(product, key=lambda f: (_order(f[0]), f)):
            if power:
                factors.append(name if power == 1 else f"{name}^{power}")
            logarithm = f"log {name}" if logs == 1 else f"(log {name})^{logs}"
            if logs:
                factors[-1:] = [f"{factors[-1]} {logarithm}"] if power else [logarithm]
        parts.append(" * ".join(factors) or "constant")
    return " + ".join(sorted(parts))


def _order(name: str) -> int:
    return next((names.index(name) for names in _SIZES.values() if name in names), 0)


def _times(one: Cost, other: Cost) -> Cost:
    return _largest([frozenset(_product(a, b) for a in one for b in other)])


def _product(one: Product, other: Product) -> Product:
    factors: dict[str, tuple[int, int]] = {}
    for name, power, logs in (*one, *other):
        before = factors.get(name, (0, 0))
        factors[name] = (before[0] + power, before[1] + logs)
    return frozenset((name, *powers) for name, powers in factors.items())


def _largest(costs: Iterable[Cost]) -> Cost:
    """The sum of costs, without what another part outgrows."""
    every = {product for cost in costs for product in cost} or {frozenset()}
    return frozenset(p for p in every if not any(p != q and _outgrows(q, p) for q in every))


def _outgrows(one: Product, other: Product) -> bool:
    powers = {name: (power, logs) for name, power, logs in one}
    return all((power, logs) <= powers.get(name, (0, 0)) for name, power, logs in other)


@dataclass(slots=True)
class _Costs:
    """The sizes behind the names of one program: those of lists, and of the loops of variables."""

    program: Program
    sizes: dict[str, str] = field(default_factory=dict)

    def axis(self, port: str, axis: int) -> str:
        """The name of a size; empty where it is fixed."""
        ports = {one.name: one for one in self.program.inputs}
        axes = ports[port].axes
        free = [k for k, one in enumerate(axes) if one.size is None]
        if axis not in free:
            return ""
        names = _SIZES.get(len(free))
        return names[free.index(axis)] if names else f"size {axis}"

    def check(self) -> Cost:
        """A look at each number of each input."""
        each = [
            [self.span(Size(port.name, axis)) for axis in range(len(port.axes))]
            for port in self.program.inputs
        ]
        return _largest(self.nested(spans, _STEP) for spans in each)

    def between(self, start: Expr, stop: Expr) -> Cost:
        """How many places a range has."""
        match start:
            case Call("max", (Const(), inner)):  # it is cut off at the border
                start = inner
        if not form_of(stop).plus(form_of(start), -1).terms:
            return _STEP  # a window of one width
        return self.span(stop, start)

    def span(self, *ends: Expr) -> Cost:
        """The first size that ends speak of."""
        for end in ends:
            for node in walk(end):
                name = ""
                match node:
                    case Size(port, axis):
                        name = self.axis(port, axis)
                    case Var(variable):
                        name = self.sizes.get(variable, "")
                if name:
                    return frozenset([frozenset([(name, 1, 0)])])
        return _STEP

    def length(self, array: Expr) -> Cost:
        """How long a list is."""
        match array:
            case Var(name) if name in self.sizes:
                return self.span(array)
            case Var(name) if any(name == port.name for port in self.program.inputs):
                return self.span(Size(name, 0))
            case Call("item", (Var(name), _)) if len(self.axes(name)) > 1:
                return self.span(Size(name, 1))
            case Call(_, (inner, *_)) | Listed(_, inner):
                return self.length(inner)
            case _:
                return _STEP

    def axes(self, name: str) -> range:
        ports = {one.name: one for one in self.program.inputs}
        return range(len(ports[name].axes) if name in ports else 0)

    def loop(self, names: Iterable[str], span: Cost) -> Cost:
        """A loop: its variables stand for as much."""
        (product,) = span
        size = next((name for name, _, _ in product), "")
        self.sizes.update(dict.fromkeys(names, size))
        return span

    def statement(self, statement: Statement) -> Cost:
        match statement:
            case Let(name, value):
                made = isinstance(value, Call) and OPERATIONS[value.op].arrays
                if made or isinstance(value, Listed):
                    self.loop([name], self.length(value))
                return self.cost(value)
            case Map(name, like, index, body, value):
                spans = [
                    self.loop([k], self.span(Size(like, axis))) for axis, k in enumerate(index)
                ]
                self.loop([name], spans[0])
                inner = [self.statement(let) for let in body]
                return self.nested(spans, _largest([*inner, self.cost(value)]))
            case Fill(name, index, sizes, value, points):
                spans = [self.span(Const(n) if isinstance(n, int) else n) for n in sizes]
                if points is None:
                    for k, span in zip(index, spans, strict=True):
                        self.loop([k], span)
                    self.loop([name], spans[0] if spans else _STEP)
                return self.nested([] if points else spans, self.cost(value))
            case Scan(name, over, _, state, body, values):
                span = self.loop([name], self.length(Var(over)))
                inner = [self.statement(let) for let in (*state, *body)]
                return self.nested([span], _largest([*inner, *map(self.cost, values)]))
            case _:
                assert_never(statement)

    def nested(self, spans: Iterable[Cost], cost: Cost) -> Cost:
        for span in spans:
            cost = _times(span, cost)
        return cost

    def cost(self, expr: Expr) -> Cost:
        match expr:
            case Const() | Var() | Size():
                return _STEP
            case Read(_, index) | Inside(_, index):
                return _largest(map(self.cost, index))
            case If(condition, then, otherwise):
                return _largest(map(self.cost, (condition, then, otherwise)))
            case Sum(_, _, body):
                return self.cost(body)
            case Total(name, start, stop, body):
                span = self.loop([name], self.between(start, stop))
                return _times(span, self.cost(body))
            case First(name, start, stop, condition, value):
                span = self.loop([name], self.between(start, stop))
                return _largest([_times(span, self.cost(condition)), self.cost(value)])
            case Listed(names, over, value, condition):
                span = self.loop(names, self.length(over))
                if isinstance(over, Var) and len(self.axes(over.name)) > 1:  # rows of a picture
                    self.loop(names, self.span(Size(over.name, 1)))
                inner = _largest([self.cost(value), self.cost(condition)])
                return _largest([_times(span, inner), self.cost(over)])
            case Call(op, args):
                return _largest([self.own(op, args), *map(self.cost, args)])
            case _:
                assert_never(expr)

    def own(self, op: str, args: tuple[Expr, ...]) -> Cost:
        """What an operation takes, besides its arguments."""
        if 0 not in OPERATIONS[op].arrays or op == "item":
            return _STEP
        length = self.length(args[0])
        logarithm = frozenset(
            frozenset((name, 0, power) for name, power, _ in product) for product in length
        )
        if op in _SEARCHING:
            return logarithm
        return _times(length, logarithm) if op in _SORTING else length
