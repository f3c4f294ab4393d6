"""Truths over small features: the shortest expression that holds on given rows and on no other."""

from __future__ import annotations

import numpy as np

from ...ir.expr import Call, Const, Expr, If, call, is_truth, size, walk
from .cost import COMPARISONS, cost
from .cover import two_level, two_level_dual
from .enumerate import LARGEST_BANK, LAST_LEVEL, bank_of
from .literals import Evaluated, View, derived, literals
from .meet import meets
from .table import Mask
from .threshold import threshold


def rank(expr: Expr) -> tuple[int, int, int, str]:
    """The order of preference among expressions for a table: the smaller, the better.

    ``int`` makes a number of what reads as a comparison with constants; it is free here.
    """
    price = cost(expr)
    match expr:
        case Call("int", (truth,)) if any(
            isinstance(e, Call)
            and e.op in COMPARISONS
            and any(isinstance(arg, Const) for arg in e.args)
            for e in walk(truth)
        ):
            price -= 3
        case _:
            pass
    detours = sum(_is_detour(e) for e in walk(expr))
    return (price, detours, size(expr), str(expr))


def _is_detour(expr: Expr) -> bool:
    """Whether a plainer way of the same length often avoids this."""
    match expr:
        case If() | Call("int" | "ne" | "not" | "notin", _):
            return True
        case Call("sub", (first, _)):
            return not isinstance(first, Const)
        case _:
            return False


def number(expr: Expr) -> Expr:
    """A truth expression as a number 0 or 1; a number as it is."""
    if any(is_truth(e) for e in (expr, *_branches(expr))):
        return call("int", expr)
    return expr


def _branches(expr: Expr) -> list[Expr]:
    """The values a nest of conditionals may give."""
    match expr:
        case If(_, then, otherwise):
            return [then, otherwise, *_branches(then), *_branches(otherwise)]
        case _:
            return []


def truth_of(columns: tuple[Evaluated, ...], on: Mask) -> Expr | None:
    """The cheapest condition found that holds on exactly these rows."""
    forms = boolean_forms(columns, on, values=False)
    return min(forms, key=lambda e: (cost(e), str(e)), default=None)


def bit_of(columns: tuple[Evaluated, ...], on: Mask) -> Expr | None:
    """The best number found that is 1 on these rows and 0 on the others."""
    return min(map(number, boolean_forms(columns, on)), key=rank, default=None)


def boolean_forms(columns: tuple[Evaluated, ...], on: Mask, values: bool = True) -> list[Expr]:
    """Expressions, bits or truths, that hold on exactly these rows (some, but not all).

    With ``values`` also arithmetic that happens to be a bit.
    """
    exprs = enumerated(columns, on, values)
    if exprs:
        return exprs
    exprs = list[Expr]()
    if len(on) <= LARGEST_BANK:
        exprs += list(meets(bank_of(columns), on))
    linear = threshold(columns, on)
    exprs += [linear] if linear is not None else []
    pools = [literals(columns, on)]
    if len(on) <= LARGEST_BANK:
        pools.append(literals([*columns, *derived(columns)], on))
    for pool in pools:
        forms = (two_level(on, pool), two_level_dual(on, pool))
        exprs += [form for form in forms if form is not None]
    exprs += peeled(columns, on)
    return exprs


def enumerated(columns: tuple[Evaluated, ...], on: Mask, values: bool = True) -> list[Expr]:
    """What the bank has for these rows, grown until nothing better can come; [] if it gives up."""
    if len(on) > LARGEST_BANK:
        return []
    bank = bank_of(columns)
    cheapest: dict[bool, Expr] = {}
    stop = LAST_LEVEL
    while True:
        for bit in (True, False):
            k = bank.find(on, bit)
            if k is None or bit in cheapest or not (values or bank.kinds[k] != "value"):
                continue
            if bank.costs[k] <= stop:  # the bank may have grown further for another table
                cheapest[bit] = bank.exprs[k]
                # a truth without comparisons costs three more as a number
                stop = min(stop, bank.costs[k] + (0 if bit else 3))
        if bank.level >= stop or bank.exhausted:
            return [cheapest[bit] for bit in sorted(cheapest)]
        bank.grow()


def peeled(columns: tuple[Evaluated, ...], on: Mask) -> list[Expr]:
    """``x ^ rest`` for a bit the rest does without."""
    for k, column in enumerate(columns):
        if not column.is_bit or len(columns) < 2:
            continue
        rest = on ^ (column.values != 0)
        others = columns[:k] + columns[k + 1 :]
        view = View(others, rest.astype(np.int64)).distinct()
        if view is None:
            continue
        if len(view.outcomes) == 1:
            return [column.expr if not rest[0] else call("sub", Const(1), column.expr)]
        inner = bit_of(view.columns, view.target != 0)
        if inner is None:
            return []
        match inner:
            case Call("sub", (Const(1), Call("bitxor", args))):
                return [call("sub", Const(1), call("bitxor", column.expr, *args))]
            case Call("bitxor", args):
                return [call("bitxor", column.expr, *args)]
            case _:
                return [call("bitxor", column.expr, inner)]
    return []
