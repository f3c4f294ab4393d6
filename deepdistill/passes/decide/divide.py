"""Many-valued targets: conditionals whose branches are constants or small arithmetic.

A *piece* is a number that equals the target on some of the rows, a *test* a condition. The search
takes the cheapest ``piece if test else rest`` and does the same with the rest, whose other rows
have become free.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ...ir.expr import Call, Const, Expr, If, Var, call
from .boolean import truth_of
from .cost import cost
from .enumerate import LARGEST_BANK, bank_of
from .integers import FARTHEST_STEP
from .literals import Evaluated, View, literals
from .lookup import item
from .table import Ints, Mask

_ENTRIES = 5000  # of the bank
_PIECES = 1000
_TESTS = 1000
_PRODUCT = 100_000_000  # tests times pieces times rows, at most
_TELLING = 3000  # rows times outcomes up to which each outcome gets a test of its own
_BEAM = 5  # ways tried at each step
_STEPS = 60  # steps in all
_DEPTH = 8


@dataclass(slots=True, eq=False)
class Divide:
    """The search, with its pieces and tests as matrices over the rows."""

    pieces: list[Expr]
    piece_costs: npt.NDArray[np.int64]
    fits: Mask  # pieces x rows: where the piece equals the target
    tests: list[Expr]
    test_costs: npt.NDArray[np.int64]
    holds: Mask  # tests x rows
    target: npt.NDArray[np.int64]
    steps: int = 0
    memo: dict[bytes, tuple[int, Expr] | None] = field(default_factory=dict)

    def solve(self, rows: Mask, depth: int = _DEPTH) -> tuple[int, Expr] | None:
        """The cheapest expression found for these rows, with its cost."""
        key = np.packbits(rows).tobytes()
        if key not in self.memo:
            self.memo[key] = None
            self.memo[key] = self._search(rows, depth)
        return self.memo[key]

    def _search(self, rows: Mask, depth: int) -> tuple[int, Expr] | None:
        misses = (~self.fits[:, rows]).astype(np.float32)
        whole = np.flatnonzero(~misses.any(axis=1))
        if len(whole):
            k = int(whole[0])
            return int(self.piece_costs[k]), self.pieces[k]
        if depth == 0 or self.steps >= _STEPS:
            return None
        self.steps += 1
        holds = self.holds[:, rows].astype(np.float32)
        yes = self._cheapest(holds @ misses.T == 0)
        no = self._cheapest((1 - holds) @ misses.T == 0)
        counts = holds.sum(axis=1)
        proper = (counts > 0) & (counts < holds.shape[1])
        best: tuple[int, Expr] | None = None
        both = np.flatnonzero(proper & (yes >= 0) & (no >= 0))
        if len(both):
            total = self.test_costs[both] + self.piece_costs[yes[both]] + self.piece_costs[no[both]]
            t = int(both[total.argmin()])
            best = (
                int(total.min()) + 1,
                If(self.tests[t], self.pieces[int(yes[t])], self.pieces[int(no[t])]),
            )
        for t, side in self._promising(proper, yes, no, counts, holds.shape[1]):
            mine = self.holds[t] if side else ~self.holds[t]
            piece = int(yes[t] if side else no[t])
            spent = int(self.test_costs[t] + self.piece_costs[piece]) + 1
            if best is not None and spent + 1 >= best[0]:
                continue
            rest = self.solve(rows & ~mine, depth - 1)
            if rest is not None and (best is None or spent + rest[0] < best[0]):
                one, two = self.pieces[piece], rest[1]
                branches = (one, two) if side else (two, one)
                best = (spent + rest[0], If(self.tests[t], *branches))
        return best or self._split(rows, proper, counts, depth)

    def _cheapest(self, covers: Mask) -> npt.NDArray[np.int64]:
        """For each test the cheapest piece that fits there, or -1."""
        return np.where(covers.any(axis=1), covers.argmax(axis=1), -1)

    def _promising(
        self,
        proper: Mask,
        yes: npt.NDArray[np.int64],
        no: npt.NDArray[np.int64],
        counts: npt.NDArray[np.float32],
        total: int,
    ) -> list[tuple[int, bool]]:
        """Tests with a piece on one side: those that settle most rows for their cost."""
        options: list[tuple[float, int, bool]] = []
        for side, piece in ((True, yes), (False, no)):
            settled = counts if side else total - counts
            ids = np.flatnonzero(proper & (piece >= 0))
            price = self.test_costs[ids] + self.piece_costs[piece[ids]] + 1
            score = price / settled[ids]
            for k in np.argsort(score, kind="stable")[:_BEAM].tolist():
                options.append((float(score[k]), int(ids[k]), side))
        options.sort()
        return [(t, side) for _, t, side in options[:_BEAM]]

    def _split(
        self, rows: Mask, proper: Mask, counts: npt.NDArray[np.float32], depth: int
    ) -> tuple[int, Expr] | None:
        """No piece settles either side: divide the rows by the cheap test that mixes least."""
        ids = np.flatnonzero(proper)
        ids = ids[self.test_costs[ids] <= self.test_costs[ids].min(initial=99) + 3]
        if not len(ids):
            return None

        def mixing(t: int) -> float:
            total = 0.0
            for side in (rows & self.holds[t], rows & ~self.holds[t]):
                share = np.unique(self.target[side], return_counts=True)[1] / side.sum()
                total -= float(side.sum() * (share * np.log(share)).sum())
            return total

        t = min(ids.tolist(), key=lambda t: (mixing(t), t))
        then = self.solve(rows & self.holds[t], depth - 1)
        otherwise = self.solve(rows & ~self.holds[t], depth - 1)
        if then is None or otherwise is None:
            return None
        return (
            then[0] + otherwise[0] + int(self.test_costs[t]) + 1,
            If(self.tests[t], then[1], otherwise[1]),
        )


def divided(view: View) -> list[Expr]:
    """Nested conditionals for the target; [] where the search finds none."""
    search = Divide(*_pieces(view), *_tests(view), view.target)
    solution = search.solve(np.ones(len(view), dtype=bool))
    return [] if solution is None else [solution[1]]


def _pieces(view: View) -> tuple[list[Expr], npt.NDArray[np.int64], Mask]:
    """Numbers that equal the target somewhere, cheapest first, each fitting rows of its own."""
    options: list[tuple[int, Expr, Mask]] = []
    for value in view.outcomes:
        options.append((1, Const(value), view.target == value))
    for column in view.columns:
        options.append((cost(column.expr), column.expr, view.target == column.values))
        if not column.is_bit:
            usual = _usual(column, view.target)
            lookup = item([column], usual)
            if lookup is not None:
                options.append((cost(lookup), lookup, view.target == usual))
    if len(view) <= LARGEST_BANK:
        bank = bank_of(view.columns)
        level = bank.grown(_ENTRIES)
        for column, price in zip(bank.integers.columns, bank.integers.costs, strict=True):
            if price <= level:
                options.append((price, column.expr, view.target == column.values))
                options += _moved(column, price, view.target)
        for k in range(len(bank.exprs)):
            if bank.costs[k] <= level and bank.kinds[k] != "truth":
                values = bank.unpack(k)
                options.append((bank.costs[k], bank.exprs[k], view.target == values))
    options.sort(key=lambda option: option[0])
    kept: dict[bytes, tuple[int, Expr, Mask]] = {}
    for option in options:
        key = np.packbits(option[2]).tobytes()
        if option[2].any() and key not in kept:
            kept[key] = option
            if len(kept) >= _PIECES:
                break
    chosen = list(kept.values())
    return (
        [e for _, e, _ in chosen],
        np.array([price for price, _, _ in chosen]),
        np.stack([fits for _, _, fits in chosen]),
    )


def _moved(column: Evaluated, price: int, target: Ints) -> list[tuple[int, Expr, Mask]]:
    """The column with the number added that gives most targets, where it is not among the terms."""
    steps, counts = np.unique(target - column.values, return_counts=True)
    step = int(steps[counts.argmax()])
    if abs(step) <= FARTHEST_STEP or not isinstance(column.expr, Var | Call):
        return []
    moved = call("add" if step > 0 else "sub", column.expr, Const(abs(step)))
    return [(price + 2, moved, target == column.values + step)]


def _usual(column: Evaluated, target: Ints) -> Ints:
    """For each row the target's most frequent value among rows with this value of the column."""
    usual = np.empty_like(target)
    for value in np.unique(column.values).tolist():
        rows = column.values == value
        outcomes, counts = np.unique(target[rows], return_counts=True)
        usual[rows] = outcomes[counts.argmax()]
    return usual


def _tests(view: View) -> tuple[list[Expr], npt.NDArray[np.int64], Mask]:
    """Conditions, cheapest first."""
    options: list[tuple[int, Expr, Mask]] = []
    for literal in literals(view.columns):
        options.append((literal.cost, literal.expr, literal.holds))
    if len(view) <= LARGEST_BANK:
        bank = bank_of(view.columns)
        bank.grown(_ENTRIES)
        for k in bank.of_kind("bit", "truth")[: 2 * _TESTS].tolist():
            options.append((bank.costs[k], bank.exprs[k], bank.unpack(k) != 0))
    options.sort(key=lambda option: option[0])
    kept: dict[bytes, tuple[int, Expr, Mask]] = {}
    limit = min(_TESTS, max(50, _PRODUCT // (_PIECES * len(view))))
    for option in options:
        kept.setdefault(np.packbits(option[2]).tobytes(), option)
        if len(kept) >= limit:
            break
    outcomes = view.outcomes if len(view.outcomes) * len(view) <= _TELLING else []
    for value in outcomes:
        on = view.target == value
        test = truth_of(view.columns, on)
        if test is not None:
            kept.setdefault(np.packbits(on).tobytes(), (cost(test), test, on))
    chosen = sorted(kept.values(), key=lambda option: option[0])
    return (
        [e for _, e, _ in chosen],
        np.array([price for price, _, _ in chosen]),
        np.stack([holds for _, _, holds in chosen]),
    )
