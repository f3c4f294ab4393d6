"""Distilling a teacher: rows around the data, students, and the choice between them."""
