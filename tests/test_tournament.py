"""The tournament of two lists: found in networks of strokes, exact, and nowhere else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from deepdistill.forms.dense.essence import essence_network
from deepdistill.forms.dense.network import DenseLayer, DenseNetwork
from deepdistill.forms.dense.scaled_lift import lift_two
from deepdistill.forms.dense.tournament import LAWS, shorten_tournament
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Const, Expr, Size, Var, call
from deepdistill.ir.program import Fill, Let, Program
from deepdistill.ir.rewrite import substitute
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.passes.items.context import context_of
from deepdistill.passes.items.laws import matched
from deepdistill.passes.law import RewriteLaw, filled
from problems.shapes import full_strokes


def network(n: int) -> DenseNetwork:
    examples = full_strokes((n, n))
    return essence_network(examples.inputs[0], examples.output)


def lifted(first: DenseNetwork, second: DenseNetwork) -> Program:
    return lift_two(first, second, "orientation", "picture", "grid").program


def test_strokes_end_in_a_tournament_of_sums() -> None:
    before = lifted(network(12), network(6))
    after = shorten_tournament(before)
    assert len(before.body) == 6
    assert len(after.body) == 3
    rng = np.random.default_rng(0)
    for n in range(1, 8):
        for _ in range(40):
            picture = (rng.random((n, n)) < rng.random()).astype(int).tolist()
            assert evaluate(after, {"picture": picture}) == evaluate(before, {"picture": picture})


@pytest.mark.parametrize("margin", [-1.0, 1.0, 2.0])
def test_units_that_ask_for_less_or_for_more_are_left_alone(margin: float) -> None:
    def other(n: int) -> DenseNetwork:
        first, second, last = network(n).layers
        changed = DenseLayer(second.weights, second.bias + margin, "sign")
        return DenseNetwork((n, n), (first, changed, last))

    before = lifted(other(12), other(6))
    assert shorten_tournament(before) is before


def test_comparisons_of_one_list_with_itself_are_left_alone() -> None:
    before = lifted(network(12), network(6))
    turned = tuple(
        replace(s, index=s.index[::-1]) if isinstance(s, Fill) and len(s.index) == 2 else s
        for s in before.body
    )
    program = replace(before, body=turned)
    assert shorten_tournament(program) is program


LISTS = tuple(Port(name, (Axis("set"),), Integers(-9, 9)) for name in ("one", "two"))
N = Size("one")


def program_of(value: Expr) -> Program:
    return Program("mine", LISTS, Port("result", (), Integers(-99, 99)), (Let("result", value),))


LENGTHS = {"one": (N,), "two": (N,)}
CONTEXT = replace(context_of(program_of(N)), lengths=LENGTHS)


def sides(law: RewriteLaw) -> Iterator[tuple[Expr, Expr]]:
    """Both sides of a law of two lists, for all constants that it takes."""
    for c, offset, slope in itertools.product(range(-3, 4), range(-1, 4), range(-4, 1)):
        x = call("add", call("mul", Const(slope), N), Const(offset))
        parts: dict[str, Expr] = {"A": Var("one"), "B": Var("two"), "c": Const(c), "x": x}
        before = filled(law.pattern, {**parts, "i": Var("k"), "n": N, "y": Var("k")})
        for match in matched(law, before, CONTEXT):
            yield before, law.replacement(match)


def check(law: RewriteLaw) -> None:
    found = set(sides(law))
    assert found, "nothing matches"
    for before, after in found:
        for n in (1, 2, 3):
            lists = itertools.product(range(5 - n), repeat=n)
            for one, two in itertools.product(lists, repeat=2):
                arrays = {"one": list(one), "two": list(two)}
                here = {"k": Const(n - 1)}
                first, second = (
                    evaluate(program_of(substitute(side, here)), arrays) for side in (before, after)
                )
                assert first == second


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.text)
def test_every_law_keeps_every_value(law: RewriteLaw) -> None:
    check(law)


def test_a_law_that_is_none_is_noticed() -> None:
    beats = LAWS[0]
    with pytest.raises(AssertionError):
        check(replace(beats, where=lambda match: match.value("c") > 0))
