"""From a truth table to the shortest expression for it."""

from .shortest import shortest
from .table import Feature, Table, decides

__all__ = ["Feature", "Table", "decides", "shortest"]
