"""Programs of lists and texts of any length: who proposes them, and who chooses."""
