"""Explain one answer of a solver: of one that was just made, and of one that lies in a folder."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .data.problem import InputError

if TYPE_CHECKING:
    from .explain import Explanation
    from .explain.trace import At
    from .forms.files import AnyNetwork
    from .ir.program import Formula, Program

_LARGEST_INPUT = 64 * 2**20


def explain_answer(
    network: AnyNetwork | None,
    program: Program | Formula,
    solve: Callable[..., Any],
    given: Sequence[Any],
    at: At = None,
) -> Explanation:
    """Why a solver gives its answer for the arguments ``given``.

    The arguments are those of ``solve``, or one list or mapping of all of them where there are
    several. ``at`` names the element of the answer, an index for each of its axes (of a clause
    solver: the variable). Raises :class:`InputError` for unusable arguments, and where the program
    does not give what the solver gives.
    """
    from .explain import explain_program
    from .forms.clauses.explain import explain_decisions
    from .forms.clauses.network import ClauseNetwork
    from .forms.formula.explain import explain_formula
    from .ir.program import Formula

    place = _place(at)
    if isinstance(network, ClauseNetwork):
        if len(given) == 1 and isinstance(given[0], Mapping):
            if not {"clauses"} <= set(given[0]) <= {"clauses", "weights"}:
                raise InputError("give the clauses, or an object with clauses and weights")
            given = [given[0]["clauses"], given[0].get("weights")]
        if not 1 <= len(given) <= 2 or (place is not None and len(place) != 1):
            raise InputError("give clauses, weights if they have some, and one variable")
        clauses, weights = (*given, None)[:2]
        variable = None if place is None else place[0]
        return explain_decisions(program.name, solve, clauses, weights, variable)
    names = [port.name for port in program.inputs]
    arguments = _arguments(given, names, isinstance(program, Formula))
    answer = _answer(solve, arguments)
    inputs = dict(zip(names, arguments, strict=True))
    if isinstance(program, Formula):
        if place is not None:
            raise InputError("a formula has one value: leave out --at")
        found = explain_formula(program, {k: float(v) for k, v in inputs.items()})
    else:
        found = explain_program(program, {k: _whole(v) for k, v in inputs.items()}, place)
    if not _same(found.value, answer, place):
        raise InputError("the program gives another answer than the solver, so it explains nothing")
    return found


def explain_folder(folder: Path | str, given: Sequence[Any], at: At = None) -> Explanation:
    """The same for a finished result: ``deepdistill explain FOLDER --input x.json [--at i,j]``.

    The program is lifted from the network again. Raises :class:`InputError` where the files are
    damaged or not those that were certified, or where that gives another program than the solver.
    """
    from .forms.files import read_network
    from .forms.formula.file import is_formula, read_formula
    from .relift import relift_folder
    from .verify.certificate import read_certified
    from .verify.recheck import load_solver

    folder = Path(folder)
    certificate, files = read_certified(folder)
    solve = load_solver(files["solver.py"], "solver")
    stored = files["network.npz"]
    if is_formula(stored, str(folder / "network.npz")):
        formula, _ = read_formula(stored, str(folder / "network.npz"))
        return explain_answer(None, formula, solve, given, at)
    network = read_network(stored, str(folder / "network.npz"))
    program = relift_folder(certificate, network, files)
    if program is None:
        raise InputError(
            f"{folder} cannot be explained: its network, lifted again, gives another program than "
            "its solver.py; distill it again"
        )
    return explain_answer(network, program, solve, given, at)


def read_input(path: Path) -> list[Any]:
    """The arguments in a JSON file (``-``: standard input): what ``python solver.py`` reads.

    A clause solver takes its clauses, or an object with ``clauses`` and ``weights``. Raises
    :class:`InputError` for anything but JSON.
    """
    from .data.files import parse_json, read_bytes

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


def _place(at: Any) -> tuple[int, ...] | None:
    if at is None:
        return None
    place = (at,) if hasattr(at, "__index__") else at
    if not isinstance(place, tuple | list) or not all(hasattr(k, "__index__") for k in place):
        raise InputError(f"at is an index for each axis, such as (2, 3), not {at!r:.40}")
    return tuple(map(int, place))


def _arguments(given: Sequence[Any], names: Sequence[str], row: bool) -> list[Any]:
    """One argument for each port, from all of them, from a list of them or by their names."""
    if len(given) == 1:
        only = _plain(given[0])
        if isinstance(only, Mapping) and sorted(only) == sorted(names):
            given = [only[name] for name in names]
        elif isinstance(only, list | tuple) and (row or len(names) > 1):
            given = only
    if len(given) != len(names):
        told = f"{', '.join(names)}: {len(names)} argument{'' if len(names) == 1 else 's'}"
        raise InputError(f"give {told}, not {len(given)}")
    return [_plain(argument) for argument in given]


def _plain(argument: Any) -> Any:
    """Arrays as nested lists."""
    return argument.tolist() if hasattr(argument, "tolist") else argument


def _whole(value: Any) -> Any:
    """Nested lists of integers, as the solver takes them: it has looked at the values."""
    value = _plain(value)
    return [_whole(part) for part in value] if isinstance(value, list | tuple) else int(value)


def _answer(solve: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """What the solver answers; its refusal as :class:`InputError`."""
    try:
        return solve(*arguments)
    except ValueError as error:
        raise InputError(str(error)) from None
    except (TypeError, ArithmeticError, RecursionError):
        raise InputError("the solver cannot take this input") from None


def _same(value: Any, answer: Any, place: tuple[int, ...] | None) -> bool:
    """Whether a value is that of the answer at a place, floats up to rounding."""
    for k in place or ():
        answer = answer[k]
    while isinstance(answer, list | tuple) and not isinstance(value, list | tuple):
        if len(answer) != 1:
            return False
        answer = answer[0]
    if isinstance(value, list | tuple):
        if not isinstance(answer, list | tuple) or len(answer) != len(value):
            return False
        return all(_same(one, other, None) for one, other in zip(value, answer, strict=True))
    if isinstance(value, float) or isinstance(answer, float):
        return math.isclose(value, answer, rel_tol=1e-9, abs_tol=1e-12)
    return bool(value == answer)
