"""Which numbers a program of pairs takes besides those that were shown."""

from __future__ import annotations

import pytest

from deepdistill.data.pair_groups import by_sizes
from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.forms.composed.domains import widened
from deepdistill.forms.protocol import Trained
from deepdistill.ir.parse import parse_program
from deepdistill.ir.types import Axis, Integers
from deepdistill.units.composed import ComposedNetwork

SUM = """total(numbers: set of {low}..{high}) -> result:  of -9999..9999
  result = total(numbers)"""


def task_of(numbers: list[int]) -> tuple[PairProblem, Trained]:
    """Lists of three of these numbers and their sums, and the program of it."""
    program = parse_program(SUM.format(low=min(numbers), high=max(numbers)))
    lists = [numbers[k : k + 3] for k in range(len(numbers) - 2)]
    pairs = tuple(ExamplePair((one,), sum(one)) for one in lists)
    task = PairProblem("total", program.inputs, program.output, pairs)
    return task, Trained(ComposedNetwork(program, "a friend", ((3,),), ((3,),)), True, ())


@pytest.mark.parametrize(
    ("numbers", "taken"),
    [
        ([*range(-40, 61, 5)], Integers(-65, 85)),
        ([*range(10, 91, 5)], Integers(0, 110)),
        ([*range(0, 101, 10)], Integers(0, 100)),
    ],
    ids=["a quarter further", "not below 0", "few numbers, which may be states"],
)
def test_many_numbers_are_taken_a_quarter_further(numbers: list[int], taken: Integers) -> None:
    task, trained = task_of(numbers)
    assert widened(task, trained)[0].inputs[0].domain == taken
    assert by_sizes(task, (Axis("set"),)).inputs[0].domain == taken
