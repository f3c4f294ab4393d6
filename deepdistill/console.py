"""What the command shows: a progress bar on stderr, and results in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .ir.names import on_one_line
from .memory import refuse_little_memory

if TYPE_CHECKING:
    from .recheck import CheckedAgain
    from .result import Result
    from .verify.certificate import Certificate


class MeasuredCommand(click.Command):
    """A command that is refused where it is allowed less memory than it needs."""

    def invoke(self, ctx: click.Context) -> Any:
        refuse_little_memory(self.name or "")
        return super().invoke(ctx)


@contextmanager
def progress_bar(name: str, stages: int) -> Iterator[Callable[[str, str], None]]:
    """A progress bar on stderr, one step a stage, with what the stage is doing."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("[bold]{task.fields[problem]}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[stage]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", markup=False),
    )
    console = Console(stderr=True)
    quiet = not console.is_terminal  # a bar in a log is noise, and stderr is for sentences
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task("", total=stages, problem=name, stage="", detail="")
        seen: set[str] = set()

        def advance(stage: str, detail: str) -> None:
            seen.add(stage)
            bar.update(task, completed=len(seen) - 1, stage=stage, detail=detail)

        yield advance


def tell(result: Result, folder: Path) -> None:
    """A result in words: what was tried, what it says, what was checked, where it is."""
    click.echo(f"{result.name}: {'certified' if result.certificate.ok else 'FAILED'}")
    for line in result.form.lines(result.program, result.trained):
        click.echo(f"  {line}")
    echo_sentences(result.certificate)
    spent = ", ".join(f"{stage} {time:.1f} s" for stage, time in result.seconds.items())
    click.echo(f"  {spent}")
    click.echo(f"  wrote {on_one_line(folder)}")


def echo_sentences(certificate: Certificate) -> None:
    """The claims in words, and counterexamples as lines to paste into a test."""
    from .verify.paste import pasted

    for sentence in certificate.sentences():
        click.echo(f"  {sentence}")
    for line in pasted(certificate):
        click.echo(f"  {line}")


def wrote_proof(checked: CheckedAgain, path: Path) -> bool:
    """Write what was proved; where nothing was, a claim that failed is told all the same.

    Raises :class:`InputError` where no claim failed and nothing was proved, and where the file
    cannot be written.
    """
    from .data.files import write_bytes
    from .data.problem import InputError
    from .proof_text import proof_text

    try:
        text = proof_text(checked)
    except InputError as error:
        if checked.certificate.ok:
            raise
        click.echo(f"deepdistill: {on_one_line(error)}", err=True)
        return False
    write_bytes(path, text.encode())
    return True
