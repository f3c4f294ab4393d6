"""Formula → LaTeX: the structure that was found, as it stands, in mathematical notation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..ir.expr import Call, Const, Expr, If, Var
from ..ir.levels import indicated
from ..ir.program import Formula

_SUM, _PRODUCT, _POWER, _ATOM = range(4)  # how tightly a text holds together

_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda",
    "mu", "nu", "xi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
_SYMBOL = re.compile(rf"([a-z]|{'|'.join(_GREEK)})_?(\d*)")
_COMPARED = {"eq": "=", "ne": r"\neq", "lt": "<", "le": r"\le", "gt": ">", "ge": r"\ge"}
_JOINED = {"and": r" \wedge ", "or": r" \vee "}
_FUNCTIONS = ("log", "sin", "cos", "tan", "tanh", "max", "min")


def formula_latex(formula: Formula) -> str:
    """The result's equation, after those of its named parts, one a line of an alignment.

    Raises ``ValueError`` for what no formula of numbers holds.
    """
    formula = indicated(formula)
    pairs = [*((let.name, let.value) for let in formula.body), (formula.output.name, formula.value)]
    if len(pairs) == 1:
        return f"{_symbol(pairs[0][0])} = {_latex(pairs[0][1])[0]}"
    lines = [f"{_symbol(name)} &= {_latex(value)[0]}" for name, value in pairs]
    return r"\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}"


def _symbol(name: str) -> str:
    if (found := _SYMBOL.fullmatch(name)) is None or name == "e":  # as pi, it is a number here
        escaped = name.replace("_", r"\_")
        return rf"\mathrm{{{escaped}}}"
    letter, number = found.groups()
    letter = letter if len(letter) == 1 else rf"\{letter}"
    return f"{letter}_{{{number}}}" if number else letter


def _latex(expr: Expr) -> tuple[str, int]:
    """The text and how tightly it holds together."""
    match expr:
        case Const(int() | float() as value):
            return _number(value)
        case Var(name):
            return _symbol(name), _ATOM
        case If():
            return _cases(expr), _ATOM
        case Call("pi" | "e" as op, ()):
            return (r"\pi" if op == "pi" else "e"), _ATOM
        case Call("add", args):
            parts = [_latex(arg)[0] for arg in args]
            rest = (f" - {part[1:]}" if part[0] == "-" else f" + {part}" for part in parts[1:])
            return parts[0] + "".join(rest), _SUM
        case Call("sub", (a, b)):
            return f"{_latex(a)[0]} - {_within(b, _PRODUCT)}", _SUM
        case Call("mul", (Const(-1), *rest)):
            return f"-{_product(rest)}", _SUM
        case Call("mul", args):
            text = _product(args)
            return text, _SUM if text[0] == "-" else _PRODUCT
        case Call("div", (a, b)):
            return rf"\frac{{{_latex(a)[0]}}}{{{_latex(b)[0]}}}", _PRODUCT
        case Call("pow" | "power", (a, b)):
            return f"{_within(a, _ATOM)}^{{{_latex(b)[0]}}}", _POWER
        case Call("sqrt", (a,)):
            return rf"\sqrt{{{_latex(a)[0]}}}", _ATOM
        case Call("exp", (a,)):
            return f"e^{{{_latex(a)[0]}}}", _POWER
        case Call("abs", (a,)):
            return rf"\left|{_latex(a)[0]}\right|", _ATOM
        case Call(op, args) if op in _FUNCTIONS:
            inner = ", ".join(_latex(arg)[0] for arg in args)
            return rf"\{op}\left({inner}\right)", _POWER
        case Call(op, (a, b)) if op in _COMPARED:
            return f"{_latex(a)[0]} {_COMPARED[op]} {_latex(b)[0]}", _SUM
        case Call("between", (a, x, b)):
            return rf"{_latex(a)[0]} \le {_latex(x)[0]} \le {_latex(b)[0]}", _SUM
        case Call(op, args) if op in _JOINED:
            return _JOINED[op].join(rf"\left({_latex(arg)[0]}\right)" for arg in args), _SUM
        case _:
            raise ValueError(f"no formula of numbers: {expr}")


def _within(expr: Expr, least: int) -> str:
    """The text, in parentheses where it does not hold together enough."""
    text, tight = _latex(expr)
    return text if tight >= least else rf"\left({text}\right)"


def _product(args: Sequence[Expr]) -> str:
    """Factors side by side; a number that follows another factor gets a dot."""
    text = _latex(args[0])[0] if _is_number(args[0]) else _within(args[0], _PRODUCT)
    for arg in args[1:]:
        part = _within(arg, _PRODUCT)
        text += rf" \cdot {part}" if part[0].isdigit() else rf" \, {part}"
    return text


def _is_number(expr: Expr) -> bool:
    return isinstance(expr, Const)


def _number(value: int | float) -> tuple[str, int]:
    digits, _, power = repr(value).partition("e")
    if power:
        return rf"{digits} \cdot 10^{{{int(power)}}}", _SUM if value < 0 else _PRODUCT
    return digits, _SUM if value < 0 else _ATOM


def _cases(expr: Expr) -> str:
    lines = []
    while isinstance(expr, If):
        lines.append(rf"{_latex(expr.then)[0]} & \text{{if }} {_latex(expr.condition)[0]}")
        expr = expr.otherwise
    lines.append(rf"{_latex(expr)[0]} & \text{{otherwise}}")
    return r"\begin{cases}" + r" \\ ".join(lines) + r"\end{cases}"
