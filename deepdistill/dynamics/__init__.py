"""Equations of motion from series of measurements."""
