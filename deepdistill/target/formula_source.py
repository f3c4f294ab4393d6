"""Formula → Source: the solver module and the test beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ..ir.domain import formula_gaps, range_in_words, ranges_in_words
from ..ir.expr import Call, Const, Expr, If, walk
from ..ir.levels import level_test, levels_of
from ..ir.names import identifier
from ..ir.program import Formula, Program
from ..ir.types import MISSING, PLAIN_LAYOUT, Integers, Level, Port, Reals, Scalar, TableLayout
from .branches import assigned, returned
from .level_tests import are_numerals
from .lower import Lowering
from .pieces import piece
from .python import lines
from .source import Provenance, docstring, render
from .words import Words

RESERVED = frozenset([
    "csv", "datetime", "functools", "inspect", "io", "json", "math", "re", "sys", "Path", "solve",
    "DATES", "NAMES", "COLUMNS", "LEVELS", "FOLDED", "NUMERALS", "OPTIONAL", "MISSING", "RANGES",
    "MARKS", "UNITS", "ENCODING", "TARGET", "OTHERS",
])  # fmt: skip
"""What a solver's module has by these names: its function is called otherwise."""

_MOST_GAPS = 6


_Kind = TypeVar("_Kind", bound=Lowering)


def lowering_of(formula: Formula, kind: type[_Kind]) -> _Kind:
    """What writes the expressions of a formula; of arrays it need not know."""
    output = Port("result", (), Integers(0, 1))
    lowering = kind(Program(formula.name, (), output, formula.body))
    lowering.levels, lowering.exact = levels_of(formula.inputs), False
    lowering.optional = {scalar.name for scalar in formula.inputs if scalar.optional}
    return lowering


def formula_lines(formula: Formula) -> tuple[list[tuple[str, str]], str]:
    """Names with the Python text of their values, and the text of the result."""
    lowering = lowering_of(formula, Lowering)
    return [(let.name, lowering.source(let.value)) for let in formula.body], lowering.source(
        formula.value
    )


def expression_text(expr: Expr) -> str:
    """The Python text of an expression of real numbers by itself."""
    output = Scalar("result", Reals(0.0, 1.0))
    return lowering_of(Formula("formula", (), output, (), expr), Lowering).source(expr)


def formula_function(formula: Formula, docstring: str) -> str:
    """The function of a formula, which ``_guarded`` checks."""
    lowering = lowering_of(formula, Lowering)
    body = [*assigned(lowering, formula.body), *returned(lowering, formula.value)]
    return guarded(formula, docstring, body)


def guarded(formula: Formula, docstring: str, body: Sequence[ast.stmt]) -> str:
    """A function of the inputs that does this."""
    arguments = ", ".join(scalar.name for scalar in formula.inputs)
    head = f'@_guarded\ndef {formula.name}({arguments}):\n    """{docstring}"""\n'
    return head + "\n".join(f"    {line}" for line in lines(body))


def regimes(formula: Formula) -> int:
    """How many cases a formula has; 0 where it is one for all."""
    count, expr = 0, formula.value
    while isinstance(expr, If):
        count, expr = count + 1, expr.otherwise
    return count + 1 if count else 0


def formula_solver(
    formula: Formula,
    origin: Provenance,
    strict: bool = False,
    layout: TableLayout = PLAIN_LAYOUT,
) -> str:
    """The source of the solver module: standard library only.

    A ``strict`` one refuses numbers outside the sampled ranges.
    """
    target = formula.output.title or formula.output.name
    promise = f"Return {target}; raise ValueError where the formula has no value."
    body = formula_function(formula, docstring(promise))
    here = ranges_in_words(formula)  # they are listed once, with the columns' own names
    checked = [one.replace(here, "in the ranges below") for one in origin.checked]
    fields = module_fields(formula, replace(origin, checked=tuple(checked)), strict, layout)
    return formula_module(
        {
            **fields,
            "summary": docstring(_first_line(formula, regimes(formula))),
            "gaps": docstring(gaps_in_words(formula)),
            "body": body,
        }
    )


def module_fields(
    formula: Formula, origin: Provenance, strict: bool, layout: TableLayout
) -> dict[str, Any]:
    """What the module of a function of columns says besides the function itself."""
    names = tuple(scalar.name for scalar in formula.inputs)
    arguments = ", ".join(names)
    learned = f"Learned by deepdistill {origin.version} from {origin.learned_from}."
    ranges = [
        docstring(f"- {_described(s.name, s.title)}{range_in_words(s)}", "  ")
        for s in described_inputs(formula)
    ]
    numbers = [scalar for scalar in formula.inputs if not scalar.levels]
    optional = tuple(scalar.name for scalar in formula.inputs if scalar.optional)
    unseen = tuple(scalar.name for scalar in formula.inputs if scalar.open)
    target = formula.output.title or formula.output.name
    titles = _by_title(formula, layout)
    written = {title: (decimal, group) for title, decimal, group in layout.marks}
    made = {title: (dates, part) for title, dates, part in layout.dates}
    dates = {s.name: made[s.title] for s in formula.inputs if s.title in made}
    marks = {s.name: written[s.title] for s in numbers if s.title in written}
    return {
        "name": formula.name,
        "told": [docstring(f"- {_of_dates(name, *dates[name])}", "  ") for name in dates],
        "dates": dates,
        "ranges": ranges,
        "gaps": "",
        "origin": [
            docstring(learned + (" Checked:" if origin.checked else "")),
            *(docstring("- " + sentence, hanging="  ") for sentence in origin.checked),
        ],
        "usage": [docstring(line) for line in _usage(formula.name, arguments)],
        "title": repr(target),
        "names": names,
        "titles": titles if tuple(titles) != names else {},
        "levels": {s.name: s.levels for s in described_inputs(formula) if s.levels},
        "optional": optional,
        "unseen": unseen,
        "missing": MISSING,
        "labelled": bool(formula.output.levels),
        "folded": tuple(s.name for s in formula.inputs if s.title in layout.folded),
        "numerals": tuple(s.name for s in formula.inputs if are_numerals(s.levels)),
        "cells": bool(numbers),
        "limits": {s.name: (s.domain.low, s.domain.high) for s in numbers} if strict else {},
        "marks": {name: _patterns(*pair) for name, pair in marks.items()},
        "others": _others(target, layout.others, (*titles, *names)),
        "units": dict(layout.units),
        "led": layout.led,
        "commented": layout.commented,
        "padded": layout.padded,
        "encoding": repr(layout.encoding) if layout.encoding else "",
        "comma": written.get(target, ".")[0] == ","
        and not any(isinstance(level, str) for level in formula.output.levels),
        "fast": bool(numbers) and len(numbers) == len(names) and not (strict or optional),
    }


def described_inputs(formula: Formula) -> tuple[Scalar, ...]:
    """The inputs; of columns that take any text only the levels that the formula asks for."""
    levels = levels_of(formula.inputs)
    tested: dict[str, set[Level]] = {name: set() for name in levels}
    for expr in (*(let.value for let in formula.body), formula.value):
        for part in walk(expr):
            if (test := level_test(part, levels)) is not None:
                tested[test.name].add(test.level)
    return tuple(
        replace(s, levels=tuple(one for one in s.levels if one in tested[s.name]) or s.levels[:1])
        if s.open
        else s
        for s in formula.inputs
    )


def formula_module(layout: Mapping[str, Any]) -> str:
    """The text of a formula's module, with the pieces that its table needs."""
    rows = piece("solver.rows", known=row_needs(layout))
    tables = piece("solver.tables", known=table_needs(layout))
    return render("formula.py.j2", {**layout, "rows": rows, "tables": tables})


def table_needs(layout: Mapping[str, Any]) -> dict[str, bool | int]:
    """What ``solver.tables`` needs for the files of a table."""
    return {
        "TITLED": bool(layout["titles"]),
        "COMMA": bool(layout["comma"]),
        "UNITED": bool(layout["units"]),
        "DATED": bool(layout.get("dates")),
        "LED": layout["led"],
        "COMMENTED": layout["commented"],
        "PADDED": layout["padded"],
        "CODED": bool(layout["encoding"]),
    }


def row_needs(layout: Mapping[str, Any]) -> dict[str, bool | int]:
    """What ``solver.rows`` needs for the rows of a table."""
    return {
        "FAST": layout["fast"],
        "TITLED": bool(layout["titles"]),
        "CELLS": layout["cells"],
        "LABELLED": layout["labelled"],
        "SEVERAL": bool(layout.get("several")),
        "OPTIONAL_COLUMNS": bool(layout["optional"]),
        "UNSEEN_LEVELS": bool(layout["unseen"]),
        "LEVELLED": bool(layout["levels"]),
        "CASED": bool(layout["folded"]),
        "NUMBERED": bool(layout["numerals"]),
        "STRICT": bool(layout["limits"]),
        "MARKED": bool(layout["marks"]),
        "DATED": bool(layout.get("dates")),
        "COUNT": len(layout["names"]),
    }


def _usage(name: str, arguments: str) -> tuple[str, ...]:
    return (
        f"From Python: `{name}({arguments})`, or `{name}(row)` with a row of a table by column.",
        "From a shell: `python solver.py table.csv`, or `python solver.py < input.json`.",
    )


def _of_dates(name: str, title: str, part: str) -> str:
    words = {"days": "days since 1970-01-01", "weekday": "weekday (1 is Monday)"}
    return f"{name} is the {words.get(part, part)} of the date in {title!r}, such as 2024-01-31"


def _others(target: str, others: Sequence[str], used: Sequence[str]) -> str:
    """The other columns' titles and names as a tuple of Python, the target first."""
    known = (name for one in others for name in (one, identifier(one)))
    names = [one for one in dict.fromkeys(known) if one not in (target, *used)]
    return f"(TARGET, {', '.join(map(repr, names))})"


def _by_title(formula: Formula, layout: TableLayout) -> dict[str, str]:
    """The arguments by the titles of their columns; two of one title are called by their names."""
    titles = [scalar.title or scalar.name for scalar in formula.inputs]
    every = [*titles, *layout.others]
    return {
        title if every.count(title) == 1 else scalar.name: scalar.name
        for title, scalar in zip(titles, formula.inputs, strict=True)
    }


def _patterns(decimal: str, group: str) -> tuple[str, str]:
    """The marks as regular expressions: many spaces and apostrophes are in use."""
    return re.escape(decimal), {" ": r"\s", "'": "['\u2019]"}.get(group, re.escape(group))


def gaps_in_words(formula: Formula) -> str:
    """Where the formula may have no value within its sampled ranges; empty where it has one."""
    words = lowering_of(formula, Words)
    gaps = [words.test(_moved(gap)).replace("==", "=") for gap in formula_gaps(formula)]
    if not gaps:
        return ""
    more = len(gaps) - _MOST_GAPS
    if more > 0:
        gaps[_MOST_GAPS:] = [f"in {more} more cases"]
    return f"It has no value where {' or where '.join(gaps)}."


def _moved(condition: Expr) -> Expr:
    """``y = 1`` for ``y - 1 = 0``."""
    match condition:
        case Call("and", (case, gap)):
            return Call("and", (case, _moved(gap)))
        case Call(op, (Call("sub", (a, b)), Const(0))):
            return Call(op, (a, b))
        case Call(op, (Call("add", (a, Const(int() | float() as value))), Const(0))):
            return Call(op, (a, Const(-value)))
        case _:
            return condition


def _described(name: str, title: str) -> str:
    return f"{name} " if title in ("", name) else f"{name} (the column {title!r}) "


def _first_line(formula: Formula, regimes: int) -> str:
    target = formula.output.title or formula.output.name
    text = f"{target} = {lowering_of(formula, Words).source(formula.value)}"
    if regimes:
        return f"A formula for {target} in {regimes} regimes."
    if formula.body or len(text) > 78:
        return f"A formula for {target}."
    return f"{text}."


def formula_test(formula: Formula, origin: Provenance, layout: TableLayout = PLAIN_LAYOUT) -> str:
    """The source of the test that lands beside the solver."""
    last = formula.inputs[-1].levels if formula.inputs else ()
    return render(
        "test_formula.py.j2",
        {
            "names": tuple(scalar.name for scalar in formula.inputs),
            "columns": tuple(
                list(s.levels) if s.levels else (s.domain.low, s.domain.high)
                for s in formula.inputs
            ),
            "bad": repr("".join(map(str, last)) if last else "1"),
            "is_text": bool(last),
            "marks": layout.marks,
            "examples": tuple((_plain(row), float(answer)) for row, answer in origin.examples),
        },
    )


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(value if isinstance(value, str | bool) else float(value) for value in row)
