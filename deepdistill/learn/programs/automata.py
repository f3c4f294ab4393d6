"""The smallest finite automata that agree with labelled lists: states that answer.

The lists form a tree of prefixes whose nodes are merged while no answer contradicts it. Red nodes
are states, blue ones follow them; a blue node that goes with no red one becomes red, otherwise the
merges are tried, those first on which most answers agree, and undone where they lead nowhere (the
exbar search of Lang, 1999, with the evidence of Lang, Pearlmutter and Price, 1998).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...data.running import Check

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Automaton:
    """Moves by state and symbol, and the answer of each state; state 0 is the first.

    An answer is the place of a class, and ``UNKNOWN`` where no list ends.
    """

    moves: tuple[tuple[int, ...], ...]
    answers: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.answers)


class _OutOfBudget(Exception):
    pass


class _PrefixTree:
    """Nodes with union-find by parents; what a merge changed is undone from a trail."""

    def __init__(
        self, lists: Sequence[Sequence[int]], answers: Sequence[int], symbols: int
    ) -> None:
        self.symbols = symbols
        self.child: list[list[int]] = [[-1] * symbols]
        self.answer: list[int] = [UNKNOWN]
        self.parent: list[int] = [0]
        self.trail: list[tuple[int, int, int]] = []
        self.work = 0
        for one, answer in zip(lists, answers, strict=True):
            node = 0
            for symbol in one:
                below = self.child[node][symbol]
                if below < 0:
                    below = len(self.child)
                    self.child[node][symbol] = below
                    self.child.append([-1] * symbols)
                    self.answer.append(UNKNOWN)
                    self.parent.append(below)
                node = below
            self.answer[node] = answer

    def root(self, node: int) -> int:
        while self.parent[node] != node:
            node = self.parent[node]
        return node

    def merge(self, red: int, blue: int) -> int | None:
        """Make two nodes one; on how many answers they agree, None where one contradicts."""
        score, todo = 0, [(red, blue)]
        while todo:
            a, b = todo.pop()
            a, b = self.root(a), self.root(b)
            if a == b:
                continue
            self.work += 1
            ours, theirs = self.answer[a], self.answer[b]
            if theirs != UNKNOWN:
                if ours == UNKNOWN:
                    self._set(1, a, UNKNOWN)
                    self.answer[a] = theirs
                elif ours != theirs:
                    return None
                else:
                    score += 1
            self._set(0, b, b)
            self.parent[b] = a
            own = self.child[a]
            for symbol, below in enumerate(self.child[b]):
                if below >= 0:
                    if own[symbol] >= 0:
                        todo.append((own[symbol], below))
                    else:
                        self._set(2 + symbol, a, -1)
                        own[symbol] = below
        return score

    def _set(self, kind: int, node: int, old: int) -> None:
        self.trail.append((kind, node, old))

    def undo(self, mark: int) -> None:
        while len(self.trail) > mark:
            kind, node, old = self.trail.pop()
            if kind == 0:
                self.parent[node] = old
            elif kind == 1:
                self.answer[node] = old
            else:
                self.child[node][kind - 2] = old


def smallest_automata(
    lists: Sequence[Sequence[int]],
    answers: Sequence[int],
    symbols: int,
    most: int,
    budget: int,
    check: Check,
) -> Iterator[Automaton]:
    """Automata of the fewest states that agree with all lists, the first few found.

    ``budget`` bounds the merges of nodes that are tried in all.
    """
    tree = _PrefixTree(lists, answers, symbols)
    for size in range(1, most + 1):
        yielded = False
        try:
            for automaton in _grown(tree, [0], size, budget, check):
                yielded = True
                yield automaton
        except _OutOfBudget:
            return
        if yielded:
            return


def _grown(
    tree: _PrefixTree, red: list[int], size: int, budget: int, check: Check
) -> Iterator[Automaton]:
    """The automata of at most so many states that the tree can be folded into."""
    check()
    states = set(red)
    blue: dict[int, None] = {}
    for node in red:
        for below in tree.child[node]:
            if below >= 0 and tree.root(below) not in states:
                blue[tree.root(below)] = None
    if not blue:
        yield _read(tree, red)
        return
    chosen: tuple[int, list[tuple[int, int]]] | None = None
    for node in blue:
        ways = []
        for state in red:
            mark = len(tree.trail)
            score = tree.merge(state, node)
            tree.undo(mark)
            if score is not None:
                ways.append((score, state))
        if tree.work > budget:
            raise _OutOfBudget
        if not ways:
            chosen = node, []
            break
        ways.sort(key=lambda way: (-way[0], way[1]))
        if chosen is None or (len(ways), -ways[0][0]) < (len(chosen[1]), -chosen[1][0][0]):
            chosen = node, ways
    assert chosen is not None
    node, ways = chosen
    for _, state in ways:
        mark = len(tree.trail)
        tree.merge(state, node)
        yield from _grown(tree, red, size, budget, check)
        tree.undo(mark)
    if len(red) < size:
        yield from _grown(tree, [*red, node], size, budget, check)


def _read(tree: _PrefixTree, red: Sequence[int]) -> Automaton:
    """The states in the order of a search in breadth; a move never seen stays where it is."""
    order, todo = [0], [0]
    while todo:
        for below in tree.child[todo.pop(0)]:
            if below >= 0 and tree.root(below) not in order:
                order.append(tree.root(below))
                todo.append(tree.root(below))
    place = {node: k for k, node in enumerate(order)}
    moves = tuple(
        tuple(place[tree.root(b)] if b >= 0 else place[node] for b in tree.child[node])
        for node in order
    )
    return Automaton(moves, tuple(tree.answer[node] for node in order))
