"""Regimes and formulas in turn: rows go to the formula that fits, formulas are fitted again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from ...data.running import Check, endless
from ...ir.constants import free_constants
from ...ir.expr import Expr
from ..symbolic.arrays import Floats, values
from ..symbolic.scoring import structure_length
from .look import likely_formula, refined_formula
from .segments import Places
from .tree import RegimeLeaf, Tree, labels_of, partition

_ROUNDS = 3
_MOST_LOST = 12.0  # nats for one row, for a formula may be wrong far from its regime
_FEWEST = 8  # rows of a regime


@dataclass(frozen=True, slots=True, eq=False)
class Refined:
    """Formulas with the regimes where they hold; ``noise`` is the standard error of a row."""

    tree: Tree
    formulas: tuple[Expr, ...]
    noise: float


def refined(
    x: Floats,
    y: Floats,
    names: Sequence[str],
    operators: Sequence[str],
    seed: int,
    groups: Sequence[Places],
    check: Check = endless,
) -> Refined | None:
    """Formulas of the groups, each in its regime, until nothing changes; None if one is left."""
    starts = [(likely_formula(x[rows], y[rows], names, operators, seed), rows) for rows in groups]
    formulas = [expr for expr, _ in starts]
    fitted = [rows for _, rows in starts]
    tree: Tree = RegimeLeaf(0)
    noise = 0.0
    before: list[bytes] = []
    for _ in range(_ROUNDS):
        errors = _errors(formulas, x, y, names)
        noise = max(float(np.sqrt(errors.min(axis=1).mean())), 1e-9 * float(np.std(y)))
        losses = np.minimum(errors / (2 * noise**2), _MOST_LOST)
        tree, kept = _kept(x, losses, formulas)
        if len(kept) < 2:
            return None
        formulas, fitted = [formulas[k] for k in kept], [fitted[k] for k in kept]
        labels = labels_of(tree, x)
        if labels.tobytes() in before:
            break
        before.append(labels.tobytes())
        for k in range(len(formulas)):
            rows = np.flatnonzero(labels == k)
            if len(rows) < _FEWEST:
                continue
            check()
            if not np.array_equal(rows, fitted[k]):
                formulas[k] = refined_formula(
                    formulas[k], x[rows], y[rows], names, operators, seed, noise
                )
                fitted[k] = rows
    return Refined(tree, tuple(formulas), noise)


def _errors(formulas: Sequence[Expr], x: Floats, y: Floats, names: Sequence[str]) -> Floats:
    columns = {name: x[:, k] for k, name in enumerate(names)}
    with np.errstate(all="ignore"):
        errors = np.stack([(values(expr, columns) - y) ** 2 for expr in formulas], axis=1)
    return np.where(np.isfinite(errors), errors, 1e300)


def _kept(x: Floats, losses: Floats, formulas: Sequence[Expr]) -> tuple[Tree, list[int]]:
    """The best tree over those formulas that are worth their length, and which these are."""
    digits = 0.5 * log(len(x) + 1)
    prices = [structure_length(expr) + digits * len(free_constants(expr)) for expr in formulas]
    kept = list(range(len(formulas)))
    tree, cost = partition(x, losses)
    total = cost + sum(prices)
    while len(kept) > 1:
        options = []
        for out in kept:
            rest = [k for k in kept if k != out]
            shorter, cost = partition(x, losses[:, rest])
            options.append((cost + sum(prices[k] for k in rest), out, shorter))
        best = min(options, key=lambda option: option[:2])
        if best[0] > total:
            break
        total, out, tree = best
        kept.remove(out)
    return tree, kept
