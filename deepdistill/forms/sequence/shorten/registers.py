"""Carried variables that are one, and updates and answers told by what was just computed."""

from __future__ import annotations

from dataclasses import replace

from ....ir.expr import Const, Expr, If, Var, size
from ....ir.program import Let
from ....ir.rewrite import mapped, substitute
from .affine import affine
from .loop import Loop, live, names


def merged_registers(loop: Loop) -> Loop:
    """Carried variables that always hold the same are one; those that never change, constants.

    Found by refinement: variables of one initial value count as the same until their updates,
    read with this assumption, differ. (Sound by induction over the steps.)
    """
    groups: dict[int, list[str]] = {}
    for s in loop.state:
        groups.setdefault(s.initial, []).append(s.name)
    classes = {name: group[0] for group in groups.values() for name in group}
    while True:
        same: dict[str, Expr] = {}
        for name, leader in classes.items():
            same |= {name: Var(leader), name + "'": Var(leader + "'")}
        finer: dict[tuple[str, Expr], str] = {}
        refined = {
            s.name: finer.setdefault((classes[s.name], substitute(s.update, same)), s.name)
            for s in loop.state
        }
        if refined == classes:
            break
        classes = refined
    same = {}
    for name, leader in classes.items():
        same |= {name: Var(leader), name + "'": Var(leader + "'")}
    for s in loop.state:
        if s.update == Var(s.name) and classes[s.name] == s.name:
            for name, leader in classes.items():
                if leader == s.name:
                    same |= {name: Const(s.initial), name + "'": Const(s.initial)}
    kept = tuple(s for s in loop.state if classes[s.name] == s.name)
    return live(replace(loop, state=kept).mapped(lambda expr: substitute(expr, same)))


def intermediate(loop: Loop) -> Loop:
    """A carried variable that nobody reads before its update carries nothing: a total."""
    reads = set().union(*map(names, loop.exprs()))
    for s in loop.state:
        if s.name not in reads:
            parts: dict[str, Expr] = {s.updated: Var(f"t{s.name}")}
            state = tuple(other for other in loop.state if other is not s)
            totals = (*loop.totals, Let(f"t{s.name}", s.update))
            loop = replace(loop, state=state, totals=totals)
            loop = loop.mapped(lambda e, p=parts: substitute(e, p))
            return intermediate(loop)
    return loop


def reused(loop: Loop) -> Loop:
    """Where a new value is the same as part of another formula, that formula reads it."""
    for s in loop.state:
        if size(s.update) <= 2:
            continue
        trial = _reading(loop, s.name)
        if trial is not None:
            loop = trial
    return loop


def _reading(loop: Loop, name: str) -> Loop | None:
    """The loop whose other formulas read the new value of ``name`` where that is shorter."""
    (source,) = (s for s in loop.state if s.name == name)
    changed = loop
    for s in loop.state:
        if s.name == name or _depends(changed, source.update, s.updated):
            continue
        shorter = _with_new(s.update, source.update, source.updated)
        if size(shorter) < size(s.update):
            changed = changed.with_update(s.name, shorter)
    answers = []
    for answer in loop.answers:
        shorter = _with_new(answer, source.update, source.updated)
        answers.append(shorter if size(shorter) < size(answer) else answer)
    changed = replace(changed, answers=tuple(answers))
    return changed if changed != loop else None


def _depends(loop: Loop, expr: Expr, name: str) -> bool:
    """Whether an expression reads a new value, directly or through other new values."""
    updates = {s.updated: s.update for s in loop.state} | {t.name: t.value for t in loop.totals}
    todo, seen = [expr], set[str]()
    while todo:
        for read in names(todo.pop()) - seen:
            seen.add(read)
            if read in updates:
                todo.append(updates[read])
    return name in seen


def _with_new(expr: Expr, value: Expr, new: str) -> Expr:
    """``expr`` with ``new`` where it computes ``value``, or a sum that contains it."""
    if expr == value:
        return Var(new)
    changed = mapped(expr, lambda part: _with_new(part, value, new))
    options = [expr, changed]
    if not isinstance(expr, If | Const | Var):
        for factor in (1, -1):
            # x + y -> s' + (x + y - value of s')
            rest = affine(expr).plus(affine(value), -factor).plus(affine(Var(new)), factor)
            options.append(rest.expr())
    return min(options, key=size)
