"""Answers that are known by construction: the share that is right in each family of inputs."""

from __future__ import annotations

import numpy as np

from ..data.problem import Problem
from .equivalence import Difference, Function, answer, difference, of_oracle
from .tally import Tally

LEAST_RIGHT = 0.99
"""The share that has to be right in every family at every size."""

_CELLS = 1_000_000  # of all inputs of one family at one size, at most
_MOST, _LEAST = 500, 100


def judge_families(problem: Problem, solver: Function, seed: int, tally: Tally) -> None:
    """Draw every family at the trained and the check sizes and count what is right.

    Too few right ones, or fewer than the problem's plain rule has, is a failure.
    """
    names = [port.name for port in problem.inputs]
    baseline = None if problem.baseline is None else of_oracle(problem.baseline, problem.inputs)
    tally.notes.append(f"right by family ({', '.join(problem.families)})")
    for shape in (*problem.training_shapes, *problem.check_shapes):
        count = max(_LEAST, min(_MOST, _CELLS // int(np.prod(shape))))
        shares = []
        for stream, (family, draw) in enumerate(problem.families.items()):
            rng = np.random.default_rng([seed, 5, stream, *shape])
            wrong: list[Difference] = []
            missed = 0
            for _ in range(count):
                arrays, label = draw(rng, shape)
                case = dict(zip(names, arrays, strict=True))
                expected = np.asarray(label)
                one = difference(case, expected, answer(solver, case))
                wrong += [one] if one is not None else []
                if baseline is not None:
                    missed += difference(case, expected, answer(baseline, case)) is not None
            tally.add(count, [shape])
            shares.append((family, 1 - len(wrong) / count))
            beaten = baseline is not None and len(wrong) > missed
            if wrong and tally.wrong is None and (shares[-1][1] < LEAST_RIGHT or beaten):
                tally.wrong = wrong[0]
        worse = ", ".join(f"{family} {share:.1%}" for family, share in shares if share < 1)
        size = " x ".join(map(str, shape))
        right = f"all but {worse}" if worse else "all"
        tally.notes.append(f"at {size} {right} of {count:,} each")
    if baseline is not None and tally.wrong is None:
        tally.notes.append("the plain rule is nowhere better")
