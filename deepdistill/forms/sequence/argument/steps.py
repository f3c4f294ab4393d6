"""One step of a program and of a recurrent network side by side, in terms of z3.

The joint state holds the program's carried variables, the network's registers, the elements before
the current one and how many steps were done. Both sides are encoded from their own definitions: the
program as ``ir.evaluate`` runs it, the network as ``RecurrentNetwork.run_rows`` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

import z3

from ....ir.evaluate import Scope, evaluate_expr
from ....ir.expr import Expr, First, Inside, Listed, Read, Size, Sum, Total, walk
from ....ir.program import Let, Map, Program, Scan
from ....verify.proof.encode import Encoder, Node, NotEncoded, Term, Z3Logic, added
from ..network import RecurrentNetwork

STEPS = "steps done"
"""The variable that counts the steps which were done."""

FARTHEST = 40
"""How many steps back a program may look."""


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """One step of both sides over one shared input.

    ``before`` and ``after`` are the terms of each variable of the joint state, ``initial`` its
    values before the first step. ``given`` says what elements can be. ``goals`` must hold at every
    reachable state: equal answers, and that every operation of the program has a value.
    ``program`` and ``registers`` name the variables of the two sides, ``window`` those that are
    earlier elements: how far back, and of which channel.
    """

    initial: dict[str, int]
    before: dict[str, Term]
    after: dict[str, Term]
    given: tuple[Term, ...]
    goals: tuple[Term, ...]
    program: tuple[str, ...]
    registers: tuple[str, ...]
    window: dict[str, tuple[int, int]]
    domain: tuple[int, int]


@dataclass(slots=True)
class _Window:
    """The current element and, on demand, those before it; 0 before the start."""

    port: str
    channels: int
    domain: tuple[int, int]
    terms: dict[tuple[int, int], Term] = field(default_factory=dict)

    def element(self, steps: int, channel: int) -> Term:
        """The channel that many steps back."""
        if not (0 <= channel < self.channels and 0 <= steps <= FARTHEST):
            raise NotEncoded(f"an element {steps} steps back")
        for s in range(steps + 1):
            self.terms.setdefault((s, channel), z3.Int(self.name(s, channel)))
        return self.terms[steps, channel]

    def name(self, steps: int, channel: int) -> str:
        place = f"{self.port}[t-{steps}]" if steps else f"{self.port}[t]"
        return place if self.channels == 1 else f"{place}[{channel}]"

    @property
    def earlier(self) -> list[tuple[int, int]]:
        return sorted(key for key in self.terms if key[0])

    def given(self) -> list[Term]:
        low, high = self.domain
        here = [self.element(0, c) for c in range(self.channels)]
        return [z3.And(low <= x, x <= high) for x in here]


def paired(program: Program, network: RecurrentNetwork) -> Paired:
    """Both sides; ``NotEncoded`` for programs that are no loop or comprehension over the input."""
    statement = the_statement(program, network)
    if refusal := network.refusal():
        raise NotEncoded(refusal)
    (port,) = network.inputs
    window = _Window(port.name, port.channels, (port.domain.low, port.domain.high))
    steps = z3.Int(STEPS)
    initial = {register_name(k): v for k, v in enumerate(network.initial)} | {STEPS: 0}
    before = {name: z3.Int(name) for name in initial}
    registers = [before[register_name(k)] for k in range(len(network.initial))]
    logic = Z3Logic()
    new, answers = network.step(
        window.element, registers, lambda cell, features: cell.term(logic, features)
    )
    after = {register_name(k): term for k, term in enumerate(new)} | {STEPS: steps + 1}
    lets = tuple(let for let in program.body if isinstance(let, Let))
    if isinstance(statement, Scan):
        side = _scan_side(statement, lets, window)
    else:
        side = _map_side(statement, lets, window, steps)
    if len(side.values) != len(answers):
        raise NotEncoded("another number of answers")
    earlier = {window.name(*key): key for key in window.earlier}
    after |= {name: window.element(s - 1, c) for name, (s, c) in earlier.items()}
    before |= {name: window.element(*key) for name, key in earlier.items()}
    goals = [a == b for a, b in zip(side.values, answers, strict=True)]
    return Paired(
        initial=initial | dict.fromkeys(earlier, 0) | side.initial,
        before=before | side.before,
        after=after | side.after,
        given=tuple(window.given()),
        goals=(*side.obligations, *goals),
        program=tuple(side.initial),
        registers=tuple(map(register_name, range(len(network.initial)))),
        window=earlier,
        domain=window.domain,
    )


def carried_start(program: Program) -> dict[str, int]:
    """The program's carried variables before the first step."""
    *lets, last = program.body
    if not isinstance(last, Scan):
        raise NotEncoded("a program that is no loop")
    return _constants([*(let for let in lets if isinstance(let, Let)), *last.state])


def register_name(index: int) -> str:
    """How a register is called in an invariant; no identifier, so no name of a program."""
    return f"register {index}"


def the_statement(program: Program, network: RecurrentNetwork) -> Scan | Map:
    """The statement that makes the output, only constants before it.

    ``NotEncoded`` for other programs, and where the two sides do not have the same ports.
    """
    if program.inputs != network.inputs or len(program.inputs) != 1:
        raise NotEncoded("other inputs than the network's")
    *lets, last = program.body
    if not all(isinstance(let, Let) for let in lets) or program.tables:
        raise NotEncoded("a program of several statements")
    if not isinstance(last, Scan | Map) or last.name != program.output.name:
        raise NotEncoded("a program that is neither a loop nor a comprehension")
    if (len(network.outputs) == 1) != (len(network.output.axes) == 1):
        raise NotEncoded("an output of one channel that is told as several")
    (port,) = program.inputs
    sizes = [axis.size for axis in port.axes]
    if port.axes[0].kind != "sequence" or len(sizes) > 2 or None in sizes[1:]:
        raise NotEncoded("an input that is no sequence")
    return last


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """The program's part: its carried variables, its answers, and what must hold besides."""

    initial: dict[str, int]
    before: dict[str, Term]
    after: dict[str, Term]
    values: list[Term]
    obligations: list[Term]


def _constants(lets: Sequence[Let]) -> dict[str, int]:
    """Values that depend on no input, by the reference interpreter; later ones see earlier ones."""
    scope = Scope((), {})
    for let in lets:
        if not let.name.isidentifier():
            raise NotEncoded(f"the name {let.name!r}")
        try:
            value = evaluate_expr(let.value, scope)
        except (LookupError, ArithmeticError, TypeError, ValueError) as error:
            raise NotEncoded(f"the start of {let.name}") from error
        if type(value) is not int:
            raise NotEncoded(f"the start of {let.name}")
        scope.names[let.name] = value
    return dict(scope.names)


def _scan_side(scan: Scan, lets: Sequence[Let], window: _Window) -> _Side:
    if len(scan.element) != window.channels or scan.over != window.port:
        raise NotEncoded("a loop over something else")
    initial = _constants([*lets, *scan.state])
    before = {name: z3.Int(name) for name in initial}
    names = dict(before)
    for channel, name in enumerate(scan.element):
        names[name] = window.element(0, channel)
    encoder = Encoder(names, _sums)
    _refuse_hidden([let.value for let in scan.body] + list(scan.values), [*names, *_names(scan)])
    for let in scan.body:
        encoder.names[let.name] = encoder.number(let.value)
    values = [encoder.number(value) for value in scan.values]
    after = {name: encoder.names[name] for name in initial}
    return _Side(initial, before, after, values, encoder.obligations)


def _names(statement: Scan | Map) -> list[str]:
    return [let.name for let in statement.body]


def _map_side(rule: Map, lets: Sequence[Let], window: _Window, place: Term) -> _Side:
    if rule.like != window.port or len(rule.index) != 1 or window.channels != 1:
        raise NotEncoded("a comprehension over something else")
    names: dict[str, Term] = {name: z3.IntVal(v) for name, v in _constants(lets).items()}
    names[rule.index[0]] = place
    if {let.name for let in lets} & {*rule.index, *_names(rule)}:
        raise NotEncoded("a comprehension that assigns a name from before it")
    exprs = [let.value for let in rule.body] + [rule.value]
    _refuse_hidden(exprs, [*names, *_names(rule)])

    def node(expr: Node, encoder: Encoder) -> Term:
        match expr:
            case Read(port, (index,)) if port == window.port:
                steps = _steps_back(encoder.number(index), place)
                return window.element(steps, 0)
            case Total(name, start, stop, body):
                first, end = encoder.number(start), encoder.number(stop)
                depth = _depth(first, end, place)
                encoder.need(z3.Or(end <= first, z3.And(first >= place - depth, end <= place + 1)))
                terms = []
                for s in range(depth, -1, -1):
                    counted = z3.And(first <= place - s, place - s < end)
                    inner = encoder.under(counted).with_names({name: place - s})
                    terms.append(z3.If(counted, inner.number(body), z3.IntVal(0)))
                return added(*terms)
            case _:
                return _sums(expr, encoder)

    encoder = Encoder(names, node)
    for let in rule.body:
        encoder.names[let.name] = encoder.number(let.value)
    return _Side({}, {}, {}, [encoder.number(rule.value)], encoder.obligations)


def _sums(expr: Node, encoder: Encoder) -> Term:
    """Sums over constant points; nothing else of an array has a term here."""
    match expr:
        case Sum(names, points, body):
            terms = [
                encoder.with_names({n: z3.IntVal(v) for n, v in zip(names, point, strict=True)})
                for point in points
            ]
            return added(*(inner.number(body) for inner in terms)) if terms else z3.IntVal(0)
        case Read() | Inside() | Size() | Total() | First() | Listed():
            raise NotEncoded(f"a {type(expr).__name__} in a loop")
        case _:
            assert_never(expr)


def _refuse_hidden(exprs: Sequence[Expr], taken: Sequence[str]) -> None:
    """In the interpreter the names of sums outlive them: none may hide another one."""
    for expr in exprs:
        for inner in walk(expr):
            bound: tuple[str, ...] = ()
            match inner:
                case Sum(names, _, body):
                    bound, parts = names, (body,)
                case Total(name, _, _, body):
                    bound, parts = (name,), (body,)
                case _:
                    continue
            nested = {
                n
                for part in parts
                for deep in walk(part)
                if isinstance(deep, Sum | Total)
                for n in (deep.names if isinstance(deep, Sum) else (deep.name,))
            }
            if set(bound) & ({*taken} | nested):
                raise NotEncoded(f"a sum over the name {bound[0]}")


def _steps_back(index: Term, place: Term) -> int:
    """How far before the current place an index lies, which must be the same everywhere."""
    offset = z3.simplify(place - index)
    if not z3.is_int_value(offset):
        raise NotEncoded("a read at a place that depends on more than the step")
    return int(offset.as_long())


def _depth(first: Term, end: Term, place: Term) -> int:
    """The least number of steps back at which a sum may start, if it is bounded."""
    for depth in range(FARTHEST + 1):
        solver = z3.Solver()
        solver.set("rlimit", 1_000_000)
        solver.add(place >= 0, first < end, first < place - depth)
        if solver.check() == z3.unsat:
            return depth
    raise NotEncoded("a sum that starts too far back")
