"""Grids that become grids of the same size: one local rule at every cell."""
