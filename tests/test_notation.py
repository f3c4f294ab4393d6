"""Mathematical notation: what stands there, read by the rules of arithmetic, is the formula."""

from __future__ import annotations

import math
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.ir.evaluate import evaluate_formula
from deepdistill.ir.expr import Call, Const, Expr, If, Read, Var
from deepdistill.ir.program import Formula, Let
from deepdistill.ir.types import Reals, Scalar
from deepdistill.target.notation import formula_latex, formula_mathml

X, ALPHA, TAX, E = Var("x"), Var("alpha_2"), Var("tax"), Var("e")
INPUTS = tuple(Scalar(name, Reals(0, 2)) for name in ("x", "alpha_2", "tax", "e"))
ROW = {"x": 0.75, "alpha_2": 1.5, "tax": 0.25, "e": 2.0}


def formula(value: Expr, *body: Let) -> Formula:
    return Formula("law", INPUTS, Scalar("y", Reals(0, 1)), body, value)


def expressions() -> st.SearchStrategy[Expr]:
    """Any nesting of the operations whose notation depends on what stands inside."""
    numbers = st.sampled_from([-3, -1, 2, 3, 0.5, -2.5e-7, 4e16]).map(Const)
    names: list[Expr] = [X, ALPHA, TAX, E, Call("pi", ()), Call("e", ())]
    leaves: st.SearchStrategy[Expr] = st.one_of(st.sampled_from(names), numbers)

    def of(ops: list[str], *parts: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        return st.builds(Call, st.sampled_from(ops), st.tuples(*parts))

    def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        compared = of(["eq", "ne", "lt", "le", "gt", "ge"], inner, inner)
        return st.one_of(
            of(["add", "sub", "mul", "div", "max"], inner, inner),
            of(["add", "mul"], inner, inner, inner),
            of(["pow", "power"], inner, st.integers(1, 3).map(Const)),
            of(["sin", "tanh"], inner),
            compared,
            of(["and", "or"], compared, compared),
            st.builds(If, compared, inner, inner),
        )

    return st.recursive(leaves, grown, max_leaves=8)


def read(node: ElementTree.Element) -> str:
    """The Python of an element; parentheses only where the notation itself separates."""
    parts = [read(child) for child in node]
    match node.tag:
        case "mn" | "mo":
            signs = {"−": "-", "·": "*", "=": "==", "≠": "!=", "≤": "<=", "≥": ">="}
            return {**signs, "∧": " and ", "∨": " or "}.get(node.text or "", node.text or "")
        case "mi" if node.text == "e":
            return "variable_e" if node.get("mathvariant") == "normal" else "2.718281828459045"
        case "mi":
            return {"α": "alpha", "π": "3.141592653589793"}.get(node.text or "", node.text or "")
        case "msub":
            return "_".join(parts)
        case "mfrac":
            return f"(({parts[0]})/({parts[1]}))"
        case "msup":
            return f"{parts[0]}**({parts[1]})"
        case "mtable":
            cases = [[read(cell) for cell in row] for row in node]
            return "(" + " else ".join(f"({a}) {b}".strip() for a, b in cases) + ")"
        case "mtext":
            return {"if": "if ", "otherwise": ""}[node.text or ""]
        case _:
            return "".join(parts).replace("{", "")


@settings(max_examples=tries(300), deadline=None, derandomize=True)
@given(expressions())
def test_mathml_read_by_the_rules_of_arithmetic_is_the_formula(expr: Expr) -> None:
    law = formula(expr)
    (equation,) = formula_mathml(law)
    text = read(ElementTree.fromstring(equation)).removeprefix("y==")
    names: dict[str, float | Callable[..., float]] = {
        "x": 0.75, "alpha_2": 1.5, "tax": 0.25, "variable_e": 2.0,
        "sin": math.sin, "tanh": math.tanh, "max": max,
    }  # fmt: skip
    try:
        expected = evaluate_formula(law, ROW)
    except (ValueError, ArithmeticError):
        return
    assert math.isclose(eval(text, names), expected, rel_tol=1e-6, abs_tol=1e-6), text


LT, MINUS = Call("lt", (X, Const(1))), Call("mul", (Const(-2), X))
CASES: dict[str, tuple[Expr, str]] = {
    "a truth is added up": (Call("add", (X, LT)), r"x + \left(x < 1\right)"),
    "truths are compared": (Call("eq", (LT, X)), r"\left(x < 1\right) = x"),
    "a minus is taken off": (Call("sub", (X, MINUS)), r"x - \left(-2 \, x\right)"),
    "a minus is added": (Call("add", (X, MINUS)), r"x - 2 \, x"),
    "a minus begins a term": (Call("add", (X, Call("sub", (MINUS, X)))), r"x - 2 \, x - x"),
    "two minuses": (Call("mul", (Const(-1), Const(-2), X)), r"-\left(-2\right) \, x"),
    "e is a number": (Call("mul", (E, Call("e", ()))), r"\mathrm{e} \, e"),
}


@pytest.mark.parametrize("case", CASES)
def test_latex_means_the_same_whatever_stands_inside(case: str) -> None:
    value, expected = CASES[case]
    assert formula_latex(formula(value)) == f"y = {expected}"


def test_names_are_letters_with_numbers_or_words() -> None:
    names = ["a", "a_", "beta", "omicron", "pi", "x_10", "X", "長さ"]
    lets = [Let(name, Const(1)) for name in names]
    found = [ElementTree.fromstring(one)[0][0] for one in formula_mathml(formula(X, *lets))]
    assert ["".join(one.itertext()) for one in found[:-1]] == [
        "a", "a_", "β", "ο", "pi", "x10", "X", "長さ",
    ]  # fmt: skip
    shown = formula_latex(formula(X, *lets)).removeprefix(r"\begin{aligned}").split(r" \\ ")
    assert [one.split(" &")[0] for one in shown[:-1]] == [
        "a", r"\mathrm{a\_}", r"\beta", r"\mathrm{omicron}", r"\mathrm{pi}", "x_{10}",
        r"\mathrm{X}", r"\mathrm{長さ}",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [Call("mod", (X, X)), Read("cells", (X,))])
def test_what_no_formula_holds_has_no_notation(value: Expr) -> None:
    for notation in (formula_latex, formula_mathml):
        with pytest.raises(ValueError, match="no formula of numbers"):
            notation(formula(value))
