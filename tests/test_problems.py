"""Built-in problems against hand-written solvers; what users' own arrays are refused for."""

from __future__ import annotations

import builtins
import keyword
import re
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from references import REFERENCES
from sequence_references import REFERENCES as SEQUENCES
from shape_references import RANKING, SHAPES

from deepdistill.data import catalogue
from deepdistill.data.problem import Axis, Examples, InputError, Integers, Problem
from deepdistill.ir.names import identifier, is_plain

ELEMENTARY = tuple(f"eca_{number}" for number in range(256))
LINE = np.arange(2 * 5).reshape(2, 5) % 2
PLANE = np.arange(3 * 4 * 5).reshape(3, 4, 5) % 3


def inputs_of(problem: Problem) -> st.SearchStrategy[tuple[np.ndarray[Any, Any], ...]]:
    """Arrays for every input port: sizes from 1 upwards, values uniform over the domain."""
    grids = []
    for port in problem.inputs:
        axes = len(port.axes)
        shapes = array_shapes(min_dims=axes, max_dims=axes, max_side=7)
        sizes = st.just(tuple(axis.size or 0 for axis in port.axes)) if port.is_fixed else shapes
        values = st.integers(port.domain.low, port.domain.high)
        grids.append(arrays(np.int64, sizes, elements=values))
    return st.tuples(*grids)


def agrees(problem: Problem, inputs: tuple[np.ndarray[Any, Any], ...]) -> None:
    assert problem.oracle is not None
    answer = REFERENCES[problem.name](*(array.tolist() for array in inputs))
    assert answer == problem.oracle(*inputs).tolist()


# Built-in problems


def test_every_built_in_problem_has_a_reference() -> None:
    driven = {name for name in catalogue.names() if catalogue.find(name).driver}
    references = {*REFERENCES, *RANKING, *SHAPES, *SEQUENCES}
    assert references == set(catalogue.names()) - driven


@pytest.mark.parametrize("name", REFERENCES)
@given(data=st.data())
@settings(max_examples=tries(60), deadline=None)
def test_reference_and_oracle_agree(name: str, data: st.DataObject) -> None:
    problem = catalogue.find(name)
    agrees(problem, data.draw(inputs_of(problem)))


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_reference_and_oracle_agree_where_a_cell_is_its_own_neighbor(name: str, size: int) -> None:
    problem = catalogue.find(name)
    rng = np.random.default_rng(size)
    shape = (size, size + 1)[: len(problem.inputs[0].axes)] if size > 1 else (1, 1)
    for _ in range(50):
        agrees(problem, problem.draw(rng, shape[: len(problem.inputs[0].axes)]))


@pytest.mark.parametrize("name", REFERENCES)
def test_examples_fit_their_ports(name: str) -> None:
    problem = catalogue.find(name)
    assert problem.name == name
    assert problem.summary.endswith(".")
    training, held_out = problem.examples(seed=0)
    drawn = sum(map(len, training)) + sum(map(len, held_out))
    assert drawn == problem.training_count <= 400
    for examples in (*training, *held_out):
        assert examples.inputs[0].shape == examples.output.shape
        assert all(size <= 20 for size in examples.output.shape[1:])
        for port, values in zip(
            (*problem.inputs, problem.output), (*examples.inputs, examples.output), strict=True
        ):
            assert values.ndim == len(port.axes) + 1
            assert set(np.unique(values)) == set(port.domain.values)


@pytest.mark.parametrize("name", REFERENCES)
def test_training_grids_show_what_decides(name: str) -> None:
    """Every pattern of a binary neighbourhood, every number of neighbours in each other state."""
    problem = catalogue.find(name)
    for seed in range(3):
        cells = problem.examples(seed)[0][0].inputs[0]
        if not problem.inputs[0].axes[0].wrap:
            cells = np.pad(cells, ((0, 0), (1, 1), (1, 1)))
        if cells.ndim == 2:
            shifted = [np.roll(cells, -d, axis=1) for d in range(-2, 3)]
        else:
            shifted = [np.roll(cells, (-i, -j), (1, 2)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        if len(problem.inputs[0].domain) == 2:
            patterns = sum(values << k for k, values in enumerate(shifted))
            # one or two of the 512 patterns may be missed, no number of neighbours may
            assert len(np.unique(patterns)) >= 2 ** len(shifted) - 2
        center = shifted[len(shifted) // 2]
        ones = sum((values == 1).astype(int) for values in shifted) - (center == 1)
        for state in problem.inputs[0].domain.values:
            assert set(np.unique(ones[center == state])) >= set(range(len(shifted) - 1))


def signature(examples: tuple[tuple[Examples, ...], ...]) -> list[bytes]:
    return [
        array.tobytes()
        for half in examples
        for group in half
        for array in (*group.inputs, group.output)
    ]


@given(
    name=st.sampled_from((*catalogue.names(), *ELEMENTARY)),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=tries(25), deadline=None)
def test_a_seed_fixes_the_examples(name: str, seed: int) -> None:
    problem = catalogue.find(name)
    first = signature(problem.examples(seed))
    assert first == signature(catalogue.find(name).examples(seed))
    if problem.hold_out:
        assert first != signature(problem.examples(seed + 1))


def test_held_out_examples_are_not_trained_on() -> None:
    cells = np.arange(12)[:, None] + np.zeros(4, dtype=int)
    ((training,), (held_out,)) = Problem.from_arrays(cells, cells, "grid(wrap)").examples(seed=5)
    assert len(held_out) == 3
    assert sorted([*training.output[:, 0], *held_out.output[:, 0]]) == list(range(12))


# Names of built-in problems


@pytest.mark.parametrize("number", range(256))
def test_elementary_rules_follow_their_number(number: int) -> None:
    patterns = np.array([[k >> 2 & 1, k >> 1 & 1, k & 1] for k in range(8)])
    for name in (f"eca_{number}", f"rule{number}"):
        oracle = catalogue.find(name).oracle
        assert oracle is not None
        assert sum(int(oracle(row)[1]) << k for k, row in enumerate(patterns)) == number


@given(
    cells=arrays(np.int64, st.integers(1, 30), elements=st.integers(0, 1)),
    number=st.integers(0, 255),
)
def test_the_universal_rule_plays_every_elementary_rule(
    cells: np.ndarray[Any, Any], number: int
) -> None:
    universal, elementary = (catalogue.find(n).oracle for n in ("eca_universal", f"eca_{number}"))
    assert universal is not None and elementary is not None
    rule = np.array([number >> k & 1 for k in range(8)])
    assert universal(cells, rule).tolist() == elementary(cells).tolist()


@pytest.mark.parametrize(
    ("nickname", "rule_string"),
    [
        ("life", "life_b3s23"),
        ("highlife", "life_b36s23"),
        ("seeds", "life_b2s"),
        ("day_and_night", "life_b3678s34678"),
        ("life_bounded", "life_bounded_b3s23"),
    ],
)
def test_rule_strings_name_the_same_rules(nickname: str, rule_string: str) -> None:
    named, spelled = catalogue.find(nickname), catalogue.find(rule_string)
    assert spelled.name == rule_string
    assert (spelled.inputs, spelled.summary) == (named.inputs, named.summary)
    assert signature(spelled.examples(1)) == signature(named.examples(1))


def test_a_glider_moves_through_the_wrap_and_dies_at_the_border() -> None:
    glider = np.zeros((6, 6), dtype=np.int64)
    glider[[0, 1, 2, 2, 2], [1, 2, 0, 1, 2]] = 1
    ends = {}
    for name in ("life", "life_bounded"):
        oracle = catalogue.find(name).oracle
        assert oracle is not None
        cells = glider
        for _ in range(24):
            cells = oracle(cells)
        ends[name] = cells
    assert ends["life"].tolist() == glider.tolist()
    assert ends["life_bounded"].tolist() != glider.tolist()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "eca_256",
        "eca_-1",
        "eca_030",
        "rule1000",
        "life_",
        "life_b9s",
        "life_b3",
        "Life",
        "life\n",
    ],
)
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(InputError) as refusal:
        catalogue.find(name)
    assert_one_sentence(refusal.value)


@pytest.mark.parametrize(
    ("misspelled", "meant"),
    [("lief", "life"), ("wirewrld", "wireworld"), ("rule_30", "rule30"), ("seed", "seeds")],
)
def test_unknown_names_are_answered_with_near_ones(misspelled: str, meant: str) -> None:
    with pytest.raises(InputError, match=rf"did you mean .*{meant}"):
        catalogue.find(misspelled)


# Problems from users' arrays


def assert_one_sentence(error: InputError) -> None:
    text = str(error)
    assert "\n" not in text
    assert 20 < len(text) < 200
    assert not text.endswith(".")


def test_from_arrays_accepts_plain_lists_floats_and_bits() -> None:
    x = [[0, 1, 2], [2, 1, 0]]
    problem = Problem.from_arrays(x, np.array(x) / 1.0, "grid(wrap)", name="Mine!")
    assert problem.name == "mine"
    assert problem.inputs[0].domain == problem.output.domain == Integers(0, 2)
    assert problem.inputs[0].axes == (Axis("grid", wrap=True),)
    assert problem.training_shapes == ((3,),)
    bits = Problem.from_arrays(np.array(x) > 0, np.array(x) > 0, "grid(bounded)")
    assert bits.output.domain.is_bits


def test_from_arrays_accepts_several_ports() -> None:
    rule = np.arange(2 * 8).reshape(2, 8) % 2
    x = {"cells": LINE, "rule": rule}
    problem = Problem.from_arrays(x, LINE, {"cells": "grid(wrap)", "rule": "fixed(8)"})
    assert [port.name for port in problem.inputs] == ["cells", "rule"]
    assert problem.inputs[1].axes == (Axis("fixed", size=8),)


MANY = np.arange(40).reshape(8, 5)
REFUSED: dict[str, tuple[Any, Any, Any, str]] = {
    "empty": ([], [], "grid", "x is empty"),
    "empty samples": (np.zeros((3, 0)), np.zeros((3, 0)), "grid", "x is empty"),
    "empty y": (LINE, [], "grid", "y is empty"),
    "ragged": ([[0, 1], [1]], LINE, "grid", "x is ragged"),
    "ragged objects": (np.array([[0], [0, 1]], dtype=object), LINE, "grid", "x is ragged"),
    "ragged y": (LINE, [[0, 1], [1]], "grid", "y is ragged"),
    "one sample": (LINE[:1], LINE[:1], "grid", "one sample is not enough"),
    "a single number": (3, 3, "grid", "1 dimensions but each sample has 0"),
    "too few axes": (PLANE, PLANE, "grid", "name 1 dimensions but each sample has 2"),
    "too many axes": (LINE, LINE, "grid grid", "name 2 dimensions but each sample has 1"),
    "unknown axis": (LINE, LINE, "gird", "cannot read the axis 'gird'"),
    "no axis": (LINE, LINE, " ", "no axes given"),
    "fixed size": (LINE, LINE, "fixed(6)", "another size in the data: 5"),
    "other shape": (LINE, LINE[:, :4], "grid", "y has the shape"),
    "fractions": (LINE / 2, LINE, "grid", "x contains numbers that are not integers"),
    "fractions in y": (LINE, LINE / 2, "grid", "y contains numbers that are not integers"),
    "NaN": (np.where(LINE, np.nan, 0), LINE, "grid", "x contains NaN"),
    "NaN in y": (LINE, np.where(LINE, np.nan, 0), "grid", "y contains NaN"),
    "infinity": (np.where(LINE, np.inf, 0), LINE, "grid", "x contains NaN or infinity"),
    "huge floats": (LINE * 1e12, LINE, "grid", "x contains values beyond"),
    "huge integers": (LINE.astype(np.uint64) + 2**63, LINE, "grid", "x contains values beyond"),
    "many states": (MANY * 100, MANY % 2, "grid", "x ranges from 0 to 3900"),
    "states far from 0": (MANY + 1000, MANY % 2, "grid", "x ranges from 1000 to 1039"),
    "text": ([["a", "b"], ["b", "a"]], LINE, "grid", "x has the type"),
    "complex": (LINE * 1j, LINE, "grid", "x has the type complex128"),
    "missing values": ([[0, None], [1, 0]], LINE, "grid", "not numeric"),
    "contradiction": ([[0, 1], [0, 1]], [[0, 1], [1, 1]], "grid", "samples 0 and 1 have the same"),
    "no ports": ({}, LINE, {}, "no inputs"),
    "other ports": ({"a": LINE}, LINE, {"b": "grid"}, "name different ports"),
    "same port twice": ({"a b": LINE, "a_b": LINE}, LINE, "grid", "two ports are called 'a_b'"),
    "port called result": ({"result": LINE}, LINE, "grid", "two ports are called 'result'"),
    "other number of samples": (
        {"cells": LINE, "rule": np.zeros((3, 8))},
        LINE,
        {"cells": "grid", "rule": "fixed(8)"},
        "different numbers of samples",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_from_arrays_refuses_with_one_clear_sentence(case: str) -> None:
    x, y, axes, sentence = REFUSED[case]
    with pytest.raises(InputError, match=re.escape(sentence)) as refusal:
        Problem.from_arrays(x, y, axes)
    assert_one_sentence(refusal.value)


def test_contradictions_are_found_over_all_ports_together() -> None:
    x = {"cells": LINE[[0, 0]], "rule": np.eye(2, 8, dtype=int)}
    axes = {"cells": "grid", "rule": "fixed(8)"}
    Problem.from_arrays(x, LINE, axes)  # the rules differ: no contradiction
    with pytest.raises(InputError, match="samples 0 and 1"):
        Problem.from_arrays({**x, "rule": np.zeros((2, 8))}, LINE, axes)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=12,
)


@given(x=json_like, y=json_like)
@settings(max_examples=tries(300), deadline=None)
@example(x=[[2**70]], y=[[1]])
def test_from_arrays_never_fails_otherwise(x: Any, y: Any) -> None:
    try:
        Problem.from_arrays(x, y, "grid")
    except InputError as error:
        assert_one_sentence(error)


# Names from users


@given(st.text() | st.from_regex(r"[\w.'\"\\/;() \n-]{0,80}"))
@settings(max_examples=tries(500), deadline=None)
@example("__import__('os').system('rm -rf /')")
@example("class")
@example("match")
@example("print")
@example("42")
@example("../../etc/passwd")
@example("\u212a")  # the Kelvin sign, whose lower case is an ASCII k
@example("a" * 59 + " b")
@example("9" * 80)
@example("\u0303")  # a tilde that an n before it would take
@example("\U00020000" * 80)  # four bytes each
def test_identifiers_are_safe(text: str) -> None:
    name = identifier(text)
    assert is_plain(name) and len(name) <= 61 and len(name.encode()) <= 181
    if text.isascii():
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,60}", name)
    assert not keyword.iskeyword(name)
    assert not keyword.issoftkeyword(name)
    assert not hasattr(builtins, name)
    assert identifier(name) == name
