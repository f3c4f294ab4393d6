"""The inputs of a learned decision rule inside a driver: formulas, and figures on quality.

The rule is compared score by score with the network and with the program: exactly. The driver has
no network, and large formulas have no known optimum: quality is told in figures, against exact
optima of tiny formulas and against the problem's plain rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.problem import InputError, Problem
from ...ir.program import Program
from ...verify.certificate import Claim, Status
from ...verify.equivalence import Inputs, Run, Solve
from ...verify.inputs import Against, ClaimName, Round
from ...verify.problem_inputs import ProblemInputs
from ...verify.reduce import Reduction, fewer_places, ranks, simpler, within
from .network import ClauseNetwork

IntArray = NDArray[np.int64]

EXAMPLES = 100
"""How many formulas are drawn at the trained size."""

LARGE_EXAMPLES = 10
"""How many formulas are drawn at each check size."""

_MOST_VARIABLES = 12  # whose assignments are all tried
_CLEAR = 3.0  # standard errors
_TRAINED: Against = {"network": "faithful", "program": "faithful"}
_NOTES: Mapping[ClaimName, str] = {
    "faithful": "all scores that the learned rule gives; the driver around it was written",
    "scalable": "the same scores",
}


class ClauseInputs(ProblemInputs):
    """Formulas for a solver whose module has ``rounds``, the learned rule, beside ``solve``."""

    def __init__(
        self,
        problem: Problem,
        network: ClauseNetwork,
        program: Program | None = None,
        seed: int = 0,
        examples: int = EXAMPLES,
        large_examples: int = LARGE_EXAMPLES,
    ) -> None:
        super().__init__(problem, network, program, seed, examples, large_examples)
        self.checks = problem.check_shapes

    def subject(self, solve: Solve) -> Run:
        return _of_rule(solve, self.ports[0].name)

    def rounds(self) -> Iterator[Round]:
        for shape in self.trained:
            yield Round(_TRAINED, self.draws(shape, self.examples, 3))
        for shape in self.checks:
            yield Round({"network": "scalable"}, self.draws(shape, self.large_examples, 4))
        yield Round(notes=_NOTES)

    def reduced(self) -> Sequence[Reduction]:
        steps = fewer_places(self.ports), ranks(self.ports), simpler(self.ports)
        return [within(step, _no_empty_clause) for step in steps]

    def contract(self) -> None:
        """The driver comes from the package, with tests of its own."""

    def quality(self, solve: Solve) -> Claim:
        """Figures in place of an oracle; failed where the plain rule is clearly better."""
        notes, failed = [], False
        port = self.ports[0].name
        tiny = [case[port] for case in self.draws(self.trained[-1], self.examples, 3)]
        large = [
            case[port]
            for shape in self.checks
            for case in self.draws(shape, self.large_examples, 4)
        ]
        small = [formula for formula in tiny if len(formula) <= _MOST_VARIABLES]
        best = sum(
            _satisfied(formula, _values(solve, formula)) == _most(formula) for formula in small
        )
        notes.append(f"an optimum on {best} of {len(small)} formulas of the trained size")
        sizes = sorted({formula.shape for formula in large})
        baseline = self.problem.baseline
        for shape in sizes if baseline is not None else ():
            pairs = []
            for formula in large:
                if formula.shape == shape:
                    assert baseline is not None
                    plain = _satisfied(formula, np.asarray(baseline(formula)))
                    pairs.append((_satisfied(formula, _values(solve, formula)), plain))
            note, worse = _against_plain_rule(pairs, shape)
            notes.append(note)
            failed |= worse
        status: Status = "failed" if failed else "no oracle"
        return Claim(status, len(tiny) + len(large), tuple(sizes), None, "; ".join(notes))


def _against_plain_rule(
    pairs: Sequence[tuple[int, int]], shape: tuple[int, ...]
) -> tuple[str, bool]:
    """How many clauses hold, beside the plain rule, in words, and whether it is clearly better."""
    ours, plain_mean = np.mean(pairs, axis=0)
    gains = np.array([a - b for a, b in pairs], dtype=np.float64)
    error = float(gains.std(ddof=1) / np.sqrt(len(gains))) if len(gains) > 1 else 0.0
    note = (
        f"{ours:.1f} of {shape[1]:,} clauses over {shape[0]:,} variables hold where the plain"
        f" rule has {plain_mean:.1f} (difference {gains.mean():+.1f},"
        f" standard error {error:.1f})"
    )
    return note, bool(gains.mean() < -_CLEAR * max(error, 1e-9))


def _no_empty_clause(case: Inputs) -> bool:
    return all(bool(formula.any(axis=0).all()) for formula in case.values())


def _of_rule(solve: Solve, port: str) -> Run:
    """The scores of both polarities by the solver's own functions."""
    rounds: Any = getattr(solve, "__globals__", {}).get("rounds")
    if not callable(rounds):
        raise InputError("the solver has no function named rounds")

    def run(inputs: Inputs) -> IntArray:
        formula = inputs[port]
        clauses = [
            [2 * int(v) + int(column[v] < 0) for v in np.flatnonzero(column)]
            for column in formula.T
        ]
        _, scores = rounds(len(formula), clauses, [1] * len(clauses))
        return np.array(scores, dtype=np.int64).reshape(len(formula), 2)

    return run


def _values(solve: Solve, formula: IntArray) -> IntArray:
    """The solver's assignment, 1 or 0 for each variable; variables left out are 0."""
    clauses = [[int((v + 1) * column[v]) for v in np.flatnonzero(column)] for column in formula.T]
    values = np.zeros(len(formula), dtype=np.int64)
    for literal in solve(clauses):
        values[abs(literal) - 1] = int(literal > 0)
    return values


def _satisfied(formula: IntArray, values: IntArray) -> int:
    signs = 2 * values - 1
    return int(((formula * signs[:, None]) > 0).any(axis=0).sum())


def _most(formula: IntArray) -> int:
    """The optimum, by trying all assignments."""
    assignments = product((0, 1), repeat=len(formula))
    return max(_satisfied(formula, np.array(values, dtype=np.int64)) for values in assignments)
