"""A formula of a table's own columns, from one in which indicators stand for text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...data.tables import NumberTable
from ...ir.expr import Call, Const, Expr, If, Var, walk
from ...ir.levels import Levels
from ...ir.names import fresh, identifier
from ...ir.ops import OPERATIONS
from ...ir.program import Formula, Let
from ...ir.rewrite import bottomup, substitute
from ...ir.types import Reals, Scalar
from .baseline import with_baselines
from .network import Floats

_TRUTHS = (False, True)


@dataclass(frozen=True, slots=True)
class UsedColumn:
    """An input of a formula, and the numbers of the table that tell it.

    A number is at ``place``; of a column of text ``count`` indicators begin there.
    """

    scalar: Scalar
    place: int
    count: int = 0

    def numbers(self, x: Floats) -> Floats:
        """The column (rows,) from the numbers of a table (rows, columns), places of levels."""
        if self.count < 2:
            return x[:, self.place]
        indicators = x[:, self.place : self.place + self.count]
        return np.asarray(indicators.argmax(axis=1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class UsedColumns:
    """The columns of a table that a formula uses, in the order of the table."""

    columns: tuple[UsedColumn, ...]

    def rows(self, x: Floats) -> Floats:
        """The rows of a table (rows, columns) as those of the formula (rows, inputs)."""
        numbers = [column.numbers(x) for column in self.columns]
        return np.stack(numbers, axis=1) if numbers else np.empty((len(x), 0))


def all_numbers(formula: Formula) -> UsedColumns:
    """Every input is a number of the table, whether it is used or not."""
    return UsedColumns(tuple(UsedColumn(one, k) for k, one in enumerate(formula.inputs)))


def of_columns(formula: Formula, table: NumberTable) -> tuple[Formula, UsedColumns]:
    """The same formula of the columns that it uses, and where they stand in the table.

    The inputs of ``formula`` are the numbers of the table, one for each of its titles.
    """
    taken = {one.name for one in (*formula.inputs, formula.output)} | {formula.name}
    taken |= {let.name for let in formula.body} | {"math", "json", "sys"}
    titles = set(table.columns)
    columns: list[UsedColumn] = []
    tests: dict[str, Expr] = {}
    for column, indicators in _columns(formula.inputs, table):
        if indicators and column.scalar.name not in indicators:
            title = column.scalar.title
            name = fresh(identifier(title), taken | (titles - {title}))
            taken.add(name)
            column = replace(column, scalar=replace(column.scalar, name=name))
        tests |= {
            known: Call("eq", (Var(column.scalar.name), Const(place)))
            for known, place in indicators.items()
        }
        columns.append(column)
    levels = {one.scalar.name: one.scalar.levels for one in columns if one.scalar.levels}
    body = tuple(Let(let.name, _tested(let.value, tests, levels)) for let in formula.body)
    value = _tested(formula.value, tests, levels)
    named = {node.name for one in (*(let.value for let in body), value) for node in walk(one)
             if isinstance(node, Var)}  # fmt: skip
    used = UsedColumns(tuple(one for one in columns if one.scalar.name in named))
    inputs = tuple(one.scalar for one in used.columns)
    return replace(formula, inputs=inputs, body=body, value=value), used


def _columns(
    inputs: Sequence[Scalar], table: NumberTable
) -> Iterator[tuple[UsedColumn, Mapping[str, int]]]:
    """Each column of the table, and of which level, by place, each of its indicators tells."""
    texts = {place: one for place, one in table.categories if one.described}
    place = 0
    while place < len(inputs):
        scalar = inputs[place]
        if (text := texts.get(place)) is not None:
            count = len(text.described)
            first = len(text.levels) - count
            levels = Scalar("", Reals(0.0, len(text.levels) - 1.0), text.title, text.levels)
            names = {one.name: first + k for k, one in enumerate(inputs[place : place + count])}
            yield UsedColumn(levels, place, count), names
            place += count
        else:
            if place in table.truths:
                scalar = replace(scalar, domain=Reals(0.0, 1.0), levels=_TRUTHS)
            yield UsedColumn(scalar, place), {scalar.name: 1} if place in table.truths else {}
            place += 1


def _tested(expr: Expr, tests: Mapping[str, Expr], levels: Levels) -> Expr:
    """Tests of levels in place of indicators; what only asks for one of them is a test itself."""

    def shorter(node: Expr) -> Expr:
        match node:
            case Call("power" | "pow", (Var(name) as one, Const(int() | float() as power))) if (
                name in tests and power > 0
            ):
                return one
            case Call(op, (Var(name), Const())) | Call(op, (Const(), Var(name))) if (
                name in tests and OPERATIONS[op].truth
            ):
                return _decided(node, name)
            case If(Const(value), then, otherwise):
                return then if value else otherwise
            case _:
                return node

    shortened = substitute(bottomup(expr, shorter), tests)
    return with_baselines(bottomup(shortened, lambda node: _as_test(node, levels)), levels)


def _decided(node: Call, name: str) -> Expr:
    """A comparison of an indicator with a number."""
    no, yes = (bool(_at(node, number)) for number in (0, 1))
    if no == yes:
        return Const(int(yes))
    return Call("eq", (Var(name), Const(int(yes))))


def _at(node: Call, number: int) -> object:
    args = [one.value if isinstance(one, Const) else number for one in node.args]
    return OPERATIONS[node.op].function(*args)


def _as_test(node: Expr, levels: Levels) -> Expr:
    """``test = 1`` is the test, ``test = 0`` its opposite."""
    match node:
        case Call("eq", (Call("eq", (Var(name), Const(0 | 1 as place))), Const(0))) if (
            len(levels.get(name, ())) == 2
        ):
            return Call("eq", (Var(name), Const(1 - place)))
        case Call("eq", (Call("eq", (Var(name), level)), Const(0 | 1 as holds))) if name in levels:
            return Call("eq" if holds else "ne", (Var(name), level))
        case _:
            return node
