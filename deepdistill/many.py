"""Many problems side by side, on this machine or a cluster: saved as they come, done once only."""

from __future__ import annotations

import hashlib
import json
import traceback
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

from . import __version__
from .data.folders import refuse_unwritable, write_folder
from .data.pairs import PairProblem
from .data.parallel import unordered, workers
from .data.problem import InputError, Problem
from .data.running import INTERRUPT, CutOff, Progress, Run
from .ir.names import on_one_line
from .result import Result
from .run import carry_out, named_task
from .verify.certificate import read_certified

TASK = "task.json"
"""Beside a result of a user's own problem: digests of the problem and of the certificate."""

_TRIES = 3
_LOST = f"no worker could finish it, tried {_TRIES} times: "
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class NoResult:
    """Why there is no result of a problem.

    It was ``skipped``, for the folder has a good one already; it ``failed``, for its input
    cannot be used or no worker could finish it; or it was ``cut off`` before anything was found.
    """

    name: str
    why: Literal["skipped", "failed", "cut off"]
    reason: str


Outcome: TypeAlias = Result | NoResult


@dataclass(frozen=True, slots=True, eq=False)
class _Travelling:
    """A result on its way from a worker: without its task, which is known here, with its report."""

    result: Result
    report: str


@dataclass(frozen=True, slots=True)
class _Defect:
    """An error that nobody foresaw, as its traceback."""

    text: str


def distill_many(
    problems_or_names: Iterable[Problem | PairProblem | str],
    n_jobs: int | None = -1,
    out: Path | str | None = None,
    seed: int = 0,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Distill many problems; their results in the order given.

    ``n_jobs`` problems are worked on at the same time (None and -1: as many as there are workers),
    in other processes unless it is 1. Under ``joblib.parallel_config(backend="dask")`` the workers
    are those of the cluster; results come back by value, and only this process writes to ``out``,
    each result as soon as it is there. ``time_limit`` (seconds) is that of each problem by itself.
    ``progress`` is told a problem's name and what became of it.

    In place of a result there is a :class:`NoResult` where there is none. One unusable input does
    not stop the others. What a worker that died has not done is tried again, twice at most. What
    ``out`` already holds is not done again: a result of the same name, seed and version
    that was not cut off. A built-in problem is known by its name, a user's own by the digest of its
    ports, sizes and examples in ``task.json``, so that an oracle is known by its answers only.

    Raises :class:`InputError` for an unusable folder and for two problems of one name, and
    ``KeyboardInterrupt`` where it is interrupted; what was done by then is in ``out``.
    """
    tasks = list(problems_or_names)
    outcomes: dict[int, Outcome] = {}
    for k, outcome in stream(tasks, n_jobs, out, seed, time_limit, progress):
        outcomes[k] = outcome
        if isinstance(outcome, Result) and outcome.cut_off == INTERRUPT:
            raise KeyboardInterrupt
    return [outcomes[k] for k in range(len(tasks))]


def stream(
    tasks: Sequence[Any],
    n_jobs: int | None = -1,
    out: Path | str | None = None,
    seed: int = 0,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[int, Outcome]]:
    """The number of each task with what became of it, as they are done: see :func:`distill_many`.

    Ends after a result that an interrupt cut off.
    """
    names = [task if isinstance(task, str) else task.name for task in tasks]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"there are two problems of the name {twice!r:.60}: each needs its own")
    if out is not None:
        refuse_unwritable(Path(out))
    waiting = set(range(len(tasks)))
    for k, outcome in _all_done(tasks, names, waiting, n_jobs, out, seed, time_limit, progress):
        if progress is not None:
            progress(names[k], _in_words(outcome))
        yield k, outcome
        if isinstance(outcome, Result) and outcome.cut_off == INTERRUPT:
            return


def _all_done(
    tasks: Sequence[Any],
    names: Sequence[str],
    waiting: set[int],
    n_jobs: int | None,
    out: Path | str | None,
    seed: int,
    time_limit: float | None,
    progress: Progress | None,
) -> Iterator[tuple[int, Outcome]]:
    for k in sorted(waiting) if out is not None else ():
        assert out is not None
        if _is_done(Path(out) / names[k], tasks[k], names[k], seed):
            waiting.remove(k)
            yield k, NoResult(names[k], "skipped", f"{Path(out) / names[k]} has it already")
    described = progress if n_jobs == 1 else None  # it stays in this process
    tries = dict.fromkeys(waiting, 0)
    while waiting:
        together = [k for k in sorted(waiting) if tries[k] < _TRIES - 1]
        # at last by itself, so that one that kills its worker takes no others along
        for batch in (together, *([k] for k in sorted(waiting - set(together)))):
            calls = [(tasks[k], names[k], seed, time_limit, described) for k in batch]
            with closing(_arriving(calls, n_jobs)) as arriving:
                for done in arriving:
                    if isinstance(done, str):
                        lost, at_once = [k for k in batch if k in waiting], workers(n_jobs)
                        for k in lost[:at_once]:  # those that were being worked on
                            tries[k] += 1
                            if tries[k] == _TRIES:
                                waiting.remove(k)
                                yield k, NoResult(names[k], "failed", _LOST + done)
                    else:
                        k = batch[done[0]]
                        waiting.remove(k)
                        yield k, _brought_home(done[1], tasks[k], names[k], out, seed)


def _arriving(calls: Sequence[tuple[Any, ...]], n_jobs: int | None) -> Generator[Any, None, None]:
    """What workers give, by the number of the call; at last why some gave nothing, if they died."""
    try:
        yield from unordered(_distilled, calls, n_jobs)
    except InputError:
        raise
    except Exception as error:  # no call raises: it was the workers, whoever they are
        yield f"{type(error).__name__}: {on_one_line(error)}"[:_LONGEST_REASON]


def _distilled(
    task: Any, name: str, seed: int, time_limit: float | None, progress: Progress | None
) -> _Travelling | NoResult | _Defect:
    """What a worker does: it raises nothing, so that an error tells of the worker itself."""
    described = None if progress is None else partial(_described, progress, name)
    try:
        if isinstance(task, str):
            task = named_task(task, seed)
        result = carry_out(task, Run(seed, described, 1, time_limit))
        return _Travelling(replace(result, task=None), result.report)
    except InputError as error:
        return NoResult(name, "failed", str(error))
    except CutOff as error:
        return NoResult(name, "cut off", str(error))
    except MemoryError:
        return NoResult(name, "failed", "not enough memory for this input, give a smaller one")
    except Exception:
        return _Defect(traceback.format_exc())


def _described(progress: Progress, name: str, stage: str, text: str) -> None:
    progress(name, f"{stage}: {text}" if text else stage)


def _brought_home(
    done: _Travelling | NoResult | _Defect,
    task: Any,
    name: str,
    out: Path | str | None,
    seed: int,
) -> Outcome:
    """What a worker gave, with its task again and saved."""
    if isinstance(done, NoResult):
        return done
    if isinstance(done, _Defect):
        raise RuntimeError(f"distilling {name!r} failed:\n{done.text}")
    known = named_task(task, seed) if isinstance(task, str) else task
    result = replace(done.result, task=known)
    vars(result)["report"] = done.report  # a cached property: the worker has filled it
    if out is None:
        return result
    from .exporting import exported_files
    from .result import DISAGREEING

    files = result.files()
    if not isinstance(task, str) and (digest := task_digest(task, seed)):
        sealed = {"task": digest, "certificate": _digest(files["certificate.json"])}
        files[TASK] = (json.dumps(sealed, indent=2) + "\n").encode()
    try:
        write_folder(Path(out) / name, files, (*exported_files(), DISAGREEING))
    except InputError as error:
        return NoResult(name, "failed", str(error))
    return result


def _is_done(folder: Path, task: Any, name: str, seed: int) -> bool:
    """Whether a folder holds a good result of this very task, and not one that was cut off."""
    try:
        certificate, _ = read_certified(folder)
    except InputError:
        return False
    same = (certificate.problem, certificate.seed) == (name, seed)
    version = certificate.versions.get("deepdistill")
    if not same or version != __version__ or not certificate.ok or certificate.cut_off:
        return False
    try:
        sealed = json.loads((folder / TASK).read_bytes())
        of_this = sealed["certificate"] == _digest((folder / "certificate.json").read_bytes())
        kept = sealed["task"] if of_this else None
    except (OSError, ValueError, TypeError, KeyError):
        kept = None  # of a built-in problem there is none
    return kept is None if isinstance(task, str) else kept == (task_digest(task, seed) or ".")


def task_digest(task: Any, seed: int) -> str | None:
    """The SHA-256 of a problem's ports, sizes and examples; None of anything but a problem."""
    if isinstance(task, PairProblem):
        return hashlib.sha256(repr(task).encode()).hexdigest()
    if not isinstance(task, Problem):
        return None
    described = (
        *(task.name, task.inputs, task.output, task.training_shapes, task.check_shapes),
        *(task.hold_out, task.trainer, task.driver, task.oracle_radius, sorted(task.families)),
        *(part is None for part in (task.oracle, task.promise, task.baseline)),
    )
    digest = hashlib.sha256(repr(described).encode())
    for group in (*task.examples(seed)[0], *task.examples(seed)[1]):
        for array in (*group.inputs, group.output, group.answered):
            if array is not None:
                digest.update(f"{array.dtype.str}{array.shape}".encode() + array.tobytes())
    return digest.hexdigest()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _in_words(outcome: Outcome) -> str:
    if isinstance(outcome, NoResult):
        return f"{outcome.why}: {outcome.reason}"
    return outcome.certificate.verdict


__all__ = ["NoResult", "Outcome", "distill_many", "stream", "task_digest"]
