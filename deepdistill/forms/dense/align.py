"""Two programs of one network at two sizes → one program with laws of the size, or a reason.

The programs are laid side by side from the answer backwards: the same operations on arrays that
pair up in the same way. Where two numbers differ a law of the size takes their place
(:mod:`.size_laws`); of several ways to pair terms up the one with the shortest laws counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf, log2

from ...ir.expr import Call, Const, Expr, If, Read, Total, Var, children, rebuild, walk
from ...ir.program import Fill, Let, Program, Statement
from ...ir.types import Axis, AxisKind
from .size_laws import Shapes, SizeLaw, number_law, place_law
from .terms import times

_MOST_STEPS = 40_000
_SCALES = sorted(((a, b) for a in range(1, 9) for b in range(1, 9)), key=lambda s: s[0] * s[1])


@dataclass(frozen=True, slots=True)
class Aligned:
    """One program for both sizes and its laws, each with the two numbers it stands for.

    ``alike`` holds pairs of axes that the two shapes cannot tell apart.
    """

    program: Program
    laws: tuple[tuple[Expr, float, float], ...]
    alike: tuple[tuple[int, int], ...]


class NotAligned(ValueError):
    """The two programs are not one program at two sizes: a clause that says why."""


def align(first: Program, second: Program, kind: AxisKind = "fixed") -> Aligned:
    """One program for the shapes of both; :class:`NotAligned` where there is none.

    ``kind`` is that of the axes of any size.
    """
    (a,), (b,) = first.inputs, second.inputs
    if len(a.axes) != len(b.axes):
        raise NotAligned("their inputs have different numbers of axes")
    shapes = Shapes(
        a.name,
        tuple(axis.size or 0 for axis in a.axes),
        tuple(axis.size or 0 for axis in b.axes),
    )
    if not shapes.free:
        raise NotAligned("both have the same input shape")
    if first.tables or second.tables:
        raise NotAligned("units without structure are tables of one size")
    if (a.domain, first.output.domain) != (b.domain, second.output.domain):
        raise NotAligned("their inputs or answers have different values")
    state = _Aligner(first, second, shapes).best()
    axes = tuple(
        Axis(kind) if k in shapes.free else axis for k, axis in enumerate(first.inputs[0].axes)
    )
    body = tuple(state.merged[s.name] for s in first.body if s.name in state.merged)
    program = replace(first, inputs=(replace(a, axes=axes),), body=body)
    laws = tuple(dict.fromkeys(state.laws))
    return Aligned(program, laws, shapes.alike)


@dataclass(frozen=True, slots=True)
class _Alignment:
    """Arrays that pair up so far, their statements with laws, the laws and what they cost.

    ``elsewhere`` is the cost of the statements that have been named on the way.
    """

    pairs: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, Statement] = field(default_factory=dict)
    laws: tuple[tuple[Expr, float, float], ...] = ()
    cost: float = 0.0
    elsewhere: float = 0.0


@dataclass(frozen=True, slots=True)
class _Place:
    """That a number is a place in arrays of these lengths."""

    lengths: tuple[Expr, ...]


Bound = Mapping[str, str]
"""Loop variables of the first program and those of the second."""


class _Aligner:
    def __init__(self, first: Program, second: Program, shapes: Shapes) -> None:
        self.first = {statement.name: statement for statement in first.body}
        self.second = {statement.name: statement for statement in second.body}
        self.port, self.other_port = first.inputs[0].name, second.inputs[0].name
        self.answers = (first.output.name, second.output.name)
        self.shapes = shapes
        self.known: dict[tuple[float, float], SizeLaw | None] = {}
        self.best_cost, self.steps, self.refused = inf, 0, 0
        self.missing: tuple[int, float, float] | None = None  # how far it came, and two numbers

    def best(self) -> _Alignment:
        """The pairing with the shortest laws."""
        alignment: _Alignment | None = None
        for state in self.named(*self.answers, _Alignment()):
            if state.cost < self.best_cost:
                alignment, self.best_cost = state, state.cost
        if alignment is None and self.missing is not None:
            _, a, b = self.missing
            raise NotAligned(f"no simple law of the size gives {a:g} at one and {b:g} at the other")
        if alignment is None:
            raise NotAligned("their loops and sums are not the same")
        return alignment

    def named(self, a: str, b: str, state: _Alignment) -> Iterator[_Alignment]:
        """The ways in which two arrays or variables are the same."""
        if (a == self.port) != (b == self.other_port):
            return
        if a == self.port or state.pairs.get(a) == b:
            yield state
            return
        if a in state.pairs or b in state.pairs.values():
            return
        for new in self.statements(a, b, replace(state, pairs={**state.pairs, a: b})):
            yield replace(new, elsewhere=state.elsewhere + new.cost - state.cost)

    def statements(self, a: str, b: str, paired: _Alignment) -> Iterator[_Alignment]:
        match self.first[a], self.second[b]:
            case Let(_, x), Let(_, y):
                for value, new in self.expr(x, y, {}, paired):
                    yield replace(new, merged={**new.merged, a: Let(a, value)})
            case Fill() as one, Fill() as other:
                yield from self.filled(one, other, paired)

    def filled(self, a: Fill, b: Fill, state: _Alignment) -> Iterator[_Alignment]:
        if len(a.index) != len(b.index) or a.points != b.points:
            return
        bound = dict(zip(a.index, b.index, strict=True))
        for value, new in self.expr(a.value, b.value, bound, state):
            sizes: list[int | Expr] = list(a.sizes)
            current: _Alignment | None = new
            if a.points is None:
                for k, (name, m, n) in enumerate(zip(a.index, a.sizes, b.sizes, strict=True)):
                    assert isinstance(m, int) and isinstance(n, int) and current is not None
                    place = _Place(self.lengths(name, value, current))
                    law = self.number(m, n, place, current)
                    if law is None:
                        current = None
                        break
                    size, current = law
                    sizes[k] = size.value if isinstance(size, Const) else size  # type: ignore
            if current is not None:
                fill = replace(a, sizes=tuple(sizes), value=value)
                yield replace(current, merged={**current.merged, a.name: fill})

    def expr(
        self, a: Expr, b: Expr, bound: Bound, state: _Alignment, place: _Place | None = None
    ) -> Iterator[tuple[Expr, _Alignment]]:
        """The ways in which two expressions are one, with laws for numbers that differ."""
        self.steps += 1
        if self.steps > _MOST_STEPS or state.cost >= self.best_cost:
            return
        match a, b:
            case Const(int() | float() as x), Const(int() | float() as y):
                aligned = self.number(x, y, place, state)
                if aligned is not None:
                    yield aligned
            case Var(x), Var(y):
                if x in bound or y in bound.values():
                    if bound.get(x) == y:
                        yield a, state
                    return
                for new in self.named(x, y, state):
                    yield a, new
            case Read(x, places), Read(y, others) if len(places) == len(others):
                for new in self.named(x, y, state):
                    spots = [_Place((length,)) for length in self.sizes(x, new)]
                    for index, last in self.each(places, others, bound, new, spots):
                        yield Read(x, index), last
            case Total(), Total():
                yield from self.total(a, b, bound, state)
            case (Call("sign"), Call("sign")) | (Call("ge"), Call("ge")):
                yield from self.scaled(a, b, bound, state)
            case Call("add" | "mul"), Call() if a.op == b.op and len(a.args) == len(b.args):
                for args, new in self.any_order(a.args, b.args, bound, state, place):
                    yield _rebuilt(a, args), new
            case Call("mul"), _ if not isinstance(b, Call) or b.op != "mul":
                yield from self.expr(a, Call("mul", (Const(1), b)), bound, state, place)
            case _, Call("mul") if not isinstance(a, Call) or a.op != "mul":
                yield from self.expr(Call("mul", (Const(1), a)), b, bound, state, place)
            case Call(), Call() if a.op == b.op and len(a.args) == len(b.args):
                for args, new in self.each(a.args, b.args, bound, state, [place] * len(a.args)):
                    yield rebuild(a, args), new
            case If(), If():
                for args, new in self.each(children(a), children(b), bound, state, [None] * 3):
                    yield rebuild(a, args), new

    def each(
        self,
        first: Sequence[Expr],
        second: Sequence[Expr],
        bound: Bound,
        state: _Alignment,
        places: Sequence[_Place | None],
    ) -> Iterator[tuple[tuple[Expr, ...], _Alignment]]:
        """Expressions that pair up in order."""
        if not first:
            yield (), state
            return
        for head, new in self.expr(first[0], second[0], bound, state, places[0]):
            for tail, last in self.each(first[1:], second[1:], bound, new, places[1:]):
                yield (head, *tail), last

    def any_order(
        self,
        first: Sequence[Expr],
        second: Sequence[Expr],
        bound: Bound,
        state: _Alignment,
        place: _Place | None,
    ) -> Iterator[tuple[tuple[Expr, ...], _Alignment]]:
        """Terms that pair up in any order; that of both programs first."""
        if not first:
            yield (), state
            return
        for k in range(len(second)):
            for head, new in self.expr(first[0], second[k], bound, state, place):
                others = [*second[:k], *second[k + 1 :]]
                for tail, last in self.any_order(first[1:], others, bound, new, place):
                    yield (head, *tail), last

    def total(
        self, a: Total, b: Total, bound: Bound, state: _Alignment
    ) -> Iterator[tuple[Expr, _Alignment]]:
        inner = {**bound, a.name: b.name}
        for body, new in self.expr(a.body, b.body, inner, state):
            place = _Place(self.lengths(a.name, body, new))
            for (start, stop), last in self.each(
                (a.start, a.stop), (b.start, b.stop), bound, new, [place, place]
            ):
                yield Total(a.name, start, stop, body), last

    def scaled(
        self, a: Call, b: Call, bound: Bound, state: _Alignment
    ) -> Iterator[tuple[Expr, _Alignment]]:
        """A sum of which only the sign counts: common factors may have been divided out."""
        before, matched = self.refused, False
        for m, n in _SCALES:
            if matched or ((m, n) != (1, 1) and self.refused == before):
                return  # nothing that another factor might change
            first = [_multiple(arg, m) for arg in a.args]
            second = [_multiple(arg, n) for arg in b.args]
            longer = replace(state, cost=state.cost + log2(m * n))
            most = inf if (m, n) == (1, 1) else state.cost + _difference(a, b)
            for args, new in self.each(first, second, bound, longer, [None] * len(a.args)):
                if new.cost - new.elsewhere + state.elsewhere <= most:
                    matched = True
                    yield rebuild(a, args), new

    def number(
        self, a: float, b: float, place: _Place | None, state: _Alignment
    ) -> tuple[Expr, _Alignment] | None:
        """The law of two numbers; the number itself where they are the same."""
        if a == b:
            return Const(a), state
        law: SizeLaw | None = None
        if place is not None and isinstance(a, int) and isinstance(b, int):
            law = place_law(a, b, place.lengths, self.shapes)
        if law is None:
            if (a, b) not in self.known:
                self.known[a, b] = number_law(a, b, self.shapes)
            law = self.known[a, b]
        if law is None:
            progress = len(state.pairs) + len(state.merged)
            if self.missing is None or progress > self.missing[0]:
                self.missing = (progress, a, b)
            self.refused += 1
            return None
        return law.value, replace(
            state,
            laws=(*state.laws, (law.value, a, b)),
            cost=state.cost + law.cost + 1,
        )

    def sizes(self, name: str, state: _Alignment) -> tuple[Expr, ...]:
        """The lengths of an array."""
        if name == self.port:
            return tuple(self.shapes.size(axis) for axis in range(len(self.shapes.first)))
        fill = state.merged.get(name)
        if not isinstance(fill, Fill):
            return ()
        if fill.points is not None:
            return (Const(len(fill.points)),)
        return tuple(Const(n) if isinstance(n, int) else n for n in fill.sizes)

    def lengths(self, name: str, value: Expr, state: _Alignment) -> tuple[Expr, ...]:
        """How long the arrays are that ``value`` reads at this loop variable, else all it reads."""
        direct: list[Expr] = []
        others: list[Expr] = []
        for read in walk(value):
            if isinstance(read, Read):
                for length, index in zip(self.sizes(read.port, state), read.index, strict=True):
                    used = any(e == Var(name) for e in walk(index))
                    (direct if used else others).append(length)
        return tuple(dict.fromkeys(direct or others))


def _difference(a: Expr, b: Expr) -> float:
    """How many bits the numbers have that stand in only one of two expressions."""
    first, second = (Counter(e.value for e in walk(x) if isinstance(e, Const)) for x in (a, b))
    different = [*(first - second).elements(), *(second - first).elements()]
    return sum(log2(abs(n) + 1) for n in different if isinstance(n, int | float))


def _multiple(expr: Expr, factor: int) -> Expr:
    """A sum with each of its terms multiplied."""
    match expr:
        case _ if factor == 1:
            return expr
        case Const(int() | float() as value):
            return Const(value * factor)
        case Call("add", args):
            return Call("add", tuple(_multiple(arg, factor) for arg in args))
        case Call("mul", (Const(int() | float() as value), *rest)):
            return Call("mul", (Const(value * factor), *rest))
        case _:
            return times(factor, expr)


def _rebuilt(call: Call, args: tuple[Expr, ...]) -> Expr:
    """A product with a law for a factor keeps its sign and its number in front."""
    if call.op != "mul":
        return rebuild(call, args)
    numbers: list[Expr] = []
    factors: list[Expr] = []
    for arg in args:
        match arg:
            case Call("mul", (Const() as number, *rest)) if arg not in call.args:
                numbers.append(number)
                factors += rest
            case Const():
                numbers.append(arg)
            case _:
                factors.append(arg)
    if len(numbers) > 1 or not factors:
        return rebuild(call, args)
    product = factors[0] if len(factors) == 1 else Call("mul", tuple(factors))
    if not numbers or numbers == [Const(1)]:
        return product
    if numbers == [Const(-1)] or len(factors) == 1:
        return Call("mul", (numbers[0], product))
    return Call("mul", (numbers[0], *factors))
