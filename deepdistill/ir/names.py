"""Names: of users as identifiers that can stand in code and in file names, and new ones."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Container

LONGEST = 60
_TAKEN = frozenset(dir(builtins)) | {"solve", "main", "json", "math", "sys", "size"}
_DEVICES = re.compile("con|prn|aux|nul|com[0-9]|lpt[0-9]")  # no folder of Windows can have them


def identifier(name: str) -> str:
    """A lower-case ASCII identifier close to ``name``: never empty, a keyword or a builtin."""
    words = re.findall(r"[a-z0-9]+", name.lower())
    text = "_".join(words) or "unnamed"
    if text[0].isdigit():
        text = f"n{text}"
    text = text[:LONGEST].rstrip("_")
    if keyword.iskeyword(text) or keyword.issoftkeyword(text) or text in _TAKEN:
        text += "_"
    if _DEVICES.fullmatch(text):
        text += "_"
    return text


def fresh(name: str, taken: Container[str]) -> str:
    """That name, or one with a number after it where it is taken: ``cell_2``, ``cell_3``, …"""
    candidate, k = name, 2
    while candidate in taken:
        end = f"_{k}"
        candidate, k = name.rstrip("_")[: LONGEST - len(end)] + end, k + 1
    return candidate


def argument_name(axes: int, name: str) -> str:
    """What a program calls an input of so many axes, unlike its own ``name``."""
    word = "values" if axes == 1 else "cells"
    return word if word != name else f"{word}_"


def on_one_line(text: object) -> str:
    """The text with nothing in it that would steer a terminal: names of files can hold anything."""
    escaped = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text))
    return "".join(escaped)
