"""The input check of solvers: quick, and yet the same as one number after another, looked at."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from effort import tries
from gallery import NAMES, committed
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.data import catalogue
from deepdistill.ir.expr import Read, Size, Var
from deepdistill.ir.program import Fill, Map, Program, Scan
from deepdistill.ir.types import Axis, AxisKind, Integers, Port
from deepdistill.target.dense_source import Architecture, dense_solver
from deepdistill.target.item_source import item_solver
from deepdistill.target.lower import Lowering
from deepdistill.target.scan_source import scan_solver
from deepdistill.target.source import Provenance, module_layout, solver, solver_module
from deepdistill.verify.solver import load_solver

SCAN = {"shapes": False, "may_be_empty": True, "may_be_tuples": True, "narrow": True}


def port(domain: tuple[int, int], *sizes: int | None, symbols: tuple[int, ...] = ()) -> Port:
    axes = tuple(Axis("fixed", size=n) if n else Axis("grid") for n in sizes)
    return Port("cells", axes, Integers(*domain), symbols)


CASES: dict[str, tuple[Port, dict[str, bool]]] = {
    "row of bits": (port((0, 1), None), {}),
    "grid of bits": (port((0, 1), None, None), {}),
    "box of states": (port((0, 2), None, None, None), {}),
    "eight bits": (port((0, 1), 8), {}),
    "picture of bytes": (port((0, 255), 2, 3), {}),
    "rows of three": (port((0, 256), None, 3), {}),
    "numbers": (port((-9999, 9999), None), {}),
    "table of numbers": (port((-9999, 9999), None, None), {}),
    "large numbers": (port((-(2**40), 2**40), None), {}),
    "grid of few": (port((-1, 7), None, None), {}),
    "sequence": (port((0, 1), None), SCAN),
    "sequence of pairs": (port((-9, 9), None, 2), SCAN),
    "pairs of digits": (port((0, 9), None, 2), SCAN),
    "signs": (port((0, 1), None, symbols=(-1, 1)), {}),
    "black and white": (port((0, 1), None, None, symbols=(0, 255)), {}),
    "box of symbols": (port((0, 2), None, 2, 2, symbols=(3, 5, 9)), {}),
}
"""Ports of every kind, and what the template is told of the form."""


@cache
def module(name: str) -> dict[str, Any]:
    """A solver that answers what its check makes of the input."""
    given, told = CASES[name]
    program = Program("same", (given,), Port("result", given.axes, given.domain), ())
    lowering = Lowering(program)
    layout = module_layout(program, lowering, ["return cells"])
    texts = {"summary": "It.", "origin": [], "purpose": "It."}
    values: dict[str, Any] = {}
    exec(solver_module(layout | texts | told), values)
    return values


def careful(port: Port, told: dict[str, bool], value: Any, sizes: Any = None) -> Any:
    """What each argument was made of before there was a quick check: one number after another."""
    low, high, allowed = port.domain.low, port.domain.high, port.symbols
    sizes = tuple(axis.size for axis in port.axes) if sizes is None else sizes
    name, shown = port.name, f"{value!r:.40}"
    if hasattr(value, "tolist"):
        value = value.tolist()
        shown = f"{value!r:.40}"
    if not sizes:
        if not isinstance(value, (int, float)):
            fine = False
        elif allowed:
            fine = value in allowed
        else:
            fine = low <= value <= high and value == int(value)
        if not fine and allowed:
            raise ValueError(f"{name} holds {shown}, not one of {', '.join(map(str, allowed))}")
        if not fine:
            raise ValueError(f"{name} holds {shown}, not an integer from {low} to {high}")
        return allowed.index(value) if allowed else int(value)
    if not isinstance(value, (list, tuple)) or not (value or told.get("may_be_empty")):
        what = "a list" if told.get("may_be_empty") else "a non-empty list"
        raise ValueError(f"{name} holds {shown} in place of {what}")
    if sizes[0] not in (None, len(value)):
        raise ValueError(f"{name} has {len(value)} entries where {sizes[0]} are needed")
    parts = [careful(port, told, part, sizes[1:]) for part in value]
    if sizes[1:] and any(np.shape(part) != np.shape(parts[0]) for part in parts):
        raise ValueError(f"{name} is ragged: its rows differ in length")
    return parts


class Whole(int):
    """An integer of a class of its own."""


class Indexed:
    """As good as an integer for `bytes`, and no integer."""

    def __index__(self) -> int:
        return 0


class Row(list[Any]):
    """A list of a class of its own."""


class Twice:
    """What NumPy would not do: an array of which a list is no list yet."""

    def tolist(self) -> Any:
        return np.array([0, 1])


ODD: tuple[Any, ...] = (
    True, False, 0.0, 1.0, -0.0, 0.5, math.nan, math.inf, 2.0**60, 10**30, -(10**30), 2**63, 256,
    -1, 255, 254.0, None, "", "0", "01", b"", b"01", bytearray(b"01"), (), [], {}, {0: 1}, {0}, [0],
    [[0]], [[[[[0]]]]], (0, 1), range(2), 0j, Fraction(1), Whole(0), Whole(1), Whole(300),
    Indexed(), Row([0, 1]), np.int64(1), np.uint8(1), np.float64(1.0), np.float32(0.5), np.bool_(1),
    np.array(1), np.array([0, 1]), np.array([[0.0, 1.0]]), np.array([]), np.array(["0"]), Twice(),
    memoryview(b"01"), object, int, type,
)  # fmt: skip


def odd(draw: st.DrawFn) -> Any:
    value = draw(st.sampled_from((*ODD, 2, 3, 8, 10, 257, 10000, -10000, "generator")))
    return iter([0, 1]) if isinstance(value, str) and value == "generator" else value


def valid(draw: st.DrawFn, port: Port, sizes: tuple[int, ...]) -> Any:
    """Nested lists as they should be, some of them tuples, some of the numbers as good as int."""
    if not sizes:
        number = draw(st.sampled_from((port.written[0], port.written[-1], port.written[-1])))
        kind = draw(st.sampled_from((int,) * 20 + (float, np.int64, Whole)))
        return kind(number)
    parts = [valid(draw, port, sizes[1:]) for _ in range(sizes[0])]
    return draw(st.sampled_from((list,) * 8 + (tuple, Row, np.array)))(parts)


def spoilt(draw: st.DrawFn, value: Any) -> Any:
    """The same with something changed somewhere, which may be wrong or not."""
    if not isinstance(value, (list, tuple)) or not value or draw(st.integers(0, 5)) == 0:
        return odd(draw)
    place = draw(st.integers(0, len(value) - 1))
    match draw(st.integers(0, 4)):
        case 0:
            return [*value[:place], *value[place + 1 :]]
        case 1:
            return [*value, value[place]]
        case _:
            return [*value[:place], spoilt(draw, value[place]), *value[place + 1 :]]


@st.composite
def arguments(draw: st.DrawFn, name: str) -> Any:
    given, _ = CASES[name]
    sizes = tuple(axis.size or draw(st.integers(1, 4)) for axis in given.axes)
    value = valid(draw, given, sizes)
    for _ in range(draw(st.integers(0, 2))):
        value = spoilt(draw, value)
    return value


def outcome(call: Any, *rest: Any) -> tuple[str, str]:
    try:
        return "gives", repr(call(*rest))
    except Exception as error:
        return type(error).__name__, str(error)


def checked(name: str, value: Any) -> Any:
    """What a solver makes of its argument; a loop over tuples is as good as one over lists."""
    result = module(name)["solve"](value)
    return as_lists(result) if "may_be_tuples" in CASES[name][1] else result


def as_lists(value: Any) -> Any:
    return list(map(as_lists, value)) if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=tries(400))
@given(data=st.data())
def test_a_quick_check_is_the_careful_one(name: str, data: st.DataObject) -> None:
    value = data.draw(arguments(name))
    solve = module(name)["solve"]
    changed = (
        as_lists if CASES[name][1] else list
    )  # a loop over tuples is as good as one over lists
    got = outcome(lambda: changed(solve(value)))
    assert got == outcome(careful, *CASES[name], value)


@pytest.mark.parametrize("name", CASES)
def test_every_odd_value_at_every_depth(name: str) -> None:
    given, told = CASES[name]
    for value in places(given):
        assert outcome(checked, name, value) == outcome(careful, given, told, value), value


def places(port: Port) -> Iterator[Any]:
    """Arguments with an odd value alone, first and last, as deep as the lists are and deeper."""
    good: Any = port.written[-1]
    for value in (*ODD, good + 1, port.written[0] - 1, [good] * 3):
        for depth in range(len(port.axes) + 2):
            nested = value
            for axis in reversed(port.axes[:depth]):
                row = [nested] * (axis.size or 2)
                nested = row
            yield nested
            if isinstance(nested, list) and nested:
                plain = nested[0] if depth > 1 else good
                yield [*nested[:-1], plain]
                yield [plain, *nested[1:]]


@pytest.mark.parametrize("name", CASES)
def test_what_is_plain_is_not_looked_at_twice(name: str) -> None:
    """A large input of integers takes the quick way: the careful one would fail here."""
    given, _ = CASES[name]
    values = module(name)
    sizes = [axis.size or 3 for axis in given.axes]
    codes = np.arange(math.prod(sizes)).reshape(sizes) % len(given.domain)
    symbols = np.array(given.symbols or range(given.domain.low, given.domain.low + codes.max() + 1))
    for value in (symbols[codes].tolist(), symbols[codes]):
        expected = careful(*CASES[name], value)
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(values, "_converted", None)
            assert values["solve"](value) == expected


# ------------------------------------------------------------------ arguments stay as they are


def lists_in(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield value
        for part in value:
            yield from lists_in(part)


def answers_apart(solve: Any, *given: Any) -> None:
    """Plain lists are not copied, so no answer may hold or change one of them."""
    before = json.dumps(given)
    answer = solve(*given)
    assert json.dumps(given) == before
    assert not {id(part) for one in given for part in lists_in(one)} & {*map(id, lists_in(answer))}


def copying(*kinds: AxisKind) -> tuple[tuple[Port, ...], Port, tuple[str, ...], Read]:
    """Ports, indices and value of a program whose answer is its argument."""
    axes = tuple(Axis(kind) for kind in kinds)
    index = ("i", "j")[: len(axes)]
    cells = Port("cells", axes, Integers(0, 9))
    return (cells,), replace(cells, name="result"), index, Read("cells", tuple(map(Var, index)))


def copies() -> Iterator[tuple[str, str]]:
    """Solvers, one of each form, whose answer is a copy of the argument."""
    origin = Provenance("nothing")
    kinds: tuple[AxisKind, ...]
    for kinds in (("grid",), ("grid", "grid")):
        ports, out, index, value = copying(*kinds)
        statement = Map("result", "cells", index, (), value)
        yield " ".join(kinds), solver(Program("copy", ports, out, (statement,)), origin)
    for kinds in (("set",), ("set", "set")):
        ports, out, index, value = copying(*kinds)
        sizes = tuple(Size("cells", k) for k in range(len(kinds)))
        fill = Fill("result", index, sizes, value)
        yield " ".join(kinds), item_solver(Program("copy", ports, out, (fill,)), origin)
    ports, out, index, value = copying("set")
    fill = Fill("result", index, (Size("cells", 0),), value)
    built = Architecture((3,), "linear", ((3,),), (1,))
    yield "dense", dense_solver(Program("copy", ports, out, (fill,)), origin, built)
    ports, out, _, _ = copying("sequence")
    scan = Scan("result", "cells", ("a",), (), (), (Var("a"),))
    yield "sequence", scan_solver(Program("copy", ports, out, (scan,)), origin)


@pytest.mark.parametrize("form, source", [*copies()], ids=lambda text: text.split('"""')[0])
def test_an_argument_that_is_the_answer_is_copied(form: str, source: str) -> None:
    solve = load_solver(source.encode(), "copy")
    given: Any = [[1, 2, 3], [4, 5, 6]] if " " in form else [1, 2, 3]
    assert solve(given) == given
    answers_apart(solve, given)


ARRAYS = [name for name in NAMES if catalogue.find_law(name) is None and name != "maxsat"]


@pytest.mark.parametrize("name", ARRAYS)
def test_no_solver_of_the_gallery_answers_with_its_argument(name: str) -> None:
    problem = catalogue.find(name)
    rng = np.random.default_rng(0)
    for shape in problem.training_shapes[:2]:
        given = problem.draw(rng, shape)
        while problem.promise is not None and not problem.promise(*given):
            given = problem.draw(rng, shape)
        answers_apart(committed(name), *(array.tolist() for array in given))
