"""Formulas → Source: the solver module of a block's formulas, one answer or a list of them."""

from __future__ import annotations

from ..ir.expr import Call
from ..ir.formulas import Formulas
from ..ir.program import Formula
from ..ir.types import PLAIN_LAYOUT
from .branches import assigned
from .formula_source import formula_solver, guarded, lowering_of, module_fields, row_needs
from .lower import Lowering
from .pieces import piece
from .python import block
from .source import Provenance, docstring, render


def formula_of(formulas: Formulas, k: int) -> Formula:
    """The formula of one output by itself, of all inputs."""
    output, value = formulas.outputs[k], formulas.values[k]
    return Formula(formulas.name, formulas.inputs, output, formulas.lets, value)


def formulas_solver(formulas: Formulas, origin: Provenance) -> str:
    """The source of the solver module: standard library only.

    It takes a number for each input of the block, by position or by name, and returns the answer,
    or the list of answers where there are several.
    """
    if len(formulas.outputs) == 1:
        return formula_solver(formula_of(formulas, 0), origin)
    whole = formula_of(formulas, 0)
    names = [scalar.name for scalar in formulas.outputs]
    fields = module_fields(whole, origin, False, PLAIN_LAYOUT)
    lowering = lowering_of(whole, Lowering)
    answer = block("return {}", lowering.tree(Call("list", formulas.values)))
    promise = f"Return {', '.join(names)}; raise ValueError where a formula has no value."
    arguments = ", ".join(scalar.name for scalar in formulas.inputs)
    return render(
        "formulas.py.j2",
        {
            **fields,
            "summary": docstring(f"Formulas for {', '.join(names)}."),
            "answers": tuple(names),
            "usage": [
                docstring(f"From Python: `{formulas.name}({arguments})`."),
                docstring("From a shell: `python solver.py < input.json`."),
            ],
            "body": guarded(
                whole, docstring(promise), [*assigned(lowering, formulas.lets), *answer]
            ),
            "rows": piece("solver.rows", known=row_needs({**fields, "several": True})),
            "shell": piece(
                "solver.shell", {"names": repr(list(fields["names"]))}, known={"SEVERAL": True}
            ),
        },
    )
