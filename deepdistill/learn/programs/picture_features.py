"""Numbers that are told of a picture: of it and its parts, its rows and columns, its regions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from ...data.running import Run
from ...ir.compiled import compiled
from ...ir.expr import Call, Const, Expr, Listed, Var
from ...ir.program import Let, Program
from ...ir.types import Port
from .features import ListFeature, expr_bits
from .labelled import IntArray, LabelledLists
from .proposal import RAISES

_COLOURS = 6  # up to which each is counted
_ROW, _RUN, _REGION, _X, _Y, _PLACE = map(Var, ("row", "run", "region", "x", "y", "i"))


def picture_features(data: LabelledLists, run: Run) -> list[ListFeature]:
    """The features of the pictures, of equal values the shortest, the shortest first."""
    shortest: dict[bytes, ListFeature] = {}
    for k, (expr, truth) in enumerate(_candidates(data)):
        if k % 20 == 0:
            run.check()
        column = _values(data, expr)
        if column is None or (column == column[0]).all():
            continue
        one = ListFeature(expr, column, expr_bits(data, expr), truth=truth)
        old = shortest.get(column.tobytes())
        if old is None or one.bits < old.bits:
            shortest[column.tobytes()] = one
    return sorted(shortest.values(), key=lambda one: one.bits)


def _values(data: LabelledLists, expr: Expr) -> IntArray | None:
    """The number for each picture; None where one has none."""
    value = Port("value", (), data.problem.output.domain)
    program = Program("f", data.problem.inputs, value, (Let("value", expr),))
    run = compiled(program)
    try:
        rows = [int(run({data.port.name: pair.inputs[0]})) for pair in data.problem.given]
    except RAISES:
        return None
    return np.array(rows, dtype=np.int64)


def _call(op: str, *args: Expr | int) -> Call:
    return Call(op, tuple(Const(arg) if isinstance(arg, int) else arg for arg in args))


def _candidates(data: LabelledLists) -> Iterator[tuple[Expr, bool]]:
    """Expressions, and whether they are written as truths."""
    picture = data.word
    across: Expr = _call("columns", picture)
    colours = [value for value in data.symbols if value] if len(data.symbols) <= _COLOURS else []
    expr: Expr
    for expr in (_call("length", picture), _call("length", across)):
        yield expr, False
    for part in _parts(picture):
        every = _call("flat", part)
        yield _call("total", every), False
        yield _call("distinct", every), False
        if len(data.symbols) > 2:
            yield _call("maximum", every), False
            yield _call("minimum", every), False
            for colour in (0, *colours):
                yield _call("count", every, colour), False
    lines = _call("joined", picture, across)
    features = [list(_of_rows(rows, colours, len(data.symbols) == 2)) for rows in (picture, across)]
    for expr in (*features[0], *features[1], *_of_rows(lines, colours, len(data.symbols) == 2)):
        yield expr, False
    for rows in (picture, across):
        yield _call("length", _call("stripped", rows)), False
    for one, other in _compared(picture, features):
        yield _call("sub", one, other), False
    for colour in (0, *colours):
        for expr in _of_regions(picture, colour, len(data.symbols) > 2):
            yield expr, False
    for expr in _of_diagonals(picture):
        yield expr, False
    for i in (0, -1):
        for j in (0, -1):
            yield _call("item", _call("item", picture, i), j), False
    views = _turned(picture)
    for one, other in combinations(views, 2):
        yield _call("same", one, other), True


def _compared(picture: Expr, features: Sequence[Sequence[Expr]]) -> Iterator[tuple[Expr, Expr]]:
    """Parts, and rows and columns, of which one may have more than the other."""
    parts = [_call("total", _call("flat", part)) for part in _parts(picture)][1:]
    yield from combinations(parts[:2], 2)
    yield from combinations(parts[2:4], 2)
    yield from combinations(parts[4:], 2)
    yield _call("length", picture), _call("length", _call("columns", picture))
    yield from zip(*features, strict=True)


def _parts(picture: Expr) -> Iterator[Expr]:
    """The whole, halves without a line in the middle, and the quadrants of these."""
    yield picture
    across = _call("columns", picture)
    halves = [*_halves(picture)], [*_halves(across)]
    yield from (*halves[0], *halves[1])
    for half in halves[0]:
        yield from _halves(_call("columns", half), across)


def _halves(rows: Expr, long: Expr | None = None) -> Iterator[Expr]:
    """The first and the last half of rows that are as many as those that are ``long``."""
    length = _call("length", rows if long is None else long)
    yield _call("prefix", rows, _call("floordiv", length, 2))
    yield _call("suffix", rows, _call("floordiv", _call("add", length, 1), 2))


def _of_rows(rows: Expr, colours: Sequence[int], binary: bool) -> Iterator[Expr]:
    """What is counted, and largest or smallest, among numbers that are told of each row."""
    stats = [_call("total", _ROW), _call("distinct", _ROW), _call("maximum", _ROW)]
    stats += [_call("minimum", _ROW)]
    stats += [_call("count", _ROW, colour) for colour in colours if not binary]
    for stat in stats:
        numbers = Listed(("row",), rows, stat)
        for extreme in (_call("maximum", numbers), _call("minimum", numbers)):
            yield extreme
            yield _call("position", numbers, extreme)
        for condition in (
            _call("eq", stat, 0),
            _call("gt", stat, 0),
            _call("eq", _call("mod", stat, 2), 1),
            _call("eq", stat, _call("length", _ROW)),
        ):
            yield _call("length", Listed(("row",), rows, Const(1), condition))
    same = _call("same", _ROW, _call("reversed", _ROW))
    yield _call("length", Listed(("row",), rows, Const(1), same))
    runs = _call("runs", _ROW)
    for colour in (0, *colours):
        own = _call("eq", _call("item", _RUN, 0), colour)
        several = _call("length", Listed(("run",), runs, Const(1), own))
        yield _call("total", Listed(("row",), rows, several))
        lengths = Listed(("run",), runs, _call("length", _RUN), own)
        longest = _call("maximum", _call("joined", lengths, _call("single", 0)))
        if binary and colour:
            longest = _call("maximum", Listed(("run",), runs, _call("total", _RUN)))
        yield _call("maximum", Listed(("row",), rows, longest))
    longest = _call("maximum", Listed(("run",), runs, _call("length", _RUN)))
    yield _call("maximum", Listed(("row",), rows, longest))
    yield from _of_sides(rows, binary)


def _of_sides(rows: Expr, binary: bool) -> Iterator[Expr]:
    """How many neighbours in rows are equal or not; with borders, where there are two colours."""
    pairs = _call("zip", _ROW, _call("suffix", _ROW, 1))
    for op in ("ne", "eq"):
        odd = _call("length", Listed(("x", "y"), pairs, Const(1), _call(op, _X, _Y)))
        yield _call("total", Listed(("row",), rows, odd))
    both = _call("length", Listed(("x", "y"), pairs, Const(1), _call("and", _X, _Y)))
    yield _call("total", Listed(("row",), rows, both))
    if binary:
        zero = _call("single", 0)
        framed = _call("zip", _call("joined", zero, _ROW), _call("joined", _ROW, zero))
        changes = _call("length", Listed(("x", "y"), framed, Const(1), _call("ne", _X, _Y)))
        yield _call("total", Listed(("row",), rows, changes))


def _of_regions(picture: Expr, colour: int, several: bool) -> Iterator[Expr]:
    """How many there are, of how many places, and how many without those at the border.

    With ``several`` colours besides what one reaches through zeros, and in the first and last row.
    """
    regions = _call("regions", picture, colour)
    sizes = Listed(("region",), regions, _call("length", _REGION))
    yield _call("length", regions)
    yield _call("maximum", _call("joined", sizes, _call("single", 0)))
    single = _call("eq", _call("length", _REGION), 1)
    yield _call("length", Listed(("region",), regions, Const(1), single))
    if colour and several:
        reached = _call("flooded", picture, colour)
        yield _call("count", _call("flat", reached), colour)
        yield _call("count", _call("item", reached, 0), colour)
        yield _call("count", _call("item", reached, -1), colour)
    if not colour:
        inner = _call("flooded_in", picture, -1)
        yield _call("length", _call("regions", inner, 0))
        yield _call("count", _call("flat", inner), 0)


def _of_diagonals(picture: Expr) -> Iterator[Expr]:
    """Sums along the diagonals from the corners above."""
    inside = _call("lt", _PLACE, _call("length", _ROW))
    places = _call("enumerate", picture)
    yield _call("total", Listed(("i", "row"), places, _call("item", _ROW, _PLACE), inside))
    last = _call("sub", -1, _PLACE)
    yield _call("total", Listed(("i", "row"), places, _call("item", _ROW, last), inside))


def _turned(picture: Expr) -> list[Expr]:
    """The picture, its mirror images, and its columns as rows."""
    across = _call("columns", picture)
    mirrored = Listed(("row",), picture, _call("reversed", _ROW))
    upper, lower = _halves(picture)
    left, right = _halves(across)
    return [
        picture,
        _call("reversed", picture),
        mirrored,
        _call("reversed", mirrored),
        across,
        upper,
        lower,
        _call("reversed", lower),
        left,
        right,
        _call("reversed", right),
    ]
