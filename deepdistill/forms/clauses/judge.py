"""The judge of a learned decision rule inside a driver.

The rule is compared score by score with the network and with the program: exactly. The driver has
no network, and large formulas have no known optimum: quality is told in figures, against exact
optima of tiny formulas and against the problem's plain rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.problem import InputError, Problem
from ...ir.program import Program
from ...ir.types import Port
from ...verify.certificate import Certificate, Claim, Status, versions_now
from ...verify.equivalence import Function, Inputs, Solve, compare_all, of_program
from ...verify.tally import Tally
from ...verify.whole_reduce import reduce_whole
from .network import ClauseNetwork

IntArray = NDArray[np.int64]

EXAMPLES = 100
"""How many formulas are drawn at the trained size."""

LARGE_EXAMPLES = 10
"""How many formulas are drawn at each check size."""

_MOST_VARIABLES = 12  # whose assignments are all tried
_CLEAR = 3.0  # standard errors


def certify_clauses(
    problem: Problem,
    network: ClauseNetwork,
    program: Program | None,
    solve: Solve,
    seed: int = 0,
    *,
    network_exact: bool = True,
    examples: int = EXAMPLES,
    large_examples: int = LARGE_EXAMPLES,
    versions: Mapping[str, str | int] | None = None,
) -> Certificate:
    """Judge a solver whose module has ``rounds``, the learned rule, beside ``solve``.

    ``network_exact`` plays no part: an optimum is not a function of scores.
    """
    if versions is None:
        versions = versions_now()
    port = problem.inputs[0].name
    rule = _of_rule(solve, port)
    references: dict[str, Function] = {"network": lambda inputs: np.asarray(network.run(inputs))}
    faithful, scalable = Tally(), Tally()
    for shape in problem.training_shapes:
        cases = _cases(problem, shape, examples, seed, 3)
        both = dict(references)
        if program is not None:
            both["program"] = of_program(program)
        _compare(faithful, rule, both, cases, problem.inputs)
    tiny = [cases[k][port] for k in range(len(cases))]
    large: list[IntArray] = []
    for shape in problem.check_shapes:
        cases = _cases(problem, shape, large_examples, seed, 4)
        _compare(scalable, rule, references, cases, problem.inputs)
        large += [case[port] for case in cases]
    what = "all scores that the learned rule gives; the driver around it is a template"
    faithful.notes.append(what)
    scalable.notes.append("the same scores")
    return Certificate(
        problem=problem.name,
        seed=seed,
        faithful=faithful.claim("sampled"),
        scalable=scalable.claim("sampled"),
        correct=_quality(problem, solve, tiny, large),
        versions=versions,
    )


def _cases(
    problem: Problem, shape: tuple[int, ...], count: int, seed: int, stream: int
) -> list[Inputs]:
    rng = np.random.default_rng([seed, stream, *shape])
    names = [port.name for port in problem.inputs]
    return [dict(zip(names, problem.draw(rng, shape), strict=True)) for _ in range(count)]


def _compare(
    tally: Tally,
    rule: Function,
    references: Mapping[str, Function],
    cases: Sequence[Inputs],
    ports: Sequence[Port],
) -> None:
    if tally.wrong is None:
        found, count, sizes = compare_all(rule, references, cases)
        tally.add(count, sizes)
        for name, wrong in found.items():
            if tally.wrong is None:
                tally.wrong = reduce_whole(rule, references[name], wrong, ports, _no_empty_clause)


def _no_empty_clause(case: Inputs) -> bool:
    return all(bool(formula.any(axis=0).all()) for formula in case.values())


def _of_rule(solve: Solve, port: str) -> Function:
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


def _quality(
    problem: Problem, solve: Solve, tiny: Sequence[IntArray], large: Sequence[IntArray]
) -> Claim:
    """Figures in place of an oracle; failed where the plain rule is clearly better."""
    notes, failed = [], False
    exact = [formula for formula in tiny if len(formula) <= _MOST_VARIABLES]
    best = sum(_satisfied(formula, _values(solve, formula)) == _most(formula) for formula in exact)
    notes.append(f"an optimum on {best} of {len(exact)} formulas of the trained size")
    sizes = sorted({formula.shape for formula in large})
    for shape in sizes if problem.baseline is not None else ():
        pairs = []
        for formula in large:
            if formula.shape == shape:
                assert problem.baseline is not None
                plain = _satisfied(formula, np.asarray(problem.baseline(formula)))
                pairs.append((_satisfied(formula, _values(solve, formula)), plain))
        ours, plain_mean = np.mean(pairs, axis=0)
        gains = np.array([a - b for a, b in pairs], dtype=np.float64)
        error = float(gains.std(ddof=1) / np.sqrt(len(gains))) if len(gains) > 1 else 0.0
        failed |= bool(gains.mean() < -_CLEAR * max(error, 1e-9))
        notes.append(
            f"{ours:.1f} of {shape[1]:,} clauses over {shape[0]:,} variables hold where the plain"
            f" rule has {plain_mean:.1f} (difference {gains.mean():+.1f},"
            f" standard error {error:.1f})"
        )
    status: Status = "failed" if failed else "no oracle"
    return Claim(status, len(tiny) + len(large), tuple(sizes), None, "; ".join(notes))


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
