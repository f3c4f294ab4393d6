"""Program → source: the solver module and its property test."""

from .solver_tests import solver_test
from .source import Provenance, expression, solver

__all__ = ["Provenance", "expression", "solver", "solver_test"]
