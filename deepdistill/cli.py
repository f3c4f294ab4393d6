"""The ``deepdistill`` command. Heavy imports wait until a command needs them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from . import __version__
from .command.carrying import (
    CLAIM_FAILED,
    OK,
    UNUSABLE,
    all_carried_out,
    carried_out,
    many_carried_out,
)
from .command.console import MeasuredCommand
from .command.given import Given, given_options
from .command.interrupt import interrupted
from .command.memory import out_of_memory
from .command.options import (
    NumberRange,
    Talk,
    export,
    jobs,
    max_error,
    network_options,
    no_data,
    out,
    rule_options,
    seed,
    talking,
    time_limit,
)
from .ir.errors import InputError
from .ir.names import on_one_line


class _Interruptible(click.Group):
    """Ctrl-C is told in one sentence; click would print an empty line as well."""

    command_class = MeasuredCommand

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise click.Abort from None


@click.group(
    cls=_Interruptible,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="deepdistill")
def cli() -> None:
    """Turn small data sets into short Python programs that can be read, run and trusted."""


@cli.command("list")
@talking
def list_problems(talk: Talk) -> None:
    """Name the built-in problems."""
    from .data import catalogue

    known = [(name, catalogue.find(name).summary) for name in catalogue.names()]
    laws = ((law.name, law.summary) for law in catalogue.laws())
    talk.entries([*known, *catalogue.patterns(), *laws])


@cli.command()
@talking
def doctor(talk: Talk) -> None:
    """Tell which engines and provers are ready here, and how to get the others."""
    from .formula.standing import standings

    talk.entries(standings())


@cli.command()
@click.argument("names", nargs=-1)
@given_options
@out("Folder that gets one folder a problem.")
@seed
@jobs
@time_limit
@max_error
@no_data
@export
@talking
def distill(
    names: tuple[str, ...],
    given: Given,
    out: Path,
    seed: int,
    jobs: int,
    time_limit: float | None,
    max_error: float | None,
    no_data: bool,
    export: str,
    talk: Talk,
) -> None:
    """Distill built-in problems by NAME, or your own pairs with --examples, or --data and --axes.

    Examples are pairs of any lengths, one {"input": ..., "output": ...} a line; data are arrays of
    one shape.
    """
    from .data.folders import refuse_unwritable
    from .exporting import refuse_wordless, target_names
    from .run import named_task

    task = given.task(names)
    if task is None and len(names) == 1:
        task = named_task(names[0], seed)
    elif task is None:
        many_carried_out(names, out, seed, jobs, time_limit, max_error, talk, export)
    refuse_wordless([task], target_names(export))
    refuse_unwritable(out)
    carried_out(task, out, talk, seed, jobs, time_limit, max_error, no_data, export)


@cli.command()
@click.argument("layers", nargs=-1, type=click.Path(path_type=Path))
@network_options
@click.option("--name", default="mine", show_default=True, help="Name for the program.")
@out("Folder that gets the program's folder.")
@seed
@time_limit
@export
@talking
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
    export: str,
    talk: Talk,
) -> None:
    """Write a dense network as a program: LAYERS are CSV tables in order, or one NPZ file.

    A table has a column for each unit, a row for each input and a last row of biases. With the
    same network for a second shape the program is one for inputs of any size.
    """
    from .data.folders import refuse_unwritable
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
    carried_out(task, out, talk, seed, time_limit=time_limit, export=export)


@cli.command()
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--target", required=True, help="The column to compute, or several: a,b.")
@click.option(
    "--drop",
    multiple=True,
    metavar="NAMES",
    help="Columns to leave out, such as dates and numbers of rows, with commas between them.",
)
@click.option(
    "--features", multiple=True, metavar="NAMES", help="Columns to compute it from; all by default."
)
@click.option("--encoding", help="Encoding of the file, for example cp1252; UTF-8 by default.")
@click.option(
    "--decimal",
    type=click.Choice([".", ","]),
    help="Mark that begins the decimals; told from the numbers by default.",
)
@click.option("--groups", help="Column: rows with the same value are held out together.")
@click.option("--time-column", help="Column of times: the latest rows are held out.")
@click.option(
    "--dates",
    multiple=True,
    metavar="NAMES",
    help="Columns of dates like 2024-01-31, read as year, month, weekday (1 is Monday) and days.",
)
@click.option("--strict", is_flag=True, help="The solver refuses what lies outside the ranges.")
@click.option("--name", help="Name for the result; the file's own by default.")
@click.option(
    "--form",
    type=click.Choice(["auto", "rules", "formula"]),
    default="auto",
    show_default=True,
    help="Rules for a target of classes, a formula for one of numbers; rules of numbers are steps.",
)
@rule_options
@click.option("--engine", default="auto", show_default=True, help="auto, sparse, operon or pysr.")
@click.option(
    "--budget", type=NumberRange(0), default=1.0, show_default=True, help="Amount of work."
)
@click.option(
    "--teacher",
    type=click.Choice(["none", "auto", "jacobian", "lipschitz", "hessian"]),
    default="none",
    show_default=True,
    help="A smooth network whose answers the formula may follow.",
)
@out("Folder that gets the formula's folder.")
@seed
@jobs
@time_limit
@max_error
@no_data
@export
@talking
def fit(
    table: Path,
    target: str,
    drop: tuple[str, ...],
    features: tuple[str, ...],
    encoding: str | None,
    decimal: str | None,
    groups: str | None,
    time_column: str | None,
    dates: tuple[str, ...],
    strict: bool,
    name: str | None,
    form: str,
    rules: Mapping[str, Any],
    engine: str,
    budget: float,
    teacher: str,
    out: Path,
    seed: int,
    jobs: int,
    time_limit: float | None,
    max_error: float | None,
    no_data: bool,
    export: str,
    talk: Talk,
) -> None:
    """Read rules or a formula from the CSV file TABLE: one column as a function of the others.

    The first line names the columns. A target of text, truths or few whole numbers gets rules, one
    of numbers a formula, or with --form rules steps. Of several targets each gets a folder.
    """
    from .data.folders import refuse_unwritable
    from .exporting import refuse_wordless, target_names
    from .fitting import FileOptions, FormulaOptions, RuleOptions, fitting_tasks

    tasks = fitting_tasks(
        FileOptions(table, target, drop, features, encoding, decimal, groups, time_column, dates),
        RuleOptions(**rules),
        FormulaOptions(engine, budget, teacher),
        form,
        name,
        strict,
    )
    refuse_wordless(tasks, target_names(export))
    refuse_unwritable(out)
    all_carried_out(tasks, out, talk, seed, jobs, time_limit, max_error, no_data, export)


@cli.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--target", required=True, help="What to write it in: numpy.")
@talking
def export_solver(folder: Path, target: str, talk: Talk) -> None:
    """Write the solver in FOLDER in another target, beside it."""
    from .command.export import export_folder

    _wrote(export_folder(folder, target), talk)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--size", type=click.IntRange(1), help="Cells along each grid axis.")
@click.option("--examples", type=click.IntRange(1), help="How many inputs to draw at that size.")
@click.option(
    "--smt",
    type=click.Path(path_type=Path),
    help="File that gets what was proved, as SMT-LIB for other solvers.",
)
@talking
def verify(
    folder: Path, size: int | None, examples: int | None, smt: Path | None, talk: Talk
) -> None:
    """Check the solver in FOLDER again, at any size."""
    from .command.console import tell_certificate, wrote_proof
    from .recheck import check_again

    checked = check_again(folder, size, examples)
    certificate = checked.certificate
    written = smt is not None and wrote_proof(checked, smt)
    tell_certificate(certificate, talk)
    if smt is not None and written and not (talk.as_data or talk.quiet):
        click.echo(f"  wrote {on_one_line(smt)}")
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
@talking
def explain(folder: Path, source: Path, at: str | None, talk: Talk) -> None:
    """Tell why the solver in FOLDER gives its answer: named values and the rule that fired."""
    from .command.explaining import explain_folder, parse_at, read_input

    place = None if at is None else parse_at(at)
    explanation = explain_folder(folder, read_input(source), place)
    if talk.as_data:
        talk.data(explanation.as_json())
    else:
        click.echo(str(explanation))


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@talking
def report(folder: Path, talk: Talk) -> None:
    """Make report.html of the result in FOLDER again: one page that explains it."""
    from .command.reporting import write_report

    _wrote(write_report(folder), talk)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("outputs"))
@talking
def gallery(folder: Path, talk: Talk) -> None:
    """Make index.html of the results in FOLDER: a page that leads to their reports."""
    from .command.reporting import write_gallery

    _wrote(write_gallery(folder), talk)


def _wrote(path: Path, talk: Talk) -> None:
    if talk.as_data:
        talk.data({"wrote": str(path)})
    elif not talk.quiet:
        click.echo(f"wrote {on_one_line(path)}")


def main(arguments: list[str] | None = None) -> Any:
    """Run the command; unusable input becomes one sentence on stderr and exit status 2."""
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", os.devnull)  # nothing beside --out
    try:
        return cli.main(args=arguments, prog_name="deepdistill", standalone_mode=False)
    except InputError as error:
        click.echo(f"deepdistill: {on_one_line(error)}", err=True)
    except click.ClickException as error:
        click.echo(f"deepdistill: {on_one_line(error.format_message())}", err=True)
    except (KeyboardInterrupt, click.Abort):
        interrupted()
    except BrokenPipeError:
        sys.stderr.close()
    except Exception as error:
        if not out_of_memory(error):
            raise
        click.echo("deepdistill: not enough memory for this input, give a smaller one", err=True)
    sys.exit(UNUSABLE)


if __name__ == "__main__":
    main()
