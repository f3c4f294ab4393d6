"""Kept until the forms call the one judge."""

from __future__ import annotations

from typing import Any

from ...verify.certificate import Certificate
from ...verify.judge import judge
from .inputs import EXAMPLES, FormulaInputs
from .quality import outside_ranges

__all__ = ["EXAMPLES", "certify_formula", "outside_ranges"]


def certify_formula(
    name: str,
    formula: Any,
    solve: Any,
    rows: Any,
    number: int = 0,
    *,
    versions: Any = None,
    **options: Any,
) -> Certificate:
    """A certificate of a formula."""
    return judge(FormulaInputs(name, formula, rows, number, **options), solve, versions=versions)
