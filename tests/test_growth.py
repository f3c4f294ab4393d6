"""Loops inside loops become quicker operations that mean the same; costs are read from loops."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from itertools import product
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from gallery import OUTPUTS
from hypothesis import given
from hypothesis import strategies as st
from item_networks import BY_HAND, EQUAL_BEFORE, NUMBERS, SET, of_numbers

from deepdistill import load
from deepdistill.forms.sequence.network import PrefixNetwork
from deepdistill.forms.sequence.prefix_lift import over_prefixes
from deepdistill.ir import spec
from deepdistill.ir.costs import growth
from deepdistill.ir.errors import InputError
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.ops import OPERATIONS
from deepdistill.ir.parse import parse_program
from deepdistill.ir.program import Program
from deepdistill.ir.types import Axis, Port
from deepdistill.passes.growth import quicker
from deepdistill.passes.items import shorten_items
from deepdistill.recheck import verify_folder
from deepdistill.target.item_source import item_solver
from deepdistill.target.source import Provenance
from deepdistill.units.gates import AffineUnit
from deepdistill.units.heads import Each
from deepdistill.units.item_readings import Others
from deepdistill.units.items import ItemNetwork
from deepdistill.units.lift import lift
from deepdistill.verify.proof.items import prove_items, prove_prefixes
from deepdistill.verify.solver import load_solver

HEAD = "rule(numbers: set of -9..9) -> result: "
LOOP = f"{HEAD}set of -99..99\n  result[i] for size 0 of numbers: "
PREFIXES = "rule(numbers: sequence of -9..9) -> result: sequence of -99..99\n  "
PREFIXES += "result[t] for each position of numbers:\n    "
ALL = "for 0 <= j < size 0 of numbers"
BEGINS = "prefix(numbers, (t + 1))"
SLOW: dict[str, tuple[str, str]] = {
    "ranks": (
        f"{LOOP}(sum(int((numbers[j] < numbers[i])) {ALL}) + "
        "sum(int((numbers[j] == numbers[i])) for 0 <= j < i))",
        "n log n",
    ),
    "tally": (f"{LOOP}sum(int((numbers[j] == numbers[i])) {ALL})", "n"),
    "earlier": (f"{LOOP}sum(int((numbers[i] == numbers[j])) for 0 <= j < i)", "n"),
    "below": (f"{LOOP}sum(int((numbers[j] < (numbers[i] + 1))) {ALL})", "n log n"),
    "up_to": (f"{LOOP}sum(int((numbers[i] >= numbers[j])) {ALL})", "n log n"),
    "above": (f"{LOOP}sum(int((numbers[j] > numbers[i])) {ALL})", "n log n"),
    "at_least": (f"{LOOP}sum(int((numbers[j] >= (2 * numbers[i]))) {ALL})", "n log n"),
    "a search": (
        f"{HEAD} of -9..9\n  result = (the first numbers[i] for 0 <= i < size 0 of numbers with "
        f"(sum(int((numbers[j] == numbers[i])) {ALL}) > 1))",
        "n",
    ),
    "a sum": (
        f"{HEAD} of 0..99\n  result = sum(sum(int((numbers[j] < numbers[i])) {ALL}) "
        "for 0 <= i < size 0 of numbers)",
        "n log n",
    ),
    "maximum": (f"{PREFIXES}maximum({BEGINS})", "n"),
    "minimum": (f"{PREFIXES}(2 * minimum({BEGINS}))", "n"),
    "distinct": (f"{PREFIXES}int((distinct({BEGINS}) < (t + 1)))", "n"),
    "sum": (f"{PREFIXES}sum(numbers[j] for 0 <= j < (t + 1))", "n"),
    "different ones": (f"{LOOP}(numbers[i] * distinct(numbers))", "n"),
    "a total": (f"{LOOP}int((sum(numbers[j] {ALL}) < numbers[i]))", "n"),
    "palindromes": (f"{PREFIXES}int(same({BEGINS}, reversed({BEGINS})))", "n"),
}


def answer(program: Program, numbers: list[int]) -> Any:
    try:
        return evaluate(program, {"numbers": numbers})
    except Exception as error:
        return type(error)


@pytest.mark.parametrize(("text", "quick"), SLOW.values(), ids=SLOW)
@given(numbers=st.lists(st.integers(-3, 3), max_size=7))
def test_each_row_keeps_every_value(text: str, quick: str, numbers: list[int]) -> None:
    program = parse_program(text)
    spec.check(program, "shortened")
    other = quicker(program)
    spec.check(other, "printed")
    assert other != program
    assert (growth(program), growth(other)) == ("n^2", quick)
    assert answer(other, numbers) == answer(program, numbers)
    assert parse_program(str(other)) == other


@pytest.mark.parametrize(("text", "quick"), SLOW.values(), ids=SLOW)
def test_solvers_of_quicker_programs_answer_as_the_slow_ones(text: str, quick: str) -> None:
    program = parse_program(text)
    told = Provenance("nothing")
    slow = load_solver(item_solver(program, told).encode(), "rule")
    fast = load_solver(item_solver(program, told, quicker(program)).encode(), "rule")
    for n in range(1, 5):
        for numbers in product((-1, 0, 2), repeat=n):
            assert outcome(fast, [*numbers]) == outcome(slow, [*numbers])


def outcome(solve: Callable[..., Any], numbers: list[int]) -> Any:
    try:
        return solve(numbers)
    except ValueError as error:
        return str(error)


def test_places_that_may_lie_outside_are_left_alone() -> None:
    inner = f"sum(int((numbers[j] == numbers[k])) {ALL})"
    program = parse_program(f"{LOOP}sum({inner} for (i - 2) <= k < i)")
    assert quicker(program) == program


@given(numbers=st.lists(st.integers(-3, 3), min_size=1, max_size=7))
def test_what_is_the_same_at_every_place_is_computed_once(numbers: list[int]) -> None:
    text = f"{LOOP}int((numbers[i] == maximum(numbers)))"
    program = parse_program(text)
    other = quicker(program)
    assert (growth(program), growth(other)) == ("n^2", "n")
    assert answer(other, numbers) == answer(program, numbers)
    may_be_empty = parse_program(text.replace(": set", ": sequence"))
    assert quicker(may_be_empty) == may_be_empty  # nothing has no maximum, and an answer


@pytest.mark.parametrize("name", ["ranks", "earlier"])
@given(numbers=st.lists(st.integers(-3, 3), max_size=7))
def test_lists_that_are_read_again_stay_lists(name: str, numbers: list[int]) -> None:
    count = SLOW[name][0].split(": ", 3)[-1]
    first = f"first[i] for size 0 of numbers: {count}"
    again = f"result[i] for size 0 of numbers: ({count} + (2 * first[i]))"
    program = parse_program(LOOP[: LOOP.index("\n")] + f"\n  {first}\n  {again}")
    other = quicker(program)
    spec.check(other, "printed")
    assert other != program and growth(other) == SLOW[name][1]
    assert answer(other, numbers) == answer(program, numbers)


ALGORITHMS = ("ranks", "tally", "earlier", "running_distinct", "palindromes")


@pytest.mark.parametrize("op", ALGORITHMS)
def test_algorithms_give_what_their_operations_mean(op: str) -> None:
    algorithm = getattr(import_module(f"deepdistill.target.algorithms.{op}"), f"_{op}")
    for n in range(7):
        for numbers in product(range(3), repeat=n):
            assert algorithm([*numbers]) == OPERATIONS[op].function([*numbers])


EACH = {
    "tally": Others("equal"),
    "earlier": EQUAL_BEFORE,
    "below": Others("less"),
    "above": Others("greater"),
}
NETWORKS: dict[str, ItemNetwork] = {
    **{
        name: of_numbers((reading,), (AffineUnit((1,)),), Each(), (SET,))
        for name, reading in EACH.items()
    },
    **{name: BY_HAND[name] for name in ("rank", "majority_element")},
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_prover_has_the_same_terms_for_both(name: str) -> None:
    network = NETWORKS[name]
    program = shorten_items(lift(network, name))
    other = quicker(program)
    assert other != program
    assert prove_items(other, network).status == "proved"


@pytest.mark.parametrize("name", ["contains_duplicate", "maximum"])
def test_at_every_prefix_too(name: str) -> None:
    port = Port("numbers", (Axis("sequence"),), NUMBERS.domain)
    network = replace(BY_HAND[name], inputs=(port,))
    whole = shorten_items(lift(network, name))
    answers = Port("result", (Axis("sequence"),), network.output.domain)
    program = over_prefixes(whole, (port,), answers, name)
    other = quicker(program)
    assert other != program
    every = PrefixNetwork((port,), answers, network)
    assert prove_prefixes(other, network, every).status == "proved"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rule(x: grid(wrap) of 0..1) -> y: grid(wrap) of 0..1\n  y[i] for each position of x:\n"
         "    x[(i + 1)]", "n"),
        ("rule(x: grid grid of 0..1) -> y:  of 0..9\n"
         "  y = sum(sum(x[i, j] for 0 <= j < size 1 of x) for 0 <= i < size 0 of x)",
         "rows * columns"),
        ("rule(x: set of 0..1) -> y:  of 0..9\n  y = item(sorted(x), 0)", "n log n"),
        ("rule(x: set of 0..1) -> y:  of 0..9\n  y = x[0]", "n"),  # the check reads it all
        ("rule(x: fixed(3) of 0..1) -> y:  of 0..9\n  y = x[0]", "constant"),
        ("rule(x: grid grid of 0..1) -> y:  of 0..1\n  y = sum(x[i, 0] for 0 <= i < size 0 of x)",
         "rows * columns"),
        ("rule(x: set of 0..1) -> y:  of 0..9\n  y = sum(sum(sum((i * x[k]) for 0 <= k < size 0 of "
         "x) for i <= j < size 0 of x) for 0 <= i < size 0 of x)", "n^3"),
        ("rule(x: sequence of 0..9) -> y: sequence of 0..99\n  y[t] for each position of x:\n"
         "    sum(x[k] for max(0, (t - 4)) <= k < (t + 1))", "n"),
    ],
)  # fmt: skip
def test_costs_are_read_from_loops(text: str, expected: str) -> None:
    program = parse_program(text)
    assert growth(program) == expected
    assert quicker(program) == program  # nothing is slower than it has to be


@pytest.mark.parametrize("proved", [True, False])
def test_another_growth_than_that_of_the_loops_is_refused(tmp_path: Path, proved: bool) -> None:
    folder = tmp_path / "rank"
    copytree(OUTPUTS / "rank", folder)
    path = folder / "certificate.json"
    told = json.loads(path.read_text()) | {"growth": "n"}
    for claim in () if proved else (told["faithful"], told["scalable"]):
        claim |= {"status": "sampled", "sizes": claim.pop("checked", claim["sizes"])}
    path.write_text(json.dumps(told))
    with pytest.raises(InputError, match="grows as n, and the loops of its program as n log n"):
        verify_folder(folder, examples=1)
    with pytest.raises(InputError, match="grows as n, and the loops of its program as n log n"):
        load(folder)
    told["growth"] = "n log n"
    path.write_text(json.dumps(told))
    assert load(folder).certificate.growth == "n log n"
