"""Formulas over zones and small atoms, written with the comparisons that those stand for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping

from ....ir.expr import Call, Const, Expr, If, Var, call, is_truth
from ....ir.rewrite import mapped
from .zones import Zone

Meaning = Mapping[str, Expr | Zone]

_LOGIC = {"bitand": "and", "bitor": "or", "bitxor": "ne"}


def decode(expr: Expr, meaning: Meaning, truth: bool = False) -> Expr:
    """The formula with each feature replaced; with ``truth`` only whether it is 0 matters."""
    match expr:
        case Var(name):
            return _feature(meaning[name], truth)
        case Call("eq" | "ne" | "ge" | "le" | "gt" | "lt" as op, (Var(name), Const(int() as k))):
            zone = meaning[name]
            if isinstance(zone, Zone):
                return _compared(zone, op, k)
            return call(op, zone, Const(k))
        case Call("between", (Const(int() as low), Var(name), Const(int() as high))):
            zone = meaning[name]
            if isinstance(zone, Zone):
                return zone.between(
                    bisect_left(zone.codes, low), bisect_right(zone.codes, high) - 1
                )
        case Call("in" | "notin" as op, (Var(name), Const(tuple() as values))):
            zone = meaning[name]
            if isinstance(zone, Zone):
                runs = [zone.between(low, high) for low, high in _runs(zone.codes, values)]
                test = runs[0] if len(runs) == 1 else call("or", *runs)
                return test if op == "in" else call("not", test)
        case Call("and" | "or" as op, args):
            return call(op, *(decode(arg, meaning, True) for arg in args))
        case Call("not", (arg,)):
            return call("not", decode(arg, meaning, True))
        case Call("int", (arg,)):
            return decode(arg, meaning, True) if truth else call("int", decode(arg, meaning, True))
        case Call("sub", (Const(1), arg)):
            inner = decode(arg, meaning)
            if _is_int(inner):
                assert isinstance(inner, Call)
                negated = call("not", inner.args[0])
                return negated if truth else call("int", negated)
            return call("sub", Const(1), inner)
        case Call("bitand" | "bitor" | "bitxor" as op, args):
            parts = [decode(arg, meaning) for arg in args]
            if any(map(_is_int, parts)) and (op != "bitxor" or len(parts) == 2):
                test = call(_LOGIC[op], *map(_as_truth, parts))
                return test if truth else call("int", test)
            return call(op, *parts)
        case Call("add" | "sub" as op, args):
            # a truth counts as 1 in a sum, if another term is a number
            parts = [decode(arg, meaning) for arg in args]
            return call(op, *(p.args[0] if _is_int(p) else p for p in parts))  # type: ignore[union-attr]
        case If(condition, then, otherwise):
            return If(
                decode(condition, meaning, True),
                decode(then, meaning, truth),
                decode(otherwise, meaning, truth),
            )
    return mapped(expr, lambda part: decode(part, meaning))


def _is_int(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.op == "int" and is_truth(expr.args[0])


def _as_truth(expr: Expr) -> Expr:
    return expr.args[0] if isinstance(expr, Call) and expr.op == "int" else expr


def _feature(meaning: Expr | Zone, truth: bool) -> Expr:
    if not isinstance(meaning, Zone):
        return meaning
    if len(meaning.cuts) == 1:
        return meaning.at_least(1) if truth else call("int", meaning.at_least(1))
    raise ValueError("a zone of several cuts is no number")


def _compared(zone: Zone, op: str, code: int) -> Expr:
    last = len(zone.cuts)
    match op:
        case "eq" | "ne":
            k = zone.codes.index(code)
            return zone.between(k, k) if op == "eq" else call("not", zone.between(k, k))
        case "ge":
            return zone.between(bisect_left(zone.codes, code), last)
        case "gt":
            return zone.between(bisect_right(zone.codes, code), last)
        case "le":
            return zone.between(0, bisect_right(zone.codes, code) - 1)
        case _:
            return zone.between(0, bisect_left(zone.codes, code) - 1)


def _runs(codes: tuple[int, ...], values: tuple[int, ...]) -> list[tuple[int, int]]:
    """Neighbouring values, by their places among the codes, in one stretch each."""
    runs: list[tuple[int, int]] = []
    for value in sorted(map(codes.index, values)):
        if runs and runs[-1][1] == value - 1:
            runs[-1] = (runs[-1][0], value)
        else:
            runs.append((value, value))
    return runs
