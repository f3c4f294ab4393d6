"""Pairs of any lengths: what their values become, files of them, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.data.pair_files import read_examples

examples = dd.Problem.from_examples


def test_values_become_codes_and_ports() -> None:
    problem = examples([("ab", "ba"), ("", ""), ("bca", "acb")], name="Turned round")
    (port,) = problem.inputs
    assert (problem.name, str(port)) == (
        "turned_round",
        'text: sequence of 0..2 as ("a", "b", "c")',
    )
    assert problem.given[2].inputs == ([1, 2, 0],) and problem.given[2].output == [0, 2, 1]
    assert problem.output.symbols == port.symbols

    classes = examples([("ab", "yes"), ("ba", "no"), ("aab", "yes"), ("b", "no")])
    assert classes.output.symbols == ("no", "yes") and classes.given[0].output == 1
    assert classes.output.axes == () and classes.notes

    truths = examples([("ab", True), ("ba", False)])
    assert truths.output.symbols == (False, True) and truths.given[0].output == 1

    digits = examples([("70", "7"), ("93", "9"), ("9", "9")])  # a digit stands for itself
    assert digits.given[1].inputs == ([9, 3],) and digits.given[1].output == 9
    assert len(digits.inputs[0].symbols) == 10

    several = examples([
        ({"rows": np.eye(2, dtype=int), "by": 2.0}, [True, False]),
        ({"rows": [], "by": np.int64(-3)}, []),
    ])  # fmt: skip
    assert [str(port) for port in several.inputs] == ["rows: grid grid of 0..1", "by:  of -99..99"]
    assert several.given[0].inputs == ([[1, 0], [0, 1]], 2)
    assert several.given[0].output == [1, 0]


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([], "no pairs given"),
        ([([1], 1)], "one pair given"),
        ("abc", "pairs are a str"),
        ([([1], 1), 3], "pairs[1] is int 3: each must be a pair"),
        ([([1], 1), ("a", 1)], "the input is a text in pairs[1] and a list in pairs[0]"),
        ([([1], 1), ([2], "a")], "the output is a text in pairs[1] and a number in pairs[0]"),
        ([([[1, 2], [3]], 1), ([], 1)], "the input of pairs[0] is ragged: its rows have 1 to 2"),
        ([([float("nan")], 1), ([], 1)], "the input of pairs[0] contains NaN"),
        ([([0.5], 1), ([], 1)], "contains 0.5, which is not whole"),
        ([([2**40], 1), ([], 1)], "beyond 2^31"),
        ([([object()], 1), ([], 1)], "holds an object of object"),
        ([([{1}], 1), ([], 1)], "holds an object of set"),
        ([([1], None), ([], 1)], "the output of pairs[0] is missing"),
        ([(["a", "b"], 1), ([], 1)], "is a list of texts: give one text, 'ab'"),
        ([([[[1]]], 1), ([], 1)], "is nested more deeply"),
        ([({"a": 1}, 1), ({"b": 1}, 1)], "have other inputs: 'a'"),
        ([({"a": 1}, 1), (1, 1)], "pairs[0] names its inputs and pairs[1] does not"),
        ([({"a": 1, "A": 1}, 1), ({"a": 2, "A": 1}, 1)], "two ports are called 'a'"),
        ([{"input": 1, "output": 2, "more": 3}, (1, 2)], "pairs[0] has the unknown key 'more'"),
        ([([1], 1), ([1], 2)], "pairs[0] and pairs[1] have the same input and different outputs"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_a_sentence(pairs: Any, said: str) -> None:
    with pytest.raises(dd.InputError) as refused:
        examples(pairs)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_what_is_nested_deeply_is_refused_in_a_sentence() -> None:
    deep: Any = [1]
    for _ in range(20_000):
        deep = [deep]
    fine = ([1], 1)
    for pairs in ([(deep, 1), fine], [([1, deep], 1), fine], [([1], deep), fine], [deep, fine]):
        with pytest.raises(dd.InputError) as refused:
            examples(pairs)
        assert "\n" not in str(refused.value)
    with pytest.raises(dd.InputError, match="the name is nested too deeply"):
        examples([fine, ([2], 2)], name=deep)


def test_axes_are_told_for_each_input() -> None:
    pairs = [([1, 2], 3), ([], 0)]
    assert str(examples(pairs, axes="set").axes[0][0]) == "set"
    for wrong in ("grid(wrap) grid(wrap)", "circle"):
        with pytest.raises(dd.InputError):
            examples(pairs, axes=wrong)
    with pytest.raises(dd.InputError, match="no input"):
        examples(pairs, axes={"other": "set"})
    assert [pair.group for pair in examples([*pairs, ([4], 4)], groups=[*"aab"]).given] == [0, 0, 1]


def test_truths_are_answered_whatever_the_axes_are(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    lists = [rng.integers(0, 2, rng.integers(2, 7)).tolist() for _ in range(60)]
    pairs = [(numbers, sum(numbers) > 1) for numbers in lists]
    result = dd.distill(examples(pairs, axes="set", name="several"))
    assert result.form.name == "set" and result.certificate.ok
    again = dd.load(result.save(tmp_path))
    for solve in (result.solve, again.solve):
        assert solve([1, 0, 1]) is True and solve([0, 1]) is False
    assert result.explain([0, 1]).value is False
    compile(result.test_code, "test_solver", "exec")
    assert '"true" not in' not in result.test_code


def test_files_of_pairs(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"input": [1, 2], "output": 3}\n\n{"input": [], "output": 0}\n')
    assert [pair.output for pair in read_examples(path).given] == [3, 0]
    path.write_text(json.dumps([{"input": "a", "output": 3}, ["b", 4]], indent=1))
    assert read_examples(path).inputs[0].is_text
    path.write_text('{"input": [1], "output": 3}\n{"input": "a", "output": 0}\n')
    with pytest.raises(dd.InputError, match="a text in line 2 of"):
        read_examples(path)
    path.write_text('{"input": [1], "output": 3}\n{"input": \n')
    with pytest.raises(dd.InputError, match="line 2 of .* is not JSON"):
        read_examples(path)

    one, two = {"input": [[1, 0]], "output": [[0, 1]]}, {"input": [[2], [3]], "output": [[2], [3]]}
    path.write_text(json.dumps({"train": [one, two], "test": [one, {"input": [[5]]}]}))
    puzzle = read_examples(path)
    assert len(puzzle.given) == 2 and len(puzzle.reserved[1]) == 1

    ragged = tmp_path / "pairs.npz"
    np.savez(ragged, x_values=[1, 2, 3, 4, 5, 6], x_shapes=[[2, 2], [0, 3], [1, 2]], y=[10, 0, 11])
    assert read_examples(ragged).given[0].inputs == ([[1, 2], [3, 4]],)
    np.savez(ragged, x_values=[1, 2, 3], x_shapes=[2, 2], y=[1, 2])
    with pytest.raises(dd.InputError, match="tells of 4 values, and x_values has 3"):
        read_examples(ragged)


def test_arrays_of_which_no_network_gives_all_answers_get_a_program() -> None:
    x = np.random.default_rng(0).integers(0, 30, (60, 6))
    problem = dd.Problem.from_arrays(x, x[:, 0] * 2 - x[:, -1], axes="set", name="ends")
    result = dd.distill(problem)
    assert result.certificate.ok and result.form.name == "composed"
    assert result.solve([7, 1, 1, 1, 1, 1, 4]) == 10
    (note,) = (one for one in result.notes if "no network of set" in one)
    assert "times whether to go on" in note


@pytest.mark.parametrize("name", [None, 5, b"mine"])
def test_a_name_is_a_text(name: Any) -> None:
    for problem in (
        lambda: examples([([1], 1), ([2], 2)], name=name),
        lambda: dd.Problem.from_arrays(np.eye(4, dtype=int), np.eye(4, dtype=int), "set", name),
    ):
        with pytest.raises(dd.InputError, match=f"^the name is {name!r}: give a text$"):
            problem()


def test_lines_end_where_json_lines_do(tmp_path: Path) -> None:
    """Other characters that part lines of a text may stand in texts as they are."""
    path = tmp_path / "p.jsonl"
    texts = ["a\u2028b", "b\u2029", "\x85a", "ab"]
    pairs = [json.dumps([text, len(text)], ensure_ascii=False) for text in texts]
    for end in ("\n", "\r\n", "\r"):
        path.write_text(end.join(pairs), "utf-8", newline="")
        assert [pair.output for pair in read_examples(path).given] == [3, 2, 2, 2]


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_a_mistake_is_told_with_its_line(tmp_path: Path, wrong: int) -> None:
    path = tmp_path / "p.jsonl"
    lines = ["[[1], 1]", "[[2], 2]", "[[3], 3]"]
    lines[wrong] = lines[wrong][:-1]
    path.write_text("\n".join(lines))
    with pytest.raises(dd.InputError, match=f"^line {wrong + 1} of .* is corrupted"):
        read_examples(path)
    path.write_text("[\n" + ",\n".join(lines) + "\n]")  # one list, and no lines
    with pytest.raises(dd.InputError, match=r"p.jsonl is corrupted") as error:
        read_examples(path)
    assert not str(error.value).startswith("line")
