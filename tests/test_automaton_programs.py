"""Automata as loops: every program of one says what the automaton itself says."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.learn.programs.automata import Automaton
from deepdistill.learn.programs.automaton_programs import automaton_programs
from deepdistill.learn.programs.labelled import LabelledLists, labelled_lists


def answer_of(automaton: Automaton, word: tuple[int, ...]) -> int:
    state = 0
    for symbol in word:
        state = automaton.moves[state][symbol]
    return automaton.answers[state]


def labelled(automaton: Automaton, names: tuple[int, ...], low: int = 0) -> LabelledLists | None:
    """All short words with their answers, in the names of the classes; symbols from ``low`` on."""
    symbols = len(automaton.moves[0])
    words = [w for size in range(5) for w in product(range(symbols), repeat=size)]
    pairs = tuple(
        ExamplePair(([low + x for x in word],), names[answer_of(automaton, word)]) for word in words
    )
    port = Port("word", (Axis("sequence"),), Integers(low, low + symbols - 1))
    answer = Port("answer", (), Integers(min(names), max(names)))
    return labelled_lists(PairProblem("rule", (port,), answer, pairs))


@st.composite
def automata(draw: st.DrawFn) -> Automaton:
    count, symbols = draw(st.integers(2, 5)), draw(st.integers(1, 3))
    state = st.integers(0, count - 1)
    moves = tuple(tuple(draw(state) for _ in range(symbols)) for _ in range(count))
    answers = draw(st.permutations([*range(min(3, count)), *[0] * max(0, count - 3)]))
    return Automaton(moves, tuple(answers) if draw(st.booleans()) else ordered(answers))


def ordered(answers: list[int]) -> tuple[int, ...]:
    """Two answers alone."""
    return tuple(int(answer > 0) for answer in answers)


@given(automata(), st.sampled_from([0, 1]))
def test_programs_say_what_the_automaton_says(automaton: Automaton, low: int) -> None:
    data = labelled(automaton, (3, 4, 7), low)
    if data is None:  # one answer alone
        return
    answers = {name: k for k, name in enumerate(data.classes)}
    if len(answers) <= max(automaton.answers):  # a class that no short word has
        return
    for program in automaton_programs(data, automaton):
        for word, wanted in zip(data.lists, data.answers, strict=True):
            assert evaluate(program, {"word": list(word)}) == wanted


def by_symbol(*ways: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Moves from what each symbol does with every state."""
    return tuple(zip(*ways, strict=True))


@pytest.mark.parametrize(
    ("ways", "answers", "update"),
    [
        (((1, 2, 0), (0, 1, 2)), (0, 1, 1), "(state + 1) % 3"),
        (((1, 2, 3, 3), (0, 0, 0, 0)), (0, 0, 0, 1), "max((state - 1), 0)"),
        (((0, 0, 1, 2), (1, 2, 3, 3)), (0, 1, 1, 1), "min((state + 1), 3)"),
        (((3, 2, 1, 0), (0, 0, 2, 3)), (0, 1, 0, 1), "3 - state"),
    ],
)
def test_the_way_of_a_symbol_is_short(
    ways: tuple[tuple[int, ...], ...], answers: tuple[int, ...], update: str
) -> None:
    data = labelled(Automaton(by_symbol(*ways), answers), (0, 1))
    assert data is not None
    _, told = automaton_programs(data, Automaton(by_symbol(*ways), answers))
    assert update in str(told)
