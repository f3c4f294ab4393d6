"""What only the run itself knew: its tries, its Pareto front, its teachers.

A result folder keeps this in no other file, so the report carries it as a block of JSON, from which
``deepdistill report`` takes it again. It makes no claim; the certificate does.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..ir.errors import InputError
from .files import parse_json, read_bytes

_BEGIN, _END = b'<script type="application/json" id="record">', b"</script>"
_MOST, _LONGEST = 200, 1000
_LARGEST_REPORT = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Record:
    """``attempts`` are lines of text; ``front`` pairs a formula's size with its squared error.

    ``trials`` are a teacher's strength, its score and its student's on held-out rows.
    """

    attempts: tuple[str, ...] = ()
    front: tuple[tuple[int, float], ...] = ()
    trials: tuple[tuple[float, float, float], ...] = ()

    def block(self) -> str:
        """The content of a script element that no browser runs; it can be put there as it is."""
        plain = {
            "attempts": [attempt[:_LONGEST] for attempt in self.attempts[:_MOST]],
            "front": [pair for pair in self.front[:_MOST] if math.isfinite(pair[1])],
            "trials": [trial for trial in self.trials[:_MOST] if all(map(math.isfinite, trial))],
        }
        text = json.dumps(plain, ensure_ascii=True, allow_nan=False)
        for char in "<>&":
            text = text.replace(char, f"\\u{ord(char):04x}")
        return text


def read_record(page: bytes) -> Record:
    """The record in a report; an empty one where there is none that can be read."""
    begin = page.find(_BEGIN)
    end = page.find(_END, begin)
    if begin < 0 or end < 0:
        return Record()
    try:
        data = parse_json(page[begin + len(_BEGIN) : end], "the report")
        return Record(
            tuple(_text(line) for line in data["attempts"][:_MOST]),
            tuple((int(size), _number(loss)) for size, loss in data["front"][:_MOST]),
            tuple((_number(a), _number(b), _number(c)) for a, b, c in data["trials"][:_MOST]),
        )
    except (InputError, KeyError, TypeError, ValueError, OverflowError):
        return Record()


def read_record_of(path: Path) -> Record:
    """The record in a report's file; an empty one where there is no file."""
    return read_record(read_bytes(path, _LARGEST_REPORT)) if path.is_file() else Record()


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise TypeError
    return value


def _number(value: Any) -> float:
    number = float(value)
    if isinstance(value, str) or not math.isfinite(number):
        raise ValueError
    return number
