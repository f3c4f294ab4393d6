"""The work of a search: engines on targets, side by side where there are several processors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import log10
from typing import Any

import numpy as np

from ...data.parallel import mapped
from ...data.running import Run
from ...ir.constants import free_constants
from ...ir.expr import Call, Const
from .arrays import Floats, values
from .backend import Backend, Fit, pareto
from .data import FitRows
from .frame import POOR, Frame, judged, logged, scales
from .knee import knee
from .levels import meets_any_levels
from .neighbours import freed
from .polish import descended, finished, is_exact, refitted, shortened
from .separation import Parts, parted
from .sparse import Sparse
from .surrogate import polynomial
from .targets import Target, transforms

_LOOK = 0.1  # share of the budget for a first look
_GLANCED = 8  # targets of a first look, besides the answer itself
_DEEP = 6  # targets that a costly engine searches
_OF_PART = 4  # formulas of each part that are combined
_MAY_BE_OFF = 1e-5  # of the variance, answers of which nobody knows how far they are off
_UNTOLD = 1  # constant of a part that says nothing: its factor, or what is added to it
_AS_GOOD = 1.3  # how far a formula's loss may be above the stand-in's error
_WHITE = 0.97  # share of the errors that a stand-in for them leaves
_FREE = 1  # free constants of a formula that is believed to explain everything
THOROUGH = 0.5  # with a smaller budget formulas are snapped, not changed
_POLISHED = 4  # the best so many of an engine's formulas are polished to the end
_GROWN = 2
_DROPPED = 3  # small terms, where it is not known how small the errors are
_GROWTHS = 4
_CLOSER = 0.3  # times the loss, what freer constants have to leave at most
_SHORT = 25  # operations and leaves of a formula that may end a search among noisy answers


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """What the tasks of a search have in common.

    ``frames`` has the columns as they are at its end; ``y`` is (rows,) as ``frames`` have it.
    ``heard`` is told of formulas as they are found, and ends the search where its time is over.
    ``unknown`` says that the answers have noise of which nobody knows how large it is. ``known``
    has what the cheap engine found with other budgets, which often are the same to it.
    """

    table: FitRows
    frames: list[Frame]
    y: Floats
    aims: list[Target]
    operators: tuple[str, ...]
    budget: float
    seed: int
    run: Run
    heard: Callable[[Sequence[Fit]], None]
    unknown: bool = False
    known: dict[tuple[Any, ...], list[Fit]] = field(default_factory=dict)

    def look(self, engine: Sparse) -> list[Fit]:
        """A short look at a few targets, one after the other until a formula is exact."""
        result: list[Fit] = []
        for place in self._glanced():
            result += self._proposed(engine, [place], _LOOK)
            if is_enough(result, replace(self.table, noise=0.0)):
                break
        return result

    def informed(self, fits: Sequence[Fit], clear: bool = True) -> Work:
        """The work with the noise that the formulas found so far tell of; itself where none do.

        None is left where a short one is exact; where it is unknown it is the loss at the knee.
        """
        table = self.table
        exact = replace(table, noise=0.0)
        if any(fit.loss <= exact.enough and fit.complexity <= _SHORT for fit in fits):
            return self if table.noise == 0 else replace(self, table=exact)
        at_knee = knee(fits, table.variance, clear) if self.unknown else None
        if at_knee is None or (clear and at_knee.complexity > _SHORT):
            return self
        return replace(self, table=replace(table, noise=at_knee.loss))

    def is_enough(self, fits: Sequence[Fit]) -> bool:
        """Whether one of these explains everything, by the noise that they tell of themselves."""
        return is_enough(fits, self.informed(fits).table, int(self.unknown))  # a knee speaks for it

    def proposals(self, engine: Backend, looked: bool) -> list[Fit]:
        """What an engine finds for all targets that it can afford, and for separable parts.

        The cheap engine takes the targets in batches, until a formula is exact.
        """
        if not isinstance(engine, Sparse):
            return self._until_enough(engine, range(min(_DEEP, len(self.aims))))
        wide = replace(engine, first=1) if looked else engine
        batches: list[Callable[[], list[Fit]]] = [lambda: self._separated(wide)]
        every = list(range(len(self.aims)))
        if looked:
            glanced = self._glanced()
            rest = [k for k in every if k not in glanced]
            batches.append(lambda: self._proposed(engine, rest, _LOOK))
        batches.append(lambda: self._until_enough(wide, every[:_GLANCED]))
        batches.append(lambda: self._until_enough(wide, every[_GLANCED:]))
        result: list[Fit] = []
        for batch in batches:
            result += batch()
            if self.is_enough(result):
                break
        return result

    def _until_enough(self, engine: Backend, places: Sequence[int]) -> list[Fit]:
        """All targets side by side, or one after another where noise may end the search."""
        if self.table.noise == 0 and not self.unknown:
            return self._proposed(engine, places, 1.0)
        result: list[Fit] = []
        for place in places:
            result += self._proposed(engine, [place], 1.0)
            if self.is_enough(result):
                break
        return result

    def _glanced(self) -> list[int]:
        plain = [k for k, aim in enumerate(self.aims) if k >= _GLANCED and aim.name == "y"]
        return [*range(min(_GLANCED, len(self.aims))), *plain[-1:]]

    def _proposed(self, engine: Backend, places: Sequence[int], share: float) -> list[Fit]:
        budget = self.budget * share
        reach: Any = engine.reach(budget) if isinstance(engine, Sparse) else None

        def key(k: int) -> tuple[Any, ...]:
            return engine, reach, self.budget > 0, k

        new = [k for k in places if reach is None or key(k) not in self.known]
        tasks = [(engine, self.aims[k], self.operators, budget, self.seed, self.table) for k in new]
        formulas = dict(zip(new, mapped(proposed, tasks, self.run.n_jobs, self.heard), strict=True))
        if reach is not None:
            self.known.update({key(k): fits for k, fits in formulas.items()})
            formulas = {k: self.known[key(k)] for k in places}
        return [fit for k in places for fit in formulas[k]]

    def _separated(self, engine: Sparse) -> list[Fit]:
        """Formulas for the parts of a law that falls apart, put together again."""
        reach = engine.reach(self.budget) if isinstance(engine, Sparse) else self.budget
        key = (engine, reach, "parts")
        if key in self.known:
            return self.known[key]
        result: list[Fit] = []
        for frame in self.frames:
            parts = parted(frame, self.y, self._off())
            if parts is None:
                continue
            keys = [(frame.exprs, parts.groups, parts.factors, k) for k in range(len(parts.groups))]
            tasks = [
                (engine, frame, parts, k, self.operators, self.budget, self.seed, before)
                for k, before in enumerate(self.known.get(one, []) for one in keys)
            ]
            options = mapped(_part_formulas, tasks, self.run.n_jobs, lambda _: self.run.check())
            self.known.update(zip(keys, options, strict=True))
            for chosen in product(*options):
                op = "mul" if parts.factors else "add"
                extra = () if parts.factors else (Const(0.1),)
                whole = frame.back(Call(op, (*(fit.expr for fit in chosen), *extra)))
                if (fit := refitted(whole, self.table, engine.name)) is not None:
                    result.append(fit)
            self.heard(result)
            break
        self.known[key] = result
        return result

    def _off(self) -> float:
        """The errors of the answers by their variance; as much as may be, where nobody knows."""
        known = self.table.noise / self.table.variance
        return max(known, _MAY_BE_OFF) if self.unknown else known

    def explains(self, fits: list[Fit]) -> bool:
        """Whether the shortest description is exact, or leaves noise only and is hardly fitted.

        Its loss must be as low as the stand-in's error, and no polynomial may predict its errors.
        """
        if is_enough(fits, self.table, int(self.unknown)):
            return True
        if not fits:
            return False
        best = ranked(fits, self.table)[0]
        if len(free_constants(best.expr)) > _FREE or best.loss > _AS_GOOD * self._noise():
            return False
        columns = dict(zip(self.frames[-1].names, self.frames[-1].x.T, strict=True))
        left = self.y - values(best.expr, columns)
        if not np.isfinite(left).all():
            return False
        for frame in self.frames:
            for x in (frame.x, logged(frame.x)):
                fitted = polynomial(x, left)
                if fitted is not None and fitted.error < _WHITE * float(np.mean(left * left)):
                    return False
        return True

    def _noise(self) -> float:
        """The stand-in's error in the best frame; 0 where it stands for nothing."""
        plain = scales(self.y)[0]
        judgements = [one for frame in self.frames if (one := judged(frame, plain)) is not None]
        error = min((one.error for one in judgements), default=1.0)
        return error * plain.spread() if error < POOR else 0.0


def proposed(
    engine: Backend,
    aim: Target,
    operators: Sequence[str],
    budget: float,
    seed: int,
    table: FitRows,
) -> list[Fit]:
    """What an engine finds for one target, as formulas for the answer with refitted constants."""
    if not aim.names:
        fits = [Fit(Const(float(np.median(aim.values))), 0.0, 1, engine.name)]
    elif isinstance(engine, Sparse):
        fits = engine.fit(aim.x, aim.values, aim.names, operators, budget, seed, aim.weights)
    else:
        clear = aim.clear
        fits = engine.fit(aim.x[clear], aim.values[clear], aim.names, operators, budget, seed)
    refits = [refitted(aim.back(fit.expr), table, engine.name) for fit in fits]
    known = [fit for fit in refits if fit is not None]
    return [*known, *_with_free_rates(known, table)]


def _with_free_rates(fits: Sequence[Fit], table: FitRows) -> list[Fit]:
    """Those of the formulas that are far closer where no factor inside a function is just 1."""
    result = []
    for fit in fits:
        freer = freed(fit.expr)
        if freer == fit.expr or fit.complexity > _SHORT or is_exact(fit, table):
            continue
        other = refitted(freer, table, fit.backend)
        if other is not None and other.loss < _CLOSER * fit.loss:
            result.append(other)
    return result


def _part_formulas(
    engine: Sparse,
    frame: Frame,
    parts: Parts,
    k: int,
    operators: Sequence[str],
    budget: float,
    seed: int,
    before: Sequence[Fit],
) -> list[Fit]:
    """The best formulas for one part of a law, in the frame's variables; some known ``before``."""
    group, column = list(parts.groups[k]), parts.values[k]
    names = [frame.names[j] for j in group]
    x = frame.x[parts.rows][:, group]
    table = FitRows.of(x, column, names, seed)
    floor = parts.error * table.variance  # what is closer fits the errors of the stand-in
    fits = list(before)
    for aim in transforms(Frame.of(x, names), column, 0.0):
        if is_enough(fits, replace(table, noise=floor), _UNTOLD):
            break
        fits += proposed(engine, aim, operators, budget, seed, table)
    level = [replace(fit, loss=max(fit.loss, floor)) for fit in fits]
    unique = {fit.expr: fit for fit in ranked(level, table)}
    return list(unique.values())[:_OF_PART]


def polished(candidates: list[Fit], work: Work) -> list[Fit]:
    """The best few made smaller, the best of these changed more freely; all snapped."""
    table = work.table
    first = list({fit.expr: fit for fit in ranked(candidates, table)}.values())
    if first and is_exact(first[0], table):
        some = first[: 1 if table.noise == 0 else _POLISHED]
        few = [finished(descended(fit, table, False), table) for fit in some]
        return [*few, *_without_small_terms(few, table)] if work.unknown else few
    if work.budget < THOROUGH:
        return [finished(fit, table) for fit in first[:1]]

    def ended(fits: list[Fit], growths: int) -> list[Fit]:
        tasks = [(fit, table, growths) for fit in fits]
        return mapped(_ended, tasks, work.run.n_jobs, lambda fit: work.heard([fit]))

    small = ended(first[:_POLISHED], 0)
    if work.unknown:  # a freer formula would tell the noise
        return [*small, *_without_small_terms(small, table)]
    if work.explains(small):
        return small
    best = list({fit.expr: fit for fit in ranked(small, table)}.values())[:_GROWN]
    return [*small, *ended(best, _GROWTHS)]


def _without_small_terms(fits: list[Fit], table: FitRows) -> list[Fit]:
    """The best formulas without terms that may tell the noise: the front has to show them."""
    best = list({fit.expr: fit for fit in ranked(fits, table)}.values())[:_GROWN]
    shorter = [one for fit in best for one in shortened(fit, table, _DROPPED)]
    return [finished(fit, table) for fit in pareto([*fits, *shorter])]


def _ended(fit: Fit, table: FitRows, growths: int) -> Fit:
    """A snapped formula after a descent to smaller ones, or so many steps of a freer one."""
    return finished(
        descended(fit, table, True, growths) if growths else descended(fit, table, False), table
    )


def ranked(fits: Sequence[Fit], table: FitRows) -> list[Fit]:
    """The shortest description first."""
    return sorted(fits, key=lambda fit: (table.length(fit.expr, fit.loss), fit.complexity))


def has_exact(fits: Sequence[Fit], table: FitRows) -> bool:
    return any(is_exact(fit, table) for fit in fits)


def has_law(fits: Sequence[Fit], table: FitRows) -> bool:
    """Whether a formula is exact that could not be so for any answers at a column's few levels."""
    return any(
        is_exact(fit, table) and not meets_any_levels(fit.expr, table.columns) for fit in fits
    )


def is_enough(fits: Sequence[Fit], table: FitRows, spare: int = 0) -> bool:
    """Whether a formula is exact; within noise it must tell far more than its constants could.

    So many free constants fit so few digits of any smooth answers, whatever the law is; ``spare``
    more may stand in a formula for which something else speaks.
    """
    if table.noise == 0:
        return has_law(fits, table)
    digits = log10(table.variance / table.enough) / 2 + spare
    return any(
        is_exact(fit, table)
        and fit.complexity <= _SHORT
        and len(free_constants(fit.expr)) <= digits
        for fit in fits
    )
