"""Kept until the forms call the one judge."""

from __future__ import annotations

from typing import Any

from ...verify.certificate import Certificate
from ...verify.judge import judge
from .inputs import EXAMPLES, LARGE_EXAMPLES, SequenceInputs, exact

__all__ = ["EXAMPLES", "LARGE_EXAMPLES", "certify_sequences", "exact"]


def certify_sequences(
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
    """A certificate of a rule of sequences."""
    space = SequenceInputs(problem, network, program, seed, **options)
    return judge(space, solve, network_exact=network_exact, versions=versions)
