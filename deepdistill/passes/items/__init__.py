"""Shorter programs over items: see ``shorten``."""

from .shorten import shorten_items

__all__ = ["shorten_items"]
