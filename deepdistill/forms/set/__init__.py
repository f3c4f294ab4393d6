"""Sets of numbers and pictures, and one question about the whole."""
