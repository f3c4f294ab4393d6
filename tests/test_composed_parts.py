"""Parts of the form of pairs, each by itself: wrong solvers, noise, draws, files, explanations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from deepdistill.data.files import read_arrays
from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.data.problem import InputError
from deepdistill.data.running import CutOff, Run
from deepdistill.forms.composed import draws, train
from deepdistill.forms.composed.file import composed_bytes, composed_network
from deepdistill.forms.composed.form import FORM, pair_is_kept
from deepdistill.forms.composed.inputs import ComposedInputs
from deepdistill.forms.composed.longer import differ_beyond, missed_longer, shortest_of
from deepdistill.forms.composed.noise import CountedRun
from deepdistill.forms.composed.noise import draws as noisy_draws
from deepdistill.forms.composed.values import PairDifference
from deepdistill.forms.protocol import Trained
from deepdistill.ir.parse import parse_program
from deepdistill.ir.program import Program
from deepdistill.learn.programs.proposal import Proposal, missed_pairs
from deepdistill.units.composed import ComposedNetwork
from deepdistill.verify.judge import judge

COUNT = 'count(word: sequence of 0..1 as ("a", "b")) -> answer:  of 0..99\n  answer = '
LAST = "last(numbers: sequence of 0..9) -> answer:  of 0..9\n  answer = item(numbers, -1)"
TURN = """turn(picture: grid grid of 0..2) -> answer: grid grid of 0..2
  answer[i, j] for each position of picture:
    (2 - picture[i, j])"""


def network(text: str, longest: Any = ((6,),), shortest: Any = ((0,),)) -> ComposedNetwork:
    return ComposedNetwork(parse_program(text), "hand", longest, shortest)


def task(text: str, inputs: list[Any]) -> PairProblem:
    program = parse_program(text)
    name = program.inputs[0].name
    pairs = [ExamplePair((one,), compiled(program)({name: one})) for one in inputs]
    numbered = tuple(replace(pair, number=k) for k, pair in enumerate(pairs))
    return PairProblem(program.name, program.inputs, program.output, numbered)


def compiled(program: Program) -> Callable[[dict[str, Any]], Any]:
    from deepdistill.ir.compiled import compiled

    return compiled(program)


def judged(net: ComposedNetwork, solve: Callable[..., Any]) -> Any:
    none = PairProblem(net.program.name, net.inputs, net.output, ())
    return judge(ComposedInputs(none, net, net.program, examples=40), solve)


# ---- solvers that are wrong


def test_a_wrong_solver_is_refuted_by_a_shortest_input() -> None:
    net = network(f"{COUNT}count(word, 1)")
    wrong = judged(net, lambda word: min(word.count("b"), 2))
    assert wrong.faithful.status == "failed" and wrong.faithful.counterexample == {
        "inputs": {"word": "bbb"}, "expected": 3, "got": 2,
    }  # fmt: skip
    assert judged(net, lambda word: word.count("b")).faithful.ok


def test_a_wrong_picture_is_cut_to_few_rows() -> None:
    net = network(TURN, ((3, 3),), ((1, 1),))
    wrong = judged(
        net, lambda picture: [[2 - cell if cell else 0 for cell in row] for row in picture]
    )
    told = wrong.faithful.counterexample
    assert told["inputs"]["picture"] == [[0]] and (told["expected"], told["got"]) == ([[2]], [[0]])


@pytest.mark.parametrize(
    "solve, words",
    [
        (lambda numbers: sum(numbers.pop() for _ in numbers[:]), "changed its input"),
        (lambda numbers: {sum(numbers)}, "set in place of plain values"),
    ],
    ids=["changes its input", "no plain value"],
)
def test_solvers_that_are_not_as_promised(solve: Any, words: str) -> None:
    wrong = judged(network(LAST.replace("item(numbers, -1)", "total(numbers)")), solve)
    assert wrong.faithful.status == "failed"
    assert words in str(wrong.faithful.counterexample)


def test_of_a_long_input_only_its_length_is_told() -> None:
    found = PairDifference({"word": "a" * 401}, 1, 2)
    assert found.cells == 401 and found.as_json()["cells"] == {"word": 401}
    assert PairDifference({"word": "ab"}, 1, 2).as_json() == {
        "inputs": {"word": "ab"}, "expected": 1, "got": 2,
    }  # fmt: skip


# ---- wrong labels


def test_draws_have_each_kind_of_answer_and_become_smaller() -> None:
    rare = task(f"{COUNT}(1 if (length(word) == 99) else 0)", [[0] * k for k in range(1, 120)])
    found = list(noisy_draws(rare, 0))
    assert [len(one.given) for one in found] == [59, 59, 29, 29, *[14] * 4]
    assert all(1 in [pair.output for pair in one.given] for one in found[::2])
    assert [one.given for one in found] == [one.given for one in noisy_draws(rare, 0)]
    assert list(noisy_draws(replace(rare, given=rare.given[:10]), 0)) == []


def test_a_draw_gets_a_share_of_the_questions_that_were_asked() -> None:
    counts = CountedRun(Run())
    own = counts.run()
    for _ in range(12):
        own.check()
    assert counts.asked == 12
    share = counts.share()
    for _ in range(4):  # 1 + 2 * 12 // 8
        share.check()
    with pytest.raises(CutOff):
        share.check()
    whole = counts.share(quick=True)
    for _ in range(13):
        whole.check()
    with pytest.raises(CutOff):
        whole.check()
    counts.asked = 8000  # too often
    long = counts.share(quick=True)
    for _ in range(2001):
        long.check()
    with pytest.raises(CutOff):
        long.check()


# ---- what is chosen


def proposed(text: str, problem: PairProblem, kinds: int | None = None) -> Proposal:
    program = parse_program(text)
    return Proposal(program, "hand", missed_pairs(program, problem.given), kinds)


def test_a_smaller_program_may_be_taken_from_the_front() -> None:
    problem = task(f"{COUNT}count(word, 1)", [[0], [1], [1, 1], [0, 1], [0]])
    rule, constant = (
        train._weighed(proposed(f"{COUNT}{text}", problem), problem)
        for text in ("count(word, 1)", "1")
    )
    assert (rule.size, constant.size) == (6, 1) and constant.proposal.missed == (0, 2, 4)
    search = train.ComposedSearch((rule, constant), 0)
    assert search.front == (constant, rule)
    before = Trained(net := network(f"{COUNT}count(word, 1)"), details=search)
    assert FORM.front_rows(before)[1] == {
        "complexity": 6, "missed": 0, "found_by": "hand", "program": str(net.program),
    }  # fmt: skip
    assert FORM.front_rows(replace(before, details=None)) == []
    assert FORM.chosen(problem, before, Run(), 2).network.program == constant.proposal.program
    assert FORM.chosen(problem, before, Run(), 9).network.program == rule.proposal.program
    with pytest.raises(InputError, match="the smallest programs have a size of 1"):
        FORM.chosen(problem, before, Run(), 0)
    assert FORM.facts(net) == [("found by", "hand")]
    with pytest.raises(InputError, match="leave out --size"):
        FORM.resized(problem, net, 3)


def test_no_pairs_are_refused() -> None:
    with pytest.raises(InputError, match="no pairs"):
        train.composed(task(f"{COUNT}1", []), Run())


def test_an_exact_program_is_taken_where_its_search_foresees_what_shorter_ones_miss() -> None:
    words = [[k >> n & 1 for n in range(6)] for k in range(64)]
    rule, exact = f"{COUNT}item(word, 0)", f"{COUNT}(3 if (total(word) == 6) else item(word, 0))"
    problem = task(exact, words)
    found = [train._weighed(proposed(text, problem), problem) for text in (rule, exact)]
    found = [replace(one, proposer="teacher") for one in found]
    assert [len(one.proposal.missed) for one in found] == [1, 0]

    def search(answer: str) -> Any:
        def teacher(task: PairProblem, run: Run) -> Iterator[Proposal]:
            run.check()
            assert len(task.given) == 63  # without the one that the rule misses
            yield proposed(answer, task)

        counts = CountedRun(Run())
        counts.asked = 5
        return {teacher: counts}

    assert train._foreseen(found, 0, problem, search(exact), Run()) == 1
    assert train._foreseen(found, 0, problem, search(rule), Run()) == 0
    few = [found[0], replace(found[1], proposal=proposed(exact, problem, kinds=2))]
    assert train._foreseen(few, 0, problem, {}, Run()) == 1  # one of two programs of its kind
    assert train._foreseen(found, 1, problem, {}, Run()) == 1  # nothing is missed


def test_what_differs_on_longer_inputs() -> None:
    problem = task(f"{COUNT}count(word, 1)", [[0], [1], [1, 1]])
    whole, capped = (
        parse_program(f"{COUNT}{text}") for text in ("count(word, 1)", "min(count(word, 1), 2)")
    )
    assert differ_beyond(whole, capped, problem, 0)
    assert not differ_beyond(whole, parse_program(f"{COUNT}total(word)"), problem, 0)
    picture = parse_program(TURN)
    assert not differ_beyond(picture, picture, task(TURN, [[[0]], [[1, 2]]]), 0)


def test_an_error_is_an_answer_of_its_own_on_longer_inputs() -> None:
    program = parse_program(f"{COUNT}position(word, 7)")
    assert not differ_beyond(program, program, task(f"{COUNT}1", [[0]]), 0)
    assert differ_beyond(program, parse_program(f"{COUNT}1"), task(f"{COUNT}1", [[0]]), 0)


def test_what_the_shorter_half_tells_of_the_longer_one() -> None:
    def capped(task: PairProblem, run: Run) -> Iterator[Proposal]:
        most = max(pair.output for pair in task.given)
        yield proposed(f"{COUNT}min(length(word), {most})", task)
        raise CutOff("its share of the work")

    inputs = [[0] * k for k in range(30)]
    problem = task(f"{COUNT}length(word)", inputs)
    assert missed_longer(capped, problem, Run()) == 15  # the shorter ones end at 14
    assert missed_longer(capped, replace(problem, given=problem.given[:12]), Run()) is None
    found = shortest_of(capped, problem, Run())
    assert found is not None and "min(length(word), 29)" in str(found)


def test_a_pair_is_kept_where_the_program_gives_its_answer() -> None:
    net = network(LAST)
    assert pair_is_kept(net, ExamplePair(([1, 4],), 4))
    assert not pair_is_kept(net, ExamplePair(([1, 4],), 1))
    assert not pair_is_kept(net, ExamplePair(([],), 1))  # there is no answer


# ---- inputs that are drawn


def test_all_small_inputs() -> None:
    number = parse_program("p(n:  of 0..3) -> answer:  of 0..9\n  answer = n").inputs
    assert draws.every_small(number) == ([(0,), (1,), (2,), (3,)], 0)
    (picture,) = parse_program(TURN).inputs
    found, side = draws.every_small((picture,))
    assert side == 2 and len(found) == 3 + 2 * 9 + 81 and ([[0, 1], [2, 0]],) in found
    (bit,) = parse_program(f"{COUNT}1").inputs
    found, length = draws.every_small((bit,))
    assert length == 8 and len(found) == 2**9 - 1


def test_changed_pictures_differ_in_a_cell() -> None:
    (picture,) = parse_program(TURN).inputs
    rng = np.random.default_rng(0)
    shown = [[0, 1, 2], [2, 1, 0]]
    apart = []
    for _ in range(20):
        made = draws.changed(rng, picture, shown, [])
        assert [len(row) for row in made] == [3, 3]
        apart.append(sum(a != b for x, y in zip(made, shown, strict=True)
                         for a, b in zip(x, y, strict=True)))  # fmt: skip
    assert set(apart) == {0, 1} and shown == [[0, 1, 2], [2, 1, 0]]
    assert draws.changed(rng, picture, [], [[1]]) == [[1]]


@given(draws.small_values(parse_program(TURN).inputs[0]))
def test_drawn_pictures_have_rows_of_one_length(picture: list[list[int]]) -> None:
    assert 1 <= len(picture) <= 4 and len(set(map(len, picture))) == 1
    assert all(0 <= cell <= 2 for row in picture for cell in row)


# ---- files


def spec_of(net: ComposedNetwork) -> Any:
    arrays = read_arrays(composed_bytes(net), "file", 10**6)
    return json.loads(arrays["network.json"].tobytes())


@pytest.mark.parametrize(
    "change, words",
    [
        ({"found_by": ""}, "by what it was found"),
        ({"found_by": "a\nb"}, "by what it was found"),
        ({"longest": [[1]], "shortest": [[2]]}, "shortest inputs are longer"),
        ({"longest": [[1, 2]]}, "longest sizes are not those of its inputs"),
        ({"open": ["answer"]}, "open which is no text"),
        ({"program": 3}, "not a text of usable length"),
        ({"program": "p("}, "its program cannot be read"),
        ({"program": f"{COUNT} 1"}, "not written as programs are"),
        ({"program": f"{COUNT}1".replace("0..1", "0..2")}, "not one for each of its values"),
        ({"program": f"{COUNT}1".replace('"b"', "7")}, "neither texts nor integers"),
        ({"program": f"{COUNT}1".replace('"b"', '"bc"')}, "symbols that are no characters"),
        ({"program": f"{COUNT}1".replace("0..99", "9..0")}, "empty or too wide"),
        ({"program": f"{COUNT}1".replace("word: sequence", "word: set")}, "other axes"),
    ],
)
def test_files_of_programs_that_are_refused(change: dict[str, Any], words: str) -> None:
    net = network(f"{COUNT}1")
    spec = spec_of(net)
    assert composed_network(spec, {}) == net
    with pytest.raises(InputError, match=words):
        composed_network({**spec, **change}, {})


def test_a_file_of_a_program_has_no_arrays() -> None:
    with pytest.raises(InputError, match="it holds arrays"):
        composed_network(spec_of(network(f"{COUNT}1")), {"a": np.zeros(1)})


def test_a_reason_stands_once_in_a_certificate() -> None:
    """Where all answers are empty lists all their numbers are the same, too."""
    program = parse_program(
        "none(numbers: sequence of 0..9) -> answer: sequence of 0..9\n  answer = prefix(numbers, 0)"
    )
    pairs = [ExamplePair(([k % 9] * (k % 4 + 1),), [], number=k) for k in range(30)]
    given = PairProblem("none", program.inputs, program.output, tuple(pairs))
    net = ComposedNetwork(program, "hand", ((6,),), ((0,),))
    space = ComposedInputs(given, net, program, examples=20)
    note = judge(space, lambda numbers: []).correct.note
    assert note.count("known answers are the same, and show no rule") == 1
