"""Sets of numbers, lists and pictures, and one question about the whole."""
