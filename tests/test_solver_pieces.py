"""Pieces of solvers as modules of the package: they do what the solvers do that hold their text."""

from __future__ import annotations

import itertools
import math
from functools import partial
from random import Random
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from gallery import OUTPUTS
from test_checks import CASES, careful, outcome, places

from deepdistill.forms.clauses.driver import _TEXTS
from deepdistill.ir.program import Program
from deepdistill.ir.types import Port
from deepdistill.target.algorithms.contains import _contains
from deepdistill.target.clauses import files
from deepdistill.target.formula_source import formula_module, row_needs, table_needs
from deepdistill.target.lower import Lowering
from deepdistill.target.solver import arrays, numbers, pairs, rows, shell, tables
from deepdistill.target.source import check_needs, module_layout
from deepdistill.verify.command_line import run_main
from deepdistill.verify.solver import load_solver


def needing(patch: pytest.MonkeyPatch, module: ModuleType, **needs: Any) -> None:
    for name, value in needs.items():
        patch.setattr(module, name, value)


@pytest.mark.parametrize("name", CASES)
def test_arrays_are_checked_as_in_solvers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given, told = CASES[name]
    program = Program("same", (given,), Port("result", given.axes, given.domain), ())
    layout = module_layout(program, Lowering(program), []) | told
    needing(monkeypatch, arrays, **check_needs(layout))
    sizes = tuple(axis.size for axis in given.axes)
    low, high = given.domain.low, given.domain.high
    values = given.symbols or range(low, high + 1)

    def checked(value: Any) -> Any:
        found = arrays._integers("cells", value, sizes, low, high, values)
        return as_lists(found) if layout["may_be_tuples"] else found

    for value in places(given):
        assert outcome(checked, value) == outcome(careful, given, told, value), value


GIVEN: tuple[Any, ...] = (
    [], [0, 3, 9], (1, 2), [True, 2], [1.0, 2.5], [1.0, 2], [10, 2], [-1, 2], [math.nan], [None],
    np.array([1, 2]), np.array([[1, 2], [3, 4]]), [[1], [2, 3]], [[1, 2], [3, 4]], [[]], [[1], 2],
    5, 5.0, "ab", "axb", "", None, [2**70], {"a": 1}, [["a"], ["b"]], ["a", "b"], "b", ["1"],
    [np.int64(4), 2],
)  # fmt: skip


def slowly(name: str, value: Any, low: int, high: int) -> list[int]:
    """The list of integers, number by number."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{name} is {value!r:.40} in place of a list")
    return [pairs._number(name, one, low, high) for one in value]


@pytest.mark.parametrize("empty", [False, True])
def test_inputs_of_any_lengths_are_checked(empty: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either what was given in lists, or a sentence with its name; fast lists as slow ones."""
    needing(monkeypatch, pairs, EMPTY=empty)
    symbols = ("a", "b", 7)
    checks: dict[str, Any] = {
        "number": partial(pairs._number, "it", low=0, high=9),
        "numbers": partial(pairs._numbers, "it", low=0, high=9),
        "picture": partial(pairs._picture, "it", low=0, high=9),
        "letters": partial(pairs._letters, "it", alphabet="abc"),
        "text": partial(pairs._text, "it"),
        "symbol": partial(pairs._symbol, "it", symbols=symbols),
        "symbols": partial(pairs._symbols, "it", symbols=symbols),
        "cells": partial(pairs._cells, "it", symbols=symbols),
    }
    taken: dict[str, list[Any]] = {name: [] for name in checks}
    for name, check in checks.items():
        for value in GIVEN:
            try:
                found = check(value)
            except ValueError as error:
                assert str(error).startswith("it ")
                continue
            same = value.tolist() if hasattr(value, "tolist") else value
            in_parts = isinstance(same, tuple) and name != "symbol"
            assert found == (list(same) if in_parts else same)
            taken[name].append(found)
    for value in GIVEN:
        fast = outcome(partial(pairs._numbers, "it", low=0, high=9), value)
        assert fast == outcome(partial(slowly, "it", low=0, high=9), value)
    assert taken["number"] == [5, 5]
    assert taken["symbol"] == ["b"] and taken["letters"] == ["ab", "", "b"]
    assert len(taken["picture"]) == (4 if empty else 2) and [["a"], ["b"]] in taken["cells"]


def test_a_part_stands_anywhere() -> None:
    assert _contains([0, 1, 2], (1, 2)) and _contains("abc", ("b",)) and _contains([], ())
    assert not _contains([0, 1, 2], (0, 2)) and not _contains([1], (1, 1))


def as_lists(value: Any) -> Any:
    return list(map(as_lists, value)) if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize(
    "several, text, expected",
    [
        (False, "[1, 2]", (0, "3\n", "")),
        (False, "3", (2, "", "no list\n")),
        (False, "[1", (2, "", "the input is not JSON: Expecting ',' delimiter: line 1 column 3")),
        (True, "{}", (0, "0\n", "")),
        (True, "[]", (0, "0\n", "")),
        (True, "[1]", (2, "", "give a list of , or an object with these keys\n")),
    ],
)
def test_shells_answer_json(
    several: bool, text: str, expected: tuple[int, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def solve(*given: Any) -> Any:
        if given and not isinstance(given[0], list):
            raise ValueError("no list")
        return sum(*given) if given else 0

    needing(monkeypatch, shell, SEVERAL=several, solve=solve)
    status, out, err = run_main(shell._main, text)
    assert (status, out, err[: len(expected[2])]) == expected


def test_operations_without_a_name() -> None:
    assert list(map(numbers._sign, (-2.5, 0, 3))) == [-1, 0, 1]
    assert numbers._largest([1.0, 4.0, 4.0]) == 1
    assert numbers._softmax([0.0, math.log(3)]) == pytest.approx([0.25, 0.75])


TABLE: dict[str, Any] = {
    "name": "law", "arguments": "x, y", "summary": "S.", "ranges": [], "gaps": "", "origin": [],
    "usage": [], "title": "'t'", "told": [], "names": ("x", "y"),
    "others": "(TARGET, 'z')", "units": {}, "led": False, "commented": False, "padded": False,
    "encoding": "", "folded": (), "labelled": False, "optional": (), "unseen": (), "numerals": (),
    "missing": ("", "na"), "dates": {},
}  # fmt: skip
CALLS: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
    *(((x, y), {}) for x in ("a", " a", 1, 2.5, "b", None) for y in (2.0, 3, True, "3", 10**400)),
    ((2.0, math.inf), {}),
    (("A", 2.0), {}),
    ((2.0, 9e9), {}),
    ((0.0, 0.0), {}),
    (({"x": "a", "y": "2,5"},), {}),
    (({"x": "1.5", "y": "2_0", "z": 1},), {}),
    (({"X a": "3", "Y": " 1.000,5", "z": 1},), {}),
    (({"x": 1},), {}),
    (({"x": " NA", "y": 3.0},), {}),
    (({"x": 1, "y": math.nan},), {}),
    ((math.nan, 2.0), {}),
    ((), {"x": 1, "y": 2, "z": 3}),
    ((), {"X a": 1, "Y": 2.5}),
    ((), {"x": "a", "y": 2}),
    ((1, 2, 3), {}),
    (({"X a": "1", "x": 1, "day": "2024-03-01T12:00"},), {}),
    (({"X a": "1", "x": 1, "day": "1.3.2024"},), {}),
    ((), {"x": 1, "X a": 1, "day": "2024-03-01"}),
    (({"x": 1, "day": None},), {}),
)
TEXTS = (
    "[1, 2]", '{"x": 2, "y": 4}', "[1]", "3", "[1", "x,y\n2,4\n\n1,3\n", "X a;Y;z\n2;4;1\n",
    "x,y\n", "x\n1\n", "x,y\n1\n", 'x,y\n"1', "x,y\n1,q\n", "", b"\xff",
    'sep=;\n\n# by hand\nx;y\nkg;m\n2;4;\n', '\ufeffy,x,z\rm,kg,\r2,4,\r', '"SEP=\t"\nx\ty\n1\t?\n',
    "# units\n# x,y\n2,4\n3,q\n", "sep=:\nx:y\n2:4:5\n", b"x,y\n1,\xe9\n", "#\n", "x,y\nkg,m\n",
    "x,y\n1,4\n".encode("utf-16"), "x,day\n1,2024-03-01\n2,x\n", "X a,day\n1,2024-03-01\n,\n",
)  # fmt: skip
FILES: tuple[dict[str, Any], ...] = (
    {},
    {"units": {"x": "kg", "y": "m"}},
    {"led": True, "padded": True, "units": {"x": "kg", "y": "m", "z": ""}},
    {"led": True, "commented": True, "encoding": "'latin-1'"},
    {"encoding": "'utf-16'", "folded": ("x",)},
    {"labelled": True},
    {"labelled": True, "optional": ("x",)},
    {"labelled": True, "unseen": ("x",)},
    {"labelled": True, "unseen": ("x",), "numerals": ("x",)},
    {"dates": {"y": ("day", "month")}},
    {"dates": {"y": ("day", "days")}, "optional": ("y",)},
)
OPTIONS = list(
    itertools.product(
        ({}, {"X a": "x", "Y": "y"}),
        ({}, {"x": ("a", 1)}),
        (True, False),
        ({}, {"x": (-9.0, 99.0), "y": (-9.0, 99.0)}),
        ({}, {"y": (",", r"\.")}),
        (False, True),
        FILES,
    )
)


@pytest.mark.parametrize(
    "titles, levels, cells, limits, marks, comma, others", Random(0).sample(OPTIONS, 40)
)
def test_rows_and_tables_are_read_as_in_solvers(
    titles: dict[str, str],
    levels: dict[str, Any],
    cells: bool,
    limits: dict[str, Any],
    marks: dict[str, Any],
    comma: bool,
    others: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not cells and not levels:
        return  # a column is of numbers or of levels
    value = "y / 2" if levels else "x / y"
    if others.get("labelled"):
        value = "'none' if x is None else 'some'"
    body = f"@_guarded\ndef law(x, y):\n    return {value}"
    layout = TABLE | {
        "titles": titles, "levels": levels, "cells": cells, "limits": limits, "marks": marks,
        "comma": comma, "body": body, **others,
        "fast": not levels and not limits and not others.get("optional"),
    }  # fmt: skip
    if levels and not cells:
        layout["levels"] = {"x": ("a", 1), "y": (2.0, 3)}
    module: dict[str, Any] = {"__name__": "law"}
    exec(formula_module(layout), module)
    for piece in (rows, tables):
        names = (
            "NAMES",
            "COLUMNS",
            "DATES",
            "LEVELS",
            "RANGES",
            "MARKS",
            "OTHERS",
            "TARGET",
            "UNITS",
            "ENCODING",
            "FOLDED",
            "OPTIONAL",
            "NUMERALS",
            "UNSEEN",
            "MISSING",
        )
        found = {name: module[name] for name in names if name in module and hasattr(piece, name)}
        needing(monkeypatch, piece, **found)
    needing(monkeypatch, rows, **row_needs(layout))
    guarded = rows._guarded(module["law"].__wrapped__)
    needing(monkeypatch, tables, **table_needs(layout), solve=guarded)
    for given, named in CALLS:
        one, other = (outcome(partial(law, *given, **named)) for law in (guarded, module["law"]))
        assert one == other, (given, named)
    for text in TEXTS:
        assert run_main(tables._main, text) == run_main(module["_main"], text), text
    for paths in (["a", "b"], ["no such file"]):
        assert run_main(tables._main, "", paths) == run_main(module["_main"], "", paths)


def test_files_of_clauses_are_read_as_in_solvers() -> None:
    """The same refusals; where there is an answer, the same cost and status by the plain rule."""
    solve = load_solver((OUTPUTS / "maxsat" / "solver.py").read_bytes(), "maxsat")
    main = solve.__globals__["_main"]  # type: ignore[attr-defined]
    for text in _TEXTS:
        status, out, err = run_main(files._main, text, [])
        expected, other, refusal = run_main(main, text, [])
        assert (status, err) == (expected, refusal), text
        assert out.split("v ")[0] == other.split("v ")[0], text
    for words in (["no such file"], ["a", "b"]):
        assert run_main(files._main, "", words) == run_main(main, "", words)
