"""Rules side by side with other readable models, on real tables, planted rules, and the clock.

python -m benchmarks.rules [TABLE ... | --further] [--splits 10] [--seeds 0] [--without EBM]
    [--pieces DIR]
python -m benchmarks.rules --planted [KIND ...] [--repeats 20] [--out FILE]
python -m benchmarks.rules --times [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from sklearn.metrics import log_loss, roc_auc_score

from benchmarks import rules_models, rules_planted
from benchmarks.rules_models import Taken
from benchmarks.rules_report import DEPTH_3, OURS, SMALL, Compared, report
from benchmarks.rules_tables import FURTHER, TABLES, ClassTable, load
from deepdistill.data.running import Run
from deepdistill.learn.rules.learn import learn_rules
from deepdistill.learn.rules.rows import RuleRows
from deepdistill.units.rules import Floats, Places


def measures(table: ClassTable, model: Taken, train: Places, test: Places) -> list[float]:
    """The measures on the rows held out; the cut-off of the balanced accuracy from the others."""
    chances = np.clip(model.chances(table.x[test]), 1e-4, 1)
    chances /= chances.sum(axis=1, keepdims=True)
    y = table.y[test]
    places = list(range(table.classes))
    loss = log_loss(y, chances, labels=places)
    right = chances.argmax(axis=1) == y
    if table.classes == 2:
        auc = roc_auc_score(y, chances[:, 1])
        cut = best_cut(model.chances(table.x[train])[:, 1], table.y[train])
        answers = (chances[:, 1] >= cut).astype(int)
    else:
        auc = roc_auc_score(y, chances, labels=places, multi_class="ovr")
        answers = chances.argmax(axis=1)
    balanced = np.mean([(answers[y == k] == k).mean() for k in np.unique(y)])
    top = chances.max(axis=1)
    bins = np.minimum((top * 10).astype(int), 9)
    gaps = [
        abs(right[bins == k].mean() - top[bins == k].mean()) * (bins == k).mean()
        for k in np.unique(bins)
    ]
    return [loss, auc, right.mean(), balanced, float(np.sum(gaps)), model.size]


def best_cut(chances: Floats, y: Places) -> float:
    """The chance from which on the answer is 1, with the best balanced accuracy."""
    cuts = np.unique(chances)
    scores = [((chances >= c)[y == 1].mean() + (chances < c)[y == 0].mean()) / 2 for c in cuts]
    return float(cuts[int(np.argmax(scores))])


def split(table: ClassTable, seed: int) -> tuple[Places, Places]:
    """Two thirds of each class to learn from, by chance, and the rest."""
    rng = np.random.default_rng(seed)
    mixed = rng.permutation(len(table.y))
    order = mixed[np.argsort(table.y[mixed], kind="stable")]
    out = np.zeros(len(table.y), dtype=bool)
    out[order[seed % 3 :: 3]] = True
    return np.flatnonzero(~out), np.flatnonzero(out)


def compared(
    names: list[str], splits: int, first: int, models: list[str], pieces: Path | None
) -> Compared:
    """Measures of each table and model, split by split, from the ``first`` seed on.

    What is measured is kept in ``pieces``, a file a table and split, and read from there.
    """
    found: Compared = {name: defaultdict(list) for name in names}
    for seed in range(first, first + splits):
        for name in names:
            piece = pieces / f"{name} {seed}.json" if pieces is not None else None
            if piece is not None and piece.exists():
                values = json.loads(piece.read_text(encoding="utf-8"))
            else:
                values = of_split(name, seed, models)
                if piece is not None:
                    piece.parent.mkdir(parents=True, exist_ok=True)
                    piece.write_text(json.dumps(values), encoding="utf-8")
            for key, measured in values.items():
                found[name][key].append(measured)
    return found


def of_split(name: str, seed: int, others: list[str]) -> dict[str, list[float]]:
    """The measures of rules and of other models on one split of a table."""
    table = load(name)
    train, test = split(table, seed)
    models = {k: rules_models.other(k, table, train) for k in others}
    start = time.perf_counter()
    front, place = rules_models.front(table, train)
    seconds = time.perf_counter() - start
    models[OURS] = rules_models.of_fit(front[place])
    three = models[DEPTH_3]
    assert three is not None
    models[SMALL] = rules_models.of_fit([fit for fit in front if fit.size <= three.size][-1])
    values = {
        key: measures(table, model, train, test)
        for key, model in models.items()
        if model is not None
    }
    told = "; ".join(f"{key} {found[0]:.3f} ({found[5]:.0f})" for key, found in values.items())
    print(f"{name} split {seed}: {seconds:.1f} s {front[place].source}; {told}", file=sys.stderr)
    sys.stderr.flush()
    return values


_MADE_UP = (
    *((150, 4, 2), (700, 8, 2), (5000, 20, 2), (50_000, 20, 2), (10**6, 10, 2)),
    *((150, 4, 3), (5000, 20, 5), (50_000, 20, 4)),
)  # rows, columns, classes


def seconds() -> str:
    """Markdown: seconds of a fit of made-up tables, after one that is not counted."""
    lines = ["| rows | columns | classes | seconds | peak MB |", "|---:|---:|---:|---:|---:|"]
    _fitted_seconds(150, 4, 2)
    for rows, columns, classes in _MADE_UP:
        spent = _fitted_seconds(rows, columns, classes)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        lines.append(f"| {rows} | {columns} | {classes} | {spent:.1f} | {peak:.0f} |")
        print(lines[-1], file=sys.stderr, flush=True)
    return "\n".join(lines) + "\n"


def _fitted_seconds(rows: int, columns: int, classes: int) -> float:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, columns))
    line = x[:, 0] + 0.5 * x[:, 1] * (x[:, 2] > 0) + (x[:, 3] > 0.5)
    if classes == 2:
        y = (line + rng.normal(size=rows) > 0).astype(int)
    else:
        sums = np.column_stack([line, x[:, 1 : columns + 1]])[:, :classes]
        y = (2 * sums + rng.gumbel(size=sums.shape)).argmax(axis=1)
    given = RuleRows(x, (0,) * columns, y, classes, np.ones(rows))
    start = time.perf_counter()
    learn_rules(given, rules_models.settings_of(given), Run())
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", default=[])
    parser.add_argument("--further", action="store_true", help="tables that nothing was set on")
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=0, help="seed of the first split")
    parser.add_argument("--without", nargs="*", default=[], help="other models to leave out")
    parser.add_argument("--pieces", type=Path, help="folder that keeps what is measured")
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--times", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if given.planted:
        kinds = given.tables or ["list", "count", "xor", "points"]
        say = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
        text = "\n".join(rules_planted.measured(kinds, given.repeats, say)) + "\n"
    elif given.times:
        text = seconds()
    else:
        names = given.tables or list(FURTHER if given.further else TABLES)
        others = [model for model in rules_models.others() if model not in given.without]
        text = report(compared(names, given.splits, given.seeds, others, given.pieces))
    print(text)
    if given.out is not None:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
