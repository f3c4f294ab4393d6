"""Pairs of inputs and answers of any lengths: programs that were found, not trained."""
