"""Sequences from a user's arrays: what is refused, and what cannot be learned."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.cli import main
from deepdistill.forms import form_of_task
from deepdistill.forms.files import network_bytes
from deepdistill.forms.sequence.inputs import SequenceInputs, exact
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.recheck import verify_folder
from deepdistill.verify.judge import judge

RNG = np.random.default_rng(0)
X = RNG.integers(0, 2, (300, 10))
PARITY = np.cumsum(X, axis=1) % 2


def problem(x: Any = X, y: Any = PARITY, **more: Any) -> dd.Problem:
    return dd.Problem.from_arrays(x, y, axes="sequence", **more)


def replaced(array: np.ndarray, place: tuple[int, ...], value: int) -> np.ndarray:
    changed = array.copy()
    changed[place] = value
    return changed


# What is refused


def paired() -> tuple[np.ndarray, np.ndarray]:
    """Sample 1 is sample 0 again, with another answer at step 4."""
    x = X[:15].copy()
    x[1] = x[0]
    y = np.cumsum(x, axis=1) % 2
    return x, replaced(y, (1, 4), 1 - y[1, 4])


def forked() -> tuple[np.ndarray, np.ndarray]:
    """Samples 0 and 1 differ from step 5 on only, their answers at step 3."""
    x = RNG.integers(0, 10**6, (15, 10))
    x[1, :5] = x[0, :5]
    y = np.cumsum(x, axis=1)
    return x, replaced(y, (1, 3), 7)


@pytest.mark.parametrize(
    ("x", "y", "sentence"),
    [
        ([[0, 1, 1], [0, 1]], [[0, 1, 1], [0, 1]], "unequal lengths .2 and 3.: padding must be"),
        (X, PARITY[:, :9], "10 steps but those of y 9"),
        (X, PARITY[:200], "300 sequences but y 200"),
        (X + 0.5, PARITY, "not integers"),
        (X, PARITY / 2, "not integers"),
        (X * np.nan, PARITY, "NaN"),
        (X[:1], PARITY[:1], "one sequence is not enough"),
        (X[0], PARITY[0], "have the shape .samples, length."),
        (X[:, :0], PARITY[:, :0], "empty"),
        (X * 2**40, PARITY, "beyond 2.31"),
        ([[[0, 1], [1, 1]], [[0, 1], [1]]], [[0, 1], [1, 0]], "numbers of channels .1 and 2."),
        ([[0, 1], [1, "a"]], [[0, 1], [1, 0]], "integers"),
        ({"x": X}, PARITY, "one input"),
        (*paired(), "samples 0 and 1 have the same input up to step 4"),
        (*forked(), "samples 0 and 1 have the same input up to step 3"),
    ],
)
def test_unusable_sequences_are_refused_in_a_sentence(x: Any, y: Any, sentence: str) -> None:
    with pytest.raises(dd.InputError, match=sentence) as caught:
        problem(x, y)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("axes", "sentence"),
    [
        ("sequence sequence", "do not fit"),
        ("sequence fixed", "do not fit"),
        ("sequences", "cannot read"),
    ],
)
def test_unusable_axes_are_refused(axes: str, sentence: str) -> None:
    with pytest.raises(dd.InputError, match=sentence):
        dd.Problem.from_arrays(X, PARITY, axes=axes)


def test_channels_are_a_fixed_axis() -> None:
    x = RNG.integers(-5, 70, (30, 8, 3))
    y = np.cumsum(x[:, :, 0], axis=1)
    for axes in ("sequence", "sequence fixed", "sequence fixed(3)"):
        given = dd.Problem.from_arrays(x, y, axes=axes)
        domain = Integers(int(x.min()), int(x.max()))
        assert given.inputs == (Port("numbers", (Axis("sequence"), Axis("fixed", size=3)), domain),)
        assert given.output.axes == (Axis("sequence"),)
        assert form_of_task(given).name == "sequence"
        assert given.check_shapes == ((80, 3), (800, 3))
    with pytest.raises(dd.InputError, match="another size"):
        dd.Problem.from_arrays(x, y, axes="sequence fixed(2)")


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> int:
        with pytest.raises(SystemExit) as caught:
            main(list(arguments))
        return int(caught.value.code or 0)

    pairs, out = tmp_path / "pairs.npz", str(tmp_path / "out")
    order = ("distill", "--data", str(pairs), "--axes", "sequence", "--out", out)
    np.savez(pairs, x=X, y=PARITY)
    assert run(*order, "--name", "odd_so_far") == 0
    assert run("verify", str(tmp_path / "out" / "odd_so_far"), "--size", "2000") == 0
    np.savez(pairs, x=X[:60], y=RNG.integers(0, 2, (60, 10)))
    assert run(*order, "--name", "random_bits") == 1
    assert "known steps" in capsys.readouterr().out
    np.savez(pairs, x=paired()[0], y=paired()[1])
    assert run(*order) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


# What cannot be learned


def test_random_labels_fail_and_the_rate_is_said() -> None:
    labels = RNG.integers(0, 2, X.shape)
    result = dd.distill(problem(y=labels))
    claim = result.certificate.correct
    assert claim.status == "failed"
    wrong = sum(
        int((np.array(result.solve(x.tolist())) != y).sum()) for x, y in zip(X, labels, strict=True)
    )
    assert f"wrong at {wrong:,} of 3,000 known steps" in claim.note
    assert claim.counterexample is not None
    assert len(claim.counterexample["inputs"]["numbers"]) == 1


@pytest.mark.parametrize("kind", ["bits", "numbers"])
def test_a_rule_is_found_through_noise_in_one_label_of_a_hundred(kind: str) -> None:
    x = RNG.integers(0, 2 if kind == "bits" else 100, (600, 10))
    clean = np.cumsum(x, axis=1) % 2 if kind == "bits" else np.cumsum(x, axis=1)
    noisy = RNG.random(x.shape) < 0.01
    claim = dd.distill(problem(x, np.where(noisy, clean + 1, clean))).certificate.correct
    assert claim.status == "evidence" and claim.evidence is not None
    noise = claim.evidence.noise
    assert noise is not None and noise["wrong"] == noisy.sum() and noise["looks"] == "random"
    assert f"explains {6000 - noisy.sum():,} of 6,000 steps" in claim.note


def twelve_back(numbers: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros(12, dtype=np.int64), numbers])[: len(numbers)]


def test_what_lies_twelve_back_is_not_seen_in_ten_steps() -> None:
    silent = dd.distill(problem(y=np.zeros_like(X))).certificate.correct
    assert silent.status == "failed"
    assert "all 300 known answers are the same, and show no rule" in silent.note
    stream = RNG.integers(0, 2, (300, 22))
    unseen = dd.distill(problem(stream[:, 12:], stream[:, :10])).certificate.correct
    assert unseen.status == "failed"
    assert unseen.counterexample is not None


def test_a_rule_that_shows_later_than_the_data_is_refuted_by_the_oracle() -> None:
    late = replace(
        problem(y=X),
        given=(),
        training_count=300,
        oracle=lambda numbers: numbers ^ twelve_back(numbers),
    )
    certificate = dd.distill(late).certificate
    assert certificate.faithful.ok and certificate.scalable.ok
    assert certificate.correct.status == "failed"
    assert certificate.correct.counterexample is not None
    assert len(certificate.correct.counterexample["inputs"]["numbers"]) == 13


def test_without_an_oracle_the_certificate_says_what_was_shown() -> None:
    claim = dd.distill(problem()).certificate.correct
    assert claim.status == "evidence"
    assert claim.evidence is not None
    assert "sequences of 10 steps alone were shown" in " ".join(claim.evidence.unknown)


# The judge


def test_a_wrong_solver_is_found_with_the_shortest_counterexample() -> None:
    result = dd.distill(problem())
    given = replace(problem(), oracle=lambda numbers: np.cumsum(numbers) % 2)

    def late(numbers: list[int]) -> list[int]:
        """Wrong from the seventh one on."""
        totals = np.cumsum(numbers).tolist()
        return [total % 2 if total < 7 else 0 for total in totals]

    found = judge(SequenceInputs(given, result.network, result.program), late)
    for claim in (found.faithful, found.scalable, found.correct):
        assert claim.status == "failed"
        assert claim.counterexample is not None
        assert claim.counterexample["inputs"]["numbers"] == [1] * 7


@pytest.mark.parametrize(
    "solve",
    [
        lambda numbers: [bool(total % 2) for total in np.cumsum(numbers)],
        lambda numbers: np.cumsum(numbers) % 2,
        lambda numbers: (np.cumsum(numbers) % 2).tolist()[:-1],
        lambda numbers: [[total] for total in (np.cumsum(numbers) % 2).tolist()],
        lambda numbers: 1 // 0,
    ],
)
def test_answers_are_lists_of_plain_integers(solve: Any) -> None:
    result = dd.distill(problem(X[:100], PARITY[:100]))
    found = judge(SequenceInputs(result.problem, result.network, examples=5), solve)
    assert not found.faithful.ok
    assert not found.scalable.ok


def test_large_integers_stay_exact() -> None:
    assert exact([2**70, -1]).tolist() == [2**70, -1]
    assert exact([2**63, -1]).tolist() == [2**63, -1]
    assert exact([[1, 2**62], [3, 4]]).tolist() == [[1, 2**62], [3, 4]]
    assert exact([1, 2]).dtype == np.int64
    assert exact([]).shape == (0,)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = dd.distill(problem(), seed=3), dd.distill(problem(), seed=3)
    assert one.files() == two.files()
    plain = BytesIO(network_bytes(one.network)), BytesIO(one.files()["network.npz"])
    network, bound = (dict(np.load(file)) for file in plain)
    del bound["established.json"]
    assert network.keys() == bound.keys()
    assert all(np.array_equal(network[key], bound[key]) for key in network)
    folder = one.save(tmp_path)
    again = verify_folder(folder, size=50)
    assert again.ok and again.scalable.run_sizes[-1] == (50,)
    assert again.correct == one.certificate.correct
