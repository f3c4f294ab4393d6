"""Lists with one answer each, as those who look for folds over them want to have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...data.pairs import PairProblem
from ...ir.code_length import integer_bits
from ...ir.expr import Call, Const, Expr, If, Var
from ...ir.names import fresh
from ...ir.program import Let, Program, Statement
from ...ir.program_length import program_bits
from ...ir.spec import check
from ...ir.types import Port
from .proposal import Proposal, missed_pairs

IntArray = NDArray[np.int64]

MOST_SYMBOLS = 40  # values up to which they are told apart one by one
_WORTH = 1.25
_MOST_STEPS = 400_000


@dataclass(frozen=True, slots=True, eq=False)
class LabelledLists:
    """Lists of one input and their answers, a number or the place of a class.

    ``padded`` (lists, longest) has the lists with zeros after their ends, ``lengths`` (lists,).
    """

    problem: PairProblem
    port: Port
    lists: tuple[tuple[int, ...], ...]
    answers: tuple[int, ...]
    padded: IntArray
    lengths: IntArray

    @property
    def word(self) -> Var:
        """The whole list."""
        return Var(self.port.name)

    @property
    def symbols(self) -> range:
        """The values of the lists, in order."""
        return self.port.domain.values

    @property
    def classes(self) -> tuple[int, ...]:
        """The answers that occur, in order."""
        return tuple(sorted(set(self.answers)))

    @property
    def answer_bits(self) -> float:
        """What it takes to tell the answers one by one: no program is worth more than that."""
        if len(self.classes) > len(self.answers) // 4:
            return sum(integer_bits(answer) for answer in self.answers)
        counts = np.unique(np.array(self.answers), return_counts=True)[1]
        shares = counts / len(self.answers)
        return float(-(counts * np.log2(shares)).sum()) + 8.0 * len(counts)

    def program(self, body: Sequence[Statement], answer: Expr) -> Program:
        """The program of statements and an answer, which has to be an integer."""
        problem = self.problem
        last = Let(problem.output.name, answer)
        return Program(problem.name, problem.inputs, problem.output, (*body, last))

    def name(self, wanted: str, taken: Sequence[str] = ()) -> str:
        """A name that no port and nothing of ``taken`` has."""
        return fresh(wanted, {self.port.name, self.problem.output.name, self.problem.name, *taken})

    @property
    def element(self) -> str:
        """What an element is called."""
        if self.port.is_text:
            return self.name("letter")
        word = self.port.name
        return self.name(word[:-1] if word.endswith("s") and len(word) > 2 else "x")

    def answer_where(self, truth: Expr, holds: int, otherwise: int) -> Expr:
        """One answer where a truth holds and another elsewhere, as an integer."""
        if (holds, otherwise) == (1, 0):
            return Call("int", (truth,))
        return If(truth, Const(holds), Const(otherwise))

    def proposal(self, program: Program, found_by: str, kinds: int | None = None) -> Proposal:
        """The program checked and asked about all pairs."""
        check(program, "composed")
        return Proposal(program, found_by, missed_pairs(program, self.problem.given), kinds)

    def pays(self, program: Program) -> bool:
        """Whether a program is not much longer than its answers told one by one.

        Who chooses among proposals has the last word; what is longer has no chance there.
        """
        return program_bits(program) < _WORTH * self.answer_bits


def labelled_pictures(problem: PairProblem) -> LabelledLists | None:
    """The examples where they are pictures with one answer each; their lists are all of a row."""
    if len(problem.inputs) != 1 or problem.output.axes or len(problem.given) < 4:
        return None
    (port,) = problem.inputs
    if len(port.axes) != 2:
        return None
    pictures = [pair.inputs[0] for pair in problem.given]
    cells = sum(len(row) for picture in pictures for row in picture)
    if cells > _MOST_STEPS or not all(map(len, pictures)):
        return None
    answers = tuple(int(pair.output) for pair in problem.given)
    if len(set(answers)) < 2:
        return None
    lists = tuple(tuple(value for row in picture for value in row) for picture in pictures)
    none = np.zeros((len(lists), 0), dtype=np.int64)
    lengths = np.array([len(one) for one in lists], dtype=np.int64)
    return LabelledLists(problem, port, lists, answers, none, lengths)


def labelled_lists(problem: PairProblem) -> LabelledLists | None:
    """The examples where they are lists with one answer each, which must not contradict."""
    if len(problem.inputs) != 1 or problem.output.axes or len(problem.given) < 4:
        return None
    (port,) = problem.inputs
    if len(port.axes) != 1 or port.axes[0].kind not in ("sequence", "set"):
        return None
    lists = tuple(tuple(pair.inputs[0]) for pair in problem.given)
    answers = tuple(int(pair.output) for pair in problem.given)
    seen: dict[tuple[int, ...], int] = {}
    if any(
        seen.setdefault(one, answer) != answer for one, answer in zip(lists, answers, strict=True)
    ):
        return None
    if len(set(answers)) < 2 or sum(map(len, lists)) > _MOST_STEPS:
        return None
    lengths = np.array([len(one) for one in lists], dtype=np.int64)
    padded = np.zeros((len(lists), int(lengths.max(initial=0))), dtype=np.int64)
    for row, one in zip(padded, lists, strict=True):
        row[: len(one)] = one
    return LabelledLists(problem, port, lists, answers, padded, lengths)
