"""Several engines, several targets, one polishing stage, one front, one choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..ir.expr import Const, Expr
from ..problem import InputError
from .arrays import Floats, complexity
from .backend import OPERATORS, Backend, Fit, pareto
from .data import Table
from .operon import Operon
from .polish import descended, finished, is_exact, refitted
from .pysr import HOW_TO_GET_IT, PySR, why_not
from .sparse import Sparse
from .targets import Target, targets

_GROWN = 2
_GROWTHS = 4
_LOOK = 0.1  # share of the budget for a first look
_LEAST = 0.5  # with a smaller budget formulas are snapped, not changed
_DEEP = 5  # targets that a costly engine searches
_POLISHED = 3  # the best so many of an engine's formulas are polished to the end
Progress = Callable[[str], None]


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
) -> Found:
    """The best formula for the table, engine after engine until one is exact."""
    say = progress or (lambda text: None)
    table = Table.of(x, y, names, seed)
    pool: list[Fit] = []
    raw: list[Fit] = []
    for backend, work in _rounds(backends if backends is not None else default_backends(), budget):
        fresh: list[Fit] = []
        most = 1 if budget <= 0 else None if backend.name == "sparse" else _DEEP
        for target in targets(x, y, names)[:most]:
            say(f"{backend.name} on {target.name}")
            fresh += _proposed(backend, target, x, names, operators, budget * work, seed, table)
            if any(is_exact(fit, table) for fit in fresh):
                break
        raw += fresh
        if work < 1 and budget > 0 and not any(is_exact(fit, table) for fit in fresh):
            continue
        say(f"polishing what {backend.name} found")
        pool += _polished(fresh, table, budget)
        if any(is_exact(fit, table) for fit in pool):
            break
    return _chosen(pool, raw, table)


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


def _rounds(backends: Sequence[Backend], budget: float) -> list[tuple[Backend, float]]:
    """Engines in turn; the cheap one has a short look first, for most laws are simple."""
    first = [(backend, _LOOK) for backend in backends[:1] if backend.name == "sparse"]
    if budget <= 0 and first:
        return first
    return [*first, *((backend, 1.0) for backend in backends)]


def _proposed(
    backend: Backend,
    target: Target,
    x: Floats,
    names: Sequence[str],
    operators: Sequence[str],
    budget: float,
    seed: int,
    table: Table,
) -> list[Fit]:
    result = []
    for fit in backend.fit(x[target.rows], target.values, names, operators, budget, seed):
        found = refitted(target.back(fit.expr), table, backend.name)
        if found is not None:
            result.append(found)
    return result


def _polished(proposed: list[Fit], table: Table, budget: float) -> list[Fit]:
    """The best few made smaller, the best of these changed more freely; all snapped."""
    if budget < _LEAST:
        return [finished(fit, table) for fit in _ranked(proposed, table)[:1]]
    small: dict[Expr, Fit] = {}
    for fit in _ranked(proposed, table)[:_POLISHED]:
        found = descended(fit, table, grow=False)
        small.setdefault(found.expr, found)
        if is_exact(found, table):
            return [finished(found, table)]
    best = _ranked(list(small.values()), table)
    result = [finished(fit, table) for fit in best]
    for fit in best[:_GROWN]:
        found = descended(fit, table, True, _GROWTHS)
        result.append(finished(found, table))
        if is_exact(found, table):
            break
    return result


def _ranked(fits: list[Fit], table: Table) -> list[Fit]:
    return sorted(fits, key=lambda fit: (table.length(fit.expr, fit.loss), fit.complexity))


def _chosen(pool: list[Fit], raw: list[Fit], table: Table) -> Found:
    """The shortest description; the constant mean where nothing was found."""
    mean = Const(float(np.mean(table.y)))
    pool = [*pool, Fit(mean, table.loss(mean), complexity(mean), "mean")]
    best = min(pool, key=lambda fit: (table.length(fit.expr, fit.loss), fit.complexity))
    return Found(best, tuple(pareto([*pool, *raw])))
