"""The judge: is the solver the network, at every size, and does it give the right answers?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from ..data.problem import Examples, InputError, Problem
from ..forms.grid.network import GridNetwork
from ..ir.program import Program
from .certificate import Certificate, Claim, Status, versions_now
from .equivalence import (
    Difference,
    Function,
    Inputs,
    Solve,
    answer,
    compare_all,
    difference,
    of_network,
    of_oracle,
    of_program,
    of_solver,
    reduce,
    search,
)
from .minimal import minimal
from .tally import Tally
from .windows import (
    GRID_LIMIT,
    Field,
    all_inputs,
    few_patterns,
    input_count,
    network_field,
    pattern_cells,
    pattern_count,
    pattern_grids,
    program_field,
    settling_shapes,
)

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]

EXAMPLES = 60
"""How many inputs of small sizes Hypothesis draws."""

LARGE_EXAMPLES = 2
"""How many inputs are drawn at each check size."""

_TRAINED_EXAMPLES = 8
_INTERPRETED_CELLS = 20_000  # the reference interpreter enumerates patterns up to here
_TILED_CELLS = 2**21  # patterns are tiled at smaller sizes where the check size needs more


class _Judge:
    """One solver before one problem and network; each method is one round of evidence."""

    def __init__(self, problem: Problem, network: GridNetwork, solve: Solve, seed: int) -> None:
        self.problem, self.seed, self.ports = problem, seed, problem.inputs
        self.solver = of_solver(solve, self.ports)
        self.network: Function = of_network(network)
        self.network_field = network_field(network)
        self.oracle = None if problem.oracle is None else of_oracle(problem.oracle, self.ports)
        self.faithful, self.scalable, self.correct = Tally(), Tally(), Tally()
        grid = next((port for port in self.ports if not port.is_fixed), None)
        if grid is None or any(axis.kind == "fixed" for axis in grid.axes):
            raise InputError("the judge needs a problem whose first input is a grid")
        self.axes = grid.axes
        self.spans = self.network_field.spans(len(self.axes))

    def judges(self, program: Function | None = None) -> dict[str, Function]:
        """All references: the network, the oracle where there is one, the program if given."""
        result = {"network": self.network}
        if self.oracle is not None:
            result["oracle"] = self.oracle
        return result | ({"program": program} if program is not None else {})

    def tallies(self, reference: str, trained: bool) -> Tally:
        if reference == "oracle":
            return self.correct
        return self.faithful if trained or reference == "program" else self.scalable

    def round(
        self, references: Mapping[str, Function], cases: Iterable[Inputs], trained: bool
    ) -> int:
        """Compare the solver with references that have not differed yet."""
        still = {
            name: function
            for name, function in references.items()
            if self.tallies(name, trained).wrong is None
        }
        found, count, sizes = compare_all(self.solver, still, cases)
        for tally in {id(t): t for t in (self.tallies(name, trained) for name in still)}.values():
            tally.add(count, sizes)
        self.record(found, still, trained)
        return count

    def record(
        self, found: Mapping[str, Difference], references: Mapping[str, Function], trained: bool
    ) -> None:
        for name, wrong in found.items():
            tally = self.tallies(name, trained)
            if tally.wrong is None:
                reference = references[name]
                smaller = reduce(self.solver, reference, wrong, self.ports, self.spans)
                tally.wrong = minimal(self.solver, reference, smaller, self.ports)

    def small(self, program: Function | None, examples: int) -> None:
        """Hypothesis at sizes from one cell to a little more than the receptive field."""
        largest = max(4, max(self.spans) + 2) if len(self.axes) > 1 else max(self.spans) + 5
        references = self.judges(program)
        found = search(
            self.solver,
            references,
            self.ports,
            examples,
            self.seed,
            largest=min(largest, 16),
        )
        for tally in (self.scalable, *([self.correct] if self.oracle else [])):
            tally.examples += examples
        if program is not None:
            self.faithful.examples += examples
        self.record(found, references, trained=False)

    def patterns(self, field: Field, program: Function | None, shape: Shape, trained: bool) -> int:
        """Every pattern of a wrapping field, tiled side by side; how many there are."""
        shape = self.holding(field, shape)
        references = {"network": self.network} if trained else self.judges()
        cells = pattern_cells(self.ports, field, shape)
        if trained and program is not None and cells <= _INTERPRETED_CELLS:
            references["program"] = program
        self.round(
            references, pattern_grids(self.ports, field, shape, [self.seed, 2, *shape]), trained
        )
        return pattern_count(self.ports, field)

    def holding(self, field: Field, shape: Shape) -> Shape:
        """The shape, enlarged where the field's box would not fit."""
        return tuple(map(max, shape, field.spans(len(self.axes))))

    def tile_shape(self, field: Field, shape: Shape, trained: Shape) -> Shape:
        """The check size, or the largest halving of it whose grids have few enough cells."""
        shape = self.holding(field, shape)
        least = tuple(2 * n for n in self.holding(field, trained))
        while pattern_cells(self.ports, field, shape) > _TILED_CELLS:
            smaller = tuple(min(n, max(n // 2, k)) for n, k in zip(shape, least, strict=True))
            if smaller == shape:
                break
            shape = smaller
        return shape

    def draws(self, shape: Shape, count: int, stream: int) -> Iterator[Inputs]:
        rng = np.random.default_rng([self.seed, stream, *shape])
        names = [port.name for port in self.ports]
        for _ in range(count):
            yield dict(zip(names, self.problem.draw(rng, shape), strict=True))


def certify(
    problem: Problem,
    network: GridNetwork,
    program: Program | None,
    solve: Solve,
    seed: int = 0,
    *,
    network_exact: bool = True,
    examples: int = EXAMPLES,
    large_examples: int = LARGE_EXAMPLES,
    versions: Mapping[str, str | int] | None = None,
    local: bool | None = None,
) -> Certificate:
    """Judge a solver.

    ``network_exact`` says whether the trainer got every training and held-out example right; if
    not, ``correct`` is failed whatever else is found. ``local`` replaces what the program's text
    shows where there is no program: whether the solver is known to read no more than the network.
    """
    judge = _Judge(problem, network, solve, seed)
    interpreter = None if program is None else of_program(program)
    field = judge.network_field if local else None
    if program is not None and (read := program_field(program)) is not None:
        field = judge.network_field | read
        judge.spans = field.spans(len(judge.axes))
    judge.small(interpreter, examples)
    trained = problem.training_shapes
    checks = problem.check_shapes or trained
    exhaustive = _settle(judge, field, interpreter, trained, checks)
    for shape in trained:
        references = {"network": judge.network}
        if interpreter is not None and prod(shape) <= 1000:
            references["program"] = interpreter
        judge.round(references, judge.draws(shape, _TRAINED_EXAMPLES, 3), trained=True)
    for shape in checks:
        judge.round(judge.judges(), judge.draws(shape, large_examples, 4), trained=False)
    if versions is None:
        versions = versions_now()
    status: Status = "exhaustive" if exhaustive else "sampled"
    return Certificate(
        problem=problem.name,
        seed=seed,
        faithful=judge.faithful.claim(status),
        scalable=judge.scalable.claim(status),
        correct=_correct(judge, network_exact, checks),
        versions=versions,
    )


def _settle(
    judge: _Judge,
    field: Field | None,
    program: Function | None,
    trained: Sequence[Shape],
    checks: Sequence[Shape],
) -> bool:
    """Every pattern of the local rule where that is possible; whether it was."""
    wrap = all(axis.wrap for axis in judge.axes)
    known = field if field is not None else judge.network_field
    if wrap and few_patterns(judge.ports, known):
        count = judge.patterns(known, program, trained[0], trained=True)
        shape = judge.tile_shape(known, max(checks, key=prod), trained[0])
        judge.patterns(known, None, shape, trained=False)
        cells = pattern_cells(judge.ports, known, judge.holding(known, trained[0]))
        note = f"all {count:,} patterns that the rule can read"
    elif not wrap and (
        sum(input_count(judge.ports, shape) for shape in settling_shapes(judge.ports, known))
        <= GRID_LIMIT
    ):
        shapes = settling_shapes(judge.ports, known)
        total = sum(input_count(judge.ports, shape) for shape in shapes)
        cells = sum(input_count(judge.ports, shape) * prod(shape) for shape in shapes)
        references = {"network": judge.network}
        if program is not None and cells <= _INTERPRETED_CELLS:
            references["program"] = program
        for shape in shapes:
            judge.round(references, all_inputs(judge.ports, shape), trained=True)
            judge.round(judge.judges(), all_inputs(judge.ports, shape), trained=False)
        note = f"all {total:,} grids up to the size of its window, borders included"
    else:
        return False
    if field is None:
        note += " in the network (the program's text shows no local rule, so not a proof)"
    for tally in (judge.faithful, judge.scalable):
        tally.notes.append(note)
    if judge.oracle is not None:
        judge.correct.notes.append(f"among them {note}")
    if program is not None and cells > _INTERPRETED_CELLS:
        judge.faithful.notes.append("the reference interpreter on a sample")
    return field is not None


def _correct(judge: _Judge, network_exact: bool, checks: Sequence[Shape]) -> Claim:
    """The claim about answers: the oracle's, or those of the pairs that were held out."""
    tally = judge.correct
    if judge.oracle is None:
        if not judge.problem.given:
            return Claim("no oracle")
        _, held_out = judge.problem.examples(judge.seed)
        tally.wrong, count = _first_wrong(judge, held_out)
        tally.add(count, {group.output.shape[1:] for group in held_out})
        tally.notes.append(f"all {count:,} pairs that were held out agree")
        seen = _coverage(judge)
        if seen is not None:
            tally.notes.append(seen)
        status: Status = "no oracle"
    else:
        status = "sampled" if tally.wrong is not None else _exhaust(judge, checks)
    if network_exact:
        return tally.claim(status)
    if tally.wrong is None:
        training, held_out = judge.problem.examples(judge.seed)
        tally.wrong, _ = _first_wrong(judge, (*training, *held_out))
    note = "the trained network is not exact on its examples"
    return replace(tally.claim(status), status="failed", note=note)


def _coverage(judge: _Judge) -> str | None:
    """How much of what the rule can read occurs in the given pairs; None where that is not finite.

    A pattern that never occurred was not learned but generalised: only a reader can judge it.
    """
    field, ports = judge.network_field, judge.ports
    if not all(axis.wrap for axis in judge.axes) or not few_patterns(ports, field):
        return None
    grids = [port for port in ports if not port.is_fixed]
    fixed = [port for port in ports if port.is_fixed]
    seen: set[bytes] = set()
    for examples in judge.problem.given:
        arrays = dict(zip((port.name for port in ports), examples.inputs, strict=True))
        columns = [
            np.roll(arrays[port.name], [-k for k in offset], axis=range(1, 1 + len(offset)))
            for port in grids
            for offset in field.offsets(port.name)
        ]
        shape = examples.output.shape
        for port in fixed:
            values = arrays[port.name].reshape(len(examples), -1)
            spread = (len(values), *(1,) * (len(shape) - 1))
            columns += [np.broadcast_to(column.reshape(spread), shape) for column in values.T]
        if columns:
            rows = np.stack([column.ravel() for column in columns], axis=1)
            seen.update(row.tobytes() for row in np.unique(rows, axis=0))
    total = pattern_count(ports, field)
    if not seen or len(seen) == total:
        return "every pattern that the rule can read occurs in the pairs"
    return f"{len(seen):,} of the {total:,} patterns that the rule can read occur in the pairs"


def _exhaust(judge: _Judge, checks: Sequence[Shape]) -> Status:
    """Compare all inputs of the check sizes with the oracle where they are few."""
    if any(input_count(judge.ports, shape) > 2**12 for shape in checks):
        return "sampled"
    assert judge.oracle is not None
    for shape in checks:
        judge.round({"oracle": judge.oracle}, all_inputs(judge.ports, shape), trained=False)
    return "exhaustive"


def _first_wrong(judge: _Judge, groups: Sequence[Examples]) -> tuple[Difference | None, int]:
    """The first labelled example that the solver gets wrong, and how many there are."""
    found: Difference | None = None
    for examples in groups:
        for k in range(len(examples)):
            case = {
                port.name: column[k]
                for port, column in zip(judge.ports, examples.inputs, strict=True)
            }
            label = examples.output[k]
            found = found or difference(case, label, answer(judge.solver, case))
    return found, sum(map(len, groups))
