"""Numbers that are told of lists: each is what its expression, or the loop it carries, computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.data.running import Run
from deepdistill.ir.compiled import compiled
from deepdistill.ir.expr import Call, Const, Var
from deepdistill.ir.program import Program
from deepdistill.ir.spec import check
from deepdistill.ir.text import expr_text
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.learn.programs.features import LoopBits, features
from deepdistill.learn.programs.labelled import LabelledLists, labelled_lists
from deepdistill.learn.programs.registers import (
    CarriedRegister,
    Trace,
    as_loop,
    in_order,
    reads_last,
    renamed,
    traces,
    trackers,
)

ANSWER = Port("answer", (), Integers(-99, 99))


def labelled(port: Port, lists: Sequence[list[int]]) -> LabelledLists:
    given = tuple(ExamplePair((one,), sum(one) % 2) for one in lists)
    data = labelled_lists(PairProblem("p", (port,), ANSWER, given))
    assert data is not None
    return data


def letters(count: int) -> LabelledLists:
    rng = np.random.default_rng(count)
    port = Port("word", (Axis("sequence"),), Integers(0, count - 1), tuple("abcdefgh"[:count]))
    lists = [[], [0], [1, 1], [0, 1, 0], *(rng.integers(0, count, (6, 5)).tolist())]
    return labelled(port, [*lists, [0, 0, 1], [1, 0, 1, 1, 0, 0, 1]])


def numbers(low: int, high: int, empty: bool = True) -> LabelledLists:
    rng = np.random.default_rng(high)
    lists = [rng.integers(low, high + 1, n).tolist() for n in (1, 2, 3, 4, 5, 6, 3, 4)]
    port = Port("numbers", (Axis("sequence"),), Integers(low, high))
    return labelled(port, [*lists, *([[]] if empty else [])])


def means(data: LabelledLists, expr: Any, registers: Sequence[CarriedRegister]) -> list[int]:
    """The answers of a program whose answer is that expression."""
    loops, names = [], {}
    if registers:
        loop, names = as_loop(data, registers)
        loops.append(loop)
    made = data.program(loops, renamed(expr, names))
    run = compiled(made)
    return [int(run({data.port.name: list(one)})) for one in data.lists]


@pytest.mark.parametrize(
    "data, every",
    [(letters(2), 7), (letters(3), 23), (numbers(0, 9), 11), (numbers(-9, 9), 11)],
    ids=["two letters", "three letters", "digits", "signed numbers"],
)
def test_a_trace_is_what_its_loop_carries(data: LabelledLists, every: int) -> None:
    found = list(traces(data))
    assert len({trace.register.key for trace in found}) == len(found)
    words = set()
    for trace in found[::every]:
        words.add(trace.register.word)
        value = trace.register.value
        assert means(data, value, [trace.register]) == trace.final.tolist(), trace.register
        for tracker in list(trackers(data, trace))[:: 2 if trace.register.start else 1]:
            own = tracker.register
            assert own.chain == (trace.register, own)
            assert means(data, own.value, [own]) == tracker.final.tolist(), own
    assert words >= {"run", "count", "depth"}


def trace_of(data: LabelledLists, update: str) -> Trace:
    """The one of an update that starts at 0."""
    own = [one for one in traces(data) if expr_text(one.register.update) == update]
    return own[0]


def test_registers_by_hand() -> None:
    data = letters(2)
    count = trace_of(data, "((own + 1) if (x == 0) else own)").register
    assert count.word == "count" and not reads_last(count)
    assert count.value == Var("register " + count.key)
    at = trace_of(data, "((own + 1) if (x == 0) else own)").at
    assert at[:, data.lists.index((0, 1, 0))].tolist()[:5] == [0, 1, 1, 2, 2]  # over, it stays
    most, least, *often = trackers(data, Trace(count, at))
    place = data.lists.index((0, 1, 0))
    assert (most.register.word, least.register.word) == ("most", "least")
    assert (most.final[place], least.final[place]) == (2, 0)
    assert [one.final[place] for one in often] == [0, 2, 1]  # after a step: 1, 1, 2
    assert in_order([most.register, count]) == [count, most.register]
    loop, names = as_loop(data, [most.register])
    assert [let.name for let in loop.state] == ["count", "most"] == [v.name for v in names.values()]


def test_the_element_before_the_first_is_none() -> None:
    data = letters(2)
    rises = trace_of(data, "((own + 1) if (x > last) else own)")
    assert reads_last(rises.register)
    loop, _ = as_loop(data, [rises.register])
    assert [(let.name, let.value) for let in loop.state][-1] == ("last", Const(-1))
    assert loop.body[-1].name == "last"
    assert rises.final[data.lists.index((0,))] == 1  # 0 is above what stands before the first


@pytest.mark.parametrize(
    "data, every",
    [(letters(2), 5), (letters(3), 19), (numbers(0, 9, empty=False), 9), (numbers(-9, 9), 9)],
    ids=["two letters", "three letters", "digits", "signed numbers"],
)
def test_a_feature_is_what_its_expression_says(data: LabelledLists, every: int) -> None:
    found = features(data, Run())
    loop = LoopBits(data)
    plain = [one for one in found if not one.registers]
    carried = [one for one in found if one.registers]
    assert plain and carried
    for one in (*plain, *carried[::every]):
        assert means(data, one.expr, list(one.registers)) == one.column.tolist(), one.expr
    total = [one.bits + loop(one.registers) for one in found]
    assert total == sorted(total) and loop.least > loop.empty > 0 == loop(())
    assert len({(one.column.tobytes(), bool(one.registers)) for one in found}) == len(found)
    assert features(data, Run(), carried=False)[0].expr == plain[0].expr


def test_ends_and_patterns_that_all_lists_of_an_answer_have() -> None:
    port = Port("word", (Axis("sequence"),), Integers(0, 2), tuple("abc"))
    lists = [[2, 0, 1, 1], [2, 0, 2, 1, 1], [0, 1, 1], [0, 2, 1], [2, 1], [2, 0, 1], [1, 2, 0]]
    lists += [[2, 0, 0, 0], [0, 1, 2, 1], [2, 0, 0]]
    labels = [1, 1, 0, 0, 0, 0, 0, 1, 0, 0]
    given = tuple(ExamplePair((one,), k) for one, k in zip(lists, labels, strict=True))
    data = labelled_lists(PairProblem("p", (port,), ANSWER, given))
    assert data is not None
    texts = {expr_text(one.expr): one for one in features(data, Run(), carried=False)}
    begins = texts["same(prefix(word, 2), list(2, 0))"]
    assert begins.column.tolist() == [1, 1, 0, 0, 0, 1, 0, 1, 0, 1] and begins.truth
    program = Program("p", (port,), ANSWER, data.program((), Call("int", (begins.expr,))).body)
    check(program, "composed")
    assert [compiled(program)({"word": one}) for one in lists] == begins.column.tolist()
