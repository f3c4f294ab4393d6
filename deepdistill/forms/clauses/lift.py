"""Clause network → Program: two rounds of messages over the variables and clauses of a formula.

Exact: each unit group becomes one array. The curve is a table, which a later pass may replace by a
law.
"""

from __future__ import annotations

from ...ir.expr import Call, Const, Expr, If, Read, Size, Total, Var
from ...ir.program import ConstantTable, Fill, Program
from .network import ClauseNetwork

CURVE = "curve"


def lift_clauses(network: ClauseNetwork, name: str) -> Program:
    """A program that computes what :meth:`ClauseNetwork.run` does."""
    lean, port = network.lean, network.inputs[0].name
    v, p, c = Var("v"), Var("p"), Var("c")
    variables, clauses = Size(port, 0), Size(port, 1)
    neutral = Const(lean.undecided)

    def holds(sign: Expr) -> Expr:
        return Call("eq", (Read(port, (v, c)), sign))

    def weight(left: Expr) -> Expr:
        inside = Call("lt", (left, Const(len(network.curve))))
        return If(inside, Read(CURVE, (left,)), Const(0))

    def messages(total: str, own: Expr) -> Expr:
        polarity = Call("sub", (Const(1), Call("mul", (Const(2), p))))
        left = Call("sub", (Read(total, (c,)), own))
        return Total("c", Const(0), clauses, If(holds(polarity), weight(left), Const(0)))

    def inside(true: Expr, false: Expr) -> Expr:
        literal = If(holds(Const(-1)), false, Const(0))
        return Total("v", Const(0), variables, If(holds(Const(1)), true, literal))

    own, opposite = Read("first", (v, p)), Read("first", (v, Call("sub", (Const(1), p))))

    def leans(a: Expr, b: Expr) -> Expr:
        under, over = Const(lean.under), Const(lean.over)
        return Call("gt", (Call("mul", (under, a)), Call("mul", (over, b))))

    undecided_or_false = If(leans(opposite, own), Const(lean.leans_false), neutral)
    hope = If(leans(own, opposite), Const(lean.leans_true), undecided_or_false)
    true, false = Read("hope", (v, Const(0))), Read("hope", (v, Const(1)))
    output = network.output.name
    body = (
        Fill("neutral", ("c",), (clauses,), inside(neutral, neutral)),
        Fill("first", ("v", "p"), (variables, 2), messages("neutral", neutral)),
        Fill("hope", ("v", "p"), (variables, 2), hope),
        Fill("total", ("c",), (clauses,), inside(true, false)),
        Fill(output, ("v", "p"), (variables, 2), messages("total", Read("hope", (v, p)))),
    )
    table = ConstantTable(CURVE, network.curve)
    return Program(name, network.inputs, network.output, body, (table,))
