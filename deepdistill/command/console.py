"""What the command says: a progress bar on stderr, results on standard output, in words or data."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..ir.names import on_one_line
from .memory import refuse_little_memory

if TYPE_CHECKING:
    from ..recheck import CheckedAgain
    from ..result import Result
    from ..verify.certificate import Certificate, Claim
    from .options import Talk


_MOST_LINES = 60  # of a program that are shown


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


def tell(result: Result, folder: Path, talk: Talk) -> None:
    """A result: the program itself, a line a claim, where it is; all the rest with ``-v``."""
    certificate = result.certificate
    if talk.as_data:
        data = {**described(certificate), "program": result.text, "folder": str(folder)}
        data |= {"notes": list(result.notes), **dict(result.form.facts(result.network))}
        talk.data(data)
        return
    click.echo(f"{result.name}: {verdict(certificate)}")
    if talk.quiet:
        return
    show_program(result)
    lines = result.form.lines(result.program, result.trained) if talk.verbose else []
    for line in (*lines, *(note for note in result.notes if note not in lines)):
        click.echo(f"  {line}")
    tell_claims(certificate, talk, result.form.facts(result.network))
    if talk.verbose:
        if certificate.growth:
            click.echo(f"  time grows as {certificate.growth}")
        spent = ", ".join(f"{stage} {time:.1f} s" for stage, time in result.seconds.items())
        click.echo(f"  {spent}")
    click.echo(f"  wrote {on_one_line(folder)}")


def tell_certificate(certificate: Certificate, talk: Talk) -> None:
    """What a check says, of a result that lies there already."""
    if talk.as_data:
        talk.data(described(certificate))
        return
    click.echo(f"{certificate.problem}: {verdict(certificate)}")
    if not talk.quiet:
        tell_claims(certificate, talk)


def described(certificate: Certificate) -> dict[str, Any]:
    """A certificate as plain data."""
    return {"name": certificate.problem, "ok": certificate.ok, "certificate": certificate.as_json()}


def verdict(certificate: Certificate) -> str:
    """The answer to the question whether it is right: what failed, or how it is known."""
    failed = [name for name, claim in certificate.claims.items() if not claim.ok]
    if failed:
        return click.style(f"FAILED ({', '.join(failed)})", fg="red")
    return f"{_word(certificate.correct)}, {certificate.correct.measure}"


def tell_claims(
    certificate: Certificate, talk: Talk, facts: Sequence[tuple[str, str]] = ()
) -> None:
    """A line a claim, its word in colour; whole sentences with ``-v``.

    ``facts`` of the form, a word and a line each, stand in place of claims that do not apply.
    """
    from ..verify.paste import pasted

    if talk.verbose:
        for sentence in certificate.sentences():
            click.echo(f"  {sentence}")
    else:
        for name, claim in certificate.claims.items():
            if not (facts and claim.status == "not applicable"):
                click.echo(f"  {name:<9} {_word(claim)}: {claim.measure}")
        for name, words in facts:
            click.echo(f"  {name:<9} {words}")
        for sentence in certificate.further():
            click.echo(f"  {sentence}")
    for line in pasted(certificate):
        click.echo(f"  {line}")


def _word(claim: Claim) -> str:
    """A status in its colour: green for what holds for every input, red for what does not hold."""
    colour = {"proved": "green", "exhaustive": "green", "failed": "red"}.get(claim.status)
    return click.style(claim.status, fg=colour)


def show_program(result: Result) -> None:
    """The part of the solver that does the work, highlighted and no wider than the terminal."""
    excerpt = result.form.excerpt(result.program, result.code, result.name)
    lines = excerpt.rstrip().splitlines()
    more = len(lines) - _MOST_LINES
    text = "\n".join(lines[:_MOST_LINES] if more > 0 else lines)
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.padding import Padding
        from rich.syntax import Syntax

        syntax = Syntax(
            text, "python", theme="ansi_dark", word_wrap=True, background_color="default"
        )
        Console().print(Padding(syntax, (0, 0, 0, 2)))
    else:
        for line in text.splitlines():
            click.echo(f"  {line}".rstrip())
    if more > 0:
        click.echo(f"  … and {more} lines more")


def wrote_proof(checked: CheckedAgain, path: Path) -> bool:
    """Write what was proved; where nothing was, a claim that failed is told all the same.

    Raises :class:`InputError` where no claim failed and nothing was proved, and where the file
    cannot be written.
    """
    from ..data.files import write_bytes
    from ..data.problem import InputError
    from ..verify.proof.proof_text import proof_text

    try:
        text = proof_text(checked.certificate, checked.proofs)
    except InputError as error:
        if checked.certificate.ok:
            raise
        click.echo(f"deepdistill: {on_one_line(error)}", err=True)
        return False
    write_bytes(path, text.encode())
    return True
