"""Kept until the forms call the one judge."""

from __future__ import annotations

from typing import Any

from ...verify.certificate import Certificate
from ...verify.judge import judge
from .answers import agree
from .answers import plain_answer as told
from .inputs import EXAMPLES, DenseInputs
from .rounding import rounded_decisions

__all__ = ["EXAMPLES", "agree", "certify_dense", "rounded_decisions", "told"]


def certify_dense(
    name: str,
    network: Any,
    program: Any,
    solve: Any,
    seed: int = 0,
    *,
    versions: Any = None,
    **options: Any,
) -> Certificate:
    """A certificate of a condensed network."""
    return judge(DenseInputs(name, network, program, seed, **options), solve, versions=versions)
