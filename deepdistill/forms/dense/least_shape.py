"""The smallest input for which a program of any size has all its arrays and places."""

from __future__ import annotations

from ...ir.evaluate import evaluate
from ...ir.expr import Call, Const, Expr, Read, Size, Total, walk
from ...ir.program import Fill, Let, Program
from .size_laws import Shape, at


def least_shape(program: Program, known: Shape) -> Shape:
    """The smallest size of each axis, ``known`` being a shape at which the program runs.

    Every array has at least one place there, every place that does not depend on a loop is in
    its array, no sum ends before it begins, nothing is divided by 0, and the program runs.
    """
    (port,) = program.inputs
    free = [k for k, axis in enumerate(port.axes) if axis.size is None]
    least = list(known)
    for axis in free:
        while least[axis] > 1 and _holds(
            program, (*least[:axis], least[axis] - 1, *least[axis + 1 :])
        ):
            least[axis] -= 1
    while not _runs(program, tuple(least)) and tuple(least) != known:
        for axis in free:
            least[axis] = min(least[axis] + 1, known[axis])
    return tuple(least)


def _holds(program: Program, shape: Shape) -> bool:
    lengths: dict[str, list[float]] = {program.inputs[0].name: list(shape)}
    for statement in program.body:
        if isinstance(statement, Fill):
            sizes = [n if isinstance(n, int) else at(n, shape) for n in statement.sizes]
            if statement.points is not None:
                sizes = [len(statement.points)]
            if min(sizes, default=1) < 1:
                return False
            lengths[statement.name] = sizes
        if not isinstance(statement, Let | Fill):
            return False
        if not all(_fits(part, shape, lengths) for part in walk(statement.value)):
            return False
    return True


def _fits(expr: Expr, shape: Shape, lengths: dict[str, list[float]]) -> bool:
    match expr:
        case Read(name, index):
            pairs = zip(index, lengths[name], strict=True)
            return all(0 <= at(k, shape) < n for k, n in pairs if _is_fixed(k))
        case Total(_, start, stop) if _is_fixed(start) and _is_fixed(stop):
            return at(start, shape) <= at(stop, shape)
        case Call("div", (_, divisor)) if _is_fixed(divisor):
            return at(divisor, shape) != 0
        case _:
            return True


def _is_fixed(expr: Expr) -> bool:
    return all(isinstance(part, Const | Size | Call) for part in walk(expr))


def _runs(program: Program, shape: Shape) -> bool:
    try:
        evaluate(program, {program.inputs[0].name: _filled(program, shape)})
    except (IndexError, ZeroDivisionError, ValueError):
        return False
    return True


def _filled(program: Program, shape: Shape) -> object:
    def nested(sizes: Shape) -> object:
        return [nested(sizes[1:]) for _ in range(sizes[0])] if sizes else value

    value = program.inputs[0].domain.low
    return nested(shape)
