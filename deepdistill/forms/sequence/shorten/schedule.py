"""Normal form → ``Scan``: the order of the assignments, and names that tell a reader their role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ....ir.expr import Const, Expr, Var
from ....ir.program import Let, Map, Program, Scan
from ....ir.rewrite import substitute
from .loop import Loop, length, names
from .naming import role_names

APPEND = "*append*"  # no name of a variable
_OLD = "o"  # what a value is called that must outlive its assignment


def scheduled(loop: Loop) -> tuple[Loop, tuple[str, ...]]:
    """The loop, and the order of its totals, updates and the answers (``APPEND``).

    Who reads a value from before the step stands before its assignment, who reads the new one
    behind. Where these contradict each other the old value is kept under a name of its own.
    """
    while True:
        order, stuck = _ordered(loop)
        if not stuck:
            return loop, tuple(order)
        loop = _kept(loop, stuck)


def price(loop: Loop) -> int:
    """How long a loop is once it is written, with the old values that it has to keep."""
    return length(scheduled(loop)[0])


def _reads(loop: Loop) -> dict[str, set[str]]:
    reads = {t.name: names(t.value) for t in loop.totals}
    reads |= {s.updated: names(s.update) for s in loop.state}
    reads[APPEND] = set().union(*(names(answer) for answer in loop.answers))
    return reads


def _ordered(loop: Loop) -> tuple[list[str], set[str]]:
    """The order as far as there is one, and what could not be placed."""
    reads = _reads(loop)
    waiting = list(reads)
    waiting.remove(APPEND)
    waiting.insert(len(loop.totals), APPEND)
    order: list[str] = []
    while waiting:
        for node in waiting:
            needs = reads[node] & set(waiting) - {node}
            # whoever still wants the old value goes first
            readers = [n for n in waiting if n != node and node.endswith("'")]
            if not needs and not any(node[:-1] in reads[n] for n in readers):
                order.append(node)
                waiting.remove(node)
                break
        else:
            return order, set(waiting)
    return order, set()


def _kept(loop: Loop, stuck: set[str]) -> Loop:
    """One old value, of those in the way, is bound to a name before its assignment."""
    reads = _reads(loop)
    wanted = [
        s
        for s in loop.state
        if s.updated in stuck and any(s.name in reads[n] for n in stuck - {s.updated})
    ]
    assert wanted, "updates read one another in a circle"
    fewest = min(wanted, key=lambda s: sum(s.name in reads[n] for n in stuck))
    copy = f"{_OLD}{fewest.name}"
    parts: dict[str, Expr] = {fewest.name: Var(copy)}
    changed = loop.mapped(lambda expr: substitute(expr, parts))
    changed = changed.with_update(fewest.name, fewest.update)
    return replace(changed, totals=(Let(copy, Var(fewest.name)), *changed.totals))


def scan_of(loop: Loop, scan: Scan, taken: Sequence[str], bits: Sequence[tuple[int, int]]) -> Scan:
    """The loop as a statement; ``taken`` are names that it may not use.

    An answer that must be told before an assignment is bound to a name that only ``values`` reads.
    """
    loop, order = scheduled(loop)
    new = role_names(loop, taken, bits)
    parts: dict[str, Expr] = {old: Var(name) for old, name in new.items()}
    parts |= {s.updated: Var(new[s.name]) for s in loop.state}
    updates = {s.updated: s.update for s in loop.state} | {t.name: t.value for t in loop.totals}
    body: list[Let] = []
    last = order.index(APPEND) == len(order) - 1
    values = [substitute(answer, parts) for answer in loop.answers]
    for node in order:
        if node != APPEND:
            target = node.removesuffix("'")
            body.append(Let(new[target], substitute(updates[node], parts)))
        elif not last and not _stays(loop, order):
            for k, value in enumerate(values):
                body.append(Let(new[f"y{k}"], value))
                values[k] = Var(new[f"y{k}"])
    state = tuple(Let(new[s.name], Const(s.initial)) for s in loop.state)
    element = tuple(new[name] for name in loop.channel_names)
    return Scan(scan.name, scan.over, element, state, tuple(body), tuple(values))


def _stays(loop: Loop, order: Sequence[str]) -> bool:
    """Whether the answers are the same after the assignments that follow them."""
    later = {node.removesuffix("'") for node in order[order.index(APPEND) + 1 :]}
    return not later & set().union(*(names(answer) for answer in loop.answers))


def with_scan(program: Program, scan: Scan | Map) -> Program:
    """The program with its loop replaced."""
    body = tuple(scan if isinstance(s, Scan) else s for s in program.body)
    return replace(program, body=body)
