"""Explanations: why a program gave one answer, as a short trace for people and as data."""

from __future__ import annotations

from .clauses import explain_decisions
from .formula import explain_formula
from .program import explain_program
from .trace import Explanation, Step

__all__ = ["Explanation", "Step", "explain_decisions", "explain_formula", "explain_program"]
