"""Explain one answer of a solver that lies in a folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data.problem import InputError

if TYPE_CHECKING:
    from ..explain import Explanation
    from ..explain.trace import At

_LARGEST_INPUT = 64 * 2**20


def explain_folder(folder: Path | str, given: Sequence[Any], at: At = None) -> Explanation:
    """Why the solver of a finished result answers as it does for the arguments ``given``.

    ``deepdistill explain FOLDER --input x.json [--at i,j]``. The program is lifted from the network
    again. Raises :class:`InputError` where the files are damaged or not those that were certified,
    or where that gives another program than the solver.
    """
    from ..recheck import lifted_again, read_result
    from ..verify.solver import load_solver

    stored = read_result(folder)
    solve = load_solver(stored.files["solver.py"], "solver")
    program = lifted_again(stored)
    if program is None:
        raise InputError(
            f"{folder} cannot be explained: its network, lifted again, gives another program than "
            "its solver.py; distill it again"
        )
    return stored.form.explain(stored.network, program, solve, given, at)


def read_input(path: Path) -> list[Any]:
    """The arguments in a JSON file (``-``: standard input): what ``python solver.py`` reads.

    A clause solver takes its clauses, or an object with ``clauses`` and ``weights``. Raises
    :class:`InputError` for anything but JSON.
    """
    from ..data.files import parse_json, read_bytes

    if str(path) == "-":
        return [parse_json(sys.stdin.buffer.read(_LARGEST_INPUT), "the input")]
    return [parse_json(read_bytes(path, _LARGEST_INPUT), str(path))]


def parse_at(text: str) -> tuple[int, ...]:
    """``2,3`` as (2, 3); :class:`InputError` for anything else."""
    words = text.split(",")
    if not all(word.strip().isascii() and word.strip().isdigit() for word in words):
        raise InputError(f"--at takes numbers with commas between, such as 2,3, not {text!r:.40}")
    if max(map(len, words)) > 18:
        raise InputError(f"--at has an index that no answer has: {text!r:.40}")
    return tuple(map(int, words))
