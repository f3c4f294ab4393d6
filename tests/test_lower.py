"""Programs of every statement and node that the spec allows, lowered to Python and run.

The evaluator says what a program means; nothing that the spec allows is refused.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from effort import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import all_integers

from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import (
    Const,
    Expr,
    First,
    If,
    Inside,
    NoAnswer,
    Read,
    Size,
    Sum,
    Total,
    Var,
    call,
)
from deepdistill.ir.program import ConstantTable, Fill, Let, Map, Program, Scan, Statement
from deepdistill.ir.spec import check
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.target.body import function_block
from deepdistill.target.lower import Lowering
from deepdistill.target.python import block, built, lines, written

NARROW = Axis("fixed", size=2)
WEIGHTS = ConstantTable("weights", (2, 0, -1))


@cache
@st.composite
def ports(draw: st.DrawFn) -> Port:
    """A list or a grid, bounded or not, of any size or a given one."""
    kinds = (Axis("grid"), Axis("grid", wrap=True), Axis("fixed", size=3), Axis("fixed"))
    axes = draw(
        st.sampled_from([(Axis("set"),), (Axis("sequence"),), (Axis("sequence"), NARROW)])
        | st.tuples(st.sampled_from(kinds))
        | st.tuples(st.sampled_from(kinds), st.sampled_from(kinds))
    )
    domain = draw(st.sampled_from((Integers(0, 1), Integers(-1, 2), Integers(2, 3))))
    return Port(draw(st.sampled_from(("numbers", "cells", "row", "n"))), axes, domain)


class Writer:
    """Draws expressions and statements over what has been bound so far."""

    def __init__(self, draw: st.DrawFn, port: Port) -> None:
        self.draw, self.port = draw, port
        self.scalars: list[str] = []
        self.arrays: dict[str, tuple[Expr, ...]] = {
            port.name: tuple(
                Size(port.name, k) if axis.size is None else Const(axis.size)
                for k, axis in enumerate(port.axes)
            ),
            "weights": (Const(3),),
        }
        self.used = 0

    def one_of(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def name(self, word: str) -> str:
        self.used += 1
        return f"{word}_{self.used}"

    def place(self) -> Expr:
        """A place that may lie outside."""
        base = self.one_of(Const(0), Size(self.port.name), *map(Var, self.scalars))
        step = self.one_of(-2, -1, 0, 1)
        return base if step == 0 else call("add", base, Const(step))

    def read(self, depth: int) -> Expr:
        name = self.one_of(*self.arrays)
        sizes = self.arrays[name]
        if name == self.port.name and self.one_of(True, True, False):
            kind = self.one_of(Read, Read, Read, Inside)
            return kind(name, tuple(self.place() for _ in sizes))
        inside = [call("mod", self.expr(depth - 1), size) for size in sizes]
        return Read(name, tuple(inside))

    def span(self) -> tuple[Expr, Expr]:
        size = self.one_of(*(size for sizes in self.arrays.values() for size in sizes))
        start = self.one_of(Const(0), Const(0), Const(1), *map(Var, self.scalars))
        stops = (size, size, size, call("sub", size, Const(1)), call("add", size, Const(-2)))
        later = (call("add", Var(name), Const(1)) for name in self.scalars)
        return start, self.one_of(*stops, *map(Var, self.scalars), *later)

    def inner(self, name: str, depth: int) -> Expr:
        """An expression in which one more name is bound."""
        self.scalars.append(name)
        body = self.one_of(self.expr, self.expr, self.truth)(depth)
        if self.one_of(True, False) and len(self.port.axes) == 1:
            body = call("int", call("eq", Read(self.port.name, (Var(name),)), body))
        self.scalars.remove(name)
        return body

    def lines(self) -> Expr:
        """How many lines or columns of the input have such an element, or only such ones."""
        names = [self.name(self.one_of("k", "other")) for _ in self.port.axes]
        element: Expr = Read(self.port.name, tuple(map(Var, names)))
        body = call(self.one_of("ne", "eq", "lt"), element, Const(self.one_of(0, 1)))
        spans = list(zip(names, self.arrays[self.port.name], strict=True))
        for name, size in reversed(spans) if self.one_of(True, False) else spans:
            total = Total(name, Const(0), size, call("int", body))
            body = call(*self.one_of(("ge", total, Const(1)), ("eq", total, Const(0))))
        return body

    def total(self, depth: int) -> Expr:
        name = self.name("k")
        start, stop = self.span()
        body = self.inner(name, depth - 1)
        return Total(name, start, stop, body)

    def truth(self, depth: int) -> Expr:
        if depth <= 0:
            return call(self.one_of("eq", "lt", "ne"), self.read(0), Const(self.one_of(0, 1)))
        kinds = ("some", "none", "compare", "both", "lines", *["same"] * bool(self.lists()))
        match self.one_of(*kinds):
            case "lines":
                return self.lines()
            case "some":
                total = self.total(depth)
                return call("ge", self.asked(total), Const(1))
            case "none":
                return call("eq", self.asked(self.total(depth)), Const(0))
            case "compare":
                return call(
                    self.one_of("eq", "lt", "ge", "ne"), self.expr(depth - 1), self.expr(depth - 1)
                )
            case "both":
                op = self.one_of("and", "or")
                return call(op, self.truth(depth - 1), self.truth(depth - 1))
            case _:
                whole = self.whole()
                return call("same", whole, call("reversed", whole))

    def asked(self, total: Expr) -> Expr:
        """The total of a truth, which is never less than 0."""
        assert isinstance(total, Total)
        return Total(total.name, total.start, total.stop, call("ne", total.body, Const(0)))

    def lists(self) -> list[str]:
        return [n for n, sizes in self.arrays.items() if len(sizes) == 1 and n != "weights"]

    def whole(self) -> Expr:
        """A whole list."""
        made = Var(self.one_of(*self.lists()))
        return self.one_of(made, call("sorted", made), call("reversed", call("sorted", made)))

    def expr(self, depth: int) -> Expr:
        if depth <= 0:
            return self.one_of(self.leaf, self.read)(0)
        usual = ("leaf", "read", "call", "call", "if", "sum", "total", "truth")
        match self.one_of(*usual, *["list"] * bool(self.lists())):
            case "leaf":
                return self.leaf(0)
            case "read":
                return self.read(depth)
            case "call":
                op = self.one_of("add", "add", "sub", "mul", "max", "and", "mod")
                second = Const(3) if op == "mod" else self.expr(depth - 1)
                return call(op, self.expr(depth - 1), second)
            case "if":
                return If(self.truth(depth - 1), self.expr(depth - 1), self.expr(depth - 1))
            case "sum":
                name = self.name("d")
                points = self.one_of(((-1,), (0,), (1,)), ((-1,), (1,)), ((0,), (2,)))
                return Sum((name,), points, self.inner(name, depth - 1))
            case "total":
                return self.total(depth)
            case "truth":
                return call("int", self.truth(depth - 1))
            case _:
                op = self.one_of("maximum", "minimum", "distinct")
                return call(op, self.whole())

    def leaf(self, _: int) -> Expr:
        small = Const(self.one_of(-1, 0, 1, 2))
        return self.one_of(small, Size(self.port.name), *map(Var, self.scalars))

    def search(self) -> Expr:
        name = self.name("p")
        start, stop = self.span()
        if self.one_of(True, False):
            start, stop = Const(0), self.arrays[self.port.name][0]
        self.scalars.append(name)
        condition, value = self.truth(1), self.expr(1)
        size = self.arrays[self.port.name][0]
        if len(self.port.axes) == 1 and self.one_of(True, False):  # from the end
            last = call("sub", size, call("add", Var(name), Const(1)))
            start, stop = Const(0), size
            condition = call("eq", Read(self.port.name, (last,)), Const(1))
            value = self.one_of(last, Read(self.port.name, (last,)))
        self.scalars.remove(name)
        return First(name, start, stop, condition, value)

    def statement(self, kind: str, name: str) -> Statement:
        match kind:
            case "let":
                self.scalars.append(name)
                saved = self.scalars.pop()
                value = self.expr(2)
                self.scalars.append(saved)
                return Let(name, value)
            case "first":
                value = self.search()
                self.scalars.append(name)
                return Let(name, value)
            case "map":
                index = tuple(self.name("i") for _ in self.port.axes)
                before = list(self.scalars)
                self.scalars += index
                lets = []
                for _ in range(self.one_of(0, 1, 2)):
                    let = Let(self.name("part"), self.expr(2))
                    self.scalars.append(let.name)
                    lets.append(let)
                made = Map(name, self.port.name, index, tuple(lets), self.expr(2))
                self.scalars = before
                return made
            case "scan":
                return self.scan(name)
            case _:
                return self.fill(kind, name)

    def scan(self, name: str) -> Statement:
        before = list(self.scalars)
        state, element = self.name("s"), tuple(self.name("x") for _ in self.port.axes)
        start = Let(state, Const(self.one_of(0, 1)))
        self.scalars += [state, *element]
        body = [Let(self.name("t"), self.expr(1))]
        self.scalars.append(body[0].name)
        update = self.one_of(
            self.expr(1),
            call("add", Var(state), Var(element[0])),
            If(self.truth(1), Var(state), self.expr(1)),
            call("add", Var(state), If(self.truth(0), Const(1), Const(0))),
        )
        body.append(Let(state, update))
        made = Scan(name, self.port.name, element, (start,), tuple(body), (self.expr(1),))
        self.scalars = before
        return made

    def fill(self, kind: str, name: str) -> Statement:
        """An array of its own sizes, a list of points, or a search for each place."""
        sizes = [self.one_of(*(s for sizes in self.arrays.values() for s in sizes))]
        if kind == "fill" and self.one_of(True, False):
            sizes.append(Const(2))
        index = tuple(self.name("j") for _ in sizes)
        before = list(self.scalars)
        self.scalars += index
        value = self.search() if kind == "searches" else self.expr(2)
        self.scalars = before
        points = ((0,), (2,), (-1,)) if kind == "points" else None
        self.arrays[name] = (Const(3),) if points else tuple(sizes)
        own = tuple(s.value if isinstance(s, Const) else s for s in sizes)
        return Fill(name, index, own, value, points)  # type: ignore[arg-type]


@st.composite
def programs(draw: st.DrawFn) -> tuple[Program, Any]:
    """A program of every kind of statement and an input for it."""
    port = draw(ports())
    writer = Writer(draw, port)
    kinds = ["let", "first", "map", "fill", "points", "searches"]
    kinds += ["scan"] * (len(port.axes) == 1 or port.axes[1] == NARROW)
    count = draw(st.integers(1, 3))
    body = [writer.statement(writer.one_of(*kinds), writer.name("made")) for _ in range(count)]
    output = Port(writer.one_of(body[-1].name, *(s.name for s in body)), (), Integers(0, 1))
    sizes = [draw(st.integers(1, 4)) if axis.size is None else axis.size for axis in port.axes]
    number = st.integers(port.domain.low, port.domain.high)
    array: Any = number
    for size in reversed(sizes):
        array = st.lists(array, min_size=size, max_size=size)
    return Program("mine", (port,), output, tuple(body), (WEIGHTS,)), draw(array)


def answer(program: Program, array: Any) -> Any:
    """What the lowered text computes; None where it says that there is no answer."""
    lowering = Lowering(program)
    body = function_block(program, lowering)
    text = lines(block(f"def mine({program.inputs[0].name}):\n    {{}}", body))
    scope: dict[str, Any] = dict(lowering.constants)
    exec("\n".join(text), scope)
    try:
        return scope["mine"](array)
    except ValueError as error:
        assert str(error).startswith("there is no answer: ")
        return None


@settings(
    derandomize=True,
    deadline=None,
    max_examples=tries(800),
    suppress_health_check=list(HealthCheck),
)
@given(programs())
def test_what_the_spec_allows_is_lowered_to_what_it_means(example: tuple[Program, Any]) -> None:
    program, array = example
    check(program, "printed")
    try:
        expected = evaluate(program, {program.inputs[0].name: array})
    except NoAnswer:
        expected = None
    found = answer(program, array)
    assert found == expected
    assert found is None or all_integers(found)


# The text of trees, the same on every Python

TEXTS = [
    "a and not b and c == d",
    "a or (b and c) or d",
    "(a or b) and c",
    "(a if b else c) and d",
    "a ^ (b & c)",
    "(16 * a + b) % 3",
    "a - (b - c)",
    "-(a + b) * c",
    "(-2) ** a",
    "2 ** (-a)",
    "sum(a for a in b)",
    "sum(a[i] for i, a in enumerate(b) if a)",
    "any(sum(a) for a in b) or max((c for c in d), default=0)",
    "a if b else c if d else e",
    "a[i + 1:][::-1]",
    "a in (2,)",
    "rows, columns = len(a), len(a[0])",
    "a = (1, 2)[b]",
    "for i, a in enumerate(b):\n    a += 1",
    "if a:\n    b\nelif c:\n    d\nelse:\n    pass",
    "return (a and b) + 1",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_written_as_a_person_would(text: str) -> None:
    assert "\n".join(lines(block(text))) == text


def test_parts_are_put_in_with_the_parentheses_they_need() -> None:
    total, choice = built("a + b"), built("a if b else c")
    assert written(built("{} * {}", total, choice)) == "(a + b) * (a if b else c)"
    assert written(built("{}[{}]", built("{} or {}", total, -1), "n")) == "(a + b or -1)[n]"
    assert lines(block("for {} in {}:\n    {}", "i, j", "c", block("a\nb"))) == [
        "for i, j in c:",
        "    a",
        "    b",
    ]


def test_long_sums_and_choices_are_written() -> None:
    """A sum of two thousand terms is a tree two thousand deep."""
    numbers = Port("numbers", (Axis("fixed", size=2000),), Integers(0, 1))
    total = call("add", *(Read("numbers", (Const(k),)) for k in range(2000)))
    chosen: Expr = Const(-1)
    for k in range(200):
        chosen = If(Read("numbers", (Const(k),)), Const(k), chosen)
    for value, expected in ((total, 1999), (chosen, 199)):
        body = (Let("answer", value),)
        program = Program("mine", (numbers,), Port("answer", (), Integers(0, 1)), body)
        assert answer(program, [0, *[1] * 1999]) == expected


def test_a_template_is_the_same_whatever_was_put_into_it_before() -> None:
    for name in ("a", "b"):
        made = block("if {}:\n    {}\ny = 1", built(name), block(f"{name} = 2"))
        assert lines(made) == [f"if {name}:", f"    {name} = 2", "y = 1"]
        made += block("return y")
        made[0].body.append(block("z = 3")[0])  # type: ignore[attr-defined]
    assert lines(block("y = 1")) == ["y = 1"]
