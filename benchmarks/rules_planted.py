"""Planted rules: how often the rule itself is found in noisy rows among columns of nothing.

Found is a rule of the planted structure that agrees with it on nearly all of 100,000 new rows. How
often the rows can tell so much is measured beside it: the planted rule itself, its thresholds moved
to where the rows like them best.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.rules_models import settings_of
from deepdistill.data.running import Run
from deepdistill.learn.rules.finish import sharpened
from deepdistill.learn.rules.learn import chosen, learn_rules
from deepdistill.learn.rules.rows import RuleFit, RuleRows
from deepdistill.units.rules import Below, Floats, Leaf, RuleModel, Split, Tree, used_units

ROWS = 500
IDLE = 5  # columns of nothing
FRESH = 100_000
AGREE = (0.995, 0.99)
NOISES = (0.0, 0.05, 0.1)

Draw = Callable[[np.random.Generator, int], Floats]
Columns = list[Draw]


@dataclass(frozen=True, slots=True)
class Planted:
    """A rule over the first of some columns, how they are drawn, and how long it is."""

    columns: Columns
    rule: RuleModel
    size: int

    def rows(self, count: int, rng: np.random.Generator) -> Floats:
        return np.stack([draw(rng, count) for draw in self.columns], axis=1)


def _column(rng: np.random.Generator) -> tuple[Draw, Callable[[float], float]]:
    """How a column is drawn, and a simple threshold near a quantile."""
    match int(rng.integers(3)):
        case 0:  # ages
            return (
                lambda r, n: r.integers(18, 91, n).astype(float),
                lambda q: float(round(18 + 72 * q)),
            )
        case 1:  # shares
            return lambda r, n: r.uniform(0, 1, n).round(3), lambda q: round(q, 1)
        case _:  # measurements
            return (
                lambda r, n: r.normal(50, 10, n),
                lambda q: float(round(50 + 10 * (q - 0.5) * 3)),
            )


def planted(kind: str, seed: int) -> Planted:
    """A rule of one kind by chance."""
    rng = np.random.default_rng(seed)
    used = {"list": 3, "count": 4, "xor": 2, "points": 4}[kind]
    made = [_column(rng) for _ in range(used + IDLE)]
    columns = [draw for draw, _ in made]
    quantiles = rng.uniform(0.3, 0.7, used)
    units = tuple(Below(k, made[k][1](float(quantiles[k]))) for k in range(used))
    turned = rng.integers(0, 2, used).astype(bool)

    def split(k: int, holds: Tree, fails: Tree) -> Tree:
        return Split(k, fails, holds) if turned[k] else Split(k, holds, fails)

    no, yes = Leaf(0), Leaf(1)
    match kind:
        case "list":
            rule = RuleModel(units, (split(0, yes, split(1, no, split(2, yes, no))),))
        case "xor":
            rule = RuleModel(units, (split(0, split(1, no, yes), split(1, yes, no)),))
        case _:
            points, limit = ((1, 1, 1, 1), 2) if kind == "count" else ((3, 2, 2, 1), 4)
            trees = tuple(split(k, Leaf(value), no) for k, value in enumerate(points))
            rule = RuleModel(units, trees, (limit,))
    size = {"list": 26, "count": 36, "xor": 26, "points": 52}[kind]
    return Planted(columns, rule, size)


def agreement(planted: Planted, model: RuleModel, fresh: Floats) -> float:
    """The share of equal answers of a model and the planted rule."""
    return float((model.run(fresh) == planted.rule.run(fresh)).mean())


def alike(planted: Planted, fit: RuleFit) -> bool:
    """Whether a model reads the columns of the planted rule alone and is about as short."""
    read = {column for unit in used_units(fit.model) for column in unit.columns}
    return read == set(range(len(planted.rule.units))) and fit.size <= 1.25 * planted.size


def measured(kinds: list[str], times: int, say: Callable[[str], None]) -> list[str]:
    """Markdown lines: how many of each kind and noise were found, and could be told by the rows."""
    heads = [f"{noise:.0%}, {share:.1%}" for noise in NOISES for share in AGREE]
    lines = [f"| rule | {' | '.join(heads)} |", "|---" * (1 + len(heads)) + "|"]
    for kind in kinds:
        cells = []
        for noise in NOISES:
            shares = np.array([_shares(kind, seed, noise, say) for seed in range(times)])
            for least in AGREE:
                hit, told = (shares >= least).sum(axis=0).tolist()
                cells.append(f"{hit} of {times} ({told})")
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return lines


def _shares(kind: str, seed: int, noise: float, say: Callable[[str], None]) -> tuple[float, float]:
    """The agreement of what is found, 0 of another structure, and of what the rows tell."""
    one = planted(kind, seed)
    rng = np.random.default_rng([seed, int(100 * noise)])
    x = one.rows(ROWS, rng)
    y = one.rule.run(x)
    flipped = rng.uniform(size=ROWS) < noise
    rows = RuleRows(x, (0,) * x.shape[1], np.where(flipped, 1 - y, y), 2, np.ones(ROWS))
    models = learn_rules(rows, settings_of(rows), Run())
    fit = models[chosen(models, rows)]
    fresh = one.rows(FRESH, np.random.default_rng(seed + 10**6))
    share, told = (agreement(one, model, fresh) for model in (fit.model, sharpened(one.rule, rows)))
    best = max((alike(one, other), agreement(one, other.model, fresh)) for other in models)
    say(
        f"{kind} {noise:.0%} seed {seed}: {share:.4f}{'' if alike(one, fit) else ', another rule'} "
        f"{fit.source} size {fit.size} of {one.size}; on the front {best[0]} {best[1]:.4f}; "
        f"thresholds alone {told:.4f}"
    )
    return share if alike(one, fit) else 0.0, told
