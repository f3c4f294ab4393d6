"""Programs of lists with one answer: automata, remainders, conditions, stacks; none for chance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.data.running import CutOff, Run
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.parse import parse_program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.learn.programs.automaton_programs import propose_automata
from deepdistill.learn.programs.congruences import kernel, solution
from deepdistill.learn.programs.feature_answers import propose_conditions
from deepdistill.learn.programs.modular import propose_remainders
from deepdistill.learn.programs.proposers import Proposer
from deepdistill.learn.programs.stacks import propose_stacks
from deepdistill.learn.programs.step_programs import propose_steps
from deepdistill.target.composed_source import composed_solver
from deepdistill.target.source import Provenance
from deepdistill.verify.solver import load_solver


def luhn(word: list[int]) -> int:
    digits = [2 * x if k % 2 == 0 else x for k, x in enumerate(reversed(word))]
    return -sum(x // 10 + x % 10 for x in digits) % 10


def balanced(word: list[int]) -> int:
    stack: list[int] = []
    for x in word:
        if x % 2 == 0:
            stack.append(x)
        elif not stack or stack.pop() != x - 1:
            return 0
    return int(not stack)


def grown(word: list[int]) -> list[int]:
    """A balanced word of 0, 1 and 2, 3 that any word names."""
    out: list[int] = []
    for x in word:
        out[len(out) // 2 : len(out) // 2] = [0, 1] if x < 2 else [2, 3]
        out = [2, *out, 3] if x % 2 else out
    return out


CASES: dict[str, tuple[Proposer, int, Callable[[list[int]], int]]] = {
    "no three zeros": (propose_automata, 2, lambda w: int("000" not in "".join(map(str, w)))),
    "ones in even blocks": (
        propose_automata,
        2,
        lambda w: int(all(len(b) % 2 == 0 for b in "".join(map(str, w)).split("0"))),
    ),
    "divisible by seven": (
        propose_remainders,
        10,
        lambda w: int(sum(x * 10**k for k, x in enumerate(reversed(w))) % 7 == 0),
    ),
    "check digit": (propose_remainders, 10, luhn),
    "weights of places": (
        propose_remainders,
        10,
        lambda w: int(sum((k + 1) * x for k, x in enumerate(w)) % 11 == 0),
    ),
    "pattern": (propose_conditions, 2, lambda w: int("110101" in "".join(map(str, w)))),
    "brackets": (propose_stacks, 4, balanced),
}


def problem(symbols: int, rule: Callable[[list[int]], int], count: int) -> PairProblem:
    rng = np.random.default_rng(5)
    found: dict[int, list[tuple[list[int], int]]] = {}
    draws = 0
    while draws < 40 * count and sum(map(len, found.values())) < count:
        word = rng.integers(0, symbols, rng.integers(0, 18)).tolist()
        if rule is balanced and draws % 2:
            word = grown(word[:6])
        answer = rule(word)
        if len(found.setdefault(answer, [])) < (count // 2 if draws < 20 * count else count):
            found[answer].append((word, answer))
        draws += 1
    pairs = [ExamplePair((word,), answer) for part in found.values() for word, answer in part]
    answers = [pair.output for pair in pairs]
    port = Port("word", (Axis("sequence"),), Integers(0, symbols - 1))
    return PairProblem(
        "rule", (port,), Port("answer", (), Integers(min(answers), max(answers))), tuple(pairs)
    )


@pytest.mark.parametrize("name", CASES)
def test_a_short_program_is_right_at_a_thousand(name: str) -> None:
    proposer, symbols, rule = CASES[name]
    found = list(proposer(problem(symbols, rule, 180 if rule is balanced else 120), Run()))
    assert found and not found[0].missed
    rng = np.random.default_rng(6)
    words = [rng.integers(0, symbols, 1000).tolist() for _ in range(3)]
    words += [grown(rng.integers(0, symbols, 300).tolist())] if rule is balanced else []
    for word in words:
        assert evaluate(found[0].program, {"word": word}) == rule(word)


def test_remainders_are_told_as_they_are_found() -> None:
    """A search that may ask whether to go on a few times has told the small moduli."""
    name, share = "divisible by seven", Run().part(8)
    found = propose_remainders(problem(10, CASES[name][2], 120), share)
    assert "% 7" in str(next(found).program)
    with pytest.raises(CutOff):
        list(found)


def second_largest(numbers: list[int]) -> list[int]:
    return [sorted([0, 0, *numbers[: k + 1]])[-2] for k in range(len(numbers))]


def switched(numbers: list[int]) -> list[int]:
    told, on = [], 0
    for x in numbers:
        on = 1 if x >= 690 else 0 if x < 310 else on
        told.append(on)
    return told


@pytest.mark.parametrize(("rule", "high"), [(second_largest, 9), (switched, 1000)])
def test_a_loop_answers_at_each_step(rule: Callable[[list[int]], list[int]], high: int) -> None:
    rng = np.random.default_rng(9)
    lists = [rng.integers(0, high + 1, rng.integers(1, 16)).tolist() for _ in range(80)]
    axes = (Axis("sequence"),)
    task = PairProblem(
        "rule",
        (Port("numbers", axes, Integers(0, high)),),
        Port("answer", axes, Integers(0, high if rule is second_largest else 1)),
        tuple(ExamplePair((one,), rule(one)) for one in lists),
    )
    (found,) = propose_steps(task, Run())
    one = [7 * k % (high + 1) for k in range(300)]
    one = [x for x in one if min(abs(x - 690), abs(x - 310)) > 15]  # nearer nobody may know
    assert evaluate(found.program, {"numbers": one}) == rule(one)


def test_answers_of_chance_have_no_program() -> None:
    rng = np.random.default_rng(7)
    given = problem(2, lambda w: int(rng.integers(2)), 100)
    for proposer in (propose_remainders, propose_automata, propose_stacks):
        assert list(proposer(given, Run())) == []


@pytest.mark.parametrize(("p", "exponent"), [(2, 1), (2, 3), (3, 2), (7, 1)])
def test_congruences_are_solved(p: int, exponent: int) -> None:
    modulus = p**exponent
    rng = np.random.default_rng(8)
    for _ in range(20):
        rows, hidden = rng.integers(0, modulus, (5, 4)), rng.integers(0, modulus, 4)
        found = solution(rows, rows @ hidden % modulus, modulus)
        assert found is not None and not (rows @ (found - hidden) % modulus).any()
        flat = rows[:2]
        assert kernel(flat, p, exponent)
        assert all(not (flat @ one % modulus).any() for one in kernel(flat, p, exponent))


LETTERS = 'rule(text: sequence of 0..3 as ("(", ")", "[", "]")) -> answer:  of 0..1\n  '
SPELT = {
    "stack": (
        LETTERS + """steps[] for each letter of text:
    first stack = [one for one in ()]
    stack = (prefix(stack, -1) if same(suffix(stack, -1), single((-1, 0, -1, 2)[letter])) """
        """else joined(stack, single(letter)))
    nothing
  answer = int((length(stack) == 0))""",
        "()[()]",
        "([)]",
    ),
    "pattern": (LETTERS + "answer = int(contains(text, (1, 2)))", "()[]", "()()"),
    "end": (LETTERS + "answer = int(same(suffix(text, -1), single(3)))", "[]", "()"),
}


@pytest.mark.parametrize("name", SPELT)
def test_letters_are_written_in_loops_patterns_and_ends(name: str) -> None:
    text, inside, outside = SPELT[name]
    source = composed_solver(parse_program(text), Provenance("a few pairs"))
    solve = load_solver(source.encode(), "rule")
    assert [bool(solve(one)) for one in (inside, outside)] == [True, False]
