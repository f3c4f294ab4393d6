"""The one error that unusable input raises, in every room."""

from __future__ import annotations


class InputError(ValueError):
    """Unusable input; its message is one sentence that says what to do."""
