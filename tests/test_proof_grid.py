"""Proofs of grid programs: true ones are found, and what differs anywhere is never proved."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from effort import tries
from grid_proofs import gallery, judged, lookup, program_mutants, snapped, table_network
from hypothesis import given, settings
from hypothesis import strategies as st
from proving import prove_program
from strategies import (
    BITS,
    at,
    grid_port,
    grid_program,
    life_network,
    life_program,
    networks,
    programs,
)

from deepdistill.forms import form_of_network
from deepdistill.forms.grid import argument as grid
from deepdistill.forms.grid.local_oracle import prove_oracle
from deepdistill.forms.grid.network import GridNetwork
from deepdistill.forms.grid.shorten import shorten
from deepdistill.ir.expr import Const, Expr, Inside, Read, Size, Sum, Var, call
from deepdistill.ir.program import ConstantTable, Fill, Let, Map, Program
from deepdistill.ir.types import Integers, Port
from deepdistill.units.groups import UnitGroup
from deepdistill.units.lift import lift
from deepdistill.units.readings import Tap
from deepdistill.verify.proof import BUDGET

AUTOMATA = (
    "eca_universal", "rule30", "rule90", "rule110", "rule184", "radius_two", "life", "highlife",
    "seeds", "day_and_night", "life_bounded", "von_neumann", "brians_brain", "wireworld",
)  # fmt: skip


@pytest.mark.parametrize("name", AUTOMATA)
def test_every_automaton_of_the_gallery_is_proved_at_all_sizes(name: str) -> None:
    problem, network = gallery(name)
    found = form_of_network(network).prove(problem, network, lift(network, name))
    for proof in (found.network, found.oracle):
        assert proof is not None and (proof.status, proof.sizes) == ("proved", "all"), proof
    assert found.network is not None and 0 < found.network.effort < BUDGET // 100


@pytest.mark.parametrize("name", ["rule30", "radius_two", "eca_universal", "life_bounded"])
def test_shortened_programs_are_proved_with_the_same_effort_each_time(name: str) -> None:
    _, network = gallery(name)
    program = shorten(lift(network, name))
    first = prove_program(program, network)
    assert first is not None and first.status == "proved"
    assert prove_program(life_program(), life_network()) is not None  # z3 has met other terms
    assert prove_program(program, network) == first


@pytest.mark.parametrize(
    ("program", "network"),
    [
        (life_program(), life_network()),
        (life_program(wrap=False), life_network(wrap=False)),
    ],
    ids=["wrap", "border"],
)
def test_no_mutant_of_life_that_differs_is_proved(program: Program, network: GridNetwork) -> None:
    assert judged(program, network, 20).status == "proved"
    found = [judged(mutant, network, 20) for mutant in program_mutants(program)]
    unknown = [proof.reason for proof in found if proof.status == "unknown"]
    assert all("an index that is not the position" in reason for reason in unknown)
    # equal ones: the ring read from the other side (row - dr), `cell >= 1` and the like
    assert sum(proof.status == "refuted" for proof in found) >= 25


@pytest.mark.parametrize("name", ["rule110", "radius_two", "eca_universal"])
def test_no_mutant_of_a_short_program_that_differs_is_proved(name: str) -> None:
    _, network = gallery(name)
    program = shorten(lift(network, name))
    assert judged(program, network).status == "proved"
    found = [judged(mutant, network).status for mutant in program_mutants(program)]
    assert found.count("refuted") >= 3


@settings(max_examples=tries(20))
@given(networks(), st.randoms(use_true_random=False))
def test_lifted_networks_are_proved_and_their_mutants_are_not(
    network: GridNetwork, rng: Any
) -> None:
    network = snapped(network)
    program = lift(network, "mine")
    assert judged(program, network).status == "proved"
    others = list(program_mutants(program))
    for mutant in rng.sample(others, min(6, len(others))):
        judged(mutant, network)


@settings(max_examples=tries(40))
@given(networks(), programs(), st.data())
def test_unrelated_programs_are_judged_rightly(
    network: GridNetwork, program: Program, data: st.DataObject
) -> None:
    axes = network.inputs[0].axes
    program = data.draw(programs(dimensions=len(axes), wrap=axes[0].wrap))
    program = replace(program, inputs=network.inputs)
    judged(program, network)


@pytest.mark.parametrize("wrap", [True, False])
def test_all_elementary_rules_are_proved_and_no_neighbour_of_theirs(wrap: bool) -> None:
    for number in range(0, 256, 1 if wrap else 15):
        answers = tuple(number >> k & 1 for k in range(8))
        network = table_network(answers, wrap)
        proof = prove_program(lookup(answers, wrap), network)
        assert proof is not None and proof.status == "proved", number
        wrong = (*answers[: number % 8], 1 - answers[number % 8], *answers[number % 8 + 1 :])
        if number % 16 == 0:
            assert judged(lookup(wrong, wrap), network).status == "refuted", number


# Every kind of statement and reading


def with_rule(*statements: Any, value: Expr, tables: tuple[ConstantTable, ...] = ()) -> Program:
    """A program over cells and a rule of eight bits."""
    _, network = gallery("eca_universal")
    output = Map("result", "cells", ("row",), (), value)
    return Program("mine", network.inputs, network.output, (*statements, output), tables)


PLACE = call("add", call("mul", Const(4), at(-1)), call("mul", Const(2), at(0)), at(1))


@pytest.mark.parametrize(
    ("program", "status"),
    [
        (with_rule(value=Read("rule", (PLACE,))), "proved"),
        (with_rule(value=Read("rule", (call("sub", Const(7), PLACE),))), "refuted"),
        # a table of the program, a list of constant size, an array of the grid's size
        (
            with_rule(
                value=Read("rule", (Read("order", (PLACE,)),)),
                tables=(ConstantTable("order", (0, 1, 2, 3, 4, 5, 6, 7)),),
            ),
            "proved",
        ),
        (
            with_rule(
                value=Read("rule", (Read("order", (PLACE,)),)),
                tables=(ConstantTable("order", (0, 1, 2, 3, 4, 5, 7, 6)),),
            ),
            "refuted",
        ),
        (
            with_rule(
                Fill("swapped", ("k",), (8,), Read("rule", (call("sub", Const(7), Var("k")),))),
                value=Read("swapped", (call("sub", Const(7), PLACE),)),
            ),
            "proved",
        ),
        (
            with_rule(
                Fill("codes", ("row",), (Size("cells"),), PLACE),
                value=Read("rule", (Read("codes", (Var("k"),)),)),
            ),
            "unknown",  # k is bound nowhere
        ),
        (
            with_rule(
                Fill("codes", ("i",), (Size("cells"),), Read("cells", (Var("i"),))),
                Let("shift", Const(2)),
                value=Read(
                    "rule",
                    (
                        call(
                            "add",
                            call("mul", Const(4), at(-1)),
                            call("mul", Var("shift"), Read("codes", (Var("row"),))),
                            at(1),
                        ),
                    ),
                ),
            ),
            "proved",
        ),
        # beside its own place an array has no element at its ends
        (
            with_rule(
                Fill("codes", ("i",), (Size("cells"),), Read("cells", (Var("i"),))),
                value=Read("codes", (call("add", Var("row"), Const(1)),)),
            ),
            "unknown",
        ),
        # an index beyond a table has no value; a rule's bit beyond its end is 0
        (
            with_rule(
                value=Read("order", (PLACE,)),
                tables=(ConstantTable("order", (0, 1, 2, 3, 4, 5, 6)),),
            ),
            "unknown",
        ),
        (with_rule(value=Read("rule", (call("add", PLACE, Const(8)),))), "refuted"),
        # the position as a number, the size, another order of the axes: no local rule
        (with_rule(value=call("mod", Var("row"), Const(2))), "unknown"),
        (with_rule(value=call("mod", Size("cells"), Const(2))), "unknown"),
        (with_rule(value=Read("cells", (Const(0),))), "unknown"),
        (with_rule(value=Read("cells", (call("mul", Const(2), Var("row")),))), "unknown"),
        # two meanings of one name
        (with_rule(Let("row", Const(1)), value=Read("rule", (PLACE,))), "unknown"),
        (
            with_rule(
                value=Sum(("row",), ((0,),), Read("rule", (PLACE,))),
            ),
            "unknown",
        ),
        # a name that only a sum before has left behind
        (
            with_rule(value=call("add", Sum(("k",), ((0,),), Var("k")), Var("k"))),
            "unknown",
        ),
        (with_rule(value=call("floordiv", Read("rule", (PLACE,)), at(0))), "unknown"),
    ],
)
def test_statements_and_readings(program: Program, status: str) -> None:
    _, network = gallery("eca_universal")
    assert judged(program, network).status == status


def test_borders_are_told_apart_from_zeros() -> None:
    port = grid_port(dimensions=1, wrap=False)
    taps = (Tap("cells", (1,), "inside"), Tap("cells", (2,), "inside"), Tap("cells", (1,)))
    one = UnitGroup(np.array([[-1.0, -1.0, 0.0]]), np.array([0.5]), "step")
    network = GridNetwork((port,), Port("result", port.axes, BITS), taps, (one,), (0, 1))

    def inside(k: int) -> Expr:
        return Inside("cells", (call("add", Var("row"), Const(k)),))

    def rule(value: Expr) -> Program:
        return grid_program(value, (), wrap=False, dimensions=1)

    # no second neighbour inside where the first is not: both flags matter no more than one
    last = call("int", call("not", inside(1)))
    assert judged(rule(last), network).status == "proved"
    either = call("sub", Const(1), call("max", inside(1), inside(2)))
    assert judged(rule(either), network).status == "proved"
    assert judged(rule(call("int", call("not", inside(2)))), network).status == "refuted"
    assert judged(rule(call("int", call("not", at(1)))), network).status == "refuted"


def test_weights_whose_sums_floats_round_are_not_proved() -> None:
    network = table_network((0, 1, 1, 0, 1, 0, 0, 1), True)
    program = lookup((0, 1, 1, 0, 1, 0, 0, 1), True)
    hidden, last = network.groups
    thirds = UnitGroup(hidden.weights * 0.1, hidden.bias * 0.1, "step")
    for groups in (
        (UnitGroup(hidden.weights * 2.0**60, hidden.bias * 2.0**60 + 1, "step"), last),
        (UnitGroup(np.where(hidden.weights > 0, np.inf, -1.0), hidden.bias, "step"), last),
    ):
        proof = prove_program(program, replace(network, groups=groups))
        assert proof is not None and proof.status != "refuted"
    halves = replace(network, groups=(UnitGroup(hidden.weights / 8, hidden.bias / 8, "step"), last))
    assert judged(program, halves).status == "proved"
    proof = prove_program(program, replace(network, groups=(thirds, last)))
    assert proof is not None and (proof.status, proof.reason) == (
        "unknown",
        "no encoding of weights whose sums floats may round",
    )


@settings(max_examples=tries(15))
@given(networks(), programs(), st.data())
def test_trying_every_pattern_says_what_z3_says(
    network: GridNetwork, program: Program, data: st.DataObject
) -> None:
    network = snapped(network)
    axes = network.inputs[0].axes
    drawn = data.draw(programs(dimensions=len(axes), wrap=axes[0].wrap))
    for one in (lift(network, "mine"), replace(drawn, inputs=network.inputs)):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(grid, "MOST", 2**12)  # trying more takes its time
            first, second = judged(one, network), judged(one, network, budget=0)
        assert second.effort == 0
        if second.status != "unknown":
            assert second.status == first.status or "no value" in first.reason
        elif first.status != "unknown":
            assert "budget" in second.reason  # too many patterns


@pytest.mark.parametrize("wrap", [True, False])
def test_mutants_of_life_by_trying_every_pattern(wrap: bool) -> None:
    program, network = life_program(wrap), life_network(wrap)
    proof = judged(program, network, budget=0)
    assert (proof.status, proof.sizes, proof.effort) == ("proved", "all", 0)
    assert f"all {512 if wrap else 512 * 16:,} patterns" in proof.argument
    for mutant in list(program_mutants(program))[::4]:
        tried, found = judged(mutant, network, budget=0), judged(mutant, network)
        assert tried.status == found.status


def test_other_inputs_and_a_spent_budget_are_unknown() -> None:
    proof = prove_program(life_program(wrap=False), life_network())
    assert proof is not None and proof.status == "unknown" and "other inputs" in proof.reason
    _, wide = gallery("wireworld")
    program = lift(wide, "wireworld")
    patterns = replace(wide.inputs[0], domain=Integers(0, 9))
    many = replace(program, inputs=(patterns,))
    proof = prove_program(many, replace(wide, inputs=(patterns,)), budget=100)
    assert proof is not None and proof.status == "unknown" and "budget" in proof.reason


# Oracles


def test_an_oracle_is_proved_only_where_its_radius_is_declared() -> None:
    problem, network = gallery("life")
    assert prove_oracle(replace(problem, oracle_radius=None), network) is None
    wrong = prove_oracle(problem, life_network(survive=1))
    assert wrong is not None and wrong.status == "refuted"
    case = wrong.counterexample
    assert case is not None and len(case) == 9
    assert (case["cells[0, 0]"], sum(case.values())) in ((0, 2), (1, 2))
    bounded, edges = gallery("life_bounded")
    assert prove_oracle(bounded, edges) == prove_oracle(bounded, life_network(wrap=False))
    below = tuple(product((1, 2, 3), (0, 1, 2)))
    shifted = life_network(wrap=False, offsets=below)
    other = prove_oracle(bounded, shifted)
    assert other is not None and other.status == "unknown"  # too many grids of its window
