"""Compare two functions of the same inputs: where they differ, and how that is described.

A network, a program, a generated solver and an oracle are all such functions through an adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.problem import Oracle
from ..ir.evaluate import evaluate
from ..ir.expr import NoAnswer
from ..ir.program import Program
from ..ir.types import Port

IntArray = NDArray[np.int64]
Inputs = Mapping[str, IntArray]
Function = Callable[[Inputs], IntArray]
Solve = Callable[..., Any]

NO_ANSWER = "no answer"
"""What a function answers that raises ``NoAnswer``; the only sentence that equals itself."""

_WALKED_CELLS = 4096  # up to here a solver's answer is checked number by number
DESCRIBED_CELLS = 400
"""Cells of the largest input that a counterexample shows whole, and that is made simpler."""


class WrongAnswer(Exception):
    """A function answered with something that is not an integer array of the right shape."""


class Wrong(Protocol):
    """A case on which two functions differ."""

    def as_json(self) -> dict[str, Any]:
        """Plain data for a certificate."""
        ...


def of_program(program: Program) -> Function:
    """The program under the reference interpreter."""

    def run(inputs: Inputs) -> IntArray:
        lists = {name: array.tolist() for name, array in inputs.items()}
        return np.array(evaluate(program, lists), dtype=np.int64)

    return run


def of_oracle(oracle: Oracle, ports: Sequence[Port]) -> Function:
    """A problem's own answer."""
    return lambda inputs: np.asarray(oracle(*(inputs[port.name] for port in ports)))


def of_solver(solve: Solve, ports: Sequence[Port]) -> Function:
    """A generated solver: nested lists in, nested lists of plain integers out."""

    def run(inputs: Inputs) -> IntArray:
        lists = [inputs[port.name].tolist() for port in ports]
        answer = solve(*lists)
        try:
            array = np.asarray(answer)
        except (ValueError, OverflowError):
            raise WrongAnswer("the answer is ragged") from None
        if array.dtype.kind != "i":
            raise WrongAnswer(f"the answer holds {array.dtype} values instead of integers")
        if array.size <= _WALKED_CELLS:
            if not _plain(answer):
                raise WrongAnswer("the answer holds values that are not plain integers in lists")
            if any(x != inputs[port.name].tolist() for x, port in zip(lists, ports, strict=True)):
                raise WrongAnswer("the solver changed its input")
        return array

    return run


def _plain(answer: Any) -> bool:
    if isinstance(answer, list):
        return all(_plain(part) for part in answer)
    return type(answer) is int


def partial(function: Function) -> Function:
    """A function that says by ``ValueError`` that it has no answer."""

    def run(inputs: Inputs) -> IntArray:
        try:
            return function(inputs)
        except ValueError as error:
            raise NoAnswer(str(error)) from None

    return run


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Arrays on which two functions differ, and the first cell where they do.

    ``expected`` and ``got`` are whole arrays; ``got`` is a sentence where there is no array of
    the expected shape, and ``cell`` is then None.
    """

    inputs: Inputs
    expected: IntArray | str
    got: IntArray | str
    cell: tuple[int, ...] | None

    @property
    def cells(self) -> int:
        return sum(array.size for array in self.inputs.values())

    def as_json(self) -> dict[str, Any]:
        """Plain data for a certificate; only the wrong cell where the arrays are large."""
        if self.cells <= DESCRIBED_CELLS:
            return {
                "inputs": {name: array.tolist() for name, array in self.inputs.items()},
                "expected": _listed(self.expected),
                "got": _listed(self.got),
                "cell": None if self.cell is None else list(self.cell),
            }
        return {
            "shapes": {name: list(array.shape) for name, array in self.inputs.items()},
            "expected": _listed(self.expected, self.cell),
            "got": _listed(self.got, self.cell),
            "cell": None if self.cell is None else list(self.cell),
        }


def _listed(answer: IntArray | str, cell: tuple[int, ...] | None = None) -> Any:
    if isinstance(answer, str):
        return answer
    if cell is not None:
        return int(answer[cell])
    return answer.tolist() if answer.size <= DESCRIBED_CELLS else f"an array {answer.shape}"


@dataclass(frozen=True, slots=True)
class NumberDifference:
    """One input, as plain data, on which two answers differ that are numbers or lists of them."""

    case: Any
    expected: Any
    answered: Any

    def as_json(self) -> dict[str, Any]:
        return {"input": self.case, "expected": self.expected, "answered": self.answered}


Run: TypeAlias = Callable[[Any], Any]


def answer(function: Run, case: Any) -> Any:
    """What a function answers, or a sentence where it raises instead."""
    try:
        return function(case)
    except WrongAnswer as error:
        return str(error)
    except NoAnswer:
        return NO_ANSWER
    except MemoryError:
        raise  # of this machine, not of what is judged
    except Exception as error:  # whatever the judged code raises is its answer
        text = "".join(c if c.isprintable() else " " for c in f"{type(error).__name__}: {error}")
        return f"raised {text[:200]}"


def difference(inputs: Inputs, expected: IntArray | str, got: IntArray | str) -> Difference | None:
    """Where two answers differ; one that raised differs from every other."""
    if isinstance(expected, str) or isinstance(got, str):
        agree = isinstance(expected, str) and isinstance(got, str) and expected == got == NO_ANSWER
        return None if agree else Difference(inputs, expected, got, None)
    if expected.shape != got.shape:
        shape = f"an answer of shape {got.shape} instead of {expected.shape}"
        return Difference(inputs, expected, shape, None)
    wrong = expected != got
    if not wrong.any():
        return None
    first = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    return Difference(inputs, expected, got, tuple(int(k) for k in first))


def compare(subject: Function, reference: Function, inputs: Inputs) -> Difference | None:
    """Run both and say where they differ."""
    return difference(inputs, answer(reference, inputs), answer(subject, inputs))
