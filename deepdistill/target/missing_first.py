"""Choices of rules as a person writes them: missing values first, once; later tests need not ask.

``if a is None: return …`` says of all lines below that there is a value, so ``a is not None and``
goes there. Where a chain asks at each step, and all steps rest without a value, one line before the
chain says so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..ir.expr import Call, Const, Expr, If, Var, walk
from ..ir.program import Formula
from ..ir.rewrite import counting, mapped

_NONE: frozenset[str] = frozenset()
_PRESENT = {"present": True, "missing": False}


@dataclass(frozen=True, slots=True)
class _Presence:
    """The columns that surely have a value on a path, and those that surely have none."""

    there: frozenset[str] = _NONE
    gone: frozenset[str] = _NONE

    def after(self, test: Expr, truth: bool) -> _Presence:
        """What is known besides where a test holds, or where it does not."""
        match test:
            case Call("present" | "missing" as op, (Var(name),)):
                if _PRESENT[op] == truth:
                    return _Presence(self.there | {name}, self.gone)
                return _Presence(self.there, self.gone | {name})
            case Call("not", (inner,)):
                return self.after(inner, not truth)
            case Call("and" | "or" as op, args) if (op == "and") == truth:
                known = self
                for arg in args:
                    known = known.after(arg, truth)
                return known
            case _:
                return self

    def plain(self, test: Expr) -> Expr:
        """The test without what is known of its columns; what stands before it counts, too."""
        match test:
            case Call("present" | "missing" as op, (Var(name),)):
                if name in self.there or name in self.gone:
                    return Const(int(_PRESENT[op] == (name in self.there)))
                return test
            case Call("and" | "or" as op, args):
                known, parts = self, list[Expr]()
                for arg in args:
                    parts.append(known.plain(arg))
                    known = known.after(arg, op == "and")
                kept = counting(op, parts)
                return kept[0] if len(kept) == 1 else Call(op, kept or (Const(int(op == "and")),))
            case Call("not", (inner,)):
                own = self.plain(inner)
                return Const(int(not own.value)) if isinstance(own, Const) else Call("not", (own,))
            case _:
                return mapped(test, self._inside)

    def _inside(self, part: Expr) -> Expr:
        """A part of a sum: numbers of truths stay as they are."""
        own = self.plain(part)
        return part if isinstance(own, Const) else own


def missing_first(formula: Formula) -> Expr:
    """The same choices, each path asking once whether a column has a value."""
    optional = any(scalar.optional for scalar in formula.inputs)
    return _chosen(formula.value, _Presence()) if optional else formula.value


def _chosen(value: Expr, known: _Presence) -> Expr:
    if not isinstance(value, If):
        return value
    test = known.plain(value.condition)
    if isinstance(test, Const):
        return _chosen(value.then if test.value else value.otherwise, known)
    again = _needed(test) & _needed_later(value.otherwise, known.after(test, False))
    ends = {name: _chosen(value, _Presence(known.there, known.gone | {name})) for name in again}
    for end in dict.fromkeys(ends[name] for name in sorted(again)):
        if not isinstance(end, If):
            names = _in_order(test, [name for name in again if ends[name] == end])
            tests = tuple(Call("missing", (Var(name),)) for name in names)
            there = _Presence(known.there | {*names}, known.gone)
            return If(
                tests[0] if len(tests) == 1 else Call("or", tests), end, _chosen(value, there)
            )
    then = _chosen(value.then, known.after(test, True))
    otherwise = _chosen(value.otherwise, known.after(test, False))
    return then if then == otherwise else If(test, then, otherwise)


def _needed(test: Expr) -> frozenset[str]:
    """The columns without which a test does not hold, as it says itself."""
    return _Presence().after(test, True).there


def _needed_later(value: Expr, known: _Presence) -> frozenset[str]:
    """The columns without a value that the next choice rests for."""
    return _needed(known.plain(value.condition)) if isinstance(value, If) else _NONE


def _in_order(test: Expr, names: Collection[str]) -> list[str]:
    """Names as a test has them."""
    order = [node.name for node in walk(test) if isinstance(node, Var)]
    return sorted(names, key=order.index)
