"""Program → source: the solver module and its property test."""

from .source import Provenance, expression, solver, solver_test

__all__ = ["Provenance", "expression", "solver", "solver_test"]
