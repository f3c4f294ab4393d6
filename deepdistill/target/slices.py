"""Parts of lists and texts: ``numbers[1:-1]`` is what begins after one and ends before the last."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..ir.expr import Call, Const, Var
from .letters import is_text
from .python import built

if TYPE_CHECKING:
    from .lower import Lowering


def slice_tree(lowering: Lowering, expr: Call) -> ast.expr | None:
    """The tree of a part of a part between constant places, or of a text in one; else None."""
    match expr:
        case Call("not", (Call("contains", (array, Var(text))),)) if is_text(text):
            return built('{} not in "".join({})', text, lowering.tree(array))
        case Call("contains", (array, Var(text))) if is_text(text):
            return built('{} in "".join({})', text, lowering.tree(array))
        case Call("prefix", (Call("suffix", (array, Const(int() as i))), Const(int() as j))):
            start, stop = i, j if j < 0 else i + j
        case Call("suffix", (Call("prefix", (array, Const(int() as j))), Const(int() as i))):
            start, stop = i, j
        case Call("stride", (Call("suffix", (array, Const(int() as i))), Const(int() as step))):
            whole = lowering.tree(array)
            return built("{}[{}::{}]", whole, i, step) if i >= 0 and step > 0 else None
        case _:
            return None
    return built("{}[{}:{}]", lowering.tree(array), start, stop) if start >= 0 else None
