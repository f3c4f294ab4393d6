"""Grid programs beside networks: run against each other, mutated, and made of any truth table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from proving import prove_program
from strategies import BITS, at, grid_port, grid_program

from deepdistill.data import catalogue
from deepdistill.forms.files import read_network
from deepdistill.forms.grid.network import GridNetwork
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Call, Const, Expr, If, Inside, Read, Sum, call, children, rebuild
from deepdistill.ir.program import Map, Program
from deepdistill.ir.types import Port
from deepdistill.units.groups import UnitGroup
from deepdistill.units.readings import Tap
from deepdistill.verify.proof import BUDGET, Proof

OUTPUTS = Path(__file__).resolve().parents[1] / "outputs"


@cache
def gallery(name: str) -> tuple[Any, GridNetwork]:
    network = read_network((OUTPUTS / name / "network.npz").read_bytes(), name)
    assert isinstance(network, GridNetwork)
    return catalogue.find(name), network


# Two sides and whether they are equal, on grids that are run


def draws(program: Program, count: int = 6, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Grids from one cell up to five along each axis, and values for the fixed ports."""
    rng = np.random.default_rng(seed)
    grid = next(port for port in program.inputs if not port.is_fixed)
    for largest in [1, 2, 3, *[5] * count]:
        shape = tuple(rng.integers(1, largest + 1, len(grid.axes)).tolist())
        yield {
            port.name: rng.integers(
                port.domain.low,
                port.domain.high + 1,
                tuple(axis.size or 1 for axis in port.axes) if port.is_fixed else shape,
            )
            for port in program.inputs
        }


def differ(program: Program, network: GridNetwork, arrays: dict[str, Any]) -> bool:
    try:
        found = evaluate(program, {name: array.tolist() for name, array in arrays.items()})
    except (ArithmeticError, LookupError):
        return True
    return bool(np.any(np.asarray(found) != network.run(arrays)))


def grid_of(program: Program, case: dict[str, int]) -> dict[str, Any]:
    """The grid of a counterexample: what is named there, and nothing around it."""
    reach = [k for key in case for k in _place(key)[1]]
    half = max([0, *map(abs, reach)])
    arrays: dict[str, Any] = {}
    for port in program.inputs:
        sizes = [axis.size or 0 for axis in port.axes]
        cells = {at: v for (name, at), v in ((_place(k), v) for k, v in case.items())
                 if name == port.name}  # fmt: skip
        ends = [(min([0, *(p[d] for p in _insides(case, program))]),
                 max([0, *(p[d] for p in _insides(case, program))]))
                for d in range(len(port.axes))] if not port.is_fixed else []  # fmt: skip
        if port.is_fixed:
            array = np.zeros(sizes, dtype=int)
            for place, value in cells.items():
                array[place] = value
        else:
            lows = [-half if axis.wrap else low
                    for axis, (low, _) in zip(port.axes, ends, strict=True)]  # fmt: skip
            highs = [half if axis.wrap else high
                     for axis, (_, high) in zip(port.axes, ends, strict=True)]  # fmt: skip
            shape = [high - low + 1 for low, high in zip(lows, highs, strict=True)]
            array = np.full(shape, port.domain.low)
            for place, value in cells.items():
                array[tuple(k - low for k, low in zip(place, lows, strict=True))] = value
        arrays[port.name] = array
    return arrays


def _insides(case: dict[str, int], program: Program) -> list[tuple[int, ...]]:
    fixed = {port.name for port in program.inputs if port.is_fixed}
    return [place for name, place in map(_place, case) if name not in fixed]


def _place(key: str) -> tuple[str, tuple[int, ...]]:
    name, inner = key[:-1].split("[")
    return name, tuple(map(int, inner.split(", ")))


def judged(program: Program, network: GridNetwork, count: int = 6, budget: int = BUDGET) -> Proof:
    """The proof, held against grids that are run."""
    proof = prove_program(program, network, budget)
    assert proof is not None
    if proof.status == "proved":
        for arrays in draws(program, count):
            assert not differ(program, network, arrays), (proof, arrays)
    if proof.status == "refuted":
        assert proof.counterexample is not None
        assert differ(program, network, grid_of(program, proof.counterexample)), proof
    return proof


# Mutants of one expression: every constant, operation, order, index and point


OTHER = {"add": "sub", "sub": "add", "and": "or", "or": "and", "max": "min", "min": "max",
         "eq": "ne", "ne": "eq", "lt": "le", "le": "lt", "gt": "ge", "ge": "gt", "mul": "add",
         "bitand": "bitor", "bitor": "bitxor", "bitxor": "bitand"}  # fmt: skip


def mutants(expr: Expr) -> Iterator[Expr]:
    match expr:
        case Const(int() as value):
            yield from (Const(value + 1), Const(value - 1))
        case Const(tuple() as values):
            for k in range(len(values)):
                yield Const((*values[:k], values[k] + 1, *values[k + 1 :]))
        case Call(op, args):
            if op in OTHER and (len(args) == 2 or OTHER[op] != "sub"):
                yield Call(OTHER[op], args)
            if op in ("add", "and", "or") and len(args) > 1:
                yield args[0]
                yield Call(op, args[1:]) if len(args) > 2 else args[1]
            if op == "not":
                yield args[0]
        case If(condition, then, otherwise):
            yield If(condition, otherwise, then)
            yield then
        case Sum(names, points, body):
            yield Sum(names, points[1:], body)
            yield Sum(names, (*points[:-1], (0,) * len(names)), body)
        case Read(port, index):
            yield Inside(port, index)
        case Inside(port, index):
            yield Read(port, index)
    parts = children(expr)
    for k, part in enumerate(parts):
        for other in mutants(part):
            yield rebuild(expr, (*parts[:k], other, *parts[k + 1 :]))


def program_mutants(program: Program) -> Iterator[Program]:
    *before, last = program.body
    assert isinstance(last, Map)
    for k, let in enumerate(last.body):
        for value in mutants(let.value):
            body = (*last.body[:k], replace(let, value=value), *last.body[k + 1 :])
            yield replace(program, body=(*before, replace(last, body=body)))
    for value in mutants(last.value):
        yield replace(program, body=(*before, replace(last, value=value)))


# Networks of any truth table: one unit for each pattern


def table_network(answers: tuple[int, ...], wrap: bool) -> GridNetwork:
    """One axis, three cells of 0 and 1: ``answers[4 * left + 2 * center + right]``."""
    port = grid_port(dimensions=1, wrap=wrap)
    patterns = np.array(list(product((0, 1), repeat=3)))
    hidden = UnitGroup(2.0 * patterns - 1, -1.0 * patterns.sum(axis=1), "step")
    last = UnitGroup(np.array([answers], dtype=float), np.array([-1.0]), "step")
    taps = tuple(Tap("cells", (k,)) for k in (-1, 0, 1))
    return GridNetwork((port,), Port("result", port.axes, BITS), taps, (hidden, last), (0, 1))


def lookup(answers: tuple[int, ...], wrap: bool) -> Program:
    place = call("add", call("mul", Const(4), at(-1)), call("mul", Const(2), at(0)), at(1))
    return grid_program(call("item", Const(answers), place), (), wrap, dimensions=1)


def snapped(network: GridNetwork) -> GridNetwork:
    """The network with integer weights."""
    groups = tuple(
        replace(group, weights=np.round(group.weights), bias=np.round(group.bias))
        for group in network.groups
    )
    return replace(network, groups=groups)
