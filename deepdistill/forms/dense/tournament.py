"""Two lists compared number by number: who beats all others is who has the largest number.

An essence network of two classes ends in such a tournament: a unit for each pair of numbers says
which one is larger, a unit for each number whether it beats all of the other list, and the class
with more such numbers wins. The laws hold for lists of the same length n >= 1, whatever n.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...ir.expr import Call, Expr, If, Read, Size, Var
from ...ir.linear import form_of
from ...ir.program import Fill, Let, Program
from ...ir.rewrite import bottomup, settled, substitute, topdown
from ...passes.items.context import Context
from ...passes.items.laws import by_root, rewritten
from ...passes.law import Match, RewriteLaw


def _tells_n(match: Match) -> bool:
    """Whether ``c * n + x > 0 > c * (n - 1) + x`` for every n, and the same of ``-c``.

    The sum of n signs is n where all are 1, else at most n - 1.
    """
    form, strength = form_of(match["x"]), abs(match.value("c"))
    return form.terms == {match["n"]: -strength} and 0 < form.constant < strength


# fmt: off
LAWS: tuple[RewriteLaw, ...] = (
    # a number beats all of the other list
    *(RewriteLaw(f"sign(c * sum(sign(A[i] {minus} B[j]) for j in range(n)) + x) -> "
                 "1 if A[i] > max(B) else -1", lambda m: m.value("c") > 0 and _tells_n(m))
      for minus in ("-", "+ -1 *")),
    *(RewriteLaw(f"sign(c * sum(sign(A[j] {minus} B[i]) for j in range(n)) + x) -> "
                 "1 if B[i] > max(A) else -1", lambda m: m.value("c") < 0 and _tells_n(m))
      for minus in ("-", "+ -1 *")),
    # at most one of the two lists has such a number, and it is the one with the largest
    RewriteLaw("sum(1 if A[i] > max(B) else -1 for i in range(n)) >= "
               "sum(1 if B[i] > max(A) else -1 for i in range(n)) -> max(A) >= max(B)"),
)
# fmt: on
_LAWS = by_root(LAWS)


def shorten_tournament(program: Program) -> Program:
    """The same answers where all sizes of the input are the same n; unchanged without a match."""
    fills = {s.name: s for s in program.body if isinstance(s, Fill) and s.points is None}
    match program.body[-1]:
        case Let(name, If(Call("ge", (left, right)), then, otherwise)):
            question: Expr = Call("ge", (left, right))
        case _:
            return program
    for _ in range(2):  # units for each number, units for each pair
        question = topdown(question, lambda part: _inlined(part, fills))
    n = Size(program.inputs[0].name)
    question = bottomup(question, lambda part: n if isinstance(part, Size) else part)
    context = Context(program, {name: (n,) for name in fills}, {})
    match settled(question, lambda part: rewritten(part, context, _LAWS)):
        case Call("ge", (Call("maximum", (Var(one),)), Call("maximum", (Var(other),)))) as found:
            kept = tuple(s for s in program.body[:-1] if s.name in (one, other))
            return replace(program, body=(*kept, Let(name, If(found, then, otherwise))))
        case _:
            return program


def _inlined(expr: Expr, fills: Mapping[str, Fill]) -> Expr | None:
    """The value of a unit in place of reading it."""
    match expr:
        case Read(array, places) if array in fills:
            fill = fills[array]
            if not all(isinstance(size, Size) for size in fill.sizes):
                return None
            return substitute(fill.value, dict(zip(fill.index, places, strict=True)))
        case _:
            return None
