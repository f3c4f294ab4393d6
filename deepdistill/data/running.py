"""What goes through all stages of one run: seed, progress, workers, time, and the best so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from operator import index
from typing import Any, TypeAlias

from ..ir.errors import InputError

Progress: TypeAlias = Callable[[str, str], None]
"""Takes the name of a stage and what it is doing, which may be empty."""

Check: TypeAlias = Callable[[], None]
"""Called often by a search; raises :class:`CutOff` where it has to end."""


def whole(value: Any) -> int:
    """The whole number that a setting is; -1, which no setting can be, where it is none."""
    try:
        return -1 if isinstance(value, bool) else index(value)
    except TypeError:
        return -1


def endless() -> None:
    """The check of a search that nothing cuts off."""


SHARE = "its share of the work"
"""What cut off one of several searches that compete."""

INTERRUPT = "an interrupt"
"""What cut off a run that was stopped with Ctrl-C."""


NO_JOBS = "the number of jobs is 0: give one from 1, or -1 for all processors"


class CutOff(Exception):
    """The time of a run is over, or it was cancelled; its text says which.

    It leaves :func:`deepdistill.distill` only where nothing was found by then.
    """


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing that the search tried, and what came of it."""

    structure: str
    units: int | None
    outcome: str

    def __str__(self) -> str:
        units = "" if self.units is None else f", {self.units} units"
        return f"{self.structure}{units}: {self.outcome}"


@dataclass(slots=True, eq=False)
class Run:
    """One run: what it was given, and what is known of it so far.

    ``n_jobs`` is how many workers may be used, as joblib counts them; the answer does not depend
    on it. ``time_limit`` is in seconds: shares of work are counted, the clock only cuts a search
    off. ``cancelled`` is asked now and then and ends the search where it says so. With ``no_data``
    nothing that is written quotes an example that was handed over. Raises :class:`InputError` for a
    limit that is not above 0, for no workers and for a seed that is no whole number from 0 on.

    A search calls :meth:`say` or :meth:`check` often and hands what it could answer with to
    :meth:`keep`, so that what was best is not lost when it is cut off.
    """

    seed: int = 0
    progress: Progress | None = None
    n_jobs: int | None = 1
    time_limit: float | None = None
    cancelled: Callable[[], bool] | None = None
    no_data: bool = False
    stage: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    best: Callable[[], Any] | None = None
    best_in_words: str = ""
    share: int | None = None
    """How often a search may ask to go on, where it is one of several."""

    cut_off: str = ""
    """Why the search ended before it was done; empty where it was not cut off."""

    _start: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        if self.time_limit is not None and not 0 < self.time_limit < float("inf"):
            raise InputError(f"the time limit is {self.time_limit!r:.40}: give seconds above 0")
        if self.n_jobs == 0:
            raise InputError(NO_JOBS)
        if not 0 <= (seed := whole(self.seed)) < 2**32:
            raise InputError(
                f"the seed is {self.seed!r:.40}: give a whole number from 0 on, below 2**32"
            )
        self.seed = seed

    @contextmanager
    def at(self, stage: str) -> Iterator[None]:
        """Tell that a stage begins, and add the seconds that it takes."""
        self.stage = stage
        self._tell("")
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            self.seconds[stage] = self.seconds.get(stage, 0.0) + spent

    def say(self, text: str) -> None:
        """Tell what is being tried; :class:`CutOff` where the run has to end."""
        self.check()
        self._tell(f"{text}; best so far: {self.best_in_words}" if self.best else text)

    def check(self) -> None:
        """Raise :class:`CutOff` where the time is over or the run was cancelled."""
        if self.time_limit is not None and time.monotonic() - self._start > self.time_limit:
            raise CutOff(f"the time limit of {self.time_limit:g} s")
        if self.cancelled is not None and self.cancelled():
            raise CutOff("a request to stop")
        if self.share is not None:
            self.share -= 1
            if self.share < 0:
                raise CutOff(SHARE)

    def part(self, share: int | None) -> Run:
        """A run for one of several searches, with its own best and its share of the work.

        The share is counted in questions whether to go on, which are the same on any machine.
        """
        return replace(self, best=None, best_in_words="", cut_off="", share=share, seconds={})

    def keep(self, best: Callable[[], Any], in_words: str) -> None:
        """What the search would answer with if it ended now, made when it is needed."""
        self.best, self.best_in_words = best, in_words

    def or_best(self, search: Callable[[], Any]) -> Any:
        """What a search gives; where it is cut off or interrupted the best so far, if any."""
        try:
            return search()
        except (CutOff, KeyboardInterrupt) as reason:
            if self.best is None:
                raise
            self.cut_off = str(reason) or INTERRUPT
            return self.best()

    def __reduce__(self) -> tuple[Any, ...]:
        """What a worker gets of a run: its seed and the time that is left, by the clock."""
        started = time.time() - (time.monotonic() - self._start)
        return _elsewhere, (self.seed, self.time_limit, self.no_data, started)

    def _tell(self, text: str) -> None:
        if self.progress is not None:
            self.progress(self.stage, text)


def _elsewhere(seed: int, time_limit: float | None, no_data: bool, started: float) -> Run:
    start = time.monotonic() - (time.time() - started)
    return Run(seed, time_limit=time_limit, no_data=no_data, _start=start)


@contextmanager
def timed(stage: str, seconds: dict[str, float], say: Progress) -> Iterator[None]:
    """Tell that a stage begins, and add the seconds that it takes."""
    say(stage, "")
    start = time.perf_counter()
    yield
    seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - start
