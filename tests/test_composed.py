"""Programs from pairs of any lengths: chosen, written, judged, saved and read again."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deepdistill import load
from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.data.running import Run
from deepdistill.forms.composed import train
from deepdistill.forms.composed.form import FORM
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Call, Const, Expr, If, Var
from deepdistill.ir.parse import parse_program
from deepdistill.ir.program import Let, Program
from deepdistill.ir.spec import check
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.learn.programs.proposal import Proposal, missed_pairs
from deepdistill.run import learned, written
from deepdistill.target.composed_source import composed_solver
from deepdistill.target.source import Provenance

BALANCED = """balanced(word: sequence of 0..1 as ("(", ")")) -> answer:  of 0..1 as ("no", "yes")
  steps[] for each letter of word:
    first depth = 0
    first fine = 1
    depth = ((depth + 1) if (letter == 0) else (depth - 1))
    fine = (fine and (depth >= 0))
    nothing
  answer = int((fine and (depth == 0)))"""


def task_of(text: str, inputs: list[tuple[Any, ...]]) -> PairProblem:
    """The answers of a program to some inputs as a task."""
    program = parse_program(text)
    names = [port.name for port in program.inputs]
    pairs = [
        ExamplePair(one, evaluate(program, dict(zip(names, one, strict=True)))) for one in inputs
    ]
    return PairProblem(program.name, program.inputs, program.output, tuple(pairs))


def result_of(text: str, inputs: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch) -> Any:
    """What comes out where one proposer knows the program."""

    def known(task: PairProblem, run: Run) -> Iterator[Proposal]:
        program = parse_program(text)
        yield Proposal(program, "a friend", missed_pairs(program, task.given))

    monkeypatch.setattr(train, "PROPOSERS", (known,))
    return finished(task_of(text, inputs))


def finished(task: PairProblem) -> Any:
    """All stages, of this form alone."""
    run = Run()
    return written(*FORM.widened(*learned(FORM, task, run)), run)


def words(most: int) -> list[tuple[Any, ...]]:
    """All short words of two letters, and some longer ones that are balanced."""
    short = [[*word] for n in range(most) for word in itertools.product((0, 1), repeat=n)]
    rng = random.Random(0)
    for _ in range(110):
        word: list[int] = []
        for _ in range(rng.randrange(3, 7)):
            place = rng.randrange(len(word) + 1)
            word[place:place] = [0, 1]
        short.append(word)
    return [(word,) for word in short]


def test_from_pairs_to_a_saved_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = result_of(BALANCED, words(7), monkeypatch)
    assert result.certificate.ok and result.certificate.correct.status == "evidence"
    assert 'letter == "("' in result.code and 'return "yes" if ' in result.code
    assert result.solve("(()())") == "yes" and result.solve(")" * 2000) == "no"
    assert any("found by a friend" in sentence for sentence in result.certificate.sentences())
    with pytest.raises(ValueError, match="none of"):
        result.solve("(x)")
    folder = result.save(tmp_path)
    assert load(folder).solve("") == "yes"


def test_wrong_labels_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    task = task_of(BALANCED, words(7))
    given = tuple(
        ExamplePair(pair.inputs, pair.output ^ (k in (20, 140)), None, k)
        for k, pair in enumerate(task.given)
    )

    def exact(task: PairProblem, run: Run) -> Iterator[Proposal]:
        for _ in range(10):
            run.check()
        program = parse_program(BALANCED)
        if not missed_pairs(program, task.given):
            yield Proposal(program, "a strict friend", ())
        for _ in range(90):
            run.check()

    monkeypatch.setattr(train, "PROPOSERS", (exact,))
    result = finished(PairProblem(task.name, task.inputs, task.output, given))
    evidence = result.certificate.correct.evidence
    assert result.certificate.ok and evidence is not None and evidence.noise is not None
    assert {one["pair"] for one in evidence.noise["examples"]} == {20, 140}
    assert result.solve("()") == "yes"


def test_what_tells_all_answers_at_more_length_than_they_have_ends_no_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A list of all answers, the wrong one among them: the rule is looked for behind it."""
    task = task_of(BALANCED, words(7))
    given = tuple(
        replace(pair, output=pair.output ^ (k == 20)) for k, pair in enumerate(task.given)
    )
    rule = parse_program(BALANCED)

    def by_heart(seen: PairProblem, run: Run) -> Iterator[Proposal]:
        value: Expr = Const(0)
        for pair in given:
            end = Const(0), Const(0)  # a list in a program has two numbers at least
            word = Call("list", (*map(Const, pair.inputs[0]), *end))
            asked = Call("same", (Call("joined", (Var("word"), Call("list", end))), word))
            value = If(asked, Const(pair.output), value)
        program = Program(task.name, task.inputs, task.output, (Let("answer", value),))
        yield Proposal(program, "heart", missed_pairs(program, seen.given))

    def strict(seen: PairProblem, run: Run) -> Iterator[Proposal]:
        run.check()
        if not missed_pairs(rule, seen.given):
            yield Proposal(rule, "a strict friend", ())

    monkeypatch.setattr(train, "PROPOSERS", (by_heart, strict))
    trained = train.composed(replace(task, given=given), Run())
    assert trained.network.found_by == "a strict friend" and trained.excepted == 1


def test_numbers_that_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(0)
    lists = [([rng.randrange(100) for _ in range(rng.randrange(1, 9))],) for _ in range(16)]
    last = "last(numbers: sequence of 0..99) -> answer:  of 0..99\n  answer = "
    result = result_of(f"{last}maximum(numbers)", lists, monkeypatch)
    assert result.certificate.ok and result.solve([10**6, -5]) == 10**6  # order alone decides
    with pytest.raises(ValueError, match="numbers is empty"):
        result.solve([])
    result = result_of(f"{last}total(numbers)", lists, monkeypatch)
    assert result.certificate.ok and result.solve([101]) == 101
    with pytest.raises(ValueError, match="not an integer from"):
        result.solve([1000])


def test_characters_that_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    turned = (
        'turned(word: sequence of 0..1 as ("a", "b")) -> answer: sequence of 0..1 as ("a", "b")'
    )
    result = result_of(f"{turned}\n  answer = reversed(word)", words(4)[:15], monkeypatch)
    assert result.certificate.ok and result.solve("x\u2603a") == "a\u2603x"
    assert "return word[::-1]" in result.code
    assert str(result.explain("xa")).startswith("answer = 'ax'")


def test_what_holds_for_longer_inputs_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    head = "long(numbers: sequence of 0..9) -> answer:  of 0..60\n  answer = "
    rng = random.Random(1)
    lists = [([rng.randrange(10) for _ in range(k)],) for k in range(40)]

    def capped(task: PairProblem, run: Run) -> Iterator[Proposal]:
        most = max(len(pair.inputs[0]) for pair in task.given)
        yield Proposal(parse_program(f"{head}min(length(numbers), {most})"), "caps", ())

    def counted(task: PairProblem, run: Run) -> Iterator[Proposal]:
        text = f"{head}total([1 for x in numbers if ((x + 1) > 0)])"
        yield Proposal(parse_program(text), "counts", ())

    monkeypatch.setattr(train, "PROPOSERS", (capped, counted))
    trained = train.composed(task_of(f"{head}length(numbers)", lists), Run())
    assert trained.details.candidates[0].proposal.found_by == "caps"  # it is shorter
    assert trained.network.found_by == "counts"


def test_characters_stand_in_the_solver() -> None:
    text = """p(word: sequence of 0..1 as ("(", ")")) -> answer:  of 0..1 as (False, True)
  steps[] for each letter of word:
    first stack = [letter for letter in ()]
    stack = joined(stack, single((-1, 0)[letter]))
    nothing
  answer = int((total(stack) == 0))"""
    code = composed_solver(parse_program(text), Provenance("pairs"))
    assert (
        'stack = stack + [{"(": -1, ")": 0}[letter]]' in code and "return sum(stack) == 0" in code
    )


@pytest.mark.parametrize("answer", [[[0], [1], [1]], [[2]], [[], []], [[1, 2], [3, 4]], [1], []])
def test_the_most_common_answer_is_a_program_of_any_shape(answer: list[Any]) -> None:
    value = train._written(answer)
    axes = (Axis("grid"),) * 2 if answer and isinstance(answer[0], list) else (Axis("sequence"),)
    number = Port("number", (), Integers(0, 9))
    output = Port("answer", axes, Integers(0, 9))
    program = Program("common", (number,), output, (Let("answer", value),))
    check(program, "composed")
    assert evaluate(program, {"number": 3}) == answer
