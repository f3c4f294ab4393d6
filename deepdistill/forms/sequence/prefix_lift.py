"""A program for a whole sequence as one that answers it at each step, for the prefix so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...ir.expr import Call, Const, Expr, Size, Var, call, walk
from ...ir.program import Let, Map, Program
from ...ir.rewrite import mapped
from ...ir.types import Port

PLACE = "t"


def over_prefixes(program: Program, inputs: tuple[Port, ...], output: Port, name: str) -> Program:
    """At each place what ``program`` answers for the elements up to there.

    ``program`` binds scalars alone, reads its one input inside of its range and knows it as
    ``inputs[0]``. ``ValueError`` where a statement makes an array.
    """
    (port,) = inputs
    (old,) = program.inputs
    if old.name != port.name:
        raise ValueError("the program and its prefixes name their input differently")
    lets = [statement for statement in program.body if isinstance(statement, Let)]
    if len(lets) < len(program.body) or program.tables:
        raise ValueError("only a program of scalars is told at each prefix")
    if PLACE in set(_names(lets)) | {port.name, output.name, name}:
        raise ValueError(f"the name {PLACE!r} is taken")
    described = [replace(let, value=_upto(let.value, port.name)) for let in lets]
    rule = Map(output.name, port.name, (PLACE,), tuple(described[:-1]), described[-1].value)
    return Program(name, inputs, output, (rule,))


def _names(lets: list[Let]) -> Iterator[str]:
    for let in lets:
        yield let.name
        yield from (node.name for node in walk(let.value) if isinstance(node, Var))


def _upto(expr: Expr, port: str) -> Expr:
    """The expression with the input and its size replaced by the prefix and its length."""
    length = call("add", Var(PLACE), Const(1))
    if isinstance(expr, Size) and expr.port == port:
        return length
    if expr == Var(port):
        return call("prefix", expr, length)
    described = mapped(expr, lambda part: _upto(part, port))
    return _folded(described)


def _folded(expr: Expr) -> Expr:
    """(x + 1) - 1 -> x"""
    match expr:
        case Call("sub", (Call("add", (x, one)), other)) if one == other:
            return x
        case _:
            return expr
