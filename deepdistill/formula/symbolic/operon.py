"""The embedded engine: genetic programming by Operon (pyoperon), tuned for short laws.

Burlacu, Kronberger, Kommenda: Operon C++, GECCO 2020. It searches in single precision; constants
are refitted in double precision by the polishing stage. Bounded by evaluations, never by time, and
run in one thread: the same seed gives the same front.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from ...ir.expr import Call, Const, Expr, Var
from .arrays import complexity
from .backend import Fit, Floats, pareto
from .constants import mean_square
from .terms import product_of

_GENERATIONS = 25
_POPULATION = 400
_ROWS = 120
_LONGEST = 30
_DEEPEST = 10
_UNARY = {"exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "abs"}


class Operon:
    """pyoperon, where its wheel is installed."""

    name = "operon"

    @staticmethod
    def ready() -> bool:
        """Whether pyoperon can be imported."""
        return find_spec("pyoperon") is not None

    def fit(
        self,
        x: Floats,
        y: Floats,
        names: Sequence[str],
        operators: Sequence[str],
        budget: float,
        seed: int,
    ) -> list[Fit]:
        from pyoperon.sklearn import SymbolicRegressor

        if len(y) < 2 or np.ptp(y) == 0:
            return []
        model = SymbolicRegressor(
            allowed_symbols=",".join([*operators, "constant", "variable"]),
            objectives=["r2", "length"],
            optimizer_iterations=10,
            max_length=_LONGEST,
            max_depth=_DEEPEST,
            population_size=_POPULATION,
            pool_size=_POPULATION,
            generations=max(1, round(_GENERATIONS * budget)),
            max_evaluations=10**9,
            max_time=10**6,
            epsilon=1e-6,
            n_threads=1,
            random_state=seed % 2**31,
        )
        few = np.random.default_rng([seed, 17]).permutation(len(y))[:_ROWS]
        scale = float(np.std(y))
        model.fit(x[few], y[few] / scale)
        hashes = {number: int(label[1:]) - 1 for number, label in model.variables_.items()}
        columns = {name: x[:, k] for k, name in enumerate(names)}
        fits = []
        for entry in model.pareto_front_:
            expr = read_tree(entry["tree"].Nodes, hashes, names)
            if expr is None:
                continue
            expr = Call("mul", (Const(scale), expr))
            fits.append(Fit(expr, mean_square(expr, columns, y), complexity(expr), self.name))
        return pareto([fit for fit in fits if np.isfinite(fit.loss)])


def read_tree(nodes: Sequence[Any], hashes: dict[int, int], names: Sequence[str]) -> Expr | None:
    """A postfix list of Operon's nodes as an expression; None where it holds an unknown node."""
    stack: list[Expr] = []
    for node in nodes:
        value = float(node.Value)
        if node.IsConstant:
            stack.append(Const(value))
            continue
        if node.IsVariable:
            expr: Expr = Var(names[hashes[node.HashValue]])
        else:
            args = tuple(stack[len(stack) - node.Arity :][::-1])  # the first was pushed last
            del stack[len(stack) - node.Arity :]
            operation = _operation(node.Name, args)
            if operation is None:
                return None
            expr = operation
        stack.append(expr if value == 1 else Call("mul", (Const(value), expr)))
    return stack[0]


def _operation(name: str, args: tuple[Expr, ...]) -> Expr | None:
    match name, args:
        case ("+", _) | ("-", _) | ("*", _) | ("/", _):
            op = {"+": "add", "-": "sub", "*": "mul", "/": "div"}[name]
        case _:
            op = name
    match op, args:
        case (("add" | "mul"), (only,)):
            return only
        case (("add" | "mul"), _):
            return Call(op, args)
        case "sub", (only,):
            return Call("mul", (Const(-1), only))
        case "sub", (first, *rest):
            return Call("sub", (first, rest[0] if len(rest) == 1 else Call("add", tuple(rest))))
        case "div", (only,):
            return Call("div", (Const(1), only))
        case "div", (first, *rest):
            return Call("div", (first, product_of(rest)))
        case "square", (only,):
            return Call("pow", (only, Const(2)))
        case (("pow" | "max" | "min"), (_, _)):
            return Call(op, args)
        case _, (only,) if op in _UNARY:
            return Call(op, (only,))
        case _:
            return None
