"""Passes over loops with carried variables: each keeps the answers and shortens the loop."""
