"""A user's own data on the command line: which file, which axes, and the task that they make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ..ir.errors import InputError

if TYPE_CHECKING:
    from click.decorators import FC


@dataclass(frozen=True, slots=True)
class Given:
    """Files of pairs, arrays of one shape in ``data`` or any ``examples``, and what was told."""

    data: Path | None
    examples: Path | None
    axes: str | None
    name: str

    def task(self, names: Sequence[str]) -> Any:
        """The task of the data; None where names of built-in problems were given instead."""
        if self.data is None and self.examples is None:
            if not names:
                raise InputError(
                    "name a problem (`deepdistill list` shows them) or give --data or --examples"
                )
            if self.axes is not None:
                raise InputError(
                    "--axes goes with --data and --examples; built-in problems know their axes"
                )
            return None
        which = "--examples" if self.data is None else "--data"
        if names:
            raise InputError(f"give either names of built-in problems or {which}, not both")
        if self.examples is not None:
            from ..data.pair_files import read_examples

            if self.data is not None:
                raise InputError("give either --data or --examples, not both")
            return read_examples(self.examples, self.axes, self.name)
        from ..data.files import read_pairs

        assert self.data is not None, "one of the two is there"
        if self.axes is None:
            raise InputError('--data needs --axes, for example --axes "grid(wrap) grid(wrap)"')
        return read_pairs(self.data, self.axes, self.name)


def given_options(command: FC) -> FC:
    """The options of a user's own data, given to the command as one ``given``."""

    @wraps(command)
    def with_given(
        *args: Any,
        data: Path | None,
        examples: Path | None,
        axes: str | None,
        name: str,
        **more: Any,
    ) -> Any:
        return command(*args, given=Given(data, examples, axes, name), **more)

    path = click.Path(path_type=Path)
    options: tuple[Callable[[Any], Any], ...] = (
        click.option(
            "--examples", type=path, help="JSON lines or NPZ file of pairs of any length."
        ),
        click.option("--data", type=path, help="NPZ file with arrays x and y."),
        click.option(
            "--axes",
            help='Axes of the data, for example "grid(wrap) grid(wrap)"; of examples they are '
            "found by default.",
        ),
        click.option("--name", default="mine", show_default=True, help="Name for the data's rule."),
    )
    for option in reversed(options):
        with_given = option(with_given)
    return cast("FC", with_given)
