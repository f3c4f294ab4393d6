"""Forms compete for pairs of any lengths; a question tells two programs apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import deepdistill as dd
from deepdistill import contest
from deepdistill.cli import main
from deepdistill.data.looks import AxesGuess, guessed_axes
from deepdistill.data.pairs import PairProblem
from deepdistill.data.running import SHARE, CutOff, Run
from deepdistill.forms.composed import train
from deepdistill.forms.protocol import Form, Trained
from deepdistill.ir.parse import parse_program
from deepdistill.learn.programs.proposal import Proposal, missed_pairs

LISTS = [
    [], [3], [1, 2], [0, 2, 0], [4, 4, 1], [2, 0, 5, 1], [5, 3, 5, 0, 1], [1, 1, 2, 3, 5, 4], [2],
    [2, 5, 0, 0, 3], [0, 1, 4, 2, 2, 1], [3, 3], [2, 1], [5, 1, 1], [0, 4], [1, 0, 5, 5], [4, 2, 3],
]  # fmt: skip


def sums(numbers: list[int]) -> list[int]:
    return [sum(numbers[: k + 1]) for k in range(len(numbers))]


def known(monkeypatch: pytest.MonkeyPatch, *bodies: str) -> None:
    """Let the search for programs find these."""

    def proposer(task: PairProblem, run: Run) -> Iterator[Proposal]:
        ports = ", ".join(map(str, task.inputs))
        for body in bodies:
            program = parse_program(f"{task.name}({ports}) -> {task.output}\n  {body}")
            yield Proposal(program, "a friend", missed_pairs(program, task.given))

    monkeypatch.setattr(train, "PROPOSERS", (proposer,))


def test_cheap_looks_tell_which_axes_fit() -> None:
    def axes(answers: object) -> list[str]:
        pairs = [(numbers, answers(numbers)) for numbers in LISTS]  # type: ignore[operator]
        return [guess.in_words for guess in guessed_axes(dd.Problem.from_examples(pairs))]

    assert axes(sums) == ["sequence"]
    assert axes(lambda numbers: max(numbers, default=0)) == ["set"]
    assert axes(lambda numbers: (numbers or [0])[0]) == []  # two lists of the same numbers differ
    assert axes(lambda numbers: numbers[1:]) == []
    assert "grid(bounded)" in axes(lambda numbers: [min(n, 2) for n in numbers])


def test_a_sequence_of_several_lengths_wins_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, "result = reversed(numbers)")
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(json.dumps({"input": one, "output": sums(one)}) for one in LISTS))
    with pytest.raises(SystemExit) as ended:
        main(["distill", "--examples", str(path), "--name", "sums", "--out", str(tmp_path)])
    told = capsys.readouterr().out
    assert ended.value.code == 0, told
    assert "taken as sequence (found by trial)" in told and "as inputs of any length" in told
    assert dd.load(tmp_path / "sums").solve([5, 5, 5]) == [5, 10, 15]


def test_the_question_tells_two_programs_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest and the last number are the same in lists that go up."""
    known(monkeypatch, "result = maximum(numbers)", "result = item(numbers, -1)")
    pairs = [([k, *range(k + 1, 2 * k)][:k], 0) for k in range(1, 12)]
    problem = dd.Problem.from_examples([(numbers, numbers[-1]) for numbers, _ in pairs])
    result = dd.distill(problem)
    question = result.question()
    assert question and str(question).startswith("what is the answer to [")
    assert set(question.answers or ()) == {max(question.input), question.input[-1]}
    assert result.solve(question.input) == (question.answers or ())[0]

    known(monkeypatch, "result = maximum(numbers)")
    alone = dd.distill(dd.Problem.from_examples([(one, max(one)) for one in LISTS[1:]]))
    assert not alone.question() and str(alone.question()).startswith(("no other", "2 programs"))


def test_a_shorter_program_that_misses_pairs_loses_to_an_exact_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Telling three missed answers may take fewer bits than the rule, and is none."""
    program = parse_program("largest(numbers: set of 0..9) -> result: of 0..9\n  result = 1")

    def entered(form: Form, task: Any, guess: AxesGuess, pairs: PairProblem, run: Run) -> Any:
        bits, missed = (20.0, (0, 1, 2)) if guess.composed else (200.0, ())
        rival = contest.Rival(program, guess.in_words, bits, missed)
        return contest._Entry(task, Trained(None, not missed), (rival,))

    monkeypatch.setattr(contest, "_entered", entered)
    problem = dd.Problem.from_examples([(one, max(one, default=0)) for one in LISTS])
    task, trained = contest.compete(problem, Run())
    assert isinstance(task, dd.Problem) and trained.exact
    assert "taken as set (found by trial): 200 bits, all" in trained.notes[-1]


def test_a_program_as_short_is_told_of_in_the_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pair shows what becomes of a number that is the bound."""
    known(monkeypatch, "result = [x for x in numbers if (x < bound)]")
    given = [([k, 3 * k + 1, 9, 2 * k], bound) for k in range(6) for bound in (4.5, 11.5, 6.5)]
    pairs = [
        ({"numbers": [2 * n for n in one], "bound": int(2 * bound)},
         [2 * n for n in one if n < bound])
        for one, bound in given
    ]  # fmt: skip
    result = dd.distill(dd.Problem.from_examples(pairs))
    question = result.question()
    assert question and question.input["bound"] in question.input["numbers"]
    claim = result.certificate.correct
    assert claim.evidence is not None and any(
        "as short fits all pairs" in told and str(question) in told
        for told in claim.evidence.unknown
    )
    hidden = dd.distill(dd.Problem.from_examples(pairs), no_data=True).certificate.correct
    assert hidden.evidence is not None and str(question) not in str(hidden.evidence.unknown)
    assert any("as short fits all pairs" in told for told in hidden.evidence.unknown)


def test_few_wrong_labels_do_not_make_an_exact_program_win() -> None:
    pairs = dd.Problem.from_examples([([k, 0], k) for k in range(60)])
    assert train.first_believed([(30.0, 1), (400.0, 0)], pairs) == 0  # one in sixty, and it pays
    assert train.first_believed([(30.0, 9), (400.0, 0)], pairs) == 1  # too many for wrong labels
    assert train.first_believed([(30.0, 9)], pairs) == 0  # there is no other
    assert train.first_believed([(30.0, 1), (400.0, 0)], pairs, complete=False) == 1
    assert train.first_believed([(30.0, 1)], pairs, complete=False) == 0


def test_axes_that_are_told_decide_alone() -> None:
    pairs = [(numbers, sums(numbers)) for numbers in LISTS]
    problem = dd.Problem.from_examples(pairs, axes="grid(bounded)", name="sums")
    assert problem.axes is not None and str(problem.axes[0][0]) == "grid"
    with pytest.raises(dd.InputError, match="none of 'set'"):
        dd.distill(dd.Problem.from_examples(pairs, axes="set"))


def test_a_share_of_the_work_is_counted() -> None:
    run = Run().part(3)
    with pytest.raises(CutOff, match=SHARE):
        for _ in range(4):
            run.check()


class Ending(Form):
    """A form whose training ends as it is told; with nothing told it is of no use."""

    name, title, kinds = "ending", "Endings", ()

    def __init__(self, *endings: BaseException) -> None:
        self.endings = iter(endings)

    def accepts(self, task: Any) -> bool:
        return True

    def train(self, task: Any, run: Run) -> Trained:
        raise next(self.endings, dd.InputError("nothing left"))


@pytest.mark.parametrize(
    "endings, raised, words",
    [
        ([dd.InputError("no such thing")] * 9, dd.InputError, "no such thing"),
        ([CutOff(SHARE)] * 9, CutOff, SHARE),
        ([CutOff("the time limit of 1 s")], CutOff, "the time limit of 1 s"),
        ([KeyboardInterrupt()], KeyboardInterrupt, "^$"),
    ],
)
def test_a_contest_that_nobody_wins_says_why(
    endings: list[BaseException], raised: type, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = Ending(*endings)
    monkeypatch.setattr(contest, "form_of_task", lambda task: form)
    problem = dd.Problem.from_examples([(numbers, sums(numbers)) for numbers in LISTS])
    with pytest.raises(raised, match=words):
        contest.compete(problem, Run())
