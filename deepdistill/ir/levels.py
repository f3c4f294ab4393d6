"""Columns of text in a formula: tests of their levels, as users write them and as 0 and 1.

Inside a formula a level is its number, and nothing but ``eq`` and ``ne`` is asked of it. Several
of these tests that go together are written as one, ``in`` or ``notin``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from .expr import Call, Const, Expr, Var, children
from .names import fresh, identifier
from .program import Formula, Let
from .rewrite import bottomup, topdown
from .types import Level, Reals, Scalar

Levels: TypeAlias = Mapping[str, tuple[Level, ...]]


@dataclass(frozen=True, slots=True)
class LevelTest:
    """Whether the column ``name`` has one of some ``levels``, or with ``negated`` none of them."""

    name: str
    levels: tuple[Level, ...]
    negated: bool

    @property
    def level(self) -> Level:
        """The level, the first of several."""
        return self.levels[0]

    @property
    def is_truth(self) -> bool:
        """Whether the column holds True and False."""
        return len(self.levels) == 1 and isinstance(self.level, bool)


def levels_of(inputs: Iterable[Scalar]) -> Levels:
    """The levels of each column that has some."""
    return {scalar.name: scalar.levels for scalar in inputs if scalar.levels}


def level_test(expr: Expr, levels: Levels) -> LevelTest | None:
    """The test that an expression is, None where it is none."""
    match expr:
        case Call("eq" | "ne" as op, (Var(name), Const(int() as place))) if name in levels:
            places: tuple[int, ...] = (place,)
        case Call("in" | "notin" as op, (Var(name), Const(tuple() as places))) if name in levels:
            pass
        case _:
            return None
    known = levels[name]
    if not places or not all(0 <= place < len(known) for place in places):
        return None
    return LevelTest(name, tuple(known[place] for place in places), op in ("ne", "notin"))


def gathered(op: str, parts: Iterable[Expr], levels: Levels) -> tuple[Expr, ...]:
    """The parts of ``or`` or ``and``; tests of one column that go together are one, ``in``.

    It stands where the first of them stood. Truths are left as they are.
    """
    names = ("in", "eq") if op == "or" else ("notin", "ne")
    places: dict[str, dict[int, None]] = {}
    merged: list[Expr] = []
    for part in parts:
        match part:
            case Call(same, (Var(name), Const(value))) if same in names and _goes_along(
                part, levels
            ):
                if name not in places:
                    merged.append(Var(name))
                several = value if isinstance(value, tuple) else (value,)
                places.setdefault(name, {}).update(dict.fromkeys(map(int, several)))
            case _:
                merged.append(part)
    many, one = names

    def together(part: Expr) -> Expr:
        if not isinstance(part, Var) or part.name not in places:
            return part
        own = tuple(places[part.name])
        return Call(many, (part, Const(own))) if len(own) > 1 else Call(one, (part, Const(own[0])))

    return tuple(map(together, merged))


def _goes_along(part: Expr, levels: Levels) -> bool:
    test = level_test(part, levels)
    return test is not None and not test.is_truth


def with_gathered(formula: Formula) -> Formula:
    """The same formula with tests of one column that go together as one."""
    levels = levels_of(formula.inputs)

    def of(part: Expr) -> Expr:
        match part:
            case Call("and" | "or" as op, args):
                parts = gathered(op, args, levels)
                return Call(op, parts) if len(parts) > 1 else parts[0]
            case _:
                return part

    body = tuple(Let(let.name, bottomup(let.value, of)) for let in formula.body)
    return replace(formula, body=body, value=bottomup(formula.value, of))


def only_tested(expr: Expr, levels: Levels) -> bool:
    """Whether nothing else is done with the columns that have levels."""
    if isinstance(expr, Var):
        return expr.name not in levels
    return level_test(expr, levels) is not None or all(
        only_tested(part, levels) for part in children(expr)
    )


def quoted(text: str) -> str:
    """The text as a literal of Python, in double quotes where that needs no more of them."""
    literal = repr(text)
    return f'"{literal[1:-1]}"' if literal[0] == "'" and '"' not in literal else literal


def indicated(formula: Formula) -> Formula:
    """The same with an input of 0 and 1 for each level that is tested, for mathematical notation.

    ``cab_is_small`` stands for a test of the column ``cab``.
    """
    levels = levels_of(formula.inputs)
    if not levels:
        return formula
    formula = with_gathered(formula)
    used = {scalar.name for scalar in (*formula.inputs, formula.output)}
    used |= {let.name for let in formula.body}
    names: dict[tuple[str, tuple[Level, ...]], str] = {}

    def of(part: Expr) -> Expr | None:
        test = level_test(part, levels)
        if test is None:
            return None
        key = (test.name, test.levels)
        if test.is_truth:
            names[key] = test.name
        elif key not in names:
            words = " or ".join(map(str, test.levels))
            names[key] = fresh(identifier(f"{test.name} is {words}"), used)
            used.add(names[key])
        one = Var(names[key])
        return Call("eq", (one, Const(0))) if test.negated != (test.level is False) else one

    body = tuple(Let(let.name, topdown(let.value, of)) for let in formula.body)
    value = topdown(formula.value, of)
    numbers = tuple(scalar for scalar in formula.inputs if not scalar.levels)
    tests = tuple(Scalar(name, Reals(0.0, 1.0)) for name in dict.fromkeys(names.values()))
    return replace(formula, inputs=(*numbers, *tests), body=body, value=value)
