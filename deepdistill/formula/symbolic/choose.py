"""Several engines, several targets, one polishing stage, one front, one choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...data.problem import InputError
from ...ir.expr import Const
from .arrays import Floats, complexity
from .backend import OPERATORS, Backend, Fit, pareto
from .data import Table
from .frame import Frame
from .operon import Operon
from .parallel import one_thread, processors
from .polish import finished, is_exact, reported
from .pysr import HOW_TO_GET_IT, PySR, why_not
from .sparse import Sparse
from .targets import targets, transforms, views
from .work import Work, has_exact, polished, ranked

_PLAIN = 20  # operations and leaves of an exact formula that regimes would not shorten
Progress = Callable[[str], None]
Regimes = Callable[[bool, Fit | None], Fit | None]
"""Looks for formulas in regimes, briefly or at length, given the best single one at length."""


@dataclass(frozen=True, slots=True)
class Found:
    """The chosen formula and the merged front, simplest first."""

    best: Fit
    front: tuple[Fit, ...]


def search(
    x: Floats,
    y: Floats,
    names: Sequence[str],
    *,
    backends: Sequence[Backend] | None = None,
    operators: Sequence[str] = OPERATORS,
    budget: float = 1.0,
    seed: int = 0,
    progress: Progress | None = None,
    regimes: Regimes | None = None,
    jobs: int | None = None,
) -> Found:
    """The best formula for the table, engine after engine until one explains it.

    ``regimes`` is asked after the first look, and again when all engines have failed. ``jobs``
    processes work side by side, as many as there are processors by default; the result does not
    depend on their number.
    """
    with one_thread():
        engines = list(backends if backends is not None else default_backends())
        table = Table.of(x, y, names, seed)
        found = views(x, y, names) if budget > 0 else [Frame.of(x, names)]
        aims = targets(found, y) if budget > 0 else transforms(found[0], y, 0.0)[:1]
        work = Work(table, found, y, aims, tuple(operators), budget, seed, processors(jobs))
        return _searched(work, engines, progress or (lambda text: None), regimes)


def _searched(work: Work, engines: list[Backend], say: Progress, regimes: Regimes | None) -> Found:
    table = work.table
    pool: list[Fit] = []
    raw: list[Fit] = []
    first = engines[0] if engines and isinstance(engines[0], Sparse) else None
    if first is not None:
        say("a first look")
        raw += work.look(first)
        if regimes is not None and not any(
            fit.complexity <= _PLAIN for fit in raw if is_exact(fit, table)
        ):
            say("regimes")
            pool += _in_regimes(regimes(False, None), table)
        if work.budget <= 0 or has_exact(raw, table) or work.explains(_snapped(raw, table)):
            say("polishing")
            pool += polished(raw, work)
    for engine in engines if work.budget > 0 else []:
        if work.explains(pool):
            break
        say(f"{engine.name} on {len(work.aims)} targets")
        fresh = work.proposals(engine, looked=first is not None)
        raw += fresh
        say(f"polishing what {engine.name} found")
        pool += polished(fresh, work)
    if regimes is not None and work.budget > 0 and not has_exact(pool, table):
        say("regimes")
        best = ranked(pool, table)[0] if pool else None
        pool += _in_regimes(regimes(True, best), table)
    return _chosen(pool, raw, table)


def _snapped(fits: list[Fit], table: Table) -> list[Fit]:
    """The shortest description, with snapped constants."""
    return [finished(fit, table) for fit in ranked(fits, table)[:1]]


def _in_regimes(fit: Fit | None, table: Table) -> list[Fit]:
    return [] if fit is None else [replace(fit, loss=table.loss(fit.expr))]


def default_backends() -> list[Backend]:
    return chosen_backends("auto")[0]


def chosen_backends(name: str) -> tuple[list[Backend], tuple[str, ...]]:
    """The engines of that name, and sentences for the user.

    ``auto`` takes the sparse one, then PySR where it is in place, else Operon. Raises
    :class:`InputError` for an engine that cannot run here.
    """
    match name:
        case "sparse":
            return [Sparse()], ()
        case "operon":
            if not Operon.ready():
                raise InputError("pyoperon is not installed: pip install pyoperon")
            return [Operon()], ()
        case "pysr":
            if (reason := why_not()) is not None:
                raise InputError(f"{reason}: {HOW_TO_GET_IT}")
            return [PySR()], ()
        case "auto":
            if why_not() is None:
                return [Sparse(), PySR()], ()
            if Operon.ready():
                return [Sparse(), Operon()], (f"PySR is not ready, Operon serves: {HOW_TO_GET_IT}",)
            return [Sparse()], (f"only the sparse engine is here; for more: {HOW_TO_GET_IT}",)
        case _:
            raise InputError(f"there is no engine {name!r}: use auto, sparse, operon or pysr")


def _chosen(pool: list[Fit], raw: list[Fit], table: Table) -> Found:
    """The shortest description; the constant mean where nothing was found."""
    mean = Const(float(np.mean(table.y)))
    pool = [*pool, Fit(mean, table.loss(mean), complexity(mean), "mean")]
    best = min(pool, key=lambda fit: (table.length(fit.expr, fit.loss), fit.complexity))
    # rounded losses first: then no row of a front is there for roundings alone
    return Found(best, tuple(pareto([reported(fit, table) for fit in (best, *pool, *raw)])))
