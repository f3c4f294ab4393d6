"""Answers that conditions on features, or sums of features, give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

import numpy as np

from ...data.pairs import PairProblem
from ...data.running import Run
from ...ir.expr import Call, Const, Expr, If, negated
from ...ir.program import Program
from ...ir.program_length import program_bits
from .conditions import Cover, conditions, covers
from .enumeration.named import named
from .features import ListFeature, LoopBits, features
from .labelled import LabelledLists, labelled_lists, labelled_pictures
from .picture_features import picture_features
from .proposal import Proposal
from .registers import CarriedRegister, as_loop, renamed

_CLASSES = 4  # up to which each is told apart by conditions
_MODULI = range(2, 31)
_SUMMED = 1500  # features of which two are added


def propose_conditions(problem: PairProblem, run: Run) -> Iterator[Proposal]:
    """Programs whose answer a few conditions on the list, or on a loop over it, decide."""
    data = labelled_lists(problem)
    pictures = labelled_pictures(problem)
    if pictures is not None:
        run.say("features of pictures and conditions on them")
        yield from _checked(pictures, _answered(pictures, picture_features(pictures, run), run))
    if data is None:
        return
    run.say("features of lists and conditions on them")
    programs = _answered(data, features(data, run, carried=False), run)
    plain = next(_checked(data, programs), None)
    if plain is not None:  # now, for the search may be cut off
        yield plain
    if min(map(program_bits, programs), default=inf) > LoopBits(data).least:
        run.say("loops that carry registers and conditions on these")
        carried = next(_checked(data, _answered(data, features(data, run), run)), None)
        if carried is not None and (plain is None or carried.bits < plain.bits):
            yield carried


def _checked(data: LabelledLists, programs: Sequence[Program]) -> Iterator[Proposal]:
    """The shortest program that gives all answers."""
    for program in sorted(programs, key=program_bits)[:6]:
        if data.pays(program):
            proposal = data.proposal(program, "conditions on features")
            if not proposal.missed:
                yield proposal
                return


def _answered(data: LabelledLists, pool: Sequence[ListFeature], run: Run) -> list[Program]:
    """The programs that features give."""
    made = list(_numbers(data, pool, run))
    if len(data.classes) <= _CLASSES:
        made += _decided(data, pool, run)
    return [_program(data, expr, registers) for expr, registers in made]


def _program(data: LabelledLists, answer: Expr, registers: frozenset[CarriedRegister]) -> Program:
    """The loop of the registers, where there are any, and the answer."""
    if not registers:
        problem = data.problem
        return named(problem.name, problem.inputs, problem.output, answer)
    loop, names = as_loop(data, registers)
    return data.program((loop,), renamed(answer, names))


_Answer = tuple[Expr, frozenset[CarriedRegister]]


def _decided(data: LabelledLists, pool: Sequence[ListFeature], run: Run) -> Iterator[_Answer]:
    """One class after another told apart from those that are left."""
    loops = LoopBits(data)
    left = np.ones(len(data.answers), dtype=bool)
    answers = np.array(data.answers)
    decisions: list[tuple[int, Cover]] = []
    classes = list(data.classes)
    while len(classes) > 1:
        best: list[tuple[float, int, list[Cover]]] = []
        here = [_at(feature, left) for feature in pool]
        most = data.answer_bits
        for one in classes:
            own = (answers == one)[left]
            tests = conditions(here, own, run.check)
            enough = covers(tests, int((~own).sum()), loops, run.check, most)
            if enough:
                most = min(most, enough[0].bits + 12)
                best.append((enough[0].bits, one, enough))
        if not best:
            return
        if len(data.classes) == 2:
            for _, one, several in best:
                other = next(c for c in classes if c != one)
                for cover in several:
                    yield _composed(data, [(one, cover)], other)
            return
        _, one, several = min(best, key=lambda entry: entry[:2])
        decisions.append((one, several[0]))
        left &= answers != one
        classes.remove(one)
    yield _composed(data, decisions, classes[0])


def _at(feature: ListFeature, places: np.ndarray) -> ListFeature:
    column = feature.column[places]
    return ListFeature(feature.expr, column, feature.bits, feature.registers, feature.truth)


def _composed(data: LabelledLists, decisions: Sequence[tuple[int, Cover]], last: int) -> _Answer:
    registers = frozenset(one for _, cover in decisions for one in cover.registers)
    expr: Expr = Const(last)
    for k, (answer, cover) in enumerate(reversed(decisions)):
        chosen = _either(data, cover, answer, last)
        expr = If(cover.truth, Const(answer), expr) if k else chosen
    return expr, registers


def _either(data: LabelledLists, cover: Cover, answer: int, other: int) -> Expr:
    """Two answers; ``not`` of a truth by the opposites of its parts."""
    if (answer, other) == (0, 1):
        parts = tuple(negated(one.expr) for one in cover.conditions)
        truth = parts[0] if len(parts) == 1 else Call("or", parts)
        return Call("int", (truth,))
    return data.answer_where(cover.truth, answer, other)


def _moved(number: Expr, step: int) -> Expr:
    if not step:
        return number
    return Call("add" if step > 0 else "sub", (number, Const(abs(step))))


def _numbers(data: LabelledLists, pool: Sequence[ListFeature], run: Run) -> Iterator[_Answer]:
    """The answer as a feature, a sum or difference of two, a remainder, a quotient."""
    answers = np.array(data.answers, dtype=np.int64)
    low, high = int(answers.min()), int(answers.max())
    truths = data.problem.output.symbols == (False, True)  # what a number is not
    by_column = {feature.column.tobytes(): feature for feature in reversed(pool)}
    for k, feature in enumerate(pool):
        if k % 300 == 0:
            run.check()
        at, expr, own = feature.column, feature.expr, feature.registers
        number = Call("int", (expr,)) if feature.truth else expr
        rest = answers - at
        if (rest == rest[0]).all() and (feature.truth or not truths):
            step = int(rest[0])
            yield _moved(number, step), own
        elif low >= 0 and high - low >= 1:
            for m in range(max(2, high + 1), high + 2):
                if int(at.max() - at.min()) < m:  # nothing shows that it begins anew
                    continue
                shift = rest % m
                if (shift == shift[0]).all() and (m > 2 or not shift[0]):
                    step = int(shift[0])
                    yield Call("mod", (_moved(number, step), Const(m))), own
                turned = (answers + at) % m
                if m > 2 and (turned == turned[0]).all():
                    yield Call("mod", (Call("sub", (Const(int(turned[0])), number)), Const(m))), own
        if truths:
            continue
        for factor in (2, 3, 4):
            if (factor * at == answers).all():
                yield Call("mul", (Const(factor), number)), own
        for divisor in (2, 3, 4, 5):
            if (at // divisor == answers).all():
                yield Call("floordiv", (number, Const(divisor))), own
        if k < _SUMMED and high > 1:
            other = by_column.get(rest.tobytes())
            if other is not None and not other.truth:
                yield Call("add", (number, other.expr)), own | other.registers
            other = by_column.get((at - answers).tobytes())
            if other is not None and not other.truth:
                yield Call("sub", (number, other.expr)), own | other.registers
