"""The driver of clause solvers: decisions made again plainly, and answers as first recorded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from random import Random
from typing import Any

import pytest
from gallery import OUTPUTS

from deepdistill.data.problem import InputError
from deepdistill.forms.clauses.driver import _TEXTS, _formulas
from deepdistill.forms.clauses.explain import explain_decisions
from deepdistill.target.clauses import rule
from deepdistill.target.clauses.clauses import Clauses
from deepdistill.target.clauses.decide import decide
from deepdistill.target.clauses.files import cost
from deepdistill.target.clauses.improve import solve
from deepdistill.verify.command_line import run_main
from deepdistill.verify.solver import load_solver

SOURCE = (OUTPUTS / "maxsat" / "solver.py").read_bytes()
MODULE: dict[str, Any] = load_solver(SOURCE, "maxsat").__globals__  # type: ignore[attr-defined]
Decision = tuple[int, list[int]]
RECORDED = "c0cd9be767490ea2252ed1b9354e7255726e533d84b56512d6d2a722d9670e33"


def drawn(seed: int) -> tuple[list[list[int]], list[int | None] | None]:
    rng = Random(seed)
    clauses = [
        [v * rng.choice([-1, 1]) for v in rng.sample(range(1, 16), 1 + k % 4)] for k in range(50)
    ]
    return clauses, None if seed < 2 else [None if k % 7 == 0 else k % 3 + 1 for k in range(50)]


def plain_decisions(formula: Any, module: Any) -> Iterator[Decision]:
    """The decisions of the same rule, but all scores are added up anew after each one."""
    hopes, score = list(formula.hopes), list(formula.scores)
    left = {k: list(clause) for k, clause in enumerate(formula.clauses)}
    hard = {k for k in left if formula.costs[k] == formula.hard}
    decided: set[int] = set()
    forced = [left[k][0] for k in left if len(left[k]) == 1 and k in hard]
    queued = [abs(score[2 * v] - score[2 * v + 1]) for v in range(formula.count)]
    queue = [(-queued[v], formula.rank[v], v) for v in range(formula.count)]
    heapify(queue)
    while queue:
        sides = []
        if forced:
            true = forced.pop()
        else:
            size, _, v = heappop(queue)
            sides = score[2 * v : 2 * v + 2]
            lean = sides[0] - sides[1]
            if v not in decided and abs(lean) < -size:
                queued[v] = abs(lean)
                heappush(queue, (-queued[v], formula.rank[v], v))
                continue
            tie = lean == 0 and formula.colours[2 * v] < formula.colours[2 * v + 1]
            true = 2 * v + (lean < 0 or tie)
        if true >> 1 in decided:
            continue
        decided.add(true >> 1)
        yield true, sides
        near: set[int] = set()
        for k in [k for k in formula.containing[true] if k in left]:
            near.update(one >> 1 for one in left.pop(k))
        for k in [k for k in formula.containing[true ^ 1] if k in left]:
            left[k].remove(true ^ 1)
            near.update(one >> 1 for one in left[k])
            if len(left[k]) == 1 and k in hard:
                forced.append(left[k][0])
        near.discard(true >> 1)
        costs = [formula.costs[k] for k in left]
        score = module["scores"](left.values(), costs, hopes)
        for one in [one for u in near for one in (2 * u, 2 * u + 1)]:
            hopes[one] = module["hope"](score[one], score[one ^ 1])
        score = module["scores"](left.values(), costs, hopes)
        for u in near:
            size = abs(score[2 * u] - score[2 * u + 1])
            if size > queued[u]:
                queued[u] = size
                heappush(queue, (-size, formula.rank[u], u))


@pytest.mark.parametrize("seed", range(6))
def test_decisions_are_those_of_the_rule(seed: int) -> None:
    """Of the learned rule, and of the one that the pieces have by themselves."""
    for module in (MODULE, {**vars(rule), "Clauses": Clauses, "decide": decide}):
        formula = module["Clauses"](*drawn(seed))
        told: list[Decision] = []
        values = module["decide"](formula, lambda *one, told=told: told.append(one))
        assert told == list(plain_decisions(formula, module))
        assert values == module["decide"](formula)
        assert [values[true >> 1] == (true & 1 == 0) for true, _ in told] == [True] * formula.count


def test_forced_decisions_are_told_so() -> None:
    found = explain_decisions("it", MODULE["solve"], [[1], [-1, 2]], [None, None])
    assert [step.detail for step in found.steps] == ["a hard clause leaves no other choice"] * 2


def test_a_driver_that_tells_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="no driver that tells of its decisions"):
        explain_decisions("it", load_solver(b"def solve(clauses): return []", "it"), [[1]])


def test_answers_are_as_first_recorded() -> None:
    """Literals chosen and lines printed, as by the solver that was one template."""
    every = [MODULE["solve"](*case) for case in _formulas(0)]
    texts = [text for text in _TEXTS if isinstance(text, str)]
    every += [list(run_main(MODULE["_main"], text, [])) for text in texts]
    assert hashlib.sha256(json.dumps(every).encode()).hexdigest() == RECORDED


def test_the_pieces_solve_by_the_plain_rule() -> None:
    """A clause weighs half as much for each further literal; of two, three quarters hold."""
    assert [rule.weight(rule.NEUTRAL * others) for others in range(3)] == [2**20, 2**19, 2**18]
    assert rule.rounds(2, [[0, 2], [1]], [1, 3]) == ([1] * 4, [2**19, 3 * 2**20, 2**19, 0])
    rng = Random(0)
    for _ in range(20):
        clauses = [[v * rng.choice([-1, 1]) for v in rng.sample(range(1, 6), 2)] for _ in range(20)]
        weights = [rng.randint(1, 9) for _ in clauses]
        formula = Clauses(clauses, weights)
        values = zip(formula.names, decide(formula), strict=True)
        failed, _ = cost(clauses, weights, [v if value else -v for v, value in values])
        assert cost(clauses, weights, solve(clauses, weights))[0] <= failed <= sum(weights) / 4
