"""Dense networks: program ≡ network at each size for which there is one.

A dense network has no structure to argue from, so each size is settled for itself: the program is
written out at that size, every loop in full, the network from its weights, both over the sums of
rows and columns of :mod:`slices`. Where these alone do not settle it, the cells are brought in; an
input that then seems to refute is run. Taken for granted: expressions mean what :mod:`encode` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Literal

import numpy as np
import z3

from ...ir.evaluate import evaluate
from ...ir.expr import Call, Const, Expr, First, Inside, Listed, Read, Size, Sum, Total, Var
from ...ir.program import Fill, Let, Map, Program, Scan
from ...verify.proof.encode import Encoder, Node, NotEncoded, Term, added, table_term
from ...verify.proof.session import BUDGET, Proof, Session
from ...verify.proof.slices import Slices
from ...verify.proof.threshold import Sums, activate, fire, first_largest
from ...verify.proof.words import WRITTEN_OUT
from .network import DenseLayer, DenseNetwork
from .sized import SizedNetwork

Place = tuple[int, ...]

_MOST_WEIGHTS = 2**21
_MOST_TERMS = 2**17  # of sums that are written out


def prove_dense(
    program: Program, network: SizedNetwork | Sequence[DenseNetwork], budget: int = BUDGET
) -> Proof:
    """Program ≡ network at each of the network's sizes, by z3; dense networks are of one size."""
    states: tuple[int, ...] | None = None
    if isinstance(network, SizedNetwork):
        networks, states = network.networks, network.states
    else:
        networks = tuple(network)
    shapes = tuple(one.shape for one in networks)
    argument = "equal for all sums of rows and columns, with every loop written out"
    session = Session(budget)
    for one in networks:
        wrong, reason = _settle(program, one, states, session)
        recorded = session.recorded(WRITTEN_OUT)
        if wrong is not None:
            return Proof("refuted", argument, session.effort, wrong, "", shapes, recorded)
        if reason:
            return Proof("unknown", argument, session.effort, reason=reason, sizes=shapes)
    recorded = session.recorded(WRITTEN_OUT)
    return Proof("proved", argument, session.effort, sizes=shapes, obligations=recorded)


def _settle(
    program: Program, network: DenseNetwork, states: Sequence[int] | None, session: Session
) -> tuple[dict[str, int] | None, str]:
    """An input where the sides differ, or the reason why nothing is settled; else they agree."""
    (port,) = program.inputs if len(program.inputs) == 1 else (None,)
    if port is None or port.domain != network.domain or len(port.axes) != len(network.shape):
        raise NotEncoded("a program with other inputs than its network")
    if any(axis.size not in (None, n) for axis, n in zip(port.axes, network.shape, strict=True)):
        raise NotEncoded("a program of another size than its network")
    if sum(layer.weights.size for layer in network.layers) > _MOST_WEIGHTS:
        return None, f"the network has more than {_MOST_WEIGHTS:,} weights"
    slices = Slices(port.name, network.shape, network.domain)
    unrolled = _Unrolled(program, slices)
    ours = unrolled.value()
    theirs = _network_value(network, states, slices)
    count = len(unrolled.needed)
    ours, *rest = slices.rewritten([ours, *unrolled.needed, *unrolled.known])
    goals = [*rest[:count], ours == theirs]
    known = [*rest[count:], *slices.assumptions()]
    before = len(session.asked)
    session.about = f"program and network agree at size {' x '.join(map(str, network.shape))}"
    verdict, _ = session.all_valid(goals, known)
    if verdict == "valid":
        return None, ""
    del session.asked[before:]
    verdict, model = session.all_valid(goals, [*known, *slices.definitions()])
    if verdict == "valid":
        return None, ""
    described = " x ".join(map(str, network.shape))
    if verdict == "unknown":
        return None, f"z3 gave up in its budget at size {described}"
    case = {str(cell): model.eval(cell, model_completion=True).as_long() for cell in slices.cells}
    array = np.array(list(case.values())).reshape(network.shape)
    answer = int(network.run(array[None].astype(float))[0])
    expected = answer if states is None else states[answer]
    try:
        actual = evaluate(program, {port.name: array.tolist()})
    except (ArithmeticError, LookupError, ValueError):
        actual = None
    return (case, "") if actual != expected else (None, f"not settled at size {described}")


def _network_value(network: DenseNetwork, states: Sequence[int] | None, slices: Slices) -> Term:
    first, *later = network.layers
    kinds = [layer.activation for layer in network.layers]
    if kinds[-1] != "argmax" or any(kind not in ("sign", "step") for kind in kinds[:-1]):
        raise NotEncoded(f"layers of {', '.join(kinds)} units")
    domain = network.domain
    reach = max(1, abs(domain.low), abs(domain.high))
    sums = Sums.exact(first.weights, first.bias, reach)
    rows = zip(sums.weights, sums.bias, strict=True)
    totals = [slices.term(np.array(row, dtype=np.int64), bias) for row, bias in rows]
    values = activate(totals, _kind(first))
    for layer in later:
        values = fire(layer.weights, layer.bias, _kind(layer), values, 1)
    return values[0] if states is None else table_term(states, values[0])


def _kind(layer: DenseLayer) -> Literal["step", "sign", "argmax"]:
    match layer.activation:
        case "step" | "sign" | "argmax" as kind:
            return kind
        case other:
            raise NotEncoded(f"a {other} layer")


class _Unrolled:
    """A program at one size, every statement and loop written out over the cells."""

    def __init__(self, program: Program, slices: Slices) -> None:
        (self.port,) = program.inputs
        self.program, self.slices = program, slices
        self.names: dict[str, Term] = {}
        self.arrays: dict[str, dict[Place, Term]] = {}
        self.needed: list[Term] = []
        self.known: list[Term] = []
        self.terms = 0
        for table in program.tables:
            self.arrays[table.name] = _table(table.values, ())

    def encoder(self, names: Mapping[str, Term]) -> Encoder:
        return Encoder({**self.names, **names}, self.node, self.array, self.needed)

    def bind(self, name: str) -> None:
        if name in self.names or name in self.arrays or name == self.port.name:
            raise NotEncoded(f"two meanings of {name}")

    def value(self) -> Term:
        for statement in self.program.body:
            self.bind(statement.name)
            match statement:
                case Let(name, value):
                    self.names[name] = self.encoder({}).number(value)
                case Fill():
                    self.arrays[statement.name] = self.fill(statement)
                case Map() | Scan():
                    raise NotEncoded(f"{type(statement).__name__} {statement.name}")
        if self.program.output.axes or self.program.output.name not in self.names:
            raise NotEncoded("an answer that is no number")
        return self.names[self.program.output.name]

    def fill(self, statement: Fill) -> dict[Place, Term]:
        for name in statement.index:
            self.bind(name)
        sizes = [n if isinstance(n, int) else self.whole(n) for n in statement.sizes]
        points = statement.points
        places: list[Place] = list(product(*map(range, sizes))) if points is None else list(points)
        self.spend(len(places))
        return {
            at if points is None else (k,): self.encoder(
                dict(zip(statement.index, map(z3.IntVal, at), strict=True))
            ).number(statement.value)
            for k, at in enumerate(places)
        }

    def spend(self, terms: int) -> None:
        self.terms += terms
        if self.terms > _MOST_TERMS:
            raise NotEncoded(f"more than {_MOST_TERMS:,} terms")

    def whole(self, expr: Expr, encoder: Encoder | None = None) -> int:
        """The value of an expression that depends on no cell."""
        if isinstance(expr, Const) and isinstance(expr.value, int):
            return expr.value
        value = (encoder or self.encoder({})).number(expr)
        value = value if z3.is_int_value(value) else z3.simplify(value)
        if not z3.is_int_value(value):
            raise NotEncoded("an index that depends on the cells")
        return int(value.as_long())

    def node(self, expr: Node, encoder: Encoder) -> Term:
        match expr:
            case Read(name, index):
                return self.element(name, tuple(self.whole(k, encoder) for k in index))
            case Inside(name, index) if name == self.port.name:
                place = self.place(tuple(self.whole(k, encoder) for k in index))
                return z3.IntVal(int(place is not None))
            case Size(name, axis) if name == self.port.name:
                return z3.IntVal(self.slices.shape[axis])
            case Sum(names, points, body):
                return self.sum(names, points, body, encoder)
            case Total(name, start, stop, body):
                span = range(self.whole(start, encoder), self.whole(stop, encoder))
                return self.sum((name,), [(k,) for k in span], body, encoder)
            case First() | Inside() | Size() | Listed():
                raise NotEncoded(type(expr).__name__)

    def sum(
        self, names: tuple[str, ...], points: Sequence[Place], body: Expr, encoder: Encoder
    ) -> Term:
        for name in names:
            self.bind(name)
            if name in encoder.names:
                raise NotEncoded(f"two meanings of {name}")
        self.spend(len(points))
        scopes = [dict(zip(names, map(z3.IntVal, point), strict=True)) for point in points]
        return added(z3.IntVal(0), *(encoder.with_names(s).number(body) for s in scopes))

    def place(self, index: Place) -> Place | None:
        coordinates = []
        for axis, n, k in zip(self.port.axes, self.slices.shape, index, strict=True):
            if not axis.wrap and not 0 <= k < n:
                return None
            coordinates.append(k % n)
        return tuple(coordinates)

    def element(self, name: str, index: Place) -> Term:
        if name == self.port.name:
            place = self.place(index)
            if place is None:
                return z3.IntVal(0)
            return self.slices.cells[int(np.ravel_multi_index(place, self.slices.shape))]
        if name not in self.arrays or index not in self.arrays[name]:
            raise NotEncoded(f"{name}{list(index)}")
        return self.arrays[name][index]

    def array(self, expr: Call, encoder: Encoder) -> Term:
        """An operation of a whole list; a largest element is a variable and what defines it."""
        match expr:
            case Call("maximum" | "minimum" | "argmax" as op, (of,)):
                terms = self.listed(of, encoder)
            case _:
                raise NotEncoded(f"the operation {expr.op}")
        if op == "argmax":
            return first_largest(terms)
        extreme = z3.Int(f"extreme {len(self.known)}")
        beyond = [t <= extreme if op == "maximum" else t >= extreme for t in terms]
        self.known += [*beyond, z3.Or(*(t == extreme for t in terms))]
        return extreme

    def listed(self, of: Expr, encoder: Encoder) -> list[Term]:
        match of:
            case Call("list", args):
                terms = [encoder.number(arg) for arg in args]
            case Var(name) if name in self.arrays and all(len(k) == 1 for k in self.arrays[name]):
                terms = list(self.arrays[name].values())
            case _:
                raise NotEncoded("a list")
        if not terms:
            raise NotEncoded("an empty list")
        return terms


def _table(values: Any, at: Place) -> dict[Place, Term]:
    if not isinstance(values, tuple):
        if not isinstance(values, int):
            raise NotEncoded("a table of floats")
        return {at: z3.IntVal(values)}
    return {k: v for i, part in enumerate(values) for k, v in _table(part, (*at, i)).items()}
