"""One more operation on top of a bank: pairs of its expressions that meet in the wanted truth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...ir.expr import Const, Expr, If, call
from .enumerate import Bank, Ids, Words, flat, pack
from .table import Mask

_HALVES = 1500  # expressions on each side of an and or or
_TESTS = 800  # conditions of a conditional
_BRANCHES = 3000  # expressions tried in each branch of a conditional
_WORK = 8_000_000  # words computed for one operation


def meets(bank: Bank, on: Mask) -> Iterator[Expr]:
    """Bits and truths that hold exactly on these rows, one for each outer operation."""
    wanted = pack(on)
    conditions = bank.of_kind("bit", "truth")
    words = bank.words[conditions]
    width = words.shape[1]
    halves = min(_HALVES, int((_WORK // width) ** 0.5))
    above = conditions[~(wanted & ~words).any(axis=1)][:halves]
    below = conditions[~(words & ~wanted).any(axis=1)][:halves]
    pair = _cheapest_pair(bank, above, ~wanted & bank.full, complement=False)
    if pair is not None:
        yield _both(bank, "and", *pair)
    pair = _cheapest_pair(bank, below, wanted, complement=True)
    if pair is not None:
        yield _both(bank, "or", *pair)
    yield from _exclusive(bank, wanted)
    branches = min(_BRANCHES, _WORK // width // min(_TESTS, max(1, len(conditions))))
    bits = np.concatenate([[0, 1], bank.of_kind("bit")])
    for ids in (bits, bank.of_kind("truth")):
        conditional = _conditional(bank, conditions[:_TESTS], ids[:branches], wanted)
        if conditional is not None:
            yield conditional


def _costs(bank: Bank, ids: Ids) -> Ids:
    return np.array(bank.costs, dtype=np.int64)[ids]


def _cheapest_pair(
    bank: Bank, ids: Ids, region: Words, *, complement: bool
) -> tuple[int, int] | None:
    """The cheapest two that exclude each other in the region (complement: that fill it)."""
    words = bank.words[ids]
    if complement:
        words = ~words
    words = words & region
    costs = _costs(bank, ids)
    best: tuple[int, int, int] | None = None
    for k in range(len(ids)):
        if best is not None and 2 * costs[k] >= best[0]:
            break
        partners = np.flatnonzero(~(words[k] & words[k:]).any(axis=1))
        if len(partners):
            j = k + int(partners[0])
            price = int(costs[k] + costs[j])
            if best is None or price < best[0]:
                best = (price, int(ids[k]), int(ids[j]))
    return None if best is None else best[1:]


def _both(bank: Bank, op: str, i: int, j: int) -> Expr:
    if bank.kinds[i] == "bit" and bank.kinds[j] == "bit":
        op = "bit" + op
    return flat(op, bank.exprs[i], bank.exprs[j])


def _exclusive(bank: Bank, wanted: Words) -> Iterator[Expr]:
    """``x ^ y`` and ``1 - (x ^ y)`` of two bits."""
    ids = bank.of_kind("bit")
    for opposite in (False, True):
        goal = ~wanted & bank.full if opposite else wanted
        best: tuple[int, int, int] | None = None
        for k, j in enumerate(bank.lookup(bank.words[ids] ^ goal)):
            i = int(ids[k])
            if best is not None and 2 * bank.costs[i] >= best[0]:
                break
            if j is not None and j > 1 and bank.kinds[j] == "bit":
                price = bank.costs[i] + bank.costs[j]
                if best is None or price < best[0]:
                    best = (price, i, j)
        if best is not None:
            both = flat("bitxor", bank.exprs[best[1]], bank.exprs[best[2]])
            yield call("sub", Const(1), both) if opposite else both


def _conditional(bank: Bank, tests: Ids, ids: Ids, wanted: Words) -> Expr | None:
    """The cheapest ``x if test else y``."""
    if not len(ids):
        return None
    wrong = bank.words[ids] ^ wanted
    costs = _costs(bank, ids)
    best: tuple[int, int, int, int] | None = None
    for t in tests.tolist():
        if best is not None and bank.costs[t] + 3 >= best[0]:
            break
        test = bank.words[t]
        yes = ~(wrong & test).any(axis=1)
        no = ~(wrong & ~test & bank.full).any(axis=1)
        if yes.any() and no.any():
            i, j = int(yes.argmax()), int(no.argmax())
            price = bank.costs[t] + int(costs[i] + costs[j]) + 1
            if best is None or price < best[0]:
                best = (price, t, int(ids[i]), int(ids[j]))
    if best is None:
        return None
    return If(*(bank.exprs[k] for k in best[1:]))
