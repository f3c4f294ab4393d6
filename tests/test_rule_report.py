"""Reports of rules: what they draw is what the rules do and what the rows say."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from report_pages import Reader
from test_labelled_tables import decided, loans, table
from test_rule_form import INPUTS, LABELS, TREE, contents, models, network

from deepdistill.command.reporting import report_folder
from deepdistill.data.problem import InputError
from deepdistill.data.running import Run
from deepdistill.forms.rules.changes import changed_labels
from deepdistill.forms.rules.counts import column_counts, number_at, place_of
from deepdistill.forms.rules.file import rules_bytes, rules_network
from deepdistill.forms.rules.network import ColumnCounts, RuleNetwork
from deepdistill.forms.rules.quality import confusion, reliability
from deepdistill.forms.rules.scenes import _rules
from deepdistill.forms.rules.table import LabelledTask
from deepdistill.ir.types import Reals, Scalar
from deepdistill.result import Result
from deepdistill.run import carry_out
from deepdistill.units.rules import Below, Leaf, RuleModel, Split, SumBelow


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    rows = loans(240)
    rows += [[20, 2500, "rent", "accept"], [30, "", "own", "accept"], [40, "", "own", "reject"]]
    task = LabelledTask("loans", table(tmp_path_factory.mktemp("loans"), rows))
    return carry_out(task, Run(0, no_data=True))


def test_the_page_shows_rules_columns_and_what_would_change_a_label(result: Result) -> None:
    page = result.report
    reader = Reader(page)
    assert not reader.unbalanced and not reader.inside and len(reader.named("svg")) >= 5
    captions = re.findall(r"<(?:fig)?caption>(.*?)</", page)
    told = (
        "The rules with the probability",
        "income: rows along its range, and the limit",
        "housing: rows with each value",
        "which single value would change that",
        "by their own label (down)",
        "expected calibration error",
        "Log loss (nats a row, on folds held out",
        "Rules that could be taken",
    )
    for words in told:
        assert any(words in caption for caption in captions), words
    assert page.count(">taken<") == 1 and "How good it is" in page
    # of the solver the two functions are shown, and the whole module by itself
    text = re.sub(r"<[^>]+>", "", page)
    assert text.count("def decision(") == 2 and text.count("def probability(") == 2
    assert 0 < text.index("def decision(") < text.index("The whole module")
    assert 'class="code">if ' in page and 'class="code">reject ' in page


def test_the_page_comes_back_from_its_folder(result: Result, tmp_path: Path) -> None:
    assert report_folder(result.save(tmp_path)) == result.report


def test_the_confusion_is_that_of_the_rows(result: Result) -> None:
    found: RuleNetwork = result.network
    held = confusion(found)
    assert held.sum() == found.rows.untouched
    assert held.sum() - np.trace(held) == found.rows.wrong
    learned = confusion(replace(found, rows=replace(found.rows, untouched=0)))
    assert learned.sum() == found.rows.count
    assert learned.sum() - np.trace(learned) == found.rows.missed
    assert (held.sum(axis=1) + learned.sum(axis=1)).tolist() == list(found.rows.labels)


def test_each_row_counts_once_in_the_reliability(result: Result) -> None:
    found: RuleNetwork = result.network
    bins = reliability(found)
    assert sum(one.rows for one in bins) == found.rows.untouched
    assert sum(one.hits for one in bins) == sum(s.untouched[1] for s in found.supports)
    alike = reliability(replace(found, rows=replace(found.rows, balanced=True)))
    share = sum(one.hits for one in alike) / sum(one.rows for one in alike)
    counts = np.sum([s.untouched for s in found.supports], axis=0) / np.array(found.rows.labels)
    assert share == pytest.approx(counts[1] / counts.sum())


@settings(max_examples=tries(40))
@given(models())
def test_all_ends_stand_in_the_drawing_with_their_rows(model: RuleModel) -> None:
    found = network(model)
    text = _rules(found).body
    ends = len(found.probabilities)
    assert text.count(" 0.5</text>") <= ends  # a branch that nothing reaches has no line
    assert "END_" not in text and text.startswith("<svg")


@settings(max_examples=tries(80))
@given(
    st.lists(st.integers(-40, 40), min_size=2, max_size=40),
    st.integers(-40, 40),
    st.sampled_from([1.0, 0.25, 7.0]),
)
def test_bins_hold_all_rows_and_limits_part_them(whole: list[int], limit: int, unit: float) -> None:
    x = np.array(whole, dtype=np.float64)[:, None] * unit
    scalar = Scalar("n", Reals(float(x.min()), float(x.max())), "n", (), True)
    y = np.arange(len(x)) % 3
    found = replace(network(TREE), inputs=(scalar,))
    x[:1] = np.nan
    (counts,) = column_counts(found, x, y)
    assert np.sum(counts.bins, axis=0).tolist() == np.bincount(y[1:], minlength=3).tolist()
    assert counts.missing == (1, 0, 0)
    size = len(counts.bins)
    assert size <= 24
    place = place_of(limit * unit, scalar, counts.scale, size) * size
    below = (
        int(np.sum(counts.bins[: min(int(place + 1e-9), size - 1)])),  # the last holds the largest
        int(np.sum(counts.bins[: int(place) + 1])),
    )
    assert below[0] <= int((x[1:] < limit * unit).sum()) <= below[1]
    if scalar.domain.low < scalar.domain.high:
        middle = number_at(0.5 / size, scalar, counts.scale, size)
        assert int(place_of(middle, scalar, counts.scale, size) * size + 1e-9) == 0


def test_money_has_bins_of_one_ratio() -> None:
    x = np.exp(np.linspace(0, 9, 80))[:, None]
    scalar = Scalar("sum", Reals(float(x.min()), float(x.max())), "sum")
    found = replace(network(TREE), inputs=(scalar,))
    (counts,) = column_counts(found, x, np.arange(80) % 3)
    assert counts.scale == "geometric"
    assert max(map(sum, counts.bins)) <= 4 and sum(map(sum, counts.bins)) == 80


def known() -> RuleNetwork:
    """Rules with counts of three columns; typical are age 5, fare 4 and a cab that is big."""
    model = RuleModel(
        (Below(0, 3), SumBelow(((0, 1), (1, -2)), -9.0)),
        (Split(0, Leaf(0), Split(1, Leaf(2), Leaf(1))),),
    )
    found = network(model)
    ages = tuple((0, int(k == 5), 0) for k in range(10))
    fares = tuple((0, int(k == 4), 0) for k in range(10))
    columns = (
        ColumnCounts(ages, (0, 0, 0), "whole"),
        ColumnCounts(fares, (0, 1, 0), "whole"),
        ColumnCounts(((0, 3, 0), (0, 0, 0), (0, 1, 0)), (0, 0, 0)),
        ColumnCounts(((0, 3, 0), (0, 0, 0)), (0, 0, 0)),
    )
    return replace(found, rows=replace(found.rows, labels=(0, 9, 0), columns=columns))


def test_single_values_that_change_a_label_are_told_nearest_first() -> None:
    ((label, row, changes),) = changed_labels(known())
    assert label == "mi" and dict(row) == {"age": "5", "fare": "4", "cab": "big", "port": "left"}
    told = [(one.name, one.before, one.after, one.label) for one in changes]
    assert told == [
        ("age", "5", "less than 3", "lo"),
        ("fare", "4", "more than 7", "hi"),
    ]


def test_levels_and_missing_values_change_labels() -> None:
    found = replace(known(), model=TREE)
    ((label, _, changes),) = changed_labels(replace(found, inputs=INPUTS, output=LABELS))
    assert label == "mi"
    assert ("age", "less than 3", "lo") in {(c.name, c.after, c.label) for c in changes}
    model = replace(TREE, trees=(Split(1, Leaf(2), Split(2, Leaf(0), Leaf(1))),))
    ((_, _, changes),) = changed_labels(replace(found, model=model))
    assert {(c.name, c.after, c.label) for c in changes} == {
        ("cab", "mid or small", "hi"),
        ("fare", "no value", "lo"),
    }


def test_files_without_counts_are_read_and_drawn() -> None:
    spec, arrays = contents(rules_bytes(known()))
    again = rules_network(spec, arrays)
    assert again.rows == known().rows
    old = rules_network({**spec, "rows": spec["rows"][:10]}, arrays)
    assert old.rows.columns == () and not list(changed_labels(old))
    assert "age &lt; 3" in _rules(old).body


@pytest.mark.parametrize(
    "columns",
    [
        [[[[0, 1, 0]], [0, 0, 0], "even"]],  # of one column alone
        [[[[0, 1]], [0, 0, 0], "even"]] * 4,  # of two classes
        [[[[0, -1, 0]], [0, 0, 0], "even"]] * 4,
        [[[[0, 1, 0]], [0, 0, 0], "even"]] * 4,  # of one level
        [[[[0, 1, 0]], [0, 0, 0], "geometric"]] * 4,  # from 0 on
    ],
)
def test_counts_that_do_not_fit_are_refused(columns: list[Any]) -> None:
    spec, arrays = contents(rules_bytes(known()))
    with pytest.raises(InputError, match="counts of rows do not fit"):
        rules_network({**spec, "rows": [*spec["rows"][:10], columns]}, arrays)


def test_nothing_of_a_row_stands_in_a_report_without_data(result: Result) -> None:
    assert decided(20, 2500, "rent") == "reject"  # the one row that says otherwise
    page = re.sub(r"<svg.*?</svg>", "", result.report, flags=re.DOTALL)
    assert "2500" not in page and "2,500" not in page
