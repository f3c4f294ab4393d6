"""Small typed programs by enumeration: the shortest that agree with the examples."""
