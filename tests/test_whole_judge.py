"""The judge of answers about whole inputs accepts what is right and reduces what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from built_in_items import ITEM_NETWORKS, item_network
from shape_references import RANKING, SHAPES

from deepdistill.data import catalogue
from deepdistill.data.problem import Examples, Problem
from deepdistill.forms.set.inputs import SetInputs
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.units.lift import lift
from deepdistill.verify.certificate import Certificate, Claim
from deepdistill.verify.equivalence import compare
from deepdistill.verify.judge import judge
from deepdistill.verify.reduce import fewer_places, ranks, reduced, simpler, within

Solve = Callable[[Any], Any]


def majority(numbers: list[int]) -> int:
    for number in numbers:
        if 2 * numbers.count(number) > len(numbers):
            return number
    raise ValueError("no number stands in more than half of the places")


SOLVERS: dict[str, Solve] = {**RANKING, **SHAPES, "majority_element": majority}


def judged(name: str, solve: Solve, seed: int = 0, **options: Any) -> Certificate:
    space = SetInputs(catalogue.find(name), item_network(name), seed=seed)
    return judge(space, solve, **options)


@pytest.mark.parametrize("name", ITEM_NETWORKS)
def test_a_right_solver_is_certified(name: str) -> None:
    certificate = judged(name, SOLVERS[name])
    assert [claim.status for claim in certificate.claims.values()] == ["sampled"] * 3
    largest = max(max(size) for size in certificate.correct.sizes)
    assert largest >= 100 * max(max(shape) for shape in catalogue.find(name).training_shapes)
    assert (1,) * len(certificate.correct.sizes[0]) in certificate.correct.sizes


@pytest.mark.parametrize(
    ("name", "solve", "inputs", "expected", "got"),
    [
        (  # the last one of equal ones
            "argmax",
            lambda numbers: len(numbers) - 1 - numbers[::-1].index(max(numbers)),
            [0, 0],
            0,
            1,
        ),
        ("maximum", lambda numbers: max(0, *numbers, 0), [-1], -1, 0),
        ("sort", lambda numbers: sorted(set(numbers)), [0, 0], [0, 0], None),
        ("median", lambda numbers: sorted(numbers)[len(numbers) // 2], None, 0, 1),
        ("contains_duplicate", lambda numbers: 0, [0, 0], 1, 0),
        ("touches_border", lambda picture: 0, [[1]], 1, 0),
        ("count_filled_rows", lambda picture: sum(map(any, picture)), None, 0, 1),
    ],
)
def test_a_wrong_solver_is_refuted_on_a_small_input(
    name: str, solve: Solve, inputs: Any, expected: Any, got: Any
) -> None:
    certificate = judged(name, solve)
    assert not certificate.ok
    for claim in certificate.claims.values():
        assert claim.status == "failed"
        assert claim.counterexample is not None
        (shown,) = claim.counterexample["inputs"].values()
        assert shown == inputs or (inputs is None and np.size(shown) == 2)
        assert claim.counterexample["expected"] == expected
        assert got is None or claim.counterexample["got"] == got


def test_what_is_wrong_for_long_lists_alone_is_found() -> None:
    certificate = judged("argmax", lambda numbers: numbers.index(max(numbers[:500])))
    assert certificate.faithful.ok
    for claim in (certificate.scalable, certificate.correct):
        assert claim.status == "failed"
        assert claim.counterexample is not None
        assert 500 < claim.counterexample["shapes"]["numbers"][0] <= 1000


def test_no_answer_equals_no_answer_and_nothing_else() -> None:
    assert judged("majority_element", majority).ok
    first_or_none = judged("majority_element", lambda numbers: numbers[0])
    assert first_or_none.scalable.status == "failed"
    # promised inputs alone speak about the right answer
    boyer_moore = judged("majority_element", RANKING["majority_element"])
    assert boyer_moore.correct.status == "sampled"
    assert boyer_moore.scalable.status == "failed"
    assert boyer_moore.scalable.counterexample is not None
    assert boyer_moore.scalable.counterexample["expected"] == "no answer"


def test_a_solver_that_refuses_good_input_has_no_answer_there() -> None:
    def refuses(numbers: list[int]) -> int:
        raise ValueError("no")

    claim = judged("argmax", refuses).correct
    assert claim.status == "failed"
    assert claim.counterexample is not None
    assert claim.counterexample["got"] == "no answer"


def test_answers_of_other_types_and_changed_inputs_are_refused() -> None:
    def changes(numbers: list[int]) -> list[int]:
        numbers.sort()
        return numbers

    assert not judged("sort", changes).ok
    assert not judged("contains_duplicate", lambda n: len(set(n)) < len(n)).ok
    assert not judged("sort", lambda numbers: tuple(sorted(numbers))).ok


def test_a_network_that_is_not_exact_is_said() -> None:
    certificate = judged("argmax", SOLVERS["argmax"], network_exact=False)
    assert certificate.correct.status == "failed"
    assert certificate.correct.note == "the trained network is not exact on its examples"


def test_few_inputs_are_all_tried() -> None:
    problem = replace(catalogue.find("touches_border"), training_shapes=((2, 3), (3, 3)))
    certificate = judge(
        SetInputs(problem, item_network("touches_border")), SOLVERS["touches_border"]
    )
    assert certificate.faithful.status == "exhaustive"
    assert certificate.faithful.examples == 2**6 + 2**9


def test_the_same_seed_gives_the_same_certificate() -> None:
    first, again, other = (judged("rank", SOLVERS["rank"], seed=seed).text() for seed in (3, 3, 4))
    assert first == again != other


def given_problem() -> Problem:
    rng = np.random.default_rng(0)
    x = rng.integers(-50, 50, (40, 5))
    return Problem.from_arrays(x, np.sort(x, axis=1)[:, 2], "set")


def test_without_an_oracle_the_pairs_that_were_held_out_judge() -> None:
    problem = given_problem().set_aside(0)
    network = replace(item_network("median"), inputs=problem.inputs, output=problem.output)
    certificate = judge(SetInputs(problem, network, lift(network, "mine")), SOLVERS["median"])
    assert certificate.ok
    assert certificate.correct.status == "evidence"
    assert certificate.correct.examples == 10
    assert "pairs of size 5 alone were shown" in " ".join(certificate.sentences())
    wrong = judge(SetInputs(problem, network, lift(network, "mine")), max)
    assert wrong.correct.status == "failed"


def test_the_network_may_have_few_sizes() -> None:
    problem, network = catalogue.find("argmax"), item_network("argmax")
    some = judge(SetInputs(problem, network, network_sizes=((5,), (6,), (9,))), SOLVERS["argmax"])
    assert some.scalable.sizes == ((9,),)
    one = judge(SetInputs(problem, network, network_sizes=((4,), (5,), (6,))), SOLVERS["argmax"])
    assert one.scalable.status == "not applicable"


# Families of inputs whose answers are known by construction


def striped(share: float) -> Problem:
    """Lists of equal numbers, labelled by whether they are positive; a share of them is 3."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
        value = 3 if rng.random() < share else int(rng.integers(2))
        return (np.full(shape, value),), np.asarray(min(value, 1))

    axes = (Axis("set"),)
    examples = Examples((np.array([[0, 0], [1, 1]]),), np.array([0, 1]))
    return Problem(
        name="striped",
        inputs=(Port("numbers", axes, Integers(0, 3)),),
        output=Port("result", (), Integers(0, 1)),
        training_shapes=((2,),),
        check_shapes=((30,),),
        given=(examples,),
        hold_out=False,
        families={"plain": draw},
    )


def family_claim(share: float, solve: Solve, baseline: Any = None) -> Claim:
    problem = replace(striped(share), baseline=baseline)
    network = replace(item_network("maximum"), inputs=problem.inputs, output=problem.output)
    return judge(SetInputs(problem, network), solve).correct


def test_families_tell_the_share_that_is_right() -> None:
    assert family_claim(0, max).status == "sampled"
    some = family_claim(0.004, max)
    assert some.status == "sampled"
    assert "plain 99." in some.note
    assert family_claim(0.1, max).status == "failed"


def test_a_solver_that_the_plain_rule_beats_fails() -> None:
    def plain(numbers: Any) -> Any:
        return np.minimum(numbers.max(), 1)

    assert family_claim(0.004, max).status == "sampled"
    assert family_claim(0.004, max, baseline=plain).status == "failed"
    certified = family_claim(0.004, lambda numbers: min(numbers[0], 1), baseline=plain)
    assert certified.status == "sampled"
    assert "the plain rule is nowhere better" in certified.note


def test_reduction_keeps_to_allowed_inputs() -> None:
    ports = catalogue.find("argmax").inputs
    numbers = {"numbers": np.arange(50)}

    def wrong_if_long(inputs: Any) -> Any:
        return np.asarray(len(inputs["numbers"]) > 3)

    zero = lambda inputs: np.asarray(False)  # noqa: E731
    first = compare(zero, wrong_if_long, numbers)
    assert first is not None
    steps = fewer_places(ports), ranks(ports), simpler(ports)

    def differs(case: Any) -> Any:
        return compare(zero, wrong_if_long, case)

    small = reduced(first, differs, steps)
    assert small.inputs["numbers"].tolist() == [0, 0, 0, 0]
    some = [within(step, lambda case: len(case["numbers"]) % 3 == 2) for step in steps]
    even = reduced(first, differs, some)
    assert len(even.inputs["numbers"]) == 5
