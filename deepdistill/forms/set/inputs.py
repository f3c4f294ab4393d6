"""The inputs of answers about a whole: one number, or a list as long as the input.

Nothing here is a local rule, so that no list of patterns settles anything: small inputs are
searched, in all orders and with ties on purpose, and large ones are drawn. The network is anything
that runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.problem import Problem
from ...ir.alphabet import in_codes
from ...ir.program import Program
from ...ir.types import Port
from ...verify.arrays import Case, all_inputs, input_count, small_inputs, tied_inputs
from ...verify.contract import Contract, array_contract
from ...verify.equivalence import Inputs, Run, Solve, of_program, of_solver, partial
from ...verify.inputs import Against, Reference, Round
from ...verify.problem_inputs import ProblemInputs
from ...verify.reduce import Reduction, fewer_places, ranks, simpler, smaller_sizes

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]

EXAMPLES = 100
"""How many inputs of small sizes Hypothesis draws."""

LARGE_EXAMPLES = 10
"""How many inputs are drawn at each check size."""

_TRAINED_EXAMPLES = 100
_SMALLEST_EXAMPLES = 10  # at each of the smallest sizes
_EXHAUSTIVE = 2**12
_INTERPRETED = 100_000  # pairs of cells that the slow reference interpreter may look at in a round
_SEARCHED = 8, 5  # the longest lists and the longest sides of pictures that Hypothesis draws
_MOST_SMALL = 1500
_LONGEST = 12
_MOST_ORDERS = 5  # numbers whose orders are all tried


class SetInputs(ProblemInputs):
    """The inputs of a question about whole lists or pictures.

    ``network_sizes`` are the only sizes at which the network runs, where it does not run at all;
    the trained ones are among them.
    """

    def __init__(
        self,
        problem: Problem,
        network: Any,
        program: Program | None = None,
        seed: int = 0,
        examples: int = EXAMPLES,
        large_examples: int = LARGE_EXAMPLES,
        network_sizes: Sequence[Shape] | None = None,
    ) -> None:
        super().__init__(problem, network, program, seed, examples, large_examples)
        self.network_sizes = network_sizes

    def subject(self, solve: Solve) -> Run:
        return partial(of_solver(in_codes(solve, self.ports, self.problem.output), self.ports))

    def program_reference(self, program: Program) -> Reference:
        def work(case: Inputs) -> int:
            return int(sum(array.size**2 for array in case.values()))

        run = partial(of_program(program))
        return Reference(run, work=work, most_work=_INTERPRETED)

    def rounds(self) -> Iterator[Round]:
        few = all(input_count(self.ports, shape) <= _EXHAUSTIVE for shape in self.trained)
        for shape in self.trained:
            every = all_inputs(self.ports, shape)
            cases = every if few else self.draws(shape, _TRAINED_EXAMPLES, 3)
            yield Round(self.at_trained_size(), cases, settled=("faithful",) if few else ())
        yield from self._elsewhere() if self.network_sizes is None else self._sized()
        if self.problem.promise is not None:
            yield Round(notes={"correct": "on inputs that have an answer"})

    def _elsewhere(self) -> Iterator[Round]:
        """The sizes from 1 up, where the network runs at all of them."""
        against = self.at_other_sizes()
        yield self.small()
        yield Round(against, every_small(self.ports))
        orders = list(every_order(self.ports))
        yield Round(against, orders)
        if orders:
            longest = max(len(array) for case in orders for array in case.values())
            yield Round(notes={"scalable": f"among them every order of up to {longest} numbers"})
        for shape in self._smallest():
            count = self.large_examples if shape in self.checks else _SMALLEST_EXAMPLES
            yield Round(against, self.draws(shape, count, 4))
        for shape in self.checks:
            yield Round(against, self.draws(shape, self.large_examples, 4))

    def _sized(self) -> Iterator[Round]:
        """Sizes of the network; the program and the oracle at all others."""
        for shape in self.network_sizes or ():
            if shape not in self.trained:
                yield Round(self.at_other_sizes(), self.draws(shape, _TRAINED_EXAMPLES, 4))
        others: Against = {"program": "faithful", "oracle": "correct"}
        for shape in self._smallest():
            yield Round(others, self.draws(shape, _SMALLEST_EXAMPLES, 4))
        for shape in self.checks:
            yield Round({"oracle": "correct"}, self.draws(shape, self.large_examples, 4))

    def small(self) -> Round:
        """Hypothesis at the smallest sizes."""
        strategy = small_inputs(self.ports, _SEARCHED[len(self.ports[0].axes) > 1])
        against = self.at_other_sizes()
        return Round(against, strategy=strategy, examples=self.examples, uncounted=())

    def _smallest(self) -> list[Shape]:
        """The sizes from 1 up to a little more than the trained ones."""
        longest = max(map(max, self.trained)) + 1
        return [(n,) * len(self.trained[0]) for n in range(1, longest + 1)]

    def draws(self, shape: Shape, count: int, stream: int) -> Iterator[Case]:
        """Inputs of one size: as the problem draws them, shifted, with ties, and extreme."""
        rng = np.random.default_rng([self.seed, stream, *shape])
        names = [port.name for port in self.ports]
        for k in range(count - count // 2):
            case = dict(zip(names, self.problem.draw(rng, shape), strict=True))
            yield shifted(rng, self.ports, case) if k % 2 else case
        yield from tied_inputs(rng, self.ports, shape, count // 2)
        yield from extreme_inputs(self.ports, shape)

    def reduced(self) -> Sequence[Reduction]:
        ports = self.ports
        return fewer_places(ports), ranks(ports), smaller_sizes(ports), simpler(ports)

    def contract(self) -> Contract:
        return array_contract(self.ports, self.trained[0], tuple(self.network_sizes or ()))

    def unknown(self) -> Iterator[str]:
        yield from self.numbers_left_out()
        sizes = {group.shape for group in self.problem.given}
        if len(sizes) == 1:
            (shape,) = sizes
            yield (
                f"pairs of size {' x '.join(map(str, shape))} alone were shown, so that what "
                "depends on the size is not known"
            )


def extreme_inputs(ports: Sequence[Port], shape: Shape) -> Iterator[Case]:
    """The lowest and the highest values alone, in turn, and one of them among the others."""
    sizes = [tuple(axis.size or 0 for axis in p.axes) if p.is_fixed else shape for p in ports]
    places = [np.arange(prod(size)).reshape(size) for size in sizes]
    for number in range(6):
        case = {}
        for port, k in zip(ports, places, strict=True):
            last = k.size - 1
            high = (k < 0, k >= 0, k % 2 == 0, k == 0, k == last, k != last // 2)[number]
            case[port.name] = np.where(high, port.domain.high, port.domain.low).astype(np.int64)
        yield case


def shifted(rng: np.random.Generator, ports: Sequence[Port], case: Inputs) -> Case:
    """The same arrays turned around along each free axis, so that what lies inside meets a border.

    A loop that runs one place too far shows itself only there.
    """
    free = next((case[port.name].shape for port in ports if not port.is_fixed), ())
    steps = [int(rng.integers(n)) for n in free]
    return {
        port.name: np.asarray(case[port.name])
        if port.is_fixed
        else np.roll(case[port.name], steps, axis=tuple(range(len(steps))))
        for port in ports
    }


def every_small(ports: Sequence[Port]) -> Iterator[Case]:
    """All inputs of the smallest sizes, sides of unequal length among them, as long as few."""
    free = next((port for port in ports if not port.is_fixed), None)
    if free is None or any(axis.size for axis in free.axes):
        return
    left = _MOST_SMALL
    for shape in sorted(product(range(1, _LONGEST + 1), repeat=len(free.axes)), key=_by_cells):
        count = input_count(ports, shape)
        if count > left:
            return
        left -= count
        yield from all_inputs(ports, shape)


def _by_cells(shape: Shape) -> tuple[int, Shape]:
    return prod(shape), shape


def every_order(ports: Sequence[Port]) -> Iterator[Case]:
    """Every order of one number, two, ... of a single list, equal ones included."""
    if len(ports) != 1 or len(ports[0].axes) != 1 or ports[0].is_fixed:
        return
    (port,) = ports
    for n in range(1, _MOST_ORDERS + 1):
        if len(port.domain) < n:
            return
        low = min(max(0, port.domain.low), port.domain.high - n + 1)
        for places in product(range(n), repeat=n):
            if len(set(places)) == max(places) + 1:
                yield {port.name: np.array(places, dtype=np.int64) + low}
