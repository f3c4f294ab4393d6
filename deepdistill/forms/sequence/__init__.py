"""Sequences, and a loop that answers step after step."""
