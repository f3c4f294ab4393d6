"""What was handed over, run beside the network that was read from it.

Outside of what its own floats may round, the two answer alike, or there is no result. Inside, what
is exact may differ from what the floats say: such inputs are counted, and one is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...data.problem import InputError
from ...ir.types import Integers
from .answers import exact_answer
from .layered import Margins, layered, own_margins
from .network import DenseNetwork
from .readers import HEADS, check_shape
from .samples import input_count, samples

Floats: TypeAlias = NDArray[np.float64]

EVERY = 2**16  # all inputs are tried up to this many,
_WORK = 2**25  # and, of a network in numbers, up to this many weights altogether
_SAMPLES = 2000
_AT_ONCE = 2048
_MOST_EXACT = 2**22  # weights of near ties that are computed exactly
_LONGEST_EXAMPLE = 240
_CLOSE = 1e-9
_OF_SOFTMAX = 16  # units that exponentials, their sum and the division may round


@dataclass(frozen=True, slots=True, eq=False)
class Handed:
    """A network as it was read, how to ask what was handed over, and how that rounds.

    ``run`` takes a batch (samples, *shape) and answers as :meth:`DenseNetwork.run` does, inside of
    ``held``, in which a module is not set back from call to call; ``title``
    says what is run, and is empty for a network that is nothing but its numbers. ``epsilon`` is
    that of the floats it answers in, ``note`` what its user must know of how it was read.
    """

    network: DenseNetwork
    run: Callable[[Floats], Floats]
    margins: tuple[Margins, ...]
    title: str = ""
    epsilon: float = float(np.finfo(np.float64).eps)
    note: str = ""
    held: Callable[[], AbstractContextManager[None]] = nullcontext


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What was found by running both: inputs, near ties, those answered otherwise, and examples.

    ``outside`` is an input answered otherwise that is no near tie, with both answers, and
    ``others`` is how many there are.
    """

    inputs: int
    every: bool
    near: int = 0
    differ: int = 0
    example: Any = None
    others: int = 0
    outside: tuple[Any, Any, Any] | None = None

    def sentence(self, title: str) -> str:
        """What is told in the certificate; nothing where there is nothing to tell."""
        number = "1 input" if self.inputs == 1 else f"{self.inputs:,} inputs"
        where = f"all {number}" if self.every else f"{number}, random ones and near ties"
        parts = [f"{title} was run on {where}"] if title else []
        if self.near:
            text = f"{self.near:,} of {where} are ties within rounding"
            text += " (the exact margin of a unit is below n * eps * sum |w|)"
            if self.differ:
                text += (
                    f", and the floats answer {self.differ:,} of them otherwise than the exact sums"
                )
            example = _short(self.example)
            parts.append(f"{text}{f', for example {example}' if example else ''}")
        if self.others:
            parts.append(f"{self.others:,} of {where} are answered otherwise after the rounding")
        return "; ".join(parts)


def of_numbers(network: DenseNetwork) -> Handed:
    """A network that is nothing but its numbers: it is run by NumPy in float64."""
    largest = float(max(abs(network.domain.low), abs(network.domain.high)))
    margins = []
    for layer in network.layers:
        margins.append(own_margins(layer, largest))
        largest = 1.0
    return Handed(network, network.run, tuple(margins))


def of_module(module: Any, shape: Sequence[int], head: str, domain: Integers) -> Handed:
    """A module of torch: what it computes is read, and it is run itself.

    It is called with a batch (samples, *shape), or (samples, cells) where it takes no such. Raises
    :class:`InputError` for one that no network of threshold units can be.
    """
    from ...modules.capture import (
        module_answers,
        module_function,
        precision,
        refuse_unsteady,
        unchanged,
        unwrapped,
    )
    from ...modules.read import read_module

    sizes = check_shape(shape)
    if head not in HEADS:
        raise InputError(f"the last layer must be one of {', '.join(HEADS)}, not {head!r:.60}")
    own = unwrapped(module)
    taken = _taken(module_function(own), sizes, domain)
    drawn = np.random.default_rng(0).integers(domain.low, domain.high, (64, *taken), endpoint=True)
    steady = refuse_unsteady(own, drawn.astype(np.float64))
    read = read_module(own, taken, domain.values)
    outputs = len(read.outputs)
    wanted = head
    match read.head:
        case "softmax" | "argmax":
            head = read.head
        case "monotone" if head != "argmax":
            raise InputError(
                f"the module ends with a step that head={head!r} has no word for: leave it out, "
                "or give head='argmax'"
            )
        case _:
            pass
    if head in ("argmax", "softmax") and outputs == 1:
        raise InputError(
            "the module has one output, the same class for every input: give head='linear', or "
            "compare the output with 0 in the module"
        )
    network, margins = layered(read, sizes, domain, head)  # type: ignore[arg-type]

    kind = str(precision(own)).removeprefix("torch.")

    def run(x: Floats) -> Floats:
        answers = module_answers(own, x.reshape(len(x), *taken))
        if not np.isfinite(answers).all():
            k = int(np.argwhere(~np.isfinite(answers))[0][0])
            raise InputError(
                f"the module answers {_number(answers[k].tolist())}, which is not finite, for the "
                f"input {_short(x[k].astype(int).tolist()) or 'that was drawn'}: its sums overflow "
                f"in {kind}, so give it smaller weights or module.double()"
            )
        return _as_answers(answers, len(x), outputs, head, read.head)

    title = f"the module itself ({kind}, in evaluation mode)"
    note = "; ".join(filter(None, [_head_note(wanted, head), steady]))
    return Handed(network, run, margins, title, read.epsilon, note, partial(unchanged, own))


def _head_note(wanted: str, head: str) -> str:
    """In words, that a module's own last step decides what is answered."""
    if wanted == head:
        return ""
    answered, leave = (
        ("probabilities", "leave it out for classes or scores")
        if head == "softmax"
        else ("a class", "leave it out for scores or probabilities")
    )
    return f"the module ends with {head}, so it answers {answered}, not {wanted}: {leave}"


def _taken(ask: Callable[[Floats], Floats], shape: tuple[int, ...], domain: Integers) -> Any:
    """The shape of one input as the module takes it."""
    tried = [shape, (prod(shape),)] if len(shape) > 1 else [shape]
    why = ""
    for sizes in tried:
        try:
            answers = ask(np.full((3, *sizes), float(domain.low)))
        except InputError:
            raise
        except Exception as error:
            why = why or " ".join(str(error).split())[:150]
            continue
        if answers.ndim and len(answers) == 3:
            return sizes
        why = why or f"it answers 3 inputs with an array of shape {answers.shape}"
    given = " x ".join(map(str, shape))
    raise InputError(f"the module cannot be run on a batch of {given} inputs: {why}")


def _as_answers(answers: Floats, count: int, outputs: int, head: str, own: str) -> Floats:
    """What a module gives, as a network answers: class indices, probabilities or numbers."""
    if own == "argmax":
        return answers.reshape(count)
    scores = answers.reshape(count, outputs)
    if head == "argmax":
        classes: Floats = np.argmax(scores, axis=1).astype(np.float64)
        return classes
    if head == "softmax" and own != "softmax":
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        scores = raised / raised.sum(axis=1, keepdims=True)
    return scores


def beside(
    handed: Handed, network: DenseNetwork, seed: int, check: Callable[[], None] = lambda: None
) -> Beside:
    """What was handed over and a network with the same layers, run on the same inputs.

    A module is asked all of them again in the end, and refused where it then answers otherwise.
    """
    with handed.held():
        return _beside(handed, network, seed, check)


def _beside(handed: Handed, network: DenseNetwork, seed: int, check: Callable[[], None]) -> Beside:
    total = input_count(network)
    weights = sum(layer.weights.size for layer in network.layers)
    every = total <= EVERY and (bool(handed.title) or total * weights <= _WORK)
    comparison = Beside(0, every)
    exact_left = _MOST_EXACT // max(1, weights) if _rounds(network) else 0
    said: list[Floats] = []
    for cases in _all(network) if every else _some(network, seed):
        check()
        x = cases.astype(np.float64)
        near, room = _near(handed, x.reshape(len(x), -1))
        expected, got = handed.run(x), network.run(x)
        said.append(expected)
        same = _same(expected, got, room)
        places = np.flatnonzero(near)
        for k in places[:exact_left].tolist():
            true = np.asarray(exact_answer(network, cases[k]), dtype=np.float64)
            row = slice(k, k + 1)
            same[k] = _same(expected[row], true.reshape(expected[row].shape), room[row])[0]
        exact_left -= min(exact_left, len(places))
        differ = near & ~same
        others = np.flatnonzero(~near & ~same)
        example = comparison.example
        if len(places) and (example is None or (not comparison.differ and differ.any())):
            example = cases[np.flatnonzero(differ)[0] if differ.any() else places[0]].tolist()
        outside = comparison.outside
        if outside is None and len(others):
            k = int(others[0])
            outside = (cases[k].tolist(), expected[k].tolist(), got[k].tolist())
        comparison = replace(
            comparison,
            inputs=comparison.inputs + len(cases),
            near=comparison.near + len(places),
            differ=comparison.differ + int(differ.sum()),
            example=example,
            others=comparison.others + len(others),
            outside=outside,
        )
    if handed.title:
        from ...modules.capture import refuse_otherwise

        again = _all(network) if every else _some(network, seed)
        for cases, expected in zip(again, said, strict=True):
            check()
            refuse_otherwise(expected, handed.run(cases.astype(np.float64)))
    return comparison


def _rounds(network: DenseNetwork) -> bool:
    """Whether the floats of a network are not its exact sums."""
    return any(bool(one.share.any()) for one in of_numbers(network).margins)


def refuse_others(handed: Handed, comparison: Beside) -> None:
    """Raise :class:`InputError` where the reading is not what was handed over."""
    if comparison.outside is None:
        return
    case, expected, got = comparison.outside
    title = handed.title or "the network as it was given"
    raise InputError(
        f"{title} answers {_number(expected)} where what was read from it answers {_number(got)}, "
        f"for the input {_short(case) or 'that was drawn'}: it computes something that is not "
        "known here, so give pairs (weights, biases) or distill it from its answers "
        "(dd.distill_teacher)"
    )


def _near(handed: Handed, x: Floats) -> tuple[NDArray[np.bool_], Floats]:
    """Which inputs are decided within rounding, and by how much answers may be off."""
    near = np.zeros(len(x), dtype=bool)
    room = np.zeros((len(x), 1))
    for layer, margins in zip(handed.network.layers, handed.margins, strict=True):
        total = x @ layer.weights.T + layer.bias
        bounds = margins.bounds(x)
        match layer.activation:
            case "sign" | "step":
                near |= ((np.abs(total) <= bounds) & (bounds > 0)).any(axis=1)
            case "argmax":
                rows, best = np.arange(len(x)), np.argmax(total, axis=1)
                gap = total[rows, best][:, None] - total
                most = bounds + bounds[rows, best][:, None]
                close = (gap <= most) & (most > 0)
                close[rows, best] = False
                near |= close.any(axis=1)
            case "softmax":
                room = 4 * bounds.max(axis=1, keepdims=True) + _CLOSE
                room += _OF_SOFTMAX * handed.epsilon  # also where the sums round nothing
            case "linear":
                room = bounds + _CLOSE * np.maximum(1.0, np.abs(total))
        x = layer.run(x).reshape(len(x), -1)
    return near, room


def _same(expected: Floats, got: Floats, room: Floats) -> NDArray[np.bool_]:
    if expected.ndim == 1:
        return np.asarray(expected == got)
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(expected - got) <= room).all(axis=1))


def _all(network: DenseNetwork) -> Iterator[NDArray[np.int64]]:
    """All inputs, the last cell changing fastest, some at once."""
    cells, base = prod(network.shape), len(network.domain)
    powers = base ** np.arange(cells - 1, -1, -1, dtype=np.int64)
    for start in range(0, base**cells, _AT_ONCE):
        numbers = np.arange(start, min(start + _AT_ONCE, base**cells))
        digits = numbers[:, None] // powers % base + network.domain.low
        yield digits.reshape(len(numbers), *network.shape)


def _some(network: DenseNetwork, seed: int) -> Iterator[NDArray[np.int64]]:
    weights = sum(layer.weights.size for layer in network.layers)
    count = _SAMPLES if weights < 2**18 else 400
    drawn = samples(network, count, seed + 3)
    for start in range(0, count, _AT_ONCE):
        yield drawn[start : start + _AT_ONCE]


def _short(case: Any) -> str:
    """An input, where it is short enough to be told."""
    text = str(case)
    return text if case is not None and len(text) <= _LONGEST_EXAMPLE else ""


def _number(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_number, value))}]"[:200]
    return f"{value:.6g}"
