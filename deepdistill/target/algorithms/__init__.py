"""Algorithms for operations of a whole list, pieces of the solvers that need them."""
