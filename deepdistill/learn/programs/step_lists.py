"""Lists whose answers are lists as long as they are: one answer at each step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...data.pairs import ExamplePair, PairProblem
from ...ir.expr import Call, Const, Expr, Listed, Read, Size, Var, children, rebuild
from ...ir.program import Let, Program, Scan
from ...ir.spec import check
from ...ir.types import Port
from .labelled import IntArray
from .proposal import Proposal, missed_pairs

_PREFIXES = 500


@dataclass(frozen=True, slots=True, eq=False)
class StepLists:
    """Lists and their answers at each step, with zeros after their ends: (steps, lists).

    ``going`` says which of these are there.
    """

    problem: PairProblem
    port: Port
    x: IntArray
    y: IntArray
    going: IntArray

    @property
    def element(self) -> str:
        word = "letter" if self.port.is_text else "x"
        return word if word not in (self.port.name, self.problem.output.name) else f"{word}_"

    def program(self, state: Sequence[Let], body: Sequence[Let], value: Expr) -> Program:
        """A loop that appends a value at each step."""
        problem, output = self.problem, self.problem.output.name
        loop = Scan(output, self.port.name, (self.element,), tuple(state), tuple(body), (value,))
        return Program(problem.name, problem.inputs, problem.output, (loop,))

    def proposal(self, program: Program, found_by: str) -> Proposal:
        """The program checked and asked about all pairs."""
        check(program, "composed")
        return Proposal(program, found_by, missed_pairs(program, self.problem.given))


def step_lists(problem: PairProblem) -> StepLists | None:
    """The examples where each answer is a list as long as its one input."""
    if len(problem.inputs) != 1 or len(problem.output.axes) != 1 or len(problem.given) < 4:
        return None
    (port,) = problem.inputs
    if len(port.axes) != 1 or port.axes[0].kind != "sequence":
        return None
    lists = [pair.inputs[0] for pair in problem.given]
    answers = [pair.output for pair in problem.given]
    if any(len(one) != len(answer) for one, answer in zip(lists, answers, strict=True)):
        return None
    steps = max(map(len, lists))
    if sum(map(len, lists)) < 20:
        return None
    x, y, going = (np.zeros((steps, len(lists)), dtype=np.int64) for _ in range(3))
    for k, (one, answer) in enumerate(zip(lists, answers, strict=True)):
        x[: len(one), k], y[: len(one), k], going[: len(one), k] = one, answer, 1
    return StepLists(problem, port, x, y, going)


def prefixes(data: StepLists) -> PairProblem:
    """Beginnings of the first lists with the answers of their last steps."""
    problem = data.problem
    given: list[ExamplePair] = []
    for pair in problem.given:
        if len(given) < _PREFIXES:
            (one,), answer = pair.inputs, pair.output
            given += [ExamplePair((one[: k + 1],), answer[k]) for k in range(len(answer))]
    output = replace(problem.output, axes=())
    return PairProblem(problem.name, problem.inputs, output, tuple(given))


def of_each_prefix(data: StepLists, program: Program) -> Iterator[Program]:
    """The program that answers at each step what this one answers at the end."""
    output, name = data.problem.output, data.port.name
    match program.body:
        case (Scan() as loop, Let(_, answer)) if loop.over == name and not loop.values:
            if name not in names_in(answer):
                body = replace(loop, name=output.name, values=(answer,))
                yield replace(program, output=output, body=(body,))
        case (Let(_, answer),):
            place = Var("k")
            part = Call("prefix", (Var(name), Call("add", (place, Const(1)))))
            value = _on_part(answer, name, part, place)
            places = Call("range", (Call("length", (Var(name),)),))
            listed = Listed((place.name,), places, value)
            yield replace(program, output=output, body=(Let(output.name, listed),))


def late(at: IntArray, steps: int, first: int) -> IntArray:
    """What stood there (steps, lists) some steps before, and ``first`` where nothing did."""
    return np.vstack([np.full_like(at[:steps], first), at[: len(at) - steps]])


def names_in(expr: Expr) -> set[str]:
    """The variables and arrays that an expression names."""
    own = {expr.name} if isinstance(expr, Var) else set()
    own |= {expr.port} if isinstance(expr, Read | Size) else set()
    return own.union(*map(names_in, children(expr)))


def _on_part(expr: Expr, name: str, part: Expr, place: Expr) -> Expr:
    """The same of a beginning of a list, which ends at a place."""
    match expr:
        case Var(other) if other == name:
            return part
        case Size(other) if other == name:
            return Call("add", (place, Const(1)))
        case Call("add", (Size(other), Const(int() as step))) if other == name and step < 0:
            return place if step == -1 else Call("add", (place, Const(step + 1)))
        case _:
            inner = tuple(_on_part(e, name, part, place) for e in children(expr))
            return rebuild(expr, inner)
