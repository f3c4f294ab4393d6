"""Given answers beside those of a program: where those that disagree look alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from test_composed_parts import COUNT, network

from deepdistill.forms.composed.disagreeing import compared_answers
from deepdistill.verify.inputs import Known
from deepdistill.verify.noise import BEYOND, carried_by

KEPT = """multiples(numbers: sequence of 0..39) -> kept: sequence of 0..39
  kept = [x for x in numbers if ((x % 3) == 0)]"""
LABELLED = """label(numbers: sequence of 0..9) -> answer: of 0..1 as ("no", "yes")
  answer = (item(numbers, 0) > 2)"""


def test_given_answers_beside_those_of_a_program() -> None:
    ports, output = network(f"{COUNT}1").inputs, network(f"{COUNT}1").output
    words, labels = ["", "a", "ab", "ba"], [0, 1, 2, 2]
    known = [Known({"word": word}, label, None, k) for k, (word, label) in
             enumerate(zip(words, labels, strict=True))]  # fmt: skip
    assert compared_answers(ports, output, known, labels, 3) is None
    found = compared_answers(ports, output, known, [0, 1, 5, 2], 3)
    assert found is not None and found.missed.tolist() == [False, False, True, False]
    assert found.untouched.tolist() == [False, False, False, True]
    (one,) = found.disagreeing
    assert (one.pair, one.label, one.answer) == (2, 2, 5)
    looks = {name: column.tolist() for name, column in found.contexts}
    assert looks["the size of word"] == [0, 1, 2, 2]
    assert looks["the first of word"] == [BEYOND, 0, 0, 1]
    assert looks["the last of word"] == [BEYOND, 0, 1, 0]
    assert looks["the least of word"] == [BEYOND, 0, 0, 0]
    assert looks["the greatest of word"] == [BEYOND, 0, 1, 1]
    assert looks["the sum of word"] == [0, 0, 1, 1]
    assert looks["how many differ of word"] == [0, 1, 2, 2]
    assert looks[f"the program's {output.name}"] == [0, 1, 5, 2]


def test_answers_that_alone_repeat_what_they_should_not_are_no_wrong_labels() -> None:
    """Hardly two answers are the same list, and each says what kind of it is missed."""
    program = network(KEPT)
    ports, output = program.inputs, program.output
    rng = np.random.default_rng(0)
    lists = [rng.integers(0, 40, rng.integers(0, 10)).tolist() for _ in range(150)]
    kept = [[n for n in v if n % 3 == 0] for v in lists]
    known = [
        Known({"numbers": v}, list(dict.fromkeys(one)), None, k)
        for k, (v, one) in enumerate(zip(lists, kept, strict=True))
    ]
    found = compared_answers(ports, output, known, kept, len(known))
    assert found is not None
    assert 3 <= len(found.disagreeing) <= 15
    assert carried_by(found) == "how many repeat others of the program's kept is 1"
    # of as many that are drawn by chance no look says anything
    drawn = rng.permutation(len(known))[: len(found.disagreeing)]
    labels = [[1, 2] if k in drawn else one for k, one in enumerate(kept)]
    others = [replace(one, answer=labels[k]) for k, one in enumerate(known)]
    chance = compared_answers(ports, output, others, kept, len(known))
    assert chance is not None and len(chance.disagreeing) == len(drawn) and not carried_by(chance)


@pytest.mark.parametrize("refusal", ["no answer", "raised IndexError: list index out of range"])
def test_a_program_may_have_no_answer_where_others_are_given(refusal: str) -> None:
    for made in (KEPT, f"{COUNT}1", LABELLED):
        ports, output = network(made).inputs, network(made).output
        (port,) = ports
        value = "ab" if port.is_text else [3, 4]
        label: Any = [3] if output.axes else output.symbols[0] if output.symbols else 2
        known = [Known({port.name: value}, label, None, k) for k in range(3)]
        found = compared_answers(ports, output, known, [label, refusal, label], 3)
        assert found is not None and found.missed.tolist() == [False, True, False]
        assert isinstance(carried_by(found), str)


def test_answers_may_be_larger_than_any_array_holds() -> None:
    ports, output = network(KEPT).inputs, network(KEPT).output
    known = [Known({"numbers": [3]}, [3], None, k) for k in range(3)]
    found = compared_answers(ports, output, known, [[3], [10**30], [3, -(10**30)]], 3)
    assert found is not None and found.missed.tolist() == [False, True, True]
