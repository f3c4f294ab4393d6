"""The intermediate representation: programs as values. Imports only the standard library."""
