"""Kept until the forms call the one judge."""

from __future__ import annotations

from typing import Any

from ..forms.set.inputs import EXAMPLES, LARGE_EXAMPLES, SetInputs
from .certificate import Certificate
from .judge import judge

__all__ = ["EXAMPLES", "LARGE_EXAMPLES", "certify_whole"]


def certify_whole(
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
    """A certificate of an answer about a whole."""
    space = SetInputs(problem, network, program, seed, **options)
    return judge(space, solve, network_exact=network_exact, versions=versions)
