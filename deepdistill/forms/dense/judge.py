"""The judge of condensed networks: does the solver answer as the network does?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import exp, fsum, isclose
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.evaluate import evaluate
from ...ir.program import Program
from ...verify.certificate import Certificate, Claim, Status, versions_now
from .inputs import every_input, input_count, nested, samples
from .network import DenseLayer, DenseNetwork

Solve: TypeAlias = Callable[[Any], Any]
Numbers: TypeAlias = NDArray[Any]

EXAMPLES = 400
_EVERY = 2**16  # all inputs are tried up to this many,
_WORK = 2**25  # and up to this many weights altogether
_INTERPRETED = 200_000  # weights of a network whose program is interpreted, too
_BATCH = 256
_SHRINKING = 300  # simpler inputs that are tried for a counterexample
_CLOSE = 1e-9  # floats that come from the same sums in another order


def certify_dense(
    name: str,
    network: DenseNetwork,
    program: Program | None,
    solve: Solve,
    seed: int = 0,
    *,
    examples: int = EXAMPLES,
    note: str = "",
    second: DenseNetwork | None = None,
    scaling: str = "",
    versions: Mapping[str, str | int] | None = None,
) -> Certificate:
    """Compare a solver with the network it was condensed from, and with it at a ``second`` size.

    ``note`` says how the network was rounded, ``scaling`` what follows its size, or why nothing
    does.
    """
    if versions is None:
        versions = versions_now()
    fixed = "a dense network has one size"
    scalable = Claim("not applicable", note=f"{fixed}; {scaling}" if scaling else fixed)
    if second is not None:
        told = f"the network of that size; {scaling}" if scaling else "the network of that size"
        scalable = replace(_faithful(second, program, solve, seed, examples, ""), note=told)
        if scalable.ok:
            scalable = replace(scalable, status="sampled")
    return Certificate(
        name,
        seed,
        _faithful(network, program, solve, seed, examples, note),
        scalable,
        Claim("no oracle", note="the network is the only authority"),
        versions,
    )


def _faithful(
    network: DenseNetwork,
    program: Program | None,
    solve: Solve,
    seed: int,
    examples: int,
    note: str,
) -> Claim:
    """Compare answers at the size of a network."""
    weights = sum(layer.weights.size for layer in network.layers)
    total = input_count(network)
    status: Status = "sampled"
    notes = [note] if note else []
    if total <= _EVERY and total * weights <= _WORK:
        status, cases = "exhaustive", every_input(network)
        notes.insert(0, f"all {int(total):,} inputs")
    else:
        cases = iter(samples(network, examples, seed))
        notes.insert(0, "random, sparse and plain inputs, and ties on purpose")
    count, wrong = _compare(network, solve, cases)
    if wrong is None and program is not None and weights <= _INTERPRETED:
        (port,) = program.inputs
        few = samples(network, 6, seed + 1)
        _, wrong = _compare(network, lambda cells: evaluate(program, {port.name: cells}), iter(few))
        count += len(few)
    if wrong is not None:
        return Claim("failed", count, (network.shape,), wrong.as_json(), note)
    return Claim(status, count, (network.shape,), None, "; ".join(notes))


@dataclass(frozen=True, slots=True)
class Wrong:
    """An input on which the answers differ."""

    cells: Any
    expected: Any
    answered: Any

    def as_json(self) -> dict[str, Any]:
        return {"input": self.cells, "expected": self.expected, "answered": self.answered}


def _compare(
    network: DenseNetwork, solve: Solve, cases: Iterable[Numbers]
) -> tuple[int, Wrong | None]:
    """How many inputs were tried, and the first one with different answers."""
    count, batch = 0, []
    for case in cases:
        batch.append(case)
        if len(batch) == _BATCH:
            if (wrong := _first_wrong(network, solve, batch)) is not None:
                return count + len(batch), wrong
            count, batch = count + len(batch), []
    wrong = _first_wrong(network, solve, batch) if batch else None
    return count + len(batch), wrong


def _first_wrong(network: DenseNetwork, solve: Solve, batch: list[Numbers]) -> Wrong | None:
    answers = network.run(np.stack(batch).astype(np.float64))
    for case, answer in zip(batch, answers, strict=True):
        wrong = _wrong_at(network, solve, case, answer)
        if wrong is not None:
            return _simplest(network, solve, case, wrong)
    return None


def _simplest(network: DenseNetwork, solve: Solve, case: Numbers, wrong: Wrong) -> Wrong:
    """The same difference with as many cells at their plainest value as bounded search finds.

    The size is the network's own. Blocks of cells are reset, halved again and again (delta
    debugging).
    """
    plain = min(max(0, network.domain.low), network.domain.high)
    block, trials = case.size, 0
    while block and trials < _SHRINKING:
        found = False
        for start in range(0, case.size, block):
            flat = case.ravel().copy()
            if trials >= _SHRINKING or (flat[start : start + block] == plain).all():
                continue
            flat[start : start + block] = plain
            trials += 1
            other = flat.reshape(case.shape)
            answer = network.run(other[None].astype(np.float64))[0]
            if (simpler := _wrong_at(network, solve, other, answer)) is not None:
                case, wrong, found = other, simpler, True
        if not found or block > 1:
            block //= 2
    return wrong


def _wrong_at(network: DenseNetwork, solve: Solve, case: Numbers, answer: Numbers) -> Wrong | None:
    """How the solver's answer differs from what the network's truly is, if it does."""
    expected = told(network, answer)
    try:
        answered = solve(nested(case))
    except Exception as error:
        return Wrong(nested(case), expected, f"raises {type(error).__name__}")
    if agree(network, expected, answered):
        return None
    expected = exact_answer(network, case)
    if agree(network, expected, answered):
        return None
    return Wrong(nested(case), expected, _plain(answered))


def told(network: DenseNetwork, answer: Numbers) -> Any:
    """A network's output as the solver gives it: a class, a list of numbers or one number."""
    match network.layers[-1].activation:
        case "argmax":
            return int(answer)
        case "softmax":
            return answer.tolist()
        case _:
            return answer.tolist() if len(answer) > 1 else float(answer[0])


def agree(network: DenseNetwork, expected: Any, answered: Any) -> bool:
    """Whether two answers are the same; floats up to the order of additions."""
    if network.layers[-1].activation == "argmax":
        return type(answered) is int and answered == expected
    if isinstance(expected, list):
        return (
            isinstance(answered, list)
            and len(answered) == len(expected)
            and all(_close(a, b) for a, b in zip(answered, expected, strict=True))
        )
    return _close(answered, expected)


def _close(a: Any, b: Any) -> bool:
    return isinstance(a, int | float) and isclose(a, b, rel_tol=_CLOSE, abs_tol=_CLOSE)


def exact_answer(network: DenseNetwork, case: Numbers) -> Any:
    """The network's answer with every sum rounded once: what a tie of floats truly is."""
    values = [float(x) for x in case.ravel()]
    for layer in network.layers:
        values = _exact(layer, values)
    if network.layers[-1].activation == "argmax":
        return int(values[0])
    return values if len(values) > 1 or network.layers[-1].activation == "softmax" else values[0]


def _exact(layer: DenseLayer, values: list[float]) -> list[float]:
    inputs = np.array(values)
    totals = [
        fsum([*(row * inputs).tolist(), float(bias)])
        for row, bias in zip(layer.weights, layer.bias, strict=True)
    ]
    match layer.activation:
        case "sign":
            return [float((t > 0) - (t < 0)) for t in totals]
        case "step":
            return [float(t >= 0) for t in totals]
        case "argmax":
            return [float(totals.index(max(totals)))]
        case "softmax":
            raised = [exp(t - max(totals)) for t in totals]
            return [x / fsum(raised) for x in raised]
        case "linear":
            return totals


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value if isinstance(value, int | float) else repr(value)[:100]


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions of hidden units and answers: how many a rounding of the weights changed."""

    decisions: int
    ties: int
    others: int
    answers: int
    inputs: int

    def plus(self, other: Decisions) -> Decisions:
        """Those of two layers; the answers are those of the whole network."""
        return Decisions(
            self.decisions + other.decisions,
            self.ties + other.ties,
            self.others + other.others,
            self.answers,
            self.inputs,
        )

    def sentence(self, tolerance: float) -> str:
        text = f"weights rounded by at most {tolerance:.1e} of their size"
        if self.ties or self.others or self.answers:
            text += (
                f", which settles {self.ties:,} ties and {self.others:,} near ties among "
                f"{self.decisions:,} decisions of units and changes the answer on "
                f"{self.answers:,} of {self.inputs:,} inputs"
            )
        return text


def rounded_decisions(
    given: DenseNetwork, rounded: DenseNetwork, seed: int, count: int = 400
) -> list[Decisions]:
    """For each layer what its rounding changes where both networks read the same inputs."""
    x = samples(rounded, count, seed).astype(np.float64).reshape(count, -1)
    answers = int((_answers(given, x) != _answers(rounded, x)).sum())
    result = []
    for before, after in zip(given.layers, rounded.layers, strict=True):
        total = x @ after.weights.T + after.bias
        if after.activation in ("sign", "step"):
            differ = before.run(x) != after.run(x)
            ties = int((differ & (total == 0)).sum())
            result.append(Decisions(differ.size, ties, int(differ.sum()) - ties, answers, count))
        else:
            result.append(Decisions(0, 0, 0, answers, count))
        x = after.run(x).reshape(count, -1)
    return result


def _answers(network: DenseNetwork, x: Numbers) -> Numbers:
    """A class for each input, or whether each number is positive."""
    found = network.run(x.reshape(len(x), *network.shape))
    if network.layers[-1].activation == "argmax":
        return found
    return np.argmax(found, axis=1) if found.shape[1] > 1 else np.sign(np.round(found[:, 0], 6))
