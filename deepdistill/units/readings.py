"""What a unit reads. Each reading says all that is known of it: see :class:`UnitReading`.

Beside the protocol here are the readings at an offset, those of grids and of items alike, and the
ones of a loop. Those of items as wholes are in :mod:`.item_readings`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

import numpy as np

from ..ir.expr import Const, Expr, Inside, Read, Var, call
from ..ir.types import Port
from .archive import FARTHEST_OFFSET
from .groups import FloatArray, IntArray
from .site import LiftScope, Moment, PlaceTerms, Seen, Site

Kind = Literal["number", "indicator", "inside"]

Given = TypeVar("Given", contravariant=True)
Terms = TypeVar("Terms", contravariant=True)


class UnitReading(Protocol[Given, Terms]):
    """One thing that a unit can read, the same in each of four languages.

    ``values`` is the definition: an integer at all places at once. ``expression`` is what a lifted
    network says of it. ``term`` is what a proof holds that against; it is made from the definition,
    and never from the expression.
    """

    __slots__ = ()

    def values(self, seen: Given) -> Any: ...
    def expression(self, scope: LiftScope) -> Expr: ...
    def term(self, terms: Terms) -> Any: ...

    def words(self, site: Site) -> tuple[str, ...]:
        """One or two short lines."""

    def refusal(self, site: Site) -> str:
        """Why units of this site cannot read that; empty where they can."""


class OffsetReading:
    """What stands at an offset from a unit: a number, that it is a certain one, or being inside.

    All of them are 0 beyond a border.
    """

    __slots__ = ()
    offset: tuple[int, ...]

    @property
    def source(self) -> str:
        """The input that is read."""
        return ""

    @property
    def reads(self) -> tuple[Kind, int]:
        """What is read, and which number an indicator asks for."""
        raise NotImplementedError

    def values(self, seen: Seen) -> IntArray:
        kind, wanted = self.reads
        if kind == "inside":
            return seen.inside(self.source, self.offset)
        element = seen.element(self.source, self.offset)
        if kind == "number":
            return element
        equal: IntArray = (element == wanted).astype(np.int64)
        # beyond the border a 0 is read, too
        return equal if wanted else equal & seen.inside(self.source, self.offset)

    def expression(self, scope: LiftScope) -> Expr:
        port = scope.site.port(self.source)
        outside = not port.is_fixed and any(
            step and not axis.wrap for step, axis in zip(self.offset, port.axes, strict=True)
        )
        return self.at(port.name, scope.place(self.source, self.offset), outside)

    def at(self, port: str, place: tuple[Expr, ...], outside: bool = False) -> Expr:
        """What is read at a place, which may lie ``outside``."""
        kind, wanted = self.reads
        if kind == "inside":
            return Inside(port, place)
        read = Read(port, place)
        if kind == "number":
            return read
        equal = call("eq", read, Const(wanted))
        beyond = outside and wanted == 0
        return call("int", call("and", Inside(port, place), equal) if beyond else equal)

    def term(self, terms: PlaceTerms) -> Any:
        kind, wanted = self.reads
        inside = terms.inside(self.source, self.offset)
        if kind == "inside":
            return terms.choose(inside, 1, 0)
        element = terms.element(self.source, self.offset)
        if kind == "number":
            return terms.choose(inside, element, 0)
        return terms.choose(terms.every(inside, element == wanted), 1, 0)


@dataclass(frozen=True, slots=True)
class Tap(OffsetReading):
    """One thing that a unit of a grid can read: a port at an offset (on fixed axes, at a position).

    ``reading`` says what is read there: the ``number`` itself, the ``indicator`` that it equals
    ``value``, or whether the place is ``inside`` a bounded grid. All of them are 0 outside.
    """

    port: str
    offset: tuple[int, ...]
    reading: Kind = "number"
    value: int = 0

    @property
    def source(self) -> str:
        return self.port

    @property
    def reads(self) -> tuple[Kind, int]:
        return self.reading, self.value

    def words(self, site: Site) -> tuple[str, ...]:
        more = {"number": "", "indicator": f" = {self.value}", "inside": " inside"}
        return (self.port + more[self.reading],)

    def refusal(self, site: Site) -> str:
        port = next((one for one in site.inputs if one.name == self.port), None)
        if port is None:
            return "a tap reads a port that does not exist"
        if len(self.offset) != len(port.axes):
            return "a tap's offset has another number of axes than its port"
        for k, axis in zip(self.offset, port.axes, strict=True):
            fits = 0 <= k < (axis.size or 0) if port.is_fixed else abs(k) <= FARTHEST_OFFSET
            if not fits:
                return "a tap reads outside its port"
        return ""


def read_taps(ports: Sequence[Port], taps: Sequence[Tap], arrays: Sequence[IntArray]) -> FloatArray:
    """What the taps read at every position of every sample: (samples · positions) × taps.

    ``arrays`` holds one array per port, sample axis first; the first port's shape says which
    positions there are.
    """
    seen = Seen(Site(tuple(ports)), tuple(arrays))
    columns = np.empty((arrays[0].size, len(taps)))
    for k, tap in enumerate(taps):
        columns[:, k] = np.broadcast_to(tap.values(seen), arrays[0].shape).ravel()
    return columns


class StepReading(UnitReading[Moment[Any], Moment[Any]], Protocol):
    """What a loop reads at a step. Its ``values`` are numbers, columns or a proof's terms alike."""

    __slots__ = ()

    @property
    def parts(self) -> tuple[StepReading, ...]:
        """The elements and registers that it is made of."""
        return (self,)

    def term(self, terms: Moment[Any]) -> Any:
        return self.values(terms)


@dataclass(frozen=True, slots=True)
class Lag(StepReading):
    """A channel of the element ``steps`` before the current one (0: the current one itself).

    Before the start it is 0.
    """

    steps: int = 0
    channel: int = 0

    @property
    def name(self) -> str:
        """The element's channel, or its value some steps earlier."""
        return f"x{self.channel}_before{self.steps}" if self.steps else f"x{self.channel}"

    def values(self, moment: Moment[Any]) -> Any:
        return moment.element(self.steps, self.channel)

    def expression(self, scope: LiftScope) -> Expr:
        return Var(self.name)

    def words(self, site: Site) -> tuple[str, ...]:
        where = f", channel {self.channel}" if len(site.inputs[0].axes) > 1 else ""
        return (f"{self.steps} before{where}" if self.steps else f"element{where}",)

    def refusal(self, site: Site) -> str:
        if not 0 <= self.steps <= FARTHEST_OFFSET:
            return "it names a lag that is not there"
        known = range(site.inputs[0].channels)
        return "" if self.channel in known else "it names a channel that is not there"


@dataclass(frozen=True, slots=True)
class Register(StepReading):
    """A register's value before this step, or with ``updated`` after it."""

    index: int
    updated: bool = False

    @property
    def name(self) -> str:
        return f"r{self.index}_new" if self.updated else f"r{self.index}"

    def values(self, moment: Moment[Any]) -> Any:
        return (moment.after if self.updated else moment.before)[self.index]

    def expression(self, scope: LiftScope) -> Expr:
        return Var(self.name)

    def words(self, site: Site) -> tuple[str, ...]:
        return (f"register {self.index}{', new' if self.updated else ''}",)

    def refusal(self, site: Site) -> str:
        known = range(site.registers)
        return "" if self.index in known else "it names a register that is not there"


@dataclass(frozen=True, slots=True)
class Product(StepReading):
    """The product of two features."""

    left: Lag | Register
    right: Lag | Register

    @property
    def parts(self) -> tuple[StepReading, ...]:
        return (self.left, self.right)

    def values(self, moment: Moment[Any]) -> Any:
        return self.left.values(moment) * self.right.values(moment)

    def expression(self, scope: LiftScope) -> Expr:
        return call("mul", self.left.expression(scope), self.right.expression(scope))

    def words(self, site: Site) -> tuple[str, ...]:
        return (" × ".join(part.words(site)[0] for part in self.parts),)

    def refusal(self, site: Site) -> str:
        return self.left.refusal(site) or self.right.refusal(site)


StepFeature: TypeAlias = Lag | Register | Product
"""The readings of a loop that a file can hold."""
