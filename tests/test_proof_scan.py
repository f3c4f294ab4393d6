"""Programs over sequences proved at every length, and never where they are wrong."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from effort import tries
from gallery import OUTPUTS
from hypothesis import given, settings
from proving import prove_program
from recurrent_strategies import networks
from scan_mutants import network_mutants, program_mutants
from scan_pairs import LARGE, PAIRS, add, before, c, loop, net, places, v
from sequence_networks import NETWORKS, R2, R, X, choose, lin, only

from deepdistill.data import catalogue
from deepdistill.forms import form_of_task
from deepdistill.forms.files import read_network
from deepdistill.forms.relift import shortened
from deepdistill.forms.sequence.argument.runs import reach, sequences, split_at
from deepdistill.forms.sequence.argument.scan import by_invariant, prove_scan
from deepdistill.forms.sequence.argument.steps import carried_start
from deepdistill.forms.sequence.network import RecurrentNetwork
from deepdistill.forms.sequence.shorten.passes import shorten_scan
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Inside, Read, Size, Sum, Total, call
from deepdistill.ir.program import Let, Program
from deepdistill.ir.types import Integers
from deepdistill.units.lift import lift
from deepdistill.units.readings import Product
from problems.arithmetic import NAMES

QUICK = settings(derandomize=True, deadline=None, max_examples=tries(8))
BUDGET = 300_000  # wrong mutants use all of it
GALLERY = [
    name if k % 4 == 3 else pytest.param(name, marks=pytest.mark.slow)
    for k, name in enumerate(NAMES)
]


@pytest.mark.parametrize("name", GALLERY)
def test_the_gallery_is_proved(name: str) -> None:
    problem = catalogue.find(name)
    network = read_network((OUTPUTS / name / "network.npz").read_bytes(), name)
    program = shortened(form_of_task(problem), problem, network).program
    proof = prove_program(program, network)
    assert proof.status == "proved" and proof.sizes == "all", proof


@pytest.mark.parametrize("name", NETWORKS)
def test_loops_are_proved(name: str) -> None:
    network = NETWORKS[name]
    proof = prove_scan(lift(network, "mine"), network)
    assert proof.status == "proved", proof
    assert proof.sizes == "all" and proof.argument


@pytest.mark.parametrize("name", PAIRS)
def test_other_carried_variables_are_proved(name: str) -> None:
    proof = prove_program(*PAIRS[name])
    assert proof.status == "proved", proof


@QUICK
@given(networks())
def test_random_networks_are_proved(network: RecurrentNetwork) -> None:
    program = lift(network, "mine")
    assert prove_scan(program, network).status == "proved", program
    assert by_invariant(program, network).status == "proved", program


@pytest.mark.slow
@settings(QUICK, max_examples=tries(80))
@given(networks())
def test_short_programs_of_random_networks_are_proved(network: RecurrentNetwork) -> None:
    program = shorten_scan(lift(network, "mine"), searches=0)
    assert prove_scan(program, network).status == "proved", program


SOME = ("running_min", "previous_3", "dithering")


def checked(program: Program, network: RecurrentNetwork) -> bool:
    """Nothing that is wrong is proved, by any argument; whether it is wrong."""
    wrong = any(split_at(program, network, rows) for rows in sequences(network.inputs[0], 5))
    if wrong:
        proof = by_invariant(program, network, BUDGET)
        assert proof.status == "unknown", (program, network, proof)
        found = reach(program, network, carried_start(program), 2000) if _loops(program) else None
        assert found is None or not found.states or found.split is not None
        refuted = prove_scan(program, network, BUDGET)
        assert refuted.status == "refuted", (program, network)
        assert _replayed(refuted.counterexample, program, network)
    return wrong


def _loops(program: Program) -> bool:
    return hasattr(program.body[0], "state")


def _replayed(values: dict[str, int], program: Program, network: RecurrentNetwork) -> bool:
    """Whether the sides differ on all of the counterexample, and not on less."""
    rows: dict[int, list[int]] = {}
    for place, value in values.items():
        rows.setdefault(int(place.split("[")[1].rstrip("]")), []).append(value)
    described = [tuple(rows[t]) for t in range(len(rows))]
    split = split_at(program, network, described)
    return split is not None and split.rows == tuple(described)


@pytest.mark.parametrize("name", [*PAIRS, *SOME])
def test_wrong_programs_and_networks_are_not_proved(name: str) -> None:
    if name in PAIRS:
        program, network = PAIRS[name]
    else:
        network = NETWORKS[name]
        program = lift(network, "mine")
    pairs = [(other, network) for other in program_mutants(program)]
    pairs += [(program, other) for other in network_mutants(network)]
    random.Random(name).shuffle(pairs)
    assert any([checked(*pair) for pair in pairs[:3]])


@pytest.mark.slow
@pytest.mark.parametrize("name", [*PAIRS, *NETWORKS])
def test_no_wrong_program_or_network_is_proved(name: str) -> None:
    program, network = PAIRS[name] if name in PAIRS else (None, NETWORKS[name])
    program = program or shorten_scan(lift(network, "mine"), searches=0)
    pairs = [(other, network) for other in program_mutants(program)]
    pairs += [(program, other) for other in network_mutants(network)]
    wrong = [checked(*pair) for pair in pairs]
    same = [pair for pair, differs in zip(pairs, wrong, strict=True) if not differs]
    proved = sum(prove_scan(*pair, BUDGET).status == "proved" for pair in same)
    assert sum(wrong) > 9 * (len(same) - proved)  # nearly all others are proved to be equal
    assert sum(wrong) > len(wrong) // 3


@QUICK
@given(networks())
def test_mutants_of_random_networks_are_not_proved(network: RecurrentNetwork) -> None:
    program = lift(network, "mine")
    mutants = list(network_mutants(network))
    for other in random.Random(1).sample(mutants, min(3, len(mutants))):
        checked(program, other)


def test_a_difference_far_out_is_found_or_nothing_is_claimed() -> None:
    def counting(most: int) -> RecurrentNetwork:
        late = choose(([(lin(0, 0, 1), most, None)], lin(0, 0, 0, b=1)), lin(0, 0, 0))
        return net(Integers(0, 1), [X, R, R2], [0], [only(1, 1, 0)], late)

    for most, expected in ((119, "refuted"), (500, "refuted"), (10**6, "unknown")):
        body = [("s", call("min", c(most + 1), add(v("s"), v("x"))))]
        value = call("int", call("ge", v("s"), c(most + 1)))
        network = counting(most)
        proof = prove_scan(loop(network, {"s": 0}, body, value), network, BUDGET)
        assert proof.status == expected, (most, proof)
        if expected == "refuted":
            assert len(proof.counterexample) == most


_NETWORK = net(LARGE, [X, R, R2], [0], [only(1, 1, 0)], only(0, 0, 1))
_PLAIN = [("s", add(v("s"), v("x")))]


@pytest.mark.parametrize(
    "program",
    [
        # sums whose names outlive them in the interpreter hide what is carried
        loop(_NETWORK, {"s": 0}, [("u", Sum(("s",), ((7,),), v("s"))), *_PLAIN], v("s")),
        loop(_NETWORK, {"s": 0}, [*_PLAIN, ("u", v("w")), ("w", v("x"))], v("s")),
        loop(_NETWORK, {"s": 0}, _PLAIN, add(v("s"), call("mul", c(0), Size("numbers")))),
        loop(_NETWORK, {"s": 0}, _PLAIN, add(v("s"), call("mul", c(0), before(0)))),
        places(_NETWORK, Total("k", c(0), add(v("t"), c(1)), Read("numbers", (v("k"),)))),
        places(_NETWORK, add(before(-1), c(0))),
        places(_NETWORK, Inside("numbers", (v("t"),))),
    ],
    ids=[
        "hidden name",
        "left over",
        "size",
        "read in a loop",
        "from the start",
        "future",
        "inside",
    ],
)
def test_what_has_no_encoding_is_not_claimed(program: Program) -> None:
    proof = by_invariant(program, _NETWORK)
    assert proof.status == "unknown" and proof.reason


def test_other_ports_are_not_claimed() -> None:
    program, network = PAIRS["quotient"]
    wider = replace(network, inputs=PAIRS["window"][1].inputs)
    for proof in (prove_scan(program, wider), by_invariant(program, wider)):
        assert proof.status == "unknown" and "inputs" in proof.reason
    two = replace(network, outputs=network.outputs * 2)
    assert prove_scan(program, two).status == "unknown"


def test_what_depends_on_later_elements_is_refuted() -> None:
    _, network = PAIRS["window"]
    proof = prove_scan(places(network, add(before(-1), before(1), before(2))), network)
    assert proof.status == "refuted" and len(proof.counterexample) >= 1
    first = places(network, add(before(0), before(-2), before(2)))
    proof = prove_scan(first, network)
    assert proof.status == "refuted" and _replayed(proof.counterexample, first, network)


def test_numbers_that_grow_huge_are_no_trap() -> None:
    """Squared at each step, after 120 of them they would fill no memory there is."""
    doubled = net(LARGE, [X, R, Product(R, R), R2], [3], [only(0, 0, 1, 0)], only(0, 0, 0, 1))
    for start, expected in ((3, "proved"), (2, "refuted")):
        body = [("s", call("mul", v("s"), v("s")))]
        assert prove_scan(loop(doubled, {"s": start}, body, v("s")), doubled).status == expected


def test_a_constant_before_a_loop_is_known_in_it() -> None:
    named = loop(_NETWORK, {"s": 0}, [("s", add(v("s"), call("mul", v("one"), v("x"))))], v("s"))
    named = replace(named, body=(Let("one", c(1)), *named.body))
    assert prove_scan(named, _NETWORK).status == "proved"
    assert evaluate(named, {"numbers": [3, 4]}) == [3, 7]
    wrong = replace(named, body=(Let("one", c(2)), *named.body[1:]))
    assert prove_scan(wrong, _NETWORK).status == "refuted"


def test_without_a_budget_nothing_is_claimed() -> None:
    proof = prove_scan(*PAIRS["quotient"], budget=0)
    assert proof.status == "unknown" and "budget" in proof.reason


def test_the_same_proof_has_the_same_effort() -> None:
    first, second = (prove_scan(*PAIRS["saturating late"]) for _ in range(2))
    assert first == second and first.effort > 0
