"""The ``deepdistill`` command. Heavy imports wait until a command needs them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from . import __version__
from .ir.names import on_one_line

if TYPE_CHECKING:
    from click.decorators import FC

    from .verify.certificate import Certificate

OK, CLAIM_FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
_STOPPED = "interrupted, nothing was written for what was running"


class _Interruptible(click.Group):
    """Ctrl-C is told in one sentence; click would print an empty line as well."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            if sys.stderr.isatty():
                click.echo(err=True)  # below the ^C of the terminal
            raise click.Abort from None


@click.group(
    cls=_Interruptible,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="deepdistill")
def cli() -> None:
    """Turn small data sets into short Python programs that can be read, run and trusted."""


def _out(described: str) -> Callable[[FC], FC]:
    path = click.Path(path_type=Path)
    return click.option(
        "--out", type=path, default=Path("outputs"), show_default=True, help=described
    )


_jobs = click.option(
    "--jobs", type=int, default=-1, show_default=True, help="Workers; -1 for all processors."
)
_time_limit = click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    help="Seconds after which the search is cut off; the best so far is kept.",
)
_seed = click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Random seed."
)


@cli.command("list")
def list_problems() -> None:
    """Name the built-in problems."""
    from .data import catalogue

    for name in catalogue.names():
        click.echo(f"{name:16} {catalogue.find(name).summary}".rstrip())
    for pattern, summary in catalogue.patterns():
        click.echo(f"{pattern:16} {summary}".rstrip())
    for law in catalogue.laws():
        click.echo(f"{law.name:16} {law.summary}".rstrip())


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--data", type=click.Path(path_type=Path), help="NPZ file with arrays x and y.")
@click.option("--axes", help='Axes of the data, for example "grid(wrap) grid(wrap)".')
@click.option("--name", default="mine", show_default=True, help="Name for the data's rule.")
@_out("Folder that gets one folder a problem.")
@_seed
@_jobs
@_time_limit
def distill(
    names: tuple[str, ...],
    data: Path | None,
    axes: str | None,
    name: str,
    out: Path,
    seed: int,
    jobs: int,
    time_limit: float | None,
) -> None:
    """Distill built-in problems by NAME, or your own pairs with --data and --axes."""
    from .data.folders import refuse_unwritable
    from .data.problem import InputError
    from .run import named_task

    if data is not None:
        from .data.files import read_pairs

        if names:
            raise InputError("give either names of built-in problems or --data, not both")
        if axes is None:
            raise InputError('--data needs --axes, for example --axes "grid(wrap) grid(wrap)"')
        task: Any = read_pairs(data, axes, name)
    elif not names:
        raise InputError("name a problem (`deepdistill list` shows them) or give --data")
    elif axes is not None:
        raise InputError("--axes goes with --data; built-in problems know their axes")
    elif len(names) == 1:
        task = named_task(names[0], seed)
    else:
        _many(names, out, seed, jobs, time_limit)
    refuse_unwritable(out)
    _carried_out(task, out, seed, jobs, time_limit)


def _carried_out(
    task: Any, out: Path, seed: int, jobs: int = 1, time_limit: float | None = None
) -> NoReturn:
    """Do a task, save its result, tell it, and exit as it tells."""
    from .console import progress_bar, tell
    from .data.running import INTERRUPT, CutOff, Run
    from .run import STAGES, carry_out

    try:
        with progress_bar(task.name, len(STAGES)) as advance:
            result = carry_out(task, Run(seed, advance, jobs, time_limit))
    except CutOff as reason:
        click.echo(f"deepdistill: {on_one_line(reason)}", err=True)
        sys.exit(CLAIM_FAILED)
    tell(result, result.save(out))
    if result.cut_off == INTERRUPT:
        sys.exit(INTERRUPTED)
    sys.exit(OK if result.certificate.ok else CLAIM_FAILED)


def _many(
    names: Sequence[str], out: Path, seed: int, jobs: int, time_limit: float | None
) -> NoReturn:
    """Do several built-in problems, tell each as it is done, and exit with the worst status."""
    from .console import progress_bar, tell
    from .data.running import INTERRUPT
    from .many import NoResult, stream
    from .run import named_task

    for name in names:
        named_task(name, seed)  # a name that is mistyped is told before any work
    status, bad = OK, []
    with progress_bar("", len(names)) as advance:
        for _, outcome in stream(names, jobs, out, seed, time_limit, advance):
            if isinstance(outcome, NoResult):
                if outcome.why == "skipped":
                    click.echo(f"{outcome.name}: certified before, nothing to do")
                else:
                    bad.append(outcome)
                continue
            tell(outcome, out / outcome.name)
            if outcome.cut_off == INTERRUPT:
                status = INTERRUPTED
            elif not outcome.certificate.ok:
                status = max(status, CLAIM_FAILED)
    for lost in bad:
        click.echo(f"deepdistill: {lost.name}: {on_one_line(lost.reason)}", err=True)
        status = max(status, CLAIM_FAILED if lost.why == "cut off" else UNUSABLE)
    sys.exit(status)


@cli.command()
@click.argument("layers", nargs=-1, type=click.Path(path_type=Path))
@click.option("--shape", required=True, help="Shape of the input, for example 28x28.")
@click.option("--hidden", default="sign", show_default=True, help="Hidden layers: sign or step.")
@click.option(
    "--head", default="argmax", show_default=True, help="Last layer: argmax, softmax or linear."
)
@click.option(
    "--values", default="0:1", show_default=True, help="Smallest and largest integer of the input."
)
@click.option(
    "--second",
    multiple=True,
    type=click.Path(path_type=Path),
    help="The network for inputs of another shape: a file, once for each layer.",
)
@click.option("--second-shape", help="That other shape, for example 14x14.")
@click.option("--name", default="mine", show_default=True, help="Name for the program.")
@_out("Folder that gets the program's folder.")
@_seed
@_time_limit
def condense(
    layers: tuple[Path, ...],
    shape: str,
    hidden: str,
    head: str,
    values: str,
    second: tuple[Path, ...],
    second_shape: str | None,
    name: str,
    out: Path,
    seed: int,
    time_limit: float | None,
) -> None:
    """Write a dense network as a program: LAYERS are CSV tables in order, or one NPZ file.

    A table has a column for each unit, a row for each input and a last row of biases. With the
    same network for a second shape the program is one for inputs of any size.
    """
    from .data.folders import refuse_unwritable
    from .data.problem import InputError
    from .forms.dense.readers import parse_shape, parse_values, read_dense
    from .run import condensing_task

    if bool(second) != (second_shape is not None):
        raise InputError("--second and --second-shape go together: give both or neither")
    domain = parse_values(values)
    network, note = read_dense(layers, parse_shape(shape), hidden, head, domain)
    other = None
    if second_shape is not None:
        other, _ = read_dense(second, parse_shape(second_shape), hidden, head, domain)
    refuse_unwritable(out)
    task = condensing_task(network, name=name, second=other, note=note)
    _carried_out(task, out, seed, time_limit=time_limit)


@cli.command()
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--target", required=True, help="The column to compute from the others.")
@click.option("--name", help="Name for the formula; the file's own by default.")
@click.option("--engine", default="auto", show_default=True, help="auto, sparse, operon or pysr.")
@click.option(
    "--budget", type=click.FloatRange(0), default=1.0, show_default=True, help="Amount of work."
)
@click.option(
    "--teacher",
    type=click.Choice(["none", "auto", "jacobian", "lipschitz", "hessian"]),
    default="none",
    show_default=True,
    help="A smooth network whose answers the formula may follow.",
)
@_out("Folder that gets the formula's folder.")
@_seed
@_jobs
@_time_limit
def fit(
    table: Path,
    target: str,
    name: str | None,
    engine: str,
    budget: float,
    teacher: str,
    out: Path,
    seed: int,
    jobs: int,
    time_limit: float | None,
) -> None:
    """Read a formula from the CSV file TABLE: one column as a function of the others.

    The first line names the columns. Text columns with few levels become inputs of 0 and 1.
    """
    from .data.folders import refuse_unwritable
    from .data.tables import read_table
    from .forms.formula.table import TableTask
    from .ir.names import identifier

    name = identifier(table.stem if name is None else name)
    numbers = read_table(table, target)
    refuse_unwritable(out)
    task = TableTask(name, numbers, engine, budget=budget, teacher=teacher)
    _carried_out(task, out, seed, jobs, time_limit)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--size", type=click.IntRange(1), help="Cells along each grid axis.")
@click.option("--examples", type=click.IntRange(1), help="How many inputs to draw at that size.")
def verify(folder: Path, size: int | None, examples: int | None) -> None:
    """Check the solver in FOLDER again, at any size."""
    from .console import echo_sentences
    from .recheck import verify_folder

    certificate: Certificate = verify_folder(folder, size, examples)
    click.echo(f"{certificate.problem}: {'certified' if certificate.ok else 'FAILED'}")
    echo_sentences(certificate)
    sys.exit(OK if certificate.ok else CLAIM_FAILED)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--input",
    "source",
    type=click.Path(path_type=Path),
    required=True,
    help="JSON file with what the solver takes, - for standard input.",
)
@click.option("--at", help="Which element of the answer, an index for each axis: 2,3.")
@click.option("--json", "as_data", is_flag=True, help="Print the trace as JSON.")
def explain(folder: Path, source: Path, at: str | None, as_data: bool) -> None:
    """Tell why the solver in FOLDER gives its answer: named values and the rule that fired."""
    from .explaining import explain_folder, parse_at, read_input

    place = None if at is None else parse_at(at)
    found = explain_folder(folder, read_input(source), place)
    click.echo(json.dumps(found.as_json(), allow_nan=False) if as_data else str(found))


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
def report(folder: Path) -> None:
    """Make report.html of the result in FOLDER again: one page that explains it."""
    from .reporting import write_report

    click.echo(f"wrote {on_one_line(write_report(folder))}")


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("outputs"))
def gallery(folder: Path) -> None:
    """Make index.html of the results in FOLDER: a page that leads to their reports."""
    from .reporting import write_gallery

    click.echo(f"wrote {on_one_line(write_gallery(folder))}")


def main(arguments: list[str] | None = None) -> Any:
    """Run the command; unusable input becomes one sentence on stderr and exit status 2."""
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", os.devnull)  # nothing beside --out
    try:
        return cli.main(args=arguments, prog_name="deepdistill", standalone_mode=False)
    except ValueError as error:
        from .data.problem import InputError  # not before: it takes NumPy

        if not isinstance(error, InputError):
            raise
        click.echo(f"deepdistill: {on_one_line(error)}", err=True)
    except click.ClickException as error:
        click.echo(f"deepdistill: {on_one_line(error.format_message())}", err=True)
    except (KeyboardInterrupt, click.Abort):
        click.echo(f"deepdistill: {_STOPPED}", err=True)
        sys.exit(INTERRUPTED)
    except MemoryError:
        click.echo("deepdistill: not enough memory for this input, give a smaller one", err=True)
    except BrokenPipeError:
        sys.stderr.close()
    sys.exit(UNUSABLE)


if __name__ == "__main__":
    main()
