"""Grids that become grids: both sides are one local rule, so agreement on its field is enough.

The argument is told in :data:`deepdistill.verify.proof.words.LOCAL`. Conversely each assignment
occurs on a grid that is large enough, so that one where the sides differ refutes. Taken for
granted: all grid ports have the shape of the first (both definitions ask for it), and expressions
mean what :mod:`encode` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import z3

from ...ir.expr import Call, Expr, Inside, Read, Size, Sum, Var
from ...ir.program import ConstantTable, Fill, Let, Map, Program, Scan
from ...ir.types import Port
from ...verify.proof.encode import Encoder, Node, NotEncoded, Term, Z3Logic, added, as_number
from ...verify.proof.exhaust import MOST, assignments, counterexample
from ...verify.proof.session import BUDGET, Proof, Session
from ...verify.proof.smt import Obligation, Obligations
from ...verify.proof.threshold import fire
from ...verify.proof.words import LOCAL, PATTERNS
from .network import GridNetwork
from .receptive import Offset, ReceptiveField, case_of, described, of_model

_MOST_ELEMENTS = 4096  # of a constant array or sum that are written out one by one


def prove_grid(program: Program, network: GridNetwork, budget: int = BUDGET) -> Proof:
    """Program ≡ network on all grids of all sizes, by z3 over the receptive field."""
    if program.inputs != network.inputs:
        raise NotEncoded("a program with other inputs than its network")
    grids = [port.axes for port in program.inputs if not port.is_fixed]
    if not grids or any(
        len(axes) != len(grids[0]) or any(axis.kind != "grid" for axis in axes) for axes in grids
    ):
        raise NotEncoded("inputs that are not grids of one shape")
    ports = {port.name: port for port in program.inputs}
    seen = ReceptiveField(ports)
    for port in program.inputs:
        if port.is_fixed:
            for place in product(*map(range, _sizes(port))):
                seen.value(port.name, place)
    theirs = _network_value(network, seen)
    ours, needed = _program_value(program, seen)
    session = Session(budget)
    known = seen.assumptions()
    argument = f"equal for all values of the receptive field, {described(seen)}"
    argument += ", and at all borders" if seen.flags else ""
    session.about = "every operation of the program has a value"
    verdict, _ = session.all_valid(needed, known)
    if verdict == "invalid":
        return Proof("unknown", argument, session.effort, reason="the program may have no value")
    session.about = "program and network give the same"
    if verdict == "valid":
        verdict, model = session.valid(ours == theirs, known)
    recorded = session.recorded(LOCAL)
    match verdict:
        case "valid":
            return Proof("proved", argument, session.effort, obligations=recorded)
        case "invalid":
            case = case_of(seen, of_model(model))
            return Proof("refuted", argument, session.effort, case, obligations=recorded)
        case "unknown":
            reason = "z3 gave up in its budget"
            return _tried([*needed, ours == theirs], known, seen) or Proof(
                "unknown", argument, session.effort, reason=reason
            )


def _tried(goals: Sequence[Term], known: Sequence[Term], seen: ReceptiveField) -> Proof | None:
    """The same settled by trying all patterns, where they are few."""
    variables = [(flag, 0, 1) for flag in seen.flags.values()]
    for (port, _), term in seen.values.items():
        domain = seen.ports[port].domain
        variables.append((term, domain.low, domain.high))
    count = assignments(variables)
    if count > MOST:
        return None
    case = counterexample(goals, known, variables)
    argument = f"equal on all {count:,} patterns of the receptive field, {described(seen)}"
    argument += " and what lies inside" if seen.flags else ""
    if case is None:
        tried = tuple(Obligation(PATTERNS, (*known, z3.Not(goal))) for goal in goals)
        return Proof("proved", argument, obligations=lambda: Obligations(LOCAL, tried))
    values = case
    return Proof("refuted", argument, counterexample=case_of(seen, lambda term: values[str(term)]))


def _sizes(port: Port) -> tuple[int, ...]:
    sizes = tuple(axis.size for axis in port.axes if axis.size is not None)
    if len(sizes) < len(port.axes):
        raise NotEncoded(f"{port.name}, whose size is not known")
    return sizes


# The network, from its own definition


def _network_value(network: GridNetwork, seen: ReceptiveField) -> Term:
    if refusal := network.refusal():
        raise NotEncoded(refusal)
    terms = GridTerms(seen)
    values: list[Term] = [tap.term(terms) for tap in network.taps]
    ends = [end for port in network.inputs for end in (port.domain.low, port.domain.high)]
    reach = max(1, *map(abs, ends))
    for group in network.groups:
        values = fire(group.weights, group.bias, group.activation, values, reach)
        reach = len(group.bias)
    place = as_number(values[0])
    result: Term = z3.IntVal(network.states[-1])
    for k, state in enumerate(network.states[:-1]):
        result = z3.If(place == k, z3.IntVal(state), result)
    return result


@dataclass(frozen=True, slots=True)
class GridTerms(Z3Logic):
    """What stands around a position, as the variables of its receptive field."""

    seen: ReceptiveField

    def element(self, name: str, offset: Offset) -> Term:
        return self.seen.value(name, offset)

    def inside(self, name: str, offset: Offset) -> Term:
        self.seen.value(name, offset)  # belongs to the field, whatever is asked of it
        fixed = self.seen.ports[name].is_fixed
        return z3.BoolVal(True) if fixed else self.seen.inside(name, offset)


# The program


def _program_value(program: Program, seen: ReceptiveField) -> tuple[Term, list[Term]]:
    """The value at a position, and what has to hold for it to have one."""
    scope = _Scope(program, seen)
    needed: list[Term] = []
    for statement in program.body:
        encoder = Encoder(scope.names, _Cell(scope).node, None, needed)
        scope.bind(statement.name)
        match statement:
            case Let(name, value):
                scope.names[name] = encoder.term(value)
            case Fill():
                _define(statement, scope, encoder)
            case Map() if statement.name == program.output.name and statement is program.body[-1]:
                return _map_value(statement, scope, needed), needed
            case Map() | Scan():
                raise NotEncoded(f"{type(statement).__name__} {statement.name}")
    raise NotEncoded("an output that is not of the size of the input")


class _Scope:
    """What a program has bound so far. Each name has one meaning, others are not followed."""

    def __init__(self, program: Program, seen: ReceptiveField) -> None:
        self.seen = seen
        self.ports = seen.ports
        self.names: dict[str, Term] = {}
        self.elements: dict[str, dict[Offset, Term]] = {}
        self.fills: dict[str, Fill] = {}
        self.taken: set[str] = set()
        for port in program.inputs:
            self.bind(port.name)
            if port.is_fixed:
                places = product(*map(range, _sizes(port)))
                self.elements[port.name] = {at: seen.value(port.name, at) for at in places}
        for table in program.tables:
            self.bind(table.name)
            self.elements[table.name] = dict(_table_elements(table))

    def bind(self, name: str) -> None:
        if name in self.taken:
            raise NotEncoded(f"two meanings of {name}")
        self.taken.add(name)

    def is_grid(self, name: str) -> bool:
        port = self.ports.get(name)
        return port is not None and all(axis.kind == "grid" for axis in port.axes)

    @property
    def dimensions(self) -> int:
        return len(next(port.axes for port in self.ports.values() if not port.is_fixed))


def _table_elements(table: ConstantTable) -> list[tuple[Offset, Term]]:
    parts: list[tuple[Offset, Any]] = [((), table.values)]
    for _ in table.sizes:
        parts = [((*at, k), inner) for at, part in parts for k, inner in enumerate(part)]
    if not all(isinstance(value, int) for _, value in parts):
        raise NotEncoded(f"the table {table.name}")
    return [(at, z3.IntVal(value)) for at, value in parts]


def _map_value(statement: Map, scope: _Scope, needed: list[Term]) -> Term:
    if not scope.is_grid(statement.like) or len(statement.index) != scope.dimensions:
        raise NotEncoded(f"an output as large as {statement.like}")
    for name in statement.index:
        scope.bind(name)
    cell = _Cell(scope, {name: (d, 0) for d, name in enumerate(statement.index)})
    encoder = Encoder(scope.names, cell.node, None, needed)
    for let in statement.body:
        value = encoder.term(let.value)
        scope.bind(let.name)
        scope.names[let.name] = value
    return encoder.number(statement.value)


def _define(statement: Fill, scope: _Scope, encoder: Encoder) -> None:
    """An array of constant size, element by element, or one as large as the grid."""
    for name in statement.index:
        scope.bind(name)
    points = statement.points
    constant = [size for size in statement.sizes if isinstance(size, int)]
    if points is None and len(constant) == len(statement.sizes):
        points = tuple(product(*map(range, constant)))
    if points is not None:
        if len(points) > _MOST_ELEMENTS:
            raise NotEncoded(f"{len(points)} elements of {statement.name}")
        scope.elements[statement.name] = {
            (k,) if statement.points is not None else at: encoder.with_names(
                dict(zip(statement.index, map(z3.IntVal, at), strict=True))
            ).number(statement.value)
            for k, at in enumerate(points)
        }
        return
    for d, size in enumerate(statement.sizes):
        if not (isinstance(size, Size) and scope.is_grid(size.port) and size.axis == d):
            raise NotEncoded(f"the size of {statement.name}")
    if len(statement.sizes) != scope.dimensions:
        raise NotEncoded(f"the size of {statement.name}")
    _element(statement, (0,) * scope.dimensions, scope, encoder)  # all are computed, read or not
    scope.fills[statement.name] = statement


def _element(statement: Fill, offset: Offset, scope: _Scope, encoder: Encoder) -> Term:
    """The element of a grid-sized array at an offset from the position."""
    axes = {name: (d, k) for d, (name, k) in enumerate(zip(statement.index, offset, strict=True))}
    inner = Encoder(scope.names, _Cell(scope, axes).node, None, encoder.obligations, encoder.guards)
    return inner.number(statement.value)


@dataclass(frozen=True, slots=True)
class _Cell:
    """Reads around a position: ``axes`` says which name is which axis, and shifted by how much."""

    scope: _Scope
    axes: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def node(self, expr: Node, encoder: Encoder) -> Term:
        scope = self.scope
        match expr:
            case Read(name, index) if scope.is_grid(name):
                offset = self.offset(index, encoder)
                inside = scope.seen.inside(name, offset)
                return z3.If(inside, scope.seen.value(name, offset), z3.IntVal(0))
            case Read(name, index) if name in scope.fills:
                offset = self.offset(index, encoder)
                within = [scope.seen.flag(d, k) for d, k in enumerate(offset)]
                encoder.need(z3.And(*within))
                return _element(scope.fills[name], offset, scope, encoder.under(*within))
            case Read(name, index) if name in scope.elements:
                return self.element(name, index, encoder)
            case Inside(name, index) if scope.is_grid(name):
                return as_number(scope.seen.inside(name, self.offset(index, encoder)))
            case Inside(name, index) if name in scope.ports and scope.ports[name].is_fixed:
                places = [encoder.number(k) for k in index]
                sizes = _sizes(scope.ports[name])
                return z3.And(*(z3.And(k >= 0, k < n) for k, n in zip(places, sizes, strict=True)))
            case Sum(names, points, body):
                if len(points) > _MOST_ELEMENTS:
                    raise NotEncoded(f"a sum of {len(points)} terms")
                if not scope.taken.union(encoder.names).isdisjoint(names):
                    raise NotEncoded(f"two meanings of {', '.join(names)}")
                at = [dict(zip(names, map(z3.IntVal, point), strict=True)) for point in points]
                return added(z3.IntVal(0), *(encoder.with_names(p).number(body) for p in at))
            case _:
                raise NotEncoded(f"{type(expr).__name__} in a local rule")

    def element(self, name: str, index: Sequence[Expr], encoder: Encoder) -> Term:
        """An element of an array of constant size; 0 outside a port, nothing outside others."""
        elements = self.scope.elements[name]
        places = [encoder.number(k) for k in index]
        if any(len(at) != len(places) for at in elements):
            raise NotEncoded(f"a part of {name}")
        result: Term = z3.IntVal(0)
        matches = []
        for at, value in elements.items():
            here = z3.And(*(place == k for place, k in zip(places, at, strict=True)))
            matches.append(here)
            result = z3.If(here, value, result)
        if name not in self.scope.ports:
            encoder.need(z3.Or(*matches))
        return result

    def offset(self, index: Sequence[Expr], encoder: Encoder) -> Offset:
        """The constants c where the indices are, in the axes' order, ``axis + c``."""
        shifts = [self.linear(k, encoder) for k in index]
        if [axis for axis, _ in shifts] != list(range(self.scope.dimensions)):
            raise NotEncoded("an index that is not the position plus a constant")
        return tuple(k for _, k in shifts)

    def linear(self, expr: Expr, encoder: Encoder) -> tuple[int | None, int]:
        """``(axis, c)`` where an index is ``axis + c``, (None, c) where it is the constant c."""
        match expr:
            case Var(name) if name in self.axes:
                return self.axes[name]
            case Call("add", args):
                parts = [self.linear(arg, encoder) for arg in args]
                axes = [axis for axis, _ in parts if axis is not None]
                if len(axes) > 1:
                    raise NotEncoded("an index that adds positions")
                return (axes[0] if axes else None), sum(k for _, k in parts)
            case Call("sub", (left, right)):
                (axis, k), (other, shift) = self.linear(left, encoder), self.linear(right, encoder)
                if other is not None:
                    raise NotEncoded("an index that subtracts a position")
                return axis, k - shift
            case _:
                value = z3.simplify(encoder.number(expr))
                if not z3.is_int_value(value):
                    raise NotEncoded("an index that is not the position plus a constant")
                return None, value.as_long()
