"""Formulas in NumPy: the same text for a number and for columns of a million rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from ...ir.expr import (
    Call,
    Const,
    Expr,
    First,
    If,
    Inside,
    Listed,
    Read,
    Size,
    Sum,
    Total,
    Var,
    walk,
)
from ...ir.levels import levels_of, with_gathered
from ...ir.ops import OPERATIONS
from ...ir.program import Formula
from ..pieces import piece
from ..registry import Exported, NotWritten
from ..source import docstring, render
from .spelling import plain, spelt

_WRITING = {"add": "add", "sub": "subtract", "mul": "multiply", "div": "divide"}
_EVERYWHERE = frozenset(["add", "sub", "mul", "abs", "max", "min", "pi", "e"])
"""Operations of numbers that always have a value."""


def formula_module(formula: Formula, subject: Exported) -> str:
    """The source of the module; its columns are those of the formula's inputs, in order."""
    formula = with_gathered(formula)
    names = [scalar.name for scalar in formula.inputs]
    if not names:
        raise NotWritten("a formula without inputs is one number: there are no columns to write")
    named = {*names, *(let.name for let in formula.body)}
    own = {"np", "NAMES", "TITLES", "RANGES", "solve", "solve_many"}
    taken = {*named, formula.name} & own
    if taken:
        raise NotWritten(f"the name {min(taken)} of this formula is one that the module needs")
    into = "" if "out" in named else _into(formula.value)
    value = into or plain(_number(formula.value))
    lets = [(let.name, plain(_number(let.value))) for let in formula.body]
    if not any(isinstance(e, Var) for e in walk(formula.value)):
        value = f"np.full(len({names[0]}), {value})"
    texts = [value, *(text for _, text in lets)]
    titles = tuple(scalar.title or scalar.name for scalar in formula.inputs)
    return render(
        "formula_np.py.j2",
        {
            "name": formula.name,
            "arguments": ", ".join(names),
            "summary": docstring(subject.summary or f"A formula for {formula.output.name}."),
            "target": docstring(formula.output.title or formula.output.name),
            "names": tuple(names),
            "titles": titles,
            "limits": subject.limits,
            "levels": levels_of(formula.inputs),
            "labels": formula.output.levels,
            "lets": lets,
            "value": value,
            "into": into,
            "sound": _sound([k for k, name in enumerate(names) if not _carries(formula, name)]),
            "chooses": any("_chosen(" in text for text in texts),
            "columns": piece("numpy.columns", known={"STRICT": bool(subject.limits)}),
        },
    )


def _into(value: Expr) -> str:
    """The text whose operations write into an array ``out``; empty where the last is not one."""
    match value:
        case Call(op, (*before, last)) if op in _WRITING and before:
            if not any(isinstance(e, Var) for e in walk(value)):
                return ""
            first = before[0] if len(before) == 1 else Call(op, tuple(before))
            left, right = _into(first) or plain(_number(first)), plain(_number(last))
            return f"np.{_WRITING[op]}({left}, {right}, out=out)"
    return ""


def _sound(loose: Sequence[int]) -> list[str]:
    """Tests that all answers and all numbers of these columns are finite, two columns each."""
    columns = ["found", *(f"block[{k}]" for k in loose)]
    pairs = (columns[k : k + 2] for k in range(0, len(columns), 2))
    return [f"_finite({pair[0]}, {pair[-1]})" for pair in pairs]


def _text(expr: Expr) -> str:
    match expr:
        case Const(tuple()):
            raise NotWritten("NumPy has no words for a table inside a formula")
        case Const(number):
            return f"({number!r})"
        case Var(name):
            return name
        case Call("pow" | "power", (Var(name), Const(3))):
            return f"(({name} ** 2) * {name})"  # a square is one product, other powers are slow
        case Call("mul", (Const(-1), factor)):
            return f"(-{_number(factor)})"
        case Call("in" | "notin" as op, (Var(name), Const(tuple() as places))):
            return spelt(op, [name, repr(places)])
        case Call("not", (inner,)):
            return f"(~{_text(inner)})"
        case Call(op, args):
            parts = [_text(arg) for arg in args]
            truths = sum(map(_is_truth, args))
            if truths and (truths > 1 or len(args) == 1) and not OPERATIONS[op].of_truths:
                parts = [_number(arg) for arg in args]  # the sum of two truths would be one
            if OPERATIONS[op].of_truths and not all(map(_is_truth, args)):
                parts = [
                    part if _is_truth(arg) else f"({part} != 0)"
                    for part, arg in zip(parts, args, strict=True)
                ]
            return spelt(op, parts)
        case If(condition, then, otherwise):
            test = _text(condition)
            if not _is_truth(condition):
                test = f"({test} != 0)"
            if _has_value(then) and _has_value(otherwise):
                return f"np.where({test}, {_number(then)}, {_number(otherwise)})"
            columns = dict.fromkeys(
                e.name for part in (then, otherwise) for e in walk(part) if isinstance(e, Var)
            )
            given = ", ".join(columns)
            branches = f"lambda {given}: {_number(then)}, lambda {given}: {_number(otherwise)}"
            return f"_chosen({', '.join([test, branches, *columns])})"
        case Read() | Inside() | Sum() | Total() | Size() | First() | Listed():
            raise NotWritten(f"NumPy has no words for {type(expr).__name__} in a formula")
        case _:
            assert_never(expr)


def _number(expr: Expr) -> str:
    """The text, of a truth as 1 or 0."""
    return f"({_text(expr)}).astype(float)" if _is_truth(expr) else _text(expr)


def _carries(formula: Formula, name: str) -> bool:
    """Whether an input that is no finite number surely makes an answer that is none."""
    carriers = {name}
    for let in formula.body:
        if _carried(let.value, carriers):
            carriers.add(let.name)
    return _carried(formula.value, carriers)


def _carried(expr: Expr, carriers: set[str]) -> bool:
    match expr:
        case Var(name):
            return name in carriers
        case Call("add" | "sub" | "mul", args):
            return any(_carried(arg, carriers) for arg in args)
        case Call("div" | "abs" | "sqrt" | "log" | "sin" | "cos" | "tan", (inner, *_)):
            return _carried(inner, carriers)
        case Call("pow" | "power", (base, Const(int() | float() as exponent))):
            return exponent > 0 and _carried(base, carriers)
        case _:
            return False


def _is_truth(expr: Expr) -> bool:
    return isinstance(expr, Call) and OPERATIONS[expr.op].truth


def _has_value(expr: Expr) -> bool:
    """Whether it has a value for all numbers, so that rows of another branch do no harm."""
    match expr:
        case Const() | Var():
            return True
        case Call("div", (above, Const(int() | float() as below))):
            return below != 0 and _has_value(above)
        case Call("pow" | "power", (base, Const(int() as power))):
            return power >= 0 and _has_value(base)
        case Call(op, args):
            fine = op in _EVERYWHERE or OPERATIONS[op].truth
            return fine and all(map(_has_value, args))
        case If(condition, then, otherwise):
            return all(map(_has_value, (condition, then, otherwise)))
        case _:
            return False
