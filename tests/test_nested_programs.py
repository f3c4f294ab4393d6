"""Programs of loops in loops, sums by place, carried digits and keys, found and written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import deepdistill as dd
from deepdistill.data.pairs import PairProblem
from deepdistill.data.running import Run
from deepdistill.ir.compiled import compiled
from deepdistill.ir.expr import Call, Const, Expr, Var
from deepdistill.ir.listwise import arranged, carried
from deepdistill.ir.parse import parse_program
from deepdistill.ir.text import expr_text
from deepdistill.learn.programs.enumeration import nested, ordered
from deepdistill.learn.programs.enumeration.bodies import Conditions, bodies
from deepdistill.learn.programs.enumeration.elements import (
    Elements,
    alone,
    counted,
    in_pairs,
    placed,
)
from deepdistill.learn.programs.enumeration.goal import Goal
from deepdistill.learn.programs.enumeration.halves import halved
from deepdistill.learn.programs.enumeration.named import named
from deepdistill.learn.programs.enumeration.outcomes import answers, counts, flat
from deepdistill.learn.programs.enumeration.search import EFFORTS, SearchRound
from deepdistill.learn.programs.enumeration.valued import KnownValues, Valued, Values
from deepdistill.target.algorithms.arranged import _arranged
from deepdistill.target.algorithms.carried import _carried
from deepdistill.target.composed_source import composed_solver
from deepdistill.target.source import Provenance
from deepdistill.verify.solver import load_solver

NAMES = ("x", "y", "z", "row", "k")
PLACES = ("i", "j")
LISTS = ((1, 2), (3, 0, 4), (2,), (), (5, 1, 1), (0, 2, 3, 1))
OTHERS = ((4,), (1, 1), (0, 3, 2), (7, 1), (2, 6, 1), (1, 3))
LEFT = Valued(Var("left"), "list", 3.0, LISTS, "element")
ANY = Goal("list", LISTS)
RIGHT = Valued(Var("right"), "list", 3.0, OTHERS, "element")

FewLists = st.lists(st.integers(0, 30), max_size=6)


def program(body: str, head: str = "left: sequence of 0..9") -> Any:
    return parse_program(f"t({head}) -> result: sequence of 0..99\n  result = {body}")


def written(body: str, head: str = "left: sequence of 0..9") -> str:
    """The lines of a solver that do the work."""
    code = composed_solver(program(body, head), Provenance("", ()))
    return code[code.index("def t(") : code.index("solve = t")]


def of_all(function: Callable[..., Any], *columns: Sequence[Any]) -> Values:
    return tuple(tuple(function(*column)) for column in zip(*columns, strict=True))


def told(elements: Elements | None, values: Values, kind: Any = "list") -> list[str]:
    """What gives the answers, of these elements alone."""
    assert elements is not None
    made = bodies(elements, [], [], 22.0, 200)
    return [
        expr_text(one.expr)
        for one in answers(made, Conditions(made, ANY, 36.0, 800), Goal(kind, values), True)
    ]


@given(FewLists, st.integers(2, 12))
def test_carried_digits_are_those_of_the_number(numbers: list[int], base: int) -> None:
    digits = carried(numbers, base)
    assert digits == _carried(numbers, base) and all(0 <= d < base for d in digits)
    value = sum(n * base**k for k, n in enumerate(numbers))
    assert sum(d * base**k for k, d in enumerate(digits)) == value % base ** len(numbers)


@given(FewLists)
def test_a_list_by_keys_is_sorted_as_python_does(numbers: list[int]) -> None:
    keys = [n % 3 for n in numbers]
    assert arranged(numbers, keys) == _arranged(numbers, keys)
    assert arranged(numbers, keys) == sorted(numbers, key=lambda n: n % 3)


def test_each_element_meets_each_of_another_list() -> None:
    elements = nested.each_with_each(LEFT, RIGHT, NAMES, PLACES)
    sums = of_all(lambda a, b: [x + y for x in a for y in b], LISTS, OTHERS)
    assert told(elements, sums) == ["flat([[(x + y) for y in right] for x in left])"]
    much = Valued(Var("left"), "list", 3.0, (tuple(range(100)),) * 2)
    assert nested.each_with_each(much, much, NAMES, PLACES) is None  # too many to look at


def test_each_element_meets_those_after_it() -> None:
    elements = nested.each_with_later(LEFT, NAMES, PLACES)
    assert elements is not None
    values = tuple(sum(y < x for k, x in enumerate(v) for y in v[k + 1 :]) for v in LISTS)
    made = bodies(elements, [], [], 22.0, 200)
    found = counts(Conditions(made, ANY, 36.0, 800), Goal("number", values), 300)
    assert values in {one.values for one in found}


def test_each_element_as_often_as_it_says() -> None:
    first, second = nested.each_with_places(LEFT, NAMES, PLACES)
    often = of_all(lambda a: [x for x in a for _ in range(x)], LISTS)
    assert told(first, often) == ["flat([[x for k in range(x)] for x in left])"]
    more = of_all(lambda a: [k for i, _ in enumerate(a) for k in range(i + 1)], LISTS)
    assert told(second, more) == ["flat([[k for k in range((i + 1))] for i, x in enumerate(left)])"]


@pytest.mark.parametrize("base", [0, 10])
def test_a_product_of_polynomials_or_numbers_is_gathered_by_place(base: int) -> None:
    def product(left: Sequence[int], right: Sequence[int]) -> list[int]:
        sums = [0] * (len(left) + len(right))
        for i, a in enumerate(left):
            for j, b in enumerate(right):
                sums[i + j] += a * b
        return carried(sums, base) if base else sums[:-1]

    elements = nested.each_with_each(LEFT, RIGHT, NAMES, PLACES)
    assert elements is not None
    bank = KnownValues()
    for one in (LEFT, RIGHT):
        size = tuple(map(len, one.values))
        bank.add(Valued(Call("length", (one.expr,)), "number", 9.0, size, "place"))
    goal = Goal("list", of_all(product, LISTS, OTHERS) if base else _cut(product))
    found = list(nested.gathered(bodies(elements, [], [], 22.0, 200), goal, bank, NAMES))
    run = compiled(named("t", PORTS.inputs, PORTS.output, found[0].expr))
    assert run({"left": [9, 9, 1], "right": [9, 9]}) == product([9, 9, 1], [9, 9])


def _cut(product: Callable[..., list[int]]) -> Values:
    """Nothing times a number has no places, but one less than those of the number."""
    return of_all(product, LISTS, OTHERS)


PORTS: PairProblem = dd.Problem.from_examples(
    [({"left": [1, 2], "right": [9]}, [9, 18]), ({"left": [0], "right": [3, 4]}, [0, 0])]
)


def test_digits_are_added_with_what_is_carried() -> None:
    pairs = alone(LEFT, NAMES, ())
    assert pairs is not None
    goal = Goal("list", of_all(lambda a: carried([7 * x for x in a] + [0], 10), LISTS))
    found = list(nested.carried(bodies(pairs, [], [7], 22.0, 200), goal))
    assert any("10)" in expr_text(one.expr) and "joined" in expr_text(one.expr) for one in found)


def test_elements_are_ordered_by_a_key_or_parted_by_a_condition() -> None:
    elements = alone(LEFT, NAMES, ())
    assert elements is not None
    made = bodies(elements, [], [], 22.0, 200)
    conditions = Conditions(made, ANY, 36.0, 800)

    def found(key: Callable[[int], int]) -> str:
        goal = Goal("list", of_all(lambda a: sorted(a, key=key), LISTS))
        return " ".join(
            expr_text(one.expr) for one in ordered.arranged_answers(made, conditions, goal)
        )

    assert found(lambda x: x % 2) == "arranged(left, [(x % 2) for x in left])"
    assert "arranged(left" in found(lambda x: x >= 3)
    assert not list(ordered.arranged_answers(made, conditions, Goal("list", OTHERS)))
    kept = list(ordered.arranged_lists(made, 5))
    assert all(
        sorted(v) == sorted(w) for one in kept for v, w in zip(one.values, LISTS, strict=True)
    )


def test_answers_of_rows_one_after_the_other() -> None:
    swapped = of_all(
        lambda a: [x for k in range(0, len(a) - 1, 2) for x in (a[k + 1], a[k])], LISTS
    )
    rows = Goal("list", swapped).in_rows(2)
    assert rows is not None and Goal("list", LISTS).in_rows(2) is None
    elements = in_pairs(LEFT, NAMES)
    assert elements is not None
    made = bodies(elements, [], [], 22.0, 200)
    (one, *_) = map(flat, answers(made, Conditions(made, ANY, 36.0, 800), rows, True))
    assert expr_text(one.expr).startswith("flat([list(y, x) for x, y in zip(")
    assert one.values == swapped


def test_places_and_earlier_ones_are_counted() -> None:
    largest = Valued(Call("length", (Var("left"),)), "number", 9.0, tuple(map(len, LISTS)))
    times = of_all(lambda a: [a.count(k) for k in range(len(a))], LISTS)
    assert told(counted(largest, NAMES, [LEFT]), times)[:1] == [
        "[count(left, k) for k in range(length(left))]"
    ]
    often = Valued(Var("left"), "list", 3.0, (*LISTS, (1, 1, 2, 1)), "element")
    before = of_all(lambda a: [a[:k].count(x) for k, x in enumerate(a)], often.values)
    assert told(placed(often, NAMES), before)[:1] == [
        "[count(prefix(left, k), x) for k, x in enumerate(left)]"
    ]


@pytest.mark.parametrize("turned", [False, True])
def test_halves_of_a_list_stand_side_by_side(turned: bool) -> None:
    """Where each answer is half as long; what is in the middle of an odd list is in neither."""
    pairs = [
        (v, [a + b for a, b in zip(v, v[::-1] if turned else v[-(-len(v) // 2) :], strict=False)])
        for v in ([1, 2, 3, 4], [5, 0, 7], [], [9, 8, 2, 1, 4, 1])
    ]
    pairs = [(v, answer[: len(v) // 2]) for v, answer in pairs]
    problem = dd.Problem.from_examples(pairs)
    search = SearchRound(problem, list(problem.given), EFFORTS[1], Run())
    parts = [(a.values, b.values) for a, b in halved(search.ports[0], search.goal)]
    sums = [of_all(lambda a, b: [x + y for x, y in zip(a, b, strict=True)], *p) for p in parts]
    assert sums[turned] == tuple(tuple(answer) for _, answer in pairs)


def test_halves_stand_beside_each_other_for_no_number() -> None:
    search = SearchRound(
        one := dd.Problem.from_examples([([1, 2], 3), ([4], 1), ([], 0)]),
        list(one.given), EFFORTS[1], Run(),
    )  # fmt: skip
    assert list(halved(search.ports[0], search.goal)) == []


def test_elements_that_are_places_pick_from_a_list() -> None:
    lists = ((0, 2, 2), (1,), (), (0, 0), (1, 0, 1), (2,))
    places = Valued(Var("places"), "list", 3.0, lists, "element")
    letters = ((5, 1, 7), (2, 2, 0), (), (9,), (3, 8), (4, 4, 6))
    names = Valued(Var("names"), "list", 3.0, letters, "letter")
    picked = of_all(lambda a, b: [b[k] for k in a], lists, names.values)
    assert told(alone(places, NAMES, [places, names]), picked)[:1] == [
        "[item(names, x) for x in places]"
    ]


def test_numbers_beside_elements_are_those_that_lie_among_them() -> None:
    """The largest one stands beside elements, also where more is known of these than they are."""
    pairs = [(v, [k for k, x in enumerate(v) if x == max(v)]) for v in map(list, LISTS) if v]
    problem = dd.Problem.from_examples([*pairs, ([4, 4, 0], [0, 1]), ([1, 3, 3, 2], [1, 2])])
    search = SearchRound(problem, list(problem.given), EFFORTS[0], Run())
    texts = [expr_text(one.expr) for one in search.hits()]
    assert "[k for k, x in enumerate(numbers) if (x == maximum(numbers))]" in texts


def test_what_is_gone_through_once_has_no_name() -> None:
    """An iterator with a name is used up after one loop."""
    inner = "[(x * y) for j, y in enumerate(right) if ((i + j) == k)]"
    body = f"[total(flat([{inner} for i, x in enumerate(left)])) for k in range(length(left))]"
    head = "left: sequence of 0..9, right: sequence of 0..9"
    (let,) = program(body, head).body
    expr: Expr = let.value
    found = named("t", PORTS.inputs, PORTS.output, expr)
    assert len(found.body) == 1
    solve = load_solver(composed_solver(found, Provenance("", ())).encode(), "t")
    assert solve([1, 2], [3, 4]) == [3, 10] == compiled(found)({"left": [1, 2], "right": [3, 4]})


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("prefix(suffix(left, 1), -1)", "left[1:-1]"),
        ("prefix(suffix(left, 1), 3)", "left[1:4]"),
        ("suffix(prefix(left, 5), 2)", "left[2:5]"),
        ("stride(suffix(left, 1), 3)", "left[1::3]"),
        ("joined(left, joined(single(1), left))", "left + [1] + left"),
        ("sorted(unique(left))", "sorted(set(left))"),
        ("sorted([x for x in left if (0 < (x % 2))])", "sorted(x for x in left if x % 2)"),
        ("reversed(sorted(left))", "sorted(left, reverse=True)"),
        (
            "reversed(sorted(unique([x for x in left if (x >= 3)])))",
            "sorted({x for x in left if x >= 3}, reverse=True)",
        ),
        (
            "unique([(x % 4) for x in left])",
            "list(dict.fromkeys(x % 4 for x in left))",
        ),
        ("arranged(left, [(x % 2) for x in left])", "sorted(left, key=lambda x: x % 2)"),
        ("arranged(left, [(0 - x) for x in left])", "sorted(left, key=lambda x: -x)"),
        ("[maximum(row) for row in runs(left)]", "[x for x, _ in itertools.groupby(left)]"),
        ("(maximum(left) if (length(left) >= 1) else 0)", "max(left, default=0)"),
        ("maximum(joined(left, single(0)))", "max(left, default=0)"),
        ("minimum(joined(left, single(9)))", "min(left, default=9)"),
        ("minimum(joined(left, single(4)))", "min(left + [4])"),
        ("flat([list(x, 1) for x in left])", "[part for x in left for part in (x, 1)]"),
        ("[(x - item(left, 0)) for x in left]", "[x - left[0] for x in left]"),
        (
            "[x for x in left if (position(left, x) == 0)]",
            "[x for x in left if left.index(x) == 0]",
        ),
    ],
)
def test_programs_of_lists_are_written_plainly(body: str, line: str) -> None:
    """As a person writes them, without a guard where nothing can fail, and meaning the same."""
    assert f"    return {line}\n" in written(body) and "_rule" not in written(body)
    run = compiled(program(body))
    solve = load_solver(composed_solver(program(body), Provenance("", ())).encode(), "t")
    for given_ in ([], [4], [3, 3], [5, 2, 9], list(range(9)), [7, 0, 7, 0, 1, 1]):
        assert solve(given_) == run({"left": given_})


def test_what_may_fail_in_a_loop_is_guarded() -> None:
    assert "_rule" in written("[item(left, 1) for x in left]")
    assert "_rule" in written(
        "[item(right, 0) for x in left]", "left: sequence of 0..9, right: sequence of 0..9"
    )


def test_patterns_of_texts_are_written_as_texts() -> None:
    head = 't(word: sequence of 0..1 as ("0", "1")) -> result: of 0..1 as (False, True)'
    for body, line, answer in (
        ("contains(word, (0, 0, 1))", '"001" in word', True),
        ("not(contains(prefix(word, 4), (0, 1)))", '"01" not in word[:4]', False),
    ):
        program = parse_program(f"{head}\n  result = {body}")
        code = composed_solver(program, Provenance("", ()))
        assert f"    return {line}\n" in code and "_contains" not in code
        assert load_solver(code.encode(), "t")("0011") is answer


@pytest.mark.parametrize(
    ("body", "line", "answers"),
    [
        (
            "item(joined([k for k, x in enumerate(word) if (x == 1)], single(-1)), 0)",
            'word.find("b")',
            {"": -1, "aab": 2, "ccc": -1},
        ),
        ("int(same(prefix(word, 2), list(1, 2)))", 'int(word[:2] == "bc")', {"": 0, "bca": 1}),
    ],
)
def test_texts_are_asked_as_texts(body: str, line: str, answers: dict[str, int]) -> None:
    head = 'word: sequence of 0..2 as ("a", "b", "c")'
    text = f"t({head}) -> result:  of -1..99\n  result = {body}"
    code = composed_solver(parse_program(text), Provenance("", ()))
    assert f"    return {line}\n" in code and "_rule" not in code
    solve = load_solver(code.encode(), "t")
    assert {word: solve(word) for word in answers} == answers


def test_pairs_are_held_out_in_two_parts() -> None:
    for count, parts in ((2, (1, 0)), (11, (2, 1)), (40, (5, 5))):
        problem = dd.Problem.from_examples([([k], k) for k in range(count)]).set_aside(0)
        assert tuple(map(len, problem.reserved)) == parts
        assert len(problem.second_round().reserved[1]) == parts[1]


@pytest.mark.parametrize("seed", range(4))
def test_the_only_pair_with_an_empty_input_is_not_held_out(seed: int) -> None:
    one = dd.Problem.from_examples([([k] * k, k) for k in range(4)]).set_aside(seed)
    assert [] in [pair.inputs[0] for pair in one.given] and one.reserved[0]
    pairs = [({"a": [1] * (k % 2), "b": [k] * (k // 2)}, k) for k in range(8)]
    several = dd.Problem.from_examples(pairs).set_aside(seed)
    ways = {tuple(map(len, pair.inputs)) for pair in several.given}
    assert {(0, 0), (1, 0)} <= ways and any(a == 0 < b for a, b in ways)


def test_a_constant_is_no_key() -> None:
    assert Const(1) not in [key for key, _, _ in ordered._keys(*_made())]


def _made() -> tuple[Any, Any]:
    elements = alone(LEFT, NAMES, ())
    assert elements is not None
    made = bodies(elements, [], [], 22.0, 60)
    return made, Conditions(made, ANY, 36.0, 60)
