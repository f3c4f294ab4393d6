"""A task carried out for the command line: done, saved, told, and the exit status that it tells."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ..ir.errors import InputError
from ..ir.names import on_one_line
from .interrupt import INTERRUPTED
from .options import Talk

if TYPE_CHECKING:
    from ..result import Result

OK, CLAIM_FAILED, UNUSABLE = 0, 1, 2


def carried_out(
    task: Any,
    out: Path,
    talk: Talk,
    seed: int,
    jobs: int = 1,
    time_limit: float | None = None,
    max_error: float | None = None,
    no_data: bool = False,
    export: str = "",
) -> NoReturn:
    """Do a task, save its result, tell it, and exit as it tells."""
    sys.exit(_done(task, out, talk, seed, jobs, time_limit, max_error, no_data, export))


def all_carried_out(tasks: Sequence[Any], *options: Any) -> NoReturn:
    """Do tasks one after another, with the options of :func:`carried_out`, and exit as they tell.

    The worst status counts; an interrupt ends them.
    """
    worst = OK
    for task in tasks:
        status = _done(task, *options)
        worst = max(worst, status)
        if status == INTERRUPTED:
            break
    sys.exit(worst)


def _done(
    task: Any,
    out: Path,
    talk: Talk,
    seed: int,
    jobs: int = 1,
    time_limit: float | None = None,
    max_error: float | None = None,
    no_data: bool = False,
    export: str = "",
) -> int:
    """The status of a task that was done, saved and told.

    Where a target of ``export`` has no words for it, the rest is saved and told all the same.
    """
    from ..data.running import INTERRUPT, CutOff, Run
    from ..exporting import target_names
    from ..run import STAGES, carry_out
    from .console import progress_bar, tell

    names = target_names(export)

    try:
        with progress_bar(task.name, len(STAGES)) as advance:
            result = carry_out(task, Run(seed, advance, jobs, time_limit, no_data=no_data))
    except CutOff as reason:
        click.echo(f"deepdistill: {on_one_line(reason)}", err=True)
        return CLAIM_FAILED
    refused: InputError | None = None
    try:
        folder = result.save(out, names)
    except InputError as error:
        refused = error
        folder = result.save(out)
    tell(result, folder, talk)
    if refused is not None:
        rest = f"the solver in Python is written, {folder / 'solver.py'}"
        click.echo(f"deepdistill: {on_one_line(f'{refused}; {rest}')}", err=True)
        return UNUSABLE
    return INTERRUPTED if result.cut_off == INTERRUPT else _status(result, max_error)


def _status(result: Result, max_error: float | None) -> int:
    """Whether all claims hold, and the bound on wrong answers is as small as was asked for."""
    evidence = result.certificate.correct.evidence
    if max_error is not None and evidence is not None and evidence.bound > max_error:
        click.echo(
            f"deepdistill: {result.name}: a share of {evidence.bound:g} of the answers may be "
            f"wrong, more than --max-error {max_error:g}: give more examples",
            err=True,
        )
        return CLAIM_FAILED
    return OK if result.certificate.ok else CLAIM_FAILED


def many_carried_out(
    names: Sequence[str],
    out: Path,
    seed: int,
    jobs: int,
    time_limit: float | None,
    max_error: float | None,
    talk: Talk,
    export: str = "",
) -> NoReturn:
    """Do several built-in problems, tell each as it is done, and exit with the worst status."""
    from ..data.running import INTERRUPT
    from ..exporting import refuse_wordless, target_names
    from ..many import NoResult, stream
    from ..run import named_task
    from .console import progress_bar, tell
    from .export import export_folder

    targets = target_names(export)
    refuse_wordless([named_task(name, seed) for name in names], targets)  # before any work
    status, bad = OK, []
    with progress_bar("", len(names)) as advance:
        for _, outcome in stream(names, jobs, out, seed, time_limit, advance):
            if isinstance(outcome, NoResult):
                if outcome.why != "skipped":
                    bad.append(outcome)
                elif talk.as_data:
                    talk.data({"name": outcome.name, "skipped": True})
                else:
                    click.echo(f"{outcome.name}: done before, nothing to do")
                continue
            tell(outcome, out / outcome.name, talk)
            if outcome.cut_off == INTERRUPT:
                status = INTERRUPTED
            else:
                status = max(status, _status(outcome, max_error))
    lost_names = {outcome.name for outcome in bad}
    for name in (name for name in names if name not in lost_names):
        for target in targets:
            try:
                export_folder(out / name, target)
            except InputError as error:
                click.echo(f"deepdistill: {name}: {on_one_line(error)}", err=True)
                status = max(status, UNUSABLE)
    for lost in bad:
        click.echo(f"deepdistill: {lost.name}: {on_one_line(lost.reason)}", err=True)
        status = max(status, CLAIM_FAILED if lost.why == "cut off" else UNUSABLE)
    sys.exit(status)
