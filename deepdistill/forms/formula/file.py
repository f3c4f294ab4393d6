"""A formula with its held-out rows on disk: the archive of networks with a kind of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.problem import InputError
from ...ir.expr import Call, Const, Expr, If, Var
from ...ir.names import identifier
from ...ir.ops import OPERATIONS
from ...ir.program import Formula, Let
from ...ir.spec import FORMULAS
from ...ir.types import Reals, Scalar
from ...units.archive import FORMAT, archive
from .network import FittedRows, Floats, TableFormula

_DEEPEST = 120
_LONGEST_TITLE = 1000


def formula_bytes(
    formula: Formula,
    rows: tuple[Floats, Floats],
    fitted: FittedRows | None = None,
    strict: bool = False,
) -> bytes:
    """The same bytes for the same formula and held-out rows (rows, columns) and (rows,)."""
    spec: dict[str, Any] = {
        "format": FORMAT,
        "kind": "formula",
        "name": formula.name,
        "inputs": [_scalar(scalar) for scalar in formula.inputs],
        "output": _scalar(formula.output),
        "body": [[let.name, _plain(let.value)] for let in formula.body],
        "value": _plain(formula.value),
    }
    if fitted is not None:
        spec["fitted"] = [*map(float, _numbers(fitted)), list(fitted.outliers), fitted.constant]
    if strict:
        spec["strict"] = True
    return archive(spec, [rows], lambda array: np.asarray(array, dtype="<f8"))


def formula_network(spec: Any, arrays: dict[str, NDArray[Any]]) -> TableFormula:
    """A formula and its held-out rows; :class:`InputError` where the archive holds none."""
    try:
        inputs = tuple(_read_scalar(part) for part in spec["inputs"])
        names = {scalar.name for scalar in inputs}
        body = []
        for name, value in spec["body"]:
            body.append(Let(_name(name), _expr(value, names)))
            names.add(name)
        if len(names) < len(inputs) + len(body):
            raise ValueError
        formula = Formula(
            _name(spec["name"]),
            inputs,
            _read_scalar(spec["output"]),
            tuple(body),
            _expr(spec["value"], names),
        )
        x, y = arrays["weights_0"], arrays["bias_0"]
        good = x.ndim == 2 and y.ndim == 1 and x.shape == (len(y), len(inputs))
        if not good or x.dtype != np.float64 or y.dtype != np.float64:
            raise ValueError
        if not np.isfinite(x).all() or not np.isfinite(y).all():
            raise ValueError
        fitted = _read_fitted(spec["fitted"]) if "fitted" in spec else None
        strict = spec.get("strict", False)
        if type(strict) is not bool:
            raise ValueError
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        raise InputError("it holds no formula") from None
    return TableFormula(formula, (x, y), fitted, strict)


def _numbers(fitted: FittedRows) -> tuple[float, ...]:
    return fitted.tolerance, fitted.centre, fitted.chance, fitted.saved


def _read_fitted(part: Any) -> FittedRows:
    *numbers, outliers, constant = part
    tolerance, centre, chance, saved = map(_number, numbers)
    if type(constant) is not bool or not isinstance(outliers, list):
        raise ValueError
    if not all(type(row) is int and row > 0 for row in outliers):
        raise ValueError
    if tolerance < 0 or not 0 <= chance <= 1:
        raise ValueError
    return FittedRows(tolerance, centre, chance, saved, tuple(outliers), constant)


def _scalar(scalar: Scalar) -> list[Any]:
    return [scalar.name, float(scalar.domain.low), float(scalar.domain.high), scalar.title]


def _read_scalar(part: Any) -> Scalar:
    name, low, high, title = part
    low, high = _number(low), _number(high)
    if low > high or not isinstance(title, str) or len(title) > _LONGEST_TITLE:
        raise ValueError
    return Scalar(_name(name), Reals(low, high), title)


def _number(value: Any) -> float:
    if type(value) not in (int, float):
        raise ValueError
    return float(value)  # finite, for it was JSON; an OverflowError where it is no float


def _name(name: Any) -> str:
    if not isinstance(name, str) or identifier(name) != name:
        raise ValueError
    return name


def _plain(expr: Expr) -> Any:
    """Nested lists: ["add", ...], names as text, numbers as they are."""
    match expr:
        case Const(int() | float() as value):
            return value
        case Var(name):
            return name
        case Call(op, args):
            return [op, *map(_plain, args)]
        case If(condition, then, otherwise):
            return ["if", *map(_plain, (condition, then, otherwise))]
        case _:
            raise ValueError(f"no part of a formula: {expr}")


def _expr(plain: Any, names: set[str], depth: int = 0) -> Expr:
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
            return If(*[_expr(part, names, depth + 1) for part in parts])
        case [str() as op, *args] if op in FORMULAS:
            arity = OPERATIONS[op].arity
            if (len(args) < 2) if arity is None else (len(args) != arity):
                raise ValueError
            return Call(op, tuple([_expr(arg, names, depth + 1) for arg in args]))
        case _:
            raise ValueError
