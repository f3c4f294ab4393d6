"""What long work tells while it runs, and how long each of its stages took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, str], None]
"""Takes the name of a stage and what it is doing, which may be empty."""


@contextmanager
def timed(stage: str, seconds: dict[str, float], say: Progress) -> Iterator[None]:
    """Tell that a stage begins, and add the seconds that it takes."""
    say(stage, "")
    start = time.perf_counter()
    yield
    seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing that the search tried, and what came of it."""

    structure: str
    units: int | None
    outcome: str

    def __str__(self) -> str:
        units = "" if self.units is None else f", {self.units} units"
        return f"{self.structure}{units}: {self.outcome}"
