"""Where units stand, and what there is to read: in arrays, in expressions and in a proof.

A reading means the same in each of them, and is asked for it in each of them: see
:mod:`.readings`. The terms of a proof are made by the prover, which this room does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from ..ir.expr import Const, Expr, Size, Var, call
from ..ir.names import fresh
from ..ir.program import Fill, Statement
from ..ir.types import Integers, Port
from .groups import IntArray

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Site:
    """Where the units of a network stand.

    They stand at the items along ``axes`` of the first input. With ``turns`` there is one answer
    for each element of the output; ``registers`` is how many a loop carries.
    """

    inputs: tuple[Port, ...]
    axes: tuple[int, ...] = ()
    turns: bool = False
    registers: int = 0

    @property
    def depth(self) -> int:
        """How many axes the first input has."""
        return len(self.inputs[0].axes)

    @property
    def single(self) -> bool:
        """Whether each item is one place."""
        return self.axes == tuple(range(self.depth))

    def port(self, name: str) -> Port:
        """An input by its name; the first one has none."""
        return next((port for port in self.inputs if port.name == name), self.inputs[0])


def moved(
    array: IntArray, offset: Sequence[int], wraps: Sequence[bool], beyond: int = 0
) -> IntArray:
    """``result[.., i, ..] = array[.., i + offset, ..]`` along the last axes.

    Those that do not wrap around have ``beyond`` behind their border.
    """
    first = array.ndim - len(offset)
    for axis, (step, wrap) in enumerate(zip(offset, wraps, strict=True), first):
        if wrap:
            array = np.roll(array, -step, axis)
        elif step:
            size = array.shape[axis]
            result = np.full_like(array, beyond)
            kept, read = ([slice(None)] * array.ndim for _ in range(2))
            kept[axis] = slice(max(0, -step), max(0, min(size, size - step)))
            read[axis] = slice(max(0, step), max(0, min(size, size + step)))
            result[tuple(kept)] = array[tuple(read)]
            array = result
    return array


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One array for each input: of one sample, or for grids of many, the sample axis in front."""

    site: Site
    arrays: tuple[IntArray, ...]

    @property
    def array(self) -> IntArray:
        return self.arrays[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many items there are along each of the axes."""
        return tuple(self.array.shape[axis] for axis in self.site.axes)

    def element(self, name: str, offset: tuple[int, ...]) -> IntArray:
        """The numbers at an offset from every place (in a fixed input: at one), 0 beyond."""
        port = self.site.port(name)
        array = self.arrays[self.site.inputs.index(port)]
        if port.is_fixed:
            index: tuple[Any, ...] = (..., *offset)
            value: IntArray = np.asarray(array[index])
            return value.reshape(*value.shape, *(1,) * self.site.depth)
        return moved(array, offset, [axis.wrap for axis in port.axes])

    def inside(self, name: str, offset: tuple[int, ...]) -> IntArray:
        """1 where the place at that offset lies inside, else 0."""
        ones = tuple(np.ones_like(array) for array in self.arrays)
        return Seen(self.site, ones).element(name, offset)


@dataclass(frozen=True, slots=True)
class Moment(Generic[Value]):
    """One step of a loop, in numbers, in columns of them or in terms of a proof.

    ``element(steps, channel)`` is what stands that many steps back, 0 before the start; the
    registers are those before the step, and those updated so far.
    """

    element: Callable[[int, int], Value]
    before: Sequence[Value]
    after: Sequence[Value]


@dataclass(slots=True)
class LiftScope:
    """What is bound while a network becomes a program: the places' names, arrays made before."""

    site: Site
    output: str
    arrays: dict[Any, str] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)

    def fresh(self, name: str) -> str:
        taken = {self.output, *(port.name for port in self.site.inputs)}
        return fresh(name, taken | set(self.arrays.values()))

    def index(self, axis: int) -> str:
        """The coordinate of the item (or of a place on its line) along an axis of the input."""
        return self.fresh("ijklmn"[axis] if axis < 6 else f"i{axis}")

    @property
    def own(self) -> tuple[Expr, ...]:
        """The own place in the first input."""
        return tuple(Var(self.index(axis)) for axis in range(self.site.depth))

    def size(self, axis: int) -> Size:
        return Size(self.site.inputs[0].name, axis)

    def end(self, axis: int) -> Expr:
        """The item's place as counted from the other end."""
        return call("sub", self.size(axis), plus(Var(self.index(axis)), 1))

    def place(self, name: str, offset: tuple[int, ...]) -> tuple[Expr, ...]:
        """The place at an offset; in a fixed input the offset is the place."""
        if self.site.port(name).is_fixed:
            return tuple(map(Const, offset))
        return tuple(plus(k, step) for k, step in zip(self.own, offset, strict=True))

    def array(self, reading: Any, name: str) -> str:
        """The name of the array that holds a reading of every item along one axis."""
        if reading not in self.arrays:
            value = reading.expression(self)
            (axis,) = self.site.axes
            self.arrays[reading] = self.fresh(name)
            statement = Fill(self.arrays[reading], (self.index(axis),), (self.size(axis),), value)
            self.statements.append(statement)
        return self.arrays[reading]


def plus(expr: Expr, step: int) -> Expr:
    return call("add", expr, Const(step)) if step else expr


class TermLogic(Protocol):
    """What a prover offers besides Python's operators on its terms."""

    def choose(self, condition: Any, then: Any, otherwise: Any) -> Any: ...
    def every(self, *truths: Any) -> Any: ...
    def some(self, *truths: Any) -> Any: ...
    def opposite(self, truth: Any) -> Any: ...
    def total(self, *numbers: Any) -> Any: ...


class PlaceTerms(TermLogic, Protocol):
    """What a prover says of the numbers around a place."""

    def element(self, name: str, offset: tuple[int, ...]) -> Any:
        """What stands at an offset from the place (in a fixed input: at a place), if inside."""

    def inside(self, name: str, offset: tuple[int, ...]) -> Any: ...


class ItemTerms(PlaceTerms, Protocol):
    """What a prover says of one item, given by its places along the axes, and of all of them."""

    @property
    def site(self) -> Site: ...
    @property
    def item(self) -> tuple[Any, ...]: ...
    @property
    def turn(self) -> Any: ...
    @property
    def sizes(self) -> tuple[Any, ...]: ...

    def at(self, *item: Any) -> ItemTerms:
        """The same at another item."""

    def stands(self, *place: Any) -> Any:
        """What stands at a place of the input that lies inside."""

    def count(self, axis: int, condition: Callable[[Any], Any]) -> Any:
        """How many places along an axis meet a condition."""

    def along(self, axis: int, number: Callable[[Any], Any], bounds: Integers | None = None) -> Any:
        """The sum of a number (with known bounds, or None) over the places along an axis."""

    def first(self, axis: int, condition: Callable[[Any], Any], last: bool) -> tuple[Any, Any]:
        """The first place (or the last) that meets a condition, and whether one does."""
