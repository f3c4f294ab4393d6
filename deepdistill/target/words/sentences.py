"""Program → a few plain English sentences: what an answer is, and what the names mean."""

from __future__ import annotations

from itertools import groupby
from typing import assert_never

from ...ir.expr import Const, Expr, First, Read, Var, walk
from ...ir.interval import Interval
from ...ir.program import Fill, Let, Map, Program, Scan, expressions
from ..loops import loop
from .nouns import Nouns
from .text import listed

_COUNTS = {1: "one step", 2: "two steps", 3: "three steps", 4: "four steps", 5: "five steps"}
_MOST_POINTS = 8


def describe(program: Program, teller: type[Nouns] = Nouns) -> str:
    """What the program computes, in words that come from its expressions alone."""
    nouns = teller(program)
    sentences = []
    for statement in program.body:
        match statement:
            case Let():
                sentences.append(_let(statement, nouns))
            case Map():
                sentences.append(_map(statement, nouns))
            case Fill():
                sentences.append(_fill(statement, nouns))
            case Scan():
                sentences.append(_scan(statement, nouns))
            case _:
                assert_never(statement)
    sentences += _border(nouns)
    return " ".join(f"{text[0].upper()}{text[1:]}." for text in sentences)


def _named(name: str, text: str, nouns: Nouns) -> str:
    return text if name == nouns.program.output.name else f"{name} is {text}"


def _let(let: Let, nouns: Nouns) -> str:
    nouns.quoting = True
    text = nouns.phrase(let.value)
    nouns.bind(let.name, let.value)
    return _named(let.name, text, nouns)


def _fill(fill: Fill, nouns: Nouns) -> str:
    nouns.quoting = True
    if isinstance(fill.value, First):
        text = f"for each {fill.index[0]} from 0 on, {nouns.phrase(fill.value)}"
    else:
        with nouns.scope():
            loops = _loops(fill, nouns)
            text = f"the list of {nouns.code(nouns.source(fill.value))} {loops}"
    sizes = fill.sizes if fill.points is None else (len(fill.points),)
    nouns.arrays[fill.name], nouns.array_sizes[fill.name] = fill.name, sizes
    return _named(fill.name, text, nouns)


def _loops(fill: Fill, nouns: Nouns) -> str:
    """``for i, row in enumerate(picture)``; of points the few that they are."""
    if fill.points is not None:
        for name, column in zip(fill.index, zip(*fill.points, strict=True), strict=True):
            nouns.bind(name, span=Interval(min(column), max(column)))
        points = [str(point if len(point) > 1 else point[0]) for point in fill.points]
        where = listed(points) if len(points) <= _MOST_POINTS else f"{len(points)} places"
        return f"for {', '.join(fill.index)} at {where}"
    loops = []
    for name, size in zip(fill.index, fill.sizes, strict=True):
        stop = Const(size) if isinstance(size, int) else size
        loops.append(loop(nouns, name, Const(0), stop, (fill.value,)))
    return " ".join(map(str, loops))


def _map(statement: Map, nouns: Nouns) -> str:
    """``Each new cell is …; cell is …; neighbors is …``."""
    nouns.quoting = False
    is_grid = nouns.ports[statement.like].axes[0].kind == "grid"
    nouns.index = statement.index if is_grid else ()
    for axis, name in enumerate(statement.index):
        nouns.bind_index(name, statement.like, axis)
    meanings = []
    for let in statement.body:
        if not (let.name == "cell" and nouns.offset(let.value) == (0,) * len(statement.index)):
            meanings.append((let.name, nouns.phrase(let.value)))
        nouns.bind(let.name, let.value)
    parts = [f"each {'new cell' if is_grid else 'answer'} is {nouns.rule(statement.value)}"]
    if not is_grid:
        parts[0] += f", at place {listed(statement.index)}"
    for is_cell, group in groupby(meanings, key=lambda pair: pair[1].startswith("the cell ")):
        names, words = zip(*group, strict=True)
        if is_cell and len(names) > 1:
            parts.append(f"{listed(names)} are {listed(words)}")
        else:
            parts += [f"{name} is {word}" for name, word in zip(names, words, strict=True)]
    if nouns.looks_beyond and not is_grid:
        nouns.looks_beyond = False
        parts.append("before the start everything is 0")
    return "; ".join(parts)


def _scan(scan: Scan, nouns: Nouns) -> str:
    nouns.quoting = False
    carried = {let.name: let for let in scan.state}
    described = {let.name: let.value for let in scan.body if let.name not in carried}
    inside = {
        name for name in described if not any(Var(name) in walk(let.value) for let in scan.body)
    }
    values = [
        described[v.name] if isinstance(v, Var) and v.name in inside else v for v in scan.values
    ]
    answers = [_answer(value, scan, inside, nouns) for value in values]
    parts = [f"each answer is {listed(answers)}"]
    if not scan.values:
        element = listed(scan.element)
        parts = [f"{element} goes through the {scan.over} from the first one to the last"]
    elif not scan.body:
        parts[0] += f", for each {listed(scan.element)} by itself"
    for name, value in described.items():
        if name not in inside:
            parts.append(f"{name} is {nouns.rule(value)}")
    updates = {let.name: let.value for let in scan.body if let.name in carried}
    lags = _lags(scan, updates)
    for name, let in carried.items():
        start = nouns.source(let.value)
        if name in lags:
            depth, channel = lags[name]
            steps = _COUNTS.get(depth, f"{depth} steps")
            parts.append(f"{name} is the {channel} {steps} before, {start} at the start")
        else:
            rule = nouns.rule(updates[name])
            parts.append(f"{name} starts as {start} and becomes {rule} at each step")
    return "; ".join(parts)


def _answer(value: Expr, scan: Scan, inside: set[str], nouns: Nouns) -> str:
    assigned = {let.name for let in scan.body} & {let.name for let in scan.state}
    is_new = isinstance(value, Var) and value.name in assigned and not inside
    return f"the new {nouns.rule(value)}" if is_new else nouns.rule(value)


def _lags(scan: Scan, updates: dict[str, Expr]) -> dict[str, tuple[int, str]]:
    """The variables that hold an earlier element: how many steps earlier, and its name."""
    lags: dict[str, tuple[int, str]] = {name: (0, name) for name in scan.element}
    for _ in scan.state:
        for let in scan.state:
            value = updates.get(let.name)
            if let.name not in lags and isinstance(value, Var) and value.name in lags:
                depth, channel = lags[value.name]
                lags[let.name] = (depth + 1, channel)
    return {let.name: lags[let.name] for let in scan.state if let.name in lags}


def _border(nouns: Nouns) -> list[str]:
    """What lies beyond the last place, where the program looks that far."""
    program = nouns.program
    axes = [
        nouns.ports[expr.port].axes[axis]
        for statement in program.body
        for value in expressions(statement)
        for expr in walk(value)
        if isinstance(statement, Map) and isinstance(expr, Read) and expr.port in nouns.ports
        for axis, place in enumerate(expr.index)
        if not isinstance(place, Var | Const)
    ]
    axes = [axis for axis in axes if axis.kind == "grid"]
    if not axes:
        return ["beyond the border everything is 0"] if nouns.looks_beyond else []
    if all(axis.wrap for axis in axes):
        depth = max(len(port.axes) for port in program.inputs)
        return [f"the {'list' if depth == 1 else 'grid'} wraps around"]
    if any(axis.wrap for axis in axes):
        return ["some axes wrap around; beyond the border of the others every cell counts as 0"]
    return ["beyond the border every cell counts as 0"]
