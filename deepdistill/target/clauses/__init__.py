"""The driver of clause solvers: what is written, not learned, as pieces of the solver module.

Each module is a piece of the generated solver, read as text: only the standard library and each
other. By themselves they solve with a classic rule, which a learned one takes the place of.
"""
