"""Loops that only remember a window: each answer from the places before it."""

from __future__ import annotations

from collections.abc import Mapping

from ....ir.expr import Const, Expr, Read, Total, Var, call, size, walk
from ....ir.program import Map, Scan
from ....ir.rewrite import substitute
from .affine import Affine, affine
from .loop import Loop, length, names
from .naming import lags

_LOOP = 14  # nodes of a loop and an append
_START = 4  # nodes of a variable's initial value
_COMPREHENSION = 19
_CHECK = 9  # nodes that ask whether a place lies before the start
_FEWEST = 3  # terms that are worth a sum over a slice


def windowed(loop: Loop, scan: Scan, index: str) -> Map | None:
    """The loop as a comprehension over places, where that is shorter; else None.

    ``index`` is a name for the place that nothing else has.
    """
    depths = {name: depth for name, (depth, _) in lags(loop).items()}
    if len(loop.channels) != 1 or len(loop.answers) != 1 or len(depths) < len(loop.state):
        return None
    if not loop.state or loop.totals:
        return None
    (answer,) = loop.answers
    if any(name.endswith("'") for name in names(answer)):
        return None
    places: dict[str, Expr] = {
        name: Read(scan.over, (_before(index, depth),)) for name, depth in depths.items()
    }
    places[loop.channel_names[0]] = Read(scan.over, (Var(index),))
    summed = _summed(answer, {loop.channel_names[0]: 0, **depths}, scan.over, index)
    described = substitute(answer, places)
    checks = sum(isinstance(e, Read) and e.index != (Var(index),) for e in walk(described))
    options = [(size(described) + _CHECK * checks, described)]
    if summed is not None:
        options.append((size(summed), summed))
    price, value = min(options, key=lambda option: option[0])
    if price + _COMPREHENSION >= length(loop) + _LOOP + _START * len(loop.state):
        return None
    return Map(scan.name, scan.over, (index,), (), value)


def _before(index: str, depth: int) -> Expr:
    return call("add", Var(index), Const(-depth))


def _summed(answer: Expr, depths: Mapping[str, int], port: str, index: str) -> Expr | None:
    """A weighted sum in which neighbouring places with one weight are a sum over a slice."""
    form = affine(answer)
    weights = {depths[atom.name]: weight for atom, weight in form.terms if isinstance(atom, Var)}
    steps = sorted(weights)
    if len(weights) < len(form.terms) or len(steps) < _FEWEST:
        return None
    if steps != list(range(steps[0], steps[-1] + 1)) or len(set(weights.values())) > 1:
        return None
    start = call("max", Const(0), call("sub", Var(index), Const(steps[-1])))
    stop = affine(Var(index)).plus(Affine((), 1 - steps[0])).expr()
    if steps[0] > 1:
        stop = call("max", Const(0), stop)
    total = Total("k", start, stop, Read(port, (Var("k"),)))
    return Affine.of({total: weights[steps[0]]}, form.constant).expr()
