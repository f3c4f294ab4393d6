"""The models that rules are compared with, each with its size as a Python program."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.rules_tables import ClassTable
from deepdistill.data.running import Run
from deepdistill.forms.rules.lift import DecisionSize
from deepdistill.learn.rules.learn import chosen, learn_rules
from deepdistill.learn.rules.probabilities import chances
from deepdistill.learn.rules.rows import RuleFit, RuleRows, RuleSettings
from deepdistill.units.rules import (
    Below,
    Floats,
    Leaf,
    Places,
    RuleModel,
    RuleUnit,
    Split,
    Tree,
)

Predict = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A fitted model: chances of the classes for rows of the table, and its AST nodes."""

    chances: Predict
    size: float


def nodes(text: str) -> int:
    """AST nodes of statements."""
    return sum(1 for _ in ast.walk(ast.parse(text))) - 1


def rows_of(table: ClassTable, rows: Places) -> RuleRows:
    return RuleRows(table.x[rows], table.levels, table.y[rows], table.classes, np.ones(len(rows)))


def settings_of(rows: RuleRows) -> RuleSettings:
    missing = tuple(bool(np.isnan(column).any()) for column in rows.x.T)
    return RuleSettings(DecisionSize(rows.levels, missing))


def of_fit(fit: RuleFit) -> Taken:
    return Taken(lambda x: chances(fit, x), fit.size)


def front(table: ClassTable, rows: Places) -> tuple[tuple[RuleFit, ...], int]:
    given = rows_of(table, rows)
    models = learn_rules(given, settings_of(given), Run())
    return models, chosen(models, given)


def encoder(table: ClassTable, rows: Places) -> Predict:
    """Numbers with the median for a missing one, and an indicator a level and for missing."""
    medians = np.nanmedian(np.where(np.isnan(table.x), np.nan, table.x)[rows], axis=0)

    def encoded(x: Floats) -> Floats:
        columns = []
        for j, count in enumerate(table.levels):
            missing = np.isnan(x[:, j])
            if count:
                columns += [x[:, j] == level for level in range(1 if count == 2 else 0, count)]
            else:
                columns.append(np.where(missing, medians[j], x[:, j]))
            if np.isnan(table.x[rows, j]).any():
                columns.append(missing)
        return np.stack(columns, axis=1).astype(float)

    return encoded


def _tree_size(tree: Any) -> float:
    """The nodes of a tree as our own printer writes it."""
    units: list[RuleUnit] = []

    def walk(k: int) -> Tree:
        if tree.children_left[k] < 0:
            return Leaf(int(tree.value[k].argmax()))
        units.append(Below(int(tree.feature[k]), float(tree.threshold[k])))
        place = len(units) - 1
        return Split(place, walk(tree.children_left[k]), walk(tree.children_right[k]))

    root = walk(0)
    size = DecisionSize((0,) * tree.n_features, (False,) * tree.n_features)
    return size(RuleModel(tuple(units), (root,)))


def sklearn_tree(x: Floats, y: Places, depth: int | None = None) -> tuple[Any, float]:
    from sklearn.model_selection import GridSearchCV
    from sklearn.tree import DecisionTreeClassifier

    if depth is not None:
        model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(x, y)
    else:
        grid = {"max_depth": [1, 2, 3, 4, 5, 6, 8], "min_samples_leaf": [1, 5, 20]}
        search = GridSearchCV(
            DecisionTreeClassifier(random_state=0), grid, cv=5, scoring="neg_log_loss"
        )
        model = search.fit(x, y).best_estimator_
    return model, _tree_size(model.tree_)


def logistic(x: Floats, y: Places) -> tuple[Any, float]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(x, y)
    sums = [" + ".join(f"1.5 * c{j}" for j in range(x.shape[1])) + " + 0.5"]
    count = len(np.unique(y))
    text = "\n".join(f"s{k} = {sums[0]}" for k in range(1 if count == 2 else count))
    return model, nodes(text + "\nif s0 >= 0:\n return 'b'\nreturn 'a'")


def boosting(x: Floats, y: Places) -> tuple[Any, float]:
    from sklearn.ensemble import GradientBoostingClassifier

    return GradientBoostingClassifier(random_state=0).fit(x, y), float("nan")


def figs(x: Floats, y: Places) -> tuple[Any, float]:
    from imodels import FIGSClassifier

    model = FIGSClassifier(max_rules=12, random_state=0).fit(x, y)

    def text(node: Any) -> str:
        if node.left is None:
            return repr(round(float(np.ravel(node.value)[-1]), 4))
        condition = f"c{node.feature} <= {float(node.threshold)!r}"
        return f"({text(node.left)} if {condition} else {text(node.right)})"

    total = " + ".join(text(tree) for tree in model.trees_)
    return model, nodes(f"total = {total}\nif total >= 0.5:\n return 'b'\nreturn 'a'")


def rulefit(x: Floats, y: Places) -> tuple[Any, float]:
    from imodels import RuleFitClassifier

    model = RuleFitClassifier(max_rules=30, random_state=0).fit(x, y)
    terms = [f"0.5 * ({rule.rule})" for rule in model._get_rules().itertuples() if rule.coef]
    total = " + ".join(terms).replace(" X", " c") or "0"
    return model, nodes(f"total = {total} + 0.5\nif total >= 0:\n return 'b'\nreturn 'a'")


def greedy_list(x: Floats, y: Places) -> tuple[Any, float]:
    from imodels import GreedyRuleListClassifier

    model = GreedyRuleListClassifier(max_depth=5).fit(x, y)
    rules = sum(1 for rule in model.rules_ if "col" in rule and rule["col"] is not None)
    return model, nodes("if c0 <= 1.5:\n return 'a'\n" * rules + "return 'b'")


def boosted_additive(x: Floats, y: Places) -> tuple[Any, float]:
    from interpret.glassbox import ExplainableBoostingClassifier

    model = ExplainableBoostingClassifier(random_state=0, n_jobs=1).fit(x, y)
    return model, float("nan")


OTHERS: dict[str, Callable[[Floats, Places], tuple[Any, float]]] = {
    "tree": sklearn_tree,
    "tree of depth 3": lambda x, y: sklearn_tree(x, y, 3),
    "FIGS": figs,
    "RuleFit": rulefit,
    "greedy rule list": greedy_list,
    "logistic regression": logistic,
    "gradient boosting": boosting,
}
_EBM = "EBM"


def others() -> list[str]:
    """The names of the other models; one stands on a package that is not in the extra."""
    known = find_spec("interpret") is not None
    return [*OTHERS, _EBM] if known else list(OTHERS)


BINARY = {"FIGS", "RuleFit", "greedy rule list"}


def other(name: str, table: ClassTable, rows: Places) -> Taken | None:
    """One of the other models fitted; nothing where it does not take so many classes."""
    if name in BINARY and table.classes > 2:
        return None
    encoded = encoder(table, rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = boosted_additive if name == _EBM else OTHERS[name]
        model, size = fit(encoded(table.x[rows]), table.y[rows])

    def chances(x: Floats) -> Floats:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.asarray(model.predict_proba(encoded(x)), float)

    return Taken(chances, size)
