"""Halves of lists: how long they are, and both side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .goal import Goal
from .signatures import given_by
from .valued import Kind, Valued, applied, constant


def halves(ports: Sequence[Valued]) -> Iterator[Valued]:
    """Half the lengths of inputs: numbers that places are given by."""
    for one in ports:
        if one.kind != "number":
            two = constant(2, len(one.values))
            half = _made("floordiv", "number", _made("length", "number", one), two)
            yield Valued(half.expr, "number", half.bits / 2, half.values, "place")


def halved(one: Valued, goal: Goal) -> Iterator[tuple[Valued, Valued]]:
    """The first and the last half of a list, as it stands and from its end."""
    fit = zip(goal.values, one.values, strict=True)
    if goal.kind != "list" or any(len(answer) != len(own) // 2 for answer, own in fit):
        return
    count = len(goal.values)
    length, two = _made("length", "number", one), constant(2, count)
    half = _made("floordiv", "number", length, two)
    middle = _made("add", "number", length, constant(1, count))
    first = _made("prefix", "list", one, half)
    last = _made("suffix", "list", one, _made("floordiv", "number", middle, two))
    yield first, last
    yield first, _made("reversed", "list", last)


def _made(op: str, kind: Kind, *args: Valued) -> Valued:
    return applied(op, kind, args, given_by(op, args))
