"""The normal form of a loop: how each carried variable and each answer follows from the old ones.

Inside it channels are ``a0``, ``a1``, …, carried variables ``s0``, ``s1``, … before a step and
``s0'``, ``s1'``, … after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ....ir.expr import Call, Const, Expr, Var, size, walk
from ....ir.interval import Interval
from ....ir.program import Let, Scan
from ....ir.rewrite import substitute

_PAIR = 6


@dataclass(frozen=True, slots=True)
class Carried:
    """A carried variable: its value before the first step, and its next value."""

    name: str
    initial: int
    update: Expr

    @property
    def updated(self) -> str:
        """The name of its value after the step."""
        return self.name + "'"


@dataclass(frozen=True, slots=True)
class Loop:
    """Updates and answers over channels, old values and values updated in the same step.

    ``totals`` are values of the step that several of them read, in order. ``channels`` are the
    ranges of ``a0``, ``a1``, …
    """

    channels: tuple[Interval, ...]
    state: tuple[Carried, ...]
    answers: tuple[Expr, ...]
    totals: tuple[Let, ...] = ()

    @property
    def channel_names(self) -> tuple[str, ...]:
        return tuple(f"a{k}" for k in range(len(self.channels)))

    def exprs(self) -> list[Expr]:
        """Every expression of the loop."""
        return [*(t.value for t in self.totals), *(s.update for s in self.state), *self.answers]

    def definitions(self) -> list[tuple[str, Expr]]:
        """Totals and updates by name, each after those that it reads."""
        waiting = {t.name: t.value for t in self.totals}
        waiting |= {s.updated: s.update for s in self.state}
        done: list[tuple[str, Expr]] = []
        while waiting:
            ready = [n for n, e in waiting.items() if not names(e) & waiting.keys() - {n}]
            if not ready or ready[0] in names(waiting[ready[0]]):
                raise ValueError("the updates of a loop read one another in a circle")
            done.append((ready[0], waiting.pop(ready[0])))
        return done

    def with_update(self, name: str, update: Expr) -> Loop:
        """The loop with another update of one variable."""
        state = tuple(replace(s, update=update) if s.name == name else s for s in self.state)
        return replace(self, state=state)

    def mapped(self, change: Any) -> Loop:
        """The loop with ``change`` applied to every expression."""
        return replace(
            self,
            state=tuple(replace(s, update=change(s.update)) for s in self.state),
            answers=tuple(change(answer) for answer in self.answers),
            totals=tuple(Let(t.name, change(t.value)) for t in self.totals),
        )


def names(expr: Expr) -> set[str]:
    """The variables that an expression reads."""
    return {node.name for node in walk(expr) if isinstance(node, Var)}


def loop_of(scan: Scan, channels: Sequence[Interval]) -> Loop:
    """The normal form of a loop whose statements mean what Python means by them."""
    carried = {let.name: f"s{k}" for k, let in enumerate(scan.state)}
    env: dict[str, Expr] = {name: Var(f"a{k}") for k, name in enumerate(scan.element)}
    env |= {name: Var(short) for name, short in carried.items()}
    written = Counter(let.name for let in scan.body)
    alias = {
        let.value.name: let.name
        for let in scan.body
        if let.name in carried and written[let.name] == 1
        if isinstance(let.value, Var) and written[let.value.name] == 1
        if let.value.name not in carried
    }
    updates: dict[str, Expr] = {name: Var(short) for name, short in carried.items()}
    last = {let.name: k for k, let in enumerate(scan.body)}
    for k, let in enumerate(scan.body):
        value = substitute(let.value, env)
        owner = alias.get(let.name, let.name if last[let.name] == k else None)
        if owner in carried and not (let.name in carried and owner in alias.values()):
            updates[owner] = value
            env[let.name] = Var(carried[owner] + "'")
        elif let.name in carried and let.name in alias.values():
            env[let.name] = value  # already its updated value
        else:
            env[let.name] = value
    state = tuple(
        Carried(carried[let.name], _constant(let.value), updates[let.name]) for let in scan.state
    )
    answers = tuple(substitute(value, env) for value in scan.values)
    return Loop(tuple(channels), state, answers)


def _constant(expr: Expr) -> int:
    if not isinstance(expr, Const) or not isinstance(expr.value, int):
        raise ValueError("a carried variable starts with a constant")
    return expr.value


def live(loop: Loop) -> Loop:
    """Carried variables and totals that no answer needs are dropped."""
    reads = {s.name: names(s.update) for s in loop.state}
    reads |= {s.updated: {s.name + "'"} | names(s.update) for s in loop.state}
    reads |= {t.name: names(t.value) for t in loop.totals}
    todo = [name for answer in loop.answers for name in names(answer)]
    needed: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in needed:
            needed.add(name)
            todo.extend(reads.get(name, ()))
            if name + "'" in reads:
                todo.append(name + "'")
    kept = tuple(s for s in loop.state if s.name in needed or s.updated in needed)
    return replace(loop, state=kept, totals=tuple(t for t in loop.totals if t.name in needed))


def length(loop: Loop) -> int:
    """How long the loop's body is, nearly; a quotient beside its remainder reads more easily."""
    assigned = [*(t.value for t in loop.totals), *(s.update for s in loop.state)]
    pairs = sum(
        Call("mod", e.args) in others
        for others in [{*assigned, *loop.answers}]
        for e in others
        if isinstance(e, Call) and e.op == "floordiv" and isinstance(e.args[0], Var)
    )
    written = sum(3 + size(e) for e in assigned) + sum(size(answer) for answer in loop.answers)
    return written - _PAIR * pairs
