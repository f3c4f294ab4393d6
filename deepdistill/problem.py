"""Problems: ports, examples, and where one is known the oracle that judges.

A problem is either *generated* (a sampler draws inputs, an oracle labels them) or *given* (a user's
own pairs of arrays, no oracle: part of the pairs is held out and judges).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ir.types import Axis, Integers, Port, parse_axes
from .names import identifier

__all__ = ["Axis", "Examples", "InputError", "Integers", "Port", "Problem", "parse_axes"]

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]
Oracle = Callable[..., IntArray]
Sampler = Callable[[np.random.Generator, Shape], tuple[IntArray, ...]]

_WIDEST_INTEGER_RANGE = 256


class InputError(ValueError):
    """Unusable input; its message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Labelled examples of one size: each array has the sample axis first."""

    inputs: tuple[IntArray, ...]
    output: IntArray

    def __len__(self) -> int:
        return len(self.output)

    def take(self, index: IntArray | slice) -> Examples:
        """The selected samples."""
        return Examples(tuple(array[index] for array in self.inputs), self.output[index])


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What is to be learned.

    ``sampler(rng, shape)`` draws the inputs of one sample whose first port has that shape;
    ``oracle(*inputs)`` labels them. ``given`` holds a user's own examples instead.

    ``training_shapes`` and ``training_count`` say on which grids the network learns,
    ``check_shapes`` at which larger ones the finished solver is judged.
    """

    name: str
    inputs: tuple[Port, ...]
    output: Port
    training_shapes: tuple[Shape, ...]
    check_shapes: tuple[Shape, ...]
    training_count: int = 0
    sampler: Sampler | None = None
    oracle: Oracle | None = None
    given: tuple[Examples, ...] = ()
    summary: str = ""

    def draw(self, rng: np.random.Generator, shape: Shape) -> tuple[IntArray, ...]:
        """The inputs of one sample, from the sampler or uniform over the ports' domains."""
        if self.sampler is not None:
            return self.sampler(rng, shape)
        return tuple(
            rng.integers(
                port.domain.low,
                port.domain.high + 1,
                size=tuple(axis.size for axis in port.axes if axis.size is not None)
                if port.is_fixed
                else shape,
            )
            for port in self.inputs
        )

    def examples(self, seed: int) -> tuple[tuple[Examples, ...], tuple[Examples, ...]]:
        """Training and held-out examples; the same seed gives the same ones.

        One quarter is held out, at least one sample of each size.
        """
        rng = np.random.default_rng([seed, 1])
        training, held_out = [], []
        for examples in self.given or self._generate(rng):
            order = rng.permutation(len(examples))
            held = max(1, len(examples) // 4)
            held_out.append(examples.take(np.sort(order[:held])))
            training.append(examples.take(np.sort(order[held:])))
        return tuple(training), tuple(held_out)

    def _generate(self, rng: np.random.Generator) -> tuple[Examples, ...]:
        assert self.oracle is not None, "a problem without examples has an oracle"
        result = []
        for k, shape in enumerate(self.training_shapes):
            count = len(range(k, self.training_count, len(self.training_shapes)))
            drawn = [self.draw(rng, shape) for _ in range(count)]
            labels = [self.oracle(*inputs) for inputs in drawn]
            columns = tuple(np.stack(arrays) for arrays in zip(*drawn, strict=True))
            result.append(Examples(columns, np.stack(labels)))
        return tuple(result)

    @staticmethod
    def from_arrays(
        x: Any,
        y: Any,
        axes: str | Mapping[str, str],
        name: str = "mine",
        check_shapes: tuple[Shape, ...] | None = None,
    ) -> Problem:
        """A problem from a user's own pairs.

        ``x`` and ``y`` hold integers, sample axis first: shape (samples, *sizes) with one size for
        each axis of ``axes`` (for example ``"grid(wrap) grid(wrap)"``). Several input ports are
        given as mappings of port name to array and to axes; the first one sets the output's shape.
        There is no oracle: part of the pairs is held out and judges.

        Raises :class:`InputError` with a sentence for arrays that cannot be learned from.
        """
        arrays: Mapping[str, Any] = x if isinstance(x, Mapping) else {"cells": x}
        texts: Mapping[str, str] = (
            axes if isinstance(axes, Mapping) else dict.fromkeys(arrays, axes)
        )
        if set(arrays) != set(texts):
            raise InputError("x and axes name different ports: give each input its axes")
        if not arrays:
            raise InputError("x names no inputs: give at least one array")
        columns, ports = [], []
        for port_name, values in arrays.items():
            array = _integers(values, f"x[{port_name!r}]" if len(arrays) > 1 else "x")
            columns.append(array)
            ports.append(_port(identifier(port_name), texts[port_name], array))
        names = [port.name for port in ports] + ["result"]
        for port_name in names:
            if names.count(port_name) > 1:
                raise InputError(
                    f"two ports are called {port_name!r}: rename one, the output is 'result'"
                )
        _refuse_shapes(ports, columns)
        label = _integers(y, "y")
        if label.shape != columns[0].shape:
            raise InputError(
                f"y has the shape {label.shape} but x has {columns[0].shape}: "
                "each output needs as many cells as its input"
            )
        if len(label) < 2:
            raise InputError(
                "one sample is not enough: give at least two, one to learn and one to judge"
            )
        _refuse_contradictions(columns, label)
        domain = Integers(min(0, int(label.min())), max(1, int(label.max())))
        sizes = label.shape[1:]
        larger = tuple(10 * size for size in sizes)
        return Problem(
            name=identifier(name),
            inputs=tuple(ports),
            output=Port("result", ports[0].axes, domain),
            training_shapes=(sizes,),
            check_shapes=check_shapes if check_shapes is not None else (larger,),
            given=(Examples(tuple(columns), label),),
        )


def _integers(values: Any, what: str) -> IntArray:
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(f"{what} is ragged: every sample must have the same shape") from None
    if array.dtype == object:
        raise InputError(f"{what} is ragged or not numeric: give one array of integers")
    if array.size == 0:
        raise InputError(f"{what} is empty: give at least two samples")
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise InputError(f"{what} contains NaN or infinity: give integers")
        if (array != np.round(array)).any():
            raise InputError(f"{what} contains numbers that are not integers: states are integers")
    elif array.dtype.kind not in "biu":
        raise InputError(f"{what} has the type {array.dtype}: give integers")
    low, high = int(array.min()), int(array.max())
    if max(abs(low), abs(high)) > 2**31:
        raise InputError(f"{what} contains values beyond 2^31: states are small integers")
    # a domain always contains 0, the value outside a border
    if max(high, 0) - min(low, 0) >= _WIDEST_INTEGER_RANGE:
        raise InputError(
            f"{what} ranges from {low} to {high}: states may span at most "
            f"{_WIDEST_INTEGER_RANGE} integers, 0 among them"
        )
    return array.astype(np.int64)


def _port(name: str, text: str, array: IntArray) -> Port:
    try:
        axes = parse_axes(text)
    except ValueError as error:
        raise InputError(str(error)) from None
    sizes = array.shape[1:]
    if len(axes) != len(sizes):
        raise InputError(
            f"the axes {text!r} name {len(axes)} dimensions but each sample has {len(sizes)}: "
            "the first dimension of the array counts the samples"
        )
    fixed = []
    for axis, size in zip(axes, sizes, strict=True):
        if axis.kind == "fixed" and axis.size not in (None, size):
            raise InputError(f"the axis {axis} has another size in the data: {size}")
        fixed.append(Axis("fixed", size=size) if axis.kind == "fixed" else axis)
    domain = Integers(min(0, int(array.min())), max(1, int(array.max())))
    return Port(name, tuple(fixed), domain)


def _refuse_shapes(ports: list[Port], columns: list[IntArray]) -> None:
    """Refuse ports that are no grids, and grids and fixed inputs that do not go together."""
    if len({len(array) for array in columns}) > 1:
        raise InputError("the inputs have different numbers of samples")
    first = ports[0]
    if any(axis.kind != "grid" for axis in first.axes):
        raise InputError(
            f"the axes {' '.join(map(str, first.axes))!r} of {first.name!r} are not those of a "
            "grid: the first input takes grid(wrap) or grid(bounded) for each dimension"
        )
    for port, array in zip(ports, columns, strict=True):
        if not port.is_fixed and port.axes != first.axes:
            raise InputError(
                f"the axes of {port.name!r} must be those of {first.name!r}, or all fixed"
            )
        if not port.is_fixed and array.shape != columns[0].shape:
            raise InputError(
                f"{port.name!r} has the shape {array.shape} but {first.name!r} has "
                f"{columns[0].shape}: grids need the same sizes"
            )


def _refuse_contradictions(columns: list[IntArray], label: IntArray) -> None:
    """Refuse two samples with the same inputs and different outputs."""
    flat = np.concatenate([array.reshape(len(array), -1) for array in columns], axis=1)
    seen: dict[bytes, int] = {}
    for k, row in enumerate(flat):
        first = seen.setdefault(row.tobytes(), k)
        if not np.array_equal(label[first], label[k]):
            raise InputError(
                f"samples {first} and {k} have the same input and different outputs: "
                "no program can compute both, remove one of them"
            )
