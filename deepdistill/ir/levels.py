"""Columns of text in a formula: tests of their levels, as users write them and as 0 and 1.

Inside a formula a level is its number, and nothing but ``eq`` and ``ne`` is asked of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from .expr import Call, Const, Expr, Var, children
from .names import fresh, identifier
from .program import Formula, Let
from .rewrite import topdown
from .types import Level, Reals, Scalar

Levels: TypeAlias = Mapping[str, tuple[Level, ...]]


@dataclass(frozen=True, slots=True)
class LevelTest:
    """Whether the column ``name`` has a level, or with ``negated`` whether it has another one."""

    name: str
    level: Level
    negated: bool

    @property
    def is_truth(self) -> bool:
        """Whether the column holds True and False."""
        return isinstance(self.level, bool)


def levels_of(inputs: Iterable[Scalar]) -> Levels:
    """The levels of each column that has some."""
    return {scalar.name: scalar.levels for scalar in inputs if scalar.levels}


def level_test(expr: Expr, levels: Levels) -> LevelTest | None:
    """The test that an expression is, None where it is none."""
    match expr:
        case Call("eq" | "ne" as op, (Var(name), Const(int() as place))) if name in levels:
            known = levels[name]
            return LevelTest(name, known[place], op == "ne") if 0 <= place < len(known) else None
        case _:
            return None


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
    used = {scalar.name for scalar in (*formula.inputs, formula.output)}
    used |= {let.name for let in formula.body}
    names: dict[tuple[str, Level], str] = {}

    def of(part: Expr) -> Expr | None:
        found = level_test(part, levels)
        if found is None:
            return None
        key = (found.name, found.level)
        if found.is_truth:
            names[key] = found.name
        elif key not in names:
            names[key] = fresh(identifier(f"{found.name} is {found.level}"), used)
            used.add(names[key])
        one = Var(names[key])
        return Call("eq", (one, Const(0))) if found.negated != (found.level is False) else one

    body = tuple(Let(let.name, topdown(let.value, of)) for let in formula.body)
    value = topdown(formula.value, of)
    numbers = tuple(scalar for scalar in formula.inputs if not scalar.levels)
    tests = tuple(Scalar(name, Reals(0.0, 1.0)) for name in dict.fromkeys(names.values()))
    return replace(formula, inputs=(*numbers, *tests), body=body, value=value)
