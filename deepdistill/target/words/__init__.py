"""Program → English: what its docstring says, and the words that explanations are made of."""

from .sentences import describe
from .text import Words

__all__ = ["Words", "describe"]
