"""Formulas in regimes: pure parts of a table, a formula for each, and the borders between them."""
