"""Independent tasks side by side on whatever backend joblib has: the only place that uses it.

``with joblib.parallel_config(backend="dask")`` around a call takes the workers of a cluster.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from joblib import Parallel, delayed, effective_n_jobs
from joblib.parallel import get_active_backend
from threadpoolctl import threadpool_limits

from ..ir.errors import InputError
from .running import NO_JOBS

Answer = TypeVar("Answer")


def workers(n_jobs: int | None) -> int:
    """How many workers there are, as joblib counts them; None and -1 ask for all.

    Raises :class:`InputError` for 0, which is no number of workers.
    """
    if n_jobs == 0:
        raise InputError(NO_JOBS)
    return int(effective_n_jobs(-1 if n_jobs is None else n_jobs))


def mapped(
    function: Callable[..., Answer],
    tasks: Sequence[tuple[Any, ...]],
    n_jobs: int | None,
    arrived: Callable[[Answer], None] | None = None,
) -> list[Answer]:
    """``function(*task)`` for each task, in their order; it does not depend on who does them.

    ``arrived`` is told each answer in that order, as soon as it and those before it are there;
    where it raises, what is not done is dropped.
    """
    answers = []
    with one_thread():
        for answer in _in_order(function, tasks, n_jobs):
            answers.append(answer)
            if arrived is not None:
                arrived(answer)
    return answers


def _in_order(
    function: Callable[..., Answer], tasks: Sequence[tuple[Any, ...]], n_jobs: int | None
) -> Iterator[Answer]:
    """With one worker or one task in this process, else by joblib.

    Not even asked for one: a worker of a cluster may have its tasks done by all others.
    """
    if len(tasks) < 2 or n_jobs == 1 or workers(n_jobs) == 1:
        yield from (function(*task) for task in tasks)
        return
    calls = (delayed(_alone)(function, task) for task in tasks)
    yield from _done(calls, n_jobs, "generator")


def unordered(
    function: Callable[..., Answer], tasks: Sequence[tuple[Any, ...]], n_jobs: int | None
) -> Iterator[tuple[int, Answer]]:
    """The number of each task and what ``function(*task)`` gives, as they are done.

    With ``n_jobs=1`` in this process; else by workers, also a single task, since it may be one
    that kills who does it.
    """
    if n_jobs == 1:
        yield from ((k, function(*task)) for k, task in enumerate(tasks))
        return
    workers(n_jobs)  # that there are some
    calls = (delayed(_numbered)(k, function, task) for k, task in enumerate(tasks))
    yield from _done(calls, n_jobs, "generator_unordered")


def _done(calls: Iterator[Any], n_jobs: int | None, order: str) -> Iterator[Any]:
    """What joblib gives, as it comes where its backend can tell that."""
    streams = get_active_backend()[0].supports_return_generator
    parallel = Parallel(
        n_jobs=-1 if n_jobs is None else n_jobs,
        return_as=order if streams else "list",
        batch_size=1,  # tasks take seconds: one that ends late must not hold back another
        pre_dispatch="all" if not streams else "2 * n_jobs",
    )
    done = parallel(calls)
    if not streams:
        yield from done
        return
    try:
        for answer in done:  # noqa: UP028 (yield from would close it on its own)
            yield answer
    finally:  # where the caller has had enough, the workers stop, and need not say so
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            done.close()


def _numbered(
    number: int, function: Callable[..., Answer], task: tuple[Any, ...]
) -> tuple[int, Answer]:
    return number, _alone(function, task)


def _alone(function: Callable[..., Answer], task: tuple[Any, ...]) -> Answer:
    with one_thread():
        return function(*task)


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra in one thread: sums of many threads differ in their last bits."""
    with threadpool_limits(1):
        yield
