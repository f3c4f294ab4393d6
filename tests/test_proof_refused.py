"""Programs and networks that no argument knows: each is refused by name, and never proved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scan_pairs import SMALL, net
from sequence_networks import R2, R, X, only

from deepdistill.forms.dense.argument import prove_dense
from deepdistill.forms.dense.network import DenseLayer, DenseNetwork
from deepdistill.forms.grid.argument import prove_grid
from deepdistill.forms.grid.network import GridNetwork
from deepdistill.forms.sequence.argument.runs import reach, split_at
from deepdistill.forms.sequence.argument.scan import prove_scan
from deepdistill.forms.sequence.argument.steps import carried_start, paired
from deepdistill.ir.parse import parse_program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.units.groups import UnitGroup
from deepdistill.units.readings import Tap
from deepdistill.verify.proof.encode import NotEncoded

# ---- grids: a cell is what its left neighbour was

RING = Port("cells", (Axis("grid", wrap=True),), Integers(0, 1))
SHIFT = GridNetwork(
    (RING,),
    Port("result", RING.axes, Integers(0, 1)),
    (Tap("cells", (-1,)),),
    (UnitGroup(np.array([[1.0]]), np.array([-1.0]), "step"),),
    (0, 1),
)
GRID = "p(cells: grid(wrap) of 0..1) -> result: grid(wrap) of 0..1\n  "
CELL = "result[i] for each position of cells:\n    "
MANY = "{" + ", ".join(f"({k},)" for k in range(4097)) + "}"

GRIDS = [
    (GRID + CELL + "cells[(i - 1)]", ""),
    (GRID + f"table t = ((0, 1), (1, 0))\n  {CELL}t[1, (1 - cells[(i - 1)])]", ""),
    (GRID + f"moved[k] for size 0 of cells: cells[(k - 1)]\n  {CELL}moved[i]", ""),
    (GRID + f"table t = (0.5, 1.5)\n  {CELL}cells[i]", "the table t"),
    (GRID + f"table t = ((0, 1), (1, 0))\n  {CELL}t[cells[i]]", "a part of t"),
    (GRID + CELL + "cells[(i + i)]", "adds positions"),
    (GRID + CELL + "cells[(0 - i)]", "subtracts a position"),
    (GRID + CELL + "cells[(2 * i)]", "the name i"),
    (GRID + CELL + "cells[cells[i]]", "not the position plus a constant"),
    (GRID + CELL + "cells[0]", "not the position plus a constant"),
    (GRID + CELL + f"sum(cells[i] for d in {MANY})", "a sum of 4097 terms"),
    (GRID + CELL + "sum(cells[k] for 0 <= k < 3)", "Total in a local rule"),
    (GRID + CELL + "sum(cells[i] for i in {(0,)})", "two meanings of i"),
    (GRID + f"rest[k] for 4097: 0\n  {CELL}rest[0]", "4097 elements of rest"),
    (GRID + f"rest[k] for (size 0 of cells - 1): 0\n  {CELL}cells[i]", "the size of rest"),
    (GRID + f"rest[k, m] for size 0 of cells x 2: 0\n  {CELL}cells[i]", "the size of rest"),
    (GRID + "result = cells[0]", "index that is not"),
    (GRID + "result = 3", "not of the size of the input"),
    (GRID + f"moved[k] for each position of cells:\n    cells[k]\n  {CELL}cells[i]", "Map moved"),
    (GRID.replace("cells", "others") + "result = 3", "other inputs than its network"),
    (GRID + "result[i, j] for each position of cells:\n    cells[i]", "an output as large as"),
]


@pytest.mark.parametrize(("text", "why"), GRIDS)
def test_rules_that_are_not_local_are_refused(text: str, why: str) -> None:
    program = parse_program(text)
    if not why:
        assert prove_grid(program, SHIFT).status == "proved"
        return
    with pytest.raises(NotEncoded, match=why):
        prove_grid(program, SHIFT)


def test_a_cell_that_is_another_is_refuted() -> None:
    assert prove_grid(parse_program(GRID + CELL + "cells[(i + 1)]"), SHIFT).status == "refuted"


def test_inputs_and_weights_that_have_no_local_rule() -> None:
    flat = Port("cells", (Axis("set"),), Integers(0, 1))
    program = parse_program(GRID + CELL + "cells[i]")
    with pytest.raises(NotEncoded, match="not grids of one shape"):
        prove_grid(replace(program, inputs=(flat,)), replace(SHIFT, inputs=(flat,)))
    weights = Port("rule", (Axis("fixed", size=2),), Integers(0, 1))
    two = replace(SHIFT, inputs=(RING, weights), taps=(Tap("rule", (2,)),))
    with pytest.raises(NotEncoded, match="a tap reads outside its port"):
        prove_grid(replace(program, inputs=two.inputs), two)
    open_ = replace(weights, axes=(Axis("fixed"),))
    with pytest.raises(NotEncoded, match="whose size is not known"):
        prove_grid(replace(program, inputs=(RING, open_)), replace(two, inputs=(RING, open_)))


# ---- sequences: the sum so far

SUM = net(SMALL, [X, R, R2], [0], [only(1, 1, 0)], only(0, 0, 1))
LOOP = "p(numbers: sequence of -9..9) -> result: sequence of -9999..9999\n  "
SCAN = "result[] for each x of numbers:\n    first s = 0\n    "
EACH = "result[t] for each position of numbers:\n    "
PORTS = (SUM.inputs, SUM.output)


def loop(text: str) -> Any:
    """The program of a text, with the network's own ports."""
    program = parse_program(LOOP + text)
    return replace(program, inputs=SUM.inputs, output=SUM.output)


LOOPS = [
    (SCAN + "s = (s + numbers[0])\n    s", "a Read in a loop"),
    (SCAN + "s = (s + sum(x for x in {(0,)}))\n    s", "a sum over the name x"),
    (SCAN + "s = (s + x)\n    s, x", "another number of answers"),
    (SCAN.replace("x of", "x, y of") + "s = (s + x)\n    s", "a loop over something else"),
    (SCAN.replace("= 0", "= (1 // 0)") + "s = (s + x)\n    s", "the start of s"),
    (SCAN.replace("= 0", "= (1 / 2)") + "s = (s + x)\n    s", "the start of s"),
    ("table t = (1, 2)\n  " + SCAN + "s = (s + x)\n    s", "several statements"),
    ("n[i] for 3: i\n  " + SCAN + "s = (s + x)\n    s", "several statements"),
    ("result = 3", "neither a loop nor a comprehension"),
    ("c = 1\n  " + EACH + "numbers[(2 * t)]", "depends on more than the step"),
    ("c = 1\n  " + EACH + "c = 2\n    numbers[t]", "assigns a name from before it"),
    (EACH.replace("[t]", "[t, u]") + "numbers[t]", "a comprehension over something else"),
    (EACH + "sum(numbers[k] for 0 <= k < (t + 1))", "starts too far back"),
]


@pytest.mark.parametrize(("text", "why"), LOOPS)
def test_loops_that_have_no_step_are_refused(text: str, why: str) -> None:
    program = loop(text)
    with pytest.raises(NotEncoded, match=why):
        paired(program, SUM)


@pytest.mark.parametrize(
    "text",
    [
        EACH + "twice = (2 * numbers[t])\n    (twice + 1)",
        "result[] for each x of numbers:\n    (sum((d * x) for d in {(2,), (0,)}) + 1)",
        "result[] for each x of numbers:\n    ((x + x + 1) + sum(3 for d in {}))",
    ],
)
def test_steps_without_a_state_are_proved(text: str) -> None:
    lag = net(SMALL, [X], [], [], only(2, b=1))
    program = replace(loop(text), inputs=lag.inputs, output=lag.output)
    proof = prove_scan(program, lag)
    assert proof.status == "proved" and "its element alone" in str(proof)


def test_ports_and_cells_that_have_no_step_are_refused() -> None:
    program = loop(SCAN + "s = (s + x)\n    s")
    other = replace(SUM, inputs=(replace(SUM.inputs[0], name="others"),))
    with pytest.raises(NotEncoded, match="other inputs"):
        paired(program, other)
    (cell,) = SUM.updates
    (piece,) = cell.pieces
    wanted = replace(cell, pieces=(replace(piece, wanted=((0, True),)),))
    with pytest.raises(NotEncoded, match="names a gate that is not there"):
        paired(program, replace(SUM, updates=(wanted,)))
    negative = replace(cell, pieces=(replace(piece, value=replace(piece.value, divisor=-1)),))
    with pytest.raises(NotEncoded, match="not positive"):
        paired(program, replace(SUM, updates=(negative,)))
    with pytest.raises(NotEncoded, match="no loop"):
        carried_start(loop(EACH + "numbers[t]"))


def test_where_a_run_first_differs_or_fails() -> None:
    rows = [(1,), (2,), (0,), (4,)]
    wrong = split_at(loop(SCAN + "s = (s + max(x, 1))\n    s"), SUM, rows)
    assert wrong is not None and (wrong.step, wrong.rows) == (2, tuple(rows[:3]))
    fails = split_at(loop(SCAN + "s = (s + ((x * x) // x))\n    s"), SUM, rows)
    assert fails is not None and (fails.step, fails.program) == (2, None)
    assert split_at(loop(SCAN + "s = (s + x)\n    s"), SUM, rows) is None
    assert split_at(loop(SCAN + "s = (s + x)\n    s"), SUM, []) is None
    start = {"s": 0}
    assert reach(loop(EACH + "numbers[t]"), SUM, {}, 100).states == 0  # no loop to be followed
    assert reach(loop(SCAN + "s = (s + x)\n    s"), SUM, start, 3).states == 0  # too many elements


# ---- condensed networks: the larger of two numbers

ARGMAX = DenseLayer(np.array([[1, 0], [0, 1]]), np.array([0, 0]), "argmax")
LARGER = DenseNetwork((2,), (ARGMAX,))
PAIR = "p(numbers: fixed(2) of 0..1) -> result:  of 0..1\n  "

DENSE = [
    ("result = int((numbers[1] > numbers[0]))", ""),
    ("table t = (0, 1)\n  result = (t[1] * int((numbers[1] > numbers[0])))", ""),
    ("table t = (0, 1)\n  result = t[int((numbers[1] > numbers[0]))]", "depends on the cells"),
    ("result = int((sum((d * numbers[d]) for d in {(0,), (1,)}) > numbers[0]))", ""),
    ("result = (inside numbers[1] * int((numbers[1] > (numbers[0] + numbers[2]))))", ""),
    ("result = argmax(numbers)", "a list"),
    ("table t = (0.5, 1.5)\n  result = int(t[0])", "a table of floats"),
    ("result = sum(sum(k for 0 <= k < 1) for 0 <= k < 2)", "two meanings of k"),
    ("other[i] for each position of numbers:\n    3\n  result = 0", "Map other"),
    ("other = 0", "an answer that is no number"),
    ("result = (the first i for 0 <= i < 2 with (numbers[i] > 0))", "First"),
    ("other[i] for 0: 3\n  result = maximum(other)", "an empty list"),
]


@pytest.mark.parametrize(("body", "why"), DENSE)
def test_programs_that_are_no_sums_are_refused(body: str, why: str) -> None:
    program = parse_program(PAIR + body)
    if not why:
        assert prove_dense(program, [LARGER]).status == "proved"
        return
    with pytest.raises(NotEncoded, match=why):
        prove_dense(program, [LARGER])


def test_inputs_and_layers_without_an_argument() -> None:
    program = parse_program(PAIR + "result = 0")
    with pytest.raises(NotEncoded, match="other inputs than its network"):
        prove_dense(parse_program((PAIR + "result = 0").replace("0..1)", "0..3)")), [LARGER])
    with pytest.raises(NotEncoded, match="another size than its network"):
        prove_dense(parse_program((PAIR + "result = 0").replace("(2)", "(3)")), [LARGER])
    linear = replace(LARGER, layers=(replace(ARGMAX, activation="linear"),))
    with pytest.raises(NotEncoded, match="layers of linear units"):
        prove_dense(program, [linear])
    wrong = prove_dense(program, [LARGER])
    assert wrong.status == "refuted" and wrong.counterexample is not None
