"""From a truth table to the shortest expression for it."""

from .shortest import shortest
from .table import Feature, TruthTable, decides

__all__ = ["Feature", "TruthTable", "decides", "shortest"]
