"""A result written in another target, and compared with its readable solver before it counts."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .ir.alphabet import written
from .ir.program import Formula, Program
from .ir.types import Port
from .target.registry import (
    Exported,
    NotWritten,
    SolverTarget,
    find_target,
    find_targets,
    targets,
)

if TYPE_CHECKING:
    from .forms.protocol import Form

_SEED = 20
_DRAWS = 8
_MOST_CELLS = 4096  # of an input that is drawn
_CLOSE = 1e-9
_LONGEST = 200


class Exportable(Protocol):
    """A result, as far as it is written in other targets."""

    @property
    def name(self) -> str: ...
    @property
    def form(self) -> Form: ...
    @property
    def task(self) -> Any: ...
    @property
    def network(self) -> Any: ...
    @property
    def program(self) -> Any: ...
    @property
    def code(self) -> str: ...
    @property
    def solve(self) -> Callable[..., Any]: ...


def export_text(result: Exportable, name: str) -> str:
    """The module of a result in the target of that name.

    Raises :class:`InputError` where there is no such target, where it cannot write the program, and
    where the module answers otherwise than the readable solver on any of the inputs drawn here.
    """
    from .verify.solver import load_solver

    target = find_target(name)
    _refuse_wordless(target, result.form, result.name)
    text = target.write(_subject(result))
    twin = load_solver(text.encode(), target.file.removesuffix(".py"))
    mismatch = first_difference(result.program, result.solve, twin)
    if mismatch:
        raise NotWritten(
            f"{target.file} is not written: it would answer otherwise than solver.py, {mismatch}; "
            "this is a bug of deepdistill"
        )
    return text


def first_difference(
    program: Program | Formula, solve: Callable[..., Any], twin: Callable[..., Any]
) -> str:
    """How two solvers of a program differ on drawn inputs, in words; empty where they do not."""
    rows: list[tuple[Any, ...]] = []
    for arguments in inputs_to_compare(program):
        mismatch = difference(solve, twin, arguments)
        if mismatch:
            return mismatch
        if isinstance(program, Formula) and _outcome(solve, arguments) is not None:
            rows.append(arguments)
    if not rows:
        return ""

    def each(*columns: Any) -> Any:
        return [solve(*row) for row in zip(*columns, strict=True)]

    return difference(each, twin, tuple(map(list, zip(*rows, strict=True))))


def export_files(result: Exportable, names: Sequence[str]) -> dict[str, bytes]:
    """The modules of a result in several targets, by the names of their files."""
    return {
        target.file: export_text(result, target.name).encode() for target in find_targets(names)
    }


def target_names(given: str) -> list[str]:
    """The names of targets in a text with commas between them, looked up before any work.

    Raises :class:`InputError` for a name that no target has.
    """
    names = [name.strip() for name in given.split(",") if name.strip()]
    return [target.name for target in find_targets(names)]


def refuse_wordless(tasks: Sequence[Any], names: Sequence[str]) -> None:
    """:class:`InputError` where a task shows before any work that targets have no words for it."""
    from .data.pairs import PairProblem
    from .forms import form_of_task

    for target in find_targets(names):
        for task in tasks:
            if not isinstance(task, PairProblem):  # which form tells its pairs is found by learning
                form = form_of_task(task)
                _refuse_wordless(target, form, task.name)
                if title := form.incomplete(task):
                    raise NotWritten(
                        f"the column {title!r:.60} has missing values, and {target.file} has no "
                        f"words for these: fill them in, leave it out with --drop "
                        f"{shlex.quote(title)}, or give no --export"
                    )


def _refuse_wordless(target: SolverTarget, form: Form, name: str) -> None:
    """:class:`NotWritten` for a form of programs that no target has words for."""
    if form.has_driver:
        raise NotWritten(
            f"{target.file} is not written: {name} is a rule inside a driver, and targets "
            "have words for programs alone"
        )
    if form.stage == "composed":
        raise NotWritten(
            f"{target.file} is not written: programs of inputs of any lengths are written in plain "
            "Python alone"
        )


def exported_files() -> tuple[str, ...]:
    """The names that files of targets have beside a solver."""
    return tuple(target.file for target in targets())


def _subject(result: Exportable) -> Exported:
    program = result.program
    docstring = ast.get_docstring(ast.parse(result.code)) or ""
    limits: tuple[tuple[float, float], ...] = ()
    if getattr(result.network, "strict", False):
        limits = tuple((s.domain.low, s.domain.high) for s in program.inputs)
    least, alike = result.form.sized(result.task, result.network, program)
    summary = docstring.partition("\n\n")[0].replace("\n", " ")
    return Exported(program, summary, limits, least, alike)


def inputs_to_compare(program: Program | Formula) -> Iterator[tuple[Any, ...]]:
    """Arguments of a solver: sizes 1, 2 and more, all borders, and some that are to be refused."""
    rng = np.random.default_rng(_SEED)
    if isinstance(program, Formula):
        yield from _rows(program, rng)
        return
    from .verify.contract import array_contract

    for shape in _shapes(program.inputs):
        for k in range(_DRAWS):
            yield tuple(written(port, _drawn(port, shape, rng, k)) for port in program.inputs)
    contract = array_contract(program.inputs, _shapes(program.inputs)[-1])
    yield from contract.refused()
    for base, forms in contract.forms():
        yield base
        yield from forms


def _shapes(ports: tuple[Port, ...]) -> list[tuple[int, ...]]:
    axes = next((port.axes for port in ports if not port.is_fixed), ports[0].axes)
    sizes = [(axis.size,) if axis.size else (1, 2, 3) for axis in axes]
    small = list(product(*sizes))[:81]
    larger = [tuple(axis.size or n for axis in axes) for n in (5, 8, 12)]
    return [*small, *(shape for shape in larger if np.prod(shape) <= _MOST_CELLS)]


def _drawn(port: Port, shape: tuple[int, ...], rng: np.random.Generator, k: int) -> Any:
    """An input: the first ones all of one value, then of few, then of any."""
    size = [axis.size or 1 for axis in port.axes] if port.is_fixed else shape
    low, high = port.domain.low, port.domain.high
    if k < 2:
        return np.full(size, (low, high)[k]).tolist()
    if k < 5:
        few = rng.integers(low, high, size=3, endpoint=True)
        return rng.choice(few, size=size).tolist()
    return rng.integers(low, high, size=size, endpoint=True).tolist()


def _rows(formula: Formula, rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    low = np.array([s.domain.low for s in formula.inputs], dtype=float)
    high = np.array([s.domain.high for s in formula.inputs], dtype=float)
    width = high - low
    for stretch in (0.0, 1.0, 20.0):
        for _ in range(40):
            row = rng.uniform(low - stretch * width, high + stretch * width).tolist()
            for k, scalar in enumerate(formula.inputs):
                if scalar.levels:
                    row[k] = scalar.written(int(rng.integers(len(scalar.levels))))
            yield tuple(row)
    for value in (0.0, 1.0, -1.0, 1e60, float("nan"), float("inf"), None, "1", True, 10**400):
        for k in range(len(low)):
            row = [s.written(s.domain.low) for s in formula.inputs]
            row[k] = value
            yield tuple(row)


def difference(
    solve: Callable[..., Any], twin: Callable[..., Any], arguments: tuple[Any, ...]
) -> str:
    """How the answers of two solvers differ, in words; empty where they do not."""
    expected, got = _outcome(solve, arguments), _outcome(twin, arguments)
    if _same(expected, got):
        return ""
    call = ", ".join(map(repr, arguments))[:_LONGEST]
    return f"for {call} {_described(got)} in place of {_described(expected)}"


def _outcome(solve: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """What a call gives, as plain lists and numbers; None where it refuses in a sentence."""
    from .verify.contract import are_too_many

    try:
        answer = solve(*arguments)
    except (ValueError, TypeError) as error:
        if isinstance(error, TypeError) and not are_too_many(solve, arguments):
            return error
        return None
    except Exception as error:
        return error
    return answer.tolist() if hasattr(answer, "tolist") else answer


def _described(outcome: Any) -> str:
    if isinstance(outcome, Exception):
        return f"{type(outcome).__name__}: {outcome}"
    return "a refusal" if outcome is None else repr(outcome)[:_LONGEST]


def _same(expected: Any, got: Any) -> bool:
    if isinstance(expected, list):
        return (
            isinstance(got, list) and len(got) == len(expected) and all(map(_same, expected, got))
        )
    if isinstance(expected, float) and isinstance(got, float):
        return abs(expected - got) <= _CLOSE * max(1.0, abs(expected))
    return bool(expected == got) and (expected is None) == (got is None)
