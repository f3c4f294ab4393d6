"""Several engines, several targets, one polishing stage, one front, one choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from ...data.parallel import one_thread
from ...data.problem import InputError
from ...data.running import Run
from ...ir.expr import Const, Expr, size
from ...ir.rounding import simplest_number
from .arrays import Floats, complexity
from .backend import OPERATORS, Backend, Fit
from .data import FitRows
from .frame import Frame
from .losses import Loss, RowErrors
from .operon import Operon
from .plain import line, paying, plainer
from .polish import finished, is_exact, refitted, reported
from .product import with_pow
from .pysr import HOW_TO_GET_IT, PySR, why_not
from .repair import believable_front
from .sparse import Sparse
from .targets import Target, targets, transforms, views
from .work import THOROUGH, Work, has_exact, has_law, is_enough, polished, ranked

_SLIGHT = 0.1  # of a mean's standard error
_WHOLE = 10**6  # a smaller whole number belongs to the structure of a formula
_STEPS = (0.1, 0.3)  # what a search spends first, and so on in these steps
_REFITTED = 30  # steps
_KNOWN = "known before"
_PLAIN = 20  # operations and leaves of an exact formula that no longer search would shorten
Regimes = Callable[[bool, Fit | None], Fit | None]
"""Looks for formulas in regimes, briefly or at length, given the best single one at length."""


@dataclass(frozen=True, slots=True)
class FormulaChoice:
    """The chosen formula and the merged front, simplest first.

    ``noise`` is the mean squared error that the front told of the answers, where it was not given.
    """

    best: Fit
    front: tuple[Fit, ...]
    noise: float | None = None


Keep = Callable[[Callable[[], FormulaChoice], str], None]


def search(
    x: Floats,
    y: Floats,
    names: Sequence[str],
    *,
    backends: Sequence[Backend] | None = None,
    operators: Sequence[str] = OPERATORS,
    budget: float = 1.0,
    seed: int = 0,
    run: Run | None = None,
    regimes: Regimes | None = None,
    keep: Keep | None = None,
    box: Floats | None = None,
    noise: float | None = 0.0,
    loss: Loss = "mse",
    weights: Floats | None = None,
    known: Sequence[Expr] = (),
    smooth: bool = False,
) -> FormulaChoice:
    """The best formula for the table, engine after engine until one explains it.

    ``regimes`` is asked after the first look, and again when all engines have failed. ``run`` has
    the workers, on whose number nothing depends, and the time; ``keep`` is told of each formula
    that is better than all before it, with what the search would give if it ended then. ``box``
    (2, columns) has the ends of the ranges in which the formula is to be believed. ``noise`` is the
    mean squared error that the answers are known to have, as a teacher's or rounded ones: a formula
    within it is good enough, the search ends, and the shortest such formula is chosen. None: it
    is not known, and the knee of the front tells. It is ``smooth`` where neighbouring rows err
    alike, as a network's do. ``loss`` says what errors cost, ``weights``
    (rows,) how much each row counts. Formulas ``known`` from before are looked at first: where one
    is within the noise, nothing else is searched.
    """
    if np.ptp(y) == 0:
        return _constant(float(y[0]))
    with one_thread():
        engines = list(backends if backends is not None else default_backends())
        if weights is not None:
            weights = np.asarray(weights / np.mean(weights), dtype=np.float64)
        errors = RowErrors.of_loss(loss, weights, y)
        table = FitRows.of(x, y, names, seed, box, noise or 0.0, errors, smooth)
        if not errors.is_plain and errors.chances is None:
            engines = [replace(e, loss=loss) if isinstance(e, Sparse) else e for e in engines]
        run = run or Run()
        heard = _listener(table, run, keep)

        def weighed(aims: list[Target]) -> list[Target]:
            if weights is None:
                return aims
            return [replace(a, weights=a.weights * np.sqrt(weights[a.rows])) for a in aims]

        def works() -> Iterator[Work]:
            plain = Frame.of(x, names)
            aims = weighed(transforms(plain, y, 0.0)[:1])
            first = Work(
                table, [plain], y, aims, tuple(operators), 0.0, seed, run, heard, noise is None
            )
            yield first
            if budget > 0:
                frames = views(x, y, names)
                wide = replace(first, frames=frames, aims=weighed(targets(frames, y)))
                yield from (replace(wide, budget=one) for one in budgets(budget))

        pool: list[Fit] = []
        raw = [
            one for expr in known if (one := refitted(with_pow(expr), table, _KNOWN)) is not None
        ]
        if table.noise and has_exact(raw, table):
            return _chosen(polished(raw, next(works())), raw, table)
        exact = replace(table, noise=0.0)
        looked = None if regimes is None else cache(regimes)
        for work in works():
            work, more, proposals = _searched(work, engines, looked if work.budget > 0 else None)
            pool += more
            raw += proposals
            if has_law(more, exact) or (work.budget > _STEPS[0] and has_exact(more, exact)):
                break
            if work.budget >= THOROUGH and work.explains(more):
                break
        told = work.table.noise if noise is None else 0.0
        return replace(_chosen(pool, raw, work.table), noise=told or None)


def budgets(most: float) -> list[float]:
    """What a search spends one after the other, three times as much each time.

    The way to a larger budget leads over the smaller ones: all that they find it has as well. So a
    budget counts as the next smaller one of 0.1, 0.3, 1, 3, 10 and so on, the first at least.
    """
    result = [_STEPS[0]]
    scale = 1.0
    while True:
        for step in (*_STEPS[1:], 10 * _STEPS[0]):
            if step * scale > most:
                return result
            result.append(step * scale)
        scale *= 10.0


def _mean(table: FitRows) -> float:
    """The mean, to as few digits as make no difference."""
    y = table.y
    middle, slight = table.errors.constant(y), _SLIGHT * float(np.std(y)) / len(y) ** 0.5
    return simplest_number(middle - slight, middle + slight)


def _constant(value: float) -> FormulaChoice:
    """The only formula for answers that never vary."""
    whole = value.is_integer() and abs(value) < _WHOLE
    only = Fit(Const(int(value) if whole else value), 0.0, 1, "constant")
    return FormulaChoice(only, (only,))


def _listener(table: FitRows, run: Run, keep: Keep | None) -> Callable[[Sequence[Fit]], None]:
    """Collects what is found, hands the best of it on, and looks at the clock."""
    so_far: list[Fit] = []
    lengths: list[float] = []

    def heard(fits: Sequence[Fit]) -> None:
        so_far.extend(fits)
        lengths.extend(table.length(fit.expr, fit.loss) for fit in fits)
        if keep is not None and so_far:
            front = list(so_far)
            best = front[int(np.argmin(lengths))]
            words = f"{size(best.expr)} nodes, mean square error {best.loss:.3g}"
            keep(lambda: _chosen([finished(best, table)], front, table), words)
        run.check()

    return heard


def _searched(
    work: Work, engines: list[Backend], regimes: Regimes | None
) -> tuple[Work, list[Fit], list[Fit]]:
    """The work, with what it learned of the noise, polished formulas and all proposals."""
    say = work.run.say
    pool: list[Fit] = []
    raw: list[Fit] = []
    first = engines[0] if engines and isinstance(engines[0], Sparse) else None
    if first is not None:
        say("a first look")
        raw += work.look(first)
        work = work.informed(raw)
        table = work.table
        plain = [fit for fit in raw if fit.complexity <= _PLAIN]
        if regimes is not None and not has_law(plain, table):
            say("regimes")
            pool += _in_regimes(regimes(False, None), work)
        if work.budget <= 0 or is_enough(raw, table) or work.explains(_snapped(raw, table)):
            say("polishing")
            pool += polished(raw, work)
    for engine in engines if work.budget > 0 else []:
        if work.explains(pool):
            break
        say(f"{engine.name} on {len(work.aims)} targets")
        fresh = work.proposals(engine, looked=first is not None)
        raw += fresh
        say(f"polishing what {engine.name} found")
        work = work.informed(raw)
        pool += polished(fresh, work)
        work = work.informed([*raw, *pool])
    if (last := work.informed([*raw, *pool], clear=False)) is not work:
        work = last
        pool += polished([*raw, *pool], work)
        work = work.informed([*raw, *pool], clear=False)
    table = work.table
    if regimes is not None and work.budget > 0 and not has_exact(pool, table):
        say("regimes")
        best = ranked(pool, table)[0] if pool else None
        pool += _in_regimes(regimes(True, best), work)
    return work, pool, raw


def _snapped(fits: list[Fit], table: FitRows) -> list[Fit]:
    """The shortest description, with snapped constants."""
    return [finished(fit, table) for fit in ranked(fits, table)[:1]]


def _in_regimes(fit: Fit | None, work: Work) -> list[Fit]:
    fits = [] if fit is None else [replace(fit, loss=work.table.loss(fit.expr))]
    work.heard(fits)
    return fits


def default_backends() -> list[Backend]:
    return chosen_backends("auto")


def chosen_backends(requested: str | Backend) -> list[Backend]:
    """The engines of that name; an engine of the user's own comes behind the sparse one.

    ``auto`` takes the sparse one, then PySR where it is in place, else Operon. Raises
    :class:`InputError` for an engine that cannot run here.
    """
    if isinstance(requested, PySR):
        return [*chosen_backends("sparse"), _ready(requested)]
    if not isinstance(requested, str):
        return [*chosen_backends("sparse"), requested]
    match requested:
        case "sparse":
            return [Sparse()]
        case "operon":
            if not Operon.ready():
                raise InputError("pyoperon is not installed: pip install pyoperon")
            return [Operon()]
        case "pysr":
            return [_ready(PySR())]
        case "auto":
            if why_not() is None:
                return [Sparse(), PySR()]
            return [Sparse(), Operon()] if Operon.ready() else [Sparse()]
        case _:
            raise InputError(f"there is no engine {requested!r}: use auto, sparse, operon or pysr")


def _ready(engine: PySR) -> PySR:
    if (reason := why_not()) is not None:
        raise InputError(f"{reason}: {HOW_TO_GET_IT}")
    return engine


def _chosen(pool: list[Fit], raw: list[Fit], table: FitRows) -> FormulaChoice:
    """The shortest description that can be believed; the constant mean where there is none."""
    mean = Const(_mean(table))
    pool = [*pool, Fit(mean, table.loss(mean), complexity(mean), "mean")]
    if table.errors.chances is not None:  # engines know no logistic loss
        raw = [replace(fit, expr=expr, loss=loss) for fit in raw
               for expr, loss in [table.refit(fit.expr, _REFITTED)] if loss < np.inf]  # fmt: skip
    chosen, left = paying(pool, table)
    best = chosen or pool[-1]
    rival = None if is_exact(best, table) else line(table)
    if rival is not None and plainer(best, rival, table):
        best = rival
    # rounded losses first: then no row of a front is there for roundings alone
    fits = [reported(fit, table) for fit in (best, *left, *raw)]
    front = believable_front(fits, table)
    if table.noise:  # of those within the noise the chosen one stands before larger ones
        last = reported(best, table)
        front = [f for f in front if f.loss > table.enough or f.complexity > best.complexity]
        front = sorted([*front, last], key=lambda fit: (fit.complexity, fit.loss))
    if rival is not None:  # a line is always there to be chosen
        front = [*(fit for fit in front if fit.expr != rival.expr), reported(rival, table)]
        front.sort(key=lambda fit: (fit.complexity, fit.loss))
    return FormulaChoice(best, tuple(front))
