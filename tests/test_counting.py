"""Numbers from one on: in lists that are looked for, in code, in words, and where none divides."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Var
from deepdistill.ir.parse import parse_program
from deepdistill.ir.program import Program
from deepdistill.ir.text import expr_text
from deepdistill.learn.programs.enumeration.elements import counted as counted_below
from deepdistill.learn.programs.enumeration.valued import Valued
from deepdistill.target.body import function_body
from deepdistill.target.counting import counted
from deepdistill.target.failing import failures, least_lengths
from deepdistill.target.pair_words import PairLowering, PairNouns
from deepdistill.target.words import describe

HEAD = "made(n:  of 0..60) -> answer: sequence of 0..3660\n  answer = "
WRITTEN = {
    "[(k + 1) for k in range(n) if ((n % (k + 1)) == 0)]": (
        "[k for k in range(1, n + 1) if n % k == 0]"
    ),
    "[((k + 2) * (k + 2)) for k in range((n - 2))]": "[k * k for k in range(2, n)]",
    "[(k * (k + 1)) for k in range(n)]": "[k * (k + 1) for k in range(n)]",
    "[((k + 1) * (k + 2)) for k in range(n)]": "[(k + 1) * (k + 2) for k in range(n)]",
    "[k for k in range(n)]": "list(range(n))",
    "[(k + 1) for k in range(n)]": "list(range(1, n + 1))",
}


def read(value: str) -> Program:
    return parse_program(HEAD + value)


@pytest.mark.parametrize("value", WRITTEN)
@given(st.integers(0, 60))
def test_a_place_counts_from_where_it_is_asked_for(value: str, n: int) -> None:
    program = read(value)
    printed = counted(program)
    lines = function_body(printed, PairLowering(printed))
    assert lines == [f"return {WRITTEN[value]}"]
    space: dict[str, object] = {}
    exec("def solve(n):\n    " + "\n    ".join(lines), space)
    assert space["solve"](n) == evaluate(program, {"n": n})  # type: ignore[operator]


def test_a_name_that_an_inner_list_takes_counts_as_it_did() -> None:
    program = read("[(total([(k + 1) for k in digits(n, 10)]) + (k + 1)) for k in range(n)]")
    assert counted(program) == program


def test_its_words_count_from_there_too() -> None:
    program = read("[(k + 1) for k in range(n) if ((n % (k + 1)) == 0)]")
    assert "Those k from `1` to `n` with `n % k == 0`" in describe(counted(program), PairNouns)


@pytest.mark.parametrize(
    ("divisor", "raised"),
    [("(k + 1)", []), ("k", ["ZeroDivisionError"]), ("(k - 1)", ["ZeroDivisionError"])],
)
def test_only_what_can_be_0_divides_by_it(divisor: str, raised: list[str]) -> None:
    assert failures(read(f"[k for k in range(n) if ((n % {divisor}) == 0)]")) == raised


@pytest.mark.parametrize(("entries", "raised"), [((0, 2, 1), ["IndexError"]), (range(61), [])])
def test_a_table_is_read_where_it_has_entries(entries: Iterable[int], raised: list[str]) -> None:
    assert failures(read(f"single({tuple(entries)}[n])")) == raised


@pytest.mark.parametrize(
    ("value", "raised"),
    [
        ("[(0, 2, 1)[x] for x in sorted(n)]", ["IndexError"]),
        ("[(0, 2, 1)[x] for k, x in enumerate(n)]", ["IndexError"]),
        ("[(0, 2, 1)[y] for x, y in zip(n, n)]", ["IndexError"]),
        ("[(0, 2, 1)[k] for k, x in enumerate(n)]", ["IndexError"]),
        ("[(0, 2, 1)[(y % 3)] for x, y in zip(n, n)]", []),
    ],
)
def test_an_element_beside_another_is_as_large_as_alone(value: str, raised: list[str]) -> None:
    program = parse_program(f"p(n: sequence of 0..9) -> r: sequence of 0..9\n  r = {value}")
    assert failures(program) == raised


MODE = "  ordered = sorted(n)\n  counts = [{} for x in ordered]\n  most = item(ordered, {})"


@pytest.mark.parametrize(
    ("each", "place", "raised", "least"),
    [
        ("count(ordered, x)", "position(counts, maximum(counts))", ["ValueError"], {"n": 1}),
        ("x", "position(counts, 3)", ["ValueError"], None),
        ("x", "position(n, maximum(counts))", ["ValueError"], None),
    ],
)
def test_a_place_in_a_list_as_long_is_one(
    each: str, place: str, raised: list[str], least: dict[str, int] | None
) -> None:
    program = parse_program(f"p(n: sequence of 0..9) -> most:  of 0..9\n{MODE.format(each, place)}")
    assert (failures(program), least_lengths(program)) == (raised, least)


def test_numbers_from_one_on_are_known_from_the_start() -> None:
    made = counted_below(Valued(Var("n"), "number", 3.0, (3, 0, 2)), tuple("xyzrkij"))
    assert made is not None
    known = {expr_text(fact.expr): fact.row.tolist() for fact in made.leaves}
    assert known == {"k": [0, 1, 2, 0, 1], "(k + 1)": [1, 2, 3, 1, 2]}


def test_whether_a_list_has_elements_is_asked_of_the_list() -> None:
    program = parse_program(
        "p(numbers: sequence of 0..9) -> result:  of 0..9\n"
        "  kept = [x for x in numbers if (0 < (x % 2))]\n"
        "  result = ((maximum(kept) - minimum(kept)) if (length(kept) >= 1) else 0)"
    )
    lowering = PairLowering(program)
    assert lowering.source(program.body[-1].value) == "max(kept) - min(kept) if kept else 0"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("distinct(digits(n, 10))", "len(set(_digits(n, 10)))"),
        ("distinct([(k * k) for k in range(n)])", "len({k * k for k in range(n)})"),
        (
            "distinct(running_maximum(digits(n, 10)))",
            "len(set(itertools.accumulate(_digits(n, 10), max)))",
        ),
    ],
)
def test_different_ones_are_counted_in_a_set(value: str, code: str) -> None:
    program = parse_program(f"made(n:  of 0..60) -> answer:  of 0..99\n  answer = {value}")
    assert PairLowering(program).source(program.body[-1].value) == code
