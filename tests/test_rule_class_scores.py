"""A sum for each class: lifted, proved, written, stored, explained and drawn as the network is."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from test_rule_form import INPUTS, LABELS, ROWS, WRITTEN, contents, own, values

from deepdistill.data.problem import InputError
from deepdistill.drawing.parts import Figure
from deepdistill.forms.rules.argument import same_rules
from deepdistill.forms.rules.changes import changed_labels
from deepdistill.forms.rules.counts import column_counts
from deepdistill.forms.rules.ends import end_facts, exclusive
from deepdistill.forms.rules.explain import explain_label
from deepdistill.forms.rules.file import rules_bytes, rules_network
from deepdistill.forms.rules.inputs import RuleInputs
from deepdistill.forms.rules.lift import lift_rules
from deepdistill.forms.rules.network import BANDS, LabelledRows, RuleNetwork, Support
from deepdistill.forms.rules.paths import read_rules
from deepdistill.forms.rules.probability import probability
from deepdistill.forms.rules.scenes import _rules
from deepdistill.ir.expr import Const
from deepdistill.ir.largest import sums_of_classes
from deepdistill.ir.rewrite import bottomup
from deepdistill.ir.spec import check
from deepdistill.ir.types import Reals, Scalar
from deepdistill.target.label_source import label_solver, label_text
from deepdistill.target.source import Provenance
from deepdistill.units.class_scores import ClassScore, ClassScores, largest
from deepdistill.units.rules import Among, Below, RuleModel
from deepdistill.verify.judge import judge
from deepdistill.verify.solver import load_solver

_WEIGHT = st.sampled_from([-20, -3, -1, 1, 2, 7])
_NUMBER = st.sampled_from([-4.5, -1.0, 0.0, 0.5, 12.0])


@st.composite
def models(draw: st.DrawFn) -> RuleModel:
    """Sums of two columns of numbers, of which one may be missing, and of units."""
    units = tuple(draw(st.lists(own, max_size=3)))
    classes = []
    for _ in LABELS.levels:
        columns = draw(st.lists(st.integers(0, 1), max_size=2, unique=True))
        weights = tuple((column, draw(_WEIGHT), draw(_NUMBER)) for column in columns)
        places = draw(st.sets(st.integers(0, len(units) - 1))) if units else set()
        points = tuple((place, draw(_WEIGHT)) for place in sorted(places))
        classes.append(ClassScore(weights, points, draw(_NUMBER)))
    worth = draw(st.sampled_from([0.01, 0.7, 1.0, 30.0]))
    return RuleModel(units, (), scores=ClassScores(tuple(classes), worth, 0.004))


def network(model: RuleModel) -> RuleNetwork:
    """The sums with some rows behind each band of chances."""
    count = len(LABELS.levels) * (len(BANDS) + 1)
    shares = tuple((0.5, 0.5 - k / 100, k / 100) for k in range(count))
    supports = tuple(Support((k, 1, 0), (0, k, 2)) for k in range(count))
    rows = LabelledRows(9, 1, 3, 1, (5, 4, 3), 0.5, 1.0, 0.1, 6.0)
    return RuleNetwork(INPUTS, LABELS, model, shares, (), supports, rows)


def solver_of(found: RuleNetwork) -> str:
    labels = lift_rules(found, "kind")
    return label_solver(labels, probability(found, labels), Provenance("rows"))


def module(found: RuleNetwork) -> dict[str, Any]:
    return load_solver(solver_of(found).encode(), "kind").__globals__  # type: ignore[attr-defined]


PLAIN = RuleModel(
    (Among(2, (1, 2)), Below(0, 3.0)),
    (),
    scores=ClassScores(
        (
            ClassScore(((0, 2, 0.0),), ((0, 5),), -3.5),
            ClassScore(((0, -1, 0.0), (1, 3, 8.0)), (), 0.0),
            ClassScore((), ((1, 10),), 1.0),
        ),
        0.25,
        0.004,
    ),
)


@settings(max_examples=tries(120))
@given(models())
def test_sums_are_lifted_proved_and_written_as_they_are(model: RuleModel) -> None:
    found = network(model)
    program = lift_rules(found, "kind")
    check(program, "formula")
    wanted = found.run(ROWS).tolist()
    assert values(program) == wanted
    proof = same_rules(found, program)
    assert proof.status == "proved" and "one sum for each class" in proof.argument
    space = module(found)
    assert [space["solve"](*row) for row in WRITTEN] == [LABELS.levels[k] for k in wanted]
    for row, chances in zip(WRITTEN[:20], found.chances(ROWS[:20]).tolist(), strict=True):
        shares = space["probability"](*row)
        assert tuple(shares) == LABELS.levels and math.isclose(sum(shares.values()), 1)
        assert np.allclose(list(shares.values()), chances, rtol=1e-12, atol=1e-15)


@settings(max_examples=tries(60))
@given(models())
def test_sums_come_back_from_their_file(model: RuleModel) -> None:
    data = rules_bytes(network(model))
    again = rules_network(*contents(data))
    assert rules_bytes(again) == data and again.model == model


def test_another_constant_or_weight_is_refuted() -> None:
    """Also where it changes no label of any row: the probabilities would be others."""
    found = network(PLAIN)
    program = lift_rules(found, "kind")
    for old, new in ((-3.5, -3.4), (8, 9), (10, 11), (2, 3)):
        lets = tuple(
            replace(
                let,
                value=bottomup(let.value, lambda e: Const(new) if e == Const(old) else e),  # noqa: B023
            )
            for let in program.body
        )
        assert lets != program.body
        assert same_rules(found, replace(program, body=lets)).status == "refuted"


def test_the_program_reads_as_a_person_writes_it() -> None:
    text = solver_of(network(PLAIN))
    shown = """    scores = {
        "lo": 2 * age + 5 * (cab != "big") - 3.5,
        "mi": (3 * fare if fare is not None else 8) - age,
        "hi": 10 * (age < 3) + 1,
    }
"""
    assert text.count(shown) == 2
    assert f"{shown}    return max(scores, key=scores.get)\n" in text
    assert "powers = {\n        label: math.exp(0.25 * (score - highest))" in text
    assert "0.004 + 0.988 * power / total" in text
    assert "- lo 0.5 to 0.7, 0.5 on average: 1 of 2 rows, 0 of 3 held out (95 %: 0 to 0.71)" in text


def test_a_sum_begins_with_what_is_added() -> None:
    assert PLAIN.scores is not None
    only = ClassScore(((0, -2, 0.0),), ((0, -3),), 40.0)
    scores = replace(PLAIN.scores, classes=(only, *PLAIN.scores.classes[1:]))
    text = label_text(lift_rules(network(replace(PLAIN, scores=scores)), "kind"))
    assert '"lo": 40 - 2 * age - 3 * (cab != "big"),' in text


def test_inputs_may_be_called_as_what_is_made_of_them() -> None:
    names = ("scores", "highest", "label", "power")
    inputs = tuple(replace(s, name=n) for s, n in zip(INPUTS, names, strict=True))
    found = replace(network(PLAIN), inputs=inputs)
    space = module(found)
    assert read_rules(found)[0].conditions == ("max(scores_2, key=scores_2.get) == 'lo'",)
    for row, chances in zip(WRITTEN[:20], found.chances(ROWS[:20]).tolist(), strict=True):
        assert np.allclose(list(space["probability"](*row).values()), chances)


def test_labels_of_any_kind_have_names() -> None:
    for levels in ((1, 2, 3), ("1", "class", "a-b"), ("x", "X", "x_score")):
        output = Scalar("kind", Reals(0.0, 2.0), "kind", levels)
        found = replace(network(PLAIN), output=output)
        program = lift_rules(found, "kind")
        check(program, "formula")
        assert len({let.name for let in program.body}) == 4
        solve = module(found)["solve"]
        assert [solve(*row) for row in WRITTEN] == [levels[k] for k in found.run(ROWS)]


def test_the_first_of_equal_sums_counts_and_what_is_no_number_is_as_pythons_max_has_it() -> None:
    sums = np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 2.0], [math.nan, 1.0, 2.0], [1.0, math.nan, 0.5]])
    wanted = [max(range(3), key=row.__getitem__) for row in sums.tolist()]
    assert largest(sums).tolist() == wanted == [0, 1, 0, 0]


def test_rules_with_trees_hold_no_sums() -> None:
    assert sums_of_classes(lift_rules(network(PLAIN), "kind")) is not None
    other = bottomup(
        lift_rules(network(PLAIN), "kind").value, lambda e: Const(1) if e == Const(0) else e
    )
    assert sums_of_classes(replace(lift_rules(network(PLAIN), "kind"), value=other)) is None


def test_rows_are_in_ends_by_their_label_and_its_chance() -> None:
    found = network(PLAIN)
    chances, labels = found.chances(ROWS), found.run(ROWS)
    for place, row, label in zip(found.cases(ROWS).tolist(), chances, labels.tolist(), strict=True):
        own_label, band = divmod(place, len(BANDS) + 1)
        low, high = (0.0, *BANDS)[band], (*BANDS, 1.1)[band]
        assert own_label == label == int(row.argmax()) and low <= row[label] < high
    facts = end_facts(found)
    assert [one.where for one in facts[:3]] == ["lo below 0.5", "lo 0.5 to 0.7", "lo 0.7 to 0.9"]
    assert all(one.reached == "rows" for one in facts) and "largest" in exclusive(found)


def test_bands_without_rows_are_no_rules() -> None:
    found = network(PLAIN)
    nothing = (Support((0, 0, 0), (0, 0, 0)), *found.supports[1:])
    found = replace(found, supports=nothing)
    assert end_facts(found)[0].where == "lo 0.5 to 0.7"
    assert "lo below 0.5" not in solver_of(found)


def test_a_label_is_explained_by_the_sums() -> None:
    found = network(PLAIN)
    program, solve = lift_rules(found, "kind"), module(found)["solve"]
    text = str(explain_label(found, program, solve, [5, None, "mid", "left"]))
    assert 'lo_score = 2 * age + 5 * (cab != "big") - 3.5 = 11.5' in text
    assert "highest" in text and "lo_score == highest  holds" in text
    rules = read_rules(found)
    assert [rule.answer for rule in rules] == ["lo", "mi", "hi"]
    assert rules[0].conditions == ("max(scores, key=scores.get) == 'lo'",)
    assert rules[0].learned == sum(sum(one.learned) for one in found.supports[:4])


def test_the_report_draws_sums_and_what_changes_a_label() -> None:
    found = network(PLAIN)
    y = np.asarray(found.run(ROWS))
    counts = column_counts(found, ROWS, y)
    found = replace(found, rows=replace(found.rows, columns=counts))
    figure = _rules(found)
    assert isinstance(figure, Figure) and figure.body.count("scores = {") == 1
    assert "hi from 0.9 on" in figure.body
    changes = [one for _, _, some in changed_labels(found) for one in some]
    assert any(one.name == "age" for one in changes)


def test_sums_are_judged_against_their_solver() -> None:
    found = network(PLAIN)
    program = lift_rules(found, "kind")
    code = solver_of(found)
    right = judge(RuleInputs("kind", found, program), load_solver(code.encode(), "kind"))
    assert right.faithful.ok
    for old, new in (("0.25 *", "0.26 *"), ("- 3.5", "- 3.4"), ("0.988", "0.978")):
        assert old in code
        wrong = load_solver(code.replace(old, new).encode(), "kind")
        assert judge(RuleInputs("kind", found, program), wrong).faithful.status == "failed"


_SCORE = [[[0, 2, 0.0]], [], 1.0]


@pytest.mark.parametrize(
    "scores, words",
    [
        ([[_SCORE] * 2, 1.0, 0.01], "are not one a label"),
        ([[_SCORE] * 3, 0.0, 0.01], "give no probabilities"),
        ([[_SCORE] * 3, 1.0, 0.5], "give no probabilities"),
        ([[[[[2, 1, 0.0]], [], 0.0]] * 3, 1.0, 0.01], "or levels"),
        ([[[[[7, 1, 0.0]], [], 0.0]] * 3, 1.0, 0.01], "not there"),
        ([[[[], [[4, 1]], 0.0]] * 3, 1.0, 0.01], "a unit that is not there"),
        ([[[[[0, 1.5, 0.0]], [], 0.0]] * 3, 1.0, 0.01], "not a usable integer"),
        ([[_SCORE] * 3, 1.0], "unknown kind"),
    ],
)
def test_files_that_hold_no_sums_are_refused(scores: Any, words: str) -> None:
    spec, arrays = contents(rules_bytes(network(PLAIN)))
    units, trees, limits, _ = spec["model"]
    with pytest.raises(InputError, match=words):
        rules_network({**spec, "model": [units, trees, limits, scores]}, arrays)
    with pytest.raises(InputError, match="beside trees"):
        known = spec["model"][3]
        rules_network({**spec, "model": [units, [["leaf", 0]], limits, known]}, arrays)


def test_the_text_alone_is_that_of_the_label() -> None:
    text = label_text(lift_rules(network(PLAIN), "kind"))
    assert text.startswith("def kind(age, fare, cab, port):") and "math" not in text
