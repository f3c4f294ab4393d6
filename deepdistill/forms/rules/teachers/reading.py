"""Why a model is not read exactly, in words."""

from __future__ import annotations


class NotExact(Exception):
    """What a model is, or has, that is not read exactly; its message is the reason."""
