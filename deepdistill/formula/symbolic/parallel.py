"""Independent searches side by side; what they give is merged in the order they were asked in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from joblib import Parallel, cpu_count, delayed
from threadpoolctl import threadpool_limits

Result = TypeVar("Result")


def mapped(
    function: Callable[..., Result], tasks: Sequence[tuple[Any, ...]], jobs: int
) -> list[Result]:
    """``function(*task)`` for each task, in order; with one job or one task in this process."""
    if jobs == 1 or len(tasks) < 2:
        return [function(*task) for task in tasks]
    return list(Parallel(n_jobs=jobs)(delayed(_alone)(function, task) for task in tasks))


def _alone(function: Callable[..., Result], task: tuple[Any, ...]) -> Result:
    with one_thread():
        return function(*task)


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra in one thread: sums of many threads differ in their last bits."""
    with threadpool_limits(1):
        yield


def processors(jobs: int | None) -> int:
    """How many processes to use: all processors, unless told otherwise."""
    return cpu_count() if jobs is None else max(1, jobs)
