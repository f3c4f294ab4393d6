"""Pictures that are made row by row, column by column, block by block, or inside a border."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import chain, product
from typing import Any

import pytest

from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.data.running import Run
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Call, Var
from deepdistill.ir.program import Let, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.learn.programs.enumeration.bodies import Conditions, bodies
from deepdistill.learn.programs.enumeration.elements import alone, cells_of
from deepdistill.learn.programs.enumeration.goal import Goal
from deepdistill.learn.programs.enumeration.kept import of_largest
from deepdistill.learn.programs.enumeration.named import named
from deepdistill.learn.programs.enumeration.outcomes import cell_answers
from deepdistill.learn.programs.enumeration.proposing import enumerated
from deepdistill.learn.programs.enumeration.reduced import propose_rows, propose_rows_further
from deepdistill.learn.programs.enumeration.valued import Valued

Rows = list[list[int]]
SIDES = (Axis("grid"), Axis("grid"))
PICTURE = Port("picture", SIDES, Integers(0, 4))
BITS = Port("picture", SIDES, Integers(0, 1))


def picture(rng: random.Random, step: int = 1) -> Rows:
    height, width = (step * rng.randint(1, 5 // step) for _ in range(2))
    return [[rng.randint(0, 4) for _ in range(width)] for _ in range(height)]


def across(rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=True)]


def fallen(rows: Rows) -> Rows:
    return across([[0] * c.count(0) + [x for x in c if x] for c in across(rows)])


def framed(rows: Rows) -> Rows:
    width = len(rows[0]) + 2
    return [[3] * width, *([3, *row, 3] for row in rows), [3] * width]


def pairs_of(oracle: Callable[[Rows], Any], step: int = 1, count: int = 8) -> list[ExamplePair]:
    rng = random.Random(oracle.__name__)
    pictures = [picture(rng, step) for _ in range(count)]
    return [ExamplePair((one,), oracle(one)) for one in pictures]


def task(oracle: Callable[[Rows], Any], step: int = 1, count: int = 8) -> PairProblem:
    output = Port("answer", SIDES, Integers(0, 4))
    return PairProblem("made", (PICTURE,), output, tuple(pairs_of(oracle, step, count)))


def right_on_larger(program: Program, oracle: Callable[[Rows], Any], step: int = 1) -> None:
    rng, most = random.Random(7), program.inputs[0].domain.high
    for _ in range(5):
        large = [[min(x, int(most)) for x in row * 4] for row in picture(rng, step)] * 3
        assert evaluate(program, {"picture": large}) == oracle(large)


@pytest.mark.parametrize(
    "oracle",
    [
        fallen,
        framed,
        lambda rows: [row + row for row in rows],
        lambda rows: [row * 2 for row in rows * 2],
        lambda rows: [row + row[::-1] for row in rows],
        lambda rows: [sorted(row) for row in rows],
        lambda rows: [[4 if x == 2 else x for x in row] for row in rows],
    ],
    ids=["fallen", "framed", "beside", "tiled", "mirrored", "sorted", "recoloured"],
)
def test_pictures_by_rows(oracle: Callable[[Rows], Rows]) -> None:
    proposals = chain(propose_rows(task(oracle), Run()), propose_rows_further(task(oracle), Run()))
    proposal = next(proposals)
    assert not proposal.missed
    right_on_larger(proposal.program, oracle)


def boxed(rows: Rows) -> Rows:
    """Without the empty rows and columns at the ends."""
    full = [k for k, row in enumerate(rows) if any(row)]
    used = [k for k, column in enumerate(zip(*rows, strict=True)) if any(column)]
    return [row[used[0] : used[-1] + 1] for row in rows[full[0] : full[-1] + 1]] if full else []


@pytest.mark.parametrize(
    "oracle",
    [
        lambda rows: [row[::-1] for row in boxed(rows)],
        lambda rows: boxed(rows)[::-1],
        lambda rows: [row * 2 for row in boxed(rows)],
        lambda rows: [[4 if x else 0 for x in row] for row in boxed(rows)],
    ],
    ids=["flipped", "upside down", "twice", "recoloured"],
)
def test_what_is_in_the_box_of_a_picture(oracle: Callable[[Rows], Rows]) -> None:
    rng = random.Random(4)
    pictures = [[rng.choices((0, 1, 2), (6, 1, 1), k=5) for _ in range(4)] for _ in range(12)]
    pairs = tuple(ExamplePair((one,), oracle(one)) for one in pictures)
    given = PairProblem("made", (PICTURE,), Port("answer", SIDES, Integers(0, 4)), pairs)
    proposal = next(propose_rows(given, Run()))
    assert not proposal.missed
    large = [[0] * 13, *([0, *row, *row[::-1], 0, 0] for row in pictures[0]), [0] * 13]
    for one in (large, [[0, 0], [0, 0]]):
        assert evaluate(proposal.program, {"picture": one}) == oracle(one)


def test_what_is_not_made_by_rows_is_not_proposed() -> None:
    rng = random.Random(1)
    pictures = [[[rng.randint(0, 1) for _ in range(2)] for _ in range(2)] for _ in range(20)]
    pairs = tuple(ExamplePair((one,), [[rng.randint(0, 4)] * 2] * 2) for one in pictures)
    assert list(propose_rows(PairProblem("none", (PICTURE,), PICTURE, pairs), Run())) == []
    number = Port("answer", (), Integers(0, 99))
    sums = tuple(ExamplePair(p.inputs, sum(map(sum, p.inputs[0]))) for p in pairs)
    assert list(propose_rows(PairProblem("sum", (PICTURE,), number, sums), Run())) == []


def turned(rows: Rows) -> Rows:
    """Each block of two by two turned by a quarter."""
    return [
        [rows[i ^ 1][j] if i % 2 == j % 2 else rows[i][j ^ 1] for j in range(len(rows[0]))]
        for i in range(len(rows))
    ]


def test_blocks_of_two_by_two() -> None:
    proposals = list(enumerated(task(turned, step=2, count=12), Run()))
    best = next(one for one in proposals if not one.missed)
    assert "(i ^ 1)" in str(best.program)
    right_on_larger(best.program, turned, step=2)


def critters(rows: Rows) -> Rows:
    """Blocks inverted but for two ones, turned as well for three (Toffoli and Margolus 1987)."""
    made = [list(row) for row in rows]
    for i, j in product(range(len(rows)), range(len(rows[0]))):
        block = [rows[i | 1][j | 1], rows[i | 1][j & ~1], rows[i & ~1][j | 1], rows[i & ~1][j & ~1]]
        of = rows[i ^ 1][j ^ 1] if sum(block) == 3 else rows[i][j]
        made[i][j] = rows[i][j] if sum(block) == 2 else 1 - of
    return made


def test_what_stands_in_a_block_is_taken_the_other_way_round() -> None:
    rng = random.Random(2)
    pictures = tuple(tuple(tuple(rng.choices((0, 1), k=4)) for _ in range(4)) for _ in range(16))
    answers = tuple(tuple(map(tuple, critters(list(map(list, one))))) for one in pictures)
    given = Valued(Var("picture"), "rows", 4.0, pictures)
    elements = cells_of(given, ["x", "y", "z", "row", "k"], ["i", "j"], True)
    assert elements is not None
    made = bodies(elements, [], [], 16.0, 90)
    conditions, goal = Conditions(made, Goal("rows", answers), 30.0, 1000), Goal("rows", answers)
    (found,) = cell_answers(made, conditions, goal, True)
    program = Program("made", (BITS,), replace(BITS, name="answer"), (Let("answer", found.expr),))
    right_on_larger(program, critters, step=2)


def test_the_largest_of_a_block() -> None:
    def largest(rows: Rows) -> Rows:
        return [
            [max(rows[i & ~1][j & ~1 : (j | 1) + 1] + rows[i | 1][j & ~1 : (j | 1) + 1])
             for j in range(len(rows[0]))] for i in range(len(rows))
        ]  # fmt: skip

    proposals = enumerated(task(largest, step=2, count=12), Run())
    best = next(one for one in proposals if not one.missed)
    right_on_larger(best.program, largest, step=2)


def beside_a_two(rows: Rows) -> Rows:
    framed = [[0, *row, 0] for row in [[0] * len(rows[0]), *rows, [0] * len(rows[0])]]
    return [
        [
            1 if 2 in (framed[i][j + 1], framed[i + 2][j + 1], *framed[i + 1][j : j + 3 : 2]) else x
            for j, x in enumerate(row)
        ]
        for i, row in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("oracle", "words"),
    [
        (beside_a_two, "sum((picture[(i + di), (j + dj)] == 2)"),
        (lambda rows: [[0 if i == j else x for j, x in enumerate(row)] for i, row in
                       enumerate(rows)], "(i == j)"),
        (lambda rows: [[x if (i + j) % 2 else 0 for j, x in enumerate(row)] for i, row in
                       enumerate(rows)], "((i + j) % 2)"),
        (lambda rows: [[{1: 2, 2: 1}.get(x, x) for x in row] for row in rows], "(x == 1)"),
        (lambda rows: [[4 if i + j == len(row) - 1 else x for j, x in enumerate(row)] for i, row in
                       enumerate(rows)], "((length(row) - 1) - j)"),
        (lambda rows: [row for row in rows if 3 in row], "(3 in row)"),
        (lambda rows: [row for row in rows if sum(row) % 2], "% 2"),
    ],
    ids=["beside a two", "diagonal", "chessboard", "swapped", "other diagonal", "threes", "odd"],
)  # fmt: skip
def test_numbers_by_place_and_by_those_beside(oracle: Callable[[Rows], Rows], words: str) -> None:
    best = next(one for one in enumerated(task(oracle, count=14), Run()) if not one.missed)
    assert words in str(best.program)
    right_on_larger(best.program, oracle)


DIGITS = Port("digits", (Axis("sequence"),), Integers(0, 9))
OTHERS = Port("others", (Axis("sequence"),), Integers(0, 9))


def carried(sums: list[int], base: int = 10) -> list[int]:
    carry, found = 0, []
    for one in [*sums, 0]:
        carry, digit = divmod(carry + one, base)
        found.append(digit)
    return found


def first_program(oracle: Callable[..., Any], ports: tuple[Port, ...], high: int = 9) -> Program:
    """What is found from a dozen lists of digits up to one, right on a longer list."""
    rng = random.Random(3)
    pairs = []
    for _ in range(12):
        count = rng.randint(1, 7)
        given = tuple([rng.randint(0, high) for _ in range(count)] for _ in ports)
        pairs.append(ExamplePair(given, oracle(*given)))
    axes = (Axis("sequence"),) if isinstance(pairs[0].output, list) else ()
    output = Port("answer", axes, Integers(0, 9999))
    proposals = enumerated(PairProblem("made", ports, output, tuple(pairs)), Run())
    found = next(one for one in proposals if not one.missed)
    long = [9, 0, 8, 7, 0, 3, 3, 5, 6, 1, 2, 4], [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]
    case = {port.name: one for port, one in zip(ports, long, strict=False)}
    assert evaluate(found.program, case) == oracle(*case.values())
    return found.program


@pytest.mark.parametrize(
    "oracle",
    [
        lambda a, b: carried([x + y for x, y in zip(a, b, strict=True)]),
        lambda a, b: carried([2 * x for x in a]),
        lambda a, b: carried([x * y for x, y in zip(a, b, strict=True)]),
    ],
    ids=["digits added", "doubled", "products"],
)
def test_digits_carried(oracle: Callable[..., Any]) -> None:
    assert "carried" in str(first_program(oracle, (DIGITS, OTHERS)))


@pytest.mark.parametrize(
    "oracle",
    [
        lambda a: sorted(a, key=lambda x: x % 3),
        lambda a: [x for x in a if not x] + [*filter(None, a)],
    ],
    ids=["by remainder", "zeros first"],
)
def test_lists_in_the_order_of_a_key(oracle: Callable[..., Any]) -> None:
    assert "arranged" in str(first_program(oracle, (DIGITS,), 4))


@pytest.mark.parametrize(
    ("oracle", "operation"),
    [
        (lambda a: [sorted(set(a)).index(x) for x in a], "position"),
        (lambda a: sum(x for x in a if x % 2), "% 2"),
        (lambda a: sum(-x if x % 2 else x for x in a), "(0 - x)"),
        (lambda a: (a[0] + a[-1]) // 2, "// 2"),
        (lambda a: abs(a[0] - a[-1]), "abs("),
    ],
    ids=["dense rank", "odd ones added", "odd ones taken away", "half of the ends", "ends apart"],
)
def test_what_elements_are_besides(oracle: Callable[..., Any], operation: str) -> None:
    assert operation in str(first_program(oracle, (DIGITS,), 4))


def most_common(numbers: list[int]) -> int:
    return min(numbers, key=lambda x: (-numbers.count(x), x))


def test_the_number_that_is_there_most_often() -> None:
    rng = random.Random(5)
    lists = tuple(tuple(rng.randint(0, 4) for _ in range(rng.randint(1, 9))) for _ in range(24))
    numbers = Valued(Var("numbers"), "list", 3.0, lists, "element")
    in_order = tuple(tuple(sorted(one)) for one in lists)
    ordered = Valued(Call("sorted", (numbers.expr,)), "list", 9.0, in_order, "element")
    elements = alone(ordered, tuple("xyz"), [numbers])
    assert elements is not None
    goal = Goal("number", tuple(most_common(list(one)) for one in lists))
    best = next(of_largest(bodies(elements, [], [], 22.0, 60), goal))
    program = named("mode", (DIGITS,), Port("answer", (), Integers(0, 9)), best.expr)
    assert best.values == goal.values
    assert [let.name for let in program.body if isinstance(let, Let)][-2:] == ["counts", "answer"]
