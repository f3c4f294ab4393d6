"""Readings say the same in each language: value, expression and term; one of a test's own, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate
from math import prod
from random import Random
from typing import Any, get_args

import numpy as np
import pytest
import z3
from effort import tries
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from item_networks import WIDE, random_input, random_network
from recurrent_strategies import network_of, rows_for
from recurrent_strategies import networks as loops

from deepdistill.drawing.items import items_picture
from deepdistill.forms.grid.argument import GridTerms
from deepdistill.forms.grid.receptive import ReceptiveField
from deepdistill.forms.sequence.argument.scan import prove_scan
from deepdistill.forms.sequence.network import RecurrentNetwork
from deepdistill.forms.sequence.scenes import picture as loop_picture
from deepdistill.ir.evaluate import Scope, evaluate, evaluate_expr
from deepdistill.ir.expr import Expr, Read, call
from deepdistill.ir.program import Fill, Let, Map, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.units.gates import AffineUnit, Cell, Gate, Piece
from deepdistill.units.groups import IntArray
from deepdistill.units.heads import Each, Pick, Some
from deepdistill.units.item_readings import (
    Feature,
    InsideItem,
    ItemReading,
    Length,
    Line,
    Mirror,
    Number,
    Order,
    Others,
    Place,
    Relation,
    Turn,
)
from deepdistill.units.items import ItemNetwork
from deepdistill.units.lift import lift
from deepdistill.units.readings import Kind, Lag, Product, Register, StepReading, Tap
from deepdistill.units.site import ItemTerms, LiftScope, Moment, Seen, Site
from deepdistill.verify.proof.counts import Counts
from deepdistill.verify.proof.encode import Z3Logic
from deepdistill.verify.proof.items import prove_items
from deepdistill.verify.proof.items_network import NetworkTerms

PORT = Port("numbers", (Axis("set"),), Integers(-9, 9))


@dataclass(frozen=True, slots=True)
class Square:
    """The square of the item's number: a reading that the package does not know."""

    def values(self, seen: Seen) -> IntArray:
        return seen.array * seen.array

    def expression(self, scope: LiftScope) -> Expr:
        own = Read(scope.site.inputs[0].name, scope.own)
        return call("mul", own, own)

    def term(self, terms: ItemTerms) -> Any:
        own = terms.stands(*terms.item)
        return own * own

    def words(self, site: Site) -> tuple[str, ...]:
        return ("own number", "squared")

    def refusal(self, site: Site) -> str:
        return "" if site.single else "a square is read of a single place"


def squares(unit: Gate | AffineUnit, *features: ItemReading) -> ItemNetwork:
    output = Port("result", PORT.axes, Integers(-999, 999))
    return ItemNetwork((PORT,), output, (0,), features, (unit,), Each())


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=6), st.integers(-3, 3))
def test_a_reading_of_ones_own_is_one_class(numbers: list[int], weight: int) -> None:
    network = squares(AffineUnit((weight, 1), 2), Square(), Number((1,)))
    wanted = [weight * a * a + b + 2 for a, b in zip(numbers, [*numbers[1:], 0], strict=True)]
    assert network.run({"numbers": numbers}).tolist() == wanted
    program = lift(network, "mine")
    assert evaluate(program, {"numbers": numbers}) == wanted
    terms = terms_of(network, np.array(numbers))
    answers = [terms.described((z3.IntVal(k),)).value for k in range(len(numbers))]
    assert [number(answer) for answer in answers] == wanted


def test_a_reading_of_ones_own_is_drawn_proved_and_refused() -> None:
    network = squares(Gate.of((1,), 4), Square())
    assert "squared" in items_picture(network).body
    found = prove_items(lift(network, "mine"), network)
    assert found.status == "proved", found.reason
    other = lift(squares(Gate.of((1,), 5), Square()), "mine")
    assert prove_items(other, network).status == "refuted"
    whole = ItemNetwork((PORT,), Port("result", (), PORT.domain), (), (Square(),), (), Some())
    with pytest.raises(ValueError, match="of a single place"):
        lift(whole, "mine")


@dataclass(frozen=True, slots=True)
class Squared(StepReading):
    """The square of the current element."""

    def values(self, moment: Moment[Any]) -> Any:
        return moment.element(0, 0) * moment.element(0, 0)

    def expression(self, scope: LiftScope) -> Expr:
        return call("mul", Lag().expression(scope), Lag().expression(scope))

    def words(self, site: Site) -> tuple[str, ...]:
        return ("element squared",)

    def refusal(self, site: Site) -> str:
        return "" if site.inputs[0].channels == 1 else "a square is read of one channel"


def sums_of_squares(weight: int, channels: int = 1) -> RecurrentNetwork:
    adds = Cell((), (Piece((), AffineUnit((weight, 1))),))
    gives = Cell((), (Piece((), AffineUnit((weight, 1), 1)),))
    features = (Squared(), Register(0))
    return network_of(Integers(-9, 9), channels, features, (0,), (adds,), (gives,))


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=6), st.integers(-3, 3))
def test_a_reading_of_a_loop_is_one_class(numbers: list[int], weight: int) -> None:
    network = sums_of_squares(weight)
    wanted = [1 + weight * total for total in accumulate(k * k for k in numbers)]
    assert network.run({"numbers": numbers}).tolist() == wanted
    assert network.run_together(np.array([numbers])[..., None]).ravel().tolist() == wanted
    assert evaluate(lift(network, "mine"), {"numbers": numbers}) == wanted


def test_a_reading_of_a_loop_is_drawn_proved_and_refused() -> None:
    network = sums_of_squares(2)
    assert "element squared" in loop_picture(network).body
    proved, refuted = (prove_scan(lift(sums_of_squares(k), "mine"), network) for k in (2, 3))
    assert (proved.status, refuted.status) == ("proved", "refuted")
    with pytest.raises(ValueError, match="of one channel"):
        lift(sums_of_squares(2, channels=2), "mine")


# Terms with the numbers of an array in them


class Written(Counts):
    """Counts over places that are few: each is written out."""

    def __init__(self, numbers: IntArray) -> None:
        super().__init__(numbers.ndim, PORT.domain)
        self.numbers = numbers

    @property
    def array(self) -> Any:
        def stands(*place: Any) -> Any:
            result: Any = z3.IntVal(0)
            for index, value in np.ndenumerate(self.numbers):
                here = z3.And(*(k == where for k, where in zip(place, index, strict=True)))
                result = z3.If(here, z3.IntVal(int(value)), result)
            return result

        return stands

    def total(
        self, axis: int, place: Any, condition: Any, value: Any, bounds: Integers | None
    ) -> Any:
        added = z3.If(condition, value, z3.IntVal(0))
        places = map(z3.IntVal, range(self.numbers.shape[axis]))
        return z3.Sum(*(z3.substitute(added, (place, k)) for k in places))

    def counted(self, axis: int, place: Any, condition: Any) -> Any:
        return self.total(axis, place, condition, z3.IntVal(1), None)

    def count(self, axis: int, condition: Callable[[Any], Any]) -> Any:
        place = self.running(axis)
        return self.counted(axis, place, condition(place))


def terms_of(network: ItemNetwork, array: IntArray) -> NetworkTerms:
    return NetworkTerms(network, Written(array), tuple(map(z3.IntVal, array.shape)))


def number(term: Any) -> int:
    found = z3.simplify(z3.If(term, z3.IntVal(1), z3.IntVal(0)) if z3.is_bool(term) else term)
    return int(found.as_long())


# Every reading of the package


def item_readings(kind: type, depth: int, axes: tuple[int, ...]) -> st.SearchStrategy[Any]:
    value = st.none() | st.integers(-1, 1)
    offset = st.tuples(*[st.integers(-2, 2)] * depth)
    single = axes == tuple(range(depth))
    compared = st.builds(Number, offset, value) if single else st.builds(Line, value)
    return {
        Number: st.builds(Number, offset, value),
        InsideItem: st.builds(InsideItem, offset),
        Mirror: st.builds(Mirror, st.integers(0, depth - 1)),
        Line: st.builds(Line, value),
        Length: st.builds(Length, st.integers(0, depth - 1)),
        Place: st.builds(Place, st.sampled_from(axes or (0,))),
        Turn: st.builds(Turn),
        Others: st.builds(
            Others, st.sampled_from(get_args(Relation)), st.sampled_from(get_args(Order)), compared
        ),
    }[kind]


AXES = {1: ((), (0,)), 2: ((), (0,), (1,), (0, 1))}


@pytest.mark.parametrize("kind", get_args(Feature))
@settings(deadline=None, max_examples=tries(160))
@given(st.data())
def test_readings_of_items_say_the_same(kind: type, data: st.DataObject) -> None:
    depth = data.draw(st.integers(1, 2))
    axes = data.draw(st.sampled_from(AXES[depth]))
    turns = len(axes) == 1 and data.draw(st.booleans())
    reading = data.draw(item_readings(kind, depth, axes))
    port = Port("numbers", (Axis("grid"),) * depth, PORT.domain)
    head, answers = (Pick(Place(*axes)), axes[:1]) if turns else (Each(), axes)
    output = Port("result", (Axis("grid"),) * len(answers), PORT.domain)
    network = ItemNetwork((port,), output, axes, (reading,), (), head)
    assume(not network.refusal())  # else such items do not have it
    sizes = data.draw(st.tuples(*[st.integers(1, 3)] * depth))
    cells = st.lists(st.integers(-2, 2), min_size=prod(sizes), max_size=prod(sizes))
    array = np.array(data.draw(cells)).reshape(sizes)

    seen = Seen(network.site, (array,))
    shape = (seen.shape[0], *seen.shape) if turns else seen.shape
    values = np.broadcast_to(reading.values(seen), shape)
    scope = LiftScope(network.site, "result")
    expr = reading.expression(scope)
    index = (*([scope.fresh("turn")] if turns else []), *(scope.index(axis) for axis in axes))
    last = Fill("result", index, shape, expr) if index else Let("result", expr)
    program = Program("mine", (port,), Port("result", (), WIDE), (*scope.statements, last))
    assert evaluate(program, {"numbers": array.tolist()}) == values.tolist(), expr

    terms = terms_of(network, array)
    for place in np.ndindex(shape):
        here = [z3.IntVal(k) for k in place]
        item = replace(terms, turn=here[0]).at(*here[1:]) if turns else terms.at(*here)
        assert number(reading.term(item)) == values[place], (place, reading.term(item))
    assert all(reading.words(network.site))


@pytest.mark.parametrize("kind", get_args(Kind))
@settings(deadline=None, max_examples=tries(160))
@given(st.data())
def test_taps_say_the_same(kind: Kind, data: st.DataObject) -> None:
    axes = tuple(
        Axis("grid", wrap=wrap)
        for wrap in data.draw(st.lists(st.booleans(), min_size=1, max_size=2))
    )
    ports = (
        Port("cells", axes, Integers(-2, 2)),
        Port("rule", (Axis("fixed", size=2),), Integers(-2, 2)),
    )
    sizes = data.draw(st.tuples(*[st.integers(1, 4)] * len(axes)))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    arrays = (rng.integers(-2, 3, sizes), rng.integers(-2, 3, (2,)))
    port = data.draw(st.sampled_from(ports))
    offsets = st.integers(0, 1) if port.is_fixed else st.integers(-5, 5)
    offset = data.draw(st.tuples(*[offsets] * len(port.axes)))
    tap = Tap(port.name, offset, kind, data.draw(st.integers(-1, 1)))
    site = Site(ports, tuple(range(len(axes))))
    assert tap.refusal(site) == ""

    values = np.broadcast_to(tap.values(Seen(site, arrays)), sizes)
    scope = LiftScope(site, "result")
    index = tuple(scope.index(axis) for axis in site.axes)
    rule = Map("result", "cells", index, (), tap.expression(scope))
    program = Program("mine", ports, Port("result", axes, Integers(-2, 2)), (rule,))
    given_arrays = {p.name: a.tolist() for p, a in zip(ports, arrays, strict=True)}
    assert evaluate(program, given_arrays) == values.tolist()

    field = ReceptiveField({port.name: port for port in ports})
    term = tap.term(GridTerms(field))
    for place in np.ndindex(sizes):
        known = [
            (flag, z3.BoolVal(0 <= place[axis] + k < sizes[axis]))
            for (axis, k), flag in field.flags.items()
        ]
        moved = offset if port.is_fixed else np.add(place, offset)
        there = arrays[ports.index(port)]  # what stands beyond a border matters to nobody
        value = int(there[tuple(np.mod(moved, there.shape))])
        known.append((field.value(port.name, offset), z3.IntVal(value)))
        assert number(z3.substitute(term, *known)) == values[place]
    assert all(tap.words(site))


@settings(deadline=None, max_examples=tries(100))
@given(st.data())
def test_readings_of_loops_say_the_same(data: st.DataObject) -> None:
    single = st.builds(Lag, st.integers(0, 3), st.integers(0, 1)) | st.builds(
        Register, st.integers(0, 1), st.booleans()
    )
    reading = data.draw(single | st.builds(Product, single, single))
    axes = (Axis("sequence"), Axis("fixed", size=2))
    site = Site((Port("x", axes, PORT.domain),), registers=2)
    assert reading.refusal(site) == "" and all(reading.words(site))
    whole = st.integers(-(2**70), 2**70)
    elements = data.draw(st.dictionaries(
        st.tuples(st.integers(0, 3), st.integers(0, 1)), whole, min_size=8))  # fmt: skip
    before, after = (data.draw(st.tuples(whole, whole)) for _ in range(2))
    value = reading.values(Moment(lambda *at: elements[at], before, after))
    names = {Lag(*at).name: number for at, number in elements.items()}
    for updated, registers in ((False, before), (True, after)):
        names |= {Register(k, updated).name: v for k, v in enumerate(registers)}
    inner = Scope((), {})
    inner.names.update(names)
    assert evaluate_expr(reading.expression(LiftScope(site, "result")), inner) == value
    terms = [[z3.IntVal(v) for v in registers] for registers in (before, after)]
    assert number(reading.term(Moment(lambda *at: z3.IntVal(elements[at]), *terms))) == value


# Whole networks


@settings(deadline=None, max_examples=tries(100))
@given(st.randoms(use_true_random=False))
def test_networks_over_items_say_the_same(rng: Random) -> None:
    network = random_network(rng)
    assume(not isinstance(network.head, Pick))  # a choice by a fact, which no constant settles
    (port,) = network.inputs
    array = np.array(random_input(rng, port, longest=3))
    answer = np.asarray(network.run({port.name: array}))
    assert np.array_equal(evaluate(lift(network, "mine"), {port.name: array.tolist()}), answer)
    terms = terms_of(network, array)
    for place in np.ndindex(answer.shape):
        described = terms.described(tuple(map(z3.IntVal, place)))
        assert number(described.value) == answer[place]
        assert [number(size) for size in described.sizes] == [*answer.shape]


@settings(deadline=None, max_examples=tries(60))
@given(st.data())
def test_a_step_says_the_same(data: st.DataObject) -> None:
    """In numbers, in columns and in terms of a proof."""
    network = data.draw(loops())
    rows = data.draw(rows_for(network))
    steps = list(network.steps(rows))
    if rows:
        together = network.run_together(np.array([rows, rows]))
        assert together[1].tolist() == [list(answers) for _, answers in steps]
    for t, (registers, answers) in enumerate(steps):

        def element(steps: int, channel: int, t: int = t) -> Any:
            return z3.IntVal(rows[t - steps][channel] if t >= steps else 0)

        known = [z3.IntVal(v) for v in registers]
        _, found = network.step(element, known, lambda cell, values: cell.term(Z3Logic(), values))
        assert tuple(map(number, found)) == answers
