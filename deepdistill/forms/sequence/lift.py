"""Recurrent network → ``Scan``: a loop that computes precisely what the network computes."""

from __future__ import annotations

from typing import assert_never

from ...ir.expr import Call, Const, Expr, If, Var, call
from ...ir.linear import bounded, weighted_sum
from ...ir.program import Let, Program, Scan
from .network import AffineUnit, Cell, Feature, Lag, Product, RecurrentNetwork, Register


def lift_recurrent(network: RecurrentNetwork, name: str) -> Program:
    """The network as a program of one ``Scan``.

    Registers and the window's earlier elements are carried; new values get names of their own, so
    that a cell may read a register before and after its update.
    """
    (port,) = network.inputs
    channels = max((axis.size or 1 for axis in port.axes), default=1)
    window = _windows(network, channels)
    element = tuple(lag_name(Lag(0, c)) for c in range(channels))
    state = [Let(register_name(k, False), Const(int(v))) for k, v in enumerate(network.initial)]
    state += [
        Let(lag_name(Lag(steps, c)), Const(0))
        for c in range(channels)
        for steps in range(1, window[c] + 1)
    ]
    exprs = [_feature(feature) for feature in network.features]
    body = [
        Let(register_name(k, True), _cell(cell, exprs)) for k, cell in enumerate(network.updates)
    ]
    answers = tuple(f"answer{k}" for k in range(len(network.outputs)))
    body += [
        Let(answer, _cell(cell, exprs))
        for answer, cell in zip(answers, network.outputs, strict=True)
    ]
    body += [
        Let(register_name(k, False), Var(register_name(k, True)))
        for k in range(len(network.updates))
    ]
    body += [
        Let(lag_name(Lag(steps, c)), Var(lag_name(Lag(steps - 1, c))))
        for c in range(channels)
        for steps in range(window[c], 0, -1)
    ]
    values = tuple(Var(answer) for answer in answers)
    loop = Scan(network.output.name, port.name, element, tuple(state), tuple(body), values)
    return Program(name, network.inputs, network.output, (loop,))


def lag_name(lag: Lag) -> str:
    """The element's channel, or its value some steps earlier."""
    return f"x{lag.channel}_before{lag.steps}" if lag.steps else f"x{lag.channel}"


def register_name(index: int, updated: bool) -> str:
    """A register before or after its update."""
    return f"r{index}_new" if updated else f"r{index}"


def _windows(network: RecurrentNetwork, channels: int) -> list[int]:
    """For each channel how many earlier elements are read."""
    found = [0] * channels
    for feature in network.features:
        parts = (feature.left, feature.right) if isinstance(feature, Product) else (feature,)
        for part in parts:
            if isinstance(part, Lag):
                found[part.channel] = max(found[part.channel], part.steps)
    return found


def _feature(feature: Feature) -> Expr:
    match feature:
        case Lag():
            return Var(lag_name(feature))
        case Register(index, updated):
            return Var(register_name(index, updated))
        case Product(left, right):
            return call("mul", _feature(left), _feature(right))
        case _:
            assert_never(feature)


def _linear(linear: AffineUnit, features: list[Expr]) -> Expr:
    """The weighted sum, floor-divided and reduced where the unit says so."""
    total = weighted_sum(zip(linear.weights, features, strict=True), linear.bias)
    if linear.divisor != 1:
        total = call("floordiv", total, Const(int(linear.divisor)))
    return call("mod", total, Const(int(linear.modulus))) if linear.modulus else total


def _cell(cell: Cell, features: list[Expr]) -> Expr:
    """Nested conditionals, the first piece outermost."""
    gates = [bounded(_linear(gate.sum, features), gate.low, gate.high) for gate in cell.gates]
    value = _linear(cell.pieces[-1].value, features)
    for piece in reversed(cell.pieces[:-1]):
        tests = [gates[k] if want else call("not", gates[k]) for k, want in piece.wanted]
        here = _linear(piece.value, features)
        if not tests:
            value = here
        else:
            value = If(tests[0] if len(tests) == 1 else Call("and", tuple(tests)), here, value)
    return value
