"""Tables with a column of numbers: threshold networks whose ends are numbers."""
