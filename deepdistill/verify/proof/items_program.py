"""What a program over items answers, as counts: the meaning of its expressions in :mod:`.counts`.

Lists are functions of a place with a length; sums over a range are families, searches are choices.
An expression that this language does not have raises :class:`NotEncoded`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

import z3

from ...ir.expr import (
    Call,
    Expr,
    First,
    Inside,
    Listed,
    Read,
    Size,
    Sum,
    Total,
    Var,
    is_truth,
    walk,
)
from ...ir.program import Fill, Let, Map, Program
from ...ir.spec import QUICK
from ...ir.types import Integers
from .counts import Counts, names_in
from .described import Described
from .encode import Encoder, Node, NotEncoded, Term, added
from .items_lists import LineTerms, ListTerms, backwards


@dataclass(slots=True)
class ProgramTerms:
    """The terms of one program of one input."""

    program: Program
    counts: Counts
    lines: dict[str, LineTerms] = field(default_factory=dict)
    answered: list[Term] = field(default_factory=list)
    tallies: dict[str, str] = field(default_factory=dict)

    @property
    def lists(self) -> ListTerms:
        return ListTerms(self.counts)

    def described(self, requested: tuple[Term, ...]) -> Described:
        """The element of the answer at the index ``asked``, which lies inside."""
        program = self.program
        if len(program.inputs) != 1 or program.tables:
            raise NotEncoded("several inputs, or tables")
        port = program.inputs[0]
        if any(axis.wrap for axis in port.axes):
            raise NotEncoded("an input that wraps around")
        if len(port.axes) == 1:
            size, array = self.counts.sizes[0], self.counts.array
            self.lines[port.name] = LineTerms(0, size, lambda k: array(k))
        encoder = Encoder({}, self.node, self.array)
        for statement in program.body[:-1]:
            encoder = self._bind(statement, encoder)
        result = program.body[-1]
        if result.name != program.output.name:
            raise NotEncoded("a last statement that is not the answer")
        return self._result(result, requested, encoder)

    def _bind(self, statement: object, encoder: Encoder) -> Encoder:
        """A statement before the last one."""
        match statement:
            case Let(name, value) if self.is_line(value):
                self.lines[name] = self.line(value, encoder)
                match value:
                    case Call("tally", (Var(own),)):
                        self.tallies[name] = own
                return encoder
            case Let(name, value):
                return encoder.with_names({name: encoder.term(value)})
            case Fill(name, (index,), (Size() as size,), value, None):
                self.lines[name] = self._filled(index, size, value, encoder)
                return encoder
            case _:
                raise NotEncoded(f"a statement of the kind {type(statement).__name__}")

    def _filled(self, index: str, size: Size, value: Expr, encoder: Encoder) -> LineTerms:
        place = self.counts.running(size.axis)
        length = self.counts.sizes[size.axis]
        inner = encoder.with_names({index: place}).under(z3.And(place >= 0, place < length))
        term = inner.number(value)
        return LineTerms(size.axis, length, lambda k: z3.substitute(term, (place, k)))

    def _result(
        self, statement: object, requested: tuple[Term, ...], encoder: Encoder
    ) -> Described:
        match statement:
            case Let(_, value) if self.is_line(value):
                line = self.line(value, encoder)
                (k,) = self._requested(requested, 1)
                return self._given((line.length,), line.at(k), encoder)
            case Let(_, value):
                self._requested(requested, 0)
                return self._given((), encoder.number(value), encoder)
            case Fill(_, index, sizes, value, None):
                self._requested(requested, len(index))
                lengths = tuple(
                    z3.IntVal(n) if isinstance(n, int) else encoder.number(n) for n in sizes
                )
                return self._element(index, requested, lengths, (), value, encoder)
            case Map(_, _, index, body, value):
                self._requested(requested, len(index))
                return self._element(index, requested, self.counts.sizes, body, value, encoder)
            case _:
                raise NotEncoded(f"a statement of the kind {type(statement).__name__}")

    def _requested(self, requested: tuple[Term, ...], axes: int) -> tuple[Term, ...]:
        if len(requested) != axes:
            raise NotEncoded("an answer of another shape")
        return requested

    def _element(
        self,
        index: tuple[str, ...],
        requested: tuple[Term, ...],
        sizes: tuple[Term, ...],
        body: tuple[Let, ...],
        value: Expr,
        encoder: Encoder,
    ) -> Described:
        inside = z3.And(*(z3.And(k >= 0, k < n) for k, n in zip(requested, sizes, strict=True)))
        here = encoder.with_names(dict(zip(index, requested, strict=True))).under(inside)
        for let in body:
            here = here.with_names({let.name: here.number(let.value)})
        return self._given(sizes, here.number(value), here)

    def _given(self, sizes: tuple[Term, ...], value: Term, encoder: Encoder) -> Described:
        return Described(sizes, value, z3.And(*self.answered), tuple(encoder.obligations))

    # Nodes

    def node(self, expr: Node, encoder: Encoder) -> Term:
        """Reads, sizes, sums and searches."""
        match expr:
            case Size(_, axis):
                return self.counts.sizes[axis]
            case Read(name, index):
                places = tuple(encoder.number(k) for k in index)
                if name == self.program.inputs[0].name and len(index) == self.counts.depth:
                    return self.counts.read(*places)
                if name not in self.lines or len(index) != 1:
                    raise NotEncoded(f"a read of {name}")
                return self._at(self.lines[name], places[0], encoder)
            case Inside(_, index):
                return self.counts.within(*(encoder.number(k) for k in index))
            case Sum(names, points, body):
                terms = [
                    encoder.with_names(
                        {n: z3.IntVal(k) for n, k in zip(names, point, strict=True)}
                    ).number(body)
                    for point in points
                ]
                return added(z3.IntVal(0), *terms)
            case Total():
                return self._total(expr, encoder)
            case First():
                return self._first(expr, encoder)
            case Listed():
                raise NotEncoded("a list of its own length")
            case _:
                assert_never(expr)

    def _at(self, line: LineTerms, place: Term, encoder: Encoder) -> Term:
        encoder.need(z3.And(place >= 0, place < line.length))
        return line.at(place)

    def _range(self, expr: Total | First, encoder: Encoder) -> tuple[int, Term, Term, Encoder]:
        """The axis of a range, its variable, that it lies inside, and the scope of its body."""
        start, stop = encoder.number(expr.start), encoder.number(expr.stop)
        axis = self._axis(expr, start, stop)
        size = self.counts.sizes[axis]
        encoder.need(z3.Or(start >= stop, z3.And(start >= 0, stop <= size)))
        place = self.counts.running(axis)
        inside = z3.And(place >= start, place < stop, place >= 0, place < size)
        return axis, place, inside, encoder.with_names({expr.name: place}).under(inside)

    def _axis(self, expr: Total | First, start: Term, stop: Term) -> int:
        """The axis that a range runs along; that it does is an obligation."""
        if self.counts.depth == 1:
            return 0
        for bound in (expr.stop, expr.start):
            for node in walk(bound):
                if isinstance(node, Size):
                    return node.axis
        for name in names_in((stop, start)):
            axis = self.counts.axis_of(name)
            if axis is not None:
                return axis
        raise NotEncoded("a range along no axis")

    def _total(self, expr: Total, encoder: Encoder) -> Term:
        axis, place, inside, inner = self._range(expr, encoder)
        bounds = None
        match expr.body:
            case Call("int", (truth,)) if is_truth(truth):
                return self.counts.counted(axis, place, z3.And(inside, inner.truth(truth)))
            case Read(name) if name == self.program.inputs[0].name:
                value = inner.number(expr.body)
                if self.counts.is_bits:
                    return self.counts.counted(axis, place, z3.And(inside, value == 1))
                domain = self.counts.domain
                bounds = Integers(min(domain.low, 0), max(domain.high, 0))
            case _:
                value = inner.term(expr.body)
                if z3.is_bool(value):
                    return self.counts.counted(axis, place, z3.And(inside, value))
        return self.counts.total(axis, place, inside, value, bounds)

    def _first(self, expr: First, encoder: Encoder) -> Term:
        axis, place, inside, inner = self._range(expr, encoder)
        condition = z3.And(inside, inner.truth(expr.condition))

        def value(position: Term) -> Term:
            met = z3.substitute(condition, (place, position))  # nothing is given elsewhere
            return encoder.with_names({expr.name: position}).under(met).number(expr.value)

        return self._search(axis, place, condition, value, encoder)

    def _search(
        self,
        axis: int,
        place: Term,
        condition: Term,
        value: Callable[[Term], Term],
        encoder: Encoder,
    ) -> Term:
        """The value at the first place of a condition, of which there has to be one."""

        def met(at: Term) -> Term:
            return z3.substitute(condition, (place, at))

        there = self.counts.count(axis, met) >= 1
        for name in names_in((there, *encoder.guards)):
            if self.counts.axis_of(name) is not None:
                raise NotEncoded("a search inside a sum")
        self.answered.append(z3.Implies(z3.And(*encoder.guards), there))
        return value(self.counts.first(axis, met))

    # Operations of whole lists

    def is_line(self, expr: Expr) -> bool:
        """Whether the value of an expression is a list."""
        match expr:
            case Var(name):
                return name in self.lines
            case Call("sorted" | "reversed" | "prefix", _):
                return True
            case Call(op) if op in QUICK:
                return op not in ("below", "up_to")
            case Call("item", (Var(name), _)):
                return self.counts.depth == 2 and name == self.program.inputs[0].name
            case _:
                return False

    def line(self, expr: Expr, encoder: Encoder) -> LineTerms:
        """The list that an expression gives."""
        match expr:
            case Var(name) if name in self.lines:
                return self.lines[name]
            case Call("item", (Var(name), index)) if self.is_line(expr):
                row, array = encoder.number(index), self.counts.array
                encoder.need(z3.And(row >= 0, row < self.counts.sizes[0]))
                return LineTerms(1, self.counts.sizes[1], lambda k: array(row, k))
            case Call("reversed", (inner,)):
                return backwards(self.line(inner, encoder))
            case Call("prefix", (inner, count)):
                line, length = self.line(inner, encoder), encoder.number(count)
                encoder.need(length >= 0)  # Python would count a negative one from the end
                length = z3.If(length < line.length, length, line.length)
                return LineTerms(line.axis, length, line.at)
            case Call("sorted", (inner,)):
                return self.lists.ordered(self.line(inner, encoder))
            case Call(op, (inner,)) if op in QUICK:
                return self.lists.quick(op, self.line(inner, encoder))
            case _:
                raise NotEncoded("a list of another kind")

    def array(self, expr: Call, encoder: Encoder) -> Term:
        """Operations of whole lists that give a number or a truth."""
        match expr:
            case Call("maximum" | "minimum", (inner,)):
                line = self.line(inner, encoder)
                encoder.need(line.length >= 1)
                return self.lists.extreme(line, expr.op == "maximum")
            case Call("count", (inner, value)):
                line, wanted = self.line(inner, encoder), encoder.number(value)
                return self.lists.many(line, lambda j: line.at(j) == wanted)
            case Call("distinct", (inner,)):
                return self.lists.distinct(self.line(inner, encoder))
            case Call("below" | "up_to" as op, (inner, value)):
                line, wanted = self.line(inner, encoder), encoder.number(value)
                line = line.sorted_of or line  # as many are smaller in any order
                if op == "below":
                    return self.lists.many(line, lambda j: line.at(j) < wanted)
                return self.lists.many(line, lambda j: line.at(j) <= wanted)
            case Call("position", (inner, value)):
                line, wanted = self.line(inner, encoder), encoder.number(value)
                place = self.counts.running(line.axis)
                inside = z3.And(place >= 0, place < line.length)
                met = z3.And(inside, line.at(place) == wanted)
                return self._search(line.axis, place, met, lambda position: position, encoder)
            case Call("item", (Var(name), Read(own, (index,)) as value)) if name in self.tallies:
                if self.tallies[name] != own:
                    raise NotEncoded("how often a number of another list occurs")
                place = encoder.number(index)  # what stands there occurs, so that there is an entry
                encoder.need(z3.And(place >= 0, place < self.lines[name].length))
                return self.lines[name].at(encoder.number(value))
            case Call("item", (inner, index)):
                return self._at(self.line(inner, encoder), encoder.number(index), encoder)
            case Call("same" | "differ" as op, (left, right)):
                one, other = self.line(left, encoder), self.line(right, encoder)
                equal = self.lists.same(one, other)
                return equal if op == "same" else z3.Not(equal)
            case _:
                raise NotEncoded(f"the operation {expr.op}")
