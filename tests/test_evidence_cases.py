"""Cases in which a result claimed more than its examples bear, or was refused badly."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from strategies import life_network, life_program

import deepdistill as dd
from deepdistill.data.problem import Axis, Integers, Port
from deepdistill.forms.grid.inputs import GridInputs
from deepdistill.forms.grid.readings import table_bits
from deepdistill.verify.evidence import Evidence, explained_by_chance


def test_a_question_about_pictures_that_wrap_around_is_refused_in_a_sentence() -> None:
    x = np.random.default_rng(0).integers(0, 2, (40, 4, 4))
    with pytest.raises(dd.InputError, match="grid.bounded. for each dimension"):
        dd.Problem.from_arrays(x, x.any(axis=(1, 2)), axes="grid(wrap) grid(wrap)")


def test_a_state_that_only_last_steps_reach_is_one_of_which_nothing_is_known() -> None:
    x = np.array(list(product((0, 1), repeat=5)))
    y = np.cumsum(x, axis=1)
    evidence = correct_of(dd.Problem.from_arrays(x, y, axes="sequence"))
    (sentence,) = (s for s in evidence.unknown if "transitions" in s)
    assert "state 5 with input 0" in sentence


@pytest.mark.parametrize("rule", [21, 159])
def test_a_rule_of_three_cells_takes_eight_answers_and_is_not_explained_by_chance(
    rule: int,
) -> None:
    x = np.random.default_rng(rule).integers(0, 2, (4, 20))
    near = 4 * np.roll(x, 1, axis=1) + 2 * x + np.roll(x, -1, axis=1)
    result = dd.distill(dd.Problem.from_arrays(x, rule >> near & 1, axes="grid(wrap)"))
    assert result.certificate.ok


def test_a_table_of_answers_costs_a_bit_a_pattern_and_where_it_reads() -> None:
    port = Port("cells", (Axis("grid", wrap=True),), Integers(0, 1))
    wide = [
        table_bits([port], {"cells": [(k,) for k in range(n)]}, [(0, n - 1)], 2) for n in (3, 5)
    ]
    assert 8 + 3 < wide[0] < 25 and wide[1] > 32 + 5
    assert explained_by_chance([0, 1] * 40, wide[0]) is None
    assert explained_by_chance([0, 1] * 10, wide[1]) is not None


def test_numbers_between_those_shown_that_were_not_are_told() -> None:
    shown = np.setdiff1d(np.arange(31), [4, 13, 14, 30])
    x = np.random.default_rng(1).choice(shown, (300, 5))
    evidence = correct_of(dd.Problem.from_arrays(x, x.sum(axis=1) > 70, axes="set"))
    assert any(s.startswith("3 of the 30 numbers from 0 to 29") for s in evidence.unknown)
    x[:2, 0], x[2, 0] = 4, 30
    (told,) = [
        s
        for s in correct_of(dd.Problem.from_arrays(x, x.sum(axis=1) > 70, axes="set")).unknown
        if "numbers" in s
    ]
    assert told.startswith("4 of the 31 numbers from 0 to 30 were shown never or at most twice")


def test_a_number_whose_few_samples_have_one_answer_may_decide_it() -> None:
    """16 came with no 2, so that it might be what gives 0; three samples are no evidence."""
    rng = np.random.default_rng(7)
    x = rng.integers(0, 16, (300, 6))
    x[:3] = np.where(x[:3] == 2, 5, x[:3])
    x[:3, 0] = 16
    (told,) = [
        s
        for s in correct_of(dd.Problem.from_arrays(x, (x == 2).any(axis=1), axes="set")).unknown
        if "numbers" in s
    ]
    assert told.startswith("1 of the 17 numbers from 0 to 16 was shown with one answer alone, 16 ")


def test_a_loop_tells_the_shortest_inputs_in_a_row_that_were_not_shown() -> None:
    x = np.array([row for row in product((0, 1), repeat=8) if "111" not in "".join(map(str, row))])
    evidence = correct_of(dd.Problem.from_arrays(x, np.cumsum(x, axis=1) % 2, axes="sequence"))
    (sentence,) = (s for s in evidence.unknown if "windows" in s)
    assert sentence.startswith("7 of 8 windows of 3 inputs were shown, input 1, 1, 1 not")


def correct_of(problem: dd.Problem) -> Evidence:
    """What the examples of a problem bear."""
    found = dd.distill(problem).certificate.correct.evidence
    assert found is not None
    return found


def test_what_decides_is_looked_for_where_it_occurs() -> None:
    """Large grids with nothing in them stand before the one that shows the rule."""
    x = np.zeros((3, 80, 80), dtype=np.int64)
    x[2] = np.random.default_rng(0).integers(0, 3, (80, 80)) == 0
    y = np.stack([life_network().run({"cells": grid}) for grid in x])
    problem = dd.Problem.from_arrays(x, y, axes="grid(wrap) grid(wrap)")
    space = GridInputs(problem, life_network(), life_program())
    assert [one.text for one in space.decided] == []
    kept = space.tried(space.known(problem.given))
    assert kept is not None and [one.case["cells"].any() for one in kept] == [True]


def test_of_parts_that_were_not_all_tried_nothing_is_said() -> None:
    x = np.zeros((4, 80, 80), dtype=np.int64)
    for k, grid in enumerate(x):  # each shows what the others do not
        grid[40, 40 : 41 + k] = 1
    y = np.stack([life_network().run({"cells": grid}) for grid in x])
    problem = dd.Problem.from_arrays(x, y, axes="grid(wrap) grid(wrap)")
    space = GridInputs(problem, life_network(), life_program())
    assert space.tried(space.known(problem.given)) is None
    assert not space.decided and not space.gaps
