"""Compare two functions from arrays to an array, and reduce a difference to a small one.

A network, a program, a generated solver and an oracle are all such functions through an adapter.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from hypothesis import find
from hypothesis.errors import Flaky, NoSuchExample
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from ..data.problem import Oracle
from ..forms.grid.network import GridNetwork
from ..ir.evaluate import evaluate
from ..ir.expr import NoAnswer
from ..ir.program import Program
from ..ir.types import Port
from ..units.groups import read_taps
from .strategies import inputs as port_inputs
from .strategies import quietly

IntArray = NDArray[np.int64]
Inputs = Mapping[str, IntArray]
Function = Callable[[Inputs], IntArray]
Solve = Callable[..., Any]

NO_ANSWER = "no answer"
"""What a function answers that raises ``NoAnswer``; the only sentence that equals itself."""

_WALKED_CELLS = 4096  # up to here a solver's answer is checked number by number
_SHOWN_CELLS = 400  # a larger counterexample is told by its wrong cell alone
_READINGS_AT_ONCE = 2**23  # how many taps a network reads in one go
_CELLS_AT_ONCE = 2**15  # small inputs are handed to a network together


class WrongAnswer(Exception):
    """A function answered with something that is not an integer array of the right shape."""


class NetworkFunction:
    """The network at any size; large inputs in slabs, small ones many at a time."""

    def __init__(self, network: GridNetwork) -> None:
        self.network = network

    def __call__(self, inputs: Inputs) -> IntArray:
        network = self.network
        first = network.inputs[0]
        array = inputs[first.name]
        row = max(1, array[:1].size * max(1, len(network.taps)))
        rows = max(1, _READINGS_AT_ONCE // row)
        if len(array) <= rows:
            return network.run(inputs)
        reach, wrap, length = network.radius, first.axes[0].wrap, len(array)
        parts = []
        for start in range(0, length, rows):
            stop = min(start + rows, length)
            wanted = np.arange(start - reach, stop + reach)
            if not wrap:
                wanted = wanted[(wanted >= 0) & (wanted < length)]
            slab = {
                port.name: inputs[port.name]
                if port.is_fixed
                else inputs[port.name].take(wanted, axis=0, mode="wrap")
                for port in network.inputs
            }
            skip = reach if wrap else start - int(wanted[0])
            parts.append(network.run(slab)[skip : skip + stop - start])
        return np.concatenate(parts)

    def many(self, cases: Sequence[Inputs]) -> IntArray:
        """The answers to inputs of one size, sample axis first."""
        ports = self.network.inputs
        columns = [np.stack([case[port.name] for case in cases]) for port in ports]
        rows = read_taps(ports, self.network.taps, columns)
        return self.network.fire(rows).reshape(columns[0].shape)


def of_network(network: GridNetwork) -> NetworkFunction:
    """The network as it runs."""
    return NetworkFunction(network)


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


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Inputs on which two functions differ, and the first cell where they do.

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
        if self.cells <= _SHOWN_CELLS:
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
    return answer.tolist() if answer.size <= _SHOWN_CELLS else f"an array {answer.shape}"


def answer(function: Function, inputs: Inputs) -> IntArray | str:
    """What a function answers, or a sentence where it raises instead."""
    try:
        return function(inputs)
    except WrongAnswer as error:
        return str(error)
    except NoAnswer:
        return NO_ANSWER
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


def compare_all(
    subject: Function, references: Mapping[str, Function], cases: Iterable[Inputs]
) -> tuple[dict[str, Difference], int, set[tuple[int, ...]]]:
    """Compare a subject with several references, running it once for each case.

    Returns the first difference from each reference, how many cases were run and the shapes of
    their first ports. Stops early where every reference differs.
    """
    found: dict[str, Difference] = {}
    count = 0
    sizes: set[tuple[int, ...]] = set()
    for batch in _batches(cases):
        expected = {name: _answers(references[name], batch) for name in references}
        for k, case in enumerate(batch):
            if len(found) == len(references):
                return found, count, sizes
            got = answer(subject, case)
            for name in references:
                if name not in found:
                    wrong = difference(case, expected[name][k], got)
                    if wrong is not None:
                        found[name] = wrong
            count += 1
            sizes.add(_shape(case))
    return found, count, sizes


def _shape(case: Inputs) -> tuple[int, ...]:
    return next(iter(case.values())).shape


def _batches(cases: Iterable[Inputs]) -> Iterator[list[Inputs]]:
    """Neighbouring cases of one size, as many as are handed over together."""
    batch: list[Inputs] = []
    for case in cases:
        full = len(batch) * prod(_shape(case)) > _CELLS_AT_ONCE
        if batch and (full or _shape(batch[0]) != _shape(case)):
            yield batch
            batch = []
        batch.append(case)
    if batch:
        yield batch


def _answers(function: Function, cases: list[Inputs]) -> Sequence[IntArray | str]:
    if isinstance(function, NetworkFunction) and len(cases) > 1:
        try:
            return list(function.many(cases))
        except Exception:  # let each case tell what is wrong with it
            return [answer(function, case) for case in cases]
    return [answer(function, case) for case in cases]


def search(
    subject: Function,
    references: Mapping[str, Function],
    ports: Sequence[Port],
    examples: int,
    seed: int,
    smallest: int = 1,
    largest: int = 6,
    strategy: SearchStrategy[dict[str, IntArray]] | None = None,
) -> dict[str, Difference]:
    """Let Hypothesis look for differences at small sizes; those that it finds are shrunk.

    The same seed looks at the same inputs. A ``strategy`` replaces the one of the ports.
    """
    found: dict[str, Difference] = {}
    config = quietly(examples)
    if strategy is None:
        strategy = port_inputs(ports, smallest=smallest, largest=largest)
    while open_references := {k: f for k, f in references.items() if k not in found}:
        seen: list[tuple[str, Difference]] = []

        def differs(
            case: Inputs,
            open_references: Mapping[str, Function] = open_references,
            seen: list[tuple[str, Difference]] = seen,
        ) -> bool:
            got = answer(subject, case)
            names = [seen[-1][0]] if seen else list(open_references)  # shrink for the first found
            for name in names:
                wrong = difference(case, answer(open_references[name], case), got)
                if wrong is not None:
                    seen.append((name, wrong))
                    return True
            return False

        try:
            find(strategy, differs, settings=config, random=random.Random(seed))
        except NoSuchExample:
            break
        except Flaky:  # the subject does not answer the same each time
            pass
        name, wrong = seen[-1]  # the last one that Hypothesis tries is the simplest
        found[name] = wrong
    return found


def reduce(
    subject: Function,
    reference: Function,
    wrong: Difference,
    ports: Sequence[Port],
    spans: Sequence[int],
) -> Difference:
    """A smaller difference where there is one: crop around the wrong cell, then simplify cells.

    ``spans`` is the size of the receptive field as far as it is known; larger crops follow.
    """
    if wrong.cell is None and wrong.cells > _SHOWN_CELLS:
        return _by_size(subject, reference, wrong, ports)
    if wrong.cell is not None:
        longest = max(max(array.shape) for array in wrong.inputs.values())
        for growth in (0, *(2**k for k in range(longest.bit_length()))):
            sides = [span + 2 * growth for span in spans]
            smaller = compare(subject, reference, _crop(wrong, ports, sides))
            if smaller is not None and smaller.cells < wrong.cells:
                wrong = smaller
                break
    return _simplify(subject, reference, wrong, ports)


def _crop(wrong: Difference, ports: Sequence[Port], sides: Sequence[int]) -> Inputs:
    """The inputs around the wrong cell, at most as long as given along each axis."""
    assert wrong.cell is not None
    result = dict(wrong.inputs)
    for port in ports:
        if port.is_fixed:
            continue
        array = result[port.name]
        for dim, (axis, cell, side) in enumerate(zip(port.axes, wrong.cell, sides, strict=True)):
            length = array.shape[dim]
            if axis.size is not None or side >= length:
                continue
            around = np.arange(cell - side // 2, cell - side // 2 + side)
            if not axis.wrap:
                around = around[(around >= 0) & (around < length)]
            array = array.take(around, axis=dim, mode="wrap")
        result[port.name] = array
    return result


def _by_size(
    subject: Function, reference: Function, wrong: Difference, ports: Sequence[Port]
) -> Difference:
    """Where a whole answer is missing: the first corner of the inputs on which it still is."""
    free = [port for port in ports if not port.is_fixed]
    for side in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256):
        case = dict(wrong.inputs)
        for port in free:
            cut = tuple(slice(None) if a.size is not None else slice(side) for a in port.axes)
            case[port.name] = case[port.name][cut]
        smaller = compare(subject, reference, case)
        if smaller is not None:
            return smaller
    return wrong


def _simplify(
    subject: Function, reference: Function, wrong: Difference, ports: Sequence[Port]
) -> Difference:
    """Lower one cell after another as long as the two still differ."""
    if wrong.cells > _SHOWN_CELLS:
        return wrong
    for port in ports:
        for place in np.ndindex(*wrong.inputs[port.name].shape):
            current = int(wrong.inputs[port.name][place])
            for value in sorted(port.domain.values, key=lambda v: (abs(v), v)):
                if (abs(value), value) >= (abs(current), current):
                    break
                array = wrong.inputs[port.name].copy()
                array[place] = value
                simpler = compare(subject, reference, {**wrong.inputs, port.name: array})
                if simpler is not None:
                    wrong = replace(simpler)
                    break
    return wrong
