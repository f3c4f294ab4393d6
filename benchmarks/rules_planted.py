"""Planted rules: how often the rule itself is found in noisy rows among columns of nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.rules_models import settings_of
from deepdistill.data.running import Run
from deepdistill.learn.rules.learn import chosen, learn_rules
from deepdistill.learn.rules.rows import RuleFit, RuleRows
from deepdistill.units.rules import Floats, Places, Truths, used_units

ROWS = 500
IDLE = 5  # columns of nothing
FRESH = 100_000
AGREE = 0.995
NOISES = (0.0, 0.05, 0.1)

Draw = Callable[[np.random.Generator, int], Floats]
Columns = list[Draw]


@dataclass(frozen=True, slots=True)
class Planted:
    """A rule: how its columns are drawn, the thresholds, and what it answers."""

    kind: str
    columns: Columns
    used: int
    answer: Callable[[Floats], Places]
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
    limits = np.array([made[k][1](float(quantiles[k])) for k in range(used)])
    turned = rng.integers(0, 2, used).astype(bool)

    def conditions(x: Floats) -> Truths:
        return np.asarray((x[:, :used] < limits) ^ turned)

    def answer(x: Floats) -> Places:
        c = conditions(x)
        match kind:
            case "list":
                return np.where(c[:, 0], 1, np.where(c[:, 1], 0, np.where(c[:, 2], 1, 0)))
            case "count":
                return np.asarray(c.sum(axis=1) >= 2, dtype=np.int64)
            case "xor":
                return (c[:, 0] ^ c[:, 1]).astype(int)
            case _:
                return np.asarray(c @ np.array([3, 2, 2, 1]) >= 4, dtype=np.int64)

    size = {"list": 26, "count": 36, "xor": 26, "points": 52}[kind]
    return Planted(kind, columns, used, answer, size)


def found(rule: Planted, fit: RuleFit, fresh: Floats) -> tuple[bool, float]:
    """Whether the model is the rule, in answers and in structure; the share of equal answers."""
    share = float((fit.model.run(fresh) == rule.answer(fresh)).mean())
    read = {column for unit in used_units(fit.model) for column in unit.columns}
    structure = read == set(range(rule.used)) and fit.size <= 1.25 * rule.size
    return share >= AGREE and structure, share


def measured(kinds: list[str], times: int, say: Callable[[str], None]) -> list[str]:
    """A Markdown table: the share found for each kind and each noise."""
    lines = ["| rule | 0 % | 5 % | 10 % |", "|---|---:|---:|---:|"]
    for kind in kinds:
        cells = []
        for noise in NOISES:
            hits = 0
            for seed in range(times):
                rule = planted(kind, seed)
                rng = np.random.default_rng([seed, int(100 * noise)])
                x = rule.rows(ROWS, rng)
                y = rule.answer(x)
                flipped = rng.uniform(size=ROWS) < noise
                rows = RuleRows(x, (0,) * x.shape[1], np.where(flipped, 1 - y, y), 2, np.ones(ROWS))
                models = learn_rules(rows, settings_of(rows), Run())
                place = chosen(models, rows)
                fresh = rule.rows(FRESH, np.random.default_rng(seed + 10**6))
                hit, share = found(rule, models[place], fresh)
                hits += hit
                best = max((found(rule, fit, fresh) for fit in models), key=lambda one: one)
                say(
                    f"{kind} {noise:.0%} seed {seed}: {'found' if hit else 'missed'} "
                    f"{share:.4f} {models[place].source} size {models[place].size} of {rule.size}; "
                    f"on the front {best[0]} {best[1]:.4f}"
                )
            cells.append(f"{hits / times:.0%}")
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return lines
