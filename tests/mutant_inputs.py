"""Thousands of calls on which a mutant is compared with the original, the judges' inputs apart."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from deepdistill.data.problem import Problem
from deepdistill.forms.clauses.driver import broken_driver
from deepdistill.verify.arrays import all_inputs, input_count, tied_inputs

_ALL = 3000  # small inputs that the stronger check tries, smallest sizes first
_DRAWN = 40  # inputs at each of its larger sizes
_BAD = 300  # inputs with something wrong in them


def differs(
    problem: Problem, original: Any, mutant: Any, bad: int = _BAD, large: bool = True
) -> str | None:
    """A call on which two functions differ, among thousands; None where there is none."""
    if problem.driver:
        if (broken := broken_driver(mutant, original, 99)) is not None:
            return broken.call
        original, mutant = _rule(original), _rule(mutant)
        calls = _clause_calls()
    else:
        calls = _calls(problem, bad, large)
    for arguments in calls:
        expected, got = _outcome(original, arguments), _outcome(mutant, arguments)
        if expected != got:
            return f"solve({', '.join(map(repr, arguments))[:300]}): {expected[:80]}, {got[:80]}"
    return None


def _outcome(solve: Any, arguments: tuple[Any, ...]) -> str:
    try:
        return repr(solve(*arguments))
    except ValueError:
        return "raises ValueError"  # whatever the sentence
    except Exception as error:
        return f"raises {type(error).__name__}"


def _calls(problem: Problem, bad: int, large: bool) -> Iterator[tuple[Any, ...]]:
    ports, trained = problem.inputs, problem.training_shapes
    rng = np.random.default_rng(99)
    names = [port.name for port in ports]

    def listed(case: Any) -> tuple[Any, ...]:
        return tuple(np.asarray(case[name]).tolist() for name in names)

    sized = problem.trainer == "essence"
    left = _ALL
    for shape in _shapes(problem) if not sized else ():
        count = input_count(ports, shape)
        if count > left:
            break
        left -= int(count)
        yield from map(listed, all_inputs(ports, shape))
    shapes = (
        [*trained] if sized else [*_shapes(problem)[:12], *trained, *_larger(trained[0], large)]
    )
    for shape in shapes:
        for _ in range(_DRAWN if math.prod(shape) < 400 else 3):
            yield tuple(array.tolist() for array in problem.draw(rng, shape))
        yield from map(
            listed, tied_inputs(rng, ports, shape, _DRAWN if math.prod(shape) < 400 else 3)
        )
    made = 0
    while made < bad:
        for _ in range(4):
            base = tuple(array.tolist() for array in problem.draw(rng, trained[0]))
            for k in range(len(ports)):
                yield (*base[:k], _spoilt(rng, base[k], ports[k].domain), *base[k + 1 :])
                made += 1


def _shapes(problem: Problem) -> list[tuple[int, ...]]:
    """The smallest shapes, by how many cells they have; fixed axes keep their sizes."""
    free = next(port for port in problem.inputs if not port.is_fixed)
    sizes = [[axis.size] if axis.size else range(1, 6) for axis in free.axes]
    if len(free.axes) == 1 or free.axes[-1].size:
        sizes[0] = range(1, 13)
    return sorted(product(*sizes), key=math.prod)  # type: ignore[arg-type]


def _larger(shape: tuple[int, ...], large: bool) -> list[tuple[int, ...]]:
    """Sizes above the trained one, of unequal sides."""
    if not large:
        return []
    first = tuple(n if n < 4 else 2 * n + 3 * k for k, n in enumerate(shape))
    return [first, tuple(n if n < 4 else n * 3 - k for k, n in enumerate(first))]


_ODD = (0.5, math.nan, math.inf, "0", None, [], [0], 10**30, True, 1.0, {}, (), b"", 1e300, -1)


def _spoilt(rng: np.random.Generator, array: Any, domain: Any) -> Any:
    """Nested lists with one thing changed somewhere, which may be wrong or not."""
    odd = (*_ODD, domain.low - 1, domain.high + 1, domain.high, domain.low, float(domain.high))
    if not isinstance(array, list) or (array and rng.random() < 0.15):
        return odd[int(rng.integers(len(odd)))]
    if not array:
        return [odd[int(rng.integers(len(odd)))]]
    place = int(rng.integers(len(array)))
    if rng.random() < 0.2:
        return [*array[:place], *array[place + 1 :]]
    if rng.random() < 0.1:
        return tuple(array)
    if rng.random() < 0.2:
        return [*array, array[place]]
    return [*array[:place], _spoilt(rng, array[place], domain), *array[place + 1 :]]


def _rule(solve: Any) -> Any:
    return solve.__globals__["rounds"]


def _clause_calls() -> Iterator[tuple[Any, ...]]:
    rng = np.random.default_rng(98)
    for _ in range(3000):
        count = int(rng.integers(1, 12))
        clauses = [
            sorted(
                2 * int(v) + int(rng.integers(2))
                for v in rng.choice(count, int(rng.integers(1, min(8, count) + 1)), replace=False)
            )
            for _ in range(int(rng.integers(0, 30)))
        ]
        yield count, clauses, [int(c) for c in rng.integers(0, 50, len(clauses))]
