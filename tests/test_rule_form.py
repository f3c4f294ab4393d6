"""Rules of tables: lifted, proved, written, stored and read again as the network is."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.data.files import read_arrays
from deepdistill.data.problem import InputError
from deepdistill.forms.rules.argument import same_rules
from deepdistill.forms.rules.file import rules_bytes, rules_network
from deepdistill.forms.rules.inputs import RuleInputs
from deepdistill.forms.rules.lift import lift_cases, lift_rules
from deepdistill.forms.rules.network import LabelledRows, RuleNetwork, Support
from deepdistill.forms.rules.shares import same_shares
from deepdistill.forms.rules.support import cases
from deepdistill.ir.evaluate import evaluate_formula
from deepdistill.ir.expr import Const
from deepdistill.ir.program import Formula
from deepdistill.ir.rewrite import bottomup
from deepdistill.ir.spec import check
from deepdistill.ir.types import Reals, Scalar
from deepdistill.target.label_source import (
    _digits,
    label_solver,
    label_test,
    label_text,
    shares_of_cases,
)
from deepdistill.target.source import Provenance
from deepdistill.units.rules import (
    Among,
    AtLeast,
    Below,
    Leaf,
    Missing,
    RuleModel,
    RuleUnit,
    Split,
    SumBelow,
    Tree,
    leaves,
)
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.judge import judge
from deepdistill.verify.solver import load_solver

INPUTS = (
    Scalar("age", Reals(0.0, 9.0), "age"),
    Scalar("fare", Reals(0.0, 9.0), "fare", optional=True),
    Scalar("cab", Reals(0.0, 2.0), "cab", ("big", "mid", "small")),
    Scalar("port", Reals(0.0, 1.0), "port", ("left", "right"), optional=True),
)
LABELS = Scalar("kind", Reals(0.0, 2.0), "kind", ("lo", "mi", "hi"))
LIMIT = st.sampled_from([0.5, 2, 3, 4.25, 7])

own: st.SearchStrategy[RuleUnit] = st.one_of(
    st.builds(Below, st.integers(0, 1), LIMIT),
    st.builds(Among, st.just(2), st.sampled_from([(0,), (1, 2), (0, 1, 2), ()])),
    st.builds(Among, st.just(3), st.sampled_from([(0,), (1,), (0, 1)])),
    st.builds(Missing, st.integers(0, 3)),
    st.builds(SumBelow, st.just(((0, 2), (1, -1))), LIMIT),
    st.builds(SumBelow, st.just(((0, 3), (0, 1))), LIMIT),
)
added: st.SearchStrategy[RuleUnit] = st.builds(
    SumBelow,
    st.sampled_from([(), ((0, 2),), ((0, 1), (1, -1))]),
    LIMIT,
    st.sampled_from([((0, 3),), ((0, 2), (1, -1))]),
)


@st.composite
def models(draw: st.DrawFn) -> RuleModel:
    """Rules of both heads."""
    units = tuple(draw(st.lists(own, min_size=2, max_size=4)))
    units += (draw(added),)
    parts = st.tuples(st.integers(0, len(units) - 1), st.booleans())
    counted = draw(st.lists(parts, min_size=1, max_size=3, unique_by=lambda part: part[0]))
    units += (AtLeast(tuple(counted), draw(st.integers(0, 4))),)
    places = st.integers(0, len(units) - 1)

    def tree(values: st.SearchStrategy[int], depth: int) -> Tree:
        if depth == 0 or draw(st.integers(0, 3)) == 0:
            return Leaf(draw(values))
        return Split(draw(places), tree(values, depth - 1), tree(values, depth - 1))

    if draw(st.booleans()):
        return RuleModel(units, (tree(st.integers(0, 2), 3),))
    trees = tuple(tree(st.integers(-2, 3), 1) for _ in range(draw(st.integers(1, 3))))
    return RuleModel(units, trees, (1, 3))


def network(model: RuleModel) -> RuleNetwork:
    """The rules with probabilities that tell their cases apart."""
    sums = () if not model.limits else (-1, 0, 2, 3)
    count = len(sums) or sum(1 for _ in leaves(model.trees[0]))
    shares = tuple((0.5, 0.5 - k / 100, k / 100) for k in range(count))
    return RuleNetwork(
        INPUTS,
        LABELS,
        model,
        shares,
        sums,
        tuple(Support((k, 1, 0), (0, k, 2)) for k in range(count)),
        LabelledRows(9, 1, 3, 1, (5, 4, 3), 0.5, 1.0, 0.1, 6.0),
    )


def some_rows() -> np.ndarray[Any, np.dtype[np.float64]]:
    rng = np.random.default_rng(0)
    grid = [0.0, 0.5, 2, 2.5, 3, 4.25, 5, 7, 9]
    x = rng.choice(grid, (120, 4))
    x[:, 2], x[:, 3] = rng.integers(0, 3, 120), rng.integers(0, 2, 120)
    for column in (1, 3):
        x[rng.random(120) < 0.3, column] = np.nan
    return x


ROWS = some_rows()
WRITTEN = [tuple(s.written(v) for s, v in zip(INPUTS, row, strict=True)) for row in ROWS.tolist()]


def values(formula: Formula) -> list[int]:
    names = [scalar.name for scalar in INPUTS]
    return [
        int(evaluate_formula(formula, dict(zip(names, row, strict=True)))) for row in ROWS.tolist()
    ]


def contents(data: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    arrays = read_arrays(data, "it", 2**20)
    return json.loads(arrays.pop("network.json").tobytes()), arrays


def module(found: RuleNetwork) -> dict[str, Any]:
    labels, ends = lift_rules(found, "kind"), lift_cases(found, "kind")
    code = label_solver(labels, shares_of_cases(ends, cases(found)), Provenance("rows"))
    return load_solver(code.encode(), "kind").__globals__  # type: ignore[attr-defined]


@settings(max_examples=tries(120))
@given(models())
def test_rules_are_lifted_proved_and_written_as_they_are(model: RuleModel) -> None:
    found = network(model)
    program = lift_rules(found, "kind")
    check(program, "formula")
    wanted = found.run(ROWS).tolist()
    assert values(program) == wanted
    assert values(lift_cases(found, "kind")) == found.cases(ROWS).tolist()
    assert same_rules(found, program).status == "proved"
    space = module(found)
    assert [space["solve"](*row) for row in WRITTEN] == [LABELS.levels[k] for k in wanted]
    for row, case in zip(WRITTEN[:20], found.cases(ROWS[:20]).tolist(), strict=True):
        shares = space["probability"](*row)
        assert tuple(shares) == LABELS.levels and math.isclose(sum(shares.values()), 1)
        assert math.isclose(shares["hi"], found.probabilities[case][2], abs_tol=1e-3)


@settings(max_examples=tries(60))
@given(models())
def test_rules_come_back_from_their_file(model: RuleModel) -> None:
    data = rules_bytes(network(model))
    again = rules_network(*contents(data))
    assert rules_bytes(again) == data and again.model == model


@settings(max_examples=tries(40))
@given(models())
def test_another_label_somewhere_is_refuted(model: RuleModel) -> None:
    found = network(model)
    program = lift_rules(found, "kind")
    if len(set(values(program))) < 2:
        return
    swapped = replace(
        program,
        value=bottomup(program.value, lambda e: Const(7) if e == Const(values(program)[0]) else e),
    )
    same = values(swapped) == values(program)
    assert same or same_rules(found, swapped).status == "refuted"


TREE = RuleModel(
    (Below(0, 3), Among(2, (1, 2)), Missing(1), Below(1, 2.5)),
    (Split(0, Leaf(0), Split(1, Split(3, Leaf(2), Leaf(1)), Leaf(1))),),
)


def test_a_tree_reads_as_a_person_writes_it() -> None:
    text = label_text(lift_rules(network(TREE), "kind"))
    assert text == (
        "def kind(age, fare, cab, port):\n"
        "    \"\"\"Return kind: 'lo', 'mi' or 'hi'.\"\"\"\n"
        "    if age < 3:\n"
        '        return "lo"\n'
        '    if cab != "big" and fare is not None and fare < 2.5:\n'
        '        return "hi"\n'
        '    return "mi"\n'
    )


@pytest.mark.parametrize(
    "tree",
    [
        Split(0, Leaf(0), Split(1, Leaf(0), Leaf(2))),
        Split(1, Split(0, Leaf(0), Leaf(0)), Leaf(2)),
        Split(1, Split(0, Split(2, Leaf(0), Leaf(0)), Leaf(0)), Leaf(2)),
    ],
)
def test_what_only_probabilities_tell_apart_is_one_condition_of_the_label(tree: Tree) -> None:
    found = network(RuleModel((Below(0, 2), Below(0, 3), Among(2, (0,))), (tree,)))
    program = lift_rules(found, "kind")
    text = label_text(program)
    assert text.count("if ") == 1 and ("age < 3:" in text or "age >= 3:" in text)
    assert values(program) == found.run(ROWS).tolist()
    assert same_rules(found, program).status == "proved"


def test_a_narrower_condition_behind_a_wider_one_of_another_label_stays() -> None:
    found = network(
        RuleModel((Below(0, 3), Below(0, 2)), (Split(1, Leaf(0), Split(0, Leaf(1), Leaf(0))),))
    )
    program = lift_rules(found, "kind")
    assert "if 2 <= age < 3:" in label_text(program)
    assert values(program) == found.run(ROWS).tolist()


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (Split(0, Split(1, Leaf(1), Leaf(0)), Leaf(0)), "if age < 2:"),
        (
            Split(0, Split(1, Split(2, Leaf(1), Leaf(0)), Leaf(0)), Leaf(0)),
            'if age < 2 and cab == "big":',
        ),
    ],
)
def test_what_a_narrower_condition_implies_is_not_asked(tree: Tree, text: str) -> None:
    found = network(RuleModel((Below(0, 3), Below(0, 2), Among(2, (0,))), (tree,)))
    program = lift_rules(found, "kind")
    assert text in label_text(program)
    assert values(program) == found.run(ROWS).tolist()
    assert same_rules(found, program).status == "proved"


def test_conditions_that_end_alike_are_one() -> None:
    """A guard against a missing value stays in front of what it guards."""
    units = (Below(1, 4), Below(1, 7), Missing(1), Below(0, 3), Among(2, (1,)))
    nested = Split(3, Split(4, Leaf(1), Leaf(0)), Leaf(0))
    found = network(RuleModel(units, (Split(0, Leaf(2), Split(1, Leaf(1), Leaf(2))),)))
    assert "if fare is not None and 4 <= fare < 7:" in label_text(lift_rules(found, "kind"))
    for tree, text in (
        (nested, 'if age < 3 and cab == "mid":'),
        (Split(2, Leaf(0), nested), 'if fare is not None and age < 3 and cab == "mid":'),
        (Split(0, Leaf(0), nested), "if fare is not None and fare < 4:"),
        (Split(0, Leaf(0), Split(2, Leaf(0), Leaf(1))), "if fare is None or fare < 4:"),
    ):
        found = network(RuleModel(units, (tree,)))
        program = lift_rules(found, "kind")
        assert text in label_text(program) and label_text(program).count("return") <= 3
        assert values(program) == found.run(ROWS).tolist()
        assert same_rules(found, program).status == "proved"


def test_of_two_levels_that_is_asked_which_a_column_has() -> None:
    inputs = (Scalar("sex", Reals(0.0, 1.0), "sex", ("female", "male")),)
    model = RuleModel((Among(0, (1,)),), (Split(0, Leaf(0), Split(0, Leaf(1), Leaf(2))),))
    for split in (model.trees[0], Split(0, Split(0, Leaf(1), Leaf(0)), Leaf(2))):
        found = replace(network(replace(model, trees=(split,))), inputs=inputs)
        assert 'if sex == "' in label_text(lift_rules(found, "kind"))


def test_points_and_counts_have_names() -> None:
    model = RuleModel(
        (
            Below(0, 3),
            Among(2, (1, 2)),
            SumBelow(((0, 2), (0, 1)), 9),
            AtLeast(((0, False), (1, True), (2, True)), 2),
        ),
        (Split(0, Leaf(2), Leaf(0)), Split(3, Leaf(-1), Leaf(0)), Split(2, Leaf(3), Leaf(0))),
        (1, 4),
    )
    text = label_text(lift_rules(network(model), "kind"))
    assert "points = 2 * (age < 3)" in text and "if points >= 4:" in text
    assert 'count = (age >= 3) + (cab != "big") + (total < 9)' in text and "total = " in text


@pytest.mark.parametrize(
    "change, words",
    [
        ({"model": [[["below", 9, 1.0]], [["leaf", 0]], []]}, "a column that is not there"),
        ({"model": [[], [["leaf", 5]], []]}, "a label that is not there"),
        ({"model": [[], [], []]}, "no head"),
        ({"model": [[["atleast", [[0, True]], 1]], [["leaf", 0]], []]}, "do not stand before it"),
        ({"model": [[["below", 2, 1.0]], [["leaf", 0]], []]}, "compares numbers with levels"),
        ({"model": [[["among", 0, [0]]], [["leaf", 0]], []]}, "compares numbers with levels"),
        ({"model": [[["among", 2, [3]]], [["leaf", 0]], []]}, "levels that are not there"),
        ({"model": [[["below", 0, "x"]], [["leaf", 0]], []]}, "unknown kind"),
        ({"probabilities": [[0.5, 0.5]]}, "another number of probabilities"),
        ({"probabilities": [[2, 0, 0]] * 4}, "are none"),
        ({"sums": [1]}, "belong to no points"),
        ({"inputs": [["a b", 0, 1, "", [], False]]}, "holds no rules"),
        ({"strict": 1}, "holds no rules"),
        ({"rows": [1, 2, 3, 4, [1, 1, 1], 0, 0, 0, 0, False]}, "counts of rows"),
    ],
)
def test_files_that_hold_no_rules_are_refused(change: dict[str, Any], words: str) -> None:
    spec, arrays = contents(rules_bytes(network(TREE)))
    with pytest.raises(InputError, match=words):
        rules_network({**spec, **change}, arrays)


def test_files_of_sums_without_units_are_read() -> None:
    """As they were written before sums added units."""
    spec, arrays = contents(rules_bytes(network(TREE)))
    model = [[["sumbelow", [[0, 1]], 3.0]], [["split", 0, ["leaf", 0], ["leaf", 1]]], []]
    few = {name: spec[name][:2] for name in ("probabilities", "supports")}
    found = rules_network({**spec, "model": model, **few}, arrays)
    assert found.model.units == (SumBelow(((0, 1),), 3.0),)


def test_what_a_solver_of_rules_refuses() -> None:
    solve = module(network(TREE))["solve"]
    assert solve(2, None, "mid", None) == solve(2, math.nan, "mid", "left") == "lo"
    assert solve({"age": "5", "fare": "NA", "cab": " mid", "port": ""}) == "mi"
    for row in ((None, 1, "mid", "left"), (1, 1, None, "left"), (1, 1, "huge", "left"),
                (1, math.inf, "mid", "left"), (True, 1, "mid", "left")):  # fmt: skip
        with pytest.raises(ValueError):
            solve(*row)


def test_the_test_beside_the_solver_is_python() -> None:
    program = lift_rules(network(TREE), "kind")
    compile(label_test(program, Provenance("rows", examples=((WRITTEN[0], "lo"),))), "t", "exec")


def solver_of(found: RuleNetwork) -> str:
    labels, ends = lift_rules(found, "kind"), lift_cases(found, "kind")
    return label_solver(labels, shares_of_cases(ends, cases(found)), Provenance("rows"))


def judged(found: RuleNetwork, code: str) -> Certificate:
    space = RuleInputs("kind", found, lift_rules(found, "kind"), examples=60)
    return judge(space, load_solver(code.encode(), "kind"))


@pytest.mark.parametrize(
    "old, new",
    [
        ('"lo": 0.5, "mi": 0.48, "hi": 0.02', '"lo": 0.5, "mi": 0.479, "hi": 0.021'),
        ('"lo": 0.5, "mi": 0.48, "hi": 0.02', '"lo": 0.48, "mi": 0.5, "hi": 0.02'),
        ('"lo": 0.5, "mi": 0.48, "hi": 0.02', '"mi": 0.48, "lo": 0.5, "hi": 0.02'),
        ('"lo": 0.5, "mi": 0.48, "hi": 0.02', '"lo": 0.5, "mi": 0.48, "hi": float("nan")'),
        ("def probability(", "def chance("),
        ("return {", "return 1 / 0, {"),
    ],
)
def test_other_probabilities_than_the_networks_are_a_failure(old: str, new: str) -> None:
    found = network(TREE)
    code = solver_of(found)
    assert old in code and judged(found, code).faithful.status == "sampled"
    claim = judged(found, code.replace(old, new)).faithful
    assert claim.status == "failed" and claim.counterexample is not None
    assert set(claim.counterexample["expected"]["probability"]) == {"lo", "mi", "hi"}
    assert Certificate.parse(judged(found, code.replace(old, new)).text()).faithful == claim


@settings(max_examples=tries(40))
@given(st.lists(st.floats(0, 1), min_size=2, max_size=5).filter(any))
def test_three_digits_are_the_same_probabilities(weights: list[float]) -> None:
    shares = tuple(w / sum(weights) for w in weights)
    labels = tuple("abcde"[: len(shares)])
    printed = dict(zip(labels, _digits(shares), strict=True))
    assert same_shares(labels, shares, printed)
    k = min(range(len(shares)), key=lambda k: shares[k])
    assert not same_shares(labels, shares, {**printed, labels[k]: printed[labels[k]] + 2e-3})
    assert not same_shares(labels, shares, {**printed, labels[k]: None})


def test_rows_behind_the_ends_stand_in_the_order_of_the_returns() -> None:
    code = solver_of(network(TREE))
    told = re.findall(r"- lo 0.5: (\d) of", code)
    returned = re.findall(r'"hi": ([0-9.]+)}', code)
    assert [int(k) / 100 for k in told] == [float(p) for p in returned] and len(told) == 4
