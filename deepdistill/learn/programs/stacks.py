"""Brackets: which symbols open, which close which, and a stack of what is open.

A symbol that finds its partner on top of the stack takes it away, any other one is put there; the
list is balanced where nothing is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from math import comb, perm

import numpy as np

from ...data.pairs import PairProblem
from ...data.running import Run
from ...ir.expr import Call, Const, Expr, If, Listed, Var
from ...ir.program import Let, Program, Scan
from ...ir.program_length import program_bits
from .labelled import LabelledLists, labelled_lists
from .proposal import Proposal

_SYMBOLS = 10
_TRIED = 60_000  # matchings of symbols


def propose_stacks(problem: PairProblem, run: Run) -> Iterator[Proposal]:
    """Programs that match brackets on a stack."""
    data = labelled_lists(problem)
    if data is None or len(data.classes) != 2 or not 2 <= len(data.symbols) <= _SYMBOLS:
        return
    run.say("brackets on a stack")
    programs = []
    for answer in reversed(data.classes):
        own = [one for one, a in zip(data.lists, data.answers, strict=True) if a == answer]
        others = [one for one, a in zip(data.lists, data.answers, strict=True) if a != answer]
        for partners in _matchings(data, own, run):
            if all(_balanced(one, partners) for one in own) and not any(
                _balanced(one, partners) for one in others
            ):
                classes = answer, next(c for c in data.classes if c != answer)
                programs.append(_program(data, partners, classes))
    for program in sorted(programs, key=program_bits)[:2]:
        yield data.proposal(program, "stack", 2 * _count(len(data.symbols)))


def _count(symbols: int) -> int:
    """How many matchings there are of so many symbols."""
    sizes = range(1, symbols // 2 + 1)
    return sum(comb(symbols, n) * perm(symbols - n, n) for n in sizes)


def _matchings(
    data: LabelledLists, own: Sequence[tuple[int, ...]], run: Run
) -> Iterator[dict[int, int]]:
    """Which symbol closes which, as partners of the closing ones; others stand anywhere.

    Lists that are balanced have each symbol as often as its partner, begin with one that opens and
    end with one that closes.
    """
    symbols = list(data.symbols)
    counts = {s: np.array([one.count(s) for one in own]) for s in symbols}
    equal = {
        (a, b)
        for a, b in permutations(symbols, 2)
        if counts[a].any() and (counts[a] == counts[b]).all()
    }
    tried = 0
    for size in range(len(symbols) // 2, 0, -1):
        for opening in combinations(symbols, size):
            rest = [s for s in symbols if s not in opening]
            for closing in permutations(rest, size):
                tried += 1
                if tried % 1000 == 0:
                    run.check()
                if tried > _TRIED:
                    return
                if all(pair in equal for pair in zip(opening, closing, strict=True)):
                    yield dict(zip(closing, opening, strict=True))


def _balanced(one: Sequence[int], partners: dict[int, int]) -> bool:
    stack: list[int] = []
    opening = set(partners.values())
    for x in one:
        if x in partners:
            if not stack or stack.pop() != partners[x]:
                return False
        elif x in opening:
            stack.append(x)
    return not stack


def _program(data: LabelledLists, partners: dict[int, int], classes: tuple[int, int]) -> Program:
    low = data.port.domain.low
    x, stack = Var(data.element), Var(data.name("stack", [data.element]))
    nothing = low - 1  # the partner of what opens, which is never on the stack
    table = Const(tuple(partners.get(s, nothing) for s in data.symbols))
    place: Expr = x if low == 0 else Call("sub", (x, Const(low)))
    partner = Call("item", (table, place))
    top = Call("suffix", (stack, Const(-1)))
    matches = Call("same", (top, Call("single", (partner,))))
    taken, put = (
        Call("prefix", (stack, Const(-1))),
        Call("joined", (stack, Call("single", (x,)))),
    )
    update: Expr = If(matches, taken, put)
    brackets = {*partners, *partners.values()}
    others = tuple(s for s in data.symbols if s not in brackets)
    if len(others) == 1:
        update = If(Call("eq", (x, Const(others[0]))), stack, update)
    elif others:
        update = If(Call("in", (x, Const(others))), stack, update)
    empty = Listed(("one",), Const(()), Var("one"))
    steps = data.name("steps", [x.name, stack.name])
    loop = Scan(
        steps, data.port.name, (x.name,), (Let(stack.name, empty),), (Let(stack.name, update),), ()
    )
    left = Call("eq", (Call("length", (stack,)), Const(0)))
    return data.program((loop,), data.answer_where(left, *classes))
