"""A formula with its held-out rows on disk: the archive of networks with a kind of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.dates import PARTS
from ...data.problem import InputError
from ...ir.expr import Call, Const, Expr, If, Var
from ...ir.levels import levels_of, only_tested
from ...ir.names import identifier
from ...ir.ops import OPERATIONS
from ...ir.program import Formula, Let
from ...ir.spec import FORMULAS
from ...ir.types import PLAIN_LAYOUT, Reals, Scalar, TableLayout
from ...units.archive import FORMAT, archive
from ...units.codec import Codec
from .network import FittedRows, Floats, TableFormula

_DEEPEST = 120
_LONGEST_TITLE = 1000
_CODEC = Codec(later={TableLayout: 1, FittedRows: 1})
_UNCOUNTED = 6  # parts
_OF_NUMBERS = 2  # parts of a layout, where the file is names and rows alone
_DECIMALS, _GROUPS = (".", ","), ("", ",", ".", " ", "'")


def formula_bytes(
    formula: Formula,
    rows: tuple[Floats, Floats],
    fitted: FittedRows | None = None,
    strict: bool = False,
    layout: TableLayout = PLAIN_LAYOUT,
) -> bytes:
    """The same bytes for the same formula and held-out rows (rows, columns) and (rows,)."""
    spec: dict[str, Any] = {
        "format": FORMAT,
        "kind": "formula",
        "name": formula.name,
        "inputs": [_scalar(scalar) for scalar in formula.inputs],
        "output": _scalar(formula.output),
        "body": [[let.name, plain_expr(let.value)] for let in formula.body],
        "value": plain_expr(formula.value),
    }
    if fitted is not None:
        parts = _CODEC.plain(fitted, FittedRows)
        spec["fitted"] = parts if fitted.classes else parts[:-1]  # as in older files
    if strict:
        spec["strict"] = True
    if layout != PLAIN_LAYOUT:
        parts = _CODEC.plain(layout, TableLayout)
        is_plain = replace(PLAIN_LAYOUT, others=layout.others, marks=layout.marks) == layout
        parts = parts if layout.dates else parts[:-1]  # as in older files
        spec["table"] = parts[:_OF_NUMBERS] if is_plain else parts
    return archive(spec, [rows], lambda array: np.asarray(array, dtype="<f8"))


def formula_network(spec: Any, arrays: dict[str, NDArray[Any]]) -> TableFormula:
    """A formula and its held-out rows; :class:`InputError` where the archive holds none."""
    try:
        inputs = tuple(_read_scalar(part) for part in spec["inputs"])
        names = {scalar.name for scalar in inputs}
        body = []
        for name, value in spec["body"]:
            body.append(Let(_name(name), read_expr(value, names)))
            names.add(name)
        if len(names) < len(inputs) + len(body):
            raise ValueError
        formula = Formula(
            _name(spec["name"]),
            inputs,
            _read_scalar(spec["output"]),
            tuple(body),
            read_expr(spec["value"], names),
        )
        x, y = arrays["weights_0"], arrays["bias_0"]
        good = x.ndim == 2 and y.ndim == 1 and x.shape == (len(y), len(inputs))
        if not good or x.dtype != np.float64 or y.dtype != np.float64:
            raise ValueError
        if not np.isfinite(x).all() or not np.isfinite(y).all() or not _are_tested(formula, x):
            raise ValueError
        fitted = _read_fitted(spec["fitted"]) if "fitted" in spec else None
        strict = spec.get("strict", False)
        if type(strict) is not bool:
            raise ValueError
        layout = _read_layout(spec["table"]) if "table" in spec else PLAIN_LAYOUT
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        raise InputError("it holds no formula") from None
    return TableFormula(formula, (x, y), fitted, strict, layout)


def _read_layout(part: Any) -> TableLayout:
    if len(part) == _OF_NUMBERS:
        part = [*part, *_CODEC.plain(PLAIN_LAYOUT, TableLayout)[_OF_NUMBERS:]]
    layout: TableLayout = _CODEC.read(part, TableLayout, "table")
    if not all(decimal in _DECIMALS and group in _GROUPS for _, decimal, group in layout.marks):
        raise ValueError
    if not all(kind in PARTS for _, _, kind in layout.dates):
        raise ValueError
    return layout


def _read_fitted(part: Any) -> FittedRows:
    old = [0, 0, [], []] if len(part) == _UNCOUNTED else []  # written before rows were counted
    fitted: FittedRows = _CODEC.read([*part, *old], FittedRows, "fitted")
    if not all(row > 0 for row in fitted.outliers) or not 0 <= fitted.missed <= fitted.count:
        raise ValueError
    if fitted.tolerance < 0 or not 0 <= fitted.chance <= 1:
        raise ValueError
    return fitted


def _scalar(scalar: Scalar) -> list[Any]:
    ends = [float(scalar.domain.low), float(scalar.domain.high)]
    return [scalar.name, *ends, scalar.title, *([list(scalar.levels)] if scalar.levels else [])]


def _read_scalar(part: Any) -> Scalar:
    name, low, high, title, *rest = part
    low, high = _number(low), _number(high)
    if low > high or not isinstance(title, str) or len(title) > _LONGEST_TITLE:
        raise ValueError
    (levels,) = rest or [[]]
    if rest and not _are_levels(levels, low, high):
        raise ValueError
    return Scalar(_name(name), Reals(low, high), title, tuple(levels))


def _are_levels(levels: Any, low: float, high: float) -> bool:
    if not isinstance(levels, list) or (low, high) != (0, len(levels) - 1) or high < 1:
        return False
    if {type(one) for one in levels} == {bool}:
        return levels == [False, True]
    return all(isinstance(one, str) for one in levels) and len(set(levels)) == len(levels)


def _are_tested(formula: Formula, x: NDArray[np.float64]) -> bool:
    """Whether levels are levels in the rows (rows, columns) and in the formula."""
    levels = levels_of(formula.inputs)
    for scalar, column in zip(formula.inputs, x.T, strict=True):
        if scalar.levels and not np.isin(column, np.arange(len(scalar.levels))).all():
            return False
    values = [formula.value, *(let.value for let in formula.body)]
    return not levels or all(only_tested(value, levels) for value in values)


def _number(value: Any) -> float:
    if type(value) not in (int, float):
        raise ValueError
    return float(value)  # finite, for it was JSON; an OverflowError where it is no float


def _name(name: Any) -> str:
    if not isinstance(name, str) or identifier(name) != name:
        raise ValueError
    return name


def plain_expr(expr: Expr) -> Any:
    """Nested lists: ["add", ...], names as text, numbers as they are."""
    match expr:
        case Const(int() | float() as value):
            return value
        case Var(name):
            return name
        case Call(op, args):
            return [op, *map(plain_expr, args)]
        case If(condition, then, otherwise):
            return ["if", *map(plain_expr, (condition, then, otherwise))]
        case _:
            raise ValueError(f"no part of a formula: {expr}")


def read_expr(plain: Any, names: set[str], depth: int = 0) -> Expr:
    if depth > _DEEPEST:
        raise ValueError
    match plain:
        case bool():
            raise ValueError
        case int() | float():
            _number(plain)
            return Const(plain)
        case str() if plain in names:
            return Var(plain)
        case ["if", condition, then, otherwise]:
            parts = (condition, then, otherwise)
            return If(*[read_expr(part, names, depth + 1) for part in parts])
        case [str() as op, *args] if op in FORMULAS:
            arity = OPERATIONS[op].arity
            if (len(args) < 2) if arity is None else (len(args) != arity):
                raise ValueError
            return Call(op, tuple([read_expr(arg, names, depth + 1) for arg in args]))
        case _:
            raise ValueError
