"""What a reader pays for an expression: its length, and a little more where it is hard to read."""

from __future__ import annotations

from ...ir.expr import Call, Expr, If, Sum, children, size, walk

COMPARISONS = frozenset({"eq", "ne", "lt", "le", "gt", "ge", "in", "notin", "between"})


def cost(expr: Expr) -> int:
    """``size`` plus a penalty for each thing that makes a reader stop.

    Those are: arithmetic inside a comparison, a conditional as an operand or in a
    condition.
    """
    return size(expr) + penalty(expr)


def penalty(expr: Expr) -> int:
    """How many times a reader stops."""
    total = 0
    for node in walk(expr):
        match node:
            case Call("item", _):
                continue
            case Call(op, args):
                total += sum(isinstance(arg, If) for arg in args)
                if op in COMPARISONS:
                    total += sum(strain(arg) for arg in args)
            case If(condition, _, _):
                total += 6 * sum(isinstance(inner, If) for inner in walk(condition))
            case _:
                continue
    return total


def strain(expr: Expr) -> int:
    """The arithmetic a reader does before a comparison: sums, differences, weights, remainders."""
    match expr:
        case Call("mul", args):
            return 2 + sum(strain(arg) for arg in args)
        case Call("add" | "sub" | "mod" | "floordiv" | "max" | "min" | "abs", args):
            return 1 + sum(strain(arg) for arg in args)
        case Sum():
            return 0
        case _:
            return sum(strain(child) for child in children(expr))
