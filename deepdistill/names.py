"""Turn names that come from users into identifiers that can stand in code and in file names."""

from __future__ import annotations

import builtins
import keyword
import re

LONGEST = 60
_TAKEN = frozenset(dir(builtins)) | {"solve", "main", "json", "math", "sys", "size"}


def identifier(name: str) -> str:
    """A lower-case ASCII identifier close to ``name``: never empty, a keyword or a builtin."""
    words = re.findall(r"[a-z0-9]+", name.lower())
    text = "_".join(words) or "unnamed"
    if text[0].isdigit():
        text = f"n{text}"
    text = text[:LONGEST].rstrip("_")
    if keyword.iskeyword(text) or keyword.issoftkeyword(text) or text in _TAKEN:
        text += "_"
    return text
