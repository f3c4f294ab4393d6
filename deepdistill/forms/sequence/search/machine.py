"""A finite state found from the data: prefixes with the same futures are one state.

The sequences form a tree of prefixes; states are found by merging its nodes, red ones (states) with
blue ones (their successors), whenever no output contradicts it and most outputs agree (the
blue-fringe algorithm of Lang, Pearlmutter and Price, 1998, for machines with outputs on their
moves).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from ....data.running import Check, endless
from .cells import Learned, distinct, learn_distinct, mixed
from .update import History, IntArray

STATE = "state"
MOST_STATES = 24
MOST_SYMBOLS = 40
_NODES = 40_000
_SMALL = 4  # states up to which every numbering is tried


@dataclass(frozen=True, slots=True, eq=False)
class StateMachine:
    """Moves and outputs, (states, symbols); state 0 is the first. -1: never seen."""

    symbols: IntArray
    moves: IntArray
    outputs: IntArray

    def __len__(self) -> int:
        return len(self.moves)

    def run(self, codes: IntArray) -> IntArray:
        """The state before each step, (samples, length), for codes of symbols; -1: unknown."""
        state = np.zeros(len(codes), dtype=np.int64)
        states = np.empty(codes.shape, dtype=np.int64)
        for t in range(codes.shape[1]):
            states[:, t] = state
            state = np.where(state >= 0, self.moves[state, codes[:, t]], -1)
        return states


def symbols_of(history: History) -> tuple[IntArray, IntArray] | None:
    """The different elements and, for each step, which one stands there; None for too many."""
    flat = history.x.reshape(-1, history.x.shape[2])
    keys = mixed(flat)
    _, first, codes = np.unique(keys, return_index=True, return_inverse=True)
    if len(first) > MOST_SYMBOLS:
        return None
    order = np.lexsort(flat[first].T[::-1])
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return flat[first][order], rank[codes].reshape(history.x.shape[:2])


def find_machine(history: History, channel: int, check: Check = endless) -> StateMachine | None:
    """The machine that gives an output channel, if it is small and no output contradicts it."""
    named = symbols_of(history)
    if named is None:
        return None
    symbols, codes = named
    target = history.y[:, :, channel]
    samples = max(50, _NODES // history.length)
    tree = _Tree(codes[:samples], target[:samples], len(symbols))
    if tree.contradicts or not tree.merge(check):
        return None
    moves, outputs = tree.machine()
    return _completed(StateMachine(symbols, moves, outputs), codes, target)


def _completed(machine: StateMachine, codes: IntArray, target: IntArray) -> StateMachine | None:
    """Check the machine on all sequences; moves that the tree lacked lead to an unknown state."""
    states = machine.run(codes)
    known = states >= 0
    outputs = machine.outputs[np.where(known, states, 0), codes]
    wrong = known & (outputs != target) & (machine.moves[np.where(known, states, 0), codes] >= 0)
    return None if wrong.any() or (~known).mean() > 0.02 else machine


class _Tree:
    """The tree of prefixes with union-find: merged nodes share one representative."""

    def __init__(self, codes: IntArray, target: IntArray, symbols: int) -> None:
        self.child: list[dict[int, int]] = [{}]
        self.out: list[dict[int, int]] = [{}]
        self.seen: list[int] = [0]
        self.contradicts = False
        for word, outs in zip(codes.tolist(), target.tolist(), strict=True):
            node = 0
            for symbol, out in zip(word, outs, strict=True):
                self.seen[node] += 1
                if self.out[node].setdefault(symbol, out) != out:
                    self.contradicts = True
                    return
                following = self.child[node].get(symbol)
                if following is None:
                    following = len(self.child)
                    self.child.append({})
                    self.out.append({})
                    self.seen.append(0)
                    self.child[node][symbol] = following
                node = following
        self.red: list[int] = [0]

    def merge(self, check: Check) -> bool:
        """Merge until only states are left; False where there are too many."""
        while True:
            blue = [
                (node, symbol, self.child[node][symbol])
                for node in self.red
                for symbol in sorted(self.child[node])
                if self.child[node][symbol] not in self.red
            ]
            blue = [entry for entry in blue if self.out[entry[2]]]
            if not blue:
                return True
            blue.sort(key=lambda entry: (-self.seen[entry[2]], entry))
            parent, symbol, node = blue[0]
            best: tuple[int, int] | None = None
            for red in self.red:
                check()
                self.child[parent][symbol] = red
                score = self._score(red, node)
                self.child[parent][symbol] = node
                if score is not None and (best is None or score > best[0]):
                    best = (score, red)
            if best is None:
                self.red.append(node)
                if len(self.red) > MOST_STATES:
                    return False
            else:
                self._fold(parent, symbol, node, best[1])

    def _score(self, red: int, blue: int) -> int | None:
        """How many outputs agree if both were one state; None where one contradicts.

        Folding makes further nodes equal; ``merged`` holds the nodes that stand for others.
        """
        joined: dict[int, dict[int, int]] = {}
        children: dict[int, dict[int, int]] = {}
        score, todo = 0, [(red, blue)]
        while todo:
            a, b = todo.pop()
            outs = joined.get(a)
            if outs is None:
                outs = joined[a] = dict(self.out[a])
                children[a] = dict(self.child[a])
            for symbol, out in self.out[b].items():
                known = outs.get(symbol)
                if known is None:
                    outs[symbol] = out
                elif known != out:
                    return None
                else:
                    score += 1
            down = children[a]
            for symbol, below in self.child[b].items():
                other = down.get(symbol)
                if other is None:
                    down[symbol] = below
                elif other != below:
                    todo.append((other, below))
        return score

    def _fold(self, parent: int, symbol: int, blue: int, red: int) -> None:
        self.child[parent][symbol] = red
        todo = [(red, blue)]
        while todo:
            a, b = todo.pop()
            self.seen[a] += self.seen[b]
            for key, out in self.out[b].items():
                self.out[a].setdefault(key, out)
            for key, below in self.child[b].items():
                other = self.child[a].get(key)
                if other is None:
                    self.child[a][key] = below
                elif other != below:
                    todo.append((other, below))

    def machine(self) -> tuple[IntArray, IntArray]:
        """Moves and outputs of the states in the order in which they were found."""
        index = {node: k for k, node in enumerate(self.red)}
        symbols = 1 + max(s for outs in self.out for s in outs)
        moves = np.full((len(self.red), symbols), -1, dtype=np.int64)
        outputs = np.full((len(self.red), symbols), -1, dtype=np.int64)
        for node, k in index.items():
            for symbol, out in self.out[node].items():
                outputs[k, symbol] = out
                moves[k, symbol] = index.get(self.child[node].get(symbol, -1), -1)
        return moves, outputs


def minimal(machine: StateMachine) -> StateMachine:
    """Equivalent states merged and unreachable ones dropped, in breadth-first order."""
    outputs, moves = machine.outputs, machine.moves
    block = np.unique(outputs, axis=0, return_inverse=True)[1].reshape(-1)
    while True:
        after = np.where(moves >= 0, block[moves], -1)
        finer = np.unique(np.column_stack([block, after]), axis=0, return_inverse=True)[1]
        finer = finer.reshape(-1)
        if finer.max() == block.max():
            break
        block = finer
    order, todo = [int(block[0])], [int(block[0])]
    first = {int(b): int(np.flatnonzero(block == b)[0]) for b in np.unique(block)}
    while todo:
        state = first[todo.pop(0)]
        for following in moves[state]:
            target = int(block[following]) if following >= 0 else -1
            if target >= 0 and target not in order:
                order.append(target)
                todo.append(target)
    rank = {b: k for k, b in enumerate(order)}
    rows = [first[b] for b in order]
    renumbered = np.array(
        [[rank[int(block[f])] if f >= 0 else -1 for f in moves[row]] for row in rows]
    )
    return StateMachine(machine.symbols, renumbered, outputs[rows])


def coded(machine: StateMachine) -> tuple[int, Learned, Learned] | None:
    """Numbers for the states, the first one's, and the cells of the move and of the output.

    The cells read the channels of the element and the state's number. Of the numberings tried the
    one with the shortest cells is taken.
    """
    rows = [
        (state, symbol)
        for state in range(len(machine))
        for symbol in range(machine.moves.shape[1])
        if machine.moves[state, symbol] >= 0
    ]
    states, symbols = (np.array(column) for column in zip(*rows, strict=True))
    moved, outputs = machine.moves[states, symbols], machine.outputs[states, symbols]
    best: tuple[float, IntArray, Learned, Learned] | None = None
    for numbers in _numberings(machine):
        table = np.column_stack([machine.symbols[symbols], numbers[states]])
        cells = []
        for target in (numbers[moved], outputs):
            data = distinct(table, target)
            learned = None if data is None else learn_distinct(data, lists=True)
            if learned is None:
                break
            cells.append(learned)
        if len(cells) == 2:
            total = cells[0].measure + cells[1].measure + 0.5 * bool(numbers[0])
            if best is None or total < best[0]:
                best = (total, numbers, cells[0], cells[1])
    return None if best is None else (int(best[1][0]), best[2], best[3])


def _numberings(machine: StateMachine) -> list[IntArray]:
    """Ways to number the states: all of few, else by breadth and along each symbol's moves."""
    count = len(machine)
    if count <= _SMALL:
        return [np.array(order) for order in permutations(range(count))]
    numberings = [np.arange(count)]
    for symbol in range(machine.moves.shape[1]):
        order = [0]
        while len(order) < count:
            following = int(machine.moves[order[-1], symbol])
            fresh = next(k for k in range(count) if k not in order)
            order.append(following if following >= 0 and following not in order else fresh)
        numbers = np.empty(count, dtype=np.int64)
        numbers[order] = np.arange(count)
        numberings.append(numbers)
    return numberings
