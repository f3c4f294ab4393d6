"""What examples can bear where no oracle is known: bounds, chance, support, what is unknown."""

from __future__ import annotations

from math import comb, log, log2
from typing import Any

import numpy as np
import pytest
from gallery import programs
from hypothesis import given
from hypothesis import strategies as st

import deepdistill as dd
from deepdistill.data.problem import Problem
from deepdistill.ir.code_length import integer_bits
from deepdistill.ir.order import by_order_alone
from deepdistill.ir.program_length import program_bits
from deepdistill.ir.rounding import simplest_integer
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.evidence import (
    Evidence,
    error_bound,
    explained_by_chance,
    in_digits,
    label_bits,
    length_bound,
    rounded_up,
    untouched_bound,
)
from deepdistill.verify.readings import Readings

Pairs = tuple[np.ndarray, np.ndarray]


def test_what_was_not_shown_is_told_with_an_example_or_without() -> None:
    plain, named = (Readings("patterns", 8, 5, 2, missing) for missing in ("", "pattern 111"))
    assert plain.sentence == (
        "5 of 8 patterns were shown; what the rule answers to the others is not known to be right"
    )
    assert "to the others, pattern 111 for one, is not known to be right" in named.sentence


def test_few_rows_bound_nothing_and_many_wrong_ones_are_told() -> None:
    assert Evidence("row", 2, 0, 1.0).measure == "too few rows to bound how many are wrong"
    assert (
        "100 % of rows wrong at 95 % (999 of 1,000 unseen)"
        in Evidence("row", 1000, 999, 1.0).measure
    )


def made(x: Any, y: Any, axes: str, **more: Any) -> dd.Result:
    return dd.distill(Problem.from_arrays(x, np.asarray(y).astype(int), axes=axes, **more))


def numbers(seed: int = 0, samples: int = 120, high: int = 21) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, high, (samples, 6))


def cells(density: float, *shape: int) -> np.ndarray:
    return (np.random.default_rng(0).random(shape) < density).astype(int)


def elementary(rule: int, x: np.ndarray, wrap: bool = True) -> np.ndarray:
    around = np.pad(x, ((0, 0), (1, 1)), mode="wrap" if wrap else "constant")
    return rule >> (4 * around[:, :-2] + 2 * x + around[:, 2:]) & 1


# Bounds


def binomial_tail(wrong: int, seen: int, share: float) -> float:
    return sum(comb(seen, k) * share**k * (1 - share) ** (seen - k) for k in range(wrong + 1))


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.9999, "0.9999"),
        (0.99996, "0.99996"),
        (0.9995, "0.9995"),
        (0.998, "0.998"),
        (1.0, "1"),
        (0.0, "0"),
        (0.12345, "0.123"),
    ],
)
def test_a_share_reads_as_one_only_where_it_is(share: float, told: str) -> None:
    assert in_digits(share) == told
    assert in_digits(0.998, 2) == "0.998" and in_digits(0.74, 2) == "0.74"


@given(st.integers(1, 60), st.data())
def test_the_untouched_bound_is_the_share_that_is_just_believable(
    seen: int, data: st.DataObject
) -> None:
    wrong = data.draw(st.integers(0, seen - 1))
    assert binomial_tail(wrong, seen, untouched_bound(wrong, seen)) == pytest.approx(0.025)


def test_nothing_untouched_says_nothing() -> None:
    assert untouched_bound(0, 0) == untouched_bound(4, 4) == 1


def test_the_smaller_bound_counts() -> None:
    assert length_bound(30, 0, 1000) == pytest.approx((30 * log(2) + log(40)) / 1000)
    assert length_bound(30, 10, 1000) > 0.01 + length_bound(30, 0, 1000)
    assert error_bound(0, 75, 300, 0, 300) == rounded_up(untouched_bound(0, 75))
    assert error_bound(0, 10, 30, 0, 10_000) == rounded_up(length_bound(30, 0, 10_000))


@given(st.floats(1e-9, 1))
def test_bounds_are_rounded_up(share: float) -> None:
    assert share * (1 - 1e-9) <= rounded_up(share) <= share * 1.011


# Code lengths


@given(st.lists(st.integers(-1000, 1000), unique=True, min_size=2, max_size=50))
def test_no_code_of_integers_is_shorter_than_a_prefix_code(values: list[int]) -> None:
    assert sum(2.0 ** -integer_bits(value) for value in values) <= 1


@pytest.mark.parametrize("name", ["life", "rule30", "parity", "maximum", "kepler"])
def test_shortening_makes_the_code_no_longer(name: str) -> None:
    lifted, shortened = programs(name)
    assert 0 < program_bits(shortened) <= program_bits(lifted)


@given(st.lists(st.integers(0, 1), min_size=1, max_size=60))
def test_labels_cost_no_less_than_their_entropy(labels: list[int]) -> None:
    shares = [labels.count(value) / len(labels) for value in set(labels)]
    entropy = -len(labels) * sum(share * log2(share) for share in shares)
    assert label_bits(labels) >= entropy - 1e-6


def test_rare_answers_that_the_data_bear_are_believed() -> None:
    assert explained_by_chance([1] * 10 + [0] * 990, 40) is None
    assert explained_by_chance([1] * 1 + [0] * 299, 40) is not None
    assert explained_by_chance([0, 1] * 6, 40) is not None


# Held out means held out


@given(st.integers(2, 60), st.integers(0, 3), st.booleans())
def test_a_quarter_is_seen_by_nobody_and_nothing_is_lost(
    samples: int, seed: int, together: bool
) -> None:
    x = np.arange(samples)[:, None] + np.arange(3)
    groups = np.arange(samples) // 2 if together and samples > 7 else None
    problem = Problem.from_arrays(x, x[:, 0] % 2, "set", groups=groups)
    aside = problem.set_aside(seed)
    parts = [aside.given, *aside.reserved]
    counts = [sum(map(len, part)) for part in parts]
    assert sum(counts) == samples and counts[1] + counts[2] >= samples / 4
    assert counts[2] > 0 and problem.set_aside(seed).given[0].output.tolist() == (
        aside.given[0].output.tolist()
    )
    again = aside.second_round()
    assert sum(map(len, again.given)) == counts[0] + counts[1]
    assert again.reserved[1] == aside.reserved[1]
    if groups is not None:
        own = [
            {int(k) for e in part for k in (e.group if e.group is not None else ())}
            for part in parts
        ]
        assert not own[0] & own[1] and not own[0] & own[2] and not own[1] & own[2]


def test_an_oracle_needs_nothing_set_aside() -> None:
    from deepdistill.data import catalogue

    problem = catalogue.find("rule30")
    assert problem.set_aside(0) is problem


def test_groups_must_fit() -> None:
    x = numbers()
    for groups in ([1, 2], [0] * len(x)):
        with pytest.raises(dd.InputError, match="group"):
            Problem.from_arrays(x, x.max(1), "set", groups=groups)


def test_the_first_part_may_teach_a_second_round() -> None:
    x = cells(0.2, 60, 20)
    rare = np.roll(x, 2, 1) & np.roll(x, 1, 1) & x & np.roll(x, -1, 1) & np.roll(x, -2, 1)
    result = made(x, np.where(rare == 1, 1 - elementary(30, x), elementary(30, x)), "grid(wrap)")
    evidence = result.certificate.correct.evidence
    assert evidence is not None
    if result.certificate.ok:  # the exception may stand among those that nobody looked at
        assert any("patterns" in sentence for sentence in evidence.unknown)


# What is believed, and what is not


@pytest.mark.parametrize("seed", range(6))
def test_a_dozen_random_labels_are_no_rule(seed: int) -> None:
    rng = np.random.default_rng(seed)
    samples = int(rng.integers(8, 15))
    result = made(rng.integers(0, 21, (samples, 6)), rng.integers(0, 2, samples), "set")
    assert not result.certificate.ok and result.certificate.verdict == "failed"


def test_one_positive_of_many_is_no_rule() -> None:
    x = numbers(samples=300)
    result = made(x, x.sum(1) == x.sum(1).max(), "set")
    assert not result.certificate.ok


@pytest.mark.parametrize(
    ("x", "axes"),
    [
        (cells(0.01, 30, 20, 20), "grid(wrap) grid(wrap)"),
        (cells(0.3, 40, 12), "sequence"),
        (numbers(), "set"),
    ],
    ids=["grids", "sequences", "lists"],
)
def test_answers_that_are_all_the_same_show_no_rule(x: np.ndarray, axes: str) -> None:
    y = np.zeros(x.shape if axes != "set" else len(x), dtype=int)
    assert not made(x, y, axes).certificate.ok


@pytest.mark.parametrize(
    ("rule", "density", "axes"),
    [(184, 0.01, "grid(wrap)"), (184, 0.01, "grid(bounded)"), (110, 0.03, "grid(bounded)")],
)
def test_patterns_that_were_never_shown_are_told(rule: int, density: float, axes: str) -> None:
    x = cells(density, 60, 20)
    result = made(x, elementary(rule, x, "wrap" in axes), axes)
    evidence = result.certificate.correct.evidence
    assert evidence is not None and evidence.support["patterns"]["shown"] >= 2
    assert evidence.unknown and any("patterns" in text for text in evidence.unknown)


def test_every_pattern_is_said_only_where_more_than_the_rule_reads_was_shown() -> None:
    x = cells(0.5, 60, 20)
    result = made(x, elementary(30, x), "grid(wrap)")
    evidence = result.certificate.correct.evidence
    assert evidence is not None and evidence.unit == "cell" and not evidence.unknown
    patterns = 4 * np.roll(x, 1, 1) + 2 * x + np.roll(x, -1, 1)
    rarest = int(np.bincount(patterns.ravel()).min())
    assert evidence.support["patterns"] == {"possible": 8, "shown": 8, "rarest": rarest}
    assert evidence.bound < 0.02


def test_transitions_that_were_never_shown_are_told() -> None:
    steps = np.random.default_rng(0).integers(0, 2, (20, 10))
    counter = np.zeros_like(steps)
    level = np.zeros(len(steps), dtype=int)
    for t in range(10):
        level = np.clip(level + 2 * steps[:, t] - 1, 0, 7)
        counter[:, t] = level
    evidence = made(steps, counter, "sequence").certificate.correct.evidence
    assert evidence is not None and evidence.unit == "sample"
    assert any("transitions" in text for text in evidence.unknown)


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        (lambda x: (x == 7).any(1), "== 7"),
        (lambda x: (x == 7).sum(1), "== 7"),
        (lambda x: x.sum(1) > 60, ">= 61"),
        (lambda x: x.max(1) > 18, ">= 19"),
        (lambda x: (x > 10).sum(1), ">= 11"),
        (lambda x: (x < 18).all(1), ">= 18"),
    ],
)
def test_a_size_that_never_varied_does_not_enter_the_rule(question: Any, shown: str) -> None:
    x = numbers(samples=300)
    result = made(x, question(x), "set")
    assert result.certificate.ok and shown in str(result.program)
    evidence = result.certificate.correct.evidence
    assert evidence is not None and evidence.bound < 0.05
    assert any("size 6 alone" in text for text in evidence.unknown)


def test_a_gap_in_the_data_is_told_and_the_simplest_limit_taken() -> None:
    x = np.random.default_rng(1).integers(0, 1000, (300, 3))
    total = x.sum(1)
    kept = (total <= 1437) | (total >= 1544)
    result = made(x[kept], total[kept] > 1500, "set")
    evidence = result.certificate.correct.evidence
    assert evidence is not None and ">= 1500" in str(result.program)
    (limit,) = (one for one in evidence.support["limits"] if one["limit"] == 1500)
    assert limit["from"] <= 1440 and limit["to"] >= 1540
    assert any("any limit from" in text for text in evidence.unknown)


@given(st.integers(-10_000, 10_000), st.integers(0, 3000), st.integers(-10_000, 10_000))
def test_the_simplest_number_has_the_fewest_digits(low: int, width: int, near: int) -> None:
    def digits(n: int) -> int:
        return max(1, len(str(abs(n)).rstrip("0")))

    found = simplest_integer(low, low + width, near)
    assert low <= found <= low + width
    assert digits(found) == min(map(digits, range(low, low + width + 1)))


# Numbers beyond those that were shown


def test_order_alone_holds_for_numbers_that_were_not_shown() -> None:
    x = numbers()
    largest = made(x, x.max(1), "set")
    assert largest.solve([-5, 99]) == 99
    assert any("from 0 to 20 were shown" in text for text in largest.certificate.sentences())
    summed = made(x, x.sum(1), "set")
    assert summed.solve([1, 2]) == 3
    with pytest.raises(ValueError, match="not an integer from 0 to 20"):
        summed.solve([-5, 99])


@pytest.mark.parametrize(
    ("name", "alone"),
    [("maximum", True), ("rank", True), ("contains_duplicate", True), ("count_evens", False)],
)
def test_what_depends_on_order_alone(name: str, alone: bool) -> None:
    _, program = programs(name)
    assert by_order_alone(program, program.inputs[0].name) == alone


# The certificate


def test_evidence_is_read_back(tmp_path: Any) -> None:
    x = numbers()
    result = made(x, x.max(1), "set")
    text = result.certificate.text()
    assert Certificate.parse(text) == result.certificate
    again = dd.load(result.save(tmp_path))
    assert again.certificate.correct == result.certificate.correct


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ('"unit": "sample"', '"unit": "day"', "unknown unit"),
        ('"wrong": 0', '"wrong": 999', "more wrong answers"),
        ('"bound": 0.', '"bound": 7.', "no share"),
        ('"noise": null', '"noise": 3', "noise"),
        ('"support": {}', '"support": []', "support"),
    ],
)
def test_evidence_that_cannot_be_is_refused(old: str, new: str, cause: str) -> None:
    x = numbers()
    text = made(x, x.max(1), "set").certificate.text()
    assert old in text
    with pytest.raises(dd.InputError, match=cause):
        Certificate.parse(text.replace(old, new))
