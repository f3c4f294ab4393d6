"""Rules behind wrong labels: found through them, told in the certificate, no excuse for a rule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.data.pair_groups import by_sizes
from deepdistill.data.problem import Problem
from deepdistill.data.running import Run
from deepdistill.forms import form_of_task
from deepdistill.forms.protocol import Trained
from deepdistill.forms.sequence.noise import _drawn
from deepdistill.forms.sequence.search.update import History
from deepdistill.forms.sequence.train import fit_sequences
from deepdistill.ir.types import Axis
from deepdistill.verify.certificate import Certificate, Claim
from deepdistill.verify.evidence import Evidence, as_often_by_chance, share_interval
from deepdistill.verify.noise import (
    PATTERN,
    Compared,
    Disagreement,
    carried_by,
    described_noise,
    suspected,
)

Array = np.ndarray
RNG = np.random.default_rng(0)
CELLS = RNG.integers(0, 2, (30, 30))


def rule30(x: Array) -> Array:
    left, right = np.roll(x, 1, 1), np.roll(x, -1, 1)
    return 30 >> (4 * left + 2 * x + right) & 1


def trained(x: Array, y: Array, axes: str) -> Trained:
    problem = Problem.from_arrays(x, y, axes=axes).set_aside(0)
    return form_of_task(problem).train(problem, Run())


def flipped(labels: Array, rate: float, seed: int = 1) -> Array:
    wrong = np.random.default_rng(seed).random(labels.shape) < rate
    return np.where(wrong, 1 - labels, labels)


# Found through wrong labels


def test_one_cell_of_900_does_not_widen_the_radius() -> None:
    y = rule30(CELLS)
    y[3, 5] ^= 1
    found = trained(CELLS, y, "grid(wrap)")
    assert found.exact and found.network.radius == 1
    assert all((found.network.run({"cells": row}) == rule30(row[None])[0]).all() for row in CELLS)


def test_a_grid_rule_is_found_through_wrong_labels() -> None:
    found = trained(CELLS, flipped(rule30(CELLS), 0.05), "grid(wrap)")
    assert found.exact and found.excepted > 2 and found.network.radius == 1
    assert all((found.network.run({"cells": row}) == rule30(row[None])[0]).all() for row in CELLS)


def test_real_exceptions_that_pay_for_themselves_enter() -> None:
    """A cell dies only where all of five stand: rare, and never otherwise where it was shown."""
    x = (np.random.default_rng(3).random((60, 40)) < 0.45).astype(int)
    five = np.prod([np.roll(x, k, 1) for k in (-2, -1, 0, 1, 2)], axis=0)
    y = np.where(five == 1, 0, x)
    assert 0 < (y != x).mean() < 0.03
    found = trained(x, y, "grid(wrap)")
    assert found.exact and not found.excepted and found.network.radius == 2


def test_a_clean_problem_takes_the_same_way() -> None:
    found = trained(CELLS, rule30(CELLS), "grid(wrap)")
    assert found.exact and not found.excepted
    assert not any("wrong labels" in str(attempt) for attempt in found.attempts)


def test_random_labels_are_no_rule_with_noise() -> None:
    """Always 0 explains 94 % of them, and nothing."""
    labels = (np.random.default_rng(0).random((12, 9)) < 0.06).astype(int)
    assert not trained(CELLS[:12, :9], labels, "grid(wrap)").excepted


def test_the_maximum_is_found_through_wrong_labels() -> None:
    x = RNG.integers(0, 100, (200, 5))
    y = x.max(axis=1)
    y[::20] = 7
    found = trained(x, y, "set")
    assert found.exact and 0 < found.excepted <= 10
    assert int(found.network.run({"numbers": np.array([3, 99, 4, 1])})) == 99


def test_a_wrong_label_does_not_enter_the_state() -> None:
    x = RNG.integers(0, 2, (200, 8))
    y = flipped(np.cumsum(x, axis=1) % 2, 0.02)
    found = trained(x, y, "sequence")
    assert found.exact and found.excepted > 5
    fresh = RNG.integers(0, 2, 300)
    assert (found.network.run({"numbers": fresh}) == np.cumsum(fresh) % 2).all()


def test_draws_that_were_put_to_the_vote_come_first_and_small_ones_next() -> None:
    x = np.random.default_rng(7).integers(0, 4, (900, 8, 1))  # its own: in any order of tests
    y = np.cumsum(x, axis=1) % 2
    labels = flipped(y, 0.05)
    (doubtful, voted), *others = _drawn(History(x, labels), 0)
    assert doubtful == 0 and voted.length == 3
    assert (voted.y == np.cumsum(voted.x, axis=1) % 2).all()
    sizes = [steps for steps, _ in others]
    assert sizes == sorted(sizes) == [draw.y.size for _, draw in others]


def test_two_numbers_are_added_through_wrong_labels() -> None:
    x = np.random.default_rng(6).integers(0, 2, (600, 8, 2))
    sums = x @ [1, 1] @ np.triu(2 ** np.arange(8)[:, None] * np.ones((8, 8), int))
    y = sums >> np.arange(8) & 1
    found = trained(x, flipped(y, 0.05), "sequence")
    assert found.exact and found.excepted > 100
    fresh = np.random.default_rng(7).integers(0, 2, (60, 2))
    values = fresh.T.astype(object) @ 2 ** np.arange(60, dtype=object)
    told = found.network.run({"numbers": fresh})
    assert [int(bit) for bit in told] == [int(sum(values)) >> k & 1 for k in range(60)]


def test_a_rule_that_short_votes_mistake_is_found_on_other_draws() -> None:
    """In three steps a count is 1 as often as it is 1 modulo 3."""
    x = np.random.default_rng(5).integers(0, 3, (600, 9))
    y = (np.cumsum(x == 2, axis=1) % 3 == 1).astype(int)
    found = trained(x, flipped(y, 0.005, 0), "sequence")
    fresh = np.random.default_rng(8).integers(0, 3, 300)
    assert found.exact and found.excepted > 10
    told = found.network.run({"numbers": fresh})
    assert (told == (np.cumsum(fresh == 2) % 3 == 1)).all()


# What is told of them


def compared(missed: Array, *contexts: tuple[str, Array], late: Array | None = None) -> Compared:
    labels = missed.astype(int)
    places = tuple(Disagreement(int(k), (0,), 1, 0) for k in np.flatnonzero(missed))
    untouched = np.zeros(len(labels), dtype=bool) if late is None else late
    return Compared(labels, np.zeros_like(labels), untouched, places, contexts)


def test_each_channel_of_steps_is_found_through_wrong_labels() -> None:
    x = np.random.default_rng(2).integers(0, 4, (60, 12))
    y = np.stack([np.minimum.accumulate(x, axis=1), np.cumsum(x, axis=1) % 2], axis=2)
    labels = y.copy()
    for sample, step in np.random.default_rng(5).integers(0, (60, 12), (7, 2)):
        labels[sample, step] = (3 - y[sample, step, 0], 1 - y[sample, step, 1])
    found = trained(x, labels, "sequence")
    assert found.exact and found.excepted >= 6
    assert all((found.network.run({"numbers": a}) == b).all() for a, b in zip(x, y, strict=True))


def test_many_wrong_labels_where_many_sequences_begin_alike() -> None:
    x = np.random.default_rng(4).integers(0, 2, (1500, 8))
    y = (2 * np.cumsum(x, axis=1) > np.arange(1, 9)).astype(int)
    found = trained(x, flipped(y, 0.05), "sequence")
    assert found.exact and found.excepted > 100
    assert all(
        (found.network.run({"numbers": a}) == b).all() for a, b in zip(x[:50], y, strict=False)
    )


def test_wrong_labels_that_lie_anywhere_are_random() -> None:
    missed = RNG.random(4000) < 0.02
    noise, told, doubts = described_noise(compared(missed, ("a", RNG.integers(0, 5, 4000))), "cell")
    assert not doubts and noise["looks"] == "random" and noise["wrong"] == missed.sum()
    assert noise["interval"][0] < 0.02 < noise["interval"][1] and "of 4,000 cells" in told


def test_labels_missed_where_the_inputs_look_alike_are_systematic() -> None:
    read = RNG.integers(0, 40, 4000)
    missed = (read == 7) & (RNG.random(4000) < 0.5)
    assert carried_by(compared(missed, ("x[1]", read))) == "x[1] is 7"
    noise, _, doubts = described_noise(compared(missed, ("x[1]", read)), "cell")
    assert noise["looks"] == "systematic" and "incomplete" in doubts[-1]


def test_what_fails_only_where_nobody_looked_is_no_noise() -> None:
    late = np.arange(4000) >= 3500
    for wrong in (2, 12):
        missed = np.zeros(4000, dtype=bool)
        missed[-wrong:] = True
        assert described_noise(compared(missed, late=late), "cell")[2]
    one = np.zeros(4000, dtype=bool)
    one[-1] = True
    seen = np.zeros(4000, dtype=int)
    assert not described_noise(compared(one, (PATTERN, seen), late=late), "cell")[2]
    assert described_noise(compared(one, (PATTERN, seen + one), late=late), "cell")[2]
    assert described_noise(compared(one[-90:], late=late[-90:]), "cell")[2]  # too few


def test_a_seldom_label_that_wrong_ones_show_as_often_as_others_is_noise() -> None:
    """Of labels 0, 1 and 2 the last is answered once in a hundred; 5 % are any other one."""
    rng = np.random.default_rng(4)
    answers = np.where(rng.random(6000) < 0.01, 2, rng.integers(0, 2, 6000))
    other = (answers + rng.integers(1, 3, 6000)) % 3
    noisy = np.where(rng.random(6000) < 0.05, other, answers)

    def doubts(labels: Array) -> list[str]:
        missed = np.flatnonzero(labels != answers)
        places = tuple(Disagreement(0, (int(k),), 0, 1) for k in missed)
        late = np.zeros(len(labels), dtype=bool)
        return described_noise(Compared(labels, answers, late, places, []), "step")[2]

    assert 2 * (noisy[noisy == 2] != answers[noisy == 2]).sum() > (noisy == 2).sum()
    assert doubts(noisy) == []
    more = np.where((rng.random(6000) < 0.03) & (answers == 0), 2, noisy)  # a class of its own
    assert doubts(more) == ["hardly any label 2 is explained"]


def test_too_many_are_no_noise() -> None:
    assert "too many" in described_noise(compared(RNG.random(400) < 0.3), "step")[2][0]


def test_the_interval_holds_the_share() -> None:
    assert share_interval(0, 100)[0] == 0 and share_interval(5, 100)[0] < 0.05
    assert as_often_by_chance(0, 10, 0.5) == 1
    assert as_often_by_chance(3, 3, 0.5) == pytest.approx(0.125)


def claim(count: int) -> Certificate:
    named = [{"pair": k, "place": [0], "label": 1, "answer": 0} for k in range(count)]
    noise = {"rate": 0.01, "wrong": count, "of": 9000, "looks": "random", "examples": named}
    evidence = Evidence("cell", 100, 0, 0.1, noise=noise)
    note = "the rule explains 8,999 of 9,000 cells; pair 3, cell 5 disagrees; 0 of 100"
    correct = Claim("evidence", 1, note=note, evidence=evidence)
    sampled = Claim("sampled", 1)
    return Certificate("mine", 0, sampled, sampled, correct, versions={"certificate": 2})


def test_twenty_are_named_and_none_where_no_data_may_be_quoted() -> None:
    certificate = claim(30)
    told = json.loads(certificate.text())["correct"]
    assert len(told["noise"]["examples"]) == 20 and Certificate.parse(certificate.text())
    silent = certificate.without_examples().correct
    assert silent.evidence is not None and silent.evidence.noise is not None
    assert silent.evidence.noise["examples"] == [] and "pair" not in silent.note
    assert "8,999 of 9,000 cells; 0 of 100" in silent.note
    with pytest.raises(dd.InputError, match="noise"):
        Certificate.parse(certificate.text().replace('"examples": [{', '"examples": 5, "x": [{'))


def test_samples_that_contradict_many_others_are_wrong_labels() -> None:
    x = RNG.integers(0, 4, (200, 3))
    y = x.max(axis=1)
    y[0] = (y[0] + 1) % 4
    assert Problem.from_arrays(x, y, axes="set").given
    with pytest.raises(dd.InputError, match="too many for wrong labels"):
        Problem.from_arrays(x, RNG.integers(0, 4, 200), axes="set")


def told(result: dd.Result) -> dict[str, Any]:
    evidence = result.certificate.correct.evidence
    assert evidence is not None and evidence.noise is not None
    return dict(evidence.noise)


def test_the_cell_that_disagrees_is_named(tmp_path: Path) -> None:
    y = rule30(CELLS)
    y[3, 5] ^= 1
    result = dd.distill(Problem.from_arrays(CELLS, y, axes="grid(wrap)"))
    assert result.certificate.ok
    note = result.certificate.correct.note
    assert note.startswith("the rule explains 899 of 900 cells; pair 3, cell 5 disagrees")
    folder = result.save(tmp_path)
    (one,) = json.loads((folder / "disagreeing.json").read_text())
    assert one == {"pair": 3, "place": [5], "label": int(y[3, 5]), "answer": int(1 - y[3, 5])}
    assert told(result)["classes"][int(y[3, 5])]["wrong"] == 1
    assert result.certificate.without_examples().correct.note != note


def test_a_short_rule_that_misses_one_step_is_behind_a_wrong_label() -> None:
    """Of pairs of many lengths the share of the work would be over before draws are searched."""
    rng = np.random.default_rng(2)
    lists = [rng.integers(0, 13, rng.integers(3, 9)).tolist() for _ in range(60)]
    pairs = [(v, [2 * n if n % 2 else n // 2 for n in v]) for v in lists]
    problem = Problem.from_examples(pairs).set_aside(0)
    short = next(pair for pair in problem.given if len(pair.inputs[0]) == 3)
    short.output[1] += 1
    found = fit_sequences(by_sizes(problem, (Axis("sequence"),)), Run().part(400))
    assert found.exact and found.excepted == 1


def test_where_few_wrong_labels_are_gathered_is_a_suspicion_and_no_reason() -> None:
    missed = np.zeros(300, dtype=bool)
    missed[[4, 90, 200]] = True
    read = np.zeros(300, dtype=np.int64)
    read[[4, 90, 200, *range(240, 297)]] = 1
    few = compared(missed, ("how often 16 occurs", read))
    assert not carried_by(few)
    (told,) = suspected(few, "answer")
    assert told.startswith("3 of the 3 answers that disagree lie where how often 16 occurs is 1: ")
    read[40:240] = 1
    assert not list(suspected(compared(missed, ("how often 16 occurs", read)), "answer"))


def test_what_disagrees_where_nothing_else_was_shown_may_be_an_exception() -> None:
    missed = np.zeros(300, dtype=bool)
    missed[7] = True
    near, further = np.arange(300) % 4, np.arange(300) % 3
    read = (("what the rule reads", near), ("cells[2]", further))
    assert not list(suspected(compared(missed, *read), "cell"))
    further[7] = 5
    *_, told = suspected(compared(missed, *read), "cell")
    assert told.startswith(
        "the pattern around the cell that disagrees was never shown with the rule's"
    )
    missed[100] = True
    *_, told = suspected(compared(missed, *read), "cell")
    assert told.startswith(
        "the patterns around 1 of the 2 cells that disagree were never shown with the"
    )
    assert not list(suspected(compared(missed, ("numbers", np.arange(300))), "cell"))
