"""Sums over a list in which an element's weight depends on its value and on its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np

from ...ir.expr import Call, Const, Expr, If, Listed, Var
from ...ir.program import Program
from ...ir.program_length import program_bits
from .features import expr_bits
from .labelled import IntArray, LabelledLists

_PERIODS = (1, 2, 3, 4)
_FEW = 12  # symbols up to which each may have a weight of its own


@dataclass(frozen=True, slots=True, eq=False)
class PlaceLaw:
    """Which sums are added up: one for each column of ``rows``, (lists, sums); the last is 1.

    ``terms`` makes the summands from their weights, a modulus given: texts of a program. ``first``
    is how many of the weights the values have, those of the numbers of elements come after them.
    """

    data: LabelledLists
    rows: IntArray
    terms: Callable[[IntArray, int], list[Expr]]

    def programs(
        self, weights: IntArray, modulus: int, classes: tuple[int, int] | None
    ) -> Iterator[Program]:
        """The shortest program of these weights, or of these times a unit where 0 is asked."""
        units = [1, modulus - 1]
        if classes:
            units = [u for u in range(1, modulus) if gcd(u, modulus) == 1]
        best: list[tuple[float, Program]] = []
        for unit in units:
            scaled = weights * unit % modulus
            terms = self.terms(scaled[:-1], modulus)
            if not terms:
                continue
            constant = int(scaled[-1])
            if classes:
                wanted = -constant % modulus
                test = Call("mod", (_added(terms), Const(modulus)))
                answer = self.data.answer_where(Call("eq", (test, Const(wanted))), *classes)
            else:
                if unit == 1:
                    terms += [Const(constant)] if constant else []
                    total = _added(terms)
                else:
                    minus = -constant % modulus
                    total = _added(terms)
                    start: Expr = Const(minus)
                    total = (
                        Call("sub", (start, total)) if minus else Call("mul", (Const(-1), total))
                    )
                answer = Call("mod", (total, Const(modulus)))
            program = self.data.program((), answer)
            best.append((program_bits(program), program))
        if best:
            yield min(best, key=lambda entry: entry[0])[1]


def _added(terms: Sequence[Expr]) -> Expr:
    return terms[0] if len(terms) == 1 else Call("add", tuple(terms))


def place_laws(data: LabelledLists) -> Iterator[PlaceLaw]:
    """By place modulo a few from either end, with weights of values or of symbols; by place."""
    symbols = data.symbols
    for period in _PERIODS:
        for backwards in (False, True) if period > 1 else (False,):
            yield _periodic(data, period, backwards, each=False)
            if 2 < len(symbols) <= _FEW and period <= 2:
                yield _periodic(data, period, backwards, each=True)
    for backwards in (False, True):
        yield _ramp(data, backwards)


def _periodic(data: LabelledLists, period: int, backwards: bool, each: bool) -> PlaceLaw:
    """One weight for each class of places, or with ``each`` for each symbol there."""
    low = data.port.domain.low
    values = range(low + 1, low + len(data.symbols)) if each else range(1)
    rows = []
    for one in data.lists:
        turned = one[::-1] if backwards else one
        row: list[int] = []
        for k in range(period):
            part = turned[k::period]
            row += [part.count(v) for v in values] if each else [sum(part)]
        row += [len(turned[k::period]) for k in range(period)] if not each or low else []
        rows.append([*row, 1])
    width = len(values)

    def terms(weights: IntArray, modulus: int) -> list[Expr]:
        made = []
        counts = weights[period * width :].tolist() or [0] * period
        for k in range(period):
            part = _part(data, period, k, backwards)
            own = weights[k * width : (k + 1) * width].tolist()
            table = [0, *own] if each else None
            made += _term(data, part, table, own[0], counts[k], modulus)
        return made

    return PlaceLaw(data, np.array(rows, dtype=np.int64), terms)


def _part(data: LabelledLists, period: int, k: int, backwards: bool) -> Expr:
    """Every so many elements from the place ``k`` on, counted from either end."""
    if backwards and period > 1:
        part = Call("prefix", (data.word, Const(-k))) if k else data.word
        return Call("stride", (part, Const(-period)))
    part = Call("suffix", (data.word, Const(k))) if k else data.word
    return Call("stride", (part, Const(period))) if period > 1 else part


def _term(
    data: LabelledLists, part: Expr, table: list[int] | None, weight: int, count: int, modulus: int
) -> list[Expr]:
    """What the elements of a part add; nothing where their weights are 0."""
    if table is not None:
        table = [(value + count) % modulus for value in table]
        if not any(table):
            return []
        x = Var(data.element)
        value = _weight(data, x, tuple(table), modulus)
        if value == x:
            return [Call("total", (part,))]
        return [Call("total", (Listed((x.name,), part, value),))]
    made: list[Expr] = []
    if weight:
        total = Call("total", (part,))
        made.append(total if weight == 1 else Call("mul", (Const(weight), total)))
    if count:
        length = Call("length", (part,))
        made.append(length if count == 1 else Call("mul", (Const(count), length)))
    return made


def _weight(data: LabelledLists, x: Var, table: tuple[int, ...], modulus: int) -> Expr:
    """A symbol's weight as a short expression of it: linear, with a step, or from a table."""
    low = data.port.domain.low
    symbols = np.array(data.symbols, dtype=np.int64)
    wanted = np.array(table, dtype=np.int64)
    place = x if low == 0 else Call("sub", (x, Const(low)))
    candidates: list[Expr] = [Call("item", (Const(table), place))]
    for slope in range(modulus):
        rest = (wanted - slope * symbols) % modulus
        linear: Expr | None = {0: None, 1: x}.get(slope, Call("mul", (Const(slope), x)))
        changes = np.flatnonzero(rest[1:] != rest[:-1])
        if len(changes) > 1:
            continue
        parts = [linear] if linear is not None else []
        start = int(rest[0])
        if len(changes):
            border = int(symbols[changes[0]])
            step = int(rest[-1] - rest[0]) % modulus
            over = Call("gt", (x, Const(border)))
            parts.append(Call("int", (over,)) if step == 1 else If(over, Const(step), Const(0)))
        parts += [Const(start)] if start else []
        if parts:
            candidates.append(_added(parts))
    return min(candidates, key=lambda expr: expr_bits(data, expr))


def _ramp(data: LabelledLists, backwards: bool) -> PlaceLaw:
    """The weight of an element grows by one step from place to place."""
    rows = []
    for one in data.lists:
        turned = one[::-1] if backwards else one
        ramp = sum(k * x for k, x in enumerate(turned))
        rows.append([ramp, sum(one), len(one), 1])
    x, k = Var(data.element), Var("k")
    whole: Expr = Call("reversed", (data.word,)) if backwards else data.word
    over = Call("enumerate", (whole,))

    def terms(weights: IntArray, modulus: int) -> list[Expr]:
        slope, level, count = weights.tolist()
        if not slope:
            return []
        scaled: Expr = k if slope == 1 else Call("mul", (Const(slope), k))
        if slope == modulus - 1:
            scaled = Call("sub", (Const(level), k))
        elif level:
            scaled = Call("add", (scaled, Const(level)))
        listed = Listed((k.name, x.name), over, Call("mul", (scaled, x)))
        made: list[Expr] = [Call("total", (listed,))]
        if count:
            made.append(Call("mul", (Const(count), Call("length", (data.word,)))))
        return made

    return PlaceLaw(data, np.array(rows, dtype=np.int64), terms)
