"""What a dense network answers, as its solver gives it, and when two answers agree."""

from __future__ import annotations

from math import exp, fsum, isclose
from typing import Any, TypeAlias

from numpy.typing import NDArray

from .network import DenseLayer, DenseNetwork

Numbers: TypeAlias = NDArray[Any]

_CLOSE = 1e-9  # floats that come from the same sums in another order


def plain_answer(network: DenseNetwork, answer: Numbers) -> Any:
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
    """The network's answer with every sum rounded once: what a tie of floats truly is.

    Sums of whole numbers are not rounded at all.
    """
    values = [float(x) for x in case.ravel()]
    for layer in network.layers:
        values = _exact(layer, values)
    if network.layers[-1].activation == "argmax":
        return int(values[0])
    return values if len(values) > 1 or network.layers[-1].activation == "softmax" else values[0]


def _exact(layer: DenseLayer, values: list[float]) -> list[float]:
    totals = [
        _total([*row.tolist(), float(bias)], [*values, 1.0])
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
            return [float(t) for t in totals]


def _total(weights: list[float], values: list[float]) -> float | int:
    """What is added up: exact where all is whole, else rounded once."""
    if all(x.is_integer() for x in (*weights, *values)):
        return sum(int(w) * int(x) for w, x in zip(weights, values, strict=True))
    return fsum(w * x for w, x in zip(weights, values, strict=True))


def plain_value(value: Any) -> Any:
    """A value as plain data; whatever it is, in words."""
    if isinstance(value, list):
        return [plain_value(part) for part in value]
    return value if isinstance(value, int | float) else repr(value)[:100]
