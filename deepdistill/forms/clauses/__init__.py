"""Clauses: a learned rule that a driver applies, decision after decision."""
