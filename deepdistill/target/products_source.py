"""Sums of products → Source: the solver module, its constants as tables of numbers."""

from __future__ import annotations

from ..ir.expr import Const
from ..ir.product_sums import Matrix, ProductSums
from ..ir.program import Formula
from ..ir.types import PLAIN_LAYOUT
from .formula_source import module_fields, row_needs
from .pieces import piece
from .source import Provenance, docstring, render

_BODY = '''\
LEFT, RIGHT, WEIGHTS, AFFINE = (
    [list(map(float, line.split())) for line in text.strip().splitlines()]
    for text in (
        {tables},
    )
)


def _sum(weights, values):
    return sum(weight * value for weight, value in zip(weights, values))


@_guarded
def {name}({arguments}):
    """{promise}"""
    row = [{arguments}, 1.0]
    products = [_sum(left, row) * _sum(right, row) for left, right in zip(LEFT, RIGHT)]
    {body}
    return {answer}
'''
_STRAIGHT = "sums = [_sum(weights, row) for weights in AFFINE]"
_CONSTANT = "sums = [offset for (offset,) in AFFINE]"
_ADDED = "[_sum(weights, products) + one for weights, one in zip(WEIGHTS, sums)]"


def products_solver(sums: ProductSums, origin: Provenance) -> str:
    """The source of the solver module: standard library only.

    It takes a number for each input of the block, by position or by name, and returns the answer,
    or the list of answers where there are several.
    """
    names = [scalar.name for scalar in sums.outputs]
    whole = Formula(sums.name, sums.inputs, sums.outputs[0], (), Const(0.0))
    fields = module_fields(whole, origin, False, PLAIN_LAYOUT)
    arguments = ", ".join(fields["names"])
    listed = ", ".join(names) if len(names) < 8 else f"{names[0]} to {names[-1]}"
    answer = _ADDED if sums.left else "sums"
    body = _BODY.format(
        name=sums.name,
        arguments=arguments,
        promise=docstring(f"Return {listed}; raise ValueError where one is too large."),
        tables=",\n        ".join(map(_table, sums.parts)),
        body=_STRAIGHT if sums.tail > 1 else _CONSTANT,
        answer=answer if len(names) > 1 else f"{answer}[0]",
    )
    called = sums.name if len(arguments) > 200 else f"{sums.name}({arguments})"
    return render(
        "formulas.py.j2",
        {
            **fields,
            "summary": docstring(f"{len(sums.left)} products of sums, shared by {listed}."),
            "answers": tuple(names),
            "usage": [
                docstring(f"From Python: `{called}`."),
                docstring("From a shell: `python solver.py < input.json`."),
            ],
            "body": body,
            "rows": piece("solver.rows", known=row_needs({**fields, "several": len(names) > 1})),
            "shell": piece(
                "solver.shell", {"names": repr(list(fields["names"]))}, known={"SEVERAL": True}
            ),
        },
    )


def _table(part: Matrix) -> str:
    """The rows of a matrix as lines of text."""
    lines = [" ".join(map(repr, row)) for row in part if row]
    return '"""\n' + "\n".join(lines) + '\n"""'
