"""Lists that a loop carries from step to step: stacks, windows, and what is read from them.

At each step the element is put at the end, the last one is taken away, or the list is emptied, as
a condition says; only so many of the last are kept. The answer is an element at an end or a number
of the whole list. All of these are tried on one step after another, and hardly any outlive a few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from ...data.running import Run
from ...ir.expr import Call, Const, Expr, If, Listed, Var
from ...ir.names import fresh
from ...ir.program import Let, Program
from .step_lists import StepLists

Stack: TypeAlias = tuple[int, ...]
_SYMBOLS = 6  # values of elements up to which each may be asked for
_KEPT = (0, 2, 3, 4, 5, 6, 7, 8)  # how many of the last are kept; 0: all
_LONGEST = 60  # a list that grows beyond is not followed


@dataclass(frozen=True, slots=True, eq=False)
class _ListAction:
    """What is done to a list ``own`` with the element ``x``."""

    applied: Callable[[Expr, Expr], Expr]
    done: Callable[[Stack, int], Stack]


_PUSH = _ListAction(
    lambda own, x: Call("joined", (own, Call("single", (x,)))), lambda s, x: (*s, x)
)
_POP = _ListAction(lambda own, x: Call("prefix", (own, Const(-1))), lambda s, x: s[:-1])
_KEEP = _ListAction(lambda own, x: own, lambda s, x: s)
_EMPTY = Listed(("one",), Const(()), Var("one"))
_CLEAR = _ListAction(lambda own, x: _EMPTY, lambda s, x: ())
_ACTIONS = (_PUSH, _POP, _KEEP, _CLEAR)

_Condition: TypeAlias = tuple[Callable[[Expr, Expr], Expr], Callable[[Stack, int], bool]]


def _conditions(data: StepLists) -> Iterator[_Condition]:
    """Questions about the element and the top of the list."""

    def equal(value: int) -> _Condition:
        return lambda own, x: Call("eq", (x, Const(value))), lambda s, x: x == value

    domain = data.port.domain
    if len(domain) <= _SYMBOLS:
        yield from map(equal, domain.values)
    else:
        yield equal(0)
        yield lambda own, x: Call("gt", (x, Const(0))), lambda s, x: x > 0
        yield (
            lambda own, x: Call("eq", (Call("mod", (x, Const(2))), Const(0))),
            lambda s, x: x % 2 == 0,
        )

    def top(own: Expr, x: Expr) -> Expr:
        return Call("same", (Call("suffix", (own, Const(-1))), Call("single", (x,))))

    yield top, lambda s, x: s[-1:] == (x,)


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """A number that is read from a list that holds something."""

    read: Callable[[Expr], Expr]
    done: Callable[[Stack], int]


def _of(op: str) -> Callable[[Expr], Expr]:
    return lambda own: Call(op, (own,))


_LAST = _Reading(lambda own: Call("item", (own, Const(-1))), lambda s: s[-1])
_FIRST = _Reading(lambda own: Call("item", (own, Const(0))), lambda s: s[0])


def _middle(less: int) -> _Reading:
    """The upper of the middle ones, or with 1 ``less`` the lower one."""

    def middle(own: Expr) -> Expr:
        length: Expr = Call("length", (own,))
        if less:
            length = Call("sub", (length, Const(1)))
        return Call("item", (Call("sorted", (own,)), Call("floordiv", (length, Const(2)))))

    return _Reading(middle, lambda s: sorted(s)[(len(s) - less) // 2])


_READINGS = (
    _LAST,
    _FIRST,
    _Reading(_of("length"), len),
    _Reading(_of("total"), sum),
    _Reading(_of("maximum"), max),
    _Reading(_of("minimum"), min),
    _Reading(_of("distinct"), lambda s: len(set(s))),
    _middle(0),
    _middle(1),
)
_OF_ANY = _READINGS[2:4]  # 0 where there is nothing


def carried_lists(data: StepLists, run: Run) -> Iterator[Program]:
    """Programs that carry a list, those that keep fewest first."""
    pairs = [(pair.inputs[0], pair.output) for pair in data.problem.given]
    always: tuple[_Condition | None, _ListAction, _ListAction] = (None, _PUSH, _PUSH)
    ways = [always]
    for condition in _conditions(data):
        for then, otherwise in product(_ACTIONS, _ACTIONS):
            if then is not otherwise and _PUSH in (then, otherwise):
                ways.append((condition, then, otherwise))
    for way in ways:
        run.check()
        for kept in _KEPT:
            for reading, empty in _readings(way, kept, pairs):
                yield _program(data, way, kept, reading, empty)


_Way: TypeAlias = tuple[_Condition | None, _ListAction, _ListAction]


def _readings(
    way: _Way, kept: int, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]
) -> Iterator[tuple[_Reading, int | None]]:
    """What is read from the list wherever it is right, and the answer where it is empty."""
    condition, then, otherwise = way
    left = list(_READINGS)
    empty: int | None = None
    for one, answers in pairs:
        stack: Stack = ()
        for x, y in zip(one, answers, strict=True):
            action = then if condition is None or condition[1](stack, x) else otherwise
            stack = action.done(stack, x)[-kept:]
            if stack:
                left = [reading for reading in left if reading.done(stack) == y]
            elif empty not in (None, y):
                return
            else:
                empty = y
            if not left or len(stack) > _LONGEST:
                return
    for reading in left:
        yield reading, None if empty == 0 and reading in _OF_ANY else empty


def _program(
    data: StepLists, way: _Way, kept: int, reading: _Reading, empty: int | None
) -> Program:
    condition, then, otherwise = way
    word = "window" if condition is None else "stack"
    x, own = Var(data.element), Var(fresh(word, [data.port.name, data.problem.output.name]))
    update = then.applied(own, x)
    if kept and then is _PUSH:
        update = Call("suffix", (update, Const(-kept)))
    if condition is not None:
        other = otherwise.applied(own, x)
        if kept and otherwise is _PUSH:
            other = Call("suffix", (other, Const(-kept)))
        update = If(condition[0](own, x), update, other)
    held: Expr = own
    if empty is not None:  # below all others lies what stands for nothing
        single = Call("single", (Const(empty),))
        held = Call("joined", (own, single) if reading is _FIRST else (single, own))
    value = reading.read(held)
    if empty is not None and reading not in (_LAST, _FIRST):
        some = Call("ge", (Call("length", (own,)), Const(1)))
        value = If(some, reading.read(own), Const(empty))
    return data.program((Let(own.name, _EMPTY),), (Let(own.name, update),), value)
