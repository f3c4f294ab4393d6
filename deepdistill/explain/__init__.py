"""Explanations: why a program gave one answer, as a short trace for people and as data."""

from __future__ import annotations

from .program import explain_program
from .trace import Explanation, Step

__all__ = ["Explanation", "Step", "explain_program"]
