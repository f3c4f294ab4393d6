"""Kept until the forms call the one judge."""

from __future__ import annotations

from typing import Any

from ...verify.certificate import Certificate
from ...verify.judge import judge
from .inputs import EXAMPLES, LARGE_EXAMPLES, ClauseInputs

__all__ = ["EXAMPLES", "LARGE_EXAMPLES", "certify_clauses"]


def certify_clauses(
    problem: Any,
    network: Any,
    program: Any,
    solve: Any,
    seed: int = 0,
    *,
    network_exact: bool = True,
    versions: Any = None,
    **options: Any,
) -> Certificate:
    """A certificate of a driven rule."""
    return judge(ClauseInputs(problem, network, program, seed, **options), solve, versions=versions)
