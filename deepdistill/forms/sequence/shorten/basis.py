"""Affine carried variables in other coordinates: sums and differences of the old ones.

An identified linear system has its states in whatever basis the identification chose; any
unimodular change of basis gives the same answers.
"""

from __future__ import annotations

from dataclasses import replace

from ....ir.expr import Var, size
from .affine import Affine, affine, names_in
from .loop import Carried, Loop, names
from .naming import lags
from .registers import reused
from .schedule import price

_MOST_VARIABLES = 5
_DEEPEST = 4
_BEAM = 5
_LARGEST = 300  # nodes of a loop for which other coordinates are tried


def rebased(loop: Loop) -> Loop:
    """The shortest loop found whose affine variables are combinations of the given ones."""
    plain = _over_old(loop)
    if len(lags(loop)) == len(loop.state):
        return loop
    if plain is None or not 1 <= len(plain.state) <= _MOST_VARIABLES:
        return loop
    if sum(map(size, plain.exprs())) > _LARGEST:
        return loop
    best, shortest = loop, price(loop)
    beam, seen = [plain], {_key(plain)}
    for _ in range(_DEEPEST):
        options: list[tuple[int, Loop]] = []
        for current in beam:
            for option in (*_moved(current), _from_zero(current)):
                if _key(option) not in seen:
                    seen.add(_key(option))
                    options.append((_weight(option), option))
        options.sort(key=lambda option: option[0])
        beam = [option for _, option in options[:_BEAM]]
        for option in beam:
            for start in (option, _from_zero(option)):
                described = reused(_written(start))
                if price(described) < shortest:
                    best, shortest = described, price(described)
    return best


def _key(loop: Loop) -> tuple[object, ...]:
    return (loop.state, loop.answers)


def _over_old(loop: Loop) -> Loop | None:
    """The loop with every expression affine in old values; None where there is another one."""
    if loop.totals:
        return None
    known: dict[str, Affine] = {}
    old = {s.name for s in loop.state}
    for name, value in loop.definitions():
        form = _inlined(affine(value), known)
        if not _is_plain(form, old):
            return None
        known[name] = form
    answers = [_inlined(affine(answer), known) for answer in loop.answers]
    if not all(_is_plain(form, old) for form in answers):
        return None
    state = tuple(replace(s, update=known[s.updated].expr()) for s in loop.state)
    return Loop(loop.channels, state, tuple(form.expr() for form in answers))


def _is_plain(form: Affine, old: set[str]) -> bool:
    """Whether no carried variable stands inside an atom."""
    return not any(
        not isinstance(atom, Var) and names_in(Affine(((atom, 1),))) & _both(old)
        for atom, _ in form.terms
    )


def _both(old: set[str]) -> set[str]:
    return old | {name + "'" for name in old}


def _inlined(form: Affine, known: dict[str, Affine]) -> Affine:
    result = Affine((), form.constant)
    for atom, weight in form.terms:
        inner = known.get(atom.name) if isinstance(atom, Var) else None
        result = result.plus(inner if inner is not None else Affine(((atom, 1),)), weight)
    return result


def _moved(loop: Loop) -> list[Loop]:
    """One variable replaced by itself plus or minus another, or by its negative."""
    loops = []
    for one in loop.state:
        loops.append(_changed(loop, one, Affine(()), -1))
        for other in loop.state:
            if other is not one:
                for factor in (1, -1):
                    loops.append(_changed(loop, one, Affine(((Var(other.name), factor),)), 1))
    return loops


def _from_zero(loop: Loop) -> Loop:
    """Every variable shifted so that it starts as 0."""
    for s in loop.state:
        if s.initial:
            (here,) = (t for t in loop.state if t.name == s.name)
            loop = _changed(loop, here, Affine((), -here.initial), 1)
    return loop


def _changed(loop: Loop, one: Carried, more: Affine, sign: int) -> Loop:
    """The loop with ``sign * one + more`` carried instead of ``one``."""
    updates = {s.name: affine(s.update) for s in loop.state}
    initial = {s.name: s.initial for s in loop.state}
    update = updates[one.name].scaled(sign).plus(Affine((), more.constant))
    start = sign * one.initial + more.constant
    for atom, weight in more.terms:
        assert isinstance(atom, Var)
        update = update.plus(updates[atom.name], weight)
        start += weight * initial[atom.name]
    # one = sign * (new - more)
    back = {one.name: Affine(((Var(one.name), 1),)).plus(more, -1).scaled(sign)}
    state = tuple(
        Carried(
            s.name,
            start if s.name == one.name else s.initial,
            _inlined(update if s.name == one.name else updates[s.name], back).expr(),
        )
        for s in loop.state
    )
    answers = tuple(_inlined(affine(answer), back).expr() for answer in loop.answers)
    return Loop(loop.channels, state, answers)


def _weight(loop: Loop) -> int:
    """A quick measure of the length of affine formulas."""
    total = 0
    for expr in loop.exprs():
        form = affine(expr)
        total += len(form.terms) + bool(form.constant)
        total += sum(2 * (abs(weight) > 1) for _, weight in form.terms)
    return total


def _written(loop: Loop) -> Loop:
    """The updates in an order in which each may read the ones before: fewest variables first."""

    def reads(s: Carried) -> int:
        return len(names(s.update) & {t.name for t in loop.state})

    return replace(loop, state=tuple(sorted(loop.state, key=lambda s: (reads(s), s.name))))
