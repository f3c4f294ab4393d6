"""The value of an expression on many rows at once, as the interpreter has it row by row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, assert_never

import numpy as np
import numpy.typing as npt

from .expr import Call, Const, Expr, First, If, Inside, Listed, Read, Size, Sum, Total, Var
from .ops import OPERATIONS

Column: TypeAlias = npt.NDArray[Any]
"""A value a row: integers (int64) or floats (float64)."""


def evaluate_rows(
    expr: Expr, columns: Mapping[str, Column], ports: Mapping[str, Column] | None = None
) -> Column:
    """The value of an expression on every row.

    ``columns`` gives each name its values (rows,); ``ports`` gives each port of one axis its
    positions (positions, rows). Raises ``ValueError`` for what has no meaning for columns.
    """
    ports = ports or {}
    count = len(next(iter(columns.values()))) if columns else 1

    def value(e: Expr, rows: Column) -> Column:
        match e:
            case Const(tuple()):
                raise ValueError("a tuple stands only inside item, in and notin")
            case Const(constant):
                return np.full(len(rows), constant)
            case Var(name):
                return columns[name][rows]
            case Read(port, (index,)):
                k = value(index, rows)
                inside = (k >= 0) & (k < len(ports[port]))
                return np.where(inside, ports[port][np.where(inside, k, 0), rows], 0)
            case Inside(port, (index,)):
                k = value(index, rows)
                return ((k >= 0) & (k < len(ports[port]))).astype(np.int64)
            case Call(op, args) if (meaning := OPERATIONS[op].columns) is not None:
                column = np.asarray(meaning(np, *(argument(arg, rows) for arg in args)))
                if not args:
                    column = np.full(len(rows), column)
                return column.astype(np.int64) if column.dtype == np.bool_ else column
            case If(condition, then, otherwise):
                # each branch sees only its own rows: an index may be out of range on the others
                taken = value(condition, rows) != 0
                yes, no = value(then, rows[taken]), value(otherwise, rows[~taken])
                out = np.empty(len(rows), dtype=np.result_type(yes, no))
                out[taken], out[~taken] = yes, no
                return out
            case Read() | Inside() | Call() | Sum() | Total() | Size() | First() | Listed():
                raise ValueError(f"cannot evaluate {e} on the rows of a table")
            case _:
                assert_never(e)

    def argument(e: Expr, rows: Column) -> Column:
        match e:
            case Const(tuple() as members):
                return np.array(members, dtype=np.int64)
            case _:
                return value(e, rows)

    return value(expr, np.arange(count))
