"""Program → source: solver modules and their property tests."""
