"""Recurrent networks become loops: exactly, and about as short as a person writes them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recurrent_strategies import network_of, networks, rows_for
from sequence_networks import NETWORKS, only
from sequence_references import REFERENCES, loop_nodes, reference_nodes

from deepdistill.forms.sequence.network import RecurrentNetwork
from deepdistill.forms.sequence.shorten.affine import affine
from deepdistill.forms.sequence.shorten.basis import rebased
from deepdistill.forms.sequence.shorten.formula import Searches, formula
from deepdistill.forms.sequence.shorten.loop import live, loop_of, names
from deepdistill.forms.sequence.shorten.machine import machine_of, merged
from deepdistill.forms.sequence.shorten.passes import shorten_scan
from deepdistill.forms.sequence.shorten.pieces import pieces
from deepdistill.forms.sequence.shorten.ranges import loop_ranges
from deepdistill.forms.sequence.shorten.registers import merged_registers
from deepdistill.forms.sequence.shorten.schedule import price, scan_of, with_scan
from deepdistill.ir.evaluate import Scope, evaluate, evaluate_expr
from deepdistill.ir.expr import Call, Const, Expr, If, Var, call, size
from deepdistill.ir.interval import Interval
from deepdistill.ir.program import Let, Map, Program, Scan
from deepdistill.ir.types import Integers
from deepdistill.passes.decide.literals import Evaluated
from deepdistill.target.scan_source import scan_solver
from deepdistill.target.source import Provenance
from deepdistill.units.lift import lift
from deepdistill.units.readings import Lag, Register
from deepdistill.verify.solver import load_solver

MOST = 1.5  # times the nodes of the loop written by hand


def repeatable(examples: int) -> settings:
    return settings(
        max_examples=tries(examples),
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def source_of(program: Program) -> str:
    return scan_solver(program, Provenance("examples", (), (), (10,), "0"))


def given_as(network: RecurrentNetwork, rows: Sequence[Sequence[int]]) -> Any:
    """Rows as the input port has them."""
    plain = len(network.inputs[0].axes) == 1
    return [row[0] for row in rows] if plain else [list(row) for row in rows]


def answers_of(network: RecurrentNetwork, rows: Sequence[Sequence[int]]) -> Any:
    found = network.run_rows(rows)
    plain = len(network.output.axes) == 1
    return [row[0] for row in found] if plain else [list(row) for row in found]


def sequences(network: RecurrentNetwork) -> list[list[list[int]]]:
    """Random rows of several lengths."""
    rng = random.Random(0)
    (port,) = network.inputs
    channels = port.axes[1].size if len(port.axes) > 1 else 1
    return [
        [[rng.randint(port.domain.low, port.domain.high) for _ in range(channels or 1)]
         for _ in range(length)]
        for length in (0, 1, 2, 3, 7, 40, 300)
    ]  # fmt: skip


def check_all(network: RecurrentNetwork, rows: Sequence[Sequence[int]], *programs: Program) -> None:
    port = network.inputs[0].name
    for program in programs:
        assert evaluate(program, {port: given_as(network, rows)}) == answers_of(network, rows)


@repeatable(60)
@given(networks(), st.data())
def test_the_lifted_program_is_the_network(network: RecurrentNetwork, data: st.DataObject) -> None:
    program = lift(network, "mine")
    check_all(network, data.draw(rows_for(network)), program)


@repeatable(12)
@given(networks(), st.data())
def test_shortening_keeps_every_answer(network: RecurrentNetwork, data: st.DataObject) -> None:
    """Formulas, tables and statements, without the long searches (they take seconds)."""
    program = shorten_scan(lift(network, "mine"), searches=0)
    solve = load_solver(source_of(program).encode(), "mine")
    for _ in range(3):
        rows = data.draw(rows_for(network))
        check_all(network, rows, program)
        answers = solve(given_as(network, rows))
        assert answers == answers_of(network, rows)
        flat = [v for a in answers for v in (a if isinstance(a, list) else [a])]
        assert all(type(v) is int for v in flat)


@pytest.mark.slow
@repeatable(15)
@given(networks(), st.data())
def test_long_searches_keep_every_answer(network: RecurrentNetwork, data: st.DataObject) -> None:
    program = shorten_scan(lift(network, "mine"))
    for _ in range(3):
        check_all(network, data.draw(rows_for(network)), program)


@pytest.mark.parametrize("name", NETWORKS)
def test_programs_are_exact_and_about_as_short_as_by_hand(name: str) -> None:
    network = NETWORKS[name]
    program = shorten_scan(lift(network, name))
    source = source_of(program)
    solve = load_solver(source.encode(), name)
    for rows in sequences(network):
        check_all(network, rows, program)
        answers = answers_of(network, rows)
        assert solve(given_as(network, rows)) == answers
        assert REFERENCES[name](given_as(network, rows)) == answers, "the test's network is wrong"
    assert loop_nodes(source) <= MOST * reference_nodes(name), source


def test_big_integers_are_exact() -> None:
    """A register that doubles at each step: far beyond 64 bits."""
    network = network_of(
        Integers(-100, 99), 1, (Lag(), Register(0)), (1,), (only(1, 2),), (only(-1, 3),)
    )
    program = shorten_scan(lift(network, "mine"))
    solve = load_solver(source_of(program).encode(), "mine")
    rows = [[k % 90] for k in range(400)]
    check_all(network, rows, program)
    assert solve(given_as(network, rows)) == answers_of(network, rows)
    assert abs(answers_of(network, rows)[-1]) > 2**300


def test_states_in_an_odd_coding_come_out_as_the_carry() -> None:
    program = shorten_scan(lift(NETWORKS["binary_addition"], "add"))
    (scan,) = program.body
    assert isinstance(scan, Scan)
    assert scan.state == (Let("carry", Const(0)),)
    total = Call("add", (Var("a"), Var("b"), Var("carry")))
    assert scan.body == (
        Let("total", total),
        Let("carry", call("floordiv", Var("total"), Const(2))),
    )
    assert scan.values == (call("mod", Var("total"), Const(2)),)


def test_an_identified_system_comes_out_in_the_plainest_coordinates() -> None:
    """Position and velocity, from the states that a Hankel matrix gives."""
    program = shorten_scan(lift(NETWORKS["gravity"], "fall"))
    (scan,) = program.body
    assert isinstance(scan, Scan)
    assert [let.value for let in scan.state] == [Const(0), Const(0)]
    assert price(loop_of(scan, [Interval(0, 9)])) <= 23


def test_registers_that_nobody_reads_and_twins_are_dropped() -> None:
    twins = network_of(
        Integers(-100, 99),
        1,
        (Lag(), Register(0), Register(1), Register(2)),
        (0, 0, 5),
        (only(1, 1, 0, 0), only(1, 0, 1, 0), only(1, 0, 0, 1)),
        (only(0, 1, -1, 0),),
    )
    program = shorten_scan(lift(twins, "mine"))
    (scan,) = program.body
    assert isinstance(scan, Scan) and scan.state == () and scan.values == (Const(0),)


def test_a_window_becomes_a_slice() -> None:
    (statement,) = shorten_scan(lift(NETWORKS["sum_last5"], "mine")).body
    assert isinstance(statement, Map)
    assert "sum(numbers[max(0, t - 4) : t + 1])" in source_of(
        shorten_scan(lift(NETWORKS["sum_last5"], "mine"))
    )


def test_equal_programs_at_every_run() -> None:
    for name in ("multiply_by_3", "balanced_parenthesis"):
        lifted = lift(NETWORKS[name], name)
        assert source_of(shorten_scan(lifted)) == source_of(shorten_scan(lifted))


# ---- the passes one by one


NAMES = ("a0", "s0", "s1")
numbers = st.integers(-3, 3)


@st.composite
def exprs(draw: st.DrawFn, depth: int = 2) -> Expr:
    """Nests of conditionals over affine sums, quotients and remainders."""
    sums = st.builds(
        lambda w, b, d, m: _linear(w, b, d, m),
        st.tuples(numbers, numbers, numbers),
        numbers,
        st.sampled_from([1, 1, 2, 3]),
        st.sampled_from([0, 0, 2, 3]),
    )
    if not depth or draw(st.booleans()):
        return draw(sums)
    op = draw(st.sampled_from(["ge", "le", "gt", "lt", "eq", "ne"]))
    test: Expr = call(op, draw(sums), Const(draw(st.integers(-5, 5))))
    if draw(st.booleans()):
        test = call("not", test)
    if draw(st.booleans()):
        test = call(draw(st.sampled_from(["and", "or"])), test, call("ge", draw(sums), Const(0)))
    return If(test, draw(exprs(depth - 1)), draw(exprs(depth - 1)))


def _linear(weights: Sequence[int], bias: int, divisor: int, modulus: int) -> Expr:
    terms: list[Expr] = [call("mul", Const(w), Var(n)) for w, n in zip(weights, NAMES, strict=True)]
    total: Expr = call("add", *terms, Const(bias))
    total = call("floordiv", total, Const(divisor))
    return call("mod", total, Const(modulus)) if modulus else total


def value_at(expr: Expr, values: Sequence[int]) -> int:
    scope = Scope((), {})
    scope.names.update(zip(NAMES, values, strict=True))
    return int(evaluate_expr(expr, scope))


@repeatable(150)
@given(exprs(0), st.tuples(*[st.integers(-(10**20), 10**20)] * 3))
def test_affine_forms_keep_the_value(expr: Expr, values: tuple[int, ...]) -> None:
    assert value_at(affine(expr).expr(), values) == value_at(expr, values)


@repeatable(100)
@given(exprs(), st.sampled_from([Interval(0, 1), Interval(-3, 9), Interval(-(2**40), 2**40)]),
       st.data())  # fmt: skip
def test_pieces_keep_the_value(expr: Expr, span: Interval, data: st.DataObject) -> None:
    ranges = {"a0": span, "s0": Interval(0, 2), "s1": Interval(-(2**50), 2**50)}
    short = pieces(expr, ranges, Searches(0))
    assert size(short) <= size(expr)
    for _ in range(10):
        values = [
            data.draw(
                st.integers(int(ranges[n].low), int(ranges[n].high))
                | st.integers(max(-6, int(ranges[n].low)), min(6, int(ranges[n].high)))
            )
            for n in NAMES
        ]
        assert value_at(short, values) == value_at(expr, values)


@pytest.mark.parametrize(
    "choice, plain",
    [
        (If(call("ge", call("sub", Var("s1"), Var("a0")), Const(1)), Var("s1"), Var("a0")),
         {call("max", Var("a0"), Var("s1")), call("max", Var("s1"), Var("a0"))}),
        (If(call("le", Var("s1"), Const(-1)), call("mul", Const(-1), Var("s1")), Var("s1")),
         {call("abs", Var("s1"))}),
        (If(call("eq", call("mod", Var("a0"), Const(2)), Const(0)),
            call("add", Var("s1"), Const(1)), Var("s1")),
         {call("sub", call("add", Var("s1"), Const(1)), call("mod", Var("a0"), Const(2)))}),
    ],
)  # fmt: skip
def test_choices_become_plain_operations(choice: Expr, plain: set[Expr]) -> None:
    wide = Interval(-100, 99)
    found = pieces(choice, {"a0": wide, "s1": wide}, Searches(0))
    assert found in plain or size(found) < min(map(size, plain)), found


@repeatable(60)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=9, unique=True), st.data())
def test_formulas_are_right_on_every_row(rows: list[tuple[int, int]], data: st.DataObject) -> None:
    target = np.array([data.draw(st.integers(0, 2)) for _ in rows])
    table = np.array(rows)
    columns = [Evaluated(Var("a0"), table[:, 0]), Evaluated(Var("s0"), table[:, 1])]
    found = formula(columns, target, Searches(0))
    if found is not None:
        for row, wanted in zip(rows, target.tolist(), strict=True):
            assert value_at(found, (*row, 0)) == wanted


@repeatable(60)
@given(networks(), st.data())
def test_ranges_hold_at_every_step(network: RecurrentNetwork, data: st.DataObject) -> None:
    (scan,) = lift(network, "mine").body
    assert isinstance(scan, Scan)
    domain = network.inputs[0].domain
    loop = loop_of(scan, [Interval(domain.low, domain.high) for _ in scan.element])
    ranges = loop_ranges(loop)
    values = {s.name: s.initial for s in loop.state}
    for row in data.draw(rows_for(network)):
        scope = Scope((), {})
        scope.names.update(values)
        scope.names.update(zip(loop.channel_names, row, strict=True))
        for name, expr in loop.definitions():
            scope.names[name] = evaluate_expr(expr, scope)
            assert ranges[name].low <= scope.names[name] <= ranges[name].high
        values = {s.name: scope.names[s.updated] for s in loop.state}


@repeatable(60)
@given(networks(), st.data())
def test_each_rewrite_of_the_loop_keeps_the_answers(
    network: RecurrentNetwork, data: st.DataObject
) -> None:
    lifted = lift(network, "mine")
    (scan,) = lifted.body
    assert isinstance(scan, Scan)
    domain = network.inputs[0].domain
    loop = loop_of(scan, [Interval(domain.low, domain.high) for _ in scan.element])
    rows = data.draw(rows_for(network))
    for rewritten in (loop, live(loop), merged_registers(loop), rebased(loop)):
        taken = ["mine", "numbers", "result"]
        domains = [(domain.low, domain.high) for _ in scan.element]
        again = scan_of(rewritten, scan, taken, domains)
        assert not {name for e in rewritten.exprs() for name in names(e)} & {"result"}
        check_all(network, rows, with_scan(lifted, again))


def test_equivalent_states_are_one() -> None:
    """Counting modulo 6 when only the remainder by 3 is told."""
    network = network_of(
        Integers(0, 2), 1, (Lag(), Register(0)), (0,), (only(1, 1, m=6),), (only(1, 1, m=3),)
    )
    (scan,) = lift(network, "mine").body
    assert isinstance(scan, Scan)
    machine = machine_of(loop_of(scan, [Interval(0, 2)]))
    assert machine is not None and len(machine.states) == 6
    small, classes = merged(machine)
    assert len(small.states) == 3 and classes.tolist()[0] == 0
    (short,) = shorten_scan(lift(network, "mine")).body
    assert isinstance(short, Scan) and len(short.state) == 1
