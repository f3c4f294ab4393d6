"""Formula → MathML Core: what browsers show without any script."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..ir.expr import Call, Const, Expr, If, Var
from ..ir.levels import indicated
from ..ir.program import Formula
from .svg import Markup, tag

_SUM, _PRODUCT, _POWER, _ATOM = range(4)  # how tightly a text holds together

_LEFT = "text-align:left"
_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda",
    "mu", "nu", "xi", "omicron", "pi", "rho", "final sigma", "sigma", "tau", "upsilon", "phi",
    "chi", "psi", "omega",
)  # fmt: skip
_SYMBOL = re.compile(rf"([a-z]|{'|'.join(_GREEK)})_?(\d+)")
_COMPARED = {"eq": "=", "ne": "≠", "lt": "<", "le": "≤", "gt": ">", "ge": "≥"}
_JOINED = {"and": "∧", "or": "∨"}
_FUNCTIONS = ("log", "sin", "cos", "tan", "tanh", "max", "min")


def formula_mathml(formula: Formula) -> list[Markup]:
    """An equation for each named part, then that of the result.

    Raises ``ValueError`` for what no formula of numbers holds.
    """
    formula = indicated(formula)
    pairs = [*((let.name, let.value) for let in formula.body), (formula.output.name, formula.value)]
    return [
        tag("math", tag("mrow", _name(name), _sign("="), _math(value)[0]), display="block")
        for name, value in pairs
    ]


def _name(name: str) -> Markup:
    """A letter, also a Greek one, with a number beneath it, or a whole word."""
    found = _SYMBOL.fullmatch(name)
    stem, below = found.groups() if found else (name, "")
    letter = chr(0x3B1 + _GREEK.index(stem)) if stem in _GREEK and stem != "pi" else stem
    known = tag("mi", letter)
    return tag("msub", known, tag("mn", below)) if below else known


def _sign(sign: str) -> Markup:
    return tag("mo", sign)


def _row(*parts: str) -> Markup:
    return tag("mrow", *parts)


def _math(expr: Expr) -> tuple[Markup, int]:
    """The markup and how tightly it holds together."""
    match expr:
        case Const(int() | float() as value):
            return _number(value)
        case Var(name):
            return _name(name), _ATOM
        case If():
            return _cases(expr), _ATOM
        case Call("pi" | "e" as op, ()):
            return tag("mi", "π" if op == "pi" else "e"), _ATOM
        case Call("add", args):
            parts = [_within(args[0], _SUM)]
            for arg in args[1:]:
                sign, positive = _signed(arg)
                parts += [_sign(sign), _within(positive, _PRODUCT)]
            return _row(*parts), _SUM
        case Call("sub", (a, b)):
            return _row(_within(a, _SUM), _sign("−"), _within(b, _PRODUCT)), _SUM
        case Call("mul", (Const(-1), *rest)):
            return _row(_sign("−"), _product(rest)), _SUM
        case Call("mul", args):
            return _product(args), _PRODUCT
        case Call("div", (a, b)):
            return tag("mfrac", _row(_math(a)[0]), _row(_math(b)[0])), _PRODUCT
        case Call("pow" | "power", (a, b)):
            return tag("msup", _row(_within(a, _ATOM)), _row(_math(b)[0])), _POWER
        case Call("sqrt", (a,)):
            return tag("msqrt", _math(a)[0]), _ATOM
        case Call("exp", (a,)):
            return tag("msup", tag("mi", "e"), _row(_math(a)[0])), _POWER
        case Call("abs", (a,)):
            return _row(_sign("|"), _math(a)[0], _sign("|")), _ATOM
        case Call(op, args) if op in _FUNCTIONS:
            inner = [_math(arg)[0] for arg in args]
            listed = [part for one in inner for part in (_sign(","), one)][1:]
            return _row(tag("mi", op), _sign("("), *listed, _sign(")")), _POWER
        case Call(op, (a, b)) if op in _COMPARED:
            return _row(_math(a)[0], _sign(_COMPARED[op]), _math(b)[0]), _SUM
        case Call("between", (a, x, b)):
            return _row(_math(a)[0], _sign("≤"), _math(x)[0], _sign("≤"), _math(b)[0]), _SUM
        case Call(op, args) if op in _JOINED:
            joined = [p for arg in args for p in (_sign(_JOINED[op]), _bracketed(_math(arg)[0]))]
            return _row(*joined[1:]), _SUM
        case _:
            raise ValueError(f"no formula of numbers: {expr}")


def _signed(expr: Expr) -> tuple[str, Expr]:
    """A term as a sign and what follows it."""
    match expr:
        case Const(int() | float() as value) if value < 0:
            return "−", Const(-value)
        case Call("mul", (Const(-1), a)):
            return "−", a
        case Call("mul", (Const(-1), *rest)):
            return "−", Call("mul", tuple(rest))
        case Call("mul", (Const(int() | float() as value), *rest)) if value < 0:
            return "−", Call("mul", (Const(-value), *rest))
        case _:
            return "+", expr


def _within(expr: Expr, least: int) -> Markup:
    found, tight = _math(expr)
    return found if tight >= least else _bracketed(found)


def _bracketed(inner: Markup) -> Markup:
    return _row(_sign("("), inner, _sign(")"))


def _product(args: Sequence[Expr]) -> Markup:
    first, *rest = args
    parts = [_math(first)[0] if isinstance(first, Const) else _within(first, _PRODUCT)]
    for arg in rest:
        parts += [_sign("·"), _within(arg, _PRODUCT)]
    return _row(*parts)


def _number(value: int | float) -> tuple[Markup, int]:
    digits, _, power = repr(abs(value)).partition("e")
    written = tag("mn", digits)
    if power:
        ten = tag("msup", tag("mn", "10"), tag("mn", str(int(power))))
        written = _row(written, _sign("·"), ten)
    if value < 0:
        return _row(_sign("−"), written), _SUM
    return written, _PRODUCT if power else _ATOM


def _cases(expr: Expr) -> Markup:
    rows = []
    while isinstance(expr, If):
        rows.append(
            (
                _math(expr.then)[0],
                _row(tag("mtext", "if"), tag("mspace", width="0.5em"), _math(expr.condition)[0]),
            )
        )
        expr = expr.otherwise
    rows.append((_math(expr)[0], tag("mtext", "otherwise")))
    table = tag(
        "mtable",
        *(tag("mtr", tag("mtd", a, style=_LEFT), tag("mtd", b, style=_LEFT)) for a, b in rows),
    )
    return _row(_sign("{"), table)
