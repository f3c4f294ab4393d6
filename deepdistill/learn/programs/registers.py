"""Registers that a loop over a list carries: their updates, from short to long, and their values.

An update reads the element, the register itself and the element before. What came out of a register
is its last value, and what it was at most, at least, and how often it was something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.expr import Call, Const, Expr, If, Var, children, rebuild
from ...ir.names import fresh
from ...ir.program import Let, Scan
from .labelled import IntArray, LabelledLists

X, OWN, LAST = Var("x"), Var("own"), Var("last")
"""The element, the register whose update it is, and the element before it."""

Step: TypeAlias = Callable[[IntArray, IntArray, IntArray], IntArray]
Truths: TypeAlias = NDArray[np.bool_]
_SYMBOLS = 6  # symbols up to which conditions ask for one of them
_KINDS = 8  # of brackets, or steps up and down


@dataclass(frozen=True, slots=True, eq=False)
class CarriedRegister:
    """A register: what it is called, what it is first, its update, and the one that it follows.

    The update names ``x``, ``own``, ``last`` and the register that is updated just before it,
    ``before``. ``key`` is no other's.
    """

    key: str
    word: str
    start: int
    update: Expr
    before: CarriedRegister | None = None

    @property
    def value(self) -> Var:
        """What stands for the register in expressions until the loop is made."""
        return Var(f"register {self.key}")

    @property
    def chain(self) -> tuple[CarriedRegister, ...]:
        """The registers that it follows, the first one first, and itself."""
        return (*(self.before.chain if self.before else ()), self)


def renamed(expr: Expr, names: Mapping[str, Expr]) -> Expr:
    """The expression with others in place of variables."""
    if isinstance(expr, Var):
        return names.get(expr.name, expr)
    return rebuild(expr, tuple(renamed(part, names) for part in children(expr)))


def in_order(registers: Iterable[CarriedRegister]) -> list[CarriedRegister]:
    """The registers and all that they follow, each once and after those, by their keys."""
    chains = sorted((one.chain for one in registers), key=lambda chain: [r.key for r in chain])
    return list(dict.fromkeys(one for chain in chains for one in chain))


def as_loop(
    data: LabelledLists, registers: Iterable[CarriedRegister], over: str = ""
) -> tuple[Scan, dict[str, Expr]]:
    """One loop that carries the registers, and the variables by the registers' names."""
    order = in_order(registers)
    element = data.element
    taken = [element, *{data.port.name, data.problem.output.name, data.problem.name, over}]
    names: dict[str, Expr] = {}
    for register in order:
        taken.append(fresh(register.word, taken))
        names[register.value.name] = Var(taken[-1])
    last = fresh("last", taken)
    body, state = [], []
    for register in order:
        own = names[register.value.name]
        assert isinstance(own, Var)
        known: dict[str, Expr] = {"x": Var(element), "own": own, "last": Var(last)}
        if register.before:
            known["before"] = names[register.before.value.name]
        body.append(Let(own.name, renamed(register.update, known)))
        state.append(Let(own.name, Const(register.start)))
    if any(map(reads_last, order)):
        state.append(Let(last, Const(data.port.domain.low - 1)))
        body.append(Let(last, Var(element)))
    steps = fresh("steps", [*taken, last])
    loop = Scan(steps, over or data.port.name, (element,), tuple(state), tuple(body), ())
    return loop, names


def reads_last(register: CarriedRegister) -> bool:
    """Whether an update asks for the element before."""
    return LAST in _leaves(register.update)


def _leaves(expr: Expr) -> list[Expr]:
    inner = children(expr)
    return [leaf for part in inner for leaf in _leaves(part)] if inner else [expr]


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A register and its values after each step, (steps, lists); a list that is over keeps it."""

    register: CarriedRegister
    at: IntArray

    @property
    def final(self) -> IntArray:
        final: IntArray = self.at[-1]
        return final


@dataclass(frozen=True, slots=True, eq=False)
class _Action:
    expr: Expr
    done: Step


_UP, _DOWN = Call("add", (OWN, Const(1))), Call("sub", (OWN, Const(1)))
_KEEP = _Action(OWN, lambda r, x, last: r)
_RISE = _Action(_UP, lambda r, x, last: r + 1)
_FALL = _Action(_DOWN, lambda r, x, last: r - 1)
_ZERO = _Action(Const(0), lambda r, x, last: np.zeros_like(r))
_ONE = _Action(Const(1), lambda r, x, last: np.ones_like(r))
_TURN = _Action(Call("sub", (Const(1), OWN)), lambda r, x, last: 1 - r)
_SINK = _Action(Call("max", (_DOWN, Const(0))), lambda r, x, last: np.maximum(r - 1, 0))
_TAKE = _Action(X, lambda r, x, last: x)
_ACTIONS = (_KEEP, _RISE, _FALL, _ZERO, _ONE, _TURN, _SINK, _TAKE)
_ALONE = (
    _Action(Call("add", (OWN, X)), lambda r, x, last: r + x),
    _Action(Call("sub", (X, OWN)), lambda r, x, last: x - r),
    _Action(Call("max", (OWN, X)), lambda r, x, last: np.maximum(r, x)),
    _Action(Call("abs", (Call("sub", (OWN, X)),)), lambda r, x, last: np.abs(r - x)),
    _Action(
        Call("max", (Call("add", (OWN, X)), Const(0))), lambda r, x, last: np.maximum(r + x, 0)
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Condition:
    expr: Expr
    holds: Callable[[IntArray, IntArray], Truths]


def _conditions(data: LabelledLists) -> list[_Condition]:
    """Questions about an element and the one before it."""
    questions = [
        _Condition(Call("eq", (X, LAST)), lambda x, last: x == last),
        _Condition(Call("gt", (X, LAST)), lambda x, last: x > last),
        _Condition(Call("lt", (X, LAST)), lambda x, last: x < last),
    ]
    symbols = data.symbols
    if len(symbols) <= _SYMBOLS:
        for value in symbols:
            questions.append(_equal(value))
    elif not data.port.is_text:
        odd = Call("eq", (Call("mod", (X, Const(2))), Const(1)))
        questions.append(_Condition(odd, lambda x, last: x % 2 == 1))
        if data.port.domain.low < 0:
            questions.append(_Condition(Call("gt", (X, Const(0))), lambda x, last: x > 0))
    return questions


def _equal(value: int) -> _Condition:
    return _Condition(Call("eq", (X, Const(value))), lambda x, last: x == value)


def _word(condition: _Condition, then: _Action, otherwise: _Action) -> str:
    """What a register is, in a word."""
    if _ZERO in (then, otherwise) or _ONE in (then, otherwise):
        return "run" if _RISE in (then, otherwise) else "state"
    if {then, otherwise} == {_RISE, _FALL}:
        return "depth"
    if {then, otherwise} == {_RISE, _KEEP}:
        return "count"
    return "state" if _TURN in (then, otherwise) else "level"


def _updates(data: LabelledLists) -> Iterator[tuple[str, Expr, Step]]:
    """Names, updates and what these do."""
    if not data.port.is_text:
        for action in _ALONE:
            yield "value", action.expr, action.done
    conditions = _conditions(data)
    for condition in conditions:
        for then in _ACTIONS:
            for otherwise in _ACTIONS:
                pair = {then, otherwise}
                if then is otherwise or pair <= {_KEEP, _ZERO} or pair <= {_ZERO, _ONE}:
                    continue
                if data.port.is_text and _TAKE in pair and pair != {_TAKE, _KEEP}:
                    continue
                expr = If(condition.expr, then.expr, otherwise.expr)
                yield _word(condition, then, otherwise), expr, _choice(condition, then, otherwise)
    if 3 <= len(data.symbols) <= _KINDS:
        for up in data.symbols:
            for down in data.symbols:
                for low, high, rest in _THREE:
                    if up != down:
                        first, second = _equal(up), _equal(down)
                        inner = If(second.expr, high.expr, rest.expr)
                        done = _choice(first, low, _Action(inner, _choice(second, high, rest)))
                        word = "depth" if high is _FALL else "run"
                        yield word, If(first.expr, low.expr, inner), done


_THREE = (
    (_RISE, _FALL, _KEEP),
    (_RISE, _SINK, _KEEP),
    (_RISE, _ZERO, _KEEP),
    (_RISE, _KEEP, _ZERO),
)


def _choice(condition: _Condition, then: _Action, otherwise: _Action) -> Step:
    def done(r: IntArray, x: IntArray, last: IntArray) -> IntArray:
        taken = condition.holds(x, last)
        return np.where(taken, then.done(r, x, last), otherwise.done(r, x, last))

    return done


def traces(data: LabelledLists) -> Iterator[Trace]:
    """The registers of short updates that start at 0 or 1, with their values."""
    steps = data.padded.T
    low = data.port.domain.low - 1
    lasts = np.vstack([np.full((1, len(data.lists)), low), steps[:-1]])
    going = np.arange(len(steps))[:, None] < data.lengths
    count = 0
    for word, expr, step in _updates(data):
        for start in (0, 1):
            state = np.full(len(data.lists), start, dtype=np.int64)
            at = [state]
            for x, last, goes in zip(steps, lasts, going, strict=True):
                state = np.where(goes, step(state, x, last), state)
                at.append(state)
            yield Trace(CarriedRegister(f"{count:05}", word, start, expr), np.stack(at))
            count += 1


BEFORE = Var("before")
"""The register that a tracker follows."""

_TRACKED = {"run most": "longest", "depth least": "lowest", "depth most": "highest"}


def trackers(data: LabelledLists, trace: Trace) -> Iterator[Trace]:
    """What the values of a register were at most, at least, and how often they were something."""
    register = trace.register
    for op, word, extreme in (("max", "most", np.maximum), ("min", "least", np.minimum)):
        update = Call(op, (OWN, BEFORE))
        reached = extreme.accumulate(trace.at, axis=0)
        name = _TRACKED.get(f"{register.word} {word}", word)
        key = f"{register.key} {word}"
        yield Trace(CarriedRegister(key, name, register.start, update, register), reached)
    going = np.arange(len(trace.at) - 1)[:, None] < data.lengths
    for value in (0, 1, 2):
        reached = np.vstack([np.zeros_like(trace.at[:1]), (trace.at[1:] == value) & going])
        counted = If(Call("eq", (BEFORE, Const(value))), _UP, OWN)
        key = f"{register.key} {value}"
        yield Trace(CarriedRegister(key, "count", 0, counted, register), reached.cumsum(axis=0))
