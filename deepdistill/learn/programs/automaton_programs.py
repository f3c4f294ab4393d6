"""Automata as loops that carry a state: by short updates where there are some, else by a table.

Each symbol changes the state in its way. The states are numbered so that these ways are short:
the state plus one up to the last, a rest, a constant, another one of two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, permutations
from math import log2

from ...data.pairs import PairProblem
from ...data.running import Run
from ...ir.expr import Call, Const, Expr, If, Read, Var
from ...ir.program import ConstantTable, Let, Program, Scan
from ...ir.program_length import program_bits
from .automata import UNKNOWN, Automaton, smallest_automata
from .features import expr_bits
from .labelled import LabelledLists, labelled_lists
from .proposal import Proposal

_MOST_STATES = 12
_BUDGET = 600_000
_AUTOMATA = 3
_NUMBERED = 6  # states up to which every numbering is tried
_SYMBOLS = 12


def propose_automata(problem: PairProblem, run: Run) -> Iterator[Proposal]:
    """Programs that carry the state of a finite automaton through the list."""
    data = labelled_lists(problem)
    if data is None or len(data.symbols) > _SYMBOLS or len(data.classes) > _MOST_STATES:
        return
    run.say("finite automata")
    low = data.port.domain.low
    codes = [[symbol - low for symbol in one] for one in data.lists]
    places = {answer: k for k, answer in enumerate(data.classes)}
    labels = [places[answer] for answer in data.answers]
    automata = smallest_automata(codes, labels, len(data.symbols), _MOST_STATES, _BUDGET, run.check)
    programs = [
        program
        for automaton in islice(automata, _AUTOMATA)
        if _degrees(automaton, len(data.classes)) < data.answer_bits
        for program in automaton_programs(data, automaton)
    ]
    for program in sorted(programs, key=program_bits)[:2]:
        if data.pays(program):
            proposal = data.proposal(program, "automaton")
            if not proposal.missed:
                yield proposal
                return


def _degrees(automaton: Automaton, classes: int) -> float:
    """How many bits the choice among all automata of a size is."""
    states, moves = len(automaton), sum(map(len, automaton.moves))
    return moves * log2(states) + states * log2(classes)


def automaton_programs(data: LabelledLists, automaton: Automaton) -> Iterator[Program]:
    """The automaton with its moves in a table, and with an update in few words."""
    state, element = Var(data.name("state")), data.element
    x: Expr = Var(element)
    low = data.port.domain.low
    place = x if low == 0 else Call("sub", (x, Const(low)))
    numbers = min(_numberings(automaton), key=lambda order: _table_cost(data, automaton, order))
    moves, first, answers = _numbered(automaton, numbers)
    table = ConstantTable(data.name("NEXT", [element]), moves)
    body = Let(state.name, Read(table.name, (state, place)))
    loop = Scan(
        data.name("steps", [element]), data.port.name, (element,),
        (Let(state.name, Const(first)),), (body,), (),
    )  # fmt: skip
    problem = data.problem
    last = Let(problem.output.name, _answer(data, state, answers))
    yield Program(problem.name, problem.inputs, problem.output, (loop, last), (table,))
    best: tuple[float, Program] | None = None
    ways = _Ways(data, state)
    scored = sorted(
        (ways.bits(_numbered(automaton, order)), order) for order in _numberings(automaton)
    )
    for _, order in scored[:4]:
        moves, first, answers = _numbered(automaton, order)
        update = ways.update(moves, x)
        loop = Scan(
            data.name("steps", [element]), data.port.name, (element,),
            (Let(state.name, Const(first)),), (Let(state.name, update),), (),
        )  # fmt: skip
        program = data.program((loop,), _answer(data, state, answers))
        bits = program_bits(program)
        if best is None or bits < best[0]:
            best = bits, program
    if best is not None:
        yield best[1]


_Numbered = tuple[tuple[tuple[int, ...], ...], int, tuple[int, ...]]


def _numberings(automaton: Automaton) -> Iterator[tuple[int, ...]]:
    """Numbers for the states: all of few, else by breadth and along each symbol's moves."""
    count = len(automaton)
    if count <= _NUMBERED:
        yield from permutations(range(count))
        return
    yield tuple(range(count))
    for symbol in range(len(automaton.moves[0])):
        for start in range(count):
            order = [start]
            while len(order) < count:
                following = automaton.moves[order[-1]][symbol]
                unseen = next(k for k in range(count) if k not in order)
                order.append(following if following not in order else unseen)
            yield tuple(order.index(k) for k in range(count))


def _numbered(automaton: Automaton, numbers: Sequence[int]) -> _Numbered:
    """Moves and answers by the states' new numbers, and the first state's."""
    back = sorted(range(len(numbers)), key=lambda state: numbers[state])
    moves = tuple(tuple(numbers[to] for to in automaton.moves[state]) for state in back)
    return moves, numbers[0], tuple(automaton.answers[state] for state in back)


def _table_cost(data: LabelledLists, automaton: Automaton, numbers: Sequence[int]) -> float:
    _, first, answers = _numbered(automaton, numbers)
    return first + expr_bits(data, _answer(data, Var("state"), answers))


def _answer(data: LabelledLists, state: Expr, answers: Sequence[int]) -> Expr:
    """The answer of the last state; where no list ended any one will do."""
    classes = data.classes
    if len(classes) == 2:
        return min(_two(data, state, answers), key=lambda expr: expr_bits(data, expr))
    labels = [classes[max(answer, 0)] for answer in answers]
    for step in {labels[0], classes[0]}:
        fits = all(a == UNKNOWN or classes[a] == k + step for k, a in enumerate(answers))
        if fits:
            return Call("add", (state, Const(step))) if step else state
    return Call("item", (Const(tuple(labels)), state))


def _two(data: LabelledLists, state: Expr, answers: Sequence[int]) -> Iterator[Expr]:
    """Ways to tell two answers by the state."""
    zero, one = data.classes
    count = len(answers)

    def fits(test: Sequence[bool]) -> bool:
        return all(a == UNKNOWN or bool(a) == t for a, t in zip(answers, test, strict=True))

    for k in range(count):
        for op, test in (
            ("eq", [s == k for s in range(count)]),
            ("ne", [s != k for s in range(count)]),
            ("lt", [s < k for s in range(count)]),
            ("ge", [s >= k for s in range(count)]),
        ):
            if fits(test):
                yield data.answer_where(Call(op, (state, Const(k))), one, zero)
    for rest in (0, 1):
        if fits([s % 2 == rest for s in range(count)]):
            odd = Call("eq", (Call("mod", (state, Const(2))), Const(rest)))
            yield data.answer_where(odd, one, zero)
    accepted = tuple(k for k, answer in enumerate(answers) if answer == 1)
    yield data.answer_where(Call("in", (state, Const(accepted))), one, zero)


class _Ways:
    """What a symbol does with the state, as a short expression of it."""

    def __init__(self, data: LabelledLists, state: Expr) -> None:
        self.data, self.state = data, state
        self.known: dict[tuple[int, ...], tuple[float, Expr]] = {}

    def way(self, moves: tuple[int, ...]) -> tuple[float, Expr]:
        """The shortest expression found for a move of all states, and its bits."""
        if moves not in self.known:
            ways = [(expr_bits(self.data, expr), expr) for expr in self._ways(moves)]
            self.known[moves] = min(ways, key=lambda way: way[0])
        return self.known[moves]

    def _ways(self, moves: tuple[int, ...]) -> Iterator[Expr]:
        state, count = self.state, len(moves)
        numbers = range(count)
        if moves == tuple(numbers):
            yield state
        if len(set(moves)) == 1:
            yield Const(moves[0])
        for step in range(1, count):
            if moves == tuple((k + step) % count for k in numbers):
                yield Call("mod", (Call("add", (state, Const(step))), Const(count)))
            if moves == tuple(min(k + step, count - 1) for k in numbers):
                yield Call("min", (Call("add", (state, Const(step))), Const(count - 1)))
            if moves == tuple(max(k - step, 0) for k in numbers):
                yield Call("max", (Call("sub", (state, Const(step))), Const(0)))
            if moves == tuple(max(k, step) for k in numbers):
                yield Call("max", (state, Const(step)))
            if moves == tuple(min(k, step - 1) for k in numbers):
                yield Call("min", (state, Const(step - 1)))
            if moves == tuple(k ^ step for k in numbers):
                yield Call("bitxor", (state, Const(step)))
            if moves == tuple(k | step for k in numbers):
                yield Call("bitor", (state, Const(step)))
            if moves == tuple(k & (step - 1) for k in numbers):
                yield Call("bitand", (state, Const(step - 1)))
        for rest in range(count, 2 * count - 1):
            if moves == tuple(rest - k for k in numbers):
                yield Call("sub", (Const(rest), state))
        if moves == tuple(count - 1 - k for k in numbers):
            yield Call("sub", (Const(count - 1), state))
        for special in numbers:
            others = {moves[k] for k in numbers if k != special}
            here = Call("eq", (state, Const(special)))
            if len(others) == 1:
                yield If(here, Const(moves[special]), Const(others.pop()))
            if all(moves[k] == k for k in numbers if k != special):
                yield If(here, Const(moves[special]), state)
            if all(moves[k] == k + 1 for k in numbers if k != special):
                yield If(here, Const(moves[special]), Call("add", (state, Const(1))))
        for border in numbers:
            below, above = set(moves[:border]), set(moves[border:])
            under = Call("lt", (state, Const(border)))
            if len(below) == 1 and len(above) == 1:
                yield If(under, Const(moves[0]), Const(moves[-1]))
            if border and all(moves[k] == k for k in range(border, count)) and len(below) == 1:
                yield If(under, Const(moves[0]), state)
            if len(above) == 1 and all(moves[k] == k for k in range(border)):
                yield If(under, state, Const(moves[-1]))
            if len(above) == 1 and all(moves[k] == k + 1 for k in range(border)):
                yield If(under, Call("add", (state, Const(1))), Const(moves[-1]))
        yield Call("item", (Const(moves), state))

    def bits(self, numbered: _Numbered) -> float:
        """About how many bits the update and the answer take."""
        moves, first, answers = numbered
        columns = {tuple(row[k] for row in moves) for k in range(len(moves[0]))}
        answer = expr_bits(self.data, _answer(self.data, self.state, answers))
        return sum(self.way(column)[0] for column in columns) + answer + 3 * bool(first)

    def update(self, moves: tuple[tuple[int, ...], ...], x: Expr) -> Expr:
        """One choice between the ways of the symbols, that of the most symbols last."""
        low = self.data.port.domain.low
        groups: dict[tuple[int, ...], list[int]] = {}
        for k in range(len(moves[0])):
            groups.setdefault(tuple(row[k] for row in moves), []).append(low + k)
        order = sorted(groups.items(), key=lambda entry: (len(entry[1]), -entry[1][0]))
        expr: Expr | None = None
        for column, symbols in reversed(order):
            way = self.way(column)[1]
            if expr is None:
                expr = way
            elif len(symbols) == 1:
                expr = If(Call("eq", (x, Const(symbols[0]))), way, expr)
            else:
                expr = If(Call("in", (x, Const(tuple(symbols)))), way, expr)
        assert expr is not None
        return expr
