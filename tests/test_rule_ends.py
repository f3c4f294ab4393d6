"""Ends of rules: proved with their probabilities, reached or not, as pure as the rows say."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from test_rule_form import LABELS, ROWS, TREE, models, network, values

from deepdistill.forms.rules.argument import same_rules
from deepdistill.forms.rules.calibration import Calibration, calibration
from deepdistill.forms.rules.ends import end_facts, exclusive
from deepdistill.forms.rules.inputs import RuleInputs
from deepdistill.forms.rules.lift import lift_cases, lift_rules
from deepdistill.forms.rules.network import Support
from deepdistill.ir.expr import Call, Const, If, Var
from deepdistill.ir.program import Formula
from deepdistill.ir.program_length import program_bits
from deepdistill.ir.rewrite import bottomup
from deepdistill.ir.types import Reals, Scalar
from deepdistill.units.rules import Below, Leaf, RuleModel, Split
from deepdistill.verify.evidence import untouched_bound

POINTS = RuleModel(
    (Below(0, 3.0), Below(0, 2.0)), (Split(0, Leaf(2), Leaf(0)), Split(1, Leaf(3), Leaf(0))), (1, 4)
)


@settings(max_examples=tries(60))
@given(models())
def test_the_ends_of_the_probabilities_are_proved_too(model: RuleModel) -> None:
    found = network(model)
    program, ends = lift_rules(found, "kind"), lift_cases(found, "kind")
    proof = same_rules(found, program, ends)
    assert proof.status == "proved" and "one row of probabilities" in proof.argument
    places = sorted(set(values(ends)))
    if len(places) < 2:
        return
    one, other = Const(places[0]), Const(places[1])
    swapped = replace(
        ends, value=bottomup(ends.value, lambda e: other if e == one else one if e == other else e)
    )
    if values(swapped) != values(ends):
        assert same_rules(found, program, swapped).status == "refuted"


def test_ends_that_no_row_reaches_are_found() -> None:
    inputs = (Scalar("age", Reals(0.0, 9.0), "age"),)
    shares = ((0.9, 0.05, 0.05), (0.1, 0.8, 0.1), (0.2, 0.6, 0.2), (0.0, 0.1, 0.9))
    rows = ((5, 1, 0), (0, 0, 0), (0, 0, 0), (0, 0, 4))
    found = replace(
        network(POINTS),
        inputs=inputs,
        sums=(0, 2, 3, 5),
        probabilities=shares,
        supports=tuple(Support(row, (0, 0, 0)) for row in rows),
    )
    assert [(one.where, one.label, one.reached) for one in end_facts(found)] == [
        ("0 points", "lo", "rows"),
        ("2 points", "mi", "possible"),
        ("3 points", "mi", "never"),  # who is below 2 is below 3
        ("5 points", "hi", "rows"),
    ]
    claim = RuleInputs("kind", found, lift_rules(found, "kind")).quality(lambda *row: row)
    assert claim.evidence is not None
    told = claim.evidence.as_json()
    assert json.loads(json.dumps(told)) == told
    assert [one["reached"] for one in told["support"]["rules"]][2] == "never"
    assert "overrules" in told["support"]["exclusive"]
    assert any("come to 2 points: the table has none" in text for text in told["unknown"])
    # beyond the range no row counts
    near = replace(found, inputs=(Scalar("age", Reals(4.0, 9.0), "age"),))
    assert end_facts(near)[1].reached == "never"


def test_purity_is_that_of_the_rows_held_out() -> None:
    found = network(TREE)
    some = ROWS[:40]
    own = np.random.default_rng(1).integers(0, 3, len(some))
    counts = np.zeros((4, 3), dtype=np.int64)
    np.add.at(counts, (found.cases(some), own), 1)
    supports = tuple(Support((0, 0, 0), tuple(row)) for row in counts.tolist())
    facts = end_facts(replace(found, supports=supports))
    for k, one in enumerate(facts):
        here = found.cases(some) == k
        right = int((own[here] == found.run(some)[here]).sum())
        assert (one.right, one.held_out) == (right, int(here.sum()))
        assert one.low <= right / max(1, one.held_out) <= one.high
        assert one.high == round(untouched_bound(right, one.held_out), 4)
        assert one.label in LABELS.levels
    assert sum(one.held_out for one in facts) == len(some)
    assert "no two rules contradict" in exclusive(found)


def test_rows_held_out_bear_the_probabilities_or_not() -> None:
    """Two ends that say 0.9 and 0.8: of 60 and 40 rows 54 and 32 are expected."""
    shares = ((0.9, 0.05, 0.05), (0.1, 0.8, 0.1))
    model = RuleModel((Below(0, 3.0),), (Split(0, Leaf(0), Leaf(1)),))

    def told(first: int, second: int) -> Calibration | None:
        held = ((first, 60 - first, 0), (0, second, 40 - second))
        found = replace(
            network(model),
            probabilities=shares,
            supports=tuple(Support((9, 9, 9), counts) for counts in held),
        )
        known = replace(found.rows, untouched=100, balanced=False)
        return calibration(replace(found, rows=known))

    right = told(53, 34)
    assert right is not None and right.borne_out and (right.right, right.rows) == (87, 100)
    assert right.expected == pytest.approx(86) and right.spread == pytest.approx(11.8**0.5)
    assert "87 have the likeliest label, where the probabilities expect 86 ± 3.4" in right.sentence
    sure = told(40, 30)
    assert sure is not None and not sure.borne_out
    assert "they are surer than these rows bear" in sure.sentence
    doubting = told(60, 38)
    assert doubting is not None and "they are less sure" in doubting.sentence
    assert calibration(network(model)) is None


@pytest.mark.parametrize(
    "limit, other", [(25, 25), (2.5, 2.5), (25_000_000_000, 25_000), (2.5e-6, 2.5e-6)]
)
def test_limits_are_as_long_as_their_digits(limit: float, other: float) -> None:
    """A column in billions is told in as few bits, but for those of the power of ten."""

    def bits(number: float) -> float:
        test = Call("lt", (Var("age"), Const(number)))
        inputs = (Scalar("age", Reals(0.0, 1.0)),)
        value = If(test, Const(1), Const(0))
        return program_bits(Formula("kind", inputs, Scalar("kind", Reals(0.0, 1.0)), (), value))

    assert 0 <= bits(limit) - bits(other) <= 5
    assert bits(limit) <= bits(limit + 1)
