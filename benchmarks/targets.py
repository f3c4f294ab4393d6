"""The NumPy target beside what a user would write by hand; each ratio within one run.

`python benchmarks/targets.py` exports results of the gallery and times them: Life on 2,000 x 2,000
cells beside slices written by hand, formulas on 1,000,000 rows beside what sympy's ``lambdify``
makes of the same formula. The two sides take turns; a turn among the fastest is told of each,
for other work on the machine slows the rest.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import deepdistill as dd
from deepdistill.verify.solver import load_solver

GALLERY = Path(__file__).resolve().parents[1] / "outputs"
LARGEST = 1.2
ROUNDS = 40


def by_hand(cells: Any) -> Any:
    """Life in the slices that one writes by hand, sums of lines first."""
    padded = np.pad(cells, 1, mode="wrap")
    lines = padded[:-2] + padded[1:-1] + padded[2:]
    near = lines[:, :-2] + lines[:, 1:-1] + lines[:, 2:] - cells
    return ((near == 3) | ((near == 2) & (cells == 1))).astype(cells.dtype)


def seconds(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def ratio(ours: Callable[[], Any], theirs: Callable[[], Any]) -> tuple[float, float, float]:
    """Seconds of ours and of theirs, of an undisturbed turn of each, and their ratio."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    fast, other = (sorted(column)[ROUNDS // 8] for column in zip(*pairs, strict=True))
    return fast, other, fast / other


def exported(name: str) -> tuple[Any, Any]:
    """A result of the gallery, and its solver for NumPy."""
    result = dd.load(GALLERY / name)
    return result, load_solver(result.export("numpy").encode(), "solver_np")


def told(name: str, found: tuple[float, float, float]) -> bool:
    ours, theirs, middle = found
    print(f"{name:44} {ours * 1e3:9.2f} ms  {theirs * 1e3:9.2f} ms  ratio {middle:5.2f}")
    return middle <= LARGEST


def life() -> list[bool]:
    _, solve = exported("life")
    rng = np.random.default_rng(0)
    good = []
    for kind in (np.uint8, np.int64):
        cells = rng.integers(0, 2, (2000, 2000)).astype(kind)
        assert np.array_equal(solve(cells), by_hand(cells))
        found = ratio(lambda: solve(cells), lambda: by_hand(cells))  # noqa: B023
        good.append(told(f"life, 2,000 x 2,000 of {kind.__name__}", found))
    return good


def formulas() -> list[bool]:
    import sympy

    good = []
    for name in ("kepler", "heat", "lorenz_x", "attraction", "coulomb", "income_tax"):
        result, solve = exported(name)
        names = [scalar.name for scalar in result.program.inputs]
        plain = sympy.sympify(pieces(result.text), locals={n: sympy.Symbol(n) for n in names})
        by_sympy = sympy.lambdify(names, plain, "numpy")
        rng = np.random.default_rng(0)
        spans = [(s.domain.low, s.domain.high) for s in result.program.inputs]
        columns = [rng.uniform(*span, size=1_000_000) for span in spans]
        table = dict(zip(names, columns, strict=True))
        solve_many = solve.__globals__["solve_many"]
        assert np.allclose(solve_many(table), by_sympy(*columns), rtol=1e-9)
        found = ratio(lambda: solve_many(table), lambda: by_sympy(*columns))  # noqa: B023
        good.append(told(f"{name}, 1,000,000 rows", found))
    return good


def pieces(text: str) -> str:
    """A formula's text for sympy, which writes choices as Piecewise."""
    import ast

    class Choices(ast.NodeTransformer):
        def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
            self.generic_visit(node)
            pairs = [(node.body, node.test), (node.orelse, ast.Constant(True))]
            made: list[ast.expr] = [ast.Tuple(list(pair), ast.Load()) for pair in pairs]
            return ast.Call(ast.Name("Piecewise", ast.Load()), made, [])

    tree = Choices().visit(ast.parse(text.partition(" = ")[2].replace("math.", ""), mode="eval"))
    return ast.unparse(ast.fix_missing_locations(tree)).replace("abs(", "Abs(")


def main() -> int:
    print(f"{'':44} {'solver_np':>12}  {'by hand':>12}")
    return 0 if all([*life(), *formulas()]) else 1


if __name__ == "__main__":
    sys.exit(main())
