"""Networks over items as programs: exact when lifted, exact when shortened, and short."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from item_networks import (
    BY_HAND,
    EQUAL_AFTER,
    GREATER,
    NUMBER,
    NUMBERS,
    OWN,
    PICTURE,
    RANK,
    networks,
    of_numbers,
    random_input,
)

from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Call, Const, Expr, First, NoAnswer, Read, Size, Total, Var, call
from deepdistill.ir.expr import Inside as InsideExpr
from deepdistill.ir.linear import expr_of, form_of
from deepdistill.ir.program import Let, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.passes.items import shorten_items
from deepdistill.passes.items.context import context_of, mirrored
from deepdistill.passes.items.forms import Pair, fewest, pair_expr
from deepdistill.passes.items.laws import LAWS, Law, is_place, whole_list
from deepdistill.passes.items.lines import inside_range
from deepdistill.units.items import (
    Added,
    Each,
    ItemNetwork,
    ItemSum,
    Line,
    Mirror,
    Number,
    Pick,
    Place,
    Some,
    Turn,
    Unit,
)
from deepdistill.units.items_lift import lift_items

NONE = "no answer"


def outcome(run: Any) -> Any:
    """The answer of a call, or that there is none."""
    try:
        return run()
    except NoAnswer:
        return NONE


def agree(network: ItemNetwork, program: Program, array: Any) -> None:
    port = network.inputs[0].name
    expected = outcome(lambda: network.run({port: np.array(array)}).tolist())
    assert outcome(lambda: evaluate(program, {port: array})) == expected


@settings(max_examples=tries(150), suppress_health_check=list(HealthCheck))
@given(networks(), st.randoms(use_true_random=False))
def test_lifted_and_shortened_programs_compute_what_the_network_computes(
    network: ItemNetwork, rng: Random
) -> None:
    program = lift_items(network, "mine")
    shorter = shorten_items(program)
    for _ in range(8):
        array = random_input(rng, network.inputs[0])
        agree(network, program, array)
        agree(network, shorter, array)


@pytest.mark.parametrize("name", BY_HAND)
def test_programs_by_hand_compute_what_their_networks_compute(name: str) -> None:
    network, rng = BY_HAND[name], Random(0)
    program = lift_items(network, name)
    shorter = shorten_items(program)
    for _ in range(60):
        array = random_input(rng, network.inputs[0])
        agree(network, program, array)
        agree(network, shorter, array)


X, N = Var("numbers"), Size("numbers")
SMALL: dict[str, Expr] = {
    "argmax": call("position", X, call("maximum", X)),
    "argmin": call("position", X, call("minimum", X)),
    "maximum": call("maximum", X),
    "sort": call("sorted", X),
    "descending": call("reversed", call("sorted", X)),
    "median": call(
        "item", call("sorted", X), call("floordiv", call("add", N, Const(-1)), Const(2))
    ),
    "contains_duplicate": call("int", call("lt", call("distinct", X), N)),
}


@pytest.mark.parametrize("name", SMALL)
def test_questions_about_a_list_become_what_python_has_for_them(name: str) -> None:
    (statement,) = shorten_items(lift_items(BY_HAND[name], name)).body
    assert statement == Let("result", SMALL[name])


@pytest.mark.parametrize(
    "network",
    [
        # the largest number as the one that nothing follows in order, equal ones before or after
        of_numbers((*RANK, Place()), (Unit((1, 1, 0), None, 0),), Pick(OWN)),
        of_numbers((GREATER, EQUAL_AFTER), (Unit((-1, -1), 0),), Pick(OWN)),
        of_numbers((GREATER, EQUAL_AFTER), (Unit((3, 3), None, 2),), Pick(Place())),
    ],
)
def test_an_end_of_the_order_is_an_extreme(network: ItemNetwork) -> None:
    program = shorten_items(lift_items(network, "mine"))
    assert "maximum(" in str(program) or "minimum(" in str(program)
    assert "first" not in str(program)
    for k in range(40):
        agree(network, program, random_input(Random(k), NUMBERS))


def test_a_rank_that_may_not_exist_is_looked_for_only_where_it_does() -> None:
    program = shorten_items(lift_items(BY_HAND["third"], "third"))
    with pytest.raises(NoAnswer):
        evaluate(program, {"numbers": [4, 2]})
    assert evaluate(program, {"numbers": [4, 2, 9, 3]}) == 4


# Laws, each by itself

HERE, BESIDE = Var("i"), Var("j")


def at(*place: Expr, array: str = "numbers") -> Expr:
    return Read(array, place)


def bit(op: str, *args: Expr) -> Expr:
    return call("int", call(op, *args))


def pairs(op: str, part: str = "all") -> Expr:
    return pair_expr(Pair("numbers", "i", "j", op, part), context_of(program_of(Const(0))))


def program_of(value: Expr) -> Program:
    return Program("mine", (NUMBERS, PICTURE), NUMBER, (Let("result", value),))


ROWS, COLUMNS = Size("picture", 0), Size("picture", 1)
END, RIGHT = mirrored("i", N), mirrored("j", COLUMNS)


def over(body: Expr, op: str = "ge") -> Expr:
    """Whether the condition holds at some number (or, with ``eq``, at none)."""
    return call(op, Total("i", Const(0), N, call("int", body)), Const(int(op == "ge")))


def in_row(body: Expr, op: str = "ge") -> Expr:
    return call(op, Total("j", Const(0), COLUMNS, call("int", body)), Const(int(op == "ge")))


def search(condition: Expr, value: Expr) -> Expr:
    return First("i", Const(0), N, condition, value)


def at_rank(pair: str, part: str, place: Expr) -> Expr:
    return search(call("eq", call("add", pairs(pair), pairs("eq", part)), place), at(HERE))


BIGGEST = call("eq", at(HERE), call("maximum", X))
NOTHING = {part: call("eq", pairs("eq", part), Const(0)) for part in ("before", "after")}
REPEATED = call("ge", pairs("eq"), Const(2))
SAMPLES: dict[str, list[Expr]] = {
    "none_larger": [
        Total("i", Const(0), N, bit(op, pairs(pair), Const(int(op == "ge"))))
        for op in ("eq", "ge")
        for pair in ("lt", "gt")
    ],
    "both_none": [over(call("eq", call("add", pairs("gt"), pairs("eq", "before")), Const(0)))],
    "first_has_none_before": [
        search(Call("and", (call("gt", at(HERE), Const(2)), NOTHING["before"])), HERE)
    ],
    "last_of_equals": [
        search(Call("and", (BIGGEST, NOTHING["after"])), HERE),
        search(Call("and", (NOTHING["after"], BIGGEST)), at(HERE)),
    ],
    "first_extreme": [
        search(BIGGEST, HERE),
        search(BIGGEST, at(HERE)),
        search(call("eq", at(HERE), call("minimum", X)), HERE),
        search(call("eq", at(END), call("maximum", X)), END),
        search(call("eq", at(END), call("maximum", X)), at(END)),
    ],
    "nth_smallest": [
        at_rank(pair, part, place)
        for pair in ("lt", "gt")
        for part in ("before", "after")
        for place in (
            Const(0),
            Const(2),
            Const(-1),
            call("floordiv", call("sub", N, Const(1)), Const(2)),
            call("sub", N, Const(1)),
            call("sub", N, Const(3)),
        )
    ],
    "some_repeated": [
        *(over(REPEATED, op) for op in ("ge", "eq")),
        *(over(call("ge", pairs("eq", part), Const(1))) for part in ("before", "after")),
    ],
    "kinds": [Total("i", Const(0), N, call("int", NOTHING[part])) for part in NOTHING],
    "all_ones": [
        Total(
            "i",
            Const(0),
            ROWS,
            bit(op, Total("j", Const(0), COLUMNS, at(HERE, BESIDE, array="picture")), COLUMNS),
        )
        for op in ("eq", "ge", "lt", "ne")
    ],
    "all_mirrored": [
        over(call(op, at(HERE), at(END)), outer) for op in ("gt", "lt") for outer in ("ge", "eq")
    ],
    "same_line": [
        over(call("ne", at(HERE), at(END))),
        over(call("ne", at(END), at(HERE)), "eq"),
        Total(
            "i",
            Const(0),
            ROWS,
            call(
                "int",
                in_row(
                    call(
                        "ne",
                        at(HERE, BESIDE, array="picture"),
                        at(mirrored("i", ROWS), RIGHT, array="picture"),
                    )
                ),
            ),
        ),
    ],
}


def rewritten(expr: Expr, law: Law) -> Expr:
    """The expression with the law applied once wherever it applies, innermost first."""
    from deepdistill.ir.expr import children, rebuild

    expr = rebuild(expr, tuple(rewritten(child, law) for child in children(expr)))
    return law(expr, context_of(program_of(expr))) or expr


def same_value(one: Expr, other: Expr, rng: Random) -> None:
    arrays = {port.name: random_input(rng, port) for port in (NUMBERS, PICTURE)}
    first, second = (
        outcome(lambda expr=expr: evaluate(program_of(expr), arrays)) for expr in (one, other)
    )
    assert first == second


def test_every_law_has_samples() -> None:
    assert {law.__name__ for law in LAWS} == SAMPLES.keys()


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@settings(max_examples=tries(60))
@given(st.randoms(use_true_random=False))
def test_each_law_changes_its_samples_and_not_their_values(law: Law, rng: Random) -> None:
    for sample in SAMPLES[law.__name__]:
        changed = rewritten(sample, law)
        assert changed != sample
        same_value(sample, changed, rng)


@settings(max_examples=tries(100))
@given(
    st.lists(st.integers(-2, 2), min_size=9, max_size=9),
    st.integers(-2, 2),
    st.randoms(use_true_random=False),
)
def test_the_sum_of_the_fewest_terms_is_the_same_sum(
    weights: list[int], own: int, rng: Random
) -> None:
    terms = [
        call("mul", Const(weight), pairs(op, part))
        for weight, (op, part) in zip(
            weights,
            [(op, part) for op in ("lt", "eq", "gt") for part in ("all", "before", "after")],
            strict=True,
        )
    ]
    total = Call("add", (*terms, call("mul", Const(own), HERE)))
    context = context_of(program_of(total))
    short = fewest(form_of(total), context)
    assert len(short.terms) <= len(form_of(total).terms)
    listed = [Total("i", Const(0), N, call("mul", e, e)) for e in (total, expr_of(short))]
    same_value(listed[0], listed[1], rng)


@settings(max_examples=tries(60))
@given(st.integers(-2, 2), st.integers(-2, 2), st.randoms(use_true_random=False))
def test_loops_end_where_what_they_need_is_inside(down: int, right: int, rng: Random) -> None:
    place = tuple(call("add", name, Const(step)) for name, step in ((HERE, down), (BESIDE, right)))
    for test in (
        call("and", at(HERE, BESIDE, array="picture"), at(*place, array="picture")),
        InsideExpr("picture", place),
        call("eq", at(*place, array="picture"), Const(1)),
        call("eq", at(*place, array="picture"), Const(0)),
        call("ge", at(*place, array="picture"), Const(0)),
    ):
        inner = Total("j", Const(0), COLUMNS, call("int", test))
        shorter = inside_range(inner, context_of(program_of(inner))) or inner
        totals = [Total("i", Const(0), ROWS, part) for part in (inner, shorter)]
        outer = inside_range(totals[1], context_of(program_of(inner))) or totals[1]
        same_value(totals[0], outer, rng)


def test_places_are_known_to_lie_inside_only_where_they_do() -> None:
    context = context_of(program_of(Const(0)))
    for a in range(-2, 4):
        for b in range(-4, 4):
            for c in (1, 2, 3):
                total = call("add", call("mul", Const(a), N), Const(b))
                place = call("floordiv", total, Const(c)) if c > 1 else total
                inside = all(0 <= (a * n + b) // c < n for n in range(1, 60))
                assert not is_place(place, N, context) or inside, (a, b, c)
    assert is_place(call("floordiv", call("sub", N, Const(1)), Const(2)), N, context)


def test_a_list_of_all_ranks_is_the_sorted_list() -> None:
    context = context_of(program_of(Const(0)))
    item = call("item", call("sorted", X), Var("turn"))
    assert whole_list(item, N, "turn", context) == call("sorted", X)
    assert whole_list(item, ROWS, "turn", context) is None


def network(features: Any, units: Any, head: Any, axes: Any, port: Port = PICTURE) -> ItemNetwork:
    return ItemNetwork((port,), NUMBER, axes, features, units, head)


@pytest.mark.parametrize(
    "broken, message",
    [
        (network((Line(),), (Unit((1,), 1),), Pick(Place(0)), (0, 1)), "along one axis"),
        (network((Number((0, 0)),), (Unit((1,), 1),), Some(), (0,)), "single places"),
        (network((Mirror(1),), (Unit((1,), 1),), Some(), (0,)), "single places"),
        (network((Place(1),), (Unit((1,), 1),), Some(), (0,)), "no place along"),
        (network((GREATER,), (Unit((1,), 1),), Some(), (0, 1)), "along one axis"),
        (network((Turn(),), (Unit((1,), 1),), Some(), (0,)), "turns"),
        (network((Line(),), (ItemSum((1,)),), Some(), (0,)), "does not fire"),
        (network((Line(),), (ItemSum((1,)), Unit((1,), 1)), Added(), (0,)), "stands alone"),
        (
            network(
                (Line(),), (ItemSum((1,)),), Each(), (0,),
                Port("ring", (Axis("grid", wrap=True),), Integers(0, 1)),
            ),
            "wraps around",
        ),
    ],
)  # fmt: skip
def test_networks_without_a_meaning_are_refused(broken: ItemNetwork, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lift_items(broken, "mine")
