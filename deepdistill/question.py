"""What to ask next: an input on which two programs that fit all examples give two answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np

from .contest import Rival, Rivals, answer_of
from .data.pair_groups import numbers_of, size_of
from .data.pairs import PairProblem
from .data.problem import InputError
from .forms.composed.draws import changed, drawn
from .forms.protocol import Trained
from .ir.alphabet import written
from .ir.expr import Call, Const, Expr, children, rebuild
from .ir.program import Let
from .verify.certificate import Certificate

_MOST_SIZES = 40
_OF_A_SIZE = 24
_MOST_CELLS = 400
_EDGES = {"lt": "le", "le": "lt", "gt": "ge", "ge": "gt"}
_AS_SHORT = 8.0
"""Bits by which a program may be longer and is still about as likely to be the rule."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenQuestion:
    """An input whose right answer would tell two programs apart; false where none was found.

    ``input`` is as in the pairs, a mapping where there are several; ``answers`` are those of the
    program that was taken and of the other one, whose text is ``other``. ``tried`` inputs were
    looked at, on which ``programs`` were compared.
    """

    input: Any
    answers: tuple[Any, Any] | None
    other: str
    tried: int
    programs: int

    def __bool__(self) -> bool:
        return self.answers is not None

    def __str__(self) -> str:
        if self.answers is None:
            if self.programs < 2:
                return "no other program was found that fits all examples"
            return f"{self.programs} programs fit all examples and agree on {self.tried:,} inputs"
        one, two = self.answers
        return f"what is the answer to {self.input!r}: {one!r} or {two!r}?"


def question_of(trained: Trained, seed: int, longer: float = inf) -> OpenQuestion:
    """The first input, smallest first, on which the program taken and another one differ.

    The other one may be so many bits ``longer``. Raises :class:`InputError` where no others are
    known.
    """
    rivals = trained.rivals
    if not isinstance(rivals, Rivals):
        raise InputError(
            "there is no question: it goes with results of Problem.from_examples that were "
            "distilled, not loaded"
        )
    problem, (taken, *others) = rivals.problem, rivals.programs
    others += _other_edges(taken)
    near = [one for one in others if one.bits <= taken.bits + longer]
    fitting = [one for one in near if _fits_as_well(one, taken, problem)]
    tried = 0
    for inputs in _inputs(problem, seed) if fitting else ():
        tried += 1
        answer = answer_of(taken.program, inputs, problem)
        for other in fitting if answer is not None else ():
            other_answer = answer_of(other.program, inputs, problem)
            if other_answer is not None and other_answer != answer:
                values = [written(p, v) for p, v in zip(problem.inputs, inputs, strict=True)]
                names = [port.name for port in problem.inputs]
                case = values[0] if len(values) == 1 else dict(zip(names, values, strict=True))
                both = (written(problem.output, answer), written(problem.output, other_answer))
                return OpenQuestion(case, both, str(other.program), tried, 1 + len(fitting))
    return OpenQuestion(None, None, "", tried, 1 + len(fitting))


def _other_edges(taken: Rival) -> list[Rival]:
    """The program with one comparison that says otherwise of equal numbers: as short as it is.

    Where a constant is compared with, the certificate tells of its limits.
    """
    body = taken.program.body
    return [
        replace(taken, program=replace(taken.program, body=(*body[:k], one, *body[k + 1 :])))
        for k, let in enumerate(body)
        if isinstance(let, Let)
        for one in (replace(let, value=value) for value in _edged(let.value))
    ]


def _edged(expr: Expr) -> Iterator[Expr]:
    match expr:
        case Call(op, args) if op in _EDGES and not any(isinstance(a, Const) for a in args):
            yield Call(_EDGES[op], args)
    parts = children(expr)
    for k, part in enumerate(parts):
        for other in _edged(part):
            yield rebuild(expr, (*parts[:k], other, *parts[k + 1 :]))


def with_doubt(certificate: Certificate, trained: Trained, seed: int, quoting: bool) -> Certificate:
    """The certificate, which tells where chance alone chose between two programs that fit.

    That is so where another one is about as short. An input on which they differ is told where
    ``quoting`` is allowed.
    """
    evidence = certificate.correct.evidence
    if evidence is None or not isinstance(trained.rivals, Rivals):
        return certificate
    question = question_of(trained, seed, _AS_SHORT)
    if not question:
        return certificate
    quoted = f": {question}" if quoting else ""
    sentence = (
        f"another program that is about as short fits all pairs and answers otherwise{quoted}"
    )
    told_too = replace(evidence, unknown=(*evidence.unknown, sentence))
    return replace(certificate, correct=replace(certificate.correct, evidence=told_too))


def _fits_as_well(one: Rival, taken: Rival, problem: PairProblem) -> bool:
    """Whether a program misses no pair that the one taken gives, those held out among them."""
    if not set(one.missed) <= set(taken.missed):
        return False
    return all(
        answer_of(one.program, pair.inputs, problem) == pair.output
        or answer_of(taken.program, pair.inputs, problem) != pair.output
        for part in (problem.given, *problem.reserved)
        for pair in part
    )


def _inputs(problem: PairProblem, seed: int) -> Iterator[tuple[Any, ...]]:
    """Inputs like those shown, each once, smallest first and a little beyond the largest."""
    rng = np.random.default_rng([seed, 18])
    given = [pair.inputs for pair in problem.given]
    known = {repr(inputs) for part in (problem.given, *problem.reserved) for inputs in
             (pair.inputs for pair in part)}  # fmt: skip
    for size in _sizes(given):
        for k in range(_OF_A_SIZE):
            inputs = tuple(
                drawn(rng, port, own, k) for port, own in zip(problem.inputs, size, strict=True)
            )
            like = given[int(rng.integers(len(given)))]
            if k % 2 and tuple(map(size_of, like)) == size:
                other = given[int(rng.integers(len(given)))]
                inputs = tuple(
                    changed(rng, port, value, another)
                    for port, value, another in zip(problem.inputs, like, other, strict=True)
                )
            if k % 4 == 2:
                inputs = _met(rng, inputs)
            if repr(inputs) not in known:
                known.add(repr(inputs))
                yield inputs


def _met(rng: np.random.Generator, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same with numbers that stand in the lists beside them."""
    numbers = [n for value in inputs if isinstance(value, list) for n in numbers_of(value)]
    return tuple(
        numbers[int(rng.integers(len(numbers)))]
        if numbers and not isinstance(value, list)
        else value
        for value in inputs
    )


def _sizes(given: Sequence[tuple[Any, ...]]) -> list[tuple[tuple[int, ...], ...]]:
    """The sizes of all inputs together that were shown, and twice as large ones, smallest first."""
    own = {tuple(map(size_of, inputs)) for inputs in given}
    twice = {tuple(tuple(2 * n for n in size) for size in sizes) for sizes in own}
    small = sorted(own | twice, key=lambda sizes: (_cells(sizes), sizes))
    small = [sizes for sizes in small if _cells(sizes) <= _MOST_CELLS] or small[:1]
    step = -(-len(small) // _MOST_SIZES)
    return small[::step]


def _cells(sizes: Sequence[Sequence[int]]) -> int:
    return sum(int(np.prod(size)) for size in sizes)
