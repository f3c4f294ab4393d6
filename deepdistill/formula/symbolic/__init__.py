"""Symbolic regression: formulas read from numbers. The only room with sympy, pyoperon and PySR."""
