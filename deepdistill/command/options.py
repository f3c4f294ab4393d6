"""Options that several commands share, and how much a command says."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

if TYPE_CHECKING:
    from click.decorators import FC


class NumberRange(click.FloatRange):
    """The numbers of a range; what is not a number lies in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail("this is not a number: give one.", param, ctx)
        return number


def out(described: str) -> Callable[[FC], FC]:
    path = click.Path(path_type=Path)
    return click.option(
        "--out", type=path, default=Path("outputs"), show_default=True, help=described
    )


jobs = click.option(
    "--jobs", type=int, default=-1, show_default=True, help="Workers; -1 for all processors."
)
time_limit = click.option(
    "--time-limit",
    type=NumberRange(0, min_open=True),
    help="Seconds after which the search is cut off; the best so far is kept.",
)
seed = click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Random seed."
)


max_error = click.option(
    "--max-error",
    type=NumberRange(0, 1),
    help="Fail where the bound on the share of wrong answers is larger.",
)


no_data = click.option(
    "--no-data", is_flag=True, help="Quote no example in certificate, test and report."
)


export = click.option(
    "--export",
    default="",
    metavar="TARGETS",
    help="Write the solver in these targets, too, with commas between them: numpy.",
)


def network_options(command: FC) -> FC:
    """What a network from elsewhere is: its shape, its units, the same network at a second size."""
    for option in reversed(
        (
            click.option("--shape", required=True, help="Shape of the input, for example 28x28."),
            click.option(
                "--hidden", default="sign", show_default=True, help="Hidden layers: sign or step."
            ),
            click.option(
                "--head",
                default="argmax",
                show_default=True,
                help="Last layer: argmax, softmax or linear.",
            ),
            click.option(
                "--values",
                default="0:1",
                show_default=True,
                help="Smallest and largest integer of the input.",
            ),
            click.option(
                "--second",
                multiple=True,
                type=click.Path(path_type=Path),
                help="The network for inputs of another shape: a file, once for each layer.",
            ),
            click.option("--second-shape", help="That other shape, for example 14x14."),
        )
    ):
        command = option(command)
    return command


def rule_options(command: FC) -> FC:
    """What rules are to be like, given to the command as one mapping ``rules``."""
    names = ("monotone", "max_complexity", "max_conditions", "class_weight", "ordered")

    @wraps(command)
    def with_rules(*args: Any, **given: Any) -> Any:
        rules = {name: given.pop(name) for name in names}
        return command(*args, rules=rules, **given)

    for option in reversed(
        (
            click.option(
                "--monotone",
                multiple=True,
                metavar="COLUMN=+",
                help="Rules whose answer is later or larger (or the contrary, -) where it grows.",
            ),
            click.option("--max-complexity", type=click.IntRange(1), help="Largest size of rules."),
            click.option("--max-conditions", type=click.IntRange(1), help="Most on a path."),
            click.option(
                "--class-weight",
                type=click.Choice(["none", "balanced"]),
                default="none",
                show_default=True,
                help="Whether all classes count alike.",
            ),
            click.option(
                "--ordered",
                metavar="LABELS",
                help="The labels in their order, with commas between them: low,mid,high.",
            ),
        )
    ):
        with_rules = option(with_rules)
    return cast("FC", with_rules)


@dataclass(frozen=True, slots=True)
class Talk:
    """How much a command says on standard output: a line, a summary, everything, or data."""

    verbose: bool = False
    quiet: bool = False
    as_data: bool = False

    def data(self, value: Any) -> None:
        """One JSON text on a line of its own."""
        click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))

    def entries(self, known: Iterable[tuple[str, str]]) -> None:
        """Names with what is told of each."""
        if self.as_data:
            self.data(dict(known))
            return
        for name, description in known:
            click.echo(name if self.quiet else f"{name:16} {description}".rstrip())


def talking(command: FC) -> FC:
    """The options ``-v``, ``-q`` and ``--json``, given to the command as one ``talk``."""

    @wraps(command)
    def with_talk(*args: Any, verbose: bool, quiet: bool, as_data: bool, **more: Any) -> Any:
        return command(*args, talk=Talk(verbose, quiet, as_data), **more)

    for option in (
        click.option("--json", "as_data", is_flag=True, help="Print data, not words."),
        click.option("-q", "--quiet", is_flag=True, help="Print one line."),
        click.option("-v", "--verbose", is_flag=True, help="Print all that is known."),
    ):
        with_talk = option(with_talk)
    return cast("FC", with_talk)
