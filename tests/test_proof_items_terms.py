"""Each expression and feature of item programs and networks as counts: proved or refuted."""

from __future__ import annotations

from dataclasses import replace

import pytest
import z3
from item_networks import (
    BY_HAND,
    CELL,
    EQUAL_BEFORE,
    GRID,
    LESS,
    NUMBER,
    NUMBERS,
    OWN,
    PICTURE,
    SET,
    WIDE,
    of_numbers,
    of_picture,
)

from deepdistill.ir.parse import parse_program
from deepdistill.ir.program import Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.units.gates import AffineUnit, Gate
from deepdistill.units.heads import Added, Each, Pick
from deepdistill.units.item_readings import Length, Line, Mirror, Number, Place, Turn
from deepdistill.units.items import ItemNetwork
from deepdistill.verify.proof.counts import Counts
from deepdistill.verify.proof.encode import NotEncoded
from deepdistill.verify.proof.items import prove_items, settle
from deepdistill.verify.proof.items_network import NetworkTerms
from deepdistill.verify.proof.session import Session

BUDGET = 1_000_000
LIST = "p(numbers: set of -9999..9999) -> result:  of -9999..9999\n  "
EACH = "p(numbers: set of -9999..9999) -> result: set of -9999..9999\n  "
SHOWN = "p(picture: grid grid of 0..1) -> result:  of -9999..9999\n  "

COUNTED = ItemNetwork((NUMBERS,), NUMBER, (), (Line(-9998),), (AffineUnit((1,)),), Each())
DISTINCT = of_numbers((EQUAL_BEFORE,), (Gate.of((-1,), 0),), Added())
LEAST = of_numbers((LESS,), (Gate.of((-1,), 0),), Pick(OWN))
DOUBLED = of_numbers((OWN,), (AffineUnit((2,), 1),), Each(), (SET,))
HEIGHT = ItemNetwork((PICTURE,), NUMBER, (), (Length(0),), (AffineUnit((1,)),), Each())
RISING = of_numbers((OWN, Number((1,))), (Gate.of((1, 1), 1),), Added())
ROW, ROWS_DOWN = "size 1 of picture", "size 0 of picture"

SETTLED: list[tuple[str, ItemNetwork]] = [
    ("result = count(numbers, -9998)", COUNTED),
    ("result = sum((numbers[k] == -9998) for 0 <= k < size 0 of numbers)", COUNTED),
    ("result = distinct(numbers)", DISTINCT),
    (
        "all = prefix(numbers, size 0 of numbers)\n  again = all\n  result = count(again, -9998)",
        COUNTED,
    ),
    (
        f"result = sum(int((count(item(picture, i), 1) == {ROW})) for 0 <= i < {ROWS_DOWN})",
        BY_HAND["count_filled_rows"],
    ),
    (
        "result = sum(int((sum(numbers[(k + d)] for d in {(0,), (1,)}) > 0)) "
        "for 0 <= k < size 0 of numbers)",
        RISING,
    ),
    (f"result = sum(int((sum(1 for 0 <= k < i) >= 0)) for 0 <= i < {ROWS_DOWN})", HEIGHT),
    (
        "result[i] for each position of numbers:\n    twice = (2 * numbers[i])\n    (twice + 1)",
        DOUBLED,
    ),
]


def of_text(text: str, network: ItemNetwork) -> Program:
    head = SHOWN if network.inputs[0] == PICTURE else EACH if network.output.axes else LIST
    return parse_program(head + text)


@pytest.mark.parametrize(("text", "network"), SETTLED)
def test_each_expression_is_proved(text: str, network: ItemNetwork) -> None:
    found = prove_items(of_text(text, network), network, BUDGET)
    assert (found.status, found.sizes) == ("proved", "all"), found.reason


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("result = count(numbers, -9997)", COUNTED),
        (
            "result[i] for each position of numbers:\n    twice = (2 * numbers[i])\n"
            "    (twice - 1)",
            DOUBLED,
        ),
    ],
)
def test_what_is_another_is_refuted(text: str, network: ItemNetwork) -> None:
    """By an input; and no proof is found where none is tried."""
    program = of_text(text, network)
    assert prove_items(program, network, BUDGET).status == "refuted"
    assert settle(program, network, Session(20_000))


NOT_ENCODED = [
    (LIST + "table weights = (1, 2)\n  result = weights[0]", LEAST, "tables"),
    (LIST + "result = item(list(1, 2), 0)", LEAST, "a list of another kind"),
    (LIST + "result = argmax(numbers)", LEAST, "the operation argmax"),
    (EACH + "result = 3", DOUBLED, "an answer of another shape"),
    (LIST + "result = 3\n  other = 4", LEAST, "a last statement that is not the answer"),
    (
        LIST + "pairs[i, j] for 2 x 2: (i + j)\n  result = pairs[0, 1]",
        LEAST,
        "a statement of the kind Fill",
    ),
    (
        EACH + "result[] for each x of numbers:\n    first s = 0\n    s = (s + x)\n    s",
        DOUBLED,
        "a statement of the kind Scan",
    ),
    (LIST + "result = other[0]", LEAST, "a read of other"),
    (
        LIST + "result = sum((the first numbers[i] for 0 <= i < size 0 of numbers with "
        "(numbers[i] > numbers[k])) for 0 <= k < size 0 of numbers)",
        LEAST,
        "a search inside a sum",
    ),
    (SHOWN + "result = sum(k for 0 <= k < 3)", BY_HAND["has_square"], "a range along no axis"),
    (
        LIST.replace("set of", "grid(wrap) of", 1) + "result = numbers[0]",
        LEAST,
        "an input that wraps around",
    ),
]


@pytest.mark.parametrize(("text", "network", "why"), NOT_ENCODED)
def test_what_counts_cannot_say_is_named(text: str, network: ItemNetwork, why: str) -> None:
    with pytest.raises(NotEncoded, match=why):
        settle(parse_program(text), network, Session(BUDGET))


def test_answers_of_other_shapes_are_not_compared() -> None:
    program = parse_program(LIST + "result = 3")
    with pytest.raises(NotEncoded, match="of different inputs"):
        prove_items(program, BY_HAND["has_square"], BUDGET)
    each = parse_program(EACH + "result = sorted(numbers)")
    table = of_numbers((OWN,), (AffineUnit((1,)),), Added())
    with pytest.raises(NotEncoded, match="answers of different shapes"):
        settle(each, table, Session(BUDGET))


RING = Port("numbers", (Axis("grid", wrap=True),), WIDE)
LINES = of_picture((Line(),), Gate.of((1,), 1), Pick(Place(1)), (1,))
TWO = Port("result", (GRID, GRID), Integers(0, 1))

UNREAD: list[tuple[ItemNetwork, int, str]] = [
    (replace(LEAST, inputs=(RING,)), 0, "wraps around"),
    (DOUBLED, 2, "different shapes"),
    (of_picture((CELL,), Gate.of((1,), 1), Pick(OWN)), 0, "no item along one axis"),
    (
        of_numbers((OWN,), (Gate.of((1,), 1), AffineUnit((1,))), Added()),
        0,
        "stands beside others",
    ),
    (of_numbers((OWN,), (AffineUnit((1,)),), Pick(OWN)), 0, "needs bits"),
    (replace(LINES, features=(Place(0),)), 0, "no place along axis 0"),
    (replace(LINES, features=(Turn(),)), 0, "asks for the turn"),
    (replace(LINES, features=(Number((0, 0)),)), 0, "not single places"),
    (replace(LINES, features=(Mirror(0),)), 0, "not single places"),
    (
        ItemNetwork((PICTURE,), TWO, (0, 1), (LESS,), (AffineUnit((1,)),), Each()),
        2,
        "not along one axis",
    ),
]


@pytest.mark.parametrize(("network", "axes", "why"), UNREAD)
def test_networks_that_counts_cannot_say_are_named(
    network: ItemNetwork, axes: int, why: str
) -> None:
    port = network.inputs[0]
    counts = Counts(len(port.axes), port.domain)
    requested = tuple(z3.Int(f"asked {axis}") for axis in range(axes))
    with pytest.raises(NotEncoded, match=why):
        NetworkTerms(network, counts, counts.sizes).described(requested)
