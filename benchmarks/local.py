"""Local explanations beside LIME's and local ridge lines, all judged in the same neighbourhoods.

python -m benchmarks.local [TABLE ...] [--points 50] [--seed 0] [--out FILE]

Needs the ``lime`` package, which the extra ``bench`` installs. A network is fitted to each table;
50 of its rows are explained with five terms. Two neighbourhoods are drawn, LIME's own (its samples
and its kernel, all settings as they come) and ours; in each of them our formula and the ridge line
are fitted to one draw, and all three are judged on another one. LIME explains as it comes.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import tables
from deepdistill.data.tables import identifiers
from deepdistill.formula.local import (
    Neighbourhood,
    formula_within,
    line_of,
    near_rows,
    weighted_r2,
)
from deepdistill.formula.symbolic.arrays import values

Floats = NDArray[np.float64]
Ask = Callable[[Floats], Floats]

TERMS = 5
DRAWS = 1000
SURE = 1e-4
NUMBERS = ("diabetes", "autompg", "boston", "fair")
CLASSES = ("iris", "wine", "breast cancer", "anes96")
METHODS = ("ours", "ridge", "lime")


@dataclass(frozen=True, slots=True, eq=False)
class Black:
    """A table's rows (rows, columns), its names, and what a network makes of them."""

    x: Floats
    names: tuple[str, ...]
    ask: Ask


def black_box(name: str, seed: int) -> Black:
    """A network fitted to the table: numbers as they are, the chance of a class as its logit."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    settings: dict[str, Any] = {"hidden_layer_sizes": (64, 64), "max_iter": 1000,
                                "early_stopping": True, "random_state": seed}  # fmt: skip
    if name in NUMBERS:
        table = tables.load(name)
        network = make_pipeline(StandardScaler(), MLPRegressor(**settings))
        network.fit(table.x, (table.y - table.y.mean()) / table.y.std())
        return Black(table.x, identifiers(table.titles), network.predict)
    x, y, titles = _classes(name)
    network = make_pipeline(StandardScaler(), MLPClassifier(**settings)).fit(x, y)
    place = int(np.argmax(np.bincount(y)))

    def logit(rows: Floats) -> Floats:
        found = np.clip(network.predict_proba(rows)[:, place], SURE, 1 - SURE)
        return np.asarray(np.log(found / (1 - found)))

    return Black(x, identifiers(titles), logit)


def _classes(name: str) -> tuple[Floats, NDArray[np.int64], list[str]]:
    from sklearn import datasets

    if name == "anes96":
        from statsmodels.datasets import anes96

        frame = anes96.load_pandas().data.drop(columns=["popul", "selfLR", "ClinLR", "DoleLR"])
        y = frame.pop("vote").to_numpy(dtype=np.int64)
        return frame.to_numpy(dtype=np.float64), y, list(frame.columns)
    data = {"iris": datasets.load_iris, "wine": datasets.load_wine,
            "breast cancer": datasets.load_breast_cancer}[name]()  # fmt: skip
    return data.data, data.target, [str(title) for title in data.feature_names]


def lime_of(black: Black, x: Floats, explainer: Any, seed: int) -> tuple[Ask, Neighbourhood]:
    """LIME's line as a function of rows, and a draw of its neighbourhood."""
    explainer.random_state = np.random.RandomState(seed)
    found = explainer.explain_instance(x, black.ask, num_features=TERMS)
    weights = dict(found.as_map()[1])
    start = float(found.intercept[1])
    own = explainer.discretizer.discretize(x[None])[0]

    def answer(rows: Floats) -> Floats:
        same = explainer.discretizer.discretize(rows) == own
        return np.asarray(start + np.sum([same[:, k] * w for k, w in weights.items()], axis=0))

    data, drawn = explainer._LimeTabularExplainer__data_inverse(x, DRAWS)
    away = np.sqrt(((data - data[0]) ** 2).sum(axis=1))
    width = 0.75 * np.sqrt(black.x.shape[1])
    return answer, Neighbourhood(drawn, np.exp(-((away / width) ** 2)), float(width))


def scores(black: Black, place: int, explainer: Any, seed: int) -> tuple[list[list[float]], float]:
    """R2 of the methods in our neighbourhood and in LIME's, and seconds of our explanation."""
    x = black.x[place]
    lime, theirs = lime_of(black, x, explainer, seed)
    _, fresh = lime_of(black, x, explainer, seed + 1)
    start = time.perf_counter()
    ours = near_rows(black.x, x, DRAWS, None, [seed, 61])
    near = near_rows(black.x, x, DRAWS, None, [seed, 67])
    result, spent = [], 0.0
    for learned, judged in ((ours, near), (theirs, fresh)):
        found = formula_within(black.ask, learned, judged, x, black.names, TERMS, seed)
        spent = spent or time.perf_counter() - start
        told = black.ask(judged.x)
        columns = dict(zip(black.names, judged.x.T, strict=True))
        line = line_of(learned, black.ask(learned.x), TERMS)
        answers = (values(found.expr, columns), line(judged.x), lime(judged.x))
        result.append([weighted_r2(one - told, told, judged.weights) for one in answers])
    return result, spent


def measured(names: list[str], points: int, seed: int) -> str:
    """Markdown: medians over the points of each table."""
    from lime.lime_tabular import LimeTabularExplainer

    lines = ["| table | " + " | ".join(f"{m}, {w}" for w in ("near", "LIME's") for m in METHODS)
             + " | seconds |", "|---|" + "---:|" * 7]  # fmt: skip
    ahead = np.zeros((2, 2), dtype=int)
    for name in names:
        black = black_box(name, seed)
        explainer = LimeTabularExplainer(black.x, mode="regression", random_state=seed)
        places = np.random.default_rng([seed, 3]).permutation(len(black.x))[:points]
        found = [scores(black, int(place), explainer, seed) for place in places]
        medians = np.median([one for one, _ in found], axis=0)
        spent = max(seconds for _, seconds in found)
        ahead += medians[:, :1] > medians[:, 1:]
        cells = " | ".join(f"{value:.3f}" for value in medians.ravel())
        lines.append(f"| {name} | {cells} | {spent:.2f} |")
        print(lines[-1], file=sys.stderr, flush=True)
    said = [
        f"in {where} ahead of the ridge line on {row[0]} and of LIME on {row[1]} of {len(names)}"
        for where, row in zip(("our neighbourhood", "LIME's"), ahead.tolist(), strict=True)
    ]
    return (
        "\n".join([*lines, "", "Median R2 of ours: " + "; ".join(said) + f". Seed {seed}."]) + "\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", default=[])
    parser.add_argument("--points", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = measured(given.tables or [*NUMBERS, *CLASSES], given.points, given.seed)
    print(text)
    if given.out is not None:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
