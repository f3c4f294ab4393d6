"""Names: of users as identifiers that can stand in code and in file names, and new ones."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Container

from .errors import InputError

LONGEST = 60
_MOST_BYTES = 180  # a name of a folder has a few more, and at most 255 in all
_TAKEN = frozenset(dir(builtins)) | {"solve", "main", "json", "math", "sys", "size"}
_DEVICES = re.compile("con|prn|aux|nul|com[0-9]|lpt[0-9]")  # no folder of Windows can have them


def identifier(name: str) -> str:
    """A lower-case identifier close to ``name``: never empty, a keyword or a builtin.

    Letters of any script stay that Python allows; the text is in Python's own normal form.
    :class:`InputError` for what is no text.
    """
    if not isinstance(name, str):
        raise InputError(f"the name is {in_brief(name)}: give a text")
    text = name
    for _ in range(3):  # either may undo the other
        text = unicodedata.normalize("NFKC", text.lower())
    plain = "".join(c if f"a{c}".isidentifier() and c != "_" else " " for c in text)
    text = "_".join(plain.split()) or "unnamed"
    if not text[0].isidentifier():
        text = f"n{text}" if text[0].isdecimal() else f"n_{text}"
    text = text[:LONGEST].rstrip("_")
    while len(text.encode()) > _MOST_BYTES:
        text = text[:-1].rstrip("_")
    if keyword.iskeyword(text) or keyword.issoftkeyword(text) or text in _TAKEN:
        text += "_"
    if _DEVICES.fullmatch(text):
        text += "_"
    return text


def is_plain(name: str) -> bool:
    """Whether this is an identifier of lower-case letters in Python's normal form."""
    normal = unicodedata.normalize("NFKC", name.lower())
    return name == normal and name.isidentifier() and name[0] != "_"


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


def in_brief(value: object) -> str:
    """How a value begins, as Python writes it; that it is nested too deeply, where it cannot."""
    try:
        return f"{value!r:.40}"
    except RecursionError:
        return "nested too deeply to be written"


def on_one_line(text: object) -> str:
    """The text with nothing in it that would steer a terminal: names of files can hold anything."""
    escaped = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text))
    return "".join(escaped)
