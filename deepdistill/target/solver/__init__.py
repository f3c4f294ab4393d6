"""What the solvers of arrays and tables have in common, as pieces of their modules.

Each module is a piece, read as text: only the standard library. What a solver has no need of is
left out: the names in capitals at the top of a piece say what it needs, and stand in no solver.
"""
