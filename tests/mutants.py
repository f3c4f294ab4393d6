"""Mutants: a solver's source, a program or a network, each with one small change.

Operators after Jia and Harman, "An analysis and survey of the development of mutation testing"
(IEEE TSE 2011): constants by one, comparisons, operators, dropped terms, offsets of indices, bounds
of loops, swapped branches, conditions forced, extremes and quantifiers exchanged.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from deepdistill.forms.files import network_bytes, read_network
from deepdistill.ir.expr import Call, Const, Expr, If, Read, Sum, Total, children, rebuild
from deepdistill.ir.program import Fill, Let, Map, Program, Scan


@dataclass(frozen=True, slots=True)
class Mutant:
    """What was changed, in words, and the changed whole."""

    change: str
    value: Any


Change = tuple[str, ast.AST]

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq, ast.GtE, ast.LtE),
    ast.NotEq: (ast.Eq, ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mod,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitOr,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
}
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
_DROPPED_CALLS = {"abs", "int", "float", "sorted", "reversed"}


def source_mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a solver module, in the order of its text.

    Docstrings, texts of messages and the last ``if __name__`` stay as they are.
    """
    tree = ast.parse(source)
    for path, node in _places(tree):
        for change, other in _changes(node):
            changed = _with(tree, path, other)
            try:
                text = ast.unparse(ast.fix_missing_locations(changed))
                compile(text, "mutant", "exec")
            except (SyntaxError, ValueError):
                continue
            yield Mutant(f"line {getattr(node, 'lineno', 0)}: {change}", text)


Path = tuple[tuple[str, int | None], ...]


def _places(node: ast.AST, path: Path = ()) -> Iterator[tuple[Path, ast.AST]]:
    if isinstance(node, ast.JoinedStr) or _is_guard(node):
        return
    yield path, node
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield from _places(value, (*path, (name, None)))
        elif isinstance(value, list):
            for k, part in enumerate(value):
                if isinstance(part, ast.AST):
                    yield from _places(part, (*path, (name, k)))


def _is_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test)


def _with(tree: ast.AST, path: Path, other: ast.AST) -> Any:
    """A copy of the tree with another node at one place."""
    if not path:
        return other
    (name, k), *rest = path
    result = copy.copy(tree)
    value = getattr(tree, name)
    if k is None:
        setattr(result, name, _with(value, tuple(rest), other))
    else:
        parts = list(value)
        parts[k] = _with(parts[k], tuple(rest), other)
        setattr(result, name, parts)
    return result


def _edited(node: Any, **changes: Any) -> Any:
    result = copy.copy(node)
    for name, value in changes.items():
        setattr(result, name, value)
    return result


def _number(value: float) -> ast.expr:
    if value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def _plus(node: ast.expr, step: int) -> ast.expr:
    return ast.BinOp(node, ast.Add() if step > 0 else ast.Sub(), ast.Constant(1))


def _changes(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Constant(bool() as truth):
            yield f"{truth} negated", ast.Constant(not truth)
        case ast.Constant(int() as value):
            for other in (value + 1, value - 1):
                yield f"{value} becomes {other}", _number(other)
        case ast.Constant(float() as value):
            for moved in (value + 1, value - 1, value * (1 + 1e-6)):
                yield f"{value} becomes {moved}", _number(moved)
        case ast.Compare(left, ops, comparators):
            for k, op in enumerate(ops):
                for kind in _COMPARISONS[type(op)]:
                    changed = [*ops[:k], kind(), *ops[k + 1 :]]
                    yield f"{_name(op)} becomes {_name(kind())}", _edited(node, ops=changed)
            if len(ops) > 1:
                yield "lower bound dropped", ast.Compare(comparators[0], ops[1:], comparators[1:])
                yield "upper bound dropped", ast.Compare(left, ops[:-1], comparators[:-1])
        case ast.BinOp(left, op, right):
            for operator in _OPERATORS.get(type(op), ()):
                yield f"{_name(op)} becomes {_name(operator())}", _edited(node, op=operator())
            yield f"left side of {_name(op)} dropped", right
            yield f"right side of {_name(op)} dropped", left
        case ast.AugAssign(target, op, value):
            for operator in _OPERATORS.get(type(op), ()):
                yield f"{_name(op)}= becomes {_name(operator())}=", _edited(node, op=operator())
            yield f"{_name(op)}= becomes =", ast.Assign([target], value)
            yield "update dropped", ast.Pass()
        case ast.BoolOp(op, values):
            opposite = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield f"{_name(op)} becomes {_name(opposite)}", _edited(node, op=opposite)
            for k in range(len(values)):
                left_out = [*values[:k], *values[k + 1 :]]
                rest = left_out[0] if len(left_out) == 1 else _edited(node, values=left_out)
                yield f"term {k + 1} of {_name(op)} dropped", rest
        case ast.UnaryOp(op, operand):
            yield f"{_name(op)} dropped", operand
        case ast.IfExp(test, body, orelse):
            yield "branches swapped", ast.IfExp(test, orelse, body)
            yield "always the first branch", body
            yield "always the second branch", orelse
        case ast.If(test, body, orelse):
            yield "condition negated", _edited(node, test=ast.UnaryOp(ast.Not(), test))
            yield "condition always true", _edited(node, test=ast.Constant(True))
            yield "condition never true", _edited(node, test=ast.Constant(False))
        case ast.comprehension(ifs=[_, *_]):
            yield "condition of the comprehension dropped", _edited(node, ifs=[])
        case ast.Call(ast.Name(name), args):
            if name in _CALLS:
                yield f"{name} becomes {_CALLS[name]}", _edited(node, func=ast.Name(_CALLS[name]))
            if name in _DROPPED_CALLS and len(args) == 1:
                yield f"{name}() dropped", args[0]
            if name == "range":
                for step in (1, -1):
                    stop = _plus(args[-1], step)
                    yield f"end of range {step:+}", _edited(node, args=[*args[:-1], stop])
        case ast.Subscript(_, ast.Slice(lower, upper, step) as part):
            for name, bound in (("lower", lower), ("upper", upper), ("step", step)):
                if bound is not None:
                    yield (
                        f"{name} end of slice dropped",
                        _edited(node, slice=_edited(part, **{name: None})),
                    )
        case ast.Subscript(_, index) if isinstance(node.ctx, ast.Load):
            for by in (1, -1):
                yield f"index {by:+}", _edited(node, slice=_plus(index, by))
        case ast.Tuple(elts) if isinstance(node.ctx, ast.Load) and len(elts) > 1:
            for k in range(len(elts)):
                rest = [*elts[:k], *elts[k + 1 :]]
                yield f"entry {k + 1} of a tuple dropped", ast.Tuple(rest, ast.Load())
        case _:
            pass


def _name(op: Any) -> str:
    return type(op).__name__


def program_mutants(program: Program) -> Iterator[Mutant]:
    """Every mutant of a program: its expressions, what a scan starts with, tables."""
    for k, statement in enumerate(program.body):
        for change, other in _statements(statement):
            body = (*program.body[:k], other, *program.body[k + 1 :])
            yield Mutant(f"{statement.name}: {change}", replace(program, body=body))
    for k, table in enumerate(program.tables):
        for change, values in _tables(table.values):
            tables = (*program.tables[:k], replace(table, values=values), *program.tables[k + 1 :])
            yield Mutant(f"{table.name}: {change}", replace(program, tables=tables))


def _tables(values: Any) -> Iterator[tuple[str, Any]]:
    for k, part in enumerate(values):
        if isinstance(part, tuple):
            inner = list(_tables(part))
        else:
            inner = [(f"{part} becomes {part + step}", part + step) for step in (1, -1)]
        for change, other in inner:
            yield change, (*values[:k], other, *values[k + 1 :])


def _statements(statement: Any) -> Iterator[tuple[str, Any]]:
    """Mutants of a statement: of every expression in its fields."""
    assert isinstance(statement, Let | Map | Fill | Scan)
    for field in fields(statement):
        value = getattr(statement, field.name)
        for change, other in _parts(value):
            yield change, replace(statement, **{field.name: other})


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Let):
        for change, other in _expressions(value.value):
            yield f"{value.name}: {change}", replace(value, value=other)
    elif isinstance(value, tuple) and value and all(map(is_dataclass, value)):
        for k, part in enumerate(value):
            for change, other in _parts(part):
                yield change, (*value[:k], other, *value[k + 1 :])
    elif is_dataclass(value):
        yield from _expressions(value)


_SAME_SHAPE = {
    "add": ("sub",),
    "sub": ("add",),
    "mul": ("add",),
    "floordiv": ("mod",),
    "mod": ("floordiv",),
    "bitand": ("bitor",),
    "bitor": ("bitand",),
    "bitxor": ("bitor",),
    "max": ("min",),
    "min": ("max",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "eq": ("ne", "ge"),
    "ne": ("eq", "gt"),
    "lt": ("le", "ge"),
    "le": ("lt", "gt"),
    "gt": ("ge", "le"),
    "ge": ("gt", "lt"),
    "and": ("or",),
    "or": ("and",),
}


def _expressions(expr: Any) -> Iterator[tuple[str, Any]]:
    """Mutants of an expression: the node itself, then those of its children."""
    yield from _nodes(expr)
    parts = children(expr)
    for k, part in enumerate(parts):
        for change, other in _expressions(part):
            yield change, rebuild(expr, (*parts[:k], other, *parts[k + 1 :]))


def _nodes(expr: Expr) -> Iterator[tuple[str, Expr]]:
    match expr:
        case Const(tuple() as values):
            for change, other in _tables(values):
                yield change, Const(other)
        case Const(int() as value):
            for step in (1, -1):
                yield f"{value} becomes {value + step}", Const(value + step)
        case Read(port, index):
            for k, place in enumerate(index):
                for step in (1, -1):
                    moved = Call("add", (place, Const(step)))
                    yield (
                        f"{port}: index {k} {step:+}",
                        Read(port, (*index[:k], moved, *index[k + 1 :])),
                    )
        case Call(op, args):
            for other in _SAME_SHAPE.get(op, ()):
                if len(args) == 2 or other not in ("sub",):
                    yield f"{op} becomes {other}", Call(other, args)
            if op in ("not", "abs", "int"):
                yield f"{op} dropped", args[0]
            if op in ("add", "mul", "and", "or", "max", "min", "bitand", "bitor", "bitxor"):
                for k in range(len(args)):
                    rest = (*args[:k], *args[k + 1 :])
                    yield (
                        f"term {k + 1} of {op} dropped",
                        (rest[0] if len(rest) == 1 else Call(op, rest)),
                    )
        case If(condition, then, otherwise):
            yield "branches swapped", If(condition, otherwise, then)
            yield "always the first branch", then
            yield "always the second branch", otherwise
        case Sum(names, points, body) if len(points) > 1:
            for k in range(len(points)):
                yield (
                    f"point {points[k]} dropped",
                    Sum(names, (*points[:k], *points[k + 1 :]), body),
                )
        case Total(name, start, stop, body):
            for step in (1, -1):
                yield (
                    f"end of the sum {step:+}",
                    Total(name, start, Call("add", (stop, Const(step))), body),
                )
        case _:
            pass


def network_mutants(network: Any) -> Iterator[Mutant]:
    """A network with one whole weight, threshold, bias or initial register changed by one."""
    yield from _data(network, lambda value: value, "")


def _data(value: Any, whole: Callable[[Any], Any], where: str) -> Iterator[Mutant]:
    """Every integer and every entry of an integer array inside nested dataclasses and tuples."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "if" and np.array_equal(value, np.round(value)):
            for place in np.ndindex(*value.shape):
                for step in (1, -1):
                    moved = _moved(whole, value, place, step)
                    yield Mutant(f"{where}{list(place)} {step:+}", (moved, None))
    elif type(value) is int:
        for step in (1, -1):
            yield Mutant(f"{where} {step:+}", (whole, value + step))
    elif isinstance(value, tuple):
        for k, part in enumerate(value):
            yield from _data(part, _into_tuple(whole, value, k), f"{where}[{k}]")
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if field.name not in ("inputs", "output", "sizes", "shape", "domain", "taps", "axes"):
                part = getattr(value, field.name)
                yield from _data(
                    part, _into_field(whole, value, field.name), f"{where}.{field.name}"
                )


def _moved(
    whole: Callable[[Any], Any], value: Any, place: tuple[int, ...], step: int
) -> Callable[[Any], Any]:
    """The whole with one entry changed, copied only when it is asked for: arrays may be large."""

    def change(nothing: None) -> Any:
        changed = value.copy()
        changed[place] += step
        return whole(changed)

    return change


def _into_tuple(whole: Callable[[Any], Any], value: Any, k: int) -> Callable[[Any], Any]:
    return lambda part: whole((*value[:k], part, *value[k + 1 :]))


def _into_field(whole: Callable[[Any], Any], value: Any, name: str) -> Callable[[Any], Any]:
    return lambda part: whole(replace(value, **{name: part}))


def built(mutant: Mutant) -> Any:
    """The network of a mutant; None where there is no such network, or its file is refused."""
    whole, part = mutant.value
    try:
        return read_network(network_bytes(whole(part)), "a mutant")
    except (ValueError, TypeError, IndexError):
        return None


def chosen(mutants: Sequence[Mutant], count: int, seed: int) -> list[Mutant]:
    """A sample without repetition, in the order of the list; the same for the same seed."""
    if len(mutants) <= count:
        return list(mutants)
    places = np.random.default_rng(seed).choice(len(mutants), count, replace=False)
    return [mutants[k] for k in sorted(places.tolist())]
