"""The judge accepts what is right, and rejects every change of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from strategies import (
    RING,
    grid_port,
    life_network,
    life_program,
)

from deepdistill.data.problem import Problem
from deepdistill.forms.grid.inputs import GridInputs
from deepdistill.forms.grid.network import GridNetwork
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.program import Program
from deepdistill.units.groups import UnitGroup
from deepdistill.units.readings import Tap
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.judge import judge

SOLVER = '''
def life(cells):
    """The next grid."""
    rows, columns = len(cells), len(cells[0])
    result = []
    for i in range(rows):
        line = []
        for j in range(columns):
            neighbors = sum(
                cells[(i + di) % rows][(j + dj) % columns]
                for di in (-1, 0, 1)
                for dj in (-1, 0, 1)
                if di or dj
            )
            line.append(int(neighbors == 3 or (neighbors == 2 and cells[i][j] == 1)))
        result.append(line)
    return result


solve = life
'''

BOUNDED = SOLVER.replace(
    "cells[(i + di) % rows][(j + dj) % columns]", "cells[i + di][j + dj]"
).replace("if di or dj", "if (di or dj) and 0 <= i + di < rows and 0 <= j + dj < columns")


def solver(source: str = SOLVER) -> Callable[..., Any]:
    module: dict[str, Any] = {}
    exec(source, module)
    solve: Callable[..., Any] = module["solve"]
    return solve


def life_problem(wrap: bool = True, oracle: bool = True) -> Problem:
    port = grid_port(wrap=wrap)
    network = life_network(wrap)
    return Problem(
        name="life" if wrap else "life_bounded",
        inputs=(port,),
        output=replace(port, name="result"),
        training_shapes=((7, 8),),
        check_shapes=((20, 25), (5, 3)),
        training_count=20,
        oracle=(lambda cells: network.run({"cells": cells})) if oracle else None,
    )


def judged(
    solve: Callable[..., Any], program: Program | None = None, wrap: bool = True
) -> Certificate:
    network = life_network(wrap)
    return judge(GridInputs(life_problem(wrap), network, program, 3, 30), solve)


def runs(program: Program) -> Callable[..., Any]:
    return lambda cells: evaluate(program, {"cells": cells})


# ---- the judge accepts ----


@pytest.mark.parametrize("wrap", [True, False])
def test_the_right_solver_is_accepted(wrap: bool) -> None:
    certificate = judged(solver(SOLVER if wrap else BOUNDED), life_program(wrap), wrap)
    assert certificate.ok
    assert [claim.status for claim in certificate.claims.values()] == [
        "exhaustive",
        "exhaustive",
        "sampled",
    ]
    assert all(claim.counterexample is None for claim in certificate.claims.values())
    words = "all 512 patterns" if wrap else "all 682 grids"
    assert words in certificate.faithful.note
    assert (7, 8) in certificate.faithful.sizes
    assert (20, 25) in certificate.scalable.sizes


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = (judged(solver(), life_program()).text() for _ in range(2))
    assert first == second


def test_without_a_program_nothing_is_called_exhaustive() -> None:
    certificate = judged(solver())
    assert certificate.faithful.status == certificate.scalable.status == "sampled"


# ---- the judge rejects ----

MUTANTS = {
    "survives with 1": life_program(survive=1),
    "survives with 3": life_program(survive=3),
    "born with 2": life_program(born=2),
    "born with 4": life_program(born=4),
    "dead cells survive": life_program(alive=0),
    "no cell survives": life_program(alive=2),
    "one neighbour missing": life_program(points=RING[1:]),
    "one neighbour too far": life_program(points=((-2, -1), *RING[1:])),
    "one neighbour twice": life_program(points=(RING[1], *RING[1:])),
    "itself a neighbour": life_program(points=((0, 0), *RING[1:])),
    "borders": life_program(wrap=False),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutated_programs_are_rejected(name: str) -> None:
    mutant = MUTANTS[name]
    certificate = judged(runs(mutant), mutant)
    assert not certificate.ok
    for claim in certificate.claims.values():
        assert claim.status == "failed"
        assert claim.counterexample is not None
        cells = np.array(claim.counterexample["inputs"]["cells"])
        assert cells.size <= 25  # shrunk: nothing larger than the mutants' neighbourhoods
        got = np.array(evaluate(mutant, {"cells": cells.tolist()}))
        cell = tuple(claim.counterexample["cell"])
        assert got[cell] != life_network().run({"cells": cells})[cell]


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutated_program_beside_a_right_solver_is_rejected(name: str) -> None:
    certificate = judged(solver(), MUTANTS[name])
    assert certificate.faithful.status == "failed"
    assert certificate.scalable.status != "failed"
    assert certificate.correct.status == "sampled"


def test_a_wrapping_solver_of_a_bounded_rule_is_rejected() -> None:
    assert not judged(solver(), life_program(wrap=False), wrap=False).ok
    assert not judged(solver(BOUNDED), life_program()).ok


@pytest.mark.parametrize("pattern", [0, 170, 511])
@pytest.mark.parametrize("wrap", [True, False])
def test_one_wrong_pattern_among_512_is_found(pattern: int, wrap: bool) -> None:
    right = life_network(wrap)
    bits = np.array([pattern >> k & 1 for k in range(9)]).reshape(3, 3)

    def solve(cells: list[list[int]]) -> Any:
        grid = np.array(cells)
        answer = right.run({"cells": grid})
        padded = np.pad(grid, 1, mode="wrap") if wrap else np.pad(grid, 1, constant_values=-1)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
        return np.where((windows == bits).all(axis=(2, 3)), 1 - answer, answer).tolist()

    certificate = judged(solve, life_program(wrap), wrap)
    assert certificate.faithful.status == certificate.scalable.status == "failed"
    assert certificate.faithful.counterexample is not None
    assert np.array(certificate.faithful.counterexample["inputs"]["cells"]).size <= 9


HOSTILE: dict[str, Callable[[Any], Any]] = {
    "raises": lambda cells: cells[99999],
    "bools": lambda cells: [[bool(v) for v in row] for row in solver()(cells)],
    "floats": lambda cells: [[float(v) for v in row] for row in solver()(cells)],
    "tuples": lambda cells: tuple(map(tuple, solver()(cells))),
    "ragged": lambda cells: [*solver()(cells), []],
    "too large": lambda cells: [*solver()(cells), [0] * len(cells[0])],
    "text": lambda cells: "0",
    "nothing": lambda cells: None,
    "huge numbers": lambda cells: [[10**30 for _ in row] for row in cells],
    "changes its input": lambda cells: [solver()(cells), cells.clear()][0],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_solvers_that_misbehave_are_rejected(name: str) -> None:
    certificate = judged(HOSTILE[name])
    assert all(claim.status == "failed" for claim in certificate.claims.values())
    assert Certificate.parse(certificate.text()) == Certificate.parse(certificate.text())


def test_a_solver_that_answers_differently_each_time_is_rejected() -> None:
    calls = iter(range(10**9))
    good = solver()
    assert not judged(lambda cells: good(cells) if next(calls) % 7 else cells).ok


def test_a_solver_that_is_wrong_only_at_large_sizes_is_not_scalable() -> None:
    good = solver()
    certificate = judged(lambda cells: good(cells) if len(cells) < 15 else cells, life_program())
    assert certificate.faithful.status == "exhaustive"
    assert certificate.scalable.status == certificate.correct.status == "failed"


def test_a_wrong_network_is_faithful_and_not_correct() -> None:
    network = life_network(born=4)
    program = life_program(born=4)
    wrong = judge(GridInputs(life_problem(), network, examples=20, local=True), runs(program))
    assert wrong.faithful.status == "failed"  # born=4 in the network means 5 <= s <= 9
    wrong = judge(
        GridInputs(life_problem(), network),
        lambda c: network.run({"cells": np.array(c)}).tolist(),
    )
    assert (wrong.faithful.ok, wrong.scalable.ok, wrong.correct.ok) == (True, True, False)


def test_an_inexact_network_is_never_called_correct() -> None:
    right = judge(
        GridInputs(life_problem(), life_network(), examples=5), solver(), network_exact=False
    )
    assert right.correct.status == "failed"
    assert "not exact" in right.correct.note


@pytest.mark.parametrize("flip", [False, True])
def test_held_out_pairs_judge_where_there_is_no_oracle(flip: bool) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (24, 7, 8))
    y = np.stack([life_network().run({"cells": grid}) for grid in x])
    problem = Problem.from_arrays(x, 1 - y if flip else y, "grid(wrap) grid(wrap)")
    problem = problem.set_aside(0)
    certificate = judge(GridInputs(problem, life_network(), life_program(), examples=10), solver())
    assert certificate.faithful.ok and certificate.scalable.ok
    if flip:
        assert certificate.correct.status == "failed"
        assert certificate.correct.counterexample is not None
    else:
        assert certificate.correct.status == "evidence"
        assert certificate.correct.examples == 6
        assert certificate.correct.note.startswith("0 of 336 cells")


def test_fixed_ports_are_enumerated_with_the_patterns() -> None:
    line = grid_port(dimensions=1)
    rule = replace(
        line, name="rule", axes=(replace(line.axes[0], kind="fixed", wrap=False, size=8),)
    )
    taps = tuple(Tap("cells", (k,)) for k in (-1, 0, 1)) + tuple(
        Tap("rule", (k,)) for k in range(8)
    )
    rows = [
        [1 if k >> (2 - j) & 1 else -1 for j in range(3)] + [int(j == k) for j in range(8)]
        for k in range(8)
    ]
    hidden = UnitGroup(
        np.array(rows, float), np.array([-1.0 - k.bit_count() for k in range(8)]), "step"
    )
    either = UnitGroup(np.ones((1, 8)), np.array([-1.0]), "step")
    output = replace(line, name="result")
    network = GridNetwork((line, rule), output, taps, (hidden, either), (0, 1))
    problem = Problem(
        "universal",
        (line, rule),
        output,
        ((20,),),
        ((500,),),
        oracle=lambda c, r: r[4 * np.roll(c, 1) + 2 * c + np.roll(c, -1)],
    )

    def solve(cells: list[int], rule: list[int]) -> list[int]:
        n = len(cells)
        return [rule[4 * cells[i - 1] + 2 * cells[i] + cells[(i + 1) % n]] for i in range(n)]

    def late(cells: list[int], rule: list[int]) -> list[int]:
        return cells if rule == [1, 0, 1, 1, 0, 1, 1, 0] else solve(cells, rule)

    good = judge(GridInputs(problem, network, examples=20, local=True), solve)
    assert good.ok and good.faithful.status == "exhaustive"
    assert "2,048" in good.faithful.note
    assert not judge(GridInputs(problem, network, examples=5, local=True), late).faithful.ok
