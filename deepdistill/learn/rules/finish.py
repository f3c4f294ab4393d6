"""The last steps of a model: finer thresholds, probabilities from all rows, limits kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...units.rules import (
    Among,
    AtLeast,
    Below,
    Floats,
    Leaf,
    RuleModel,
    RuleUnit,
    Split,
    SumBelow,
    Tree,
    leaves,
    with_values,
)
from .bins import Bins, SumOf, binned, part, usual_bins
from .chains import chains
from .front import EVEN, NESTED, HeldOut
from .monotone import is_monotone
from .polish import Span, polished, prices
from .probabilities import (
    SHARED,
    SHRINKS,
    SPREADS,
    class_counts,
    limits_of,
    outcomes,
    possible_sums,
    reached,
    reaches_all,
    spread_out,
    table,
)
from .proposals import MOST_POLISHED, POLISHED
from .rows import RuleFit, RuleRows, RuleSettings
from .shortest import shortest
from .snap import over_columns, reading, tidied

_FINE_BINS = 4096
_MOST_UNITS = 12
_TOLD_ANEW = "labels told anew"


def fitted(
    model: RuleModel, rows: RuleRows, settings: RuleSettings, shrink: float, source: str
) -> RuleFit | None:
    """A model over the columns with its answers and probabilities; nothing if it may not be."""
    if model.scores is not None:
        return _scored(model, rows, settings, shrink, source)
    if not model.trees:
        return None
    counts = _counts(model, rows)
    seen = counts.sum(axis=1) > 0
    if not model.limits and not seen.all():
        # a leaf without rows is no rule
        model = tidied(replace(model, trees=(_with_rows(model.trees[0], iter(seen.tolist())),)))
        counts = _counts(model, rows)
        seen = counts.sum(axis=1) > 0
    chances = table(model, counts, shrink)
    sums = possible_sums(model.trees) if model.limits else ()
    if sums:
        limits = limits_of(sums, chances, seen)
        if seen.sum() < rows.classes or not reaches_all(limits):
            return None
        model = replace(model, limits=limits)
        if len(model.trees) == 1:
            # one tree adds nothing up: its leaves are the answers
            chances = np.array([chances[sums.index(leaf.value)] for leaf in leaves(model.trees[0])])
            model = RuleModel(model.units, (_labelled(model.trees[0], chances),))
            sums = ()
    else:
        model = replace(model, trees=(_labelled(model.trees[0], chances),))
    if not sums:
        model, chances = _joined(model, chances)
    nodes = settings.size(_readable(model))
    if not _is_allowed(model, nodes, settings):
        return None
    if any(rows.monotone) and not is_monotone(model, chances, rows):
        return None
    probabilities = tuple(tuple(row) for row in chances.tolist())
    return RuleFit(model, probabilities, sums, nodes, 0.0, 0.0, source)


def _scored(
    model: RuleModel, rows: RuleRows, settings: RuleSettings, shrink: float, source: str
) -> RuleFit | None:
    """Sums of classes, whose chances are their own; nothing if they may not be."""
    nodes = settings.size(model)
    if any(rows.monotone) or not _is_allowed(model, nodes, settings):
        return None
    assert model.scores is not None
    scores = spread_out(model.scores, SPREADS[SHRINKS.index(shrink)])
    return RuleFit(replace(model, scores=scores), (), (), nodes, 0.0, 0.0, source)


def _is_allowed(model: RuleModel, nodes: int, settings: RuleSettings) -> bool:
    """Whether a model with so many nodes is no longer than it may be."""
    complexity, most = settings.max_complexity, settings.max_conditions
    small = complexity is None or nodes <= complexity or model.is_constant
    return small and (most is None or conditions(model) <= most)


def briefly(
    model: RuleModel, rows: RuleRows, settings: RuleSettings, source: str
) -> RuleFit | None:
    """The labels of a model in fewest words, with one chance for each of them.

    These are the same on rows held out however they are told, and so is the loss.
    """
    whole = None if model.scores is not None else fitted(model, rows, settings, SHARED, source)
    if whole is None:
        return None
    shorter = [fitted(one, rows, settings, SHARED, _TOLD_ANEW) for one in shortest(whole.model)]
    fits = [one for one in [whole, *shorter] if one is not None]
    return min(fits, key=lambda one: (one.size, len(one.probabilities)))


def finished(judged: HeldOut, some: RuleRows, rows: RuleRows, settings: RuleSettings) -> HeldOut:
    """The model of a front with thresholds between the values of ``some`` rows.

    The chances are those of all ``rows``.
    """
    fit = judged.fit
    model = fit.model
    if model.scores is not None:
        return judged
    if 0 < len(model.units) <= _MOST_UNITS and fit.source not in (EVEN, NESTED):
        free = judged.key in POLISHED and len(model.units) <= MOST_POLISHED
        model = tidied(sharpened(model, some, free))
    if model == fit.model and some is rows:
        return judged
    for one in (model, fit.model):
        if judged.shrink == SHARED:
            better = briefly(one, rows, settings, fit.source)
        else:
            better = fitted(one, rows, settings, judged.shrink, fit.source)
        if better is not None:
            return replace(judged, fit=better)
    return judged


def conditions(model: RuleModel) -> int:
    """How many conditions one row may meet: counts and sums, once each, are all their parts."""

    def deepest(tree: Tree, met: frozenset[RuleUnit]) -> int:
        if isinstance(tree, Leaf):
            return 0
        unit = model.units[tree.unit]
        if _is_step(model, tree):
            return deepest(tree.rests, met)
        own = 1
        if isinstance(unit, AtLeast | SumBelow):
            own = len(unit.columns) + len(unit.parts)
        if isinstance(unit, SumBelow):
            total = replace(unit, limit=0.0)
            own, met = 0 if total in met else own, met | {total}
        return own + max(deepest(tree.fires, met), deepest(tree.rests, met))

    if model.scores is not None:
        return len(model.scores.columns) + len(model.units)
    return sum(deepest(tree, frozenset()) for tree in model.trees)


def _is_step(model: RuleModel, tree: Split) -> bool:
    """Whether the next split asks the same for another limit, and the label is the same between.

    That is one question for the label, and two for the probabilities.
    """
    match tree.fires, tree.rests:
        case Leaf() as leaf, Split(fires=same) as after if same == leaf:
            return reading(tree.unit, model)[0] == reading(after.unit, model)[0]
    return False


def _readable(model: RuleModel) -> RuleModel:
    """What a reader has to read: the labels, or where all are one what the probabilities tell.

    Steps along one sum are one question there as they are for two labels.
    """
    if model.limits or len(set(leaves(model.trees[0]))) > 1:
        return model
    places = list(range(sum(1 for _ in leaves(model.trees[0]))))
    for first, end in chains(model):
        middle = (first + end) // 2
        places[first:end] = [first] * (middle - first) + [middle] * (end - middle)
    values = iter(places)
    return replace(model, trees=(with_values(model.trees[0], values),))


def _counts(model: RuleModel, rows: RuleRows) -> Floats:
    here = reached(model, rows.x)
    return class_counts(here, rows.y, rows.weights, outcomes(model), rows.classes)


def _joined(model: RuleModel, rows: Floats) -> tuple[RuleModel, Floats]:
    """Without the splits of whose sides the same is told: one label and one row of chances."""
    places = iter(range(len(rows)))

    def walk(node: Tree) -> tuple[Tree, list[int]]:
        if isinstance(node, Leaf):
            return node, [next(places)]
        fires, own = walk(node.fires)
        rests, others = walk(node.rests)
        alike = isinstance(fires, Leaf) and fires == rests
        if alike and (rows[own[0]] == rows[others[0]]).all():
            return fires, own
        return Split(node.unit, fires, rests), [*own, *others]

    tree, kept = walk(model.trees[0])
    if len(kept) == len(rows):
        return model, rows
    return tidied(RuleModel(model.units, (tree,))), rows[kept]


def _with_rows(tree: Tree, seen: Iterator[bool]) -> Tree:
    """The tree without the leaves that no row reaches; one of these where it has no others."""
    return _pruned(tree, seen) or Leaf(0)


def _pruned(tree: Tree, seen: Iterator[bool]) -> Tree | None:
    if isinstance(tree, Leaf):
        return tree if next(seen) else None
    fires = _pruned(tree.fires, seen)
    rests = _pruned(tree.rests, seen)
    if fires is None or rests is None:
        return rests if fires is None else fires
    return Split(tree.unit, fires, rests)


def _labelled(tree: Tree, rows: Floats) -> Tree:
    """The tree with the likeliest class in each leaf, the first of equals."""
    return with_values(tree, iter(np.argmax(np.round(rows, 9), axis=1).tolist()))


def sharpened(model: RuleModel, rows: RuleRows, free: bool = True) -> RuleModel:
    """The model with thresholds among all numbers, not the ends of bins alone.

    They are ``free`` where they were in each fold, too; else held-out rows say nothing of units
    that are far from those found, and each one stays in the two bins on its sides.
    """
    columns = sorted({column for unit in model.units for column in unit.columns})
    place = {column: k for k, column in enumerate(columns)}
    few = replace(
        rows,
        x=rows.x[:, columns],
        levels=tuple(rows.levels[column] for column in columns),
        monotone=(),
    )
    few_units = [unit.moved(place.__getitem__) for unit in model.units]
    sums = [_sum_of(unit, few_units) for unit in few_units if isinstance(unit, SumBelow)]
    sums = list(dict.fromkeys(sums))
    bins = binned(few, _FINE_BINS).with_sums(few.x, sums)
    coarse = binned(few, usual_bins(len(rows.levels))).with_sums(few.x, sums)
    coded = [_coded(unit, few_units, bins) for unit in few_units]
    units = tuple(unit for unit in coded if unit is not None)
    if len(units) < len(coded):
        return model
    every = part(bins, few, np.arange(len(few.y)))
    spans = [
        _span(one, unit, coarse, bins)
        for one, unit in zip(units, [_coded(u, few_units, coarse) for u in few_units], strict=True)
    ]
    sharper = polished(replace(model, units=units), every, prices(bins), None if free else spans)
    sharper = over_columns(sharper, bins)
    own = tuple(unit.moved(columns.__getitem__) for unit in sharper.units)
    return replace(sharper, units=own)


def _span(unit: RuleUnit, coarse_unit: RuleUnit | None, coarse: Bins, bins: Bins) -> Span | None:
    """The limits of a threshold that lie within the two coarse bins on its sides."""
    if not (isinstance(unit, Below) and isinstance(coarse_unit, Below)):
        return None
    j, code = unit.column, int(coarse_unit.limit)
    first = int((bins.highs[j] < coarse.lows[j][code - 1]).sum()) + 1
    last = int((bins.lows[j] <= coarse.highs[j][code]).sum()) - 1
    return min(first, int(unit.limit)), max(last, int(unit.limit))


def _sum_of(unit: SumBelow, units: list[RuleUnit]) -> SumOf:
    return SumOf(unit.weights, tuple((units[k], weight) for k, weight in unit.parts))


def _coded(unit: RuleUnit, units: list[RuleUnit], bins: Bins) -> RuleUnit | None:
    """A unit over codes; nothing where it tells no bins apart."""
    match unit:
        case Below(column, limit):
            return _below(column, limit, bins)
        case SumBelow(limit=limit):
            return _below(bins.own + bins.sums.index(_sum_of(unit, units)), limit, bins)
        case Among(column, levels):
            places = np.searchsorted(bins.lows[column], levels)
            return Among(column, tuple(places.tolist()))
        case _:
            return unit


def _below(column: int, limit: float, bins: Bins) -> RuleUnit | None:
    below = int((bins.highs[column] < limit).sum())
    return Below(column, float(below)) if 0 < below < bins.counts[column] else None
