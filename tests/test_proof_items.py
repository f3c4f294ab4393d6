"""Proofs of item programs: what is proved at every size, and that nothing wrong ever is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import z3
from built_in_items import ITEM_NETWORKS, item_network
from item_networks import BY_HAND, random_input, random_network

from deepdistill.forms.files import read_network
from deepdistill.forms.sequence.network import PrefixNetwork
from deepdistill.forms.sequence.prefix_lift import over_prefixes
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import (
    Call,
    Const,
    Expr,
    First,
    NoAnswer,
    Read,
    Size,
    Total,
    Var,
    call,
    children,
    rebuild,
)
from deepdistill.ir.ops import OPPOSITE
from deepdistill.ir.program import Fill, Let, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.passes.items.shorten import shorten_items
from deepdistill.units.gates import AffineUnit, Gate
from deepdistill.units.items import ItemNetwork
from deepdistill.units.lift import lift
from deepdistill.verify.proof.counts import Counts
from deepdistill.verify.proof.encode import NotEncoded
from deepdistill.verify.proof.items import prove_items, prove_prefixes, settle
from deepdistill.verify.proof.items_network import NetworkTerms
from deepdistill.verify.proof.items_program import ProgramTerms
from deepdistill.verify.proof.refutation import contradicts
from deepdistill.verify.proof.session import Session

OUTPUTS = Path(__file__).resolve().parents[1] / "outputs"
BUDGET = 2_000_000
FEW = 150_000  # enough for most of what is true: nothing false is proved with more
NOTHING = "no answer"


def shortened(network: ItemNetwork) -> Program:
    return shorten_items(lift(network, "mine"))


def described(run: Any, inputs: Any) -> Any:
    try:
        return run(inputs)
    except NoAnswer:
        return NOTHING
    except (ValueError, IndexError, ZeroDivisionError) as error:
        return type(error).__name__


def of_network(network: Any, numbers: Any) -> Any:
    port = network.inputs[0].name
    return described(
        lambda inputs: np.asarray(network.run(inputs)).tolist(), {port: np.array(numbers)}
    )


def of_program(program: Program, numbers: Any) -> Any:
    return described(lambda inputs: evaluate(program, inputs), {program.inputs[0].name: numbers})


def differ(program: Program, network: ItemNetwork, rng: Random, count: int = 150) -> bool:
    """Whether one of some small inputs, many of them with ties, tells them apart."""
    port = network.inputs[0]
    drawn = (random_input(rng, port) for _ in range(count))
    return any(of_program(program, case) != of_network(network, case) for case in drawn)


@pytest.mark.parametrize("name", [*ITEM_NETWORKS, "has_cross"])
def test_the_gallery_is_proved_at_every_size(name: str) -> None:
    network = read_network((OUTPUTS / name / "network.npz").read_bytes(), name)
    found = prove_items(shortened(network), network)
    assert (found.status, found.sizes) == ("proved", "all"), found.reason
    assert 0 < found.effort < BUDGET


@pytest.mark.parametrize("name", BY_HAND)
def test_lifted_and_shortened_programs_are_proved(name: str) -> None:
    network = BY_HAND[name]
    for program in (lift(network, name), shortened(network)):
        found = prove_items(program, network, BUDGET)
        searches = "for 0 <= i < 1" in str(program)  # a condition of the size: not settled (yet)
        assert found.status == ("unknown" if searches else "proved"), f"{program}: {found.reason}"


def test_the_effort_does_not_depend_on_what_was_proved_before() -> None:
    network = BY_HAND["median"]
    first = prove_items(shortened(network), network)
    prove_items(shortened(BY_HAND["argmax"]), BY_HAND["argmax"])
    assert prove_items(shortened(network), network) == first


def test_no_budget_means_unknown() -> None:
    network = item_network("sort")
    found = prove_items(shortened(network), network, budget=10)
    assert found.status == "unknown"
    assert "budget" in found.reason


# Prefixes


def palindromes() -> tuple[Program, PrefixNetwork]:
    network = read_network((OUTPUTS / "palindrome" / "network.npz").read_bytes(), "palindrome")
    assert isinstance(network, PrefixNetwork)
    whole = shortened(network.items)
    return over_prefixes(whole, network.inputs, network.output, "palindrome"), network


def test_a_program_for_each_prefix_is_proved() -> None:
    program, network = palindromes()
    assert prove_prefixes(program, network.items, network).status == "proved"


def test_a_program_for_other_prefixes_is_not() -> None:
    program, network = palindromes()
    items = network.items
    other = replace(items, units=(Gate.of(items.layer.sums[0].weights, low=0),))
    wrong = PrefixNetwork(network.inputs, network.output, other)
    assert prove_prefixes(program, wrong.items, wrong).status == "refuted"
    assert settle(program, wrong.items, Session(BUDGET), prefixes=True)


# Nothing wrong is proved

SWAPPED = {
    **{op: (other,) for op, other in OPPOSITE.items()},
    "lt": ("le", "gt"),
    "le": ("lt", "ge"),
    "ge": ("gt", "eq"),
    "gt": ("ge", "lt"),
    "and": ("or",),
    "or": ("and",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
}


def here(expr: Expr) -> Iterator[Expr]:
    """The same node with one thing wrong."""
    more = lambda part, step: call("add", part, Const(step))  # noqa: E731
    match expr:
        case Const(int() as value):
            yield from (Const(value + 1), Const(value - 1))
        case Call("not", (inner,)):
            yield inner
        case Call(op, args):
            yield from (Call(other, args) for other in SWAPPED.get(op, ()))
            if op in ("and", "or", "add") and len(args) > 2:
                yield Call(op, args[1:])
        case Read(port, index):
            yield from (Read(port, (more(index[0], step), *index[1:])) for step in (-1, 1))
            if len(index) > 1:
                yield Read(port, index[::-1])
        case Size():
            yield from (more(expr, 1), more(expr, -1))
        case Total(name, start, stop, body):
            yield from (Total(name, more(start, 1), stop, body), Total(name, start, stop, Const(1)))
            yield Total(name, start, more(stop, -1), body)
        case First(name, start, stop, condition, value):
            yield First(name, more(start, 1), stop, condition, value)
            yield First(name, start, stop, call("not", condition), value)


def mutants(expr: Expr) -> Iterator[Expr]:
    yield from here(expr)
    parts = children(expr)
    for k, part in enumerate(parts):
        for mutant in mutants(part):
            yield rebuild(expr, (*parts[:k], mutant, *parts[k + 1 :]))


def wrong_programs(program: Program) -> Iterator[Program]:
    for k, statement in enumerate(program.body):
        assert isinstance(statement, Let | Fill)
        for value in mutants(statement.value):
            other = replace(statement, value=value)
            yield replace(program, body=(*program.body[:k], other, *program.body[k + 1 :]))


def proved(program: Program, network: ItemNetwork) -> bool:
    """Whether the cells prove it; no input is tried."""
    try:
        return not settle(program, network, Session(FEW))
    except NotEncoded:
        return False


@pytest.mark.parametrize("name", BY_HAND)
def test_no_mutant_that_differs_is_proved(name: str) -> None:
    network, rng = BY_HAND[name], Random(name)
    found = [m for p in (lift(network, name), shortened(network)) for m in wrong_programs(p)]
    for mutant in rng.sample(found, min(2, len(found))):
        if differ(mutant, network, rng):
            assert not proved(mutant, network), f"{mutant}"


def other_networks(network: ItemNetwork) -> Iterator[ItemNetwork]:
    """A weight or a bound one larger or smaller."""
    for k, unit in enumerate(network.units):
        total = unit.sum if isinstance(unit, Gate) else unit
        sums = [
            replace(total, weights=(*total.weights[:j], weight + step, *total.weights[j + 1 :]))
            for j, weight in enumerate(total.weights)
            for step in (-1, 1)
        ]
        others: list[Gate | AffineUnit] = [*sums]
        if isinstance(unit, Gate):
            others = [replace(unit, sum=other) for other in sums]
            if unit.low is not None:
                others += [replace(unit, low=unit.low + step) for step in (-1, 1)]
            if unit.high is not None:
                others += [replace(unit, high=unit.high + step) for step in (-1, 1)]
        for other in others:
            yield replace(network, units=(*network.units[:k], other, *network.units[k + 1 :]))


@pytest.mark.parametrize("name", BY_HAND)
def test_no_network_that_differs_is_proved(name: str) -> None:
    program, rng = shortened(BY_HAND[name]), Random(name)
    found = list(other_networks(BY_HAND[name]))
    for network in rng.sample(found, min(2, len(found))):
        if differ(program, network, rng):
            assert not proved(program, network), f"{network}"


@pytest.mark.parametrize("seed", range(12))
def test_random_programs_and_their_mutants(seed: int) -> None:
    rng = Random(seed)
    network = random_network(rng)
    try:
        program = lift(network, "mine")
    except ValueError:
        return
    found = prove_items(program, network, FEW)
    assert found.status != "refuted", f"{program}: {found.counterexample}"
    wrong = list(wrong_programs(program))
    for mutant in rng.sample(wrong, min(2, len(wrong))):
        assert not (proved(mutant, network) and differ(mutant, network, rng)), f"{mutant}"


def test_more_than_half_of_random_programs_are_proved() -> None:
    """Whatever their units add up: what is not proved stays open, it is not refuted."""
    networks = [random_network(Random(seed)) for seed in range(100, 116)]
    settled = [proved(lift(network, "mine"), network) for network in networks]
    assert 2 * sum(settled) > len(settled), settled


def fixed(counts: Counts, numbers: Any) -> list[Any]:
    """Facts that leave one input only."""
    array = np.array(numbers)
    sizes = [size == n for size, n in zip(counts.sizes, array.shape, strict=True)]
    elements = [
        counts.array(*map(int, index)) == int(value) for index, value in np.ndenumerate(array)
    ]
    return [*sizes, *elements]


@pytest.mark.parametrize("seed", range(14))
def test_the_true_answer_contradicts_nothing(seed: int) -> None:
    """All that is said of counts holds for inputs that are given: both encodings, one by one."""
    rng = Random(1000 + seed)
    network = random_network(rng)
    port = network.inputs[0]
    try:
        program = lift(network, "mine")
    except ValueError:
        return
    numbers = random_input(rng, port, longest=4)
    answer = of_network(network, numbers)
    shape = np.array([] if answer == NOTHING else answer).shape
    depth = len(network.output.axes)
    indices = [()] if depth == 0 else list(product(*map(range, shape)))
    for index in rng.sample(indices, min(2, len(indices))):
        requested = tuple(z3.Int(f"asked {axis}") for axis in range(depth))
        for encoding in ("program", "network"):
            counts = Counts(len(port.axes), port.domain)
            terms = (
                ProgramTerms(program, counts)
                if encoding == "program"
                else NetworkTerms(network, counts, counts.sizes)
            )
            try:
                given = terms.described(requested)
            except NotEncoded:
                continue
            facts = [*fixed(counts, numbers), given.answered == (answer != NOTHING)]
            facts += [name == k for name, k in zip(requested, index, strict=True)]
            facts += given.obligations
            if answer != NOTHING:
                facts.append(given.value == int(np.array(answer)[index]))
            found = contradicts(counts, Session(FEW), facts, [])
            assert found != "contradiction", f"{encoding} of {network} at {numbers}: {answer}"


def test_a_wrong_answer_contradicts_what_counts_mean() -> None:
    """The facts of one input determine the answer: the encodings are not empty."""
    network = item_network("argmax")
    numbers = [3, 7, 7]
    for place, expected in ((0, True), (1, False), (2, True)):
        counts = Counts(1, network.inputs[0].domain)
        given = NetworkTerms(network, counts, counts.sizes).described(())
        facts = [*fixed(counts, numbers), given.value == place]
        assert (contradicts(counts, Session(FEW), facts, []) == "contradiction") == expected


# Programs that cannot be run, or are of another kind

NUMBERS = Port("numbers", (Axis("set"),), Integers(-9999, 9999))


def program_of(value: Expr) -> Program:
    return Program("mine", (NUMBERS,), Port("result", (), NUMBERS.domain), (Let("result", value),))


def test_an_index_outside_of_the_list_is_not_proved() -> None:
    network = item_network("maximum")
    beyond = call("item", Call("sorted", (Var("numbers"),)), Size("numbers"))
    assert settle(program_of(beyond), network, Session(BUDGET)) != ""
    last = call("item", Call("sorted", (Var("numbers"),)), call("sub", Size("numbers"), Const(1)))
    assert settle(program_of(last), network, Session(BUDGET)) == ""


def test_a_search_that_may_fail_is_not_proved() -> None:
    network = item_network("argmax")
    largest = Call("maximum", (Var("numbers"),))
    found = Call("position", (Var("numbers"), largest))
    assert settle(program_of(found), network, Session(BUDGET)) == ""
    beyond = Call("position", (Var("numbers"), call("add", largest, Const(1))))
    assert settle(program_of(beyond), network, Session(BUDGET)) != ""


def test_other_domains_are_refused() -> None:
    network = item_network("maximum")
    other = replace(NUMBERS, domain=Integers(0, 9))
    program = replace(program_of(Call("maximum", (Var("numbers"),))), inputs=(other,))
    with pytest.raises(NotEncoded):
        prove_items(program, network)
