"""Small changes of programs and networks over sequences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from deepdistill.forms.sequence.network import RecurrentNetwork
from deepdistill.ir.expr import Call, Const, Expr, If, children, rebuild
from deepdistill.ir.program import Let, Map, Program, Scan
from deepdistill.units.gates import AffineUnit, Cell, Gate, Piece

_OTHERS = {
    "add": ("sub", "max"),
    "sub": ("add",),
    "mul": ("add",),
    "max": ("min", "add"),
    "min": ("max",),
    "mod": ("floordiv",),
    "floordiv": ("mod",),
    "eq": ("ne", "le", "ge"),
    "ne": ("eq",),
    "lt": ("le", "gt"),
    "le": ("lt", "ge"),
    "gt": ("ge",),
    "ge": ("gt", "le"),
    "bitxor": ("bitand", "bitor"),
}


def changed(expr: Expr) -> Iterator[Expr]:
    """An expression with one constant, operation, operand or branch changed."""
    parts = children(expr)
    for k, part in enumerate(parts):
        for other in changed(part):
            yield rebuild(expr, (*parts[:k], other, *parts[k + 1 :]))
    match expr:
        case Const(int() as value):
            yield Const(value + 1)
            yield Const(value - 1)
        case Call(op, args):
            if len(args) == 2:
                yield from (Call(other, args) for other in _OTHERS.get(op, ()))
                yield Call(op, args[::-1])
            elif len(args) > 2:
                yield from (Call(op, (*args[:k], *args[k + 1 :])) for k in range(len(args)))
        case If(condition, then, otherwise):
            yield from (If(condition, otherwise, then), then, otherwise)
        case _:
            pass


def _lets(lets: tuple[Let, ...]) -> Iterator[tuple[Let, ...]]:
    for k, let in enumerate(lets):
        for value in changed(let.value):
            yield (*lets[:k], Let(let.name, value), *lets[k + 1 :])
    for k in range(len(lets) - 1):
        yield (*lets[:k], lets[k + 1], lets[k], *lets[k + 2 :])


def program_mutants(program: Program) -> Iterator[Program]:
    """Programs that differ in one place."""
    (statement,) = program.body
    options: list[Scan | Map] = []
    if isinstance(statement, Scan):
        options += [replace(statement, state=lets) for lets in _lets(statement.state)]
        for k, value in enumerate(statement.values):
            for other in changed(value):
                values = (*statement.values[:k], other, *statement.values[k + 1 :])
                options.append(replace(statement, values=values))
    else:
        assert isinstance(statement, Map)
        options += [replace(statement, value=value) for value in changed(statement.value)]
    options += [replace(statement, body=lets) for lets in _lets(statement.body)]
    for option in dict.fromkeys(options):
        yield replace(program, body=(option,))


def network_mutants(network: RecurrentNetwork) -> Iterator[RecurrentNetwork]:
    """Networks that differ in one number."""
    for k, value in enumerate(network.initial):
        for d in (1, -1):
            initial = (*network.initial[:k], value + d, *network.initial[k + 1 :])
            yield replace(network, initial=initial)
    for field in ("updates", "outputs"):
        cells = getattr(network, field)
        for k, cell in enumerate(cells):
            for other in _cells(cell):
                yield replace(network, **{field: (*cells[:k], other, *cells[k + 1 :])})


def _cells(cell: Cell) -> Iterator[Cell]:
    for k, gate in enumerate(cell.gates):
        for other in _gates(gate):
            yield Cell((*cell.gates[:k], other, *cell.gates[k + 1 :]), cell.pieces)
    for k, piece in enumerate(cell.pieces):
        for value in _linears(piece.value):
            new = Piece(piece.wanted, value)
            yield Cell(cell.gates, (*cell.pieces[:k], new, *cell.pieces[k + 1 :]))
        for index, want in piece.wanted:
            wanted = tuple(w if w != (index, want) else (index, not want) for w in piece.wanted)
            turned = Piece(wanted, piece.value)
            yield Cell(cell.gates, (*cell.pieces[:k], turned, *cell.pieces[k + 1 :]))


def _gates(gate: Gate) -> Iterator[Gate]:
    if gate.low is not None:
        yield replace(gate, low=gate.low + 1)
        yield replace(gate, low=gate.low - 1)
    if gate.high is not None:
        yield replace(gate, high=gate.high + 1)
    for total in _linears(gate.sum):
        yield replace(gate, sum=total)


def _linears(linear: AffineUnit) -> Iterator[AffineUnit]:
    for k, weight in enumerate(linear.weights):
        if weight:
            weights = (*linear.weights[:k], weight + 1, *linear.weights[k + 1 :])
            yield replace(linear, weights=weights)
    yield replace(linear, bias=linear.bias + 1)
    if linear.divisor > 1:
        yield replace(linear, divisor=linear.divisor + 1)
    if linear.modulus:
        yield replace(linear, modulus=linear.modulus + 1)
