"""Local explanations: few terms around one row, how true they are, the same again."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

import deepdistill as dd

DOCS = Path(__file__).resolve().parents[1] / "docs" / "local.md"
RNG = np.random.default_rng(5)
DATA = np.column_stack([RNG.uniform(-3, 3, 300), RNG.normal(50, 9, 300), RNG.integers(0, 2, 300)])
NAMES = ("dose", "weight", "treated")


def bent(rows: Any) -> Any:
    """A function with a bend in the second column, and a product."""
    x = np.asarray(rows)
    return 2 * x[:, 0] + 0.5 * np.maximum(x[:, 1] - 50, 0) + 3 * x[:, 0] * x[:, 2]


def explained(x: Any, **more: Any) -> dd.LocalExplanation:
    found: dd.LocalExplanation = dd.explain_locally(bent, DATA, x, names=NAMES, **more)
    return found


def test_a_function_of_few_terms_is_read_and_its_baselines_stand_beside_it() -> None:
    one = explained([0.5, 51.0, 1.0])
    assert one.fidelity > 0.99 and one.interval[0] <= one.fidelity <= one.interval[1]
    assert one.fidelity > one.baselines["ridge"] > one.baselines["constant"]
    assert one.baselines["constant"] < 0.05 and len(one.terms) <= 5
    assert one.formula.startswith("y = ") and set(one.names) == set(NAMES)
    assert one.prediction == pytest.approx(bent(np.array([[0.5, 51.0, 1.0]]))[0])
    near = np.array([[0.4, 50.5, 1.0], [0.6, 52.0, 1.0]])
    assert np.abs(one.predict(near) - bent(near)).max() < 0.5
    assert one.value == pytest.approx(one.predict([[0.5, 51.0, 1.0]])[0])
    assert "fidelity" in str(one)


def test_the_same_row_is_explained_alike_alone_and_among_others() -> None:
    first, second = dd.explain_locally(bent, DATA, DATA[:2], names=NAMES)
    again = explained(DATA[1])
    assert second.formula == again.formula and second.interval == again.interval
    assert first.formula != second.formula
    assert explained(DATA[1], seed=1).interval != again.interval


def test_fewer_terms_and_narrower_neighbourhoods_are_kept_to() -> None:
    assert len(explained(DATA[0], terms=1).terms) == 1
    narrow = explained(DATA[0], width=0.05)
    assert narrow.width == 0.05 and narrow.fidelity > 0.9
    # of a column of few values only these are asked
    assert set(narrow.ranges[2]) <= {0.0, 1.0}


def test_probabilities_are_explained_by_their_logits() -> None:
    iris = load_iris(as_frame=True)
    X, y = iris.data, iris.target_names[iris.target]
    model = LogisticRegression(max_iter=1000).fit(X, y == "setosa")
    one = dd.explain_locally(model, X, X.iloc[0])
    # the logit of a logistic regression is a line
    assert one.formula.startswith("logit P(True) = ") and one.fidelity > 0.97
    forest = RandomForestClassifier(20, random_state=0).fit(X, y)
    one = dd.explain_locally(forest, X, X.iloc[60], output="virginica")
    assert one.target == "logit P(virginica)" and one.fidelity > one.baselines["constant"]
    again = dd.explain_locally(lambda rows: forest.predict_proba(rows), X, X.iloc[60], output=2)
    assert again.expr == one.expr and again.target == "logit P(2)"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x": [1.0, 2.0]}, "one row of 3 numbers"),
        ({"x": ["a", "b", "c"]}, "one row of 3 numbers"),
        ({"x": [np.nan, 1.0, 0.0]}, "missing or infinite"),
        ({"data": DATA[:4]}, "at least 10 rows"),
        ({"data": np.where(DATA > 2.9, np.inf, DATA)}, "data holds missing or infinite"),
        ({"data": [["a"] * 3] * 20}, "not a number"),
        ({"names": ["a"]}, "3 names"),
        ({"predict": lambda rows: rows[:1]}, "array of shape"),
        ({"predict": lambda rows: rows[:, 0] * np.nan}, "missing or infinite answers"),
        ({"predict": 3}, "a teacher is a function"),
        ({"output": 1}, "leave output out"),
        ({"predict": lambda rows: rows, "output": 7}, "no output 7"),
        ({"terms": 0}, "terms is from 1"),
        ({"width": -1.0}, "width positive"),
    ],
)
def test_what_cannot_be_explained_is_refused(change: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"predict": bent, "data": DATA, "x": DATA[0], **change}
    with pytest.raises(dd.InputError, match=words):
        dd.explain_locally(given.pop("predict"), given.pop("data"), given.pop("x"), **given)


def test_the_docs_show_what_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    text = DOCS.read_text(encoding="utf-8")
    exec(compile(text.split("```python")[1].split("```")[0], "docs", "exec"), {})
    assert textwrap.indent(capsys.readouterr().out, "    ") in text
