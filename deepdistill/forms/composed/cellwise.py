"""Programs that make each number of a picture another: one loop over its places, with names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ...ir.arithmetic import NATURAL
from ...ir.expr import Call, Const, Expr, Listed, Read, Sum, Var, uses, walk
from ...ir.interval import readings
from ...ir.names import fresh
from ...ir.program import Let, Map, Program
from ...ir.rewrite import free_names, replace_each, substitute
from ...ir.types import Port
from ...ir.used_names import names_used
from ...passes.naming import name_measures
from ...passes.regions import Measure
from ...passes.simplify import simplify
from ...target.neighbourhood import offset_from

_IN_BLOCK: dict[tuple[int, ...], str] = {(0, 1): "beside", (1, 0): "over", (1, 1): "opposite"}
"""Names of the others in a block of two by two, by the axes on which their places differ."""


def by_place(program: Program) -> Program:
    """A program of one list of lists as one array by place, where that gives names; else as it is.

    What is read more than once gets a name, and what is added up.
    """
    match program.body:
        case (Let(name, Listed(_, _, Listed(), Const(1)) as rows),) if name == program.output.name:
            return _by_place(program, rows) or program
        case _:
            return program


def _by_place(program: Program, rows: Listed) -> Program | None:
    cells = rows.value
    assert isinstance(cells, Listed)
    outer, inner = _gone_through(rows), _gone_through(cells)
    if outer is None or inner is None or cells.condition != Const(1):
        return None
    (i, row, over), (j, x, line) = outer, inner
    picture = next((port for port in program.inputs if Var(port.name) == over), None)
    if picture is None or len(picture.axes) != 2 or line != Var(row) or uses(cells.value, row):
        return None
    taken = names_used(program)
    i = i or fresh("i", taken)
    j = j or fresh("j", taken | {i})
    own = Read(picture.name, (Var(i), Var(j)))
    value = substitute(cells.value, {x: own})
    ranges = {port.name: readings(port) for port in program.inputs}
    value = simplify(value, {**ranges, i: NATURAL, j: NATURAL})
    rule = _named(
        Map(program.output.name, picture.name, (i, j), (), value), picture, taken | {i, j}
    )
    if all(let.value == own for let in rule.body):  # the list has a name for that
        return None
    return replace(program, body=(rule,))


def _gone_through(one: Listed) -> tuple[str, str, Expr] | None:
    """The names of the place, empty for none, and of what stands there; what is gone through."""
    match one:
        case Listed((place, item), Call("enumerate", (over,))):
            return place, item, over
        case Listed((item,), Var() as over):
            return "", item, over
        case _:
            return None


def _named(rule: Map, picture: Port, taken: set[str]) -> Map:
    """The rule with a name for what it reads more than once, and for what it adds up."""
    counts = Counter(
        one
        for one in walk(rule.value)
        if isinstance(one, Read | Sum) and free_names(one) <= set(rule.index)
    )
    several = [one for one, count in counts.items() if count > 1 or isinstance(one, Sum)]
    names = _names(several, rule.index, picture, taken)
    lets = tuple(Let(name, one) for one, name in zip(several, names, strict=True))
    return replace(
        rule,
        body=lets,
        value=replace_each(rule.value, {let.value: Var(let.name) for let in lets}),
    )


def _names(
    several: Sequence[Expr], index: Sequence[str], picture: Port, taken: set[str]
) -> list[str]:
    measures = [_measure(one, index) for one in several]
    known = [one for one in measures if one is not None]
    told = iter(name_measures(known, (picture,), sorted(taken)))
    names: list[str] = []
    for one, measure in zip(several, measures, strict=True):
        name = next(told) if measure is not None else _in_block(one, index)
        names.append(fresh(name, taken.union(names)))
    return names


def _measure(one: Expr, index: Sequence[str]) -> Measure | None:
    """What is read at places as far away as these, or how often a number stands there."""
    match one:
        case Read(port, places):
            names, steps = zip(*map(offset_from, places), strict=True)
            return Measure(port, (steps,)) if names == tuple(index) else None
        case Sum(names, points, Read(port, places)) if _moved(places, index, names):
            return Measure(port, points)
        case Sum(names, points, Call("eq", (Read(port, places), Const(int() as value)))) if _moved(
            places, index, names
        ):
            return Measure(port, points, (value,))
        case _:
            return None


def _moved(places: Sequence[Expr], index: Sequence[str], names: Sequence[str]) -> bool:
    pairs = zip(index, names, strict=True)
    return tuple(places) == tuple(Call("add", (Var(i), Var(d))) for i, d in pairs)


def _in_block(one: Expr, index: Sequence[str]) -> str:
    """The name of another number in the block of two by two; ``value`` of what is none."""
    if not isinstance(one, Read):
        return "value"
    pairs = zip(one.index, index, strict=True)
    changed = tuple(int(place == Call("bitxor", (Var(name), Const(1)))) for place, name in pairs)
    return _IN_BLOCK.get(changed, "value")
