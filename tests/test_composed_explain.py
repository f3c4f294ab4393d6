"""Explanations of composed programs: values, named or not, in the order they are computed."""

from __future__ import annotations

from typing import Any

import pytest

from deepdistill.data.problem import InputError
from deepdistill.forms.composed.explain import explained_values
from deepdistill.ir.parse import parse_program
from deepdistill.units.composed import ComposedNetwork

LAST = "last(numbers: sequence of 0..9) -> answer:  of 0..9\n  answer = item(numbers, -1)"
ABC = 'sequence of 0..2 as ("a", "b", "c")'
STEPS = f"""rest(word: {ABC}) -> answer: {ABC}
  steps[] for each letter of word:
    first seen = 0
    seen = (seen + 1)
    nothing
  low = minimum(word)
  answer = [x for x in word if (x != low)]"""


def network(text: str) -> ComposedNetwork:
    return ComposedNetwork(parse_program(text), "hand", ((6,),), ((0,),))


def explained(given: list[Any], at: Any = None, text: str = STEPS) -> Any:
    net = network(text)

    def solve(word: str) -> str:
        return "".join(letter for letter in word if letter != min(word))

    return explained_values(net, net.program, solve, given, at)


def test_named_values_are_told_one_after_another() -> None:
    found = explained(["bacb"])
    assert (found.output, found.value) == ("answer", "bcb")
    steps = [(step.text, step.value, step.detail) for step in found.steps]
    assert steps == [
        ("word", "bacb", ""),
        ("seen after going through word", 4, ""),
        ("low", "a", "min(word)"),
    ]
    assert explained(["bacb"], at=1).value == "c"
    assert explained(["bacb"], at=1).output == "answer[1]"


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ([2, 3], [("sum(numbers)", 5), ("5 < sum(numbers)", False)]),
        ([9, 3], [("sum(numbers)", 12), ("5 < sum(numbers)", True), ("max(numbers)", 9),
                  ("[x for x in numbers if x % 2]", [9, 3]),
                  ("sum(1 for x in numbers if x % 2)", 2),
                  ("max(numbers) - sum(1 for x in numbers if x % 2)", 7)]),
        ([], [("sum(numbers)", 0), ("5 < sum(numbers)", False)]),
    ],
)  # fmt: skip
def test_values_without_a_name_are_told_where_they_are_taken(
    given: list[int], taken: list[tuple[str, Any]]
) -> None:
    odd = "[x for x in numbers if (0 < (x % 2))]"
    net = network(
        "p(numbers: sequence of 0..9) -> result:  of 0..9\n"
        f"  result = ((maximum(numbers) - length({odd})) if (5 < total(numbers)) else 0)"
    )
    solve = lambda a: max(a) - sum(x % 2 for x in a) if sum(a) > 5 else 0  # noqa: E731
    steps = explained_values(net, net.program, solve, [given], None).steps[1:]
    assert [(step.text, step.value) for step in steps] == taken


def test_parts_of_a_text_are_texts() -> None:
    net = network(f"p(word: {ABC}) -> result:  of 0..9\n  result = length(reversed(word))")
    steps = explained_values(net, net.program, len, ["abc"], None).steps
    assert [(step.text, step.value) for step in steps] == [("word", "abc"), ("word[::-1]", "cba")]


def test_places_that_an_answer_has_not() -> None:
    with pytest.raises(InputError, match="has no place 3: it has 3 places"):
        explained(["bacb"], at=3)
    with pytest.raises(InputError, match="a place of the answer has 1 index, so --at takes no 2"):
        explained(["bacb"], at=(1, 0))


def test_a_name_of_a_class_is_one_value() -> None:
    net = network(f'p(word: {ABC}) -> result:  of 0..1 as ("no", "yes")\n  result = 1')
    assert explained_values(net, net.program, lambda _: "yes", ["ab"], None).value == "yes"
    with pytest.raises(InputError, match="the answer is one value: leave out --at"):
        explained_values(net, net.program, lambda _: "yes", ["ab"], 1)


def test_an_explanation_is_of_the_solver() -> None:
    net = network(LAST)
    with pytest.raises(InputError, match="another answer than the solver"):
        explained_values(net, net.program, lambda numbers: numbers[0], [[1, 2]], None)
    assert explained_values(net, net.program, lambda n: n[-1], [[1, 2]], None).value == 2
    with pytest.raises(InputError, match="leave out --at"):
        explained_values(net, net.program, lambda n: n[-1], [[1, 2]], 0)
