"""The code of programs is one prefix code: Kraft's inequality, and what is usual is short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import pytest

from deepdistill.ir.code_length import UntypedCode
from deepdistill.ir.expr import Call, Const, Expr, If, Listed, Var
from deepdistill.ir.ops import OPERATIONS
from deepdistill.ir.program import Let, Program
from deepdistill.ir.program_length import expression_bits, program_bits
from deepdistill.ir.shares import PRODUCED, SHARES
from deepdistill.ir.spec import LISTS
from deepdistill.ir.types import Axis, Integers, Port

NUMBERS = Port("x", (Axis("sequence"),), Integers(0, 99))
PICTURE = Port("rows", (Axis("grid"), Axis("grid")), Integers(0, 9))
PLACE = Port("n", (), Integers(0, 99))
LEAVES: tuple[Expr, ...] = (
    Var("x"), Var("rows"), Var("n"), Const(0), Const(1), Const(-1), Const(2), Const(10),
    Const((1, 2)), Const(0.5),
)  # fmt: skip
ANSWERS = (
    Port("answer", (), Integers(0, 99)),
    Port("answer", (), Integers(0, 1), (False, True)),
    Port("answer", (Axis("sequence"),), Integers(0, 99)),
    Port("answer", (Axis("grid"), Axis("grid")), Integers(0, 9)),
)
ZERO = Call("eq", (Var("y"), Const(0)))
OPS = sorted(op for op, row in OPERATIONS.items() if row.arity in (1, 2, None))


def grown(parts: Sequence[Expr], ops: Sequence[str]) -> Iterator[Expr]:
    """All expressions of an operation of these parts, choices between them and loops over them."""
    for op in ops:
        arity = OPERATIONS[op].arity or 2
        for args in product(parts, repeat=arity):
            if not OPERATIONS[op].of_truths:  # of which x says as much as x != 0
                yield Call(op, args)
    yield from (If(*args) for args in product(parts[:4], repeat=3))
    for over, value in product(parts, repeat=2):
        yield Listed(("y",), over, value)
        yield Listed(("y",), over, Var("y"), value)
        yield Listed(("y", "z"), over, value)


def test_the_code_of_programs_is_a_prefix_code() -> None:
    ports = (NUMBERS, PICTURE, PLACE)
    once = [*LEAVES, *grown(LEAVES, OPS)]
    some = [one for k, one in enumerate(once) if k < 6 or k % 97 == 0]
    programs = {*once, *grown(some, ["length", "sorted", "add", "joined"])}
    counted = sorted((one for one in programs if not _says_another(one)), key=str)
    assert len(counted) > 15_000
    for place, answer in enumerate(ANSWERS):
        bodies = ((Let("answer", one),) for one in {*once, *counted[:: 1 + 5 * place]})
        total = sum(2.0 ** -program_bits(Program("f", ports, answer, body)) for body in bodies)
        assert 0.02 < total <= 1


def _says_another(expr: Expr) -> bool:
    """Whether a program says what another one says that is counted: which ones does not matter."""
    match expr:
        case Call("length", (Listed(_, _, value, condition),)) if condition != Const(1):
            return value != Var("y")
        case _:
            return False


def test_each_table_of_shares_is_a_distribution_of_known_operations() -> None:
    for kind, own in SHARES.items():
        total = sum(own.values())
        assert all(share > 0 for share in own.values())
        assert sum(share / total for share in own.values()) == pytest.approx(1)
        names = {node.removesuffix(" of rows") for node in PRODUCED.get(kind, {})}
        assert names - {"truth", "nonzero"} <= OPERATIONS.keys()
    assert LISTS - {"zip", "enumerate"} <= {
        node.removesuffix(" of rows") for own in PRODUCED.values() for node in own
    }


def test_nodes_of_the_untyped_code_share_no_more_than_all() -> None:
    code = UntypedCode([])
    ends = code.expr(Const(0)) - 1 - 1  # its mark, and the number
    assert ends == 2
    assert 3 * 2.0**-2 + 2 * 2.0**-4 + 2 * 2.0**-5 + 4 * 2.0**-6 == 1  # see UntypedCode.expr


@pytest.mark.parametrize(
    ("expr", "most"),
    [
        (Call("same", (Call("sorted", (Var("x"),)), Var("x"))), 14),
        (Call("total", (Var("x"),)), 7),
        (Call("length", (Listed(("y",), Var("x"), Var("y"), ZERO),)), 18),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_usual_takes_few_bits(expr: Expr, most: float) -> None:
    assert 3 < expression_bits(expr, (NUMBERS,)) < most
