"""Tables of numbers: one column as a formula of the others."""
