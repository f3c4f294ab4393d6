"""The formulas that could be chosen, as rows that print as a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..ir.expr import Expr
from ..target.formula_source import expression_text
from .search import OutputSearch

_COLUMNS = ("output", "complexity", "loss", "chosen", "formula")


class FrontTable(tuple[dict[str, Any], ...]):
    """Rows with ``output``, ``complexity`` (nodes), ``loss`` (mean squared error on fitted rows),
    ``chosen`` and ``formula``; printed, they are a table.
    """

    def __str__(self) -> str:
        cells = [_COLUMNS, *(tuple(map(_cell, map(row.get, _COLUMNS))) for row in self)]
        widths = [max(len(row[k]) for row in cells) for k in range(len(_COLUMNS))]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in cells
        )


def front_table(outputs: Sequence[OutputSearch]) -> FrontTable:
    """The rows of all outputs, each smallest first."""
    return FrontTable(
        {
            "output": one.name,
            "complexity": row.complexity,
            "loss": row.loss,
            "chosen": row.expr == one.expr,
            "formula": plain_text(row.expr),
        }
        for one in outputs
        for row in one.front
    )


def _cell(value: Any) -> str:
    match value:
        case bool():
            return "*" if value else ""
        case float():
            return f"{value:.3g}"
        case _:
            return str(value)


def plain_text(expr: Expr) -> str:
    """The formula as people write it: Python without ``math.``."""
    return re.sub(r"\bmath\.", "", expression_text(expr))
